"""The HTTP client against a small server that speaks the contract."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from eval.clients import ClientError, Http, InProcess

LINES = {"lines": [{"line": 2, "text": "\t2021 年\t9", "hit": True}], "total": 3}
ANSWER = {"session_id": "s", "status": "answered", "route": "sql", "answer": "9", "values": [], "citations": [], "query": {}, "suggestions": []}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/api/documents":
            self._send(200, {"total": 1, "items": [{"id": "d", "name": "2021.txt"}]})
        elif self.path == "/api/documents/d/source?line=2&end=2&context=0":
            self._send(200, LINES)
        else:
            self._send(404, {"error": {"code": "not_found", "message": "没有"}})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if body["question"] == "坏":
            self._send(500, {"error": {"code": "internal_error", "message": "出错"}})
        else:
            self._send(200, ANSWER | {"answer": body.get("session_id", "new")})

    def _send(self, status: int, body: dict) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def client() -> Iterator[Http]:
    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Http(f"http://127.0.0.1:{server.server_port}/")
    server.shutdown()
    server.server_close()


def test_asks_in_a_session_and_lists_papers(client: Http) -> None:
    assert client.ask("问", None)["answer"] == "new"
    assert client.ask("问", "s")["answer"] == "s"
    assert client.documents() == ["2021.txt"]


def test_source_at_the_citations_lines(client: Http) -> None:
    place = {"document": "2021.txt", "document_id": "d", "line_start": 2, "line_end": 2, "page": None}
    assert client.source(place) == "\t2021 年\t9"
    assert client.source({**place, "document_id": "gone"}) is None


def test_a_failing_server_is_said_with_its_answer(client: Http) -> None:
    with pytest.raises(ClientError, match=r"返回 500：.*internal_error"):
        client.ask("坏", None)


def test_no_server_is_said() -> None:
    with pytest.raises(ClientError, match=r"连不上 http://127\.0\.0\.1:9"):
        Http("http://127.0.0.1:9").ask("问", None)


def test_a_fault_of_the_program_fails_the_case_not_the_run(sample_index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def faulty(*_: object) -> None:
        raise KeyError("missed")

    monkeypatch.setattr("retrieval.assistant.Assistant.ask", faulty)

    with pytest.raises(ClientError, match="程序出错：KeyError"):
        InProcess(sample_index).ask("问", None)
