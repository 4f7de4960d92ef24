"""Reading papers on other machines: files go to a Dask scheduler's workers, readings come back. The only door to Dask (an optional extra).

    dask scheduler --host 10.0.0.1                      on one machine
    dask worker tcp://10.0.0.1:8786 --nthreads 4        on each machine that reads, in a folder with this program
    python -m ingest --dask-url tcp://10.0.0.1:8786 …   the index is written here, one paper after the other, as ever

A worker that goes away takes no file along: Dask gives its files to others, and to the last a file that ends every worker it comes to is that file's error.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from ingest.engines import DASK, BadEngine, dask_url
from ingest.loaders.guard import Breaker
from ingest.reading import read_guarded
from ingest.records import Reading, Unreadable

_TRIES = 3  # how often a file may lose its worker
_PATIENCE_S = 10  # for the scheduler to answer


class Cluster:
    """The scheduler at `BUDGET_QA_DASK_URL`. Raises BadEngine when it does not answer."""

    def __init__(self) -> None:
        try:
            import distributed
        except ImportError as error:
            raise BadEngine(f"设置了 {DASK}，但没有安装 Dask，请运行 pip install -r requirements-scale.txt。") from error
        self._lost: Any = distributed.KilledWorker
        try:
            self._client = distributed.Client(dask_url(), timeout=_PATIENCE_S, set_as_default=False)
        except (OSError, TimeoutError) as error:
            raise BadEngine(f"无法连接 Dask 调度器，请检查它是否在运行、{DASK} 是否正确。") from error

    def threads(self) -> int:
        """How many papers its workers read at once; at least one, for workers may still come."""
        return max(1, sum(self._client.nthreads().values()))

    def read(self, path: Path, name: str) -> Reading:
        """One paper read by some worker. Raises Unreadable as read_guarded does."""
        try:
            # the same file may be asked for again after it has changed: no result is ever taken from a memory of results
            return self._client.submit(read_content, path.read_bytes(), path.suffix, name, pure=False, retries=_TRIES).result()
        except self._lost as error:
            raise Unreadable("读取这份文件的几台机器都意外退出了，文件可能已损坏；请重新下载或另存为 PDF、docx、xlsx 后再导入。") from error

    def close(self) -> None:
        """Gives back the connection; what is being read is given up."""
        self._client.close()


def read_content(content: bytes, suffix: str, name: str) -> Reading:
    """Runs at the worker: one paper, in a process of its own with limits of time and memory."""
    with tempfile.TemporaryDirectory(prefix="budget-qa-read-") as folder:
        path = Path(folder) / f"paper{suffix}"
        path.write_bytes(content)
        return read_guarded(path, name, Breaker())
