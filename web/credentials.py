"""What lets programs and people in, kept in INDEX/access.sqlite: API keys, one-time login tokens and sessions.

Each secret is 256 random bits, shown once and kept as its SHA-256 only: guessing is hopeless whatever the hash's speed, and the file alone
opens nothing. The file stays out of backups, so that restoring one brings no revoked key back to life.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from ingest.live import open_live

FILE = "access.sqlite"
# what a key may do: ask questions; read papers, tables and checks; change papers and read the audit trail; sign people on for a portal
SCOPES = ("ask", "read", "admin", "login")
_DAY_S = 86_400
_SCHEMA = """
CREATE TABLE IF NOT EXISTS keys (id TEXT PRIMARY KEY, name TEXT NOT NULL, hash TEXT NOT NULL, scopes TEXT NOT NULL,
    created REAL NOT NULL, expires REAL NOT NULL, revoked REAL);
CREATE TABLE IF NOT EXISTS tokens (hash TEXT PRIMARY KEY, user TEXT NOT NULL, expires REAL NOT NULL);
CREATE TABLE IF NOT EXISTS sessions (hash TEXT PRIMARY KEY, user TEXT NOT NULL, expires REAL NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Key:
    """An API key as it is listed, without its secret; times are seconds since the epoch."""

    id: str
    name: str
    scopes: tuple[str, ...]
    created: float
    expires: float
    revoked: float | None

    def usable(self) -> bool:
        """Neither revoked nor expired."""
        return self.revoked is None and self.expires > time.time()


class Credentials:
    """Reads and writes the file at `path`, which the server's workers and the command `python -m web` share; safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        self._lock = Lock()
        self._db = open_live(path, _SCHEMA, private=True)
        with self._db:
            for table in ("tokens", "sessions"):
                self._db.execute(f"DELETE FROM {table} WHERE expires < ?", [time.time()])

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._db.close()

    def add_key(self, name: str, scopes: tuple[str, ...], days: int) -> tuple[Key, str]:
        """A new key with these scopes for so many days, and the text that is sent with requests: it cannot be had again."""
        now = time.time()
        key, secret = Key(secrets.token_hex(4), name, scopes, now, now + days * _DAY_S, None), secrets.token_urlsafe(32)
        with self._lock, self._db:
            values = [key.id, name, _hash(secret), " ".join(scopes), key.created, key.expires]
            self._db.execute("INSERT INTO keys VALUES (?, ?, ?, ?, ?, ?, NULL)", values)
        return key, f"bqa_{key.id}_{secret}"

    def listed(self) -> list[Key]:
        """Every key, the oldest first, those no longer good too."""
        with self._lock:
            rows = self._db.execute("SELECT id, name, scopes, created, expires, revoked FROM keys ORDER BY created").fetchall()
        return [_key(*row) for row in rows]

    def revoke_key(self, id: str) -> bool:
        """Ends a key at once; False when there is none with this id that is still in force."""
        with self._lock, self._db:
            return self._db.execute("UPDATE keys SET revoked = ? WHERE id = ? AND revoked IS NULL", [time.time(), id]).rowcount == 1

    def key_of(self, text: str) -> Key | None:
        """The usable key that `text` is, or None."""
        prefix, _, rest = text.partition("_")
        id, _, secret = rest.partition("_")
        if prefix != "bqa" or not secret:
            return None
        with self._lock:
            row = self._db.execute("SELECT hash, id, name, scopes, created, expires, revoked FROM keys WHERE id = ?", [id]).fetchone()
        if row is None or not hmac.compare_digest(row[0], _hash(secret)):
            return None
        key = _key(*row[1:])
        return key if key.usable() else None

    def add_token(self, user: str, seconds: float) -> str:
        """A token with which `user` can sign on once, within so many seconds."""
        return self._add("tokens", user, seconds)

    def take_token(self, token: str) -> str | None:
        """The user the token was made for, or None; the token is used up."""
        with self._lock, self._db:
            row = self._db.execute("DELETE FROM tokens WHERE hash = ? RETURNING user, expires", [_hash(token)]).fetchone()
        return row[0] if row and row[1] > time.time() else None

    def open_session(self, user: str, seconds: float) -> str:
        """A session of `user`: the text the browser keeps."""
        return self._add("sessions", user, seconds)

    def user_of(self, session: str) -> str | None:
        """The user of a session that has not ended, or None."""
        with self._lock:
            row = self._db.execute("SELECT user, expires FROM sessions WHERE hash = ?", [_hash(session)]).fetchone()
        return row[0] if row and row[1] > time.time() else None

    def close_session(self, session: str) -> None:
        """Ends a session."""
        with self._lock, self._db:
            self._db.execute("DELETE FROM sessions WHERE hash = ?", [_hash(session)])

    def close_sessions_of(self, user: str) -> None:
        """Ends every session of a user."""
        with self._lock, self._db:
            self._db.execute("DELETE FROM sessions WHERE user = ?", [user])

    def _add(self, table: str, user: str, seconds: float) -> str:
        text = secrets.token_urlsafe(32)
        with self._lock, self._db:
            self._db.execute(f"INSERT INTO {table} VALUES (?, ?, ?)", [_hash(text), user, time.time() + seconds])
        return text


def _key(id: str, name: str, scopes: str, created: float, expires: float, revoked: float | None) -> Key:
    return Key(id, name, tuple(scopes.split()), created, expires, revoked)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
