"""Runs of the test set from the page: for administrators only, in a process of their own, over the server's index."""

from __future__ import annotations

import io
import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from fastapi.testclient import TestClient

from tests.web.sample import ScriptedAssistant, client_of
from web.server import build_app
from web.settings import Settings

TOKEN = "a-long-enough-token"
NINE = {"id": "a", "turns": ["2021年扶贫办三公经费多少"], "kind": "lookup", "answer_type": "number", "value": 9, "unit": "万元"}
CASES = (
    NINE,
    {**NINE, "id": "b", "value": 12},
    {"id": "c", "turns": ["2035年扶贫办三公经费多少"], "answer_type": "refusal"},
    {**NINE, "id": "d", "draft": True},
)


@pytest.fixture
def client(index: Path) -> Iterator[TestClient]:
    with client_of(Settings(index=index)) as client:
        yield client


def file_of(*cases: dict, name: str = "我的用例.jsonl") -> dict:
    return {"file": (name, "\n".join(json.dumps(case, ensure_ascii=False) for case in cases).encode())}


def finished(client: TestClient, reply) -> dict:
    """The run once it has ended."""
    assert reply.status_code == 202, reply.text
    run = reply.json()
    deadline = time.monotonic() + 60
    while run["status"] == "running" and time.monotonic() < deadline:
        time.sleep(0.1)
        run = client.get(f"/api/evaluations/{run['id']}").json()
    return run


def test_an_uploaded_file_is_run_and_gives_figures_misses_and_reports(client: TestClient) -> None:
    run = finished(client, client.post("/api/evaluations", files=file_of(*CASES)))
    assert (run["name"], run["status"], run["done"], run["total"], run["error"]) == ("我的用例.jsonl", "done", 3, 3, None)
    assert run["notes"] == ["略去草稿 1 条：核对、改好期望后删去“draft”再运行。"]
    assert (run["report"]["accuracy"], run["report"]["confident_wrong"]) == (0.6667, 0.3333)
    assert run["report"]["counts"]["by_kind"] == {"拒答": {"right": 1, "total": 1}, "查数": {"right": 1, "total": 2}}
    (miss,) = run["misses"]
    assert (miss["id"], miss["turns"], miss["expected"], miss["why"]) == ("b", NINE["turns"], "数值；12万元", "第一个数值是 9万元，应为 12万元")
    assert "9 万元" in miss["answer"]
    page = client.get(f"/api/evaluations/{run['id']}/report")
    assert page.headers["content-disposition"].startswith("attachment") and "<title>评测报告 2/3</title>" in page.text
    whole = client.get(f"/api/evaluations/{run['id']}/report?format=json").json()
    assert [case["ok"] for case in whole["cases"]] == [True, False, True]


def test_a_mistake_in_the_file_is_said_with_its_own_name_and_line(client: TestClient) -> None:
    run = finished(client, client.post("/api/evaluations", files=file_of({"id": "a", "turns": ["问"], "answer_type": "数"})))
    assert (run["status"], run["error"]) == (
        "failed",
        "我的用例.jsonl 第 1 行：“answer_type”只能是 number、text、list、refusal、clarify，现在是“数”。",
    )
    assert client.get(f"/api/evaluations/{run['id']}/report").status_code == 404


def test_the_template_is_filled_in_and_run(client: TestClient) -> None:
    book = openpyxl.load_workbook(io.BytesIO(client.get("/api/evaluations/template").content))
    sheet = book["用例"]
    sheet.delete_rows(3, 10)
    heads = [cell.value for cell in sheet[1]]
    for n in range(10):
        row = {"编号": f"t{n}", "问题": f"{2020 + n % 2}年扶贫办三公经费多少", "类型": "数值", "期望数值": (12, 9)[n % 2], "单位": "万元"}
        sheet.append([row.get(head) for head in heads])
    filled = io.BytesIO()
    book.save(filled)
    run = finished(client, client.post("/api/evaluations", files={"file": ("十题.xlsx", filled.getvalue())}))
    assert (run["status"], run["report"]["counts"]["total"], run["report"]["accuracy"], run["misses"]) == ("done", 10, 1.0, [])


def test_a_set_that_comes_with_the_program_can_be_chosen(client: TestClient) -> None:
    assert "refusal" in client.get("/api/evaluations").json()["sets"]
    run = finished(client, client.post("/api/evaluations", files={"cases": (None, "refusal")}))
    assert (run["name"], run["status"]) == ("refusal", "done")
    assert run["total"] > 30
    assert client.post("/api/evaluations", files={"cases": (None, "../secret")}).status_code == 404


def test_one_run_at_a_time_and_it_can_be_stopped(client: TestClient) -> None:
    many = [{**NINE, "id": str(n)} for n in range(5000)]
    run = client.post("/api/evaluations", files=file_of(*many)).json()
    assert client.post("/api/evaluations", files=file_of(NINE)).json()["error"]["code"] == "evaluation_running"
    # the server answers meanwhile
    assert client.post("/api/ask", json={"question": "2021年扶贫办三公经费多少"}).json()["status"] == "answered"
    assert client.delete(f"/api/evaluations/{run['id']}").json()["status"] == "stopped"
    assert finished(client, client.post("/api/evaluations", files=file_of(NINE)))["status"] == "done"


@pytest.mark.parametrize(
    ("name", "content", "status", "code"),
    [
        ("用例.txt", b"x", 415, "unsupported_file"),
        ("用例.jsonl", b" ", 415, "empty_file"),
        ("用例.xlsx", b"no zip", 415, "content_mismatch"),
    ],
)
def test_what_is_no_case_file_is_refused(client: TestClient, name: str, content: bytes, status: int, code: str) -> None:
    reply = client.post("/api/evaluations", files={"file": (name, content)})
    assert (reply.status_code, reply.json()["error"]["code"]) == (status, code)


ROUTES = [("GET", ""), ("POST", ""), ("GET", "/template"), ("GET", "/x"), ("DELETE", "/x"), ("GET", "/x/report")]


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_only_administrators_may(index: Path, method: str, path: str) -> None:
    def status(settings: Settings, **headers: str) -> int:
        app = build_app(settings, ScriptedAssistant(), page=False)
        with TestClient(app, base_url="http://qa.example", client=("10.1.2.3", 50000), raise_server_exceptions=False) as client:
            files = {"file": ("x.txt", b"x")} if method == "POST" else None
            return client.request(method, f"/api/evaluations{path}", headers=headers, files=files).status_code

    with_token = Settings(index=index, admin_token=TOKEN)
    assert status(Settings(index=index)) == 403
    assert status(with_token) == 401
    assert status(with_token, authorization="Bearer wrong-wrong-wrong") == 401
    assert status(with_token, authorization=f"Bearer {TOKEN}") in (200, 404, 415)


def test_reports_are_gone_with_the_server(index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "own"))
    with client_of(Settings(index=index)) as client:
        finished(client, client.post("/api/evaluations", files=file_of(NINE)))
        assert len(list((tmp_path / "own").glob("budget-qa-eval-*/report.html"))) == 1
    assert list((tmp_path / "own").iterdir()) == []
