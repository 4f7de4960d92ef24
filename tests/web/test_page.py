"""How an answer comes to the chat: in pieces for a few visitors, whole for a crowd."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.web.sample import ScriptedAssistant, make_index
from web import page
from web.access import RateLimit, Visitor
from web.credentials import Credentials
from web.desk import Desk
from web.documents import Jobs
from web.evaluation import Evaluations
from web.library import Library
from web.metrics import Metrics
from web.notebook import Notebook
from web.settings import Settings
from web.shared import Shared

REQUEST = SimpleNamespace(state=SimpleNamespace(visitor=Visitor("127.0.0.1", "", True, frozenset({"ask", "read"}))))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    index = make_index(tmp_path / "index")
    return Desk(
        settings=Settings(index=index),
        credentials=Credentials(index / "access.sqlite"),
        assistant=ScriptedAssistant(),
        library=Library(index),
        jobs=Jobs(index, ""),
        notebook=Notebook(index / "web.sqlite"),
        rate=RateLimit(Shared(index / "shared.sqlite"), "ask", 60),
        metrics=Metrics(),
        evaluations=Evaluations(index),
    )


def texts(desk: Desk, question: str = "2021年扶贫办三公经费多少") -> list[str]:
    return [step[0][-1]["content"] for step in page._respond(desk, question, [], {}, REQUEST)]


def test_an_answer_is_written_out_in_pieces(desk: Desk) -> None:
    steps = texts(desk)
    assert steps[0] == page.wording.THINKING and 10 < len(steps) < 20
    assert all("9 万元".startswith(step[-1]) or len(step) < len(steps[-1]) for step in steps[1:-1])
    assert "**9 万元**" in steps[-1]


def test_in_a_crowd_it_comes_whole_and_the_crowd_is_counted_down(desk: Desk) -> None:
    others = [page._respond(desk, "问", [], {}, REQUEST) for _ in range(page._CROWD)]
    for other in others:
        next(other)
    assert len(texts(desk)) == 1
    for other in others:
        other.close()  # a visitor who leaves ends the generator
    assert len(texts(desk)) > 10
    assert len(texts(desk, "请崩溃")) == 2 and len(texts(desk, " ")) == 2
    assert len(texts(desk)) > 10


@pytest.mark.parametrize(("length", "pieces", "ends"), [(10, 3, [3, 6, 9]), (10, 1, []), (10, 0, []), (10, -4, []), (3, 14, []), (0, 14, [])])
def test_pieces_of_a_text(length: int, pieces: int, ends: list[int]) -> None:
    assert list(page._ends(length, pieces)) == ends
