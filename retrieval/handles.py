"""Answer -> Evidence: the lines of a finished answer with every figure behind a handle, and what each figure may be called."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

from ingest.amounts import YUAN_PER_UNIT
from retrieval.records import Answer, Value

UNIT = (
    r"万亿元|亿元|千万元|百万元|万元|千元|元|万亿|亿|万|[%％‰]|个百分点|平方米|平方公里|公里|㎡|批次|人次|小时|工作日|个月"
    r"|[个人辆台家篇份次场件名项分天册套户条起张倍年月日岁届期批宗处所]"
)
_NUMBER = r"\d[\d,，.．]*(?<![,，.．])"
_HAN_NUMBER = r"[〇零一二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟]+"

# In this order: what stands in bold is one figure whatever it holds; a year is no amount; a table's number goes with the word 表.
_PIECES = re.compile(
    r"(?P<bold>\*\*[^*]+\*\*)"
    r"|(?P<mark>\[\d{1,3}\])"
    r"|(?P<date>(?:19|20)\d\d\s*年\s*\d{1,2}\s*月(?:\s*\d{1,2}\s*日)?)"
    r"|(?P<table>(?:公开)?表\s*\d+(?:-\d+)*|公开\d+表)"
    rf"|(?P<range>{_NUMBER}\s*[-−—–~～至/:：×]+\s*{_NUMBER}\s*(?:{UNIT})?)"
    r"|(?P<year>(?<!\d)(?:19|20)\d\d\s*年(?!\s*\d))"
    rf"|(?P<number>[-−+≥≤＞＜>]?\s?{_NUMBER}\s*(?:{UNIT})?)"
    rf"|(?P<han>百分之{_HAN_NUMBER}|{_HAN_NUMBER}分之{_HAN_NUMBER}|{_HAN_NUMBER}(?:多|余)?(?:万|亿)?(?:元|倍|成|个百分点))"
)
HANDLE = re.compile(r"\{\{([VQYT]\d{1,3})\}\}")
MARK = re.compile(r"\[(\d{1,3})\]")
SENTENCE_END = "。；！？\n"
CLAUSE_END = SENTENCE_END + "，：、"


@dataclass(frozen=True, slots=True)
class Figure:
    """One printed figure. `pairs` and `years` are what may stand around it; `before`, `after` its neighbours; `previous` the figure before it."""

    handle: str
    text: str
    answers: bool  # in bold: what was asked for
    has_unit: bool
    marks: frozenset[int]
    pairs: frozenset[str]
    years: frozenset[str]
    before: str
    after: str
    previous: str | None

    @property
    def amount(self) -> str:
        """The figure without its looks, to tell whether two handles say the same."""
        return re.sub(r"[*\s,]", "", self.text)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the answer: as shown to a model, its citation marks, its years, its words and its clauses."""

    shown: str
    marks: frozenset[int]
    years: frozenset[str]
    text: str
    clauses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a wording may be made of. `years` are by handle; `kept` the lines that stay as they are, None where the wording goes."""

    lines: tuple[Line, ...]
    figures: dict[str, Figure]
    years: dict[str, str]
    tables: dict[str, str]
    sources: dict[int, str]
    kept: tuple[str | None, ...]

    @classmethod
    def of(cls, answer: Answer) -> Evidence | None:
        """The evidence in an answer's lines; None when nothing in it is to be worded.

        The lines with the figures asked for (in bold) are to be worded, in a text answer all that are cited; calculations, notes and
        disagreements stay. Numbered lists and long answers stay whole: their form says something, and a wording would only shorten them.
        """
        lines = answer.text.split("\n\n")
        cited = [line for line in lines if MARK.search(line)]
        chosen = [line for line in cited if "**" in line] or cited
        if not chosen or len(chosen) > 8 or sum(map(len, chosen)) > 3000 or any(re.match(r"\d+\. ", line) for line in chosen):
            return None
        reader = _Reader(answer)
        read = tuple(reader.line(line) for line in chosen)
        kept: list[str | None] = []
        for line in lines:
            if line not in chosen:
                kept.append(line)
            elif None not in kept:
                kept.append(None)
        marks = {mark for line in read for mark in line.marks}
        sources = {c.id: reader.hide(f"《{c.title}》") for c in answer.citations if c.id in marks}
        return cls(read, reader.figures, {h: y for y, h in reader.years.items()}, {h: t for t, h in reader.tables.items()}, sources, tuple(kept))

    def fill(self, draft: str) -> str:
        """The draft with every handle replaced by what it stands for."""
        return HANDLE.sub(lambda m: self.figures[m[1]].text if m[1] in self.figures else (self.years | self.tables)[m[1]], draft)

    def question(self, question: str) -> str:
        """The question with its years as handles where the evidence has them; its other figures are nobody's evidence and are left out."""
        known = {year: handle for handle, year in self.years.items()}

        def hidden(m: re.Match[str]) -> str:
            if m["year"]:
                return f"{{{{{known[_year(m[0])]}}}}}" if _year(m[0]) in known else "某年"
            return m[0] if m["han"] else "某数"

        plain = re.sub(r"\d", "某", _PIECES.sub(hidden, escape(question)).replace("{{Y", "\0"))
        return _restore(plain, question, known)


def _restore(plain: str, question: str, known: dict[str, str]) -> str:
    raise NotImplementedError
