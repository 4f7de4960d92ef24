"""Pictures of pages: drawn by the tests, rendered, and read back by text recognition (about a second each)."""

from __future__ import annotations

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from ingest.loaders import load, scan

XS = [50, 200, 300, 450, 545]
ROWS = [
    ["项目", "预算数", "项目", "预算数"],
    ["一、财政拨款", "87,628.42", "一、公共服务", "2,697.08"],
    ["二、其他收入", "15.00", "二、教育支出", "122.80"],
    ["合计", "87,643.42", "合计", "2,819.88"],
]
SEEN = ["line 收支预算总表", "line 单位：万元", *(f"row {' | '.join(row)}" for row in ROWS)]


@pytest.fixture
def picture(pages, tmp_path):
    page = pages(595, 300)
    page.text(240, 60, "收支预算总表", 16)
    page.right(545, 90, "单位：万元")
    page.grid(XS, [100, 125, 150, 175, 200])
    page.table(XS, 100, ROWS, height=25, size=11)
    document = pypdfium2.PdfDocument(page.save(tmp_path / "drawn"))
    image = document[0].render(scale=2).to_pil()
    document.close()
    if np.asarray(image).min() > 100 or len(set(np.asarray(image)[120:400].ravel().tolist())) < 3:
        pytest.skip("no Chinese font on this machine to draw a scan with")
    return image


@pytest.mark.parametrize("turn", [0, 1.2, 90, 270])
def test_a_picture_straight_askew_or_on_its_side(picture, texts, tmp_path, turn):
    picture.rotate(turn, expand=turn > 2, fillcolor="white", resample=Image.Resampling.BICUBIC).save(tmp_path / "scan", "PNG")
    loaded = load(tmp_path / "scan")
    assert [t.replace(" :", "：").replace(":", "：") for t in texts(loaded)] == SEEN
    assert all(b.ocr for b in loaded.blocks if b.text)
    assert loaded.problems[0].detail == "这是图片，文字由识别（OCR）得到，数字请以原件为准。"


def test_a_scanned_pdf_page_keeps_its_boxes(picture, texts, tmp_path):
    picture.save(tmp_path / "scan", "PDF", resolution=144)
    loaded = load(tmp_path / "scan")
    assert [t.replace(":", "：") for t in texts(loaded)] == SEEN
    assert loaded.problems[0].detail == "第 1 页是图片（扫描件），改用文字识别（OCR）读取，数字请以原件为准。"
    row = next(b for b in loaded.blocks if b.cells)
    assert row.place.page == 1
    assert all(abs(a - b) < 3 for a, b in zip(row.place.bbox, (50, 100, 545, 125), strict=True))


def test_a_page_of_one_colour_is_not_given_to_text_recognition(monkeypatch):
    monkeypatch.setattr(scan, "_recognised", lambda picture: pytest.fail("recognised"))
    assert scan.picture_blocks(np.full((300, 200, 3), 250, np.uint8), 2.0, 1, 4) == ([], 4)


def test_pages_that_time_ran_out_for_are_named(pages, texts, tmp_path, monkeypatch):
    paper = pages(595, 300)
    paper.unmapped(50, 50, 40)
    for words in ("第二页有字", ""):
        paper.new()
        paper.text(50, 50, words) if words else paper.unmapped(50, 50, 40)
    monkeypatch.setattr(scan, "SECONDS_AT_MOST", -60.0)
    loaded = load(paper.save(tmp_path / "paper"))
    assert texts(loaded) == ["line 第二页有字"]
    assert [p.detail for p in loaded.problems if p.kind == "skipped"] == [
        "第 1、3 页没有读取：文字识别（OCR）已用满 -1 分钟；请把这些页拆成另一个文件再导入。"
    ]
