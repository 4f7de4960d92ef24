"""What has to stay with one of several workers: each request of the page's dialogue with the server (Gradio keeps its queue and state in one
process) goes to the worker that its session belongs to, whichever worker the browser's connection happened to reach.

A worker passes such a request on over a private socket of its neighbour, after Guard has told who asks. Answers stream back piece by piece. On the
socket go frames: their length, one letter for their kind, and the content.

    H  the request's head (JSON)     S  status and headers of the answer (JSON)
    B  a piece of a body             E  the end of a body
"""

from __future__ import annotations

import asyncio
import json
import re
import zlib
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from web.access import Visitor
from web.errors import error_body

Message = MutableMapping[str, Any]
App = Callable[..., Awaitable[None]]

_KEEPER = 0  # the worker that runs and shows the evaluations
_PLAIN = ("method", "path", "scheme", "http_version", "root_path", "client")
# within JSON's own quotes a quote is escaped, so no question can hold this; the program writes it last
_SESSION = re.compile(rb'"session_hash"\s*:\s*"([\w-]{1,64})"')


@dataclass(frozen=True, slots=True)
class Seat:
    """One worker's place among `workers`: its number, the folder of the private sockets, and the name of this run of the server."""

    number: int
    workers: int
    folder: Path
    run: str

    def socket(self, number: int) -> str:
        """The private socket of a worker."""
        return str(self.folder / f"{number}.sock")


class Affinity:
    """Around the application, within Guard; `app` answers what is this worker's own."""

    def __init__(self, app: App, seat: Seat, base_path: str) -> None:
        self._app, self._seat, self._base = app, seat, base_path

    async def __call__(self, scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]) -> None:
        if scope["type"] == "lifespan":
            neighbours = await asyncio.start_unix_server(self._neighbour, self._seat.socket(self._seat.number))
            try:
                await self._app(scope, receive, send)
            finally:
                neighbours.close()
            return
        path = scope["path"].removeprefix(self._base)
        if path.startswith("/api/evaluations"):
            owner, body = _KEEPER, None
        elif path.startswith("/gradio_api/"):
            body = await _body(receive) if scope["method"] == "POST" else None
            session = _session(path, scope["query_string"], body or b"")
            owner = zlib.crc32(session) % self._seat.workers if session else self._seat.number
        else:
            owner, body = self._seat.number, None
        if owner == self._seat.number:
            await self._app(scope, receive if body is None else _again(body, receive), send)
        else:
            await self._pass_on(owner, scope, body, receive, send)

    async def _pass_on(self, owner: int, scope: Message, body: bytes | None, receive: Any, send: Any) -> None:
        try:
            reader, writer = await asyncio.open_unix_connection(self._seat.socket(owner))
        except OSError:  # it has crashed, and another one is being started in its place
            refusal = json.dumps(error_body("worker_restarting", "服务正在恢复，请稍后再试。"), ensure_ascii=False).encode()
            headers = [(b"content-type", b"application/json; charset=utf-8"), (b"content-length", str(len(refusal)).encode()), (b"retry-after", b"2")]
            await send({"type": "http.response.start", "status": 503, "headers": headers})
            await send({"type": "http.response.body", "body": refusal})
            return
        head = {name: scope.get(name) for name in _PLAIN} | {
            "query_string": scope["query_string"].decode("latin-1"),
            "headers": [[name.decode("latin-1"), value.decode("latin-1")] for name, value in scope["headers"]],
            "visitor": {**asdict(scope["state"]["visitor"]), "rights": sorted(scope["state"]["visitor"].rights)},
        }
        _frame(writer, b"H", json.dumps(head).encode())
        uploaded = asyncio.create_task(_upload(receive if body is None else _again(body, receive), writer))
        try:
            while True:
                kind, content = await _read(reader)
                if kind == b"S":
                    start = json.loads(content)
                    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in start["headers"]]
                    await send({"type": "http.response.start", "status": start["status"], "headers": headers})
                else:
                    await send({"type": "http.response.body", "body": content, "more_body": kind == b"B"})
                if kind == b"E":
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            return  # whoever asked has left, or the neighbour has crashed: the connection ends unfinished, and the browser asks again
        finally:
            uploaded.cancel()
            writer.close()

    async def _neighbour(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answers one request that a neighbour passed on."""
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            _, content = await _read(reader)
            head = json.loads(content)
            told = head.pop("visitor")
            scope = {
                **head,
                "type": "http",
                "asgi": {"version": "3.0", "spec_version": "2.3"},
                "raw_path": head["path"].encode(),
                "query_string": head["query_string"].encode("latin-1"),
                "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in head["headers"]],
                "client": tuple(head["client"]) if head["client"] else None,
                "server": None,
                "extensions": {},
                "state": {"visitor": Visitor(**{**told, "rights": frozenset(told["rights"])})},
            }

            # two parts of the application may wait for messages at once, of which one stream of frames knows nothing
            turn, whole = asyncio.Lock(), asyncio.Event()

            async def receive() -> Message:
                try:
                    async with turn:
                        kind, content = await _read(reader)
                except (asyncio.IncompleteReadError, ConnectionError):  # whoever asked has left
                    whole.set()
                    return {"type": "http.disconnect"}
                if kind == b"E":
                    whole.set()
                return {"type": "http.request", "body": content, "more_body": kind == b"B"}

            async def send(message: Message) -> None:
                if message["type"] == "http.response.start":
                    headers = [[name.decode("latin-1"), value.decode("latin-1")] for name, value in message.get("headers", ())]
                    _frame(writer, b"S", json.dumps({"status": message["status"], "headers": headers}).encode())
                else:
                    _frame(writer, b"B" if message.get("more_body") else b"E", message.get("body", b""))
                await writer.drain()

            await self._app(scope, receive, send)
            # An answer may be complete before its question has all arrived; closing now would break the neighbour's writing, and lose the answer with it
            while not whole.is_set():
                await receive()
        writer.close()


def _session(path: str, query: bytes, body: bytes) -> bytes:
    """The page's session that a request is of; b"" for none."""
    if path.startswith("/gradio_api/heartbeat/"):
        return path.rsplit("/", 1)[1].encode()
    asked = parse_qs(query.decode("latin-1")).get("session_hash")
    return asked[0].encode() if asked else (_SESSION.findall(body) or [b""])[-1]


async def _body(receive: Callable[[], Awaitable[Message]]) -> bytes:
    """A request's whole body (Guard limits it)."""
    pieces = []
    while True:
        message = await receive()
        pieces.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(pieces)


def _again(body: bytes, receive: Callable[[], Awaitable[Message]]) -> Callable[[], Awaitable[Message]]:
    """Gives a body that has been read once more, then what comes after it."""
    left = [body]

    async def again() -> Message:
        return {"type": "http.request", "body": left.pop(), "more_body": False} if left else await receive()

    return again


async def _upload(receive: Callable[[], Awaitable[Message]], writer: asyncio.StreamWriter) -> None:
    """Passes a request's body on; closes the socket when whoever asked leaves."""
    while (message := await receive())["type"] == "http.request":
        _frame(writer, b"B" if message.get("more_body") else b"E", message.get("body", b""))
        await writer.drain()
    writer.close()


def _frame(writer: asyncio.StreamWriter, kind: bytes, content: bytes) -> None:
    writer.write(len(content).to_bytes(4, "big") + kind + content)


async def _read(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    head = await reader.readexactly(5)
    return head[4:], await reader.readexactly(int.from_bytes(head[:4], "big"))
