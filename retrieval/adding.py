"""What may be added: no figure twice, no whole beside its parts, as many as the question says; and which total a part is a share of."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from ingest.records import Measure, Side
from retrieval.answer import Draft, name_of, titled, value_of
from retrieval.evidence.facts import FactRow, own_name
from retrieval.evidence.readings import Resolution, resolve
from retrieval.plans import Compute, Query
from retrieval.records import Answer, Route, Status
from retrieval.telling import Teller
from retrieval.vocabulary import Mention, concepts

WITH_REST = ("支出总计", "收支总额", "收支总计")  # words that can only mean the total with what is carried over
THIS_YEAR = Mention("本年支出合计", next(c for c in concepts() if c.name == "本年支出合计"))


@dataclass(frozen=True, slots=True)
class Adder(Teller):
    """Tells what of the figures found goes together."""

    def _one(self, query: Query) -> tuple[FactRow | None, Resolution]:
        resolution = resolve(self.reader, query)
        numbers = [r.fact for r in resolution.readings if r.fact.value is not None]
        return (numbers[0] if numbers else None), resolution

    def _addends(self, plan: Compute, facts: tuple[FactRow, ...]) -> tuple[FactRow, ...]:
        """The figures to add: none twice, no whole beside its parts, as many as the question says. Empty where that cannot be had."""
        once = tuple({(f.document, f.number): f for f in facts}.values())
        parts = tuple(f for f in once if not any(_holds(f, other) for other in once))
        apart = len(parts) == len(once)
        if apart and plan.told in (None, len(once)):
            return once
        if len(parts) > 1 and plan.told in (None, len(parts)):
            return parts
        # “差旅费，行政运行和审计业务两块加一起”: one item of the list stands in each of the others.
        if plan.told == len(plan.operands) - 1 and plan.told > 1:
            for shared, others in ((plan.operands[0], plan.operands[1:]), (plan.operands[-1], plan.operands[:-1])):
                found = [self._one(replace(q, mentions=(*shared.mentions, *q.mentions)))[0] for q in others]
                if all(found) and len({(f.document, f.number) for f in found if f}) == plan.told:
                    return tuple(f for f in found if f)
        return ()

    def _not_added(self, draft: Draft, plan: Compute, facts: tuple[FactRow, ...]) -> Answer:
        """Figures that may not simply be added: each, why not, and the question back."""
        once = tuple({(f.document, f.number): f for f in facts}.values())
        contained = [(a, b) for a in once for b in once if _holds(a, b)]
        why = (
            f"{name_of(contained[0][1])}已经包含在{name_of(contained[0][0])}里，相加会重复计算"
            if contained
            else f"问题里说的是 {plan.told} 项，按这些词找到的是 {len(once)} 项"
        )
        draft.lines.append(f"{why}，没有直接相加。各项分别是：")
        draft.lines += [f"- {titled(f, draft.papers, name_of(f))}：{value_of(f, draft, name_of(f))}" for f in once]
        draft.lines.append("请说明要把哪几项加起来。")
        return draft.finish(Status.CLARIFY, Route.SQL)

    def _total_beside(self, plan: Compute, facts: tuple[FactRow, ...]) -> FactRow | None:
        """The 本年支出合计 of the table that a share's part stands in, where 支出总计 (with what is carried over) is another figure; else None."""
        part, whole = facts[0], facts[1]
        concept = plan.operands[1].mentions[0].concept if len(plan.operands[1].mentions) == 1 else None
        if not concept or concept.name != "支出总计" or part.kind != "table" or not concept.table or not concept.table.search(part.table_key):
            return None
        known = (part.year, part.stage, part.organisation_key, part.side)
        for f in self.reader.facts([part.document], kinds=("table",), tables=[part.table_index], measures=(Measure.AMOUNT,)):
            total = f.value is not None and not own_name(f.row_keys, f.organisation_key)[0] and own_name(f.column_keys)[0] in ("", "本年支出合计", "支出合计")
            if total and (f.year, f.stage, f.organisation_key, f.side) == known and part is not f:
                return f if f.yuan != whole.yuan else None
        return None


def _holds(whole: FactRow, part: FactRow) -> bool:
    """Whether one figure is a part of another one of the same paper: a row or column below it, or of the table that divides it."""
    if whole is part or (whole.document, whole.year, whole.stage) != (part.document, part.year, part.stage) or whole.kind != "table":
        return False
    if whole.yuan is not None and part.yuan is not None and part.yuan > whole.yuan:
        return False
    row, over = own_name(whole.row_keys, whole.organisation_key)[0], own_name(whole.column_keys)[0]
    if "三公" in (row or over or whole.table_key) and not _OF_THREE.search(row + over):
        return bool(_OF_THREE.search(name_of(part)))  # its parts are the same by law wherever they are printed
    if not row and not over and whole.scope == part.scope and _EVERYTHING.search(whole.table_key):
        return Side.INCOME not in (whole.side, part.side)  # 支出总计
    if part.kind != "table" or whole.organisation_key != part.organisation_key:
        return False
    if whole.table_index != part.table_index:
        name = over or row  # the 基本支出 of one table is what the table of 基本支出 divides
        return bool(name) and not (over and row) and name in part.table_key and bool(own_name(part.row_keys, part.organisation_key)[0])
    if whole.column == part.column:
        return row in own_name(part.row_keys, part.organisation_key)[1] or not row
    return whole.row == part.row and (over in own_name(part.column_keys)[1] or not over)


_EVERYTHING = re.compile(r"^(?!.*(?:财政拨款|预算拨款|一般公共|基本支出|项目支出|采购|三公)).*(?:收支|支出)(?:预算|决算)?总?(?:体情况)?表")
_OF_THREE = re.compile(r"因公出国|公务接待|公务用车")
