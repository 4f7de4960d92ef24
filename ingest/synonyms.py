"""Everyday words and the words that budget papers print for the same thing: `synonyms.txt`, one group a line. Used by the embedder's fit and by search."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources


@lru_cache(maxsize=1)
def synonyms() -> tuple[tuple[str, ...], ...]:
    """The groups."""
    return tuple(tuple(line.lstrip("=").split()) for line in _groups())


@lru_cache(maxsize=1)
def same() -> dict[str, tuple[str, ...]]:
    """Every word of the groups that hold words for one thing, with the other words for it."""
    found: dict[str, tuple[str, ...]] = {}
    for group in (line[1:].split() for line in _groups() if line.startswith("=")):
        for word in group:
            found[word] = (*found.get(word, ()), *(other for other in group if other != word))
    return found


def _groups() -> list[str]:
    lines = resources.files("ingest").joinpath("synonyms.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


def related(text: str) -> list[str]:
    """The words that mean the same as some word of a text and do not stand in it.

    >>> related("加油花了多少")[:2]
    ['花钱', '花费']
    """
    found: dict[str, None] = {}
    for group in synonyms():
        if any(word in text for word in group):
            found.update(dict.fromkeys(word for word in group if word not in text))
    return list(found)
