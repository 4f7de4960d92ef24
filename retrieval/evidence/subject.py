"""What a question is about, word by word, and how much of it a text speaks of: under the question's own words or under others for the same thing.

    subject("扶贫办雇外聘人手要的钱按什么定", ("扶贫办",))   # ['外聘', '人手']
    spoken(["外聘", "人手"], key("劳务派遣人员"))            # 0.5: “劳务派遣” is said for “外聘”, nothing for “人手”
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import groupby

from ingest.synonyms import same
from ingest.tokens import cut
from ingest.wording import key
from retrieval.evidence.intents import chatter, intents_of, light
from retrieval.question import words

_RUN = re.compile(r"[^\w%]+")


@cache
def _saying_nothing() -> frozenset[str]:
    return frozenset(words()["filler"]) | light()


def subject(question: str, ignore: Sequence[str] = ()) -> list[str]:
    """The words that say what a question is about: without its asking, the words to `ignore` (whose, when), fillers and single characters."""
    for word in ignore:
        question = question.replace(word, " ")
    found, question = _known(key(question))
    for intent in intents_of(question):
        question = intent.question.sub(" ", question)
    return list(dict.fromkeys([*found, *bare(chatter().sub(" ", question))]))


def bare(text: str) -> list[str]:
    """The words of a text that say something; single characters side by side make one (维 + 稳), if they are not all of doing or joining."""
    found, text = _known(key(text))
    for run in _RUN.split(text):
        for single, group in groupby(cut(run), key=lambda word: len(word) == 1):
            words = list(group)
            found += _pieces(words) if single else words
    told = (re.sub(r"^[各每]|多$", "", word) for word in found)
    return list(dict.fromkeys(w for w in told if len(w) > 1 and not re.search(r"\d", w) and w not in _saying_nothing()))


def _known(text: str) -> tuple[list[str], str]:
    """The long names in a text that are said for something under other names too (外包人手 is one thing, of whatever words), and the rest of it."""
    found = []
    for phrase in _phrases():
        if phrase in text:
            found.append(phrase)
            text = text.replace(phrase, " ")
    return found, text


@cache
def _phrases() -> tuple[str, ...]:
    return tuple(sorted((word for word in same() if len(word) > 2), key=len, reverse=True))


def _pieces(characters: Iterable[str]) -> list[str]:
    """Single characters as words, cut where one of them says nothing."""
    return "".join(" " if c in _saying_nothing() or c.isdigit() else c for c in characters).split()


def spoken(asked: Sequence[str], text: str) -> float:
    """The share (by length) of these words that a text in comparison form holds, under any word for the same thing; a long word counts by its pairs."""
    total = sum(map(len, asked))
    return sum(len(word) * _held(word, text) for word in asked) / total if total else 0.0


def _held(word: str, text: str) -> float:
    if word in text or any(len(other) > 1 and key(other) in text for other in same().get(word, ())):
        return 1.0
    pairs = [word[i : i + 2] for i in range(len(word) - 1)]
    return sum(pair in text for pair in pairs) / len(pairs) if len(pairs) > 1 else 0.0
