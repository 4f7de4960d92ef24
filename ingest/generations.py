"""The index on disk: generations of it, one in force. A new one is built beside and put in force by one atomic rename.

INDEX/CURRENT                 name of the generation in force
INDEX/generations/NAME/       facts.sqlite, chroma/, embedder/, index.json
INDEX/files/SHA256            the original files, content-addressed, never changed
"""

from __future__ import annotations

import fcntl
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FACTS = "facts.sqlite"
NOTES = "web.sqlite"  # beside the generations: what visitors asked and said of the answers


class IndexMissing(Exception):
    """There is no index at the place named; the message says which command makes one."""


class IndexBusy(Exception):
    """Another ingest is changing this index."""


def current(index: Path) -> Path:
    """The folder of the generation in force. Raises IndexMissing."""
    named = ""
    while True:
        before = named
        try:
            named = (index / "CURRENT").read_text(encoding="utf-8").strip()
        except (FileNotFoundError, NotADirectoryError) as error:
            raise IndexMissing(f"还没有索引：{index}。请先运行 python -m ingest --index {index} 导入文件。") from error
        folder = index / "generations" / named
        if (folder / FACTS).exists():
            return folder
        if named == before:  # else it was replaced and dropped between the two looks
            raise IndexMissing(f"索引不完整：{folder}。请运行 python -m ingest --index {index} 重新导入文件。")


def original(index: Path, sha256: str) -> Path:
    """Where the original file with this content hash is kept."""
    return index / "files" / sha256


@contextmanager
def locked(index: Path) -> Iterator[None]:
    """Nobody else changes the index meanwhile; reading it goes on. Raises IndexBusy when another process is at it."""
    with (index / "LOCK").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise IndexBusy(f"另一个导入任务正在更新索引 {index}，请等它结束后再试。") from error
        yield


def drop_old(index: Path) -> None:
    """Delete every generation but the one in force: what was removed must not live on in an old one."""
    kept = current(index)
    for folder in (index / "generations").iterdir():
        if folder != kept:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def next_generation(index: Path, *, fresh: bool = False) -> Iterator[Path]:
    """A private copy of the generation in force (empty with `fresh`), put in force when the block ends well; dropped when it raises.

    Raises IndexBusy when another process is at it. A crash (kill -9) leaves an unused folder that the next call clears.
    """
    generations = index / "generations"
    generations.mkdir(parents=True, exist_ok=True)
    with locked(index):
        try:
            old: Path | None = current(index)
        except IndexMissing:
            old = None
        for leftover in generations.iterdir():
            if leftover != old:
                shutil.rmtree(leftover)
        new = generations / uuid.uuid4().hex[:12]
        if old is None or fresh:
            new.mkdir()
        else:
            shutil.copytree(old, new)
        try:
            yield new
        except BaseException:
            shutil.rmtree(new, ignore_errors=True)
            raise
        put_in_force(index, new.name)
        # The old generation stays until the next ingest: a reader that opened it a moment ago may still need its files.


def to_disk(folder: Path) -> None:
    """Wait until everything in a folder is on the disk: a generation in force must survive a power cut."""
    for path in (*folder.rglob("*"), folder):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def put_in_force(index: Path, name: str) -> None:
    """Make `name` the generation in force, in one step that survives a crash."""
    pointer = index / "CURRENT.new"
    with pointer.open("w", encoding="utf-8") as file:
        file.write(name)
        file.flush()
        os.fsync(file.fileno())
    os.replace(pointer, index / "CURRENT")
