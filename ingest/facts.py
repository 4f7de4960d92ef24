"""Tables -> Facts: one figure with its row path, column path, organisation, scope, year, stage, side and the cell it stands in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from ingest.amounts import Amount, AmountState, read_amount
from ingest.forms import form_named
from ingest.hierarchy import TOTAL_LABEL, Entry, parents
from ingest.records import Cell, Fact, FactKind, Identity, Measure, PaperKind, Problem, Scope, Side, Stage, Table, lines_within, turns
from ingest.sentences import mentioned_amounts
from ingest.wording import is_part, key, squeeze

_OWN = re.compile(r"本级|机关本部|[(（](?:机关|本部)[)）]")
_UNIT_END = re.compile(
    r"(?:局|办|厅|院|部|会|署|社|中心|公室|学校|大学|学院|医院|馆|站|所|队|委员会|办公室|本级|机关|协会|联合会|政府|法院|检察院|支队|大队)(?:[(（].{1,6}[)）])?$"
)
_YEAR = re.compile(r"(?<![比较与])((?:19|20)\d\d)年?")  # not the year that another one is compared with (比2023年增减)
_LAST_YEAR = re.compile(r"(?<![比较与])(?:上年(?!结|末|余)|去年|上一年)")
_STAGES = (
    (re.compile(r"决算|实际(?:支出|完成|执行)|全年执行数|执行数|支出决算"), Stage.FINAL),
    (re.compile(r"调整预算|全年预算|预算调整"), Stage.ADJUSTED),
    (re.compile(r"预算数|年初预算|当年预算|本年预算|预算(?:金额|额)$"), Stage.BUDGET),
)
_RATE = re.compile(r"[(（]?[%％][)）]?|增长率|增幅|比率|比例|占比|执行率|完成率|增减率|到位率|支出率|比重")
_CHANGE = re.compile(r"增减|增加额|减少额|比上年|差额|增\(减\)")
_COUNT = re.compile(r"数量|人数|辆数|批次|个数|[(（](?:辆|人|个|台|批次?|人次)[)）]|编制数|实有数")
_SCORE = re.compile(r"分值|权重|得分|评分|自评分")
_ACTUAL = re.compile(r"业绩值|实际完成|完成值|实际值|完成情况")
_TARGET = re.compile(r"目标值|指标值")
_DATE = re.compile(r"(?:19|20)\d\d\s*[年./-]\s*\d{1,2}\s*[月./-]")
_LATEX = ((r"\geqslant", "≥"), (r"\leqslant", "≤"), (r"\geq", "≥"), (r"\leq", "≤"), (r"\ge", "≥"), (r"\le", "≤"), (r"\%", "%"), ("$", ""))


def read_facts(tables: Sequence[Table], identity: Identity) -> tuple[tuple[Fact, ...], tuple[Problem, ...]]:
    """The facts of all tables in reading order, and what in them was not understood."""
    units = known_units(tables, identity)
    facts: list[Fact] = []
    problems: list[Problem] = []
    listed = _Listed()
    for table in tables:
        form = form_named(table.form)
        if (form is not None and form.reader in {"targets", "overall", "scores"}) or any(c.role == "field" for c in table.cells):
            facts.extend(_form_facts(listed.owned(table), identity))
        else:
            if _mixes_units(table):
                table = _with_unit_rows(table)
                listed = listed if (listed.form, listed.columns) == (table.form, table.columns) else _Listed(table.form, table.columns)
                found, doubts = _grid_facts(table, identity, units, form.rows if form else "", listed)
                listed = listed.after(found)
            else:
                found, doubts = _grid_facts(table, identity, units, form.rows if form else "", _Listed())
            facts.extend(found)
            problems.extend(doubts)
    return _with_proven_units(facts), tuple(problems)


@dataclass(frozen=True)
class _Listed:
    """A list of projects grouped by their units, as far as it was read: the pages that go on with it print neither the unit nor the total again."""

    form: str = ""
    columns: dict[int, tuple[str, ...]] = field(default_factory=dict)
    unit: str = ""
    apart: bool = False  # the department's own name stands in it for the 本级
    owners: dict[str, str] = field(default_factory=dict)  # whose each project of the last page is

    def after(self, facts: Sequence[Fact]) -> _Listed:
        """The list with the facts of one more page."""
        owners = {f.project: f.organisation for f in facts if f.project}
        apart = self.apart or any(f.scope is Scope.OWN for f in facts)
        return replace(self, unit=facts[-1].organisation if facts else self.unit, apart=apart, owners=owners)

    def owned(self, table: Table) -> Table:
        """The indicators of a listed project, with the unit whose project it is."""
        project = next((c.text for c in table.cells if c.role == "caption"), "")
        return replace(table, organisation=self.owners[project]) if project in self.owners else table


def _mixes_units(table: Table) -> bool:
    """Whether a list of projects says in its heading that the units which spend the money stand in the same column (项目名称（资金使用单位）)."""
    columns = {c.column for c in table.cells if c.role == "project"}
    return any(c.role == "header" and c.column in columns and re.search(r"[(（].*单位.*[)）]$", squeeze(c.text)) for c in table.cells)


def _with_unit_rows(table: Table) -> Table:
    """The table with the role of units for the rows that name a body and say nothing of a project."""
    said = {c.row for c in table.cells if c.role == "text" and c.text}
    cells = (
        replace(c, role="unit") if c.role == "project" and c.row not in said and _UNIT_END.search(squeeze(c.text)) else c for c in table.cells
    )
    return replace(table, cells=tuple(cells))


def _with_proven_units(facts: Sequence[Fact]) -> tuple[Fact, ...]:
    """Amounts of a form that prints no unit, in the unit in which a table of the paper prints the same figure for the same project."""
    printed = {
        (key(f.project or f.rows[-1]), f.amount.value): f.amount.unit for f in facts if f.kind is FactKind.TABLE and f.measure is Measure.AMOUNT and f.amount.unit
    }
    proven = {
        f.table: unit
        for f in facts
        if f.kind is FactKind.FIELD and f.measure is Measure.AMOUNT and f.amount.value and not f.amount.unit
        and (unit := printed.get((key(f.project), f.amount.value)))
    }
    return tuple(
        replace(f, amount=replace(f.amount, unit=proven[f.table]))
        if f.table in proven and f.kind is FactKind.FIELD and f.measure is Measure.AMOUNT and not f.amount.unit
        else f
        for f in facts
    )


def known_units(tables: Sequence[Table], identity: Identity) -> frozenset[str]:
    """Comparison forms of all organisations that the paper's tables name in a column of units, in captions, or as the paper's own department."""
    names = {c.text for t in tables for c in t.cells if c.role == "unit" and c.text}
    names = {n for n in names if not TOTAL_LABEL.match(squeeze(n))}
    names |= {t.organisation for t in tables if t.organisation} | {identity.department}
    return frozenset(unit_key(n) for n in names if n)


def unit_key(name: str) -> str:
    """An organisation's name for comparison: brackets and blanks gone, a leading number (200001) too."""
    return re.sub(r"^\d{3,}|[()]", "", key(name))


# -- statutory tables


@dataclass
class _Row:
    """One row of one panel (a table of two sides or three groups has several panels a row)."""

    number: int
    unit: str = ""
    code: str = ""
    above: tuple[str, ...] = ()  # names in columns before the label's
    label: str = ""
    project: str = ""
    year: int | None = None
    values: dict[int, Cell] = field(default_factory=dict)


def _grid_facts(table: Table, identity: Identity, units: frozenset[str], kind: str, listed: _Listed) -> tuple[list[Fact], list[Problem]]:
    """The facts of a table of rows and columns; `listed` is the list of projects that it goes on with."""
    facts: list[Fact] = []
    problems: list[Problem] = []
    for panel in _panels(table):
        rows = _rows(table, panel, units, listed.unit)
        apart = listed.apart or _apart(rows, identity.department, others=not listed.form)
        context = _Context(table, identity, kind, [r.unit for r in rows if r.unit], apart, not listed.unit and _first_is_whole(rows))
        facts.extend(_panel_facts(rows, context))
        for row in rows:
            if not (row.label or row.project or row.unit) and not _bare(table):
                problems.extend(
                    Problem("not_understood", f"{table.label}：第 {row.number + 1} 行的“{c.text}”没有行名，未读成事实。", c.place)
                    for c in row.values.values()
                    if _has_figure(c.text)
                )
    facts.sort(key=lambda f: (f.row or 0, f.column or 0))
    return facts, problems


def _has_figure(text: str) -> bool:
    return read_amount(text).state is AmountState.NUMBER


def _bare(table: Table) -> bool:
    """A table of one unnamed row of figures (公开07): the figures are the table's own."""
    return not any(c.role in {"label", "unit", "project", "code"} and c.text for c in table.cells)


def _panels(table: Table) -> list[list[tuple[int, str]]]:
    """The columns in groups of (column, role): a group begins where a naming column follows a column of figures."""
    roles: dict[int, str] = dict.fromkeys(table.columns, "value")
    among = {("unit", c.column) for c in table.cells if c.role == "project"}  # units among projects: a column of projects
    for cell in table.cells:
        if cell.role not in {"header", "empty", "value", "caption"}:
            roles.setdefault(cell.column, "project" if (cell.role, cell.column) in among else cell.role)
    panels: list[list[tuple[int, str]]] = []
    ordered = sorted(roles.items())
    for i, (column, role) in enumerate(ordered):
        # Codes open a group only when the name that they belong to follows them; codes of another classification may stand among the figures.
        named = next((r for _, r in ordered[i:] if r != "code"), "")
        naming = role in {"label", "code", "unit", "project", "year"} and named in {"label", "unit", "project", "year"}
        if not panels or (naming and panels[-1][-1][1] in {"value", "text"} and any(r == "value" for _, r in panels[-1])):
            panels.append([])
        panels[-1].append((column, role))
    return panels


def _rows(table: Table, panel: Sequence[tuple[int, str]], units: frozenset[str], carried: str) -> list[_Row]:
    """The panel's rows; a unit, year or split code that is printed once is carried down to the rows it covers."""
    roles = dict(panel)
    by_row: dict[int, dict[int, Cell]] = {}
    for cell in table.cells:
        if cell.column in roles and cell.role not in {"header", "caption"}:
            by_row.setdefault(cell.row, {})[cell.column] = cell
    has_units = "unit" in roles.values()
    rows: list[_Row] = []
    government = _columns_below(table, re.compile("政府.*经济"))
    bought = {c.column for c in table.cells if c.role == "header" and "品目" in c.text}
    if all(c in government for c, role in panel if role == "label"):
        government = set()
    mixed = _units_among_items(table)
    for number, cells in sorted(by_row.items()):
        row = _Row(number)
        codes: list[str] = []
        if not any(cells[c].text for c, role in panel if role == "label" and c not in government and c in cells):
            beside = set()  # a row of the 政府经济分类 alone (501 机关工资福利支出) is named by it
        else:
            beside = government
        for column, role in panel:
            text = cells[column].text if column in cells else ""
            role = "unit" if column in cells and cells[column].role == "unit" else role
            if column in mixed and role == "unit" and any(re.fullmatch(r"\d{2,7}", code) for code in codes):
                role = mixed[column]  # a row with a subject's code names the subject, or the project
            if role == "value" and column in cells and cells[column].role == "empty":
                continue  # under the name of a total that is set over several groups
            if role == "value":
                row.values[column] = cells.get(column) or Cell(number, column, "", "value", next(iter(cells.values())).place)
            elif role in {"code", "text", "order"} and TOTAL_LABEL.match(squeeze(text)) and not row.label:
                row.label = text  # 合计 over all naming columns
            elif role == "code":
                codes.append("" if text in {"类", "款", "项"} or column in beside else text.replace(" ", ""))
            elif role in {"unit", "project"} and TOTAL_LABEL.match(squeeze(text)):
                row.label = text
            elif role == "unit" and text:
                row.unit = text
            elif role == "label" and text:
                if column in bought and row.project and row.project not in row.above:
                    row.above = (row.project, *row.above)  # what is bought for a project is named by itself, under the project
                _name(row, text, column, beside)
            elif role == "project" and text:
                row.project = text
            elif role == "year" and (found := _YEAR.search(text)):
                row.year = int(found[1])
            elif role == "year" and text:
                row.label = text  # a row of differences under the years (增减变化金额)
        cut = rows and rows[-1].unit and not _UNIT_END.search(squeeze(rows[-1].unit))
        if cut and row.unit and not any(c.text for c in row.values.values()):
            rows[-1].unit += row.unit  # the rest of a row that a page's end cut
            rows[-1].project += row.project
            carried = rows[-1].unit
            continue
        row.code = _code(codes, rows) or row.code
        if not has_units and row.label and _is_unit(row.label, row.code, units):
            row.unit, row.label = row.label, ""
        if row.code and not row.label and not re.fullmatch(r"[A-Z0-9]+", row.code):
            row.label, row.code = row.code, ""
        carried = row.unit or carried
        row.unit = row.unit or carried
        rows.append(row)
    if rows and _totals_all(rows):
        rows[-1].unit = ""
    return rows


def _totals_all(rows: Sequence[_Row]) -> bool:
    """Whether the last row is the total of all units listed above it, and not of the last of them: its figure is the sum of theirs."""
    last = rows[-1]
    if squeeze(last.label) not in {"合计", "总计"} or last.project or len({r.unit for r in rows if r.unit}) < 2:
        return False
    own = [r for r in rows[:-1] if r.unit and not (r.label or r.project)]
    parts = own or rows[:-1]
    for column, cell in last.values.items():
        total = read_amount(cell.text).value
        if total:
            return total == sum((read_amount(r.values[column].text).value or Decimal(0) for r in parts if column in r.values), Decimal(0))
    return False


def _units_among_items(table: Table) -> dict[int, str]:
    """The columns whose heading says that bodies and subjects, or projects, stand in them one under the other, with the role of these: 单位（科目）名称."""
    units = {c.column for c in table.cells if c.role == "unit"}
    heads = [c for c in table.cells if c.role == "header" and c.column in units]
    return {c.column: "project" if "项目" in c.text else "label" for c in heads if re.search("科目|项目", c.text)}


def _columns_below(table: Table, words: re.Pattern[str]) -> set[int]:
    """The columns under headings with these words: a heading reaches to the next one in its line."""
    found: set[int] = set()
    for cell in (c for c in table.cells if c.role == "header" and words.search(squeeze(c.text))):
        after = [c.column for c in table.cells if c.role == "header" and c.row == cell.row and c.column > cell.column]
        found.update(range(cell.column, min(after, default=cell.column + 1)))
    return found


def _name(row: _Row, text: str, column: int, government: set[int]) -> None:
    """Put a naming cell into the row: several of them are steps of a path; 政府经济分类 beside 部门经济分类 says the same again and is left out.

    A code that is printed before the name (30302-退休费, [30302]退休费) is the row's code.
    """
    coded = re.match(r"^[\[［【(（]?(\d{3,7})(?:\s*[\]］】)）]|\s*[-—－])\s*(\D.*)$", text)
    if text == row.label or (column in government and not TOTAL_LABEL.match(squeeze(text))):
        return  # 合计 may be set over the code's column and the name's, or stand in the last of them
    if row.label:
        row.above = (*row.above, row.label)
    row.label = coded[2] if coded else text
    row.code = coded[1] if coded else row.code


def _code(codes: Sequence[str], rows: Sequence[_Row]) -> str:
    """One code of 类, 款, 项 columns: a part that repeats the part before it stands alone, else it is added to it."""
    code = ""
    for part in codes:
        if part and (not code or part.startswith(code)):
            code = part
        elif len(part) == 2 and part.isdigit():
            code += part  # 类, 款, 项 apart
        elif part:
            break  # the code of another classification
    if code and len(codes) > 1 and not codes[0] and rows and len(code) < 5:
        for earlier in reversed(rows):
            if earlier.code:
                width = 3 if next(i for i, c in enumerate(codes) if c) == 1 else 5
                return earlier.code[:width] + code
    return code


def _is_unit(label: str, code: str, units: frozenset[str]) -> bool:
    return not code and unit_key(label) in units


@dataclass
class _Context:
    """What a panel's rows share."""

    table: Table
    identity: Identity
    kind: str
    units: list[str]
    apart: bool = False  # a unit of the department's own name stands below the total as one of its parts: the 本级
    first_is_whole: bool = True  # the first unit may be the department under another name
    scopes: dict[str, Scope] = field(default_factory=dict)

    @property
    def project(self) -> str:
        """The project that the whole table is about, when its caption names one."""
        return next((c.text for c in self.table.cells if c.role == "caption"), "")

    def organisation(self, row: _Row) -> str:
        return row.unit or self.table.organisation or self.identity.department

    def is_own_part(self, row: _Row) -> bool:
        """Whether a row is of the department's own office, though its name is the department's."""
        return self.apart and bool(row.unit) and unit_key(row.unit) == unit_key(self.identity.department)

    def scope(self, name: str) -> Scope:
        if name not in self.scopes:
            self.scopes[name] = self._scope(name)
        return self.scopes[name]

    def _scope(self, name: str) -> Scope:
        if _OWN.search(squeeze(name)):
            return Scope.OWN
        keys = {unit_key(u) for u in dict.fromkeys(self.units)}
        if len(keys) > 1:
            whole = _same_body(name, self.identity.department) or (self.first_is_whole and unit_key(name) == unit_key(self.units[0]))
            return Scope.TOTAL if whole else Scope.SUBUNIT
        return _scope_of(name, self.identity)


def _apart(rows: Sequence[_Row], department: str, others: bool) -> bool:
    """Whether the department's own name stands below a 合计 row as one of several units, with a smaller figure; `others`: these must be there too."""
    own = next((r for r in rows if unit_key(r.unit) == unit_key(department) and not r.label), None)
    several = not others or any(r.unit and unit_key(r.unit) != unit_key(department) for r in rows)
    return own is not None and several and _below_total(own, rows)


def _first_is_whole(rows: Sequence[_Row]) -> bool:
    first = next((r for r in rows if r.unit and not (r.label or r.project)), None)
    return first is not None and not _below_total(first, rows)


def _below_total(row: _Row, rows: Sequence[_Row]) -> bool:
    """Whether a 合计 row that is no unit's prints a larger figure than this row."""
    total = next((r for r in rows if not r.unit and TOTAL_LABEL.match(squeeze(r.label))), None)
    if total is None:
        return False
    figures = [(read_amount(row.values[c].text).value, read_amount(total.values[c].text).value) for c in row.values if c in total.values]
    return any(part is not None and whole is not None and part < whole for part, whole in figures)


def _same_body(name: str, department: str) -> bool:
    """Whether a short name can stand for the department: its characters come in the same order in the full name."""
    rest = iter(unit_key(department))
    return len(name) > 2 and all(c in rest for c in unit_key(name))


def _scope_of(name: str, identity: Identity) -> Scope:
    """The scope of a body that a table or form is about: the paper's own unless it is another body than the paper's department."""
    if _OWN.search(squeeze(name)):
        return Scope.OWN
    other = _UNIT_END.search(squeeze(name)) and not _same_body(name, identity.department) and not _same_body(identity.department, name)
    return Scope.SUBUNIT if other else identity.scope


def _panel_facts(rows: Sequence[_Row], context: _Context) -> Iterable[Fact]:
    start = 0
    while start < len(rows):
        end = start + 1
        while end < len(rows) and rows[end].unit == rows[start].unit:
            end += 1
        yield from _unit_facts(rows[start:end], context)
        start = end


def _unit_facts(rows: Sequence[_Row], context: _Context) -> Iterable[Fact]:
    """The rows of one organisation: its own row (or year rows) first, then the rows under it."""
    named = [r for r in rows if r.label or r.project or r.code]
    own = [r for r in rows if r not in named]
    first = next(iter(context.table.columns), None)
    entries = [Entry(r.code, r.label or r.project, _value(r, first)) for r in named]
    total = _value(own[0], _panel_first(own[0])) if own and not own[0].year else None
    above = parents(entries, context.kind, total) if entries else []
    for row in own:
        if row.unit or _bare(context.table):
            yield from _row_facts(row, (context.organisation(row),), context)
    for i, row in enumerate(named):
        yield from _row_facts(row, _row_path(i, named, above), context)


def _panel_first(row: _Row) -> int | None:
    return next(iter(row.values), None)


def _value(row: _Row, first: int | None) -> Decimal | None:
    column = first if first in row.values else _panel_first(row)
    return read_amount(row.values[column].text).value if column is not None else None


def _row_path(i: int, rows: Sequence[_Row], above: Sequence[int | None]) -> tuple[str, ...]:
    path: list[str] = []
    at: int | None = i
    while at is not None and len(path) < 8:
        row = rows[at]
        project = row.project if row.label and row.project not in row.above else ""
        path[:0] = [*row.above, *([t for t in (row.label, project) if t] or [row.project or row.code])]
        at = above[at]
    return tuple(path)


def _row_facts(row: _Row, path: tuple[str, ...], context: _Context) -> Iterable[Fact]:
    table = context.table
    organisation = context.organisation(row)
    for column, cell in row.values.items():
        heading = table.columns.get(column, ())
        side, heading = _side(table, heading, context.kind)
        measure = measure_of(heading, path)
        unit = "%" if measure is Measure.RATE else (counted_in(heading) if measure is Measure.COUNT else table.unit)
        amount = read_cell(cell.text, heading_unit(heading) or unit)
        if amount.state is AmountState.TEXT:
            measure = Measure.TEXT
        yield Fact(
            kind=FactKind.TABLE,
            amount=amount,
            measure=measure,
            rows=path,
            columns=heading,
            organisation=organisation,
            scope=Scope.OWN if context.is_own_part(row) else context.scope(organisation),
            year=row.year or _row_year(path[-1], context.identity.year) or year_of(heading, context.identity.year),
            stage=stage_of(heading, context.identity.kind),
            place=cell.place,
            quote=table.quotes[cell.row] if cell.row < len(table.quotes) else "",
            side=side,
            code=row.code,
            project=row.project or context.project,
            section=table.section,
            table=table.index,
            row=cell.row,
            column=column,
            part_of=is_part(path[-1]) or any(is_part(h) for h in heading),
            doubtful=table.doubtful,
        )


def _side(table: Table, heading: tuple[str, ...], kind: str) -> tuple[Side | None, tuple[str, ...]]:
    """收入 or 支出: by the heading over that half of a two-sided table (which is then left out), by the form, by the heading's words."""
    first = squeeze(heading[0]) if heading else ""
    if first in {"收入", "支出"} and kind == "sides":
        return (Side.INCOME if first == "收入" else Side.SPENDING), heading[1:] or heading
    form = form_named(table.form)
    if form is not None and form.side:
        return Side(form.side), heading
    words = "".join(heading) + table.title
    income, spending = "收入" in words, "支出" in words
    return (Side.INCOME if income and not spending else Side.SPENDING if spending and not income else None), heading


def measure_of(heading: Sequence[str], rows: Sequence[str] = ()) -> Measure:
    """What a column (or a row) of figures measures, by its words."""
    words = squeeze("".join(heading))
    if _RATE.search(words) or (rows and re.search(r"[(（][%％][)）]|率[(（]?[%％]?[)）]?$", squeeze(rows[-1]))):
        return Measure.RATE
    if _CHANGE.search(words) or (rows and _CHANGE.match(squeeze(rows[-1]))):
        return Measure.CHANGE
    if _COUNT.search(words):
        return Measure.COUNT
    if _SCORE.search(words):
        return Measure.SCORE
    return Measure.AMOUNT


def heading_unit(heading: Sequence[str]) -> str:
    """The unit that a heading prints for its own column (“预算金额（万元）”), else ""."""
    found = re.search(r"[(（](?:单位[:：])?(万元|千元|亿元|元)[)）]", "".join(heading))
    return found[1] if found else ""


def counted_in(heading: Sequence[str]) -> str:
    """What a heading counts (编制数: 人, 数量（辆）: 辆); "" where it does not say."""
    words = squeeze("".join(heading))
    printed = re.search(r"[(（](辆|人|个|台|批次|批|人次|套)[)）]", words)
    return printed[1] if printed else "人" if re.search(r"编制|人数|实有数", words) else "辆" if re.search(r"辆数|车辆", words) else ""


def year_of(heading: Sequence[str], year: int | None) -> int | None:
    """The year a column's figures are for: printed in its heading, the year before under 上年, else the paper's."""
    words = squeeze("".join(heading))
    if found := _YEAR.search(words):
        return int(found[1])
    if year is not None and _LAST_YEAR.search(words):
        return year - 1
    return year


def _row_year(label: str, year: int | None) -> int | None:
    """The year of a row that is named by nothing else (2024年, 上年预算数); None for a row with a name of its own."""
    words = squeeze(label)
    if printed := re.fullmatch(r"((?:19|20)\d\d)年?度?(?:年初)?(?:预算|决算|执行|实际|支出|收入)*数?", words):
        return int(printed[1])
    return year - 1 if year and re.fullmatch(r"(?:上一?年|去年)度?(?:年初)?(?:预算|决算|执行|实际)*数?", words) else None


def stage_of(heading: Sequence[str], kind: PaperKind) -> Stage | None:
    """预算, 调整预算 or 决算: by the heading's words, else by what the paper is."""
    words = squeeze("".join(heading))
    for pattern, stage in _STAGES:
        if pattern.search(words):
            return stage
    return Stage.FINAL if kind is PaperKind.FINAL else Stage.BUDGET if kind in {PaperKind.BUDGET, PaperKind.TARGETS} else None


def read_cell(text: str, unit: str = "") -> Amount:
    """A cell as an amount; formulas that a converter set in LaTeX ($\\geq 100\\%$) are read, the print is kept. A date is words, not a figure."""
    if _DATE.search(text):
        return Amount(text, AmountState.TEXT)
    plain = text
    if "$" in text or "\\" in text:
        for mark, sign in _LATEX:
            plain = plain.replace(mark, sign)
    return replace(read_amount(plain.strip(), unit), printed=text)


# -- project forms


def _form_facts(table: Table, identity: Identity) -> Iterable[Fact]:
    """Fields, indicators, tasks and the amounts mentioned in long cells of one form."""
    by_row: dict[int, dict[int, Cell]] = {}
    for cell in table.cells:
        if cell.role not in {"header", "caption"}:
            by_row.setdefault(cell.row, {})[cell.column] = cell
    fields = list(_fields(by_row))
    groups = {n: squeeze(c.text) for n, cells in by_row.items() for c in cells.values() if c.role == "note"}
    shared = _form_head(table, fields, identity)
    for name, group, cell, place_row in fields:
        yield from _field_facts(name, group, cell, table, shared, place_row)
    for number, cells in sorted(by_row.items()):
        roles = {c.role for c in cells.values()}
        if "field" in roles:
            continue
        if "project" in roles:
            yield from _task_facts(number, cells, table, shared)
        elif "label" in roles:
            group = next((groups[n] for n in sorted(groups, reverse=True) if n <= number), "")
            yield from _indicator_facts(number, cells, table, shared, group)


def _fields(by_row: dict[int, dict[int, Cell]]) -> Iterable[tuple[Cell, str, Cell, int]]:
    """(name cell, part of the form it stands in, value cell, row)."""
    group = ""
    for number, cells in sorted(by_row.items()):
        for column, cell in sorted(cells.items()):
            if cell.role == "note":
                group = squeeze(cell.text)
            if cell.role == "field" and column + 1 in cells:
                yield cell, group, cells[column + 1], number


@dataclass(frozen=True)
class _Shared:
    """What every fact of a form carries."""

    project: str
    organisation: str
    scope: Scope
    year: int | None
    stage: Stage | None
    unit: str


def _form_head(table: Table, fields: Sequence[tuple[Cell, str, Cell, int]], identity: Identity) -> _Shared:
    def first(pattern: str) -> str:
        return next((v.text for n, _, v, _ in fields if re.search(pattern, squeeze(n.text)) and v.text), "")

    named = (
        first(r"^(?:申请单位|申报单位|实施单位:?$|项目单位|填报单位|部门\(单位\)名称)"),
        table.organisation,
        first(r"^(?:一级预算单位|预算单位|项目主管部门|主管部门)"),
    )
    organisation = next((n for n in named if n and _UNIT_END.search(squeeze(n))), identity.department)
    organisation = re.sub(r"^\d+\s*", "", organisation)
    project = first(r"^(?:预算)?项目名称") or next((c.text for c in table.cells if c.role == "caption"), "")
    return _Shared(project, organisation, _scope_of(organisation, identity), identity.year, stage_of((), identity.kind), table.unit)


def _field_facts(name: Cell, group: str, cell: Cell, table: Table, shared: _Shared, row: int) -> Iterable[Fact]:
    """One field: money as AMOUNT in the unit its name prints, else words; the amounts in long words are mentioned facts."""
    label = _field_label(name.text)
    heading = (group, label) if group.startswith("终期") else (label,)
    money = bool(re.search(r"金额|资金|拨款|支出总额", label)) and not re.search(r"用途|来源|资金支出进度", label)
    unit = _money_unit(name.text) or shared.unit
    amount = read_cell(cell.text, unit) if money or not cell.text else Amount(cell.text, AmountState.TEXT)
    is_money = money and amount.state is not AmountState.TEXT
    base = _fact(table, shared, cell, row)
    yield replace(
        base,
        kind=FactKind.FIELD,
        amount=amount,
        measure=Measure.AMOUNT if is_money else Measure.TEXT,
        rows=(shared.project,) if shared.project else (shared.organisation,),
        columns=heading,
        part_of=is_part(name.text),
    )
    if not is_money and len(cell.text) > 12:
        yield from _mentioned(cell, label, base, shared)


def _mentioned(cell: Cell, label: str, base: Fact, shared: _Shared) -> Iterable[Fact]:
    for mention in mentioned_amounts(cell.text):
        at = cell.text.find(mention.sentence)
        lines = lines_within(cell.turns, at, at + len(mention.sentence)) or [(0, base.place)]
        yield replace(
            base,
            kind=FactKind.MENTIONED,
            place=lines[0][1],
            turns=turns(lines),
            amount=mention.amount,
            measure=mention.measure,
            rows=tuple(t for t in (shared.project, mention.whole, mention.subject) if t),
            columns=(label,),
            quote=mention.sentence,
            row=base.row,
            part_of=bool(mention.whole),
        )


def _field_label(text: str) -> str:
    name = re.sub(r"\s+", "", text).strip("*").rstrip(":：").strip("*")
    name = re.sub(r"[,，]\s*(?:万元|千元|亿元|元)(?=[)）])", "", name)
    return re.sub(r"[(（](?:单位[:：])?(?:万元|千元|亿元|元)[)）]", "", name)


def _money_unit(text: str) -> str:
    found = re.search(r"[(（][^()（）]*?(万元|千元|亿元|元)[^()（）]*[)）]", text)
    return found[1] if found else ""


def _fact(table: Table, shared: _Shared, cell: Cell, row: int) -> Fact:
    return Fact(
        kind=FactKind.FIELD,
        amount=Amount("", AmountState.BLANK),
        measure=Measure.TEXT,
        rows=(),
        columns=(),
        organisation=shared.organisation,
        scope=shared.scope,
        year=shared.year,
        stage=shared.stage,
        place=cell.place,
        quote=table.quotes[row] if row < len(table.quotes) else "",
        project=shared.project,
        section=table.section,
        table=table.index,
        row=cell.row,
        column=cell.column,
        doubtful=table.doubtful,
    )


def _task_facts(number: int, cells: dict[int, Cell], table: Table, shared: _Shared) -> Iterable[Fact]:
    """A 任务 of a 整体支出绩效目标表: its amounts under 预算金额, its content as words."""
    task = next(c.text for c in cells.values() if c.role == "project")
    for column, cell in sorted(cells.items()):
        base = _fact(table, shared, cell, number)
        if cell.role == "value":
            heading = table.columns[column]
            amount = read_cell(cell.text, table.unit or "万元")
            yield replace(base, kind=FactKind.TABLE, amount=amount, measure=Measure.AMOUNT, rows=(task,), columns=heading, side=Side.SPENDING)
        elif cell.role == "text" and cell.text:
            yield replace(base, kind=FactKind.FIELD, amount=Amount(cell.text, AmountState.TEXT), rows=(task,), columns=("主要内容",))


def _indicator_facts(number: int, cells: dict[int, Cell], table: Table, shared: _Shared, group: str) -> Iterable[Fact]:
    form = form_named(table.form)
    form_reader = form.reader if form else ""
    labels = list(dict.fromkeys(c.text for _, c in sorted(cells.items()) if c.role == "label" and c.text))
    apart = {squeeze("".join(table.columns.get(c, ()))): squeeze(cell.text) for c, cell in cells.items() if cell.role == "value"}
    counted_in = next((t for h, t in apart.items() if _COUNTED_IN.search(h) and read_amount(t).state is AmountState.TEXT), "")
    bound = next((_BOUNDS[t] for h, t in apart.items() if _BOUND.search(h) and t in _BOUNDS), "")
    for column, cell in sorted(cells.items()):
        if cell.role != "value":
            continue
        heading = table.columns.get(column, ("目标值",))
        if group.startswith("终期"):
            heading = (group, *heading)
        measure = _indicator_measure(heading)
        if not cell.text and (measure is Measure.TEXT or form_reader == "scores"):
            continue
        cost = len(labels) > 1 and "成本" in labels[1] and not labels[-1].endswith("率")
        amount = read_cell(cell.text, _percent(heading) or (shared.unit if cost else "")) if measure is not Measure.TEXT else Amount(cell.text, AmountState.TEXT)
        if amount.state is AmountState.NUMBER and measure in (Measure.TARGET, Measure.ACTUAL):
            printed_in = read_amount(cell.text).unit  # a unit or a bound in the cell itself wins over one in a column of its own
            amount = replace(amount, unit=printed_in or counted_in or amount.unit, operator=amount.operator or (bound if measure is Measure.TARGET else ""))
        base = _fact(table, shared, cell, number)
        yield replace(base, kind=FactKind.INDICATOR, amount=amount, measure=measure, rows=tuple(labels), columns=heading)
        if len(cell.text) > 12 and measure is not Measure.TEXT and amount.state is AmountState.TEXT:
            yield from _mentioned(cell, labels[-1], base, shared)


# The forms of the budget management system (预算管理一体化) print an indicator's bound, figure and unit in three columns: ≥ | 63 | 个.
_COUNTED_IN = re.compile(r"(?:度量|计量|计数|指标值?)单位$|^单位$")
_BOUND = re.compile(r"指标(?:性质|方向|值类型|类型)|(?:运算|比较|计算)?符号?$|^性质$")
_BOUNDS = {"≥": "≥", "≧": "≥", ">=": "≥", "大于等于": "≥", "≤": "≤", "≦": "≤", "<=": "≤", "小于等于": "≤", ">": ">", "大于": ">", "<": "<", "小于": "<"}


def _percent(heading: Sequence[str]) -> str:
    return "%" if re.search(r"\([%％]\)$", squeeze("".join(heading))) else ""


def _indicator_measure(heading: Sequence[str]) -> Measure:
    words = squeeze("".join(heading))
    if re.search(r"标准|说明|解释|原因|备注|类型|性质|内容|单位", words):
        return Measure.TEXT
    if _ACTUAL.search(words):
        return Measure.ACTUAL
    if _SCORE.search(words):
        return Measure.SCORE
    return Measure.TARGET if _TARGET.search(words) else Measure.TEXT
