"""The conductor: calls every station in order and keeps the index whole. The only file that knows them all."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ingest import generations
from ingest.checks import check
from ingest.facts import read_facts
from ingest.identity import identify
from ingest.loaders import load_guarded
from ingest.outline import outline
from ingest.passages import passages
from ingest.prose import stated_facts
from ingest.records import CheckStatus, Place, Problem, Reading, Unreadable
from ingest.stores.facts import FactStore
from ingest.stores.passages import PassageStore
from ingest.tables import find_tables

Progress = Callable[[str, int, int], None]  # (what is being done, files finished, files in all)


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read: where its bytes are, the name it is cited by, and where it came from (a path, or upload:NAME)."""

    path: Path
    name: str
    origin: str


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


def read_paper(path: Path, name: str) -> Reading:
    """One file through every station. Raises Unreadable with a Chinese sentence."""
    data = path.read_bytes()
    loaded = load_guarded(path)
    blocks = loaded.blocks
    identity = identify(blocks)
    sections = outline(blocks)
    tables, table_problems, used = find_tables(blocks, sections, identity)
    table_facts, fact_problems = read_facts(tables, identity)
    facts = (*table_facts, *stated_facts(blocks, used, sections, identity))
    problems = [*loaded.problems, *table_problems, *fact_problems]
    if not identity.department:
        problems.append(Problem("doubtful", "没有找到编制单位的名称，问答时请用文件名或标题指明这份材料。", Place()))
    if identity.year is None:
        problems.append(Problem("doubtful", "没有找到所属年度。", Place()))
    return Reading(
        name=name,
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        loaded=loaded,
        identity=identity,
        sections=sections,
        tables=tables,
        facts=facts,
        passages=passages(blocks, used, sections, tables, identity),
        checks=check(tables, facts, identity),
        problems=tuple(problems),
    )


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


def ingest(sources: Sequence[Source], index: Path, embedding: str | None = None, progress: Progress | None = None) -> Report:
    """Read files into the index: unchanged ones are skipped, changed ones replace their old reading, the others stay.

    The index in force changes only at the very end, in one step.
    """
    with generations.next_generation(index) as folder:
        report = _ingest_into(folder, sources, index, embedding, progress)
    return report


def rebuild(index: Path, embedding: str | None = None, progress: Progress | None = None) -> Report:
    """Read every document of the index again from its kept original, with this embedder, into a fresh generation."""
    store = FactStore(generations.current(index) / generations.FACTS, readonly=True)
    sources = [Source(generations.original(index, row["sha256"]), row["name"], row["source"]) for row in store.inventory()]
    store.close()
    with generations.next_generation(index, fresh=True) as folder:
        return _ingest_into(folder, sources, index, embedding, progress)


def remove(names: Iterable[str], index: Path) -> Report:
    """Delete documents, named by id or file name, from both stores."""
    generations.current(index)
    with generations.next_generation(index) as folder:
        store, vectors = FactStore(folder / generations.FACTS), PassageStore(folder)
        outcomes = []
        for name in names:
            found = [row for row in store.inventory() if name in (row["id"], row["name"])]
            for row in found:
                store.remove(row["id"])
                vectors.remove(row["id"])
                outcomes.append(Outcome(row["name"], "removed", row["id"], "已从索引中删除"))
            if not found:
                outcomes.append(Outcome(name, "failed", detail="索引里没有这份材料，请用 python app.py ask 有哪些材料 查看名称。"))
        kept = {row["sha256"] for row in store.inventory()}
        store.close()
        vectors.close()
    for file in (index / "files").glob("*"):
        if file.name not in kept:
            file.unlink()
    return Report(tuple(outcomes))


def _ingest_into(folder: Path, sources: Sequence[Source], index: Path, embedding: str | None, progress: Progress | None) -> Report:
    store = FactStore(folder / generations.FACTS)
    known = store.inventory()
    outcomes: list[Outcome] = []
    changed: list[str] = []
    for number, source in enumerate(sources):
        if progress:
            progress(source.name, number, len(sources))
        outcome = _ingest_one(store, source, known, index)
        outcomes.append(outcome)
        if outcome.status in ("added", "replaced"):
            changed.append(outcome.document)
            known = store.inventory()
    if progress:
        progress("建立检索向量", len(sources), len(sources))
    if changed or not (folder / "index.json").exists():
        vectors = PassageStore(folder, embedding)
        vectors.replace({document: store.passages(document) for document in changed})
        vectors.close()
    store.close()
    return Report(tuple(outcomes))


def _ingest_one(store: FactStore, source: Source, known: Sequence[dict[str, Any]], index: Path) -> Outcome:
    try:
        sha256 = hashlib.sha256(source.path.read_bytes()).hexdigest()
        own = next((row for row in known if row["source"] == source.origin), None)
        same = next((row for row in known if row["sha256"] == sha256), None)
        # A file that now holds what another one holds is read again: its old reading must not stay.
        if same and own in (None, same):
            return Outcome(
                source.name,
                "unchanged",
                same["id"],
                "内容没有变化，已跳过" if same["name"] == source.name else f"内容与已导入的“{same['name']}”相同，已跳过",
            )
        reading = read_paper(source.path, source.name)
    except (Unreadable, OSError) as error:
        detail = str(error) if isinstance(error, Unreadable) else f"无法读取文件（{error.strerror}），请检查文件是否存在、是否有权限。"
        return Outcome(source.name, "failed", detail=detail)
    old = own or next(
        # The folder was moved: same name, and the old file is no longer where it was.
        (row for row in known if row["name"] == source.name and not row["source"].startswith("upload:") and not Path(row["source"]).exists()),
        None,
    )
    document = old["id"] if old else hashlib.sha256(source.origin.encode()).hexdigest()[:12]
    keep = generations.original(index, sha256)
    keep.parent.mkdir(parents=True, exist_ok=True)
    if not keep.exists():
        shutil.copyfile(source.path, keep)
    store.save(reading, document, source.origin, datetime.now(UTC).isoformat(timespec="seconds"))
    return Outcome(source.name, "replaced" if old else "added", document, counts=_counts(reading), problems=reading.problems)


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
