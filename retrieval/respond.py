"""Plan -> Answer: one method for each kind of plan. Gathers evidence, writes the answer by template, refuses with the reason."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from ingest.amounts import YUAN_PER_UNIT, convert, plain, show, tidy, to_yuan
from ingest.records import Measure, Scope, Stage
from ingest.wording import key
from retrieval.answer import Draft, amount_text, mask, name_of, place_of, titled, value_of
from retrieval.evidence import sums
from retrieval.evidence.facts import FactReader, FactRow, own_name
from retrieval.evidence.intents import intents_of, pattern
from retrieval.evidence.mentions import content, likest_figure, named_amount, runs_of, told_amount, topic
from retrieval.evidence.parts import Parts, parts_of
from retrieval.evidence.readings import Reading, Resolution, every_print, last_year_of, resolve
from retrieval.evidence.rowsets import rows_of
from retrieval.plan import (
    Compute,
    LookUp,
    Meta,
    OutOfScope,
    Plan,
    Planned,
    Query,
    RowSet,
    Search,
    SmallTalk,
    Unclear,
    WhichTable,
    search,
    wants_money,
)
from retrieval.question import Ask, Limit, normal
from retrieval.records import Answer, CheckNote, Route, Status, Value
from retrieval.vocabulary import Mention

MOST_READINGS = 3  # up to this many short values are all given, labelled; more are asked back
MOST_LISTED = 30

SearchProse = Callable[[Search, str, Draft], bool]  # writes prose evidence into the draft; False when nothing answers


@dataclass(frozen=True, slots=True)
class Responder:
    """Answers plans from one generation of the index. `prose` is the passage search (loaded only when a plan needs it)."""

    reader: FactReader
    prose: SearchProse

    def respond(self, planned: Planned, question: str) -> Answer:
        """The answer to a planned question."""
        draft = Draft(self.reader.paper, planned.unit)
        if planned.understood.text != normal(question):
            question = planned.understood.text  # “第二个项目” has become the project's name
        match planned.plan:
            case SmallTalk():
                return self._small_talk(draft)
            case OutOfScope(reason, suggestions):
                draft.lines.append(reason)
                draft.suggestions.extend(suggestions or self._examples())
                return draft.finish(Status.REFUSED, Route.NONE)
            case Unclear(reason):
                draft.lines.append(reason)
                draft.suggestions.extend(self._examples())
                return draft.finish(Status.CLARIFY, Route.NONE)
            case Meta(documents):
                return self._meta(draft, documents)
            case LookUp(queries, agreement):
                if agreement and (answer := self._agreement(draft, queries[0])):
                    return answer
                return self._look_up(draft, planned, queries, question)
            case Compute():
                return self._compute(draft, planned, planned.plan, question)
            case RowSet():
                return self._row_set(draft, planned, planned.plan, question)
            case WhichTable(query):
                return self._which_table(draft, planned, query)
            case Search():
                return self._search(draft, planned, planned.plan, question)

    # Look-ups

    def _look_up(self, draft: Draft, planned: Planned, queries: Sequence[Query], question: str) -> Answer:
        resolutions = self._resolve_all(queries)
        self._show_query(draft, planned.plan, resolutions)
        unknown = planned.understood.unknown
        # Words that nobody knows may be the very point of the question: a figure found without them would answer another one.
        answered = [] if unknown else [r for r in resolutions if r.readings]
        guessed = any(not m.exact for q in queries for m in q.mentions)
        if (not answered or guessed) and len(queries) == 1 and (fact := self._named_amount(planned, queries[0], question)):
            return self._say_named_amount(draft, fact)
        if not answered and len(queries) == 1 and pattern("divided").search(planned.understood.text) and (parts := self._parts(planned, queries[0], unknown)):
            return self._say_parts(draft, parts)
        if not answered:
            if not unknown and len(queries) == 1 and self._through_change(draft, queries[0]):
                return draft.finish(Status.ANSWERED, Route.HYBRID)
            if not unknown and len(queries) == 1 and self._blank_table(draft, queries[0]):
                return draft.finish(Status.REFUSED, Route.SQL)
            # An item of the accounts that is not there is not there: only words beyond the vocabulary are looked for in the prose.
            beyond = unknown or any(not m.concept or m.concept.counts for q in queries for m in q.mentions) or any(q.counted for q in queries)
            if beyond and (self._prose_fallback(draft, planned, question) or self._nearest(draft, planned, question)):
                return draft.finish(Status.ANSWERED, Route.RETRIEVAL)
            return self._absent(draft, planned, resolutions)
        chosen = [reading for r in answered for reading in r.readings]
        numbers = [c for c in chosen if c.fact.value is not None or (c.fact.measure not in (Measure.AMOUNT, Measure.COUNT) and c.fact.state != "blank")]
        if not numbers:
            return self._only_blank(draft, chosen[0], bool(re.search(r"有没有|有无|是否|吗[?]?$", planned.understood.text)))
        if len(numbers) == 1 and len(queries) == 1 and self._units_together(draft, numbers[0].fact, queries[0]):
            return draft.finish(Status.ANSWERED, Route.SQL)
        several = len(resolutions) == 1 and len(numbers) > 1
        if several and len(numbers) > MOST_READINGS:
            narrowed = self._narrow(numbers)
            if len(narrowed) > MOST_READINGS:
                return self._ask_which(draft, planned, narrowed, queries[0].mentions)
            numbers = narrowed
        open_question = several and self._underspecified(planned, numbers)
        if open_question:
            draft.lines.append("问题可以有几种理解，分别是：")
        for reading in numbers:
            self._say(draft, reading, len(numbers) == 1, queries[0].mentions)
        for r in resolutions:
            if not r.readings:
                draft.lines.append(f"没有找到：{r.query.label}。{self._instead(r)}")
        self._add_checks(draft, [n.fact for n in numbers])
        if open_question:
            draft.suggestions.extend(self._full_question(n.fact, queries[0].mentions) for n in numbers)
            return draft.finish(Status.CLARIFY, Route.SQL)
        if len(numbers) == 1:
            self._composition(draft, numbers[0].fact)
            self._follow_ups(draft, numbers[0].fact)
        elif len(numbers) > 1:
            self._chart(draft, [n.fact for n in numbers])
        return draft.finish(Status.ANSWERED, Route.SQL if all(n.fact.kind != "stated" for n in numbers) else Route.HYBRID)

    def _named_amount(self, planned: Planned, query: Query, question: str) -> FactRow | None:
        u = planned.understood
        ignore = (*search(u, query.documents, Ask.LOOK_UP).ignore, *(str(y) for y in u.years))
        runs = runs_of(u.text, [m.text for m in u.items if m.exact and len(m.text) >= 4], ignore)
        named = named_amount(self.reader, query.documents, runs, query.year, (Measure.COUNT,) if u.counted else (Measure.AMOUNT,))
        counted = u.counted or ("个" if re.search(r"(?:多少|几)个", u.text) else None)
        return (
            named
            or self._told_amount(planned, query.documents, question)
            or likest_figure(self.reader, query.documents, topic(pattern("paying").sub(" ", u.text), ignore), u.unknown, query.year, counted, wants_money(u), Stage.FINAL in u.stages)
        )

    def _told_amount(self, planned: Planned, documents: Sequence[str], question: str) -> FactRow | None:
        """The figure of a long cell or a sentence that says what is asked, in other words than the question's."""
        u = planned.understood
        titles = [normal(title) for title in re.findall(r"《([^》]+)》", question)]
        return told_amount(self.reader, documents, u.text, search(u, tuple(documents), Ask.LOOK_UP).ignore, u.years, u.counted, wants_money(u), titles)

    def _say_named_amount(self, draft: Draft, fact: FactRow) -> Answer:
        self._say(draft, Reading(fact, 0.0), True)
        draft.lines.append(f"原文：{mask(fact.quote.strip(' |'))[:200]}")
        return draft.finish(Status.ANSWERED, Route.SQL)

    def _agreement(self, draft: Draft, query: Query) -> Answer | None:
        """Every figure printed for one thing, side by side, and whether they agree."""
        facts = every_print(self.reader, query)
        if not facts:
            return None
        label = f"{titled(facts[0], draft.papers, name_of(facts[0]))}"
        draft.lines.append(f"{label}：材料里{'前后一致，只有一个数' if len(facts) == 1 else f'前后不一致，共出现 {len(facts)} 个不同的数'}：")
        for fact in facts[:6]:
            draft.lines.append(f"- {place_of(fact)}：{value_of(fact, draft, label)}")
        self._add_checks(draft, facts)
        return draft.finish(Status.ANSWERED, Route.SQL)

    def _resolve_all(self, queries: Sequence[Query]) -> list[Resolution]:
        """Each query as one figure; a query naming several items that no single figure answers becomes one query an item."""
        resolutions = []
        for query in queries:
            whole = resolve(self.reader, query)
            if not whole.readings and len(query.mentions) > 1 and not all(m.exact for m in query.mentions):
                # A guess may be wrong and is let go, but never the project that the figure is asked of.
                known = tuple(m for m in query.mentions if "project" in m.kinds or (m.exact and len(m.text) >= 4))
                sure = resolve(self.reader, replace(query, mentions=known)) if any(m.exact and len(m.text) >= 4 for m in known) else whole
                if len(sure.readings) == 1:
                    resolutions.append(sure)
                    continue
            if not whole.readings and (inside := self._within_project(query)):
                resolutions.append(replace(whole, readings=inside))
                continue
            if not whole.readings and len(query.mentions) > 1:
                # Several fields of one project (编码和期限) each keep their project; other items stand for themselves.
                fields = [m for m in query.mentions if m.is_field]
                anchor = tuple(m for m in query.mentions if m not in fields) if fields else ()
                parts = [resolve(self.reader, replace(query, mentions=(*anchor, m))) for m in fields or query.mentions]
                if all(p.readings for p in parts):
                    resolutions += parts
                    continue
            resolutions.append(whole)
        return resolutions

    def _within_project(self, query: Query) -> tuple[Reading, ...]:
        """The targets of the project named whose indicator carries the other words (“保密经费的满意度指标”); nothing when a project is not alone."""
        projects = [m for m in query.mentions if "project" in m.kinds]
        words = [re.sub(r"^的|(?:指标|目标)?(?:值|的)?$", "", m.text) for m in query.mentions if "project" not in m.kinds and not m.concept]
        if len(projects) != 1 or len(words) != len(query.mentions) - 1 or not words:
            return ()
        documents = [d for d in query.documents if query.year in (None, self.reader.paper[d].year)]
        wanted = Measure.ACTUAL if query.stage is Stage.FINAL else Measure.TARGET
        found = [
            f
            for f in self.reader.facts(documents, kinds=("indicator",), measures=(wanted,))
            if projects[0].fits(f.project_key) and f.state != "blank" and all(any(word in k for k in f.row_keys) for word in words)
        ]
        return tuple(Reading(f, 1.0) for f in found[:MOST_READINGS])

    def _units_together(self, draft: Draft, fact: FactRow, query: Query) -> bool:
        """A department asked for as a whole whose table prints its units only: their figures and the sum. False when a total is printed."""
        if fact.scope != Scope.OWN or query.scope is not None or query.organisations or fact.table_index is None or fact.value is None:
            return False
        same = [
            f
            for f in self.reader.facts([fact.document], tables=[fact.table_index])
            if (f.column_keys, f.row_keys, f.year, f.stage, f.side, f.project_key)
            == (fact.column_keys, fact.row_keys, fact.year, fact.stage, fact.side, fact.project_key)
            and f.value is not None
        ]
        units = list({f.organisation_key: f for f in same}.values())
        if len(units) < 2 or any(f.scope == Scope.TOTAL for f in same) or len({f.organisation_key for f in units if f.scope == Scope.OWN}) != 1:
            return False
        result = sums.total(tuple(units))
        if result is None:
            return False
        paper = self.reader.paper[fact.document]
        name = _called(fact, query.mentions)
        value, unit = _as_asked(result, draft)
        numbers = [draft.cite(f) for f in units]
        parts = "；".join(f"{f.organisation} {amount_text(f)[0].replace('**', '')} [{n}]" for f, n in zip(units, numbers, strict=True))
        draft.lines.append(
            f"{paper.department}{fact.year or paper.year or ''}年{fact.stage or ''} {name}合计 **{show(tidy(value))} {unit}**（{place_of(fact)}只分单位列出：{parts}）。"
        )
        draft.lines.append(f"计算：{result.formula}")
        draft.values.append(Value(f"{name} 合计", plain(value), unit, result.formula, tuple(numbers)))
        for f, n in zip(units, numbers, strict=True):
            _, printed, own = amount_text(f, draft.unit)
            draft.values.append(Value(f"{f.organisation} {name}", printed, own, None, (n,)))
        return True

    def _through_change(self, draft: Draft, query: Query) -> bool:
        """A year that no paper prints, from the next year's figure and the change that the paper states beside it. False when either is not clear."""
        found = last_year_of(self.reader, query)
        result = sums.before(*found) if found else None
        if found is None or result is None:
            return False
        fact, change = found
        name = _called(fact, query.mentions)
        value, unit = _as_asked(result, draft)
        numbers = (draft.cite(fact), draft.cite(change))
        moved = "增加" if (change.value or 0) > 0 else "减少"
        year = (fact.year or 0) - 1
        draft.lines.append(
            f"材料没有直接列出{year}年的这个数，按材料所述的增减推算：{self.reader.paper[fact.document].department}{year}年{name}为 **{show(tidy(value))} {unit}**。"
        )
        draft.lines.append(
            f"依据：{titled(fact, draft.papers, name)} {amount_text(fact)[0].replace('**', '')} [{numbers[0]}]，"
            f"比上年{moved} {amount_text(change)[0].replace('**', '').replace('-', '')} [{numbers[1]}]。"
        )
        draft.lines.append(f"计算：{result.formula}")
        draft.values.append(Value(f"{year}年{name}（推算）", plain(value), unit, result.formula, numbers))
        return True

    def _narrow(self, readings: Sequence[Reading]) -> list[Reading]:
        """Of many readings, the best of each department, year and 口径."""
        groups: dict[tuple[object, ...], list[Reading]] = {}
        for r in readings:
            groups.setdefault((self.reader.paper[r.fact.document].department_key, r.fact.year, r.fact.stage), []).append(r)
        return [r for group in groups.values() for r in group if r.score >= max(x.score for x in group) - 0.8]

    def _underspecified(self, planned: Planned, readings: Sequence[Reading]) -> bool:
        """Whether the readings differ in something the question should have said (whose, which year)."""
        facts = [r.fact for r in readings]
        whose = {self.reader.paper[f.document].department_key for f in facts}
        years = {f.year for f in facts}
        return (len(whose) > 1 and not planned.understood.departments) or (
            len(years) > 1 and not planned.understood.years and not planned.understood.all_years
        )

    def _say(self, draft: Draft, reading: Reading, alone: bool, mentions: Sequence[Mention] = ()) -> None:
        fact = reading.fact
        label = f"{titled(fact, draft.papers, _called(fact, mentions))}"
        said = value_of(fact, draft, label)
        where = place_of(fact)
        if fact.measure in (Measure.TEXT, Measure.TARGET, Measure.ACTUAL):
            text, _, _ = amount_text(fact)
            draft.lines.append(f"{label}：{text if len(fact.printed) < 60 else fact.printed.strip()} [{draft.cite(fact)}]")
        elif alone:
            draft.lines.append(f"{label}为 {said}（{where}）。")
        else:
            draft.lines.append(f"- {label}：{said}（{where}）")
        if reading.parts:
            parts = "；".join(f"{p.columns[-1]} {amount_text(p, draft.unit)[0].replace('**', '')} [{draft.cite(p)}]" for p in reading.parts)
            draft.lines.append(f"其中：{parts}。")
        for other in reading.against:
            draft.lines.append(
                f"另：{place_of(other)}的正文写的是 {amount_text(other, draft.unit)[0].replace('**', '')} [{draft.cite(other)}]，与表内数字不同，使用时请核对口径。"
            )
        if fact.doubtful:
            draft.lines.append(f"提示：该表存疑（{fact.doubtful}）。")

    def _only_blank(self, draft: Draft, reading: Reading, whether: bool) -> Answer:
        """A cell without a figure: a refusal where a figure was asked for, an answer where it was asked `whether` there is one."""
        fact = reading.fact
        number = draft.cite(fact)
        text, _, _ = amount_text(fact)
        draft.lines.append(
            f"{titled(fact, draft.papers, name_of(fact))}：{place_of(fact)}中该栏为{text}，没有填列数字 [{number}]。空白不等于 0，材料里没有可以引用的金额。"
        )
        return draft.finish(Status.ANSWERED if whether else Status.REFUSED, Route.SQL)

    def _blank_table(self, draft: Draft, query: Query) -> bool:
        for table in self.reader.tables(query.documents):
            paper = self.reader.paper[table["document"]]
            named = any(m.concept and m.concept.total and m.concept.table and m.concept.table.search(table["key"]) for m in query.mentions)
            if named and table["empty"] and (query.year is None or paper.year == query.year):
                draft.lines.append(f"{paper.title}有“{table['title']}”，但表内为空，没有填列金额。")
                return True
        return False

    def _ask_which(self, draft: Draft, planned: Planned, readings: Sequence[Reading], mentions: Sequence[Mention]) -> Answer:
        years = sorted({r.fact.year for r in readings if r.fact.year})
        whose = list(dict.fromkeys(self.reader.paper[r.fact.document].department for r in readings))
        if len(whose) > 1:
            draft.lines.append(f"多个部门都有这一项（{'、'.join(w for w in whose[:6] if w)}{'等' if len(whose) > 6 else ''}），您要查哪个部门？")
        elif len(years) > 1:
            draft.lines.append(f"材料里有 {'、'.join(f'{y}年' for y in years)} 的数据，您要查哪一年？")
        else:
            draft.lines.append("这一项在材料里有几处不同的口径，您要查哪一个？")
        draft.suggestions.extend(dict.fromkeys(self._full_question(r.fact, mentions) for r in readings[:8]))
        return draft.finish(Status.CLARIFY, Route.SQL)

    def _full_question(self, fact: FactRow, mentions: Sequence[Mention] = ()) -> str:
        return f"{titled(fact, self.reader.paper, _called(fact, mentions))}是多少？"

    def _add_checks(self, draft: Draft, facts: Sequence[FactRow]) -> None:
        seen: set[str] = set()
        for fact in facts[:3]:
            for kind, status, detail in self.reader.checks_on(fact.document, [fact.number]):
                if detail in seen or len(seen) > 5:
                    continue
                seen.add(detail)
                draft.checks.append(CheckNote(kind, status, detail, (draft.cite(fact),)))
                if status == "broken":
                    draft.lines.append(f"勾稽提示：{detail}")

    def _composition(self, draft: Draft, fact: FactRow) -> None:
        """The parts of a 三公 total, from the same row."""
        if (
            fact.table_index is None
            or "三公" not in fact.table_key
            or own_name(fact.column_keys)[0]
            or own_name(fact.row_keys, fact.organisation_key)[0]
        ):
            return
        parts = [
            f
            for f in self.reader.siblings(fact)
            if own_name(f.column_keys)[0]
            and not own_name(f.column_keys)[1]
            and f.stage == fact.stage
            and f.year == fact.year
            and f.measure == Measure.AMOUNT
        ]
        shown = [f"{name_of(p)} {amount_text(p)[0].strip('*')}" for p in parts if p.value is not None]
        if shown:
            draft.lines.append(f"构成：{'；'.join(shown)}。")

    def _follow_ups(self, draft: Draft, fact: FactRow) -> None:
        if "三公" in fact.table_key and not own_name(fact.column_keys)[0]:
            draft.suggestions.append("其中公务接待费是多少？")
        if fact.year and fact.unit in YUAN_PER_UNIT:
            draft.suggestions.append("比上年增减多少？")
            draft.suggestions.append(f"换算成{'万元' if fact.unit == '元' else '元'}是多少？")

    def _chart(self, draft: Draft, facts: Sequence[FactRow]) -> None:
        units = {f.unit for f in facts}
        if len(facts) < 2 or len(units) != 1 or not units <= set(YUAN_PER_UNIT) or any(f.value is None for f in facts):
            return
        # A bar is called by what tells it from the others: body, year, 口径 or item.
        parts = [(self.reader.paper[f.document].department, f"{f.year}年" if f.year else "", f.stage or "", name_of(f)) for f in facts]
        telling = [i for i in range(4) if len({p[i] for p in parts}) > 1] or [3]
        draft.chart = {
            "unit": facts[0].unit,
            "points": [{"label": "".join(p[i] for i in telling), "value": plain(f.value)} for p, f in zip(parts, facts, strict=True)],  # type: ignore[arg-type]
        }

    # Absence

    def _absent(self, draft: Draft, planned: Planned, resolutions: Sequence[Resolution]) -> Answer:
        first = resolutions[0]
        u = planned.understood
        what = "、".join(m.label for m in first.query.mentions) or "您问的内容"
        whose = "、".join(e.name for e in planned.departments[:3])
        papers = [self.reader.paper[d] for d in first.query.documents]
        years = sorted({p.year for p in papers if p.year})
        unknown = "、".join(f"“{x}”" for x in u.unknown)
        if whose and first.query.year and first.query.year not in {f.year for f in first.elsewhere} and first.query.year not in years:
            draft.lines.append(f"现有材料里没有{whose}{first.query.year}年的数据（有的年份：{'、'.join(f'{y}年' for y in years)}），无法回答{what}。")
        elif u.unknown:
            draft.lines.append(f"现有材料里没有找到{unknown}，无法回答。")
        else:
            draft.lines.append(
                f"{whose or '现有材料'}{f'{first.query.year}年' if first.query.year else ''}{first.query.stage or ''}里没有找到“{what}”。"
            )
        instead = self._instead(first)
        if instead:
            draft.lines.append(instead)
        draft.suggestions.extend([self._full_question(f) for f in first.elsewhere[:3]] or self._examples(planned))
        return draft.finish(Status.REFUSED, Route.SQL)

    def _instead(self, resolution: Resolution) -> str:
        items = []
        for f in resolution.elsewhere:
            if f.value is not None:
                items.append(f"{titled(f, self.reader.paper, name_of(f))}")
        return f"有的是：{'；'.join(dict.fromkeys(items))}。" if items else ""

    def _examples(self, planned: Planned | None = None) -> list[str]:
        """Three questions that can be answered, of the department in question where there is one."""
        whose = {d for e in planned.departments for d in e.documents} if planned else set()
        return examples(self.reader, whose)[:3]

    # Calculations

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
        names = [_called(f, q.mentions) for f, q in zip(facts, plan.operands, strict=False)]
        texts = [
            f"{titled(f, draft.papers, name)} {amount_text(f)[0].replace('**', '')} [{n}]" for f, name, n in zip(facts, names, numbers, strict=True)
        ]
        value, unit = _as_asked(result, draft)
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
        name = _called(fact, plan.operands[0].mentions)
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

    # Sets of rows

    def _row_set(self, draft: Draft, planned: Planned, plan: RowSet, question: str) -> Answer:
        unknown = [w for w in planned.understood.unknown if not ((plan.condition or plan.of in ("scores", "units")) and len(_CONDITIONS.sub("", w)) < 2)]
        divided = plan.of in ("children", "projects") and {i.name for i in intents_of(question)} <= _DIVIDED
        if plan.ask is Ask.LIST and divided and (parts := self._parts(planned, plan.query, unknown)):
            return self._say_parts(draft, parts)
        if unknown and plan.ask is Ask.COUNT and (fact := self._named_amount(planned, plan.query, question)):
            return self._say_named_amount(draft, fact)
        if unknown and (self._prose_fallback(draft, planned, question) or self._nearest(draft, planned, question)):
            return draft.finish(Status.ANSWERED, Route.RETRIEVAL)
        rows, what = ([], "") if unknown else rows_of(self.reader, plan)
        draft.query = {"plan": "row_set", "of": plan.of, "rows": len(rows)}
        if not rows and plan.condition:
            lacking = {"new": "标为新增", "no code": "没有填编码", "targets": "列有绩效目标"}[plan.condition]
            draft.lines.append(f"{plan.query.label or '现有材料'}里没有{lacking}的项目。")
            return draft.finish(Status.REFUSED, Route.SQL)
        if not rows:
            if self._prose_fallback(draft, planned, question):
                return draft.finish(Status.ANSWERED, Route.RETRIEVAL)
            return self._absent(draft, planned, [Resolution(plan.query, (), "", ())])
        return self._say_rows(draft, planned, plan, rows, what)

    def _parts(self, planned: Planned, query: Query, unknown: Sequence[str]) -> Parts | None:
        """What one cell or sentence says the item asked for is made of."""
        u = planned.understood
        words = [m.text for m in query.mentions if not (m.concept and m.concept.field)]
        if not words and not query.mentions:
            words, unknown = content(pattern("divided").sub(" ", u.text), search(u, query.documents, Ask.LIST).ignore), ()
        return parts_of(self.reader, query.documents, [*words, *unknown], query.year) if words else None

    def _say_parts(self, draft: Draft, found: Parts) -> Answer:
        """A figure and its parts, each with its amount and place, and that they add up."""
        total = found.total
        label = titled(total, draft.papers, total.project if total.kind == "field" and total.project else name_of(total))
        draft.lines.append(f"{label} {amount_text(total, draft.unit)[0]} [{draft.cite(total)}]，由以下 {len(found.parts)} 部分组成（{place_of(found.parts[0])}）：")
        for number, (part, name) in enumerate(zip(found.parts, found.names, strict=True), 1):
            draft.lines.append(f"{number}. {name}：{value_of(part, draft, name)}")
        result = sums.total(found.parts)
        if result is not None:
            draft.lines.append(f"计算：{result.formula}")
            draft.values.append(Value(f"{label}合计", plain(result.value), result.unit, result.formula, tuple(draft.cite(p) for p in found.parts)))
        return draft.finish(Status.ANSWERED, Route.SQL)

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
                value, unit = _as_asked(result, draft)
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
            mentions = plan.query.mentions if plan.of in ("departments", "years") else ()
            return self._list(draft, ranked, mentions=mentions, of_units=plan.of == "units")
        draft.lines.append(f"{whose}共 {len(rows)} 项：")
        return self._list(draft, rows, missed=plan.condition == "missed")

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
        of_units = of_units or (not mentions and units == len(rows) > 1)
        shared = Counter(f.project or _called(f, mentions) for f in rows)
        several = bool(mentions) or len({self.reader.paper[r.document].department_key for r in rows}) > 1
        for number, fact in enumerate(rows[:MOST_LISTED], 1):
            name = fact.rows[-1] if fact.kind == "indicator" and fact.rows else fact.project or _called(fact, mentions)
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

    # Places, prose, the collection

    def _which_table(self, draft: Draft, planned: Planned, query: Query) -> Answer:
        if not query.mentions and "项目" in planned.understood.text:
            rows, _ = rows_of(self.reader, RowSet(Ask.LIST, "projects", query, planned.understood.wish))
            for fact in list({(f.document, place_of(f)): f for f in rows}.values())[:6]:
                draft.lines.append(f"- 《{self.reader.paper[fact.document].title}》：**{place_of(fact)}** [{draft.cite(fact)}]")
            if rows:
                return draft.finish(Status.ANSWERED, Route.SQL)
        if not query.mentions:
            return self._absent(draft, planned, [Resolution(query, (), "", ())])
        resolution = resolve(self.reader, query)
        facts = [f for r in resolution.readings for f in (r.fact, *r.also)]
        places = list(dict.fromkeys((f.document, place_of(f)) for f in facts))
        if not places:
            return self._absent(draft, planned, [resolution])
        for document, place in places[:6]:
            fact = next(f for f in facts if (f.document, place_of(f)) == (document, place))
            draft.lines.append(f"- 《{self.reader.paper[document].title}》：**{place}** [{draft.cite(fact)}]")
        return draft.finish(Status.ANSWERED, Route.SQL)

    def _search(self, draft: Draft, planned: Planned, plan: Search, question: str) -> Answer:
        draft.query = {"plan": "search", "ask": str(plan.ask)}
        query = Query(plan.documents, plan.mentions, plan.year)
        if pattern("divided").search(planned.understood.text) and (parts := self._parts(planned, query, plan.unknown)):
            return self._say_parts(draft, parts)
        a_figure = plan.ask is Ask.LOOK_UP or re.search(r"多少|几(?!个方面)", planned.understood.text)
        if a_figure and (fact := self._named_amount(planned, Query(plan.documents, (), plan.year), question)):
            return self._say_named_amount(draft, fact)
        if plan.documents and self.prose(plan, question, draft):
            return draft.finish(Status.ANSWERED, Route.RETRIEVAL)
        if plan.mentions and (plan.ask is Ask.DEFINITION or re.search(r"情况|怎么样|如何|多少", question)):
            resolution = resolve(self.reader, Query(plan.documents, plan.mentions, plan.year))
            if resolution.readings:
                return self._look_up(draft, planned, (resolution.query,), question)
        if self._nearest(draft, planned, question):
            return draft.finish(Status.ANSWERED, Route.RETRIEVAL)
        u = planned.understood
        what = "、".join([m.label for m in plan.mentions] + [f"“{x}”" for x in u.unknown])
        whose = "、".join(e.name for e in planned.departments[:3])
        draft.lines.append(f"{whose or '现有材料'}里没有找到{what or '与这个问题有关的内容'}的说明。")
        if plan.mentions:
            figures = [reading.fact for reading in resolve(self.reader, Query(plan.documents, plan.mentions, plan.year)).readings[:MOST_READINGS]]
            draft.lines += [f"有的是：{titled(f, draft.papers, name_of(f))} {amount_text(f)[0]} [{draft.cite(f)}]（{place_of(f)}）。" for f in figures if f.value is not None]
        draft.suggestions.extend(self._examples())
        return draft.finish(Status.REFUSED, Route.RETRIEVAL)

    def _prose_fallback(self, draft: Draft, planned: Planned, question: str) -> bool:
        """A look-up that no figure answers may still be said in a sentence, unless the year or the body is not there at all."""
        u = planned.understood
        query_documents = tuple(
            p.id
            for p in self.reader.papers
            if (not planned.departments or any(p.id in e.documents for e in planned.departments)) and (not u.years or p.year in u.years)
        )
        if not query_documents:
            return False
        return self.prose(search(u, query_documents, Ask.LOOK_UP), question, draft)

    def _nearest(self, draft: Draft, planned: Planned, question: str) -> bool:
        """What stands nearest in the prose to a why, what-for, on-what-basis … in words the papers do not use; said to be only that."""
        u = planned.understood
        if not (intents_of(question) or u.wish.ask is Ask.TEXT) or not (u.departments or u.items or planned.departments):
            return False
        documents = tuple(p.id for p in self.reader.papers if not planned.departments or any(p.id in e.documents for e in planned.departments))
        return self.prose(replace(search(u, documents, Ask.TEXT), nearest=True), question, draft)

    def _meta(self, draft: Draft, documents: tuple[str, ...]) -> Answer:
        papers = [self.reader.paper[d] for d in documents]
        draft.lines.append(f"现有 **{len(papers)} 份**材料：")
        for p in sorted(papers, key=lambda p: (p.department, p.year or 0))[:60]:
            draft.lines.append(
                f"- {p.department or p.title}：{f'{p.year}年' if p.year else '年度不明'}{'部门' if p.kind in ('预算', '决算') else ''}{p.kind}（{p.name}）"
            )
        draft.values.append(Value("材料份数", str(len(papers)), "份"))
        draft.suggestions.extend(self._examples())
        return draft.finish(Status.ANSWERED, Route.SQL)

    def _small_talk(self, draft: Draft) -> Answer:
        draft.lines.append("您好，我根据已导入的部门预算、决算和项目绩效目标材料回答问题，每个数字都注明出处。可以这样问：")
        draft.suggestions.extend(examples(self.reader))
        return draft.finish(Status.ANSWERED, Route.NONE)

    def _show_query(self, draft: Draft, plan: Plan, resolutions: Sequence[Resolution]) -> None:
        first = resolutions[0] if resolutions else None
        draft.query = {
            "plan": type(plan).__name__,
            "looked_for": [r.query.label for r in resolutions],
            "sql": first.sql if first else "",
            "params": list(first.params) if first else [],
        }


_CONDITIONS = re.compile(r"[一二两三四五六七八九十\d]+[家个]|新增|编码|编号|绩效|自评|指标|(?:没有?|未|不)(?:能)?(?:达标|达到|完成|实现)")  # what the set of rows has already heard
_DIVIDED = {"parts", "list", "use", "absence"}  # what a question may ask whose answer is what an amount is made of


def _called(fact: FactRow, mentions: Sequence[Mention]) -> str:
    """What a figure is called in an answer: as printed, with the item asked for in front where the print names only a part (一般公共预算)."""
    name = name_of(fact)
    if len(mentions) != 1 or fact.kind not in ("table", "stated"):
        return name
    item = mentions[0]
    said = key(name)
    if re.fullmatch(r"总计|合计|小计|总额|(?:支出|收入)合计", said):
        return item.label
    if item.fits(said) or key(item.label) in said or said in key(item.label) or any(item.fits(k) for k in fact.row_keys[-1:]):
        return name
    return f"{item.label}（{name}）" if own_name(fact.column_keys)[0] or own_name(fact.row_keys, fact.organisation_key)[0] else item.label


def _as_asked(result: sums.Result, draft: Draft) -> tuple[Decimal, str]:
    """A computed figure in the money unit that was asked for, else in its own."""
    value = convert(result.value, result.unit, draft.unit) if draft.unit else None
    return (result.value, result.unit) if value is None or not draft.unit else (value, draft.unit)


def _within(fact: FactRow, limit: Limit) -> bool:
    bound = to_yuan(limit.value, limit.unit)
    if bound is None or fact.yuan is None:
        return False
    return {">": fact.yuan > bound, "≥": fact.yuan >= bound, "<": fact.yuan < bound, "≤": fact.yuan <= bound}[limit.operator]


def examples(reader: FactReader, documents: Collection[str] = ()) -> list[str]:
    """Questions that the loaded papers (only these `documents`, if any) answer, a few of each kind."""
    result = []
    for p in sorted((p for p in reader.papers if not documents or p.id in documents), key=lambda p: -(p.year or 0)):
        short = p.department
        if not short or not p.year:
            continue
        if p.kind == "预算":
            result.append(f"{p.year}年{short}“三公”经费预算是多少？")
        elif p.kind == "决算":
            result.append(f"{p.year}年{short}支出决算总计是多少？")
        else:
            result.append(f"{short}{p.year}年有哪些项目？")
    return list(dict.fromkeys(result))[:6]
