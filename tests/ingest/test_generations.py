"""The index on disk: one generation in force, replaced in one step or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ingest import generations
from ingest.generations import FACTS, IndexBusy, IndexMissing, current, next_generation, original


def put(index: Path, words: str, *, fresh: bool = False) -> None:
    """A generation whose facts are these words."""
    with next_generation(index, fresh=fresh) as folder:
        (folder / FACTS).write_text(words)


def in_force(index: Path) -> str:
    return (current(index) / FACTS).read_text()


def test_put_in_force_when_the_block_ends(tmp_path: Path) -> None:
    put(tmp_path, "one")
    with next_generation(tmp_path) as folder:
        assert (folder / FACTS).read_text() == "one"  # a copy to change
        (folder / FACTS).write_text("two")
        assert in_force(tmp_path) == "one"
    assert in_force(tmp_path) == "two"


def test_fresh_starts_empty(tmp_path: Path) -> None:
    put(tmp_path, "one")
    with next_generation(tmp_path, fresh=True) as folder:
        assert list(folder.iterdir()) == []
        (folder / FACTS).write_text("two")
    assert in_force(tmp_path) == "two"


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_an_error_leaves_the_old_one_and_no_rest(tmp_path: Path, error: type[BaseException]) -> None:
    put(tmp_path, "one")
    with pytest.raises(error), next_generation(tmp_path) as folder:
        (folder / FACTS).write_text("half")
        raise error
    assert in_force(tmp_path) == "one"
    assert list((tmp_path / "generations").iterdir()) == [current(tmp_path)]


def test_a_reader_keeps_the_one_before(tmp_path: Path) -> None:
    put(tmp_path, "one")
    old = current(tmp_path)
    put(tmp_path, "two")
    assert (old / FACTS).read_text() == "one"
    put(tmp_path, "three")
    assert not old.exists()


def test_what_a_crash_left_is_cleared(tmp_path: Path) -> None:
    put(tmp_path, "one")
    (tmp_path / "generations" / "crashed").mkdir()
    (tmp_path / "CURRENT.new").write_text("crashed")
    put(tmp_path, "two")
    assert in_force(tmp_path) == "two"
    assert not (tmp_path / "generations" / "crashed").exists()


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    message = f"另一个导入任务正在更新索引 {tmp_path}，请等它结束后再试。"
    with next_generation(tmp_path) as folder:
        (folder / FACTS).write_text("one")
        with pytest.raises(IndexBusy) as raised, next_generation(tmp_path):
            pass
    assert str(raised.value) == message
    assert in_force(tmp_path) == "one"


def test_no_index(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing) as raised:
        current(tmp_path / "none")
    assert str(raised.value) == f"还没有索引：{tmp_path / 'none'}。请先运行 python -m ingest --index {tmp_path / 'none'} 导入文件。"


@pytest.mark.parametrize("pointer", ["gone", "", "../..", "\n"])
def test_an_index_that_is_not_whole(tmp_path: Path, pointer: str) -> None:
    (tmp_path / "CURRENT").write_text(pointer)
    with pytest.raises(IndexMissing, match=r"^索引不完整：.*重新导入文件。$"):
        current(tmp_path)


def test_the_new_pointer_is_on_the_disk_before_it_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = []
    monkeypatch.setattr(os, "fsync", lambda _: done.append("fsync"))
    replace = os.replace
    monkeypatch.setattr(generations.os, "replace", lambda a, b: (done.append("replace"), replace(a, b)))
    put(tmp_path, "one")
    assert done == ["fsync", "replace"]


def test_originals_are_named_by_their_content(tmp_path: Path) -> None:
    assert original(tmp_path, "ab12") == tmp_path / "files" / "ab12"
