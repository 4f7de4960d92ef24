"""A question that asks several things one after another -> its parts, each to be answered in the dialogue of the ones before it."""

from __future__ import annotations

import re

from retrieval.question import normal

_ASKS = re.compile(r"多少|几|什么|为何|为什么|原因|哪|怎么|吗[?？]?$|呢[?？]?$|百分比|占比")
_CLAUSE = re.compile(r"[^，,；;？?。！!\n]+[，,；;？?。！!\n]*")
_FIRST = re.compile(r"(?:多少|几)[^多少几]{0,6}$")
# A clause that only says how its list is to be given goes with the clause before it.
_GOES_ON = re.compile(r"^(?:又|还)?(?:分别|各|其中分别|都|具体|哪(?:个|家|一?年|项)|谁|叫|是哪)")
_IN_TWO_PLACES = re.compile(r"一样[吗么]|一致|对得上|对不上|两个数")  # one figure in two places is asked about, not two things
_SEVERAL = re.compile(r"分别|各(?:是|有|多少)|哪(?:个|家|几|些|一?年)|谁|[这那]几")


def parts_asked(question: str) -> tuple[str, ...]:
    """The parts of a question that each ask something, first to last; the question alone where it asks one thing.

    >>> parts_asked("某局2026年会议费预算多少，计划多少人参会")
    ('某局2026年会议费预算多少', '计划多少人参会')
    >>> parts_asked("某局2026年会议费、培训费各多少")
    ('某局2026年会议费、培训费各多少',)
    """
    parts: list[str] = []
    before = ""
    for piece in _CLAUSE.findall(question):
        said = normal(piece.rstrip("，,；;？?。！!\n"))
        if not said:
            continue
        if not _ASKS.search(said):
            before += piece
        elif parts and (_GOES_ON.search(said) and not before):
            parts[-1] += piece
        else:
            parts.append(before + piece)
            before = ""
    if before and parts:
        parts[-1] += before
    bare = tuple(p.strip("，,；;？?。！! \n") for p in parts)
    first = normal(re.split(r"[，,；;？?。]", bare[0])[-1]) if bare else ""
    if _IN_TWO_PLACES.search(normal(question)):
        return (question,)
    return bare if 1 < len(bare) <= 4 and _FIRST.search(first) and not _SEVERAL.search(normal(bare[0])) else (question,)
