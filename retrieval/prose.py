"""Search -> an extractive answer: the paper's own sentences, quoted exactly, with their places; a figure only when its clause names what was asked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ingest import generations
from ingest.amounts import plain, read_amount
from ingest.loaders.text import decode, lines_of
from ingest.records import Unreadable
from ingest.stores.facts import FactStore
from ingest.wording import key, squeeze
from retrieval.answer import Draft, mask
from retrieval.evidence.extract import Extract, extract
from retrieval.evidence.facts import FactReader
from retrieval.evidence.intents import intents_of
from retrieval.evidence.passages import Passages
from retrieval.plan import Search
from retrieval.question import Ask, words
from retrieval.records import Value

# How much of what the question is about must stand in the sentence and its headings before it counts as an answer.
ENOUGH = {Ask.DEFINITION: 0.6, Ask.TEXT: 0.5, Ask.LIST: 0.5, Ask.LOOK_UP: 0.72, Ask.COUNT: 0.72}


def about(question: str, piece: Extract, ignore: tuple[str, ...]) -> float:
    """How much of what the question is about stands in a piece and its headings: the share of its character pairs, asking words left out."""
    for intent in intents_of(question):
        question = intent.question.sub(" ", question)
    for word in (*ignore, *words()["filler"]):
        question = question.replace(word, " ")
    topic = {run[i : i + 2] for run in re.split(r"[^\w%]+", key(question.replace(" ", "|")).replace("|", " ")) for i in range(len(run) - 1)}
    passage = piece.passage
    flat = "|".join(key(t) for t in (piece.text, *passage.path, passage.project, passage.field) if t)
    return sum(pair in flat for pair in topic) / len(topic) if topic else 1.0


@dataclass(frozen=True, slots=True)
class Named:
    """A figure beside the words asked for, as it stands in a sentence."""

    value: str
    unit: str
    printed: str


class Prose:
    """Answers from the prose of one generation of the index."""

    def __init__(self, folder: Path, reader: FactReader) -> None:
        self._store = FactStore(folder / generations.FACTS, readonly=True)
        self._passages = Passages(self._store, folder)
        self._files = folder.parent.parent / "files"
        self._reader = reader
        self._lines = lru_cache(maxsize=32)(self._read_lines)

    def answer(self, search: Search, question: str, draft: Draft) -> bool:
        """Write the sentences that answer into the draft; False when none does."""
        papers = [self._reader.paper[d] for d in search.documents]
        if search.year is not None and any(p.year == search.year for p in papers):
            papers = [p for p in papers if p.year == search.year]
        documents = [p.id for p in papers]
        if not documents:
            return False
        asked = " ".join([question, *search.carried])
        found = self._passages.search(asked, documents, ignore=search.ignore, limit=10)
        pieces = extract(asked, found, ignore=search.ignore, around=self._passages.around, lines=self._lines)
        need = ENOUGH.get(search.ask, 0.6)
        pieces = [p for p in pieces if about(asked, p, search.ignore) >= need]
        if not pieces:
            return False
        if search.ask in (Ask.LOOK_UP, Ask.COUNT) and not any(re.search(r"\d", p.text) for p in pieces):
            return False
        for piece in pieces:
            self._say(search, asked, piece, draft)
        return True

    def _say(self, search: Search, question: str, piece: Extract, draft: Draft) -> None:
        place, passage = piece.place, piece.passage
        where = [*passage.path, *(x for x in (passage.project and f"项目“{passage.project}”", passage.field) if x)]
        number = draft.cite_text(
            passage.document, where, piece.text,
            line_start=place.line_start, line_end=place.line_end, page=place.page, bbox=place.bbox, sheet=place.sheet, cell=place.cell,
        )  # fmt: skip
        paper = self._reader.paper[passage.document]
        lead = f"《{paper.title}》{'，'.join(where[-2:])}：" if len(draft.lines) == 0 or paper.title not in draft.lines[0] else f"{'，'.join(where[-2:])}："
        named = figure_beside(question, piece.text, search.ignore) if search.ask in (Ask.LOOK_UP, Ask.COUNT) else None
        text = mask(piece.text)
        if named:
            draft.values.append(Value(search.label or "所问数字", named.value, named.unit, None, (number,)))
            text = text.replace(named.printed, f"**{named.printed}**", 1)
        draft.lines.append(f"{lead}{text} [{number}]")

    def _read_lines(self, document: str) -> list[str] | None:
        row = self._store.document(document)
        if row is None or row["format"] not in ("txt", "md"):
            return None
        try:
            return lines_of(decode((self._files / row["sha256"]).read_bytes()))
        except (OSError, Unreadable):
            return None


_FIGURE = re.compile(r"[-−]?\d[\d,，]*(?:\.\d+)?\s*(?:万元|亿元|千元|元|万|亿|[%％]|批次|人次|人|辆|台|个|家|篇|份|次|场|件|名|项|分|天|平方米|㎡|册|套|户|条|起)")
_COUNTED = re.compile(r"(?:多少|几)(批次|人次|人|辆|台|家|篇|份|次|场|件|名|分|天|平方米|册|套|户|条|起|个|项|万元|元)")


def figure_beside(question: str, sentence: str, ignore: tuple[str, ...]) -> Named | None:
    """The figure right after the longest run of the question's words in the sentence, in the same clause; None when that is not clear.

    The run must be four characters at least, and a counted unit that the question names (多少篇) must be the figure's.
    """
    for word in ignore:
        question = question.replace(word, " ")
    asked = key(question)
    counted = _COUNTED.search(question)
    best: tuple[int, int] | None = None
    for start in range(len(sentence)):
        length = 0
        while start + length < len(sentence) and squeeze(sentence[start : start + length + 1]).lower() in asked:
            length += 1
        if length >= 3 and (best is None or length > best[1]):
            best = (start, length)
    if best is None:
        return None
    end = best[0] + best[1]
    clause = re.split(r"[。；;]", sentence[end : end + 60])[0]
    figures = [m for m in _FIGURE.finditer(clause)]
    if counted:
        figures = [m for m in figures if m[0].replace(" ", "").endswith(counted[1])]
    if not figures or figures[0].start() > 28:
        return None
    amount = read_amount(figures[0][0].replace("，", ","))
    return Named(plain(amount.value), amount.unit, figures[0][0]) if amount.value is not None else None
