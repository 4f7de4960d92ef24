"""Helpers of the reader's tests: a page of text -> tables and facts, and facts as lines that a reader can check by eye."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from ingest.facts import read_facts
from ingest.identity import identify
from ingest.loaders.text import load_text
from ingest.outline import outline
from ingest.prose import stated_facts
from ingest.records import Check, Fact, Identity, PaperKind, Table

SHARED = Path(__file__).parents[3] / "shared" / "documents"
PAGES = Path(__file__).parents[1] / "documents" / "tables"
GOLDEN = Path(__file__).parents[1] / "golden"
needs_papers = pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/documents is not here")


@dataclass(frozen=True)
class Paper:
    """Everything read from one paper."""

    identity: Identity
    tables: tuple[Table, ...]
    facts: tuple[Fact, ...]
    stated: tuple[Fact, ...]
    checks: tuple[Check, ...]


def read(path: Path, identity: Identity | None = None) -> Paper:
    from ingest.checks import check
    from ingest.tables import find_tables

    blocks = load_text(path).blocks
    identity = identity or identify(blocks)
    sections = outline(blocks)
    tables, _, used = find_tables(blocks, sections, identity)
    facts, _ = read_facts(tables, identity)
    stated = stated_facts(blocks, used, sections, identity)
    return Paper(identity, tables, facts, stated, check(blocks, tables, facts + stated, identity))


def read_text(tmp_path: Path, text: str, kind: PaperKind = PaperKind.BUDGET) -> Paper:
    """A page written in the test itself, read as a paper of 示例市档案局 for 2024."""
    path = tmp_path / "page.txt"
    path.write_text(text, "utf-8")
    return read(path, Identity("示例", "示例市档案局", 2024, kind))


def shared(words: str) -> Path:
    """The one shared paper whose name holds these words."""
    return next(p for p in sorted(SHARED.glob("*.txt")) if words in p.name)


def short(fact: Fact) -> str:
    """Row path, column path and print of a fact."""
    return f"{'/'.join(fact.rows)} | {'/'.join(fact.columns)} | {fact.amount.printed}"


def whole(fact: Fact) -> str:
    """A fact as a line of a golden file: every part of its meaning."""
    parts = ("/".join(fact.rows), "/".join(fact.columns), fact.scope.value, str(fact.year), fact.stage.value if fact.stage else "")
    return "\t".join((*parts, fact.side.value if fact.side else "", fact.code, fact.amount.unit, fact.amount.printed))
