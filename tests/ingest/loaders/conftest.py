"""What the loader tests share."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ingest.records import BlockKind, Loaded
from tests.ingest.made_pdf import Pages


@pytest.fixture
def pages() -> type[Pages]:
    """The PDF writer."""
    return Pages


@pytest.fixture
def texts() -> Callable[[Loaded], list[str]]:
    """Blocks as one word each and their text: “row 收入 |  | 支出 | ”."""
    return lambda loaded: [f"{b.kind} {b.text}" for b in loaded.blocks if b.kind is not BlockKind.BREAK]
