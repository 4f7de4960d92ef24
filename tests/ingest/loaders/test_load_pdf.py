"""PDF pages, each the smallest that shows a difficulty."""

from __future__ import annotations

import itertools

import pytest

from ingest.loaders import load
from ingest.loaders.pdf import load_pdf
from ingest.records import Block, BlockKind, Place, Unreadable

XS = [50, 200, 300, 450, 545]
YS = [100, 120, 140, 160, 180, 200]
ROWS = [
    ["收入", "", "支出", ""],
    ["项目", "预算数", "项目", "预算数"],
    ["一、财政拨款", "87,628.42", "一、一般公共服务", "2,697.08"],
    ["二、其他收入", "15.00", "二、教育支出", "122.80"],
    ["合计", "87,643.42", "合计", "2,819.88"],
]
AS_ROWS = [f"row {' | '.join(row)}" for row in ROWS]


def captioned(page):
    page.text(240, 60, "收支预算总表", 16)
    page.text(50, 90, "部门：某某局")
    page.right(545, 90, "单位：万元")


CAPTION = ["line 收支预算总表", "line 部门：某某局  单位：万元"]


def drawn_fully(page):
    page.grid(XS, YS)


def not_at_all(page):
    pass


def three_lines(page):
    page.grid(XS, [100, 140, 200], down=False)


def upright_only_in_header(page):
    page.grid(XS, YS, down=False)
    page.grid(XS, [100, 140], across=False)


def no_lines_between_rows(page):
    page.grid(XS, [100, 120, 140, 200])


def a_box_around(page):
    page.grid([50, 545], [100, 200])


def cell_by_cell_with_gaps(page):
    for x0, x1 in itertools.pairwise(XS):
        for y0, y1 in itertools.pairwise(YS):
            page.grid([x0 + 0.5, x1 - 0.5], [y0 + 0.5, y1 - 0.5])


def thin_filled_boxes(page):
    for y in YS:
        page.fill(50, y, 495, 0.7)
    for x in XS:
        page.fill(x, 100, 0.7, 100)


def open_at_the_sides(page):
    page.grid(XS, YS, down=False)
    page.grid(XS[1:-1], YS, across=False)


@pytest.mark.parametrize(
    "rulings",
    [
        drawn_fully,
        not_at_all,
        three_lines,
        upright_only_in_header,
        no_lines_between_rows,
        a_box_around,
        cell_by_cell_with_gaps,
        thin_filled_boxes,
        open_at_the_sides,
    ],
)
def test_one_table_however_it_is_ruled(pages, texts, tmp_path, rulings):
    page = pages()
    captioned(page)
    page.table(XS, 100, ROWS)
    rulings(page)
    assert texts(load(page.save(tmp_path / "paper"))) == CAPTION + AS_ROWS


def test_cells_and_rows_have_their_box_on_the_page(pages, tmp_path):
    page = pages()
    page.table(XS, 100, ROWS)
    page.grid(XS, YS)
    row = [b for b in load(page.save(tmp_path / "paper")).blocks if b.kind is BlockKind.ROW][2]
    assert row.place == Place(page=1, bbox=(50.0, 140.0, 545.0, 160.0))
    assert [c.place.bbox for c in row.cells] == [(x0, 140.0, x1, 160.0) for x0, x1 in itertools.pairwise(XS)]


def test_merged_cells_keep_columns_aligned(pages, tmp_path):
    page = pages()
    page.grid(XS, [100, 140, 160])
    page.pages[-1].clear()
    for y in (100, 160):
        page.line(50, y, 545, y)
    page.line(200, 120, 545, 120)
    page.line(50, 140, 545, 140)
    for x, top in ((50, 100), (200, 100), (300, 120), (450, 120), (545, 100)):
        page.line(x, top, x, 160)
    page.text(100, 125, "项目")
    page.text(350, 115, "本年支出")
    page.table(XS, 120, [["", "合计", "基本支出", "项目支出"]])
    page.table(XS, 140, [["教育", "3.00", "1.00", "2.00"]])
    first, second, third = [b for b in load(page.save(tmp_path / "paper")).blocks if b.kind is BlockKind.ROW]
    assert [(c.text, c.colspan, c.rowspan) for c in first.cells] == [("项目", 1, 2), ("本年支出", 3, 1), ("", 1, 1), ("", 1, 1)]
    assert [c.text for c in second.cells] == ["", "合计", "基本支出", "项目支出"]
    assert [c.text for c in third.cells] == ["教育", "3.00", "1.00", "2.00"]


def test_touching_wrapped_overflowing_and_doubled_texts(pages, texts, tmp_path):
    page = pages()
    page.grid([50, 150, 200, 260, 400], [100, 130, 160, 190, 220])
    page.right(200, 115, "87,628.42")
    page.text(200.5, 115, "一、公共服务")  # the figure fills its cell up to the ruling
    page.text(52, 148, "合计数")
    page.text(152, 140, "1,234,56")  # one figure, broken by its narrow cell
    page.text(152, 152, "7.89")
    page.text(52, 175, "这一段话写得太长了一直伸到旁边的空格里")
    page.text(60, 205, "粗体")
    page.text(60.4, 205, "粗体")  # bold by printing twice
    page.right(258, 202, "100")
    page.right(258, 215, "200")  # two figures, one below the other
    assert texts(load(page.save(tmp_path / "paper"))) == [
        "row  | 87,628.42 | 一、公共服务 | ",
        "row 合计数 | 1,234,567.89 |  | ",
        "row 这一段话写得太长了一直伸到旁边的空格里 |  |  | ",
        "row 粗体 |  | 100 200 | ",
    ]


@pytest.mark.parametrize("matrix, rotate", [("0 1 -1 0", 90), ("0 1 -1 0", 0), ("0 -1 1 0", 0)])
def test_tables_lying_on_their_side(pages, texts, tmp_path, matrix, rotate):
    page = pages(595, 842, rotate)
    up = matrix.startswith("0 1")

    def place(x, y):  # a point of the page as read -> where it lies in the file (from the lower left corner)
        return (y, x) if up else (595 - y, 842 - x)

    def put(x, y, words):
        a, b = place(x, y)
        page.pages[-1].append(f"BT /F1 10 Tf {matrix} {a} {b} Tm <{words.encode('utf-16-be').hex()}> Tj ET")

    def stroke(x0, y0, x1, y1):
        (a, b), (c, d) = place(x0, y0), place(x1, y1)
        page.pages[-1].append(f"0.5 w {a} {b} m {c} {d} l S")

    for r, row in enumerate([["项目", "预算数"], ["基本支出", "1,234.50"], ["项目支出", "99.00"]]):
        put(102, 114 + 20 * r, row[0])
        put(302, 114 + 20 * r, row[1])
    for y in (100, 120, 140, 160):
        stroke(100, y, 500, y)
    for x in (100, 300, 500):
        stroke(x, 100, x, 160)
    loaded = load(page.save(tmp_path / "paper"))
    assert texts(loaded) == ["row 项目 | 预算数", "row 基本支出 | 1,234.50", "row 项目支出 | 99.00"]
    x0, y0, x1, y1 = loaded.blocks[0].place.bbox
    wide = rotate == 90
    assert (x1 - x0 > y1 - y0) == wide  # the box lies on the page as the viewer shows it
    assert (round(x1 - x0), round(y1 - y0)) == ((400, 20) if wide else (20, 400))


def test_prose_is_joined_to_paragraphs_and_lists_stay_apart(pages, texts, tmp_path):
    page = pages()
    page.text(110, 100, "本年预算一百万元，比上年增加十万元，主要原因是新增项目，其", 16)
    page.text(78, 128, "中基本支出增加二万元，项目支出增加八万元。", 16)
    page.text(110, 156, "（一）人员经费。主要用于在职人员的工资和社会保险缴费支出。", 16)
    page.text(78, 184, "（二）公用经费。", 16)
    assert texts(load(page.save(tmp_path / "paper"))) == [
        "line 本年预算一百万元，比上年增加十万元，主要原因是新增项目，其中基本支出增加二万元，项目支出增加八万元。",
        "line （一）人员经费。主要用于在职人员的工资和社会保险缴费支出。",
        "line （二）公用经费。",
    ]


def test_a_table_of_contents_is_no_table(pages, tmp_path):
    page = pages()
    for n, words in enumerate(["一、部门概况", "二、收入预算情况", "三、支出预算情况", "四、名词解释"]):
        page.text(60, 100 + 20 * n, words)
        page.right(500, 100 + 20 * n, str(n + 3))
    assert not any(b.cells for b in load(page.save(tmp_path / "paper")).blocks)


def test_page_numbers_and_running_headers_are_left_out(pages, tmp_path):
    page = pages()
    for n in range(1, 6):
        if n > 1:
            page.new()
        page.text(200, 40, "某某局二〇二六年预算公开")
        page.text(60, 70, f"单位：万元 第{n}张")
        page.text(60, 200, f"正文之{'一二三四五'[n - 1]}。")
        page.text(290, 820, f"- {n} -")
    loaded = load(page.save(tmp_path / "paper"))
    assert [b.text for b in loaded.blocks if b.place.page == 3 and b.text] == ["单位：万元 第3张", "正文之三。"]
    assert sum("某某局" in b.text for b in loaded.blocks) == 1
    assert [p.detail for p in loaded.problems] == ["略去页眉、页脚和页码共 9 行。"]


def test_a_page_whose_characters_cannot_be_known_is_read_as_a_picture(pages, tmp_path, monkeypatch):
    from ingest.loaders import scan

    page = pages()
    page.text(60, 100, "可以读出的一页文字。")
    page.new()
    page.unmapped(60, 100, 20)

    def filled_in(path, numbers, blocks, grid):
        at = [i for i, b in enumerate(blocks) if b.kind is BlockKind.BREAK][numbers[0] - 1]
        return [*blocks[:at], Block(BlockKind.LINE, "识别出的文字", Place(page=numbers[0]), ocr=True), *blocks[at:]], []

    monkeypatch.setattr(scan, "filled_in", filled_in)
    loaded = load_pdf(page.save(tmp_path / "paper"))
    assert [(b.place.page, b.text, b.ocr) for b in loaded.blocks if b.text] == [(1, "可以读出的一页文字。", False), (2, "识别出的文字", True)]
    assert loaded.problems[0].detail == "第 2 页的字体缺少字符对照表，文字无法直接读出，改用文字识别（OCR）读取，数字请以原件为准。"


def test_damaged_pdfs_are_refused_or_told(pages, tmp_path):
    page = pages()
    page.text(60, 100, "一页文字。")
    whole = page.save(tmp_path / "paper").read_bytes()
    (tmp_path / "half").write_bytes(whole[: len(whole) // 3])
    with pytest.raises(Unreadable, match="已损坏"):
        load(tmp_path / "half")
    (tmp_path / "cut").write_bytes(whole.replace(b"%%EOF", b""))
    assert [p.detail for p in load(tmp_path / "cut").problems] == ["文件结尾不完整，可能缺页；请核对页数，必要时重新下载。"]
