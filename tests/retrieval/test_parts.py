"""What an amount is made of: only parts that add up to it."""

from __future__ import annotations

from dataclasses import fields
from decimal import Decimal

import pytest

from retrieval.evidence.facts import FactRow
from retrieval.evidence.parts import adding_up


def amounts(*printed: str) -> list[FactRow]:
    """Amounts in 万元 of one list; “10/场*2=20” is two, of which the second is what the first comes to."""
    empty = dict.fromkeys((f.name for f in fields(FactRow)), None)
    return [
        FactRow(**{**empty, "value": Decimal(number), "unit": "万元", "printed": number, "quote": sentence})
        for sentence in printed
        for number in sentence.replace("/场*2=", " ").split()
    ]


@pytest.mark.parametrize(
    ("total", "listed", "outer"),
    [
        ("55", ["19", "30", "6"], ["19", "30", "6"]),
        ("50", ["30", "10", "20", "20"], ["30", "20"]),  # 10 and 20 are what 30 is made of
        ("50", ["30", "10/场*2=20"], ["30", "20"]),
        ("55", ["19", "30"], []),  # something is missing: no list of parts
        ("55", ["55"], []),
    ],
)
def test_parts_add_up(total: str, listed: list[str], outer: list[str]) -> None:
    assert [f.printed for f in adding_up(amounts(*listed), amounts(total)[0])] == outer
