"""Tables as files: what office programs open, with nothing in them that computes or loses a digit."""

from __future__ import annotations

import io
from pathlib import Path
from urllib.parse import quote

import openpyxl
import pytest
from fastapi.testclient import TestClient

from tests.web.sample import HEADER, PAPER, ROWS
from web.sheet import sheet

HARMFUL = ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3", "\t=1", '=HYPERLINK("http://evil.example")']


def cells(data: bytes) -> list[list[object]]:
    return [[cell.value for cell in row] for row in openpyxl.load_workbook(io.BytesIO(data)).active.iter_rows()]


def test_figures_are_numbers_and_all_else_is_text() -> None:
    row = ["1,234.50", "-9", "0.00", "2080101", "0301", "440304230000000101", "—", "≥95", "12%", "第1季度\x07"]
    assert cells(sheet([row], "表", "xlsx")) == [[1234.5, -9, 0, 2080101, "0301", "440304230000000101", "—", "≥95", "12%", "第1季度"]]
    assert sheet([row[:4]], "表", "csv") == '\ufeff"1,234.50",-9,0.00,2080101\r\n'.encode()


@pytest.mark.parametrize("text", HARMFUL)
def test_nothing_becomes_a_formula(text: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(sheet([[text]], "[表]*?/\\:" * 9, "xlsx")))
    assert book.active.cell(1, 1).data_type != "f" and len(book.active.title) <= 31
    assert sheet([[text]], "", "csv").decode("utf-8-sig").lstrip('"').startswith("'")


def test_a_table_of_a_paper(client: TestClient) -> None:
    for kind in ("csv", "xlsx"):
        reply = client.get(f"/api/documents/{PAPER}/tables/0/file?format={kind}")
        name = quote("表12 一般公共预算“三公”经费支出表", safe="")
        assert reply.headers["content-disposition"] == f"attachment; filename*=UTF-8''{name}.{kind}"
    assert cells(reply.content)[0] == list(HEADER) and [str(cell) for cell in cells(reply.content)[2]] == list(ROWS[1])
    assert client.get(f"/api/documents/{PAPER}/tables/9/file").status_code == 404
    assert client.get(f"/api/documents/{PAPER}/tables/0/file?format=exe").status_code == 422


def test_rows_of_the_page(client: TestClient, tmp_path: Path) -> None:
    body = {"title": "a/b\r\nx: “查询”", "format": "csv", "rows": [["项目", "数值"], ["电话13812345678", "9"]]}
    reply = client.post("/api/export", json=body)
    assert reply.content.decode("utf-8-sig") == "项目,数值\r\n电话138****5678,9\r\n"
    assert reply.headers["content-disposition"] == f"attachment; filename*=UTF-8''{quote('a b  x  “查询”', safe='')}.csv"
    assert client.post("/api/export", json={**body, "rows": []}).status_code == 200
    for wrong in ({"format": "pdf"}, {"rows": [["x"] * 101]}, {"rows": [["x"]] * 5001}, {"rows": [["x" * 2001]]}, {"rows": "x"}):
        assert client.post("/api/export", json={**body, **wrong}).status_code == 422
