"""A server over the sample index: as an in-process client, and (for Chromium) as a running process on a free port."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.web.chromium import ARGUMENTS, CHROMIUM, Server, Site, Visit, site
from tests.web.sample import ScriptedAssistant, client_of, make_index
from web.server import build_app
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


@pytest.fixture(scope="session")
def chromium() -> Iterator[object]:
    """Debian's Chromium, started once."""
    playwright = pytest.importorskip("playwright.sync_api")
    if CHROMIUM is None:
        pytest.skip("needs Chromium")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def portal() -> Iterator[Site]:
    with site() as portal:
        yield portal


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, portal: Site) -> Iterator[Server]:
    """The page and the interface over the sample index; the portal may embed it."""
    index = make_index(tmp_path_factory.mktemp("browser") / "index")
    settings = Settings(index=index, portals=(f"http://127.0.0.1:{portal.server_port}",))
    server = Server(build_app(settings, ScriptedAssistant()))
    yield server
    server.stop()


@pytest.fixture
def visit(chromium, server: Server) -> Iterator[Visit]:
    visit = Visit(chromium, server.url)
    yield visit
    visit.context.close()
