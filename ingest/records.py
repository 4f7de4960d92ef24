"""What passes between the stations of the ingest path: frozen records, and with them the glossary.

Every Chinese term of the field stands once, in the docstring of the type that carries it. Records import nothing of ours
but `ingest.amounts`, and hold no behaviour beyond small derived properties.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from ingest.amounts import Amount


class Unreadable(Exception):
    """A file that cannot become a paper. `str(error)` is one Chinese sentence that says what to do; it is shown to the user."""


class PaperKind(StrEnum):
    """What a paper is: 部门预算 (planned), 部门决算 (executed), 项目绩效目标 (targets of projects), or none of them."""

    BUDGET = "预算"
    FINAL = "决算"
    TARGETS = "绩效目标"
    OTHER = "其他"


class Stage(StrEnum):
    """Which 口径 an amount has in time: 年初预算/预算数, 调整预算数, 决算数 (executed)."""

    BUDGET = "预算"
    ADJUSTED = "调整预算"
    FINAL = "决算"


class Scope(StrEnum):
    """Whose amount it is: 汇总 (the department with all its units), 本级 (its own office), 下属单位 (a unit below it)."""

    TOTAL = "汇总"
    OWN = "本级"
    SUBUNIT = "下属单位"


class Side(StrEnum):
    """收入 or 支出."""

    INCOME = "收入"
    SPENDING = "支出"


class Measure(StrEnum):
    """What a figure measures.

    AMOUNT money; CHANGE 增减额 against another year (positive is 增加, negative 减少); RATE a percentage (增长率, 执行率, 占比);
    COUNT things or people (辆, 人, 批次, 个); TARGET an indicator's 目标值/指标值 as printed (may be words); ACTUAL an indicator's 业绩值/完成值;
    SCORE 得分 or 权重; TEXT a field of a form whose value is words (政策依据, 实施期限 …).
    """

    AMOUNT = "金额"
    CHANGE = "增减"
    RATE = "比率"
    COUNT = "数量"
    TARGET = "目标值"
    ACTUAL = "完成值"
    SCORE = "分值"
    TEXT = "文字"


class FactKind(StrEnum):
    """Where a fact comes from.

    TABLE a cell of a statutory table; FIELD a key–value field of a project form; INDICATOR a row of a 绩效指标 table;
    STATED an amount in prose, with its sentence; MENTIONED an amount inside a form's long cell (测算依据 …), never mixed with table facts.
    """

    TABLE = "table"
    FIELD = "field"
    INDICATOR = "indicator"
    STATED = "stated"
    MENTIONED = "mentioned"


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in the original file; only what the format has is set.

    Lines and pages count from 1. `bbox` is (x0, top, x1, bottom) in PDF points from the page's upper left corner.
    `sheet` and `cell` ("B7") are for workbooks.
    """

    line_start: int | None = None
    line_end: int | None = None
    page: int | None = None
    bbox: tuple[float, float, float, float] | None = None
    sheet: str | None = None
    cell: str | None = None

    def to(self, last: Place) -> Place:
        """The place from the start of this one to the end of `last` (the page and sheet are this one's)."""
        box = self.bbox
        if box and last.bbox and last.page == self.page:
            a, b = self.bbox, last.bbox
            box = (min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3]))
        return Place(self.line_start, last.line_end or self.line_end, self.page, box, self.sheet, self.cell)


@dataclass(frozen=True, slots=True)
class GridCell:
    """One cell of a row as the file has it, before anything is understood. `text` is the source's own characters, markup removed."""

    text: str
    place: Place | None = None  # None: the row's place
    colspan: int = 1
    rowspan: int = 1


Lines = Sequence[tuple[int, Place]]  # of a text put together from lines: where in it each begins, and the place of it
Turns = tuple[tuple[int, Place], ...]  # of a text that runs over pages: where in it each page begins, and the place there; () on one page


def turns(lines: Lines) -> Turns:
    """Where a text of these lines turns a page; () when it stands on one page, or the format has none."""
    found: list[tuple[int, Place]] = []
    for start, place in lines:
        if found and place.page == found[-1][1].page:
            found[-1] = (found[-1][0], found[-1][1].to(place))
        else:
            found.append((start, place))
    return tuple(found) if len(found) > 1 else ()


def lines_within(lines: Lines, start: int, end: int) -> list[tuple[int, Place]]:
    """The lines (or pages, of `Turns`) that hold text[start:end], as they begin in that piece."""
    first = max((n for n, (at, _) in enumerate(lines) if at <= start), default=0)
    return [(max(at, start) - start, place) for at, place in lines[first:] if at < max(end, start + 1)]


class BlockKind(StrEnum):
    """LINE a line or paragraph of text; ROW a table row; BREAK a blank line or a page's end (keeps apart what it stands between)."""

    LINE = "line"
    ROW = "row"
    BREAK = "break"


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of a paper in reading order: what a loader gives.

    `text` holds the source's own characters (a row: its cells joined by " | "). `grid` numbers the ruled table a row belongs to in
    formats that know (PDF, Word, Excel, HTML; rows of one number have aligned columns); text files leave it None.
    `level` is a heading level where the format states it (Markdown #, Word style). `ocr` marks text read from an image.
    """

    kind: BlockKind
    text: str
    place: Place
    cells: tuple[GridCell, ...] = ()
    grid: int | None = None
    level: int | None = None
    ocr: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that was skipped or doubted, in one Chinese sentence for the report; `kind` groups them (skipped, doubtful, not_understood)."""

    kind: str
    detail: str
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class Loaded:
    """A file as blocks. `format` is txt, md, pdf, docx, xlsx, xls, html, csv; `lines`/`pages` are counts where the format has them."""

    format: str
    blocks: tuple[Block, ...]
    lines: int | None = None
    pages: int | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Identity:
    """What a paper says of itself: title, department (部门/单位, as printed in full), year it is for, kind, and whether it is the 本级 paper."""

    title: str
    department: str
    year: int | None
    kind: PaperKind
    scope: Scope = Scope.TOTAL


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with its path from the outermost part (第一部分 / 一、 / （一）/ 1.). `number` counts from 0 in reading order."""

    number: int
    level: int
    title: str
    path: tuple[str, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table after reading: `row` and `column` count from 0 in the table.

    `role` is header, label, code, unit (预算单位), year (年度), project (项目名称), order (行次), text, value, field (a form's
    field name, its value stands in the next column), caption (the project the whole table is about), note or empty. `turns`: where `text` goes
    on on another page.
    """

    row: int
    column: int
    text: str
    role: str
    place: Place
    turns: Turns = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table found and named.

    `number` is the printed one (“表12”, “公开07表”), `title` its own name (“一般公共预算“三公”经费支出表”), `form` the registry's key when the form
    was recognised (else ""), `unit` the printed unit (“万元”), `columns` the column paths (outermost first) of the value columns by column index.
    `empty` marks a table that stands in the paper and holds no figure (“无”, blank). `doubtful` says why its figures are not to be trusted.
    """

    index: int
    number: str
    title: str
    form: str
    unit: str
    organisation: str
    section: tuple[str, ...]
    place: Place
    cells: tuple[Cell, ...]
    columns: dict[int, tuple[str, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    empty: bool = False
    doubtful: str = ""
    quotes: tuple[str, ...] = ()  # the source's own characters of every row, by row number

    @property
    def label(self) -> str:
        """How the table is named in a citation: “表12 一般公共预算“三公”经费支出表”."""
        return f"{self.number} {self.title}".strip()


@dataclass(frozen=True, slots=True)
class Fact:
    """One figure (or one field's words) with its whole meaning and its place.

    `rows` is the row path, outermost first, the printed row label last (科目 under 类/款/项, a unit before its rows, a year row's unit);
    `columns` the column path. `code` is the 科目编码/采购品目 of the row. `organisation` is the unit whose figure it is, as printed,
    `scope` 汇总/本级/下属单位. `year` is the year the figure is for (上年预算数 of a 2021 paper: 2020); `stage` 预算/决算. `project` names the
    project of a project form or project row. `table` is the table's index, None for prose. `quote` is the source's own characters on `place`.
    `change_of`/… live in `columns`/`rows` as printed; `measure` says what the figure measures. `doubtful` says why not to trust it.
    `turns`: where `quote` goes on on another page.
    """

    kind: FactKind
    amount: Amount
    measure: Measure
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    organisation: str
    scope: Scope
    year: int | None
    stage: Stage | None
    place: Place
    quote: str
    side: Side | None = None
    code: str = ""
    project: str = ""
    section: tuple[str, ...] = ()
    table: int | None = None
    row: int | None = None
    column: int | None = None
    part_of: bool = False  # a 其中 row or column: already inside its parent's sum
    doubtful: str = ""
    turns: Turns = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """A fact as the store holds it: the id of its document, its number there, and the form and name of its table ("" in prose)."""

    document: str
    number: int
    fact: Fact
    form: str = ""
    table: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of prose (or a form's long cell) for search: whole sentences under their heading path. `field` names a form's field (政策依据 …).

    `turns`: where `text` goes on on another page.
    """

    text: str
    path: tuple[str, ...]
    place: Place
    project: str = ""
    field: str = ""
    turns: Turns = ()


class CheckStatus(StrEnum):
    """A 勾稽关系 evaluated: it holds, it is broken, or its figures are not all there."""

    OK = "ok"
    BROKEN = "broken"
    NOT_CHECKABLE = "not_checkable"


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a paper and where they stand: what a check points to that is no figure (an entry of the 目录, a table's title, a heading)."""

    text: str
    place: Place


BETWEEN = "between"  # the kind of a check between the papers of two years


@dataclass(frozen=True, slots=True)
class Check:
    """One identity of the accounts evaluated on one paper.

    `kind` is sum, equal, change, rate …; `detail` shows it in Chinese with its figures (“0 + 5 + 4 = 9”); `expected` and `found` are printed
    amounts with unit; `facts` are indexes into the reading's facts (operands first, total last), `quotes` words of the paper. `others` are
    figures of another paper, as (id of its document, index of the fact): only a check between two papers has them.
    """

    kind: str
    status: CheckStatus
    detail: str
    expected: str = ""
    found: str = ""
    facts: tuple[int, ...] = ()
    quotes: tuple[Quote, ...] = ()
    others: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything read from one paper: what the stores save and the report shows."""

    name: str
    sha256: str
    size: int
    loaded: Loaded
    identity: Identity
    sections: tuple[Section, ...]
    tables: tuple[Table, ...]
    facts: tuple[Fact, ...]
    passages: tuple[Passage, ...]
    checks: tuple[Check, ...]
    problems: tuple[Problem, ...]
