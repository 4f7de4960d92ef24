"""The judges' self-test: 100 hand-written answers, right, wrong and half right, each with the verdict a careful reader gives (judged.jsonl).

A record's `answers` are those of the dialogue's turns, `source` the lines citations point to. `ok` is whether the answer counts (by default: a right one),
`confident` whether it is counted as confidently wrong, `cited` how its citations score: faithful, of how many, relevant.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from eval.casefile import read_case
from eval.run import run_case

RECORDS = [json.loads(line) for line in (Path(__file__).parent / "judged.jsonl").read_text(encoding="utf-8").splitlines()]


class Written:
    """Gives the hand-written answers, turn by turn."""

    def __init__(self, record: dict[str, Any]) -> None:
        self._answers = iter(record["answers"])
        self._source = record.get("source", [])

    def ask(self, question: str, session_id: str | None) -> dict[str, Any]:
        answer = next(self._answers)
        place = {"document": "a.txt", "document_id": "d", "page": None}
        return {
            "session_id": "s",
            "status": answer.get("status", "answered"),
            "route": "sql",
            "answer": answer["text"],
            "values": [{"label": label, "value": value, "unit": unit} for label, value, unit in answer.get("values", [])],
            "citations": [
                {"id": n, "line_start": start, "line_end": end, "quote": quote, **place}
                for n, (start, end, quote) in enumerate(answer.get("cites", []), 1)
            ],
            "query": {},
            "suggestions": answer.get("suggestions", []),
        }

    def documents(self) -> list[str]:
        return ["a.txt"]

    def source(self, citation: dict[str, Any]) -> str | None:
        return "\n".join(self._source[citation["line_start"] - 1 : citation["line_end"]])


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: f"{record['id']}-{record['label']}")
def test_the_judge_agrees_with_a_careful_reader(record: dict[str, Any]) -> None:
    case = read_case({"id": str(record["id"]), "turns": ["问"], **record["case"]}, "判例")
    result = run_case(case, Written(record))
    assert (result.verdict.ok, result.verdict.confident_wrong) == (record.get("ok", record["label"] == "right"), record.get("confident", False))
    assert bool(result.verdict.why) is not result.verdict.ok
    if "cited" in record:
        assert [result.citations.faithful, result.citations.total, result.citations.relevant] == record["cited"]


def test_there_are_a_hundred_of_all_three_labels() -> None:
    assert Counter(record["label"] for record in RECORDS) == {"right": 35, "wrong": 36, "half": 29}
