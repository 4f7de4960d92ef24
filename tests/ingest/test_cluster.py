"""Papers read by Dask workers on loopback: the same index as read here; a worker that dies takes no file along."""

from __future__ import annotations

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ingest.engines import DASK, BadEngine, dask_url
from ingest.generations import FACTS, current
from ingest.pipeline import find_sources, ingest
from tests.conftest import PAPERS, ROOT

pytest.importorskip("distributed", reason="needs Dask (requirements-scale.txt)")


@pytest.fixture(scope="module")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[subprocess.Popen]]]:
    """The scheduler's address and two workers with one place each."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder, address = tmp_path_factory.mktemp("dask"), f"tcp://127.0.0.1:{port}"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))}

    def start(*arguments: str) -> subprocess.Popen:
        command = [sys.executable, "-m", "distributed.cli.dask_" + arguments[0], *arguments[1:], "--no-dashboard"]
        return subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    scheduler = start("scheduler", "--host", "127.0.0.1", "--port", str(port))
    until = time.monotonic() + 60
    while socket.socket().connect_ex(("127.0.0.1", port)):
        assert time.monotonic() < until and scheduler.poll() is None
        time.sleep(0.1)
    started = [start("worker", address, "--nthreads", "1", "--no-nanny", "--host", "127.0.0.1") for _ in range(2)]
    yield address, started
    for process in (*started, scheduler):
        process.kill()
        process.wait()


def facts(index: Path) -> list[tuple]:
    with closing(sqlite3.connect(current(index) / FACTS)) as db:
        return [*db.execute("SELECT * FROM facts ORDER BY document, number"), *db.execute("SELECT * FROM checks ORDER BY document, number")]


def test_the_index_is_the_same_as_read_here(workers, tmp_path: Path, sample_index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(DASK, workers[0])
    empty = tmp_path / "空.pdf"
    empty.write_bytes(b"%PDF-1.4 nothing")
    report = ingest(find_sources([PAPERS, empty]), tmp_path / "index")
    assert [(o.name, bool(re.search("[\u4e00-\u9fff]", o.detail))) for o in report.failed] == [(empty.name, True)]
    assert len(facts(sample_index)) > 1000 and facts(tmp_path / "index") == facts(sample_index)


def test_a_worker_that_dies_takes_no_file_along(workers, tmp_path: Path, sample_index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last of this file but for the messages: one of the workers is gone."""
    monkeypatch.setenv(DASK, workers[0])
    threading.Timer(0.7, lambda: workers[1][0].send_signal(signal.SIGKILL)).start()
    report = ingest(find_sources([PAPERS]), tmp_path / "index")
    assert report.failed == () and facts(tmp_path / "index") == facts(sample_index)


def test_a_scheduler_that_is_not_there_is_said_and_nothing_is_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.cluster._PATIENCE_S", 1)
    monkeypatch.setenv(DASK, "tcp://127.0.0.1:9")
    with pytest.raises(BadEngine, match="无法连接 Dask"):
        ingest(find_sources([PAPERS]), tmp_path / "index")
    assert not (tmp_path / "index" / "CURRENT").exists()
    with pytest.raises(BadEngine, match="tcp://"):
        dask_url("http://x")
