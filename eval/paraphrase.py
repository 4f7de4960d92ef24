"""The same questions asked otherwise: new cases from old ones by program, with the same gold. The changes are data (paraphrases.toml)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from importlib.resources import files
from typing import Any

_YEAR = re.compile(r"(?<!\d)20(\d\d)年(?!度)")
_FULL_WIDTH = {ord(c): chr(ord(c) + 0xFEE0) for c in "0123456789()%"}


def paraphrased(records: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Every change that fits, applied to the raw records of one-turn cases. `kind` names the change, the id ends in its number.

    Questions back and refusals are left out: another wording may rightly be read otherwise.
    """
    data = tomllib.loads(files("eval").joinpath("paraphrases.toml").read_text(encoding="utf-8"))
    for record in records:
        if len(record["turns"]) > 1 or record["answer_type"] in ("refusal", "clarify"):
            continue
        question = record["turns"][0]
        seen = {question}
        for name, changed in _changes(question, data):
            if changed not in seen:
                seen.add(changed)
                yield {**record, "id": f"{record['id']}~{len(seen) - 1}", "kind": name, "turns": [changed]}


def _changes(question: str, data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, pairs in data["words"].items():
        for old, new in pairs:
            # A word that already stands inside its own replacement would be written twice (公务公务接待费).
            if old in question and new not in question:
                yield name, question.replace(old, new, 1)
    for name, patterns in data["wrap"].items():
        for pattern in patterns:
            yield name, pattern.format(question=question.rstrip("？?。"))
    yield "全角", question.translate(_FULL_WIDTH)
    yield "空格", _spaced(question)
    years = list(_YEAR.finditer(question))
    if len(years) == 1:
        for name, change in _YEAR_CHANGES.items():
            yield name, change(question, years[0])


def _spaced(question: str) -> str:
    """Blanks between figures and words, as PDF text and phones write them."""
    return re.sub(r"(?<=\d)(?=[\u4e00-\u9fff])|(?<=[\u4e00-\u9fff])(?=\d)", " ", question)


def _without(question: str, year: re.Match[str]) -> str:
    return question[: year.start()] + question[year.end() :]


_YEAR_CHANGES: dict[str, Callable[[str, re.Match[str]], str]] = {
    "两位年份": lambda q, y: q[: y.start()] + f"{y[1]}年" + q[y.end() :],
    "年度": lambda q, y: q[: y.start()] + f"20{y[1]}年度" + q[y.end() :],
    "年份在前": lambda q, y: y[0] + _without(q, y),
    "年份在后": lambda q, y: _without(q, y).rstrip("？?。") + "，" + y[0],
}
