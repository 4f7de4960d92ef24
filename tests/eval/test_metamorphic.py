"""Relations between answers, on an assistant that keeps them and on assistants that break one each."""

from pathlib import Path
from typing import Any

import pytest

from eval.__main__ import main
from eval.casefile import read_case
from eval.metamorphic import Tried, table, tried

QUESTIONS = {
    "2021年扶贫办三公经费多少": "9",
    "2021年扶贫办三公经费比2020年减少多少": "3",
    "2020年扶贫办三公经费比2021年减少多少": "-3",
    "2021年扶贫办公务接待费和公车费一共多少": "9",
    "2021年扶贫办公务接待费多少": "5",
    "市扶贫办2021年公车费多少": "4",
}
ASKED = ["2021年扶贫办三公经费多少", "2021年扶贫办三公经费比2020年减少多少", "2021年扶贫办公务接待费和公车费一共多少", "你好"]


class Scripted:
    """Answers by a list; `spoil` changes the answer to a question, in the second turn of a dialogue too."""

    def __init__(self, spoil: dict[str, str] | None = None) -> None:
        self._answers = QUESTIONS | (spoil or {})

    def ask(self, question: str, session_id: str | None) -> dict[str, Any]:
        plain = question.removesuffix("，以元为单位").removesuffix("，以万元为单位")
        value = self._answers.get(f"{question}#2" if session_id else question, self._answers.get(plain))
        if value and question not in self._answers and question.endswith("以元为单位"):
            value, unit = f"{value}0000", "元"
        else:
            unit = "万元"
        values = [{"label": "", "value": value, "unit": unit}] if value else []
        return {
            "session_id": "s", "status": "answered" if value else "refused", "route": "sql", "answer": value or "", "values": values,
            "citations": [{"department": "市扶贫办"}], "query": {}, "suggestions": [],
        }  # fmt: skip


def run(spoil: dict[str, str] | None = None) -> list[Tried]:
    cases = [read_case({"id": q, "turns": [q], "answer_type": "number", "draft": True}, "测试") for q in ASKED]
    return list(tried(cases, Scripted(spoil)))


def test_every_relation_is_tried_where_its_words_fit() -> None:
    assert [(t.relation, t.question, t.broken) for t in run()] == [
        ("问两遍", ASKED[0], ""),
        ("元与万元", ASKED[0], ""),
        ("问两遍", ASKED[1], ""),
        ("元与万元", ASKED[1], ""),
        ("甲减乙与乙减甲", ASKED[1], ""),
        ("问两遍", ASKED[2], ""),
        ("元与万元", ASKED[2], ""),
        ("分项与合计", ASKED[2], ""),
        ("问两遍", ASKED[3], ""),
    ]


@pytest.mark.parametrize(
    ("spoil", "broken"),
    [
        ({f"{ASKED[0]}#2": "12"}, ("问两遍", "在同一对话里再问一遍：9万元 → 12万元")),
        ({f"{ASKED[0]}，以万元为单位": "90000"}, ("元与万元", "以万元为单位：9万元 → 90000万元")),
        ({"2020年扶贫办三公经费比2021年减少多少": "12"}, ("甲减乙与乙减甲", "2020年扶贫办三公经费比2021年减少多少：3万元 → 12万元")),
        ({"2020年扶贫办三公经费比2021年减少多少": ""}, ("甲减乙与乙减甲", "2020年扶贫办三公经费比2021年减少多少：3万元 → 拒答")),
        ({"市扶贫办2021年公车费多少": "5"}, ("分项与合计", "5万元 + 5万元 ≠ 9万元")),
        ({"市扶贫办2021年公车费多少": ""}, None),
    ],
)
def test_a_broken_relation_is_told_with_both_answers(spoil: dict[str, str], broken: tuple[str, str] | None) -> None:
    assert [(t.relation, t.broken) for t in run(spoil) if t.broken] == ([broken] if broken else [])


def test_the_table_counts_each_relation_and_lists_what_broke() -> None:
    assert table([Tried("问两遍", "甲"), Tried("问两遍", "乙", "9 → 12"), Tried("元与万元", "甲")]) == "问两遍：1 / 2\n  乙：9 → 12\n元与万元：1 / 1"


def test_the_sample_papers_keep_them(sample_index: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cases = Path(__file__).parents[2] / "eval" / "cases" / "sample.jsonl"
    assert main(["metamorphic", "--index", str(sample_index), "--cases", str(cases), "--fail-under", "1"]) == 0
    assert [line.split("：")[0] for line in capsys.readouterr().out.splitlines()] == ["问两遍", "元与万元", "甲减乙与乙减甲", "分项与合计"]
