"""The only place a chat model is made: any OpenAI-compatible server, through LangChain. Without a server set, nothing here is loaded."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

FAILURES = 3  # so many in a row open the breaker …
PAUSE_SECONDS = 60.0  # … for so long; then one question tries again
LONGEST_REPLY = 20_000  # characters, thinking aloud included; more is a server that does not stop

log = logging.getLogger("budget_qa.model")

Messages = Sequence[tuple[str, str]]  # (role, text); the role is system, human or ai


class ModelUnavailable(Exception):
    """No reply was had from the model, for whatever reason."""


@dataclass(frozen=True, slots=True)
class Connection:
    """Where the model is. `timeout` is seconds for one reply, retry included; `log` writes every exchange to the log (never the key)."""

    base_url: str
    model: str
    api_key: str = field(default="", repr=False)
    timeout: int = 20
    log: bool = False


class Breaker:
    """Keeps questions from waiting for a server that is down. Safe for threads."""

    def __init__(self, failures: int = FAILURES, pause: float = PAUSE_SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        self._failures, self._pause, self._clock = failures, pause, clock
        self._lock = threading.Lock()
        self._failed = 0
        self._closed_again = 0.0

    def lets_through(self) -> bool:
        """Whether a call may be made. After the pause one caller is let through, and the others wait for what it finds."""
        with self._lock:
            if self._failed < self._failures:
                return True
            if self._clock() < self._closed_again:
                return False
            self._closed_again = self._clock() + self._pause
            return True

    def succeeded(self) -> None:
        """Close."""
        with self._lock:
            self._failed = 0

    def failed(self) -> None:
        """Count, and open when it was one too many."""
        with self._lock:
            self._failed += 1
            if self._failed >= self._failures:
                self._closed_again = self._clock() + self._pause


@cache
def _loop() -> asyncio.AbstractEventLoop:
    # Replies are awaited on a loop of their own: only a cancelled task gives up a server that keeps a connection busy without answering.
    # One loop for the process, because the library shares open connections between models.
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="model", daemon=True).start()
    return loop


class Model:
    """A chat model behind a breaker; one for the whole process, shared by threads. Connects at the first call."""

    def __init__(self, connection: Connection, breaker: Breaker | None = None) -> None:
        self._connection = connection
        self._breaker = breaker or Breaker()
        self._lock = threading.Lock()
        self._chat: Any = None
        self._streams = self._keeps_to_schemas = True

    def complete(self, messages: Messages, schema: dict[str, Any] | None = None) -> str:
        """The model's reply; with a JSON `schema` the server is asked to keep to it. Raises ModelUnavailable: down, slow, cut off, unreadable, or the
        breaker is open. What the reply holds is the caller's to check: a server may ignore the schema.
        """
        if not self._breaker.lets_through():
            raise ModelUnavailable("paused")
        if self._connection.log:
            log.warning("sent to %s: %s", self._connection.model, json.dumps(list(messages), ensure_ascii=False))
        try:
            reply = self._await(self._reply(self._open(), messages, schema))
        except Exception as error:
            # A server may answer anything, so anything may go wrong. The text of the error is not logged: some servers repeat the key in it.
            self._breaker.failed()
            log.warning("no reply from the model: %s", type(error).__name__)
            raise ModelUnavailable(type(error).__name__) from None
        self._breaker.succeeded()
        if self._connection.log:
            log.warning("reply: %s", json.dumps(reply, ensure_ascii=False))
        return reply

    def _open(self) -> Any:
        with self._lock:
            if self._chat is None:
                from langchain_openai import ChatOpenAI

                self._chat = ChatOpenAI(
                    base_url=self._connection.base_url,
                    model=self._connection.model,
                    # Never left out: the library would send the OPENAI_API_KEY of the environment to a server it is not for.
                    api_key=self._connection.api_key or "none",
                    timeout=self._connection.timeout,
                    max_retries=1,
                    temperature=0,
                    stream_usage=False,
                )
            return self._chat

    def _await(self, reply: Coroutine[Any, Any, str]) -> str:
        return asyncio.run_coroutine_threadsafe(asyncio.wait_for(reply, self._connection.timeout), _loop()).result()

    async def _reply(self, chat: Any, messages: Messages, schema: dict[str, Any] | None) -> str:
        if schema and self._keeps_to_schemas:
            try:
                named = {"name": schema["title"], "schema": schema, "strict": True}
                return await self._said(chat.bind(response_format={"type": "json_schema", "json_schema": named}), messages)
            except Exception as error:
                if getattr(error, "status_code", None) not in (400, 404, 422, 501):
                    raise
                self._keeps_to_schemas = False  # a server that knows no schemas still reads the prompt
        return await self._said(chat, messages)

    async def _said(self, chat: Any, messages: Messages) -> str:
        from langsmith import tracing_context

        # What is asked goes to the chosen server only, whatever tracing the environment switches on.
        with tracing_context(enabled=False):
            if self._streams:
                try:
                    return await _streamed(chat, messages)
                except ValueError:
                    pass  # no stream that can be read: perhaps a server that answers only in one piece
            reply = await chat.ainvoke(list(messages))
        text = _finished(str(reply.content), reply.response_metadata)
        self._streams = False
        return text


async def _streamed(chat: Any, messages: Messages) -> str:
    text, metadata = "", {}
    async for piece in chat.astream(list(messages)):
        text += str(piece.content)
        metadata |= piece.response_metadata
        if len(text) > LONGEST_REPLY:
            raise RuntimeError("endless")
    return _finished(text, metadata)


def _finished(text: str, metadata: dict[str, Any]) -> str:
    """A reply that came to its own end; half an answer may say the contrary of the whole."""
    if not text.strip() or metadata.get("finish_reason") in (None, "length"):
        raise RuntimeError("not finished")
    return text
