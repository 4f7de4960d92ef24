"""Amounts inside the long cells of forms: which figure, of what, and in which sentence. A helper of facts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ingest.amounts import Amount, AmountState, read_amount
from ingest.records import Measure

_NUMBERED = r"[（(][一二三四五六七八九十]{1,3}[)）]"
# Items of a list often run on without a full stop: “…费用30000元二、宣传教育经费…”, “一、基础业务经费（一）整理服务：8万元”.
_SENTENCE_END = re.compile(
    rf"(?<=[。；;！？])|(?<=[元万\s])(?=[一二三四五六七八九十]{{1,3}}、[^\d]{{2}})|(?<=\s)(?=\d{{1,2}}[.．、](?!\d))|(?<=[\w）)\s])(?={_NUMBERED}\s*[^\s，,。、）)])"
)
_ITEM = re.compile(rf"\s*(?:[一二三四五六七八九十]{{1,3}}、|{_NUMBERED}|[（(]\d{{1,2}}[)）]|\d{{1,2}}[.．、](?!\d))\s*")
_MONEY = re.compile(
    # The end of a range (3-4 万元) is no amount of its own.
    r"(?P<about>约|不超过|不少于|不低于|近|超过?)?\s*(?<![\d.])(?<!\d[-—~～])(?P<number>\d{1,3}(?:[,，]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)\s*"
    r"(?P<unit>万元|亿元|千元|元|万(?![\u4e00-\u9fff㎡])|亿(?![\u4e00-\u9fff]))"
)
_THINGS = re.compile(
    r"(?P<about>约|不超过|不少于|不低于|近|超过?)?\s*(?<![\d.第*×xX/=+\-—~～至])(?P<number>\d{1,3}(?:[,，]\d{3})+|\d+)\s*"
    r"(?P<unit>万?(?:册|页|篇|份|辆|人次|批次|场次|户|幅|块|套|台|件|部|场|名|人(?!民|工|均|力|大|员|次|/)|个(?!月|工作日|自然日|百分)|家|张|条|枚|间))(?![*×/xX元]|\s*[*×/])"
)
_STOP = re.compile(r"[，,；;。：:=≈+*×]")
_PRICE_AFTER = re.compile(r"\s*(?:[/／](?!年)|[*×xX]\s*\d+(?:\.\d+)?(?![\d.]*\s*[%％]))")
_RECKONED = re.compile(r"[^，,；;。]*[=≈]")  # 660元/㎡*429㎡=28.314万元
_PRICE_BEFORE = re.compile(r"(?:[*×]|每[人次天月场个台套份本册]|单价)\s*$")
_OPENS = re.compile(
    r"^(?:[\s、)）.．]|其中|另外?|以及|和|及|并|包括|包含|含|分别[为是]?|共|合计|即|主要|具体|按照?|预计|初步|其余|剩余的?|（?[一二三四五六七八九十]+、(?=[^期、]{3})|(?:[一二三四五六七八九十]{1,3}|[a-zA-Z])[.．])+"
)
_CLOSES = re.compile(r"(?:共计|合计|总计|约|需要?|预计|初步|计划|为|是|共|计|约需|的金额|金额|在|的|总|[\s、*（(])+$")
_MADE_OF = re.compile(r"其中|(?:具体)?(?:包括|包含)|明细|构成")
_BRACKETS = re.compile(r"[（(][^（）()]*[)）]")
_NAMES = re.compile(r"(?!.*[%％])(?:(?:19|20)\d\d\s*年|[^\d])*[\u4e00-\u9fff]{2}")
_KEPT = 8  # characters of a bracket that belongs to the name: 察隅农场工作组(援藏)
_SUMS_UP = re.compile(r"[，,）)]\s*(?:[共即约为]|共计|合计|总计)+\s*$")  # … refers to the clause before
_EMPTY = re.compile(r"(?:[该本此]?(?:项目|笔|项|部分)?(?:的?(?:总|所需|需要?|测算|预算|约需)?(?:经费|费用|金额|资金|预算|价格?))?|小计|每[年月人天次]|其中|如下|明细如下|具体如下)")
_LONGEST = 40


@dataclass(frozen=True, slots=True)
class Mention:
    """An amount in a sentence with what it is: the item's lead and the words of its own clause; `whole`: the amount that it is a part of."""

    amount: Amount
    measure: Measure
    subject: str
    sentence: str
    whole: str = ""


def sentences(text: str) -> list[str]:
    """A paragraph as sentences and list items, each with its final mark."""
    return [s.strip() for s in _SENTENCE_END.split(text) if s.strip()]


def mentioned_amounts(text: str) -> Iterable[Mention]:
    """Every amount of money and every number of things in the words of a long cell, in reading order.

    >>> [(m.subject, m.amount.printed) for m in mentioned_amounts("（二）2024年档案整理服务项目：一期款20.97万元。")]
    [('2024年档案整理服务项目 一期款', '20.97万元')]
    >>> [(m.whole, m.subject) for m in mentioned_amounts("其他费用为88万元：其中管理费18万元、监理费70万元。")]
    [('', '其他费用'), ('其他费用', '管理费'), ('其他费用', '监理费')]
    """
    lead = ""
    for sentence in sentences(text):
        if _ITEM.match(sentence):
            lead = ""
        money = list(_money(sentence, lead))
        lead = money[-1][2] if money else _lead(_ITEM.sub("", sentence, count=1), lead, bool(_ITEM.match(sentence)))
        things = _things(sentence, lead, [(start, end) for start, end, *_ in money])
        yield from (mention for *_, mention in sorted([*((s, m) for s, _, _, m in money), *things], key=lambda entry: entry[0]))


def _money(sentence: str, lead: str) -> Iterable[tuple[int, int, str, Mention]]:
    """(start, end, lead, mention) of every amount of money; `lead` is that of the item, which what follows may go on with."""
    item = _ITEM.match(sentence)
    at = item.end() if item else 0
    first, whole, last = True, "", ""
    priced: list[str] = []  # what the prices since the last amount are of
    for found in _MONEY.finditer(sentence, at):
        amount = read_amount(found["number"] + found["unit"])
        if amount.state is not AmountState.NUMBER:
            continue
        between, rest = sentence[at : found.start()], sentence[found.end() :]
        if last and _MADE_OF.search(between):
            whole, lead = last, ""
        if not whole:
            lead = _lead(between, lead, first and bool(item))
        own = _own(between)
        if not own and not first and _SUMS_UP.search(between):
            own = _joined(lead or (last if item else ""), _nearest(between))
        name = (own if whole else _joined(lead, own)) or last or _nearest(between)
        if len(priced) == 1 and _RECKONED.match(between):
            name = priced[0]
        price = bool(_PRICE_AFTER.match(rest) or _PRICE_BEFORE.search(between))
        priced = [*priced, name] if price else []
        last = name
        printed = sentence[found.start("number") : found.end()]
        money = Amount(printed, AmountState.NUMBER, amount.value, amount.unit, found["about"] or "")
        subject = f"{name} 单价".strip() if price else name
        yield found.start(), found.end(), lead, Mention(money, Measure.AMOUNT, subject, sentence, whole if name != whole else "")
        at, first = found.end(), False


def _things(sentence: str, lead: str, taken: list[tuple[int, int]]) -> Iterable[tuple[int, Mention]]:
    """(start, mention) of every number of things: what is said before it, or the noun after it."""
    item = _ITEM.match(sentence)
    at = item.end() if item else 0
    for found in _THINGS.finditer(sentence, at):
        if any(start < found.end() and found.start() < end for start, end in taken):
            continue
        start = max([at, *(end for _, end in taken if end <= found.start())])
        noun = re.match(r"[\u4e00-\u9fff《》“”]{2,12}(?=[\s，,。；;、：:\d（(]|$)", sentence[found.end() :].lstrip())
        own = _joined(_own(sentence[start : found.start()]), re.sub(r"[和及与等]$", "", noun[0]) if noun else "")
        at = found.end()
        if not own:
            continue
        amount = read_amount(found["number"] + found["unit"])
        printed = sentence[found.start("number") : found.end()]
        yield found.start(), Mention(
            Amount(printed, AmountState.NUMBER, amount.value, amount.unit, found["about"] or ""), Measure.COUNT, _joined(lead, own), sentence
        )


def _lead(between: str, lead: str, opens: bool) -> str:
    """The item that a figure stands under: the words before the last colon, or, where an item opens, its first clause; else the one before."""
    words = _plain(between)
    if re.search(r"[：:]", words):
        clause = re.split(r"[：:]", words)[-2]
        named = _trimmed(clause if opens and len(clause) <= _LONGEST else _STOP.split(clause)[-1])
        return lead if _EMPTY.fullmatch(named) or _MADE_OF.search(named) else named
    if opens and (clauses := [c for c in re.split(r"[，,；;。]", words) if c.strip()])[1:]:
        return _trimmed(clauses[0])
    return lead


def _own(between: str) -> str:
    """The words of a figure's own clause; "" where they only lead to the figure."""
    words = _plain(between)
    outer, bracket, inner = words.rpartition("（") if "（" in words else words.rpartition("(")
    if bracket and not re.search(r"[）)]", inner):
        words = f"{_STOP.split(outer)[-1]} {inner}" if _trimmed(_STOP.split(inner)[-1]) else outer
    named = _trimmed(_STOP.split(words)[-1])
    return "" if _EMPTY.fullmatch(named) or not re.search(r"[\u4e00-\u9fffA-Za-z]{2}", named) else named


def _nearest(between: str) -> str:
    """The last clause before a figure that names something, where neither the figure's own clause nor an item does."""
    named = (_trimmed(clause) for clause in reversed(_STOP.split(_plain(between))))
    return next((name for name in named if _NAMES.match(name) and not _EMPTY.fullmatch(name)), "")


def _plain(words: str) -> str:
    """Words without their brackets, unless these are short and part of a name."""
    return _BRACKETS.sub(lambda m: m[0] if len(m[0]) <= _KEPT and not re.search(r"[%％元，,：:]", m[0]) else "", words)


def _trimmed(clause: str) -> str:
    """A clause without the words that only join it or lead to its figure, and no longer than a name can be."""
    clause = _CLOSES.sub("", _OPENS.sub("", clause.strip()))
    if len(clause) > _LONGEST:
        clause = clause.rpartition("、")[2]
    return clause[-_LONGEST:].strip()


def _joined(lead: str, own: str) -> str:
    """Two parts of a name as one, without saying the same twice."""
    if not lead or lead in own:
        return own
    return lead if own in lead else f"{lead} {own}"
