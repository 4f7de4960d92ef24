"""Uploads and deletions: each is a job that runs the ingest path in a process of its own, one after the other.

A process of its own, because reading a paper loads the embedder and can take a machine's memory; the server stays small and answers on.
"""

from __future__ import annotations

import fcntl
import logging
import multiprocessing
import re
import secrets
import shutil
import tempfile
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any

from ingest.loaders.office import OFFICE_FORMATS, OFFICE_MISSING, office
from web.errors import ApiError
from web.shared import FILE, Shared

log = logging.getLogger("budget_qa.web")

FORMATS = (".txt", ".md", ".pdf", ".docx", ".xlsx", ".xls", ".html", ".htm", ".csv", ".png", ".jpg", ".jpeg", ".tif", ".tiff")
_OLE = b"\xd0\xcf\x11\xe0"
_LARGEST_UNPACKED = 500_000_000  # bytes a workbook or Word file may unpack to: more is a zip bomb, not a paper
_FILES_AT_ONCE = 20


@dataclass(slots=True)
class Job:
    """One upload or deletion; `status` is running (or waiting for its turn), then done or failed. `outcomes` is the ingest's receipt, file by file."""

    id: str
    kind: str
    files: list[str]
    status: str = "running"
    error: str | None = None
    outcomes: list[dict[str, Any]] = field(default_factory=list)
    created_at: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    finished_at: str | None = None


Work = Callable[..., list[dict[str, Any]]]


def add_papers(files: list[tuple[Path, str]], index: Path, embedding: str | None) -> list[dict[str, Any]]:
    """Reads the files (path, name) into the index; the receipt. Runs in the worker process, where the heavy imports belong."""
    from ingest.pipeline import Source, ingest

    with _turn(index):
        report = ingest([Source(path, name, f"upload:{name}") for path, name in files], index, embedding)
    return [_receipt(outcome) for outcome in report.outcomes]


def remove_papers(documents: list[str], index: Path) -> list[dict[str, Any]]:
    """Deletes the papers with these ids from the index; the receipt. Runs in the worker process."""
    from ingest.pipeline import remove

    with _turn(index):
        return [_receipt(outcome) for outcome in remove(documents, index).outcomes]


@contextmanager
def _turn(index: Path) -> Iterator[None]:
    """Waits until the jobs of the server's other processes are done; an ingest from the command line is not waited for (IndexBusy)."""
    with (index / "JOBS").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield


class Jobs:
    """Starts jobs and remembers the newest, those of the server's other processes too. `add` and `remove` do the work (in tests: scripted); with `inline` they run at once, in this process."""

    def __init__(self, index: Path, embedding: str, *, add: Work = add_papers, remove: Work = remove_papers, inline: bool = False) -> None:
        self._index, self._embedding = index, embedding or None
        self._add, self._remove, self._inline = add, remove, inline
        self._shared = Shared(index / FILE)
        self._lock = Lock()
        self._pool: ProcessPoolExecutor | None = None

    def upload(self, files: list[tuple[str, bytes]]) -> Job:
        """Starts reading the uploaded files (name, content). Raises ApiError for what cannot be a paper."""
        if not files:
            raise ApiError(400, "no_file", "请求里没有文件。")
        if len(files) > _FILES_AT_ONCE:
            raise ApiError(400, "too_many_files", f"一次最多上传 {_FILES_AT_ONCE} 个文件。")
        named = [(safe_name(name), content) for name, content in files]
        for name, content in named:
            inspect_upload(name, content)
        folder = Path(tempfile.mkdtemp(prefix="budget-qa-upload-"))
        saved = [(_saved(folder, number, name, content), name) for number, (name, content) in enumerate(named)]
        return self._start("ingest", [name for name, _ in named], self._add, saved, self._index, self._embedding, cleanup=folder)

    def delete(self, document: str, name: str) -> Job:
        """Starts deleting one paper."""
        return self._start("remove", [name], self._remove, [document], self._index)

    def get(self, job: str) -> dict[str, Any]:
        """One job as the interface shows it. Raises ApiError 404."""
        found = self._shared.job(job)
        if found is None:
            raise ApiError(404, "job_not_found", "没有这个任务，可能已过期。")
        data, alive = found
        return data if alive or data["status"] != "running" else {**data, "status": "failed", "error": "服务在任务完成前停止了，索引没有改动；请重新上传。"}

    def close(self) -> None:
        """Ends a running job (its index is dropped, the one in force stays) and starts no further ones."""
        if pool := self._pool:
            for process in multiprocessing.active_children():
                process.terminate()
            pool.shutdown(wait=True, cancel_futures=True)
        self._shared.close()

    def _start(self, kind: str, files: list[str], work: Work, *values: Any, cleanup: Path | None = None) -> Job:
        job = Job(secrets.token_hex(8), kind, files)
        self._shared.keep_job(job.id, asdict(job))
        future = self._submit(work, *values)
        future.add_done_callback(lambda done: self._finish(job, done, cleanup))
        return job

    def _submit(self, work: Work, *values: Any) -> Future[list[dict[str, Any]]]:
        if self._inline:
            future: Future[list[dict[str, Any]]] = Future()
            try:
                future.set_result(work(*values))
            except Exception as error:
                future.set_exception(error)
            return future
        with self._lock:
            if self._pool is None:
                # a fresh process each time: what the embedder took is given back, and a crash leaves nothing behind
                spawn = multiprocessing.get_context("spawn")
                self._pool = ProcessPoolExecutor(1, mp_context=spawn, max_tasks_per_child=1)
            return self._pool.submit(work, *values)

    def _finish(self, job: Job, done: Future[list[dict[str, Any]]], cleanup: Path | None) -> None:
        if cleanup:
            shutil.rmtree(cleanup, ignore_errors=True)
        error = None if done.cancelled() else done.exception()
        if done.cancelled() or error:
            log.error("job %s failed", job.id, exc_info=error)
            job.error, job.status = _reason(error), "failed"
            if isinstance(error, BrokenProcessPool):
                self._pool = None  # the worker was killed; the next job gets a new one
        else:
            job.outcomes = done.result()
            failed = [outcome for outcome in job.outcomes if outcome["status"] == "failed"]
            job.error = "；".join(f"{outcome['name']}：{outcome['detail']}" for outcome in failed) or None
            job.status = "failed" if failed and len(failed) == len(job.outcomes) else "done"
        job.finished_at = datetime.now(UTC).isoformat(timespec="seconds")
        self._shared.keep_job(job.id, asdict(job))


def formats() -> tuple[str, ...]:
    """The endings that are read here: those of old Word files only where LibreOffice is installed."""
    return FORMATS + OFFICE_FORMATS if office() else FORMATS


def safe_name(name: str) -> str:
    """The file's own name without folders and control characters; raises ApiError for a format that is not read."""
    name = unicodedata.normalize("NFC", re.split(r"[\\/]", name)[-1])
    name = "".join(mark for mark in name if unicodedata.category(mark)[0] != "C").strip(" .")[:150]
    suffix = Path(name).suffix.lower()
    if suffix not in FORMATS + OFFICE_FORMATS or not Path(name).stem:
        raise ApiError(415, "unsupported_file", f"不支持这种文件（{suffix or '没有扩展名'}），可上传：{'、'.join(formats())}。")
    return name


def inspect_upload(name: str, content: bytes) -> None:
    """Raises ApiError 415 when the content is not what the name says, 413 when it would unpack to far more than a paper."""
    suffix = Path(name).suffix.lower()
    if not content.strip():
        raise ApiError(415, "empty_file", f"“{name}”是空文件。")
    wrong = ApiError(415, "content_mismatch", f"“{name}”的内容与扩展名 {suffix} 不符，或文件已损坏。")
    if suffix == ".pdf" and b"%PDF-" not in content[:1024]:
        raise wrong
    if suffix in (".xls", *OFFICE_FORMATS) and not (content.startswith((_OLE, b"PK\x03\x04")) or _looks_like_text(content)):
        raise wrong  # many offices' ".xls" is really an HTML table, or an .xlsx by another name; the loader goes by the content
    if suffix in OFFICE_FORMATS and _needs_office(suffix, content) and not office():
        raise ApiError(415, "unsupported_file", f"“{name}”：{OFFICE_MISSING}")
    if suffix in (".docx", ".xlsx"):
        _inspect_package(content, wrong, name)
    if suffix in (".txt", ".md", ".html", ".htm", ".csv") and not _looks_like_text(content):
        raise wrong


def _needs_office(suffix: str, content: bytes) -> bool:
    return content.startswith((_OLE, b"{\\rtf")) or suffix == ".odt"


def _inspect_package(content: bytes, wrong: ApiError, name: str) -> None:
    try:
        with zipfile.ZipFile(BytesIO(content)) as package:
            entries = package.infolist()
    except zipfile.BadZipFile:
        raise wrong from None
    if "[Content_Types].xml" not in {entry.filename for entry in entries}:
        raise wrong
    if sum(entry.file_size for entry in entries) > _LARGEST_UNPACKED or len(entries) > 20_000:
        raise ApiError(413, "unpacks_too_large", f"“{name}”解压后过大，无法读取。")


def _looks_like_text(content: bytes) -> bool:
    head = content[:4096]
    return head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" not in head


def _saved(folder: Path, number: int, name: str, content: bytes) -> Path:
    # a name of our own on disk: an uploaded one may be too long for the file system or mean something to it
    path = folder / f"{number}{Path(name).suffix.lower()}"
    path.write_bytes(content)
    return path


def _receipt(outcome: Any) -> dict[str, Any]:
    return {
        "name": outcome.name,
        "status": outcome.status,
        "document": outcome.document,
        "detail": outcome.detail,
        "counts": dict(outcome.counts),
        "problems": [problem.detail for problem in outcome.problems],
    }


def _reason(error: BaseException | None) -> str:
    # these are written for the reader; anything else stays in the log
    if type(error).__name__ in ("Unreadable", "IndexBusy", "IndexMissing", "WrongEmbedder", "BadEngine"):
        return str(error)
    return "处理文件时出错，索引没有改动；请检查文件，或联系管理员查看日志。"
