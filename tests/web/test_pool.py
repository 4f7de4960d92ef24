"""Assistants are lent to one question at a time."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from retrieval.assistant import Assistant
from retrieval.records import Answer, Route, Status
from web.notebook import Notebook
from web.pool import Pool
from web.server import warm_up


class OneAtATime:
    """Fails when two questions use it at once."""

    made = 0

    def __init__(self) -> None:
        type(self).made += 1
        self.busy = False

    def ask(self, question: str, session_id: str | None = None) -> Answer:
        assert not self.busy
        self.busy = True
        time.sleep(0.005)
        self.busy = False
        if question == "fail":
            raise RuntimeError
        return Answer(Status.ANSWERED, Route.SQL, question)

    def examples(self) -> list[str]:
        return []


def test_many_questions_share_a_few_assistants() -> None:
    OneAtATime.made = 0
    pool = Pool(OneAtATime, 3)
    with ThreadPoolExecutor(20) as threads:
        texts = [answer.text for answer in threads.map(pool.ask, map(str, range(100)))]
    assert texts == [str(number) for number in range(100)]
    assert OneAtATime.made <= 3


def test_one_after_the_other_needs_one_and_a_failed_one_is_replaced() -> None:
    OneAtATime.made = 0
    pool = Pool(OneAtATime, 1)
    for _ in range(5):
        pool.ask("问")
    assert OneAtATime.made == 1
    with pytest.raises(RuntimeError):
        pool.ask("fail")
    assert pool.ask("问").text == "问" and OneAtATime.made == 2


def test_the_first_questions_in_prose_may_come_all_at_once(sample_index: Path) -> None:
    pool = Pool(lambda: Assistant(sample_index), 4)
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(pool.ask, ["2021年扶贫办的主要职责是什么"] * 8))
    assert {answer.route for answer in answers} == {"retrieval"} and len({answer.text for answer in answers}) == 1


def test_warming_up_never_raises(sample_index: Path, tmp_path: Path) -> None:
    warm_up(sample_index)
    warm_up(tmp_path / "none")


def test_a_judgement_that_arrives_twice_at_once_is_noted_once(tmp_path: Path) -> None:
    notebook = Notebook(tmp_path / "web.sqlite")
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: notebook.note_feedback("a", "s", "q", "down", "出处不对"), range(40)))
    assert len(notebook.feedback()) == 1
