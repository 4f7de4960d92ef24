"""Paraphrases keep the gold and change only the question."""

from pathlib import Path

from eval.__main__ import main
from eval.casefile import load_cases
from eval.paraphrase import paraphrased

CASE = {"id": "a", "turns": ["扶贫办2021年接待费预算多少"], "answer_type": "number", "value": 5, "unit": "万元"}


def test_every_change_is_named_and_keeps_the_gold() -> None:
    changed = {(r["kind"], r["turns"][0]) for r in paraphrased([CASE])}
    assert {
        ("两位年份", "扶贫办21年接待费预算多少"),
        ("年份在前", "2021年扶贫办接待费预算多少"),
        ("年份在后", "扶贫办接待费预算多少，2021年"),
        ("全角", "扶贫办２０２１年接待费预算多少"),
        ("空格", "扶贫办 2021 年接待费预算多少"),
        ("错字", "扶贫办2021年接代费预算多少"),
        ("客套", "请问扶贫办2021年接待费预算多少？"),
    } <= changed
    assert all(r["value"] == 5 for r in paraphrased([CASE]))


def test_ids_stay_unique_and_dialogues_are_left_out() -> None:
    records = list(paraphrased([CASE, {**CASE, "id": "b", "turns": ["一", "二"]}, {**CASE, "id": "c", "answer_type": "refusal"}]))
    assert len({r["id"] for r in records}) == len(records)
    assert all(r["id"].startswith("a~") for r in records)


def test_the_command_writes_cases_that_can_be_run(tmp_path: Path) -> None:
    source = Path(__file__).parents[2] / "eval" / "cases" / "sample.jsonl"
    output = tmp_path / "p.jsonl"
    assert main(["paraphrase", str(source), str(output)]) == 0
    assert len(load_cases([output])) > 500
