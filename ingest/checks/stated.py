"""Amounts in sentences against the tables."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from ingest.checks.book import Book, heading_of, several_units
from ingest.checks.verdicts import equal_check, only_unit_differs, sum_check
from ingest.records import Check, CheckStatus, Fact, Measure, Scope
from ingest.wording import key

# One thing under the names that prose and tables use for it.
_SAME = {
    "支出合计": "本年支出合计",
    "收入合计": "本年收入合计",
    "部门预算收入": "收入总计",
    "部门预算支出": "支出总计",
    "因公出国(境)费用": "因公出国(境)费",
    "公务用车购置和运行维护费": "公务用车购置及运行维护费",
    "公务用车购置及运行费": "公务用车购置及运行维护费",
    "公务用车运行费": "公务用车运行维护费",
    "政府采购项目": "政府采购",
}
_CLASS_NAMES = {
    "人员支出": ("工资福利支出",),
    "公用支出": ("商品和服务支出", "商品和服务支出|.*资本性支出"),
    "对个人和家庭补助支出": ("对个人和家庭的补助(?:支出)?",),
    "对个人和家庭的补助支出": ("对个人和家庭的补助(?:支出)?",),
}


def stated_against_tables(book: Book) -> Iterable[Check]:
    """An amount in a sentence against the table's figure of that name, year and organisation."""
    names: dict[tuple[str, int | None], list[int]] = defaultdict(list)
    for indexes in book.of_table.values():
        for i in indexes:
            fact = book.facts[i]
            if fact.measure is not Measure.AMOUNT or fact.amount.value is None:
                continue
            for name in {thing(fact.rows[-1]), *(thing(c) for c in fact.columns)}:
                if name in {"小计", "合计", "总计"} or (fact.rows != (fact.organisation,) and name != thing(fact.rows[-1])):
                    continue
                names[(name, fact.year)].append(i)
            if (
                fact.table is not None
                and book.tables[fact.table].form in {"budget.three", "final.07"}
                and re.search("总计|合计|总额", heading_of(fact))
                and "小计" not in heading_of(fact)
            ):
                names[("三公经费", fact.year)].append(i)
    for i in book.stated:
        fact = book.facts[i]
        if fact.measure is not Measure.AMOUNT or not fact.rows:
            continue
        candidates = [j for j in names.get((thing(fact.rows[0]), fact.year), ()) if _comparable(book, fact, book.facts[j])]
        if not candidates:
            continue
        results = [r for j in candidates if (r := equal_check(book, "stated", i, j, "文字与表")) is not None]
        held = next((r for r in results if r.status is CheckStatus.OK), None)
        if held is not None:
            yield held
        elif (other := next((j for j in candidates if only_unit_differs(fact.amount, book.facts[j].amount)), None)) is not None:
            detail = f"单位疑误：文字“{fact.rows[0]}”{fact.amount.printed}，{book.name(other)} {book.facts[other].amount.printed}{book.facts[other].amount.unit}"
            yield Check(
                "unit",
                CheckStatus.BROKEN,
                detail,
                f"{book.facts[other].amount.printed}{book.facts[other].amount.unit}",
                fact.amount.printed,
                (i, other),
            )
        elif results and _certain(book, fact, candidates):
            yield results[0]


def stated_classes(book: Book) -> Iterable[Check]:
    """人员支出, 公用支出 and 对个人和家庭的补助 in a sentence against the 经济分类 of the 基本支出 table.

    公用支出 may be 商品和服务支出 alone or with 资本性支出 (设备购置); a department of several units is the sum of its units' tables.
    """
    for table in book.form("budget.basic"):
        classes: dict[str, dict[str, int]] = defaultdict(dict)  # organisation -> name of the 类 -> fact
        for i in book.of_table[table.index]:
            fact = book.facts[i]
            if len(fact.rows) == 1 and fact.column == min(table.columns) and fact.rows[0] != fact.organisation:
                classes[fact.organisation][thing(fact.rows[0])] = i
        for i in book.stated:
            stated = book.facts[i]
            wanted = _CLASS_NAMES.get(key(stated.rows[0])) if stated.rows and stated.measure is Measure.AMOUNT else None
            units = [c for name, c in classes.items() if _same_unit(book, stated, next(iter(c.values())), len(classes))]
            if wanted is None or not units:
                continue
            readings = [[j for c in units for name, j in c.items() if re.fullmatch(pattern, name)] for pattern in wanted]
            results = [
                r
                for parts in readings
                if parts and (r := sum_check(book, "stated", i, parts, f"文字“{stated.rows[0]}”= {table.label}“{book.facts[parts[0]].rows[0]}”"))
            ]
            if results:
                yield next((r for r in results if r.status is CheckStatus.OK), results[0])


def _same_unit(book: Book, stated: Fact, i: int, units: int) -> bool:
    """Whether the fact's organisation is (or belongs to) the one that the sentence speaks of."""
    fact = book.facts[i]
    if stated.scope is Scope.TOTAL or units == 1:
        return True
    return stated.scope is fact.scope and (fact.scope is not Scope.SUBUNIT or _alike(stated.organisation, fact.organisation))


def _alike(name: str, other: str) -> bool:
    """Whether one name can be short for the other: its characters come in the same order in it."""
    short, long = sorted((key(name), key(other)), key=len)
    rest = iter(long)
    return len(short) > 2 and all(c in rest for c in short)


def thing(name: str) -> str:
    flat = re.sub(r"^(?:19|20)\d\d年", "", key(name))
    return _SAME.get(flat, flat)


def _comparable(book: Book, stated: Fact, fact: Fact) -> bool:
    if stated.stage and fact.stage and stated.stage is not fact.stage:
        return False
    if stated.side and fact.side and stated.side is not fact.side:
        return False
    return stated.scope is fact.scope or (stated.scope is not Scope.SUBUNIT and fact.scope is not Scope.SUBUNIT and not several_units(book))


def _certain(book: Book, stated: Fact, candidates: Sequence[int]) -> bool:
    """Whether a sentence that no table figure matches must be about one of them: all candidates agree, and the name is of the accounts."""
    values = {book.facts[j].amount.yuan for j in candidates}
    name = thing(stated.rows[0])
    if re.search(r"因公出国|公务接待费|公务用车|三公", name):  # the same names stand in 基本支出 for other amounts
        forms = {book.tables[book.facts[j].table or 0].form for j in candidates}
        if not forms <= {"budget.three", "final.07"}:
            return False
    return (
        len(values) == 1
        and name != "政府采购"
        and (name in _SAME.values() or re.search(r"支出$|费$|经费$|拨款$|补贴$|公积金$|收入$|合计$|总计$", name) is not None)
        and len(name) > 2
    )
