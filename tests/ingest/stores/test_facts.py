"""The fact store: what goes in comes out, one document at a time, all or nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.amounts import read_amount
from ingest.records import (
    Block,
    BlockKind,
    Cell,
    Check,
    CheckStatus,
    Fact,
    FactKind,
    Identity,
    Loaded,
    Measure,
    PaperKind,
    Passage,
    Place,
    Problem,
    Reading,
    Scope,
    Section,
    Stage,
    Table,
)
from ingest.stores.facts import MIGRATIONS, FactStore

PER_DOCUMENT = ("documents", "sections", "tables", "cells", "facts", "checks", "check_facts", "passages", "passages_fts", "name_uses", "names")


def fact(printed: str, row: str, line: int) -> Fact:
    return Fact(
        FactKind.TABLE,
        read_amount(printed, "万元"),
        Measure.AMOUNT,
        ("一、“三公”经费", row),
        ("2021年预算数",),
        "甲市乙局",
        Scope.TOTAL,
        2021,
        Stage.BUDGET,
        Place(line, line),
        f"{row} | {printed}",
        table=0,
        row=line,
        column=1,
    )


def paper(name: str = "甲.txt", words: str = "接待费减少，因为来访减少。") -> Reading:
    """One table of two figures, a sentence, a check and a problem."""
    cells = (Cell(0, 0, "公务接待费", "label", Place(5, 5)), Cell(0, 1, "5", "value", Place(5, 5)))
    return Reading(
        name=name,
        sha256="0" * 64,
        size=100,
        loaded=Loaded("txt", (Block(BlockKind.LINE, "甲市乙局2021年部门预算", Place(1, 1)),), lines=6),
        identity=Identity("甲市乙局2021年部门预算", "甲市乙局", 2021, PaperKind.BUDGET),
        sections=(Section(0, 1, "第一部分", ("第一部分",), Place(2, 2)),),
        tables=(Table(0, "表1", "“三公”经费表", "", "万元", "甲市乙局", ("第一部分",), Place(3, 6), cells, {1: ("2021年预算数",)}),),
        facts=(fact("5", "公务接待费", 5), fact("4.50", "公务用车购置费", 6)),
        passages=(Passage(words, ("第一部分",), Place(4, 4)),),
        checks=(Check("sum", CheckStatus.BROKEN, "5 + 4.5 ≠ 9", "9.5万元", "9万元", (0, 1, 1)),),
        problems=(Problem("doubtful", "有一处看不清。", Place(6, 6)),),
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[FactStore]:
    store = FactStore(tmp_path / "facts.sqlite")
    yield store
    store.close()


def counts(store: FactStore) -> dict[str, int]:
    return {table: store.db.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0] for table in PER_DOCUMENT}


def search(store: FactStore, word: str) -> list[int]:
    return [row[0] for row in store.db.execute("SELECT rowid FROM passages_fts WHERE tokens MATCH ?", [word])]


def test_a_document_with_its_counts(store: FactStore) -> None:
    store.save(paper(), "p1", "/papers/甲.txt", "2026-01-01")

    assert store.documents() == [
        {
            "id": "p1",
            "name": "甲.txt",
            "source": "/papers/甲.txt",
            "title": "甲市乙局2021年部门预算",
            "department": "甲市乙局",
            "department_key": "甲市乙局",
            "scope": "汇总",
            "year": 2021,
            "kind": "预算",
            "format": "txt",
            "sha256": "0" * 64,
            "bytes": 100,
            "lines": 6,
            "pages": None,
            "blocks": 1,
            "problems": [
                {
                    "kind": "doubtful",
                    "detail": "有一处看不清。",
                    "line_start": 6,
                    "line_end": 6,
                    "page": None,
                    "bbox": None,
                    "sheet": None,
                    "cell": None,
                }
            ],
            "ingested_at": "2026-01-01",
            "tables": 1,
            "facts": 2,
            "passages": 1,
            "checks_held": 0,
            "checks_broken": 1,
        }
    ]


def test_a_fact_keeps_its_exact_figure_and_its_place(store: FactStore) -> None:
    store.save(paper(), "p1", "", "")
    row = list(store.facts("p1"))[1]

    wanted = {
        "number": 1,
        "value": "4.5",
        "printed": "4.50",
        "fen": 4_500_000,
        "unit": "万元",
        "state": "number",
        "rows": ["一、“三公”经费", "公务用车购置费"],
        "row_key": "公务用车购置费",
        "rows_key": "三公经费/公务用车购置费",
        "columns_key": "2021年预算数",
        "year": 2021,
        "stage": "预算",
        "table_label": "表1 “三公”经费表",
        "table_key": "三公经费表",
        "quote": "公务用车购置费 | 4.50",
        "line_start": 6,
        "line_end": 6,
        "page": None,
        "bbox": None,
    }
    assert {k: row[k] for k in wanted} == wanted


def test_a_table_with_its_cells(store: FactStore) -> None:
    store.save(paper(), "p1", "", "")
    table = store.table("p1", 0)

    assert (table["number"], table["title"], table["columns"]) == ("表1", "“三公”经费表", {"1": ["2021年预算数"]})
    assert [(c["row"], c["column"], c["text"], c["role"]) for c in table["cells"]] == [(0, 0, "公务接待费", "label"), (0, 1, "5", "value")]
    assert store.table("p1", 1) is None
    assert store.document("nobody") is None


def test_checks_by_document_and_status(store: FactStore) -> None:
    store.save(paper(), "p1", "", "")

    assert [c["detail"] for c in store.checks("p1", "broken")] == ["5 + 4.5 ≠ 9"]
    assert store.checks("p1", "ok") == []
    assert store.checks("p2") == []
    assert [f["printed"] for f in store.facts_of("p1", [1, 0, 7])] == ["4.50", "5"]  # in the order asked; what is not there is left out


def test_removed_completely_and_nothing_else(store: FactStore) -> None:
    store.save(paper("甲.txt"), "p1", "a", "")
    alone = counts(store)
    store.save(replace(paper("乙.txt", "会议费增加。"), tables=()), "p2", "b", "")
    store.remove("p2")

    assert counts(store) == alone
    assert search(store, "会议费") == []
    assert len(search(store, "接待费")) == 1

    store.remove("p1")
    assert counts(store) == dict.fromkeys(PER_DOCUMENT, 0)


def test_saved_again_replaces(store: FactStore) -> None:
    store.save(paper(), "p1", "", "")
    once = counts(store)
    store.save(paper(words="会议费增加。"), "p1", "", "")

    assert counts(store) == once
    assert search(store, "接待费") == []
    assert len(search(store, "会议费")) == 1


def test_a_reading_goes_in_whole_or_not_at_all(store: FactStore) -> None:
    store.save(paper(), "p1", "", "")
    before = counts(store), list(store.facts("p1"))
    bad = paper(words="会议费增加。")
    bad = replace(bad, checks=(*bad.checks, replace(bad.checks[0], detail=object())))  # type: ignore[arg-type]

    with pytest.raises(sqlite3.Error):
        store.save(bad, "p1", "", "")

    assert (counts(store), list(store.facts("p1"))) == before
    assert len(search(store, "接待费")) == 1


def test_names_are_stored_once_and_used_by_each_paper(store: FactStore) -> None:
    store.save(paper(), "p1", "", "")
    store.save(paper(), "p2", "", "")
    rows = store.db.execute("SELECT n.kind, n.key, COUNT(*) FROM names n JOIN name_uses u ON u.name = n.id GROUP BY n.id ORDER BY n.kind, n.key")

    assert list(rows) == [
        ("column", "2021年预算数", 2),
        ("department", "甲市乙局", 2),
        ("organisation", "甲市乙局", 2),
        ("row", "三公经费", 2),
        ("row", "公务接待费", 2),
        ("row", "公务用车购置费", 2),
        ("table", "三公经费表", 2),
    ]


def test_a_reader_cannot_write(tmp_path: Path, store: FactStore) -> None:
    store.save(paper(), "p1", "", "")
    reader = FactStore(store.path, readonly=True)

    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.remove("p1")
    reader.close()


def test_a_fact_is_found_by_every_name_it_carries_its_own_and_those_above(store: FactStore) -> None:
    store.save(paper(), "p1", "", "")
    fact = next(f for f in store.facts("p1") if f["row_key"] == "公务接待费")

    names = store.db.query("SELECT [key], own FROM fact_names WHERE document = 'p1' AND fact = ? ORDER BY own DESC, [key]", [fact["number"]])
    assert [(n["key"], n["own"]) for n in names] == [("2021年预算数", 1), ("三公经费表", 1), ("公务接待费", 1), ("三公经费", 0)]
    store.remove("p1")
    assert store.db.execute("SELECT COUNT(*) FROM fact_names").fetchone()[0] == 0


def test_an_index_of_the_schema_before_gets_its_names(store: FactStore) -> None:
    store.save(paper(), "p1", "", "")
    before = store.db.execute("SELECT * FROM fact_names").fetchall()
    store.db.execute("DROP TABLE fact_names")
    store.db.execute("PRAGMA user_version = 4")
    store.close()
    again = FactStore(store.path)

    assert before and again.db.execute("SELECT * FROM fact_names").fetchall() == before
    again.close()


def test_the_schema_says_its_number_and_is_made_once(tmp_path: Path, store: FactStore) -> None:
    schema = store.db.schema
    store.close()
    again = FactStore(store.path)

    assert again.db.execute("PRAGMA user_version").fetchone()[0] == len(MIGRATIONS)
    assert again.db.schema == schema
    again.close()
