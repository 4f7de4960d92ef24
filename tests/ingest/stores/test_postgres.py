"""The same answers from SQLite and from PostgreSQL: Debian's server on loopback, filled by an ingest."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ingest.engines import DATABASE, BadEngine, database_url
from ingest.generations import FACTS, current
from ingest.pipeline import find_sources, ingest, remove
from ingest.stores.facts import FactStore
from ingest.stores.postgres import READER
from ingest.stores.reads import Reads
from retrieval.assistant import Assistant
from tests import postgres
from tests.conftest import PAPERS, ROOT, TODAY
from web.library import Library

dbapi = pytest.importorskip("pg8000.dbapi", reason="needs pg8000 (requirements-scale.txt)")
pytestmark = pytest.mark.skipif(bool(postgres.MISSING), reason=postgres.MISSING)
TURNS = [json.loads(line)["turns"] for line in (ROOT / "eval" / "cases" / "sample.jsonl").read_text(encoding="utf-8").splitlines() if line.strip()]
WORDS = ("公务 接待费 公务 务接 接待 待费", "三公 经费", "主要 职责", "2021 年度 年度", "没有 这个 词语", "5 万元")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with postgres.running() as address:
        yield address


@pytest.fixture(scope="module")
def index(address: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The sample papers in both."""
    index = tmp_path_factory.mktemp("postgres") / "index"
    with pytest.MonkeyPatch.context() as set_to:
        set_to.setenv(DATABASE, address)
        sql(address, f"CREATE ROLE {READER}", "CREATE ROLE web LOGIN", f"GRANT {READER} TO web")
        ingest(find_sources([PAPERS]), index)
        yield index


@pytest.fixture
def served(index: Path, address: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Read from PostgreSQL, by a role that may read only."""
    monkeypatch.setenv(DATABASE, address.replace("postgres@", "web@"))
    return index


@contextmanager
def only_there(index: Path) -> Iterator[None]:
    """Within the block the file cannot be what is read."""
    file = current(index) / FACTS
    kept = file.read_bytes()
    file.write_bytes(b"no database")
    try:
        yield
    finally:
        file.write_bytes(kept)


def sql(address: str, *statements: str) -> list:
    url = database_url(address)
    connection = dbapi.connect(url.username, host=url.hostname, port=url.port, database=url.path[1:])
    connection.autocommit = True
    cursor = connection.cursor()
    for statement in statements:
        cursor.execute(statement)
    rows = cursor.fetchall() if cursor.description else []
    connection.close()
    return rows


def answers(index: Path) -> list[dict]:
    assistant = Assistant(index, today=lambda: TODAY)
    found = []
    for turns in TURNS:
        session = None
        for turn in turns:
            answer = assistant.ask(turn, session)
            session = answer.session_id
        found.append({**answer.as_json(), "session_id": "", "elapsed_ms": 0})
    return found


def test_every_answer_is_the_same(served: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with only_there(served):
        from_postgres = answers(served)
    monkeypatch.delenv(DATABASE)
    from_files = answers(served)
    assert len(from_postgres) > 100
    assert [pair for pair in zip(from_postgres, from_files, strict=True) if pair[0] != pair[1]] == []


def test_words_are_ranked_as_fts5_ranks_them(served: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def ranks() -> list[list[int]]:
        reads = Reads(current(served) / FACTS)
        papers = [row["id"] for row in reads.query("SELECT id FROM documents ORDER BY name")]
        return [reads.ranked(words.split(), documents, 60) for words in WORDS for documents in (None, papers[:2], [])]

    with only_there(served):
        from_postgres = ranks()
    monkeypatch.delenv(DATABASE)
    assert len(from_postgres[0]) > len(from_postgres[1]) > 5 and from_postgres[2] == []
    assert from_postgres == ranks()


def test_the_library_shows_the_same(served: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def shown() -> list[object]:
        library = Library(served)
        papers = library.documents()
        return [
            papers,
            library.checks(None, None, 0, 1000),
            *(library.document(p["id"]) for p in papers),
            library.table(papers[0]["id"], 0),
            library.stamp(papers[0]["id"]),
        ]

    with only_there(served):
        from_postgres = shown()
    monkeypatch.delenv(DATABASE)
    assert from_postgres == shown()


def test_it_can_only_be_read_and_not_for_long(served: Path, address: str) -> None:
    reads = Reads(current(served) / FACTS)
    for statement in ("DELETE FROM facts", "CREATE TABLE x (y int)", "UPDATE facts SET value = '1'"):
        with pytest.raises(dbapi.DatabaseError, match=r"25006|42501"):  # a read-only transaction, or no right
            reads.execute(statement)
    with pytest.raises(dbapi.DatabaseError, match="57014"):
        reads.execute("SELECT pg_sleep(5)", seconds=0.2)
    assert reads.execute("SELECT COUNT(*) FROM facts").fetchone()[0] > 1000
    # whatever a session of the role sets for itself, it has no right to write
    with pytest.raises(dbapi.DatabaseError, match="42501"):
        sql(address.replace("postgres@", "web@"), "SET default_transaction_read_only = off", f"DELETE FROM budget_qa_{current(served).name}.facts")


def test_values_stay_values(served: Path) -> None:
    reads = Reads(current(served) / FACTS)
    evil = "'; DROP TABLE facts; --"
    assert list(reads.query("SELECT * FROM documents WHERE id = ?", [evil])) == []
    assert reads.ranked([evil, "接待"], [evil], 5) == []
    assert reads.execute("SELECT COUNT(*) FROM facts").fetchone()[0] > 1000


def test_versions_come_and_go_with_those_on_the_disk(index: Path, address: str, tmp_path: Path) -> None:
    def versions() -> set[str]:
        return {row[0] for row in sql(address, "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'budget_qa_%'")}

    def on_disk() -> set[str]:
        return {f"budget_qa_{folder.name}" for folder in (index / "generations").iterdir()}

    assert versions() == on_disk() and len(versions()) == 1
    paper = tmp_path / "水务.txt"
    paper.write_text("甲市水务局2031年部门预算\n单位：万元\n项目\t金额\n公务接待费\t41\n", encoding="utf-8")
    assistant = Assistant(index)
    ingest(find_sources([paper]), index)
    assert versions() == on_disk() and len(versions()) == 2
    assert assistant.ask("2031年水务局公务接待费多少").values[0].value == "41"
    remove([paper.name], index)
    assert versions() == on_disk() and len(versions()) == 1
    assert assistant.ask("2031年水务局公务接待费多少").status == "refused"
    assert sql(address, "SELECT COUNT(*) FROM public.budget_qa_generations")[0][0] == 1


def test_a_database_that_is_not_there_or_empty_is_said(index: Path, address: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = current(index)
    monkeypatch.setenv(DATABASE, "postgresql://web:secret@127.0.0.1:9/budget")
    paper = tmp_path / "a.txt"
    paper.write_text("甲市乙局2031年部门预算\n公务接待费41万元。\n", encoding="utf-8")
    with pytest.raises(BadEngine, match="无法连接 PostgreSQL") as said:
        ingest(find_sources([paper]), index)
    assert "secret" not in str(said.value) and current(index) == before  # nothing is put in force that the readers could not read
    with pytest.raises(BadEngine):
        Assistant(index).ask("2021年扶贫办三公经费多少")
    monkeypatch.setenv(DATABASE, address)
    sql(address, f"DROP SCHEMA budget_qa_{before.name} CASCADE")
    with pytest.raises(BadEngine, match="--rebuild"):
        FactStore.serving(before / FACTS)


def test_the_tests_of_the_assistant_pass_over_it(address: str) -> None:
    suite = "tests/retrieval/test_assistant.py"
    command = [sys.executable, "-m", "pytest", suite, "-q", "-p", "no:cacheprovider"]
    result = subprocess.run(command, cwd=ROOT, env={**os.environ, DATABASE: address}, capture_output=True, text=True, timeout=600)
    assert result.returncode == 0, result.stdout[-3000:]
