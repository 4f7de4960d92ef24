"""Evidence -> Answer, by template: the figure first with its exact name, how it was computed, what disagrees, and where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from ingest.amounts import YUAN_PER_UNIT, convert, plain, show, tidy
from ingest.records import Measure, Turns
from retrieval.evidence.facts import FactRow, Paper, own_name
from retrieval.records import Answer, CheckNote, Citation, Route, Status, Value
from retrieval.vocabulary import abbreviates

# An amount (13800000000元, 13800000000.00) is no telephone; an identity number holds a date of birth, a project's code mostly does not.
_MOBILE = re.compile(r"(?<![\d.])(1[3-9]\d)\d{4}(\d{4})(?!\d|\.\d|\s*[万亿]?元)")
_IDENTITY = re.compile(r"(?<!\d)(\d{6})(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(\d{3}[\dXx])(?!\d)")


def mask(text: str) -> str:
    """Mobile and identity-card numbers hidden in the middle: staff numbers stand in some forms and are not to be volunteered."""
    return _IDENTITY.sub(r"\1********\2", _MOBILE.sub(r"\1****\2", text))


@dataclass
class Draft:
    """An answer being written: text lines, figures and citations, numbered as they come."""

    papers: dict[str, Paper]
    unit: str | None = None
    lines: list[str] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    checks: list[CheckNote] = field(default_factory=list)
    suggestions: list[str] = field(default_factory=list)
    chart: dict[str, Any] | None = None
    query: dict[str, Any] = field(default_factory=dict)
    _numbers: dict[tuple[str, Any], int] = field(default_factory=dict)
    _parts: dict[int, tuple[int, ...]] = field(default_factory=dict)  # of a quote that runs over pages: the citations of its parts, by the first

    def cite(self, fact: FactRow) -> int:
        """The number of the citation of a fact's cell."""
        known = self._numbers.get((fact.document, fact.number))
        if known:
            return known
        paper = self.papers[fact.document]
        row = tuple(r for r in (fact.organisation if fact.organisation not in fact.rows else "", *fact.rows, _year_row(fact)) if r)
        cited = Citation(
            0, paper.name, paper.id, paper.title, paper.department, paper.year, " / ".join(fact.section), fact.quote,
            fact.table_label or None, row, fact.columns,
        )  # fmt: skip
        return self._add((fact.document, fact.number), cited, fact.turns or ((0, fact.place),))

    def cite_text(self, document: str, section: Sequence[str], quote: str, pages: Turns) -> int:
        """The number of the citation of a piece of prose; `pages`: where it begins on each page, the first from 0."""
        known = self._numbers.get((document, quote))
        if known:
            return known
        paper = self.papers[document]
        cited = Citation(0, paper.name, paper.id, paper.title, paper.department, paper.year, " / ".join(section), quote)
        return self._add((document, quote), cited, pages)

    def _add(self, known_as: tuple[str, Any], cited: Citation, pages: Turns) -> int:
        """Cite a quote with its part on every page; the number of the first part stands for all."""
        first = len(self.citations) + 1
        for (start, place), end in zip(pages, [*(at for at, _ in pages[1:]), len(cited.quote)], strict=True):
            part = mask(cited.quote[start:end].strip(" |\n"))
            here = asdict(place)
            self.citations.append(replace(cited, id=len(self.citations) + 1, quote=part, **here))
        self._numbers[known_as] = first
        self._parts[first] = tuple(range(first, len(self.citations) + 1))
        return first

    def finish(self, status: Status, route: Route) -> Answer:
        """The answer as it stands: where a quote runs over pages, all its parts are named."""
        text = re.sub(r"\[(\d+)\]", lambda m: "".join(f"[{n}]" for n in self._all([int(m[1])])), mask("\n\n".join(self.lines)))
        values = (replace(v, citations=self._all(v.citations)) for v in self.values)
        checks = (replace(c, citations=self._all(c.citations)) for c in self.checks)
        return Answer(
            status, route, text, tuple(values), tuple(self.citations), tuple(checks), self.query, tuple(dict.fromkeys(self.suggestions)), self.chart
        )

    def _all(self, numbers: Iterable[int]) -> tuple[int, ...]:
        return tuple(part for n in numbers for part in self._parts.get(n, (n,)))


def _year_row(fact: FactRow) -> str:
    """The year printed in the figure's own row (2021 年), where rows stand for years."""
    if fact.kind != "table" or any(str(fact.year) in c for c in (*fact.columns, *fact.rows)):
        return ""
    found = re.search(rf"(?:^|\|)\s*({fact.year}\s*年?度?)\s*(?:\||$)", fact.quote)
    return found[1].strip() if found else ""


def name_of(fact: FactRow) -> str:
    """What a fact is called: its row and column as printed, without what only says total, year or 口径."""
    row, _ = own_name(fact.row_keys, fact.organisation_key)
    column, _ = own_name(fact.column_keys)
    row_name = next((r for r, k in zip(fact.rows[::-1], fact.row_keys[::-1], strict=False) if k == row), "") if row else ""
    column_name = next((c for c, k in zip(fact.columns[::-1], fact.column_keys[::-1], strict=False) if k == column), "") if column else ""
    parts = [
        re.sub(r"^(?:其中[:：](?=[（(一二三四五六七八九十\d]))?(?:[一二三四五六七八九十]+、|[（(][一二三四五六七八九十\d]+[)）]|\d+[.、](?!\d))\s*", "", p.strip())
        for p in (row_name, column_name)
        if p
    ]
    if fact.project and fact.project not in parts and fact.kind != "table":
        parts.insert(0, f"“{fact.project}”项目")
    if not parts:
        if "三公" in fact.table_key:
            return "“三公”经费"
        parts = [(fact.rows or fact.columns or ("",))[-1] if not (fact.columns and _SAYS.search(fact.columns[-1])) else fact.columns[-1]]
    return parts[0] if len(parts) == 1 else f"{parts[0]}（{'，'.join(parts[1:])}）"


_SAYS = re.compile(r"总计|合计|总额")


def titled(fact: FactRow, papers: dict[str, Paper], name: str) -> str:
    """A figure with its whole name: whose, which year, what, in which 口径: “深圳市…办公室2021年“三公”经费预算”."""
    paper = papers[fact.document]
    whose = paper.department or paper.title
    if fact.organisation and (fact.scope != "汇总" or not _of_department(fact.organisation_key, paper.department_key)):
        whose = fact.organisation if len(fact.organisation) >= 4 else f"{whose}{fact.organisation}"
    year = fact.year or paper.year
    name = re.sub(rf"^{year}年度?", "", name) or name
    stage = (
        fact.stage
        if fact.stage and fact.kind in ("table", "stated") and fact.measure == Measure.AMOUNT and not re.search(r"[预决]算(?:数|总额)?$", name)
        else ""
    )
    return f"{whose}{f'{year}年' if year else ''}{name}{stage}"


def _of_department(body: str, department: str) -> bool:
    """Whether a body printed beside a figure is the department itself, by its full or a short name."""
    return not department or bool(abbreviates(body, department) or abbreviates(department, body))


def amount_text(fact: FactRow, unit: str | None = None) -> tuple[str, str, str]:
    """(Markdown, value, unit) of a fact: the printed figure in bold, or converted exactly when another unit was asked for."""
    if fact.value is None:
        words = {"blank": "空白（未填列）", "dash": f"“{fact.printed.strip()}”", "not_applicable": f"“{fact.printed.strip()}”"}.get(
            fact.state, fact.printed.strip()
        )
        return f"**{words}**", "", ""
    value, own = fact.value, fact.unit or ("分" if fact.measure == Measure.SCORE else "")
    printed = f"{fact.operator}{show(value)}"
    # Two decimals as printed (3.22, 9.00) stay; a figure like 837,817.92 too.
    decimals = re.search(r"\.(\d+)", fact.printed)
    if decimals and own in YUAN_PER_UNIT:
        printed = f"{fact.operator}{value:,.{len(decimals[1])}f}" if -value.as_tuple().exponent <= len(decimals[1]) else printed
    if unit and own in YUAN_PER_UNIT and unit != own:
        other = convert(value, own, unit)
        return f"**{show(tidy(other))} {unit}**（即 {printed} {own}）", plain(other), unit
    gap = "" if own in ("", "%") else " "
    return f"**{printed}{gap}{own}**", plain(value), own


def value_of(fact: FactRow, draft: Draft, label: str) -> str:
    """Add a fact to the draft's figures (numbers only) and return its Markdown with the citation mark."""
    number = draft.cite(fact)
    text, value, unit = amount_text(fact, draft.unit)
    if value:
        draft.values.append(Value(label, value, unit, None, (number,)))
    return f"{text} [{number}]"


def place_of(fact: FactRow) -> str:
    """Where a figure stands, in words: table, or the section of a sentence."""
    where = fact.table_label or (fact.section[-1] if fact.section else "正文")
    return where + (f"（第 {fact.page} 页）" if fact.page else "")


def joined(answers: Sequence[Answer]) -> Answer:
    """The answers to the parts of one question as one answer: the first part's figure first, the marks [n] numbered through, no citation twice."""
    citations: list[Citation] = []
    texts, values, checks = [], [], []
    for answer in answers:
        moved: dict[int, int] = {}
        for citation in answer.citations:
            same = next((c.id for c in citations if replace(c, id=citation.id) == citation), None)
            moved[citation.id] = same or len(citations) + 1
            if same is None:
                citations.append(replace(citation, id=len(citations) + 1))
        texts.append(re.sub(r"\[(\d+)\](?!\()", lambda m, moved=moved: f"[{moved.get(int(m[1]), m[1])}]", answer.text))
        values += [replace(v, citations=tuple(moved.get(n, n) for n in v.citations)) for v in answer.values]
        checks += [replace(c, citations=tuple(moved.get(n, n) for n in c.citations)) for c in answer.checks]
    first = answers[0]
    route = first.route if len({a.route for a in answers}) == 1 else Route.HYBRID
    return replace(first, route=route, text="\n\n".join(dict.fromkeys(texts)), values=tuple(values), citations=tuple(citations), checks=tuple(dict.fromkeys(checks)), suggestions=answers[-1].suggestions)


def beside(answer: Answer, counted: str) -> Answer | None:
    """The sentence of a figure that was answered, where it counts in the unit asked for next (会议费 5.6 万元，…人数约 400 人); else None."""
    for citation in answer.citations:
        if citation.table is None and re.search(rf"\d\s*余?{counted}", citation.quote):
            return replace(answer, text=f"同一处原文：{citation.quote} [{citation.id}]", values=(), checks=())
    return None
