"""自评价评分表 as raw text -> rows of level, level, indicator, weight, target, result, score, rule.

The columns are narrow, so every cell is broken over lines and nothing says where one ends. Three things are certain: a weight has two decimals
and stands after an indicator's name; the score stands before its rule; and the conclusion below the table (综合结论) names every indicator.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ingest.tabular.regions import unbroken

Row = tuple[tuple[str, ...], tuple[int, ...]]
_WEIGHT = re.compile(r"^\d{1,3}\.\d{2}$")
_SCORE = re.compile(r"^\d{1,3}\.\d{1,2}$")
_VALUE_START = re.compile(r"^[≥≤<>＜＞=约\d]")
_FIRST_LEVELS = ("投入和管理目标", "产出目标", "效果目标", "影响力目标", "效益目标", "总计")
_SECOND_LEVELS = (
    *("成本", "投入管理", "财务管理", "项目管理", "资产管理", "数量", "质量", "时效", "社会效益", "经济效益", "生态效益"),
    *("可持续影响", "满意度", "长效管理", "人力资源", "部门协助", "配套设施", "信息共享", "其它"),
)
_NAMES_FROM, _NAMES_TO = "综合结论", "原因解释"
_NAME_LABELS = re.compile(r"绩效目标完成的指标|没有完成绩效目标的指标及偏差程度|^.*\d{4}-\d\d-\d\d至\d{4}-\d\d-\d\d")
_LONGEST_NAME = 24  # pieces of a name before its weight
_LONGEST_VALUES = 10  # pieces of target and result between weight and score


def read_scores(body: Sequence[tuple[int, str]], following: Sequence[str]) -> list[Row]:
    """(cells, block indexes) of every level and indicator; `following` are the paper's lines from the table on, for the indicators' names."""
    names = indicator_names(following)
    pieces = [(piece, line) for line, text in body for piece in text.split()]
    rows: list[Row] = []
    first = second = ""
    for at, (piece, line) in enumerate(pieces):
        if not _WEIGHT.match(piece):
            continue
        before = _joined_before(pieces, at)
        name = _longest_suffix(before, names)
        if name:
            rows.append(_indicator(pieces, at, (first, second, name)))
            continue
        level = _longest_suffix(before, (*_FIRST_LEVELS, *_SECOND_LEVELS))
        if level in _FIRST_LEVELS:
            first, second = level, ""
        elif level:
            second = level
        if level:
            score = pieces[at + 1][0] if level == "总计" and at + 1 < len(pieces) and _SCORE.match(pieces[at + 1][0]) else ""
            rows.append(((first, second, "", piece, "", "", score, ""), (line,)))
    return rows


def indicator_names(lines: Sequence[str]) -> tuple[str, ...]:
    """The indicators that the conclusion lists, finished and unfinished ones, separated by semicolons over broken lines."""
    flat = "".join(unbroken(t) for t in lines)
    start = flat.find(_NAMES_FROM)
    end = flat.find(_NAMES_TO, start)
    listed = _NAME_LABELS.sub("", flat[start:end]) if 0 <= start < end else ""
    return tuple(n for n in re.split("[;；]", listed) if 1 < len(n) < 40)


def _joined_before(pieces: Sequence[tuple[str, int]], at: int) -> str:
    """The words before a weight, back to the figure before them."""
    words: list[str] = []
    for piece, _ in reversed(pieces[max(0, at - _LONGEST_NAME) : at]):
        if _SCORE.match(piece):
            break
        words.insert(0, piece)
    return unbroken("".join(words))


def _longest_suffix(text: str, names: Iterable[str]) -> str:
    return max((n for n in names if text.endswith(n)), key=len, default="")


def _indicator(pieces: Sequence[tuple[str, int]], at: int, levels: tuple[str, str, str]) -> Row:
    """The figures after a weight: target and result up to the score, then the rule up to its full stop."""
    weight, first_line = pieces[at]
    end = next((i for i in range(at + 2, min(at + 2 + _LONGEST_VALUES, len(pieces))) if _SCORE.match(pieces[i][0])), None)
    if end is None:
        return ((*levels, weight, "", "", "", ""), (first_line,))
    target, result = _two_values([p for p, _ in pieces[at + 1 : end]])
    rule: list[str] = []
    for piece, _ in pieces[end + 1 : end + 30]:
        rule.append(piece)
        if piece.endswith("。"):
            break
    lines = tuple(dict.fromkeys(line for _, line in pieces[at : end + 1]))
    return ((*levels, weight, target, result, pieces[end][0], "".join(rule) if rule and rule[-1].endswith("。") else ""), lines)


def _two_values(pieces: list[str]) -> tuple[str, str]:
    """Target and result out of the pieces of both cells: two equal halves, else where the second begins like a value again."""
    half = len(pieces) // 2
    if len(pieces) % 2 == 0 and pieces[:half] == pieces[half:]:
        return "".join(pieces[:half]), "".join(pieces[half:])
    for cut in range(1, len(pieces)):
        opened = re.sub(r"[≥≤<>＜＞=约]", "", "".join(pieces[:cut]))
        if opened and _VALUE_START.match(pieces[cut]):
            return "".join(pieces[:cut]), "".join(pieces[cut:])
    return "".join(pieces[:1]), "".join(pieces[1:])
