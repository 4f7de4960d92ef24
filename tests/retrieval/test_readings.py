"""From a query to the figures that answer it: told apart by year and 口径, merged where the paper prints one figure twice."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from ingest import generations
from ingest.records import Stage
from retrieval.assistant import Assistant
from retrieval.evidence import facts
from retrieval.evidence.facts import FactReader, own_name
from retrieval.evidence.readings import resolve
from retrieval.plans import Query
from retrieval.vocabulary import Mention, concepts


@pytest.fixture(scope="module")
def reader(sample_index: Path) -> Iterator[FactReader]:
    reader = FactReader(generations.current(sample_index) / generations.FACTS)
    yield reader
    reader.close()


def query(reader: FactReader, concept: str, department: str = "扶贫", **more: object) -> Query:
    found = next(c for c in concepts() if c.name == concept)
    documents = tuple(p.id for p in reader.papers if department in p.department)
    return Query(documents, (Mention(found.say[0], found),), **more)  # type: ignore[arg-type]


def figures(reader: FactReader, wanted: Query) -> set[tuple[int | None, str | None, str, str]]:
    return {(r.fact.year, r.fact.stage, r.fact.printed.strip(), r.fact.unit) for r in resolve(reader, wanted).readings}


def test_one_figure(reader: FactReader) -> None:
    assert figures(reader, query(reader, "“三公”经费", year=2021)) == {(2021, "预算", "9", "万元")}
    assert figures(reader, query(reader, "公务接待费", year=2021)) == {(2021, "预算", "5", "万元")}


def test_last_year_s_column_is_last_year_s_figure(reader: FactReader) -> None:
    assert figures(reader, query(reader, "“三公”经费", year=2020)) == {(2020, "预算", "12", "万元")}


def test_the_stage_asked_for(reader: FactReader) -> None:
    final = figures(reader, query(reader, "公务接待费", year=2019, stage=Stage.FINAL))
    assert {(year, stage) for year, stage, _, _ in final} == {(2019, "决算")}
    assert {printed for _, _, printed, _ in final} == {"2.22"}


def test_nothing_is_guessed_from_another_year(reader: FactReader) -> None:
    resolution = resolve(reader, query(reader, "“三公”经费", year=1999))
    assert resolution.readings == ()
    assert {f.year for f in resolution.elsewhere} <= {2019, 2020, 2021}
    assert resolution.elsewhere


def test_no_documents_no_figures(reader: FactReader) -> None:
    resolution = resolve(reader, replace(query(reader, "“三公”经费"), documents=()))
    assert (resolution.readings, resolution.elsewhere, resolution.sql) == ((), (), "")


def test_a_figure_printed_twice_is_one_reading(reader: FactReader) -> None:
    (reading,) = resolve(reader, query(reader, "支出总计", year=2021)).readings
    assert {f.value for f in reading.also} == {reading.fact.value} == {Decimal(209734)}
    assert {f.document for f in reading.also} == {reading.fact.document}


def test_what_was_run_is_shown_with_its_parameters(reader: FactReader) -> None:
    resolution = resolve(reader, query(reader, "“三公”经费", year=2021))
    assert resolution.sql.startswith("SELECT ")
    assert resolution.sql.count("?") == len(resolution.params)


@pytest.mark.parametrize(
    "sql", ["DELETE FROM facts", "DROP TABLE facts", "INSERT INTO names (kind) VALUES ('x')", "ATTACH 'x.db' AS x", "PRAGMA user_version = 9"]
)
def test_the_reader_only_reads(reader: FactReader, sql: str) -> None:
    with pytest.raises(sqlite3.DatabaseError, match=r"not authorized|readonly"):
        reader._db.execute(sql)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (("三公经费", "公务接待费"), ("公务接待费", ("三公经费",))),
        (("公务用车购置及运行维护费", "小计"), ("公务用车购置及运行维护费", ())),
        (("2021年预算数",), ("", ())),
        (("合计",), ("", ())),
        ((), ("", ())),
    ],
)
def test_own_name(path: tuple[str, ...], name: tuple[str, tuple[str, ...]]) -> None:
    assert own_name(path) == name


def test_facts_read_before_are_kept_only_up_to_a_number(reader: FactReader, monkeypatch: pytest.MonkeyPatch) -> None:
    documents = [p.id for p in reader.papers]
    first = reader.facts(documents, kinds=("stated",))
    monkeypatch.setattr(facts, "MOST_KEPT", 50)
    again = reader.facts(documents[:1], kinds=("table",))

    assert first == reader.facts(documents, kinds=("stated",))
    assert again == [f for f in reader.facts(documents[:1]) if f.kind == "table"]
    assert reader._kept_facts == sum(map(len, reader._kept.values())) <= 50


def test_an_index_of_an_earlier_version_names_the_command_that_renews_it(sample_index: Path, tmp_path: Path) -> None:
    shutil.copytree(generations.current(sample_index), folder := tmp_path / "generations" / "old")
    (tmp_path / "CURRENT").write_text("old", encoding="utf-8")
    with closing(sqlite3.connect(folder / generations.FACTS)) as db:
        db.execute("DROP TABLE fact_names")

    with pytest.raises(generations.IndexMissing) as error:
        Assistant(tmp_path)
    assert str(error.value) == f"索引是程序的旧版本建立的：{folder}。请运行 python -m ingest --rebuild --index {tmp_path} 更新。"
