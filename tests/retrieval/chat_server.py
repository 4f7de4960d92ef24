"""A scripted OpenAI-compatible server on loopback: real HTTP, streaming and not. Each reply is a text, or a function that misbehaves."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class ChatServer:
    """Answers with `script(messages)`; keeps what it was sent. A script returns the reply's text, or a misbehaviour below."""

    def __init__(self, script: Callable[[list[dict[str, str]]], Any]) -> None:
        self.script = script
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        chat = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # else every reply waits 40 ms for an acknowledgement

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                chat.requests.append(body)
                chat.headers.append(dict(self.headers))
                reply = chat.script(body["messages"])
                (reply if callable(reply) else saying(reply))(self, body.get("stream", False))

            def log_message(self, *_: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_port}/v1"

    @contextmanager
    def running(self) -> Iterator[ChatServer]:
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        try:
            yield self
        finally:
            self._http.shutdown()
            self._http.server_close()


def _send(handler: BaseHTTPRequestHandler, kind: str, body: bytes, status: int = 200) -> None:
    handler.send_response(status)
    handler.send_header("content-type", kind)
    handler.send_header("content-length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def _event(delta: dict[str, str], finish: str | None = None) -> bytes:
    chunk = {
        "id": "x",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }
    return f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n".encode()


def _whole(text: str) -> bytes:
    message = {"role": "assistant", "content": text}
    reply = {
        "id": "x",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
    }
    return json.dumps(reply, ensure_ascii=False).encode()


def _pieces(text: str) -> Iterator[bytes]:
    yield from (_event({"role": "assistant", "content": text[i : i + 7]}) for i in range(0, len(text), 7))


def saying(text: str) -> Callable[..., None]:
    def reply(handler: BaseHTTPRequestHandler, stream: bool) -> None:
        if stream:
            _send(handler, "text/event-stream", b"".join([*_pieces(text), _event({}, "stop"), b"data: [DONE]\n\n"]))
        else:
            _send(handler, "application/json", _whole(text))

    return reply


def never_streaming(text: str) -> Callable[..., None]:
    return lambda handler, stream: _send(handler, "application/json", _whole(text))


def status(code: int) -> Callable[..., None]:
    return lambda handler, stream: _send(handler, "application/json", b'{"error": {"message": "bad key sk-secret-key"}}', code)


def raw(body: bytes, kind: str = "text/event-stream") -> Callable[..., None]:
    return lambda handler, stream: _send(handler, kind, body)


def _open_stream(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("content-type", "text/event-stream")
    handler.send_header("connection", "close")
    handler.end_headers()
    handler.close_connection = True


def cut_off(text: str) -> Callable[..., None]:
    """Dies in the middle of the reply."""

    def reply(handler: BaseHTTPRequestHandler, stream: bool) -> None:
        _open_stream(handler)
        for piece in list(_pieces(text))[:-1]:
            handler.wfile.write(piece)
        handler.wfile.flush()

    return reply


def too_long(text: str) -> Callable[..., None]:
    """Stopped by a limit of length."""
    return raw(b"".join([*_pieces(text), _event({}, "length"), b"data: [DONE]\n\n"]))


def silent(seconds: float) -> Callable[..., None]:
    return lambda handler, stream: time.sleep(seconds)


def dripping(seconds: float) -> Callable[..., None]:
    """Keeps the connection busy and says nothing."""

    def reply(handler: BaseHTTPRequestHandler, stream: bool) -> None:
        _open_stream(handler)
        end = time.monotonic() + seconds
        try:
            while time.monotonic() < end:
                handler.wfile.write(b": still thinking\n\n")
                handler.wfile.flush()
                time.sleep(0.02)
        except OSError:
            return  # the other side gave up, as it should

    return reply
