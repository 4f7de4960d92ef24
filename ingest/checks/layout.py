"""How the paper is made up: numbering, what a template left open."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

from ingest.checks.book import Book
from ingest.hierarchy import CHINESE_NUMBER
from ingest.records import BlockKind, Check, CheckStatus, Quote
from ingest.wording import squeeze

_PLACEHOLDER = re.compile(
    r"(?:[XxＸ×]{2,}|＿{2,}|_{3,}|□{2,})\s*(?=年|月|万元|元|[%％]|个|辆|人|项|家|单位|部门|局)|请核实|请各?单位(?:核实|填写)|此处填写"
)

# A count that was never filled in, beside others that were: 轿车1辆、客车 辆
_MISSING_COUNT = re.compile(r"[\u4e00-\u9fff][ \u3000]+(?P<unit>辆|台|套|万元|人)(?=[，。；、,;])")
_SENTENCE = 20  # characters; shorter lines may well stand twice


def numbering(book: Book) -> Iterable[Check]:
    """一、二、三、 down one side of a table: no number twice."""
    for table in book.tables:
        seen: dict[tuple[object, str], tuple[str, int]] = {}
        for i in book.of_table[table.index]:
            fact = book.facts[i]
            number = CHINESE_NUMBER.match(squeeze(fact.rows[-1]))
            if (
                not number
                or len(fact.rows) > 1
                or fact.column
                != min((f.column or 0) for f in (book.facts[j] for j in book.of_table[table.index]) if f.row == fact.row and f.side is fact.side)
            ):
                continue
            place = (fact.side, number[1])
            if place in seen and seen[place][0] != fact.rows[-1]:
                yield Check(
                    "numbering",
                    CheckStatus.BROKEN,
                    f"{table.label}序号“{number[1]}、”重复：“{seen[place][0]}”与“{fact.rows[-1]}”。",
                    facts=(seen[place][1], i),
                )
            seen.setdefault(place, (fact.rows[-1], i))


def placeholders(book: Book) -> Iterable[Check]:
    """What a template left open: XX年, ××万元, a remark to whoever fills it in."""
    seen: set[str] = set()
    texts = [(f"文字“{book.facts[i].rows[0]}”", book.facts[i].quote, i) for i in book.stated]
    texts += [(f"{t.label}的附注", note, None) for t in book.tables for note in t.notes]
    for where, text, i in texts:
        found = _PLACEHOLDER.search(text) or _missing_count(text)
        if found and text not in seen:
            seen.add(text)
            around = text[max(0, found.start() - 12) : found.end() + 12].strip()
            yield Check("placeholder", CheckStatus.BROKEN, f"{where}：“…{around}…”是模板未填写或未删除的内容。", facts=() if i is None else (i,))


def _missing_count(text: str) -> re.Match[str] | None:
    """The blank that stands for a count in a sentence that prints other counts of the same unit."""
    return next((m for m in _MISSING_COUNT.finditer(text) if re.search(rf"\d[ \u3000]?{m['unit']}", text)), None)


def doubled_sentences(book: Book) -> Iterable[Check]:
    """A paragraph that is printed twice, one right after the other."""
    lines = [b for b in book.blocks if b.kind is BlockKind.LINE]
    for first, second in pairwise(lines):
        if len(squeeze(first.text)) >= _SENTENCE and squeeze(first.text) == squeeze(second.text):
            quotes = (Quote(first.text.strip(), first.place), Quote(second.text.strip(), second.place))
            yield Check("duplicate", CheckStatus.BROKEN, f"“{first.text.strip()[:30]}…”一段重复。", quotes=quotes)
