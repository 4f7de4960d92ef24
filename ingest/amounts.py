"""Printed amounts: characters on paper <-> Decimal with unit, kept apart from blank, dash and words.

Decimal only; a float never enters. Money converts exactly between 元, 万元 and 亿元.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

YUAN_PER_UNIT = {"元": Decimal(1), "千元": Decimal(1000), "万元": Decimal(10_000), "百万元": Decimal(1_000_000), "亿元": Decimal(100_000_000)}

_NUMBER = r"[-−－—–△▲]?\s*(?:\d{1,3}(?:[,，]\s?\d{3})+|\d+)(?:\.\d+)?"
_AMOUNT = re.compile(
    rf"^(?P<operator>≥|≤|>=|<=|>|<|＞|＜|=|约|不少于|不低于|不高于|不超过|不多于|大于等于|小于等于|大于|小于)?\s*"
    # A unit holds no digit (but m2): 12月31日前, 3-5人 and ≥98%;≥95% are no one number.
    rf"(?P<open>[(（])?(?P<number>{_NUMBER})(?P<close>[)）])?\s*(?P<unit>[kcm]?m ?[23]|[^\W\d_]\D{{0,12}}|[%‰℃°]\D{{0,12}})?$"
)
# ¹ ② ½ beside digits: a footnote mark or a numbering, which NFKC would make digits of the figure.
_MARKED = re.compile(r"(?:^|[\d.,，)）])\s*[¹²³⁰-₉①-⒛⓪-⓿❶-➓㈠-㉃㉈-㉟㊀-㊿½⅓⅔¼¾⅐-⅞]")
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u2060\ufeff]")
_DASHES = {"-", "—", "－", "–", "--", "——", "─", "―", "/"}
_NOT_APPLICABLE = {"不适用", "不涉及", "无", "N/A", "n/a"}
_UNIT_WORDS = {"万": "万元", "亿": "亿元", "人民币元": "元", "万元人民币": "万元"} | {f"m{blank}{n}": unit for n, unit in (("2", "㎡"), ("3", "m³")) for blank in ("", " ")}


class AmountState(StrEnum):
    """What stands in a cell: a number (0 and 0.00 too), nothing, a dash “—”, “不适用”/“无”, or other words."""

    NUMBER = "number"
    BLANK = "blank"
    DASH = "dash"
    NOT_APPLICABLE = "not_applicable"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Amount:
    """A cell's content read as an amount.

    `printed` keeps the characters; `value` is in `unit` (None unless state is NUMBER); `operator` keeps ≥ ≤ 约 … of an indicator's target.
    """

    printed: str
    state: AmountState
    value: Decimal | None = None
    unit: str = ""
    operator: str = ""

    @property
    def yuan(self) -> Decimal | None:
        """The value in 元, or None when it is no money or no number."""
        return to_yuan(self.value, self.unit) if self.value is not None else None

    @property
    def fen(self) -> int | None:
        """The value in 分 when it is money and a whole number of 分, else None."""
        if self.yuan is None:
            return None
        cents = self.yuan * 100
        return int(cents) if cents == cents.to_integral_value() else None


def to_yuan(value: Decimal, unit: str) -> Decimal | None:
    """`value` of `unit` in 元; None when the unit is not money."""
    factor = YUAN_PER_UNIT.get(unit)
    return None if factor is None else value * factor


def convert(value: Decimal, unit: str, wanted: str) -> Decimal | None:
    """Exact conversion between money units; None when either is not money."""
    if unit not in YUAN_PER_UNIT or wanted not in YUAN_PER_UNIT:
        return None
    return value * YUAN_PER_UNIT[unit] / YUAN_PER_UNIT[wanted]


def show(value: Decimal, *, commas: bool = True) -> str:
    """A Decimal as people print it: no exponent, the decimals it has, thousands separated by commas.

    >>> show(Decimal("209734")), show(Decimal("2708.030"))
    ('209,734', '2,708.030')
    """
    return f"{value:,f}" if commas else f"{value:f}"


def plain(value: Decimal) -> str:
    """A Decimal as the API prints it: no exponent, no commas, no zeros after the last decimal that counts.

    >>> plain(Decimal("9")), plain(Decimal("2708.030")), plain(Decimal("1E+3"))
    ('9', '2708.03', '1000')
    """
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text


def tidy(value: Decimal) -> Decimal:
    """The same value without zeros after the last decimal that counts, for `show`: a conversion brings such zeros.

    >>> show(tidy(Decimal("90000.00")))
    '90,000'
    """
    return Decimal(plain(value))


def read_amount(printed: str, unit: str = "") -> Amount:
    """Read one cell. `unit` is the table's; a unit printed in the cell itself wins.

    Negative numbers: -3, －3, △3, (3) and （3）. A unit after the number must be a word, so “2011301 行政运行” stays TEXT only if the caller
    knows it as a code; this function reads what stands there.

    >>> read_amount("87,628.42", "万元").value
    Decimal('87628.42')
    >>> read_amount("≥140 篇").operator, read_amount("≥140 篇").unit
    ('≥', '篇')
    """
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", printed)).strip()
    if not text:
        return Amount(printed, AmountState.BLANK, unit=unit)
    if text in _DASHES or printed.strip() in _DASHES:
        return Amount(printed, AmountState.DASH, unit=unit)
    if text in _NOT_APPLICABLE:
        return Amount(printed, AmountState.NOT_APPLICABLE, unit=unit)
    found = _AMOUNT.match(text)
    if not found or bool(found["open"]) != bool(found["close"]) or _MARKED.search(printed):
        return Amount(printed, AmountState.TEXT)
    digits = re.sub(r"[,，\s]", "", found["number"])
    negative = digits[0] in "-−－—–△▲" or bool(found["open"])
    value = Decimal(digits.lstrip("-−－—–△▲"))
    own = (found["unit"] or "").strip()
    own = _UNIT_WORDS.get(own, own)
    operator = (found["operator"] or "").replace(">=", "≥").replace("<=", "≤").replace("＞", ">").replace("＜", "<")
    return Amount(printed, AmountState.NUMBER, -value if negative else value, own or unit, operator)
