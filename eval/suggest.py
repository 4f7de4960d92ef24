"""Draft cases from the store's facts, balanced over papers, tables and kinds, for a person to look at before they count.

The expected value is the fact's own, or computed from facts of one table: what a draft proves is that a question finds its cell, not that the cell
was read rightly. That is the person's part.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

from ingest import generations
from ingest.amounts import plain
from ingest.records import Measure, Scope, Stage
from ingest.wording import key, squeeze, strip_numbering
from retrieval.evidence.facts import FactReader, FactRow, Paper, own_name
from retrieval.vocabulary import abbreviates

LONGEST_LIST = 8
_PLACE = re.compile(r"^.{2,4}?(?:自治区|自治州|省|市)")
_DISTRICT = re.compile(r"^(.{2,4}?)(?:特别合作区|新区|区|县)(?=.{3})")
_BODY = re.compile(r"(办公室|办公厅|委员会|管理局|中心|局|委|厅|院|部|会)$")
_KINDS_OF_BODY = {"办公室": "办", "办公厅": "办", "委员会": "委", "管理局": "局"}
_STAGE = {Stage.BUDGET: "预算", Stage.ADJUSTED: "调整预算", Stage.FINAL: "决算"}


@dataclass(frozen=True, slots=True)
class Draft:
    """A question with what it expects; `facts` are the cells it stands on, `table` what it is balanced by."""

    kind: str
    question: str
    expected: dict[str, Any]
    facts: tuple[FactRow, ...]

    @property
    def table(self) -> tuple[str, int | None]:
        """The paper and the table."""
        return self.facts[0].document, self.facts[0].table_index


def suggest(index: Path, count: int, seed: int) -> list[dict[str, Any]]:
    """`count` draft cases (fewer when the store holds no more) as records of the contract; the same for the same store and seed.

    Raises IndexMissing.
    """
    reader = FactReader(generations.current(index) / generations.FACTS)
    try:
        book = _Book(reader)
        found = [d for make in (_look_ups, _differences, _shares, _sums, _lists) for d in make(book)]
        papers = reader.paper
    finally:
        reader.close()
    return [_record(n, draft, papers) for n, draft in enumerate(balanced(found, count, random.Random(seed)), 1)]


def balanced(found: Sequence[Draft], count: int, chance: random.Random) -> list[Draft]:
    """`count` drafts, in turns over the kinds, within each over its papers, within each paper over its tables; each question once."""
    turns: dict[str, dict[str, dict[int | None, list[Draft]]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    for draft in found:
        document, table = draft.table
        turns[draft.kind][document][table].append(draft)
    for papers in turns.values():
        for tables in papers.values():
            for drafts in tables.values():
                chance.shuffle(drafts)
    kinds = [_in_turns([_in_turns(list(tables.values())) for tables in papers.values()]) for papers in turns.values()]
    return list({d.question: d for d in _in_turns(kinds)}.values())[:count]


def _in_turns(lists: Sequence[Sequence[Draft]]) -> list[Draft]:
    longest = max(map(len, lists), default=0)
    return [drafts[n] for n in range(longest) for drafts in lists if n < len(drafts)]


def short_name(full: str, others: Iterable[str]) -> str:
    """What staff call a body: 扶贫办 for 深圳市扶贫协作和合作交流办公室. The full name where a short one would fit another body too.

    >>> short_name("深圳市扶贫协作和合作交流办公室", []), short_name("深圳市福田区政务服务数据管理局", [])
    ('扶贫办', '福田政务局')
    """
    name = re.sub(r"[(（](?:本级|机关|本部)[)）]|本级$", "", squeeze(full))
    rest = _PLACE.sub("", name, count=1)
    district = _DISTRICT.match(rest)
    rest = rest[district.end() :] if district else rest
    body = _BODY.search(rest)
    if not body or len(rest) < 4:
        return name
    kind = _KINDS_OF_BODY.get(body[0], body[0])
    stem = rest[: body.start()].replace("人民政府", "市府" if not district else "府")
    short = (district[1] if district else "") + stem[:2] + kind
    fits = [other for other in {key(name), *map(key, others)} if abbreviates(key(short), other)]
    return short if fits == [key(name)] else name


class _Book:
    """The money of the tables and forms, with the words a question names each figure by."""

    def __init__(self, reader: FactReader) -> None:
        self._papers = reader.paper
        bodies = {p.department for p in reader.papers}
        self._short = {body: short_name(body, bodies - {body}) for body in bodies if body}
        self.facts = [
            f
            for f in reader.facts(self._papers, ("table", "field"), (Measure.AMOUNT,))
            if f.yuan is not None and f.year and not f.doubtful and self._papers[f.document].department and self.words(f)
        ]

    def who(self, fact: FactRow) -> str:
        """Whose figure it is, as a question says it."""
        paper: Paper = self._papers[fact.document]
        if fact.scope == Scope.SUBUNIT:
            return squeeze(fact.organisation)
        return self._short[paper.department] + ("本级" if fact.scope == Scope.OWN != paper.scope else "")

    def words(self, fact: FactRow) -> str:
        """Row and column as a question names them: 行政运行的基本支出; "" when neither says anything."""
        return "的".join(name for name in (row_name(fact), column_name(fact)) if name)

    def subject(self, fact: FactRow) -> str:
        """Year, body and words of a figure, with its table where the same words stand for another figure elsewhere."""
        words = self.words(fact)
        plainly = (self.who(fact), fact.year, fact.stage, words)
        if len(self._amounts[plainly]) == 1:
            return f"{fact.year}年{self.who(fact)}{words}"
        if len(self._amounts[*plainly, fact.table_key]) == 1:
            return f"{fact.year}年{self.who(fact)}{_title(fact)}中{words}"
        return ""

    @cached_property
    def _amounts(self) -> dict[tuple[Any, ...], set[Decimal | None]]:
        """The different amounts by words, and by words and table."""
        amounts: dict[tuple[Any, ...], set[Decimal | None]] = defaultdict(set)
        for f in self.facts:
            plainly = (self.who(f), f.year, f.stage, self.words(f))
            amounts[plainly].add(f.yuan)
            amounts[*plainly, f.table_key].add(f.yuan)
        return amounts

    def families(self) -> Iterator[tuple[FactRow, list[FactRow]]]:
        """(a figure, the figures of the rows directly under it in the same column) of every table."""
        columns: dict[tuple[Any, ...], dict[tuple[str, ...], FactRow]] = defaultdict(dict)
        for f in self.facts:
            columns[f.document, f.table_index, f.column, f.organisation_key, f.year, f.side].setdefault(f.row_keys, f)
        for rows in columns.values():
            parts: dict[tuple[str, ...], list[FactRow]] = defaultdict(list)
            for path, fact in rows.items():
                if row_name(fact):
                    parts[path[:-1]].append(fact)
            for path, fact in rows.items():
                under = [f for f in parts.get(path, ()) if f.value]
                if under and fact.value and row_name(fact):
                    yield fact, under


def row_name(fact: FactRow) -> str:
    """The row's own name as printed, without its number; "" for a total."""
    return _printed(fact.rows, own_name(fact.row_keys, fact.organisation_key)[0])


def column_name(fact: FactRow) -> str:
    """The column's own name as printed; "" when it says only total, year or 口径."""
    return _printed(fact.columns, own_name(fact.column_keys)[0])


def _printed(names: Sequence[str], own: str) -> str:
    return next((squeeze(strip_numbering(n)) for n in reversed(names) if own and key(n) == own), "")


def _title(fact: FactRow) -> str:
    return squeeze(fact.table_label.split(" ", 1)[-1])


def _asked(subject: str, stage: str | None) -> str:
    """The subject with its 口径, unless its words hold one."""
    word = _STAGE.get(Stage(stage), "") if stage else ""
    return subject if not word or re.search(r"[预决]算", subject) else subject + word


def _figure(value: Decimal, unit: str, **more: Any) -> dict[str, Any]:
    return {"answer_type": "number", "value": plain(value), "unit": unit, **more}


def _look_ups(book: _Book) -> Iterator[Draft]:
    for f in book.facts:
        if subject := book.subject(f):
            yield Draft("lookup", f"{_asked(subject, f.stage)}是多少？", _figure(f.value, f.unit), (f,))


def _differences(book: _Book) -> Iterator[Draft]:
    """Year against year: the same words in one paper's table, or in two papers of one body."""
    same: dict[tuple[Any, ...], dict[int, FactRow]] = defaultdict(dict)
    for f in book.facts:
        if book.subject(f) == f"{f.year}年{book.who(f)}{book.words(f)}":
            same[book.who(f), book.words(f), f.stage, f.unit].setdefault(f.year, f)
    for (who, words, stage, unit), years in same.items():
        for before, after in pairwise(sorted(years)):
            a, b = years[before], years[after]
            if a.value or b.value:
                question = f"{_asked(f'{after}年{who}{words}', stage)}比{before}年增加或减少多少？"
                yield Draft("difference", question, _figure(b.value - a.value, unit, absolute=True), (b, a))


def _shares(book: _Book) -> Iterator[Draft]:
    for whole, parts in book.families():
        for part in parts:
            if (subject := book.subject(part)) and book.subject(whole) and row_name(part) != row_name(whole):
                share = (part.value / whole.value * 100).quantize(Decimal("0.01"))
                expected = _figure(share, "%", tolerance="0.01")
                yield Draft("share", f"{_asked(subject, None)}占{book.words(whole)}的比例是多少？", expected, (part, whole))


def _sums(book: _Book) -> Iterator[Draft]:
    for _, parts in book.families():
        for a, b in pairwise(parts):
            if (subject := book.subject(a)) and book.subject(b) and row_name(a) != row_name(b):
                column = f"的{column_name(a)}" if column_name(a) else ""
                both = f"{subject.removesuffix(column)}和{row_name(b)}{column}"
                yield Draft("sum", f"{both}一共多少？", _figure(a.value + b.value, a.unit), (a, b))


def _lists(book: _Book) -> Iterator[Draft]:
    for whole, parts in book.families():
        if 2 <= len(parts) <= LONGEST_LIST and (subject := book.subject(whole)):
            items = [{"item": row_name(p), "value": plain(p.value)} for p in parts]
            expected = {"answer_type": "list", "items": items, "unit": whole.unit}
            yield Draft("list", f"{subject}包括哪些，各是多少？", expected, (whole, *parts))


def _record(number: int, draft: Draft, papers: dict[str, Paper]) -> dict[str, Any]:
    evidence = []
    for f in draft.facts:
        place: dict[str, Any] = {"lines": [f.line_start, f.line_end or f.line_start]} if f.line_start else {"page": f.page} if f.page else {}
        evidence.append({"doc": papers[f.document].name, **place, "quote": f.quote})
    first = draft.facts[0]
    where = " / ".join((first.table_label, *first.rows, *first.columns))
    return {
        "id": f"suggest-{number}",
        "turns": [draft.question],
        "kind": draft.kind,
        **draft.expected,
        "evidence": list({str(e): e for e in evidence}.values()),
        "draft": True,
        "note": f"出自：{where}；请对照原文核对问题和数值",
    }
