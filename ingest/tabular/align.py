"""Cells that a page break shifted -> the columns they belong to."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.tabular.regions import is_code, is_dash, is_number, is_year

_BETWEEN_YEARS = re.compile(r"^(?:比上年)?(?:增减|变化|差额|增长|同比)")  # a row of differences under the years
_MISFIT = 50
_WIDEST = 40  # columns; wider grids are machine-made and not shifted


def align(cells: Sequence[str], roles: Sequence[str]) -> list[str]:
    """The row's cells in the table's columns: where they stand when that fits, else moved as little as makes words and figures fit.

    >>> align(["", "本年收入合计", "209,734", "本年支出合计", "209,734"], ["label", "value", "label", "value"])
    ['本年收入合计', '209,734', '本年支出合计', '209,734']
    """
    return [" ".join(cells[i] for i in found if cells[i]) for found in sources(cells, roles)]


def sources(cells: Sequence[str], roles: Sequence[str]) -> list[tuple[int, ...]]:
    """For every column of the table the cells of the row that belong to it (none, one, or several that are one broken text)."""
    width = len(roles)
    placed = [(i, c) for i, c in enumerate(cells) if c]
    if width > _WIDEST or all(i < width and _fit(c, roles[i]) == 0 for i, c in placed):
        return [(i,) if i < len(cells) else () for i in range(width)]
    row: list[tuple[int, ...]] = [()] * width
    for (i, _), column in zip(placed, _cheapest(placed, roles), strict=True):
        row[column] = (*row[column], i)
    return row


def fits(cells: Sequence[str], roles: Sequence[str]) -> bool:
    """Whether the row's words and figures can stand in such columns in their order."""
    placed = [(i, c) for i, c in enumerate(cells) if c]
    if len(placed) > len(roles):
        return False
    return all(_fit(c, roles[column]) < _MISFIT for (_, c), column in zip(placed, _cheapest(placed, roles), strict=True))


def _fit(text: str, role: str) -> int:
    """0 when such a cell may stand in such a column, else how much it is against it."""
    number = is_number(text)
    if role in {"value", "order"}:
        return 0 if number or is_dash(text) else _MISFIT
    if role == "code":
        return 0 if is_code(text) else _MISFIT
    if role == "year":
        return 0 if is_year(text) or _BETWEEN_YEARS.search(text) else _MISFIT
    return _MISFIT if number and not is_code(text) else (3 if number else 0)


def _cheapest(placed: Sequence[tuple[int, str]], roles: Sequence[str]) -> list[int]:
    """The columns, rising, that cost least: a misfit is dear, every step of a shift costs one, and a change of shift within the row costs more."""
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
                total = cost + _fit(text, roles[column]) + abs(shift) + 2 * abs(shift - before)
                if column not in reached or total < reached[column][0]:
                    reached[column] = (total, [*chosen, column])
        if not reached:
            return [min(i, width - 1) for i, _ in placed]
        best = reached
    return min(best.values(), key=lambda entry: entry[0])[1]
