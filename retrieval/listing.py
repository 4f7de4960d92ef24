"""RowSet -> Answer: rows of the papers listed, counted, ranked, filtered or added."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingest.amounts import plain, show, tidy, to_yuan
from ingest.records import Measure
from retrieval.answer import Draft, amount_text, titled, value_of
from retrieval.evidence import sums
from retrieval.evidence.facts import FactRow
from retrieval.evidence.intents import intents_of
from retrieval.evidence.readings import Resolution
from retrieval.evidence.rowsets import rows_of
from retrieval.plans import Planned, RowSet
from retrieval.question import Ask, Limit
from retrieval.records import Answer, Route, Status, Value
from retrieval.telling import Teller, as_asked, called
from retrieval.vocabulary import Mention

MOST_LISTED = 30


@dataclass(frozen=True, slots=True)
class Lister(Teller):
    """Answers what is asked of several rows at once."""

    def _row_set(self, draft: Draft, planned: Planned, plan: RowSet, question: str) -> Answer:
        unknown = [w for w in planned.understood.unknown if not plan.named and not ((plan.condition or plan.of in ("scores", "units")) and len(_CONDITIONS.sub("", w)) < 2)]
        divided = plan.of in ("children", "projects") and {i.name for i in intents_of(question)} <= _DIVIDED
        if plan.ask is Ask.LIST and divided and (parts := self._parts(planned, plan.query, unknown)):
            return self._say_parts(draft, parts)
        if unknown and plan.ask is Ask.COUNT and (fact := self._named_amount(planned, plan.query, question)):
            return self._say_named_amount(draft, planned, fact)
        if unknown and (self._prose_fallback(draft, planned, question) or self._nearest(draft, planned, question)):
            return draft.finish(Status.ANSWERED, Route.RETRIEVAL)
        rows, what = ([], "") if unknown else rows_of(self.reader, plan)
        draft.query = {"plan": "row_set", "of": plan.of, "rows": len(rows)}
        if not rows and plan.condition:
            draft.lines.append(f"{plan.query.label or '现有材料'}里没有{_LACKING[plan.condition]}。")
            return draft.finish(Status.REFUSED, Route.SQL)
        if plan.named and plan.told and len(rows) != plan.told and rows:
            draft.lines.append(f"问题里说的是 {plan.told} 个，材料里这样的项目有 {len(rows)} 个：")
        if not rows:
            if self._prose_fallback(draft, planned, question):
                return draft.finish(Status.ANSWERED, Route.RETRIEVAL)
            return self._absent(draft, planned, [Resolution(plan.query, (), "", ())])
        return self._say_rows(draft, planned, plan, rows, what)

    def _say_rows(self, draft: Draft, planned: Planned, plan: RowSet, rows: list[FactRow], what: str) -> Answer:
        wish = plan.wish
        paper = self.reader.paper[rows[0].document]
        year = f"{rows[0].year or paper.year or ''}年" if plan.of != "years" else ""
        body = rows[0].organisation if plan.query.organisations and len({r.organisation_key for r in rows}) == 1 else paper.department
        whose = f"{body if plan.of != 'departments' else ''}{year}{what}"
        if plan.ask is Ask.FILTER:
            rows = [r for r in rows if r.yuan is not None and all(_within(r, limit) for limit in wish.limits)]
            bounds = "、".join(f"{limit.operator}{show(limit.value)}{limit.unit}" for limit in wish.limits)
            counted = bool(re.search(r"多少个|几个|几项|多少项", planned.understood.text))
            draft.lines.append(f"{whose}中{bounds}的共 **{len(rows)} 个**{'：' if rows else '。'}")
            if rows and _ADDED.search(planned.understood.text):
                self._say_total(draft, what, rows)
            if counted:
                draft.values.append(Value(f"{what}数量", str(len(rows)), "个"))
            return self._list(draft, rows)
        if plan.ask is Ask.COUNT:
            draft.values.append(Value(f"{whose}数量", str(len(rows)), "个", None, ()))
            draft.lines.append(f"{whose}共 **{len(rows)} 个**：")
            answer = self._list(draft, rows, values=False)
            return replace(
                answer, values=(replace(answer.values[0], citations=tuple(c.id for c in answer.citations[:MOST_LISTED])), *answer.values[1:])
            )
        if plan.ask is Ask.SUM:
            result = sums.total(tuple(r for r in rows if r.value is not None))
            if result is not None:
                value, unit = as_asked(result, draft)
                draft.lines.append(f"{whose}共 {len(rows)} 个，金额合计 **{show(tidy(value))} {unit}**：")
                draft.values.append(Value(f"{whose}合计", plain(value), unit, result.formula, ()))
            return self._list(draft, rows)
        if plan.ask is Ask.RANK:
            ranked = sorted((r for r in rows if r.yuan is not None or r.value is not None), key=lambda r: r.yuan or r.value, reverse=wish.descending)
            if wish.nth:
                ranked = ranked[wish.nth - 1 : wish.nth]
                draft.lines.append(
                    f"{whose}中{'金额' if ranked and ranked[0].yuan is not None else ''}{'从大到小' if wish.descending else '从小到大'}第 {wish.nth} 位："
                )
            else:
                ranked = ranked[: wish.top]
                draft.lines.append(
                    f"{whose}按{'从大到小' if wish.descending else '从小到大'}排列{f'的前 {len(ranked)} 位' if wish.top < 99 else ''}："
                    if len(ranked) > 1
                    else f"{whose}中{'最大' if wish.descending else '最小'}的是："
                )
            if len(ranked) > 1 and _ADDED.search(planned.understood.text):
                self._say_total(draft, f"前 {len(ranked)} 位", ranked)
            mentions = plan.query.mentions if plan.of in ("departments", "years") else ()
            return self._list(draft, ranked, mentions=mentions, of_units=plan.of == "units")
        draft.lines.append(f"{whose}共 {len(rows)} 项：")
        return self._list(draft, rows, missed=plan.condition == "missed")

    def _say_total(self, draft: Draft, what: str, rows: Sequence[FactRow]) -> None:
        """What the rows that were chosen come to together."""
        if result := sums.total(tuple(rows)):
            value, unit = as_asked(result, draft)
            draft.lines.append(f"金额合计 **{show(tidy(value))} {unit}**。")
            draft.values.append(Value(f"{what}合计", plain(value), unit, result.formula, tuple(draft.cite(r) for r in rows)))

    def _reached(self, fact: FactRow) -> str:
        """What an indicator's row says beside its target: what was reached, and the points out of how many."""
        beside = self.reader.siblings(fact)
        actual = "".join(f"，完成值 {f.printed.strip()}" for f in beside if f.measure == Measure.ACTUAL)
        points = [f.printed.strip() for f in beside if f.measure == Measure.SCORE and f.value is not None]
        return f"{actual}，得分 {points[-1]}（权重 {points[0]}）" if len(points) > 1 else actual

    def _list(
        self, draft: Draft, rows: Sequence[FactRow], values: bool = True, mentions: Sequence[Mention] = (), missed: bool = False, of_units: bool = False
    ) -> Answer:
        draft.query["listed"] = [f.project or (f.rows[-1] if f.rows else "") for f in rows[:MOST_LISTED]]
        units = len({f.organisation_key for f in rows})
        of_units = of_units or (not mentions and units == len(rows) > 1 and not any(f.project for f in rows))
        shared = Counter(f.project or called(f, mentions) for f in rows)
        several = bool(mentions) or len({self.reader.paper[r.document].department_key for r in rows}) > 1
        for number, fact in enumerate(rows[:MOST_LISTED], 1):
            name = fact.rows[-1] if fact.kind == "indicator" and fact.rows else fact.project or called(fact, mentions)
            name = fact.organisation if of_units else f"{fact.organisation} {name}" if shared[name] > 1 and units > 1 else name
            if several:
                name = f"{titled(fact, draft.papers, name)}"
            if missed:
                text = f"目标值 {fact.printed.strip()}{self._reached(fact)} [{draft.cite(fact)}]"
            elif values and fact.value is not None:
                text = value_of(fact, draft, name)
            else:
                text = f"{amount_text(fact, draft.unit)[0].replace('**', '') if fact.state != 'blank' else ''} [{draft.cite(fact)}]"
            draft.lines.append(f"{number}. {name}：{text}" if text.strip() else f"{number}. {name}")
        if len(rows) > MOST_LISTED:
            draft.lines.append(f"……共 {len(rows)} 项，以上列出前 {MOST_LISTED} 项。")
        if values:
            self._chart(draft, rows[:12])
        return draft.finish(Status.ANSWERED, Route.SQL)


def _within(fact: FactRow, limit: Limit) -> bool:
    bound = to_yuan(limit.value, limit.unit)
    if bound is None or fact.yuan is None:
        return False
    return {">": fact.yuan > bound, "≥": fact.yuan >= bound, "<": fact.yuan < bound, "≤": fact.yuan <= bound}[limit.operator]


_CONDITIONS = re.compile(r"[一二两三四五六七八九十\d]+[家个]|新增|编码|编号|绩效|自评|指标|(?:没有?|未|不)(?:能)?(?:达标?|达到|完成|实现)")  # what the set of rows has already heard
_LACKING = {"new": "标为新增的项目", "no code": "没有填编码的项目", "targets": "列有绩效目标的项目", "reported": "申报了绩效目标的项目", "missed": "按所填的完成值或得分看没有达到目标值的绩效指标"}
_ADDED = re.compile(r"加起来|加在?一起|相加|合计|总和|(?:一共|总共|共)(?:是|有|要)?多少(?!个|项)")
_DIVIDED = {"parts", "list", "use", "absence"}  # what a question may ask whose answer is what an amount is made of
