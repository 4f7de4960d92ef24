"""Generations copied to PostgreSQL, one schema each, and read from there. The only door to the driver (pg8000, an optional extra).

An ingest builds its generation in SQLite as ever, and copies it here before it is put in force: the same tables, columns, keys and indexes, in the schema
budget_qa_NAME. So readers of one generation never see half of another, and the one before stays as long as its folder does. Words are searched in
passage_words (word, passage, times, length), by FTS5's own formula. The table public.budget_qa_generations says which schema is whose.
"""

from __future__ import annotations

import io
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from ingest.engines import DATABASE, BadEngine, database_url
from ingest.stores.reads import Rows

READER = "budget_qa_reader"  # a role with this name, where there is one, may read every copy, and nothing else
_REGISTRY = "CREATE TABLE IF NOT EXISTS public.budget_qa_generations (schema text PRIMARY KEY, folder text NOT NULL)"
_AT_ONCE = 5000  # rows sent in one go
_K1, _B = 1.2, 0.75  # FTS5's constants
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": ""})  # NUL alone cannot be kept


def _connect() -> Any:
    try:
        from pg8000 import dbapi
    except ImportError as error:
        raise BadEngine(f"设置了 {DATABASE}，但没有安装 PostgreSQL 的驱动，请运行 pip install -r requirements-scale.txt。") from error
    dbapi.paramstyle = "qmark"  # as the statements are written
    url = database_url()
    assert url
    try:
        connection = dbapi.connect(
            unquote(url.username or "postgres"),
            host=url.hostname or "127.0.0.1",
            port=url.port or 5432,
            password=url.password and unquote(url.password),
            database=url.path[1:],
        )
    except Exception as error:
        raise BadEngine(f"无法连接 PostgreSQL（{url.hostname}:{url.port or 5432}），请检查它是否在运行、{DATABASE} 是否正确。") from error
    connection.autocommit = True
    return connection


def _schema(generation: str) -> str:
    return f"budget_qa_{re.sub(r'[^0-9a-z]', '_', generation)}"


# Copying


def publish(facts: Path) -> None:
    """Copies the generation whose fact store is at `facts` (FOLDER/facts.sqlite), where a database is set; a copy that is there is replaced. Raises BadEngine."""
    if not database_url():
        return
    schema = _schema(facts.parent.name)
    with closing(_connect()) as connection, closing(sqlite3.connect(f"file:{facts}?mode=ro", uri=True)) as db:
        cursor = connection.cursor()
        cursor.execute(_REGISTRY)
        connection.autocommit = False  # all of it or nothing
        cursor.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
        cursor.execute(f"CREATE SCHEMA {schema}")
        cursor.execute(f"SET LOCAL search_path = {schema}")
        for table in _tables(db):
            _copy_table(cursor, db, table)
        _copy_words(cursor, db)
        cursor.execute("INSERT INTO public.budget_qa_generations VALUES (?, ?) ON CONFLICT (schema) DO UPDATE SET folder = excluded.folder",
                       (schema, str(facts.parent.resolve())))  # fmt: skip
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = ?", (READER,))
        if cursor.fetchone():
            cursor.execute(f"GRANT USAGE ON SCHEMA {schema} TO {READER}")
            cursor.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {READER}")
        connection.commit()
        connection.autocommit = True
        cursor.execute(f"SET search_path = {schema}")
        cursor.execute("ANALYZE")


def drop_old_copies(folder: Path) -> None:
    """Deletes the copies of this index's generations that are no longer on the disk; `folder` is the one in force."""
    if not database_url():
        return
    with closing(_connect()) as connection:
        cursor = connection.cursor()
        cursor.execute(_REGISTRY)
        cursor.execute("SELECT schema, folder FROM public.budget_qa_generations")
        for schema, kept_for in cursor.fetchall():
            if Path(kept_for).parent == folder.resolve().parent and not Path(kept_for).exists():
                cursor.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
                cursor.execute("DELETE FROM public.budget_qa_generations WHERE schema = ?", (schema,))


def _tables(db: sqlite3.Connection) -> list[str]:
    """The store's own tables, without those that FTS5 makes for itself."""
    rows = db.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'passages_fts%' ORDER BY name"
    )
    return [name for (name,) in rows]


def _copy_table(cursor: Any, db: sqlite3.Connection, table: str) -> None:
    columns = db.execute(f"PRAGMA table_info([{table}])").fetchall()
    # collated by code point, as SQLite does
    kinds = ["bigint" if kind == "INTEGER" else "double precision" if kind in ("FLOAT", "REAL") else 'text COLLATE "C"' for _, _, kind, *_ in columns]
    names = [f'"{name}"' for _, name, *_ in columns]
    keys = [f'"{name}"' for _, name, _, _, _, place in sorted(columns, key=lambda column: column[5]) if place]
    key = f", PRIMARY KEY ({', '.join(keys)})" if keys else ""
    cursor.execute(f'CREATE TABLE "{table}" ({", ".join(f"{name} {kind}" for name, kind in zip(names, kinds, strict=True))}{key})')
    _fill(cursor, table, db.execute(f"SELECT {', '.join(names)} FROM [{table}]"))
    for _, index, unique, origin, _ in db.execute(f"PRAGMA index_list([{table}])").fetchall():
        of = [f'"{name}"' for _, _, name in db.execute(f"PRAGMA index_info([{index}])")]
        if origin == "c":
            cursor.execute(f'CREATE {"UNIQUE " if unique else ""}INDEX ON "{table}" ({", ".join(of)})')


def _copy_words(cursor: Any, db: sqlite3.Connection) -> None:
    cursor.execute('CREATE TABLE passage_words (word text COLLATE "C" NOT NULL, passage bigint NOT NULL, times int NOT NULL, length int NOT NULL)')

    def rows() -> Iterator[tuple[Any, ...]]:
        for passage, text in db.execute("SELECT rowid, tokens FROM passages_fts"):
            words = text.split()
            yield from ((word, passage, times, len(words)) for word, times in Counter(words).items())

    _fill(cursor, "passage_words", rows())
    cursor.execute("CREATE INDEX ON passage_words (word) INCLUDE (passage, times, length)")
    totals = db.execute("SELECT COUNT(*), COALESCE(SUM(LENGTH(tokens) - LENGTH(REPLACE(tokens, ' ', '')) + (tokens != '')), 0) FROM passages_fts")
    cursor.execute("CREATE TABLE passage_totals AS SELECT ?::bigint AS passages, ?::bigint AS words", totals.fetchone())


def _fill(cursor: Any, table: str, rows: Iterable[Sequence[Any]]) -> None:
    lines: list[str] = []

    def send() -> None:
        cursor.execute(f'COPY "{table}" FROM STDIN', stream=io.BytesIO("".join(lines).encode()))
        lines.clear()

    for row in rows:
        lines.append("\t".join("\\N" if value is None else str(value).translate(_ESCAPES) for value in row) + "\n")
        if len(lines) >= _AT_ONCE:
            send()
    if lines:
        send()


# Reading


class Copy:
    """One generation's copy, read only: an Engine of `Reads`."""

    def __init__(self, generation: str) -> None:
        schema = _schema(generation)
        self._connection = _connect()
        self._cursor = self._connection.cursor()
        self._cursor.execute("SELECT 1 FROM information_schema.schemata WHERE schema_name = ?", (schema,))
        if not self._cursor.fetchone():
            self.close()
            raise BadEngine(f"PostgreSQL 里没有索引的这一版（{generation}），请设置好 {DATABASE} 以后运行 python -m ingest --rebuild 重建索引。")
        self._cursor.execute(f"SET search_path = {schema}")
        self._cursor.execute("SET default_transaction_read_only = on")
        self._limit = 0

    def execute(self, sql: str, values: Sequence[Any], seconds: float) -> Rows:
        """A SELECT, ended when it takes longer than so many seconds."""
        if (limit := 0 if seconds == float("inf") else max(1, int(seconds * 1000))) != self._limit:
            self._cursor.execute(f"SET statement_timeout = {limit}")
            self._limit = limit
        rows = self._connection.cursor()
        rows.execute(translated(sql), tuple(values))
        return rows

    def ranked(self, words: Sequence[str], documents: Sequence[str] | None, limit: int) -> list[int]:
        """Ids of the passages of these documents (None: all) that share most with the words, by BM25, best first."""
        asked = Counter(words)  # a word asked for twice counts twice
        if not asked or (documents is not None and not documents):
            return []
        wanted = ", ".join("(?, ?::int)" for _ in asked)
        inside = f"JOIN passages p ON p.id = h.passage AND p.document IN ({', '.join('?' for _ in documents)})" if documents is not None else ""
        sql = f"""
            WITH asked (word, again) AS (VALUES {wanted}),
            hits AS (SELECT w.word, w.passage, w.times::float8 AS times, w.length::float8 AS length, a.again FROM passage_words w JOIN asked a ON a.word = w.word),
            weights AS (
                SELECT h.word, GREATEST(LN((t.passages - COUNT(*) + 0.5) / (COUNT(*) + 0.5)), 0.000001)::float8 AS weight
                FROM hits h, passage_totals t GROUP BY h.word, t.passages)
            SELECT h.passage
            FROM hits h JOIN weights USING (word) CROSS JOIN passage_totals t {inside}
            GROUP BY h.passage
            ORDER BY SUM(again * weight * times * {_K1 + 1} / (times + {_K1} * ({1 - _B} + {_B} * length / (t.words::float8 / t.passages)))) DESC, h.passage
            LIMIT {limit}"""
        values = [value for pair in asked.items() for value in pair]
        return [row[0] for row in self.execute(sql, [*values, *(documents or ())], float("inf"))]

    def close(self) -> None:
        """Closes the connection."""
        with suppress(Exception):
            self._connection.close()


_ORDER = re.compile(r"(ORDER BY )(.+?)(?=\s+LIMIT\b|\)|$)", re.S)


def translated(sql: str) -> str:
    """A SELECT of ours in PostgreSQL's words: names in double quotes, an empty list, and NULL first, as SQLite sorts it.

    >>> translated("SELECT [key] FROM tables WHERE document IN () ORDER BY year DESC, [index]")
    'SELECT "key" FROM tables WHERE document IN (NULL) ORDER BY year DESC NULLS LAST, "index" NULLS FIRST'
    """
    sql = re.sub(r"\[(\w+)\]", r'"\1"', sql).replace("IN ()", "IN (NULL)")
    if "passage_words" in sql:
        return sql
    return _ORDER.sub(lambda m: m[1] + ", ".join(f"{item} NULLS {'LAST' if item.endswith(' DESC') else 'FIRST'}" for item in m[2].split(", ")), sql)
