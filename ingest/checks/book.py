"""The paper's facts as the families of checks look at them: by table, by sentence, by name."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal

from ingest.amounts import AmountState
from ingest.records import Block, Fact, FactKind, Identity, Measure, Scope, Side, Table
from ingest.wording import key, squeeze


class Book:
    """The paper's facts with the indexes that the families need."""

    def __init__(self, blocks: Sequence[Block], tables: Sequence[Table], facts: Sequence[Fact], identity: Identity) -> None:
        self.blocks = blocks
        self.tables = tables
        self.facts = facts
        self.identity = identity
        self.of_table: dict[int, list[int]] = defaultdict(list)
        self.stated: list[int] = []
        for i, fact in enumerate(facts):
            if fact.kind is FactKind.TABLE and fact.table is not None:
                self.of_table[fact.table].append(i)
            elif fact.kind is FactKind.STATED:
                self.stated.append(i)

    def value(self, i: int) -> Decimal | None:
        """The figure; a blank or dash counts as 0, words as nothing."""
        amount = self.facts[i].amount
        if amount.value is not None:
            return amount.value
        return Decimal(0) if amount.state in {AmountState.BLANK, AmountState.DASH} else None

    def printed(self, i: int) -> bool:
        return self.facts[i].amount.value is not None

    def form(self, *names: str) -> Iterator[Table]:
        return (t for t in self.tables if t.form in names)

    def name(self, i: int) -> str:
        """How a fact is named in a check's words: table, row, column."""
        fact = self.facts[i]
        table = self.tables[fact.table].label if fact.table is not None else "文字"
        row = fact.rows[-1] if fact.rows else ""
        column = "·".join(fact.columns)
        return f"{table}“{row}”{column}"


def heading_of(fact: Fact, at: int = -1) -> str:
    """The last (or first) heading over a fact; a figure may have none."""
    return fact.columns[at] if fact.columns else ""


def groups(book: Book, table: Table) -> Iterator[dict[tuple[str, ...], list[int]]]:
    """For each organisation, year, side and column of a table: its facts by row path."""
    groups: dict[tuple[object, ...], dict[tuple[str, ...], list[int]]] = {}
    for i in book.of_table[table.index]:
        fact = book.facts[i]
        if fact.measure is Measure.AMOUNT:
            place = groups.setdefault((fact.organisation, fact.year, fact.side, fact.column), {})
            place.setdefault(fact.rows, []).append(i)
    yield from groups.values()


def figure_named(book: Book, table: Table, row: str, column: str = "", *, side: Side | None = None, scope: Scope | None = None) -> int | None:
    """The fact of a table under a row's and a column's name (comparison forms; `column` may be a pattern), or None."""
    for i in book.of_table[table.index]:
        fact = book.facts[i]
        if (side and fact.side is not side) or (scope and fact.scope is not scope):
            continue
        if re.fullmatch(row, key(fact.rows[-1])) and (not column or re.search(column, squeeze("".join(fact.columns)))):
            return i
    return None


def own_figure(book: Book, table: Table, column: str) -> int | None:
    """The department's own row (or 合计) of a table in the column that matches."""
    candidates = [
        i
        for i in book.of_table[table.index]
        if re.search(column, squeeze("·".join(book.facts[i].columns))) and len(book.facts[i].rows) == 1 and book.facts[i].year == book.identity.year
    ]
    rows = [
        i for i in candidates if book.facts[i].rows[0] == book.facts[i].organisation and book.facts[i].scope in {Scope.TOTAL, book.identity.scope}
    ]
    total = [i for i in candidates if key(book.facts[i].rows[0]) in {"合计", "总计"}]
    return next(iter(rows or total), None)


def by_sentence(book: Book) -> dict[str, list[int]]:
    sentences: dict[str, list[int]] = defaultdict(list)
    for i in book.stated:
        sentences[book.facts[i].quote].append(i)
    return sentences


def several_units(book: Book) -> bool:
    return any(f.scope is Scope.SUBUNIT for i in book.of_table.values() for f in (book.facts[j] for j in i))
