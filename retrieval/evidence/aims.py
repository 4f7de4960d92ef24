"""A question for a target or an indicator in words of its own -> the indicator's figure (“法律咨询多久内响应” -> 法律咨询响应时间 ≤2小时)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.records import Measure
from ingest.wording import key
from retrieval.evidence.facts import FactReader, FactRow
from retrieval.question import counts_in

# Ways of asking how much, how long or by when: such a question is answered by a target, however it is put.
MEASURED = re.compile(
    r"多久|多长时间|(?<!哪)(?:几|多少)(?:个?工作日|天|日|小时|分钟|个?月|件|条|场|次|处|篇|期|项|人次?|名|家|个|台|套|辆|份|公里|亩|户|宗|座|所|批|%)|什么时候|何时|百分之|至少|不低于|不少于|不超过|达标(?!率)|多高"
)
# And for what is to be reached, or was, where a figure is asked for anyway.
ASKED = re.compile(rf"{MEASURED.pattern}|达到|做到|完成|要求|目标|指标|控制在")
_ACTUAL = re.compile(r"实际|完成了|做到了|达到了|做到多少|完成情况|完成值")
_TIME = re.compile(r"多久|多长时间|(?:几|多少)(?:个?工作日|天|日|小时|分钟|个?月)|什么时候|何时")
_OF_TIME = re.compile(r"时间|时限|及时|天数|日期|时效|期限|进度|周期|工期|完工|按时")
_CLOSING = re.compile(r"(?:完成)?(?:数量|人数|次数|天数|个数|场次|总数|时间|时限|期限|情况|程度|比例|比率|占比|金额|数|率|量|度)$")
_APART = 0.15  # how much less the next indicator must be like the question
_LEAST = 0.7  # share of an indicator's characters that the question must hold
_PAIRS = 0.4  # share of its character pairs
_MET = 0.5  # share of the characters of an unknown word that the indicator's row must hold
MOST_PAPERS = 8


def asked_indicator(
    reader: FactReader, documents: Sequence[str], text: str, ignore: Sequence[str], unknown: Sequence[str], year: int | None, counted: str | None
) -> FactRow | None:
    """The one indicator whose name the question nearly says, with what it is to reach (or reached, where that is asked); None when none or several do.

    `text` is the question's normal form, `ignore` its words for bodies and years; each word of `unknown`, which no list knows, must be met too. An indicator of the project that the question names comes before
    the others; a question for a time is answered only by one of time.
    """
    if not ASKED.search(text) or not documents or len(documents) > MOST_PAPERS:
        return None
    for word in ignore:
        text = text.replace(word, "|")
    strange = [word for word in (ASKED.sub("", key(w)) for w in unknown) if len(word) > 1]
    measure = Measure.ACTUAL if _ACTUAL.search(text) else Measure.TARGET
    found: list[tuple[float, FactRow]] = []
    for fact in reader.facts(documents, kinds=("indicator",), measures=(measure,)):
        if fact.state == "blank" or not fact.row_keys or (year is not None and (fact.year or reader.paper[fact.document].year) != year):
            continue
        name = re.sub(r"[(（][^()（）]*[)）]", "", fact.row_keys[-1])
        if counted and fact.unit and not counts_in(fact.unit, counted):
            continue
        if _TIME.search(text) and not (_OF_TIME.search(name) or re.search(r"天|日|小时|分钟|月|时", f"{fact.unit}{fact.printed}")):
            continue
        around = "|".join((*fact.row_keys, fact.project_key, key(fact.quote)))
        if any(sum(c in around for c in word) < _MET * len(word) for word in strange):
            continue
        if score := _likeness(_CLOSING.sub("", name) or name, text):
            named = bool(fact.project_key) and _likeness(re.sub(r"(?:工作)?(?:经费|项目)$", "", fact.project_key), text) > 0
            found.append((score + (0.5 if named else 0.0), fact))
    if not found:
        return None
    best = max(score for score, _ in found)
    near = {(f.printed.strip(), f.row_keys[-1]): f for score, f in found if score > best - _APART}
    return next(iter(near.values())) if len(near) == 1 else None


def _likeness(name: str, text: str) -> float:
    """How much of a name a question says: 0 where too little, more for long names."""
    name = key(name)
    pairs = [name[i : i + 2] for i in range(len(name) - 1)]
    if len(name) < 3 or not pairs:
        return 0.0
    characters = sum(c in text for c in name) / len(name)
    joined = sum(pair in text for pair in pairs) / len(pairs)
    if characters < _LEAST or joined < _PAIRS or sum(pair in text for pair in pairs) < 2:
        return 0.0
    return characters + joined + min(len(name), 12) / 24
