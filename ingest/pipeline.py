"""The conductor: reads papers in worker processes, keeps both stores and the originals, and keeps the index whole."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

from ingest import generations
from ingest.checks.between import between_years
from ingest.cluster import Cluster
from ingest.engines import dask_url
from ingest.loaders import check_size
from ingest.loaders.guard import Breaker
from ingest.reading import BROKEN, content_hash, read_guarded, read_paper
from ingest.records import Check, CheckStatus, PaperKind, Problem, Reading, Stage, Unreadable
from ingest.stores.facts import FactStore
from ingest.stores.passages import PassageStore, drop_old_vectors
from ingest.stores.postgres import drop_old_copies, publish

BATCH = 200  # papers whose checks are kept in memory before they are saved
AHEAD = 4  # files read before their turn to be saved, for each job: a long scan must not hold up the others, nor they fill the memory

Progress = Callable[[str, int, int, int], None]  # (what is being done, files finished, files in all, pages read)


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read: where its bytes are, the name it is cited by, and where it came from (a path, or upload:NAME).

    `document` is the id to read it into whatever the index holds (a rebuild).
    """

    path: Path
    name: str
    origin: str
    document: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file: `status` is added, replaced, unchanged, removed or failed; `detail` is Chinese."""

    name: str
    status: str
    document: str = ""
    detail: str = ""
    counts: dict[str, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """What an ingest did, file by file."""

    outcomes: tuple[Outcome, ...]

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """The files that could not be read."""
        return tuple(o for o in self.outcomes if o.status == "failed")


def find_sources(paths: Iterable[Path]) -> list[Source]:
    """Files named, and every visible file below folders named, in a steady order. Raises Unreadable for a path that is not there."""
    sources: dict[Path, Source] = {}
    for path in paths:
        if path.is_dir():
            files = sorted(p for p in path.rglob("*") if p.is_file() and not any(part.startswith((".", "~$")) for part in p.relative_to(path).parts))
        elif path.is_file():
            files = [path]
        else:
            raise Unreadable(f"找不到文件或文件夹：{path}，请检查路径。")
        for file in files:
            sources.setdefault(file.resolve(), Source(file, file.name, str(file.resolve())))
    return list(sources.values())


def cores() -> int:
    """The processor cores this process may use."""
    return len(os.sched_getaffinity(0))


def ingest(sources: Sequence[Source], index: Path, embedding: str | None = None, progress: Progress | None = None, jobs: int | None = None) -> Report:
    """Read files into the index: unchanged ones are skipped, changed ones replace their old reading, the others stay.

    `jobs` worker processes read at once (None: as many as there are cores; 0: in this process, one after the other, for measuring).
    The index in force changes only at the very end, in one step; the result does not depend on `jobs`.
    """
    with generations.next_generation(index) as folder:
        report = _ingest_into(folder, sources, index, embedding, progress, jobs)
        publish(folder / generations.FACTS)
    drop_old_versions(index)
    return report


def rebuild(index: Path, embedding: str | None = None, progress: Progress | None = None, jobs: int | None = None) -> Report:
    """Read every document of the index again from its kept original, with this embedder, into a fresh generation."""
    store = FactStore(generations.current(index) / generations.FACTS, readonly=True)
    sources = [Source(generations.original(index, row["sha256"]), row["name"], row["source"], row["id"]) for row in store.inventory()]
    store.close()
    with generations.next_generation(index, fresh=True) as folder:
        report = _ingest_into(folder, sources, index, embedding, progress, jobs)
        publish(folder / generations.FACTS)
    drop_old_versions(index)
    return report


def remove(names: Iterable[str], index: Path) -> Report:
    """Delete documents, named by id or file name, from both stores: no copy of their text stays in the index folder."""
    generations.current(index)
    with generations.next_generation(index) as folder:
        store = FactStore(folder / generations.FACTS)
        outcomes = []
        for name in names:
            found = [row for row in store.inventory() if name in (row["id"], row["name"])]
            for row in found:
                store.remove(row["id"])
                outcomes.append(Outcome(row["name"], "removed", row["id"], "已从索引中删除"))
            if not found:
                outcomes.append(Outcome(name, "failed", detail="索引里没有这份材料，请用 python app.py ask 有哪些材料 查看名称。"))
        kept = {row["sha256"] for row in store.inventory()}
        _check_between(store)
        store.count_words()
        store.db.conn.execute("VACUUM")
        # Chroma keeps deleted texts in its log, so the vectors are written anew, by the same embedder.
        vectors = PassageStore(folder, empty=True)
        vectors.replace(_Passages(store, [row["id"] for row in store.inventory()]))
        store.close()
        vectors.close()
        publish(folder / generations.FACTS)
    generations.drop_old(index)
    drop_old_versions(index)
    for file in (index / "files").glob("*"):
        if file.name not in kept:
            file.unlink()
    return Report(tuple(outcomes))


def drop_old_versions(index: Path) -> None:
    """Delete what servers (Chroma, PostgreSQL) still hold of generations that are no longer on the disk."""
    folder = generations.current(index)
    drop_old_vectors(folder)
    drop_old_copies(folder)


def _ingest_into(folder: Path, sources: Sequence[Source], index: Path, embedding: str | None, progress: Progress | None, jobs: int | None) -> Report:
    store = FactStore(folder / generations.FACTS)
    store.in_private()
    try:
        saver = _Saver(store, index)
        pages = 0
        with closing(_readings(sources, store.inventory(), cores() if jobs is None else jobs)) as readings:
            for number, source in enumerate(sources):
                if progress:
                    progress(source.name, number, len(sources), pages)
                looked = next(readings)
                pages += (looked.reading and looked.reading.loaded.pages) or 0
                saver.save(looked)
        if progress:
            progress("建立检索向量", len(sources), len(sources), pages)
        if saver.changed:
            _check_between(store, saver.changed)
            store.count_words()
        if saver.changed or not (folder / "index.json").exists():
            vectors = PassageStore(folder, embedding)
            vectors.replace(_Passages(store, saver.changed))
            vectors.close()
    finally:
        store.close()
    generations.to_disk(folder)
    return Report(tuple(saver.outcomes))


class _Passages(Mapping[str, list[dict[str, Any]]]):
    """The passages of these documents, read when they are asked for: those of a large collection do not fit into memory."""

    def __init__(self, store: FactStore, documents: Collection[str]) -> None:
        self._store, self._documents = store, documents

    def __getitem__(self, document: str) -> list[dict[str, Any]]:
        return self._store.passages(document)

    def __iter__(self) -> Iterator[str]:
        return iter(self._documents)

    def __len__(self) -> int:
        return len(self._documents)


def _check_between(store: FactStore, changed: Collection[str] | None = None) -> None:
    """Papers against those of the year before, where the index holds both: 上年预算数 against what last year's paper printed.

    Of `changed` documents only those, and the papers of the year after; None: all.
    """
    papers = store.papers()
    of_changed = {whose for whose, documents in papers.items() if changed is None or not set(changed).isdisjoint(documents)}
    found: dict[str, list[Check]] = {}
    for (department, kind, scope, year), documents in papers.items():
        if kind not in (PaperKind.BUDGET, PaperKind.FINAL) or of_changed.isdisjoint(((department, kind, scope, year), (department, kind, scope, year - 1))):
            continue
        before = papers.get((department, kind, scope, year - 1), ())
        earlier = [figure for document in before for figure in store.figures(document, [year - 1])]
        for document in documents:
            found[document] = list(between_years(store.figures(document, [year - 1, year]), earlier, year, Stage(kind))) if earlier else []
        if len(found) >= BATCH:
            store.save_between(found)
            found.clear()
    store.save_between(found)


# Reading, several files at once


@dataclass(frozen=True, slots=True)
class _Looked:
    """A file looked at: its hash, and its reading (None: its content is in the index, or `error` says in Chinese why it could not be read)."""

    source: Source
    sha256: str = ""
    reading: Reading | None = None
    error: str = ""


def _readings(sources: Sequence[Source], known: Sequence[dict[str, Any]], jobs: int) -> Iterator[_Looked]:
    """Every file looked at, in the order given, however the reading of them ends. Closing the iterator stops the workers."""
    look = _Looker(known)
    if jobs == 0:
        yield from (look(source, read_paper) for source in sources)
        return
    with ExitStack() as ends:
        if dask_url():
            cluster = Cluster()
            ends.callback(cluster.close)
            yield from _in_order(look, sources, cluster.read, cluster.threads(), cluster.close)
            return
        breaker = Breaker()
        yield from _in_order(look, sources, lambda path, name: read_guarded(path, name, breaker), jobs, breaker.stop)


def _in_order(
    look: _Looker, sources: Sequence[Source], read: Callable[[Path, str], Reading], jobs: int, stop: Callable[[], None]
) -> Iterator[_Looked]:
    """Every file looked at by one of `jobs` threads, in the order given; `stop` ends what is being read when nobody waits for it any more."""
    with ThreadPoolExecutor(jobs) as threads:  # each waits for a worker process
        try:
            waiting = iter(sources)
            running: deque[Future[_Looked]] = deque()
            for source in waiting:
                running.append(threads.submit(look, source, read))
                if len(running) >= jobs * AHEAD:
                    yield running.popleft().result()
            while running:
                yield running.popleft().result()
        except BaseException:
            threads.shutdown(wait=False, cancel_futures=True)
            stop()
            raise


class _Looker:
    """Looks at one file: hashed, and read unless the index has what it holds. Called by several threads."""

    def __init__(self, known: Sequence[dict[str, Any]]) -> None:
        self._own: dict[str, set[str]] = {}
        for row in known:
            self._own.setdefault(row["source"], set()).add(row["sha256"])
        self._seen = {row["sha256"] for row in known}
        self._lock = Lock()

    def __call__(self, source: Source, read: Callable[[Path, str], Reading]) -> _Looked:
        sha256 = ""
        try:
            check_size(source.path)
            sha256 = content_hash(source.path)
            with self._lock:
                held = self._own.get(source.origin, self._seen)
                unchanged = sha256 in held and not source.document
                self._seen.add(sha256)
            return _Looked(source, sha256, None if unchanged else read(source.path, source.name))
        except Unreadable as error:
            return _Looked(source, sha256, error=str(error))
        except OSError as error:
            return _Looked(source, sha256, error=f"无法读取文件（{error.strerror}），请检查文件是否存在、是否有权限。")


# Saving, one file after the other


class _Saver:
    """Takes the files in their order: into the store and the originals, with an outcome for each."""

    def __init__(self, store: FactStore, index: Path) -> None:
        self._store, self._index = store, index
        self._known: dict[str, dict[str, Any]] = {}
        self._by: dict[tuple[str, str], dict[str, None]] = {}  # (column, value) -> ids, in the inventory's order
        for row in store.inventory():
            self._know(row)
        self.outcomes: list[Outcome] = []
        self.changed: dict[str, None] = {}  # documents, in their order

    def _know(self, row: dict[str, Any]) -> None:
        old = self._known.get(row["id"])
        for column in ("source", "sha256", "name"):
            if old and old[column] != row[column]:
                del self._by[column, old[column]][row["id"]]
            self._by.setdefault((column, row[column]), {})[row["id"]] = None
        self._known[row["id"]] = row

    def _with(self, column: str, value: str) -> list[dict[str, Any]]:
        return [self._known[document] for document in self._by.get((column, value), ())]

    def save(self, looked: _Looked) -> None:
        """One file into the store, unless its content is there or it could not be read."""
        source = looked.source
        own = self._with("source", source.origin)
        same = next((row for row in own or self._with("sha256", looked.sha256) if row["sha256"] == looked.sha256), None)
        if looked.error:
            self.outcomes.append(Outcome(source.name, "failed", detail=looked.error))
        elif same and not source.document:
            named = same["name"] == source.name
            detail = "内容没有变化，已跳过" if named else f"内容与已导入的“{same['name']}”相同，已跳过"
            self.outcomes.append(Outcome(source.name, "unchanged", same["id"], detail))
        else:
            self.outcomes.append(self._saved(looked))

    def _saved(self, looked: _Looked) -> Outcome:
        source = looked.source
        try:
            # None: a copy of a file that could not be read, or that has changed since
            reading = looked.reading or read_guarded(source.path, source.name)
            document, replaced = self._document(source, reading)
            keep = generations.original(self._index, reading.sha256)
            keep.parent.mkdir(parents=True, exist_ok=True)
            if not keep.exists():
                shutil.copyfile(source.path, keep)
            self._store.save(reading, document, source.origin, datetime.now(UTC).isoformat(timespec="seconds"))
        except Unreadable as error:
            return Outcome(source.name, "failed", detail=str(error))
        except sqlite3.IntegrityError as error:  # two cells in one place or the like: a mistake over this file, and nothing of it is saved
            return Outcome(source.name, "failed", detail=BROKEN.format(error=type(error).__name__))
        self._know({"id": document, "name": source.name, "source": source.origin, "sha256": reading.sha256})
        self.changed[document] = None
        return Outcome(source.name, "replaced" if replaced else "added", document, counts=_counts(reading), problems=reading.problems)

    def _document(self, source: Source, reading: Reading) -> tuple[str, bool]:
        """The id under which a paper is saved, and whether it replaces one.

        A file replaces what it held before. Where only the name is the same (uploads have no folder; a folder was moved) it replaces the old
        paper only if it says the same of itself: 部门 and 单位 publish papers of one file name.
        """
        if source.document:
            return source.document, False
        own = [row["id"] for row in self._with("source", source.origin)]
        uploaded = source.origin.startswith("upload:")
        if own and not uploaded:
            return own[0], True
        for document in own or [row["id"] for row in self._with("name", source.name) if _gone(row["source"])]:
            if document not in self.changed and self._says(document) == _says(reading):
                return document, True
        document = hashlib.sha256(source.origin.encode()).hexdigest()[:12]
        if document in self._known:
            document = hashlib.sha256(f"{source.origin}\n{reading.sha256}".encode()).hexdigest()[:12]
        return document, False

    def _says(self, document: str) -> tuple[Any, ...]:
        row = self._store.document(document)
        return row["title"], row["department"], row["year"], row["kind"], row["scope"]


def _gone(origin: str) -> bool:
    return not origin.startswith("upload:") and not Path(origin).exists()


def _says(reading: Reading) -> tuple[Any, ...]:
    """What a paper says of itself: whose, which year, of which kind."""
    paper = reading.identity
    return paper.title, paper.department, paper.year, str(paper.kind), str(paper.scope)


def _counts(reading: Reading) -> dict[str, int]:
    return {
        "blocks": len(reading.loaded.blocks),
        "tables": len(reading.tables),
        "facts": len(reading.facts),
        "passages": len(reading.passages),
        "checks_held": sum(c.status is CheckStatus.OK for c in reading.checks),
        "checks_broken": sum(c.status is CheckStatus.BROKEN for c in reading.checks),
        "skipped": len(reading.problems),
    }
