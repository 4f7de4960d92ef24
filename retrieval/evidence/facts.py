"""Plan -> rows: SQL written here and filled by the plan, on a read-only connection, and the scoring that picks the right figure."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from ingest.amounts import YUAN_PER_UNIT
from ingest.records import Measure, Place, Scope, Side, Stage, Turns
from ingest.stores.reads import Reads
from ingest.wording import key
from retrieval.question import counts_in
from retrieval.records import page_turns
from retrieval.vocabulary import CLOSING, Bodies, Concept, Entity, Mention, Name, Names, abbreviates, widens

MOST_ROWS = 20_000
MOST_KEPT = 40_000  # facts of the papers last asked about, about 2 KB each
MOST_SECONDS = 2.0
MOST_SEARCHED_PAPERS = 8
MOST_USING = 200  # papers of one name that a question may be about without saying whose
LONGEST_NAME = 30


@dataclass(frozen=True, slots=True)
class Paper:
    """A document as the question side knows it."""

    id: str
    name: str
    title: str
    department: str
    department_key: str
    scope: str
    year: int | None
    kind: str


@dataclass(frozen=True, slots=True)
class FactRow:
    """A stored fact; see ingest.records.Fact. `value` is None unless a number stands in the cell; names in comparison form end in _key(s)."""

    document: str
    number: int
    kind: str
    measure: str
    state: str
    value: Decimal | None
    unit: str
    operator: str
    printed: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    row_keys: tuple[str, ...]
    column_keys: tuple[str, ...]
    organisation: str
    organisation_key: str
    scope: str
    year: int | None
    stage: str | None
    side: str | None
    code: str
    project: str
    project_key: str
    section: tuple[str, ...]
    table_index: int | None
    table_label: str
    table_key: str
    form: str
    row: int | None
    column: int | None
    part_of: bool
    doubtful: str
    quote: str
    line_start: int | None
    line_end: int | None
    page: int | None
    bbox: tuple[float, ...] | None
    sheet: str | None
    cell: str | None
    turns: Turns = ()

    @property
    def place(self) -> Place:
        """Where the cell or the sentence stands."""
        return Place(self.line_start, self.line_end, self.page, self.bbox, self.sheet, self.cell)

    @property
    def yuan(self) -> Decimal | None:
        """The figure in 元 when it is money."""
        factor = YUAN_PER_UNIT.get(self.unit)
        return None if self.value is None or factor is None else self.value * factor


_COLUMNS = (
    "document, number, kind, measure, state, value, unit, operator, printed, rows, columns, rows_key, columns_key, organisation, organisation_key, "
    "scope, year, stage, side, code, project, project_key, section, table_index, table_label, table_key, form, row, [column], part_of, doubtful, quote, "
    "line_start, line_end, page, bbox, sheet, cell, turns"
)


@lru_cache(maxsize=16_384)
def _words(text: str | None) -> tuple[str, ...]:
    return tuple(json.loads(text or "[]"))


def _fact(r: tuple[Any, ...]) -> FactRow:
    rows, columns = _words(r[9]), _words(r[10])
    return FactRow(
        r[0], r[1], r[2], r[3], r[4], None if r[5] is None else Decimal(r[5]), r[6], r[7] or "", r[8], rows, columns,
        tuple(r[11].split("/")) if r[11] else (), tuple(r[12].split("/")) if r[12] else (),
        r[13], r[14], r[15], r[16], r[17], r[18], r[19], r[20], r[21], _words(r[22]), r[23], r[24], r[25], r[26], r[27], r[28],
        bool(r[29]), r[30] or "", r[31], r[32], r[33], r[34], tuple(json.loads(r[35])) if r[35] else None, r[36], r[37],
        page_turns(r[38]),
    )  # fmt: skip


class FactReader:
    """Read-only look-ups in one generation's facts. Every statement is text of this file with bound parameters."""

    def __init__(self, path: Path) -> None:
        self._db = Reads(path)
        self._db.execute("SELECT 1 FROM fact_names LIMIT 1")  # an index of an earlier schema is refused at once, not at its first question
        self.papers = tuple(
            Paper(*row)
            for row in self._all("SELECT id, name, title, department, department_key, scope, year, kind FROM documents ORDER BY year, name")
        )
        self.paper = {p.id: p for p in self.papers}
        self._place = {p.id: i for i, p in enumerate(self.papers)}
        self._newest = tuple(sorted(self.papers, key=lambda p: -(p.year or 0)))
        self.entities = self._entities()
        self.names_of = lru_cache(maxsize=256)(self._names_of)
        self._kept: dict[tuple[str, tuple[tuple[Any, ...], ...]], tuple[FactRow, ...]] = {}  # the last used last
        self._kept_facts = 0

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self._db.execute(sql, values, MOST_SECONDS).fetchmany(MOST_ROWS)]

    def _all(self, sql: str) -> Iterable[Sequence[Any]]:
        """Every row, however many and however long it takes: only when an index is opened."""
        return self._db.execute(sql)

    def _entities(self) -> Bodies:
        departments: dict[str, tuple[str, set[str]]] = {}
        for p in self.papers:
            if p.department_key:
                _, documents = departments[p.department_key] = (p.department, departments.get(p.department_key, ("", set()))[1])
                documents.add(p.id)
        units: dict[str, tuple[str, set[str]]] = {}
        same = lru_cache(maxsize=65_536)(lambda bare, own: bool(abbreviates(bare, own) or abbreviates(own, bare)))
        sql = "SELECT n.key, n.name, u.document FROM names n JOIN name_uses u ON u.name = n.id WHERE n.kind = 'organisation'"
        for name_key, name, document in self._all(sql):
            bare = re.sub(r"\((?:本级|机关|本部|汇总)\)|本级$", "", name_key)
            if not bare or bare in departments or same(bare, self.paper[document].department_key):
                continue
            name = re.sub(r"[(（](?:本级|机关)[)）]|本级$", "", name)
            _, documents = units[bare] = (name, units.get(bare, ("", set()))[1])
            documents.add(document)
        found = ((name, bare, unit, documents) for bodies, unit in ((departments, False), (units, True)) for bare, (name, documents) in bodies.items())
        return Bodies(Entity(name, bare, unit, frozenset(documents)) for name, bare, unit, documents in found)

    def newest(self, documents: Collection[str] = ()) -> Iterable[Paper]:
        """The papers, or only these, the latest year first."""
        return sorted((p for d in documents if (p := self.paper.get(d))), key=lambda p: (-(p.year or 0), p.name)) if documents else self._newest

    def of_bodies(self, bodies: Sequence[Entity]) -> tuple[str, ...]:
        """The documents of these bodies; all, where none is named."""
        own = sorted({d for e in bodies for d in e.documents}, key=lambda d: (self.paper[d].year or 0, self.paper[d].name))
        return tuple(own) if bodies else tuple(self.paper)

    def names_in(self, text: str) -> Names:
        """The names of the whole collection that stand in a text (normal form), as they are printed or without the word that closes them."""
        pieces = {text[a:b] for a in range(len(text)) for b in range(a + 2, min(len(text), a + LONGEST_NAME) + 1)}
        pieces |= {piece + word for piece in pieces if len(piece) >= 3 for word in CLOSING}
        return Names(Name(*row) for row in self._in("SELECT kind, key, name FROM names WHERE kind NOT IN ('organisation', 'department') AND key IN ({})", pieces))

    def papers_using(self, keys: Iterable[str]) -> set[str] | None:
        """The papers that print one of these names; None when they are too many to be what is asked about."""
        sql = "SELECT DISTINCT u.document FROM names n JOIN name_uses u ON u.name = n.id WHERE n.key IN ({}) LIMIT " + str(MOST_USING + 1)
        found = {document for (document,) in self._in(sql, keys)}
        return found if len(found) <= MOST_USING else None

    def _in(self, sql: str, values: Iterable[str]) -> list[tuple[Any, ...]]:
        """Rows of a statement with one list of values, however long."""
        values, rows = list(values), []
        for start in range(0, len(values), 1000):
            part = values[start : start + 1000]
            rows += self._rows(sql.format(", ".join("?" for _ in part)), part)
        return rows

    def _names_of(self, documents: tuple[str, ...]) -> Names:
        marks = ", ".join("?" for _ in documents)
        sql = (
            "SELECT DISTINCT n.kind, n.key, n.name FROM names n JOIN name_uses u ON u.name = n.id "
            f"WHERE u.document IN ({marks}) AND n.kind NOT IN ('organisation', 'department')"
        )
        codes = (
            f"SELECT DISTINCT 'project code', lower(printed), project_key FROM fact_names n JOIN facts f ON f.document = n.document AND f.number = n.fact "
            f"WHERE n.document IN ({marks}) AND n.[key] IN ('项目编码', '项目编号', '项目代码') AND n.own = 1 AND f.kind = 'field' AND length(printed) >= 8"
        )
        return Names(Name(*row) for row in (*self._rows(sql, documents), *self._rows(codes, documents)))

    def printing(self, word: str) -> frozenset[str]:
        """The documents that print a word (comparison form) in the name of a row, column, project, indicator or table."""
        sql = "SELECT DISTINCT u.document FROM names n JOIN name_uses u ON u.name = n.id WHERE n.key LIKE ? ESCAPE '\\'"
        return frozenset(r[0] for r in self._rows(sql, [f"%{_escape(word)}%"]))

    def facts(self, documents: Iterable[str], kinds: Sequence[str] = (), measures: Sequence[str] = (), tables: Sequence[int] = ()) -> list[FactRow]:
        """All facts of these documents (of these kinds, measures, tables if given), paper by paper in reading order; MOST_ROWS at most."""
        found: list[FactRow] = []
        for document in sorted(documents, key=lambda d: self._place.get(d, 0)):
            found += self._facts_of(document, tuple(kinds), tuple(measures), tuple(tables))
            if len(found) >= MOST_ROWS:
                break
        return found[:MOST_ROWS]

    def _facts_of(self, document: str, *wanted: tuple[Any, ...]) -> tuple[FactRow, ...]:
        """Facts of one document, kept for the next question about it: the last MOST_KEPT facts that were read."""
        facts = self._kept.pop((document, wanted), None)
        if facts is None:
            sql, values = f"SELECT {_COLUMNS} FROM facts WHERE document = ?", [document]
            for column, these in zip(("kind", "measure", "table_index"), wanted, strict=True):
                if these:
                    sql += f" AND {column} IN ({', '.join('?' for _ in these)})"
                    values += these
            facts = tuple(map(_fact, self._rows(sql + " ORDER BY number", values)))
            self._kept_facts += len(facts)
        self._kept[document, wanted] = facts
        while self._kept_facts > MOST_KEPT:
            self._kept_facts -= len(self._kept.pop(next(iter(self._kept))))
        return facts

    def named(self, documents: Iterable[str], keys: Iterable[str]) -> tuple[list[FactRow], str, list[Any]]:
        """Facts whose row, column, project, table or a level above carries one of these names, with the statement that found them."""
        documents, keys = list(documents), list(keys)
        if not documents or not keys:
            return [], "", []
        d, k = ", ".join("?" for _ in documents), ", ".join("?" for _ in keys)
        # The levels above a row or column are looked at inside few papers only: across a whole collection a fact's own names must do.
        own = "" if len(documents) <= MOST_SEARCHED_PAPERS else " AND own = 1"
        sql = (
            f"SELECT {_COLUMNS} FROM (SELECT DISTINCT document AS paper, fact FROM fact_names WHERE document IN ({d}) AND [key] IN ({k}){own}) AS named "
            "JOIN facts ON document = paper AND number = fact ORDER BY document, number"
        )
        values = [*documents, *keys]
        return self._by_paper(sql, values), sql, values

    def _by_paper(self, sql: str, values: Sequence[Any]) -> list[FactRow]:
        """Facts paper by paper, as `papers` is ordered: a document's id says nothing to a reader and changes with its folder."""
        return sorted(map(_fact, self._rows(sql, values)), key=lambda f: self._place.get(f.document, 0))

    def form_words(self, documents: Iterable[str]) -> dict[tuple[str, int | None], str]:
        """What the words of each project form say, by document and table: a name may stand in another field than the figure."""
        found: dict[tuple[str, int | None], list[str]] = {}
        for fact in self.facts(documents, kinds=("field",)):
            if fact.value is None:
                found.setdefault((fact.document, fact.table_index), []).append(key(fact.printed))
        return {place: "|".join(texts) for place, texts in found.items()}

    def siblings(self, fact: FactRow) -> list[FactRow]:
        """The facts of the same table row."""
        sql = f"SELECT {_COLUMNS} FROM facts WHERE document = ? AND table_index = ? AND row = ? ORDER BY number"
        return [_fact(r) for r in self._rows(sql, [fact.document, fact.table_index, fact.row])]

    def checks_on(self, document: str, numbers: Iterable[int]) -> list[tuple[str, str, str]]:
        """(kind, status, detail) of the checks that use one of these facts."""
        numbers = list(numbers)
        marks = ", ".join("?" for _ in numbers)
        sql = (
            "SELECT kind, status, detail FROM checks WHERE document = ? AND status != 'not_checkable' "
            f"AND number IN (SELECT [check] FROM check_facts WHERE document = ? AND fact IN ({marks})) ORDER BY number"
        )
        return list(dict.fromkeys(self._rows(sql, [document, document, *numbers])))

    def tables(self, documents: Iterable[str]) -> list[dict[str, Any]]:
        """The tables of these documents: document, index, number, title, key, unit, empty, line_start, page."""
        documents = list(documents)
        sql = (
            "SELECT document, [index], number, title, [key], unit, empty, notes, line_start, line_end, page FROM tables "
            f"WHERE document IN ({', '.join('?' for _ in documents)}) ORDER BY document, [index]"
        )
        names = ("document", "index", "number", "title", "key", "unit", "empty", "notes", "line_start", "line_end", "page")
        return [dict(zip(names, r, strict=True)) for r in self._rows(sql, documents)]


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


# Scoring


@dataclass(frozen=True, slots=True)
class Target:
    """What a look-up looks for: the items all of which the figure must answer, and its year, 口径, counted unit and table (None where not said); `money` whether only an amount will do."""

    mentions: tuple[Mention, ...]
    year: int | None = None
    stage: Stage | None = None
    scope: Scope | None = None
    organisations: tuple[str, ...] = ()
    measures: tuple[Measure, ...] = (Measure.AMOUNT, Measure.COUNT)
    counted: str | None = None
    sheet: Mention | None = None
    money: bool = False
    words: bool = False  # whether words in place of a figure will do (不单独编列)


@dataclass(frozen=True, slots=True)
class Found:
    """A fact that fits, how well, and whether it is the total of its row and column."""

    fact: FactRow
    score: float
    why: tuple[str, ...] = field(default_factory=tuple)


# Names that only say “the whole of it” or repeat the year and the 口径: an answer may come from there without being asked for by that name.
_TOTAL = re.compile(
    r"(?:(?:19|20)\d\d年?度?)?(?:本年|当年|本年度)?(?:年初)?(?:预算|决算|支出|收入)?(?:预算|决算)?(?:合计|总计|小计|总额|数|金额|总数|数额|数\(.*\))(?:\(.*元\))?"
    r"|本年(?:支出|收入)|项目金额(?:\(.*\))?|目标值|指标值|年度指标值|本年度?(?:项目|预算)?金额(?:\(.*\))?|年度预算(?:金额|数)(?:\(.*\))?|本年预算金额(?:\(.*\))?"
)
_YEAR_ONLY = re.compile(
    r"(?:19|20)\d\d年?度?(?:预算|决算)?(?:数|安排|执行|支出)?|(?:本年|上年|当年|去年|全年|年初|调整|调整后)(?:度)?(?:预算|决算|执行)?(?:数|金额)?|(?:预算|决算|执行|支出|收入|金额|调整预算)数?|[\d一二三四五六七八九十]+|栏次|行次|科目名称|项目|支出功能分类科目|经济分类科目"
)
_WHOLE = re.compile(r"合计|总计|小计|总额|(?:支出|收入|本年收入|本年支出)(?:合计|总计)")


_MAIN_FUND = re.compile(
    r"(?:政府|财政)?(?:预算)?一般公共预算(?:财政)?(?:拨款|资金|支出|收入)?(?:小计|合计)?|财政(?:预算)?拨款(?:小计|合计|收入|支出)?|政府预算拨款"
)
_PARTIAL = re.compile(r"^(?!.*(?:基本支出|三公|采购|机关运行|会议费)).*(?:一般公共预算|财政拨款)")
_OTHER_FUNDS = re.compile(r"政府性基金|国有资本|财政专户|转移支付|非税")
_POINTS = re.compile(r"分|权重")
_COUNTED_NAME = re.compile(r"数$|编制|人员|离休|退休|在编|车辆|保有量|批次|人次|数量")


def own_name(keys: Sequence[str], organisation: str = "") -> tuple[str, tuple[str, ...]]:
    """The name of a path that says what it is, and the levels above it: words that only say total, year or 口径 are passed over.

    >>> own_name(("公务用车购置及运行维护费", "小计"))
    ('公务用车购置及运行维护费', ())
    >>> own_name(("2021年预算数",))
    ('', ())
    """
    telling = [k for k in keys if k and not _YEAR_ONLY.fullmatch(k) and not _WHOLE.fullmatch(k) and k != organisation]
    return (telling[-1], tuple(telling[:-1])) if telling else ("", ())


def score(fact: FactRow, target: Target) -> Found | None:
    """How well a fact answers a target, or None when it does not.

    Every item must be met by the row, the column, the project or the table; what the question did not name must be a total.
    """
    if fact.measure not in target.measures and not (fact.measure == Measure.AMOUNT and Measure.AMOUNT in target.measures):
        return None
    if fact.measure == Measure.SCORE and target.counted != "分" and not any(_POINTS.search(f"{m.text}{m.label}") for m in target.mentions):
        return None
    if target.year is not None and fact.year is not None and fact.year != target.year:
        return None
    if target.stage is not None and fact.stage is not None and fact.stage != target.stage:
        return None
    row, above = own_name(fact.row_keys, fact.organisation_key)
    in_unit = target.counted and (counts_in(fact.unit, target.counted) or (target.counted == "分" and fact.measure == Measure.SCORE) or (target.counted == "辆" and fact.unit == "台" and "车" in row))
    if target.counted and not in_unit:
        return None
    if target.money and fact.measure != Measure.AMOUNT and fact.yuan is None:
        return None
    column, over = own_name(fact.column_keys)
    if fact.measure == Measure.COUNT and not target.counted and not (_COUNTED_NAME.search(row) or _COUNTED_NAME.search(column)):
        return None
    points, why = 0.0, []
    used_row = used_column = used_project = False
    for mention in target.mentions:
        concept = mention.concept
        if concept and not concept.field and fact.measure == Measure.TEXT and not target.words:
            return None
        in_table = bool(concept and concept.table and concept.table.search(fact.table_key))
        if concept and concept.inside and in_table and not row and not column and _inside(fact, concept):
            used_row = used_column = True
            gain, reason = 10.0, "表的总计"
        elif row and mention.fits(row):
            used_row, gain, reason = True, 10.0, "行"
        elif column and mention.fits(column):
            used_column, gain, reason = True, 10.0, "列"
        elif fact.project_key and mention.fits(fact.project_key):
            used_project, gain, reason = True, 9.0, "项目"
        elif concept and concept.sheet and concept.sheet.search(fact.table_key) and not row and not column:
            used_row = used_column = True
            gain, reason = 8.5, "表的合计"
        elif concept and concept.total and in_table and _whole_table(fact, concept, row, column, over):
            used_row = used_column = True
            gain, reason = (9.0 if column else 9.5), "表的合计"
        elif column and _MAIN_FUND.fullmatch(column) and over and mention.fits(over[-1]):
            # 公务接待费 | 一般公共预算: the item split by where the money comes from.
            used_column, gain, reason = True, 8.0, "列"
        elif any(mention.fits(k) for k in above):
            gain, reason = 4.0, "上级行"
        elif any(mention.fits(k) for k in over):
            gain, reason = 4.0, "上级列"
        elif any(mention.fits(k) for k in (*fact.row_keys, *fact.column_keys)):
            # A total named by its own word (支出总计) that own_name passed over.
            gain, reason = 9.0, "合计"
            used_row = used_row or any(mention.fits(k) for k in fact.row_keys)
            used_column = used_column or any(mention.fits(k) for k in fact.column_keys)
        elif mention.fits(fact.table_key) or (len(mention.text) >= 4 and mention.text in fact.table_key):
            gain, reason = 3.0, "表名"
        elif fact.code and mention.text == fact.code.lower():
            used_row, gain, reason = True, 10.0, "编码"
        elif concept and concept.total and in_table and len(target.mentions) > 1:
            gain, reason = 1.0, "表"  # 政府采购里的服务: the table is the 政府采购
        elif any(mention.fits(key(s)) for s in fact.section):
            gain, reason = 1.0, "章节"
        else:
            return None
        if concept:
            gain += 3.0 if in_table else 0.0
            # A table's name holds the words of a side that its figures need not have; beside an item a column says where its money comes from.
            itself = not reason.startswith(("表名", "章节")) and not (len(target.mentions) > 1 and reason in ("列", "上级列"))
            if itself and concept.side and fact.side and fact.side != concept.side:
                return None
            if itself and concept.side and fact.side == concept.side:
                gain += 1.0
        if not mention.exact:
            gain -= 1.0
        points += gain
        why.append(f"{mention.label}→{reason}")
    if why and all(reason.endswith(("→表", "→章节")) for reason in why):
        return None
    if fact.kind == "mentioned" and not used_project:
        return None  # an amount inside a project's long cell is no figure of the department
    if row and not used_row and row != fact.project_key:
        points -= 6.0
    if column and not used_column:
        points -= 0.4 if _TOTAL.fullmatch(column) else 2.0 if _MAIN_FUND.fullmatch(column) else 5.0
    if fact.project_key and not used_project and not (used_row and row == fact.project_key):
        points -= 5.0
    points += _preference(fact, target)
    return Found(fact, round(points, 2), tuple(why))


def _whole_table(fact: FactRow, concept: Concept, row: str, column: str, over: Sequence[str]) -> bool:
    """Whether a figure is the total of a table that is all about the concept (总计, or 总计 | 一般公共预算)."""
    holds_more = concept.besides and concept.besides.search(fact.table_key)
    return not row and not over and (not column or bool(_MAIN_FUND.fullmatch(column))) and not holds_more


def _inside(fact: FactRow, concept: Concept) -> bool:
    return any(concept.inside.fullmatch(k) for k in (fact.row_keys[-1:] + fact.column_keys[-1:]))  # type: ignore[union-attr]


def _preference(fact: FactRow, target: Target) -> float:
    points = {"table": 2.0, "field": 1.5, "indicator": 0.5, "stated": 0.0, "mentioned": -6.0}.get(fact.kind, 0.0)
    points += {"number": 0.5, "dash": -0.5, "blank": -7.0, "not_applicable": -0.5}.get(fact.state, -2.0)
    if fact.stage == Stage.FINAL and fact.measure in (Measure.TARGET, Measure.ACTUAL):
        points += 0.5 if fact.measure == Measure.ACTUAL else -1.5  # executed accounts are asked for what was reached
    if target.sheet is not None:
        table = fact.table_key
        number = "table number" in target.sheet.kinds and re.match(rf"{re.escape(target.sheet.text)}(?![\d-])", key(fact.table_label))
        there = bool(number) or table in target.sheet.keys or bool(target.sheet.concept and target.sheet.concept.table and target.sheet.concept.table.search(table))
        points += 4.0 if there else -4.0
    if target.scope is not None:
        points += 3.0 if fact.scope == target.scope else -3.0
    elif not target.organisations:
        points += {Scope.TOTAL: 1.0, Scope.OWN: 0.0, Scope.SUBUNIT: -4.0}[Scope(fact.scope)]
    if fact.side == Side.INCOME and not any(m.concept and m.concept.side == Side.INCOME for m in target.mentions):
        # An item of spending stands in 收入决算表 too, as what pays for it: never the answer where its spending is asked for (教育支出).
        points -= 2.0 if any("支出" in m.text for m in target.mentions) else 0.6
    if _OTHER_FUNDS.search(fact.table_key) and not any(_OTHER_FUNDS.search(m.label) for m in target.mentions):
        points -= 3.0  # a department's 政府性基金 or 国有资本 table is not what a plain question asks for
    if "采购" in fact.table_key and not any("采购" in m.label or "采购" in m.text for m in target.mentions):
        points -= 3.0  # what of it is bought is a part
    if _PARTIAL.search(fact.table_key) and not any(
        _PARTIAL.search(m.label) or (m.concept and m.concept.table and m.concept.table.search(fact.table_key)) for m in target.mentions
    ):
        points -= 1.8  # what 财政拨款 pays is a part; the table of everything answers a plain question
    if fact.part_of:
        points -= 0.3
    if fact.doubtful:
        points -= 0.5
    if len(fact.column_keys) > 2:
        points -= 0.1 * (len(fact.column_keys) - 2)
    return points


def best(facts: Iterable[FactRow], target: Target, slack: float = 1.6) -> list[Found]:
    """The facts that answer the target best: all within `slack` of the best, best first."""
    found = [f for f in (score(fact, target) for fact in facts) if f]
    if target.organisations:
        found = [f for f in found if any(is_body(f.fact, o) for o in target.organisations)]
    found.sort(key=lambda f: -f.score)  # facts come paper by paper: equal ones stay so
    return [f for f in found if f.score >= found[0].score - slack] if found else []


def is_body(fact: FactRow, body: str) -> bool:
    """Whether a fact's organisation is this body (comparison form), by its full or a short name."""
    bare = re.sub(r"\((?:本级|机关|本部|汇总)\)|本级$", "", fact.organisation_key)
    if widens(bare, body) or widens(body, bare):
        return False
    return bool(abbreviates(bare, body) or abbreviates(body, bare))
