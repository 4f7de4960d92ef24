"""Sets of rows to list, count, rank or filter: projects of a paper, parts of an item, indicators of a project, one item over departments or years."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ingest.forms import classification, subject_key
from ingest.records import Measure, Scope, Side
from retrieval.evidence.facts import FactReader, FactRow, is_body, own_name
from retrieval.evidence.readings import resolve
from retrieval.plans import RowSet
from retrieval.vocabulary import Mention, abbreviates, concepts

PROJECT_TABLE = "budget.projects"  # the registry's form of the table of project spending
THREE = "“三公”经费"
THREE_PARTS = ("因公出国（境）费", "公务用车购置及运行维护费", "公务接待费")
MANY = 40  # departments
_YEAR_AMOUNT = ("本年", "年度金额", "预算金额", "年度资金", "当年")


def rows_of(reader: FactReader, plan: RowSet) -> tuple[list[FactRow], str]:
    """The rows of the set, each as one fact, and what they are called; no row twice, no total beside its parts."""
    if plan.of == "indicators":
        return _indicators(reader, plan), "未达到目标值的绩效指标" if plan.condition == "missed" else "绩效指标"
    if plan.of == "functions":
        return _functions(reader, plan), "支出功能分类（类）"
    if plan.of == "units":
        rows = _units(reader, plan)
        if not rows and _label(plan) == "支出总计":
            # What each unit has in all may be printed of its income only: the same budget, told by its own name.
            of = next(c for c in concepts() if c.name == "收入总计")
            plan = replace(plan, query=replace(plan.query, mentions=(Mention(of.name, of),)))
            rows = _units(reader, plan)
        return rows, f"各单位{_label(plan)}"
    if plan.of == "scores":
        return _scores(reader, plan), "项目自评得分"
    if plan.of == "departments":
        return _over(reader, plan, "department"), f"{_label(plan)}（各部门）"
    if plan.of == "years":
        return _over(reader, plan, "year"), f"{_label(plan)}（各年）"
    if plan.of == "goods":
        return _goods(reader, plan), "政府采购品目"
    if plan.of == "children":
        rows = _children(reader, plan)
        return rows, f"{_label(plan)}明细"
    return _projects(reader, plan), f"名称带“{plan.named}”的项目" if plan.named else "项目"


def _label(plan: RowSet) -> str:
    return "、".join(m.label for m in plan.query.mentions)


def _in_year(reader: FactReader, fact: FactRow, year: int | None) -> bool:
    paper = reader.paper[fact.document]
    own = fact.year if fact.year is not None else paper.year
    return own == (year or paper.year)


def _projects(reader: FactReader, plan: RowSet) -> list[FactRow]:
    """Projects with this year's amount: from the table of project spending, else from the project forms."""
    documents = [d for d in plan.query.documents if plan.query.year is None or reader.paper[d].year == plan.query.year]
    if plan.condition in ("new", "no code"):
        return _with_condition(reader, documents, plan.condition)
    found: dict[tuple[str, str], dict[str, FactRow]] = {}
    for f in reader.facts(documents, kinds=("table", "field"), measures=(Measure.AMOUNT,)):
        if not _in_year(reader, f, plan.query.year):
            continue
        if f.form == PROJECT_TABLE and f.row_keys and not _is_total(reader, f.row_keys[-1], f):
            found.setdefault((f.document, PROJECT_TABLE), {}).setdefault(f"{f.organisation_key}/{'/'.join(f.row_keys)}", f)
            continue
        if not f.project_key or _is_total(reader, f.project_key, f):
            continue
        if f.kind == "field" and not any(word in f.columns[-1] for word in _YEAR_AMOUNT):
            continue
        found.setdefault((f.document, "field" if f.kind == "field" else f"{f.form}:{f.table_index}"), {}).setdefault(f.project_key, f)
    listed: list[FactRow] = []
    for document in documents:
        sets = {source: rows for (d, source), rows in found.items() if d == document}
        sets = {source: rows for source, rows in sets.items() if any(_stands_in(f, plan.query.sheet) for f in rows.values())} or sets
        if sets:
            # The table of project spending is the full list; then the summary of targets; then the forms themselves.
            # Targets handed in are the forms; a name may stand on any level.
            of_targets = plan.condition in ("targets", "reported")
            order = sorted(sets, key=lambda s: (of_targets or s != PROJECT_TABLE, plan.condition == "reported" and s != "field", not s.startswith("targets.summary"), -len(sets[s])))
            source = next((s for s in order if any(_called_so(f, plan) for f in sets[s].values())), order[0])
            rows = [f for f in sets[source].values() if _called_so(f, plan)]
            if plan.named:
                rows = [f for f in rows if not any(other is not f and other.row_keys == f.row_keys[: len(other.row_keys)] for other in rows)]
            if plan.query.scope or plan.query.organisations:
                rows = [r for r in rows if _belongs(r, plan)]
            listed += _outermost(rows) if source == PROJECT_TABLE and not plan.named else rows
    return listed


def _called_so(fact: FactRow, plan: RowSet) -> bool:
    """Whether a project's name holds the words that the question says it holds."""
    return plan.named in (fact.project_key or fact.row_keys[-1])


def _stands_in(fact: FactRow, sheet: Mention | None) -> bool:
    """Whether a fact's table is the one that the question names (按项目支出绩效目标申报表)."""
    return sheet is not None and (fact.table_key in sheet.keys or bool(sheet.concept and sheet.concept.table and sheet.concept.table.search(fact.table_key)))


def _belongs(fact: FactRow, plan: RowSet) -> bool:
    if plan.query.organisations:
        return any(is_body(fact, o) for o in plan.query.organisations)
    return fact.scope == plan.query.scope


_NEW = re.compile(r"是否新增|项目属性")
_CODE = re.compile(r"项目(?:编码|编号|代码)")


def _with_condition(reader: FactReader, documents: Sequence[str], condition: str) -> list[FactRow]:
    """Projects whose form says that they are new (是否新增：是, 新增项目（√）), or whose code is not filled in."""
    result = []
    projects: dict[tuple[str, str, int | None], list[FactRow]] = {}
    for f in reader.facts(documents, kinds=("field",)):
        if f.project_key:
            projects.setdefault((f.document, f.project_key, f.table_index), []).append(f)
    for fields in projects.values():
        amount = next((f for f in fields if f.measure == Measure.AMOUNT and any(word in f.columns[-1] for word in _YEAR_AMOUNT)), None)
        if condition == "new":
            said = "".join(f.printed for f in fields if _NEW.search(f.columns[-1])).replace(" ", "")
            fits = said == "是" or said == "新增项目" or bool(re.search(r"新增项目[(（]√", said))
        else:
            fits = not any(_CODE.search(f.columns[-1]) and f.state != "blank" for f in fields)
        if fits:
            result.append(amount or fields[0])
    return result


def _is_total(reader: FactReader, name: str, fact: FactRow) -> bool:
    """Whether a row of this name (comparison form) is the sum of the table or of a body, and no project."""
    department = reader.paper[fact.document].department_key
    return name == fact.organisation_key or bool(re.fullmatch(r"合计|总计|小计", name)) or bool(department and abbreviates(name, department))


def _outermost(rows: Sequence[FactRow]) -> list[FactRow]:
    """The projects of a table of groups and projects: the outermost rows, or what is below the only one of a body (一般性项目)."""
    result: list[FactRow] = []
    for body in dict.fromkeys(r.organisation_key for r in rows):
        mine = [r for r in rows if r.organisation_key == body]
        top = [r for r in mine if len(r.rows) == 1]
        below = [r for r in mine if len(r.rows) == 2]
        result += below if len(top) == 1 and len(below) > 1 else top or mine
    return result


def _children(reader: FactReader, plan: RowSet) -> list[FactRow]:
    """The rows right below the item, or the parts beside a total."""
    resolution = resolve(reader, plan.query)
    if not resolution.readings:
        return []
    if plan.query.mentions[0].label == THREE and len(plan.query.mentions) == 1 and (parts := _three(reader, plan, resolution.readings[0].fact)):
        return parts
    only: list[FactRow] = []
    for parent in [f for r in resolution.readings for f in (r.fact, *r.also)]:
        rows = _below(reader, parent) if parent.kind == "table" else []
        # No part is more than the whole, and one row divides nothing unless it is all of it.
        if len(rows) > 1 and all(row.yuan <= parent.yuan for row in rows if row.yuan and parent.yuan):
            return rows
        if len(rows) == 1 and rows[0].yuan == parent.yuan and rows[0].row != parent.row:
            only = only or rows
    return _of_table(reader, plan) or only


def _goods(reader: FactReader, plan: RowSet) -> list[FactRow]:
    """The innermost rows of the table of 政府采购: the 品目 without the 货物, 工程, 服务 they are grouped under."""
    for table in reader.tables(plan.query.documents):
        paper = reader.paper[table["document"]]
        if "采购" not in table["key"] or (plan.query.year is not None and paper.year != plan.query.year):
            continue
        facts = [f for f in reader.facts([table["document"]], tables=[table["index"]], measures=(Measure.AMOUNT,)) if f.value is not None]
        named = [f for f in facts if own_name(f.row_keys, f.organisation_key)[0]]
        groups = {(f.organisation_key, f.row_keys[:-1]) for f in named}
        inner = [f for f in named if (f.organisation_key, f.row_keys) not in groups and (not (plan.query.scope or plan.query.organisations) or _belongs(f, plan))]
        if any(len(f.row_keys) > 1 for f in inner):
            inner = [f for f in inner if f.value or len(f.row_keys) > 1]  # a group of which nothing is bought is no 品目
        if inner:
            return list({f.row: f for f in reversed(inner)}.values())[::-1]
    return []


def _three(reader: FactReader, plan: RowSet, whole: FactRow) -> list[FactRow]:
    """The three parts that 三公 is made of by law, wherever the table prints them; nothing where they do not add up to it."""
    parts = []
    for concept in sorted((c for c in concepts() if c.name in THREE_PARTS), key=lambda c: THREE_PARTS.index(c.name)):
        readings = resolve(reader, replace(plan.query, mentions=(Mention(concept.name, concept),), year=whole.year, documents=(whole.document,))).readings
        parts += [f for r in readings for f in (r.fact, *r.also) if f.stage == whole.stage and f.value is not None][:1]
    return parts if len(parts) == len(THREE_PARTS) and sum(f.yuan or 0 for f in parts) == whole.yuan else []


def _of_table(reader: FactReader, plan: RowSet) -> list[FactRow]:
    """The outermost rows with a figure of the table that is all about the item (政府采购 → 货物, 工程, 服务)."""
    patterns = [m.concept.table if m.concept and m.concept.total and m.concept.table else re.compile(re.escape(m.text)) for m in plan.query.mentions]
    for table in reader.tables(plan.query.documents):
        paper = reader.paper[table["document"]]
        if (plan.query.year is None or paper.year == plan.query.year) and any(p.search(table["key"]) for p in patterns):
            facts = [f for f in reader.facts([table["document"]], tables=[table["index"]], measures=(Measure.AMOUNT,)) if f.value is not None]
            tops = [f for f in facts if own_name(f.row_keys, f.organisation_key)[0] and not own_name(f.row_keys, f.organisation_key)[1]]
            if tops:
                return list({f.row: f for f in reversed(tops)}.values())[::-1]  # the first column of each row: its total
    return []


def _below(reader: FactReader, parent: FactRow) -> list[FactRow]:
    facts = reader.facts([parent.document], kinds=("table",), tables=[parent.table_index], measures=(Measure.AMOUNT,))
    known = (parent.year, parent.stage, parent.organisation_key, parent.side)
    same = [f for f in facts if (f.year, f.stage, f.organisation_key, f.side) == known and f.value is not None]
    name = own_name(parent.row_keys, parent.organisation_key)[0]
    if name:
        below = [f for f in same if f.column == parent.column and name in own_name(f.row_keys, f.organisation_key)[1]]
        nearest = [f for f in below if own_name(f.row_keys, f.organisation_key)[1][-1] == name] or below
        # The only row below holds the whole under another name: what is below that one divides it.
        return (_below(reader, nearest[0]) or nearest) if len(nearest) == 1 and nearest[0].yuan == parent.yuan else nearest
    column = own_name(parent.column_keys)[0]
    if column:  # a column of its own: its parts are the columns below it
        return [f for f in same if f.row == parent.row and column in own_name(f.column_keys)[1]]
    across = [f for f in same if f.row == parent.row and own_name(f.column_keys)[0] and not own_name(f.column_keys)[1]]
    down = [f for f in same if f.column == parent.column and own_name(f.row_keys, f.organisation_key)[0]]
    tops = [f for f in down if not own_name(f.row_keys, f.organisation_key)[1]]
    return across if len(across) > 1 and not down else (tops or down or across)


def _indicators(reader: FactReader, plan: RowSet) -> list[FactRow]:
    documents = [d for d in plan.query.documents if plan.query.year is None or reader.paper[d].year == plan.query.year]
    facts = reader.facts(documents, kinds=("indicator",), measures=(Measure.TARGET,))
    for mention in plan.query.mentions:
        said = re.sub(r"指标$", "", mention.text)
        fitting = [f for f in facts if mention.fits(f.project_key) or any(mention.fits(k) for k in f.row_keys) or ("table" in mention.kinds and mention.fits(f.table_key))]
        facts = fitting or [f for f in facts if len(said) > 1 and any(said in k for k in (f.project_key, *f.row_keys))]
    if plan.condition == "missed":
        facts = [f for f in facts if _missed(reader, f)]
    return [f for f in facts if f.state != "blank"]


def _missed(reader: FactReader, target: FactRow) -> bool:
    """Whether an indicator's own figures say that it was not reached: the actual against the target, else the score against its weight."""
    beside = reader.siblings(target)
    actual = next((f for f in beside if f.measure == Measure.ACTUAL), None)
    if actual and actual.value is not None and target.value is not None and actual.unit == target.unit:
        return actual.value > target.value if target.operator in ("≤", "<") else actual.value < target.value
    weight, *score = [f.value for f in beside if f.measure == Measure.SCORE and f.value is not None] or [None]
    return weight is not None and bool(score) and score[-1] < weight


def _scores(reader: FactReader, plan: RowSet) -> list[FactRow]:
    """What each project scored in its self-evaluation, as the table that lists them all prints it, else as the sentences say."""
    scores = [f for f in reader.facts(_papers(reader, plan), kinds=("table",), measures=(Measure.SCORE,)) if f.project_key and f.value is not None]
    if not scores:
        said = [f for f in reader.facts(_papers(reader, plan), kinds=("stated",), measures=(Measure.SCORE,)) if f.value is not None and "自评得分" in f.column_keys]
        return list({f.row_keys: f for f in said if f.row_keys}.values())
    by_table: dict[tuple[str, int | None], dict[str, FactRow]] = {}
    for f in scores:
        by_table.setdefault((f.document, f.table_index), {}).setdefault(f.project_key, f)
    return list(max(by_table.values(), key=len, default={}).values())


def _papers(reader: FactReader, plan: RowSet) -> list[str]:
    return [d for d in plan.query.documents if plan.query.year is None or reader.paper[d].year == plan.query.year]


def _functions(reader: FactReader, plan: RowSet) -> list[FactRow]:
    """Spending by function: the 类 of the table that accounts for most of it."""
    classes: dict[tuple[str, int | None, str], dict[int | None, FactRow]] = {}
    asked = plan.query.organisations or plan.query.scope
    bodies: dict[str, set[str]] = {}
    for f in reader.facts(_papers(reader, plan), kinds=("table",), measures=(Measure.AMOUNT,)):
        if f.scope != Scope.TOTAL:
            bodies.setdefault(f.document, set()).add(f.organisation_key)
    divided = {document for document, of in bodies.items() if len(of) > 1}  # a paper of one body has no total above it
    for f in reader.facts(_papers(reader, plan), kinds=("table",), measures=(Measure.AMOUNT,)):
        name, above = own_name(f.row_keys, f.organisation_key)
        if f.value is None or f.side == Side.INCOME or above or own_name(f.column_keys)[0] not in _EVERYTHING or not _is_class(name):
            continue
        if _in_year(reader, f, plan.query.year) and _stage_fits(f, plan) and (_belongs_to(f, plan) or (not asked and f.document not in divided)):
            classes.setdefault((f.document, f.table_index, f.organisation_key), {}).setdefault(f.row, f)
    tables = [list(rows.values()) for rows in classes.values() if len(rows) > 1]
    return max(tables, key=lambda rows: sum(f.yuan or 0 for f in rows), default=[])


_EVERYTHING = ("", "支出总计", "支出合计", "本年支出合计", "总计", "合计")


def _is_class(name: str) -> bool:
    codes = classification().get(subject_key(name), ())
    return bool(codes) and len(codes[0]) == 3 and codes[0].startswith("2")


def _stage_fits(fact: FactRow, plan: RowSet) -> bool:
    return plan.query.stage is None or fact.stage is None or fact.stage == plan.query.stage


def _belongs_to(fact: FactRow, plan: RowSet) -> bool:
    if plan.query.organisations or plan.query.scope:
        return _belongs(fact, plan)
    return fact.scope == Scope.TOTAL


def _units(reader: FactReader, plan: RowSet) -> list[FactRow]:
    """The item once for each unit of a department, from the table that has it for most of them; a unit whose cell is blank or 0 has none."""
    documents = _papers(reader, plan)
    bodies = {f.organisation_key: Scope(f.scope) for f in reader.facts(documents, kinds=("table",)) if f.organisation_key and f.scope != Scope.TOTAL}
    tables: dict[tuple[str, int | None], dict[str, FactRow]] = {}
    for body, scope in bodies.items():
        query = replace(plan.query, scope=scope, organisations=() if scope is Scope.OWN else (body,))
        for reading in resolve(reader, query).readings:
            for fact in (reading.fact, *reading.also):
                if fact.value and fact.organisation_key == body:
                    tables.setdefault((fact.document, fact.table_index), {}).setdefault(body, fact)
    rows = list(max(tables.values(), key=len, default={}).values())
    return rows if len(rows) > 1 else []


def _over(reader: FactReader, plan: RowSet, dimension: str) -> list[FactRow]:
    """The item once for each department (newest year) or each year."""
    departments: dict[str, list[str]] = {}
    for d in plan.query.documents:
        departments.setdefault(reader.paper[d].department_key, []).append(d)
    years: Sequence[int | None] = [plan.query.year]
    if dimension == "year":
        years = sorted({y for p in reader.papers for y in ((p.year, p.year - 1) if p.year else ()) if p.id in plan.query.documents})
    result = []
    for documents in departments.values():
        for year in years:
            # Of very many departments only the papers of the year itself are read, where there are some.
            own = [d for d in documents if reader.paper[d].year == year] if len(departments) > MANY else []
            resolution = resolve(reader, replace(plan.query, documents=tuple(own or documents), year=year, organisations=()))
            numbers = [r.fact for r in resolution.readings if r.fact.value is not None]
            if numbers:
                result.append(max(numbers, key=lambda f: f.year or 0))
    return result
