"""Compute -> Answer: differences, growth, shares, execution rates and sums, each step shown and held against what the paper itself prints."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from ingest.amounts import YUAN_PER_UNIT, plain, show, tidy
from ingest.records import Measure, Stage
from retrieval.adding import THIS_YEAR, WITH_REST, Adder
from retrieval.answer import Draft, amount_text, name_of, titled, value_of
from retrieval.evidence import sums
from retrieval.evidence.clauses import clause_of, done
from retrieval.evidence.facts import FactRow
from retrieval.evidence.mentions import told_amount
from retrieval.evidence.readings import Reading, Resolution, before_change, resolve
from retrieval.plans import Compute, PerUnit, Planned, Query, search
from retrieval.question import Ask
from retrieval.records import Answer, Route, Status, Value
from retrieval.telling import as_asked, called

_COMPARED = re.compile("相?比|和|与|跟|同")
_SAID_OF_IT = re.compile(r"(?:相?比|相?差|差额|差距|高|多|少|低|贵|增[加长]|的?(?:百分之|比重|比例|百分比|几成|多少)).*$")
_ALL_OF_IT = re.compile(r"(?:项目|全部|整个)?(?:合计|总计|总|全部|整体)(?:的?(?:投资|费用|金额|额|数|支出|预算|概算))*")
_MORE_THAN_ALL = 101  # %: a part that rounding makes larger than its whole is not this much larger
_AGAINST_BUDGET = re.compile("比(?:年初|全年|调整)?预算")
_LEVEL = 0.3  # readings this close are equally good


@dataclass(frozen=True, slots=True)
class Calculator(Adder):
    """Answers what is to be worked out from two figures or more."""

    def _undecided(self, resolution: Resolution) -> list[Reading]:
        """The readings of a figure to be reckoned with where several projects answer equally well; none where one figure is meant."""
        numbers = [r for r in resolution.readings if r.fact.value is not None]
        level = [r for r in numbers if r.score >= numbers[0].score - _LEVEL and r.fact.project_key]
        return level if len({r.fact.project_key for r in level}) > 1 else []

    def _of_each_unit(self, fact: FactRow) -> tuple[FactRow, ...]:
        """The same figure of every unit that prints a form of its own for one project; in a table, the total may stand among the units."""
        if fact.kind != "field":
            return (fact,)

        def meaning(f: FactRow) -> tuple[object, ...]:
            return f.kind, f.form, f.row_keys, f.column_keys, f.project_key, f.year, f.stage, f.measure

        same = (f for f in self.reader.facts([fact.document]) if f.value is not None and meaning(f) == meaning(fact))
        return tuple({f.organisation_key: f for f in same}.values())

    def _compute(self, draft: Draft, planned: Planned, plan: Compute, question: str) -> Answer:
        operands, resolutions = [], []
        for query in self._with_last_year(plan):
            inside = self._one(replace(query, mentions=(query.within, *query.mentions))) if query.within else None
            fact, resolution = inside if inside and inside[0] else self._one(query)
            operands.append(fact)
            resolutions.append(resolution)
        self._show_query(draft, plan, resolutions)
        if planned.understood.unknown:
            # Words that nobody knows may be the very thing to be compared: what is reckoned without them would answer another question.
            operands = [None for _ in operands]
        # As many different figures as the question says it adds: what one of its words leaves open, the others settle.
        settled = plan.ask is Ask.SUM and plan.told == len({(o.document, o.number) for o in operands if o})
        for resolution in resolutions if any(operands) and not settled else ():
            if undecided := self._undecided(resolution):
                return self._ask_which(draft, planned, undecided, resolution.query.mentions)
        if None in operands:
            operands = self._of_one_cell(planned, plan.ask, plan.operands[0].documents) or operands
        printed = self._printed(plan, planned)
        if any(o is None for o in operands):
            if planned.understood.reckoned and plan.ask is Ask.GROWTH and (answer := self._by_change(draft, plan, printed, planned.understood.places)):
                return answer
            if printed:
                return self._say_printed(draft, printed, plan)
            quoted = Draft(draft.papers, draft.unit, query=draft.query)
            # Only a sentence with a rate says how far a budget was executed.
            if plan.ask is not Ask.UNSPENT and self._prose_fallback(quoted, planned, question) and (plan.ask is not Ask.EXECUTION or any(re.search("[%％]", line) for line in quoted.lines)):
                return quoted.finish(Status.ANSWERED, Route.RETRIEVAL)
            missing = next(r for r, o in zip(resolutions, operands, strict=True) if o is None)
            return self._absent(draft, planned, [missing])
        facts = tuple(o for o in operands if o is not None)
        if plan.ask in (Ask.DIFFERENCE, Ask.GROWTH, Ask.TIMES):
            facts = self._of_one_table(facts)
        if plan.ask in (Ask.DIFFERENCE, Ask.GROWTH, Ask.SHARE, Ask.TIMES) and facts[0] == facts[1]:
            draft.lines.append("问到的两个数在材料里是同一个数，无法相比：")  # one of the two was not understood
            draft.lines.append(f"- {titled(facts[0], draft.papers, name_of(facts[0]))}：{value_of(facts[0], draft, name_of(facts[0]))}")
            return draft.finish(Status.REFUSED, Route.SQL)
        if plan.ask is Ask.SHARE and (large := sums.ratio(*facts[:2])) and large.value > _MORE_THAN_ALL:
            draft.lines.append("前一个数比后一个数大，不是它的一部分，不能算占比：")
            for fact in facts:
                draft.lines.append(f"- {titled(fact, draft.papers, name_of(fact))}：{value_of(fact, draft, name_of(fact))}")
            return draft.finish(Status.REFUSED, Route.SQL)
        if plan.ask is not Ask.SUM and plan.operands[0].documents == plan.operands[1].documents and (asked_back := self._left_open(draft, planned, plan)):
            return asked_back
        asked = {(f.document, f.number): q.mentions for f, q in zip(facts, plan.operands, strict=False)}
        if plan.ask is Ask.SUM:
            added = self._addends(plan, facts)
            if not added:
                return self._not_added(draft, plan, facts)
            facts = added
        of_one_body = plan.ask is Ask.SHARE and plan.operands[0].organisations == plan.operands[1].organisations
        beside = self._total_beside(plan, facts) if of_one_body else None
        other = facts[1] if beside and plan.operands[1].mentions[0].text not in WITH_REST else beside
        if beside and other is not beside:
            facts = (facts[0], beside)
            asked[beside.document, beside.number] = (THIS_YEAR,)
        places = planned.understood.places
        result = {
            Ask.DIFFERENCE: lambda: sums.difference(*facts[:2]),
            Ask.UNSPENT: lambda: sums.difference(*facts[:2]),
            Ask.GROWTH: lambda: sums.growth(*facts[:2], places),
            Ask.TIMES: lambda: sums.times(*facts[:2], places),
            Ask.SHARE: lambda: sums.ratio(*facts[:2], places),
            Ask.EXECUTION: lambda: sums.ratio(*facts[:2], places),
            Ask.SUM: lambda: sums.total(facts),
        }[plan.ask]()
        if result is None:
            draft.lines.append("两个数的单位或口径不同，或除数为 0，不能直接计算。")
            for fact in facts:
                draft.lines.append(f"- {titled(fact, draft.papers, name_of(fact))}：{value_of(fact, draft, name_of(fact))}")
            return draft.finish(Status.REFUSED, Route.SQL)
        names = [called(f, asked.get((f.document, f.number), ())) for f in facts]
        if plan.ask is Ask.SUM:  # one item of several groups is told apart by its group
            groups = [[r for r in f.rows[:-1] if r not in name] for f, name in zip(facts, names, strict=True)]
            names = [f"{group[-1]}（{name}）" if names.count(name) > 1 and group else name for name, group in zip(names, groups, strict=True)]
        self._say_result(draft, planned, plan, facts, result, names)
        if other and (rate := sums.ratio(facts[0], other, places)):
            name = "本年支出合计" if other is beside else "支出总计（含结转结余）"
            draft.lines.append(f"口径提示：若以{name} {amount_text(other)[0].replace('**', '')} [{draft.cite(other)}] 为分母，占 {show(rate.value)}%（{rate.formula}）。")
        if printed and printed.value is not None:
            self._compare_printed(draft, printed, result)
        self._add_checks(draft, facts)
        if plan.ask is not Ask.SUM:
            self._chart(draft, facts)
        return draft.finish(Status.ANSWERED, Route.SQL)

    def _of_one_table(self, facts: tuple[FactRow, ...]) -> tuple[FactRow, ...]:
        """Two years of one row as one table prints them, where they were found in two tables of a paper: these may count differently."""
        for one, other in (facts[:2], facts[1::-1]):
            if one.table_index is None or one.document != other.document or one.table_index == other.table_index or one.year == other.year:
                continue
            beside = [
                f
                for f in self.reader.facts([one.document], measures=(Measure.AMOUNT,), tables=[one.table_index])
                if (f.row_keys, f.organisation_key, f.year, f.unit) == (one.row_keys, one.organisation_key, other.year, one.unit) and f.value is not None
            ]
            if len({f.value for f in beside}) == 1:
                return (one, beside[0]) if one is facts[0] else (beside[0], one)
        return facts

    def _left_open(self, draft: Draft, planned: Planned, plan: Compute) -> Answer | None:
        """The question back where a calculation of one department and year does not say whose or which year is meant, and there are several."""
        facts = [r.fact for r in resolve(self.reader, plan.operands[0]).readings if r.fact.value is not None]
        if not planned.departments and len({self.reader.paper[f.document].department_key for f in facts}) > 1:
            draft.lines.append("问题没有说明是哪个部门的，材料里不止一个部门有这些数。请说明要问哪个部门。")
            draft.suggestions.extend(self._examples())
            return draft.finish(Status.CLARIFY, Route.SQL)
        years = sorted({f.year for f in facts if f.year and f.year == self.reader.paper[f.document].year}, reverse=True)
        if not planned.understood.years and len(years) > 1:
            draft.lines.append(f"问题没有说明是哪一年的，材料里有{'、'.join(f'{year}年' for year in years)}的数。请说明要问哪一年。")
            draft.suggestions.extend(f"{year}年{planned.understood.text}" for year in years)
            return draft.finish(Status.CLARIFY, Route.SQL)
        return None

    def _by_change(self, draft: Draft, plan: Compute, printed: FactRow | None, places: int) -> Answer | None:
        """Growth worked out from a figure and the change printed beside it, where the figure of the year before is not printed."""
        found = before_change(self.reader, plan.operands[-1])
        result = sums.growth_by(*found, places) if found else None
        if found is None or result is None:
            return None
        fact, change = found
        numbers = (draft.cite(fact), draft.cite(change))
        name = called(fact, plan.operands[0].mentions)
        grew = "增长" if result.value >= 0 else "下降"
        draft.lines.append(
            f"{titled(fact, draft.papers, name)} {amount_text(fact)[0].replace('**', '')} [{numbers[0]}]，比上年增减 "
            f"{amount_text(change)[0].replace('**', '')} [{numbers[1]}]，{grew} **{show(abs(result.value))}%**。"
        )
        draft.lines.append(f"计算：{result.formula}")
        draft.values.append(Value(f"{name} 增长率", plain(abs(result.value)), "%", result.formula, numbers))
        if printed and printed.value is not None:
            self._compare_printed(draft, printed, result)
        return draft.finish(Status.ANSWERED, Route.SQL)

    def _per_unit(self, draft: Draft, plan: PerUnit, printed: Answer) -> Answer:
        """An amount for each of what there is. A figure that the paper prints for each stands as it is; a total is no answer to such a question."""
        money = bool(printed.values) and printed.values[0].unit.removesuffix("/").partition("/")[0] in YUAN_PER_UNIT
        if printed.status is not Status.REFUSED and (not printed.values or (money and _for_each(printed))):
            return printed
        amount, count = self._counted(plan)
        result = sums.per_unit(amount, count) if amount and count else None
        if result is None or amount is None or count is None or plan.amount is None:
            if not printed.values:
                return printed
            return not_for_each(printed, plan.unit)
        numbers = (draft.cite(amount), draft.cite(count))
        name, counted = called(amount, plan.amount.mentions), count.unit
        value, unit = as_asked(result, draft)
        draft.lines.append(f"平均每{counted.removeprefix('万')} **{show(tidy(value))} {unit}**（材料没有直接列出，按下面两个数计算）。")
        draft.lines.append(
            f"依据：{titled(amount, draft.papers, name)} {amount_text(amount)[0].replace('**', '')} [{numbers[0]}]，"
            f"{name_of(count)} {amount_text(count)[0].replace('**', '')} [{numbers[1]}]。"
        )
        draft.lines.append(f"计算：{result.formula}")
        draft.values.append(Value(f"{name} 平均每{counted}", plain(value), unit, result.formula, numbers))
        return draft.finish(Status.ANSWERED, Route.SQL)

    def _counted(self, plan: PerUnit) -> tuple[FactRow | None, FactRow | None]:
        """The amount and the number of one paper and one body; (None, None) where a paper has only one of them, or the amount is not clear."""
        resolution = resolve(self.reader, plan.amount) if plan.amount else None
        if resolution is None or self._undecided(resolution):
            return None, None
        counts = [r.fact for query in plan.counts for r in resolve(self.reader, query).readings if r.fact.value]
        for amount in (r.fact for r in resolution.readings if r.fact.yuan is not None):
            for count in counts:
                of_one_body = amount.organisation_key == count.organisation_key or not any(e.unit and amount.document in e.documents for e in self.reader.entities)
                if count.document == amount.document and of_one_body:
                    return amount, count
        return None, None

    def _of_one_cell(self, planned: Planned, ask: Ask, documents: Sequence[str]) -> list[FactRow]:
        """The two figures of one cell or sentence that “甲比乙多多少”, “甲和乙差多少” or “甲占乙的比例” names; none where one is missing or stands elsewhere."""
        u = planned.understood
        between = _COMPARED if ask in (Ask.DIFFERENCE, Ask.GROWTH) else re.compile("占") if ask is Ask.SHARE else None
        ignore = search(u, tuple(documents), Ask.LOOK_UP).ignore
        for m in between.finditer(u.text) if between else ():
            left, right = u.text[: m.start()], _SAID_OF_IT.sub("", u.text[m.end() :])
            first = told_amount(self.reader, documents, left, ignore, u.years, money=True, least=3)
            if first is None:
                continue
            if ask is Ask.SHARE and _ALL_OF_IT.fullmatch(right):
                second = self._sum_of_cell(first)
            else:
                second = told_amount(self.reader, documents, right, ignore, u.years, money=True, least=3)
            if second and first != second and _cell(first) == _cell(second):
                return [first, second]
        return []

    def _sum_of_cell(self, fact: FactRow) -> FactRow | None:
        """What the cell of an amount says is the sum of all it lists (合计 1060 万元); None where it says so of several or of none."""
        beside = [f for f in self.reader.facts([fact.document], kinds=(fact.kind,), measures=(Measure.AMOUNT,)) if _cell(f) == _cell(fact)]
        sums_ = [f for f in beside if "summed" in done(clause_of(f))]
        return sums_[0] if len(sums_) == 1 else None

    def _compare_in_cell(self, draft: Draft, planned: Planned, ask: Ask, documents: Sequence[str]) -> Answer | None:
        """The answer to a comparison of two amounts that only the words of one cell or sentence name."""
        facts = self._of_one_cell(planned, ask, documents)
        result = None if not facts else sums.ratio(*facts) if ask is Ask.SHARE else sums.growth(*facts) if ask is Ask.GROWTH else sums.difference(*facts)
        if result is None or (ask is Ask.SHARE and result.value > _MORE_THAN_ALL):
            return None
        self._say_result(draft, planned, Compute(ask, (Query(tuple(documents), ()),) * 2), tuple(facts), result, [name_of(f) for f in facts])
        return draft.finish(Status.ANSWERED, Route.SQL)

    def _with_last_year(self, plan: Compute) -> tuple[Query, ...]:
        """“比上年” without a year: against the year before the one the first look-up answers."""
        if plan.against_last_year and plan.operands[0].year is None:
            fact, _ = self._one(plan.operands[0])
            year = (fact.year or self.reader.paper[fact.document].year) if fact else None
            if year:
                left = replace(plan.operands[0], year=year)
                return (left, replace(left, year=year - 1))
        return plan.operands

    def _say_result(self, draft: Draft, planned: Planned, plan: Compute, facts: tuple[FactRow, ...], result: sums.Result, names: list[str]) -> None:
        numbers = [draft.cite(f) for f in facts]
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
            elif plan.ask is Ask.TIMES:
                draft.lines.append(f"{texts[0]}，是{texts[1]}的 **{shown} 倍**。")
            elif plan.ask is Ask.SHARE:
                draft.lines.append(f"{texts[0]}，{word}{texts[1]}的 **{shown}%**。")
            elif plan.ask is Ask.UNSPENT:
                draft.lines.append(f"{'没有花的是' if value >= 0 else '比预算多花了'} **{shown}{gap}{unit}**：{texts[0]}，{texts[1]}。")
            else:
                draft.lines.append(f"{word} **{shown}%**：{texts[0]}，{texts[1]}。")
            signed = value
        draft.lines.append(f"计算：{result.formula}")
        label = {Ask.DIFFERENCE: "差额", Ask.GROWTH: "增长率", Ask.SHARE: "占比", Ask.TIMES: "倍数", Ask.EXECUTION: "执行率", Ask.SUM: "合计", Ask.UNSPENT: "未支出"}[plan.ask]
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
            executed = bool(re.search("执行率|完成率", text))
            if executed != (plan.ask is Ask.EXECUTION) and plan.ask in (Ask.EXECUTION, Ask.GROWTH):
                continue
            if plan.ask is not Ask.EXECUTION and against_budget != bool(_AGAINST_BUDGET.search(text)):
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


def not_for_each(answer: Answer, unit: str | None) -> Answer:
    """An answer with a total, as a refusal of what was asked for each (每月, 每台): a total is no answer to that. Words that print such a figure stay."""
    if unit and re.search(rf"/\s*{unit}|每{unit}", answer.text):
        return replace(answer, values=(), text=answer.text.replace("**", ""))
    return replace(answer, status=Status.REFUSED, values=(), text=f"材料里没有按每{unit or '一个'}列出的数，也没有可以用来折算的数量。有的是：\n\n{answer.text}")


def _for_each(answer: Answer) -> bool:
    """Whether the figure of an answer is printed as one for each (单价, 每人次 150 元, 150 元/人)."""
    value = answer.values[0]
    near = rf"(?:每(?![年月季周天日])|单价|均)[^，。；;]{{0,12}}{re.escape(show(Decimal(value.value)))}|{re.escape(show(Decimal(value.value)))}\s*万?元?\s*(?:/|每)"
    quotes = [c.quote for c in answer.citations if c.id in value.citations]
    return bool(re.search(r"每|均|单价|/", value.label + value.unit) or any(re.search(near, quote) for quote in quotes))


def _cell(fact: FactRow) -> tuple[object, ...]:
    """The cell of a form, or the sentence, that an amount stands in."""
    if fact.table_index is not None:
        return (fact.document, fact.table_index, fact.row, fact.column, fact.columns)
    return (fact.document, fact.line_start, fact.page, fact.quote)
