"""A question that was refused, said again in words the papers know: slips of the pen put right, everyday words replaced, words without meaning left out.

Only refused questions come here, so that nothing else pays for the dictionary; every replacement is told to the asker, since it changes what was said.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ingest.tokens import parts_of_speech
from retrieval.plans import OutOfScope, Planned, SmallTalk
from retrieval.question import occurrences, words
from retrieval.understanding import Understood
from retrieval.vocabulary import concepts

HERE = Path(__file__).parent
LONGEST = 150  # characters; a longer question is no slip of the pen


@dataclass(frozen=True, slots=True)
class Rephrased:
    """The question in other words, and what was taken for what (“执行律” as “执行率”); words left out are not told."""

    text: str
    taken: tuple[tuple[str, str], ...] = ()

    @property
    def note(self) -> str:
        """How the answer says it; empty when nothing was replaced."""
        return f"说明：{'、'.join(f'“{said}”按“{meant}”' for said, meant in self.taken)}理解。" if self.taken else ""


def rephrase(planned: Planned) -> Rephrased | None:
    """Another wording of a question that was planned but not answered; None when every word left over means something."""
    u = planned.understood
    if u.coined or len(u.text) > LONGEST or isinstance(planned.plan, OutOfScope | SmallTalk):
        return None  # what stands in quotes is meant as it stands; what is none of the papers' business stays so in other words
    places = _places(u.text, (*u.unknown, *(m.text for m in u.items if not m.exact)))
    return _replaced(u, places) or _named_after(u) or _without_talk(u, places)


def _places(text: str, pieces: tuple[str, ...]) -> list[tuple[int, int]]:
    return [place for piece in pieces for place in occurrences(text, piece)]


def unexplained(u: Understood) -> tuple[str, ...]:
    """Words of a question without any item that mean something all the same, though their characters passed as talk (开会, 买设备): nothing may be
    taken for the whole of a budget that names a part of it."""
    if u.items or u.unknown:
        return ()
    said = [word for word, _ in _everyday() if word in u.text]
    if not u.bare or said:
        return tuple(said[:1])
    words_ = [(word, tag, start) for word, tag, start in parts_of_speech(u.text) if len(word) > 1 and any(start <= i < start + len(word) for i in u.bare)]
    return tuple(word for word, tag, _ in words_ if not _says_nothing(word, tag))


# Replaced words


def _replaced(u: Understood, places: list[tuple[int, int]]) -> Rephrased | None:
    """The question with slips of the pen and everyday words replaced, where these are the words that nobody knew."""
    known = [place for m in u.items if m.exact for place in occurrences(u.text, m.text)]
    known += [place for d in u.departments for place in occurrences(u.text, d.text)]
    found = [(a, b, right) for a, b, right in _slips(u.text) if any(a < y and x < b for x, y in places)]
    found += [(a, b, meant) for said, meant in _everyday() for a, b in occurrences(u.text, said)]
    text, taken = u.text, {}
    for a, b, meant in sorted(set(found), key=lambda entry: (-entry[0], -entry[1])):
        said = u.text[a:b]
        if any(x < b and a < y for x, y in known) or b > len(text) or text[a:b] != said:
            continue  # part of a name, or of a word already replaced
        text = text[:a] + meant + text[b:]
        taken[said] = meant
    return Rephrased(text, tuple(reversed(taken.items()))) if taken else None


@cache
def _everyday() -> tuple[tuple[str, str], ...]:
    """Everyday words with the words of the accounts, longest first."""
    return tuple(sorted(((said, meant) for meant, all_said in _data()["everyday"].items() for said in all_said), key=lambda pair: -len(pair[0])))


@cache
def _data() -> dict:
    return tomllib.loads((HERE / "everyday.toml").read_text(encoding="utf-8"))


@cache
def _sounds() -> dict[str, frozenset[str]]:
    """Each common character with those that sound like it."""
    sounds: dict[str, set[str]] = {}
    for group in _data()["same_sound"]:
        for c in group:
            sounds.setdefault(c, set()).update(group)
    return {c: frozenset(same - {c}) for c, same in sounds.items()}


@cache
def _misspelled() -> dict[str, str]:
    """Every word of the accounts with one character replaced by one of the same sound, and the word meant; nothing that means two words."""
    right = {say for c in concepts() for say in c.say if 3 <= len(say) <= 10} | set(_data()["trade"])
    wrong: dict[str, set[str]] = {}
    for word in right:
        for i, c in enumerate(word):
            for other in _sounds().get(c, ()):
                wrong.setdefault(f"{word[:i]}{other}{word[i + 1 :]}", set()).add(word)
    return {said: meant.pop() for said, meant in wrong.items() if len(meant) == 1 and said not in right}


def _slips(text: str) -> Iterator[tuple[int, int, str]]:
    """Words of the accounts with one character of the same sound (执行律), unless what is written is made of real words."""
    real = [(start, start + len(word)) for word, _, start in parts_of_speech(text) if len(word) > 1]
    for length in range(2, 11):
        for a in range(len(text) - length + 1):
            said = text[a : a + length]
            if meant := _misspelled().get(said):
                at = a + next(i for i, (x, y) in enumerate(zip(said, meant, strict=True)) if x != y)
                if not any(x <= at < y for x, y in real):
                    yield a, a + length, meant


_THAT = re.compile(r"[那这](?:个|笔|块|项)的?$")


def _named_after(u: Understood) -> Rephrased | None:
    """The question without what only describes the item named after it (“买电脑打印机那个购置费”)."""
    for start, item in zip(u.item_starts, u.items, strict=True):
        that = _THAT.search(u.text[: max(start, 0)])
        before = re.search(r"[^,.;:!?]*$", u.text[: that.start()]) if that else None
        told = [m for at, m in zip(u.item_starts, u.items, strict=True) if before and before.start() <= at < start]
        if that and before and told and item.exact and not any(d.text in before[0] for d in u.departments) and not re.search(r"\d|[和与跟]", before[0]):
            return Rephrased(u.text[: before.start()] + u.text[start:], ((before[0] + that[0] + item.text, item.text),))
    return None


# Words without meaning

_SINGLE = re.compile(r"[pcdyeo]|u\w|r\w?")  # parts of speech that one character alone may be: 方 (f), 代 (q) are as often cut from a name
_TELLING = frozenset("不没未非无别莫外除均第季月旬周半")  # characters that make a word of grammar tell one figure from another


def _without_talk(u: Understood, places: list[tuple[int, int]]) -> Rephrased | None:
    """The question without its leftover words, when every one of them is grammar or a verb that any item can have."""
    gone: set[int] = set()
    for a, b in places:
        if any(u.text[a:b] == m.text for m in u.items):
            continue
        for word, tag, start in parts_of_speech(u.text):
            if start < b and a < start + len(word):
                if not _says_nothing(word, tag):
                    return None
                gone.update(range(max(a, start), min(b, start + len(word))))
    text = "".join(c for i, c in enumerate(u.text) if i not in gone)
    return Rephrased(text) if gone and text else None


def _says_nothing(word: str, tag: str) -> bool:
    if _TELLING & set(word) or any(part in word for part in words()["qualifier"]):
        return False
    if word in _data()["doing"] or word in words()["filler"]:
        return True
    return bool(_SINGLE.fullmatch(tag)) if len(word) == 1 else tag != "x"
