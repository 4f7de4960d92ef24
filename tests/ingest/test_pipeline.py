"""The whole ingest: what is read again, what is skipped, what is deleted, and that nothing breaks the index in force."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ingest import generations, pipeline, reading
from ingest.generations import FACTS, IndexBusy, IndexMissing
from ingest.pipeline import Outcome, Source, find_sources, ingest, rebuild, remove
from ingest.records import Reading, Unreadable
from ingest.stores.facts import FactStore
from ingest.stores.passages import PassageStore
from retrieval.assistant import Assistant

ROOT = Path(__file__).parents[2]


def paper(body: str = "乙局", year: int = 2021, reception: str = "5", reason: str = "接待费减少，主要原因是来访的人少了。") -> str:
    """The smallest paper with a figure and a sentence."""
    return (
        f"甲市{body}{year}年部门预算\n第一部分 “三公”经费说明\n{reason}\n表12 一般公共预算“三公”经费支出表\n单位：万元\n"
        f"年份\t总计\t因公出国（境）费\t公务接待费\n{year}年\t{reception}\t0\t{reception}\n"
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two papers."""
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "乙局.txt").write_text(paper(), encoding="utf-8")
    (folder / "丙委.txt").write_text(paper("丙委员会", reception="7", reason="车辆费增加，主要原因是车旧了。"), encoding="utf-8")
    return folder


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return tmp_path / "index"


def run(index: Path, *paths: Path) -> list[tuple[str, str]]:
    """(name, status) of every file."""
    return [(o.name, o.status) for o in ingest(find_sources(paths), index).outcomes]


def facts(index: Path) -> list[tuple[str, str, str]]:
    """(document, column, printed) of every amount in force."""
    store = FactStore(generations.current(index) / FACTS, readonly=True)
    try:
        rows = store.db.execute(
            "SELECT d.name, f.column_key, f.printed FROM facts f JOIN documents d ON d.id = f.document WHERE f.column_key = '公务接待费' ORDER BY d.name"
        )
        return list(rows)
    finally:
        store.close()


def passages(index: Path) -> tuple[list[str], list[str], int]:
    """The first words of every passage in the fact store, in its keyword index by document, and the number of vectors."""
    folder = generations.current(index)
    store, vectors = FactStore(folder / FACTS, readonly=True), PassageStore(folder)
    try:
        texts = [row[0][:3] for row in store.db.execute("SELECT text FROM passages ORDER BY text")]
        indexed = [row[0][:3] for row in store.db.execute("SELECT p.text FROM passages_fts f JOIN passages p ON p.id = f.rowid ORDER BY p.text")]
        found = vectors.search("接待费车辆费", limit=99)
        known = {row[0] for row in store.db.execute("SELECT id FROM passages")}
        assert {i for i, _ in found} == known  # every vector belongs to a passage that is there
        return texts, indexed, len(found)
    finally:
        store.close()
        vectors.close()


def test_read_once_then_skipped(folder: Path, index: Path) -> None:
    assert run(index, folder) == [("丙委.txt", "added"), ("乙局.txt", "added")]
    assert facts(index) == [("丙委.txt", "公务接待费", "7"), ("乙局.txt", "公务接待费", "5")]
    assert passages(index) == (["接待费", "车辆费"], ["接待费", "车辆费"], 2)

    assert run(index, folder) == [("丙委.txt", "unchanged"), ("乙局.txt", "unchanged")]
    assert passages(index) == (["接待费", "车辆费"], ["接待费", "车辆费"], 2)


def test_changed_is_replaced_in_both_stores(folder: Path, index: Path) -> None:
    run(index, folder)
    (folder / "乙局.txt").write_text(paper(reception="6", reason="会议费增加，主要原因是开会多了。"), encoding="utf-8")

    assert run(index, folder) == [("丙委.txt", "unchanged"), ("乙局.txt", "replaced")]
    assert facts(index) == [("丙委.txt", "公务接待费", "7"), ("乙局.txt", "公务接待费", "6")]
    assert passages(index) == (["会议费", "车辆费"], ["会议费", "车辆费"], 2)


def test_files_that_swap_their_contents_are_both_read_again(folder: Path, index: Path) -> None:
    run(index, folder)
    (folder / "乙局.txt").rename(folder / "x")
    (folder / "丙委.txt").rename(folder / "乙局.txt")
    (folder / "x").rename(folder / "丙委.txt")

    assert run(index, folder) == [("丙委.txt", "replaced"), ("乙局.txt", "replaced")]
    assert facts(index) == [("丙委.txt", "公务接待费", "5"), ("乙局.txt", "公务接待费", "7")]


def test_a_file_overwritten_with_another_one_loses_its_old_figures(folder: Path, index: Path) -> None:
    run(index, folder)
    (folder / "乙局.txt").write_bytes((folder / "丙委.txt").read_bytes())

    assert run(index, folder) == [("丙委.txt", "unchanged"), ("乙局.txt", "replaced")]
    assert facts(index) == [("丙委.txt", "公务接待费", "7"), ("乙局.txt", "公务接待费", "7")]


def test_removed_from_both_stores_and_from_the_originals(folder: Path, index: Path) -> None:
    run(index, folder)
    report = remove(["乙局.txt", "没有.txt"], index)

    assert [(o.name, o.status) for o in report.outcomes] == [("乙局.txt", "removed"), ("没有.txt", "failed")]
    assert facts(index) == [("丙委.txt", "公务接待费", "7")]
    assert passages(index) == (["车辆费"], ["车辆费"], 1)
    assert len(list((index / "files").iterdir())) == 1

    assert run(index, folder) == [("丙委.txt", "unchanged"), ("乙局.txt", "added")]


def test_everything_removed_and_read_again(folder: Path, index: Path) -> None:
    run(index, folder)
    remove(["乙局.txt", "丙委.txt"], index)
    assert facts(index) == []
    assert passages(index) == ([], [], 0)

    run(index, folder)
    assert passages(index) == (["接待费", "车辆费"], ["接待费", "车辆费"], 2)


def test_remove_without_an_index(index: Path) -> None:
    with pytest.raises(IndexMissing):
        remove(["乙局.txt"], index)
    assert not index.exists()


def test_a_moved_folder_is_not_read_twice(folder: Path, index: Path) -> None:
    run(index, folder)
    moved = folder.rename(folder.parent / "moved")
    (moved / "乙局.txt").write_text(paper(reception="6"), encoding="utf-8")

    assert run(index, moved) == [("丙委.txt", "unchanged"), ("乙局.txt", "replaced")]
    assert facts(index) == [("丙委.txt", "公务接待费", "7"), ("乙局.txt", "公务接待费", "6")]


def test_the_same_name_in_two_folders_is_two_papers(folder: Path, index: Path) -> None:
    (folder / "2022").mkdir()
    (folder / "2022" / "乙局.txt").write_text(paper(year=2022, reception="8"), encoding="utf-8")

    assert run(index, folder) == [("乙局.txt", "added"), ("丙委.txt", "added"), ("乙局.txt", "added")]
    assert sorted(facts(index)) == [("丙委.txt", "公务接待费", "7"), ("乙局.txt", "公务接待费", "5"), ("乙局.txt", "公务接待费", "8")]


def test_the_same_content_under_two_names_is_one_paper(folder: Path, index: Path) -> None:
    (folder / "乙局（副本）.txt").write_bytes((folder / "乙局.txt").read_bytes())

    outcomes = {o.name: (o.status, o.detail) for o in ingest(find_sources([folder]), index).outcomes}
    assert outcomes == {
        "丙委.txt": ("added", ""),
        "乙局.txt": ("added", ""),
        "乙局（副本）.txt": ("unchanged", "内容与已导入的“乙局.txt”相同，已跳过"),
    }


def test_bad_files_beside_good_ones(folder: Path, index: Path) -> None:
    (folder / "空.txt").write_bytes(b"")
    (folder / "空白.txt").write_bytes(b" \n\n")
    (folder / "程序.txt").write_bytes(bytes(range(256)) * 50)
    (folder / "坏.pdf").write_bytes(b"%PDF-1.7\nnothing else")
    (folder / "坏.docx").write_bytes(b"PK\x03\x04nothing else")
    (folder / "网页.pdf").write_text(f"<html><body><p>{paper('辛局', reception='9')}</p></body></html>", encoding="utf-8")
    with zipfile.ZipFile(folder / "炸弹.docx", "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("word/document.xml", b"0" * (30 * 2**20))
    (folder / "长行.txt").write_text(paper("丁局", reception="3") + "长" * (10 * 2**20 // 3), encoding="utf-8")
    (folder / "国标.txt").write_bytes(paper("戊局", reception="4").encode("gb18030"))
    (folder / ".隐藏.txt").write_text(paper("己局"), encoding="utf-8")
    (folder / "~$锁.txt").write_text(paper("庚局"), encoding="utf-8")

    report = ingest(find_sources([folder]), index)

    assert {o.name: o.status for o in report.outcomes} == {
        **dict.fromkeys(["丙委.txt", "乙局.txt", "长行.txt", "国标.txt", "网页.pdf"], "added"),
        **dict.fromkeys(["空.txt", "空白.txt", "程序.txt", "坏.pdf", "坏.docx", "炸弹.docx"], "failed"),
    }
    assert [o.name for o in report.failed] == ["坏.docx", "坏.pdf", "炸弹.docx", "程序.txt", "空.txt", "空白.txt"]
    for outcome in report.failed:  # one Chinese sentence each, nothing of Python's
        assert outcome.detail.endswith("。") and "Error" not in outcome.detail and "\n" not in outcome.detail
    assert facts(index) == [
        ("丙委.txt", "公务接待费", "7"),
        ("乙局.txt", "公务接待费", "5"),
        ("国标.txt", "公务接待费", "4"),
        ("长行.txt", "公务接待费", "3"),
    ]


def test_nothing_but_bad_files_makes_an_index_that_answers(folder: Path, tmp_path: Path, index: Path) -> None:
    (tmp_path / "empty.txt").write_bytes(b"")
    ingest(find_sources([tmp_path / "empty.txt"]), index)

    answer = Assistant(index).ask("2021年乙局三公经费多少")
    assert (answer.status, answer.text) == ("refused", "索引里还没有任何材料，请先导入文件。")


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Unreadable) as raised:
        find_sources([tmp_path / "none"])
    assert str(raised.value) == f"找不到文件或文件夹：{tmp_path / 'none'}，请检查路径。"


def test_a_file_named_twice_is_one_source(folder: Path) -> None:
    assert [s.name for s in find_sources([folder / "乙局.txt", folder, folder / ".." / "papers"])] == ["乙局.txt", "丙委.txt"]


def test_progress_tells_what_is_being_read(folder: Path, index: Path) -> None:
    told: list[tuple[str, int, int, int]] = []
    ingest(find_sources([folder]), index, progress=lambda *what: told.append(what))
    assert told == [("丙委.txt", 0, 2, 0), ("乙局.txt", 1, 2, 0), ("建立检索向量", 2, 2, 0)]


def test_rebuild_reads_the_kept_originals(folder: Path, index: Path) -> None:
    run(index, folder)
    before = facts(index)
    for file in folder.iterdir():
        file.unlink()

    assert [(o.name, o.status) for o in rebuild(index).outcomes] == [("丙委.txt", "added"), ("乙局.txt", "added")]
    assert facts(index) == before
    assert passages(index) == (["接待费", "车辆费"], ["接待费", "车辆费"], 2)


def test_an_error_in_the_middle_leaves_the_old_answers(folder: Path, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(index, folder / "乙局.txt")

    def broken(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(pipeline, "PassageStore", broken)
    with pytest.raises(MemoryError):
        run(index, folder)
    monkeypatch.undo()

    assert facts(index) == [("乙局.txt", "公务接待费", "5")]
    assert passages(index) == (["接待费"], ["接待费"], 1)
    assert run(index, folder) == [("丙委.txt", "added"), ("乙局.txt", "unchanged")]


@pytest.mark.parametrize("station", ["identify", "find_tables", "read_facts", "passages", "check"])
def test_a_station_that_fails_over_a_paper_is_that_papers_error(
    folder: Path, index: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], station: str
) -> None:
    works, calls = getattr(reading, station), []

    def broken(*given: object) -> object:
        calls.append(given)
        if len(calls) == 1:
            raise IndexError("secret detail")
        return works(*given)

    monkeypatch.setattr(reading, station, broken)
    report = ingest(find_sources([folder]), index, jobs=0)

    assert [(o.name, o.status, o.detail) for o in report.outcomes] == [
        ("丙委.txt", "failed", "读取时出错：程序没能处理这份文件的内容（IndexError）；请把文件发给维护人员。"),
        ("乙局.txt", "added", ""),
    ]
    assert facts(index) == [("乙局.txt", "公务接待费", "5")]
    assert capsys.readouterr().err == ""

    calls.clear()
    monkeypatch.setenv("BUDGET_QA_DEBUG", "1")
    ingest(find_sources([folder / "丙委.txt"]), index, jobs=0)
    assert "IndexError: secret detail" in capsys.readouterr().err

    monkeypatch.undo()
    assert run(index, folder) == [("丙委.txt", "added"), ("乙局.txt", "unchanged")]


def test_a_paper_that_the_store_refuses_is_that_papers_error(folder: Path, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save = FactStore.save

    def refused(self: FactStore, paper: Reading, *more: str) -> None:
        tables = tuple(replace(t, cells=(*t.cells, *t.cells)) for t in paper.tables) if "丙委" in paper.name else paper.tables
        save(self, replace(paper, tables=tables), *more)

    monkeypatch.setattr(FactStore, "save", refused)
    assert run(index, folder) == [("丙委.txt", "failed"), ("乙局.txt", "added")]
    assert facts(index) == [("乙局.txt", "公务接待费", "5")]


def test_the_result_does_not_depend_on_the_number_of_jobs(folder: Path, tmp_path: Path) -> None:
    for n in range(12):
        (folder / f"{n:02}局.txt").write_text(paper(f"第{n}局", reception=str(n + 1)) + "说明文字。\n" * (3000 if n == 0 else 1), encoding="utf-8")
    seen = []
    for jobs in (0, 1, 3):
        index = tmp_path / f"index{jobs}"
        report = ingest(find_sources([folder]), index, jobs=jobs)
        store = FactStore(generations.current(index) / FACTS, readonly=True)
        rows = [list(store.db.execute(f"SELECT * FROM {table}")) for table in ("facts", "cells", "passages", "names", "checks")]
        store.close()
        seen.append((report.outcomes, rows))
    assert seen[0] == seen[1] == seen[2]


def test_two_papers_of_one_name_are_both_kept(folder: Path, index: Path, tmp_path: Path) -> None:
    """部门 and 单位 often publish under one file name; uploads have no folder that tells them apart."""
    office, unit = tmp_path / "1.txt", tmp_path / "2.txt"
    office.write_text(paper("信访局"), encoding="utf-8")
    unit.write_text(paper("信访服务中心", reception="1"), encoding="utf-8")
    sources = [Source(office, "预算.txt", "upload:预算.txt"), Source(unit, "预算.txt", "upload:预算.txt")]

    assert [o.status for o in ingest(sources, index).outcomes] == ["added", "added"]
    assert [printed for _, _, printed in facts(index)] == ["5", "1"]
    assert [o.status for o in ingest(sources, index).outcomes] == ["unchanged", "unchanged"]

    unit.write_text(paper("信访服务中心", reception="2"), encoding="utf-8")  # corrected, and uploaded again
    assert [o.status for o in ingest(sources[1:], index).outcomes] == ["replaced"]
    assert sorted(printed for _, _, printed in facts(index)) == ["2", "5"]
    assert [o.status for o in rebuild(index).outcomes] == ["added", "added"]
    assert sorted(printed for _, _, printed in facts(index)) == ["2", "5"]


def test_one_paper_in_two_files_is_kept_as_two(folder: Path, index: Path) -> None:
    (folder / "丁局预算情况说明.txt").write_text("甲市丁局2021年部门预算\n一、部门职责\n负责丁事。\n", encoding="utf-8")
    (folder / "丁局预算报表.txt").write_text(paper("丁局", reception="3"), encoding="utf-8")
    assert [status for _, status in run(index, folder)] == ["added"] * 4


def test_a_moved_place_takes_over_only_the_same_paper(folder: Path, index: Path) -> None:
    run(index, folder / "乙局.txt")
    (folder / "乙局.txt").unlink()
    (folder / "下属").mkdir()
    (folder / "下属" / "乙局.txt").write_text(paper("乙局服务中心", reception="2"), encoding="utf-8")

    assert run(index, folder / "下属") == [("乙局.txt", "added")]
    assert sorted(printed for _, _, printed in facts(index)) == ["2", "5"]


def test_a_rebuild_keeps_papers_and_their_ids(folder: Path, index: Path) -> None:
    (folder / "2022").mkdir()
    (folder / "2022" / "乙局.txt").write_text(paper(year=2022, reception="8"), encoding="utf-8")
    run(index, folder)
    (folder / "丙委.txt").write_bytes((folder / "乙局.txt").read_bytes())  # two places, one content
    run(index, folder)
    shutil.rmtree(folder)

    before = inventory(index)
    rebuild(index)
    assert inventory(index) == before and len(before) == 3


def inventory(index: Path) -> list[dict]:
    store = FactStore(generations.current(index) / FACTS, readonly=True)
    try:
        return sorted(store.inventory(), key=lambda row: row["id"])
    finally:
        store.close()


def test_a_huge_file_is_refused_unread(folder: Path, index: Path) -> None:
    with (folder / "大.pdf").open("wb") as file:
        file.truncate(300 * 2**20)  # 300 MB that take no place on the disk
    run(index.parent / "other", folder / "乙局.txt")  # what is imported only once is not the file's cost
    started = time.process_time()  # not the clock: other work on the machine must not decide
    report = ingest(find_sources([folder / "大.pdf"]), index)
    assert report.outcomes[0].detail == "文件有 300 MB，超过 200 MB 的上限；请拆分或压缩图片后再导入。"
    assert time.process_time() - started < 1 and not (index / "files").exists()


def test_two_ingests_at_once(folder: Path, index: Path) -> None:
    run(index, folder / "乙局.txt")

    def second(*_: object) -> None:
        with pytest.raises(IndexBusy) as raised:
            ingest(find_sources([folder]), index)
        assert str(raised.value) == f"另一个导入任务正在更新索引 {index}，请等它结束后再试。"
        with pytest.raises(IndexBusy):
            remove(["乙局.txt"], index)

    ingest(find_sources([folder]), index, progress=second)
    assert len(facts(index)) == 2


def until(condition: Callable[[], bool], seconds: float = 30) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return False


def children(process: int) -> list[int]:
    """The processes that this one has started."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it ended meanwhile
            if int(stat.read_text(encoding="utf-8", errors="replace").rsplit(")", 1)[1].split()[1]) == process:
                found.append(int(stat.parent.name))
    return found


@pytest.mark.parametrize("stop", [signal.SIGKILL, signal.SIGINT], ids=["kill -9", "Ctrl-C"])
def test_a_killed_ingest_leaves_the_old_answers(folder: Path, index: Path, stop: signal.Signals) -> None:
    run(index, folder / "乙局.txt")
    old = generations.current(index)
    big = folder / "大.txt"
    big.write_text(paper("丁局") + "".join(f"第{n}项 公务接待费{n}万元，用于接待。\n" for n in range(40_000)), encoding="utf-8")
    command = [sys.executable, "-m", "ingest", str(folder), "--index", str(index), "--quiet"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    # Another generation beside the one in force, with a store in it: the ingest is in the middle of its work.
    assert until(lambda: any((g / FACTS).exists() for g in (index / "generations").iterdir() if g != old))
    assert until(lambda: bool(children(process.pid)))
    workers = children(process.pid)
    assert process.poll() is None
    os.kill(process.pid, stop)
    out, errors = process.communicate(timeout=30)
    assert until(lambda: not any(Path(f"/proc/{worker}").exists() for worker in workers), 10)

    assert generations.current(index) == old
    assert facts(index) == [("乙局.txt", "公务接待费", "5")]
    answer = Assistant(index).ask("2021年甲市乙局公务接待费多少")
    assert (answer.status, answer.values[0].value) == ("answered", "5")
    if stop is signal.SIGINT:
        assert (process.returncode, out, errors) == (130, "", "已取消，原来的索引没有改动。\n")
        assert list((index / "generations").iterdir()) == [old]
    else:
        assert process.returncode == -signal.SIGKILL

    big.unlink()
    assert run(index, folder) == [("丙委.txt", "added"), ("乙局.txt", "unchanged")]


def test_an_outcome_counts_what_was_read(folder: Path, index: Path) -> None:
    (outcome,) = ingest(find_sources([folder / "乙局.txt"]), index).outcomes

    assert outcome == Outcome("乙局.txt", "added", outcome.document, counts=outcome.counts)
    assert {k: outcome.counts[k] for k in ("blocks", "tables", "passages", "checks_broken", "skipped")} == {
        "blocks": 8,
        "tables": 1,
        "passages": 1,
        "checks_broken": 0,
        "skipped": 0,
    }
