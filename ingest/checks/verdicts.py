"""Figures -> Check: a sum, one figure in two places, a rate; what rounding may leave, and when a miss says nothing.

Two kinds of tolerance: a sum of rounded parts may miss its total by rounding (`arithmetic.tolerance`), but one figure printed in two places
must be the same figure. An identity that headings only suggest counts for a table when most of its rows keep it; then a row that
breaks it is the paper's own error and not the reader's guess."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from ingest.amounts import Amount, convert, show
from ingest.arithmetic import tolerance
from ingest.checks.book import Book
from ingest.records import Check, CheckStatus

MONEY = {"元", "千元", "万元", "百万元", "亿元"}
# Sums over rows whose membership is inferred, not printed: a miss by more than a quarter says that the list is not whole, not that the paper errs.
_INFERRED = {"level", "total", "units", "stated"}


def sum_check(book: Book, kind: str, total: int, parts: Sequence[int], what: str) -> Check | None:
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


def only_unit_differs(first: Amount, second: Amount) -> bool:
    """The same digits with 元 in one place and 万元 in the other: one of the units is printed wrong."""
    return first.value == second.value and bool(first.value) and first.unit != second.unit and {first.unit, second.unit} <= MONEY


def same_figure(a: Amount, b: Amount) -> bool | None:
    """Whether two prints are one figure: the same digits, or where one is rounded coarser, the same but for half of its last place. None: not comparable."""
    if a.value is None or b.value is None:
        return None
    other = in_unit(b, a.unit)
    if other is None:
        return None
    steps = _step(a.value, a.unit, a.unit), _step(b.value, b.unit, a.unit)
    return abs(a.value - other) <= (Decimal(0) if steps[0] == steps[1] else max(steps) / 2)


def in_unit(amount: Amount, unit: str) -> Decimal | None:
    """The value in another unit of money; None when one of the two is none."""
    if amount.value is None or amount.unit == unit:
        return amount.value
    return convert(amount.value, amount.unit, unit) if amount.unit in MONEY and unit in MONEY else None


def _far_apart(a: Amount, b: Amount) -> bool:
    first, second = a.value or Decimal(0), in_unit(b, a.unit) or Decimal(0)
    return abs(first - second) * 4 > max(abs(first), abs(second))


def equal_check(book: Book, kind: str, first: int, second: int, what: str) -> Check | None:
    """One figure in two places. With the same number of decimals it must be the same; else half of the coarser last place may be missing."""
    a, b = book.facts[first].amount, book.facts[second].amount
    if a.value is None or b.value is None:
        return None
    if kind != "stated" and only_unit_differs(a, b):
        left, right = (f"{book.name(i)} {book.facts[i].amount.printed}{book.facts[i].amount.unit}" for i in (first, second))
        return Check("unit", CheckStatus.BROKEN, f"{what}单位疑误：{left}，{right}", f"{a.printed}{a.unit}", f"{b.printed}{b.unit}", (first, second))
    good = same_figure(a, b)
    if good is None:
        return None
    if not good and kind in {"equal", "stated"} and _far_apart(a, b):
        return None  # two different things under one name
    left = f"{book.name(first)} {show(a.value)}{a.unit}"
    right = f"{book.name(second)} {show(b.value)}{b.unit}"
    detail = f"{what}：{left} {'=' if good else '≠'} {right}"
    return Check(
        kind, CheckStatus.OK if good else CheckStatus.BROKEN, detail, f"{show(a.value)}{a.unit}", f"{show(b.value)}{b.unit}", (first, second)
    )


def rate_check(book: Book, kind: str, rate: int, upper: int, lower: int, what: str) -> Check | None:
    """rate % = upper / lower."""
    a, b, printed = book.facts[upper].amount, book.facts[lower].amount, book.value(rate)
    if a.value is None or b.value is None or printed is None or not b.value:
        return None
    part = a.value if a.unit == b.unit else convert(a.value, a.unit, b.unit)
    if part is None:
        return None
    exact = part / b.value * 100
    good = abs(exact - printed) <= rate_slack(printed, part, b.value)
    sign = "≈" if good else "≠"
    detail = f"{what}：{show(a.value)}{a.unit} ÷ {show(b.value)}{b.unit} = {exact:.2f}% {sign} 印 {show(printed)}%"
    return Check(kind, CheckStatus.OK if good else CheckStatus.BROKEN, detail, f"{exact:.2f}%", f"{show(printed)}%", (upper, lower, rate))


def rate_slack(printed: Decimal, part: Decimal, whole: Decimal) -> Decimal:
    """Half of the printed last place, and what the rounding of both figures adds."""
    step = Decimal(1).scaleb(min(0, int(printed.as_tuple().exponent)))
    grain = Decimal(1).scaleb(min(0, int(part.as_tuple().exponent), int(whole.as_tuple().exponent)))
    return step / 2 + (grain / 2) * (abs(whole) + abs(part)) / (whole * whole) * 100 + Decimal("0.0001")


def _step(value: Decimal, unit: str, wanted: str) -> Decimal:
    step = Decimal(1).scaleb(min(0, int(value.as_tuple().exponent)))
    return step if unit == wanted else convert(step, unit, wanted) or step


def some(result: Check | None) -> tuple[Check, ...]:
    return () if result is None else (result,)


def if_mostly_kept(found: Sequence[Check]) -> Iterable[Check]:
    """The checks of an identity that headings only suggest: all of them when most hold, none otherwise."""
    tried = [c for c in found if c.status is not CheckStatus.NOT_CHECKABLE]
    kept = sum(c.status is CheckStatus.OK for c in tried)
    return found if kept * 2 >= len(tried) and kept else ()
