"""Geometry shared by the loaders whose files are drawn, not written: PDF pages, scans, pages of positioned HTML boxes.

A drawn page is `Run`s (pieces of text where they stand) and rulings (straight lines); out come rows, lines and paragraphs:

    rulings -> segments -> frames (one a table) -> cells            `frames`
    runs + frames -> rows of cells                                  `Frame.rows`
    runs outside the frames -> visual lines -> unruled tables, paragraphs   `lines_of_runs`, `unruled`, `paragraphs`
    all of it in reading order -> Blocks                            `page_blocks`

Coordinates are points from the page's upper left corner. Nothing here knows any library.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from ingest.records import Block, BlockKind, GridCell, Place

Box = tuple[float, float, float, float]
Char = tuple[str, float, float]  # text, x0, x1

SNAP = 2.5  # rulings nearer than this are one ruling drawn twice (borders of neighbouring cells)
REACH = 3.0  # a gap in a ruling, or between a ruling and the one it meets, that the eye does not see
SHORTEST = 4.0  # shorter strokes are dots, glyph parts and corners
TALLEST_ROW = 60.0  # points; between rulings further apart stands more than a row
STRADDLE = 0.22  # share of a character's width beyond a ruling that says: this text runs over the ruling

_AMOUNT = re.compile(r"[-−(（]?\d[\d,，]*(?:\.\d+)?[)）]?%?")
_DECIMALS = re.compile(r"\d\.\d{2,}$")
_UNIT = re.compile(r"[万亿千百元%％个人辆次台套名年月日家项件批倍，。、；：）]")
_UNBREAKABLE = re.compile(r"(?:[!-~]+|.)[，。、；：！？）》”]?")
_NUMBERING = re.compile(r"第[一二三四五六七八九十百]+(?:部分|章|节)|[一二三四五六七八九十]+、|[(（][一二三四五六七八九十]+[)）]|\d{1,2}[.、．](?!\d)")


@dataclass(slots=True)
class Run:
    """A piece of text on one baseline. `chars` are its characters with their x range; blanks included where the source has them."""

    chars: list[Char]
    top: float
    bottom: float

    @property
    def x0(self) -> float:
        return self.chars[0][1]

    @property
    def x1(self) -> float:
        return self.chars[-1][2]

    @property
    def size(self) -> float:
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2

    @property
    def text(self) -> str:
        return "".join(c[0] for c in self.chars)

    @staticmethod
    def spread(text: str, box: Box) -> Run:
        """A run whose characters' places are not known: `text` spread over `box`, a Chinese character twice as wide as a Latin one."""
        weights = [2 if ord(c) > 0x2E7F else 1 for c in text]
        x0, top, x1, bottom = box
        step = (x1 - x0) / (sum(weights) or 1)
        chars, x = [], x0
        for c, weight in zip(text, weights, strict=True):
            chars.append((c, x, x + weight * step))
            x += weight * step
        return Run(chars, top, bottom)


@dataclass(slots=True)
class Rulings:
    """The straight lines of a page: horizontal (y, x0, x1) and vertical (x, y0, y1)."""

    horizontal: list[tuple[float, float, float]] = field(default_factory=list)
    vertical: list[tuple[float, float, float]] = field(default_factory=list)

    def add(self, x0: float, y0: float, x1: float, y1: float, thickest: float = 2.6) -> bool:
        """Take a stroke or a thin filled box; False where it is neither upright nor level."""
        width, height = x1 - x0, y1 - y0
        if height <= thickest and width > height:
            self.horizontal.append(((y0 + y1) / 2, x0, x1))
        elif width <= thickest and height > width:
            self.vertical.append(((x0 + x1) / 2, y0, y1))
        else:
            return False
        return True

    def add_box(self, x0: float, y0: float, x1: float, y1: float) -> None:
        """Take the four sides of a box."""
        self.horizontal += [(y0, x0, x1), (y1, x0, x1)]
        self.vertical += [(x0, y0, y1), (x1, y0, y1)]


def _snapped(values: Iterable[float], within: float = SNAP) -> list[float]:
    """Distinct positions: values nearer than `within` to the first of their group become its middle."""
    groups: list[list[float]] = []
    for value in sorted(values):
        if groups and value - groups[-1][0] <= within:
            groups[-1].append(value)
        else:
            groups.append([value])
    return [(g[0] + g[-1]) / 2 for g in groups]


def _nearest(positions: Sequence[float], value: float) -> int:
    i = bisect_right(positions, value)
    if i == len(positions) or (i and value - positions[i - 1] <= positions[i] - value):
        i -= 1
    return i


def _joined(segments: list[tuple[float, float, float]]) -> list[tuple[float, float, float]]:
    """Segments on snapped positions, pieces of one ruling joined; what stays shorter than `SHORTEST` is left out."""
    if not segments:
        return []
    positions = _snapped(s[0] for s in segments)
    by_position: dict[int, list[tuple[float, float]]] = {}
    for at, low, high in segments:
        by_position.setdefault(_nearest(positions, at), []).append((low, high))
    out = []
    for i, pieces in by_position.items():
        pieces.sort()
        low, high = pieces[0]
        for a, b in pieces[1:]:
            if a - high <= REACH:
                high = max(high, b)
            else:
                out.append((positions[i], low, high))
                low, high = a, b
        out.append((positions[i], low, high))
    return [s for s in out if s[2] - s[1] >= SHORTEST]


class _Sets:
    """Union-find."""

    def __init__(self, n: int) -> None:
        self.parent = list(range(n))

    def find(self, i: int) -> int:
        while self.parent[i] != i:
            self.parent[i] = self.parent[self.parent[i]]
            i = self.parent[i]
        return i

    def unite(self, i: int, j: int) -> None:
        self.parent[self.find(i)] = self.find(j)


@dataclass(slots=True)
class FrameCell:
    """A cell as ruled: row and column span (ends exclusive) in its frame, and the runs that stand in it."""

    row: int
    column: int
    row_end: int
    column_end: int
    runs: list[Run] = field(default_factory=list)


@dataclass(slots=True)
class Frame:
    """A ruled table: positions of its column and row borders, its cells, and which cell each elementary square belongs to."""

    xs: list[float]
    ys: list[float]
    cells: list[FrameCell]
    owner: list[list[int]]
    last: tuple[int, Run] | None = None  # the cell that took the run drawn before, and that run

    @property
    def box(self) -> Box:
        return self.xs[0], self.ys[0], self.xs[-1], self.ys[-1]

    def holds(self, x: float, y: float) -> bool:
        return self.xs[0] <= x <= self.xs[-1] and self.ys[0] <= y <= self.ys[-1]

    def _cell_at(self, x: float, row: int) -> int:
        return self.owner[row][min(max(bisect_right(self.xs, x) - 1, 0), len(self.xs) - 2)]

    def put(self, run: Run) -> None:
        """Give `run` to its cell; a run that stands in several is cut at the rulings between its characters, never through one.

        Two cells' texts can touch (a figure that fills its column), and a text can run over into the empty cell beside it: where a ruling
        goes through a character the text was written over it and belongs to one cell, the one that holds most of it.
        """
        row = self._row_of(run)
        first, last = self._cell_at(run.x0 + 0.1, row), self._cell_at(run.x1 - 0.1, row)
        if first == last:
            self.cells[first].runs.append(run)
            self.last = (first, run)
            return
        pieces: list[tuple[int, list[Char]]] = []
        for char in run.chars:
            cell = self._cell_at((char[1] + char[2]) / 2, row)
            if pieces and pieces[-1][0] == cell:
                pieces[-1][1].append(char)
            else:
                pieces.append((cell, [char]))
        merged = [pieces[0]]
        for cell, chars in pieces[1:]:
            border = self.xs[self.cells[cell].column]
            before, after = merged[-1][1][-1], chars[0]
            alike = after[1] - before[2] < 0.1 * run.size and before[0].isdigit() == after[0].isdigit()
            share = STRADDLE / 4 if alike else STRADDLE
            over = max(before[2] - border - share * (before[2] - before[1]), border - after[1] - share * (after[2] - after[1]))
            if over > 0 and not before[0].isspace() and not after[0].isspace():
                held = merged[-1]
                wider = held[0] if held[1][-1][2] - held[1][0][1] >= chars[-1][2] - chars[0][1] else cell
                merged[-1] = (wider, held[1] + chars)
            else:
                merged.append((cell, chars))
        for cell, chars in merged:
            while chars and chars[0][0].isspace():
                chars = chars[1:]
            if chars:
                self.cells[cell].runs.append(Run(chars, run.top, run.bottom))

    def _row_of(self, run: Run) -> int:
        """The row a run stands in. The last lines of a text too long for its cell, printed over its lower border, stay with their text.

        They are those that follow the text's lines in the drawing, at the same left edge and the same distance.
        """
        row = min(max(bisect_right(self.ys, run.middle) - 1, 0), len(self.ys) - 2)
        if self.last and row:
            cell, above = self.cells[self.last[0]], self.last[1]
            if cell.row_end == row and len(cell.runs) > 1 and abs(above.x0 - run.x0) < 0.5 * run.size and not _AMOUNT.fullmatch(run.text):
                pitch = above.top - cell.runs[-2].top
                if 0 < pitch < 2 * run.size and abs(run.top - above.top - pitch) < 0.08 * run.size:
                    return row - 1
        return row

    def rows(self) -> list[list[GridCell]]:
        """The rows, every one with the same number of cells; a merged cell's text stands in its first square, the others are empty."""
        table = [[GridCell("")] * (len(self.xs) - 1) for _ in range(len(self.ys) - 1)]
        for cell in self.cells:
            box = (self.xs[cell.column], self.ys[cell.row], self.xs[cell.column_end], self.ys[cell.row_end])
            place = Place(bbox=tuple(round(v, 1) for v in box))
            text = cell_text(cell.runs, box[2] - box[0])
            table[cell.row][cell.column] = GridCell(text, place, cell.column_end - cell.column, cell.row_end - cell.row)
        return table


def completed(frame: Frame) -> Frame:
    """The frame with the borders its maker left out put in, where figures side by side or one below the other show them.

    A merged cell with several figures on one line, each under another of the frame's columns, is so many cells. A row whose cells hold
    several lines of figures on the same baselines is so many rows.
    """
    cells: list[FrameCell] = []
    for cell in frame.cells:
        cells += _split_at_columns(frame, cell)
    borders = {r: _row_borders([c for c in cells if c.row == r and c.row_end == r + 1]) for r in range(len(frame.ys) - 1)}
    if len(cells) == len(frame.cells) and not any(borders.values()):
        return frame
    shift, before = [], 0
    for r in range(len(frame.ys) - 1):
        shift.append(before)
        before += len(borders[r])
    shift.append(before)
    ys = sorted([*frame.ys, *(y for extra in borders.values() for y in extra)])
    out = []
    for cell in cells:
        extra = borders[cell.row] if cell.row_end == cell.row + 1 else []
        edges = [-1e9, *extra, 1e9]
        if not extra:
            out.append(FrameCell(cell.row + shift[cell.row], cell.column, cell.row_end + shift[cell.row_end], cell.column_end, cell.runs))
        for k, (top, bottom) in enumerate(pairwise(edges) if extra else ()):
            row = cell.row + shift[cell.row] + k
            out.append(FrameCell(row, cell.column, row + 1, cell.column_end, [r for r in cell.runs if top <= r.middle < bottom]))
    return _without_idle_borders(frame.xs, ys, out)


def _split_at_columns(frame: Frame, cell: FrameCell) -> list[FrameCell]:
    """A cell over several columns, cut at those column borders between which each of its figures stands; else the cell itself."""
    if cell.column_end - cell.column < 2:
        return [cell]
    inner = frame.xs[cell.column + 1 : cell.column_end]
    free = [x for x in inner if not any(run.x0 + 0.5 < x < run.x1 - 0.5 for run in cell.runs)]
    borders = [cell.column, *(frame.xs.index(x) for x in free), cell.column_end]
    parts = []
    for left, right in pairwise(borders):
        inside = [run for run in cell.runs if frame.xs[left] <= (run.x0 + run.x1) / 2 < frame.xs[right]]
        parts.append(FrameCell(cell.row, left, cell.row_end, right, inside))
    with_figure = [part for part in parts if any(_AMOUNT.fullmatch(run.text.strip()) for run in part.runs)]
    return parts if len(with_figure) >= 2 else [cell]


def _row_borders(cells: list[FrameCell]) -> list[float]:
    """Where to cut a row: between baselines on which at least two of its cells have a whole figure (never inside a wrapped one)."""
    columns = []
    for cell in cells:
        lines = visual_lines(cell.runs)
        if len(lines) > 1 and all(_AMOUNT.fullmatch(line.text) for line in lines) and all(_DECIMALS.search(line.text) for line in lines):
            columns.append([(line.top + line.bottom) / 2 for line in lines])
    if len(columns) < 2:
        return []
    longest = max(columns, key=len)
    if any(min(abs(y - at) for at in longest) > 3 for column in columns for y in column):
        return []
    return [(a + b) / 2 for a, b in pairwise(longest)]


def frames(rulings: Rulings) -> list[Frame]:
    """The ruled tables of a page, from the top down. A single box around text is no table."""
    horizontal, vertical = _joined(rulings.horizontal), _joined(rulings.vertical)
    sets = _Sets(len(horizontal) + len(vertical))
    for i, (y, x0, x1) in enumerate(horizontal):
        for j, (x, y0, y1) in enumerate(vertical, len(horizontal)):
            if x0 - REACH <= x <= x1 + REACH and y0 - REACH <= y <= y1 + REACH:
                sets.unite(i, j)
    groups: dict[int, tuple[list, list]] = {}
    for i, segment in enumerate(horizontal + vertical):
        groups.setdefault(sets.find(i), ([], []))[i >= len(horizontal)].append(segment)
    _attach_open_rows([g for g in groups.values() if g[1]], [g[0][0] for g in groups.values() if not g[1]])
    found = [_frame(hs, vs) for hs, vs in groups.values() if hs and vs]
    return sorted((f for f in found if f and len(f.cells) > 1), key=lambda f: (f.ys[0], f.xs[0]))


def _attach_open_rows(tables: list[tuple[list, list]], alone: list[tuple[float, float, float]]) -> None:
    """Give the horizontal rulings that follow a table at its full width, without any upright one between them, to that table.

    So are tables drawn whose upright rulings stop below the header. One such ruling may be anything; two and more are rows.
    """
    for hs, _ in tables:
        if not hs:
            continue
        left, right = min(h[1] for h in hs), max(h[2] for h in hs)
        bottom, rows = max(h[0] for h in hs), []
        for ruling in sorted(alone):
            if abs(ruling[1] - left) <= REACH and abs(ruling[2] - right) <= REACH and 0 < ruling[0] - bottom <= TALLEST_ROW:
                rows.append(ruling)
                bottom = ruling[0]
        if len(rows) > 1:
            hs += rows


def _covered(segments: list[tuple[float, float, float]], positions: list[float], steps: list[float]) -> list[list[bool]]:
    """For every position and every step between neighbouring `steps`: does a ruling run along it?"""
    table = [[False] * (len(steps) - 1) for _ in positions]
    for at, low, high in segments:
        line = table[_nearest(positions, at)]
        for k in range(max(bisect_right(steps, low) - 1, 0), len(steps) - 1):
            a, b = steps[k], steps[k + 1]
            if a >= high:
                break
            if min(b, high) - max(a, low) >= 0.6 * (b - a):
                line[k] = True
    return table


def _frame(hs: list[tuple[float, float, float]], vs: list[tuple[float, float, float]]) -> Frame | None:
    """One table from the rulings that touch each other. Its outer border counts as drawn: many tables are open at the sides."""
    xs = _snapped([v[0] for v in vs] + [min(h[1] for h in hs), max(h[2] for h in hs)], REACH)
    ys = _snapped([h[0] for h in hs] + [min(v[1] for v in vs), max(v[2] for v in vs)], REACH)
    if len(xs) < 2 or len(ys) < 2:
        return None
    upright, level = _covered(vs, xs, ys), _covered(hs, ys, xs)
    rows, columns = len(ys) - 1, len(xs) - 1
    sets = _Sets(rows * columns)
    for r in range(rows):
        for c in range(columns):
            if c + 1 < columns and not upright[c + 1][r]:
                sets.unite(r * columns + c, r * columns + c + 1)
            if r + 1 < rows and not level[r + 1][c]:
                sets.unite(r * columns + c, (r + 1) * columns + c)
    squares: dict[int, list[tuple[int, int]]] = {}
    for r in range(rows):
        for c in range(columns):
            squares.setdefault(sets.find(r * columns + c), []).append((r, c))
    cells = []
    for members in squares.values():
        r0, r1 = members[0][0], members[-1][0] + 1
        c0, c1 = min(c for _, c in members), max(c for _, c in members) + 1
        if len(members) == (r1 - r0) * (c1 - c0):
            cells.append(FrameCell(r0, c0, r1, c1))
        else:  # a missing stroke made an L: its rows are cells of their own
            for r in range(r0, r1):
                inside = [c for row, c in members if row == r]
                start = inside[0]
                for c, after in pairwise([*inside, None]):
                    if after != c + 1:
                        cells.append(FrameCell(r, start, r + 1, c + 1))
                        start = after
    return _without_idle_borders(xs, ys, cells)


def _without_idle_borders(xs: list[float], ys: list[float], cells: list[FrameCell]) -> Frame:
    """The frame without the borders at which no cell begins (a stroke's end, a decoration)."""
    keep_x, keep_y = sorted({c.column for c in cells}), sorted({c.row for c in cells})
    for cell in cells:
        cell.column, cell.column_end = keep_x.index(cell.column), _index_at_least(keep_x, cell.column_end)
        cell.row, cell.row_end = keep_y.index(cell.row), _index_at_least(keep_y, cell.row_end)
    xs, ys = [*(xs[i] for i in keep_x), xs[-1]], [*(ys[i] for i in keep_y), ys[-1]]
    owner = [[0] * (len(xs) - 1) for _ in range(len(ys) - 1)]
    for i, cell in enumerate(cells):
        for r in range(cell.row, cell.row_end):
            for c in range(cell.column, cell.column_end):
                owner[r][c] = i
    return Frame(xs, ys, cells, owner)


def _index_at_least(values: list[int], wanted: int) -> int:
    return next((i for i, v in enumerate(values) if v >= wanted), len(values))


@dataclass(slots=True)
class Line:
    """One visual line of text with its box; `parts` are its pieces where wide gaps separate them (text, x0, x1)."""

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    parts: list[tuple[str, float, float]]

    @property
    def size(self) -> float:
        return self.bottom - self.top


def visual_lines(runs: list[Run], gap: float = 1.6) -> list[Line]:
    """Runs -> lines from the top down, each read from the left; pieces more than `gap` character heights apart are parts of their own."""
    rows: list[list[Run]] = []
    for run in sorted(runs, key=lambda r: (r.middle, r.x0)):
        for row in reversed(rows[-3:]):
            if abs(run.middle - sum(r.middle for r in row) / len(row)) <= 0.4 * max(run.size, row[0].size):
                row.append(run)
                break
        else:
            rows.append([run])
    lines = []
    for row in rows:
        row.sort(key=lambda r: r.x0)
        parts: list[tuple[str, float, float]] = []
        end = None
        for run in row:
            text, size = re.sub(r"\s+", " ", run.text), run.size
            if end is not None and run.x0 - end <= gap * size and parts and not _next_cell(parts[-1][0], text):
                held, x0, x1 = parts[-1]
                blank = " " if run.x0 - end > 0.45 * size and not held.endswith(" ") and not text.startswith(" ") else ""
                parts[-1] = (held + blank + text, x0, max(x1, run.x1))
            else:
                parts.append((text, run.x0, run.x1))
            end = parts[-1][2]
        parts = [(t.strip(), a, b) for t, a, b in parts if t.strip()]
        if parts:
            top, bottom = min(r.top for r in row), max(r.bottom for r in row)
            lines.append(Line("  ".join(p[0] for p in parts), parts[0][1], top, parts[-1][2], bottom, parts))
    return lines


def _next_cell(before: str, after: str) -> bool:
    """A whole figure, and then words that are no unit of it: two cells' texts side by side."""
    return bool(_AMOUNT.fullmatch(before) and _DECIMALS.search(before) and ord(after[0]) > 0x2E7F and not _UNIT.match(after))


def cell_text(runs: list[Run], width: float) -> str:
    """The text of a cell `width` points wide, its lines joined: no blank between Chinese characters, a wrapped figure put together again."""
    if not runs:
        return ""
    lines = visual_lines(runs)
    text = lines[0].text
    for above, below in pairwise(lines):
        text += _joint(above, below, width) + below.text
    return text


def _joint(above: Line, below: Line, width: float) -> str:
    """What stands between two lines of a cell: nothing, or a blank where the source had one or two figures are listed one below the other."""
    last, first = above.text[-1], below.text[0]
    if ord(last) > 0x2E7F or ord(first) > 0x2E7F:
        return ""
    figure = (last.isdigit() or last in ",.，") and (first.isdigit() or first in ",.%，")
    if figure:
        wrapped = width - (above.x1 - above.x0) < 2.2 * above.size  # no room for the next character
        complete = _DECIMALS.search(above.text) and "." in below.text
        return "" if wrapped and not complete else " "
    return " " if last.isalpha() and first.isalpha() else ""


def paragraphs(lines: list[Line], left: float, right: float) -> list[Line]:
    """Lines of running text joined where one is full and the next is not indented; `left` and `right` are the text's margins."""
    out: list[Line] = []
    last: Line | None = None
    body = median(line.size for line in lines) if len(lines) > 3 else min((line.size for line in lines), default=0)
    for line in lines:
        if out and last and _goes_on(last, line, left, right, body):
            held = out[-1]
            blank = " " if held.text[-1].isascii() and line.text[0].isascii() and held.text[-1].isalpha() and line.text[0].isalpha() else ""
            box = (min(held.x0, line.x0), held.top, max(held.x1, line.x1), line.bottom)
            out[-1] = Line(held.text + blank + line.text, *box, [])
        else:
            out.append(Line(line.text, line.x0, line.top, line.x1, line.bottom, line.parts))
        last = line
    return out


def _goes_on(above: Line, below: Line, left: float, right: float, body: float) -> bool:
    size = above.size
    if len(above.parts) > 1 or len(below.parts) > 1 or abs(size - below.size) > 0.3 * size or not 0 < below.top - above.top < 2.6 * size:
        return False
    if _NUMBERING.match(below.text):
        return False
    first = _UNBREAKABLE.match(below.text)[0]  # what had to go to the next line as a whole
    needed = sum(0.55 if c.isascii() else 1 for c in first) * size
    full = right - above.x1 < max(1.3 * size, needed + 0.3 * size)
    if full and below.x0 - left < 0.8 * size and above.x0 - left < (right - left) / 2:  # and no text set to the right (单位：万元)
        return True
    if len(below.text) <= 3 and size > 1.25 * body and above.x0 < below.x0 and below.x1 < above.x1:
        return True  # the orphan of a title
    centred = abs((above.x0 + above.x1) - (below.x0 + below.x1)) < size and abs((below.x0 + below.x1) - (left + right)) < 2 * size
    return centred and above.x1 - above.x0 > 0.85 * (right - left) and below.x1 - below.x0 < 0.6 * (right - left)


Placer = Callable[[Box], Place]


def page_blocks(runs: list[Run], rulings: Rulings, width: float, place: Placer, grid: int, ocr: bool = False) -> tuple[list[Block], int]:
    """A page's runs and rulings -> its blocks in reading order, and the next free grid number.

    `width` is the page's, `place` turns a box into a Place.
    """
    tables = frames(rulings)
    outside: list[Run] = []
    for run in runs:
        x, y = (run.x0 + run.x1) / 2, run.middle
        inside = [f for f in tables if f.holds(x, y)]
        if inside:
            min(inside, key=lambda f: (f.xs[-1] - f.xs[0]) * (f.ys[-1] - f.ys[0])).put(run)
        else:
            outside.append(run)
    pieces: list[tuple[float, list[Block]]] = []
    for frame in map(completed, tables):
        rows = frame.rows()
        if not any(cell.text for row in rows for cell in row):
            continue  # a drawing, not a table
        if _is_unruled_inside(frame):
            outside += [run for cell in frame.cells for run in cell.runs]
            continue
        pieces.append((frame.ys[0], _row_blocks(rows, frame.xs, frame.ys, place, grid, ocr)))
        grid += 1
    lines = visual_lines(outside)
    aligned, lines = unruled(lines)
    for table in aligned:
        pieces.append((table.ys[0], _row_blocks(table.rows, table.xs, table.ys, place, grid, ocr)))
        grid += 1
    starts = sorted(top for top, _ in pieces)
    if lines:
        left, right = _margins(lines, width)
        groups: dict[int, list[Line]] = {}
        for line in lines:
            groups.setdefault(bisect_right(starts, line.top), []).append(line)
        for group in groups.values():
            for line in paragraphs(group, left, right):
                block = Block(BlockKind.LINE, line.text, place((line.x0, line.top, line.x1, line.bottom)), ocr=ocr)
                pieces.append((line.top, [block]))
    pieces.sort(key=lambda p: p[0])
    return [block for _, blocks in pieces for block in blocks], grid


def _row_blocks(rows: list[list[GridCell]], xs: list[float], ys: list[float], place: Placer, grid: int, ocr: bool) -> list[Block]:
    blocks = []
    for r, row in enumerate(rows):
        cells = tuple(GridCell(c.text, place(c.place.bbox) if c.place else None, c.colspan, c.rowspan) for c in row)
        blocks.append(Block(BlockKind.ROW, " | ".join(c.text for c in cells), place((xs[0], ys[r], xs[-1], ys[r + 1])), cells, grid, ocr=ocr))
    return blocks


def _is_unruled_inside(frame: Frame) -> bool:
    """Is this only a box, or lines, around a table without rulings: most of its figures stand several in one cell?"""
    together = alone = 0
    for cell in frame.cells:
        for line in visual_lines(cell.runs):
            figures = sum(bool(_AMOUNT.fullmatch(part[0])) for part in line.parts)
            together, alone = together + (figures if figures > 1 else 0), alone + (figures == 1)
    return together > 3 and together > alone


@dataclass(slots=True)
class AlignedTable:
    """A table without rulings: its columns and rows are where its texts stand."""

    xs: list[float]
    ys: list[float]
    rows: list[list[GridCell]]


def unruled(lines: list[Line]) -> tuple[list[AlignedTable], list[Line]]:
    """Tables without rulings among visual lines, and the lines that are left.

    A table is three or more lines with figures in columns of their own; the lines of words above them that stand over the same columns are
    its header. A line of one short text between them is a row of its own (a wrapped name, a group).
    """
    tables: list[AlignedTable] = []
    left: list[Line] = []
    i = 0
    while i < len(lines):
        end = i
        figures = 0
        while end < len(lines) and _may_be_row(lines[end]) and (end == i or lines[end].top - lines[end - 1].bottom < 2.5 * lines[end].size):
            figures += _is_row(lines[end])
            end += 1
        while end > i and not _figures(lines[end - 1]):
            end -= 1
        if figures >= 3 and (table := _aligned(lines[i:end])):
            skipped, found = table
            left += lines[i : i + skipped]
            tables.append(found)
            i = end
        else:
            left.append(lines[i])
            i += 1
    return tables, left


def _figures(line: Line) -> int:
    return sum(bool(_AMOUNT.fullmatch(part[0])) for part in line.parts)


def _is_row(line: Line) -> bool:
    """Words and a figure with decimals or thousands, or several figures; a name and a bare number is a line of a table of contents."""
    amounts = [part[0] for part in line.parts if _AMOUNT.fullmatch(part[0])]
    return len(line.parts) > 1 and (len(amounts) > 1 or any(not amount.isdigit() for amount in amounts))


def _may_be_row(line: Line) -> bool:
    return len(line.parts) > 1 or (len(line.text) <= 25 and line.text[-1] not in "。；：")


def _aligned(lines: list[Line]) -> tuple[int, AlignedTable] | None:
    """Lines -> (how many of them stand above the table, the table), or None where figures do not line up.

    Columns are the stretches of the page that the parts of the lines with figures cover; white runs down between them.
    """
    body = [line for line in lines if _figures(line) and len(line.parts) > 1]
    covered: list[list[float]] = []
    for _, x0, x1 in sorted((part for line in body for part in line.parts), key=lambda p: p[1]):
        if covered and x0 <= covered[-1][1] + 1:
            covered[-1][1] = max(covered[-1][1], x1)
        else:
            covered.append([x0, x1])
    if len(covered) < 2 or max(len(line.parts) for line in body) > len(covered):
        return None
    first = lines.index(body[0])
    while first and len(lines[first - 1].parts) > 1 and not re.search(r"[:：]", lines[first - 1].text):
        first -= 1  # header lines; what names a unit or a department is none
    rows, used = [], lines[first:]
    inner = [(a[1] + b[0]) / 2 for a, b in pairwise(covered)]
    xs = [min(covered[0][0], *(line.x0 for line in used)) - 1, *inner, max(covered[-1][1], *(line.x1 for line in used)) + 1]
    ys = [used[0].top - 1, *((a.bottom + b.top) / 2 for a, b in pairwise(used)), used[-1].bottom + 1]
    for r, line in enumerate(used):
        cells = [GridCell("")] * (len(xs) - 1)
        for text, x0, x1 in line.parts:
            start, stop = bisect_right(inner, x0), bisect_right(inner, x1)
            column = next((c for c in range(start, stop + 1) if not cells[c].text), None)
            if column is None:
                return None
            box = (xs[column], ys[r], xs[stop + 1], ys[r + 1])
            cells[column] = GridCell(text, Place(bbox=tuple(round(v, 1) for v in box)), stop - column + 1)
        rows.append(cells)
    return first, AlignedTable(xs, ys, rows)


def _margins(lines: list[Line], width: float) -> tuple[float, float]:
    """Left and right margin of running text: the extremes of its lines, an outlier left aside where there are many lines.

    Running text is what has the size most characters have; headers, captions and notes keep margins of their own. Where hardly a line
    reaches the right extreme (a list, a table of contents) the margin is taken to mirror the left one.
    """
    sizes = Counter()
    for line in lines:
        sizes[round(line.size)] += len(line.text)
    usual = sizes.most_common(1)[0][0]
    lines = [line for line in lines if abs(line.size - usual) <= 0.15 * usual] or lines
    lefts, rights = sorted(line.x0 for line in lines), sorted(line.x1 for line in lines)
    left, right = lefts[len(lefts) // 20], rights[-1 - len(rights) // 20]
    full = sum(line.x1 > right - 1.3 * line.size for line in lines)
    return left, right if full >= 4 else max(right, width - left)


_PAGE_NUMBER = re.compile(r"[-—–－·•~\s第共/页]*\d{0,4}[-—–－·•~\s第共/页]*\d{0,4}[-—–－·•~\s页]*")
_NEEDED = re.compile(r"(?:单\s*位|部\s*门)\s*(?:名称)?\s*[:：]|表|万元")


def without_furniture(blocks: list[Block]) -> tuple[list[Block], int]:
    """Blocks without page numbers and without headers and footers repeated on most pages, and how many lines that were.

    Only a page's first and last line can be one; what names a table, a department or a unit stays even where it repeats.
    """
    pages: dict[int, list[int]] = {}
    for i, block in enumerate(blocks):
        if block.kind is not BlockKind.BREAK and block.place.page:
            pages.setdefault(block.place.page, []).append(i)
    edges = [(i, indexes.index(i) == 0) for indexes in pages.values() for i in {indexes[0], indexes[-1]} if blocks[i].kind is BlockKind.LINE]
    words = Counter(re.sub(r"\d+", "0", blocks[i].text) for i, _ in edges)
    often = max(3, 0.4 * len(pages))
    seen: set[str] = set()
    drop: set[int] = set()
    for i, _ in sorted(edges):
        text = blocks[i].text
        if any(ch.isdigit() for ch in text) and _PAGE_NUMBER.fullmatch(text):
            drop.add(i)
            continue
        word = re.sub(r"\d+", "0", text)
        if words[word] >= often and not _NEEDED.search(text):
            if word in seen:
                drop.add(i)
            seen.add(word)
    return [block for i, block in enumerate(blocks) if i not in drop], len(drop)
