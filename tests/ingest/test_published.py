"""Published papers against figures keyed by somebody who saw only the pages: 27 papers' totals and the cells of 20 pages chosen for their difficulty.

`tests/golden/published/figures.tsv` and `pages/`; each printed figure must come out of its page with its unit and year.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from decimal import Decimal, InvalidOperation
from pathlib import Path

import pytest

from ingest.reading import read_paper
from tests.ingest.papers import GOLDEN, SHARED, needs_papers

KEYED = GOLDEN / "published"
PUBLISHED = SHARED / "published"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def keyed() -> dict[str, list[dict[str, str]]]:
    """What was keyed of each paper, by its file's name."""
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows(KEYED / "figures.tsv"):
        found[row["doc"]].append(row)
    for page in rows(KEYED / "pages" / "index.tsv"):
        found[page["doc"]] += rows(KEYED / "pages" / f"{page['NN']}.tsv")
    return found


def amount(printed: str) -> Decimal | None:
    try:
        return Decimal(printed.replace(",", "").replace(" ", "").rstrip("%"))
    except InvalidOperation:
        return None  # blank, NOT_PRINTED, a target in words


@needs_papers
@pytest.mark.parametrize("paper", sorted(keyed()))
def test_every_keyed_figure_comes_out_of_its_page(paper: str) -> None:
    read = read_paper(PUBLISHED / paper, paper)
    places = {(f.amount.value, f.amount.unit, f.year, f.place.page) for f in read.facts if f.amount.value is not None}
    unpaged = {(value, unit, year, None) for value, unit, year, _ in places}
    wanted = [
        (value, row["unit"], int(row["year"]), int(row["page"]) if row["page"] and read.loaded.pages else None)
        for row in keyed()[paper]
        if (value := amount(row["printed"])) is not None and row["year"].isdigit()
    ]

    assert len(wanted) >= 6
    assert [figure for figure in wanted if figure not in places | unpaged] == []
