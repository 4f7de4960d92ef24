"""The text papers' tables written as Word, web page and workbook and read back: the same figures with the same meaning."""

import html
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import docx
import openpyxl
import pytest

from ingest.amounts import AmountState
from ingest.facts import read_facts
from ingest.identity import identify
from ingest.loaders import load
from ingest.outline import outline
from ingest.records import Block, BlockKind, Fact, FactKind
from ingest.tables import find_tables
from ingest.wording import squeeze
from tests.ingest.made_papers import Cell, Printed
from tests.ingest.made_pdf import Pages
from tests.ingest.papers import needs_papers, shared, whole
from tests.ingest.writers import pdf_table


def pieces(blocks: Sequence[Block]) -> list[str | list[list[str]]]:
    """Paragraphs and tables in order; a page's end cuts a table in two, as converters write it."""
    found: list[str | list[list[str]]] = []
    open_table = False
    for block in blocks:
        if block.kind is BlockKind.ROW:
            if not open_table:
                found.append([])
            found[-1].append([c.text for c in block.cells])
        elif block.kind is BlockKind.LINE:
            found.append(block.text)
        open_table = block.kind is BlockKind.ROW
    return found


def write(parts: list[str | list[list[str]]], path: Path) -> None:
    if path.suffix == ".docx":
        document = docx.Document()
        for part in parts:
            if isinstance(part, str):
                document.add_paragraph(part)
                continue
            table = document.add_table(rows=len(part), cols=max(map(len, part)))
            for row, texts in zip(table.rows, part, strict=True):
                for cell, text in zip(row.cells, texts, strict=False):
                    cell.text = text
        document.save(path)
    elif path.suffix == ".xls":
        write_old(parts, path)
    elif path.suffix == ".pdf":
        write_ruled(parts, path)
    elif path.suffix == ".html":
        rows = ("".join(f"<td>{html.escape(t)}</td>" for t in row) for part in parts if not isinstance(part, str) for row in part)
        body = []
        for part in parts:
            body.append(
                f"<p>{html.escape(part)}</p>" if isinstance(part, str) else f"<table>{''.join(f'<tr>{next(rows)}</tr>' for _ in part)}</table>"
            )
        path.write_text("<html><head><meta charset='utf-8'></head><body>" + "\n".join(body) + "</body></html>", "utf-8")
    else:
        book = openpyxl.Workbook()
        sheet, at = book.active, 1
        for part in parts:
            for texts in [[part]] if isinstance(part, str) else part:
                for column, text in enumerate(texts, 1):
                    if text:
                        sheet.cell(at, column, text).data_type = "s"
                at += 1
            at += 1
        book.save(path)


def write_old(parts: list[str | list[list[str]]], path: Path) -> None:
    xlwt = pytest.importorskip("xlwt")
    book, at = xlwt.Workbook(encoding="utf-8"), 0
    sheet = book.add_sheet("表")
    for part in parts:
        for texts in [[part]] if isinstance(part, str) else part:
            for column, text in enumerate(texts):
                if text:
                    sheet.write(at, column, text)
            at += 1
        at += 1
    book.save(str(path))


def write_ruled(parts: list[str | list[list[str]]], path: Path) -> None:
    """The tests' font has no ². Large pages, so that the longest cell fits on one; every paragraph is one line or, where it is longer than the page, wrapped."""
    pages, y = Pages(1684, 1191), 60.0
    frame = (50.0, 1634.0, 60.0, 1130.0)
    for part in parts:
        if isinstance(part, str):
            for line in [part[n : n + 150] for n in range(0, len(part), 150)]:
                if y > 1120:
                    pages.new()
                    y = 60.0
                pages.text(50, y, line, 10)
                y += 18
            y += 8
            continue
        wide = max(map(len, part))
        rows = [[Cell(text.replace("²", "2")) for text in row + [""] * (wide - len(row))] for row in part]
        y = pdf_table(pages, Printed("", "", "", "", "", [], rows), y + 4, frame, ruled=True, repeated=False) + 16
        if y > 1000:
            pages.new()
            y = 60.0
    pages.save(path)


def facts(path: Path) -> tuple[Fact, ...]:
    blocks = load(path).blocks
    identity = identify(blocks)
    return read_facts(find_tables(blocks, outline(blocks), identity)[0], identity)[0]


def figures(path: Path) -> Counter[str]:
    return Counter(f"{f.organisation}\t{whole(f)}" for f in facts(path))


def numbers(path: Path) -> Counter[str]:
    """The figures of cells, without regard to blanks: where a line of a cell ends, a page does not tell whether one stood there."""
    read = (f for f in facts(path) if f.amount.state is AmountState.NUMBER and f.kind is not FactKind.MENTIONED)
    return Counter(squeeze(f"{f.organisation}\t{whole(f)}") for f in read)


PAPERS = ["2017_深圳市人民政府", "2019_深圳市扶贫", "2021_深圳市扶贫", "2021_福田区", "2024_深汕"]
RULED = ["2021_深圳市扶贫", "2021_福田区", "2024_深汕", "2017_深圳市人民政府"]  # the fifth prints no cells to rule


@needs_papers
@pytest.mark.parametrize("suffix", [".docx", ".html", ".xlsx", ".xls"])
@pytest.mark.parametrize("paper", PAPERS)
def test_the_same_facts(paper: str, suffix: str, tmp_path: Path) -> None:
    source, copy = shared(paper), tmp_path / f"copy{suffix}"
    write(pieces(load(source).blocks), copy)
    printed, read = figures(source), figures(copy)
    assert printed - read == Counter()
    assert read - printed == Counter()


@needs_papers
@pytest.mark.parametrize("paper", RULED)
def test_the_same_figures_on_ruled_pages(paper: str, tmp_path: Path) -> None:
    source, copy = shared(paper), tmp_path / "copy.pdf"
    write(pieces(load(source).blocks), copy)
    printed, read = numbers(source), numbers(copy)
    assert printed.total() > 150
    assert printed - read == Counter()
    assert read - printed == Counter()
