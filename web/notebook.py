"""What visitors leave behind, in INDEX/web.sqlite: feedback on answers and the audit trail (who, when, what was asked and cited, how long).

Answers themselves are not kept. Entries older than the retention are dropped at the start of the server.
"""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any

from ingest.live import open_live

_SCHEMA = """
CREATE TABLE IF NOT EXISTS feedback (id INTEGER PRIMARY KEY, at TEXT NOT NULL, visitor TEXT NOT NULL, session TEXT NOT NULL,
    question TEXT NOT NULL, rating TEXT NOT NULL, reason TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS asked (id INTEGER PRIMARY KEY, at TEXT NOT NULL, visitor TEXT NOT NULL, session TEXT NOT NULL,
    question TEXT NOT NULL, status TEXT NOT NULL, route TEXT NOT NULL, cited TEXT NOT NULL, elapsed_ms REAL NOT NULL);
CREATE INDEX IF NOT EXISTS asked_session ON asked (session);
"""
_RETENTION = timedelta(days=180)


class Notebook:
    """Appends to and reads the file at `path`; safe to use from several threads and processes."""

    def __init__(self, path: Path) -> None:
        self._lock = Lock()
        self._db = open_live(path, _SCHEMA)
        self._db.row_factory = sqlite3.Row
        oldest = (datetime.now(UTC) - _RETENTION).isoformat(timespec="seconds")
        with self._db:
            for table in ("feedback", "asked"):
                self._db.execute(f"DELETE FROM {table} WHERE at < ?", [oldest])

    def close(self) -> None:
        """Writes out what is pending and closes the file."""
        with self._lock:
            self._db.close()

    def note_feedback(self, visitor: str, session: str, question: str, rating: str, reason: str) -> None:
        """One 👍/👎 (rating up or down) with its reason. It replaces what this visitor said of the same answer before: a mind changed, or a
        click that arrives twice (Gradio sends a chosen reason two times)."""
        # one transaction: the two clicks are handled at the same time
        with self._lock, self._db:
            self._db.execute("DELETE FROM feedback WHERE visitor = ? AND session = ? AND question = ?", [visitor, session, question])
            self._insert("feedback", visitor=visitor, session=session, question=question, rating=rating, reason=reason)

    def note_question(self, visitor: str, question: str, answer: dict[str, Any]) -> None:
        """One question with how it was answered (`answer` is the contract's object) and which places it cited."""
        places = [{"document": c["document_id"], "line": c["line_start"], "page": c["page"], "cell": c["cell"]} for c in answer["citations"]]
        with self._lock, self._db:
            self._insert(
                "asked",
                visitor=visitor,
                session=answer["session_id"],
                question=question,
                status=answer["status"],
                route=answer["route"],
                cited=json.dumps(places, ensure_ascii=False),
                elapsed_ms=answer["elapsed_ms"],
            )

    def owner(self, session: str) -> str | None:
        """The visitor who began the dialogue; None when nobody did, or too long ago."""
        with self._lock:
            row = self._db.execute("SELECT visitor FROM asked WHERE session = ? ORDER BY id LIMIT 1", [session]).fetchone()
        return row["visitor"] if row else None

    def feedback(self, limit: int = 200, offset: int = 0) -> list[dict[str, Any]]:
        """The newest feedback first."""
        return self._rows("feedback", limit, offset)

    def asked(self, limit: int = 200, offset: int = 0) -> list[dict[str, Any]]:
        """The newest questions first."""
        return self._rows("asked", limit, offset)

    def _rows(self, table: str, limit: int, offset: int) -> list[dict[str, Any]]:
        with self._lock:
            return [dict(row) for row in self._db.execute(f"SELECT * FROM {table} ORDER BY id DESC LIMIT ? OFFSET ?", [limit, offset])]

    def _insert(self, table: str, **values: Any) -> None:
        values["at"] = datetime.now(UTC).isoformat(timespec="seconds")
        sql = f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join('?' for _ in values)})"
        self._db.execute(sql, list(values.values()))
