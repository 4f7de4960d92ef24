"""What each step of retrieval gives, one by one: a table for docs/measurements.md.

    python -m eval.retrieval_steps [--cases eval/cases/prose.jsonl] [--papers ../shared/documents]

Keywords and vectors are made here once more, step by step, by the plain methods; the last rows are the program's own search. Every question is asked
among the passages of its own paper (as the plan's filters have it) and among those of all papers.
"""

from __future__ import annotations

import argparse
import math
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from eval.retrieval_bench import DEEPEST, ROOT, Question, Search, build, questions, ranks, read, summary
from ingest.stores.passages import searchable, word_vectors
from ingest.synonyms import related
from ingest.tokens import cut, tokens
from retrieval.evidence import passages as own
from retrieval.evidence.passages import Passages

Split = Callable[[str], Sequence[str]]
_RRF = 10


def words_only(text: str) -> list[str]:
    """jieba's words, without single characters."""
    return [word for word in cut(text) if len(word) > 1]


def words_and_pairs(text: str) -> list[str]:
    """The program's own tokens: words and character bigrams."""
    return tokens(text).split()


class Keywords:
    """BM25 over passages cut by `split`."""

    def __init__(self, texts: dict[int, str], documents: dict[int, str], split: Split) -> None:
        self._split, self._documents = split, documents
        self._counts = {i: Counter(split(text)) for i, text in texts.items()}
        self._sizes = {i: sum(c.values()) for i, c in self._counts.items()}
        self._mean = sum(self._sizes.values()) / max(1, len(texts))
        self._held = Counter(word for c in self._counts.values() for word in c)

    def search(self, question: str, documents: Sequence[str] | None, limit: int = DEEPEST) -> list[int]:
        """Ids of the best passages."""
        total, asked, found = len(self._counts), set(self._split(own._ASKING.sub(" ", question))), {}
        for i, counts in self._counts.items():
            if documents is None or self._documents[i] in documents:
                length = 1.2 * (0.25 + 0.75 * self._sizes[i] / self._mean)
                terms = ((counts[w], math.log(1 + (total - self._held[w] + 0.5) / (self._held[w] + 0.5))) for w in asked if w in counts)
                found[i] = sum(weight * n * 2.2 / (n + length) for n, weight in terms)
        return [i for i in sorted(found, key=lambda i: (-found[i], i))[:limit] if found[i]]


class Vectors:
    """Latent semantic analysis fitted to the passages; words that the fit has not seen are left out."""

    def __init__(
        self, texts: dict[int, str], documents: dict[int, str], split: Split, groups: Sequence[Sequence[str]] | None = (), dimensions: int = 128
    ) -> None:
        self._split, self._documents, self._ids = split, documents, list(texts)
        words, self._weights = word_vectors(list(texts.values()), split=split, groups=groups, dimensions=dimensions)
        self._number = {word: n for n, word in enumerate(words)}
        self._rows = np.vstack([self._vector(text) for text in texts.values()])

    def _vector(self, text: str) -> np.ndarray:
        known = [self._number[word] for word in self._split(text) if word in self._number]
        vector = self._weights[known].mean(axis=0) if known else np.zeros(self._weights.shape[1])
        return vector / max(float(np.linalg.norm(vector)), 1e-9)

    def search(self, question: str, documents: Sequence[str] | None, limit: int = DEEPEST) -> list[int]:
        """Ids of the nearest passages."""
        likeness = self._rows @ self._vector(own._ASKING.sub(" ", question))
        order = (self._ids[n] for n in np.argsort(-likeness, kind="stable"))
        return [i for i in order if documents is None or self._documents[i] in documents][:limit]


def fused(index: Passages, weights: tuple[float, float, float], question: str, documents: Sequence[str] | None) -> list[int]:
    """The program's own lists (words, words with their synonyms, vectors) by reciprocal ranks of these weights, without anything else."""
    lists = (
        index.keyword_search(question, documents),
        index.keyword_search(" ".join([question, *related(question)]), documents),
        index.vector_search(question, documents),
    )
    scores: Counter[int] = Counter()
    for weight, ranked in zip(weights, lists, strict=True):
        for rank, passage in enumerate(ranked, 1):
            scores[passage] += weight / (_RRF + rank)
    return sorted((i for i in scores if scores[i]), key=lambda i: (-scores[i], i))[:DEEPEST]


def steps(index: Passages, rows: dict[int, dict], documents: dict[int, str]) -> Iterator[tuple[str, Search]]:
    """The steps in order, each with everything that the one before it has."""
    bare = {i: row["text"] for i, row in rows.items()}
    full = {i: searchable(row) for i, row in rows.items()}
    yield "BM25, words", Keywords(bare, documents, words_only).search
    yield "+ character bigrams", Keywords(bare, documents, words_and_pairs).search
    yield "+ heading path, project, field", Keywords(full, documents, words_and_pairs).search
    yield "+ synonym groups (two lists fused)", partial(fused, index, (1.0, 1.0, 0.0))
    yield "vectors: LSA 128, words", Vectors(bare, documents, words_only).search
    yield "+ character bigrams", Vectors(bare, documents, words_and_pairs).search
    yield "+ heading path, project, field", Vectors(full, documents, words_and_pairs).search
    yield "+ synonym groups in the fit", Vectors(full, documents, words_and_pairs, None).search
    yield "the same, 64 dimensions", Vectors(full, documents, words_and_pairs, None, 64).search
    yield "the same, 256 dimensions", Vectors(full, documents, words_and_pairs, None, 256).search
    yield "+ buckets for unseen words (as shipped)", lambda q, d: index.vector_search(q, d, DEEPEST)
    for weight in (0.25, 0.5, 1.0, 2.0):
        yield f"fused, vectors {weight:g}", partial(fused, index, (1.0, 1.0, weight))
    plain = Passages(index._store, index._folder, vectors=False)
    yield "kinds and names raised, no vectors", lambda q, d: [p.id for p in plain.search(q, d, limit=DEEPEST)]
    yield "kinds and names raised, hybrid (as shipped)", lambda q, d: [p.id for p in index.search(q, d, limit=DEEPEST)]


def table(index: Passages, names: Sequence[str], cases: Sequence[Question]) -> Iterator[str]:
    """The lines of the table, in Markdown."""
    rows = {row["id"]: row for name in names for row in index._store.passages(name)}
    documents = {i: row["document"] for i, row in rows.items()}
    places = {i: (row["document"], row["line_start"], row["line_end"]) for i, row in rows.items()}
    yield "| step | its own paper: R@1 R@5 R@10 MRR | paraphrased | all papers |\n|---|---|---|---|"
    for label, search in steps(index, rows, documents):
        near, far = ranks(search, cases, places, True), ranks(search, cases, places, False)
        other = [rank for rank, case in zip(near, cases, strict=True) if case.paraphrased]
        yield f"| {label} | {summary(near)} | {summary(other)} | {summary(far)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=Path, default=ROOT / "eval" / "cases" / "prose.jsonl")
    parser.add_argument("--papers", type=Path, default=ROOT.parent / "shared" / "documents")
    options = parser.parse_args()
    cases, papers = questions(options.cases), [read(path) for path in sorted(options.papers.glob("*.txt"))]
    with tempfile.TemporaryDirectory() as temporary:
        index = build(papers, Path(temporary) / "index", None)
        print(f"{len(cases)} questions ({sum(c.paraphrased for c in cases)} paraphrased), {sum(len(p.passages) for p in papers)} passages\n")
        for line in table(index, [p.name for p in papers], cases):
            print(line, flush=True)


if __name__ == "__main__":
    main()
