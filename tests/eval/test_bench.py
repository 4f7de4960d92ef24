"""The bench on tiny inputs: every part is measured, and each figure keeps its limit beside it."""

import json
from pathlib import Path

import pytest

from eval import bench, growth
from eval.bench import Clock, Figure, answer_times, command_seconds, main, table
from eval.casefile import Case

ROOT = Path(__file__).parents[2]


class Parrot:
    """Answers at once; the route is the question's first word."""

    def ask(self, question: str, session_id: str | None) -> dict:
        return {"session_id": session_id or "s", "route": question.split()[0]}


def test_times_go_to_the_route_that_answered() -> None:
    cases = [Case("a", ("sql x",), "number"), Case("b", ("sql y", "retrieval z"), "text")]
    times = answer_times(cases, Parrot(), runs=2)
    assert {route: len(found) for route, found in times.items()} == {"sql": 2, "retrieval": 1}
    assert all(ms < 100 for found in times.values() for ms in found)


def test_a_clock_adds_up_by_name() -> None:
    clock = Clock()
    assert clock.timed("x", sum)([1, 2]) == 3
    clock.timed("x", sum)([1])
    assert set(clock.wall) == set(clock.cpu) == {"x"}
    assert clock.wall["x"] >= 0


def test_the_table_shows_the_ratio_to_the_limit() -> None:
    about = {"cores": 2, "memory_gib": 24, "python": "3.11", "platform": "x", "load": 0, "date": "2026-01-01"}
    shown = table(about, [Figure("提问", "sql", 10, "毫秒", 2, "裸 SQLite 查询"), Figure("索引", "事实库", 1500, "MB")])
    assert "10 毫秒" in shown
    assert "裸 SQLite 查询 2 毫秒，5.0 倍" in shown
    assert "1500 MB" in shown


def test_a_command_takes_time() -> None:
    wall, cpu = command_seconds(["-c", "pass"], 1)
    assert 0 < cpu <= wall + 1


def test_ingest_and_questions_are_measured_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paper = sorted((ROOT / "data" / "documents").glob("*.txt"))[0]
    cases, output = tmp_path / "c.jsonl", tmp_path / "b.json"
    turns = ["有哪些材料", "部门的主要职责是什么"]
    cases.write_text("".join(json.dumps({"id": t, "turns": [t], "answer_type": "text"}) + "\n" for t in turns), encoding="utf-8")
    arguments = ["--documents", str(paper), "--cases", str(cases), "--runs", "1", "--parts", "ingest", "questions", "--json", str(output)]
    assert main(arguments) == 0
    figures = json.loads(output.read_text(encoding="utf-8"))["figures"]
    assert {f["part"] for f in figures} == {"导入", "规模", "提问", "内存", "索引"}
    assert all(f["value"] >= 0 for f in figures)
    assert {f"每份 {name}（CPU）" for name in ("读取", "表格", "数据", "勾稽", "段落", "入库", "向量")} <= {f["what"] for f in figures}
    kinds = {f["what"]: f for f in figures}
    assert kinds["材料"]["value"] == 1 and kinds["数据"]["value"] > 100
    assert kinds["每份 入库（CPU）"]["ratio"] > 1
    parts = [f["value"] for what, f in kinds.items() if what.startswith("每 MB 原文 ")]
    assert len(parts) == 7 and sum(parts) <= kinds["每 MB 原文（CPU）"]["value"] * 1.01
    assert "倍" in capsys.readouterr().out
    assert bench.reading.load_guarded.__module__ == "ingest.loaders.guard"  # the stations are themselves again


def test_the_server_is_measured_next_to_an_endpoint_that_does_nothing(sample_index: Path) -> None:
    figures = {f.what: f for f in bench.server(sample_index, seconds=0.5)}
    assert all("失败 0" in what for what in figures if "p95" in what)
    assert {f.limit_name for f in figures.values()} == {"空的 FastAPI 接口", ""}
    assert figures["1 人，每秒回答"].ratio < 1


def test_growth_is_measured_size_by_size(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--papers", "4", "8", "--questions", "4", "--jobs", "1", "--work", str(tmp_path), "--json", str(tmp_path / "g.json")]
    assert growth.main(arguments) == 0
    figures = {f["what"]: f for f in json.loads((tmp_path / "g.json").read_text(encoding="utf-8"))["figures"]}
    assert figures["8 份：4/4 题正确"]["ratio"] == 1
    assert figures["8 份：sql 路径 p95（CPU）"]["limit"] == figures["4 份：sql 路径 p95（CPU）"]["value"]
    assert growth.main(["--papers", "8", "4"]) == 2
    assert "从小到大" in capsys.readouterr().err


def test_a_missing_index_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--index", str(tmp_path / "none"), "--parts", "questions", "--runs", "1"]) == 2
    assert "还没有索引" in capsys.readouterr().err
