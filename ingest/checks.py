"""The accounts' own arithmetic (勾稽关系) evaluated on one paper."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.records import Check, Fact, Identity, Table


def check(tables: Sequence[Table], facts: Sequence[Fact], identity: Identity) -> tuple[Check, ...]:
    """Every identity that the paper's figures allow, held, broken or not checkable."""
    return ()
