"""What visitors said of answers (👍/👎 with a comment) -> draft cases for a person to correct.

The server keeps questions and judgements, not answers (web/notebook.py), so every dialogue is asked again: the draft shows what is answered now.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.casefile import CaseError
from eval.clients import Client
from eval.run import dialogue
from eval.score import number
from ingest.generations import NOTES

_BY_STATUS = {"refused": "refusal", "clarify": "clarify"}
WRONG_PLACE = "出处不对"  # the page's own reason; what was cited is then no evidence


@dataclass(frozen=True, slots=True)
class Judged:
    """One judgement: `turns` is the dialogue up to the answer judged, `liked` 👍 or 👎, `comment` the person's words."""

    number: int
    turns: tuple[str, ...]
    liked: bool
    comment: str


def judged(index: Path) -> list[Judged]:
    """Every judgement kept in the index folder, oldest first. Raises CaseError when there is none."""
    path = index / NOTES
    if not path.is_file():
        raise CaseError(f"{index} 里没有评价记录：有人在网页上点过 👍/👎 之后才会有。")
    notes = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        asked: dict[str, list[tuple[str, str]]] = {}
        for session, at, question in notes.execute("SELECT session, at, question FROM asked ORDER BY id"):
            asked.setdefault(session, []).append((at, question))
        rows = notes.execute("SELECT id, at, session, question, rating, reason FROM feedback ORDER BY id").fetchall()
    finally:
        notes.close()
    if not rows:
        raise CaseError(f"{index} 里还没有评价记录：有人在网页上点过 👍/👎 之后才会有。")
    return [
        Judged(n, _until(asked.get(session, []), question.strip(), at), rating == "up", reason) for n, at, session, question, rating, reason in rows
    ]


def _until(asked: Sequence[tuple[str, str]], question: str, at: str) -> tuple[str, ...]:
    """The dialogue up to the last time the question had been asked before it was judged; the question alone when it is not in the record."""
    turns = [text for when, text in asked if when <= at]
    if question not in turns:
        return (question,)
    return tuple(turns[: len(turns) - turns[::-1].index(question)])


def drafts(judgements: Sequence[Judged], client: Client) -> Iterator[dict[str, Any]]:
    """A draft case for each judgement, as a record of the contract."""
    for judgement in judgements:
        *_, answer = dialogue(judgement.turns, client)
        yield draft(judgement, answer)


def draft(judgement: Judged, answer: dict[str, Any]) -> dict[str, Any]:
    """The draft case of one judgement. What was found wrong is never expected: the figure of a 👎 becomes one that must not be the answer."""
    first = answer["values"][0] if answer["values"] and number(answer["values"][0]["value"]) is not None else None
    record: dict[str, Any] = {
        "id": f"feedback-{judgement.number}",
        "turns": list(judgement.turns),
        "kind": "feedback",
        "answer_type": _BY_STATUS.get(answer["status"], "number" if first else "text"),
        "draft": True,
        "note": _note(judgement, answer),
    }
    if first and record["answer_type"] == "number":
        record["unit"] = first["unit"]
        if judgement.liked:
            record["value"] = first["value"]
        elif judgement.comment != WRONG_PLACE:
            record["not_as_answer"] = [f"{first['value']}{first['unit']}"]
    if judgement.liked:
        record["route"] = answer["route"]
    if answer["citations"] and judgement.comment != WRONG_PLACE:
        record["evidence"] = [evidence(c) for c in answer["citations"]]
    return record


def evidence(citation: dict[str, Any]) -> dict[str, Any]:
    """A citation as a case's evidence."""
    place: dict[str, Any] = {}
    if citation["line_start"]:
        place["lines"] = [citation["line_start"], citation["line_end"] or citation["line_start"]]
    elif citation["page"]:
        place["page"] = citation["page"]
    return {"doc": citation["document"], **place, "quote": citation["quote"]}


def _note(judgement: Judged, answer: dict[str, Any]) -> str:
    parts = ["👍 有人认为答对" if judgement.liked else "👎 有人认为不对，请写上正确的期望"]
    if judgement.comment:
        parts.append(f"意见：{judgement.comment}")
    if looked_for := answer["query"].get("looked_for"):
        parts.append(f"查的是：{'、'.join(looked_for)}")
    parts.append(f"现在的回答：{answer['answer']}")
    return "；".join(parts)
