"""The same papers and cases under other names: every body, year and amount replaced by program. What answers them must score the same.

    python -m eval.rename --documents PATH … --cases PATH … --out DIR --seed N

Writes DIR/documents/*.txt and DIR/cases/*.jsonl. Lines stay where they are, so evidence keeps its line numbers. Names come from renames.toml (the seed
picks a cast), years are shifted, amounts multiplied: sums, shares and growth rates stay as they are. Codes, percentages, counts and days are kept.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from eval.casefile import CaseError, load_cases, raw_records
from ingest.amounts import YUAN_PER_UNIT, AmountState
from ingest.loaders.text import decode, lines_of
from ingest.pipeline import find_sources
from ingest.reading import read_paper
from ingest.records import FactKind, Unreadable

_NUMBER = re.compile(r"(?<![\d.])(?:\d{1,3}(?:[,，]\d{3})+(?!\d)|\d+)(?:\.\d+)?")
_MONEY_AFTER = re.compile(r"\s*(?:[百千]?万|亿|千)?元(?!月)|\s*[万亿](?![人名个篇家次户件份平条套台张册亩辆场项间页笔种类吨千字公余多])")
_YEAR = re.compile(r"(?:19[89]|20[0-3])\d")
# What follows a figure that only looks like a year: a piece of a code, or something counted.
_NO_YEAR_AFTER = re.compile(r"-[A-Za-z]|\s*(?:[张个人名份篇户件亩套台辆次条场项册家岗多余吨万亿元%％㎡m]|平方)|[.,，]\d|-\d{4,}(?!\d*[年-])")
_IN_CODE = re.compile(r"\d-$")
_IN_RANGE = re.compile(r"(?:19|20)\d\d-$")
_SHORT_YEAR = re.compile(r"(?<!\d)(\d\d)(?=年)")


@dataclass(frozen=True, slots=True)
class Renaming:
    """What is replaced by what: `pairs` of names (words of cases in `whole` besides), years moved by `shift`, amounts multiplied by `factor`."""

    name: str
    pairs: Mapping[str, str]
    whole: Mapping[str, str]
    shift: int
    factor: int

    def names(self, text: str) -> str:
        """Every name replaced, in one step, longest first; a name broken over lines keeps its breaks."""
        return _pattern(tuple(self.pairs)).sub(lambda m: spread(self.pairs[re.sub(r"\s", "", m[0])], m[0]), text)

    def figures(self, text: str, amounts: Mapping[str, int] | None = None, *, asked: bool = False, after: str = "") -> str:
        """Years and amounts of one line. Money is what carries its unit, and of the bare numbers those in `amounts` (as printed → how many of them
        in this line, the last ones: a 行次 stands before its amount). In a question (`asked`) 2017人员支出 is a year, not 2017 people.
        `after` is the next line, where the unit of the last number may stand."""
        whole = f"{text} {after}"
        found = list(_NUMBER.finditer(text))
        printed = Counter(m[0] for m in found if not _MONEY_AFTER.match(whole, m.end()))
        before: Counter[str] = Counter()

        def change(m: re.Match[str]) -> str:
            if _MONEY_AFTER.match(whole, m.end()):
                return self.scale(m[0])
            before[m[0]] += 1
            if amounts and before[m[0]] > printed[m[0]] - amounts.get(m[0], 0):
                return self.scale(m[0])
            if _YEAR.fullmatch(m[0]) and _is_year(text, m, asked):
                return str(int(m[0]) + self.shift)
            return m[0]

        return _NUMBER.sub(change, text)

    def scale(self, printed: str) -> str:
        """An amount as it was printed, multiplied.

        >>> Renaming("", {}, {}, 0, 3).scale("209,734"), Renaming("", {}, {}, 0, 3).scale("0.50")
        ('629,202', '1.50')
        """
        comma = next((c for c in ",，" if c in printed), "")
        value = Decimal(re.sub(r"[,，]", "", printed)) * self.factor
        return f"{value:,f}".replace(",", comma) if comma else f"{value:f}"

    def say(self, question: str) -> str:
        """A question: names, years (those of two digits too) and amounts with their unit."""
        return self.names(self.figures(_SHORT_YEAR.sub(lambda m: f"{(int(m[1]) + self.shift) % 100:02d}", question), asked=True))


def _is_year(text: str, found: re.Match[str], asked: bool) -> bool:
    before, after = text[: found.start()], found.end()
    if _IN_CODE.search(before) and not _IN_RANGE.search(before):
        return False
    return asked or not _NO_YEAR_AFTER.match(text, after)


@cache
def _pattern(names: Sequence[str]) -> re.Pattern[str]:
    words = sorted(names, key=len, reverse=True)
    return re.compile("|".join(r"[ \r\n\u3000]*".join(map(re.escape, word)) for word in words))


def spread(new: str, old: str) -> str:
    """`new` in place of `old`, with the blanks and line ends of `old` at about the same places.

    >>> spread("文化广电旅游局", "扶贫协作\\n办公室")
    '文化广电\\n旅游局'
    """
    pieces = re.split(r"(\s+)", old)
    length, done, start, out = sum(len(p) for p in pieces[::2]), 0, 0, []
    for n, piece in enumerate(pieces):
        if n % 2:
            out.append(piece)
            continue
        done += len(piece)
        end = round(len(new) * done / length)
        out.append(new[start:end])
        start = end
    return "".join(out)


def choose(seed: int) -> Renaming:
    """The renaming of a seed: a cast in turn, a shift of years and a factor by chance."""
    casts = tomllib.loads(files("eval").joinpath("renames.toml").read_text(encoding="utf-8"))["cast"]
    cast, chance = casts[seed % len(casts)], random.Random(seed)
    # No paper may come to lie in the future: 去年 and 今年 would mean another one.
    return Renaming(cast["name"], dict(cast["pairs"]), dict(cast["whole"]), chance.choice((-5, -4, -3, -2, -1, 1, 2)), chance.choice((2, 3, 4, 6, 7)))


# Papers


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper to rename. `amounts`: of every line (from 1) the amounts that carry no unit of their own, as printed, and how many of each;
    `broken`: those printed over several lines, with the lines' numbers."""

    name: str
    lines: tuple[str, ...]
    amounts: Mapping[int, Mapping[str, int]]
    broken: tuple[tuple[str, int, int], ...]


def read(path: Path) -> Paper:
    """A text paper and where its amounts stand. Raises Unreadable."""
    reading = read_paper(path, path.name)
    cells = {
        (f.place.line_start, f.place.line_end, f.table, f.row, f.column, f.amount.printed)
        for f in reading.facts
        if f.kind in (FactKind.TABLE, FactKind.FIELD, FactKind.INDICATOR) and f.amount.state is AmountState.NUMBER and f.amount.unit in YUAN_PER_UNIT
    }
    lines = lines_of(decode(path.read_bytes()))
    room = {n: Counter(_NUMBER.findall(line)) for n, line in enumerate(lines, 1)}
    found: dict[int, Counter[str]] = {n: Counter() for n in room}
    broken: set[tuple[str, int, int]] = set()
    for start, end, *_, printed in sorted(cells, key=str):
        number = _NUMBER.search(printed)
        if not number or not start:
            continue
        lines_of_it = range(start, (end or start) + 1)
        free = next((n for n in lines_of_it if room[n][number[0]] > found[n][number[0]]), None)
        if free:
            found[free][number[0]] += 1
        elif lines_of_it[-1] > start:
            broken.add((number[0], start, lines_of_it[-1]))
    return Paper(path.name, tuple(lines), found, tuple(sorted(broken)))


def rename_paper(paper: Paper, renaming: Renaming) -> str:
    """The text of a paper under the other names, line by line the same."""
    lines = list(paper.lines)
    for printed, start, end in paper.broken:
        piece = _rescaled("\n".join(lines[start - 1 : end]), printed, renaming)
        lines[start - 1 : end] = piece.split("\n")
    following = [next((x for x in lines[n : n + 3] if x.strip()), "") for n in range(1, len(lines) + 1)]
    return renaming.names("\n".join(renaming.figures(line, paper.amounts.get(n), after=following[n - 1]) for n, line in enumerate(lines, 1)))


def _rescaled(text: str, printed: str, renaming: Renaming) -> str:
    """An amount broken over lines, multiplied where it stands."""
    digits = r"[ \n]*".join(map(re.escape, printed))
    return re.sub(rf"(?<![\d.]){digits}(?![\d.])", lambda m: spread(renaming.scale(printed), m[0]) if "\n" in m[0] else m[0], text)


# Cases


def rename_case(record: Mapping[str, Any], renaming: Renaming, papers: Sequence[Paper]) -> dict[str, Any]:
    """A raw case under the other names. A bare number of it is an amount when it stands as one on the evidence's lines."""
    money = record.get("unit") in YUAN_PER_UNIT
    seen = _amounts_at(record.get("evidence", ()), papers)

    def words(text: str) -> str:
        if text in renaming.whole:
            return renaming.whole[text]
        bare = _NUMBER.fullmatch(text) is not None and not (_YEAR.fullmatch(text) and _value(text) not in seen)
        if bare and (_value(text) in seen or (record["answer_type"] == "clarify" and not record.get("unit"))):
            return renaming.scale(text)
        return renaming.names(renaming.figures(text))

    def scaled(value: Any, unit: str | None) -> Any:
        if value is None or (unit or record.get("unit")) not in YUAN_PER_UNIT:
            return words(value) if isinstance(value, str) else value
        return renaming.scale(value) if isinstance(value, str) else value * renaming.factor

    new = dict(record)
    new["turns"] = [renaming.say(turn) for turn in record["turns"]]
    for name in ("value", "tolerance"):
        if name in record and money:
            new[name] = record[name] * renaming.factor
    for name in ("must_contain", "must_not_contain", "not_as_answer", "accept_if_contains_all"):
        if name in record:
            new[name] = [words(w) for w in record[name]]
    if "must_contain_any" in record:
        new["must_contain_any"] = [[words(w) for w in group] if isinstance(group, list) else words(group) for group in record["must_contain_any"]]
    if "items" in record:
        new["items"] = [
            words(i) if isinstance(i, str) else i | {"item": words(i["item"]), "value": scaled(i.get("value"), i.get("unit"))}
            for i in record["items"]
        ]
    if "evidence" in record:
        new["evidence"] = [_rename_evidence(e, renaming, papers) for e in record["evidence"]]
    return new


def _file_name(paper: Paper, renaming: Renaming) -> str:
    return renaming.names(renaming.figures(paper.name))


def _value(printed: str) -> Decimal:
    return Decimal(re.sub(r"[,，]", "", printed))


def _amounts_at(evidence: Iterable[Mapping[str, Any]], papers: Sequence[Paper]) -> set[Decimal]:
    return {_value(printed) for e in evidence for printed in _amounts_of(e, papers)}


def _amounts_of(evidence: Mapping[str, Any], papers: Sequence[Paper]) -> Counter[str]:
    start, end = evidence.get("lines") or (0, -1)
    found: Counter[str] = Counter()
    for paper in papers:
        if paper.name.startswith(evidence["doc"]):
            for n in range(start, end + 1):
                found.update(paper.amounts.get(n, {}))
                line = paper.lines[n - 1] if n <= len(paper.lines) else ""
                found.update(m[0] for m in _NUMBER.finditer(line) if _MONEY_AFTER.match(line, m.end()))
    return found


def _rename_evidence(evidence: Mapping[str, Any], renaming: Renaming, papers: Sequence[Paper]) -> dict[str, Any]:
    new = dict(evidence)
    # A case may name a paper by the beginning of its name, which can end inside a body's name.
    new["doc"] = next((_file_name(p, renaming) for p in papers if p.name.startswith(evidence["doc"])), evidence["doc"])
    if "quote" in evidence:
        new["quote"] = renaming.names(renaming.figures(evidence["quote"], _amounts_of(evidence, papers)))
    return new


# The command


def write(documents: Iterable[Path], cases: Iterable[Path], out: Path, renaming: Renaming) -> tuple[int, int]:
    """The renamed papers and cases in `out`; how many of each. Raises Unreadable, CaseError."""
    (out / "documents").mkdir(parents=True, exist_ok=True)
    (out / "cases").mkdir(exist_ok=True)
    papers = [read(source.path) for source in find_sources(documents)]
    for paper in papers:
        (out / "documents" / _file_name(paper, renaming)).write_text(rename_paper(paper, renaming), encoding="utf-8")
    count = 0
    for path in cases:
        load_cases([path])  # says what is wrong with the file before it is used
        records = [json.dumps(rename_case(r, renaming, papers), ensure_ascii=False, default=float) for r in raw_records([path])]
        (out / "cases" / f"{path.stem}.jsonl").write_text("\n".join([*records, ""]), encoding="utf-8")
        count += len(records)
    return len(papers), count


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0; 2 when papers or cases cannot be read."""
    options = argparse.ArgumentParser(
        prog="python -m eval.rename", description="把文本材料和用例里的单位、年份、金额全部换掉，用来检验没有写死的内容"
    )
    options.add_argument("--documents", type=Path, nargs="+", required=True, metavar="PATH", help="文本材料（.txt）")
    options.add_argument("--cases", type=Path, nargs="+", default=[], metavar="PATH", help="用例文件")
    options.add_argument("--out", type=Path, required=True, metavar="DIR", help="写到这个文件夹")
    options.add_argument("--seed", type=int, default=0, help="换成哪一套名称、年份和倍数")
    chosen = options.parse_args(arguments)
    renaming = choose(chosen.seed)
    try:
        papers, cases = write(chosen.documents, chosen.cases, chosen.out, renaming)
    except (Unreadable, CaseError) as error:
        print(f"错误：{error}", file=sys.stderr)
        return 2
    print(f"{renaming.name}；年份 {renaming.shift:+d}，金额 ×{renaming.factor}：{papers} 份材料、{cases} 条用例已写入 {chosen.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
