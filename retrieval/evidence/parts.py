"""An amount -> the amounts that one cell or one sentence of the paper says it is made of; only where they add up to it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ingest.records import Measure
from ingest.wording import key, strip_numbering
from retrieval.evidence.facts import FactReader, FactRow
from retrieval.evidence.mentions import MINE, MOST_PAPERS, core, share

_OF_THE_YEAR = re.compile(r"本年|年度(?:项目|预算)?(?:金额|资金)|预算金额|当年|总金额|资金总额")
_CLOSE = Decimal(100)  # 元: a list in 万元 with two decimals may be so far from its total
_RECKONED = re.compile(r"[^，,。；;]*[=＝]")  # what stands before = is what a part is reckoned from (10 万元/场次*2=20 万元)


_ITEM = re.compile(r"[（(][一二三四五六七八九十\d]{1,3}[)）]")  # “一、甲经费（一）乙项目”: the heading runs into its first item
_FIGURE = re.compile(r"\d\s*(?:万|亿)?元|\d\s*万")


@dataclass(frozen=True, slots=True)
class Parts:
    """What an amount is made of: `total` is the figure that the `parts` add up to, with the name that each has in the text."""

    total: FactRow
    parts: tuple[FactRow, ...]
    names: tuple[str, ...]


def parts_of(reader: FactReader, documents: Sequence[str], words: Iterable[str], year: int | None) -> Parts | None:
    """The parts of what is called by all of `words`; None where no cell and no sentence names parts that add up to a figure printed for it."""
    runs = [core(key(word)) for word in words if len(key(word)) >= 2]
    if not runs or not documents or len(documents) > MOST_PAPERS:
        return None
    forms = reader.form_words(documents)
    found = []
    for total, listed in _lists(reader, documents, year):
        name = f"{total.project_key}|{'|'.join(total.row_keys)}"
        wide = f"{name}|{'|'.join(total.column_keys)}|{forms.get((total.document, total.table_index), '')}"
        own = [run for run in runs if share(run, name) >= MINE]
        # What the name does not say may stand in another field of the form, but the thing named last must be the amount's own name.
        if own and own[-1] == runs[-1] and all(share(run, wide) >= MINE for run in runs) and (outer := adding_up(listed, total)):
            found.append((sum(map(len, own)) / len(name), len(outer), Parts(total, outer, tuple(map(_called, outer)))))
    return max(found, key=lambda entry: entry[:2])[2] if found else None


def _lists(reader: FactReader, documents: Sequence[str], year: int | None) -> Iterable[tuple[FactRow, list[FactRow]]]:
    """Every figure with the amounts that one cell of its form, or the rest of its sentence, holds."""
    cells: dict[tuple[object, ...], list[FactRow]] = {}
    totals: dict[tuple[object, ...], list[FactRow]] = {}
    for fact in reader.facts(documents, kinds=("field", "mentioned", "stated"), measures=(Measure.AMOUNT,)):
        if not fact.yuan or (year is not None and (fact.year or reader.paper[fact.document].year) != year):
            continue
        if fact.kind == "field":
            if fact.columns and _OF_THE_YEAR.search(fact.columns[-1]):
                totals.setdefault((fact.document, fact.table_index, fact.project_key), []).append(fact)
        elif fact.kind == "mentioned":
            cells.setdefault((fact.document, fact.table_index, fact.project_key, fact.row, fact.column, fact.columns), []).append(fact)
        else:
            cells.setdefault((fact.document, fact.line_start, fact.page, fact.quote), []).append(fact)
    for place, listed in cells.items():
        if listed[0].kind == "stated":
            yield listed[0], listed[1:]
        else:
            for whole in (f for f in listed if not f.part_of):
                yield whole, [f for f in listed if f.part_of and f.row_keys[-2] == whole.row_keys[-1]]
        for total in totals.get(place[:3], ()):
            yield total, [f for f in listed if not (f is listed[0] and f.yuan == total.yuan)]  # “费用总计 300 万元，明细如下：…”


def adding_up(listed: Sequence[FactRow], total: FactRow) -> tuple[FactRow, ...]:
    """The outermost amounts of a list, what they are reckoned from and made of left out, if they add up to the total; else none."""
    amounts = [f for f in listed if not _RECKONED.match(f.quote.partition(f.printed)[2])]
    outer: list[FactRow] = []
    position = 0
    while position < len(amounts):
        outer.append(amounts[position])
        position = _after_parts(amounts, position)
    missing = abs(sum((f.yuan for f in outer), Decimal(0)) - total.yuan)
    return tuple(outer) if len(outer) > 1 and missing <= _CLOSE and missing * 1000 <= total.yuan else ()


def _after_parts(amounts: Sequence[FactRow], position: int) -> int:
    """Where the list goes on after an amount and the two or more behind it that add up to it, if they do."""
    rest, end = amounts[position].yuan, position + 1
    while end < len(amounts) and rest > 0:
        rest -= amounts[end].yuan
        end += 1
    return end if rest == 0 and end - position > 2 else position + 1


_ROUNDABOUT = re.compile(r"[：:，,]\s*(?:预计|预算|该|所需|需|共|合计|约).*$|[\d.,]+\s*(?:万|亿)?元?\s*[/*×（(].*$|(?:共计|合计|总计|约|需|为|共)+$")


def _called(fact: FactRow) -> str:
    """The name of a part: how its sentence begins where the figure is the only one in it, else what the figure belongs to."""
    own = fact.rows[-1] if fact.rows else ""
    opening = fact.quote.partition(fact.printed)[0]
    if fact.kind == "stated" or (_FIGURE.search(opening) and own != fact.project):
        return own
    opening = re.sub(r"[（(][^（）()]*[)）]", "", strip_numbering(_ITEM.split(opening)[-1].strip()))
    return _ROUNDABOUT.sub("", opening.strip("，,：: ")).strip("，,：: ") or own
