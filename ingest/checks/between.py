"""Between two years: what a paper says of the year before (上年预算数, “比2020年减少3万元”) against the paper of that year.

Both papers are of one organisation, one kind (预算 or 决算) and one 口径 (汇总 or 本级); the conductor brings them together. A figure of the earlier
paper is only taken when all its figures of that name agree.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from ingest.amounts import Amount, show
from ingest.arithmetic import tolerance
from ingest.checks.stated import thing
from ingest.checks.verdicts import in_unit, same_figure
from ingest.records import BETWEEN, Check, CheckStatus, Fact, FactKind, Figure, Measure, Scope, Stage
from ingest.wording import key

_YEAR = re.compile(r"(?:19|20)\d\d")
_WHEN = re.compile(r"(?:19|20)\d\d年?度?|上一?年度?|去年|本年度?|当年|年初")
_STAGE = re.compile(r"(?:预算|决算|执行)?数$|^(?:预算|决算)$")
_TOTAL = re.compile(r"^(?:总计|合计|三公经费.*(?:合计|总计|总额)|三公经费)$")
_THREE = re.compile(r"因公出国|公务接待费|公务用车|三公")  # the same names stand in 基本支出 for other amounts
_THREE_FORMS = {"budget.three", "final.07"}
# A sentence names its subject shortly; these say nothing without their table.
_NAMELESS = {"合计", "总计", "小计", ""}


@dataclass(frozen=True, slots=True)
class _Told:
    """What the later paper says of the year before: the amount, the figures it follows from, and how the check names it."""

    amount: Amount
    figures: tuple[Figure, ...]
    what: str


def between_years(later: Sequence[Figure], earlier: Sequence[Figure], year: int, stage: Stage) -> Iterator[Check]:
    """`later`: figures of the paper of `year` for both years; `earlier`: those of the paper of the year before, for its own year; both of `stage`."""
    later = [f for f in later if _of_stage(f.fact, stage)]
    earlier = [f for f in earlier if _of_stage(f.fact, stage)]
    in_tables = _by_place(earlier)
    for place, figures in _by_place(f for f in later if f.fact.year == year - 1).items():
        if len(figures) == 1 and place in in_tables:
            told = _Told(figures[0].fact.amount, (figures[0],), f"{figures[0].table}“{figures[0].fact.rows[-1]}”{'·'.join(figures[0].fact.columns)}")
            yield from _against(told, in_tables[place], year)
    in_words = _by_name(earlier)
    for told, name, scope in _sentences(later, year):
        if candidates := in_words.get((name, scope)):
            yield from _against(told, candidates, year, rounded=len(told.figures) > 1)


def _of_stage(fact: Fact, stage: Stage) -> bool:
    """Whether a figure is of that 口径; a change says in its heading what it is against (比2020年决算数增减)."""
    other = "决算|执行" if stage is Stage.BUDGET else "预算"
    return fact.stage in (None, stage) and not re.search(other, "".join(fact.columns))


def _against(told: _Told, candidates: Sequence[Figure], year: int, *, rounded: bool = False) -> Iterator[Check]:
    """Told against the earlier paper's figures: it holds when one is the same, and is broken when all agree on another."""
    good = next((f for f in candidates if _agree(told.amount, f.fact.amount, rounded)), None)
    if good is None and len({f.fact.amount.yuan for f in candidates}) > 1:
        return
    other = good or candidates[0]
    left, right = (f"{show(a.value or Decimal(0))}{a.unit}" for a in (told.amount, other.fact.amount))
    where = other.table or "文字"
    sign = "≠" if good is None else "=" if same_figure(told.amount, other.fact.amount) else "≈"  # a difference of two rounded figures
    detail = f"{told.what}：{year}年材料作 {left} {sign} {year - 1}年材料{where}“{other.fact.rows[-1]}”{right}"
    facts = tuple(f.number for f in told.figures)
    status = CheckStatus.OK if good else CheckStatus.BROKEN
    yield Check(BETWEEN, status, detail, right, left, facts, others=((other.document, other.number),))


def _agree(told: Amount, printed: Amount, rounded: bool) -> bool:
    if same_figure(told, printed):
        return True
    other = in_unit(printed, told.unit)
    return rounded and told.value is not None and other is not None and abs(told.value - other) <= tolerance([told.value, other], 2)


# -- tables


def _by_place(figures: Iterable[Figure]) -> Mapping[tuple[object, ...], list[Figure]]:
    """Table amounts by their form, whose they are, and the names of row and column; years may stand in rows or in columns."""
    found: dict[tuple[object, ...], list[Figure]] = defaultdict(list)
    for figure in figures:
        fact = figure.fact
        if fact.kind is not FactKind.TABLE or fact.measure is not Measure.AMOUNT or not figure.form:
            continue
        unit = key(fact.organisation) if fact.scope is Scope.SUBUNIT else ""
        found[(figure.form, fact.stage, fact.scope, unit, *_names(fact))].append(figure)
    return found


def _names(fact: Fact) -> tuple[str, ...]:
    """The names that say what a figure is, without years, stages and the organisation, sorted; a 小计 is its heading."""
    rows = [r for r in fact.rows if r != fact.organisation]
    names = {_bare(n) for n in (*rows, *fact.columns)} - {""}
    names = {"合计" if _TOTAL.match(n) else n for n in names}
    return tuple(sorted(names - {"小计"} if len(names) > 1 else names))


def _bare(name: str) -> str:
    return _STAGE.sub("", _WHEN.sub("", thing(name)))


# -- sentences


def _by_name(figures: Iterable[Figure]) -> Mapping[tuple[str, Scope], list[Figure]]:
    """The amounts that a name alone can stand for: an organisation's own figures, 科目 rows, and what the earlier paper says in words."""
    found: dict[tuple[str, Scope], list[Figure]] = defaultdict(list)
    for figure in figures:
        fact = figure.fact
        if fact.measure is not Measure.AMOUNT or fact.scope is Scope.SUBUNIT:
            continue
        if fact.kind is FactKind.STATED:
            found[(thing(fact.rows[0]), fact.scope)].append(figure)
            continue
        names = _names(fact)
        if names == ("合计",) and figure.form in _THREE_FORMS:
            found[("三公经费", fact.scope)].append(figure)
        elif len(names) == 1 and (not _THREE.search(names[0]) or figure.form in _THREE_FORMS):
            found[(names[0], fact.scope)].append(figure)
    return found


def _sentences(figures: Sequence[Figure], year: int) -> Iterator[tuple[_Told, str, Scope]]:
    """(told, name, scope) of every sentence that says what something was in the year before: outright, or as this year's amount less the change."""
    now: dict[tuple[str, str], Figure] = {}
    for figure in figures:
        fact = figure.fact
        if fact.kind is not FactKind.STATED or not fact.rows:
            continue
        name = thing(fact.rows[0])
        if name in _NAMELESS or fact.scope is Scope.SUBUNIT:
            continue
        what = f"“{fact.rows[0]}”{year - 1}年"
        if fact.measure is Measure.AMOUNT and fact.year == year:
            now[(fact.quote, name)] = figure
        elif fact.measure is Measure.AMOUNT:
            yield _Told(fact.amount, (figure,), what), name, fact.scope
        elif fact.year == year and str(year - 1) in _YEAR.findall("".join(fact.columns)) and (fact.quote, name) in now:
            amount = now[(fact.quote, name)].fact.amount
            change = in_unit(fact.amount, amount.unit)
            if amount.value is not None and change is not None:
                before = replace(amount, value=amount.value - change)
                sum_shown = f"{show(amount.value)} {'+' if change < 0 else '−'} {show(abs(change))}"
                yield _Told(before, (now[(fact.quote, name)], figure), f"{what}（{sum_shown}）"), name, fact.scope
