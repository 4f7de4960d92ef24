"""What kind of sentence a question asks for (a reason, a purpose, a basis …), and how such sentences are printed: the entries of intents.toml."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Intent:
    """One kind. `question` recognises the question, `telling` one that cannot ask for anything else; `label` the field or heading, `sentence` the
    sentence that answers it, `field` the field of a form that says it and nothing else; `words` stand in them. `asks` is the Ask of a telling question; the kinds `over` are not meant where this
    one is; `alone`: it is what is meant where a question names nothing but whose it is.
    """

    name: str
    words: str
    telling: re.Pattern[str]
    question: re.Pattern[str]
    label: re.Pattern[str]
    field: re.Pattern[str]
    sentence: re.Pattern[str]
    asks: str
    over: tuple[str, ...]
    alone: bool

    def fits(self, path: Sequence[str], field: str, text: str) -> float:
        """How far a passage is of this kind: 0 not at all … 1 by its field or heading and its sentences."""
        named = field or (path[-1] if path else "")
        return 0.5 * bool(self.label.search(named)) + 0.5 * bool(self.sentence.search(text))


def _any(patterns: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(patterns) or "(?!)")


@cache
def _data() -> dict:
    return tomllib.loads((HERE / "intents.toml").read_text(encoding="utf-8"))


@cache
def intents() -> tuple[Intent, ...]:
    """The entries of intents.toml, in their order."""
    return tuple(
        Intent(
            entry["name"],
            entry["words"],
            _any(entry["telling"]),
            _any([*entry["telling"], *entry["asked"]]),
            re.compile(entry["label"]),
            re.compile(entry.get("field", "(?!)")),
            re.compile(entry["sentence"]),
            entry.get("asks", "text"),
            tuple(entry.get("over", ())),
            entry.get("alone", False),
        )
        for entry in _data()["intent"]
    )


@cache
def chatter() -> re.Pattern[str]:
    """Talk around a question, without a word on what it is about."""
    return _any(_data()["chatter"])


@cache
def light() -> frozenset[str]:
    """Words of doing, time and manner that say nothing about what a question is about."""
    return frozenset(_data()["light"])


@cache
def pattern(name: str) -> re.Pattern[str]:
    """A single expression of intents.toml: `overall`, `changes`, `glossary`."""
    return re.compile(_data()[name])


def intents_of(question: str) -> tuple[Intent, ...]:
    """The kinds of sentence a question asks for, mostly one; none for a plain question."""
    asked = _meant(tuple(intent for intent in intents() if intent.question.search(question)))
    # “主要用于哪些方面” asks for purposes; 哪些 alone asks for a list.
    return asked if len(asked) == 1 else tuple(intent for intent in asked if intent.name != "list")


def told(question: str) -> tuple[tuple[Intent, int, int], ...]:
    """The kinds that a question cannot but ask for, each with where its words stand."""
    kinds = _meant(tuple(intent for intent in intents() if intent.telling.search(question)))
    return tuple((intent, m.start(), m.end()) for intent in kinds for m in intent.telling.finditer(question))


def _meant(kinds: tuple[Intent, ...]) -> tuple[Intent, ...]:
    return tuple(intent for intent in kinds if not any(intent.name in other.over for other in kinds))
