"""A server over the sample index: as an in-process client, and (for Chromium) as a running process on a free port."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.web.sample import ScriptedAssistant, client_of, make_index
from web.settings import Settings


@pytest.fixture
def assistant() -> ScriptedAssistant:
    return ScriptedAssistant()


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return make_index(tmp_path / "index")


@pytest.fixture
def client(index: Path, assistant: ScriptedAssistant) -> Iterator[TestClient]:
    with client_of(Settings(index=index), assistant) as client:
        yield client
