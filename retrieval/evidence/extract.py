"""Passages -> the sentences or list items that answer, quoted exactly.

    found = passages.search(question, documents, ignore=names)
    for piece in extract(question, found, ignore=names, around=passages.around, lines=lines_of_document): ...

Every Extract is a run of characters of its passage, never re-worded. A field or section that is what was asked for (政策依据, 年度目标, 主要职能) is
given whole, in reading order; of other passages only the sentences that are of the kind asked for and about the question's subject.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ingest.numbering import is_lead, numbering, sentences
from ingest.records import Place
from ingest.wording import key
from retrieval.evidence.intents import Intent, chatter, intents_of, pattern
from retrieval.evidence.passages import Found
from retrieval.evidence.subject import bare, spoken

_WHOLE = {
    "duty",
    "year goal",
    "long goal",
    "basis",
    "need",
    "method",
    "progress",
    "organisation",
    "cuts",
    "rises",
    "parts",
}  # kinds that are answered by a whole field or section
_CONTINUED = {"reason", "result", "problem", "measure", "need"}  # kinds that neighbouring sentences go on with
_LONGEST_LINE = 450  # a paragraph up to here is given whole when its parts belong together
_SHORT_CELL = 220  # a cell of a form up to here is given whole where a list is asked for: its items stand in several sentences
_LONGEST_SENTENCE = 110  # a longer sentence is cut down to the clauses that answer
_MOST_PIECES = 6  # of one field or section
_FOREIGN = 0.7  # what the field of a project is worth that the question does not name
_OVERALL = 0.6  # what is said about the whole gains where the question names no item
_GLOSSARY = 1.0  # what a definition loses where none is asked for
_LITERAL = 0.15  # what the question's very words gain, in what a line says has changed, over other names for the same thing
_SECTION = 0.6  # what the department's own section (主要工作目标) gains over a field of a form that the question does not name
_CLOSE = 0.86  # a second answer must score this much of the best one

_COUNTING = re.compile(r"多少|几")
_CLAUSES = {
    "use": re.compile(r"(?:该项目|本项目|项目经费|经费)?(?:主要)?(?:用于|用来|包括|是)(?=\D)[^。；]*[。；]?"),
    "basis": re.compile(r"(?:根据|依据|按照|参照|为落实|为贯彻)[^。；]*?(?=[，,]\s*(?:主要用于|用于|主要包括|具体)|[。；]|$)[。；]?"),
    "reason": re.compile(r"[^，。；]*(?:原因|因为|由于|主要是|因)[^。；]*[。；]?"),
}
_MARKUP = re.compile(r"</?(?:p|ol|ul|li|br|b|strong|em|i|u|span|div|sup|sub|td|tr|th)\b[^>]*>|\*\*", re.IGNORECASE)
_HIDDEN = re.compile(rf"{_MARKUP.pattern}|^\s*[-•●○■◆▪]\s+", re.IGNORECASE)
_FIRST_ITEM = re.compile(r"[：:]\s*1[.、．](?!\d)")
_ENUMERATES = re.compile(r"(?:原因|是|系|为|说明)\s*[：:]")  # “主要是：…；…。”: every part up to the full stop is meant
_BARE_REASON = re.compile(r"(?:主要)?(?:原因)?(?:是|为|[:：])|主要原因|(?:增加|减少|增长|下降|增减|变动|变化)(?:的)?(?:主要)?原因")
_MAINLY = re.compile(r"\s*主要[是系]")
_CHANGED = re.compile(r"(?:增加|减少|增长|下降|上升|降低)[^，。；]{0,14}\d")
_CONTINUES = re.compile(r"^(?:具体|包括|其中|主要包括|含|即|分别|[二三四五六七八九]是|其[二三四])")
_WHY = re.compile(r"(?:(?:主要)?原因|主要[是系])[^。；]*")  # the reason behind what changed, to the end of its sentence
_DEFINED = re.compile(r"是指|[：:]|指|反映")


@dataclass(frozen=True, slots=True)
class Extract:
    """A piece that answers. `text` stands in `passage.text` as it is: to be shown. `quote` holds the source's own characters on `place`: to be cited
    (the longest run without markup where tags stand between). `place` is as narrow as the source's lines allow. `kind` says what the piece is
    (reason, use, basis …, "" for a plain sentence); `score` compares pieces of one question.
    """

    text: str
    place: Place
    passage: Found
    kind: str
    score: float
    quote: str = ""


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
    whole = not _topic(pattern("changes").sub(" ", question), asked)  # no item is named: the whole budget, the department itself
    if whole:
        topic = ()  # whichever way it changed
        asked = tuple(i for i in asked if i.alone) or asked
    answers = sorted((a for rank, p in enumerate(passages) for a in _answers(question, asked, topic, p, rank, passages[0].score, whole, around)), key=_best)
    chosen: list[list[Extract]] = []
    for answer in answers:
        if len(chosen) >= limit or answer[0].score < _CLOSE * answers[0][0].score:
            break
        if not any(_same(answer, other) for other in chosen):
            chosen.append(answer)
    pieces = [piece for answer in chosen for piece in answer]
    return [in_source(piece, lines(piece.passage.document) if lines else None) for piece in pieces]


def with_list(
    pieces: Sequence[Extract], continuing: Callable[[Found], Sequence[Found]], lines: Callable[[str], Sequence[str] | None]
) -> list[Extract]:
    """The pieces, each that only announces a list (“具体包括：”) with the list: what follows it in its passage, then the passages that go on with it."""
    whole: list[Extract] = []
    for piece in pieces:
        text = piece.passage.text
        end = text.find(piece.text) + len(piece.text)
        if not is_lead(piece.text) or len(piece.text) > end:
            whole.append(piece)
            continue
        more = continuing(piece.passage)
        full = replace(piece, text=text[end - len(piece.text) :].strip())
        added = [in_source(full, lines(piece.passage.document)), *(in_source(_piece(p, 0, len(p.text), piece.kind, piece.score), lines(p.document)) for p in more)]
        known = {w.passage.id for w in pieces} - {piece.passage.id}
        whole += [a for a in added if a.passage.id not in known]
    return whole


_WIDE = {",": "，、", "(": "（", ")": "）", ":": "：", "-": "—－", "+": "＋", ".": "。"}
_EXPLAINED = re.compile(r"[”\"]?\s*(?:[（(：:]|是指|指的?是|即|包括|分别)")


def as_printed(term: str) -> re.Pattern[str]:
    """A term in the normal form of a question as papers may print it."""
    letters = (rf"[{re.escape(c)}{_WIDE.get(c, '')}]" for c in term)
    return re.compile(r"\s*".join(letters), re.IGNORECASE)


def naming(term: str, passages: Iterable[Found], lines: Callable[[str], Sequence[str] | None]) -> Extract | None:
    """The sentence that prints a term as it stands, one that goes on to say what it is before others; None where none prints it."""
    best: Extract | None = None
    for passage in passages:
        end = 0
        for start, stop in sentences(passage.text):
            if start < end:  # within the brackets of the sentence before
                continue
            end = _closed(passage.text, start, stop)
            text = passage.text[start:end]
            at = as_printed(term).search(text)
            if not at:
                continue
            opens = key(_opening(text)) == key(term)
            piece = _piece(passage, start, end, "definition", 1.0 + 2 * opens + bool(_EXPLAINED.match(text, at.end())))
            best = piece if best is None or piece.score > best.score else best
    return in_source(best, lines(best.passage.document)) if best else None


def _closed(text: str, start: int, stop: int) -> int:
    """Where a sentence ends that was cut within brackets (“五个到格”（责任到格。力量到格）)."""
    while stop < len(text) and text[stop - 1] != "\n" and sum(map(text[start:stop].count, "（(")) > sum(map(text[start:stop].count, "）)")):
        following = [b for a, b in sentences(text) if b > stop]
        stop = following[0] if following else len(text)
    return stop


def _best(answer: Sequence[Extract]) -> float:
    return -answer[0].score


def _same(one: Sequence[Extract], other: Sequence[Extract]) -> bool:
    """Whether two answers overlap or say the same (forms repeat what the prose says)."""
    a, b = _pairs("".join(e.text for e in one)), _pairs("".join(e.text for e in other))
    return len(a & b) > 0.8 * min(len(a), len(b)) or bool({e.passage.id for e in one} & {e.passage.id for e in other})


# What a question is about


def _pairs(text: str) -> frozenset[str]:
    flat = key(text)
    return frozenset(flat[i : i + 2] for i in range(len(flat) - 1))


def _topic(question: str, asked: Sequence[Intent]) -> tuple[str, ...]:
    """The words that say what the question is about, not what it asks of it."""
    for intent in asked:
        # Of an organisation the question's own words say which part of it is asked for (处室, 编制).
        question = question if intent.name == "organisation" else intent.question.sub(" ", question)
    return tuple(bare(chatter().sub(" ", question)))


def _cover(topic: Sequence[str], *texts: str) -> float:
    return spoken(topic, key("|".join(texts))) if topic else 1.0


# Answers of one passage


def _answers(
    question: str,
    asked: Sequence[Intent],
    topic: Sequence[str],
    passage: Found,
    rank: int,
    top: float,
    whole: bool,
    around: Callable[[Found], Sequence[Found]] | None,
) -> Iterator[list[Extract]]:
    base = passage.score / top if top else 1.0
    if whole and any(pattern("overall").search(words) for words in (*passage.path[-1:], _opening(passage.text))):
        base += _OVERALL
    if asked and not any(i.name == "definition" for i in asked) and any(pattern("glossary").search(title) for title in passage.path):
        base -= _GLOSSARY
    names = (passage.project, passage.field, *passage.path[-2:])
    label = passage.field or (passage.path[-1] if passage.path else "")
    # The goals of a project nobody asked about, neither by its name nor by what its form speaks of.
    unnamed = bool(passage.project) and not _pairs(passage.project) & _pairs(question) and not _cover(topic or ("?",), passage.project)
    foreign = unnamed and (not topic or _cover(topic, passage.text) < 0.4)
    for intent in asked:
        covered = _cover(topic, *names) >= 0.6
        if intent.name in _WHOLE and intent.label.search(label) and (covered or intent.name != "organisation"):
            pieces = [passage]
            if covered:
                # Nothing of the question is left that would point at a part of the field or section.
                pieces = list(around(passage) if around else pieces)[:_MOST_PIECES] or pieces
            section = whole and not passage.field and not intent.field.search(question)
            score = (base + 1.2 + 0.8 * _cover(topic, *names, passage.text) + _SECTION * section) * (_FOREIGN if foreign else 1.0)
            yield [Extract(p.text, p.place, p, intent.name, score) for p in pieces]
            return
    for line in _lines(passage.text):
        named = _named(question, passage.text[line[0] : line[1]])
        defining = any(i.name == "definition" for i in asked)
        if named and defining:
            yield [_piece(passage, *line, "definition", base + 2.0 + named)]
        elif defining and (inner := _defined_within(question, passage.text, line)):
            yield [_piece(passage, *inner[:2], "definition", base + 2.0 + inner[2])]
        else:
            yield _of_line(asked, topic, passage, line, names, base + 0.5 * named, bool(_COUNTING.search(question)))


def _lines(text: str) -> list[tuple[int, int]]:
    """(start, end) of every paragraph; the items of a list stay with the one that leads it and holds its first (“原因说明：1. …；”)."""
    spans: list[tuple[int, int]] = []
    start = 0
    due = ""  # the number that the next line must have to go on with a list
    for line in text.split("\n"):
        mark = numbering(line)
        if due and mark and mark[1] == due:
            spans[-1] = (spans[-1][0], start + len(line))
            due = str(int(due) + 1)
        else:
            spans.append((start, start + len(line)))
            due = "2" if _FIRST_ITEM.search(line) else ""
        start += len(line) + 1
    return spans


def _opening(line: str) -> str:
    """What a line begins with, its number left out: a term, an item's name, a label (“下一步改进措施：”)."""
    mark = numbering(line)
    return re.split(r"[，。：:；]", mark[2] if mark else line, maxsplit=1)[0]


def _named(question: str, line: str) -> float:
    """How much of the question is the name that a line begins with (“购房补贴：反映…”, “（二）公用支出106万元，…”); 0 when it is another's."""
    name, asked = key(re.sub(r"\s*[\d,.]+\s*(?:万|亿)?元.*", "", _opening(line))), key(question)
    return len(name) / len(asked) if 2 <= len(name) <= 30 and name in asked else 0.0


def _defined_within(question: str, text: str, line: tuple[int, int]) -> tuple[int, int, float] | None:
    """The sentence inside a paragraph that defines what the question names (“…。财政拨款结余是指…”), and how much of the question its name is."""
    asked, best = key(question), None
    for a, b in sentences(text[line[0] : line[1]]):
        name = key(_DEFINED.split(text[line[0] + a : line[0] + b], maxsplit=1)[0])
        if 3 <= len(name) <= 30 and name in asked and (best is None or len(name) / len(asked) > best[2]):
            best = (line[0] + a, line[0] + b, len(name) / len(asked))
    return best


def _of_line(
    asked: Sequence[Intent], topic: Sequence[str], passage: Found, line: tuple[int, int], names: Sequence[str], base: float, counting: bool
) -> list[Extract]:
    """The answer that one paragraph of a passage gives: its best sentence with what belongs to it."""
    text = passage.text
    whole = text[line[0] : line[1]]
    spans = [(line[0] + a, line[0] + b) for a, b in sentences(whole)] or [line]
    about = _cover(topic, whole, *names) if topic else 0.5
    changed = _CHANGED.search(whole) and any(i.name == "reason" for i in asked)
    if topic and changed:  # an item that is named only among the reasons is not the one that changed
        about = max(0.6 * about, _cover(topic, _WHY.sub(" ", whole), *names))
    label = re.match(r"[^，。；：:]{2,20}[：:]", whole)
    labelled = next((i.name for i in asked if label and i.label.search(label[0])), "")

    def score(span: tuple[int, int]) -> float:
        n = spans.index(span)
        kind = float(any(i.sentence.search(text[span[0] : span[1]]) for i in asked)) or 0.5 * _implied(asked, text, spans, n)
        figure = counting and bool(re.search(r"\d", text[span[0] : span[1]]))
        said = text[span[0] : span[1]]
        if changed and kind:
            said = _WHY.sub(" ", text[spans[max(0, n - bool(_BARE_REASON.match(said)))][0] : span[1]])
        return 0.6 * kind + 0.4 * _cover(topic, said) + 0.2 * figure

    best = max(range(len(spans)), key=lambda n: (score(spans[n]), -n))
    kind = labelled or next((i.name for i in asked if i.sentence.search(text[spans[best][0] : spans[best][1]])), "")
    kind = kind or ("reason" if _implied(asked, text, spans, best) else "")
    stated = key(_WHY.sub(" ", whole))
    literal = sum(word in stated for word in topic) / len(topic) if topic and changed else 0.0
    total = base + about + score(spans[best]) + 0.3 * bool(labelled) + _LITERAL * literal
    if is_lead(whole) and (kind == "list" or labelled):
        return [_piece(passage, line[0], len(text), kind, total)]
    plain = not kind and score(spans[best]) < 0.15
    if passage.field and kind == "list" and len(whole) <= _SHORT_CELL:
        return [_piece(passage, *line, kind, total)]
    if len(whole) <= _LONGEST_LINE and (labelled or plain or (counting and kind == "organisation")):
        return [_piece(passage, *line, kind, total)]
    start, end = _with_neighbours(text, spans, best, asked, line)
    if end - start > _LONGEST_SENTENCE and kind in _CLAUSES and (start, end) == spans[best]:
        start, end = _trimmed(text, start, end, _CLAUSES[kind])
    return [_piece(passage, start, end, kind, total)]


def _implied(asked: Sequence[Intent], text: str, spans: Sequence[tuple[int, int]], n: int) -> bool:
    """Whether a sentence gives the reason of the change before it without a word for it (“…增长9.6%。主要是出国费用不再统管。”)."""
    return (
        any(i.name == "reason" for i in asked)
        and n > 0
        and bool(_MAINLY.match(text[slice(*spans[n])]) and _CHANGED.search(text[slice(*spans[n - 1])]))
    )


def _with_neighbours(text: str, spans: Sequence[tuple[int, int]], best: int, asked: Sequence[Intent], line: tuple[int, int]) -> tuple[int, int]:
    """The sentence with its like neighbours: an enumeration whole, the next sentence when it goes on (具体包括…)."""
    numbered = sum(numbering(text[a:b]) is not None or bool(re.search(r"[：:]\s*\d[、.]", text[a:b])) for a, b in spans)
    semicolons = sum(text[b - 1] in "；;" for _, b in spans)
    if (numbered > 1 or semicolons > 1) and line[1] - line[0] <= _LONGEST_LINE:
        return line
    first = last = best
    if best and _BARE_REASON.match(text[spans[best][0] :]) and _CHANGED.search(text[slice(*spans[best - 1])]):
        first -= 1  # “… 减少 14 万元。主要原因是 …”: what changed belongs to why
    like = [any(i.sentence.search(text[a:b]) for i in asked) for a, b in spans]
    goes_on = any(i.name in _CONTINUED for i in asked) and like[best]
    while last + 1 < len(spans) and ((goes_on and like[last + 1]) or _CONTINUES.match(text[spans[last + 1][0] :])):
        last += 1
    if goes_on and _ENUMERATES.search(text[slice(*spans[best])]):
        while last + 1 < len(spans) and text[spans[last][1] - 1] in "；;":
            last += 1
    if numbering(text[spans[best][0] : spans[best][1]]) and spans[best][1] - spans[best][0] < 25 and last == best:
        last = len(spans) - 1  # “3.公务用车购置和运行维护费。” only names what follows
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


def in_source(piece: Extract, lines: Sequence[str] | None) -> Extract:
    """The piece with its own lines inside its passage's and the source's own characters there; as it is where there are no lines to look into."""
    place = piece.passage.place
    if lines is None or place.line_start is None or place.line_end is None:
        return replace(piece, quote=piece.text)
    letters = list(_letters(lines, place.line_start, min(place.line_end, len(lines))))
    source, wanted = "".join(c for c, _, _ in letters), "".join(c for c, _, _ in _letters([piece.text], 1, 1))
    start = source.find(wanted)
    end = start + len(wanted) - 1
    for known in (12, 6):
        if start < 0:
            # Something is printed between (a page number): its beginning and its end still say where it stands.
            start, tail = source.find(wanted[:known]), source.rfind(wanted[-known:])
            end = tail + len(wanted[-known:]) - 1
            start = start if start <= tail else -1
    if start < 0:
        return replace(piece, quote=piece.text)
    (_, first, left), (_, last, right) = letters[start], letters[end]
    inside = [lines[n - 1][left if n == first else 0 : right + 1 if n == last else None] for n in range(first, last + 1)]
    quote = max(_MARKUP.split("".join(inside)), key=len).strip()
    return replace(piece, place=replace(place, line_start=first, line_end=last), quote=quote)


def _letters(lines: Sequence[str], first: int, last: int) -> Iterator[tuple[str, int, int]]:
    """(character, line, column) of what is printed on these lines: NFKC, without blanks, markup and bullets."""
    for number in range(first, last + 1):
        line = lines[number - 1]
        hidden = {n for found in _HIDDEN.finditer(line) for n in range(*found.span())}
        for column, printed in enumerate(line):
            if column not in hidden:
                yield from ((c, number, column) for c in unicodedata.normalize("NFKC", printed) if not c.isspace())
