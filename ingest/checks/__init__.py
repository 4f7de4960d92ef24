"""The accounts' own arithmetic (勾稽关系) evaluated on one paper: which identities hold, which the paper breaks, which cannot be tried."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ingest.checks.across import across_tables, projects, subjects_of_units
from ingest.checks.book import Book
from ingest.checks.calculations import calculations
from ingest.checks.contents import contents, empty_tables
from ingest.checks.layout import doubled_sentences, numbering, placeholders
from ingest.checks.sentences import changes, items_of_a_list, parts_in_sentences, rates, reasons, shares, whole_shares
from ingest.checks.stated import stated_against_tables, stated_classes
from ingest.checks.targets import forms, funding, indicators, scores
from ingest.checks.within import balance, row_levels, staff_and_office, sums_along_rows, totals_of_columns, units_of_a_department
from ingest.checks.years import years_of_changes, years_of_tables, years_of_titles
from ingest.records import Block, Check, Fact, Identity, Table


def check(blocks: Sequence[Block], tables: Sequence[Table], facts: Sequence[Fact], identity: Identity) -> tuple[Check, ...]:
    """Every identity that the paper's figures allow, family by family."""
    book = Book(blocks, tables, facts, identity)
    families: tuple[Callable[[Book], Iterable[Check]], ...] = (
        sums_along_rows,
        row_levels,
        totals_of_columns,
        units_of_a_department,
        balance,
        staff_and_office,
        across_tables,
        subjects_of_units,
        projects,
        funding,
        scores,
        forms,
        indicators,
        stated_against_tables,
        stated_classes,
        changes,
        rates,
        shares,
        parts_in_sentences,
        items_of_a_list,
        numbering,
        placeholders,
        whole_shares,
        reasons,
        contents,
        empty_tables,
        years_of_titles,
        years_of_tables,
        years_of_changes,
        doubled_sentences,
        calculations,
    )
    return tuple(c for family in families for c in family(book))
