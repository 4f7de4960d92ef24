"""Which year a paper speaks of: headings, tables and sentences of a paper of year N that name another year where they mean their own.

A paper is made from last year's; what nobody changed says N−1 where N is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ingest.checks.book import Book, heading_of
from ingest.forms import form_named
from ingest.numbering import numbering
from ingest.records import BlockKind, Check, CheckStatus, Measure, PaperKind, Quote
from ingest.wording import squeeze

_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)年")
_TITLE = re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d)年度?(?P<rest>[^，。；,;]*)$")
_LONGEST_TITLE = 45
# What a paper's own heading calls it, and words that make it one about another year's paper (上年预算执行情况).
_OWN_NAME = {PaperKind.BUDGET: re.compile("预算"), PaperKind.FINAL: re.compile("决算")}
_ABOUT_ANOTHER = {
    PaperKind.BUDGET: re.compile("决算|执行|完成|对比|比较|增减|回顾|总结|上年|结转|调整|[比较与至-]"),
    PaperKind.FINAL: re.compile("对比|比较|增减|回顾|总结|上年|结转|计划|[比较与至-]"),
}


def years_of_titles(book: Book) -> Iterable[Check]:
    """Headings and titles that name the paper's kind with a year name the paper's own year."""
    own = book.identity.year
    found = list(_titles(book))
    right = [q for year, q in found if year == own]
    wrong = [(year, q) for year, q in found if year != own]
    if len(right) <= len(wrong):
        return  # the paper's own year is itself in doubt
    yield from (Check("year", CheckStatus.OK, f"“{q.text}”写的是本年度 {own}", f"{own}年", f"{own}年", quotes=(q,)) for q in right)
    for year, quote in wrong:
        detail = f"“{quote.text}”写的是 {year} 年，本材料是 {own} 年度的{book.identity.kind.value}。"
        yield Check("year", CheckStatus.BROKEN, detail, f"{own}年", f"{year}年", quotes=(quote, right[0]))


def _titles(book: Book) -> Iterator[tuple[int, Quote]]:
    """(year, where) of every heading and table title that names the paper's kind with a year."""
    kind = book.identity.kind
    if kind not in _OWN_NAME:
        return
    tables = {squeeze(t.title) for t in book.tables if t.title}
    for block in book.blocks:
        text = block.text.strip(" |#*")
        title = _TITLE.search(squeeze(text)) if block.kind is not BlockKind.BREAK and len(text) <= _LONGEST_TITLE else None
        if title is None or not (block.level or numbering(text) or squeeze(text) in tables):
            continue
        if _OWN_NAME[kind].search(title["rest"]) and not _ABOUT_ANOTHER[kind].search(title["rest"]):
            yield int(title["year"]), Quote(text, block.place)


def years_of_tables(book: Book) -> Iterable[Check]:
    """A table of the accounts whose columns or rows name years has the paper's own year among them."""
    own = book.identity.year
    for table in book.tables:
        form = form_named(table.form)
        if form is None or form.reader != "grid" or own is None:
            continue
        printed = {y for path in table.columns.values() for y in _YEAR.findall("".join(path))}
        printed |= {y for c in table.cells if c.role == "year" for y in _YEAR.findall(squeeze(c.text))}
        if not printed:
            continue
        good = str(own) in printed
        named = "、".join(sorted(printed))
        detail = f"{table.label}列的是 {named} 年，{'含' if good else '没有'}本年度 {own} 年{'' if good else '的数'}。"
        yield Check("year", CheckStatus.OK if good else CheckStatus.BROKEN, detail, f"{own}年", f"{named}年", tuple(book.of_table[table.index][:1]))


def years_of_changes(book: Book) -> Iterable[Check]:
    """A change in a sentence is against another year than the one it speaks of (“2021年预算…，比2021年减少”)."""
    for i in book.stated:
        fact = book.facts[i]
        base = _YEAR.search(heading_of(fact)) if fact.measure is Measure.CHANGE else None
        if base is None or fact.year is None:
            continue
        good = int(base[1]) < fact.year
        detail = f"“{fact.rows[0]}”{fact.year}年{heading_of(fact)} {fact.amount.printed}{'' if good else '：与自身的年度相比，年份有误。'}"
        yield Check("year", CheckStatus.OK if good else CheckStatus.BROKEN, detail, f"{fact.year - 1}年", base[0], (i,))
