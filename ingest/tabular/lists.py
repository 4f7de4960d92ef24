"""Tables that list projects (or units, for 整体支出) with their targets: one row a project, or one row an indicator with the project merged over its rows.

Such a table becomes one Table of the projects' amounts (read as any table of rows and columns) and, where it prints indicators, one Table a
project for them, in the columns of `targets.py`. Indicators stand in columns of their own, or all of a project's packed into one cell
(“1、1-产出指标；11-数量指标；维护次数；实施周期指标值:≥4次；年度指标值:≥4次。2、…”).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ingest.records import Cell, Table
from ingest.tabular.headers import heading_paths, split_header
from ingest.tabular.regions import Region, SourceRow, unbroken

_PROJECT = re.compile(r"项目.{0,2}名称|项目[)）]名称")
_UNIT = re.compile(r"^(?:预算)?(?:单位|部门)名称$")
_TARGETS = re.compile(r"^(?:一级指标|绩效目标|绩效指标|年度绩效目标|总体目标|(?:部门|单位)?整体(?:支出)?(?:年度)?绩效目标)")
_AMOUNT = re.compile(r"金额|总额|总计|合计|资金|预算")
_LEVELS = ("一级指标", "二级指标", "三级指标")
_PACKED = re.compile(r"(?<![\d.])\d{1,3}、(?=\d+[-－][^；;]*指标[；;])")
_CODE = re.compile(r"^\d+[-－]")
_PACKED_VALUE = re.compile(r"[；;]([^；;:：]*值)[:：]")


def lists_projects(region: Region) -> bool:
    """Whether the header names a project (or unit) column, an amount and targets side by side (a form prints 项目名称 as a field instead)."""
    words = [unbroken(t) for t in region.rows[0].texts] if region.rows else []
    named = any(p.search(w) for p in (_PROJECT, _UNIT) for w in words)
    return len(words) >= 4 and named and all(any(p.search(w) for w in words) for p in (_TARGETS, _AMOUNT))


def _name_column(leaves: Sequence[str]) -> int:
    """The column with the name of what a row is about: the project, else the unit."""
    return next(i for p in (_PROJECT, _UNIT) for i, leaf in enumerate(leaves) if p.search(leaf))


def amounts_of(region: Region) -> Region:
    """The list without its indicator columns: what is left has one row a project."""
    count = split_header(region.rows)
    width = max(len(r.cells) for r in region.rows)
    leaves = [p[-1] if p else "" for p in heading_paths(region.rows[:count], width)]
    if _LEVELS[0] not in leaves:
        return region
    end = leaves.index(_LEVELS[0])
    cut = [replace(r, cells=r.cells[:end], filled=r.filled[:end]) for r in region.rows]
    rows = [r for r in cut if r.texts]
    # a merged cell is printed again on every page that its rows run over: the same project, not another one
    return replace(region, rows=tuple(r for i, r in enumerate(rows) if not i or r.cells != rows[i - 1].cells))


def indicator_tables(region: Region, like: Table) -> list[Table]:
    """One Table of indicators for each project of the list; none when the list prints none."""
    return _from_columns(region, like) or _from_packed_cells(region, like)


def _from_packed_cells(region: Region, like: Table) -> list[Table]:
    """The indicators that a project's row holds in one cell."""
    count = split_header(region.rows)
    width = max(len(r.cells) for r in region.rows)
    leaves = [p[-1] if p else "" for p in heading_paths(region.rows[:count], width)]
    name_at = _name_column(leaves)
    tables: list[Table] = []
    for row in region.rows[count:]:
        project = row.cells[name_at] if name_at < len(row.cells) else ""
        packed = next(((c, found) for c, text in enumerate(row.cells) if (found := _unpacked(unbroken(text)))), None)
        if not project or packed is None:
            continue
        column, indicators = packed
        place = row.place_of([column])
        cells = [Cell(0, -1, project, "caption", row.place_of([name_at]))]
        headings: list[str] = []
        for number, (labels, values) in enumerate(indicators):
            cells.extend(Cell(number, c, t, "label", place) for c, t in enumerate(labels))
            for heading, value in values:
                if heading not in headings:
                    headings.append(heading)
                cells.append(Cell(number, 3 + headings.index(heading), value, "value", place))
        paths = {3 + c: (heading,) for c, heading in enumerate(headings)}
        tables.append(
            replace(like, form="targets.project", cells=tuple(cells), columns=paths, place=row.place, empty=False, quotes=(row.quote,) * len(indicators))
        )
    return tables


def _unpacked(text: str) -> list[tuple[list[str], list[tuple[str, str]]]]:
    """The indicators packed into one cell: the three levels without their codes, and the values by their names."""
    found = []
    for entry in _PACKED.split(text)[1:]:
        head, *values = _PACKED_VALUE.split(entry.rstrip("。；; "))
        levels = re.split("[；;]", head, maxsplit=2)
        if len(levels) == len(_LEVELS) and values:
            labels = [_CODE.sub("", level).strip(".． ") for level in levels]
            found.append((labels, list(zip(values[::2], values[1::2], strict=True))))
    return found


def _from_columns(region: Region, like: Table) -> list[Table]:
    count = split_header(region.rows)
    width = max(len(r.cells) for r in region.rows)
    leaves = [p[-1] if p else "" for p in heading_paths(region.rows[:count], width)]
    if not set(_LEVELS) <= set(leaves):
        return []
    name_at = _name_column(leaves)
    levels = [leaves.index(level) for level in _LEVELS]
    of_units = bool(_UNIT.search(leaves[name_at]))
    after = [i for i in range(levels[-1] + 1, width) if leaves[i]]
    tables: list[Table] = []
    for project, rows in _by_project(region.rows[count:], name_at, levels):
        cells: list[Cell] = []
        for number, (row, labels) in enumerate(rows):
            if not number and not of_units:
                cells.append(Cell(0, -1, project, "caption", row.place_of_text(project)))
            cells.extend(Cell(number, c, t, "label", row.place_of_text(t)) for c, t in enumerate(labels))
            values = [row.cells[i] if i < len(row.cells) else "" for i in after]
            cells.extend(Cell(number, 3 + c, t, "value", row.place_of([after[c]])) for c, t in enumerate(values))
        paths = {3 + c: (leaves[i],) for c, i in enumerate(after)}
        place = rows[0][0].place.to(rows[-1][0].place)
        form, organisation = ("targets.overall", project) if of_units else ("targets.project", like.organisation)
        quotes = tuple(r.quote for r, _ in rows)
        tables.append(
            replace(like, form=form, organisation=organisation, cells=tuple(cells), columns=paths, place=place, empty=False, quotes=quotes)
        )
    return tables


def _by_project(rows: Sequence[SourceRow], name_at: int, levels: Sequence[int]) -> list[tuple[str, list[tuple[SourceRow, list[str]]]]]:
    """The indicator rows under each project; what a merged cell covers, or a new page leaves out, is filled from above."""
    found: list[tuple[str, list[tuple[SourceRow, list[str]]]]] = []
    carried = ["", ""]
    for row in rows:
        cells = row.filled or row.cells
        name = row.cells[name_at] if name_at < len(row.cells) else ""
        labels = [cells[i] if i < len(cells) else "" for i in levels]
        if name and (not found or found[-1][0] != name):
            found.append((name, []))
            carried = ["", ""]
        if labels[0]:
            carried = [labels[0], ""]
        if labels[1]:
            carried[1] = labels[1]
        if labels[2] and found:
            found[-1][1].append((row, [*carried, labels[2]]))
    return [(name, rows) for name, rows in found if rows]
