"""The whole index in one file and back, while questions are answered."""

from __future__ import annotations

import sqlite3
import stat
import tarfile
from pathlib import Path

import pytest

from ingest import generations
from ingest.__main__ import main
from ingest.backup import backup, restore
from ingest.generations import IndexBusy, IndexMissing
from ingest.pipeline import find_sources, ingest, rebuild
from ingest.records import Unreadable
from retrieval.assistant import Assistant
from tests.conftest import PAPERS

FIGURE, PROSE = "2021年扶贫办三公经费多少", "2021年扶贫办的主要职责是什么"


def asked(index: Path) -> tuple[str, str]:
    assistant = Assistant(index)
    return assistant.ask(FIGURE).text, assistant.ask(PROSE).text


def test_a_restored_index_answers_as_before(sample_index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = asked(sample_index)  # its databases are open and have been written to meanwhile
    archive, index = tmp_path / "backups" / "b.tar.gz", tmp_path / "new"
    assert main(["backup", str(archive), "--index", str(sample_index)]) == 0
    assert main(["restore", str(archive), "--index", str(index)]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith(f"索引 {sample_index} 已备份到 {archive}（") and told[1] == f"已从 {archive} 恢复 5 份材料到索引 {index}"

    assert asked(index) == before
    assert "9 万元" in before[0] and len(before[1]) > 20
    assert sorted(p.name for p in (index / "files").iterdir()) == sorted(p.name for p in (sample_index / "files").iterdir())
    assert [p.name for p in archive.parent.iterdir()] == ["b.tar.gz"] and stat.S_IMODE(archive.stat().st_mode) == 0o600
    assert not [p for p in index.iterdir() if p.name.startswith(".")]
    assert [o.status for o in ingest(find_sources([PAPERS]), index).outcomes] == ["unchanged"] * 5


def test_restoring_over_an_index_goes_over_in_one_step(sample_index: Path, tmp_path: Path) -> None:
    (tmp_path / "paper.txt").write_text("甲市乙局2021年部门预算\n一、职责\n负责乙事。\n", encoding="utf-8")
    index = tmp_path / "index"
    ingest(find_sources([tmp_path / "paper.txt"]), index)
    serving = Assistant(index)
    assert serving.ask(FIGURE).status == "refused"
    notes = sqlite3.connect(index / "web.sqlite")
    notes.execute("CREATE TABLE newer (x)")
    notes.commit()

    backup(sample_index, tmp_path / "b.tar.gz")
    assert restore(tmp_path / "b.tar.gz", index) == 5
    assert "9 万元" in serving.ask(FIGURE).text
    assert notes.execute("SELECT name FROM sqlite_master").fetchall() == [("newer",)]
    notes.close()
    assert len(rebuild(index).outcomes) == 5  # the originals are there


def test_what_is_no_backup_changes_nothing(sample_index: Path, tmp_path: Path) -> None:
    index = tmp_path / "index"
    good, bad = tmp_path / "good.tar.gz", tmp_path / "bad.tar.gz"
    backup(sample_index, good)
    restore(good, index)
    before = generations.current(index)

    bad.write_bytes(good.read_bytes()[: good.stat().st_size // 2])
    with tarfile.open(tmp_path / "other.tar.gz", "w:gz") as tar:
        tar.add(good, "../../escaped")
    for file in (bad, tmp_path / "other.tar.gz", Path(__file__)):
        with pytest.raises(Unreadable, match="不是完整的备份文件"):
            restore(file, index)
    with pytest.raises(Unreadable, match="找不到备份文件"):
        restore(tmp_path / "none", index)
    assert generations.current(index) == before and not (tmp_path / "escaped").exists()


def test_no_backup_of_nothing_or_in_the_middle_of_an_ingest(sample_index: Path, tmp_path: Path) -> None:
    with pytest.raises(IndexMissing):
        backup(tmp_path / "none", tmp_path / "b.tar.gz")
    with generations.locked(sample_index), pytest.raises(IndexBusy):
        backup(sample_index, tmp_path / "b.tar.gz")
    assert list(tmp_path.iterdir()) == []
