"""Amounts in sentences -> STATED facts: what, how much, for which year, with the sentence."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.records import Block, Fact, Identity, Section


def stated_facts(blocks: Sequence[Block], used: frozenset[int], sections: Sequence[Section], identity: Identity) -> tuple[Fact, ...]:
    """The amounts, changes, rates and counts that the paper's sentences state."""
    return ()
