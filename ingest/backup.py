"""The whole index in one file and back: facts, vectors, originals, notes and dialogues. Safe while the server answers questions.

The archive is laid out as an index is (`ingest/generations.py`), so that in need it can be unpacked by hand.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tarfile
import tempfile
from contextlib import closing
from pathlib import Path

from ingest import generations
from ingest.records import Unreadable
from ingest.stores.facts import FactStore
from ingest.stores.postgres import publish

LIVE = (generations.NOTES, "sessions.sqlite")  # written by the server while it runs


def backup(index: Path, archive: Path) -> int:
    """Write the generation in force, its originals and the server's notes to `archive` (.tar.gz); returns its size in bytes.

    Raises IndexMissing, or IndexBusy while an ingest runs. What stood at `archive` is replaced only by a whole new one.
    """
    generations.current(index)
    archive.parent.mkdir(parents=True, exist_ok=True)
    with generations.locked(index), tempfile.TemporaryDirectory(prefix=".backup-", dir=archive.parent) as work:
        folder = generations.current(index)
        store = FactStore(folder / generations.FACTS, readonly=True)
        originals = {row["sha256"] for row in store.inventory()}
        store.close()
        pointer = Path(work) / "CURRENT"
        pointer.write_text(folder.name, encoding="utf-8")
        # papers can be internal: TemporaryDirectory is for its owner only, and so is the archive
        new = Path(work) / "new.tar.gz"
        new.touch(mode=0o600)
        with tarfile.open(new, "w:gz", compresslevel=3) as tar:
            tar.add(pointer, "CURRENT")
            for file in sorted(path for path in folder.rglob("*") if path.is_file()):
                _add(tar, file, f"generations/{folder.name}/{file.relative_to(folder)}", Path(work))
            for sha256 in sorted(originals):
                tar.add(generations.original(index, sha256), f"files/{sha256}")
            for name in LIVE:
                if (index / name).exists():
                    _add(tar, index / name, name, Path(work))
        os.replace(new, archive)
    return archive.stat().st_size


def restore(archive: Path, index: Path) -> int:
    """Put a backup in force in `index`; returns its number of papers. A server on this index goes over to it at its next question.

    Notes and dialogues come back only where there are none: those of a running server are newer. Raises Unreadable when `archive` is no
    backup (nothing is changed then), IndexBusy while an ingest runs.
    """
    index.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=index) as work:
        try:
            with tarfile.open(archive) as tar:
                tar.extractall(work, filter="data")
            old = generations.current(Path(work))
            store = FactStore(old / generations.FACTS, readonly=True)
            papers = store.inventory()
            store.close()
        except FileNotFoundError as error:
            raise Unreadable(f"找不到备份文件：{archive}，请检查路径。") from error
        except (tarfile.TarError, OSError, EOFError, sqlite3.DatabaseError, generations.IndexMissing) as error:
            raise Unreadable(f"{archive} 不是完整的备份文件，没有恢复；请检查文件，或换一份备份。") from error
        with generations.next_generation(index, fresh=True) as new:
            (index / "files").mkdir(exist_ok=True)
            for row in papers:
                os.replace(generations.original(Path(work), row["sha256"]), generations.original(index, row["sha256"]))
            shutil.copytree(old, new, dirs_exist_ok=True)
            for name in LIVE:
                if (Path(work) / name).exists() and not (index / name).exists():
                    os.replace(Path(work) / name, index / name)
            publish(new / generations.FACTS)
    return len(papers)


def _add(tar: tarfile.TarFile, file: Path, name: str, work: Path) -> None:
    if file.suffix not in (".sqlite", ".sqlite3"):
        if not file.name.endswith(("-wal", "-shm", "-journal")):  # they belong to the database as it is this moment; its copy needs none
            tar.add(file, name)
        return
    copy = work / "copy"
    copy.unlink(missing_ok=True)
    # SQLite's own copy is whole even while somebody writes
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    tar.add(copy, name)
