"""Answers held against answers: relations between questions that need no gold. What breaks one is wrong somewhere, whatever the right figure is.

Asked of the last question of one-turn cases, each relation where its words fit: the same question twice, in 元 and in 万元, A − B and B − A, and the parts
of a sum one by one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from eval.casefile import Case
from eval.clients import Client
from eval.run import dialogue
from eval.score import YUAN, number, same_amount

_YEAR = re.compile(r"(?<!\d)20\d\d(?=年)")
_SUM = re.compile(r"^(?P<head>.*?年)(?P<first>[^和，,]+)和(?P<second>[^和，,]+?)(?:两个项目|两项)?(?:一共|合计|总共|加起来)")
_IN_UNIT = "{question}，以{unit}为单位"

Answer = dict[str, Any]
Ask = Callable[[str], Answer]


@dataclass(frozen=True, slots=True)
class Tried:
    """One relation tried on one question: `broken` is Chinese, empty when it holds."""

    relation: str
    question: str
    broken: str = ""


def tried(cases: Iterable[Case], client: Client) -> Iterator[Tried]:
    """Every relation on every question it fits, in order; each question once."""

    def ask(question: str) -> Answer:
        return next(dialogue([question], client))

    for question in dict.fromkeys(case.turns[0] for case in cases if len(case.turns) == 1):
        answer = ask(question)
        yield from twice(question, answer, ask, client)
        for relation in (units, turned, parts):
            yield from relation(question, answer, ask)


def twice(question: str, answer: Answer, ask: Ask, client: Client) -> Iterator[Tried]:
    """Asked again, alone and in one dialogue, a question has the same answer."""
    again, (_, in_dialogue) = ask(question), tuple(dialogue([question, question], client))
    for other, how in ((again, "再问一遍"), (in_dialogue, "在同一对话里再问一遍")):
        if (other["status"], _shown(other)) != (answer["status"], _shown(answer)):
            yield Tried("问两遍", question, f"{how}：{_shown(answer)} → {_shown(other)}")
            return
    yield Tried("问两遍", question)


def units(question: str, answer: Answer, ask: Ask) -> Iterator[Tried]:
    """An amount of money is the same in 元 and in 万元."""
    first = _money(answer)
    if first is None or any(unit in question for unit in YUAN):
        return
    for unit in ("元", "万元"):
        other = ask(_IN_UNIT.format(question=question.rstrip("？?。"), unit=unit))
        second = _money(other)
        if second is None or not same_amount(*second, *first):
            yield Tried("元与万元", question, f"以{unit}为单位：{_shown(answer)} → {_shown(other)}")
            return
    yield Tried("元与万元", question)


def turned(question: str, answer: Answer, ask: Ask) -> Iterator[Tried]:
    """A − B and B − A have one size."""
    years = list(dict.fromkeys(_YEAR.findall(question)))
    first = _money(answer)
    if first is None or len(years) != 2 or "比" not in question or "百分" in question:
        return
    exchanged = _YEAR.sub(lambda m: years[1 - years.index(m[0])], question)
    other = ask(exchanged)
    second = _money(other)
    holds = second is not None and same_amount(*second, *first, absolute=True)
    yield Tried("甲减乙与乙减甲", question, "" if holds else f"{exchanged}：{_shown(answer)} → {_shown(other)}")


def parts(question: str, answer: Answer, ask: Ask) -> Iterator[Tried]:
    """Two figures asked for one by one add up to their sum. A part that is not answered alone proves nothing."""
    named, whole = _SUM.match(question), _money(answer)
    if not named or whole is None or not answer["citations"]:
        return
    # 2021年扶贫办甲和乙: without the words before 和 the second part would lose its department.
    whose = answer["citations"][0]["department"] if re.fullmatch(r"20\d\d年", named["head"]) else ""
    alone = [ask(f"{named['head']}{named['first']}多少"), ask(f"{whose}{named['head']}{named['second']}多少")]
    found = [_money(a) for a in alone]
    if None in found:
        return
    total = sum((value * YUAN[unit] for value, unit in filter(None, found)), Decimal(0))
    holds = same_amount(total, "元", *whole)
    yield Tried("分项与合计", question, "" if holds else f"{' + '.join(map(_shown, alone))} ≠ {_shown(answer)}")


def _money(answer: Answer) -> tuple[Decimal, str] | None:
    """The figure that answers, when it is money and the only reading."""
    if answer["status"] != "answered" or not answer["values"]:
        return None
    first = answer["values"][0]
    value = number(first["value"])
    return (value, first["unit"]) if value is not None and first["unit"] in YUAN else None


def _shown(answer: Answer) -> str:
    if answer["status"] != "answered":
        return {"refused": "拒答", "clarify": "反问"}.get(answer["status"], answer["status"])
    return "、".join(f"{v['value']}{v['unit']}" for v in answer["values"][:3]) or answer["answer"][:40]


def table(found: Sequence[Tried]) -> str:
    """The result for the terminal: every relation with how often it held, then what broke one."""
    lines = []
    for relation in dict.fromkeys(t.relation for t in found):
        of = [t for t in found if t.relation == relation]
        lines.append(f"{relation}：{sum(not t.broken for t in of)} / {len(of)}")
        lines += [f"  {t.question}：{t.broken}" for t in of if t.broken]
    return "\n".join(lines)
