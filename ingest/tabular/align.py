"""Cells that a page break shifted -> the columns they belong to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ingest.tabular.regions import SourceRow, is_code, is_dash, is_number, is_year

_BETWEEN_YEARS = re.compile(r"^(?:比上年)?(?:增减|变化|差额|增长|同比)")  # a row of differences under the years
_TOTAL = re.compile(r"^.{0,8}(?:合计|总计|小计)$")
_MISFIT = 1000
_BREAK = 60  # a page break moves a row as a whole: only a misfit is worse than two shifts in one row
_UNUSUAL = 3  # a figure among words, 合计 or 公用经费合计 in any of the naming columns that it is set over
_SHIFTS = (-2, -1, 1, 2)  # columns that a page break moves a row by
_WIDEST = 40  # columns; wider grids are machine-made and not shifted


def align(cells: Sequence[str], roles: Sequence[str], *, ruled: bool = False) -> list[str]:
    """The row's cells in the table's columns: where they stand when that fits, else moved as little as makes words and figures fit.

    >>> align(["", "本年收入合计", "209,734", "本年支出合计", "209,734"], ["label", "value", "label", "value"])
    ['本年收入合计', '209,734', '本年支出合计', '209,734']
    """
    return [" ".join(cells[i] for i in found if cells[i]) for found in sources(cells, roles, ruled=ruled)]


def sources(cells: Sequence[str], roles: Sequence[str], *, ruled: bool = False) -> list[tuple[int, ...]]:
    """For every column of the table the cells of the row that belong to it (none, one, or several that are one broken text).

    `ruled`: the file knows where every cell stands; then a cell may be out of its column, but no row is shifted.
    """
    width = len(roles)
    placed = [(i, c) for i, c in enumerate(cells) if c]
    if width > _WIDEST or in_place(cells, roles):
        return [(i,) if i < len(cells) else () for i in range(width)]
    row: list[tuple[int, ...]] = [()] * width
    for (i, _), column in zip(placed, _cheapest(placed, roles, 0 if ruled else _BREAK), strict=True):
        row[column] = (*row[column], i)
    return row


def in_place(cells: Sequence[str], roles: Sequence[str]) -> bool:
    """Whether every word and figure may stand in the column it stands in."""
    return all(i < len(roles) and _fit(c, roles[i]) == 0 for i, c in enumerate(cells) if c)


def fits(cells: Sequence[str], roles: Sequence[str]) -> bool:
    """Whether the row's words and figures can stand in such columns in their order."""
    placed = [(i, c) for i, c in enumerate(cells) if c]
    if len(placed) > len(roles):
        return False
    return all(_fit(c, roles[column]) < _MISFIT for (_, c), column in zip(placed, _cheapest(placed, roles, _BREAK), strict=True))


def is_shifted(cells: Sequence[str], roles: Sequence[str]) -> bool:
    """Whether the row's words and figures fit the columns only when moved as a whole; a column of role "" may hold anything."""
    return not in_place(cells, roles) and any((m := _moved(cells, s)) is not None and in_place(m, roles) for s in _SHIFTS)


def straightened(rows: Sequence[SourceRow], roles: Sequence[str]) -> list[SourceRow]:
    """Rows that fit where they stand, but stand among rows that a page break shifted, moved like these, when they fit there too."""
    shifts = [_shift(row, roles) for row in rows]
    found: list[SourceRow] = []
    for n, row in enumerate(rows):
        before = next((s for s in reversed(shifts[:n]) if s is not None), None)
        after = next((s for s in shifts[n + 1 :] if s is not None), None)
        moved = _moved(row.cells, before) if shifts[n] is None and before == after and before else None
        found.append(replace(row, cells=moved, filled=moved) if moved is not None and in_place(moved, roles) else row)
    return found


def _shift(row: SourceRow, roles: Sequence[str]) -> int | None:
    """By how many columns a row has to move as a whole; 0 when it has to stay, None when its words and figures do not tell."""
    placed = [(i, c) for i, c in enumerate(row.cells) if c]
    if any(row.places) or not placed or len(placed) > len(roles):
        return 0
    if in_place(row.cells, roles):
        elsewhere = (_moved(row.cells, s) for s in _SHIFTS)
        return None if any(m is not None and in_place(m, roles) for m in elsewhere) else 0
    shifts = {column - i for (i, _), column in zip(placed, _cheapest(placed, roles, _BREAK), strict=True)}
    return shifts.pop() if len(shifts) == 1 else 0


def _moved(cells: Sequence[str], shift: int) -> tuple[str, ...] | None:
    """The cells some columns further left or right; None when that would push one off the left edge."""
    if shift > 0:
        return ("",) * shift + tuple(cells)
    return None if any(cells[:-shift]) else tuple(cells[-shift:])


def _fit(text: str, role: str) -> int:
    """0 when such a cell may stand in such a column, else how much it is against it."""
    number = is_number(text)
    if not role:
        return 0
    if role in {"code", "order", "year"} and _TOTAL.match(text.replace(" ", "")):
        return _UNUSUAL
    if role in {"value", "order"}:
        return 0 if number or is_dash(text) else _MISFIT
    if role == "code":
        return 0 if is_code(text) else _MISFIT
    if role == "year":
        return 0 if is_year(text) or _BETWEEN_YEARS.search(text) else _MISFIT
    return _MISFIT if number and not is_code(text) else (_UNUSUAL if number else 0)


def _cheapest(placed: Sequence[tuple[int, str]], roles: Sequence[str], torn: int) -> list[int]:
    """The columns, rising, that cost least: a misfit is dear, every step of a shift costs one, and a change of shift within the row costs `torn` more."""
    width = len(roles)
    best: dict[int, tuple[int, list[int]]] = {-1: (0, [])}
    for index, (place, text) in enumerate(placed):
        reached: dict[int, tuple[int, list[int]]] = {}
        remaining = len(placed) - index - 1
        for last, (cost, chosen) in best.items():
            for column in range(last + 1, max(last + 2, width - remaining)):
                if column >= width:
                    continue
                shift = column - place
                before = chosen[-1] - placed[index - 1][0] if chosen else 0
                total = cost + _fit(text, roles[column]) + abs(shift) + 2 * abs(shift - before) + (torn if chosen and shift != before else 0)
                if column not in reached or total < reached[column][0]:
                    reached[column] = (total, [*chosen, column])
        if not reached:
            return [min(i, width - 1) for i, _ in placed]
        best = reached
    return min(best.values(), key=lambda entry: entry[0])[1]
