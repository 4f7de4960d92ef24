"""One file through every station, in order: the first half of the conductor. Run as a program it is the worker that reads papers for the pipeline."""

from __future__ import annotations

import hashlib
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

from ingest.checks import check
from ingest.facts import read_facts
from ingest.identity import identify
from ingest.loaders import load_guarded
from ingest.loaders.guard import Breaker, guarded
from ingest.loaders.worker import load_or_refuse, serve
from ingest.outline import outline
from ingest.passages import passages
from ingest.prose import stated_facts
from ingest.records import Loaded, Place, Problem, Reading, Unreadable
from ingest.tables import find_tables

BROKEN = "读取时出错：程序没能处理这份文件的内容（{error}）；请把文件发给维护人员。"


def content_hash(path: Path) -> str:
    """SHA-256 of a file, read piece by piece."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_paper(path: Path, name: str) -> Reading:
    """One file through every station. Raises Unreadable with a Chinese sentence; only loading is guarded."""
    return _read(path, name, load_guarded)


def read_guarded(path: Path, name: str, breaker: Breaker | None = None) -> Reading:
    """`read_paper` in a worker process with limits of time and memory. Raises Unreadable for every way it can fail."""
    return guarded("ingest.reading", (str(path.resolve()), name), breaker=breaker)


def _read(path: Path, name: str, load: Callable[[Path], Loaded]) -> Reading:
    loaded = load(path)
    try:
        return _through_stations(path, loaded, name)
    except (Unreadable, MemoryError):
        raise
    except Exception as error:  # a station met what nobody foresaw: that is this file's error, and the others are read
        if os.environ.get("BUDGET_QA_DEBUG"):
            traceback.print_exc()
        raise Unreadable(BROKEN.format(error=type(error).__name__)) from error


def _through_stations(path: Path, loaded: Loaded, name: str) -> Reading:
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
        sha256=content_hash(path),
        size=path.stat().st_size,
        loaded=loaded,
        identity=identity,
        sections=sections,
        tables=tables,
        facts=facts,
        passages=passages(blocks, used, sections, tables, identity),
        checks=check(blocks, tables, facts, identity),
        problems=tuple(problems),
    )


if __name__ == "__main__":
    serve(lambda path, name: _read(Path(path), name, lambda file: load_or_refuse(str(file))), *map(int, sys.argv[1:]))
