"""The papers as readers see them: list, outline, source around a line or page, tables cell by cell, checks. Reads only;
phone and identity numbers are masked.

Every call opens the generation in force, so an ingest that finishes between two calls shows at once and no connection is shared by threads.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from ingest import generations
from ingest.loaders import lines_of as block_lines
from ingest.loaders import load_guarded
from ingest.loaders.text import decode, lines_of
from ingest.records import Unreadable
from ingest.report import checks_object
from ingest.stores.facts import FactStore
from web import pages
from web.errors import ApiError
from web.privacy import masked

_TEXT = ("txt", "md")  # lines as an editor counts them
_BLOCKS = ("docx", "html", "csv")  # no lines of their own: the n-th paragraph or row is line n
_PLACE = ("line_start", "line_end", "page", "bbox", "sheet", "cell")
_SUMMARY = ("id", "name", "title", "department", "scope", "year", "kind", "format", "lines", "pages", "bytes", "sha256")
_COUNTS = ("tables", "facts", "passages", "checks_held", "checks_broken")
_TABLE = ("index", "number", "title", "unit", "organisation", "section", "notes", "empty", "doubtful", *_PLACE)


class Library:
    """Read access to the index at `index`. Methods raise ApiError 404 for what is not there, 503 while there is no index."""

    def __init__(self, index: Path) -> None:
        self._index = index

    def ready(self) -> bool:
        """Whether there is an index that can be read."""
        try:
            with self._store():
                return True
        except ApiError:
            return False

    def size(self) -> int:
        """The number of papers."""
        with self._store() as store:
            return len(store.inventory())

    def documents(self) -> list[dict[str, Any]]:
        """Every paper with its counts, newest year first."""
        with self._store() as store:
            return [masked({**_pick(row, _SUMMARY), **_pick(row, _COUNTS), "ingested_at": row["ingested_at"]}) for row in store.documents()]

    def document(self, document: str) -> dict[str, Any]:
        """One paper with its outline, its tables (without cells) and what ingest skipped or doubted."""
        with self._store() as store:
            row = _found(store.document(document))
            paper = {
                **_pick(row, _SUMMARY),
                "ingested_at": row["ingested_at"],
                "problems": row["problems"] or [],
                "sections": [_pick(section, ("number", "level", "title", "path", "line_start", "page")) for section in row["sections"]],
                "tables": [_table_head(table) for table in row["tables"]],
            }
            return masked(paper)

    def table(self, document: str, index: int) -> dict[str, Any]:
        """One table with every cell and its place; `columns` gives the column path of each value column."""
        with self._store() as store:
            _found(store.document(document))
            table = store.table(document, index)
            if table is None:
                raise ApiError(404, "table_not_found", "这份文档里没有这张表。")
            columns = {int(column): path for column, path in (table["columns"] or {}).items()}
            cells = [_pick(cell, ("row", "column", "text", "role", *_PLACE)) for cell in table["cells"]]
            return masked({"document": document, **_table_head(table), "columns": columns, "cells": cells})

    def rows(self, document: str, index: int) -> tuple[list[list[str]], str]:
        """One table as rows of cells, as printed, and its name."""
        table = self.table(document, index)
        texts = {(cell["row"], cell["column"]): cell["text"] for cell in table["cells"]}
        width = max((column for _, column in texts), default=-1) + 1
        rows = [[texts.get((row, column), "") for column in range(width)] for row in sorted({row for row, _ in texts})]
        return rows, table["label"]

    def checks(self, document: str | None, status: str | None, offset: int, limit: int) -> dict[str, Any]:
        """The accounts' arithmetic as the contract has it: counts, and `limit` of the `total` checks of that status with the places of
        their figures."""
        with self._store() as store:
            if document is not None:
                _found(store.document(document))
            report = checks_object(store, document, status)
            return masked({**report, "total": len(report["items"]), "items": report["items"][offset : offset + limit]})

    def source(self, document: str, line: int | None = None, end: int | None = None, page: int | None = None, context: int = 12) -> dict[str, Any]:
        """The paper's own text: lines around `line` (to `end`), those marked `hit`; or the text of `page`; and the tables standing there."""
        with self._store() as store:
            paper = _found(store.document(document))
        if page is not None:
            return masked(self._page(paper, page))
        return masked(self._lines(paper, line or 1, end or line or 1, context, marked=line is not None))

    def page_image(self, document: str, page: int, box: tuple[float, float, float, float] | None) -> bytes:
        """A page of a PDF as PNG, with `box` (PDF points from the upper left corner) marked."""
        with self._store() as store:
            paper = _found(store.document(document))
        self._require_page(paper, page)
        return pages.render(self._file(paper), paper["format"], page, box)

    def stamp(self, document: str) -> str:
        """Changes whenever what the index says of this paper may have changed: for ETags."""
        with self._store() as store:
            paper = _found(store.document(document))
            return f"{paper['sha256'][:16]}-{paper['ingested_at']}".replace(":", "").replace("+", "")

    def _lines(self, paper: dict[str, Any], line: int, end: int, context: int, *, marked: bool) -> dict[str, Any]:
        if paper["format"] not in (*_TEXT, *_BLOCKS):
            raise ApiError(422, "no_lines", "这种格式的文档没有行号，请按页码或表格查看。")
        lines = _file_lines(self._file(paper), paper["format"] in _BLOCKS)
        if not 1 <= line <= len(lines) or end < line:
            raise ApiError(404, "line_not_found", f"没有这一行：全文共 {len(lines)} 行。")
        first, last = max(1, line - context), min(len(lines), end + context)
        shown = [{"line": n, "text": lines[n - 1][:20_000], "hit": marked and line <= n <= end} for n in range(first, last + 1)]
        tables = [t for t in paper["tables"] if t["line_start"] and t["line_start"] <= end and (t["line_end"] or t["line_start"]) >= line]
        return {**_origin(paper), "first": first, "last": last, "total": len(lines), "lines": shown, "tables": [_table_head(t) for t in tables]}

    def _page(self, paper: dict[str, Any], page: int) -> dict[str, Any]:
        self._require_page(paper, page)
        lines = [{"line": None, "text": text, "hit": False} for text in self._page_text(paper, page)]
        tables = [_table_head(t) for t in paper["tables"] if t["page"] == page]
        return {**_origin(paper), "page": page, "total": paper["pages"], "lines": lines, "tables": tables}

    def _require_page(self, paper: dict[str, Any], page: int) -> None:
        if paper["format"] not in pages.FORMATS:
            raise ApiError(422, "no_pages", "这种格式的文档没有页码，请按行或表格查看。")
        if not 1 <= page <= (paper["pages"] or 0):
            raise ApiError(404, "page_not_found", f"没有这一页：全文共 {paper['pages']} 页。")

    def _page_text(self, paper: dict[str, Any], page: int) -> list[str]:
        return pages.text_lines(self._file(paper), page) if paper["format"] == "pdf" else []

    def _file(self, paper: dict[str, Any]) -> Path:
        # the name is a hash from our own store, never from the request
        path = generations.original(self._index, paper["sha256"])
        if not path.is_file():
            raise ApiError(404, "file_not_found", "这份文档的原文件不在索引里，请重新入库。")
        return path

    @contextmanager
    def _store(self) -> Iterator[FactStore]:
        try:
            path = generations.current(self._index) / generations.FACTS
        except generations.IndexMissing:
            raise ApiError(503, "no_index", "还没有可用的索引，请先运行 python -m ingest 导入文档。") from None
        store = FactStore.serving(path)
        try:
            yield store
        finally:
            store.close()


@lru_cache(maxsize=8)
def _file_lines(path: Path, blocks: bool) -> list[str]:
    # files are kept under their content's hash and never change, so the path is key enough
    try:
        return block_lines(load_guarded(path)) if blocks else lines_of(decode(path.read_bytes()))
    except Unreadable as error:
        raise ApiError(422, "unreadable", str(error)) from None


def _found(row: dict[str, Any] | None) -> dict[str, Any]:
    if row is None:
        raise ApiError(404, "document_not_found", "没有这份文档，可能已被删除。")
    return row


def _pick(row: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: row[name] for name in names if name in row}


def _table_head(table: dict[str, Any]) -> dict[str, Any]:
    label = f"{table['number']} {table['title']}".strip() or f"第 {table['index'] + 1} 张表"
    return {**_pick(table, _TABLE), "empty": bool(table["empty"]), "label": label}


def _origin(paper: dict[str, Any]) -> dict[str, Any]:
    return {"document": paper["id"], **_pick(paper, ("name", "title", "department", "year", "format"))}
