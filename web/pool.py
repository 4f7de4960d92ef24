"""Assistants lent to one question at a time: each holds a database connection, and one connection shared by threads locks up under load."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty, LifoQueue
from threading import BoundedSemaphore
from typing import Protocol

from retrieval.records import Answer


class Asks(Protocol):
    """What answers questions (retrieval.assistant.Assistant, or a scripted one in tests)."""

    def ask(self, question: str, session_id: str | None = None) -> Answer: ...

    def examples(self) -> list[str]: ...


class Pool:
    """Up to `size` assistants made by `make`, each when it is first needed. Itself answers like one; raises what `make` raises."""

    def __init__(self, make: Callable[[], Asks], size: int) -> None:
        self._make = make
        self._turns = BoundedSemaphore(size)
        # last in, first out: as long as one is enough only one is made, and its caches stay warm
        self._idle: LifoQueue[Asks] = LifoQueue()

    def ask(self, question: str, session_id: str | None = None) -> Answer:
        """One answer, by the next assistant that is free."""
        with self._lent() as assistant:
            return assistant.ask(question, session_id)

    def examples(self) -> list[str]:
        """Example questions taken from the papers that are loaded."""
        with self._lent() as assistant:
            return assistant.examples()

    @contextmanager
    def _lent(self) -> Iterator[Asks]:
        with self._turns:
            try:
                assistant = self._idle.get_nowait()
            except Empty:
                assistant = self._make()
            yield assistant
            # one that raised is not lent again: whatever state it was in goes with it
            self._idle.put(assistant)
