"""Tables that lost their cells (raw PDF text) -> rows, by the known columns of the form."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.records import Block, Problem, Table


def raw_tables(blocks: Sequence[Block], used: set[int]) -> list[tuple[Table, frozenset[int], list[Problem]]]:
    """Every such table with the blocks it covers and what was not understood in it."""
    return []
