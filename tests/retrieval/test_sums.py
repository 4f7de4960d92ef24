"""Arithmetic over printed figures: exact, with its formula, and never across what does not go together."""

from __future__ import annotations

from dataclasses import fields
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.evidence.facts import FactRow
from retrieval.evidence.sums import Result, before, difference, growth, growth_by, per_unit, ratio, total

money = st.decimals(min_value=-(10**9), max_value=10**9, places=2)


def fact(value: str | Decimal | None, unit: str = "万元") -> FactRow:
    """A figure of which nothing but its value and unit matters here."""
    row = dict.fromkeys((f.name for f in fields(FactRow)), None)
    return FactRow(**{**row, "value": None if value is None else Decimal(value), "unit": unit})


def test_difference() -> None:
    assert difference(fact("9"), fact("12")) == Result(Decimal(-3), "万元", "9 − 12 = -3（万元）")
    assert difference(fact("1234.50"), fact("0.5")) == Result(Decimal("1234.00"), "万元", "1,234.50 − 0.5 = 1,234.00（万元）")


def test_the_figure_before_a_change() -> None:
    assert before(fact("80.11"), fact("-8.35")) == Result(Decimal("88.46"), "万元", "80.11 + 8.35 = 88.46（万元）")
    assert before(fact("9"), fact("30000", "元")) == Result(Decimal(6), "万元", "9 − 3 = 6（万元）")
    assert before(fact("9"), fact(None)) is None


def test_growth_and_share_are_rounded_half_up_to_two_decimals() -> None:
    assert growth(fact("9"), fact("12")) == Result(Decimal("-25.00"), "%", "（9 − 12）÷ 12 = -25.00%")
    assert ratio(fact("5"), fact("9")) == Result(Decimal("55.56"), "%", "5 ÷ 9 = 55.56%")
    assert ratio(fact("0.00125"), fact("1")).value == Decimal("0.13")


def test_a_small_share_is_not_said_to_be_nothing() -> None:
    assert ratio(fact("5"), fact("209734")) == Result(Decimal("0.0024"), "%", "5 ÷ 209,734 = 0.0024%")
    assert ratio(fact("0"), fact("9")).value == 0


def test_growth_by_a_change_and_an_amount_for_each() -> None:
    assert growth_by(fact("12219"), fact("2086")) == Result(Decimal("20.59"), "%", "2,086 ÷ （12,219 − 2,086） = 20.59%")
    assert growth_by(fact("9"), fact("-3")).value == Decimal("-25.00")
    assert growth_by(fact("9"), fact("9")) is None
    assert per_unit(fact("2.22"), fact("152", "人次")) == Result(Decimal("146.05"), "元", "22,200.00 元 ÷ 152 人次 = 146.05（元）")
    assert per_unit(fact("3", "辆"), fact("1", "人")) is None
    assert per_unit(fact("3"), fact("0", "人")) is None


def test_sum() -> None:
    assert total((fact("5"), fact("4"), fact("0.5"))) == Result(Decimal("9.5"), "万元", "5 + 4 + 0.5 = 9.5（万元）")
    assert total(()) is None


def test_units_of_money_are_brought_to_the_first_one() -> None:
    assert difference(fact("1", "亿元"), fact("1", "万元")).value == Decimal("0.9999")
    assert total((fact("1", "万元"), fact("50", "元"))) == Result(Decimal("1.005"), "万元", "1 + 0.005 = 1.005（万元）")


@pytest.mark.parametrize("other", [fact("1", "辆"), fact("1", ""), fact(None)])
def test_what_does_not_go_together_is_not_computed(other: FactRow) -> None:
    for compute in (difference, growth, ratio):
        assert compute(fact("9"), other) is None
        assert compute(other, fact("9")) is None
    assert total((fact("9"), other)) is None


def test_nothing_is_divided_by_zero() -> None:
    assert growth(fact("9"), fact("0")) is None
    assert ratio(fact("9"), fact("0.00")) is None
    assert ratio(fact("0"), fact("9")).value == 0


@given(st.lists(money, min_size=1, max_size=6))
def test_sums_are_exact(values: list[Decimal]) -> None:
    cents = sum(int(v * 100) for v in values)
    assert total(tuple(fact(v) for v in values)).value * 100 == cents


@given(money, money)
def test_a_difference_added_back_gives_the_first_figure(a: Decimal, b: Decimal) -> None:
    assert total((fact(difference(fact(a), fact(b)).value), fact(b))).value == a
