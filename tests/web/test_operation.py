"""For those who run the server: metrics, log lines, an orderly end; and private numbers masked wherever text leaves it."""

from __future__ import annotations

import json
import logging
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient

from ingest import generations
from ingest.pipeline import find_sources, ingest
from tests.web.sample import PAPER, ScriptedAssistant, client_of
from web.documents import Jobs
from web.server import build_app
from web.settings import Settings

ROOT = Path(__file__).parents[2]
QUESTION = "2021年扶贫办三公经费多少"
MOBILE, IDENTITY = "13812345678", "440301198001011234"


def test_metrics_count_requests_and_questions(client: TestClient) -> None:
    client.post("/api/ask", json={"question": QUESTION})
    client.post("/api/ask", json={"question": "天气"})
    client.get("/api/nothing")
    reply = client.get("/metrics")
    assert reply.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = reply.text.splitlines()
    assert 'budget_qa_questions_total{status="answered",route="sql"} 1' in lines
    assert 'budget_qa_questions_total{status="refused",route="none"} 1' in lines
    assert 'budget_qa_requests_total{area="api",method="POST",status="200"} 2' in lines
    assert 'budget_qa_requests_total{area="api",method="GET",status="404"} 1' in lines
    assert "budget_qa_documents 2" in lines and "budget_qa_question_seconds_count 2" in lines
    # every line is a comment or a sample, and buckets only grow
    assert all(re.fullmatch(r'# (HELP|TYPE) \S+ .+|\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? [\d.]+', line) for line in lines)
    buckets = [float(line.split()[1]) for line in lines if line.startswith("budget_qa_request_seconds_bucket")]
    assert buckets == sorted(buckets)


def test_metrics_are_for_this_machine_or_a_token(index: Path) -> None:
    token = "a-token-of-sixteen"
    app = build_app(Settings(index=index, admin_token=token, user_header="x-user"), ScriptedAssistant(), page=False)
    with TestClient(app, base_url="http://qa.example", client=("10.0.0.9", 50000)) as elsewhere:
        assert elsewhere.get("/metrics").status_code == 401
        assert elsewhere.get("/metrics", headers={"authorization": f"Bearer {token}"}).status_code == 200


def test_requests_and_questions_are_logged_without_their_text(index: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "budget_qa.access")
    with client_of(Settings(index=index)) as client:
        client.post("/api/ask?secret=1", json={"question": QUESTION})
        client.get("/web/app.js")
    noted = [json.loads(line) for line in caplog.messages if line.startswith("{")]
    assert [(n["event"], n.get("path"), n["status"]) for n in noted] == [("question", None, "answered"), ("request", "/api/ask", 200)]
    assert {"at", "ms", "address", "user", "bytes", "method"} <= set(noted[1])
    assert "三公" not in "".join(caplog.messages) and "secret" not in "".join(caplog.messages)


def test_questions_are_logged_only_when_told_and_then_masked(index: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "budget_qa.access")
    with client_of(Settings(index=index, log_questions=True)) as client:
        client.post("/api/ask", json={"question": f"{QUESTION} {MOBILE}"})
    noted = [json.loads(line) for line in caplog.messages if line.startswith("{")]
    assert noted[0]["question"] == f"{QUESTION} 138****5678"


def test_private_numbers_leave_in_no_text(tmp_path: Path) -> None:
    (tmp_path / "paper.txt").write_text(
        f"甲市水务局2021年部门预算\n一、联系方式\n联系人张三，手机{MOBILE}，身份证号{IDENTITY}。\n表12 一般公共预算“三公”经费支出表\n单位：万元\n"
        f"年份\t总计\t公务接待费\t备注\n2021年\t5\t5\t电话{MOBILE}\n",
        encoding="utf-8",
    )
    index = tmp_path / "index"
    ingest(find_sources([tmp_path / "paper.txt"]), index)
    app = build_app(Settings(index=index), page=False)
    with TestClient(app, base_url="http://127.0.0.1:7860", client=("127.0.0.1", 50000)) as client:
        paper = client.get("/api/documents").json()["items"][0]["id"]
        asked = [f"2021年水务局公务接待费多少 {MOBILE}", "2021年水务局的联系人是谁", f"{IDENTITY} 是谁"]
        texts = [client.post("/api/ask", json={"question": question}).text for question in asked]
        client.post("/api/feedback", json={"question": asked[0], "rating": "down", "reason": f"打{MOBILE}"})
        paths = [f"documents/{paper}", f"documents/{paper}/source?line=3", f"documents/{paper}/tables/0", "checks", "audit", "documents", "examples"]
        texts += [client.get(f"/api/{path}").text for path in paths]
    everything = "\n".join(texts)
    assert MOBILE not in everything and IDENTITY not in everything
    assert "138****5678" in everything and "440301********1234" in everything


def test_figures_are_no_private_numbers(client: TestClient) -> None:
    cells = client.get(f"/api/documents/{PAPER}/tables/0").json()["cells"]
    assert {cell["text"] for cell in cells if cell["role"] == "value"} >= {"9", "5", "4"}


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_the_server_ends_in_order(index: Path, stop: signal.Signals) -> None:
    code = (
        "import sys; from pathlib import Path; from web import server; from web.settings import Settings; "
        "build = server.build_app; server.build_app = lambda settings: build(settings, page=False); "
        f"sys.exit(server.serve(Settings(index=Path({str(index)!r}), port=0)))"
    )
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert "已启动" in process.stdout.readline()
        port = listening_port(process.pid)
        assert httpx.get(f"http://127.0.0.1:{port}/api/ready").json() == {"status": "ok", "documents": 2}
        os.kill(process.pid, stop)
        _, errors = process.communicate(timeout=15)
    finally:
        process.kill()
    assert process.returncode in (0, -stop)
    assert [json.loads(line)["path"] for line in errors.splitlines()] == ["/api/ready"]  # no traceback, nothing else
    assert not (index / "web.sqlite-wal").exists()  # the notes are written out


def test_an_upload_being_read_ends_with_the_server(index: Path) -> None:
    jobs, before = Jobs(index, ""), generations.current(index)
    text = "甲市丁局2021年部门预算\n" + "".join(f"第{n}项 公务接待费{n}万元，用于接待。\n" for n in range(40_000))
    job = jobs.upload([("大.txt", text.encode())])
    deadline = time.monotonic() + 60
    while len(list((index / "generations").iterdir())) < 2:
        assert time.monotonic() < deadline and job.status == "running", job.error
        time.sleep(0.05)
    started = time.monotonic()
    jobs.close()
    assert time.monotonic() - started < 5
    assert (job.status, job.error) == ("failed", "处理文件时出错，索引没有改动；请检查文件，或联系管理员查看日志。")
    assert generations.current(index) == before


def listening_port(process: int) -> int:
    """The port on which a process of this machine listens."""
    sockets = set()
    for handle in Path(f"/proc/{process}/fd").iterdir():
        if match := re.fullmatch(r"socket:\[(\d+)\]", os.readlink(handle)):
            sockets.add(match[1])
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        for row in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]:
            fields = row.split()
            if fields[3] == "0A" and fields[9] in sockets:
                return int(fields[1].split(":")[1], 16)
        time.sleep(0.05)
    raise AssertionError("does not listen")
