"""Amounts inside sentences: which figure, of what, and in which sentence. A helper of facts (long cells of forms) and of prose."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ingest.amounts import Amount, AmountState, read_amount
from ingest.records import Measure

# Items of a list often run on without a full stop: “…费用30000元二、宣传教育经费…”.
_SENTENCE_END = re.compile(r"(?<=[。；;！？])|(?<=[元万\s])(?=[一二三四五六七八九十]{1,3}、[^\d]{2})|(?<=\s)(?=\d{1,2}[.．、](?!\d))")
_MONEY = re.compile(
    r"(?P<about>约|不超过|不少于|不低于|近|超过?)?\s*(?P<number>\d{1,3}(?:[,，]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)\s*(?P<unit>万元|亿元|千元|元|万(?![\u4e00-\u9fff㎡])|亿(?![\u4e00-\u9fff]))"
)


@dataclass(frozen=True, slots=True)
class Mention:
    """An amount in a sentence with the words just before it."""

    amount: Amount
    measure: Measure
    subject: str
    sentence: str


def sentences(text: str) -> list[str]:
    """A paragraph as sentences, each with its final mark."""
    return [s.strip() for s in _SENTENCE_END.split(text) if s.strip()]


def mentioned_amounts(text: str) -> Iterable[Mention]:
    """Every amount of money in the words of a long cell."""
    for sentence in sentences(text):
        for found in _MONEY.finditer(sentence):
            amount = read_amount(found["number"] + found["unit"])
            if amount.state is not AmountState.NUMBER:
                continue
            printed = sentence[found.start("number") : found.end()]
            yield Mention(
                Amount(printed, AmountState.NUMBER, amount.value, amount.unit, found["about"] or ""),
                Measure.AMOUNT,
                subject(sentence[: found.start()]),
                sentence,
            )


def subject(before: str) -> str:
    """The noun that a figure belongs to: the last clause before it without its verbs and numbers.

    >>> subject("1. 专业咨询服务费：")
    '专业咨询服务费'
    """
    clause = re.split(r"[，,、。；;：:=≈*+×/（(）)]|\d+(?:\.\d+)?\s*(?:万元|元|万)", before.rstrip("：:，, "))[-1]
    clause = re.sub(r"^\s*(?:[（(]?[\d一二三四五六七八九十]+[)）]?[.、．]|其中|另|和|及|共|合计)+\s*", "", clause)
    clause = re.sub(r"(?:共计|合计|总计|约|需要?|预计|为|共|计|约需|的金额|金额)+$", "", clause.strip())
    return clause.strip()[-30:]
