"""The load program against servers that answer, refuse and hang up."""

from __future__ import annotations

import asyncio
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from eval.load import load, main, memory


@contextmanager
def server(*replies: tuple[int, bytes]) -> Iterator[str]:
    """Answers in turn with these (status, body); status 0 hangs up."""
    asked: list[dict] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            asked.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            status, body = replies[(len(asked) - 1) % len(replies)]
            if not status:
                self.close_connection = True
                return
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=http.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{http.server_port}"
    http.shutdown()
    assert {text["question"] for text in asked} == {"甲", "乙"}


def test_answers_are_counted_and_timed() -> None:
    with server((200, b'{"answer": "9"}')) as url:
        result = asyncio.run(load(url, 4, 0.5, 0.01, ("甲", "乙")))
    assert result.errors == {} and result.answers > 20 and 0 < result.p50 <= result.p95 <= result.p99
    assert result.a_second == pytest.approx(result.answers / result.seconds, rel=0.2)


def test_what_is_no_answer_is_an_error_of_its_kind() -> None:
    with server((200, b'{"answer": "9"}'), (503, b"{}"), (0, b""), (200, b"{}")) as url:
        result = asyncio.run(load(url, 1, 1.0, 0, ("甲", "乙")))
    assert set(result.errors) == {"503", "IncompleteReadError", "200"} and result.answers >= result.errors["503"] - 1


def test_the_command_says_and_writes_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    common = [
        "--users",
        "2",
        "--seconds",
        "0.3",
        "--question",
        "甲",
        "--question",
        "乙",
        "--pid",
        str(os.getpid()),
        "--json",
        str(tmp_path / "load.json"),
    ]
    with server((200, b'{"answer": "9"}')) as url:
        assert main(["--url", url, *common]) == 0
    assert "出错 0" in capsys.readouterr().out
    assert json.loads((tmp_path / "load.json").read_text(encoding="utf-8"))["memory_before"] > 10
    with server((503, b"{}")) as url:
        assert main(["--url", url, *common]) == 1
    assert memory(os.getpid()) > 10


def test_the_trivial_endpoint_is_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--trivial", "--users", "2", "--seconds", "0.5"]) == 0
    assert "个回答" in capsys.readouterr().out
