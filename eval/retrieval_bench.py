"""How well passages are found: recall@1/5/10 and MRR@10 of keywords, vectors and both, with and without heading paths and filters.

    python -m eval.retrieval_bench [--cases eval/cases/prose.jsonl] [--papers ../shared/documents] [--embedding NAME_OR_FOLDER]

A passage counts when it overlaps a line range of the case's evidence in the same file. Everything is built in a temporary folder.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ingest.identity import identify
from ingest.loaders.text import load_text
from ingest.outline import outline
from ingest.passages import passages
from ingest.records import Reading
from ingest.stores.facts import FactStore
from ingest.stores.passages import PassageStore
from ingest.tables import find_tables
from retrieval.evidence.passages import Passages

ROOT = Path(__file__).parent.parent
DEEPEST = 10


@dataclass(frozen=True, slots=True)
class Question:
    """A labelled question: `lines` are the ranges that answer it in the file `document`; `paraphrased` shares few words with them."""

    id: str
    text: str
    document: str
    lines: tuple[tuple[int, int], ...]
    paraphrased: bool


def questions(path: Path) -> list[Question]:
    """The cases of a .jsonl file that name evidence in one file."""
    found = []
    for case in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
        documents = {e["doc"] for e in case.get("evidence", ()) if e.get("lines")}
        if len(documents) == 1:
            lines = tuple((e["lines"][0], e["lines"][1]) for e in case["evidence"])
            found.append(Question(case["id"], case["turns"][-1], documents.pop(), lines, "paraphrased" in case.get("kind", "")))
    return found


def read(path: Path) -> Reading:
    """A paper with what search needs: its passages."""
    loaded = load_text(path)
    identity, sections = identify(loaded.blocks), outline(loaded.blocks)
    tables, _, used = find_tables(loaded.blocks, sections, identity)
    found = passages(loaded.blocks, used, sections, tables, identity)
    return Reading(path.name, path.name, 0, loaded, identity, sections, (), (), found, (), ())


def build(papers: Sequence[Reading], folder: Path, embedding: str | None) -> Passages:
    """An index of these papers, document ids their file names."""
    folder.mkdir()
    store = FactStore(folder / "facts.sqlite")
    for paper in papers:
        store.save(paper, paper.name, paper.name, "")
    vectors = PassageStore(folder, embedding)
    vectors.replace({paper.name: store.passages(paper.name) for paper in papers})
    vectors.close()
    return Passages(store, folder)


Search = Callable[[str, Sequence[str] | None], list[int]]
# What a plan would recognise as filters in these questions, and cut out of them.
_RECOGNISED = re.compile(r"扶贫办|福田政数局|市府办|市政府办公厅|深汕党政办|深汕|(?:19|20)\d\d年")


def ways(index: Passages) -> Iterator[tuple[str, Search]]:
    """The ways of searching, by name."""
    yield "BM25", lambda q, d: index.keyword_search(q, d, DEEPEST)
    yield "vectors", lambda q, d: index.vector_search(q, d, DEEPEST)
    plain = Passages(index._store, index._folder, vectors=False)
    yield "hybrid without vectors", lambda q, d: [p.id for p in plain.search(q, d, limit=DEEPEST)]
    yield "hybrid", lambda q, d: [p.id for p in index.search(q, d, limit=DEEPEST)]


def ranks(search: Search, cases: Sequence[Question], places: dict[int, tuple[str, int, int]], filtered: bool) -> list[int | None]:
    """For every question the rank of the first passage on its evidence, None when none of the first ten is."""

    def right(passage: int, case: Question) -> bool:
        document, first, last = places[passage]
        return document.startswith(case.document) and any(first <= b and a <= last for a, b in case.lines)

    found = []
    for case in cases:
        documents = [d for d in {p[0] for p in places.values()} if d.startswith(case.document)] if filtered else None
        hits = search(_RECOGNISED.sub(" ", case.text) if filtered else case.text, documents)
        found.append(next((n for n, passage in enumerate(hits, 1) if right(passage, case)), None))
    return found


def summary(found: Sequence[int | None]) -> str:
    """recall@1/5/10 and MRR of ranks."""
    total = max(1, len(found))
    recalls = [sum(r is not None and r <= k for r in found) / total for k in (1, 5, 10)]
    return "  ".join(f"{value:.3f}" for value in (*recalls, sum(1 / r for r in found if r) / total))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=Path, default=ROOT / "eval" / "cases" / "prose.jsonl")
    parser.add_argument("--papers", type=Path, default=ROOT.parent / "shared" / "documents")
    parser.add_argument("--embedding")
    parser.add_argument("--misses", action="store_true", help="list the questions whose evidence is not among the first five of the filtered hybrid")
    options = parser.parse_args()
    cases = questions(options.cases)
    papers = [read(path) for path in sorted(options.papers.glob("*.txt"))]
    print(f"{len(cases)} questions ({sum(c.paraphrased for c in cases)} paraphrased), {sum(len(p.passages) for p in papers)} passages")
    print(f"{'':44}  R@1    R@5    R@10   MRR")
    with tempfile.TemporaryDirectory() as temporary:
        for heading, variant in (("with paths", papers), ("without paths", [_without_paths(p) for p in papers])):
            started = time.perf_counter()
            index = build(variant, Path(temporary) / heading, options.embedding)
            built = time.perf_counter() - started
            rows = {i: p for paper in variant for i, p in _numbered(index, paper.name)}
            for name, search in ways(index):
                for filtered in (True, False):
                    started = time.perf_counter()
                    found = ranks(search, cases, rows, filtered)
                    each = (time.perf_counter() - started) / len(cases) * 1000
                    label = f"{heading}, {name}, {'filtered' if filtered else 'all papers'}"
                    print(f"{label:44}  {summary(found)}   {each:.1f} ms")
                    if name != "BM25" or heading == "with paths":
                        print(f"{'  paraphrased':44}  {summary([r for r, c in zip(found, cases, strict=True) if c.paraphrased])}")
                    if options.misses and name == "hybrid" and filtered and heading == "with paths":
                        for rank, case in zip(found, cases, strict=True):
                            if rank is None or rank > 1:
                                print(f"    {rank}  {case.id}  {case.text}  {case.lines}")
            print(f"  (built in {built:.1f} s)")


def _without_paths(paper: Reading) -> Reading:
    return replace(paper, passages=tuple(replace(p, path=(), project="", field="") for p in paper.passages))


def _numbered(index: Passages, document: str) -> Iterator[tuple[int, tuple[str, int, int]]]:
    for row in index._store.passages(document):
        yield row["id"], (document, row["line_start"], row["line_end"])


if __name__ == "__main__":
    main()
