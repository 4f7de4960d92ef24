"""The fact store: documents, sections, tables, cells, facts, checks, passages and names in one SQLite file, through sqlite-utils.

Amounts are stored as decimal text plus whole 分 (`fen`, NULL when the figure is no money), so that SQL can compare them exactly.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlite_utils

from ingest.amounts import Amount, AmountState, plain, read_amount
from ingest.records import BETWEEN, Check, Fact, FactKind, Figure, Measure, Passage, Place, Reading, Scope, Stage, Table, Turns
from ingest.stores.reads import Reads
from ingest.tokens import tokens
from ingest.wording import key

PLACE = {"line_start": int, "line_end": int, "page": int, "bbox": str, "sheet": str, "cell": str}


class FactStore:
    """One SQLite file. `path` is made with its schema when it does not exist; `readonly` opens an existing one for reading only."""

    def __init__(self, path: Path, *, readonly: bool = False) -> None:
        self.path = path
        if readonly:
            connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, check_same_thread=False)
            self.db = sqlite_utils.Database(connection)
        else:
            self.db = sqlite_utils.Database(sqlite3.connect(path, check_same_thread=False))
            self.db.conn.execute("PRAGMA foreign_keys = ON")
            migrate(self.db)

    @classmethod
    def serving(cls, path: Path) -> FactStore:
        """The store that answers are read from: this file read-only, or its copy in PostgreSQL where one is set."""
        store = cls.__new__(cls)
        store.path, store.db = path, Reads(path)
        return store

    def close(self) -> None:
        """Close the file."""
        (self.db if isinstance(self.db, Reads) else self.db.conn).close()

    # Writing

    def in_private(self) -> None:
        """Write without waiting for the disk at every paper: for a file that nobody reads before it is whole, and that is dropped when it is not."""
        for setting in ("synchronous = OFF", "journal_mode = MEMORY", "cache_size = -65536"):
            self.db.conn.execute(f"PRAGMA {setting}")

    def save(self, reading: Reading, document: str, source: str, ingested_at: str) -> None:
        """Store one reading under the id `document`, replacing what stood there, in one transaction. `source` is where the file came from."""
        with self.db.conn:
            self._delete(document)
            self._save_document(reading, document, source, ingested_at)
            self._insert("sections", (_section(document, s) for s in reading.sections))
            self._insert("tables", (_table(document, t) for t in reading.tables))
            self._insert("cells", (_cell(document, t.index, c) for t in reading.tables for c in t.cells))
            tables = {t.index: t for t in reading.tables}
            facts = [_fact(document, n, f, tables.get(f.table)) for n, f in enumerate(reading.facts)]
            self._insert("facts", facts)
            self._insert("fact_names", (name for row in facts for name in _fact_names(row)))
            self._save_checks(document, reading.checks)
            self._save_passages(document, reading)
            self._save_names(document, reading)

    def remove(self, document: str) -> None:
        """Delete everything of one document."""
        with self.db.conn:
            self._delete(document)

    def _delete(self, document: str) -> None:
        execute = self.db.conn.execute
        used = execute("SELECT name FROM name_uses WHERE document = ?", [document]).fetchall()
        execute("DELETE FROM passages_fts WHERE rowid IN (SELECT id FROM passages WHERE document = ?)", [document])
        for table in ("check_facts", "checks", "fact_names", "facts", "cells", "tables", "sections", "passages", "name_uses"):
            execute(f"DELETE FROM {table} WHERE document = ?", [document])
        execute("DELETE FROM documents WHERE id = ?", [document])
        # Only this paper's names are looked at: going through all of them at each paper would make a large ingest quadratic.
        self.db.conn.executemany("DELETE FROM names WHERE id = ? AND NOT EXISTS (SELECT 1 FROM name_uses WHERE name_uses.name = names.id)", used)

    def _insert(self, table: str, rows: Iterable[dict[str, Any]]) -> None:
        # Plain executemany: sqlite-utils' own insert opens transactions of its own, and one reading must be one transaction.
        rows = list(rows)
        if not rows:
            return
        columns = list(rows[0])
        sql = f"INSERT INTO {table} ({', '.join(f'[{c}]' for c in columns)}) VALUES ({', '.join('?' for _ in columns)})"
        self.db.conn.executemany(sql, [tuple(row[c] for c in columns) for row in rows])

    def _save_document(self, reading: Reading, document: str, source: str, ingested_at: str) -> None:
        identity = reading.identity
        self._insert(
            "documents",
            [
                {
                    "id": document,
                    "name": reading.name,
                    "source": source,
                    "title": identity.title,
                    "department": identity.department,
                    "department_key": key(identity.department),
                    "scope": str(identity.scope),
                    "year": identity.year,
                    "kind": str(identity.kind),
                    "format": reading.loaded.format,
                    "sha256": reading.sha256,
                    "bytes": reading.size,
                    "lines": reading.loaded.lines,
                    "pages": reading.loaded.pages,
                    "blocks": len(reading.loaded.blocks),
                    "problems": _json([{"kind": p.kind, "detail": p.detail, **_place(p.place)} for p in reading.problems]),
                    "ingested_at": ingested_at,
                }
            ],
        )

    def _save_passages(self, document: str, reading: Reading) -> None:
        start = self.db.conn.execute("SELECT COALESCE(MAX(id), 0) + 1 FROM passages").fetchone()[0]
        numbered = list(enumerate(reading.passages, start))
        self._insert("passages", (_passage(document, n, p) for n, p in numbered))
        self._insert("passages_fts", ({"rowid": n, "tokens": tokens(" ".join([*p.path, p.project, p.field, p.text]))} for n, p in numbered))

    def _save_names(self, document: str, reading: Reading) -> None:
        names = {(kind, key(name)): name for kind, name in _names(reading) if key(name)}
        execute = self.db.conn.execute
        for (kind, name_key), name in names.items():
            execute("INSERT OR IGNORE INTO names (kind, [key], name) VALUES (?, ?, ?)", [kind, name_key, name])
        self.db.conn.executemany(
            "INSERT OR IGNORE INTO name_uses (name, document) SELECT id, ? FROM names WHERE kind = ? AND [key] = ?",
            [(document, kind, name_key) for kind, name_key in names],
        )

    # Reading

    def documents(self) -> list[dict[str, Any]]:
        """Every document with its counts of tables, facts, passages and checks held/broken, newest year first."""
        counts = ", ".join(
            f"(SELECT COUNT(*) FROM {table} x WHERE x.document = d.id{more}) AS {name}"
            for table, more, name in (
                ("tables", "", "tables"),
                ("facts", "", "facts"),
                ("passages", "", "passages"),
                ("checks", " AND x.status = 'ok'", "checks_held"),
                ("checks", " AND x.status = 'broken'", "checks_broken"),
            )
        )
        return [_with_json(r, "problems") for r in self.db.query(f"SELECT d.*, {counts} FROM documents d ORDER BY d.year DESC, d.department, d.name")]

    def document(self, document: str) -> dict[str, Any] | None:
        """One document with its sections and tables, or None."""
        found = next(iter(self.db.query("SELECT * FROM documents WHERE id = ?", [document])), None)
        if found is None:
            return None
        row = _with_json(found, "problems")
        row["sections"] = [_with_json(r, "path") for r in self.db.query("SELECT * FROM sections WHERE document = ? ORDER BY number", [document])]
        row["tables"] = [
            _with_json(r, "section", "columns", "notes", "bbox")
            for r in self.db.query("SELECT * FROM tables WHERE document = ? ORDER BY [index]", [document])
        ]
        return row

    def table(self, document: str, index: int) -> dict[str, Any] | None:
        """One table with its cells (row, column, text, role, place), or None."""
        rows = list(self.db.query("SELECT * FROM tables WHERE document = ? AND [index] = ?", [document, index]))
        if not rows:
            return None
        cells = self.db.query("SELECT * FROM cells WHERE document = ? AND [table] = ? ORDER BY [row], [column]", [document, index])
        return {**_with_json(rows[0], "section", "columns", "notes", "bbox"), "cells": [_with_json(c, "bbox") for c in cells]}

    def checks(self, document: str | None = None, status: str | None = None) -> list[dict[str, Any]]:
        """Checks of one document or all, of one status or all, with their facts' ids resolved by `facts_of`."""
        where, values = ["1 = 1"], []
        for column, value in (("document", document), ("status", status)):
            if value is not None:
                where.append(f"{column} = ?")
                values.append(value)
        sql = f"SELECT * FROM checks WHERE {' AND '.join(where)} ORDER BY document, number"
        return [_with_json(r, "facts", "quotes", "others") for r in self.db.query(sql, values)]

    def facts_of(self, document: str, numbers: Iterable[int]) -> list[dict[str, Any]]:
        """Facts of one document by their numbers in the reading, in the order asked."""
        numbers = list(numbers)
        marks = ", ".join("?" for _ in numbers)
        found = {r["number"]: r for r in self.db.query(f"SELECT * FROM facts WHERE document = ? AND number IN ({marks})", [document, *numbers])}
        return [_with_json(found[n], "rows", "columns", "section", "bbox", "turns") for n in numbers if n in found]

    def facts(self, document: str) -> Iterator[dict[str, Any]]:
        """All facts of one document in reading order."""
        for row in self.db.query("SELECT * FROM facts WHERE document = ? ORDER BY number", [document]):
            yield _with_json(row, "rows", "columns", "section", "bbox")

    def papers(self) -> dict[tuple[str, str, str, int], list[str]]:
        """The documents by whose paper they are: (department in comparison form, kind, scope, year) -> ids; only where all of it is known."""
        found: dict[tuple[str, str, str, int], list[str]] = {}
        sql = "SELECT id, department_key, kind, scope, year FROM documents WHERE department_key != '' AND year IS NOT NULL ORDER BY id"
        for row in self.db.query(sql):
            found.setdefault((row["department_key"], row["kind"], row["scope"], row["year"]), []).append(row["id"])
        return found

    def figures(self, document: str, years: Iterable[int]) -> list[Figure]:
        """The amounts and changes of these years in the tables and sentences of a document."""
        years = list(years)
        sql = (
            f"SELECT * FROM facts WHERE document = ? AND kind IN ('{FactKind.TABLE}', '{FactKind.STATED}') "
            f"AND measure IN ('{Measure.AMOUNT}', '{Measure.CHANGE}') AND value IS NOT NULL AND year IN ({', '.join('?' for _ in years)}) ORDER BY number"
        )
        return [_figure(row) for row in self.db.query(sql, [document, *years])]

    def save_between(self, checks: Mapping[str, Sequence[Check]]) -> None:
        """Replace the checks between papers of these (later) documents, after the checks that their own readings gave."""
        with self.db.conn as connection:
            for document, found in checks.items():
                of_document = "document = ? AND kind = ?"
                connection.execute(
                    f"DELETE FROM check_facts WHERE document = ? AND [check] IN (SELECT number FROM checks WHERE {of_document})", [document, document, BETWEEN]
                )
                connection.execute(f"DELETE FROM checks WHERE {of_document}", [document, BETWEEN])
                own = connection.execute("SELECT COALESCE(MAX(number), -1) + 1 FROM checks WHERE document = ?", [document]).fetchone()[0]
                self._save_checks(document, found, own)

    def _save_checks(self, document: str, checks: Iterable[Check], first: int = 0) -> None:
        numbered = list(enumerate(checks, first))
        self._insert("checks", (_check(document, n, c) for n, c in numbered))
        self._insert("check_facts", ({"document": document, "check": n, "fact": f} for n, c in numbered for f in dict.fromkeys(c.facts)))

    def ranked(self, words: Sequence[str], documents: Sequence[str] | None, limit: int) -> list[int]:
        """Ids of the passages of these documents (None: all) that share most with the words, by BM25, best first."""
        reads = self.db if isinstance(self.db, Reads) else Reads(self.path, from_file=True)
        return reads.ranked(words, documents, limit)

    def count_words(self) -> None:
        """Count anew in how many passages each word stands: a search must weigh words without going through all their passages."""
        with self.db.conn as connection:
            _count_words(connection)

    def inventory(self) -> list[dict[str, Any]]:
        """id, name, source and content hash of every document: what an ingest compares files with."""
        return list(self.db.query("SELECT id, name, source, sha256 FROM documents ORDER BY name"))

    def passages(self, document: str) -> list[dict[str, Any]]:
        """The passages of one document with their ids, in reading order."""
        return [_with_json(r, "path", "bbox") for r in self.db.query("SELECT * FROM passages WHERE document = ? ORDER BY id", [document])]


# Rows


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _with_json(row: dict[str, Any], *columns: str) -> dict[str, Any]:
    return {**row, **{c: json.loads(row[c]) if row.get(c) else None for c in columns}}  # an index of an earlier schema lacks the later columns


def _place(place: Place) -> dict[str, Any]:
    return {
        "line_start": place.line_start,
        "line_end": place.line_end,
        "page": place.page,
        "bbox": _json(place.bbox) if place.bbox else None,
        "sheet": place.sheet,
        "cell": place.cell,
    }


def _turns(turns: Turns) -> str | None:
    """As `retrieval.records.page_turns` reads them."""
    return _json([[at, place.page, place.bbox] for at, place in turns]) if turns else None


def _section(document: str, section: Any) -> dict[str, Any]:
    return {
        "document": document,
        "number": section.number,
        "level": section.level,
        "title": section.title,
        "path": _json(section.path),
        **_place(section.place),
    }


def _table(document: str, table: Table) -> dict[str, Any]:
    return {
        "document": document,
        "index": table.index,
        "number": table.number,
        "title": table.title,
        "key": key(table.title),
        "form": table.form,
        "unit": table.unit,
        "organisation": table.organisation,
        "section": _json(table.section),
        "columns": _json({str(k): v for k, v in table.columns.items()}),
        "notes": _json(table.notes),
        "empty": int(table.empty),
        "doubtful": table.doubtful,
        **_place(table.place),
    }


def _cell(document: str, table: int, cell: Any) -> dict[str, Any]:
    return {"document": document, "table": table, "row": cell.row, "column": cell.column, "text": cell.text, "role": cell.role, **_place(cell.place)}


def _path_key(path: Iterable[str]) -> str:
    return "/".join(key(p) for p in path)


def _fact(document: str, number: int, fact: Fact, table: Table | None) -> dict[str, Any]:
    amount = fact.amount
    return {
        "document": document,
        "number": number,
        "kind": str(fact.kind),
        "measure": str(fact.measure),
        "state": str(amount.state),
        "value": None if amount.value is None else plain(amount.value),
        "fen": amount.fen,
        "unit": amount.unit,
        "operator": amount.operator,
        "printed": amount.printed,
        "rows": _json(fact.rows),
        "columns": _json(fact.columns),
        "row_key": key(fact.rows[-1]) if fact.rows else "",
        "rows_key": _path_key(fact.rows),
        "column_key": key(fact.columns[-1]) if fact.columns else "",
        "columns_key": _path_key(fact.columns),
        "organisation": fact.organisation,
        "organisation_key": key(fact.organisation),
        "scope": str(fact.scope),
        "year": fact.year,
        "stage": None if fact.stage is None else str(fact.stage),
        "side": None if fact.side is None else str(fact.side),
        "code": fact.code,
        "project": fact.project,
        "project_key": key(fact.project),
        "section": _json(fact.section),
        "table_index": fact.table,
        "table_label": table.label if table else "",
        "table_key": key(table.title) if table else "",
        "form": table.form if table else "",
        "row": fact.row,
        "column": fact.column,
        "part_of": int(fact.part_of),
        "doubtful": fact.doubtful or (table.doubtful if table else ""),
        "quote": fact.quote,
        **_place(fact.place),
        "turns": _turns(fact.turns),
    }


def _fact_names(row: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The names under which a stored fact is looked up; `own` tells those of the fact itself from those of the levels above it."""
    own = dict.fromkeys(filter(None, (row["row_key"], row["column_key"], row["project_key"], row["table_key"], row["code"])), 1)
    above = dict.fromkeys(filter(None, (*row["rows_key"].split("/"), *row["columns_key"].split("/"))), 0)
    for name, is_own in {**above, **own}.items():
        yield {"document": row["document"], "key": name, "fact": row["number"], "own": is_own}


def _figure(row: dict[str, Any]) -> Figure:
    """A stored amount back as a fact: its meaning and place of printing, not its cell."""
    value, printed = Decimal(row["value"]), read_amount(row["printed"]).value
    if printed is not None:  # stored without the zeros after the point, which say how exact the print is
        value = value.quantize(Decimal(1).scaleb(min(0, int(printed.as_tuple().exponent))))
    amount = Amount(row["printed"], AmountState(row["state"]), value, row["unit"], row["operator"])
    fact = Fact(
        kind=FactKind(row["kind"]),
        amount=amount,
        measure=Measure(row["measure"]),
        rows=tuple(json.loads(row["rows"])),
        columns=tuple(json.loads(row["columns"])),
        organisation=row["organisation"],
        scope=Scope(row["scope"]),
        year=row["year"],
        stage=Stage(row["stage"]) if row["stage"] else None,
        place=Place(row["line_start"], row["line_end"], row["page"]),
        quote=row["quote"],
    )
    return Figure(row["document"], row["number"], fact, row["form"], row["table_label"])


def _check(document: str, number: int, check: Check) -> dict[str, Any]:
    return {
        "document": document,
        "number": number,
        "kind": check.kind,
        "status": str(check.status),
        "detail": check.detail,
        "expected": check.expected,
        "found": check.found,
        "facts": _json(check.facts),
        "quotes": _json([{"text": q.text, **_place(q.place)} for q in check.quotes]),
        "others": _json(check.others),
    }


def _passage(document: str, number: int, passage: Passage) -> dict[str, Any]:
    return {
        "id": number,
        "document": document,
        "text": passage.text,
        "path": _json(passage.path),
        "project": passage.project,
        "field": passage.field,
        **_place(passage.place),
        "turns": _turns(passage.turns),
    }


def _names(reading: Reading) -> Iterator[tuple[str, str]]:
    """(kind, name) of everything a question can name in this paper."""
    yield "department", reading.identity.department
    for table in reading.tables:
        yield "table", table.title
        yield "organisation", table.organisation
    for fact in reading.facts:
        if fact.kind is FactKind.MENTIONED:
            continue
        yield "organisation", fact.organisation
        if fact.project:
            yield "project", fact.project
        kind = "indicator" if fact.kind is FactKind.INDICATOR else "row"
        for name in fact.rows if kind == "row" else fact.rows[-1:]:
            yield kind, name
        for name in fact.columns:
            yield ("field" if fact.kind is FactKind.FIELD else "column"), name
        if fact.code:
            yield "code", fact.code


# Schema: numbered, one-step migrations. Never edit one that has shipped; add the next.


def _first_schema(db: sqlite_utils.Database) -> None:
    def create(name: str, columns: dict[str, Any], pk: Any, keys: bool = True) -> None:
        db[name].create(columns, pk=pk, foreign_keys=[("document", "documents", "id")] if keys else None)

    text = ("id", "name", "source", "title", "department", "department_key", "scope", "kind", "format", "sha256", "problems", "ingested_at")
    create("documents", dict.fromkeys(text, str) | dict.fromkeys(("year", "bytes", "lines", "pages", "blocks"), int), "id", keys=False)
    create("sections", {"document": str, "number": int, "level": int, "title": str, "path": str} | PLACE, ("document", "number"))
    create(
        "tables",
        {"document": str, "index": int}
        | dict.fromkeys(("number", "title", "key", "form", "unit", "organisation", "section", "columns", "notes"), str)
        | {"empty": int, "doubtful": str}
        | PLACE,
        ("document", "index"),
    )
    # PLACE brings a column named cell (a workbook's address), so the cell's words stand in `text`.
    create(
        "cells", {"document": str, "table": int, "row": int, "column": int, "text": str, "role": str} | PLACE, ("document", "table", "row", "column")
    )
    fact_text = [
        "kind",
        "measure",
        "state",
        "value",
        "unit",
        "operator",
        "printed",
        "rows",
        "columns",
        "row_key",
        "rows_key",
        "column_key",
        "columns_key",
        "organisation",
        "organisation_key",
        "scope",
        "stage",
        "side",
        "code",
        "project",
        "project_key",
        "section",
        "table_label",
        "table_key",
        "form",
        "doubtful",
        "quote",
    ]
    create(
        "facts",
        {"document": str, "number": int}
        | dict.fromkeys(fact_text, str)
        | dict.fromkeys(("fen", "year", "table_index", "row", "column", "part_of"), int)
        | PLACE,
        ("document", "number"),
    )
    create(
        "checks",
        {"document": str, "number": int, "kind": str, "status": str, "detail": str, "expected": str, "found": str, "facts": str},
        ("document", "number"),
    )
    create("check_facts", {"document": str, "check": int, "fact": int}, ("document", "fact", "check"))
    create("passages", {"id": int, "document": str, "text": str, "path": str, "project": str, "field": str} | PLACE, "id")
    create("names", {"id": int, "kind": str, "key": str, "name": str}, "id", keys=False)
    create("name_uses", {"name": int, "document": str}, ("name", "document"))
    db["names"].create_index(["kind", "key"], unique=True)
    db["names"].create_index(["key"])
    for columns in (
        ["document", "row_key"],
        ["document", "column_key"],
        ["document", "project_key"],
        ["document", "code"],
        ["row_key"],
        ["project_key"],
    ):
        db["facts"].create_index(columns)
    db["name_uses"].create_index(["document"])
    db["passages"].create_index(["document"])
    # The text is tokenised before it comes here (jieba words and character bigrams), so FTS5 only splits at blanks.
    db.conn.execute("CREATE VIRTUAL TABLE passages_fts USING fts5(tokens, tokenize=\"unicode61 tokenchars '.%()-'\")")


def _what_checks_point_to(db: sqlite_utils.Database) -> None:
    """Checks may quote words of the paper, and figures of another paper."""
    db["checks"].add_column("quotes", str)
    db["checks"].add_column("others", str)


def _page_turns(db: sqlite_utils.Database) -> None:
    """Quotes that run over pages say where each page begins."""
    db["facts"].add_column("turns", str)
    db["passages"].add_column("turns", str)


def _words_counted(db: sqlite_utils.Database) -> None:
    """In how many passages each word of passages_fts stands, and how often; the word '' counts all passages and all words."""
    db.conn.execute("CREATE TABLE words (word TEXT PRIMARY KEY, passages INTEGER, times INTEGER) WITHOUT ROWID")
    _count_words(db.conn)


def _count_words(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM words")
    connection.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.vocabulary USING fts5vocab(main, passages_fts, row)")
    connection.execute("INSERT INTO words SELECT term, doc, cnt FROM temp.vocabulary")
    connection.execute("INSERT INTO words SELECT '', (SELECT COUNT(*) FROM passages), COALESCE(SUM(times), 0) FROM words")


def _facts_by_name(db: sqlite_utils.Database) -> None:
    """The facts by every name they carry, on whatever level: a look-up reads what carries a name, not all facts of a paper. Takes the place of indexes."""
    db.conn.execute(
        "CREATE TABLE fact_names (document TEXT REFERENCES documents(id), [key] TEXT, fact INTEGER, own INTEGER, PRIMARY KEY (document, [key], fact)) WITHOUT ROWID"
    )
    columns = ("document", "number", "row_key", "rows_key", "column_key", "columns_key", "project_key", "table_key", "code")
    facts = db.conn.execute(f"SELECT {', '.join(columns)} FROM facts")
    names = (name for values in facts for name in _fact_names(dict(zip(columns, values, strict=True))))
    db.conn.executemany("INSERT INTO fact_names VALUES (:document, :key, :fact, :own)", names)
    for index in ("document_row_key", "document_column_key", "document_project_key", "document_code", "row_key", "project_key"):
        db.conn.execute(f"DROP INDEX IF EXISTS idx_facts_{index}")


MIGRATIONS: tuple[Callable[[sqlite_utils.Database], None], ...] = (_first_schema, _what_checks_point_to, _page_turns, _words_counted, _facts_by_name)


def migrate(db: sqlite_utils.Database) -> None:
    """Bring the file to the newest schema, one numbered step at a time."""
    done = db.conn.execute("PRAGMA user_version").fetchone()[0]
    for number, step in enumerate(MIGRATIONS[done:], done + 1):
        with db.conn:
            step(db)
            db.conn.execute(f"PRAGMA user_version = {number}")
