"""The text papers' tables written as Word, web page and workbook and read back: the same figures with the same meaning."""

import html
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import docx
import openpyxl
import pytest

from ingest.facts import read_facts
from ingest.identity import identify
from ingest.loaders import load
from ingest.outline import outline
from ingest.records import Block, BlockKind
from ingest.tables import find_tables
from tests.ingest.papers import needs_papers, shared, whole


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


def figures(path: Path) -> Counter[str]:
    blocks = load(path).blocks
    identity = identify(blocks)
    tables, _, _ = find_tables(blocks, outline(blocks), identity)
    return Counter(f"{f.organisation}\t{whole(f)}" for f in read_facts(tables, identity)[0])


# The forms of two papers have cells that a page cut into loose lines; a workbook keeps no page, so what they belong to is lost there.
EXACT = [
    ("2019_深圳市扶贫", ".docx"),
    ("2019_深圳市扶贫", ".html"),
    ("2019_深圳市扶贫", ".xlsx"),
    ("2021_深圳市扶贫", ".docx"),
    ("2021_深圳市扶贫", ".html"),
    ("2021_福田区", ".docx"),
    ("2021_福田区", ".html"),
    ("2024_深汕", ".docx"),
    ("2024_深汕", ".html"),
    ("2024_深汕", ".xlsx"),
]
NEARLY = [("2017_深圳市人民政府", ".docx"), ("2017_深圳市人民政府", ".xlsx"), ("2021_深圳市扶贫", ".xlsx"), ("2021_福田区", ".xlsx")]


@needs_papers
@pytest.mark.parametrize(("paper", "suffix"), EXACT)
def test_the_same_facts(paper: str, suffix: str, tmp_path: Path) -> None:
    source, copy = shared(paper), tmp_path / f"copy{suffix}"
    write(pieces(load(source).blocks), copy)
    printed, read = figures(source), figures(copy)
    assert printed - read == Counter()
    assert read - printed == Counter()


@needs_papers
@pytest.mark.parametrize(("paper", "suffix"), NEARLY)
def test_all_but_some_cells_of_forms(paper: str, suffix: str, tmp_path: Path) -> None:
    source, copy = shared(paper), tmp_path / f"copy{suffix}"
    write(pieces(load(source).blocks), copy)
    printed, read = figures(source), figures(copy)
    assert (printed - read).total() <= printed.total() * 6 // 100
    assert (read - printed).total() <= printed.total() * 4 // 100
