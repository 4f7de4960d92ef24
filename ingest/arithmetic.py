"""Sums over table columns and over rows: a helper of the reader (which reading holds?) and of the checks (which identities are broken?)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ingest.wording import is_part, squeeze

_TOTAL = re.compile(
    r"^(?:合计|小计|总计|总额|收入总计|支出总计|支出合计|收入合计|本年收入合计|本年支出合计|本年收入|本年支出|.*(?:预算总额|经费合计|总数))$"
)
# Columns that stand beside a total without being a part of it.
_ASIDE = re.compile(r"其中|扣除|政府采购|面向|增减|增长|比率|比例|占比|[%％]|上年(?:预算|决算|执行|数)|去年|备注|年度$|执行率|完成率")


@dataclass(frozen=True, slots=True)
class Sum:
    """One identity over columns or rows: the total's index and the indexes of its parts."""

    total: int
    parts: tuple[int, ...]


def column_sums(paths: Mapping[int, tuple[str, ...]]) -> list[Sum]:
    """The sums that the headings imply: 小计 = the others under the same heading; 合计/总计 = the groups beside it.

    A heading that is itself printed over its own figures is counted once, by its 小计 when it has one, else by all its leaves.
    """
    return _level(dict(paths), 0)


def _level(paths: dict[int, tuple[str, ...]], depth: int) -> list[Sum]:
    groups: dict[str, list[int]] = {}
    for column, path in paths.items():
        if len(path) > depth:
            groups.setdefault(path[depth], []).append(column)
    sums: list[Sum] = []
    totals = [
        (name, columns[0])
        for name, columns in groups.items()
        if _TOTAL.match(squeeze(name)) and len(columns) == 1 and len(paths[columns[0]]) == depth + 1
    ]
    for _, total in totals[:1]:
        parts: list[int] = []
        for name, columns in groups.items():
            if total in columns or is_part(name) or _ASIDE.search(squeeze(name)):
                continue
            parts.extend(_representatives(columns, paths, depth + 1))
        if len(parts) > 1:
            sums.append(Sum(total, tuple(parts)))
    for columns in groups.values():
        if len(columns) > 1:
            sums.extend(_level({c: paths[c] for c in columns}, depth + 1))
    return sums


def _representatives(columns: Sequence[int], paths: dict[int, tuple[str, ...]], depth: int) -> list[int]:
    """The columns whose sum a group is: its own total when it prints one, else its leaves without 其中."""
    for column in columns:
        path = paths[column]
        if len(path) == depth or (len(path) == depth + 1 and _TOTAL.match(squeeze(path[depth]))):
            return [column]
    groups: dict[str, list[int]] = {}
    for column in columns:
        groups.setdefault(paths[column][depth], []).append(column)
    found: list[int] = []
    for name, inner in groups.items():
        if not is_part(name) and not _ASIDE.search(squeeze(name)):
            found.extend(_representatives(inner, paths, depth + 1))
    return found


def last_unit(values: Sequence[Decimal]) -> Decimal:
    """The value of one in the last printed place of the most precise figure (0.01 where two decimals are printed, 1 for whole numbers)."""
    exponents = [int(v.as_tuple().exponent) for v in values]
    return Decimal(1).scaleb(min(0, *exponents)) if exponents else Decimal(1)


def tolerance(values: Sequence[Decimal], parts: int) -> Decimal:
    """What rounding may leave between a total and the sum of `parts` rounded parts: one last unit, and half a unit more for each part beyond two."""
    unit = last_unit(values)
    return unit * max(1, (parts + 1) // 2)


def holds(total: Decimal, parts: Sequence[Decimal]) -> bool:
    """Whether a total is the sum of its parts but for rounding."""
    return abs(total - sum(parts, Decimal(0))) <= tolerance([total, *parts], len(parts))
