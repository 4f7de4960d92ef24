"""Identities between the tables of one paper: one figure in several of them, a row and the units or projects it is made of."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from ingest.checks.book import Book, figure_named, heading_of, own_figure
from ingest.checks.verdicts import equal_check, some, sum_check
from ingest.records import Check, FactKind, Measure, Scope, Side, Table
from ingest.wording import key, squeeze


def across_tables(book: Book) -> Iterable[Check]:
    """One figure in several tables: 表1 = 表3 = 表7, 基本支出, 项目支出, 政府采购, the 决算's totals."""
    pairs = (
        ("budget.balance", "支出总计", "budget.spending", r"^(?:支出)?(?:总计|合计)$", "支出总计"),
        ("budget.balance", "收入总计", "budget.income", r"^(?:收入)?(?:总计|合计)$", "收入总计"),
    )
    for first_form, row, second_form, column, what in pairs:
        for first in book.form(first_form):
            for second in book.form(second_form):
                a, b = figure_named(book, first, row), own_figure(book, second, column)
                if a is not None and b is not None and (result := equal_check(book, "equal", a, b, what)):
                    yield result
    yield from _unit_columns(book, "budget.spending", r"^基本支出$", "budget.basic", r"^(?:总计|合计)$", "基本支出")
    yield from _unit_columns(book, "budget.spending", r"^项目支出$", "budget.projects", r"^(?:总计|合计)$", "项目支出")
    yield from _unit_columns(book, "budget.spending", r"^(?:支出)?(?:总计|合计)$", "budget.income", r"^(?:收入)?(?:总计|合计)$", "支出总计与收入总计")
    yield from _unit_columns(book, "budget.spending", r"政府采购项目(?:·小计)?$", "budget.procurement", r"^金额", "政府采购")
    if _all_from(book, r"一般公共预算(?:财政)?(?:拨款)?(?:收入)?"):
        for column in ("总计|合计", "基本支出", "项目支出"):
            yield from _unit_columns(
                book,
                "budget.spending",
                rf"^(?:支出)?(?:{column})$",
                "budget.general",
                rf"^(?:支出)?(?:{column})$",
                f"一般公共预算{column.split('|')[0]}",
            )
        yield from _same_rows(book, "budget.balance", "budget.general", r"^(?:支出)?(?:总计|合计)$", "功能分类")
    if _all_from(book, r"(?:政府预算|财政预算|财政)拨款(?:收入)?|一般公共预算(?:财政)?(?:拨款)?(?:收入)?"):
        yield from _same_rows(book, "budget.balance", "budget.grants", "", "财政拨款与收支总表")
    for first, row, side, second, column in (
        ("final.01", "本年收入合计", Side.INCOME, "final.02", "本年收入合计"),
        ("final.01", "本年支出合计", Side.SPENDING, "final.03", "本年支出合计"),
        ("final.04", "本年支出合计", Side.SPENDING, "final.05", "小计|合计"),
    ):
        yield from _final_totals(book, first, row, side, second, column)
    yield from _final_basic(book)


def _all_from(book: Book, source: str) -> bool:
    """Whether the whole income of the general table comes from one source, so that tables of that source show the same figures."""
    for table in book.form("budget.balance"):
        total = figure_named(book, table, "收入总计|总计", side=Side.INCOME)
        part = figure_named(book, table, source, side=Side.INCOME)
        if total is not None and part is not None and book.printed(total):
            return book.value(total) == book.value(part)
    return False


def _unit_columns(book: Book, first: str, first_column: str, second: str, second_column: str, what: str) -> Iterable[Check]:
    """The rows of every organisation in two tables, one column of each."""
    for a in book.form(first):
        for b in book.form(second):
            left, right = _unit_rows(book, a, first_column), _unit_rows(book, b, second_column)
            for scope, i in left.items():
                if scope in right and (result := equal_check(book, "equal", i, right[scope], what)):
                    yield result


def _unit_rows(book: Book, table: Table, column: str) -> dict[tuple[Scope, int], int]:
    """An organisation's own rows by scope and, for sub-units (whose names vary between tables), by their order."""
    found: dict[tuple[Scope, int], int] = {}
    seen: dict[Scope, int] = defaultdict(int)
    for i in book.of_table[table.index]:
        fact = book.facts[i]
        if fact.rows == (fact.organisation,) and re.search(column, squeeze("·".join(fact.columns))):
            found[(fact.scope, seen[fact.scope])] = i
            seen[fact.scope] += 1
    return found


def _same_rows(book: Book, first: str, second: str, column: str, what: str) -> Iterable[Check]:
    """The 科目 rows of two tables, by their whole path."""
    for a in book.form(first):
        spending: dict[tuple[str, ...], int] = {}
        for i in book.of_table[a.index]:  # the first column of a row is its total, what follows are parts (人员经费, 项目支出)
            if book.facts[i].side is Side.SPENDING:
                spending.setdefault(_subject_path(book.facts[i].rows), i)
        for b in book.form(second):
            if len({book.facts[i].scope for i in book.of_table[b.index] if book.facts[i].scope is not Scope.TOTAL}) > 1:
                continue  # a table by units: its sums are another identity
            for i in book.of_table[b.index]:
                fact = book.facts[i]
                path = _subject_path(fact.rows)
                if path in spending and fact.side is Side.SPENDING and (not column or re.search(column, squeeze("·".join(fact.columns)))):
                    if fact.scope is Scope.SUBUNIT or (fact.rows == (fact.organisation,)):
                        continue
                    yield from some(equal_check(book, "equal", spending[path], i, what))


def _subject_path(rows: Sequence[str]) -> tuple[str, ...]:
    """The names of a 科目 and those above it, without the 一、本年支出 that some tables set over all of them."""
    names = tuple(map(key, rows))
    return names[1:] if names[0] == "本年支出" else names


def subjects_of_units(book: Book) -> Iterable[Check]:
    """A 科目 of the general table = the sum of the units' rows of that 科目 in the table by units."""
    for general in book.form("budget.general", "budget.general_economic"):
        rows: dict[str, dict[str, int]] = defaultdict(dict)
        for i in book.of_table[general.index]:
            fact = book.facts[i]
            if fact.rows != (fact.organisation,) and re.search(r"(?:总计|合计)$", squeeze("·".join(fact.columns))):
                rows[key(fact.rows[-1])][fact.organisation] = i
        if len({o for units in rows.values() for o in units}) < 2:
            continue
        for balance in book.form("budget.balance"):
            for i in book.of_table[balance.index]:
                fact = book.facts[i]
                parts = list(rows.get(key(fact.rows[-1]), {}).values())
                if fact.side is Side.SPENDING and len(fact.rows) == 3 and parts:
                    what = f"{balance.label}“{fact.rows[-1]}”= {general.label}各单位之和"
                    yield from some(sum_check(book, "units", i, parts, what))


def _final_totals(book: Book, first: str, row: str, side: Side, second: str, column: str) -> Iterable[Check]:
    for a in book.form(first):
        for b in book.form(second):
            i = figure_named(book, a, row, side=side)
            j = figure_named(book, b, "合计", column)
            if i is not None and j is not None and (result := equal_check(book, "equal", i, j, row)):
                yield result


def _final_basic(book: Book) -> Iterable[Check]:
    """05's 基本支出 = 06's two totals; 06's 公务接待费 and 公务用车运行维护费 against 07."""
    for basic in book.form("final.06", "budget.general_basic"):
        staff, office = figure_named(book, basic, "人员经费合计"), figure_named(book, basic, "公用经费合计")
        for general in book.form("final.05"):
            total = figure_named(book, general, "合计", "基本支出")
            if total is not None and staff is not None and office is not None:
                yield from some(sum_check(book, "equal", total, [staff, office], f"{general.label}基本支出 = {basic.label}人员经费 + 公用经费"))
        for three in book.form("final.07"):
            for row, column in (
                ("公务接待费", "^决算数公务接待费"),
                ("公务用车运行维护费", "^决算数公务用车.*运行(?:维护)?费$"),
                (r"因公出国\(境\)费用?", "^决算数因公出国"),
            ):
                i = figure_named(book, basic, row)
                j = next((k for k in book.of_table[three.index] if re.search(column, squeeze("".join(book.facts[k].columns)))), None)
                if i is not None and j is not None and (result := equal_check(book, "equal", i, j, row)):
                    yield result


def projects(book: Book) -> Iterable[Check]:
    """A project's amount of the year in the project table, the summary of targets, the overall targets and its own form."""
    lines: dict[str, int] = {}
    for table in book.form("budget.projects"):
        for i in book.of_table[table.index]:
            fact = book.facts[i]
            if fact.columns and re.search(r"^(?:总计|合计)$", heading_of(fact)) and len(fact.columns) == 1 and fact.rows != (fact.organisation,):
                lines[_project_key(fact.rows[-1])] = i
    others = [
        i
        for table in book.form("targets.summary", "targets.overall")
        for i in book.of_table[table.index]
        if book.facts[i].columns and re.search(r"总额|合计|小计", heading_of(book.facts[i]))
    ]
    others += [
        i
        for i, fact in enumerate(book.facts)
        if fact.kind is FactKind.FIELD and fact.measure is Measure.AMOUNT and re.search(r"^(?:本年度?(?:项目|预算)金额|预算金额)$", heading_of(fact))
    ]
    for i in others:
        line = lines.get(_project_key(book.facts[i].rows[-1]))
        if line is not None and (result := equal_check(book, "project", line, i, f"项目“{book.facts[line].rows[-1]}”本年金额")):
            yield result
    for table in book.form("targets.overall"):
        total = next((i for i in others if book.facts[i].table == table.index and re.match(r"(?:金额)?合计$", book.facts[i].rows[-1])), None)
        for spending in book.form("budget.spending"):
            whole = own_figure(book, spending, r"^(?:支出)?(?:总计|合计)$")
            if total is not None and whole is not None and (result := equal_check(book, "project", whole, total, "整体绩效目标金额合计 = 支出总计")):
                yield result


def _project_key(name: str) -> str:
    return re.sub(r"\([^)]*\)", "", key(name))
