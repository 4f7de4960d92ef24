"""What every kind of plan has in common in its answer: how a figure is said, what is beside it, what is said when nothing is there."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from ingest.amounts import YUAN_PER_UNIT, convert, plain
from ingest.records import Measure, Stage
from ingest.wording import key
from retrieval.answer import Draft, amount_text, mask, name_of, place_of, titled, value_of
from retrieval.evidence import sums
from retrieval.evidence.clauses import clause_of, done, done_amount, settled
from retrieval.evidence.facts import FactReader, FactRow, own_name
from retrieval.evidence.intents import intents_of, pattern
from retrieval.evidence.mentions import content, likest_figure, longer_name, named_amount, paid_in_year, runs_of, told_amount, topic
from retrieval.evidence.parts import Parts, parts_of
from retrieval.evidence.readings import Reading, Resolution, as_of
from retrieval.plan import MANY
from retrieval.plans import Plan, Planned, Query, Search, search, wants_money
from retrieval.question import Ask, normal
from retrieval.records import Answer, CheckNote, Route, Status, Value
from retrieval.vocabulary import Mention

SearchProse = Callable[[Search, str, Draft], bool]  # writes prose evidence into the draft; False when nothing answers


@dataclass(frozen=True, slots=True)
class Teller:
    """Writes evidence from one generation of the index into a draft. `prose` is the passage search (loaded only when a plan needs it)."""

    reader: FactReader
    prose: SearchProse

    def _named_amount(self, planned: Planned, query: Query, question: str) -> FactRow | None:
        u = planned.understood
        ignore = (*search(u, query.documents, Ask.LOOK_UP).ignore, *(str(y) for y in u.years))
        runs = runs_of(u.text, [m.text for m in u.items if m.exact and len(m.text) >= 4], ignore)
        stage = u.stages[0] if len(u.stages) == 1 else None
        counting = u.counted or u.wish.ask is Ask.COUNT  # money is no answer to how many
        named = named_amount(self.reader, query.documents, runs, query.year, (Measure.COUNT,) if counting else (Measure.AMOUNT,), stage)
        counted = u.counted or ("个" if re.search(r"(?:多少|几)个", u.text) else None)
        fact = (
            named
            or self._told_amount(planned, query.documents, question)
            or likest_figure(self.reader, query.documents, topic(pattern("paying").sub(" ", u.text), ignore), u.unknown, query.year, counted, wants_money(u), Stage.FINAL in u.stages, stage)
        )
        if fact and stage is Stage.FINAL and fact.stage == Stage.BUDGET and "决算" in u.text:
            return None  # what a budget plans is no 决算; “花了多少” may be said of it
        projects = [m for m in u.items if m.exact and m.kinds & {"project"}]
        if fact and fact.project_key and projects and not any(m.fits(fact.project_key) for m in projects):
            return None  # asked of one project, found in the form of another
        if fact and (paid := paid_in_year(self.reader, fact, u.text, query.year)) != fact:
            return paid
        if u.counted or not (asked := done(u.text)):
            return settled(self.reader, fact, u.text) if fact else None
        # 合同金额 is not what is paid in a year, 申报数 not what was left of it: what was done with the amount must be what is asked.
        if fact and fact.kind in ("mentioned", "stated") and (asked <= done(clause_of(fact)) or not done(clause_of(fact)) or asked == {"summed"}):
            return fact
        return done_amount(self.reader, query.documents, u.text, ignore, u.years) or (fact if fact and not done(clause_of(fact)) else None)

    def _told_amount(self, planned: Planned, documents: Sequence[str], question: str) -> FactRow | None:
        """The figure of a long cell or a sentence that says what is asked, in other words than the question's."""
        u = planned.understood
        titles = [normal(title) for title in re.findall(r"《([^》]+)》", question)]
        return told_amount(self.reader, documents, u.text, search(u, tuple(documents), Ask.LOOK_UP).ignore, u.years, u.counted, wants_money(u), titles, u.stages[0] if len(u.stages) == 1 else None)

    def _say_named_amount(self, draft: Draft, planned: Planned, fact: FactRow) -> Answer:
        u = planned.understood
        asked = content(pattern("paying").sub(" ", u.text), search(u, (fact.document,), Ask.LOOK_UP).ignore)
        if len(asked) == 1 and (within := longer_name(asked[0], fact)):
            draft.lines.append(f"材料没有单独列出“{asked[0]}”；名称里带它的有“{within}”，只是其中一项：")
        self._say(draft, Reading(fact, 0.0), True)
        draft.lines.append(f"原文：{mask(fact.quote.strip(' |'))[:200]}")
        return draft.finish(Status.ANSWERED, Route.SQL)

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

    def _say(self, draft: Draft, reading: Reading, alone: bool, mentions: Sequence[Mention] = ()) -> None:
        fact = reading.fact
        label = f"{titled(fact, draft.papers, called(fact, mentions))}"
        said = value_of(fact, draft, label)
        where = "，".join(x for x in (place_of(fact), as_of(fact)) if x)
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
        return f"{titled(fact, self.reader.paper, called(fact, mentions))}是多少？"

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
        kinds = sorted({p.kind for p in papers if p.year == first.query.year and p.kind})
        if whose and first.query.stage is Stage.FINAL and kinds and Stage.FINAL not in kinds:
            # The year's accounts are not closed, or their paper is not here: say what there is.
            draft.lines.append(f"现有的是{first.query.year}年{'、'.join(f'部门{k}' if k == Stage.BUDGET else k for k in kinds)}，没有{first.query.year}年决算。")
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

    def _prose_fallback(self, draft: Draft, planned: Planned, question: str) -> bool:
        """A look-up that no figure answers may still be said in a sentence, unless the year or the body is not there at all."""
        u = planned.understood
        query_documents = tuple(d for d in self.reader.of_bodies(planned.departments) if not u.years or self.reader.paper[d].year in u.years)
        if not query_documents:
            return False
        return self.prose(search(u, query_documents, Ask.LOOK_UP), question, draft)

    def _nearest(self, draft: Draft, planned: Planned, question: str) -> bool:
        """What stands nearest in the prose to a why, what-for, on-what-basis … in words the papers do not use; said to be only that."""
        u = planned.understood
        if not (intents_of(question) or u.wish.ask is Ask.TEXT) or not (u.departments or u.items or planned.departments):
            return False
        documents = self.reader.of_bodies(planned.departments)
        if not planned.departments and len(documents) > MANY:
            return False  # of many bodies' papers, the nearest is mostly another body's
        return self.prose(replace(search(u, documents, Ask.TEXT), nearest=True), question, draft)

    def _show_query(self, draft: Draft, plan: Plan, resolutions: Sequence[Resolution]) -> None:
        first = resolutions[0] if resolutions else None
        draft.query = {
            "plan": type(plan).__name__,
            "looked_for": [r.query.label for r in resolutions],
            "sql": first.sql if first else "",
            "params": list(first.params) if first else [],
        }


def called(fact: FactRow, mentions: Sequence[Mention]) -> str:
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


def as_asked(result: sums.Result, draft: Draft) -> tuple[Decimal, str]:
    """A computed figure in the money unit that was asked for, else in its own."""
    value = convert(result.value, result.unit, draft.unit) if draft.unit else None
    return (result.value, result.unit) if value is None or not draft.unit else (value, draft.unit)


def examples(reader: FactReader, documents: Collection[str] = ()) -> list[str]:
    """Questions that the loaded papers (only these `documents`, if any) answer, a few of each kind."""
    result: dict[str, None] = {}
    for p in reader.newest(documents):
        short = p.department
        if not short or not p.year:
            continue
        if p.kind == "预算":
            result[f"{p.year}年{short}“三公”经费预算是多少？"] = None
        elif p.kind == "决算":
            result[f"{p.year}年{short}支出决算总计是多少？"] = None
        else:
            result[f"{short}{p.year}年有哪些项目？"] = None
        if len(result) == 6:
            break
    return list(result)
