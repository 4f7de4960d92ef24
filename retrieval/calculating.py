"""Compute -> Answer: differences, growth, shares, execution rates and sums, each step shown and held against what the paper itself prints."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from ingest.amounts import plain, show, tidy
from ingest.records import Measure, Stage
from retrieval.answer import Draft, amount_text, name_of, titled, value_of
from retrieval.evidence import sums
from retrieval.evidence.facts import FactRow
from retrieval.evidence.mentions import told_amount
from retrieval.evidence.readings import Resolution, resolve
from retrieval.plan import search
from retrieval.plans import Compute, Planned, Query
from retrieval.question import Ask
from retrieval.records import Answer, Route, Status, Value
from retrieval.telling import Teller, as_asked, called


@dataclass(frozen=True, slots=True)
class Calculator(Teller):
    """Answers what is to be worked out from two figures or more."""

    def _one(self, query: Query) -> tuple[FactRow | None, Resolution]:
        resolution = resolve(self.reader, query)
        numbers = [r.fact for r in resolution.readings if r.fact.value is not None]
        return (numbers[0] if numbers else None), resolution

    def _compute(self, draft: Draft, planned: Planned, plan: Compute, question: str) -> Answer:
        operands, resolutions = [], []
        for query in self._with_last_year(plan):
            fact, resolution = self._one(query)
            operands.append(fact)
            resolutions.append(resolution)
        self._show_query(draft, plan, resolutions)
        if None in operands:
            operands = self._of_one_cell(planned, plan) or operands
        printed = self._printed(plan, planned)
        if any(o is None for o in operands):
            if printed:
                return self._say_printed(draft, printed, plan)
            if self._prose_fallback(draft, planned, question):
                return draft.finish(Status.ANSWERED, Route.RETRIEVAL)
            missing = next(r for r, o in zip(resolutions, operands, strict=True) if o is None)
            return self._absent(draft, planned, [missing])
        facts = tuple(o for o in operands if o is not None)
        result = {
            Ask.DIFFERENCE: lambda: sums.difference(*facts[:2]),
            Ask.GROWTH: lambda: sums.growth(*facts[:2]),
            Ask.SHARE: lambda: sums.ratio(*facts[:2]),
            Ask.EXECUTION: lambda: sums.ratio(*facts[:2]),
            Ask.SUM: lambda: sums.total(facts),
        }[plan.ask]()
        if result is None:
            draft.lines.append("两个数的单位或口径不同，或除数为 0，不能直接计算。")
            for fact in facts:
                draft.lines.append(f"- {titled(fact, draft.papers, name_of(fact))}：{value_of(fact, draft, name_of(fact))}")
            return draft.finish(Status.REFUSED, Route.SQL)
        self._say_result(draft, planned, plan, facts, result)
        if printed and printed.value is not None:
            self._compare_printed(draft, printed, result)
        self._add_checks(draft, facts)
        if plan.ask is not Ask.SUM:
            self._chart(draft, facts)
        return draft.finish(Status.ANSWERED, Route.SQL)

    def _of_one_cell(self, planned: Planned, plan: Compute) -> list[FactRow | None]:
        """The two figures of one cell that “甲比乙多多少” compares; none where one is missing or stands elsewhere."""
        u = planned.understood
        left, compared, right = u.text.partition("比")
        if plan.ask not in (Ask.DIFFERENCE, Ask.GROWTH) or not compared:
            return []
        documents = plan.operands[0].documents
        ignore = search(u, documents, Ask.LOOK_UP).ignore
        sides = (left, re.split(r"[高多少低贵]|增[加长]", right)[0])
        found = [told_amount(self.reader, documents, side, ignore, u.years, money=True) for side in sides]
        return [*found] if len({(f.document, f.table_index, f.row) if f else None for f in found}) == 1 and found[0] != found[1] else []

    def _with_last_year(self, plan: Compute) -> tuple[Query, ...]:
        """“比上年” without a year: against the year before the one the first look-up answers."""
        if plan.against_last_year and plan.operands[0].year is None:
            fact, _ = self._one(plan.operands[0])
            year = (fact.year or self.reader.paper[fact.document].year) if fact else None
            if year:
                left = replace(plan.operands[0], year=year)
                return (left, replace(left, year=year - 1))
        return plan.operands

    def _say_result(self, draft: Draft, planned: Planned, plan: Compute, facts: tuple[FactRow, ...], result: sums.Result) -> None:
        numbers = [draft.cite(f) for f in facts]
        names = [called(f, q.mentions) for f, q in zip(facts, plan.operands, strict=False)]
        texts = [
            f"{titled(f, draft.papers, name)} {amount_text(f)[0].replace('**', '')} [{n}]" for f, name, n in zip(facts, names, numbers, strict=True)
        ]
        value, unit = as_asked(result, draft)
        gap = "" if unit == "%" else " "
        shown = show(tidy(abs(value)))
        if plan.ask in (Ask.DIFFERENCE, Ask.GROWTH):
            grew = "增加" if plan.ask is Ask.DIFFERENCE else "增长"
            fell = "减少" if plan.ask is Ask.DIFFERENCE else "下降"
            across = self._across(facts)
            word = (("多", "少") if plan.ask is Ask.DIFFERENCE else ("高", "低")) if across else (grew, fell)
            said = "持平（相差 **0**）" if value == 0 else f"{word[0] if value > 0 else word[1]} **{shown}{gap}{unit}**"
            draft.lines.append(f"{texts[0]}，比{texts[1]}{said}。")
            asked_up = re.search(r"增加|增长|多|高|上升|提高|涨", planned.understood.text)
            asked_down = re.search(r"减少|下降|少|低|降", planned.understood.text)
            signed = (
                value
                if value >= 0 or (asked_up and not asked_down and not re.search(r"多少", planned.understood.text.replace("增加多少", "")))
                else abs(value)
            )
        else:
            word = {Ask.SHARE: "占", Ask.EXECUTION: "执行率为"}.get(plan.ask, "")
            if plan.ask is Ask.SUM:
                draft.lines.append(f"合计 **{shown}{gap}{unit}**，由以下各项相加：{'；'.join(texts)}。")
            elif plan.ask is Ask.SHARE:
                draft.lines.append(f"{texts[0]}，{word}{texts[1]}的 **{shown}%**。")
            else:
                draft.lines.append(f"{word} **{shown}%**：{texts[0]}，{texts[1]}。")
            signed = value
        draft.lines.append(f"计算：{result.formula}")
        label = {Ask.DIFFERENCE: "差额", Ask.GROWTH: "增长率", Ask.SHARE: "占比", Ask.EXECUTION: "执行率", Ask.SUM: "合计"}[plan.ask]
        draft.values.insert(0, Value(f"{names[0]} {label}", plain(signed), unit, result.formula, tuple(numbers)))
        for fact, name, number in zip(facts, names, numbers, strict=True):
            _, printed, own = amount_text(fact, draft.unit)
            draft.values.append(Value(f"{titled(fact, draft.papers, name)}", printed, own, None, (number,)))

    def _across(self, facts: tuple[FactRow, ...]) -> bool:
        """Whether two different things are compared (other body, other item) rather than one over time."""
        a, b = facts[0], facts[1]
        return self.reader.paper[a.document].department_key != self.reader.paper[b.document].department_key or (
            a.year == b.year and name_of(a) != name_of(b)
        )

    def _printed(self, plan: Compute, planned: Planned) -> FactRow | None:
        """The paper's own word on the change, growth or rate asked for, when it prints one."""
        wanted = {
            Ask.DIFFERENCE: (Measure.CHANGE,),
            Ask.GROWTH: (Measure.RATE,),
            Ask.SHARE: (),
            Ask.EXECUTION: (Measure.RATE,),
        }.get(plan.ask, ())
        if not wanted or len(plan.operands) != 2:
            return None
        left, right = plan.operands
        against_budget = (left.stage, right.stage) == (Stage.FINAL, Stage.BUDGET)
        if (
            plan.ask is not Ask.EXECUTION
            and not against_budget
            and (left.mentions != right.mentions or left.documents != right.documents or (left.stage != right.stage))
        ):
            return None
        query = replace(left, stage=None if plan.ask is Ask.EXECUTION else left.stage)
        resolution = resolve(self.reader, query, wanted)
        for reading in resolution.readings:
            fact = reading.fact
            text = "".join((*fact.columns, *fact.rows))
            if plan.ask is Ask.EXECUTION and "执行率" not in text:
                continue
            if plan.ask is Ask.GROWTH and "执行率" in text:
                continue
            if plan.ask is not Ask.EXECUTION and against_budget != ("比预算" in text):
                continue
            if (
                right.year
                and re.search(r"20\d\d", "".join(fact.columns))
                and str(right.year) not in "".join(fact.columns)
                and plan.ask is not Ask.EXECUTION
            ):
                continue
            return fact
        return None

    def _say_printed(self, draft: Draft, fact: FactRow, plan: Compute) -> Answer:
        text, value, unit = amount_text(fact, draft.unit)
        number = draft.cite(fact)
        name = called(fact, plan.operands[0].mentions)
        what = "".join(fact.columns) if fact.columns else ""
        if plan.ask in (Ask.DIFFERENCE, Ask.GROWTH) and fact.value is not None:
            word = ("增加" if fact.value >= 0 else "减少") if plan.ask is Ask.DIFFERENCE else ("增长" if fact.value >= 0 else "下降")
            bare = text.replace("-", "").replace("−", "")
            draft.lines.append(f"{titled(fact, draft.papers, name)}：{word} {bare} [{number}]（材料原文所述）。")
            value = value.lstrip("-")
        else:
            draft.lines.append(
                f"{titled(fact, draft.papers, name)}{what if what not in name else ''}为 {text} [{number}]（材料原文所述）。"
            )
        draft.lines.append(f"原文：{fact.quote.strip(' |')[:160]}")
        draft.values.append(Value(name, value, unit, None, (number,)))
        self._add_checks(draft, [fact])
        return draft.finish(Status.ANSWERED, Route.HYBRID)

    def _compare_printed(self, draft: Draft, printed: FactRow, result: sums.Result) -> None:
        text, _, _ = amount_text(printed)
        same = printed.value is not None and (
            abs(abs(printed.value) - abs(result.value))
            <= (Decimal("0.5") if result.unit == "%" and printed.value == printed.value.to_integral_value() else Decimal("0.01"))
            if printed.unit == result.unit
            else False
        )
        number = draft.cite(printed)
        if same:
            draft.lines.append(f"与材料所述一致（{text.replace('**', '')}）[{number}]。")
        elif printed.unit == result.unit:
            draft.lines.append(f"注意：材料原文写的是 {text} [{number}]，与按表内数字计算的结果不一致，请核对原件。")
