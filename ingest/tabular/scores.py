"""自评价评分表 as raw text -> rows of level, level, indicator, weight, target, result, score, rule."""

from __future__ import annotations

from collections.abc import Sequence


def read_scores(body: Sequence[tuple[int, str]], following: Sequence[str]) -> list[tuple[tuple[str, ...], tuple[int, ...]]]:
    """(cells, block indexes) of every indicator."""
    return []
