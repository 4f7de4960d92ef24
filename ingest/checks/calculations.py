"""Calculations that a form writes out (测算依据: 660元/㎡*429㎡=28.314万元): done again, and compared with the printed result.

Only what is understood to the last character counts: numbers with units, + * / between them, brackets. Two numbers without a sign between them, a
minus (mostly a range) or a word that may be a number end the attempt.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, DivisionByZero, InvalidOperation

from ingest.amounts import YUAN_PER_UNIT, show
from ingest.checks.book import Book
from ingest.records import Check, CheckStatus, Quote

_MARKUP = re.compile(r"</?\w+>|[²³]|\\text\{([^{}]*)\}|\\(?=%)|\$")
_RESULT = re.compile(r"\s*(?P<value>\d+(?:\.\d+)?)\s*(?P<unit>万元|元|万)?(?![\d.]|\s*[*×+/÷=-])")
_CLAUSE = re.compile(r"[。;:、,!?\n]|(?:^|\s)\d{1,2}[.、]\s")
_SENTENCE = re.compile(r"[。:!?\n]|(?<!\d)\d{1,2}、")
_TOTAL = re.compile(r"[,;]\s*(?:合计|共计|总计)\s*(?P<value>\d+(?:\.\d+)?)\s*(?P<unit>万元|元|万)")
_RESULTS = re.compile(r"[=≈]\s*[\d.]+\s*(?:万元|元|万)?\s*$")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_UNREADABLE = re.compile(r"[-~—<>≤≥%‰]|[一二三四五六七八九十百千亿]|\d")
_MONEY = {"元": Decimal(1), "万": YUAN_PER_UNIT["万元"], "万元": YUAN_PER_UNIT["万元"]}


_Verdict = tuple[CheckStatus, str, str, str]  # status, detail, expected, found


class _Unread(Exception):
    """The text before a sign of equality is no calculation that is fully understood."""


@dataclass(frozen=True, slots=True)
class _Value:
    """A number with how many 元 its unit is worth; None where it names no money."""

    number: Decimal
    money: Decimal | None = None


def calculations(book: Book) -> Iterable[Check]:
    """Every written-out calculation in the cells of forms."""
    for table in book.tables:
        for cell in table.cells:
            if cell.role in {"text", "value"} and re.search(r"[=≈＝]|[合共总]计", cell.text):
                for status, detail, expected, found in _in_text(cell.text):
                    yield Check("calculation", status, f"{table.label}：{detail}", expected, found, quotes=(Quote(cell.text, cell.place),))


def _in_text(text: str) -> Iterator[_Verdict]:
    plain = unicodedata.normalize("NFKC", _MARKUP.sub(lambda m: m[1] or "", text.replace("㎡", "m²")))
    plain = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", plain)
    yield from _equations(plain)
    yield from _lists(plain)


def _equations(plain: str) -> Iterator[_Verdict]:
    """a*b=c, wherever it stands."""
    for sign in re.finditer(r"(?<![<>=])[=≈]", plain):
        result = _RESULT.match(plain, sign.end())
        clause = _CLAUSE.split(plain[: sign.start()])[-1]
        left = clause.rsplit("=", 1)[-1].strip()
        if result is None or re.search(r"[<>≥≤]", clause) or not re.search(r"\d[^+*×/÷]*[+*×/÷]", left):
            continue
        try:
            value = _Reader(left).whole()
        except (_Unread, DivisionByZero, InvalidOperation):
            continue
        yield _verdict(left, sign[0], value, result)


def _lists(plain: str) -> Iterator[_Verdict]:
    """“甲 a元/套*3套，乙 b元，合计 c元”: every item of the sentence is an amount or a product, and they add up."""
    for total in _TOTAL.finditer(plain):
        sentence = _SENTENCE.split(plain[: total.start()])[-1]
        items = [_RESULTS.sub("", item).strip() for item in re.split(r"[,;]", sentence) if item.strip()]
        try:
            values = [_Reader(item).whole() for item in items]
        except (_Unread, DivisionByZero, InvalidOperation):
            continue
        if len(values) > 1 and all(v.money is not None for v in values):
            whole = _Value(sum((v.number * (v.money or 0) for v in values), Decimal(0)), Decimal(1))
            yield _verdict(" + ".join(items), "，合计", whole, total)


def _verdict(left: str, sign: str, value: _Value, result: re.Match[str]) -> _Verdict:
    printed, unit = Decimal(result["value"]), result["unit"] or ""
    worth = _MONEY.get(unit)
    exact = value.number * value.money / worth if value.money is not None and worth is not None else value.number
    step = Decimal(1).scaleb(min(0, int(printed.as_tuple().exponent)))
    good = abs(exact - printed) <= step / 2
    shown = f"{show(round(exact, 4).normalize() + 0)}{unit}"
    found = f"{result['value']}{unit}"
    detail = f"“{left}{sign}{found}”" + ("" if good else f"，应为 {shown}")
    return (CheckStatus.OK if good else CheckStatus.BROKEN), detail, shown, found


class _Reader:
    """A calculation read from left to right; raises _Unread where it is not understood."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def whole(self) -> _Value:
        value = self._sum()
        if self.at < len(self.text):
            raise _Unread
        return value

    def _sum(self) -> _Value:
        total = self._product()
        while self._take("+"):
            term = self._product()
            if (term.money is None) != (total.money is None):
                raise _Unread
            worth = total.money or Decimal(1)
            total = _Value(total.number + term.number * (term.money or Decimal(1)) / worth, total.money)
        return total

    def _product(self) -> _Value:
        value = self._value()
        while True:
            if self._take("*", "×", "x"):
                factor = self._value()
                if factor.money is not None and value.money is not None:
                    raise _Unread
                value = _Value(value.number * factor.number, value.money if value.money is not None else factor.money)
            elif self._take("/", "÷"):
                divisor = self._value()
                if divisor.money is not None:
                    raise _Unread
                value = _Value(value.number / divisor.number, value.money)
            else:
                return value

    def _take(self, *signs: str) -> bool:
        if self.text[self.at : self.at + 1] not in signs or self.at >= len(self.text):
            return False
        self.at += 1
        return True

    def _value(self) -> _Value:
        self._words()
        if self._take("("):
            inner = self._sum()
            if not self._take(")"):
                raise _Unread
            unit = self._words()
            return _Value(inner.number, inner.money if inner.money is not None else _worth(unit))
        found = _NUMBER.match(self.text, self.at)
        if found is None:
            raise _Unread
        self.at = found.end()
        number = Decimal(found[0])
        if self._take("%"):
            number /= 100
        unit = self._words()
        remark = re.match(r"\([^()+*×/÷]*\)\s*", self.text[self.at :])  # (100张) after a value explains it
        if remark:
            self.at += remark.end()
        return _Value(number, _worth(unit))

    def _words(self) -> str:
        """Words up to the next number, bracket or sign; a sign before a word belongs to a unit (元/人*天)."""
        start = self.at
        while self.at < len(self.text):
            c = self.text[self.at]
            if c in "+()" or c.isdigit() or (c in "*×/÷x" and re.match(r"\s*(?:\d|\(|[^\s\d/*×÷+()]{0,6}\s*\d)", self.text[self.at + 1 :])):
                break
            self.at += 1
        words = self.text[start : self.at].strip()
        if _UNREADABLE.search(words):
            raise _Unread
        return words


def _worth(unit: str) -> Decimal | None:
    """How many 元 a unit is: 元/㎡ is 元, 万元/人 is 万元, 人 is no money."""
    return _MONEY.get(re.split(r"[/*×\s]", unit)[0])
