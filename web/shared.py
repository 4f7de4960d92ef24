"""What the processes of a server must know of each other, in INDEX/shared.sqlite: who asked how often, jobs, counters.

Nothing in it is worth a backup: it says what happened in the last minutes, and jobs that ended.
"""

from __future__ import annotations

import json
import math
import os
import socket
import time
from pathlib import Path
from threading import Lock
from typing import Any

from ingest.live import open_live

FILE = "shared.sqlite"
KEPT_JOBS = 200
_DAY_S = 86_400
_SCHEMA = """
CREATE TABLE IF NOT EXISTS hits (name TEXT NOT NULL, at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS hits_name ON hits (name, at);
CREATE INDEX IF NOT EXISTS hits_at ON hits (at);
CREATE TABLE IF NOT EXISTS jobs (id TEXT PRIMARY KEY, number INTEGER NOT NULL, owner TEXT NOT NULL, data TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS counts (run TEXT NOT NULL, worker INTEGER NOT NULL, at REAL NOT NULL, data TEXT NOT NULL, PRIMARY KEY (run, worker));
"""


class Shared:
    """Reads and writes the file at `path`; safe to use from several threads and processes."""

    def __init__(self, path: Path) -> None:
        self._lock = Lock()
        self._db = open_live(path, _SCHEMA)
        with self._db:
            self._db.execute("DELETE FROM counts WHERE at < ?", [time.time() - _DAY_S])

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._db.close()

    # How often somebody did something

    def hit(self, name: str, limit: int, window_s: float) -> int:
        """Counts one and returns 0; with `limit` of them within the window counts nothing and returns the seconds to wait."""
        with self._lock, self._db:
            # taken for writing at once, so that no other process counts between the look and the note
            self._db.execute("BEGIN IMMEDIATE")
            if wait := self._wait(name, limit, window_s):
                return wait
            self._db.execute("DELETE FROM hits WHERE name = ? AND at <= ?", [name, time.time() - window_s])
            self._db.execute("INSERT INTO hits VALUES (?, ?)", [name, time.time()])
            # visitors who do not come again: a few at a time
            self._db.execute("DELETE FROM hits WHERE rowid IN (SELECT rowid FROM hits WHERE at < ? LIMIT 20)", [time.time() - 3600])
        return 0

    def wait(self, name: str, limit: int, window_s: float) -> int:
        """The seconds to wait before the next one; 0: none."""
        with self._lock:
            return self._wait(name, limit, window_s)

    def _wait(self, name: str, limit: int, window_s: float) -> int:
        now = time.time()
        found = self._db.execute("SELECT at FROM hits WHERE name = ? AND at > ? ORDER BY at", [name, now - window_s]).fetchall()
        # the one that has to fall out of the window before there are fewer than `limit`
        return max(1, math.ceil(found[len(found) - limit][0] + window_s - now)) if limit and len(found) >= limit else 0

    # Jobs

    def keep_job(self, id: str, data: dict[str, Any]) -> None:
        """Writes down a job as it stands now; the newest are kept."""
        with self._lock, self._db:
            self._db.execute(
                "INSERT INTO jobs VALUES (?, (SELECT COALESCE(MAX(number), 0) + 1 FROM jobs), ?, ?) ON CONFLICT (id) DO UPDATE SET data = excluded.data",
                [id, _process(), json.dumps(data, ensure_ascii=False)],
            )
            self._db.execute("DELETE FROM jobs WHERE number <= (SELECT MAX(number) FROM jobs) - ?", [KEPT_JOBS])

    def job(self, id: str) -> tuple[dict[str, Any], bool] | None:
        """A job as it was written down, and whether the process that has it is still there; None when there is no such job."""
        with self._lock:
            row = self._db.execute("SELECT data, owner FROM jobs WHERE id = ?", [id]).fetchone()
        return (json.loads(row[0]), _lives(row[1])) if row else None

    # Counters

    def keep_counts(self, run: str, worker: int, data: dict[str, Any]) -> None:
        """What this worker of this run of the server has counted since it started."""
        with self._lock, self._db:
            self._db.execute("INSERT OR REPLACE INTO counts VALUES (?, ?, ?, ?)", [run, worker, time.time(), json.dumps(data)])

    def counts(self, run: str) -> dict[int, dict[str, Any]]:
        """What every worker of this run has counted, by its number."""
        with self._lock:
            return {number: json.loads(data) for number, data in self._db.execute("SELECT worker, data FROM counts WHERE run = ?", [run])}


def _process() -> str:
    """This process, told from a later one of the same number by its start."""
    return f"{socket.gethostname()} {os.getpid()} {_started(os.getpid())}"


def _lives(process: str) -> bool:
    host, number, started = process.rsplit(" ", 2)
    return host != socket.gethostname() or _started(int(number)) == started


def _started(process: int) -> str:
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[19]
    except FileNotFoundError:
        return "gone"
