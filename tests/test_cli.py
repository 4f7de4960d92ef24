"""The two commands as a user runs them: whole processes, whole messages, exit statuses, no traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
QUESTION = "2021年扶贫办三公经费多少"
KEYS = {"session_id", "status", "route", "answer", "values", "citations", "checks", "query", "suggestions", "elapsed_ms"}
CITATION = {
    *("id", "document", "title", "department", "year", "section", "table", "row", "column"),
    *("page", "bbox", "sheet", "cell", "line_start", "line_end", "quote"),
}


def run(*command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own, in the repository's folder."""
    known = {k: v for k, v in os.environ.items() if not k.startswith("BUDGET_QA_")}
    return subprocess.run([sys.executable, *map(str, command)], cwd=ROOT, env={**known, **environment}, capture_output=True, text=True, timeout=120)


def test_ask_on_the_terminal(sample_index: Path) -> None:
    result = run("app.py", "ask", QUESTION, "--index", sample_index)

    assert (result.returncode, result.stderr) == (0, "")
    assert "**9 万元** [1]" in result.stdout.splitlines()[0]
    assert "  [1] 2021年深圳市扶贫协作和合作交流办公室部门预算.txt · 表12 一般公共预算“三公”经费支出表，第 458 行：2021 年 | 9" in result.stdout
    assert "  › 比上年增减多少？" in result.stdout


def test_ask_as_json(sample_index: Path, capsys: pytest.CaptureFixture[str]) -> None:
    started = time.perf_counter()
    result = run("app.py", "ask", QUESTION, "--json", BUDGET_QA_INDEX=str(sample_index))
    seconds = time.perf_counter() - started
    with capsys.disabled():
        print(f"\n[cold look-up: {seconds:.2f} s]", end=" ")

    assert (result.returncode, result.stderr) == (0, "")
    answer = json.loads(result.stdout)
    assert set(answer) >= KEYS
    assert set(answer["citations"][0]) >= CITATION
    assert set(answer["values"][0]) == {"label", "value", "unit", "formula", "citations"}
    assert {k: answer["values"][0][k] for k in ("value", "unit", "formula", "citations")} == {
        "value": "9",
        "unit": "万元",
        "formula": None,
        "citations": [1],
    }
    assert set(answer["checks"][0]) == {"kind", "status", "detail", "citations"}
    assert (answer["status"], answer["route"], len(answer["session_id"])) == ("answered", "sql", 32)
    assert seconds < 5


@pytest.mark.parametrize("question", ["", "1999年扶贫办三公经费多少", "三" * 5000, "'; DROP TABLE facts; --"])
def test_a_refusal_is_an_answer(sample_index: Path, question: str) -> None:
    result = run("app.py", "ask", question, "--json", "--index", sample_index)

    assert (result.returncode, result.stderr) == (0, "")
    assert json.loads(result.stdout)["status"] == "refused"


def test_ask_without_an_index(tmp_path: Path) -> None:
    index = tmp_path / "none"
    result = run("app.py", "ask", QUESTION, "--index", index)

    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == f"错误：还没有索引：{index}。请先运行 python -m ingest --index {index} 导入文件。\n"
    assert not index.exists()


@pytest.mark.parametrize("broken", ["a file", "no facts", "damaged facts"])
def test_ask_with_an_index_that_is_none(tmp_path: Path, broken: str) -> None:
    index = tmp_path / "index"
    if broken == "a file":
        index.write_text("no folder")
    else:
        generation = index / "generations" / "g"
        generation.mkdir(parents=True)
        (index / "CURRENT").write_text("g")
        if broken == "damaged facts":
            (generation / "facts.sqlite").write_text("no database" * 100)
    result = run("app.py", "ask", QUESTION, "--index", index)

    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("错误：")
    assert result.stderr.count("\n") == 1


def test_ingest_reports_every_file(tmp_path: Path) -> None:
    papers = tmp_path / "papers"
    papers.mkdir()
    (papers / "甲.txt").write_text("甲市乙局2021年部门预算\n表1 收支总表\n单位：万元\n项目\t预算数\n收入合计\t5\n", encoding="utf-8")
    (papers / "空.txt").write_bytes(b"")
    index, report = tmp_path / "index", tmp_path / "report.json"

    result = run("-m", "ingest", papers, "--index", index, "--report", report, "--quiet")
    lines = result.stdout.splitlines()
    assert (result.returncode, result.stderr, len(lines)) == (1, "", 4)
    assert lines[0].startswith("[新增] 甲.txt：块 6，表 1，数据 1，段落 0，勾稽成立 ")
    assert lines[1:] == [
        "[失败] 空.txt：文件是空的（0 字节），请重新下载或重新导出后再导入。",
        f"共 2 个文件，失败 1 个；索引：{index}",
        f"报告已写入 {report}",
    ]
    assert set(json.loads(report.read_text(encoding="utf-8"))) == {"held", "broken", "not_checkable", "items"}

    again = run("-m", "ingest", papers / "甲.txt", "--index", index, "--quiet")
    assert (again.returncode, again.stdout.splitlines()[0]) == (0, "[未变] 甲.txt：内容没有变化，已跳过")
    gone = run("-m", "ingest", "甲.txt", "--remove", "--index", index)
    assert (gone.returncode, gone.stdout.splitlines()[0]) == (0, "[删除] 甲.txt：已从索引中删除")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none.txt"], "错误：找不到文件或文件夹：none.txt，请检查路径。\n"),
        (["--rebuild"], "错误：还没有索引："),
        (["--remove", "x"], "错误：还没有索引："),
    ],
)
def test_ingest_says_what_is_wrong(tmp_path: Path, arguments: list[str], message: str) -> None:
    result = run("-m", "ingest", *arguments, "--index", tmp_path / "index", "--quiet")

    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith(message)
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("where", ["index", "report"])
def test_ingest_where_it_cannot_write(tmp_path: Path, where: str) -> None:
    paper = tmp_path / "甲.txt"
    paper.write_text("甲市乙局2021年部门预算\n", encoding="utf-8")
    index, report = (paper, tmp_path / "r.json") if where == "index" else (tmp_path / "index", tmp_path / "none" / "r.json")
    result = run("-m", "ingest", paper, "--index", index, "--report", report, "--quiet")

    assert result.returncode == 1
    assert result.stderr.startswith(f"错误：无法写入 {index if where == 'index' else report}")
    assert result.stderr.count("\n") == 1
