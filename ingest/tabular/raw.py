"""Tables that lost their cells (raw PDF text: one cell a line, or several glued) -> rows, by the known columns of the form.

A form is found by its title beside 公开NN表 or a unit line; its lines become tokens (figures, codes, words), and the form's way of
reading (`lines` in forms.toml) puts them into rows: sides (two lists with 行次), codes (科目 with n figures), panels (code/name/figure side by
side), numbers (one row of n figures), funding (资金安排和使用情况表) and scores (自评价评分表).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import combinations

from ingest.arithmetic import column_sums, holds
from ingest.forms import Form, Paths, recognise
from ingest.records import Block, BlockKind, Cell, Place, Problem, Table
from ingest.tabular.regions import name_region, region_of_caption
from ingest.tabular.scores import read_scores
from ingest.wording import squeeze

_TOKEN = re.compile(r"(?P<amount>-?\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|-?\d+\.\d{1,2})|(?P<integer>\d+)|(?P<word>[^\s\d]+)")
_OPEN = re.compile(r"公\s*开\s*\d{1,2}\s*表")
_UNIT_LINE = re.compile(r"(?:金额)?单位\s*[:：]?\s*(?:万元|元|千元|亿元)\s*$")
_NOTE = re.compile(r"^注\s*[:：]")
_HEADING = re.compile(r"^(?:第[一二三四五六七八九十]+部分|[一二三四五六七八九十]+、.{4,40}(?:情况说明|名词解释|概况|决算表)|附件\s*\d|综合结论)")
_FORMULA = re.compile(r"^[()\d=\-/\s]*[(=)][()\d=\-/\s]*$")
_CODE_LENGTHS = {3, 5, 7, 9}
_DASHED_PAGE = re.compile(r"^[-－—–]\s*\d{1,4}\s*[-－—–]$")  # a bare number may be the end of a split figure


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a line: `kind` is amount, integer or word; `line` the index of its block."""

    kind: str
    text: str
    line: int


@dataclass
class RawRow:
    """A row being put together: cells by column and the lines it came from."""

    cells: dict[int, str] = field(default_factory=dict)
    lines: set[int] = field(default_factory=set)

    def add(self, column: int, token: Token, *, words: bool = False) -> None:
        self.cells[column] = self.cells.get(column, "") + token.text if words else token.text
        self.lines.add(token.line)


@dataclass(frozen=True, slots=True)
class RawRegion:
    """The lines of one such form: caption, body and notes, as block indexes."""

    form: Form
    title: int
    caption: tuple[int, ...]
    body: tuple[int, ...]
    notes: tuple[int, ...]


def raw_tables(blocks: Sequence[Block], used: set[int]) -> list[tuple[Table, frozenset[int], list[Problem]]]:
    """Every such table with the blocks it covers and what was not understood in it."""
    found = []
    for region in _regions(blocks, used):
        read = _READERS.get(region.form.lines)
        if read is None:
            continue
        for table in read(region, blocks):
            covered = frozenset((region.title, *region.caption, *region.body, *region.notes))
            found.append((table, covered, []))
    return found


def _regions(blocks: Sequence[Block], used: set[int]) -> Iterable[RawRegion]:
    lines = [i for i, b in enumerate(blocks) if b.kind is BlockKind.LINE and i not in used and not _DASHED_PAGE.match(b.text.strip())]
    starts = [(p, form) for p, form in ((p, _form_at(blocks, lines, p)) for p in range(len(lines))) if form is not None]
    for order, (position, form) in enumerate(starts):
        limit = starts[order + 1][0] if order + 1 < len(starts) else len(lines)
        body: list[int] = []
        notes: list[int] = []
        caption: list[int] = []
        for p in range(position + 1, limit):
            text = blocks[lines[p]].text.strip()
            if _HEADING.match(text):
                break
            if _NOTE.match(text) or (notes and not blocks[notes[-1]].text.strip().endswith("。")):
                notes.append(lines[p])
            elif notes:
                break
            elif not body and (_OPEN.search(text) or _UNIT_LINE.search(text)):
                caption.append(lines[p])
            else:
                body.append(lines[p])
        yield RawRegion(form, lines[position], tuple(caption), tuple(body), tuple(notes))


def _form_at(blocks: Sequence[Block], lines: Sequence[int], position: int) -> Form | None:
    """The form whose title stands on this line, when 公开NN表 or a unit line follows at once (a list of titles has neither)."""
    title = blocks[lines[position]].text.strip()
    if not 4 < len(title) < 40 or not title.endswith("表") or _OPEN.search(title):
        return None
    form = recognise(title)
    if form is None or not form.lines:
        return None
    following = [blocks[i].text.strip() for i in lines[position + 1 : position + 3]]
    numbered = any(_OPEN.match(t) or _UNIT_LINE.search(t) for t in following)
    return form if numbered or form.lines == "scores" else None


def tokens(blocks: Sequence[Block], indexes: Iterable[int]) -> list[Token]:
    """The lines' pieces; glued cells come apart where words and figures meet (“0.00二、外交支出”, “31001房屋建筑物购建”)."""
    found: list[Token] = []
    for i in indexes:
        for match in _TOKEN.finditer(blocks[i].text):
            found.append(Token(str(match.lastgroup), match.group(), i))
    return found


# -- the ways of reading


def _after_order_line(region: RawRegion, blocks: Sequence[Block]) -> tuple[int, ...]:
    """The body below the line that numbers the columns (栏次 1 2 3)."""
    for p, i in enumerate(region.body):
        flat = squeeze(blocks[i].text)
        if flat.startswith("栏次") or re.fullmatch(r"(?:\d{1,2}\s+){2,}\d{1,2}", blocks[i].text.strip()):
            return region.body[p + 1 :]
    return region.body


def _read_codes(region: RawRegion, blocks: Sequence[Block]) -> list[Table]:
    """Code, name and n figures a row; names wrap over lines, figures may stand on lines of their own."""
    paths = region.form.columns[0]
    rows: list[RawRow] = []
    row = RawRow()
    for token in tokens(blocks, _after_order_line(region, blocks)):
        values = len([c for c in row.cells if c >= 2])
        code = token.kind == "integer" and len(token.text) in _CODE_LENGTHS
        if (values == len(paths) and token.kind != "amount") or (code and row.cells.get(1)):
            rows.append(row)
            row, values = RawRow(), 0
        if code and not row.cells:
            row.add(0, token)
        elif token.kind == "word" and not values:
            row.add(1, token, words=True)
        elif token.kind == "amount" and (row.cells.get(1) or row.cells.get(0)):
            row.add(2 + values, token)
    rows.append(row)
    roles = {0: "code", 1: "label"} | {2 + i: "value" for i in range(len(paths))}
    return [_table(region, blocks, [r for r in rows if r.cells], roles, {2 + i: p for i, p in enumerate(paths)})]


def _read_sides(region: RawRegion, blocks: Sequence[Block]) -> list[Table]:
    """Two lists side by side, each row with its 行次: [name] order figures [name] order figures. The orders say where a row begins."""
    left, right = region.form.left, region.form.right
    at_right = 2 + len(left)  # the right name's column
    rows: list[RawRow] = []
    row, counts, expected, first_right = RawRow(), [0, 0], 1, 0
    for token in tokens(blocks, _after_order_line(region, blocks)):
        left_done, right_done = 1 in row.cells, at_right + 1 in row.cells
        starts = token.kind == "integer" and right_done and int(token.text) == expected + 1
        if right_done and (token.kind == "word" or starts):
            rows.append(row)
            row, counts, expected = RawRow(), [0, 0], expected + 1
            left_done = right_done = False
        if token.kind == "word":
            row.add(at_right if left_done else 0, token, words=True)
        elif token.kind == "integer":
            number = int(token.text)
            if not left_done and number == expected:
                row.add(1, token)
            elif left_done and not right_done and (not first_right or number == first_right + expected - 1):
                first_right = first_right or number
                row.add(at_right + 1, token)
        elif right_done and counts[1] < len(right):
            row.add(at_right + 2 + counts[1], token)
            counts[1] += 1
        elif left_done and not right_done and counts[0] < len(left):
            row.add(2 + counts[0], token)
            counts[0] += 1
    rows.append(row)
    roles = {0: "label", 1: "order", at_right: "label", at_right + 1: "order"}
    paths = {2 + i: ("收入", *p) for i, p in enumerate(left)} | {at_right + 2 + i: ("支出", *p) for i, p in enumerate(right)}
    roles |= dict.fromkeys(paths, "value")
    return [_table(region, blocks, [r for r in rows if r.cells], roles, paths)]


def _read_panels(region: RawRegion, blocks: Sequence[Block]) -> list[Table]:
    """Code, name and figure three times a line: every code begins an entry, which becomes a row of its own; an entry may have no figure."""
    rows: list[RawRow] = []
    row = RawRow()
    begun = False
    for token in tokens(blocks, region.body):
        code = token.kind == "integer" and len(token.text) in _CODE_LENGTHS
        begun = begun or code
        if not begun:
            continue
        if code or (token.kind == "word" and 2 in row.cells):
            rows.append(row)
            row = RawRow()
        if code:
            row.add(0, token)
        elif token.kind == "word":
            row.add(1, token, words=True)
        elif token.kind == "amount":
            row.add(2, token)
    rows.append(row)
    path = region.form.columns[0][0]
    return [_table(region, blocks, [r for r in rows if r.cells], {0: "code", 1: "label", 2: "value"}, {2: path})]


def _read_numbers(region: RawRegion, blocks: Sequence[Block]) -> list[Table]:
    """One row of n figures under n known columns."""
    paths = region.form.columns[0]
    row = RawRow()
    for token in tokens(blocks, _after_order_line(region, blocks)):
        if token.kind == "amount" and len(row.cells) < len(paths):
            row.add(len(row.cells), token)
    if len(row.cells) != len(paths):
        return []
    return [_table(region, blocks, [row], dict.fromkeys(range(len(paths)), "value"), dict(enumerate(paths)))]


def _read_funding(region: RawRegion, blocks: Sequence[Block]) -> list[Table]:
    """资金安排和使用情况表: rows by what was planned, received and spent; blank cells are lost, so the sums say which columns a row's figures are for."""
    paths = region.form.columns[0]
    split = next((p for p, i in enumerate(region.body) if squeeze(blocks[i].text).startswith("项目支出内容")), len(region.body))
    rows = [r for r in _labelled_figures(blocks, _below(region.body[:split], blocks, paths[-1][-1])) if len(r.cells) > 1]
    full = next((r for r in rows if len(r.cells) == len(paths) + 1), None)
    favoured = {c for c, t in full.cells.items() if c and Decimal(t)} if full else set()
    placed = [_by_sums(r, paths, favoured) for r in rows]
    roles = {0: "label"} | {1 + i: "value" for i in range(len(paths))}
    tables = [_table(region, blocks, placed, roles, {1 + i: p for i, p in enumerate(paths)}, project=_project_above(region, blocks))]
    content = _read_contents(region, blocks, region.body[split:])
    return [*tables, *content]


def _read_contents(region: RawRegion, blocks: Sequence[Block], body: Sequence[int]) -> list[Table]:
    """项目支出内容: what the money was spent on. A row with fewer figures than columns is matched with the 合计 row below it."""
    paths: Paths = (("实际支出数", "合计"), ("实际支出数", "财政资金支出数"), ("实际支出数", "其他资金支出数"), ("财政资金专款专用数",))
    rows = [r for r in _labelled_figures(blocks, _below(body, blocks, "其他资金支出数")) if len(r.cells) > 1]
    if not rows:
        return []
    total = next((r for r in rows if r.cells[0] == "合计" and len(r.cells) == len(paths) + 1), None)
    placed = []
    for row in rows:
        figures = [t for c, t in sorted(row.cells.items()) if c]
        columns = list(range(1, len(figures) + 1))
        if total and len(figures) < len(paths):
            columns = next(
                (list(c) for c in combinations(range(1, 5), len(figures)) if all(total.cells[k] == f for k, f in zip(c, figures, strict=True))),
                columns,
            )
        placed.append(RawRow({0: row.cells[0], **dict(zip(columns, figures, strict=True))}, row.lines))
    roles = {0: "label"} | {1 + i: "value" for i in range(len(paths))}
    return [
        _table(region, blocks, placed, roles, {1 + i: p for i, p in enumerate(paths)}, title="项目支出内容", project=_project_above(region, blocks))
    ]


def _below(body: Sequence[int], blocks: Sequence[Block], last_heading: str) -> list[int]:
    """The lines after the one that ends with the last heading of the header."""
    for p, i in enumerate(body):
        if squeeze(blocks[i].text).endswith(squeeze(last_heading)):
            return list(body[p + 1 :])
    return list(body)


def _labelled_figures(blocks: Sequence[Block], body: Sequence[int]) -> list[RawRow]:
    """Rows of a name and figures with two decimals; a figure that a narrow column split (83768000.0 / 0) is put together; formulas are left out."""
    rows: list[RawRow] = []
    row = RawRow()
    kept = [i for i in body if not _FORMULA.match(blocks[i].text.strip()) or re.fullmatch(r"\d", blocks[i].text.strip())]
    for token in (t for i in kept for t in _funding_tokens(blocks[i].text, i)):
        last = max(row.cells, default=0)
        if token.kind == "word":
            if last:
                rows.append(row)
                row = RawRow()
            row.add(0, token, words=True)
        elif token.kind == "amount" and row.cells:
            row.add(last + 1, token)
        elif last and re.search(r"\.\d$", row.cells[last]) and len(token.text) == 1:
            row.add(last, token, words=True)
    rows.append(row)
    return rows


def _funding_tokens(text: str, line: int) -> list[Token]:
    text = re.sub(r"\(\d\)(?:=\(\d\)[-/]\(\d\)?)?", " ", text)
    return [Token(str(m.lastgroup), m.group(), line) for m in _TOKEN.finditer(text)]


def _by_sums(row: RawRow, paths: Paths, favoured: set[int]) -> RawRow:
    """The row with its figures in the columns under which the headings' sums hold; between several, those that a complete row uses."""
    figures = [t for c, t in sorted(row.cells.items()) if c]
    if len(figures) == len(paths):
        return row
    sums = column_sums({1 + i: p for i, p in enumerate(paths)})
    best: tuple[int, tuple[int, ...]] = (-1, tuple(range(1, len(figures) + 1)))
    for columns in combinations(range(1, len(paths) + 1), len(figures)):
        values = {c: Decimal(f.replace(",", "")) for c, f in zip(columns, figures, strict=True)}
        if any(s.total in values and not holds(values[s.total], [values.get(p, Decimal(0)) for p in s.parts]) for s in sums):
            continue
        if any(s.total not in values and any(values.get(p) for p in s.parts) for s in sums):
            continue
        score = sum(2 for c in columns if c in favoured) + sum(1 for c in columns if any(c == s.total for s in sums))
        best = max(best, (score, columns), key=lambda entry: entry[0])
    return RawRow({0: row.cells.get(0, ""), **dict(zip(best[1], figures, strict=True))}, row.lines)


def _project_above(region: RawRegion, blocks: Sequence[Block]) -> str:
    """The 项目名称 printed last above a table of a self-evaluation."""
    for i in range(region.title - 1, -1, -1):
        found = re.match(r"^项目名称\s+(\S.*)$", blocks[i].text.strip())
        if found:
            return found[1].strip()
    return ""


def _table(
    region: RawRegion,
    blocks: Sequence[Block],
    rows: Sequence[RawRow],
    roles: dict[int, str],
    paths: dict[int, tuple[str, ...]],
    *,
    title: str = "",
    project: str = "",
) -> Table:
    named = name_region(region_of_caption([blocks[i].text.strip() for i in (region.title, *region.caption)]))
    whole = blocks[region.title].place.to(blocks[(region.notes or region.body or (region.title,))[-1]].place)
    cells: list[Cell] = []
    quotes: list[str] = []
    if project:
        cells.append(Cell(0, -1, project, "caption", whole))
    for number, row in enumerate(rows):
        place = _place(blocks, row.lines)
        quotes.append(" ".join(blocks[i].text.strip() for i in sorted(row.lines)))
        for column, role in sorted(roles.items()):
            text = row.cells.get(column, "")
            cells.append(Cell(number, column, text, role if text or role == "value" else "empty", place))
    notes = "".join(blocks[i].text.strip() for i in region.notes)
    return Table(
        index=0,
        number=named.number,
        title=title or named.title,
        form=region.form.key,
        unit=named.unit,
        organisation=named.organisation,
        section=(),
        place=whole,
        cells=tuple(cells),
        columns=paths,
        notes=(notes,) if notes else (),
        empty=not any(c.role == "value" and c.text for c in cells),
        quotes=tuple(quotes),
    )


def _place(blocks: Sequence[Block], lines: set[int]) -> Place:
    return blocks[min(lines)].place.to(blocks[max(lines)].place)


def _read_scores(region: RawRegion, blocks: Sequence[Block]) -> list[Table]:
    """自评价评分表: read in `scores.py`."""
    rows = read_scores([(i, blocks[i].text.strip()) for i in region.body], [b.text.strip() for b in blocks[region.title :]])
    if not rows:
        return []
    raw = [RawRow(dict(enumerate(cells)), set(lines)) for cells, lines in rows]
    roles = {0: "label", 1: "label", 2: "label", 3: "value", 4: "value", 5: "value", 6: "value", 7: "value"}
    paths = {3: ("权重",), 4: ("目标值",), 5: ("业绩值",), 6: ("评分结果",), 7: ("评分标准",)}
    return [_table(region, blocks, raw, roles, paths, project=_project_above(region, blocks))]


_READERS: dict[str, Callable[[RawRegion, Sequence[Block]], list[Table]]] = {
    "codes": _read_codes,
    "sides": _read_sides,
    "panels": _read_panels,
    "numbers": _read_numbers,
    "funding": _read_funding,
    "scores": _read_scores,
}
