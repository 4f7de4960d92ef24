"""Whole made-up papers in every format and setting are read back exactly: row path, column path, code, year, 口径, unit and value of every figure.

PAPERS=300 searches longer; `python -m tests.ingest.test_made_papers 0 300 .docx .pdf` prints what differs.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from ingest.amounts import AmountState
from ingest.facts import read_facts
from ingest.identity import identify
from ingest.loaders import load
from ingest.outline import outline
from ingest.records import Fact
from ingest.tables import find_tables
from ingest.wording import squeeze
from tests.ingest.made_more import more_tables
from tests.ingest.made_papers import Paper, Truth, paper
from tests.ingest.writers import WRITERS

PAPERS = int(os.environ.get("PAPERS", "6"))


def _joined(parts: tuple[str, ...]) -> str:
    return "/".join(map(squeeze, parts))


def meant(truth: Truth) -> tuple:
    """What must be read of a figure."""
    shown = f"{truth.value.normalize():f}" if truth.value else "0"
    return (_joined(truth.rows), _joined(truth.columns), truth.code, truth.year, truth.stage, truth.unit, shown, truth.side or "")


def read(fact: Fact, sided: bool) -> tuple:
    """The same of a fact."""
    value = fact.amount.value
    shown = f"{value.normalize():f}" if value else "0"
    stage = fact.stage.value if fact.stage else ""
    side = (fact.side.value if fact.side else "") if sided else ""
    return (_joined(fact.rows), _joined(fact.columns), fact.code, fact.year, stage, fact.amount.unit, shown, side)


def differences(made: Paper, path: Path) -> list[str]:
    """What the file says other than what was made: one line a table, with the first figures that differ."""
    blocks = load(path).blocks
    identity = identify(blocks)
    tables, _, _ = find_tables(blocks, outline(blocks), identity)
    figures: dict[int | None, list[Fact]] = defaultdict(list)
    for fact in read_facts(tables, identity)[0]:
        if fact.amount.state is AmountState.NUMBER:
            figures[fact.table].append(fact)
    found = []
    if (identity.department, identity.year, identity.kind.value) != (made.department, made.year, "决算" if made.final else "预算"):
        found.append(f"identity: {identity}")
    left = list(tables)
    for table in made.tables:
        want = Counter(map(meant, table.truth))
        here = next((t for t in left if squeeze(table.title) in squeeze(t.title)), None)
        if here is None:
            if want:
                found.append(f"{table.kind} ({table.style}): no table of this title")
            continue
        left.remove(here)
        got = Counter(read(f, any(t.side for t in table.truth)) for f in figures[here.index])
        if want != got:
            lost, more = list((want - got).elements()), list((got - want).elements())
            found.append(f"{table.kind} ({table.style}): {len(lost)} of {want.total()} lost {lost[:2]}, {len(more)} more {more[:2]}")
    found += [f"{t.label}: {len(figures[t.index])} figures of no table" for t in left if figures[t.index]]
    return found


def written(seed: int, suffix: str, folder: Path, more: bool = False) -> tuple[Paper, Path]:
    """The paper of a seed and its file in a format."""
    made, path = paper(seed, False, more_tables) if more else paper(seed), folder / f"paper{seed}{suffix}"
    WRITERS[suffix](made, path, random.Random(f"{seed}{suffix}"))
    return made, path


@pytest.mark.parametrize("suffix", [".docx", ".xlsx", ".xls", ".html", ".pdf"])
def test_every_figure_is_read_back(suffix: str, tmp_path: Path) -> None:
    if suffix == ".xls":
        pytest.importorskip("xlwt")
    for seed in range(PAPERS):
        made, path = written(seed, suffix, tmp_path)
        assert differences(made, path) == [], path.name


@pytest.mark.parametrize("suffix", [".docx", ".xlsx", ".xls", ".html", ".pdf"])
def test_every_figure_of_other_places_forms_is_read_back(suffix: str, tmp_path: Path) -> None:
    if suffix == ".xls":
        pytest.importorskip("xlwt")
    for seed in range(PAPERS):
        made, path = written(seed, suffix, tmp_path, more=True)
        assert differences(made, path) == [], path.name


if __name__ == "__main__":
    more = "more" in sys.argv
    first, last, *suffixes = [a for a in sys.argv[1:] if a != "more"]
    right: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(int(first), int(last)):
            for suffix in suffixes or WRITERS:
                made, path = written(seed, suffix, Path(folder), more)
                wrong = differences(made, path)
                right[suffix] += len(made.tables) - sum(not w.startswith("identity") for w in wrong)
                right[suffix, "all"] += len(made.tables)
                for line in wrong:
                    print(seed, suffix, line, flush=True)
    print({s: f"{n} of {right[s, 'all']}" for s, n in right.items() if isinstance(s, str)})
