"""Identities within one table: along its rows, down its columns, between its two sides."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from ingest.arithmetic import column_sums
from ingest.checks.book import Book, groups
from ingest.checks.verdicts import equal_check, if_mostly_kept, some, sum_check
from ingest.records import Check, CheckStatus, Measure, Scope, Side, Table
from ingest.wording import squeeze

_TOTAL = re.compile(r"^(?:合计|总计|金额合计|本年(?:收入|支出)合计)$")
_GRAND = re.compile(r"^(?:(?:收入|支出)?总计|总计)$")
_LISTED_PARTS = re.compile(r"其中[:：]?[（(]?[\d①一]")  # 其中：（1）…, and （2）… below it: all the parts, numbered
_YEAR_TOTAL = re.compile(r"^本年(?:收入|支出)(?:合计|小计)$")


def sums_along_rows(book: Book) -> Iterable[Check]:
    """Along each row: 小计 and 合计 are the sums of their columns."""
    for table in book.tables:
        sums = column_sums(table.columns)
        if not sums or not book.of_table[table.index]:
            continue
        rows: dict[int, dict[int, int]] = defaultdict(dict)
        for i in book.of_table[table.index]:
            fact = book.facts[i]
            if fact.row is not None and fact.column is not None:
                rows[fact.row][fact.column] = i
        for identity in sums:
            found = []
            for row in rows.values():
                if identity.total in row and all(p in row for p in identity.parts):
                    name = book.facts[row[identity.total]]
                    what = f"{table.label}“{name.rows[-1]}”{'·'.join(name.columns)}"
                    found.append(sum_check(book, "sum", row[identity.total], [row[p] for p in identity.parts], what))
            yield from if_mostly_kept([c for c in found if c])


def row_levels(book: Book) -> Iterable[Check]:
    """Down each column: a 类 is the sum of its 款, a 款 of its 项; 工资福利支出 of what stands under it."""
    for table in book.tables:
        found: list[Check] = []
        for group in groups(book, table):
            children: dict[tuple[str, ...], list[int]] = defaultdict(list)
            for path, indexes in group.items():
                if len(path) > 1:
                    children[path[:-1]].extend(i for i in indexes if not book.facts[i].part_of or _LISTED_PARTS.match(squeeze(path[-1])))
            for path, parts in children.items():
                if len(group.get(path, ())) == 1 and parts:
                    total = group[path][0]
                    what = f"{table.label}“{path[-1]}”{'·'.join(book.facts[total].columns)} = 下级之和"
                    found.extend(some(sum_check(book, "level", total, parts, what)))
        unsure = {book.facts[c.facts[-1]].row for c in found if c.status is CheckStatus.NOT_CHECKABLE}
        found = [c for c in found if c.status is not CheckStatus.BROKEN or book.facts[c.facts[-1]].row not in unsure]
        yield from if_mostly_kept(found)


def totals_of_columns(book: Book) -> Iterable[Check]:
    """合计 = the top rows; 总计 = 本年合计 + what is carried over; a unit's own row = the rows under it."""
    for table in book.tables:
        found: list[Check] = []
        for group in groups(book, table):
            tops = [(path[-1], i) for path, indexes in group.items() if len(path) == 1 for i in indexes]
            found.extend(_column_totals(book, table, tops))
        yield from if_mostly_kept(found)


def _column_totals(book: Book, table: Table, tops: Sequence[tuple[str, int]]) -> Iterable[Check]:
    """The totals of one column, read from the top: each total is the sum of the rows since the total before it, and that one."""
    organisation = [i for name, i in tops if name == book.facts[i].organisation]
    named = [(name, i) for name, i in tops if i not in organisation]
    labels = {squeeze(name) for name, _ in named}
    if len(organisation) == 1 and len(named) > 1 and not any(_TOTAL.match(n) or _GRAND.match(n) for n in labels):
        parts = [i for name, i in named if not book.facts[i].part_of]
        what = f"{table.label}“{book.facts[organisation[0]].organisation}”{'·'.join(book.facts[organisation[0]].columns)} = 各项之和"
        yield from some(sum_check(book, "total", organisation[0], parts, what))
        return
    if any(re.search(r"人员经费合计|公用经费合计", n) for n in labels):
        return
    pending: list[int] = []
    year_total: int | None = None
    first_total: int | None = None
    for position, (name, i) in enumerate(named):
        flat = squeeze(name)
        what = f"{table.label}“{name}”{'·'.join(book.facts[i].columns)}"
        if (book.facts[i].side is Side.SPENDING and "收入" in flat) or (book.facts[i].side is Side.INCOME and "支出" in flat):
            return
        if position == 0 and _TOTAL.match(flat):
            first_total = i
        elif _YEAR_TOTAL.match(flat) or flat in {"合计", "金额合计"}:
            yield from some(sum_check(book, "total", i, pending, what))
            pending, year_total = [], i
        elif _GRAND.match(flat):
            parts = ([year_total] if year_total is not None else []) + pending
            if len(parts) > (1 if year_total is not None else 0) and (result := sum_check(book, "total", i, parts, what)):
                yield result
            pending, year_total = [], None
        elif not book.facts[i].part_of:
            pending.append(i)
    if first_total is not None and len(pending) > 1:
        what = f"{table.label}“{book.facts[first_total].rows[-1]}”{'·'.join(book.facts[first_total].columns)}"
        yield from some(sum_check(book, "total", first_total, pending, what))


def units_of_a_department(book: Book) -> Iterable[Check]:
    """A department's row = its own office and the units below it."""
    for table in book.tables:
        rows: dict[tuple[object, ...], list[int]] = defaultdict(list)
        if any(_TOTAL.match(squeeze(book.facts[i].rows[-1])) for i in book.of_table[table.index]):
            continue  # 合计 is the whole then, and the department's row one of the units
        for i in book.of_table[table.index]:
            fact = book.facts[i]
            if fact.rows == (fact.organisation,) and fact.measure is Measure.AMOUNT:
                rows[(fact.column, fact.year)].append(i)
        for indexes in rows.values():
            totals = [i for i in indexes if book.facts[i].scope is Scope.TOTAL]
            parts = [i for i in indexes if book.facts[i].scope is not Scope.TOTAL]
            if len(totals) == 1 and parts:
                fact = book.facts[totals[0]]
                year = f"{fact.year}年" if table.form == "budget.three" else ""
                what = f"{table.label}{year}“{fact.organisation}”{'·'.join(fact.columns)} = 各单位之和"
                yield from some(sum_check(book, "units", totals[0], parts, what))


def balance(book: Book) -> Iterable[Check]:
    """收入总计 = 支出总计 of a two-sided table."""
    for table in book.tables:
        income = [i for i in book.of_table[table.index] if book.facts[i].side is Side.INCOME and _GRAND.match(squeeze(book.facts[i].rows[-1]))]
        spending = [i for i in book.of_table[table.index] if book.facts[i].side is Side.SPENDING and _GRAND.match(squeeze(book.facts[i].rows[-1]))]
        if income and spending and (result := equal_check(book, "balance", income[0], spending[0], f"{table.label}收入总计 = 支出总计")):
            yield result


def staff_and_office(book: Book) -> Iterable[Check]:
    """Of a table of 基本支出 by 经济分类: 人员经费合计 = 301 + 303, 公用经费合计 = the other 类."""
    for table in book.tables:
        by_label = {squeeze(book.facts[i].rows[-1]): i for i in book.of_table[table.index] if len(book.facts[i].rows) == 1}
        classes = {book.facts[i].code: i for i in book.of_table[table.index] if len(book.facts[i].code) == 3 and book.facts[i].code[0] == "3"}
        for label, wanted in (("人员经费合计", lambda code: code in {"301", "303"}), ("公用经费合计", lambda code: code not in {"301", "303"})):
            parts = [i for code, i in classes.items() if wanted(code)]
            if label in by_label and parts and (result := sum_check(book, "total", by_label[label], parts, f"{table.label}“{label}”")):
                yield result
