"""Plan -> Answer: one method for each kind of plan. Gathers evidence, writes the answer by template, refuses with the reason."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from ingest.amounts import YUAN_PER_UNIT, plain, show, tidy
from ingest.records import Measure, Scope, Stage
from retrieval.answer import Draft, amount_text, joined, name_of, place_of, titled, value_of
from retrieval.calculating import Calculator, not_for_each
from retrieval.evidence import sums
from retrieval.evidence.aims import MEASURED, asked_indicator
from retrieval.evidence.clauses import QUARTER, clause_of, quarter_number, running_totals
from retrieval.evidence.facts import FactRow, own_name
from retrieval.evidence.intents import pattern
from retrieval.evidence.readings import Reading, Resolution, before_change, every_print, resolve, worded
from retrieval.evidence.rowsets import rows_of
from retrieval.listing import Lister
from retrieval.plans import (
    Compute,
    EachMonth,
    LookUp,
    Meta,
    OutOfScope,
    PerUnit,
    Planned,
    Query,
    RowSet,
    Search,
    Several,
    SmallTalk,
    Unclear,
    WhichTable,
    search,
)
from retrieval.question import Ask, normal
from retrieval.records import Answer, Route, Status, Value
from retrieval.talk import Talk
from retrieval.telling import as_asked, called, examples

MOST_READ = 200  # papers whose facts and passages may be gone through for one question
MOST_READINGS = 3  # up to this many short values are all given, labelled; more are asked back


@dataclass(frozen=True, slots=True)
class Responder(Calculator, Lister):
    """Answers plans from one generation of the index."""

    def respond(self, planned: Planned, question: str) -> Answer:
        """The answer to a planned question."""
        draft = Draft(self.reader.paper, planned.unit)
        if planned.understood.text != normal(question):
            question = planned.understood.text  # “第二个项目” has become the project's name
        if answer := self._of_quarter(draft, planned):
            return answer
        match planned.plan:
            case SmallTalk(talk):
                return self._small_talk(draft, talk)
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
                return self._of_a_year(self._look_up(draft, planned, queries, question), planned)
            case EachMonth(bare, understood, whole):
                first = self.respond(replace(planned, plan=bare, understood=understood), question)
                said = first.status is Status.ANSWERED and first.values and _monthly(first)
                monthly = first if said else self.respond(replace(planned, plan=whole), question)
                return monthly if not monthly.values or _monthly(monthly) else not_for_each(monthly, "月")
            case PerUnit(_, _, _, printed):
                answer = self.respond(replace(planned, plan=printed), question)
                return self._per_unit(draft, planned.plan, answer)
            case Several(parts):
                answers = [self.respond(replace(planned, plan=one, understood=understood), question) for one, understood in parts]
                return joined([a for a in answers if a.status is Status.ANSWERED] + [a for a in answers if a.status is not Status.ANSWERED])
            case Compute():
                return self._compute(draft, planned, planned.plan, question)
            case RowSet():
                return self._row_set(draft, planned, planned.plan, question)
            case WhichTable():
                return self._which_table(draft, planned, planned.plan)
            case Search():
                return self._search(draft, planned, planned.plan, question)

    # Look-ups

    def _of_quarter(self, draft: Draft, planned: Planned) -> Answer | None:
        """What a project pays in one quarter, out of the running totals of its form; None where that is not asked or not to be told."""
        u = planned.understood
        asked = QUARTER.findall(u.text)
        projects = [m for m in u.items if "project" in m.kinds]
        if len(asked) != 1 or len(projects) != 1 or re.search(r"累计|截[至止]|到第|前[一二三四]个?季度|为止|原因|依据", u.text):
            return None
        documents = self.reader.of_bodies(planned.departments)
        documents = [d for d in documents if not u.years or self.reader.paper[d].year in u.years]
        totals = running_totals(self.reader, documents, projects[0].fits) if re.search(r"多少|几", u.text) else {}
        if not totals:
            return None
        quarter = quarter_number(asked[0])
        until, before = totals.get(quarter), totals.get(quarter - 1)
        if until is None or (before is None and quarter > 1):
            said = "；".join(f"{clause_of(f).strip()} {amount_text(f)[0]} [{draft.cite(f)}]" for f in totals.values())
            draft.lines.append(f"材料只列了累计数，没有第{asked[0]}季度单独的数，也算不出来。有的是：{said}。".replace("**", ""))
            return draft.finish(Status.REFUSED, Route.SQL)
        found = (until, before)
        result = sums.difference(until, before) if before else sums.total((until,))
        if result is None:
            return None
        numbers = tuple(draft.cite(f) for f in found if f)
        value, unit = as_asked(result, draft)
        name = f"{until.project}第{asked[0]}季度"
        draft.lines.append(f"{self.reader.paper[until.document].department}{until.year or ''}年“{until.project}”第{asked[0]}季度支付 **{show(tidy(value))} {unit}**。")
        draft.lines.append(f"材料列的是累计数：{'；'.join(f'{clause_of(f).strip()} {amount_text(f)[0]} [{n}]' for f, n in zip((f for f in found if f), numbers, strict=True))}。".replace("**", ""))
        if before:
            draft.lines.append(f"计算：{result.formula}")
        draft.values.append(Value(name, plain(value), unit, result.formula if before else None, numbers))
        return draft.finish(Status.ANSWERED, Route.SQL)

    def _of_a_year(self, answer: Answer, planned: Planned) -> Answer:
        """An answer with what is printed for a month (1578 个/月), where a year is asked for, times twelve."""
        first = answer.values[0] if answer.values and answer.status is Status.ANSWERED else None
        if first is None or not first.unit.endswith("/月") or not re.search(r"[一每全]年", planned.understood.text):
            return answer
        unit, year = first.unit.removesuffix("/月"), Decimal(first.value) * 12
        formula = f"{show(Decimal(first.value))} × 12 = {show(year)}（{unit}）"
        text = f"{answer.text}\n\n材料按月列出；按 12 个月折算，一年为 **{show(year)} {unit}**。\n\n计算：{formula}"
        return replace(answer, text=text, values=(Value(f"{first.label}（12 个月）", plain(year), unit, formula, first.citations), *answer.values))

    def _look_up(self, draft: Draft, planned: Planned, queries: Sequence[Query], question: str) -> Answer:
        resolutions = self._resolve_all(queries)
        self._show_query(draft, planned.plan, resolutions)
        unknown = planned.understood.unknown
        # Words that nobody knows may be the very point of the question: a figure found without them would answer another one.
        answered = [] if unknown else [r for r in resolutions if r.readings]
        guessed = any(not m.exact for q in queries for m in q.mentions)
        if (not answered or guessed) and len(queries) == 1 and (fact := self._named_amount(planned, queries[0], question)):
            return self._say_named_amount(draft, planned, fact)
        if not answered and len(queries) == 1 and pattern("divided").search(planned.understood.text) and (parts := self._parts(planned, queries[0], unknown)):
            return self._say_parts(draft, parts)
        if not answered:
            if not unknown and len(queries) == 1 and self._through_change(draft, queries[0]):
                return draft.finish(Status.ANSWERED, Route.HYBRID)
            if not unknown and len(queries) == 1 and self._blank_table(draft, queries[0]):
                return draft.finish(Status.REFUSED, Route.SQL)
            if not unknown and len(queries) == 1 and (said := worded(self.reader, queries[0])):
                draft.lines.append(f"{titled(said, draft.papers, name_of(said))}：{place_of(said)}中该栏印的是“{said.printed.strip()}”，没有数字 [{draft.cite(said)}]。")
                return draft.finish(Status.ANSWERED, Route.SQL)
            if aim := self._aim(planned, tuple(d for q in queries for d in q.documents)):
                return self._say_aim(draft, aim)
            # An item of the accounts that is not there is not there: only words beyond the vocabulary are looked for in the prose.
            beyond = unknown or any(not m.concept or m.concept.counts for q in queries for m in q.mentions) or any(q.counted for q in queries)
            if beyond and (self._prose_fallback(draft, planned, question) or self._nearest(draft, planned, question)):
                return draft.finish(Status.ANSWERED, Route.RETRIEVAL)
            return self._absent(draft, planned, resolutions)
        chosen = [reading for r in answered for reading in r.readings]
        numbers = [c for c in chosen if c.fact.value is not None or (c.fact.measure not in (Measure.AMOUNT, Measure.COUNT) and c.fact.state != "blank")]
        if not numbers:
            return self._only_blank(draft, chosen[0], queries[0], planned.understood.text)
        added = isinstance(planned.plan, LookUp) and planned.plan.forms and len(queries) == 1 and self._of_each_unit(numbers[0].fact)
        if added and len(added) > 1 and (result := sums.total(added)):
            self._say_result(draft, planned, Compute(Ask.SUM, tuple(queries)), added, result, [name_of(f) for f in added])
            return draft.finish(Status.ANSWERED, Route.SQL)
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
        asked = {id(reading): r.query.mentions for r in answered for reading in r.readings}
        for reading in numbers:
            self._say(draft, reading, len(numbers) == 1, asked.get(id(reading), queries[0].mentions))
        for r in resolutions:
            if not r.readings:
                draft.lines.append(f"没有找到：{r.query.label}。{self._instead(r)}")
        self._add_checks(draft, [n.fact for n in numbers])
        if open_question:
            draft.suggestions.extend(self._full_question(n.fact, queries[0].mentions) for n in numbers)
            return draft.finish(Status.CLARIFY, Route.SQL)
        if len(numbers) == 1:
            self._whose_alone(draft, numbers[0].fact, queries[0])
            self._composition(draft, numbers[0].fact)
            self._follow_ups(draft, numbers[0].fact)
        elif len(numbers) > 1:
            self._chart(draft, [n.fact for n in numbers])
        return draft.finish(Status.ANSWERED, Route.SQL if all(n.fact.kind != "stated" for n in numbers) else Route.HYBRID)

    def _agreement(self, draft: Draft, query: Query) -> Answer | None:
        """Every figure printed for one thing, side by side, and whether they agree."""
        facts = every_print(self.reader, query)
        if not facts:
            return None
        label = f"{titled(facts[0], draft.papers, name_of(facts[0]))}"
        broken = any(status == "broken" for _, status, _ in self.reader.checks_on(facts[0].document, [facts[0].number]))
        alone = "只印了一个数，但与材料里有关的数对不上" if broken else "前后一致，只有一个数"
        draft.lines.append(f"{label}：材料里{alone if len(facts) == 1 else f'前后不一致，共出现 {len(facts)} 个不同的数'}：")
        for fact in facts[:6]:
            draft.lines.append(f"- {place_of(fact)}：{value_of(fact, draft, label)}")
        self._add_checks(draft, facts)
        return draft.finish(Status.ANSWERED, Route.SQL)

    def _resolve_all(self, queries: Sequence[Query]) -> list[Resolution]:
        """Each query as one figure; a query naming several items that no single figure answers becomes one query an item."""
        resolutions = []
        for query in queries:
            if query.within:
                inside = resolve(self.reader, replace(query, mentions=(query.within, *query.mentions)))
                if len(inside.readings) == 1:
                    resolutions.append(inside)
                    continue
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
                if all(p.readings for p in parts) and not _elsewhere(query, parts):
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
        name = called(fact, query.mentions)
        value, unit = as_asked(result, draft)
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

    def _whose_alone(self, draft: Draft, fact: FactRow, query: Query) -> None:
        """Says of a figure that only one unit of a department prints that it is not the whole department's."""
        item = fact.kind == "table" and not fact.project_key and all(m.concept for m in query.mentions)
        asked_of_all = query.scope is None and not query.organisations and fact.scope != Scope.TOTAL and fact.organisation
        if item and asked_of_all and any(e.unit and fact.document in e.documents for e in self.reader.entities):
            draft.lines.append(f"注意：这是{fact.organisation}的数，{place_of(fact)}没有列出整个部门的合计。")

    def _through_change(self, draft: Draft, query: Query) -> bool:
        """A year or a 预算 that no paper prints, from the figure after it and the change that the paper states beside it. False when either is not clear."""
        found = before_change(self.reader, query)
        result = sums.before(*found) if found else None
        if found is None or result is None:
            return False
        fact, change = found
        name = called(fact, query.mentions)
        value, unit = as_asked(result, draft)
        numbers = (draft.cite(fact), draft.cite(change))
        moved = "增加" if (change.value or 0) > 0 else "减少"
        budget = fact.stage == Stage.FINAL and query.stage == Stage.BUDGET
        when = f"{fact.year}年{Stage.BUDGET}" if budget else f"{(fact.year or 0) - 1}年"
        draft.lines.append(
            f"材料没有直接列出{when}的这个数，按材料所述的增减推算：{self.reader.paper[fact.document].department}{when}{name}为 **{show(tidy(value))} {unit}**。"
        )
        draft.lines.append(
            f"依据：{titled(fact, draft.papers, name)} {amount_text(fact)[0].replace('**', '')} [{numbers[0]}]，"
            f"比{'预算' if budget else '上年'}{moved} {amount_text(change)[0].replace('**', '').replace('-', '')} [{numbers[1]}]。"
        )
        draft.lines.append(f"计算：{result.formula}")
        draft.values.append(Value(f"{when}{name}（推算）", plain(value), unit, result.formula, numbers))
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
        named = planned.understood.departments
        open_name = len(named) == 1 and len({e.key for e in named[0].entities if not e.unit}) > 1  # 信访局, where several cities' are there
        return (len(whose) > 1 and (not named or open_name)) or (
            len(years) > 1 and not planned.understood.years and not planned.understood.all_years
        )

    def _only_blank(self, draft: Draft, reading: Reading, query: Query, question: str) -> Answer:
        """A cell without a figure: a refusal where a figure was asked for, an answer where it was asked whether there is one.

        What the paper says of it in words (不编制 …) stands beside it.
        """
        fact = reading.fact
        whether = bool(re.search(r"有没有|有无|是否|吗[?]?$", question))
        number = draft.cite(fact)
        text, _, _ = amount_text(fact)
        draft.lines.append(
            f"{titled(fact, draft.papers, name_of(fact))}：{place_of(fact)}中该栏为{text}，没有填列数字 [{number}]。空白不等于 0，材料里没有可以引用的金额。"
        )
        said = query.mentions and self.prose(Search(Ask.TEXT, (fact.document,), query.mentions, None, denied=True), question, draft)
        if said and whether:
            return draft.finish(Status.ANSWERED, Route.HYBRID)
        return draft.finish(Status.ANSWERED if whether else Status.REFUSED, Route.SQL)

    def _blank_table(self, draft: Draft, query: Query) -> bool:
        for table in self.reader.tables(query.documents):
            paper = self.reader.paper[table["document"]]
            named = any(m.concept and m.concept.total and m.concept.table and m.concept.table.search(table["key"]) for m in query.mentions)
            if named and table["empty"] and (query.year is None or paper.year == query.year):
                draft.lines.append(f"{paper.title}有“{table['title']}”，但表内为空，没有填列金额。")
                return True
        return False

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

    # Places, prose, the collection

    def _which_table(self, draft: Draft, planned: Planned, plan: WhichTable) -> Answer:
        query = plan.query
        if not query.mentions and "项目" in planned.understood.text:
            rows, _ = rows_of(self.reader, RowSet(Ask.LIST, "projects", query, planned.understood.wish))
            self._say_places(draft, list(rows))
            if rows:
                return draft.finish(Status.ANSWERED, Route.SQL)
        if not query.mentions:
            return self._absent(draft, planned, [Resolution(query, (), "", ())])
        resolution = resolve(self.reader, query)
        facts = [f for r in resolution.readings for f in (r.fact, *r.also)] or self._held_together(query)
        if all(f.table_index is None for f in facts):
            facts = self._own_tables(query) or facts  # a table is asked for: a section only where no table is named after the item
        if not facts:
            return self._absent(draft, planned, [resolution])
        self._say_places(draft, facts)
        if plan.proven:
            self._add_checks(draft, facts)
            held = sum(check.status == "ok" for check in draft.checks)
            broken = len(draft.checks) - held
            said = f"有 {held} 项成立" + (f"、{broken} 项不成立" if broken else "") if draft.checks else "没有一项用得上它"
            draft.lines.append(f"数字照原文引用，上面是它所在的表和位置；材料自身的勾稽关系里，{said}。")
        return draft.finish(Status.ANSWERED, Route.SQL)

    def _own_tables(self, query: Query) -> list[FactRow]:
        """The first fact of each table whose title names the item asked for, and whose accounts it closes (the “三公” table)."""
        documents = [d for d in query.documents if query.year in (None, self.reader.paper[d].year)]
        named = [t for t in self.reader.tables(documents) if any(m.holds(t["key"]) for m in query.mentions)]
        firsts = [self.reader.facts([t["document"]], tables=[t["index"]])[:1] for t in named[:6]]
        return [fact for found in firsts for fact in found]

    def _held_together(self, query: Query) -> list[FactRow]:
        """One fact of every table that holds most of several items, two at least (“办公费、差旅费在哪张表”)."""
        held: dict[tuple[str, str], list[FactRow]] = {}
        for mention in query.mentions:
            found = resolve(self.reader, replace(query, mentions=(mention,)))
            for place, fact in {(f.document, place_of(f)): f for r in found.readings for f in (r.fact, *r.also)}.items():
                held.setdefault(place, []).append(fact)
        for facts in held.values():
            facts += [facts[0] for m in query.mentions if m.holds(facts[0].table_key)]  # 基本支出 in its own table's title
        most = max(map(len, held.values()), default=0)
        return [facts[0] for facts in held.values() if len(facts) == most > 1]

    def _say_places(self, draft: Draft, facts: Sequence[FactRow]) -> None:
        for (document, place), fact in list({(f.document, place_of(f)): f for f in reversed(facts)}.items())[::-1][:6]:
            draft.lines.append(f"- 《{self.reader.paper[document].title}》：**{place}** [{draft.cite(fact)}]")

    def _search(self, draft: Draft, planned: Planned, plan: Search, question: str) -> Answer:
        draft.query = {"plan": "search", "ask": str(plan.ask)}
        if len(plan.documents) > MOST_READ:  # a whole collection: only the passages that a search finds are read
            if self.prose(plan, question, draft):
                return draft.finish(Status.ANSWERED, Route.RETRIEVAL)
            draft.lines.append("没有在全部材料里找到与这个问题有关的说明，请说明要问哪个部门。")
            draft.suggestions.extend(self._examples())
            return draft.finish(Status.CLARIFY, Route.RETRIEVAL)
        query = Query(plan.documents, plan.mentions, plan.year)
        if pattern("divided").search(planned.understood.text) and (parts := self._parts(planned, query, plan.unknown)):
            return self._say_parts(draft, parts)
        if not plan.figure and (compared := self._compare_in_cell(draft, planned, planned.understood.wish.ask, plan.documents)):
            return compared
        a_figure = plan.figure and (plan.ask is Ask.LOOK_UP or re.search(r"多少|几(?!个方面)", planned.understood.text))
        if a_figure and (fact := self._named_amount(planned, Query(plan.documents, (), plan.year), question)):
            return self._say_named_amount(draft, planned, fact)
        if aim := self._aim(planned, plan.documents):
            return self._say_aim(draft, aim)
        if plan.documents and self.prose(plan, question, draft):
            if _UNITS_ASKED.search(planned.understood.text) and len(planned.departments) == 1:
                self._list_units(draft, plan.documents)
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

    def _aim(self, planned: Planned, documents: Sequence[str]) -> FactRow | None:
        """The indicator asked for in words of the question's own."""
        u = planned.understood
        if u.coined or u.wish.ask not in (Ask.LOOK_UP, Ask.TEXT, Ask.COUNT) or (u.wish.ask is Ask.TEXT and not MEASURED.search(u.text)):
            return None
        ignore = (*search(u, tuple(documents), Ask.LOOK_UP).ignore, *(str(y) for y in u.years))
        return asked_indicator(self.reader, tuple(dict.fromkeys(documents)), u.text, ignore, u.unknown, u.years[0] if u.years else None, u.counted)

    def _say_aim(self, draft: Draft, fact: FactRow) -> Answer:
        """An indicator's figure, with what else its row prints of it: the target, what was reached, the points."""
        self._say(draft, Reading(fact, 0.0), True)
        told = {Measure.TARGET: "目标值", Measure.ACTUAL: "完成值", Measure.SCORE: "分值"}
        beside = [f"{told[f.measure]} {f.printed.strip()}" for f in self.reader.siblings(fact) if f.measure in told and f.printed.strip() and f.number != fact.number]
        if beside:
            draft.lines.append(f"同一行还印有：{'，'.join(beside)}。")
        return draft.finish(Status.ANSWERED, Route.SQL)

    def _list_units(self, draft: Draft, documents: tuple[str, ...]) -> None:
        """The units of a department as its tables list them, where the sentence found names few of them (单位构成详见下表)."""
        units: dict[str, FactRow] = {}
        for fact in self.reader.facts(documents, kinds=("table",)):
            if fact.organisation and fact.scope != Scope.TOTAL:
                units.setdefault(fact.organisation_key, fact)
        said = "".join(draft.lines)
        if len(units) > 1 and sum(f.organisation in said for f in units.values()) * 2 < len(units):
            draft.lines.append(f"表内列有数字的单位：{'、'.join(f'{f.organisation} [{draft.cite(f)}]' for f in units.values())}。")

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

    def _small_talk(self, draft: Draft, talk: Talk) -> Answer:
        draft.lines.append(talk.answer)
        if talk.examples:
            draft.suggestions.extend(examples(self.reader))
            draft.lines += [f"- {question}" for question in draft.suggestions[:4]]
        return draft.finish(Status(talk.status), Route.NONE)


_UNITS_ASKED = re.compile(r"单位[^,?]{0,6}哪(?:些|几)|哪(?:些|几)(?:个|家)?[^,?]{0,6}单位|包括(?:哪些|什么)单位")


def _elsewhere(query: Query, parts: Sequence[Resolution]) -> bool:
    """Whether what was asked of a project (its 满意度) was only found in the form of another one."""
    projects = [m for m in query.mentions if "project" in m.kinds]
    found = [r.fact for p in parts for r in p.readings if not any(m in projects for m in p.query.mentions)]
    return bool(projects) and any(f.project_key and not any(m.fits(f.project_key) for m in projects) for f in found)


def _monthly(answer: Answer) -> bool:
    """Whether the figure of an answer is printed as one of a month (1578 个/月, 每月 300 元)."""
    value = answer.values[0]
    near = rf"(?:每个?月|月均)[^，。；;]{{0,12}}{re.escape(value.value)}|{re.escape(value.value)}\s*[^，。；;\d]{{0,3}}/\s*(?:每?个?)月"
    return value.unit.endswith("/月") or any(re.search(near, c.quote.replace(",", "")) for c in answer.citations if c.id in value.citations)
