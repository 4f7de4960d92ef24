"""SQLite files beside the generations that are written while the server runs (dialogues, notes, keys, limits), by several threads and processes at once."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from contextlib import suppress
from pathlib import Path

BUSY_S = 10.0  # how long a writer waits for another one: each writes for less than a millisecond


def open_live(path: Path, schema: str, *, private: bool = False) -> sqlite3.Connection:
    """A connection to the file, made with this schema (CREATE … IF NOT EXISTS) where it is not there; `private`: only its owner may read it.

    Readers are never held up by a writer (write-ahead log), writers wait for each other. Not waiting for the disk at each commit (4 ms): a power cut
    may lose the last notes, never the file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # Only one process at a time makes a file and switches it to the log: SQLite does not wait for that by itself
    with (path.parent / "LIVE").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if private:
            # before SQLite would make it readable for others; never opened when it is there: closing it would end SQLite's own locks
            with suppress(FileExistsError):
                os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))
        db = sqlite3.connect(path, check_same_thread=False, timeout=BUSY_S)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.executescript(schema)
    return db
