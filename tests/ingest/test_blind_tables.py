"""Tables of the five real papers, keyed by somebody who saw only the papers: each cell's line, row, column, print, unit and year.

The keyed paths have one convention (a unit stands under its department, a two-sided table names its side), the facts another (organisation and side
are fields of their own), so the last names are compared, which is what tells one cell of a table from its neighbours.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest

from ingest.records import Fact
from tests.ingest.papers import GOLDEN, Paper, needs_papers, read, shared

pytestmark = [pytest.mark.shared, needs_papers]

PAPERS = {"shifuban2017": "2017_", "fuping2019": "2019_", "fuping2021": "2021_深圳市", "futian2021": "2021_福田", "shenshan2024": "2024_"}
# Figures that print in a row without a name: no fact may be made of them, the receipt lists them as not understood.
NAMELESS = "（空，行次"


@lru_cache
def paper(words: str) -> Paper:
    return read(shared(words))


def flat(text: str) -> str:
    """A name without blanks, marks and the unit note that the reader takes out of a heading (“项目总金额（中期规划，元）”)."""
    return re.sub(r"\(万?元\)$|,万?元(?=\)$)", "", re.sub(r"[\s*“”]", "", unicodedata.normalize("NFKC", text)))


def names(path: str) -> list[str]:
    return [flat(name) for name in path.split(" / ") if name]


def is_cell(fact: Fact, line: int, row: str, column: str, printed: str, unit: str, year: str) -> bool:
    place = fact.place
    if flat(fact.amount.printed) != flat(printed) or not place.line_start or not place.line_start - 1 <= line <= (place.line_end or 0) + 1:
        return False
    asked, asked_column = names(row), names(column)
    if asked and fact.year and asked[-1].rstrip("年") == str(fact.year):
        asked.pop()  # the year rows of a 三公 table
    own = {flat(name) for name in (*fact.rows[-1:], fact.organisation, fact.project)}
    over = {flat(name) for name in (*fact.columns[-2:],)} or {asked_column[-1]}
    unit_fits = not unit or flat(fact.amount.unit).startswith(flat(unit)) or not fact.amount.unit  # 亿 is read as 亿元
    # A heading cut off by the page (政府投资项目 for 政府投资项目拨款) may be keyed shorter than it is read.
    column_fits = any(name.startswith(asked_column[-1]) or asked_column[-1].startswith(name) for name in over)
    return (not asked or asked[-1] in own) and column_fits and unit_fits and (not year or year == str(fact.year))


def keyed(path: Path) -> Iterator[list[str]]:
    for text in path.read_text("utf-8").splitlines():
        if text and not text.startswith("#"):
            yield (text.split("\t") + [""] * 7)[:7]


@pytest.mark.parametrize("path", sorted((GOLDEN / "blind").glob("*.tsv")), ids=lambda path: path.stem)
def test_every_keyed_cell_is_a_fact(path: Path) -> None:
    facts = paper(PAPERS[path.stem.split("_")[0]]).facts
    cells = [(int(line), row, column, printed, unit, year) for line, row, _, column, printed, unit, year in keyed(path)]
    assert [cell for cell in cells if not cell[1].startswith(NAMELESS) and not any(is_cell(fact, *cell) for fact in facts)] == []
