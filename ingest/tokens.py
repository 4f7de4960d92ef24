"""Text -> the space-joined tokens that FTS5 indexes and the built-in embedder reads; the same at ingest and at query."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

_RUN = re.compile(r"(?P<chinese>[\u3400-\u9fff]+)|[a-z]+|\d+(?:\.\d+)?%?")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3})")
_DIGIT_BLANK = re.compile(r"(?<=[\u3400-\u9fff])\s+|\s+(?=[\u3400-\u9fff])")


@lru_cache(maxsize=4096)  # a passage is cut once for the keyword index and once for the vectors
def tokens(text: str) -> str:
    """jieba's words and all character bigrams of the Chinese runs, with the figures and Latin words between them, joined by blanks.

    >>> tokens("公务接待费 5,533.00万元")
    '公务 接待费 公务 务接 接待 待费 5533.00 万元 万元'
    """
    return " ".join(_tokens(text))


def _tokens(text: str) -> Iterator[str]:
    flat = _THOUSANDS.sub("", _DIGIT_BLANK.sub("", unicodedata.normalize("NFKC", text))).lower()
    for found in _RUN.finditer(flat):
        run = found[0]
        if not found["chinese"]:
            yield run
            continue
        yield from (word for word in _words(run) if len(word) > 1 or len(run) == 1)
        yield from (run[i : i + 2] for i in range(len(run) - 1))


def _words(run: str) -> Iterator[str]:
    # Imported on first use: the dictionary takes 0.4 s to load, and questions answered from tables never search words.
    import jieba

    if not jieba.dt.initialized:
        jieba.setLogLevel(60)
    return jieba.cut(run, HMM=False)


def cut(run: str) -> list[str]:
    """The words of a run of text, in order and without overlaps.

    >>> cut("公务接待费")
    ['公务', '接待费']
    """
    return [word for found in _RUN.finditer(run) for word in (_words(found[0]) if found["chinese"] else [found[0]])]


def parts_of_speech(text: str) -> list[tuple[str, str, int]]:
    """The words of a text as jieba's dictionary cuts it, each with its part of speech if that is grammar (else "x") and where it starts.

    >>> parts_of_speech("控制在多少以内")
    [('控制', 'x', 0), ('在', 'p', 2), ('多少', 'x', 3), ('以内', 'f', 5)]
    """
    found, start = [], 0
    for word in _words(text):
        found.append((word, _grammar().get(word, "x"), start))
        start += len(word)
    return found


_GRAMMAR = re.compile(r"[pcdyeofkh]|u\w|r\w?|vshi|vyou")  # words that join, point, place or colour; none that counts


@lru_cache(maxsize=1)
def _grammar() -> dict[str, str]:
    # jieba.posseg takes seconds to load and guesses; the dictionary's own file says enough.
    import jieba

    with jieba.dt.get_dict_file() as file:
        lines = (line.split() for line in file.read().decode("utf-8").splitlines())
        return {line[0]: line[2] for line in lines if len(line) == 3 and _GRAMMAR.fullmatch(line[2])}
