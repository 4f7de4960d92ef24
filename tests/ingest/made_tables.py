"""Made-up tables for property tests: what a table means (`Made`), and how a paper prints it (`Page`), as tab-separated text or as ruled cells.

The words are those of real forms and of the 科目 classification, since a reader knows headings and rows by their words; everything else is drawn:
headings merged over one to four lines, code columns, units, years, 其中 rows, blanks, where a page cuts the table and what it does to the rows.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

from hypothesis import strategies as st

import ingest
from ingest.amounts import read_amount
from ingest.forms import subject_key
from ingest.records import Block, BlockKind, GridCell, Place

DEPARTMENT = "示例市档案局"
UNITS = ("示例市档案局", "示例市档案局本级", "示例市城建档案馆")
YEAR = 2024
_LEAVES = (
    *("基本支出", "项目支出", "人员经费", "公用经费", "上缴上级支出", "事业单位经营支出", "对附属单位补助支出", "上年结转", "事业收入", "经营收入"),
    *("一般公共预算拨款", "政府性基金预算拨款", "国有资本经营预算拨款", "财政专户管理资金", "上级补助收入", "其他收入"),
)
_GROUPS = ("本年收入", "财政拨款", "单位资金", "本年支出", "财政预算拨款", "其他资金", "用事业基金弥补的支出", "专项资金")
_TITLES = ("支出明细表", "经费安排表", "一般公共预算支出表", "政府性基金预算支出表", "部门支出总表")
_ITEMS = (
    "档案整理",
    "库房维护",
    "馆藏数字化",
    "展览宣传",
    "设备更新",
    "业务培训",
    "史料征集",
    "编研出版",
    "安全保卫",
    "网络运行",
    "志愿服务",
    "文献修复",
)


@dataclass(frozen=True)
class Row:
    """One row: its path of labels, code, organisation, year and the figures as printed, one for each value column."""

    path: tuple[str, ...]
    values: tuple[str, ...]
    code: str = ""
    unit: str = DEPARTMENT
    year: int = YEAR
    own: bool = False  # the organisation's own row: no label, its name stands in the column of units


@dataclass(frozen=True)
class Made:
    """A table's meaning: caption, heading paths over the value columns, rows."""

    title: str
    unit: str
    columns: tuple[tuple[str, ...], ...]
    rows: tuple[Row, ...]
    naming: tuple[str, ...]  # the columns left of the figures: unit, code, codes (类 款 项 apart), label, year
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Page:
    """How a table is printed: where a page cuts it (0: nowhere) and what stands on the next page; what the cut does to the rows after it."""

    cut: int = 0
    repeated: str = "nothing"  # nothing, header, caption, number
    shift: int = 0  # empty cells before the rows after the cut (text only)
    trailing: int = 0  # empty cells after every row (text only)
    split_codes: bool = True  # 类 款 项: each row prints only its own part
    separate_unit: bool = False  # 单位： and 万元 on two lines
    spaced: bool = False  # blanks inside the headings, as narrow columns force them
    torn: tuple[int, str] | None = None  # a row whose name is broken over two lines, and the line its figures stand on: first, second


# -- what a table means


def _printed(value: Decimal, places: int, commas: bool) -> str:
    return f"{value:,.{places}f}" if commas else f"{value:.{places}f}"


@st.composite
def headings(draw: st.DrawFn, most: int = 7) -> tuple[tuple[str, ...], ...]:
    """Heading paths over one to `most` columns, one to four deep; a group may begin with its 小计, the whole with its 合计."""
    leaves, groups = draw(st.permutations(_LEAVES)), draw(st.permutations(_GROUPS))

    def tree(depth: int) -> list[tuple[str, ...]]:
        if depth == 0 or not groups or draw(st.booleans()):
            return [(leaves.pop(),)] if leaves else []
        head = groups.pop()
        children = [path for _ in range(draw(st.integers(1, 2))) for path in tree(depth - 1)]
        if len(children) < 2 or draw(st.booleans()):
            children = [("小计",), *children]
        return [(head, *path) for path in children]

    paths = [path for _ in range(draw(st.integers(1, 3))) for path in tree(draw(st.integers(0, 3)))][:most]
    return (("合计",), *paths) if draw(st.booleans()) else tuple(paths)


@st.composite
def figures(draw: st.DrawFn, columns: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
    """A row of figures: blanks, dashes, zeros, with or without commas and decimals; 小计 and 合计 are the sums of what stands beside them."""
    places, commas = draw(st.sampled_from([0, 2])), draw(st.booleans())
    blank, nothing = object(), draw(st.sampled_from(["", "", "—", "0"]))
    drawn: dict[tuple[str, ...], Decimal | object] = {}
    for path in columns:
        if path[-1] not in {"小计", "合计"}:
            value = Decimal(draw(st.integers(0, 9_999_999))).scaleb(-places)
            drawn[path] = value if draw(st.integers(0, 3)) else blank
    for path in columns:
        if path[-1] in {"小计", "合计"}:
            parts = [v for p, v in drawn.items() if p[: len(path) - 1] == path[:-1] and isinstance(v, Decimal)]
            drawn[path] = sum(parts, Decimal(0)) if parts else blank
    return tuple(nothing if drawn[p] is blank else _printed(drawn[p], places, commas) for p in columns)


@cache
def classification(first: str) -> tuple[tuple[str, str], ...]:
    """(code, name) of the 功能分类 (first digit 2) or the 部门经济分类 (3), sorted by code."""
    with (Path(ingest.__file__).parent / "classification.csv").open(encoding="utf-8", newline="") as file:
        return tuple(sorted((e["code"], e["name"]) for e in csv.DictReader(file) if e["code"][0] == first and len(e["code"]) <= 7))


@st.composite
def subjects(draw: st.DrawFn, first: str = "") -> list[tuple[str, str]]:
    """Some 科目 in the order of their codes, each with the 类 and 款 above it; of the classification with that first digit."""
    known = dict(classification(first or draw(st.sampled_from("23"))))
    deepest = max(map(len, known))
    lowest = [c for c in known if len(c) == deepest and all(c[:n] in known for n in range(3, deepest, 2))]
    chosen = draw(st.lists(st.sampled_from(lowest), min_size=1, max_size=4, unique=True))
    codes = sorted({c[:n] for c in chosen for n in (3, 5, 7) if c[:n] in known})
    return [(code, known[code]) for code in codes]


def _below(codes: Sequence[tuple[str, str]], code: str) -> tuple[str, ...]:
    """The names of the 科目 above a code and its own."""
    return tuple(name for other, name in codes if code.startswith(other))


@st.composite
def subject_tables(draw: st.DrawFn) -> Made:
    """科目 by codes, in one column or three, for the department or for each of its units."""
    columns = draw(headings())
    naming = ("codes" if draw(st.booleans()) else "code", "label")
    several = draw(st.booleans())
    rows = [Row(("合计",), draw(figures(columns)))] if not several and draw(st.booleans()) else []
    for unit in UNITS[: draw(st.integers(2, 3))] if several else UNITS[:1]:
        if several:
            rows.append(Row((unit,), draw(figures(columns)), unit=unit, own=True))
        listed = draw(subjects())
        rows += [Row(_below(listed, code), draw(figures(columns)), code, unit) for code, _ in listed]
    notes = draw(st.sampled_from([(), ("注：本表金额单位转换时可能存在尾数误差。",)]))
    return Made(draw(st.sampled_from(_TITLES)), draw(_money()), columns, tuple(rows), (*(("unit",) if several else ()), *naming), notes)


def _money() -> st.SearchStrategy[str]:
    return st.sampled_from(["万元", "元"])


@st.composite
def item_tables(draw: st.DrawFn) -> Made:
    """Rows named by words: numbered over two levels, with 其中 rows, or not numbered at all."""
    columns = draw(headings())
    items = iter(draw(st.permutations(_ITEMS)))
    rows: list[Row] = []
    numbered = draw(st.booleans())
    for n in range(draw(st.integers(1, 3))):
        top = f"{'一二三'[n]}、{next(items)}" if numbered else next(items)
        rows.append(Row((top,), draw(figures(columns))))
        for m in range(draw(st.integers(0, 2)) if numbered else 0):
            rows.append(Row((top, f"（{'一二'[m]}）{next(items)}"), draw(figures(columns))))
        if draw(st.integers(0, 3)) == 0:
            rows.append(Row((*rows[-1].path, f"其中：{next(items)}"), draw(figures(columns))))
    return Made(draw(st.sampled_from(_TITLES[:2])), draw(_money()), columns, tuple(rows), ("label",))


@st.composite
def year_tables(draw: st.DrawFn) -> Made:
    """Rows by year under a unit that is printed once."""
    columns = draw(headings())
    rows = [
        Row((unit,), draw(figures(columns)), unit=unit, year=year, own=True) for unit in UNITS[: draw(st.integers(1, 3))] for year in (YEAR - 1, YEAR)
    ]
    return Made("一般公共预算“三公”经费支出表", draw(_money()), columns, tuple(rows), ("unit", "year"))


@st.composite
def pages(draw: st.DrawFn, made: Made) -> Page:
    """A way to print a table."""
    cut = draw(st.integers(0, len(made.rows) - 1))
    shiftable = cut and all(any(_is_amount(v) for v in row.values) for row in made.rows[cut:])  # words alone do not tell where they stood
    return Page(
        cut,
        draw(st.sampled_from(["nothing", "header", "caption", "number"])),
        draw(st.sampled_from([0, 0, 1, 2])) if shiftable else 0,
        draw(st.sampled_from([0, 0, 1])),
        draw(st.booleans()),
        draw(st.booleans()),
        draw(st.booleans()),
        draw(torn_names(made)),
    )


@st.composite
def torn_names(draw: st.DrawFn, made: Made) -> tuple[int, str] | None:
    """A row whose name two lines share: one that the classification knows as a whole and not by its first half."""
    known = {subject_key(name) for first in "23" for _, name in classification(first)}
    rows = [n for n, r in enumerate(made.rows) if r.code and subject_key(_halves(r.path[-1])[0]) not in known]
    return draw(st.none() | st.tuples(st.sampled_from(rows), st.sampled_from(["first", "second"]))) if rows else None


def _halves(name: str) -> tuple[str, str]:
    return name[: len(name) // 2], name[len(name) // 2 :]


# -- how it is printed: first as cells, (words, columns covered, rows covered) or None for what a cell covers


Printed = tuple[str, int, int] | None
_NAMES = {"unit": ["预算单位"], "code": ["科目编码"], "codes": ["类", "款", "项"], "label": ["科目名称"], "year": ["年度"]}


def header_cells(made: Made) -> list[list[Printed]]:
    """The header lines."""
    depth = max(len(p) for p in made.columns)
    depth = max(depth, 2) if "codes" in made.naming else depth
    lines: list[list[Printed]] = [[] for _ in range(depth)]
    for name in made.naming:
        if name == "codes":
            lines[0] += [("科目编码", 3, 1), None, None]
            for line in lines[1:2]:
                line += [(part, 1, depth - 1) for part in _NAMES["codes"]]
            for line in lines[2:]:
                line += [None] * 3
            continue
        words = "项目" if name == "label" and made.naming == ("label",) else _NAMES[name][0]
        for n, line in enumerate(lines):
            line.append((words, 1, depth) if n == 0 else None)
    for level, line in enumerate(lines):
        for c, path in enumerate(made.columns):
            before = made.columns[c - 1] if c else ()
            if level >= len(path) or before[: level + 1] == path[: level + 1]:
                line.append(None)
                continue
            across = sum(p[: level + 1] == path[: level + 1] for p in made.columns[c:])
            line.append((path[level], across, depth - level if level == len(path) - 1 else 1))
    return lines


def body_cells(made: Made, page: Page) -> list[list[str]]:
    """The rows' words, column by column."""
    found: list[list[str]] = []
    for n, row in enumerate(made.rows):
        cells: list[str] = []
        for name in made.naming:
            if name == "unit":
                cells.append(row.unit if row.own and (n == 0 or made.rows[n - 1].unit != row.unit) else "")
            elif name == "year":
                cells.append(f"{row.year}年")
            elif name == "code":
                cells.append(row.code)
            elif name == "codes":
                cells += _three(row.code, page.split_codes)
            else:
                cells.append("" if row.own else row.path[-1])
        found.append([*cells, *row.values])
    return found


def _three(code: str, split: bool) -> list[str]:
    parts = [code[:3], code[3:5], code[5:7]]
    if not split or not code:
        return parts
    last = max(i for i, p in enumerate(parts) if p)
    return [p if i == last else "" for i, p in enumerate(parts)]


def as_text(made: Made, page: Page) -> str:
    """A text paper: cells separated by tabs, merged cells once and then blanks, an empty line where a page ends."""
    unit = ["单位：", made.unit] if page.separate_unit else [f"单位：{made.unit}"]
    caption = ["表 1", "", made.title, "", *unit, ""]
    header = ["\t".join(_spaced(cell[0], page) if cell else "" for cell in line) for line in header_cells(made)]
    rows = [_torn(cells, made, page) if page.torn and page.torn[0] == n else [cells] for n, cells in enumerate(body_cells(made, page))]
    cut = page.cut or len(rows)
    lines = [*caption, *header, *_tabbed(rows[:cut], "", page.trailing)]
    if page.cut:
        again = {"nothing": [], "header": header, "caption": [*caption, *header], "number": ["- 7 -", ""]}
        lines += ["", *again[page.repeated], *_tabbed(rows[cut:], "\t" * page.shift, page.trailing)]
    return "\n".join([*lines, "", *made.notes, ""])


def _tabbed(rows: Sequence[list[list[str]]], before: str, trailing: int) -> list[str]:
    return [before + "\t".join(cells) + "\t" * trailing for lines in rows for cells in lines]


def _spaced(heading: str, page: Page) -> str:
    return " ".join(_halves(heading)) if page.spaced and len(heading) > 1 else heading


def _torn(cells: list[str], made: Made, page: Page) -> list[list[str]]:
    """A row as two lines that share its name."""
    at = len(cells) - len(made.columns) - 1
    upper, lower = _halves(cells[at])
    blank = [""] * len(cells)
    if page.torn and page.torn[1] == "first":
        return [[*cells[:at], upper, *cells[at + 1 :]], [*blank[:at], lower, *blank[at + 1 :]]]
    return [[*blank[:at], upper, *blank[at + 1 :]], [*cells[:at], lower, *cells[at + 1 :]]]


def as_grid(made: Made, page: Page) -> list[Block]:
    """A ruled table as PDF, Word or HTML give it: every cell with its extent and its box, columns 50 points apart."""
    header = header_cells(made)
    rows: list[list[Printed]] = [[(text, 1, 1) for text in row] for row in body_cells(made, page)]
    caption = (made.title, f"单位：{made.unit}")
    first, second = (rows[: page.cut], rows[page.cut :]) if page.cut else (rows, [])
    blocks = [*_lines(caption, 1), *_ruled([*header, *first], 1)]
    if second:
        again = header if page.repeated in {"header", "caption"} else []
        blocks += [*_lines(["- 7 -"] if page.repeated == "number" else [], 1), Block(BlockKind.BREAK, "", Place(page=1))]
        blocks += [*_lines(caption if page.repeated == "caption" else (), 2), *_ruled([*again, *second], 2)]
    return [*blocks, *_lines(made.notes, 2)]


def _lines(texts: Sequence[str], page: int) -> list[Block]:
    return [Block(BlockKind.LINE, t, Place(page=page)) for t in texts]


def _ruled(rows: Sequence[Sequence[Printed]], page: int) -> list[Block]:
    blocks = []
    for n, row in enumerate(rows):
        cells = []
        for c, cell in enumerate(row):
            text, across, down = cell or ("", 1, 1)
            box = (c * 50.0, n * 10.0, (c + across) * 50.0, (n + down) * 10.0)
            cells.append(GridCell(text, Place(page=page, bbox=box) if cell else None, across, down))
        blocks.append(Block(BlockKind.ROW, " | ".join(c.text for c in cells), Place(page=page), tuple(cells), grid=page))
    return blocks


# -- what a reader should make of it


def meaning(made: Made) -> list[tuple[str, ...]]:
    """(row path, heading path, code, organisation, year, unit, print) of every figure, blank ones too, in reading order."""
    return [
        ("/".join(row.path), "/".join(path), row.code, row.unit, str(row.year), made.unit if _is_amount(printed) else "", printed)
        for row in made.rows
        for path, printed in zip(made.columns, row.values, strict=True)
    ]


def _is_amount(printed: str) -> bool:
    return read_amount(printed).value is not None


# -- tables of two sides: two lists that have nothing to do with each other


@dataclass(frozen=True)
class Sides:
    """收入 left, 支出 right: each a list of (row path, figures); a side's list may be shorter, its totals stand below the longer one."""

    columns: tuple[str, ...]  # of the right side; the left has one
    left: tuple[Row, ...]
    right: tuple[Row, ...]
    left_totals: tuple[Row, ...]
    right_totals: tuple[Row, ...]
    unit: str


_INCOME = ("一、一般公共预算拨款", "二、政府性基金预算拨款", "三、国有资本经营预算拨款", "四、财政专户管理资金", "五、事业收入", "六、其他收入")


@st.composite
def sides(draw: st.DrawFn) -> Sides:
    """A 收支总表."""
    columns = draw(st.sampled_from([("2024年预算数",), ("合计", "基本支出", "项目支出")]))
    paths = tuple((c,) for c in columns)
    left = [Row((name,), draw(figures((("2024年预算数",),)))) for name in _INCOME[: draw(st.integers(1, 6))]]
    right: list[Row] = []
    known = dict(classification("2"))
    tops = [c for c in known if len(c) == 3 and not _repeats(c, known)]
    for n, top in enumerate(sorted(draw(st.lists(st.sampled_from(tops), min_size=1, max_size=3, unique=True)))):
        head = f"{'一二三'[n]}、{known[top]}"
        right.append(Row((head,), draw(figures(paths))))
        middle = next(c for c in known if len(c) == 5 and c.startswith(top))
        lowest = next(c for c in known if len(c) == 7 and c.startswith(middle))
        if draw(st.booleans()):
            right += [Row((head, known[middle]), draw(figures(paths))), Row((head, known[middle], known[lowest]), draw(figures(paths)))]
    totals = [("本年收入合计", "本年支出合计"), ("上年结余、结转", "结转下年"), ("收入总计", "支出总计")][draw(st.integers(0, 1)) :]
    left_totals = [Row((a,), draw(figures((("2024年预算数",),)))) for a, _ in totals]
    right_totals = [Row((b,), draw(figures(paths))) for _, b in totals]
    return Sides(columns, tuple(left), tuple(right), tuple(left_totals), tuple(right_totals), draw(_money()))


def _repeats(top: str, known: dict[str, str]) -> bool:
    """Whether a 类 has no 款 and 项 in the list, or one that is named like a 类 itself: then names alone do not tell the level."""
    middle = [c for c in known if len(c) == 5 and c.startswith(top)]
    lowest = [c for c in known if len(c) == 7 and middle and c.startswith(middle[0])]
    tops = {subject_key(name) for code, name in known.items() if len(code) == 3}
    names = [subject_key(known[c]) for c in (*middle[:1], *lowest[:1])]
    return len(names) < 2 or names[0] == names[1] or any(name in tops for name in names)


def sides_cells(table: Sides) -> tuple[list[list[Printed]], list[list[str]]]:
    """(header, rows) of a table of two sides."""
    width = len(table.columns)
    header: list[list[Printed]] = [
        [("收入", 2, 1), None, ("支出", 1 + width, 1), *[None] * width],
        [("项目", 1, 1), ("2024年预算数", 1, 1), ("项目", 1, 1), *((c, 1, 1) for c in table.columns)],
    ]
    depth = max(len(table.left), len(table.right))
    left = [*_list_of(table.left, 1, depth), *_list_of(table.left_totals, 1, 0)]
    right = [*_list_of(table.right, width, depth), *_list_of(table.right_totals, width, 0)]
    return header, [[*a, *b] for a, b in zip(left, right, strict=True)]


def _list_of(rows: Sequence[Row], width: int, depth: int) -> list[list[str]]:
    found = [[r.path[-1], *r.values] for r in rows]
    return found + [[""] * (1 + width)] * (depth - len(found))


def sides_as_text(table: Sides, page: Page) -> str:
    """A text paper with a 收支总表; the rows after a page's end may be shifted."""
    header, rows = sides_cells(table)
    lines = ["\t".join(_spaced(cell[0], page) if cell else "" for cell in line) for line in header]
    cut = min(page.cut, len(rows)) or len(rows)
    body = ["\t".join(r) for r in rows[:cut]] + ([""] if cut < len(rows) else []) + ["\t" * page.shift + "\t".join(r) for r in rows[cut:]]
    return "\n".join(["表 1", "", "收支总表", "", f"单位：{table.unit}", "", *lines, *body, ""])


def sides_as_grid(table: Sides) -> list[Block]:
    """The same as ruled cells."""
    header, rows = sides_cells(table)
    return [*_lines(["收支总表", f"单位：{table.unit}"], 1), *_ruled([*header, *([(t, 1, 1) for t in r] for r in rows)], 1)]


def sides_meaning(table: Sides) -> list[tuple[str, ...]]:
    """(side, row path, heading, unit, print) of every figure, row by row, the left side first."""
    depth = max(len(table.left), len(table.right))
    found: list[tuple[int, str, Row]] = [(n, "收入", r) for n, r in enumerate(table.left)]
    found += [(depth + n, "收入", r) for n, r in enumerate(table.left_totals)]
    found += [(n, "支出", r) for n, r in enumerate(table.right)] + [(depth + n, "支出", r) for n, r in enumerate(table.right_totals)]
    found.sort(key=lambda entry: entry[0])
    return [
        (side, "/".join(row.path), heading, table.unit if _is_amount(printed) else "", printed)
        for _, side, row in found
        for heading, printed in zip(("2024年预算数",) if side == "收入" else table.columns, row.values, strict=True)
    ]
