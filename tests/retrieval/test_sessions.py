"""Dialogues: they survive a restart, belong to their id, and expire."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from retrieval.plans import Context
from retrieval.sessions import Sessions

SPOKEN = Context(departments=("甲市乙局",), years=(2021, 2020), stages=("预算",), scope="本级", items=("三公经费",), unit="元", ask="look_up")


def test_kept_over_a_restart(tmp_path: Path) -> None:
    first = Sessions(tmp_path / "s.sqlite")
    session, context = first.open(None)
    assert context == Context()
    first.keep(session, SPOKEN)
    first.close()

    again = Sessions(tmp_path / "s.sqlite")
    assert again.open(session) == (session, SPOKEN)
    again.close()


def test_not_shared_between_ids(tmp_path: Path) -> None:
    sessions = Sessions(tmp_path / "s.sqlite")
    sessions.keep("mine", SPOKEN)

    assert sessions.open("yours") == ("yours", Context())
    assert sessions.open("mine") == ("mine", SPOKEN)
    assert len({sessions.open(None)[0] for _ in range(50)}) == 50


def test_the_last_word_counts(tmp_path: Path) -> None:
    sessions = Sessions(tmp_path / "s.sqlite")
    sessions.keep("mine", SPOKEN)
    sessions.keep("mine", Context(years=(2019,)))
    assert sessions.open("mine") == ("mine", Context(years=(2019,)))


def test_expired(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sessions = Sessions(tmp_path / "s.sqlite", lifetime=60)
    sessions.keep("mine", SPOKEN)
    later = time.time() + 61
    monkeypatch.setattr(time, "time", lambda: later)

    assert sessions.open("mine") == ("mine", Context())
    sessions.close()
    again = Sessions(tmp_path / "s.sqlite", lifetime=60)
    assert again._db.execute("SELECT COUNT(*) FROM sessions").fetchone() == (0,)


@pytest.mark.parametrize("strange", ["", "x" * 65, "a b", "../../etc", "a';--", "会话 1"])
def test_an_id_that_is_none_gets_a_fresh_one(tmp_path: Path, strange: str) -> None:
    session, context = Sessions(tmp_path / "s.sqlite").open(strange)
    assert (session != strange, len(session), context) == (True, 32, Context())


def test_what_another_version_remembered_besides_is_passed_over(tmp_path: Path) -> None:
    sessions = Sessions(tmp_path / "s.sqlite")
    with sessions._db:
        sessions._db.execute("INSERT INTO sessions VALUES ('old', ?, '{\"years\": [2021], \"gone\": 1}')", [time.time()])
    assert sessions.open("old") == ("old", Context(years=(2021,)))
