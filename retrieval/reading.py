"""A question that the rules could not read -> the same question in the papers' own words, by a chat model's typed plan.

The model names a kind of question, a body, years and items; every name must stand in the lists it was given, or the whole plan is dropped. From what
is left the code writes a question that the rules read, so that the answer comes by the same SQL and the same sentences as any other: the model says
nothing that is shown, and no figure.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ingest.wording import key
from prompts import BadPrompt, load
from retrieval.model import Model, ModelUnavailable
from retrieval.plans import Library, LookUp, OutOfScope, Planned, Search, Unclear
from retrieval.question import Ask, normal
from retrieval.records import Answer, Status
from retrieval.vocabulary import concepts

log = logging.getLogger("budget_qa.model")

# How a question of each kind is put in words that the rules read.
_SAID = {
    "look_up": "{items}是多少",
    "difference": "{items}相差多少",
    "growth": "{items}比上年增长百分之多少",
    "share": "{first}占{second}的比例是多少",
    "sum": "{items}合计多少",
    "execution_rate": "{items}预算执行率是多少",
    "reason": "{items}增减的原因是什么",
    "use": "{items}主要用于什么",
    "basis": "{items}的政策依据是什么",
    "goal": "{items}的年度目标是什么",
    "duty": "的主要职责是什么",
    "definition": "{items}是什么意思",
}
SCHEMA: dict[str, Any] = {
    "title": "plan",
    "type": "object",
    "additionalProperties": False,
    "required": ["kind", "department", "years", "stage", "items"],
    "properties": {
        "kind": {"type": "string", "enum": [*_SAID, "none"]},
        "department": {"type": "string"},
        "years": {"type": "array", "items": {"type": "integer"}},
        "stage": {"type": "string", "enum": ["", "预算", "决算"]},
        "items": {"type": "array", "items": {"type": "string"}},
    },
}
MOST_NAMES = 150  # names that are put before the model: those likest the question first
MOST_BODIES = 60
_NO_NAME = re.compile(r"\d{4,}")  # a code, or a figure that slipped among the names


@dataclass(frozen=True, slots=True)
class Read:
    """What the model read, checked: a `question` for the rules and the `items` that these must find in it."""

    question: str
    items: tuple[str, ...]


def not_understood(planned: Planned, answer: Answer) -> bool:
    """Whether the rules failed for want of understanding: words they do not know, or nothing to look for; not where something asked for is missing."""
    u = planned.understood
    if u.unknown_body or u.wish.ask in (Ask.PRIVATE, Ask.OPINION, Ask.SMALL_TALK, Ask.META) or isinstance(planned.plan, OutOfScope):
        return False  # a body, a person or an opinion that is not there is not to be read as another
    bare = bool(answer.query.get("nearest"))
    lost = answer.status is not Status.ANSWERED and (isinstance(planned.plan, Unclear) or bool(u.unknown) or (isinstance(planned.plan, Search | LookUp) and not u.items))
    return bare or lost


def read(question: str, planned: Planned, library: Library, model: Model) -> Read | None:
    """The question as a chat model reads it, in the papers' words; None when it cannot, is not there, or names anything that the papers do not."""
    bodies = {e.name: e for e in (planned.departments or library.entities)[:MOST_BODIES]}
    documents = tuple(sorted({d for e in planned.departments for d in e.documents})) or tuple(p.id for p in library.papers)
    names = _names(question, documents, library)
    try:
        # Blanked out: a question cannot close its own tag.
        asked = load("question", departments="\n".join(bodies), items="\n".join(names), question=re.sub(r"[<>]", " ", question))
        reply = model.complete([("system", load("reading")), ("human", asked)], SCHEMA)
    except BadPrompt as error:  # prompts are there to be edited; a slip is for the log, not for the person who asks
        log.error("%s", error)
        return None
    except ModelUnavailable:
        return None
    made = _object(reply)
    return _checked(made, planned, bodies, names, {p.year for p in library.papers if p.id in documents}) if made else None


def _names(question: str, documents: tuple[str, ...], library: Library) -> list[str]:
    """The names that items may have: what concepts are called and what the papers print, likest the question first."""
    asked = key(question)
    pairs = {asked[i : i + 2] for i in range(len(asked) - 1)}
    printed = [n.name or n.key for n in library.names_of(documents) if n.kind in ("row", "project", "indicator", "column")]
    found = [n for n in dict.fromkeys([*(c.name for c in concepts() if not c.field), *printed]) if 2 <= len(n) <= 40 and not _NO_NAME.search(n)]
    return sorted(found, key=lambda n: -sum(n[i : i + 2] in pairs for i in range(len(n) - 1)))[:MOST_NAMES]


def _object(reply: str) -> dict[str, Any] | None:
    """The JSON object of a reply, also where words or a fence stand around it."""
    found = re.search(r"\{[^{}]*\}", reply)
    try:
        made = json.loads(found[0]) if found else None
    except ValueError:
        return None
    return made if isinstance(made, dict) else None


def _checked(made: dict[str, Any], planned: Planned, bodies: dict[str, Any], names: Sequence[str], years: set[int | None]) -> Read | None:
    kind, body, asked, stage, items = (made.get(name) for name in SCHEMA["required"])
    u = planned.understood
    if kind not in _SAID or not isinstance(body, str) or not isinstance(asked, list) or not isinstance(items, list) or stage not in ("", "预算", "决算"):
        return None
    if any(type(y) is not int or y not in years for y in asked) or (u.years and set(asked) != set(u.years)):
        return None  # a year that no paper has, or another than the question's
    if (body and body not in bodies) or any(not isinstance(i, str) or i not in names for i in items) or len(items) > 3:
        return None
    if len(items) != {"duty": 0, "share": 2}.get(kind, len(items)) or (kind != "duty" and not items) or (u.stages and stage not in map(str, u.stages)):
        return None
    whose = body or "、".join(e.name for e in planned.departments[:1])
    if not whose and len(bodies) > 1:
        return None  # nobody said whose
    said = _SAID[kind].format(items="和".join(items), first=items[0] if items else "", second=items[-1] if items else "")
    return Read(f"{whose}{'和'.join(f'{y}年' for y in asked)}{stage}{said}", tuple(items))


def told(answer: Answer, asked: Read, planned: Planned) -> Answer | None:
    """The answer with the reading in front, where the rules found every item of it and answered; None otherwise."""
    u = planned.understood
    found = {key(name) for m in u.items if m.exact for name in (m.text, m.label, *m.keys)}
    if answer.status is not Status.ANSWERED or u.unknown or answer.query.get("nearest") or any(key(normal(i)) not in found for i in asked.items):
        return None
    text = f"问题里有没读懂的词，按“{asked.question}”回答：\n\n{answer.text}"
    return Answer(
        answer.status, answer.route, text, answer.values, answer.citations, answer.checks, {**answer.query, "read": asked.question}, answer.suggestions, answer.chart
    )  # fmt: skip
