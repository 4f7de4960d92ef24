"""Words against figures within a sentence: changes, growth, 执行率, shares, parts, and reasons for them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from ingest.amounts import show
from ingest.arithmetic import tolerance
from ingest.checks.book import Book, by_sentence, heading_of
from ingest.checks.stated import thing
from ingest.checks.verdicts import MONEY, rate_check, rate_slack, some, sum_check
from ingest.records import Check, CheckStatus, FactKind, Measure, Scope, Stage

_RISE = re.compile(r"增加|增长|上升|提高")
_REASON = re.compile(r"(?P<verb>增加|增长|上升|减少|下降|降低)的?(?:主要)?原因")


def changes(book: Book) -> Iterable[Check]:
    """比上年增减 against the figures of both years in a table, and the percentage against the amount."""
    amounts: dict[tuple[str, str, int | None], int] = {}
    last: dict[str, int] = {}
    for i in book.stated:
        fact = book.facts[i]
        subject = fact.rows[0]
        if fact.measure is Measure.AMOUNT and fact.stage is not None:
            amounts[(fact.quote, subject, fact.year)] = i
        if fact.measure is Measure.CHANGE:
            last[fact.quote] = i
            yield from _change_of_years(book, i)
            yield from _change_of_stages(book, i)
        if fact.measure is Measure.RATE and fact.columns and heading_of(fact).endswith(("增减率", "率增减")) and fact.quote in last:
            change = last[fact.quote]
            amount = amounts.get((fact.quote, book.facts[change].rows[0], book.facts[change].year))
            if amount is not None and book.facts[change].rows == fact.rows:
                yield from _growth(book, amount, change, i)


def _change_of_years(book: Book, i: int) -> Iterable[Check]:
    fact = book.facts[i]
    base = re.search(r"(?:19|20)\d\d", heading_of(fact))
    if not base or fact.year is None:
        return
    name = thing(fact.rows[0])
    for table in book.form("budget.three"):
        years = {
            book.facts[j].year: j
            for j in book.of_table[table.index]
            if book.facts[j].scope in {Scope.TOTAL, book.identity.scope}
            and (
                thing(heading_of(book.facts[j])) == name
                or (heading_of(book.facts[j]) == "小计" and thing(heading_of(book.facts[j], 0)) == name)
                or (name == "三公经费" and re.search("总计|总额|合计", heading_of(book.facts[j])) and len(book.facts[j].columns) == 1)
            )
        }
        now, before = years.get(fact.year), years.get(int(base[0]))
        if now is None or before is None:
            continue
        yield _change(book, i, heading_of(fact), now, before)


def _change_of_stages(book: Book, i: int) -> Iterable[Check]:
    """支出比预算减少: executed − planned, both in the sentence."""
    fact = book.facts[i]
    if not re.fullmatch(r"比(?:年初|调整)?预算数?增减", heading_of(fact)):
        return
    planned = _in_sentence(book, i, Stage.BUDGET)
    executed = _in_sentence(book, i, Stage.FINAL)
    if planned is None or executed is None:
        return
    yield _change(book, i, "比预算增减", executed, planned)


def _change(book: Book, i: int, called: str, left: int, right: int) -> Check:
    """The change that fact `i` states against left − right."""
    a, b, stated = (book.value(j) or Decimal(0) for j in (left, right, i))
    good = abs(a - b - stated) <= tolerance([a - b, stated], 2)
    detail = f"“{book.facts[i].rows[0]}”{called} {show(stated)}：{show(a)} − {show(b)} {'=' if good else '≠'} {show(a - b)}"
    return Check("change", CheckStatus.OK if good else CheckStatus.BROKEN, detail, show(a - b), show(stated), (left, right, i))


def _in_sentence(book: Book, i: int, stage: Stage) -> int | None:
    """The amount of the same subject and stage before fact `i` in its sentence."""
    fact = book.facts[i]
    for j in range(i - 1, -1, -1):
        other = book.facts[j]
        if other.kind is not FactKind.STATED or other.quote != fact.quote:
            return None
        if other.measure is Measure.AMOUNT and other.stage is stage and other.rows == fact.rows:
            return j
    return None


def _growth(book: Book, amount: int, change: int, rate: int) -> Iterable[Check]:
    """增长 % = change / (amount − change)."""
    now, difference, printed = book.value(amount), book.value(change), book.value(rate)
    if now is None or difference is None or printed is None or now == difference:
        return
    before = now - difference
    exact = difference / before * 100
    good = abs(exact - printed) <= rate_slack(printed, difference, before) + (abs(exact) / abs(before)) * Decimal("0.5") * Decimal(1).scaleb(
        min(0, int(now.as_tuple().exponent))
    )
    detail = f"“{book.facts[amount].rows[0]}”增减率：{show(difference)} ÷ ({show(now)} − {show(difference)}) = {exact:.2f}% {'≈' if good else '≠'} 印 {show(printed)}%"
    yield Check("rate", CheckStatus.OK if good else CheckStatus.BROKEN, detail, f"{exact:.2f}%", f"{show(printed)}%", (amount, change, rate))


def rates(book: Book) -> Iterable[Check]:
    """执行率 in a sentence = executed / planned of the same subject."""
    for i in book.stated:
        fact = book.facts[i]
        if fact.measure is not Measure.RATE or not fact.columns or not heading_of(fact).endswith("执行率"):
            continue
        planned, executed = _in_sentence(book, i, Stage.BUDGET), _in_sentence(book, i, Stage.FINAL)
        if planned is not None and executed is not None and (result := rate_check(book, "rate", i, executed, planned, f"“{fact.rows[0]}”执行率")):
            yield result


def shares(book: Book) -> Iterable[Check]:
    """“X 万元，占 Y 的 p%”: X / Y where Y is in the sentence or a table."""
    for i in book.stated:
        fact = book.facts[i]
        share = re.fullmatch(r"占(.+)比重", heading_of(fact)) if fact.columns and fact.measure is Measure.RATE else None
        if not share:
            continue
        whole = re.sub(r"总额|总数|合计", "", share[1])
        before = [j for j in range(max(0, i - 12), i) if book.facts[j].quote == fact.quote and book.facts[j].measure is Measure.AMOUNT]
        part = next((j for j in reversed(before) if book.facts[j].rows == fact.rows), None)
        total = next((j for j in before if thing(book.facts[j].rows[0]) == thing(whole)), None)
        if part is not None and total is not None and (result := rate_check(book, "rate", i, part, total, f"“{fact.rows[0]}”占{share[1]}")):
            yield result


def parts_in_sentences(book: Book) -> Iterable[Check]:
    """“X 万元，其中：a、b、c”: the parts add up. A list that is far from the total names only some parts and is no identity."""
    for sentence, indexes in by_sentence(book).items():
        opened = re.search(r"其中[:：]?|包括|主要用于", sentence)
        amounts = [i for i in indexes if book.facts[i].measure is Measure.AMOUNT]
        if not opened or len(amounts) < 3:
            continue
        at = [sentence.find(book.facts[i].amount.printed) for i in amounts]
        heads = [i for i, p in zip(amounts, at, strict=True) if p < opened.start()]
        parts = amounts[len(heads) :]
        if not heads or len(parts) < 2 or len({book.facts[i].year for i in parts}) > 1:
            continue
        total = heads[-1]
        values = [book.value(p) or Decimal(0) for p in parts]
        found = book.value(total) or Decimal(0)
        units = {book.facts[i].amount.unit for i in (total, *parts)}
        if units <= MONEY and len(units) > 1 and found and sum(values) == found:
            yield _unit_slip(book, total, parts)
        elif len(units) == 1 and found and abs(sum(values) - found) * 50 <= abs(found):
            yield from some(sum_check(book, "stated_sum", total, parts, f"文字“{book.facts[total].rows[0]}”= 其中各项"))


def _unit_slip(book: Book, total: int, parts: Sequence[int]) -> Check:
    """Parts that add up to their total only when all figures are of one unit: 元 is printed for 万元 somewhere."""
    shown = " + ".join(f"{book.facts[i].amount.printed}" for i in parts)
    detail = f"文字“{book.facts[total].rows[0]}”{book.facts[total].amount.printed} = {shown} 只在单位相同时成立，疑为单位误写。"
    return Check("unit", CheckStatus.BROKEN, detail, facts=(*parts, total))


def items_of_a_list(book: Book) -> Iterable[Check]:
    """“项目支出 X 万元，具体包括：” and the numbered paragraphs after it."""
    sentences = list(by_sentence(book).items())
    for position, (sentence, indexes) in enumerate(sentences):
        heads = [i for i in indexes if book.facts[i].measure is Measure.AMOUNT]
        if not heads or not re.search(r"(?:包括|如下|主要用于|其中)\s*[:：]\s*$", sentence):
            continue
        total = heads[-1]
        parts: list[int] = []
        for following, inner in sentences[position + 1 :]:
            numbered = re.match(r"^\**\s*[（(]?(\d{1,2})[)）]?\s*[.．、]?", following)
            if numbered and int(numbered[1]) == len(parts) + 1:
                first = next((i for i in inner if book.facts[i].measure is Measure.AMOUNT), None)
                if first is None:
                    break
                parts.append(first)
            elif numbered and int(numbered[1]) <= len(parts):
                break
        values = [book.value(p) or Decimal(0) for p in parts]
        found = book.value(total) or Decimal(0)
        if (
            len(parts) > 1
            and found
            and abs(sum(values) - found) * 20 <= abs(found)
            and len({book.facts[i].amount.unit for i in (total, *parts)}) == 1
        ):
            yield from some(sum_check(book, "stated_sum", total, parts, f"文字“{book.facts[total].rows[0]}”= 所列各项"))


def whole_shares(book: Book) -> Iterable[Check]:
    """A part is at most the whole: “占 Y 的 p %” with p over 100."""
    for i in book.stated:
        fact = book.facts[i]
        if fact.measure is Measure.RATE and fact.columns and re.fullmatch(r"占.+比重", heading_of(fact)):
            share = book.value(i) or Decimal(0)
            good = 0 <= share <= 100
            detail = f"“{fact.rows[0]}”{heading_of(fact)} {show(share)}%{'' if good else '，超出 0–100%。'}"
            yield Check("share", CheckStatus.OK if good else CheckStatus.BROKEN, detail, "0–100%", f"{show(share)}%", (i,))


def reasons(book: Book) -> Iterable[Check]:
    """A reason given for a fall that was a rise, or the other way round: “增加3万元，…减少的主要原因是…”."""
    for sentence, indexes in by_sentence(book).items():
        changes = [i for i in indexes if book.facts[i].measure is Measure.CHANGE and book.value(i)]
        reasons = list(_REASON.finditer(sentence))
        if len(changes) != 1 or len(reasons) != 1:
            continue
        rose, told = (book.value(changes[0]) or Decimal(0)) > 0, bool(_RISE.match(reasons[0]["verb"]))
        if sentence.find(book.facts[changes[0]].amount.printed) > reasons[0].start():
            continue  # the figure is a part of the reason
        fact = book.facts[changes[0]]
        printed = f"{'增加' if rose else '减少'}{fact.amount.printed}"
        good = rose is told
        detail = f"“{fact.rows[0]}”{printed}，{'原因与方向一致' if good else f'说的却是“{reasons[0].group()}”'}。"
        yield Check("reason", CheckStatus.OK if good else CheckStatus.BROKEN, detail, "增加" if rose else "减少", reasons[0]["verb"], (changes[0],))
