"""Blocks -> Tables: caption, header, columns, rows; every cell with its role, its place and the row it was printed in.

The steps stand in `ingest/tabular/`; this module calls them in order and chooses between readings: a table whose columns break their own sums
is read again by the layouts that the registry knows, and the reading that holds more sums wins.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from ingest.amounts import AmountState, read_amount
from ingest.arithmetic import column_sums, holds
from ingest.records import Block, Cell, Identity, Problem, Section, Table
from ingest.tabular.align import align, sources, straightened
from ingest.tabular.headers import Columns, is_order_row, read_columns, split_header
from ingest.tabular.lists import amounts_of, indicator_tables, lists_projects
from ingest.tabular.raw import raw_tables
from ingest.tabular.regions import Region, SourceRow, find_regions, is_number, section_of
from ingest.tabular.targets import read_targets


def find_tables(
    blocks: Sequence[Block], sections: Sequence[Section], identity: Identity
) -> tuple[tuple[Table, ...], tuple[Problem, ...], frozenset[int]]:
    """All tables in reading order, what was not understood, and the indexes of the blocks that belong to tables."""
    regions = find_regions(blocks)
    tables: list[tuple[int, Table]] = []
    problems: list[Problem] = []
    used: set[int] = set()
    for region in regions:
        found_here = read_region(region)
        if not found_here:
            continue
        used |= region.blocks
        tables.extend((min(region.blocks), replace(t, section=section_of(sections, region.place))) for t in found_here)
    for table, indexes, found in raw_tables(blocks, used):
        used |= indexes
        problems.extend(found)
        tables.append((min(indexes), replace(table, section=section_of(sections, table.place))))
    tables.sort(key=lambda entry: entry[0])
    unit = _common_unit([t for _, t in tables])
    numbered = tuple(replace(t, index=i, unit=t.unit or (unit if _holds_money(t) else "")) for i, (_, t) in enumerate(tables))
    problems.extend(Problem("doubtful", f"{t.label or '无标题的表'}：{t.doubtful}", t.place) for t in numbered if t.doubtful)
    return numbered, tuple(problems), frozenset(used)


def read_region(region: Region) -> list[Table]:
    """One region as a Table, by the reader its form names; a list of projects gives several; nothing for a table of contents or an empty one."""
    if not region.rows or _is_contents(region):
        return []
    reader = region.form.reader if region.form else "grid"
    if reader in {"targets", "overall"} or _looks_like_targets(region):
        if lists_projects(region) and (projects := read_grid(amounts_of(region))):
            return [replace(projects, form="targets.list"), *indicator_tables(region, projects)]
        if table := read_targets(region, "overall" if reader == "overall" else "targets"):
            return [table]
    if max(len(r.texts) for r in region.rows) < 2:
        return []
    table = read_grid(region)
    return [table] if table else []


def _common_unit(tables: Sequence[Table]) -> str:
    """The unit of all the paper's tables when they agree: a table that prints none is in it too."""
    units = {t.unit for t in tables if t.unit}
    return units.pop() if len(units) == 1 else ""


def _holds_money(table: Table) -> bool:
    words = table.title + "".join("".join(path) for path in table.columns.values())
    return bool(re.search(r"预算|决算|金额|收入|支出|经费|资金|拨款", words)) and not re.search(r"绩效|指标|得分|分值|人数|数量", words)


def _is_contents(region: Region) -> bool:
    """A list of table names or headings set as rows: no figure but page numbers, and its words are other tables' titles."""
    texts = [t for r in region.rows for t in r.texts]
    if region.form is not None and region.form.reader != "grid":
        return not any(len(r.texts) >= 2 and not r.texts[0].startswith(("附表", "表", "序号")) for r in region.rows) or texts[:2] == ["表号", "表名"]
    titles = sum(t.endswith(("表", "说明", "情况")) or t.startswith(("附表", "（", "第")) for t in texts)
    return titles * 2 > len(texts) and not any(is_number(t) for t in texts)


def _looks_like_targets(region: Region) -> bool:
    words = {t.strip("*：: ") for r in region.rows for t in r.texts}
    levels = words & {"一级指标", "二级指标", "三级指标", "绩效指标", "指标内容"}
    return len(levels) >= 2


def read_grid(region: Region) -> Table | None:
    """A statutory table of rows and columns."""
    count = split_header(region.rows)
    header, body = region.rows[:count], [r for r in region.rows[count:] if not is_order_row(r)]
    body = [r for r in body if r.cells not in {h.cells for h in header}]
    if not header and region.form is None and sum(any(is_number(c) for c in r.cells) for r in body) < 2:
        return None
    columns = _best_columns(region, header, body)
    if not columns.paths and not columns.of("label", "unit", "project"):
        return None
    body = straightened(body, columns.roles)
    cells = [Cell(r, c, text, "header", row.place_of([c])) for r, row in enumerate(header) for c, text in enumerate(row.cells) if text]
    for r, row in enumerate(body, start=len(header)):
        cells.extend(
            _body_cell(r, c, found, columns.roles[c], row) for c, found in enumerate(sources(row.cells, columns.roles, ruled=any(row.places)))
        )
    values = [c.text for c in cells if c.role == "value"]
    table = region.table(cells, columns.paths, (*header, *body), empty=not any(is_number(v) for v in values))
    kept, tried = _sums_kept(columns, body)
    return replace(table, doubtful=f"表头所示的合计 {tried} 处中有 {tried - kept} 处与分项不符") if tried > 1 and kept * 2 < tried else table


def _body_cell(row: int, column: int, found: Sequence[int], role: str, source: SourceRow) -> Cell:
    text = " ".join(source.cells[i] for i in found if source.cells[i])
    covered = source.spans and column < len(source.cells) and not source.cells[column] and found in {(), (column,)}
    if role == "label" and not text and covered and any(is_number(c) for c in source.cells):
        text = source.filled[column]  # the name of a merged cell, printed once over the rows or columns it covers
    under_words = role == "value" and covered and bool(source.filled[column]) and not is_number(source.filled[column])
    return Cell(row, column, text, role if text or (role == "value" and not under_words) else "empty", source.place_of(found))


def _best_columns(region: Region, header: Sequence[SourceRow], body: Sequence[SourceRow]) -> Columns:
    """The columns as printed, or one of the form's known layouts when more of the table's own sums hold under it."""
    printed = read_columns(header, body)
    readings = [printed]
    leading = next((i for i, role in enumerate(printed.roles) if role == "value"), len(printed.roles))
    words = "".join(t for row in header for t in row.texts).replace(" ", "")
    for layout in region.form.columns if region.form else ():
        if leading == 0 or not all(path[-1].removesuffix("拨款") in words for path in layout):
            continue
        if any(len(r.texts) and len(_trimmed(r.cells)) > leading + len(layout) for r in body):
            continue
        roles = (*printed.roles[:leading], *["value"] * len(layout))
        readings.append(Columns(roles, {leading + i: path for i, path in enumerate(layout)}))
    return max(reversed(readings), key=lambda reading: _score(reading, body))


def _trimmed(cells: Sequence[str]) -> tuple[str, ...]:
    end = len(cells)
    while end and not cells[end - 1]:
        end -= 1
    return tuple(cells[:end])


def _score(columns: Columns, body: Sequence[SourceRow]) -> Decimal:
    """The share of the sums implied by the headings that hold over all rows, weighed down when figures stand in columns without a heading."""
    kept, tried = _sums_kept(columns, body)
    homeless = sum(
        read_amount(text).state is AmountState.NUMBER
        for row in body
        for c, text in enumerate(align(row.cells, columns.roles, ruled=any(row.places)))
        if c in columns.paths and not columns.paths[c]
    )
    share = Decimal(kept) / Decimal(tried) if tried else Decimal("0.5")
    return share - homeless - Decimal(any(not p for p in columns.paths.values())) / 100


def _sums_kept(columns: Columns, body: Sequence[SourceRow]) -> tuple[int, int]:
    """Of the sums over columns that the headings imply (合计, 小计): how many rows keep them, how many have one."""
    sums = column_sums(columns.paths)
    kept = tried = 0
    for row in body:
        cells = align(row.cells, columns.roles, ruled=any(row.places))
        values = {c: read_amount(cells[c]) for c in columns.paths}
        for identity in sums:
            if values[identity.total].value is None or not any(values[p].value for p in identity.parts):
                continue
            tried += 1
            kept += holds(values[identity.total].value, [values[p].value or Decimal(0) for p in identity.parts])
    return kept, tried
