"""Project forms, indicators and self-evaluations: amounts inside a form, one target in two places, rates and scores."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import combinations

from ingest.amounts import AmountState, convert, show
from ingest.checks.book import Book, heading_of
from ingest.checks.verdicts import MONEY, rate_check, some, sum_check
from ingest.records import Check, CheckStatus, Fact, FactKind, Measure
from ingest.wording import key, squeeze

_ITEM = (re.compile(r"^\s*[一二三四五六七八九十]+、"), re.compile(r"^\s*\d{1,2}\s*[.．、](?!\d)"))


def funding(book: Book) -> Iterable[Check]:
    """资金安排和使用: 结余 = 到位 − 支出; the printed rates against the figures."""
    for table in book.form("review.funding"):
        cells: dict[str, dict[int, int]] = defaultdict(dict)
        for i in book.of_table[table.index]:
            cells[key(book.facts[i].rows[-1])][book.facts[i].column or 0] = i
        for left, received, spent in (("资金结余", "资金到位", "实际支出"),):
            for column, i in cells.get(left, {}).items():
                j, k = cells.get(received, {}).get(column), cells.get(spent, {}).get(column)
                if j is not None and k is not None and book.printed(j) and book.printed(k):
                    yield from some(sum_check(book, "sum", j, [k, i], f"{table.label}到位 = 支出 + 结余（{'·'.join(book.facts[i].columns)}）"))
        for rate, upper, lower in (
            ("预算执行率(%)", "实际支出", "预算安排"),
            ("资金到位率(%)", "资金到位", "预算安排"),
            ("资金实际支出率(%)", "实际支出", "资金到位"),
        ):
            for column, i in cells.get(rate, {}).items():
                j, k = cells.get(upper, {}).get(column), cells.get(lower, {}).get(column)
                if j is not None and k is not None and book.printed(j) and book.printed(k) and book.printed(i):
                    yield from some(rate_check(book, "rate", i, j, k, f"{table.label}{rate}（{'·'.join(book.facts[i].columns)}）"))


def scores(book: Book) -> Iterable[Check]:
    """自评价评分表: weights and scores of the indicators add up to the totals; a rule speaks of the target it judges by."""
    by_table: dict[int, list[int]] = defaultdict(list)
    for i, fact in enumerate(book.facts):
        if fact.kind is FactKind.INDICATOR and fact.table is not None and book.tables[fact.table].form == "review.scores":
            by_table[fact.table].append(i)
    for table, indexes in by_table.items():
        label = book.tables[table].label
        for heading, what in (("权重", "权重"), ("评分结果", "得分")):
            column = [i for i in indexes if heading_of(book.facts[i]) == heading]
            total = next((i for i in column if book.facts[i].rows == ("总计",)), None)
            parts = [i for i in column if len(book.facts[i].rows) == 3]
            if total is not None and parts:
                yield from some(sum_check(book, "sum", total, parts, f"{label}“{book.facts[total].project}”{what}总计"))
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


def forms(book: Book) -> Iterable[Check]:
    """Inside a form: 财政拨款 + 其他资金 = the year's amount; the 测算依据's items against it; a cost ceiling against it."""
    by_form: dict[tuple[int, str], list[int]] = defaultdict(list)
    for i, fact in enumerate(book.facts):
        if fact.table is not None and fact.kind in {FactKind.FIELD, FactKind.INDICATOR, FactKind.MENTIONED}:
            part = heading_of(fact, 0) if len(fact.columns) > 1 else ""  # a form for one year and for the whole term prints its fields twice
            by_form[(fact.table, part)].append(i)
    for indexes in by_form.values():
        money = {
            squeeze(heading_of(book.facts[i])): i for i in indexes if book.facts[i].kind is FactKind.FIELD and book.facts[i].measure is Measure.AMOUNT
        }
        year = next((i for name, i in money.items() if re.match(r"本年度?(?:项目|预算)金额|预算(?:总)?金额$", name)), None)
        if year is None:
            continue
        sources = [i for name, i in money.items() if re.match(r"(?:其中:)?财政拨款(?:资金)?$|其[他它]资金$", name)]
        if len(sources) == 2 and (
            result := sum_check(book, "form", year, sources, f"项目“{book.facts[year].project}”{heading_of(book.facts[year])} = 财政拨款 + 其他资金")
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


def _basis(book: Book, indexes: Sequence[int], year: int) -> Iterable[Check]:
    """The numbered items of 测算依据 add up to the year's amount – or would, if one item's 元 were 万元 or its figure what its own parts come to."""
    amount = book.facts[year].amount
    mentioned = (i for i in indexes if book.facts[i].kind is FactKind.MENTIONED and book.facts[i].measure is Measure.AMOUNT)
    basis = [i for i in mentioned if re.search(r"测算|依据", heading_of(book.facts[i]))]
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


def _payments(book: Book, indexes: Sequence[int], year: int) -> Iterable[Check]:
    """资金支出进度 in 累计 amounts: never falling, and at the year's end the whole amount."""
    amount = book.facts[year].amount
    mentioned = (i for i in indexes if book.facts[i].kind is FactKind.MENTIONED and book.facts[i].measure is Measure.AMOUNT)
    steps = [i for i in mentioned if "支出进度" in heading_of(book.facts[i])]
    values = [convert(book.facts[i].amount.value or Decimal(0), book.facts[i].amount.unit, amount.unit) for i in steps]
    numbers = [v for v in values if v is not None]
    if len(numbers) < 3 or amount.value is None or not all("累计" in book.facts[i].quote for i in steps):
        return
    good = numbers == sorted(numbers) and numbers[-1] == amount.value
    shown = "、".join(book.facts[i].amount.printed for i in steps)
    detail = f"项目“{book.facts[year].project}”资金支出进度累计 {shown}，{'止于' if good else '未止于'}本年金额 {show(amount.value)}{amount.unit}"
    yield Check("form", CheckStatus.OK if good else CheckStatus.BROKEN, detail, show(amount.value), show(numbers[-1]), (*steps, year))


def _ceilings(book: Book, indexes: Sequence[int], year: int, whole: int | None) -> Iterable[Check]:
    """A 成本指标 that names a sum of money for the whole project: the year's amount or the project's total."""
    for i in indexes:
        fact = book.facts[i]
        if fact.kind is not FactKind.INDICATOR or fact.amount.unit not in MONEY or fact.amount.value is None:
            continue
        if not re.search(r"总费用|项目开展成本|项目成本|总成本", fact.rows[-1]):
            continue
        target = fact.amount.yuan
        amounts = [book.facts[j].amount.yuan for j in (year, whole) if j is not None]
        good = any(a is not None and target is not None and abs(a - target) < 1 for a in amounts)
        detail = f"项目“{fact.project}”成本指标“{fact.rows[-1]}”{fact.amount.printed} {'=' if good else '≠'} 本年金额 {book.facts[year].amount.printed}{book.facts[year].amount.unit}"
        yield Check("form", CheckStatus.OK if good else CheckStatus.BROKEN, detail, book.facts[year].amount.printed, fact.amount.printed, (year, i))


def indicators(book: Book) -> Iterable[Check]:
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
