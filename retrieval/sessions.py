"""Dialogues, kept in SQLite so that they survive a restart; each belongs to its unguessable id and expires."""

from __future__ import annotations

import json
import re
import time
import uuid
from dataclasses import asdict, fields
from pathlib import Path

from ingest.live import open_live
from retrieval.plans import Context

LIFETIME_SECONDS = 7 * 24 * 3600


class Sessions:
    """Reads and writes the Context of each session id in `path`."""

    def __init__(self, path: Path, lifetime: int = LIFETIME_SECONDS) -> None:
        self._lifetime = lifetime
        self._db = open_live(path, "CREATE TABLE IF NOT EXISTS sessions (id TEXT PRIMARY KEY, updated REAL NOT NULL, context TEXT NOT NULL)")
        with self._db:
            self._db.execute("DELETE FROM sessions WHERE updated < ?", [time.time() - lifetime])

    def open(self, session_id: str | None) -> tuple[str, Context]:
        """The session's id and context. An unknown or expired id starts an empty dialogue under that id; without one a fresh id is drawn."""
        if session_id:
            row = self._db.execute(
                "SELECT context FROM sessions WHERE id = ? AND updated >= ?", [session_id, time.time() - self._lifetime]
            ).fetchone()
            if row:
                data = json.loads(row[0])
                known = {f.name for f in fields(Context)}  # a dialogue kept by another version may remember other things
                return session_id, Context(**{k: tuple(v) if isinstance(v, list) else v for k, v in data.items() if k in known})
            if re.fullmatch(r"[\w-]{1,64}", session_id):
                return session_id, Context()
        return uuid.uuid4().hex, Context()

    def keep(self, session_id: str, context: Context) -> None:
        """Remember the context for the next question of this session."""
        with self._db:
            self._db.execute(
                "INSERT OR REPLACE INTO sessions VALUES (?, ?, ?)", [session_id, time.time(), json.dumps(asdict(context), ensure_ascii=False)]
            )

    def close(self) -> None:
        """Close the file."""
        self._db.close()
