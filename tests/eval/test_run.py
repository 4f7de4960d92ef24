"""Runner, report and comparison with a scripted assistant."""

import json
from pathlib import Path
from typing import Any

import pytest

from eval import report
from eval.__main__ import main
from eval.casefile import read_case
from eval.clients import ClientError
from eval.compare import compare
from eval.run import in_index, run


class Scripted:
    """Answers by the question's words; remembers what it was asked in which session."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str | None]] = []

    def ask(self, question: str, session_id: str | None) -> dict[str, Any]:
        self.asked.append((question, session_id))
        if question == "坏":
            raise ClientError("连不上")
        status = "refused" if "天气" in question else "answered"
        values = [] if status == "refused" else [{"label": "三公", "value": "9", "unit": "万元", "formula": None, "citations": [1]}]
        place = {"document": "2021_a.txt", "department": "扶贫办", "document_id": "d", "page": None, "line_start": 1, "line_end": 1}
        cited = [] if status == "refused" else [{"id": 1, "quote": "三公 | 9", **place}]
        return {
            "session_id": "s1", "status": status, "route": "sql", "answer": "<b>9 万元</b>", "values": values, "citations": cited,
            "query": {}, "suggestions": [],
        }  # fmt: skip

    def documents(self) -> list[str]:
        return ["2021_a.txt"]

    def source(self, citation: dict[str, Any]) -> str | None:
        return "三公\t9"


def cases(*records: dict[str, Any]) -> list:
    return [read_case({"turns": ["三公多少"], **r}, "测试") for r in records]


NINE = {
    "id": "nine",
    "answer_type": "number",
    "kind": "lookup",
    "value": 9,
    "unit": "万元",
    "route": "sql",
    "evidence": [{"doc": "2021_a", "lines": [1, 1]}],
}


def test_a_dialogue_runs_in_one_session() -> None:
    client = Scripted()
    run(cases({**NINE, "turns": ["一", "二"]}), client)
    assert client.asked == [("一", None), ("二", "s1")]


@pytest.mark.parametrize("jobs", [1, 3])
def test_results_keep_the_order_and_a_failing_server_is_a_wrong_case(jobs: int) -> None:
    wanted = cases(NINE, {"id": "bad", "answer_type": "text", "turns": ["坏"]}, {"id": "no", "answer_type": "refusal", "turns": ["天气"]})
    results = run(wanted, Scripted(), jobs)
    assert [(r.case.id, r.verdict.ok) for r in results] == [("nine", True), ("bad", False), ("no", True)]
    assert results[1].verdict.why == "连不上"


def test_the_json_is_the_contracts() -> None:
    wanted = cases(NINE, {**NINE, "id": "twelve", "value": 12}, {"id": "no", "answer_type": "refusal", "turns": ["天气"]})
    found = report.summary(run(wanted, Scripted()))
    assert found["accuracy"] == 0.6667
    assert found["confident_wrong"] == 0.3333
    assert found["citations"] == {"present": 1.0, "faithful": 1.0, "relevant": 1.0}
    assert set(found["latency_ms"]) == {"p50", "p95"}
    assert found["counts"]["routes"] == {"right": 2, "total": 2}
    assert set(found["cases"][0]) >= {"id", "ok", "why", "answer", "status", "route", "values", "citations", "ms"}
    assert "未通过\n  twelve（三公多少）：第一个数值是 9万元，应为 12万元" in report.table(found)


def test_figures_key_facts_departments_and_turns_are_counted() -> None:
    follow_up = {**NINE, "turns": ["三公多少", "再问"]}
    wanted = cases(
        {**NINE, "must_contain": ["公务"]},
        {**follow_up, "id": "second"},
        {**follow_up, "id": "third", "turns": ["一", "二", "三"]},
        {**follow_up, "id": "wrong", "turns": ["一", "二"], "value": 12},
        {"id": "no", "answer_type": "refusal", "turns": ["天气"]},
    )
    found = report.summary(run(wanted, Scripted()))
    assert found["numeric"] == {"exact": 3, "total": 4}
    assert found["key_facts"] == {"found": 3, "total": 5}
    assert found["counts"]["by_department"] == {"扶贫办": {"right": 2, "total": 4}, "（未指明）": {"right": 1, "total": 1}}
    # Two follow-ups are right, but an earlier turn of each is a case of its own and wrong.
    turns = {"第 2 句": {"right": 1, "total": 2}, "第 3 句": {"right": 1, "total": 1}}
    assert found["dialogue"] == {"right": 2, "total": 3, "whole": 0, "by_turn": turns}
    assert "数值全对 3 / 4；要点 3 / 5；追问 2 / 3（第 2 句 1/2，第 3 句 1/1；整段都对 0）" in report.table(found)


def test_the_page_is_one_file_and_answers_cannot_break_out_of_it() -> None:
    html = report.page(report.summary(run(cases(NINE), Scripted())))
    assert "<b>9" not in html
    assert "http" not in html.replace("http-equiv", "")
    assert json.loads(html.split("const report = ")[1].split(";\nconst percent")[0])["accuracy"] == 1.0


def test_cases_of_absent_papers_are_left_out() -> None:
    wanted = cases(NINE, {"id": "x", "answer_type": "text", "evidence": [{"doc": "2019_b"}]}, {"id": "y", "answer_type": "refusal"})
    assert [c.id for c in in_index(wanted, ["2021_a.txt"])] == ["nine", "y"]


def test_compare_exits_1_on_a_regression(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def written(name: str, **oks: bool) -> str:
        body = {"accuracy": 0.5, "cases": [{"id": i, "ok": ok, "why": "" if ok else "错"} for i, ok in oks.items()]}
        (tmp_path / name).write_text(json.dumps(body), encoding="utf-8")
        return str(tmp_path / name)

    a, b = written("a.json", x=True, y=False, z=True), written("b.json", x=False, y=True, w=True)
    assert main(["compare", a, b]) == 1
    assert "变差  x：错" in capsys.readouterr().out
    assert main(["compare", b, b]) == 0
    assert main(["compare", a, str(tmp_path / "none.json")]) == 2
    got = compare(json.loads(Path(a).read_text()), json.loads(Path(b).read_text()))
    assert (got.better, got.worse, got.new, got.gone) == (("y",), ("x",), ("w",), ("z",))


def test_a_missing_index_is_one_clear_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("retrieval.assistant")
    assert main(["--index", str(tmp_path / "none")]) == 2
    assert capsys.readouterr().err.startswith("错误：")
