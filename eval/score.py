"""The judges: pure functions from a case and an answer (the contract's JSON object) to a verdict.

They read figures with their own few lines, not with `ingest.amounts`: a judge that shares code with the product shares its mistakes.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from eval.casefile import Case, Evidence, Item

YUAN = {
    "元": Decimal(1),
    "千元": Decimal(1000),
    "万元": Decimal(10_000),
    "百万元": Decimal(1_000_000),
    "亿元": Decimal(100_000_000),
}
_SHORT_UNIT = {"万": "万元", "亿": "亿元", "人民币": "元", "块": "元", "百分点": "%", "个百分点": "%"}
_COUNTERS = "人名个篇家次户件份平条套台张册亩辆场项间页笔种类"
_MARK = re.compile(r"\[\d{1,3}\]")
_BOLD = re.compile(r"\*\*(.+?)\*\*")
_DATE_WORDS = "年月日号时"
_FIGURE = re.compile(
    r"(?<![\d.])(?P<sign>[-−－])?(?P<number>\d+(?:\.\d+)?)(?!\.?\d)"
    rf"(?:(?P<unit>亿元|百万元|千元|万元|元|个百分点|百分点|%|亿(?![{_COUNTERS}])|万(?![{_COUNTERS}]))|(?P<other>[\u4e00-\u9fffa-zA-Z㎡²‰]{{1,2}}))?"
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the judge says: `why` is Chinese, empty when right; `confident_wrong` is an answer given as certain that is wrong."""

    ok: bool
    why: str = ""
    confident_wrong: bool = False


@dataclass(frozen=True, slots=True)
class CitationScore:
    """Of one answer: whether it cites at all, how many quotes stand where they say, whether one is on the evidence or states the figure."""

    present: bool
    faithful: int
    total: int
    relevant: bool
    unfaithful: tuple[str, ...] = ()


# Text and figures


def squeeze(text: str) -> str:
    """The form in which words compare: NFKC, no blanks, no thousands commas, no bold marks, no [1] marks.

    >>> squeeze("**1,382 万元** [1]")
    '1382万元'
    """
    text = unicodedata.normalize("NFKC", text)
    text = _MARK.sub("", text)
    text = re.sub(r"[\s*`]+", "", text)
    return re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", text)


def contains(text: str, needle: str) -> bool:
    """Whether the words stand in the text, with digit boundaries.

    >>> contains("共 110万元", "10万"), contains("执行率35.78%", "5.78"), contains("9 万元", "9万元")
    (False, False, True)
    """
    wanted = squeeze(needle)
    before = r"(?<![\d.])" if wanted[:1].isdigit() else ""
    after = r"(?!\.?\d)" if wanted[-1:].isdigit() else ""
    return re.search(before + re.escape(wanted) + after, squeeze(text)) is not None


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as it stands in a text: `unit` is 元, 万元, …, %, the two characters of another word, or "" for a bare number."""

    value: Decimal
    unit: str


def figures(text: str) -> Iterator[Figure]:
    """Every number of a text with the unit printed after it. Lines, table cells and two numbers with a blank between them stay apart."""
    for cell in re.split(r"[\n|]|(?<=\d)\s+(?=\d)", _MARK.sub("", unicodedata.normalize("NFKC", text))):
        for m in _FIGURE.finditer(squeeze(cell)):
            value = Decimal(m["number"])
            unit = _SHORT_UNIT.get(m["unit"] or "", m["unit"] or m["other"] or "")
            yield Figure(-value if m["sign"] else value, unit)


def _family(unit: str) -> str:
    """Units that can stand for each other: money, per cent, and everything else that is counted."""
    unit = _SHORT_UNIT.get(unit, unit)
    if unit in YUAN:
        return "money"
    return "percent" if unit == "%" else "count"


def same_amount(value: Decimal, unit: str, wanted: Decimal, wanted_unit: str, tolerance: Decimal = Decimal(0), absolute: bool = False) -> bool:
    """Whether two amounts are the same: money in 元 within `tolerance` of the wanted unit, per cent with per cent, counts with counts.

    >>> same_amount(Decimal("90000"), "元", Decimal(9), "万元"), same_amount(Decimal(9), "元", Decimal(9), "万元")
    (True, False)
    """
    unit, wanted_unit = _SHORT_UNIT.get(unit, unit), _SHORT_UNIT.get(wanted_unit, wanted_unit)
    if _family(unit) != _family(wanted_unit):
        return False
    factor, wanted_factor = YUAN.get(unit, Decimal(1)), YUAN.get(wanted_unit, Decimal(1))
    found, expected = value * factor, wanted * wanted_factor
    if absolute:
        found, expected = abs(found), abs(expected)
    return abs(found - expected) <= tolerance * wanted_factor


def states(text: str, value: Decimal, unit: str, tolerance: Decimal = Decimal(0)) -> bool:
    """Whether the text prints the amount, in whichever unit. Signs are words in Chinese (减少3万元), so only the size compares.

    A bare number counts in the wanted unit (a table's heading carries the unit); a date (2021年) never counts.
    """
    for figure in figures(text):
        if figure.unit and figure.unit[0] in _DATE_WORDS and not unit.startswith(figure.unit[0]):
            continue
        bare = figure.unit == ""
        if same_amount(figure.value, unit if bare else figure.unit, value, unit, tolerance, absolute=True):
            return True
    return False


def number(text: Any) -> Decimal | None:
    """A figure of an answer's values; None for words."""
    try:
        return Decimal(str(text).replace(",", "").replace("%", "").strip())
    except InvalidOperation:
        return None


# Judges


def judge(case: Case, answer: dict[str, Any]) -> Verdict:
    """The verdict on the answer to the last turn."""
    by_type: dict[str, Callable[[Case, dict[str, Any]], Verdict]] = {
        "number": _judge_answer,
        "text": _judge_answer,
        "list": _judge_answer,
        "refusal": _judge_refusal,
        "clarify": _judge_clarify,
    }
    return by_type[case.answer_type](case, answer)


def _judge_refusal(case: Case, answer: dict[str, Any]) -> Verdict:
    if answer["status"] != "refused":
        offered = bool(answer["values"])
        return Verdict(False, f"应当拒答，实际状态是 {answer['status']}", confident_wrong=answer["status"] == "answered" and offered)
    if answer["values"]:
        first = answer["values"][0]
        return Verdict(False, f"拒答了，却仍把 {first['value']}{first['unit']} 作为数值给出", confident_wrong=True)
    return _words(case, answer)


def _judge_clarify(case: Case, answer: dict[str, Any]) -> Verdict:
    text = answer["answer"]
    if answer["status"] == "answered" and case.accept_if_contains_all:
        missing = [w for w in case.accept_if_contains_all if not contains(text, w)]
        if not missing:
            return _words(case, answer)
        return Verdict(False, f"没有反问，也没有把几种读法都给出：缺 {'、'.join(missing)}", confident_wrong=bool(answer["values"]))
    if answer["status"] != "clarify":
        return Verdict(False, f"应当反问，实际状态是 {answer['status']}", confident_wrong=answer["status"] == "answered" and bool(answer["values"]))
    if not answer["suggestions"]:
        return Verdict(False, "反问没有给出可选的问题")
    return _words(case, answer)


def _judge_answer(case: Case, answer: dict[str, Any]) -> Verdict:
    if answer["status"] != "answered":
        return Verdict(False, f"应当作答，实际状态是 {answer['status']}")
    if case.value is not None:
        wrong = _wrong_figure(case, answer)
        if wrong:
            return Verdict(False, wrong, confident_wrong=True)
    return _words(case, answer, confident=case.answer_type == "number")


def _wrong_figure(case: Case, answer: dict[str, Any]) -> str:
    """Why the answer's first value or its text is not the wanted figure; "" when both are."""
    assert case.value is not None
    wanted = f"{case.value}{case.unit}"
    if not answer["values"]:
        return f"没有给出数值（应为 {wanted}）"
    first = answer["values"][0]
    value = number(first["value"])
    if value is None:
        return f"第一个数值“{first['value']}”不是数字（应为 {wanted}）"
    traps = list(_traps(case))
    for trap, amount in traps:
        if same_amount(value, first["unit"], amount.value, amount.unit):
            return f"把相邻的数 {trap} 当成了答案（应为 {wanted}）"
    if not same_amount(value, first["unit"], case.value, case.unit, case.tolerance, case.absolute):
        return f"第一个数值是 {first['value']}{first['unit']}，应为 {wanted}"
    if not states(answer["answer"], case.value, case.unit, case.tolerance):
        return f"回答的文字里没有 {wanted}"
    # What an answer sets in bold is what it offers: a neighbour's figure there, and not the wanted one, misleads whoever reads only that.
    bold = "\n".join(_BOLD.findall(answer["answer"]))
    if not states(bold, case.value, case.unit, case.tolerance):
        for trap, amount in traps:
            if states(bold, amount.value, amount.unit):
                return f"文字里加粗给出的是相邻的数 {trap}（应为 {wanted}）"
    return ""


def _traps(case: Case) -> Iterator[tuple[str, Figure]]:
    """The neighbours' figures as written and as figures; one inside the tolerance of the right answer is no trap."""
    assert case.value is not None
    for trap in case.not_as_answer:
        for figure in figures(trap):
            unit = figure.unit or case.unit
            if not same_amount(figure.value, unit, case.value, case.unit, case.tolerance, case.absolute):
                yield trap, Figure(figure.value, unit)


def _words(case: Case, answer: dict[str, Any], confident: bool = False) -> Verdict:
    """The checks every type shares: words that must and must not stand in the text, and the items."""
    text = answer["answer"]
    missing = [w for w in case.must_contain if not contains(text, w)]
    if missing:
        return Verdict(False, f"缺少：{'、'.join(missing)}")
    for group in case.must_contain_any:
        if not any(contains(text, w) for w in group):
            return Verdict(False, f"缺少其中之一：{'、'.join(group)}")
    forbidden = [w for w in case.must_not_contain if contains(text, w)]
    if forbidden:
        return Verdict(False, f"不应出现：{'、'.join(forbidden)}", confident_wrong=True)
    absent = [i for i in case.items if not has_item(i, case.unit, answer)]
    if absent:
        names = "、".join(i.item if i.value is None else f"{i.item} {i.value}" for i in absent)
        return Verdict(False, f"缺少要点：{names}", confident_wrong=confident)
    if case.ordered and not _in_order([i.item for i in case.items], text):
        return Verdict(False, "要点的先后次序不对", confident_wrong=confident)
    return Verdict(True)


def exact_figure(case: Case, answer: dict[str, Any]) -> bool:
    """Whether a case's figure is what the answer gives, in text and values, and no other is offered as the answer."""
    return answer["status"] == "answered" and not _wrong_figure(case, answer)


def key_facts(case: Case, answer: dict[str, Any]) -> tuple[int, int]:
    """(found, asked for): the figure, the words that must stand there and the items, each counted by itself."""
    text = answer["answer"]
    found = [contains(text, w) for w in case.must_contain]
    found += [any(contains(text, w) for w in group) for group in case.must_contain_any]
    found += [has_item(i, case.unit, answer) for i in case.items]
    if case.value is not None:
        found.append(exact_figure(case, answer))
    return sum(found), len(found)


def has_item(item: Item, unit: str, answer: dict[str, Any]) -> bool:
    """Whether the answer holds an item: its name, and its value in the same sentence, table row or labelled value."""
    text = answer["answer"]
    if item.value is None:
        return contains(text, item.item) or any(contains(v["label"], item.item) for v in answer["values"])
    pieces = [p for p in re.split(r"[\n；;。]", text) if contains(p, item.item)]
    if isinstance(item.value, str):
        return any(contains(p, item.value) for p in pieces)
    wanted_unit = item.unit or unit
    for value in answer["values"]:
        found = number(value["value"])
        printed = value["unit"] if wanted_unit else ""  # a case that names no unit asks for the number as printed
        if found is not None and contains(value["label"], item.item) and same_amount(found, printed, item.value, wanted_unit, absolute=True):
            return True
    if not wanted_unit:
        return any(abs(f.value) == abs(item.value) for p in pieces for f in figures(p))
    return any(states(p, item.value, wanted_unit) for p in pieces)


def _in_order(names: Sequence[str], text: str) -> bool:
    flat, start = squeeze(text), 0
    for name in names:
        found = flat.find(squeeze(name), start)
        if found < 0:
            return False
        start = found + 1
    return True


# Citations

SourceText = Callable[[dict[str, Any]], str | None]  # a citation -> the text that stands at its place, None when the place is unknown


def _bare(text: str) -> str:
    return re.sub(r"[\s|]+", "", unicodedata.normalize("NFKC", text))


def is_faithful(citation: dict[str, Any], source: SourceText) -> bool:
    """Whether the quote stands at the place it names, compared without blanks and column marks."""
    at_place = source(citation)
    quote = _bare(citation["quote"])
    return bool(quote) and at_place is not None and quote in _bare(at_place)


def is_relevant(case: Case, citations: Iterable[dict[str, Any]]) -> bool:
    """Whether one citation lies on the evidence or states the wanted figure."""
    for citation in citations:
        if any(_overlaps(e, citation) for e in case.evidence):
            return True
        if case.value is not None and _quotes_value(case, citation["quote"]):
            return True
        if any(isinstance(i.value, Decimal) and _quotes_number(citation["quote"], i.value, i.unit or case.unit) for i in case.items):
            return True
    return False


def _overlaps(evidence: Evidence, citation: dict[str, Any]) -> bool:
    if not citation["document"].startswith(evidence.doc):
        return False
    if evidence.page is not None:
        return citation["page"] == evidence.page
    if evidence.lines is None:
        return True
    start, end = citation["line_start"], citation["line_end"]
    return start is not None and end is not None and start <= evidence.lines[1] and end >= evidence.lines[0]


def _quotes_value(case: Case, quote: str) -> bool:
    assert case.value is not None
    return _quotes_number(quote, case.value, case.unit, case.tolerance)


def _quotes_number(quote: str, value: Decimal, unit: str, tolerance: Decimal = Decimal(0)) -> bool:
    """A table's cell is bare and its unit stands elsewhere, so it may be in any unit of money."""
    for figure in figures(quote):
        units = list(YUAN) if figure.unit == "" and _family(unit) == "money" else [figure.unit or unit]
        if any(same_amount(figure.value, u, value, unit, tolerance, absolute=True) for u in units):
            return True
    return False


def score_citations(case: Case, answer: dict[str, Any], source: SourceText) -> CitationScore:
    """How an answer's citations stand."""
    citations = answer["citations"]
    bad = tuple(f"[{c['id']}] {c['quote'][:60]}" for c in citations if not is_faithful(c, source))
    return CitationScore(bool(citations), len(citations) - len(bad), len(citations), is_relevant(case, citations), bad)


# Statistics


def wilson(right: int, total: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % Wilson interval of right/total; (0, 0) for none.

    >>> [round(x, 3) for x in wilson(75, 75)]
    [0.951, 1.0]
    """
    if not total:
        return 0.0, 0.0
    share = right / total
    scale = 1 + z * z / total
    middle = (share + z * z / (2 * total)) / scale
    half = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total)) / scale
    return max(0.0, middle - half), min(1.0, middle + half)


def percentile(values: Sequence[float], part: float) -> float:
    """The nearest-rank percentile; 0 for none.

    >>> percentile([1, 2, 3, 4], 0.5), percentile([5], 0.95)
    (2, 5)
    """
    ordered = sorted(values)
    return ordered[max(0, math.ceil(part * len(ordered)) - 1)] if ordered else 0.0
