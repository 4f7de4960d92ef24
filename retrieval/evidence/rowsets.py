"""Sets of rows to list, count, rank or filter: projects of a paper, parts of an item, indicators of a project, one item over departments or years."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ingest.records import Measure
from retrieval.evidence.facts import FactReader, FactRow, own_name
from retrieval.evidence.readings import resolve
from retrieval.plan import RowSet

_YEAR_AMOUNT = ("本年", "年度金额", "预算金额", "年度资金", "当年")


def rows_of(reader: FactReader, plan: RowSet) -> tuple[list[FactRow], str]:
    """The rows of the set, each as one fact, and what they are called; no row twice, no total beside its parts."""
    if plan.of == "indicators":
        return _indicators(reader, plan), "绩效指标"
    if plan.of == "departments":
        return _over(reader, plan, "department"), f"{_label(plan)}（各部门）"
    if plan.of == "years":
        return _over(reader, plan, "year"), f"{_label(plan)}（各年）"
    if plan.of == "children":
        rows = _children(reader, plan)
        return rows, f"{_label(plan)}明细"
    return _projects(reader, plan), "项目"


def _label(plan: RowSet) -> str:
    return "、".join(m.label for m in plan.query.mentions)


def _in_year(reader: FactReader, fact: FactRow, year: int | None) -> bool:
    paper = reader.paper[fact.document]
    own = fact.year if fact.year is not None else paper.year
    return own == (year or paper.year)


def _projects(reader: FactReader, plan: RowSet) -> list[FactRow]:
    """Projects with this year's amount: from the project forms, else from the table of project spending (its leaf rows)."""
    documents = [d for d in plan.query.documents if plan.query.year is None or reader.paper[d].year == plan.query.year]
    listed: dict[str, FactRow] = {}
    rows = [f for f in reader.facts(documents, kinds=("table",), measures=(Measure.AMOUNT,)) if f.project_key and not own_name(f.column_keys)[0].startswith("其中")]
    by_table: dict[tuple[str, int | None], dict[str, FactRow]] = {}
    for f in rows:
        if not _in_year(reader, f, plan.query.year):
            continue
        table = by_table.setdefault((f.document, f.table_index), {})
        table.setdefault(f.project_key, f)
    for f in reader.facts(documents, kinds=("field",), measures=(Measure.AMOUNT,)):
        if f.project_key and any(word in f.columns[-1] for word in _YEAR_AMOUNT):
            by_table.setdefault((f.document, None), {}).setdefault(f.project_key, f)
    for document in documents:
        candidates = [t for (d, _), t in by_table.items() if d == document]
        if candidates:
            listed.update(max(candidates, key=len))
    return list(listed.values())


def _children(reader: FactReader, plan: RowSet) -> list[FactRow]:
    """The rows right below the item, or the parts beside a total."""
    resolution = resolve(reader, plan.query)
    if not resolution.readings:
        return []
    parent = resolution.readings[0].fact
    facts = [f for f in reader.facts([parent.document], tables=[parent.table_index] if parent.table_index is not None else []) if f.measure == Measure.AMOUNT]
    same = [f for f in facts if f.table_index == parent.table_index and f.year == parent.year and f.stage == parent.stage and f.organisation_key == parent.organisation_key]
    name = own_name(parent.row_keys, parent.organisation_key)[0]
    if name:
        below = [f for f in same if f.column == parent.column and name in own_name(f.row_keys, f.organisation_key)[1] and f.value is not None]
        direct = [f for f in below if own_name(f.row_keys, f.organisation_key)[1][-1] == name]
        return direct or below
    across = [f for f in same if f.row == parent.row and own_name(f.column_keys)[0] and f.value is not None]
    down = [f for f in same if f.column == parent.column and own_name(f.row_keys, f.organisation_key)[0] and f.value is not None]
    tops = [f for f in down if not own_name(f.row_keys, f.organisation_key)[1]]
    return across if len(across) > 1 and not down else (tops or down or across)


def _indicators(reader: FactReader, plan: RowSet) -> list[FactRow]:
    documents = [d for d in plan.query.documents if plan.query.year is None or reader.paper[d].year == plan.query.year]
    facts = reader.facts(documents, kinds=("indicator",), measures=(Measure.TARGET,))
    for mention in plan.query.mentions:
        facts = [f for f in facts if mention.fits(f.project_key) or any(mention.fits(k) for k in f.row_keys)]
    return [f for f in facts if f.state != "blank"]


def _over(reader: FactReader, plan: RowSet, dimension: str) -> list[FactRow]:
    """The item once for each department (newest year) or each year."""
    departments: dict[str, list[str]] = {}
    for d in plan.query.documents:
        departments.setdefault(reader.paper[d].department_key, []).append(d)
    years: Sequence[int | None] = [plan.query.year]
    if dimension == "year":
        years = sorted({y for p in reader.papers for y in ((p.year, p.year - 1) if p.year else ()) if p.id in plan.query.documents})
    result = []
    for documents in departments.values():
        for year in years:
            resolution = resolve(reader, replace(plan.query, documents=tuple(documents), year=year, organisations=()))
            numbers = [r.fact for r in resolution.readings if r.fact.value is not None]
            if numbers:
                result.append(max(numbers, key=lambda f: f.year or 0))
    return result
