"""Tables of random shape are read back exactly: row path, column path, code, organisation, year, unit and print of every figure.

TABLE_EXAMPLES=5000 searches longer.
"""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.facts import read_facts
from ingest.loaders.text import load_text
from ingest.records import Block, Fact, Identity, PaperKind
from ingest.tables import find_tables
from tests.ingest.made_raw import Raw, by_codes, by_funding, by_panels, by_sides
from tests.ingest.made_tables import (
    DEPARTMENT,
    YEAR,
    Made,
    Page,
    Sides,
    as_grid,
    as_text,
    item_tables,
    meaning,
    pages,
    sides,
    sides_as_grid,
    sides_as_text,
    sides_meaning,
    subject_tables,
    year_tables,
)

EXAMPLES = int(os.environ.get("TABLE_EXAMPLES", "30"))
often = settings(max_examples=EXAMPLES, deadline=None, derandomize=EXAMPLES <= 100, suppress_health_check=list(HealthCheck))
tables_of_rows = pytest.mark.parametrize("tables", [subject_tables(), item_tables(), year_tables()], ids=["subjects", "items", "years"])
ways_to_print_sides = st.builds(Page, cut=st.integers(0, 8), shift=st.integers(0, 1), spaced=st.booleans())


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("made") / "page.txt"


def load(path: Path, text: str) -> tuple[Block, ...]:
    path.write_text(text, encoding="utf-8")
    return load_text(path).blocks


def facts_of(blocks: tuple[Block, ...] | list[Block], kind: PaperKind = PaperKind.BUDGET) -> tuple[Fact, ...]:
    identity = Identity("示例", DEPARTMENT, YEAR, kind)
    return read_facts(find_tables(blocks, (), identity)[0], identity)[0]


def unit_of(fact: Fact) -> str:
    return fact.amount.unit if fact.amount.value is not None else ""


def read(blocks: tuple[Block, ...] | list[Block]) -> list[tuple[str, ...]]:
    return [("/".join(f.rows), "/".join(f.columns), f.code, f.organisation, str(f.year), unit_of(f), f.amount.printed) for f in facts_of(blocks)]


def sides_of(blocks: tuple[Block, ...] | list[Block]) -> list[tuple[str, ...]]:
    return [(f.side or "", "/".join(f.rows), "/".join(f.columns), unit_of(f), f.amount.printed) for f in facts_of(blocks)]


def raw_of(blocks: tuple[Block, ...]) -> list[tuple[str, ...]]:
    return [(f.side or "", "/".join(f.rows), "/".join(f.columns), f.code, f.amount.printed) for f in facts_of(blocks, PaperKind.FINAL)]


@st.composite
def printed(draw: st.DrawFn, tables: st.SearchStrategy[Made]) -> tuple[Made, Page]:
    made = draw(tables)
    return made, draw(pages(made))


@tables_of_rows
def test_a_text_paper(tables: st.SearchStrategy[Made], path: Path) -> None:
    @often
    @given(printed(tables))
    def read_back(case: tuple[Made, Page]) -> None:
        text = as_text(*case)
        assert read(load(path, text)) == meaning(case[0]), text

    read_back()


@tables_of_rows
def test_ruled_cells(tables: st.SearchStrategy[Made]) -> None:
    @often
    @given(printed(tables))
    def read_back(case: tuple[Made, Page]) -> None:
        assert read(as_grid(*case)) == meaning(case[0]), as_text(*case)

    read_back()


def test_two_sides(path: Path) -> None:
    @often
    @given(sides(), ways_to_print_sides)
    def read_back(table: Sides, page: Page) -> None:
        text = sides_as_text(table, page)
        assert sides_of(load(path, text)) == sides_meaning(table), text
        assert sides_of(sides_as_grid(table)) == sides_meaning(table), text

    read_back()


@pytest.mark.parametrize("tables", [by_codes(), by_sides(), by_panels(), by_funding()], ids=["codes", "sides", "panels", "funding"])
def test_raw_text_without_cells(tables: st.SearchStrategy[Raw], path: Path) -> None:
    @often
    @given(tables)
    def read_back(table: Raw) -> None:
        assert raw_of(load(path, table.text)) == list(table.meaning), table.text

    read_back()
