"""The interface: questions, streaming, papers and their source, checks; refusals are the contract's error object."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.web.chromium import Server
from tests.web.sample import HIT, LINES, PAPER, SCAN, ScriptedAssistant, client_of
from web.credentials import FILE, Credentials
from web.server import build_app
from web.settings import Settings

CLIENT = Path(__file__).parents[2] / "deploy" / "client-example.py"
QUESTION = "2021年扶贫办三公经费多少"


def ask(client: TestClient, question: str = QUESTION, **more: object) -> dict:
    return client.post("/api/ask", json={"question": question, **more}).json()


def test_an_answer_is_the_contracts_object(client: TestClient) -> None:
    answer = ask(client)
    assert answer["status"] == "answered" and answer["route"] == "sql"
    assert answer["values"][0] == {"label": "“三公”经费 合计 2021年 预算", "value": "9", "unit": "万元", "formula": "0 + 4 + 5", "citations": [1]}
    assert answer["citations"][0]["line_start"] == HIT
    assert "**9 万元** [1]" in answer["answer"]


def test_an_unknown_session_is_a_new_session(client: TestClient) -> None:
    for made_up in ("made-up", "made up", "' OR 1=1", "\ud800", "x" * 200):
        reply = client.post(
            "/api/ask", content=json.dumps({"question": QUESTION, "session_id": made_up}), headers={"content-type": "application/json"}
        )
        assert reply.json()["session_id"] == "new-session"
    assert ask(client, session_id="known-session")["session_id"] == "known-session"


def test_a_stream_is_the_text_in_pieces_and_then_the_answer(client: TestClient) -> None:
    reply = client.post("/api/ask", json={"question": QUESTION}, headers={"accept": "text/event-stream"})
    assert reply.headers["content-type"].startswith("text/event-stream")
    events = [dict(line.split(": ", 1) for line in block.split("\n")) for block in reply.text.strip().split("\n\n")]
    pieces = [json.loads(event["data"])["text"] for event in events if event["event"] == "token"]
    assert [event["event"] for event in events[-2:]] == ["token", "answer"]
    last = json.loads(events[-1]["data"])
    assert "".join(pieces) == last["answer"] and len(pieces) > 2


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (json.dumps({"question": "问" * 501}), "application/json", 400, "question_too_long"),
        (json.dumps({"question": "问" * 5000}), "application/json", 400, "question_too_long"),
        (json.dumps({"question": " \n "}), "application/json", 400, "question_empty"),
        (json.dumps({}), "application/json", 422, "invalid_request"),
        (json.dumps({"question": 5}), "application/json", 422, "invalid_request"),
        ("{", "application/json", 422, "invalid_json"),
        (json.dumps({"question": QUESTION}), "text/plain", 415, "unsupported_media_type"),
        ("x" * 1_000_001, "application/json", 413, "too_large"),
        (json.dumps({"question": "请崩溃"}), "application/json", 500, "internal_error"),
    ],
)
def test_bad_requests_get_a_code_and_a_chinese_sentence(client: TestClient, body: str, kind: str, status: int, code: str) -> None:
    reply = client.post("/api/ask", content=body.encode(), headers={"content-type": kind})
    assert (reply.status_code, reply.json()["error"]["code"]) == (status, code)
    assert set(reply.json()) == {"error"} and set(reply.json()["error"]) == {"code", "message"}
    assert any("一" <= mark <= "鿿" for mark in reply.json()["error"]["message"])
    assert "secret" not in reply.text and "Traceback" not in reply.text


def test_a_body_without_declared_length_is_measured(client: TestClient) -> None:
    reply = client.post("/api/ask", content=(b" " * 100_000 for _ in range(20)), headers={"content-type": "application/json"})
    assert (reply.status_code, reply.json()["error"]["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/nothing", 404, "not_found"),
        ("GET", "/api/ask", 404, "not_found"),
        ("GET", "/api/documents/none", 404, "document_not_found"),
        ("GET", "/api/documents/none/source?line=1", 404, "document_not_found"),
        ("GET", f"/api/documents/{PAPER}/source?line=99999", 404, "line_not_found"),
        ("GET", f"/api/documents/{PAPER}/source?line=abc", 422, "invalid_request"),
        ("GET", f"/api/documents/{PAPER}/source?page=1", 422, "no_pages"),
        ("GET", f"/api/documents/{SCAN}/source?line=1", 422, "no_lines"),
        ("GET", f"/api/documents/{SCAN}/source?page=2", 404, "page_not_found"),
        ("GET", f"/api/documents/{SCAN}/page/9.png", 404, "page_not_found"),
        ("GET", f"/api/documents/{SCAN}/page/1.png?bbox=1,2,x", 422, "invalid_bbox"),
        ("GET", f"/api/documents/{PAPER}/tables/7", 404, "table_not_found"),
        ("GET", "/api/documents/..%2f..%2fetc%2fpasswd/source", 404, "not_found"),
        ("GET", "/api/jobs/none", 404, "job_not_found"),
        ("GET", "/api/checks?status=wrong", 422, "invalid_request"),
    ],
)
def test_what_is_not_there_is_said(client: TestClient, method: str, path: str, status: int, code: str) -> None:
    reply = client.request(method, path)
    assert (reply.status_code, reply.json()["error"]["code"]) == (status, code)


def test_without_an_index_the_server_lives_but_is_not_ready(tmp_path: Path) -> None:
    with client_of(Settings(index=tmp_path / "none")) as client:
        assert client.get("/api/health").json()["status"] == "ok"
        reply = client.get("/api/ready")
        assert (reply.status_code, reply.json()["error"]["code"]) == (503, "no_index")


def test_documents_are_listed_with_counts_and_pages(client: TestClient) -> None:
    listed = client.get("/api/documents").json()
    assert listed["total"] == 2
    paper = next(item for item in listed["items"] if item["id"] == PAPER)
    assert (paper["year"], paper["kind"], paper["tables"], paper["facts"], paper["checks_held"], paper["checks_broken"]) == (2021, "预算", 1, 8, 1, 1)
    assert len(client.get("/api/documents?limit=1&offset=1").json()["items"]) == 1
    assert client.get(f"/api/documents/{PAPER}").json()["tables"][0]["label"] == "表12 一般公共预算“三公”经费支出表"


def test_the_source_shows_the_line_marked_and_its_table(client: TestClient) -> None:
    source = client.get(f"/api/documents/{PAPER}/source?line={HIT}&context=2").json()
    assert [(line["line"], line["hit"]) for line in source["lines"]] == [(HIT + step, step == 0) for step in (-2, -1, 0, 1, 2)]
    assert source["lines"][2]["text"] == LINES[HIT - 1]
    assert [table["index"] for table in source["tables"]] == [0]


@pytest.mark.parametrize("path", [f"{PAPER}/source?line={HIT}", f"{PAPER}/tables/0", f"{SCAN}/page/1.png"])
def test_the_source_is_sent_once(client: TestClient, path: str) -> None:
    path = f"/api/documents/{path}"
    tag = client.get(path).headers["etag"]
    for known in (tag, f"W/{tag}", f'"old", {tag}', "*"):
        reply = client.get(path, headers={"if-none-match": known})
        assert (reply.status_code, reply.content, reply.headers["etag"]) == (304, b"", tag)
    assert client.get(path, headers={"if-none-match": '"old"'}).status_code == 200


def test_the_client_example_asks_with_its_key_and_says_what_is_wrong(index: Path) -> None:
    _, key = Credentials(index / FILE).add_key("例子", ("ask",), 1)
    server = Server(build_app(Settings(index=index, require_login=True), ScriptedAssistant(), page=False))

    def run(key: str) -> tuple[int, str, str]:
        environment = {**os.environ, "BUDGET_QA_KEY": key}
        done = subprocess.run(
            [sys.executable, str(CLIENT), server.url, QUESTION], env=environment, capture_output=True, text=True, timeout=30, check=False
        )
        return done.returncode, done.stdout, done.stderr

    answer = ScriptedAssistant().ask(QUESTION)
    sources = [f"[{c.id}] {c.title} {c.table}：{c.quote}" for c in answer.citations]
    assert run(key) == (0, "\n".join([answer.text, *sources, ""]), "")
    assert run("bqa_none") == (1, "", "密钥或令牌不正确、已过期或已撤销。\n")
    server.stop()


def test_a_table_has_its_cells_with_their_lines(client: TestClient) -> None:
    table = client.get(f"/api/documents/{PAPER}/tables/0").json()
    cell = next(cell for cell in table["cells"] if (cell["row"], cell["column"]) == (2, 1))
    assert (cell["text"], cell["line_start"], table["columns"]["1"]) == ("9", HIT, ["合计"])


def test_a_page_is_an_image_with_the_box_marked(client: TestClient) -> None:
    plain = client.get(f"/api/documents/{SCAN}/page/1.png")
    marked = client.get(f"/api/documents/{SCAN}/page/1.png?bbox=100,100,200,120")
    assert plain.headers["content-type"] == "image/png" and plain.content.startswith(b"\x89PNG")
    assert marked.content != plain.content


def test_checks_are_counted_and_filtered(client: TestClient) -> None:
    everything = client.get("/api/checks").json()
    assert (everything["held"], everything["broken"], everything["not_checkable"], len(everything["items"])) == (1, 1, 0, 2)
    broken = client.get(f"/api/checks?status=broken&document={PAPER}").json()["items"]
    assert [item["detail"] for item in broken] == ["0 + 5 + 7 ≠ 13"]
    page = client.get("/api/checks?offset=1&limit=1").json()
    assert (page["items"], page["total"]) == (everything["items"][1:2], 2)
    assert broken[0]["citations"][0]["line_start"] == HIT - 1


def test_feedback_and_questions_are_noted(client: TestClient) -> None:
    session = ask(client)["session_id"]
    reply = client.post("/api/feedback", json={"question": QUESTION, "rating": "down", "reason": "数字有误", "session_id": session})
    assert reply.status_code == 201
    noted = client.get("/api/audit").json()
    assert (noted["feedback"][0]["rating"], noted["feedback"][0]["reason"]) == ("down", "数字有误")
    assert client.get("/api/audit?offset=1").json() == {"asked": [], "feedback": []}
    assert noted["asked"][0]["question"] == QUESTION and str(HIT) in noted["asked"][0]["cited"]
    assert client.post("/api/feedback", json={"question": QUESTION, "rating": "so so"}).status_code == 422


def test_openapi_lists_the_contracts_routes(client: TestClient) -> None:
    paths = client.get("/api/openapi.json").json()["paths"]
    wanted = "ask health ready documents documents/{document} documents/{document}/source jobs/{job} checks feedback"
    assert {f"/api/{path}" for path in wanted.split()} <= set(paths)


def test_under_a_sub_path_everything_is_there(index: Path) -> None:
    with client_of(Settings(index=index, base_path="/tools/qa"), ScriptedAssistant()) as client:
        assert client.get("/tools/qa/api/health").status_code == 200
        assert client.get("/tools/qa/api/openapi.json").status_code == 200
        assert client.get("/api/health").status_code == 404
