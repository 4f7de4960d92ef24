"""The accounts' own arithmetic (勾稽关系) evaluated on one paper: which identities hold, which the paper breaks, which cannot be tried.

Two kinds of tolerance: a sum of rounded parts may miss its total by rounding (`arithmetic.tolerance`), but one figure printed in two places
must be the same figure. An identity that headings only suggest counts for a table when most of its rows keep it; then a row that
breaks it is the paper's own error and not the reader's guess.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import combinations

from ingest.amounts import AmountState, convert, show
from ingest.arithmetic import column_sums, tolerance
from ingest.hierarchy import CHINESE_NUMBER
from ingest.records import Check, CheckStatus, Fact, FactKind, Identity, Measure, Scope, Side, Stage, Table
from ingest.wording import key, squeeze

_TOTAL = re.compile(r"^(?:合计|总计|金额合计|本年(?:收入|支出)合计)$")
_GRAND = re.compile(r"^(?:(?:收入|支出)?总计|总计)$")
_YEAR_TOTAL = re.compile(r"^本年(?:收入|支出)(?:合计|小计)$")
_PLACEHOLDER = re.compile(
    r"(?:[XxＸ×]{2,}|＿{2,}|_{3,}|□{2,})\s*(?=年|月|万元|元|[%％]|个|辆|人|项|家|单位|部门|局)|请核实|请各?单位(?:核实|填写)|此处填写"
)
_RISE = re.compile(r"增加|增长|上升|提高")
_REASON = re.compile(r"(?P<verb>增加|增长|上升|减少|下降|降低)的?(?:主要)?原因")
_MONEY = {"元", "千元", "万元", "百万元", "亿元"}
# Sums over rows whose membership is inferred, not printed: a miss by more than a quarter says that the list is not whole, not that the paper errs.
_INFERRED = {"level", "total", "units", "stated"}
# One thing under the names that prose and tables use for it.
_SAME = {
    "支出合计": "本年支出合计",
    "收入合计": "本年收入合计",
    "部门预算收入": "收入总计",
    "部门预算支出": "支出总计",
    "因公出国(境)费用": "因公出国(境)费",
    "公务用车购置和运行维护费": "公务用车购置及运行维护费",
    "公务用车购置及运行费": "公务用车购置及运行维护费",
    "公务用车运行费": "公务用车运行维护费",
    "政府采购项目": "政府采购",
    "2021年政府采购项目": "政府采购",
}


def check(tables: Sequence[Table], facts: Sequence[Fact], identity: Identity) -> tuple[Check, ...]:
    """Every identity that the paper's figures allow, family by family."""
    book = _Book(tables, facts, identity)
    families: tuple[Callable[[_Book], Iterable[Check]], ...] = (
        _column_sums,
        _row_levels,
        _totals,
        _units,
        _balance,
        _staff_and_office,
        _across_tables,
        _subjects_of_units,
        _projects,
        _funding,
        _scores,
        _forms,
        _indicators,
        _stated_against_tables,
        _stated_classes,
        _changes,
        _rates,
        _shares,
        _parts_in_sentences,
        _items_of_a_list,
        _numbering,
        _placeholders,
        _whole_shares,
        _reasons,
    )
    return tuple(c for family in families for c in family(book))


class _Book:
    """The paper's facts with the indexes that the families need."""

    def __init__(self, tables: Sequence[Table], facts: Sequence[Fact], identity: Identity) -> None:
        self.tables = tables
        self.facts = facts
        self.identity = identity
        self.of_table: dict[int, list[int]] = defaultdict(list)
        self.stated: list[int] = []
        for i, fact in enumerate(facts):
            if fact.kind is FactKind.TABLE and fact.table is not None:
                self.of_table[fact.table].append(i)
            elif fact.kind is FactKind.STATED:
                self.stated.append(i)

    def value(self, i: int) -> Decimal | None:
        """The figure; a blank or dash counts as 0, words as nothing."""
        amount = self.facts[i].amount
        if amount.value is not None:
            return amount.value
        return Decimal(0) if amount.state in {AmountState.BLANK, AmountState.DASH} else None

    def printed(self, i: int) -> bool:
        return self.facts[i].amount.value is not None

    def form(self, *names: str) -> Iterator[Table]:
        return (t for t in self.tables if t.form in names)

    def name(self, i: int) -> str:
        """How a fact is named in a check's words: table, row, column."""
        fact = self.facts[i]
        table = self.tables[fact.table].label if fact.table is not None else "文字"
        row = fact.rows[-1] if fact.rows else ""
        column = "·".join(fact.columns)
        return f"{table}“{row}”{column}"


# -- making checks


def _sum_check(book: _Book, kind: str, total: int, parts: Sequence[int], what: str) -> Check | None:
    """total = Σ parts but for rounding; None when nothing of it is printed."""
    values = [book.value(p) for p in parts]
    found = book.value(total)
    if not book.printed(total):
        if any(book.printed(p) and book.value(p) for p in parts):
            return Check(kind, CheckStatus.NOT_CHECKABLE, f"{what}：合计未印数字，无法核对。", facts=(*parts, total))
        return None
    if found is None or any(v is None for v in values) or not parts:
        return None
    numbers = [v for v in values if v is not None]
    if not found and not any(numbers):
        return None
    expected = sum(numbers, Decimal(0))
    counted = sum(bool(v) for v in numbers)
    good = abs(found - expected) <= (tolerance([found, *numbers], counted) if counted > 1 else Decimal(0))  # one part alone is the same figure again
    shown = [show(v) for v in numbers if v] or ["0"]
    steps = " + ".join(shown[:12]) + (f" + …（共{len(shown)}项）" if len(shown) > 12 else "")
    unit = book.facts[total].amount.unit
    sign = "=" if expected == found else "≈"
    if not good and kind in _INFERRED and abs(found - expected) * 4 > max(abs(found), abs(expected)):
        detail = f"{what}：{show(found)} {unit} 与所列各项之和 {show(expected)} 相去甚远，各项恐未列全，未作判断。"
        return Check(kind, CheckStatus.NOT_CHECKABLE, detail, facts=(*parts, total))
    if good:
        detail = f"{what}：{steps} {sign} {show(found)} {unit}"
    else:
        sum_shown = f"{steps} = {show(expected)}" if len(shown) > 1 else f"应为 {show(expected)}"
        detail = f"{what}：{sum_shown}，印 {show(found)} {unit}，相差 {show(found - expected)}。"
    return Check(kind, CheckStatus.OK if good else CheckStatus.BROKEN, detail, f"{show(expected)}{unit}", f"{show(found)}{unit}", (*parts, total))


def _equal_check(book: _Book, kind: str, first: int, second: int, what: str) -> Check | None:
    """One figure in two places. With the same number of decimals it must be the same; else half of the coarser last place may be missing."""
    a, b = book.facts[first].amount, book.facts[second].amount
    if a.value is None or b.value is None:
        return None
    other = b.value if a.unit == b.unit else (convert(b.value, b.unit, a.unit) if a.unit in _MONEY and b.unit in _MONEY else None)
    if other is None:
        return None
    coarser = max(_step(a.value, a.unit, a.unit), _step(b.value, b.unit, a.unit))
    finer = min(_step(a.value, a.unit, a.unit), _step(b.value, b.unit, a.unit))
    good = abs(a.value - other) <= (Decimal(0) if coarser == finer else coarser / 2)
    if not good and kind in {"equal", "stated"} and abs(a.value - other) * 4 > max(abs(a.value), abs(other)):
        return None  # two different things under one name
    left = f"{book.name(first)} {show(a.value)}{a.unit}"
    right = f"{book.name(second)} {show(b.value)}{b.unit}"
    detail = f"{what}：{left} {'=' if good else '≠'} {right}"
    return Check(
        kind, CheckStatus.OK if good else CheckStatus.BROKEN, detail, f"{show(a.value)}{a.unit}", f"{show(b.value)}{b.unit}", (first, second)
    )


def _heading(fact: Fact, at: int = -1) -> str:
    """The last (or first) heading over a fact; a figure may have none."""
    return fact.columns[at] if fact.columns else ""


def _some(result: Check | None) -> tuple[Check, ...]:
    return () if result is None else (result,)


def _step(value: Decimal, unit: str, wanted: str) -> Decimal:
    step = Decimal(1).scaleb(min(0, int(value.as_tuple().exponent)))
    return step if unit == wanted else convert(step, unit, wanted) or step


# -- within one table


def _column_sums(book: _Book) -> Iterable[Check]:
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
                    found.append(_sum_check(book, "sum", row[identity.total], [row[p] for p in identity.parts], what))
            yield from _if_mostly_kept([c for c in found if c])


def _if_mostly_kept(found: Sequence[Check]) -> Iterable[Check]:
    """The checks of an identity that headings only suggest: all of them when most hold, none otherwise."""
    tried = [c for c in found if c.status is not CheckStatus.NOT_CHECKABLE]
    kept = sum(c.status is CheckStatus.OK for c in tried)
    return found if kept * 2 >= len(tried) and kept else ()


def _groups(book: _Book, table: Table) -> Iterator[dict[tuple[str, ...], list[int]]]:
    """For each organisation, year, side and column of a table: its facts by row path."""
    groups: dict[tuple[object, ...], dict[tuple[str, ...], list[int]]] = {}
    for i in book.of_table[table.index]:
        fact = book.facts[i]
        if fact.measure is Measure.AMOUNT:
            place = groups.setdefault((fact.organisation, fact.year, fact.side, fact.column), {})
            place.setdefault(fact.rows, []).append(i)
    yield from groups.values()


def _row_levels(book: _Book) -> Iterable[Check]:
    """Down each column: a 类 is the sum of its 款, a 款 of its 项; 工资福利支出 of what stands under it."""
    for table in book.tables:
        found: list[Check] = []
        for group in _groups(book, table):
            children: dict[tuple[str, ...], list[int]] = defaultdict(list)
            for path, indexes in group.items():
                if len(path) > 1:
                    children[path[:-1]].extend(i for i in indexes if not book.facts[i].part_of)
            for path, parts in children.items():
                if len(group.get(path, ())) == 1 and parts:
                    total = group[path][0]
                    what = f"{table.label}“{path[-1]}”{'·'.join(book.facts[total].columns)} = 下级之和"
                    found.extend(_some(_sum_check(book, "level", total, parts, what)))
        unsure = {book.facts[c.facts[-1]].row for c in found if c.status is CheckStatus.NOT_CHECKABLE}
        found = [c for c in found if c.status is not CheckStatus.BROKEN or book.facts[c.facts[-1]].row not in unsure]
        yield from _if_mostly_kept(found)


def _totals(book: _Book) -> Iterable[Check]:
    """合计 = the top rows; 总计 = 本年合计 + what is carried over; a unit's own row = the rows under it."""
    for table in book.tables:
        found: list[Check] = []
        for group in _groups(book, table):
            tops = [(path[-1], i) for path, indexes in group.items() if len(path) == 1 for i in indexes]
            found.extend(_column_totals(book, table, tops))
        yield from _if_mostly_kept(found)


def _column_totals(book: _Book, table: Table, tops: Sequence[tuple[str, int]]) -> Iterable[Check]:
    """The totals of one column, read from the top: each total is the sum of the rows since the total before it, and that one."""
    organisation = [i for name, i in tops if name == book.facts[i].organisation]
    named = [(name, i) for name, i in tops if i not in organisation]
    labels = {squeeze(name) for name, _ in named}
    if len(organisation) == 1 and len(named) > 1 and not any(_TOTAL.match(n) or _GRAND.match(n) for n in labels):
        parts = [i for name, i in named if not book.facts[i].part_of]
        what = f"{table.label}“{book.facts[organisation[0]].organisation}”{'·'.join(book.facts[organisation[0]].columns)} = 各项之和"
        yield from _some(_sum_check(book, "total", organisation[0], parts, what))
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
            yield from _some(_sum_check(book, "total", i, pending, what))
            pending, year_total = [], i
        elif _GRAND.match(flat):
            parts = ([year_total] if year_total is not None else []) + pending
            if len(parts) > (1 if year_total is not None else 0) and (result := _sum_check(book, "total", i, parts, what)):
                yield result
            pending, year_total = [], None
        elif not book.facts[i].part_of:
            pending.append(i)
    if first_total is not None and len(pending) > 1:
        what = f"{table.label}“{book.facts[first_total].rows[-1]}”{'·'.join(book.facts[first_total].columns)}"
        yield from _some(_sum_check(book, "total", first_total, pending, what))


def _units(book: _Book) -> Iterable[Check]:
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
                yield from _some(_sum_check(book, "units", totals[0], parts, what))


def _balance(book: _Book) -> Iterable[Check]:
    """收入总计 = 支出总计 of a two-sided table."""
    for table in book.tables:
        income = [i for i in book.of_table[table.index] if book.facts[i].side is Side.INCOME and _GRAND.match(squeeze(book.facts[i].rows[-1]))]
        spending = [i for i in book.of_table[table.index] if book.facts[i].side is Side.SPENDING and _GRAND.match(squeeze(book.facts[i].rows[-1]))]
        if income and spending and (result := _equal_check(book, "balance", income[0], spending[0], f"{table.label}收入总计 = 支出总计")):
            yield result


def _staff_and_office(book: _Book) -> Iterable[Check]:
    """Of a table of 基本支出 by 经济分类: 人员经费合计 = 301 + 303, 公用经费合计 = the other 类."""
    for table in book.tables:
        by_label = {squeeze(book.facts[i].rows[-1]): i for i in book.of_table[table.index] if len(book.facts[i].rows) == 1}
        classes = {book.facts[i].code: i for i in book.of_table[table.index] if len(book.facts[i].code) == 3 and book.facts[i].code[0] == "3"}
        for label, wanted in (("人员经费合计", lambda code: code in {"301", "303"}), ("公用经费合计", lambda code: code not in {"301", "303"})):
            parts = [i for code, i in classes.items() if wanted(code)]
            if label in by_label and parts and (result := _sum_check(book, "total", by_label[label], parts, f"{table.label}“{label}”")):
                yield result


# -- across tables


def _named(book: _Book, table: Table, row: str, column: str = "", *, side: Side | None = None, scope: Scope | None = None) -> int | None:
    """The fact of a table under a row's and a column's name (comparison forms; `column` may be a pattern), or None."""
    for i in book.of_table[table.index]:
        fact = book.facts[i]
        if (side and fact.side is not side) or (scope and fact.scope is not scope):
            continue
        if re.fullmatch(row, key(fact.rows[-1])) and (not column or re.search(column, squeeze("".join(fact.columns)))):
            return i
    return None


def _whole(book: _Book, table: Table, column: str) -> int | None:
    """The department's own row (or 合计) of a table in the column that matches."""
    candidates = [
        i
        for i in book.of_table[table.index]
        if re.search(column, squeeze("·".join(book.facts[i].columns))) and len(book.facts[i].rows) == 1 and book.facts[i].year == book.identity.year
    ]
    rows = [
        i for i in candidates if book.facts[i].rows[0] == book.facts[i].organisation and book.facts[i].scope in {Scope.TOTAL, book.identity.scope}
    ]
    total = [i for i in candidates if key(book.facts[i].rows[0]) in {"合计", "总计"}]
    return next(iter(rows or total), None)


def _across_tables(book: _Book) -> Iterable[Check]:
    """One figure in several tables: 表1 = 表3 = 表7, 基本支出, 项目支出, 政府采购, the 决算's totals."""
    pairs = (
        ("budget.balance", "支出总计", "budget.spending", r"^(?:支出)?(?:总计|合计)$", "支出总计"),
        ("budget.balance", "收入总计", "budget.income", r"^(?:收入)?(?:总计|合计)$", "收入总计"),
    )
    for first_form, row, second_form, column, what in pairs:
        for first in book.form(first_form):
            for second in book.form(second_form):
                a, b = _named(book, first, row), _whole(book, second, column)
                if a is not None and b is not None and (result := _equal_check(book, "equal", a, b, what)):
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


def _all_from(book: _Book, source: str) -> bool:
    """Whether the whole income of the general table comes from one source, so that tables of that source show the same figures."""
    for table in book.form("budget.balance"):
        total = _named(book, table, "收入总计|总计", side=Side.INCOME)
        part = _named(book, table, source, side=Side.INCOME)
        if total is not None and part is not None and book.printed(total):
            return book.value(total) == book.value(part)
    return False


def _unit_columns(book: _Book, first: str, first_column: str, second: str, second_column: str, what: str) -> Iterable[Check]:
    """The rows of every organisation in two tables, one column of each."""
    for a in book.form(first):
        for b in book.form(second):
            left, right = _unit_rows(book, a, first_column), _unit_rows(book, b, second_column)
            for scope, i in left.items():
                if scope in right and (result := _equal_check(book, "equal", i, right[scope], what)):
                    yield result


def _unit_rows(book: _Book, table: Table, column: str) -> dict[tuple[Scope, int], int]:
    """An organisation's own rows by scope and, for sub-units (whose names vary between tables), by their order."""
    found: dict[tuple[Scope, int], int] = {}
    seen: dict[Scope, int] = defaultdict(int)
    for i in book.of_table[table.index]:
        fact = book.facts[i]
        if fact.rows == (fact.organisation,) and re.search(column, squeeze("·".join(fact.columns))):
            found[(fact.scope, seen[fact.scope])] = i
            seen[fact.scope] += 1
    return found


def _same_rows(book: _Book, first: str, second: str, column: str, what: str) -> Iterable[Check]:
    """The 科目 rows of two tables, by their whole path."""
    for a in book.form(first):
        spending: dict[tuple[str, ...], int] = {}
        for i in book.of_table[a.index]:  # the first column of a row is its total, what follows are parts (人员经费, 项目支出)
            if book.facts[i].side is Side.SPENDING:
                spending.setdefault(tuple(key(r) for r in book.facts[i].rows), i)
        for b in book.form(second):
            if len({book.facts[i].scope for i in book.of_table[b.index] if book.facts[i].scope is not Scope.TOTAL}) > 1:
                continue  # a table by units: its sums are another identity
            for i in book.of_table[b.index]:
                fact = book.facts[i]
                path = tuple(key(r) for r in fact.rows)
                if path in spending and fact.side is Side.SPENDING and (not column or re.search(column, squeeze("·".join(fact.columns)))):
                    if fact.scope is Scope.SUBUNIT or (fact.rows == (fact.organisation,)):
                        continue
                    yield from _some(_equal_check(book, "equal", spending[path], i, what))


def _subjects_of_units(book: _Book) -> Iterable[Check]:
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
                    yield from _some(_sum_check(book, "units", i, parts, what))


def _final_totals(book: _Book, first: str, row: str, side: Side, second: str, column: str) -> Iterable[Check]:
    for a in book.form(first):
        for b in book.form(second):
            i = _named(book, a, row, side=side)
            j = _named(book, b, "合计", column)
            if i is not None and j is not None and (result := _equal_check(book, "equal", i, j, row)):
                yield result


def _final_basic(book: _Book) -> Iterable[Check]:
    """05's 基本支出 = 06's two totals; 06's 公务接待费 and 公务用车运行维护费 against 07."""
    for basic in book.form("final.06", "budget.general_basic"):
        staff, office = _named(book, basic, "人员经费合计"), _named(book, basic, "公用经费合计")
        for general in book.form("final.05"):
            total = _named(book, general, "合计", "基本支出")
            if total is not None and staff is not None and office is not None:
                yield from _some(_sum_check(book, "equal", total, [staff, office], f"{general.label}基本支出 = {basic.label}人员经费 + 公用经费"))
        for three in book.form("final.07"):
            for row, column in (
                ("公务接待费", "^决算数公务接待费"),
                ("公务用车运行维护费", "^决算数公务用车.*运行(?:维护)?费$"),
                (r"因公出国\(境\)费用?", "^决算数因公出国"),
            ):
                i = _named(book, basic, row)
                j = next((k for k in book.of_table[three.index] if re.search(column, squeeze("".join(book.facts[k].columns)))), None)
                if i is not None and j is not None and (result := _equal_check(book, "equal", i, j, row)):
                    yield result


def _projects(book: _Book) -> Iterable[Check]:
    """A project's amount of the year in the project table, the summary of targets, the overall targets and its own form."""
    lines: dict[str, int] = {}
    for table in book.form("budget.projects"):
        for i in book.of_table[table.index]:
            fact = book.facts[i]
            if fact.columns and re.search(r"^(?:总计|合计)$", _heading(fact)) and len(fact.columns) == 1 and fact.rows != (fact.organisation,):
                lines[_project_key(fact.rows[-1])] = i
    others = [
        i
        for table in book.form("targets.summary", "targets.overall")
        for i in book.of_table[table.index]
        if book.facts[i].columns and re.search(r"总额|合计|小计", _heading(book.facts[i]))
    ]
    others += [
        i
        for i, fact in enumerate(book.facts)
        if fact.kind is FactKind.FIELD and fact.measure is Measure.AMOUNT and re.search(r"^(?:本年度?(?:项目|预算)金额|预算金额)$", _heading(fact))
    ]
    for i in others:
        line = lines.get(_project_key(book.facts[i].rows[-1]))
        if line is not None and (result := _equal_check(book, "project", line, i, f"项目“{book.facts[line].rows[-1]}”本年金额")):
            yield result
    for table in book.form("targets.overall"):
        total = next((i for i in others if book.facts[i].table == table.index and re.match(r"(?:金额)?合计$", book.facts[i].rows[-1])), None)
        for spending in book.form("budget.spending"):
            whole = _whole(book, spending, r"^(?:支出)?(?:总计|合计)$")
            if total is not None and whole is not None and (result := _equal_check(book, "project", whole, total, "整体绩效目标金额合计 = 支出总计")):
                yield result


def _project_key(name: str) -> str:
    return re.sub(r"\([^)]*\)", "", key(name))


def _funding(book: _Book) -> Iterable[Check]:
    """资金安排和使用: 结余 = 到位 − 支出; the printed rates against the figures."""
    for table in book.form("review.funding"):
        cells: dict[str, dict[int, int]] = defaultdict(dict)
        for i in book.of_table[table.index]:
            cells[key(book.facts[i].rows[-1])][book.facts[i].column or 0] = i
        for left, received, spent in (("资金结余", "资金到位", "实际支出"),):
            for column, i in cells.get(left, {}).items():
                j, k = cells.get(received, {}).get(column), cells.get(spent, {}).get(column)
                if j is not None and k is not None and book.printed(j) and book.printed(k):
                    yield from _some(_sum_check(book, "sum", j, [k, i], f"{table.label}到位 = 支出 + 结余（{'·'.join(book.facts[i].columns)}）"))
        for rate, upper, lower in (
            ("预算执行率(%)", "实际支出", "预算安排"),
            ("资金到位率(%)", "资金到位", "预算安排"),
            ("资金实际支出率(%)", "实际支出", "资金到位"),
        ):
            for column, i in cells.get(rate, {}).items():
                j, k = cells.get(upper, {}).get(column), cells.get(lower, {}).get(column)
                if j is not None and k is not None and book.printed(j) and book.printed(k) and book.printed(i):
                    yield from _some(_rate_check(book, "rate", i, j, k, f"{table.label}{rate}（{'·'.join(book.facts[i].columns)}）"))


def _scores(book: _Book) -> Iterable[Check]:
    """自评价评分表: weights and scores of the indicators add up to the totals; a rule speaks of the target it judges by."""
    by_table: dict[int, list[int]] = defaultdict(list)
    for i, fact in enumerate(book.facts):
        if fact.kind is FactKind.INDICATOR and fact.table is not None and book.tables[fact.table].form == "review.scores":
            by_table[fact.table].append(i)
    for table, indexes in by_table.items():
        label = book.tables[table].label
        for heading, what in (("权重", "权重"), ("评分结果", "得分")):
            column = [i for i in indexes if _heading(book.facts[i]) == heading]
            total = next((i for i in column if book.facts[i].rows == ("总计",)), None)
            parts = [i for i in column if len(book.facts[i].rows) == 3]
            if total is not None and parts:
                yield from _some(_sum_check(book, "sum", total, parts, f"{label}“{book.facts[total].project}”{what}总计"))
        targets = {(f.rows, f.row): i for i in indexes if (f := book.facts[i]).measure is Measure.TARGET and f.amount.value is not None}
        for i in indexes:
            fact = book.facts[i]
            rule = re.search(r"业绩值(?:为|≥|达到|得)?(\d[\d.]*)", squeeze(fact.amount.printed)) if fact.measure is Measure.TEXT else None
            target = targets.get((fact.rows, fact.row))
            if rule is None or target is None:
                continue
            good = book.facts[target].amount.value == Decimal(rule[1].rstrip("."))
            detail = f"{label}“{fact.rows[-1]}”目标值 {book.facts[target].amount.printed}，评分标准按 {rule[1]} 评分"
            yield Check("words", CheckStatus.OK if good else CheckStatus.BROKEN, detail, book.facts[target].amount.printed, rule[1], (target, i))


def _rate_check(book: _Book, kind: str, rate: int, upper: int, lower: int, what: str) -> Check | None:
    """rate % = upper / lower."""
    a, b, printed = book.facts[upper].amount, book.facts[lower].amount, book.value(rate)
    if a.value is None or b.value is None or printed is None or not b.value:
        return None
    part = a.value if a.unit == b.unit else convert(a.value, a.unit, b.unit)
    if part is None:
        return None
    exact = part / b.value * 100
    good = abs(exact - printed) <= _rate_slack(printed, part, b.value)
    sign = "≈" if good else "≠"
    detail = f"{what}：{show(a.value)}{a.unit} ÷ {show(b.value)}{b.unit} = {exact:.2f}% {sign} 印 {show(printed)}%"
    return Check(kind, CheckStatus.OK if good else CheckStatus.BROKEN, detail, f"{exact:.2f}%", f"{show(printed)}%", (upper, lower, rate))


def _rate_slack(printed: Decimal, part: Decimal, whole: Decimal) -> Decimal:
    """Half of the printed last place, and what the rounding of both figures adds."""
    step = Decimal(1).scaleb(min(0, int(printed.as_tuple().exponent)))
    grain = Decimal(1).scaleb(min(0, int(part.as_tuple().exponent), int(whole.as_tuple().exponent)))
    return step / 2 + (grain / 2) * (abs(whole) + abs(part)) / (whole * whole) * 100 + Decimal("0.0001")


# -- project forms


def _forms(book: _Book) -> Iterable[Check]:
    """Inside a form: 财政拨款 + 其他资金 = the year's amount; the 测算依据's items against it; a cost ceiling against it."""
    by_form: dict[tuple[int, str], list[int]] = defaultdict(list)
    for i, fact in enumerate(book.facts):
        if fact.table is not None and fact.kind in {FactKind.FIELD, FactKind.INDICATOR, FactKind.MENTIONED}:
            part = _heading(fact, 0) if len(fact.columns) > 1 else ""  # a form for one year and for the whole term prints its fields twice
            by_form[(fact.table, part)].append(i)
    for indexes in by_form.values():
        money = {
            squeeze(_heading(book.facts[i])): i for i in indexes if book.facts[i].kind is FactKind.FIELD and book.facts[i].measure is Measure.AMOUNT
        }
        year = next((i for name, i in money.items() if re.match(r"本年度?(?:项目|预算)金额|预算(?:总)?金额$", name)), None)
        if year is None:
            continue
        sources = [i for name, i in money.items() if re.match(r"(?:其中:)?财政拨款(?:资金)?$|其[他它]资金$", name)]
        if len(sources) == 2 and (
            result := _sum_check(book, "form", year, sources, f"项目“{book.facts[year].project}”{_heading(book.facts[year])} = 财政拨款 + 其他资金")
        ):
            yield result
        whole = next((i for name, i in money.items() if name.startswith("项目总金额")), None)
        if whole is not None and book.printed(whole) and book.printed(year):
            good = (book.value(whole) or 0) >= (book.value(year) or 0)
            detail = f"项目“{book.facts[year].project}”项目总金额 {show(book.value(whole) or Decimal(0))} {'≥' if good else '<'} 本年金额 {show(book.value(year) or Decimal(0))}"
            yield Check("form", CheckStatus.OK if good else CheckStatus.BROKEN, detail, facts=(whole, year))
        yield from _basis(book, indexes, year)
        yield from _payments(book, indexes, year)
        yield from _ceilings(book, indexes, year, whole)


_ITEM = (re.compile(r"^\s*[一二三四五六七八九十]+、"), re.compile(r"^\s*\d{1,2}\s*[.．、](?!\d)"))


def _basis(book: _Book, indexes: Sequence[int], year: int) -> Iterable[Check]:
    """The numbered items of 测算依据 add up to the year's amount – or would, if one item's 元 were 万元 or its figure what its own parts come to."""
    amount = book.facts[year].amount
    basis = [i for i in indexes if book.facts[i].kind is FactKind.MENTIONED and re.search(r"测算|依据", _heading(book.facts[i]))]
    style = next((s for s in _ITEM if basis and s.match(book.facts[basis[0]].quote)), None)
    items: list[list[int]] = []
    last = ""
    for i in basis:
        quote = book.facts[i].quote
        if style is not None and style.match(quote) and quote != last:
            items.append([])
            last = quote
        if items:
            items[-1].append(i)
    if len(items) < 2 or amount.value is None:
        return
    values = [convert(book.facts[g[0]].amount.value or Decimal(0), book.facts[g[0]].amount.unit, amount.unit) or Decimal(0) for g in items]
    total, project = sum(values, Decimal(0)), book.facts[year].project
    shown = " + ".join(book.facts[g[0]].amount.printed for g in items)
    facts = (*(g[0] for g in items), year)
    money = f"{show(amount.value)}{amount.unit}"
    if abs(total - amount.value) <= Decimal("0.01"):
        yield Check("form", CheckStatus.OK, f"项目“{project}”测算各项 {shown} = {money}", money, money, facts)
        return
    for group, value in zip(items, values, strict=True):
        printed, needed = book.facts[group[0]].amount.printed, amount.value - total + value
        if needed == value * 10_000:
            detail = f"项目“{project}”测算各项 {shown} 与本年金额 {money} 不符；“{printed}”若为万元则相符，疑为单位误写。"
            yield Check("unit", CheckStatus.BROKEN, detail, money, f"{show(total)}{amount.unit}", facts)
            return
        others = [convert(book.facts[i].amount.value or Decimal(0), book.facts[i].amount.unit, amount.unit) for i in group[1:]]
        if any(needed == sum((v or Decimal(0) for v in c), Decimal(0)) for n in (2, 3) for c in combinations(others, n)):
            detail = f"项目“{project}”测算各项 {shown} 与本年金额 {money} 不符；“{printed}”项下各数合计 {show(needed)}{amount.unit}，以此代入则相符。"
            yield Check("form", CheckStatus.BROKEN, detail, money, f"{show(total)}{amount.unit}", (*facts, *group[1:]))
            return
    if abs(total - amount.value) * 20 <= amount.value:
        detail = f"项目“{project}”测算各项 {shown} = {show(total)}{amount.unit} ≠ 本年金额 {money}"
        yield Check("form", CheckStatus.BROKEN, detail, money, f"{show(total)}{amount.unit}", facts)


def _payments(book: _Book, indexes: Sequence[int], year: int) -> Iterable[Check]:
    """资金支出进度 in 累计 amounts: never falling, and at the year's end the whole amount."""
    amount = book.facts[year].amount
    steps = [i for i in indexes if book.facts[i].kind is FactKind.MENTIONED and "支出进度" in _heading(book.facts[i])]
    values = [convert(book.facts[i].amount.value or Decimal(0), book.facts[i].amount.unit, amount.unit) for i in steps]
    numbers = [v for v in values if v is not None]
    if len(numbers) < 3 or amount.value is None or not all("累计" in book.facts[i].quote for i in steps):
        return
    good = numbers == sorted(numbers) and numbers[-1] == amount.value
    shown = "、".join(book.facts[i].amount.printed for i in steps)
    detail = f"项目“{book.facts[year].project}”资金支出进度累计 {shown}，{'止于' if good else '未止于'}本年金额 {show(amount.value)}{amount.unit}"
    yield Check("form", CheckStatus.OK if good else CheckStatus.BROKEN, detail, show(amount.value), show(numbers[-1]), (*steps, year))


def _ceilings(book: _Book, indexes: Sequence[int], year: int, whole: int | None) -> Iterable[Check]:
    """A 成本指标 that names a sum of money for the whole project: the year's amount or the project's total."""
    for i in indexes:
        fact = book.facts[i]
        if fact.kind is not FactKind.INDICATOR or fact.amount.unit not in _MONEY or fact.amount.value is None:
            continue
        if not re.search(r"总费用|项目开展成本|项目成本|总成本", fact.rows[-1]):
            continue
        target = fact.amount.yuan
        amounts = [book.facts[j].amount.yuan for j in (year, whole) if j is not None]
        good = any(a is not None and target is not None and abs(a - target) < 1 for a in amounts)
        detail = f"项目“{fact.project}”成本指标“{fact.rows[-1]}”{fact.amount.printed} {'=' if good else '≠'} 本年金额 {book.facts[year].amount.printed}{book.facts[year].amount.unit}"
        yield Check("form", CheckStatus.OK if good else CheckStatus.BROKEN, detail, book.facts[year].amount.printed, fact.amount.printed, (year, i))


def _indicators(book: _Book) -> Iterable[Check]:
    """One indicator in the overall targets and in a project's form: the same target. One form does not print an indicator twice."""
    overall: dict[str, int] = {}
    seen: dict[tuple[object, ...], int] = {}
    targets = [
        i
        for i, f in enumerate(book.facts)
        if f.kind is FactKind.INDICATOR and f.measure is Measure.TARGET and f.amount.state is not AmountState.NOT_APPLICABLE
    ]
    for i in targets:
        fact = book.facts[i]
        same = (fact.table, fact.columns, tuple(key(r) for r in fact.rows), squeeze(fact.amount.printed))
        if same in seen and fact.project and len(fact.rows[-1]) > 4 and not re.search("不适用", fact.rows[-1]):
            yield Check(
                "duplicate",
                CheckStatus.BROKEN,
                f"{book.tables[fact.table or 0].label}项目“{fact.project}”重复列出指标“{fact.rows[-1]}”（{fact.amount.printed}）。",
                facts=(seen[same], i),
            )
        seen.setdefault(same, i)
        if fact.table is not None and book.tables[fact.table].form == "targets.overall":
            overall.setdefault(key(fact.rows[-1]), i)
    for i in targets:
        fact = book.facts[i]
        j = overall.get(key(fact.rows[-1]))
        if (
            not fact.amount.printed
            or j is None
            or j == i
            or not fact.project
            or (fact.columns[-1:] != book.facts[j].columns[-1:] and fact.measure is not Measure.TARGET)
            or fact.table == book.facts[j].table
            or len(key(fact.rows[-1])) < 5
        ):
            continue
        good = _target(fact) == _target(book.facts[j])
        detail = (
            f"指标“{fact.rows[-1]}”：整体绩效目标 {book.facts[j].amount.printed} {'=' if good else '≠'} 项目“{fact.project}” {fact.amount.printed}"
        )
        yield Check("indicator", CheckStatus.OK if good else CheckStatus.BROKEN, detail, book.facts[j].amount.printed, fact.amount.printed, (j, i))


def _target(fact: Fact) -> tuple[object, ...]:
    """A target for comparison: the figure with its operator; 1 is 100 % as a spreadsheet prints it."""
    amount = fact.amount
    if amount.value is None:
        return (squeeze(amount.printed),)
    value = amount.value / 100 if amount.unit == "%" else amount.value
    return (amount.operator, value.normalize())


# -- prose


def _stated_against_tables(book: _Book) -> Iterable[Check]:
    """An amount in a sentence against the table's figure of that name, year and organisation."""
    names: dict[tuple[str, int | None], list[int]] = defaultdict(list)
    for indexes in book.of_table.values():
        for i in indexes:
            fact = book.facts[i]
            if fact.measure is not Measure.AMOUNT or fact.amount.value is None:
                continue
            for name in {_thing(fact.rows[-1]), *(_thing(c) for c in fact.columns)}:
                if name in {"小计", "合计", "总计"} or (fact.rows != (fact.organisation,) and name != _thing(fact.rows[-1])):
                    continue
                names[(name, fact.year)].append(i)
            if (
                fact.table is not None
                and book.tables[fact.table].form in {"budget.three", "final.07"}
                and re.search("总计|合计|总额", _heading(fact))
                and "小计" not in _heading(fact)
            ):
                names[("三公经费", fact.year)].append(i)
    for i in book.stated:
        fact = book.facts[i]
        if fact.measure is not Measure.AMOUNT or not fact.rows:
            continue
        candidates = [j for j in names.get((_thing(fact.rows[0]), fact.year), ()) if _comparable(book, fact, book.facts[j])]
        if not candidates:
            continue
        results = [r for j in candidates if (r := _equal_check(book, "stated", i, j, "文字与表")) is not None]
        held = next((r for r in results if r.status is CheckStatus.OK), None)
        if held is not None:
            yield held
        elif (other := next((j for j in candidates if _only_unit_differs(fact, book.facts[j])), None)) is not None:
            detail = f"单位疑误：文字“{fact.rows[0]}”{fact.amount.printed}，{book.name(other)} {book.facts[other].amount.printed}{book.facts[other].amount.unit}"
            yield Check(
                "unit",
                CheckStatus.BROKEN,
                detail,
                f"{book.facts[other].amount.printed}{book.facts[other].amount.unit}",
                fact.amount.printed,
                (i, other),
            )
        elif results and _certain(book, fact, candidates):
            yield results[0]


def _only_unit_differs(stated: Fact, fact: Fact) -> bool:
    """The same digits with 元 where the table has 万元, or the other way round."""
    a, b = stated.amount, fact.amount
    return a.value == b.value and bool(a.value) and a.unit != b.unit and {a.unit, b.unit} <= _MONEY


def _stated_classes(book: _Book) -> Iterable[Check]:
    """人员支出, 公用支出 and 对个人和家庭的补助 in a sentence against the 经济分类 of the 基本支出 table.

    公用支出 may be 商品和服务支出 alone or with 资本性支出 (设备购置); a department of several units is the sum of its units' tables.
    """
    for table in book.form("budget.basic"):
        classes: dict[str, dict[str, int]] = defaultdict(dict)  # organisation -> name of the 类 -> fact
        for i in book.of_table[table.index]:
            fact = book.facts[i]
            if len(fact.rows) == 1 and fact.column == min(table.columns) and fact.rows[0] != fact.organisation:
                classes[fact.organisation][_thing(fact.rows[0])] = i
        for i in book.stated:
            stated = book.facts[i]
            wanted = _CLASS_NAMES.get(key(stated.rows[0])) if stated.rows and stated.measure is Measure.AMOUNT else None
            units = [c for name, c in classes.items() if _same_unit(book, stated, next(iter(c.values())), len(classes))]
            if wanted is None or not units:
                continue
            readings = [[j for c in units for name, j in c.items() if re.fullmatch(pattern, name)] for pattern in wanted]
            results = [
                r
                for parts in readings
                if parts and (r := _sum_check(book, "stated", i, parts, f"文字“{stated.rows[0]}”= {table.label}“{book.facts[parts[0]].rows[0]}”"))
            ]
            if results:
                yield next((r for r in results if r.status is CheckStatus.OK), results[0])


_CLASS_NAMES = {
    "人员支出": ("工资福利支出",),
    "公用支出": ("商品和服务支出", "商品和服务支出|.*资本性支出"),
    "对个人和家庭补助支出": ("对个人和家庭的补助(?:支出)?",),
    "对个人和家庭的补助支出": ("对个人和家庭的补助(?:支出)?",),
}


def _same_unit(book: _Book, stated: Fact, i: int, units: int) -> bool:
    """Whether the fact's organisation is (or belongs to) the one that the sentence speaks of."""
    fact = book.facts[i]
    if stated.scope is Scope.TOTAL or units == 1:
        return True
    return stated.scope is fact.scope and (fact.scope is not Scope.SUBUNIT or _alike(stated.organisation, fact.organisation))


def _alike(name: str, other: str) -> bool:
    """Whether one name can be short for the other: its characters come in the same order in it."""
    short, long = sorted((key(name), key(other)), key=len)
    rest = iter(long)
    return len(short) > 2 and all(c in rest for c in short)


def _thing(name: str) -> str:
    flat = re.sub(r"^(?:19|20)\d\d年", "", key(name))
    return _SAME.get(flat, flat)


def _comparable(book: _Book, stated: Fact, fact: Fact) -> bool:
    if stated.stage and fact.stage and stated.stage is not fact.stage:
        return False
    if stated.side and fact.side and stated.side is not fact.side:
        return False
    return stated.scope is fact.scope or (stated.scope is not Scope.SUBUNIT and fact.scope is not Scope.SUBUNIT and not _several_units(book))


def _several_units(book: _Book) -> bool:
    return any(f.scope is Scope.SUBUNIT for i in book.of_table.values() for f in (book.facts[j] for j in i))


def _certain(book: _Book, stated: Fact, candidates: Sequence[int]) -> bool:
    """Whether a sentence that no table figure matches must be about one of them: all candidates agree, and the name is of the accounts."""
    values = {book.facts[j].amount.yuan for j in candidates}
    name = _thing(stated.rows[0])
    if re.search(r"因公出国|公务接待费|公务用车|三公", name):  # the same names stand in 基本支出 for other amounts
        forms = {book.tables[book.facts[j].table or 0].form for j in candidates}
        if not forms <= {"budget.three", "final.07"}:
            return False
    return (
        len(values) == 1
        and name != "政府采购"
        and (name in _SAME.values() or re.search(r"支出$|费$|经费$|拨款$|补贴$|公积金$|收入$|合计$|总计$", name) is not None)
        and len(name) > 2
    )


def _changes(book: _Book) -> Iterable[Check]:
    """比上年增减 against the figures of both years in a table, and the percentage against the amount."""
    amounts: dict[tuple[str, str, int | None], int] = {}
    last: dict[str, int] = {}
    for i in book.stated:
        fact = book.facts[i]
        subject = fact.rows[0]
        if fact.measure is Measure.AMOUNT and fact.stage is not None:
            amounts[(fact.quote, subject, fact.year)] = i
        if fact.measure is Measure.CHANGE:
            last[fact.quote] = i
            yield from _change_of_years(book, i)
            yield from _change_of_stages(book, i)
        if fact.measure is Measure.RATE and fact.columns and _heading(fact).endswith(("增减率", "率增减")) and fact.quote in last:
            change = last[fact.quote]
            amount = amounts.get((fact.quote, book.facts[change].rows[0], book.facts[change].year))
            if amount is not None and book.facts[change].rows == fact.rows:
                yield from _growth(book, amount, change, i)


def _change_of_years(book: _Book, i: int) -> Iterable[Check]:
    fact = book.facts[i]
    base = re.search(r"(?:19|20)\d\d", _heading(fact))
    if not base or fact.year is None:
        return
    name = _thing(fact.rows[0])
    for table in book.form("budget.three"):
        years = {
            book.facts[j].year: j
            for j in book.of_table[table.index]
            if book.facts[j].scope in {Scope.TOTAL, book.identity.scope}
            and (
                _thing(_heading(book.facts[j])) == name
                or (_heading(book.facts[j]) == "小计" and _thing(_heading(book.facts[j], 0)) == name)
                or (name == "三公经费" and re.search("总计|总额|合计", _heading(book.facts[j])) and len(book.facts[j].columns) == 1)
            )
        }
        now, before = years.get(fact.year), years.get(int(base[0]))
        if now is None or before is None:
            continue
        yield _change(book, i, _heading(fact), now, before)


def _change_of_stages(book: _Book, i: int) -> Iterable[Check]:
    """支出比预算减少: executed − planned, both in the sentence."""
    fact = book.facts[i]
    if not re.fullmatch(r"比(?:年初|调整)?预算数?增减", _heading(fact)):
        return
    planned = _in_sentence(book, i, Stage.BUDGET)
    executed = _in_sentence(book, i, Stage.FINAL)
    if planned is None or executed is None:
        return
    yield _change(book, i, "比预算增减", executed, planned)


def _change(book: _Book, i: int, called: str, left: int, right: int) -> Check:
    """The change that fact `i` states against left − right."""
    a, b, stated = (book.value(j) or Decimal(0) for j in (left, right, i))
    good = abs(a - b - stated) <= tolerance([a - b, stated], 2)
    detail = f"“{book.facts[i].rows[0]}”{called} {show(stated)}：{show(a)} − {show(b)} {'=' if good else '≠'} {show(a - b)}"
    return Check("change", CheckStatus.OK if good else CheckStatus.BROKEN, detail, show(a - b), show(stated), (left, right, i))


def _in_sentence(book: _Book, i: int, stage: Stage) -> int | None:
    """The amount of the same subject and stage before fact `i` in its sentence."""
    fact = book.facts[i]
    for j in range(i - 1, -1, -1):
        other = book.facts[j]
        if other.kind is not FactKind.STATED or other.quote != fact.quote:
            return None
        if other.measure is Measure.AMOUNT and other.stage is stage and other.rows == fact.rows:
            return j
    return None


def _growth(book: _Book, amount: int, change: int, rate: int) -> Iterable[Check]:
    """增长 % = change / (amount − change)."""
    now, difference, printed = book.value(amount), book.value(change), book.value(rate)
    if now is None or difference is None or printed is None or now == difference:
        return
    before = now - difference
    exact = difference / before * 100
    good = abs(exact - printed) <= _rate_slack(printed, difference, before) + (abs(exact) / abs(before)) * Decimal("0.5") * Decimal(1).scaleb(
        min(0, int(now.as_tuple().exponent))
    )
    detail = f"“{book.facts[amount].rows[0]}”增减率：{show(difference)} ÷ ({show(now)} − {show(difference)}) = {exact:.2f}% {'≈' if good else '≠'} 印 {show(printed)}%"
    yield Check("rate", CheckStatus.OK if good else CheckStatus.BROKEN, detail, f"{exact:.2f}%", f"{show(printed)}%", (amount, change, rate))


def _rates(book: _Book) -> Iterable[Check]:
    """执行率 in a sentence = executed / planned of the same subject."""
    for i in book.stated:
        fact = book.facts[i]
        if fact.measure is not Measure.RATE or not fact.columns or not _heading(fact).endswith("执行率"):
            continue
        planned, executed = _in_sentence(book, i, Stage.BUDGET), _in_sentence(book, i, Stage.FINAL)
        if planned is not None and executed is not None and (result := _rate_check(book, "rate", i, executed, planned, f"“{fact.rows[0]}”执行率")):
            yield result


def _shares(book: _Book) -> Iterable[Check]:
    """“X 万元，占 Y 的 p%”: X / Y where Y is in the sentence or a table."""
    for i in book.stated:
        fact = book.facts[i]
        share = re.fullmatch(r"占(.+)比重", _heading(fact)) if fact.columns and fact.measure is Measure.RATE else None
        if not share:
            continue
        whole = re.sub(r"总额|总数|合计", "", share[1])
        before = [j for j in range(max(0, i - 12), i) if book.facts[j].quote == fact.quote and book.facts[j].measure is Measure.AMOUNT]
        part = next((j for j in reversed(before) if book.facts[j].rows == fact.rows), None)
        total = next((j for j in before if _thing(book.facts[j].rows[0]) == _thing(whole)), None)
        if part is not None and total is not None and (result := _rate_check(book, "rate", i, part, total, f"“{fact.rows[0]}”占{share[1]}")):
            yield result


def _parts_in_sentences(book: _Book) -> Iterable[Check]:
    """“X 万元，其中：a、b、c”: the parts add up. A list that is far from the total names only some parts and is no identity."""
    for sentence, indexes in _by_sentence(book).items():
        opened = re.search(r"其中[:：]?|包括|主要用于", sentence)
        amounts = [i for i in indexes if book.facts[i].measure is Measure.AMOUNT]
        if not opened or len(amounts) < 3:
            continue
        at = [sentence.find(book.facts[i].amount.printed) for i in amounts]
        heads = [i for i, p in zip(amounts, at, strict=True) if p < opened.start()]
        parts = amounts[len(heads) :]
        if not heads or len(parts) < 2 or len({book.facts[i].year for i in parts}) > 1:
            continue
        total = heads[-1]
        values = [book.value(p) or Decimal(0) for p in parts]
        found = book.value(total) or Decimal(0)
        if len({book.facts[i].amount.unit for i in (total, *parts)}) > 1 or not found or abs(sum(values) - found) * 50 > abs(found):
            continue
        yield from _some(_sum_check(book, "stated_sum", total, parts, f"文字“{book.facts[total].rows[0]}”= 其中各项"))


def _by_sentence(book: _Book) -> dict[str, list[int]]:
    sentences: dict[str, list[int]] = defaultdict(list)
    for i in book.stated:
        sentences[book.facts[i].quote].append(i)
    return sentences


def _items_of_a_list(book: _Book) -> Iterable[Check]:
    """“项目支出 X 万元，具体包括：” and the numbered paragraphs after it."""
    sentences = list(_by_sentence(book).items())
    for position, (sentence, indexes) in enumerate(sentences):
        heads = [i for i in indexes if book.facts[i].measure is Measure.AMOUNT]
        if not heads or not re.search(r"(?:包括|如下|主要用于|其中)\s*[:：]\s*$", sentence):
            continue
        total = heads[-1]
        parts: list[int] = []
        for following, inner in sentences[position + 1 :]:
            numbered = re.match(r"^\**\s*[（(]?(\d{1,2})[)）]?\s*[.．、]?", following)
            if numbered and int(numbered[1]) == len(parts) + 1:
                first = next((i for i in inner if book.facts[i].measure is Measure.AMOUNT), None)
                if first is None:
                    break
                parts.append(first)
            elif numbered and int(numbered[1]) <= len(parts):
                break
        values = [book.value(p) or Decimal(0) for p in parts]
        found = book.value(total) or Decimal(0)
        if (
            len(parts) > 1
            and found
            and abs(sum(values) - found) * 20 <= abs(found)
            and len({book.facts[i].amount.unit for i in (total, *parts)}) == 1
        ):
            yield from _some(_sum_check(book, "stated_sum", total, parts, f"文字“{book.facts[total].rows[0]}”= 所列各项"))


# -- form of the paper


def _numbering(book: _Book) -> Iterable[Check]:
    """一、二、三、 down one side of a table: no number twice."""
    for table in book.tables:
        seen: dict[tuple[object, str], tuple[str, int]] = {}
        for i in book.of_table[table.index]:
            fact = book.facts[i]
            number = CHINESE_NUMBER.match(squeeze(fact.rows[-1]))
            if (
                not number
                or len(fact.rows) > 1
                or fact.column
                != min((f.column or 0) for f in (book.facts[j] for j in book.of_table[table.index]) if f.row == fact.row and f.side is fact.side)
            ):
                continue
            place = (fact.side, number[1])
            if place in seen and seen[place][0] != fact.rows[-1]:
                yield Check(
                    "numbering",
                    CheckStatus.BROKEN,
                    f"{table.label}序号“{number[1]}、”重复：“{seen[place][0]}”与“{fact.rows[-1]}”。",
                    facts=(seen[place][1], i),
                )
            seen.setdefault(place, (fact.rows[-1], i))


def _placeholders(book: _Book) -> Iterable[Check]:
    """What a template left open: XX年, ××万元, a remark to whoever fills it in."""
    seen: set[str] = set()
    texts = [(f"文字“{book.facts[i].rows[0]}”", book.facts[i].quote, i) for i in book.stated]
    texts += [(f"{t.label}的附注", note, None) for t in book.tables for note in t.notes]
    for where, text, i in texts:
        found = _PLACEHOLDER.search(text)
        if found and text not in seen:
            seen.add(text)
            around = text[max(0, found.start() - 12) : found.end() + 12].strip()
            yield Check("placeholder", CheckStatus.BROKEN, f"{where}：“…{around}…”是模板未填写或未删除的内容。", facts=() if i is None else (i,))


def _whole_shares(book: _Book) -> Iterable[Check]:
    """A part is at most the whole: “占 Y 的 p %” with p over 100."""
    for i in book.stated:
        fact = book.facts[i]
        if fact.measure is Measure.RATE and fact.columns and re.fullmatch(r"占.+比重", _heading(fact)):
            share = book.value(i) or Decimal(0)
            good = 0 <= share <= 100
            detail = f"“{fact.rows[0]}”{_heading(fact)} {show(share)}%{'' if good else '，超出 0–100%。'}"
            yield Check("share", CheckStatus.OK if good else CheckStatus.BROKEN, detail, "0–100%", f"{show(share)}%", (i,))


def _reasons(book: _Book) -> Iterable[Check]:
    """A reason given for a fall that was a rise, or the other way round: “增加3万元，…减少的主要原因是…”."""
    for sentence, indexes in _by_sentence(book).items():
        changes = [i for i in indexes if book.facts[i].measure is Measure.CHANGE and book.value(i)]
        reasons = list(_REASON.finditer(sentence))
        if len(changes) != 1 or len(reasons) != 1:
            continue
        rose, told = (book.value(changes[0]) or Decimal(0)) > 0, bool(_RISE.match(reasons[0]["verb"]))
        if sentence.find(book.facts[changes[0]].amount.printed) > reasons[0].start():
            continue  # the figure is a part of the reason
        fact = book.facts[changes[0]]
        printed = f"{'增加' if rose else '减少'}{fact.amount.printed}"
        good = rose is told
        detail = f"“{fact.rows[0]}”{printed}，{'原因与方向一致' if good else f'说的却是“{reasons[0].group()}”'}。"
        yield Check("reason", CheckStatus.OK if good else CheckStatus.BROKEN, detail, "增加" if rose else "减少", reasons[0]["verb"], (changes[0],))
