"""Rows as a file that office programs open: CSV (with the mark by which Excel knows UTF-8) or a workbook. The only file of `web` that imports openpyxl."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

FORMATS = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
_NUMBER = re.compile(r"-?(?:\d{1,3}(?:,\d{3})+|\d{1,15})(?:\.\d{1,10})?")
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # a workbook cannot hold these


def sheet(rows: Sequence[Sequence[str]], title: str, kind: str) -> bytes:
    """The rows as a file of this kind (csv or xlsx)."""
    return _csv(rows) if kind == "csv" else _workbook(rows, title)


def _csv(rows: Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([_harmless(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _harmless(text: str) -> str:
    # Excel computes what begins like a formula, and a paper's or question's words must not become one
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") and not _NUMBER.fullmatch(text) else text


def _workbook(rows: Sequence[Sequence[str]], title: str) -> bytes:
    import openpyxl  # only when somebody asks for one

    book = openpyxl.Workbook()
    page = book.active
    page.title = re.sub(r"[\\/*?:\[\]]", " ", _NO_TEXT.sub("", title)).strip(" '")[:31] or "数据"
    for r, row in enumerate(rows, 1):
        for c, text in enumerate(row, 1):
            cell = page.cell(r, c)
            if _NUMBER.fullmatch(text):
                plain = text.replace(",", "")
                # codes with leading zeros, and what a floating-point number cannot hold, stay text
                exact = not re.match(r"-?0\d", plain) and len(plain.replace(".", "").lstrip("-")) <= 15
                cell.value = (float(plain) if "." in plain else int(plain)) if exact else text
            else:
                cell.value = _NO_TEXT.sub("", text)
                cell.data_type = "s"
    for c in range(1, max(map(len, rows), default=0) + 1):
        widest = max((sum(1 + (mark > "\u2e80") for mark in row[c - 1]) for row in rows if len(row) >= c), default=8)
        page.column_dimensions[page.cell(1, c).column_letter].width = min(max(widest + 2, 8), 60)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
