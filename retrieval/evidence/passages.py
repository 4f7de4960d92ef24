"""A question's words -> scored passages: keywords (BM25 in SQLite) and vectors (Chroma), fused, then raised where the passage is of the kind asked for.

Usage: `Passages(store, folder).search("公务接待费为什么减少", documents=["3f2a…"], limit=8)`. Vectors are loaded on the first search, never on import.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile
from pathlib import Path
from typing import Any

from ingest.numbering import is_lead
from ingest.records import Place, Turns
from ingest.stores.facts import FactStore
from ingest.synonyms import related
from ingest.tokens import tokens
from ingest.wording import key, strip_numbering
from retrieval.evidence.intents import chatter, intents_of
from retrieval.records import page_turns

_LONGEST_LIST = 8  # passages that go on with a list
_DEPTH = 60  # how many of each list are fused
_FEW = 64  # papers whose passages' vectors are compared one by one
# Measured with eval/retrieval_bench.py: reciprocal ranks with a small constant, because the first places of each list are mostly right; words and
# words with their synonyms count alike, vectors half; a passage of the kind asked for counts up to double, one named by the question more.
_RRF = 10
_KEYWORDS, _RELATED, _VECTORS = 1.0, 1.0, 0.5
_OF_THE_KIND, _NAMED = 1.0, 2.0
# Words that every question has and that say nothing about the passage.
_ASKING = re.compile(r"请问|是什么|什么|哪些|哪几个|哪里|多少|是否|有没有|怎么样|怎样|如何|几个|一下|告诉我|介绍|说明一下|吗|呢|啊|的话|[？?。！!]")


@dataclass(frozen=True, slots=True)
class Found:
    """A passage that may hold the answer. `score` only orders the passages of one search; the ranks say who found it (None: did not)."""

    id: int
    document: str
    text: str
    path: tuple[str, ...]
    project: str
    field: str
    place: Place
    score: float
    keyword_rank: int | None = None
    vector_rank: int | None = None
    turns: Turns = ()


class Passages:
    """The passages of one generation folder. `store` is its open fact store; `vectors` False searches by keywords only."""

    def __init__(self, store: FactStore, folder: Path, *, vectors: bool = True) -> None:
        self._store = store
        self._folder = folder
        self._with_vectors = vectors
        self._vectors: Any = None

    def search(
        self,
        question: str,
        documents: Sequence[str] | None = None,
        years: Sequence[int] | None = None,
        section: str | None = None,
        ignore: Sequence[str] = (),
        limit: int = 8,
    ) -> list[Found]:
        """The best passages for a question, best first.

        Filters: document ids, years of the papers, words that the heading path must hold. `ignore` are the parts of the question that became
        filters (“扶贫办”, “2021年”): they stand in every passage of the paper and would only bury the rest.
        """
        documents = self._allowed(documents, years)
        if documents is not None and not documents:
            return []
        for words in ignore:
            question = question.replace(words, " ")
        asked = intents_of(question)
        kinds = [intent.words for intent in asked]
        plain = question
        for intent in asked:
            plain = intent.telling.sub(" ", plain)
        general = bool(kinds) and len(key(_ASKING.sub(" ", chatter().sub(" ", plain)))) < 2
        if general:  # “准备干哪几件大事” names nothing: the words of its kind are all there is to look for
            question = " ".join(kinds)
        more = " ".join([question, *related(question), *kinds])
        keyword = self.keyword_search(question, documents)
        vector = self.vector_search(" ".join([question, *kinds]), documents) if self._with_vectors else []
        scores: dict[int, float] = {}
        for weight, ranked in ((_KEYWORDS, keyword), (_RELATED, self.keyword_search(more, documents)), (_VECTORS, vector)):
            for rank, passage in enumerate(ranked, 1):
                scores[passage] = scores.get(passage, 0.0) + weight / (_RRF + rank)
        found = []
        for i, row in self._rows(scores).items():
            if section and section not in "".join(row["path"]):
                continue
            kind = sum(intent.fits(row["path"], row["field"], row["text"]) for intent in asked)
            if row["project"] and not _pairs(row["project"]) & _pairs(question):
                kind /= 2  # the goals of a project nobody asked about
            score = scores[i] * (1 + _OF_THE_KIND * kind + _NAMED * _named(question, row))
            found.append(_found(row, score, keyword.index(i) + 1 if i in keyword else None, vector.index(i) + 1 if i in vector else None))
        if general:
            found = [p for p in found if not p.project] or found  # the department's, not one project's
        return sorted(found, key=lambda p: (-p.score, p.id))[:limit]

    def around(self, passage: Found) -> list[Found]:
        """The passages of the same field of a form, or of the same section's prose, in reading order (itself among them)."""
        headings = {tuple(json.loads(r["path"])) for r in self._store.db.query("SELECT path FROM sections WHERE document = ?", [passage.document])}

        def section(path: tuple[str, ...]) -> tuple[str, ...]:
            # A list that continues has its lead at the end of its path; that is no heading.
            return next((path[:n] for n in range(len(path), 0, -1) if path[:n] in headings), path)

        sql = "SELECT * FROM passages WHERE document = ? AND project = ? AND field = ? ORDER BY id"
        rows = [_row(r) for r in self._store.db.query(sql, [passage.document, passage.project, passage.field])]
        same = [r for r in rows if r["path"] == passage.path or (not passage.field and section(r["path"]) == section(passage.path))]
        return [_found(r, 0.0, None, None) for r in same]

    def continuing(self, passage: Found) -> list[Found]:
        """The passages that go on with the list which a passage begins, in reading order: the list's lead ends their path."""
        leads = [key(line) for line in passage.text.split("\n") if is_lead(line)]
        if not leads:
            return []
        sql = "SELECT * FROM passages WHERE document = ? AND id > ? ORDER BY id LIMIT ?"
        after = map(_row, self._store.db.query(sql, [passage.document, passage.id, _LONGEST_LIST]))
        goes_on = takewhile(lambda r: r["path"] and key(r["path"][-1]) and leads[-1].startswith(key(r["path"][-1])), after)
        return [_found(r, passage.score, None, None) for r in goes_on]

    def of_item(self, documents: Sequence[str], fits: Callable[[str], bool]) -> list[Found]:
        """The passages of one item, in reading order: those of its form, and the paragraphs that begin with its name (2.扶贫合作交流 220 万元, …).

        `fits` says whether a name (comparison form) is the item's.
        """
        own = (r for r in self._all(documents) if fits(key(r["project"])) or any(fits(_bare(line)) for line in (*r["path"], *r["text"].split("\n"))))
        return [_found(r, 1.0, None, None) for r in own]

    def printing(self, documents: Sequence[str], words: re.Pattern[str]) -> list[Found]:
        """The passages that print these words as they stand, in reading order."""
        return [_found(r, 1.0, None, None) for r in self._all(documents) if words.search(r["text"])]

    def _all(self, documents: Sequence[str]) -> Iterator[dict[str, Any]]:
        for document in documents:
            yield from map(_row, self._store.db.query("SELECT * FROM passages WHERE document = ? ORDER BY id", [document]))

    def keyword_search(self, question: str, documents: Sequence[str] | None = None, limit: int = _DEPTH) -> list[int]:
        """Ids of the passages that share most with the question's words, by BM25."""
        words = tokens(_ASKING.sub(" ", question)).split() or tokens(question).split()
        if not words:
            return []
        return self._store.ranked(words, documents, limit)

    def vector_search(self, question: str, documents: Sequence[str] | None = None, limit: int = _DEPTH) -> list[int]:
        """Ids of the passages whose vectors are nearest to the question's."""
        if self._vectors is None:
            from ingest.stores.passages import PassageStore

            self._vectors = PassageStore(self._folder)
        few = documents is not None and len(documents) <= _FEW
        among = self._passages_of(documents) if few else None
        return [i for i, _ in self._vectors.search(_ASKING.sub(" ", question), limit, documents, among)]

    def _passages_of(self, documents: Sequence[str]) -> list[int]:
        sql = f"SELECT id FROM passages WHERE document IN ({', '.join('?' for _ in documents)}) ORDER BY id"
        return [row["id"] for row in self._store.db.query(sql, list(documents))]

    def _allowed(self, documents: Sequence[str] | None, years: Sequence[int] | None) -> list[str] | None:
        if not years:
            return None if documents is None else list(documents)
        marks = ", ".join("?" for _ in years)
        of_years = {row["id"] for row in self._store.db.query(f"SELECT id FROM documents WHERE year IN ({marks})", list(years))}
        return [d for d in (of_years if documents is None else documents) if d in of_years]

    def _rows(self, ids: Iterable[int]) -> dict[int, dict[str, Any]]:
        ids = list(ids)
        marks = ", ".join("?" for _ in ids)
        return {row["id"]: _row(row) for row in self._store.db.query(f"SELECT * FROM passages WHERE id IN ({marks})", ids)}


def _named(question: str, row: Mapping[str, Any]) -> float:
    """How much of the question is the name of what the passage is about: its project, its headings, the opening words of its lines."""
    asked = key(question)
    printed = [row["project"], *row["path"][-2:], *row["text"].split("\n")]
    names = set(map(_bare, printed))
    return max((len(name) for name in names if len(name) >= 3 and name in asked), default=0) / max(6, len(asked))


@lru_cache(maxsize=8192)  # the lines of the papers last asked about: each search looks at all of them
def _bare(line: str) -> str:
    """The name that a heading or a line begins with (comparison form), without its number and its amount."""
    return key(re.sub(r"\s*[\d,.]+\s*(?:万|亿)?元.*", "", re.split(r"[，。：:；]|,(?!\d)", strip_numbering(line), maxsplit=1)[0]))


def _pairs(text: str) -> set[str]:
    flat = key(text)
    return {flat[i : i + 2] for i in range(len(flat) - 1)}


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "path": tuple(json.loads(row["path"])), "bbox": tuple(json.loads(row["bbox"])) if row["bbox"] else None}


def _found(row: Mapping[str, Any], score: float, keyword_rank: int | None, vector_rank: int | None) -> Found:
    place = Place(row["line_start"], row["line_end"], row["page"], row["bbox"], row["sheet"], row["cell"])
    turns = page_turns(row.get("turns"))  # an index of an earlier schema lacks them
    return Found(row["id"], row["document"], row["text"], row["path"], row["project"], row["field"], place, score, keyword_rank, vector_rank, turns)
