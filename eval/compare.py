"""Two JSON reports -> what got better, what got worse, what is new or gone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.casefile import CaseError


@dataclass(frozen=True, slots=True)
class Comparison:
    """Case ids by what happened to them between two reports."""

    better: tuple[str, ...]
    worse: tuple[str, ...]
    new: tuple[str, ...]
    gone: tuple[str, ...]


def compare(before: dict[str, Any], after: dict[str, Any]) -> Comparison:
    """Case by case, by id."""
    a, b = ({c["id"]: c["ok"] for c in report["cases"]} for report in (before, after))
    return Comparison(
        better=tuple(i for i in b if i in a and b[i] and not a[i]),
        worse=tuple(i for i in b if i in a and a[i] and not b[i]),
        new=tuple(i for i in b if i not in a),
        gone=tuple(i for i in a if i not in b),
    )


def read_report(path: Path) -> dict[str, Any]:
    """A report written by --json. Raises CaseError."""
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(report, dict) and all("id" in c and "ok" in c for c in report["cases"]):
            return report
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, KeyError, TypeError) as error:
        raise CaseError(f"{path}：不是评测报告（请用 python -m eval --json 生成）。") from error
    raise CaseError(f"{path}：不是评测报告（请用 python -m eval --json 生成）。")


def show(comparison: Comparison, before: dict[str, Any], after: dict[str, Any]) -> str:
    """The comparison for the terminal."""
    why = {c["id"]: c["why"] for c in after["cases"]}
    lines = [f"正确率 {before['accuracy']:.1%} → {after['accuracy']:.1%}"]
    lines += [f"  变好  {i}" for i in comparison.better]
    lines += [f"  变差  {i}：{why[i]}" for i in comparison.worse]
    lines.append(f"变好 {len(comparison.better)}，变差 {len(comparison.worse)}，新增 {len(comparison.new)}，减少 {len(comparison.gone)}")
    return "\n".join(lines)
