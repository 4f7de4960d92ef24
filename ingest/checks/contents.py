"""The tables against the list of tables (目录, 附表), and tables without figures against what the paper says of them.

A paper lists its tables; each must be there, once, in that order and under that name. A table that holds no figure must still be shown, with a
sentence that says so (地方预决算公开操作规程, 财预〔2016〕143号: 没有数据的表格应当列出空表并说明).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ingest.checks.book import Book
from ingest.forms import form_named, recognise
from ingest.numbering import ends_sentence, full_width, ordinal_value, width
from ingest.records import BlockKind, Check, CheckStatus, Place, Quote, Table
from ingest.wording import key, squeeze

_ENTRY = re.compile(
    r"^[-*\s]*(?:附?表\s*)?[（(]?(?P<number>\d{1,2}|[一二三四五六七八九十]{1,3})[)）]?\s*[、.．:：|\s]\s*(?P<title>[^\d|]?[^|]*?)\s*$"
)
_LEADERS = re.compile(r"[.．·…⋯]{3,}\s*\d*\s*$")
_TABLE = re.compile(r"表(?:[（(][^（()）]*[)）])?$")
_YEAR = re.compile(r"^(?:19|20)\d\d年?度?")
_LISTED = re.compile(r"附?表\d{1,2}\|")
_SHORTEST_LIST = 4  # entries; what is shorter is a mention of some tables
_LONGEST_ENTRY = 60
_NOTHING = r"(?:没有|并无|无|未安排|未发生|不涉及|不存在)"
_HERE = re.compile(rf"空表|无数据|无发生额|{_NOTHING}.{{0,30}}(?:支出|收支|收入|拨款|情况|数据|经费)")
_ALL_EMPTY = re.compile(r"空表表示|如无数字则表示|表为空的?[,，]?(?:表示|即)")


@dataclass(frozen=True, slots=True)
class _Entry:
    """One line of the list of tables."""

    title: str
    quote: Quote


def contents(book: Book) -> Iterable[Check]:
    """Every table that the list names: found, under that name, in that order; no table of the accounts twice."""
    entries = _listed(book)
    titles = [_name(t.title) for t in book.tables]
    found: dict[int, int] = {}  # entry -> table
    for e, entry in enumerate(entries):
        at = next((i for i, title in enumerate(titles) if title == _name(entry.title) and i not in found.values()), None)
        if at is not None:
            found[e] = at
    renamed = dict(_renamed(book, entries, found))
    # A file that holds few of the tables it lists is one part of a paper published in several.
    whole = (len(found) + len(renamed)) * 2 >= len(entries)
    for e, entry in enumerate(entries):
        if e in found:
            yield _listed_check(book, CheckStatus.OK, f"目录“{entry.title}”：表在文中，名称一致", entry, book.tables[found[e]])
        elif e in renamed:
            table = book.tables[renamed[e]]
            yield _listed_check(book, CheckStatus.BROKEN, f"目录作“{entry.title}”，表名作“{table.title}”，两者不一致。", entry, table)
        elif _printed_elsewhere(book, entry):
            continue  # its title stands there; what is below it was no table to the reader
        elif whole:
            yield _listed_check(book, CheckStatus.BROKEN, f"目录列有“{entry.title}”，文中没有这张表。", entry)
        else:
            yield _listed_check(book, CheckStatus.NOT_CHECKABLE, f"目录列有“{entry.title}”，这份文件不含报表部分，无法核对。", entry)
    yield from _order(book, entries, found | renamed)
    yield from _doubled(book)


def _listed_check(book: Book, status: CheckStatus, detail: str, entry: _Entry, table: Table | None = None) -> Check:
    quotes = (entry.quote,) if table is None else (entry.quote, _title_of(book, table))
    return Check("contents", status, detail, entry.title, table.title if table else "", quotes=quotes)


def _title_of(book: Book, table: Table) -> Quote:
    """The line with a table's title: the last one of that name before the table ends; where there is none, its first row."""

    def place(at: Place) -> tuple[int, int]:
        return at.page or 0, at.line_end or 0

    name = squeeze(table.title)
    found = [b for b in book.blocks if name and squeeze(b.text.strip(" |")).endswith(name) and place(b.place) <= place(table.place)]
    return Quote(found[-1].text.strip(" |"), found[-1].place) if found else Quote(next(iter(table.quotes), table.label), table.place)


def _name(title: str) -> str:
    """A table's name for comparison: without its number, the year before it, and marks of a page that goes on."""
    return _YEAR.sub("", re.sub(r"\(续表?\)$", "", key(title)))


def _listed(book: Book) -> list[_Entry]:
    """The paper's list of tables: the first run of lines numbered one by one that name tables; a name may be broken over two lines or a page's end."""
    entries: list[_Entry] = []
    broken: _Entry | None = None
    for block in book.blocks:
        text = _LEADERS.sub("", re.sub(r"\s*\|\s*", " | ", block.text)).strip()
        if block.kind is BlockKind.BREAK or re.fullmatch(r"[-—\s\d]*", text):
            continue
        matched = _ENTRY.match(" ".join(text.split(" | ")[:2])) if len(text) <= _LONGEST_ENTRY else None
        next_one = matched is not None and ordinal_value(matched["number"]) == len(entries) + 1 and broken is None
        quote = Quote(block.text.strip(), block.place)
        if matched and next_one and _TABLE.search(squeeze(matched["title"])):
            entries.append(_Entry(matched["title"], quote))
        elif broken and _TABLE.search(squeeze(text)):
            entries.append(_Entry(broken.title + text, broken.quote))
            broken = None
        elif matched and next_one and entries:
            broken = _Entry(matched["title"], quote)
        elif len(entries) >= _SHORTEST_LIST:
            break
        else:
            first = matched and ordinal_value(matched["number"]) == 1 and _TABLE.search(squeeze(matched["title"]))
            entries, broken = [_Entry(matched["title"], quote)] if matched and first else [], None
    return entries if len(entries) >= _SHORTEST_LIST else []


def _renamed(book: Book, entries: Sequence[_Entry], found: dict[int, int]) -> Iterator[tuple[int, int]]:
    """(entry, table) of one and the same form under two names, where the paper has but one of that form."""
    left = [e for e in range(len(entries)) if e not in found]
    for e in left:
        form = recognise(entries[e].title)
        if form is None or _printed_elsewhere(book, entries[e]) or sum(recognise(entries[o].title) is form for o in range(len(entries))) > 1:
            continue
        same = [i for i, t in enumerate(book.tables) if t.form == form.key and t.title and i not in found.values()]
        if same and len({_name(book.tables[i].title) for i in same}) == 1:
            yield e, same[0]


def _printed_elsewhere(book: Book, entry: _Entry) -> bool:
    name = _name(entry.title)
    lines = (b for b in book.blocks if b.kind is not BlockKind.BREAK and b.text.strip() != entry.quote.text)
    return any(_name(_LEADERS.sub("", b.text.strip(" |"))) == name for b in lines)


def _order(book: Book, entries: Sequence[_Entry], tables: dict[int, int]) -> Iterable[Check]:
    """The tables stand in the order of the list."""
    ordered = sorted(tables.items())
    for (first, above), (second, below) in pairwise(ordered):
        if below < above:
            detail = f"目录中“{entries[first].title}”在“{entries[second].title}”之前，文中次序相反。"
            quotes = (entries[first].quote, entries[second].quote, _title_of(book, book.tables[above]), _title_of(book, book.tables[below]))
            yield Check("contents", CheckStatus.BROKEN, detail, quotes=quotes)


def _doubled(book: Book) -> Iterable[Check]:
    """A table of the accounts printed twice: one name, one year, and the same rows. Forms of projects have one name by nature."""
    seen: dict[tuple[str, str], tuple[Table, frozenset[tuple[str, ...]]]] = {}
    for table in book.tables:
        form = form_named(table.form)
        if form is None or form.reader != "grid" or not table.title:
            continue
        rows = frozenset(book.facts[i].rows for i in book.of_table[table.index] if book.printed(i))
        name = (table.form, squeeze(table.title))
        if name in seen and rows and rows == seen[name][1]:
            detail = f"“{table.title}”在文中出现两次。"
            yield Check("contents", CheckStatus.BROKEN, detail, quotes=(_title_of(book, seen[name][0]), _title_of(book, table)))
        seen.setdefault(name, (table, rows))


# -- tables without figures


def empty_tables(book: Book) -> Iterable[Check]:
    """A table of the accounts without any figure but 0 has a sentence that says there is none; a table with figures has no such sentence."""
    sentences = list(_sentences(book))
    prose = any(s.text.endswith("。") for s in sentences)
    for table in book.tables:
        form = form_named(table.form)
        if form is None or form.reader != "grid" or not (form.subject or table.empty):
            continue
        said = _said(table, form.subject, sentences)
        if any(book.value(i) for i in book.of_table[table.index]):
            if said is not None and said.text in table.notes:
                yield Check("empty", CheckStatus.BROKEN, f"{table.label}列有金额，表下却说明没有。", quotes=(_title_of(book, table), said))
        elif said is not None:
            yield Check("empty", CheckStatus.OK, f"{table.label}没有金额，文中有说明。", quotes=(_title_of(book, table), said))
        elif table.empty and not prose:
            yield Check(
                "empty", CheckStatus.NOT_CHECKABLE, f"{table.label}是空表，这份文件没有文字部分，无法核对是否说明。", quotes=(_title_of(book, table),)
            )
        elif table.empty:
            yield Check("empty", CheckStatus.BROKEN, f"{table.label}是空表，文中没有说明。", quotes=(_title_of(book, table),))


def _said(table: Table, subject: str, sentences: Sequence[Quote]) -> Quote | None:
    """The sentence that says of a table that there is nothing to show: below it, or anywhere by its subject."""
    own = next((n for n in table.notes if _HERE.search(squeeze(n)) or _ALL_EMPTY.search(squeeze(n))), None)
    if own is not None:
        return Quote(own, table.place)
    about = rf"{_NOTHING}[^，,。；;]{{0,40}}{subject}|{subject}[^。；;]{{0,30}}?(?:为0(?![.\d]*[1-9])|为空|没有|不涉及|(?<![\d.,])0(?:\.0+)?万?元)"
    pattern = re.compile(f"{about}|空表表示" if subject else "空表表示")
    return next((s for s in sentences if pattern.search(squeeze(s.text))), None)


def _sentences(book: Book) -> Iterator[Quote]:
    """The paper's prose, sentences over broken lines put together, and what its list of tables remarks on one of them (是否空表)."""
    full = full_width(book.blocks)
    text, start = "", None
    for block in book.blocks:
        if block.kind is BlockKind.ROW and _LISTED.match(squeeze(block.text)):
            yield Quote(block.text, block.place)
        if block.kind is BlockKind.ROW and start is not None:
            yield Quote(text, start)
            text, start = "", None
        if block.kind is not BlockKind.LINE:
            continue
        start = start.to(block.place) if start else block.place
        text += block.text.strip()
        if full is None or width(block.text) < full * 0.8 or ends_sentence(text):
            yield Quote(text, start)
            text, start = "", None
