"""The registry: which statutory table or project form a title names, and the names and codes of the 科目.

The forms stand in `forms.toml`, the 科目 in `classification.csv` (codes and names of 功能分类 and 支出经济分类); this module only reads them.
"""

from __future__ import annotations

import csv
import re
import tomllib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ingest.wording import key, squeeze

Paths = tuple[tuple[str, ...], ...]
_HERE = Path(__file__).parent
# What papers put before and after a form's own name: its number, the level of government, whose table it is, what it holds.
_OPENING = re.compile(
    r"^(?:预算\d{1,2}表|预算表\d{1,2}|(?:19|20)\d\d年?度?|(?:中央|省|市|区|县)本?级|本年度?|本级|年初|年度|预算|综合|部门|单位|高等学校|学校|财务)+"
    r"(?=收支|收入|支出|基本支出|项目支出|财政拨款|一般公共|政府性基金|国有资本)"
)
_CLOSING = re.compile(r"[（(](?:[^（()）]*项目|\d{4}年?度?|续表?|续?[一二三四五六七八九]|含[^（()）]*)[)）]$")
_QUOTES = re.compile(r"[“”\"'‘’「」《》*#\s]")


@dataclass(frozen=True, slots=True)
class Form:
    """One entry of the registry; the fields are explained at the head of `forms.toml`."""

    key: str
    titles: tuple[re.Pattern[str], ...]
    reader: str = "grid"
    rows: str = ""
    lines: str = ""
    columns: tuple[Paths, ...] = ()
    left: Paths = ()
    right: Paths = ()
    side: str = ""
    subject: str = ""


def _paths(printed: Sequence[Sequence[str]]) -> Paths:
    return tuple(tuple(path) for path in printed)


@lru_cache(maxsize=1)
def forms() -> tuple[Form, ...]:
    """All entries, in the order in which they are tried."""
    entries = tomllib.loads((_HERE / "forms.toml").read_text("utf-8"))["form"]
    return tuple(
        Form(
            key=e["key"],
            titles=tuple(re.compile(t) for t in e["titles"]),
            reader=e.get("reader", "grid"),
            rows=e.get("rows", ""),
            lines=e.get("lines", ""),
            columns=tuple(_paths(layout) for layout in e.get("columns", ())),
            left=_paths(e.get("left", ())),
            right=_paths(e.get("right", ())),
            side=e.get("side", ""),
            subject=e.get("subject", ""),
        )
        for e in entries
    )


def form_named(name: str) -> Form | None:
    """The entry with this key."""
    return next((f for f in forms() if f.key == name), None)


def recognise(title: str, number: str = "", caption: Sequence[str] = ()) -> Form | None:
    """The form a title names; when there is no title, the one that 公开NN表 stands for (its numbers are fixed by the Ministry of Finance)."""
    flat = _QUOTES.sub("", squeeze(title))
    flat = re.sub(r"^(?:19|20)\d\d年?度?(?:年初)?", "", flat)
    bare = _CLOSING.sub("", _OPENING.sub("", flat))
    for form in forms() if flat else ():
        if any(t.search(name) for t in form.titles for name in (flat, bare)):
            return form
    opened = re.fullmatch(r"公开(\d{2})表", number)
    return form_named(f"final.{opened[1]}") if opened and not flat else None


@lru_cache(maxsize=1)
def classification() -> dict[str, tuple[str, ...]]:
    """Comparison form of a 科目's name -> its codes, shortest first (一般公共服务支出 -> 201; 行政运行 -> 2010101, 2010301 …)."""
    names: dict[str, set[str]] = defaultdict(set)
    with (_HERE / "classification.csv").open(encoding="utf-8", newline="") as file:
        for entry in csv.DictReader(file):
            names[subject_key(entry["name"])].add(entry["code"])
    return {name: tuple(sorted(codes, key=lambda c: (len(c), c))) for name, codes in names.items()}


def subject_key(name: str) -> str:
    """A 科目's name for comparison: papers drop or add the final 支出 (机关事业单位基本养老保险缴费支出) and 费用 (因公出国（境）费用)."""
    return re.sub(r"费用$", "费", re.sub(r"(?<=.{4})支出$", "", key(name)))
