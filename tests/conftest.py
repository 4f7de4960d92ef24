"""The sample papers, read once: what every test that asks real questions stands on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from ingest.pipeline import find_sources, ingest
from retrieval.assistant import Assistant

ROOT = Path(__file__).parents[1]
PAPERS = ROOT / "data" / "documents"
TODAY = date(2024, 6, 1)  # 去年 is 2023, whenever the tests run


@pytest.fixture(scope="session")
def sample_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of data/documents. Tests only read it (asking writes its dialogues)."""
    index = tmp_path_factory.mktemp("sample") / "index"
    report = ingest(find_sources([PAPERS]), index)
    assert [(o.name, o.detail) for o in report.failed] == []
    return index


@pytest.fixture(scope="session")
def sample_assistant(sample_index: Path) -> Iterator[Assistant]:
    """One assistant over the sample papers; the tests of one process ask it one after the other."""
    yield Assistant(sample_index, today=lambda: TODAY)
