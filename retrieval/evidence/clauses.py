"""What was done with an amount (申报, 压减, 支付, 合计) -> the figure of a long cell or sentence whose own clause says so, of an item named before it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from ingest.records import Measure
from ingest.wording import key
from retrieval.evidence.facts import FactReader, FactRow
from retrieval.evidence.mentions import ITS_OWN, MOST_PAPERS, TOLD, content, in_year, pairs, share

DONE = {
    "applied": re.compile(r"申报|申请|报了"),
    "cut": re.compile(r"压减|核减|评审|审定|审核|调整[后为以]|核定|批复|核准"),
    "contract": re.compile(r"合同(?:总)?(?:金额|价款?|额)"),
    "paid": re.compile(r"支付|拨付|[要需应得该]付|付(?:多少|了|给)"),
    "summed": re.compile(r"合计|总计|共计|一共|总共|共需|总额|总价"),
}
_LEAD = 0.6  # share of the question's content that the item's own words before the figure must hold
_MARK = re.compile(r"(?:^|[。；;>\s])\s*(?:\d{1,2}[.、．](?!\d)|[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十\d]{1,3}[)）])")
_CUT = re.compile(r"[，,。；;：:]|\d\s*(?:万|亿)?元")


def done(text: str) -> set[str]:
    """What a text says was done with an amount."""
    return {name for name, words in DONE.items() if words.search(text)}


def clause_before(text: str) -> str:
    """The words at the end of a text, from the last figure or mark on."""
    return _CUT.split(text)[-1]


def clause_of(fact: FactRow) -> str:
    """The words of a sentence that lead to a figure, from the figure or mark before it."""
    return clause_before(_opening(fact))


def _opening(fact: FactRow) -> str:
    """The sentence up to a figure; where it prints the figure more than once, up to the one that stands behind the name of the fact's row."""
    places = [fact.quote[: m.start()] for m in re.finditer(re.escape(fact.printed), fact.quote)]
    name = fact.row_keys[-1] if fact.row_keys else ""
    return max(places, key=lambda opening: share(name, key(clause_before(opening))), default="")


def done_amount(
    reader: FactReader, documents: Sequence[str], question: str, ignore: Sequence[str], years: Sequence[int]
) -> FactRow | None:
    """The one figure of which the paper says what the question asks: “压减以后多少” is the figure after 压减至, of the item that the sentence is about.

    Of several payments their sum (共需支付) answers; None where figures that differ answer equally well, or nothing was asked to be done.
    """
    asked = done(question)
    for words in DONE.values():
        question = words.sub(" ", question)
    runs = content(re.sub(r"(?<=\s)(?:以后|之后|后|下来|金额|费用|的)+", " ", question), ignore)
    if not asked or not documents or len(documents) > MOST_PAPERS or sum(map(len, runs)) < 4:
        return None
    wanted = [pair for run in runs for pair in pairs(run)]
    forms = reader.form_words(documents)
    cells = {(f.document, f.table_index, f.columns[-1]): f.printed for f in reader.facts(documents, kinds=("field",)) if f.value is None and f.columns}
    found: list[FactRow] = []
    for fact in reader.facts(documents, kinds=("mentioned", "stated"), measures=(Measure.AMOUNT,)):
        clause = clause_of(fact)
        if fact.yuan is None or not asked <= done(clause) or any(word not in question for word in ITS_OWN.findall(clause)):
            continue
        if not in_year(reader, fact, key(clause), years):
            continue
        near = key(_lead(cells.get((fact.document, fact.table_index, fact.columns[-1] if fact.columns else ""), ""), fact))
        form = forms.get((fact.document, fact.table_index), "")
        around = "|".join((near, fact.project_key, *fact.row_keys, *map(key, fact.section), reader.paper[fact.document].department_key, form))
        own = around if asked == {"summed"} and fact.kind == "mentioned" else near  # what a cell adds up is the form's own whole
        if _held(wanted, around) >= TOLD and _held(wanted, own) >= _LEAD:
            found.append(fact)
    sums = [f for f in found if "summed" in done(clause_of(f)) or "共" in clause_of(f)]
    answers = sums if len({f.yuan for f in found}) > 1 else found
    return answers[0] if len({f.yuan for f in answers}) == 1 else None


QUARTER = re.compile(r"第?([一二三四1-4])季度?")


def quarter_number(text: str) -> int:
    """The number of a quarter as QUARTER finds it."""
    return "一二三四".find(text) + 1 or int(text)


def running_totals(reader: FactReader, documents: Sequence[str], fits: Callable[[str], bool]) -> dict[int, FactRow]:
    """What the project whose name `fits` has paid by the end of each quarter, where its form prints running totals (第三季度累计支付); {} where it does not."""
    totals: dict[tuple[str, str], dict[int, FactRow]] = {}
    for fact in reader.facts(documents, kinds=("mentioned",), measures=(Measure.AMOUNT,)):
        clause = clause_of(fact)
        ends = [quarter_number(n) for n in QUARTER.findall(clause)]
        if fits(fact.project_key) and "累计" in clause and ends and fact.yuan is not None:
            totals.setdefault((fact.document, fact.project_key), {})[max(ends)] = fact
    return next(iter(totals.values())) if len(totals) == 1 else {}


def settled(reader: FactReader, fact: FactRow, question: str) -> FactRow:
    """The figure after 压减至 or 审定 where a sentence gives one behind the 申报数 that was found, and the 申报数 was not asked for."""
    if "applied" not in done(clause_of(fact)) or "applied" in done(question):
        return fact
    beside = [f for f in reader.facts([fact.document], kinds=(fact.kind,), measures=(Measure.AMOUNT,)) if f.quote == fact.quote and f.number > fact.number]
    return next((f for f in beside if "cut" in done(clause_of(f))), fact)


def _held(wanted: Sequence[str], text: str) -> float:
    return sum(pair in text for pair in wanted) / len(wanted)


def _lead(cell: str, fact: FactRow) -> str:
    """The words of the numbered item of a cell up to a figure; those of its sentence where the cell is not known."""
    opening = _opening(fact)
    at = cell.find(fact.quote)
    if at < 0:
        return opening
    marks = [m.start() for m in _MARK.finditer(cell[:at])]
    return cell[marks[-1] if marks and not _MARK.match(fact.quote) else at : at] + opening
