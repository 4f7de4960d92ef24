"""Passages -> the sentences or list items that answer, quoted exactly.

    found = passages.search(question, documents, ignore=names)
    for piece in extract(question, found, ignore=names, around=passages.around, lines=lines_of_document): ...

Every Extract is a run of characters of its passage, never re-worded. A field or section that is what was asked for (政策依据, 年度目标, 主要职能) is
given whole, in reading order; of other passages only the sentences that are of the kind asked for and about the question's subject.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ingest.numbering import is_lead, numbering, sentences
from ingest.records import Place
from ingest.wording import key, squeeze
from retrieval.evidence.intents import Intent, intents_of
from retrieval.evidence.passages import Found

_WHOLE = {"duty", "year goal", "long goal", "basis", "method", "progress"}  # kinds that are answered by a whole field or section
_LONGEST_LINE = 450  # a paragraph up to here is given whole when its parts belong together
_LONGEST_SENTENCE = 110  # a longer sentence is cut down to the clauses that answer
_MOST_PIECES = 6  # of one field or section
_CLOSE = 0.86  # a second answer must score this much of the best one

_LISTING = re.compile(r"哪些|哪几|有什么|分为|包括什么|几个|几类|几部分|构成|组成")
_GENERAL = re.compile(
    r"请问|什么|怎么|怎样|如何|为|哪些|哪几个|哪里|哪个|多少|是否|有没有|主要|情况|项目|预算|年度|经费|资金|部门|单位|方面|内容|具体|的|是|了|在|于|和|与|及|吗|呢"
    r"|(?:19|20)\d\d年?|[？?。，,！!“”《》\s]"
)
_CLAUSES = {
    "use": re.compile(r"(?:该项目|本项目|项目经费|经费)?(?:主要)?(?:用于|用来|包括|是)(?=\D)[^。；]*[。；]?"),
    "basis": re.compile(r"(?:根据|依据|按照|参照|为落实|为贯彻)[^。；]*?(?=[，,]\s*(?:主要用于|用于|主要包括|具体)|[。；]|$)[。；]?"),
    "reason": re.compile(r"[^，。；]*(?:原因|因为|由于|主要是|因)[^。；]*[。；]?"),
}
_CONTINUES = re.compile(r"^(?:具体|包括|其中|主要包括|含|即|分别)")


@dataclass(frozen=True, slots=True)
class Extract:
    """A piece that answers. `text` stands in `passage.text` as it is; `place` is as narrow as the source's lines allow; `kind` is what it is
    (reason, use, basis …, "" for a plain sentence); `score` compares pieces of one question."""

    text: str
    place: Place
    passage: Found
    kind: str
    score: float


def extract(
    question: str,
    passages: Sequence[Found],
    *,
    ignore: Iterable[str] = (),
    around: Callable[[Found], Sequence[Found]] | None = None,
    lines: Callable[[str], Sequence[str] | None] | None = None,
    limit: int = 2,
) -> list[Extract]:
    """The pieces that answer, the best answer first; the pieces of one answer stand together in reading order.

    `passages` come from `Passages.search`, best first. `around` gives the other passages of a field or section, so that a long one is quoted whole;
    `lines` the source lines of a document id (text formats), so that places are exact. `limit` is how many answers of different places are given
    at most; a further one is only given when it is about as good. Empty when nothing answers.
    """
    for words in ignore:
        question = question.replace(words, " ")
    asked = intents_of(question)
    topic = _topic(question, asked)
    answers = sorted((a for rank, p in enumerate(passages) for a in _answers(question, asked, topic, p, rank, passages[0].score, around)), key=_best)
    chosen: list[list[Extract]] = []
    for answer in answers:
        if len(chosen) >= limit or answer[0].score < _CLOSE * answers[0][0].score:
            break
        if not any(_same(answer, other) for other in chosen):
            chosen.append(answer)
    return [replace(piece, place=narrowed(piece, lines(piece.passage.document) if lines else None)) for answer in chosen for piece in answer]


def _best(answer: Sequence[Extract]) -> float:
    return -answer[0].score


def _same(one: Sequence[Extract], other: Sequence[Extract]) -> bool:
    """Whether two answers overlap or say the same (forms repeat what the prose says)."""
    a, b = _pairs("".join(e.text for e in one)), _pairs("".join(e.text for e in other))
    return len(a & b) > 0.7 * min(len(a), len(b)) or bool({e.passage.id for e in one} & {e.passage.id for e in other})


# What a question is about


def _pairs(text: str) -> frozenset[str]:
    flat = key(text)
    return frozenset(flat[i : i + 2] for i in range(len(flat) - 1))


def _topic(question: str, asked: Sequence[Intent]) -> frozenset[str]:
    """The character pairs of the words that say what the question is about, not what it asks of it."""
    for intent in asked:
        question = intent.question.sub(" ", question)
    return frozenset(pair for piece in _GENERAL.sub(" ", question).split() for pair in _pairs(piece))


def _cover(topic: frozenset[str], *texts: str) -> float:
    return len(topic & frozenset().union(*map(_pairs, texts))) / len(topic) if topic else 1.0


# Answers of one passage


def _answers(
    question: str, asked: Sequence[Intent], topic: frozenset[str], passage: Found, rank: int, top: float, around: Callable[[Found], Sequence[Found]] | None
) -> Iterator[list[Extract]]:
    base = passage.score / top if top else 1.0
    names = (passage.project, passage.field, *passage.path[-2:])
    label = passage.field or (passage.path[-1] if passage.path else "")
    for intent in asked:
        if intent.name in _WHOLE and intent.label.search(label) and _cover(topic, *names) >= 0.6:
            score = base + 1.2 + 0.8 * _cover(topic, *names, passage.text)
            whole = list(around(passage))[:_MOST_PIECES] if around else [passage]
            yield [Extract(p.text, p.place, p, intent.name, score) for p in whole or [passage]]
            return
    for line in _lines(passage.text):
        term = _defined(question, passage.text[line[0] : line[1]])
        if term and any(i.name == "definition" for i in asked):
            yield [_piece(passage, *line, "definition", base + 2.0 + term)]
            continue
        yield from _of_line(asked, topic, passage, line, names, base, bool(_LISTING.search(question)))


def _lines(text: str) -> list[tuple[int, int]]:
    spans, start = [], 0
    for line in text.split("\n"):
        spans.append((start, start + len(line)))
        start += len(line) + 1
    return spans


def _defined(question: str, line: str) -> float:
    """How much of the question is the term that a line defines (“十二、购房补贴：反映…”); 0 when it defines another."""
    mark = numbering(line)
    term = re.split(r"[：:]", mark[2] if mark else line, maxsplit=1)[0]
    asked = key(question)
    return len(key(term)) / len(asked) if 2 <= len(key(term)) <= 30 and key(term) in asked else 0.0


def _of_line(
    asked: Sequence[Intent], topic: frozenset[str], passage: Found, line: tuple[int, int], names: Sequence[str], base: float, listing: bool
) -> Iterator[list[Extract]]:
    """The answer that one paragraph of a passage gives: its best sentence with what belongs to it."""
    text = passage.text
    spans = [(line[0] + a, line[0] + b) for a, b in sentences(text[line[0] : line[1]])]
    if not spans:
        return
    about = _cover(topic, text[line[0] : line[1]], *names)

    def score(span: tuple[int, int]) -> float:
        kind = max((bool(i.sentence.search(text[span[0] : span[1]])) for i in asked), default=0)
        return 0.6 * kind + 0.4 * _cover(topic, text[span[0] : span[1]])

    best = max(range(len(spans)), key=lambda n: (score(spans[n]), -n))
    kind = next((i.name for i in asked if i.sentence.search(text[spans[best][0] : spans[best][1]])), "")
    total = base + about + score(spans[best])
    if listing and is_lead(text[line[0] : line[1]]):
        yield [_piece(passage, line[0], len(text), kind, total + 0.3)]
        return
    start, end = _with_neighbours(text, spans, best, asked, line)
    if end - start > _LONGEST_SENTENCE and kind in _CLAUSES and start == spans[best][0]:
        start, end = _trimmed(text, start, end, _CLAUSES[kind])
    yield [_piece(passage, start, end, kind, total)]


def _with_neighbours(text: str, spans: Sequence[tuple[int, int]], best: int, asked: Sequence[Intent], line: tuple[int, int]) -> tuple[int, int]:
    """The sentence with its like neighbours: an enumeration whole, the next sentence when it goes on (具体包括…)."""
    numbered = sum(numbering(text[a:b]) is not None or bool(re.search(r"[：:]\s*\d[、.]", text[a:b])) for a, b in spans)
    semicolons = sum(text[b - 1] in "；;" for _, b in spans)
    if (numbered > 1 or semicolons > 1) and line[1] - line[0] <= _LONGEST_LINE:
        return line
    first = last = best
    like = [any(i.sentence.search(text[a:b]) for i in asked) for a, b in spans]
    while last + 1 < len(spans) and (like[best] and like[last + 1] or _CONTINUES.match(text[spans[last + 1][0] :])):
        last += 1
    while first > 0 and (text[spans[first - 1][1] - 1] in "；;" or _CONTINUES.match(text[spans[first][0] :])):
        first -= 1
    return spans[first][0], spans[last][1]


def _trimmed(text: str, start: int, end: int, clauses: re.Pattern[str]) -> tuple[int, int]:
    """A long sentence from its first to its last clause that answers."""
    found = list(clauses.finditer(text, start, end))
    return (found[0].start(), found[-1].end()) if found else (start, end)


def _piece(passage: Found, start: int, end: int, kind: str, score: float) -> Extract:
    text = passage.text[start:end].strip()
    return Extract(text, passage.place, passage, kind, score)


# Places


def narrowed(piece: Extract, lines: Sequence[str] | None) -> Place:
    """The piece's own lines inside its passage's lines; the passage's place where they cannot be told (no line numbers, or markup between)."""
    place = piece.passage.place
    if lines is None or place.line_start is None or place.line_end is None or place.line_end == place.line_start:
        return place
    flat: list[str] = []
    at: list[int] = []
    for number in range(place.line_start, min(place.line_end, len(lines)) + 1):
        for char in squeeze(lines[number - 1]).replace("*", ""):
            flat.append(char)
            at.append(number)
    wanted = squeeze(piece.text).replace("*", "")
    source = "".join(flat)
    start = source.find(wanted)
    end = start + len(wanted) - 1
    if start < 0:
        # Something printed between (a page number, a tag): its beginning and its end still say where it stands.
        start, tail = source.find(wanted[:12]), source.rfind(wanted[-12:])
        end = tail + min(12, len(wanted)) - 1
        if start < 0 or tail < start:
            return place
    return replace(place, line_start=at[start], line_end=at[end])
