"""Differences, growth, shares, rates and sums in Decimal, every step kept as a formula of the printed operands."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from ingest.amounts import convert, show
from retrieval.evidence.facts import FactRow


@dataclass(frozen=True, slots=True)
class Result:
    """A computed figure: `value` in `unit`, `formula` shows it with its operands."""

    value: Decimal
    unit: str
    formula: str


def _common(facts: tuple[FactRow, ...]) -> tuple[list[Decimal], str] | None:
    """The values in one unit: the first one's when they share it, else 元 for money; None when they cannot be added (or there are none)."""
    if not facts or any(f.value is None for f in facts):
        return None
    units = {f.unit for f in facts}
    if len(units) == 1:
        return [f.value for f in facts], facts[0].unit  # type: ignore[misc]
    unit = facts[0].unit
    values = [convert(f.value, f.unit, unit) for f in facts]  # type: ignore[arg-type]
    return None if any(v is None for v in values) else (values, unit)  # type: ignore[return-value]


def difference(left: FactRow, right: FactRow) -> Result | None:
    """left − right; None when one is no number or the units do not go together."""
    common = _common((left, right))
    if not common:
        return None
    (a, b), unit = common
    return Result(a - b, unit, f"{show(a)} − {show(b)} = {show(a - b)}（{unit}）")


def before(now: FactRow, change: FactRow) -> Result | None:
    """The figure before a change: now − change; None when one is no number or the units do not go together."""
    common = _common((now, change))
    if not common:
        return None
    (a, b), unit = common
    return Result(a - b, unit, f"{show(a)} {'−' if b > 0 else '+'} {show(abs(b))} = {show(a - b)}（{unit}）")


def _rounded(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def growth(left: FactRow, right: FactRow, places: int = 2) -> Result | None:
    """(left − right) / right in %, to `places` decimals; None when right is 0 or they do not go together."""
    common = _common((left, right))
    if not common or not common[0][1]:
        return None
    a, b = common[0]
    percent = _rounded((a - b) * 100 / b, places)
    return Result(percent, "%", f"（{show(a)} − {show(b)}）÷ {show(b)} = {show(percent)}%")


def growth_by(now: FactRow, change: FactRow, places: int = 2) -> Result | None:
    """change / (now − change) in %, to `places` decimals: growth where only the figure and its change are printed; None when they do not go together."""
    common = _common((now, change))
    if not common or common[0][0] == common[0][1]:
        return None
    a, b = common[0]
    percent = _rounded(b * 100 / (a - b), places)
    return Result(percent, "%", f"{show(b)} ÷ （{show(a)} {'−' if b > 0 else '+'} {show(abs(b))}） = {show(percent)}%")


def ratio(part: FactRow, whole: FactRow, places: int = 2) -> Result | None:
    """part / whole in %, to `places` decimals (two telling digits where these would say 0); None when whole is 0 or they do not go together."""
    common = _common((part, whole))
    if not common or not common[0][1]:
        return None
    a, b = common[0]
    exact = a * 100 / b
    percent = _rounded(exact, places if not exact or abs(exact) >= Decimal(1).scaleb(-places) else 1 - exact.adjusted())
    return Result(percent, "%", f"{show(a)} ÷ {show(b)} = {show(percent)}%")


def times(left: FactRow, right: FactRow, places: int = 2) -> Result | None:
    """How many times right is left, to `places` decimals; None when right is 0 or they do not go together."""
    common = _common((left, right))
    if not common or not common[0][1]:
        return None
    a, b = common[0]
    found = _rounded(a / b, places)
    return Result(found, "倍", f"{show(a)} ÷ {show(b)} = {show(found)}（倍）")


def per_unit(amount: FactRow, count: FactRow) -> Result | None:
    """amount / count in 元, to the 分; None when one is missing, the amount is no money or the count 0."""
    if amount.yuan is None or not count.value:
        return None
    each = (amount.yuan / count.value).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return Result(each, "元", f"{show(amount.yuan)} 元 ÷ {show(count.value)} {count.unit} = {show(each)}（元）")


def total(facts: tuple[FactRow, ...]) -> Result | None:
    """The sum; None when one is no number or the units do not go together."""
    common = _common(facts)
    if not common:
        return None
    values, unit = common
    result = sum(values, Decimal(0))
    return Result(result, unit, f"{' + '.join(show(v) for v in values)} = {show(result)}（{unit}）")
