"""Reading what a generation's fact store holds, for answers: from its SQLite file, or from its copy in PostgreSQL when BUDGET_QA_DATABASE_URL is set.

Statements are written once, in SQLite's words (`?`, `[name]`), and mean the same on both; nothing but SELECT is let through. What the two do differently
is here and in postgres.py: the search for words (FTS5 here; there the same formula, written out) and how long a statement may take.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from ingest.engines import database_url


class Rows(Protocol):
    """What a statement found, as DB-API cursors give it."""

    description: Any

    def fetchmany(self, most: int) -> list[Any]: ...

    def fetchone(self) -> Any: ...

    def fetchall(self) -> list[Any]: ...

    def __iter__(self) -> Iterator[Any]: ...


class Engine(Protocol):
    """One engine's way to the facts of a generation."""

    def execute(self, sql: str, values: Sequence[Any], seconds: float) -> Rows:
        """A SELECT, ended when it takes longer than so many seconds."""

    def ranked(self, words: Sequence[str], documents: Sequence[str] | None, limit: int) -> list[int]:
        """Ids of the passages of these documents (None: all) that share most with the words, by BM25, best first."""

    def close(self) -> None: ...


class Reads:
    """Read-only statements on the facts kept at `path` (INDEX/generations/NAME/facts.sqlite). Raises BadEngine where PostgreSQL has no copy of them.

    `from_file` reads the file whatever is set.
    """

    def __init__(self, path: Path, *, from_file: bool = False) -> None:
        self._engine: Engine = _postgres(path.parent.name) if database_url() and not from_file else _Sqlite(path)

    def execute(self, sql: str, values: Sequence[Any] = (), seconds: float = float("inf")) -> Rows:
        """The rows of a statement, ended with an exception when it takes longer than so many seconds."""
        return self._engine.execute(sql, values, seconds)

    def query(self, sql: str, values: Sequence[Any] = ()) -> Iterator[dict[str, Any]]:
        """The same, each row by the names of its columns (sqlite-utils' way)."""
        rows = self.execute(sql, values)
        names = [column[0] for column in rows.description]
        return (dict(zip(names, row, strict=True)) for row in rows)

    def ranked(self, words: Sequence[str], documents: Sequence[str] | None, limit: int) -> list[int]:
        """Ids of the passages of these documents (None: all) that share most with the words, by BM25, best first."""
        return self._engine.ranked(words, documents, limit)

    def close(self) -> None:
        """Closes the file or the connection."""
        self._engine.close()


def _postgres(generation: str) -> Engine:
    from ingest.stores.postgres import Copy  # only where it is used: its driver is an optional extra

    return Copy(generation)


def _only_reads(action: int, what: str | None, *_: Any) -> int:
    allowed = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE)
    # the search for words asks whether the file has changed
    return sqlite3.SQLITE_OK if action in allowed or (action == sqlite3.SQLITE_PRAGMA and what == "data_version") else sqlite3.SQLITE_DENY


class _Sqlite:
    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(f"file:{path}?mode=ro", uri=True, check_same_thread=False)
        with suppress(sqlite3.OperationalError):
            # the search for words declares its table when it is first used, which would be refused after the next line
            self._db.execute("SELECT rowid FROM passages_fts LIMIT 0")
        self._db.set_authorizer(_only_reads)
        self._deadline = float("inf")
        self._db.set_progress_handler(lambda: time.monotonic() > self._deadline, 100_000)

    def execute(self, sql: str, values: Sequence[Any], seconds: float) -> Rows:
        self._deadline = time.monotonic() + seconds
        return self._db.execute(sql, values)

    def ranked(self, words: Sequence[str], documents: Sequence[str] | None, limit: int) -> list[int]:
        match = " OR ".join(f'"{word}"' for word in words)
        inside = f"AND p.document IN ({', '.join('?' for _ in documents)})" if documents is not None else ""
        sql = f"SELECT f.rowid FROM passages_fts f JOIN passages p ON p.id = f.rowid WHERE passages_fts MATCH ? {inside} ORDER BY rank LIMIT {limit}"
        return [row[0] for row in self.execute(sql, [match, *(documents or ())], float("inf"))]

    def close(self) -> None:
        self._db.close()
