"""Real papers as published: rows written down by eye from the rendered pages."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pypdfium2
import pytest

from ingest.loaders import load
from ingest.records import BlockKind, Loaded

PUBLISHED = Path(__file__).resolve().parents[4] / "shared" / "documents" / "published"

pytestmark = [pytest.mark.shared, pytest.mark.skipif(not PUBLISHED.is_dir(), reason="../shared/documents is not here")]


@cache
def paper(start: str) -> Loaded:
    return load(next(p for p in sorted(PUBLISHED.iterdir()) if p.name.startswith(start)))


@pytest.mark.parametrize(
    "start, page, row",
    [
        ("bj2026_市审计局_预算报表", 9, "244.848000 | 173.520000 | 6.000000 | 65.328000 | 37.380000 | 27.948000"),
        ("changsha2026", 20, "合计 | 8.00 | 3.00 |  | 5.00 |  | 5.00"),
        ("cq2026", 23, "890.97 | 552.00 | 217.90 |  | 217.90 | 121.07"),
        ("cq2026", 8, "五、事业收入资金 | 2,461.25 | 五、资源勘探工业信息等支出 | 41,772.73"),
        ("foshan2019", 21, "0.00 | 0.00 | 0.00 | 0.00 | 0.00 | 0.00 | 0.16 | 0.00 | 0.00 | 0.00 | 0.00 | 0.16"),
        ("hangzhou2026", 21, "合计 | 24.02 |  | 18.00 |  | 18.00 | 6.02"),
        ("js_", 20, "2,542.60 | 833.60 | 222.50 | 183.60 | 0 | 183.60 | 427.50 | 1,305.25 | 403.75"),
        ("sh2026", 19, "237.92 | 201.80 | 8.12 | 28.00 |  | 28.00 | 2,180.26"),
        ("suzhou2026", 18, "10.00 | 0.00 | 0.00 | 0.00 | 0.00 | 10.00 | 10.00 | 43.00"),
        ("swu_", 14, "类 | 款 | 项 | 合计 | 237,100.00 | 199,015.13 | 38,084.87 | 6,894.90"),
        ("xian2026", 42, " | 代管事务经办 |  | 负责西联善后办等代管事务的经费管理，确保代管工作规范推进。 | 103.5 | 103.5 |  | "),
        ("yantai2026", 8, " |  | 01 | 行政运行 | 503.24 | 501.24 | 501.24 |  |  |  |  |  | 2.00 |  |  |  | "),
    ],
)
def test_rows_as_printed(start, page, row):
    assert row in [b.text for b in paper(start).blocks if b.kind is BlockKind.ROW and b.place.page == page]


@pytest.mark.parametrize("start", ["bj2026_市审计局_预算报表", "cq2026", "foshan2019", "hangzhou2026", "sh2026", "swu_", "yantai2026"])
def test_rows_of_a_grid_have_aligned_columns(start):
    columns: dict[int, set[int]] = {}
    for block in paper(start).blocks:
        if block.kind is BlockKind.ROW:
            columns.setdefault(block.grid, set()).add(len(block.cells))
    assert columns and all(len(counts) == 1 for counts in columns.values())


def test_the_scan_is_read_and_says_so(tmp_path):
    whole = pypdfium2.PdfDocument(next(p for p in PUBLISHED.iterdir() if p.name.startswith("bj2026_市政务和数据局")))
    page = pypdfium2.PdfDocument.new()
    page.import_pages(whole, [4])  # one page of it: recognition takes a second or more
    page.save(tmp_path / "scan")
    scan = load(tmp_path / "scan")
    assert any("2026年度收入预算101,673.03万元" in b.text for b in scan.blocks)
    assert all(b.ocr for b in scan.blocks if b.text)
    assert scan.problems[0].detail.startswith("第 1 页是图片（扫描件）")
