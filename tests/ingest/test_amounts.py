"""Printed amounts: what stands in a cell, read and printed exactly."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.amounts import YUAN_PER_UNIT, Amount, AmountState, convert, plain, read_amount, show, to_yuan

money = st.decimals(min_value=-(10**13), max_value=10**13, places=2)
units = st.sampled_from(sorted(YUAN_PER_UNIT))

NUMBER, BLANK, DASH, NOT_APPLICABLE, TEXT = AmountState


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("87,628.42", Amount("87,628.42", NUMBER, Decimal("87628.42"), "万元")),
        ("1，000", Amount("1，000", NUMBER, Decimal(1000), "万元")),
        ("１２３", Amount("１２３", NUMBER, Decimal(123), "万元")),
        ("0", Amount("0", NUMBER, Decimal(0), "万元")),
        ("0.00", Amount("0.00", NUMBER, Decimal("0.00"), "万元")),
        ("\u00a05 ", Amount("\u00a05 ", NUMBER, Decimal(5), "万元")),
        ("\ufeff9\u200b", Amount("\ufeff9\u200b", NUMBER, Decimal(9), "万元")),
        ("-3", Amount("-3", NUMBER, Decimal(-3), "万元")),
        ("－3", Amount("－3", NUMBER, Decimal(-3), "万元")),
        ("− 3", Amount("− 3", NUMBER, Decimal(-3), "万元")),
        ("△3", Amount("△3", NUMBER, Decimal(-3), "万元")),
        ("(3)", Amount("(3)", NUMBER, Decimal(-3), "万元")),
        ("（3）", Amount("（3）", NUMBER, Decimal(-3), "万元")),
        ("9万", Amount("9万", NUMBER, Decimal(9), "万元")),
        ("3 亿元", Amount("3 亿元", NUMBER, Decimal(3), "亿元")),
        ("15%", Amount("15%", NUMBER, Decimal(15), "%")),
        ("≥140 篇", Amount("≥140 篇", NUMBER, Decimal(140), "篇", "≥")),
        (">=5", Amount(">=5", NUMBER, Decimal(5), "万元", "≥")),
        ("约5万元", Amount("约5万元", NUMBER, Decimal(5), "万元", "约")),
        ("", Amount("", BLANK, unit="万元")),
        (" \t", Amount(" \t", BLANK, unit="万元")),
        ("\u200b", Amount("\u200b", BLANK, unit="万元")),
        ("—", Amount("—", DASH, unit="万元")),
        ("-", Amount("-", DASH, unit="万元")),
        ("不适用", Amount("不适用", NOT_APPLICABLE, unit="万元")),
        ("无", Amount("无", NOT_APPLICABLE, unit="万元")),
        ("公务接待费", Amount("公务接待费", TEXT)),
    ],
)
def test_read(printed: str, expected: Amount) -> None:
    assert read_amount(printed, "万元") == expected


@pytest.mark.parametrize(
    "printed",
    [
        *("1,234,56", "12,34", "1.2.3", "1.", "(3", "3)", "--3", "3 4"),  # broken numbers are not mended by guessing
        *("5/6", "12:30", "3-5人", "2021-03-05", "12月31日", "3(4)", "1、2"),  # several numbers are no amount
        *("1²", "①3", "½", "5①"),  # a footnote mark or a circled number is no digit of the figure
    ],
)
def test_not_one_number(printed: str) -> None:
    assert read_amount(printed, "万元") == Amount(printed, TEXT)


@pytest.mark.parametrize("unit", ["m²", "㎡", "平方米", "人次/年", "元/人"])
def test_units_with_marks_of_their_own(unit: str) -> None:
    assert read_amount(f"1300 {unit}").value == Decimal(1300)


@given(money, units)
def test_printed_with_commas_and_read_back(value: Decimal, unit: str) -> None:
    amount = read_amount(show(value), unit)

    assert (amount.state, amount.value, amount.unit) == (NUMBER, value, unit)
    assert type(amount.value) is Decimal
    # Equal Decimals may differ in their zeros: the printed ones are kept.
    assert amount.value.as_tuple().exponent == value.as_tuple().exponent


@given(money, units)
def test_unit_printed_in_the_cell_wins_over_the_table_s(value: Decimal, unit: str) -> None:
    assert read_amount(f"{show(value)} {unit}", "万元").yuan == value * YUAN_PER_UNIT[unit]


@given(money.filter(lambda v: v > 0), st.sampled_from(["({})", "（{}）", "-{}", "－{}", "△{}", "▲{}", "− {}"]))
def test_every_way_to_print_a_negative(value: Decimal, form: str) -> None:
    assert read_amount(form.format(show(value)), "元").value == -value


@given(money)
def test_the_api_s_form_reads_back(value: Decimal) -> None:
    text = plain(value)

    assert Decimal(text) == value
    assert "," not in text and "E" not in text
    assert not ("." in text and text.endswith(("0", ".")))


@given(money, units, units)
def test_conversion_is_exact_and_reversible(value: Decimal, unit: str, wanted: str) -> None:
    there = convert(value, unit, wanted)

    assert type(there) is Decimal
    assert convert(there, wanted, unit) == value
    assert to_yuan(there, wanted) == to_yuan(value, unit)


@given(money)
def test_fen_is_a_whole_number_or_nothing(value: Decimal) -> None:
    assert Amount("", NUMBER, value, "元").fen == int(value * 100)
    assert Amount("", NUMBER, value, "万元").fen == int(value * 1_000_000)
    assert Amount("", NUMBER, value, "%").fen is None


def test_less_than_a_fen_has_no_fen() -> None:
    assert Amount("", NUMBER, Decimal("0.0000001"), "万元").fen is None


def test_what_is_no_money_is_not_converted() -> None:
    assert convert(Decimal(5), "辆", "元") is None
    assert convert(Decimal(5), "元", "辆") is None
    assert to_yuan(Decimal(5), "") is None
    assert read_amount("—", "万元").yuan is None


@pytest.mark.parametrize(
    ("value", "expected"), [("1E+3", "1000"), ("2708.030", "2708.03"), ("100", "100"), ("0.00", "0"), ("-0.50", "-0.5"), ("0.0000001", "0.0000001")]
)
def test_plain(value: str, expected: str) -> None:
    assert plain(Decimal(value)) == expected


@given(st.text(max_size=30))
def test_any_cell_is_read_without_raising_and_kept_as_printed(printed: str) -> None:
    amount = read_amount(printed)

    assert amount.printed == printed
    assert (amount.value is not None) == (amount.state is NUMBER)
