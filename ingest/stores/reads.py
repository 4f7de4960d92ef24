"""Reading what a generation's fact store holds, for answers: from its SQLite file, or from its copy in PostgreSQL when BUDGET_QA_DATABASE_URL is set.

Statements are written once, in SQLite's words (`?`, `[name]`), and mean the same on both; nothing but SELECT is let through. What the two do differently
is here and in postgres.py: the search for words (FTS5 here; there the same formula, written out) and how long a statement may take.
"""

from __future__ import annotations

import math
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from ingest.engines import database_url

FEW = 64  # papers whose passages are weighed one by one
LARGE, COMMON = 20_000, 2_000  # passages: from this size of a collection on, words are left out that more passages than that hold
K1, B = 1.2, 0.75  # of BM25, as FTS5 has them


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
        self._counted = bool(self._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'words'").fetchone())  # not in an index of an earlier schema
        self._cut = lru_cache(maxsize=256)(self._words_of)
        self._db.set_authorizer(_only_reads)
        self._deadline = float("inf")
        self._db.set_progress_handler(lambda: time.monotonic() > self._deadline, 100_000)

    def execute(self, sql: str, values: Sequence[Any], seconds: float) -> Rows:
        self._deadline = time.monotonic() + seconds
        return self._db.execute(sql, values)

    def ranked(self, words: Sequence[str], documents: Sequence[str] | None, limit: int) -> list[int]:
        weights = self._weights(words)
        if weights and documents is not None and len(documents) <= FEW:
            return self._weighed(words, documents, weights, limit)
        if weights and weights[""][0] > LARGE:  # what stands in thousands of passages tells them apart by nothing, and takes long to rank
            rare = [word for word in words if weights.get(word, (0, 0))[0] <= COMMON]
            words = rare or sorted(words, key=lambda word: weights[word][0])[:3]
        match = " OR ".join(f'"{word}"' for word in words)
        inside = f"AND p.document IN ({', '.join('?' for _ in documents)})" if documents is not None else ""
        sql = f"SELECT f.rowid FROM passages_fts f JOIN passages p ON p.id = f.rowid WHERE passages_fts MATCH ? {inside} ORDER BY rank LIMIT {limit}"
        return [row[0] for row in self.execute(sql, [match, *(documents or ())], float("inf"))]

    def _weights(self, words: Sequence[str]) -> dict[str, tuple[int, int]]:
        """(passages that hold it, times) of each word, and of all under ''; empty for an index whose words were never counted."""
        if not self._counted:
            return {}
        asked = ["", *dict.fromkeys(words)]
        sql = f"SELECT word, passages, times FROM words WHERE word IN ({', '.join('?' for _ in asked)})"
        found = {word: (passages, times) for word, passages, times in self.execute(sql, asked, float("inf"))}
        return found if found.get("", (0, 0))[1] else {}

    def _weighed(self, words: Sequence[str], documents: Sequence[str], weights: Mapping[str, tuple[int, int]], limit: int) -> list[int]:
        """BM25 as FTS5 reckons it, over the passages of a few papers only: FTS5 goes through all passages that hold a word, however few papers are asked for."""
        total, times = weights[""]
        known = [(word, max(math.log((total - weights[word][0] + 0.5) / (weights[word][0] + 0.5)), 1e-6)) for word in words if word in weights]
        scores: dict[int, float] = {}
        for document in documents:
            for passage, length, counts in self._cut(document):
                normal = K1 * (1 - B + B * length * total / times)
                score = sum(weight * count * (K1 + 1) / (count + normal) for word, weight in known if (count := counts.get(word)))
                if score:
                    scores[passage] = score
        return sorted(scores, key=lambda passage: (-scores[passage], passage))[:limit]

    def _words_of(self, document: str) -> tuple[tuple[int, int, Mapping[str, int]], ...]:
        """(id, number of words, how often each) of the passages of a document."""
        sql = "SELECT p.id, f.tokens FROM passages p JOIN passages_fts f ON f.rowid = p.id WHERE p.document = ? ORDER BY p.id"
        cut = ((passage, text.split()) for passage, text in self.execute(sql, [document], float("inf")))
        return tuple((passage, len(words), Counter(words)) for passage, words in cut)

    def close(self) -> None:
        self._db.close()
