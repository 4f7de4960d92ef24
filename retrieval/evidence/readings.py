"""Query -> readings: which figures answer it, told apart by whose, which year and which 口径 they are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from ingest.amounts import YUAN_PER_UNIT
from ingest.records import Measure, PaperKind, Scope, Stage
from retrieval.evidence.facts import FactReader, FactRow, Found, Target, best, own_name
from retrieval.plans import Query
from retrieval.vocabulary import Names

COARSER = Decimal("0.0005")  # relative: a sentence in 万元 against a table in 元


@dataclass(frozen=True, slots=True)
class Reading:
    """One answer a query has: the fact, others that print the same figure (`also`), and others that print another figure under the same name (`against`)."""

    fact: FactRow
    score: float
    also: tuple[FactRow, ...] = ()
    against: tuple[FactRow, ...] = ()
    parts: tuple[FactRow, ...] = ()  # 基本支出 and 项目支出, where the figure is both together


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a query came to, with the statement that was run; `elsewhere` are facts of other years or 口径 when nothing fits."""

    query: Query
    readings: tuple[Reading, ...]
    sql: str
    params: tuple[object, ...]
    elsewhere: tuple[FactRow, ...] = ()


_MEASURES = (Measure.AMOUNT, Measure.COUNT, Measure.TEXT, Measure.TARGET, Measure.ACTUAL, Measure.SCORE)


def resolve(reader: FactReader, query: Query, measures: Sequence[Measure] = _MEASURES) -> Resolution:
    """Find what answers a query. Nothing is guessed: a figure of another year, body or 口径 is only named as `elsewhere`."""
    names = reader.names_of(tuple(sorted(query.documents))) if query.documents else Names()
    keys = {k for m in query.mentions for k in names.meant_by(m)} | {m.text.upper() for m in query.mentions if "code" in m.kinds}
    facts, sql, params = reader.named(query.documents, sorted(keys))
    if any(m.concept and m.concept.name == "预算执行率" for m in query.mentions):
        measures = (*measures, Measure.RATE)
    target = Target(query.mentions, query.year, query.stage, query.scope, query.organisations, tuple(measures), query.counted, query.sheet, query.money)
    own = [f for f in facts if _in_time(reader, f, query)]
    found = _graded(reader, own, target)
    if query.held and query.year is not None and all(m.concept and m.concept.counts for m in query.mentions) and all(_bought(f.fact) for f in found):
        # What a paper counts as of the end of the year before is what it says of its own year too; the answer names the date.
        held = [f for f in own if f.year == query.year - 1 and as_of(f)]
        found = _graded(reader, held, replace(target, year=query.year - 1)) or found
    if query.scope is None and not query.organisations:
        found = _whole_department(found)
    readings = _held(_readings(reader, found)) if query.held else _readings(reader, found)
    if readings and readings[0].fact.kind == "stated":
        # A sentence rounds what a table prints: the exact figure is the answer.
        exact = next((f.fact for f in best(own, target, slack=3.5) if f.fact.kind == "table" and _close(f.fact, readings[0].fact)), None)
        if exact:
            readings[0] = Reading(exact, readings[0].score, readings[0].also, readings[0].against)
    if readings and (whole := _whole_of_basic(readings[0], own, query)):
        readings[0] = whole
    if readings:
        first = _with_statements(readings[0], own, query)
        # A sentence that says what another reading says contradicts nothing.
        against = tuple(f for f in first.against if not any(f.yuan == r.fact.yuan for r in readings))
        readings[0] = replace(first, against=against)
    elsewhere: tuple[FactRow, ...] = ()
    if not readings:
        loose = Target(query.mentions, None, None, None, (), tuple(measures), query.counted)
        elsewhere = tuple(f.fact for f in _graded(reader, facts, loose)[:6])
    if not readings and query.stage is Stage.ADJUSTED:
        # 全年预算数 is the adjusted budget; papers that print one budget only call it 预算数.
        return resolve(reader, replace(query, stage=Stage.BUDGET), measures)
    return Resolution(query, tuple(readings), sql, tuple(params), elsewhere)


def worded(reader: FactReader, query: Query) -> FactRow | None:
    """The cell of a table that prints words where the figure asked for would stand (不单独编列, 涉密不公开); None where there is none or more than one."""
    names = reader.names_of(tuple(sorted(query.documents))) if query.documents else Names()
    facts, _, _ = reader.named(query.documents, sorted({k for m in query.mentions for k in names.meant_by(m)}))
    target = Target(query.mentions, query.year, query.stage, query.scope, query.organisations, (Measure.TEXT,), words=True)
    found = best([f for f in facts if f.kind == "table" and f.measure == Measure.TEXT and f.printed.strip() and _in_time(reader, f, query)], target)
    return found[0].fact if len({f.fact.printed.strip() for f in found}) == 1 else None


def as_of(fact: FactRow) -> str:
    """The day that a count is printed for (截至2025年末, 截至上年底); "" where its sentence names none."""
    named = _AS_OF.search(fact.quote) if fact.measure == Measure.COUNT and fact.kind == "stated" else None
    return named[0] if named else ""


_AS_OF = re.compile(r"截[至止]到?(?:20\d\d年(?:\d{1,2}月(?:\d{1,2}日)?)?|上一?年度?)[末底]?")
_BOUGHT = re.compile(r"购置|新增|更新|采购")


def _held(readings: list[Reading]) -> list[Reading]:
    """The readings without those that say how many are bought, where the same paper says how many there are as of a day."""
    dated = {r.fact.document for r in readings if as_of(r.fact)}
    return [r for r in readings if r.fact.document not in dated or not _bought(r.fact)]


def _bought(fact: FactRow) -> bool:
    """Whether a count is of what is bought or planned, by its sentence, and not of what there is on a day."""
    return fact.measure == Measure.COUNT and not as_of(fact) and bool(_BOUGHT.search(fact.quote))


def _in_time(reader: FactReader, fact: FactRow, query: Query) -> bool:
    paper = reader.paper[fact.document]
    if fact.measure == Measure.COUNT and fact.year is not None and paper.year is not None and query.year in (None, paper.year):
        return fact.year in (paper.year, paper.year - 1)  # people and cars are counted at the end of the year before
    if query.year is not None:
        return fact.year == query.year or (fact.year is None and paper.year == query.year)
    return fact.year is None or paper.year is None or fact.year == paper.year


def _graded(reader: FactReader, facts: Sequence[FactRow], target: Target) -> list[Found]:
    """The best of each body, year and 口径, best first."""
    groups: dict[tuple[str, int | None, str | None], list[FactRow]] = {}
    for f in facts:
        paper = reader.paper[f.document]
        groups.setdefault((paper.department_key or paper.id, f.year if f.year is not None else paper.year, f.stage), []).append(f)
    kept: list[Found] = []
    for group in groups.values():
        kept += best(group, target)
    if not kept:
        return []
    # A group whose best is far worse than the best group's answers something else (a project of that name, a mention in prose); of another body,
    # which may state in a sentence what this one prints in a table, less is asked.
    top = max(f.score for f in kept)
    tops: dict[str, float] = {}
    for f in kept:
        body = reader.paper[f.fact.document].department_key
        tops[body] = max(tops.get(body, f.score), f.score)
    kept = [f for f in kept if f.score >= max(tops[reader.paper[f.fact.document].department_key] - 4.5, top - 8.0)]
    own_year = {f.fact for f in kept if reader.paper[f.fact.document].year == f.fact.year}
    taken = {(reader.paper[f.document].department_key, f.year, f.stage) for f in own_year}
    kept = [f for f in kept if f.fact in own_year or (reader.paper[f.fact.document].department_key, f.fact.year, f.fact.stage) not in taken]
    # A 决算 paper is asked for what was executed: its 决算 figure stands before its 预算 figure.
    return sorted(kept, key=lambda f: (reader.paper[f.fact.document].kind == PaperKind.FINAL and f.fact.stage != Stage.FINAL, -f.score))


def _whole_department(found: list[Found]) -> list[Found]:
    """Where the department's own total answers, its 本级 and its units do not."""
    whole = {(f.fact.document, f.fact.year, f.fact.stage) for f in found if f.fact.scope == Scope.TOTAL and f.fact.value is not None}
    return [f for f in found if f.fact.scope == Scope.TOTAL or (f.fact.document, f.fact.year, f.fact.stage) not in whole]


def _whole_of_basic(reading: Reading, facts: Sequence[FactRow], query: Query) -> Reading | None:
    """An item that the 基本支出 table prints, where another table prints it with its 项目支出 beside the same 基本支出: the whole of it, with its parts."""
    basic = reading.fact
    if basic.kind != "table" or "基本支出" not in basic.table_key or basic.yuan is None or not basic.row_keys or any("基本支出" in m.label for m in query.mentions):
        return None
    rows: dict[tuple[int | None, int | None], dict[str, FactRow]] = {}
    for f in facts:
        same = (f.document, f.row_keys[-1:], f.organisation_key, f.year, f.stage) == (
            basic.document, basic.row_keys[-1:], basic.organisation_key, basic.year, basic.stage,
        )  # fmt: skip
        if same and f.table_index != basic.table_index and f.yuan is not None and len(f.column_keys) == 1:
            column = "whole" if not own_name(f.column_keys)[0] else f.column_keys[0]
            rows.setdefault((f.table_index, f.row), {})[column] = f
    for row in rows.values():
        if {"whole", "基本支出", "项目支出"} <= set(row):
            whole, same, project = row["whole"], row["基本支出"], row["项目支出"]
            if same.yuan == basic.yuan and project.yuan and whole.yuan == same.yuan + project.yuan:
                return Reading(whole, reading.score, reading.also, reading.against, (same, project))
    return None


def _with_statements(reading: Reading, facts: Sequence[FactRow], query: Query) -> Reading:
    """A reading from a table with the sentences that state another figure for the very same thing."""
    fact = reading.fact
    if fact.kind != "table" or fact.yuan is None:
        return reading
    # 本年支出合计 is not 支出总计: a sentence speaks of the very same thing only under the very same name.
    own = [n for n in (own_name(fact.row_keys, fact.organisation_key)[0], own_name(fact.column_keys)[0], *(k for k in fact.row_keys[-1:] if query.mentions[0].fits(k))) if n]
    others = [
        f
        for f in facts
        if f.kind == "stated"
        and f.measure == Measure.AMOUNT
        and (f.document, f.year, f.stage, f.scope) == (fact.document, fact.year, fact.stage, fact.scope)
        and f.yuan is not None
        and not _close(fact, f)
        and f.yuan != fact.yuan
        and len(query.mentions) == 1
        and query.mentions[0].fits(own_name(f.row_keys)[0])
        and (own_name(f.row_keys)[0] in own or (not own and query.mentions[0].concept and query.mentions[0].concept.total))
    ]
    return replace(reading, against=tuple(others[:2])) if others else reading


def before_change(reader: FactReader, query: Query) -> tuple[FactRow, FactRow] | None:
    """For a year without papers, or a 预算 that an executed account leaves out: the figure after it and the change against it, both of one sentence.

    The sentence must give the figure itself and its change, and every such sentence the same ones: else what was changed is open. None unless there is
    one of each.
    """
    if query.year is not None and not any(reader.paper[d].year == query.year for d in query.documents):
        after, against = replace(query, year=query.year + 1), re.compile(rf"上年|上一年|去年|同期|{query.year}")
    elif query.stage == Stage.BUDGET:
        executed = tuple(d for d in query.documents if reader.paper[d].kind == PaperKind.FINAL and query.year in (None, reader.paper[d].year))
        after, against = replace(query, stage=Stage.FINAL, documents=executed), re.compile("比(?:年初|全年|调整)?预算")
    else:
        return None
    amounts = [r.fact for r in resolve(reader, after, (Measure.AMOUNT,)).readings if r.fact.yuan is not None]
    changes = [r.fact for r in resolve(reader, after, (Measure.CHANGE,)).readings if r.fact.kind == "stated" and r.fact.measure == Measure.CHANGE]
    changes = [c for c in changes if c.yuan is not None and c.columns and against.search(c.columns[-1])]
    if len({c.yuan for c in changes}) != 1 or len({reader.paper[f.document].department_key for f in (*amounts, *changes)}) != 1:
        return None
    change = changes[0]
    said = [
        f
        for f in reader.facts([change.document], kinds=["stated"], measures=[Measure.AMOUNT])
        if f.quote == change.quote and f.year == change.year and (f.row_keys == change.row_keys or any(m.fits(own_name(f.row_keys)[0]) for m in query.mentions))
    ]
    for fact in amounts:
        if any(f.yuan == fact.yuan or _close(f, fact) for f in said) and all(a.yuan == fact.yuan or _close(a, fact) for a in amounts):
            return fact, change
    return None


def every_print(reader: FactReader, query: Query) -> list[FactRow]:
    """Every figure that the papers print for a query, wherever it stands, one fact for each figure: to see whether they agree.

    A table of another 口径 (what 基本支出, what 采购 holds of it) prints a part, and no other figure for the same thing.
    """
    resolution = resolve(reader, query)
    if not resolution.readings:
        return []
    names = reader.names_of(tuple(sorted(query.documents)))
    facts, _, _ = reader.named(query.documents, sorted({k for m in query.mentions for k in names.meant_by(m)}))
    target = Target(query.mentions, query.year, query.stage, query.scope, query.organisations, (Measure.AMOUNT,), query.counted)
    found = best([f for f in facts if _in_time(reader, f, query) and f.kind != "mentioned" and f.value], target, slack=7.0)
    first = resolution.readings[0].fact
    different: dict[object, FactRow] = {}
    for fact in [first, *(f.fact for f in found)]:
        years = [bool(f.columns) and bool(_ALL_YEARS.search(f.columns[-1])) for f in (fact, first)]
        holds = [set() if f.kind == "stated" or _of_project(f) else set(_PART_OF.findall(f.table_key)) for f in (fact, first)]
        alike = years[0] == years[1] and holds[0] == holds[1] and (not _of_project(first) or _of_project(fact))
        if (fact.unit in YUAN_PER_UNIT) == (first.unit in YUAN_PER_UNIT) and alike:
            different.setdefault(fact.yuan if fact.yuan is not None else fact.value, fact)
    return list(different.values())


_PART_OF = re.compile(r"基本支出|项目支出|采购|三公|财政拨款|预算拨款|一般公共预算|政府性基金|国有资本")


def _of_project(fact: FactRow) -> bool:
    """Whether a figure is a project's own: of its form, or of a table of projects."""
    return bool(fact.project_key) or fact.form.startswith(("targets", "budget.projects"))


_ALL_YEARS = re.compile(r"总金额|总投资|中期|三年")  # what a project costs over its years is no other print of what it costs in one


def _same(a: FactRow, b: FactRow) -> bool:
    if a.value is None or b.value is None:
        return a.value is b.value and a.printed.strip() == b.printed.strip()
    if a.yuan is not None and b.yuan is not None:
        return a.yuan == b.yuan
    return a.value == b.value and (a.unit == b.unit or not a.unit or not b.unit)


def _close(a: FactRow, b: FactRow) -> bool:
    """Whether two figures are one figure rounded twice: one last digit apart in one unit, or the same to the coarser unit's digits."""
    if a.yuan is None or b.yuan is None or not a.yuan or a.value is None or b.value is None:
        return False
    if a.unit == b.unit:
        digits = min(-a.value.as_tuple().exponent, -b.value.as_tuple().exponent)  # type: ignore[operator]
        return abs(a.value - b.value) <= Decimal(1).scaleb(-max(digits, 0))
    return abs(a.yuan - b.yuan) / abs(a.yuan) <= COARSER


def _readings(reader: FactReader, found: Sequence[Found]) -> list[Reading]:
    readings: list[Reading] = []
    for f in found:
        fact = f.fact
        for i, known in enumerate(readings):
            here = (fact.year, fact.stage, reader.paper[fact.document].department_key) == (
                known.fact.year,
                known.fact.stage,
                reader.paper[known.fact.document].department_key,
            )
            counted = fact.measure == known.fact.measure == Measure.COUNT and fact.document == known.fact.document
            if (here or counted) and _same(fact, known.fact):
                readings[i] = Reading(known.fact, known.score, (*known.also, fact), known.against)
                break
            if here and (_close(fact, known.fact) or (fact.value is None and known.fact.value is not None)):
                break  # the accounts' checks speak of figures that differ by rounding; a blank beside a figure says nothing
        else:
            readings.append(Reading(fact, f.score))
    return readings
