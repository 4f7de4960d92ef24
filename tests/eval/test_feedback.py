"""👍/👎 as the server keeps them -> draft cases, never with a figure that was found wrong as the expected one."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from eval.__main__ import main
from eval.casefile import CaseError, load_cases
from eval.clients import InProcess
from eval.feedback import drafts, judged
from tests.web.sample import HIT, make_index
from web.notebook import Notebook

QUESTION = "2021年扶贫办三公经费多少"
PLACE = [{"doc": "2021_扶贫办_部门预算.txt", "lines": [HIT, HIT], "quote": "2021年 | 9 | 0 | 4 | 5"}]
ANSWER = {"session_id": "s1", "status": "answered", "route": "sql", "citations": [], "elapsed_ms": 1}


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return make_index(tmp_path / "index")


@pytest.fixture
def notebook(index: Path) -> Iterator[Notebook]:
    notebook = Notebook(index / "web.sqlite")
    yield notebook
    notebook.close()


def asked(notebook: Notebook, *questions: str, session: str = "s1") -> None:
    for question in questions:
        notebook.note_question("某人", question, {**ANSWER, "session_id": session})


def written(index: Path) -> list[dict]:
    return list(drafts(judged(index), InProcess(index)))


def test_a_good_answer_becomes_a_draft_with_its_figure_and_place(index: Path, notebook: Notebook) -> None:
    asked(notebook, QUESTION)
    notebook.note_feedback("某人", "s1", QUESTION, "up", "")
    (record,) = written(index)
    note = record.pop("note")
    assert record == {
        "id": "feedback-1",
        "turns": [QUESTION],
        "kind": "feedback",
        "answer_type": "number",
        "draft": True,
        "unit": "万元",
        "value": "9",
        "route": "sql",
        "evidence": PLACE,
    }
    assert note.startswith("👍 有人认为答对；查的是：扶贫办 2021年 “三公”经费；现在的回答：")


@pytest.mark.parametrize(
    ("comment", "fields"),
    [("数字有误", {"not_as_answer": ["9万元"], "evidence": PLACE}), ("", {"not_as_answer": ["9万元"], "evidence": PLACE}), ("出处不对", {})],
)
def test_a_bad_answer_is_never_what_is_expected(index: Path, notebook: Notebook, comment: str, fields: dict) -> None:
    asked(notebook, QUESTION)
    notebook.note_feedback("某人", "s1", QUESTION, "down", comment)
    (record,) = written(index)
    note = record.pop("note")
    plain = {"id": "feedback-1", "turns": [QUESTION], "kind": "feedback", "answer_type": "number", "draft": True, "unit": "万元"}
    assert record == plain | fields
    assert note.startswith("👎 有人认为不对，请写上正确的期望" + (f"；意见：{comment}" if comment else ""))


def test_the_dialogue_so_far_comes_with_the_question_and_no_other_dialogue(index: Path, notebook: Notebook) -> None:
    asked(notebook, QUESTION, "那2020年呢")
    asked(notebook, "你好", session="s2")
    notebook.note_feedback("某人", "s1", "那2020年呢", "up", "")
    asked(notebook, "其中公务接待费呢")
    (record,) = written(index)
    assert (record["turns"], record["value"], record["unit"]) == ([QUESTION, "那2020年呢"], "12", "万元")


def test_a_refusal_is_a_draft_of_a_refusal_and_an_unknown_session_gives_the_question_alone(index: Path, notebook: Notebook) -> None:
    notebook.note_feedback("某人", "", "2035年扶贫办三公经费多少", "up", "")
    (record,) = written(index)
    assert (record["turns"], record["answer_type"], "value" in record) == (["2035年扶贫办三公经费多少"], "refusal", False)


def test_the_command_writes_drafts_that_are_skipped_until_corrected(
    index: Path, notebook: Notebook, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked(notebook, QUESTION)
    notebook.note_feedback("某人", "s1", QUESTION, "down", "数字有误")
    out = tmp_path / "drafts.jsonl"
    assert main(["from-feedback", "--index", str(index), "--out", str(out)]) == 0
    assert main(["from-feedback", "--index", str(index), "--out", str(out)]) == 2  # never over somebody's work
    assert main(["--index", str(index), "--cases", str(out)]) == 2
    said = capsys.readouterr().err
    assert "已经存在，请换一个文件名" in said and "略去草稿 1 条" in said and "文件里都是草稿" in said
    record = json.loads(out.read_text(encoding="utf-8"))
    del record["draft"]
    out.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
    with pytest.raises(CaseError, match="数值题要写期望数值"):
        load_cases([out])
    out.write_text(json.dumps({**record, "value": 9, "not_as_answer": ["12万元"]}, ensure_ascii=False), encoding="utf-8")
    assert main(["--index", str(index), "--cases", str(out), "--fail-under", "1"]) == 0


@pytest.mark.parametrize("with_file", [False, True])
def test_without_a_judgement_one_line_says_so(index: Path, with_file: bool, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    if with_file:
        Notebook(index / "web.sqlite").close()
    assert main(["from-feedback", "--index", str(index), "--out", str(tmp_path / "d.jsonl")]) == 2
    assert "评价记录：有人在网页上点过" in capsys.readouterr().err
