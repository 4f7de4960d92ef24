"""Word, Excel, CSV and HTML papers made by the tests and read back."""

from __future__ import annotations

import docx
import openpyxl
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from ingest.loaders import lines_of, load
from ingest.loaders.excel import displayed
from ingest.records import BlockKind, Unreadable

OLD_WORD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000) + "WordDocument".encode("utf-16-le")


def test_word_paragraphs_tables_and_levels_in_body_order(texts, tmp_path):
    paper = docx.Document()
    paper.add_heading("第一部分 概况", 1)
    paper.add_paragraph("本局主要职责。")
    table = paper.add_table(3, 4)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "收入"
    table.cell(0, 2).merge(table.cell(0, 3)).text = "支出"
    table.cell(1, 0).merge(table.cell(2, 0)).text = "拨款"
    table.cell(1, 1).text = "1.00"
    table.cell(2, 1).text = "2.00"
    inner = table.cell(2, 3).add_table(2, 2)
    inner.cell(0, 0).text, inner.cell(0, 1).text, inner.cell(1, 0).text, inner.cell(1, 1).text = "品名", "数量", "车辆", "1"
    paper.add_paragraph("后文。")
    paper.save(tmp_path / "paper.bin")
    loaded = load(tmp_path / "paper.bin")
    assert loaded.format == "docx"
    assert texts(loaded) == [
        "line 第一部分 概况",
        "line 本局主要职责。",
        "row 收入 |  | 支出 | ",
        "row 拨款 | 1.00 |  | ",
        "row  | 2.00 |  | ",
        "row 品名 | 数量",
        "row 车辆 | 1",
        "line 后文。",
    ]
    assert [b.level for b in loaded.blocks][:2] == [1, None]
    rows = [b for b in loaded.blocks if b.kind is BlockKind.ROW]
    assert [(c.colspan, c.rowspan) for c in rows[0].cells] == [(2, 1), (1, 1), (2, 1), (1, 1)]
    assert rows[1].cells[0].rowspan == 2
    assert [r.grid for r in rows] == [0, 0, 0, 1, 1]
    assert lines_of(loaded)[rows[1].place.line_start - 1] == "拨款 | 1.00 |  | "


def test_word_automatic_numbers_are_written_out_and_deleted_words_left_out(texts, tmp_path):
    paper = docx.Document()
    for words in ("收入情况", "支出情况"):
        paper.add_paragraph(words, style="List Number")
    numbering = paper.part.numbering_part.element
    for level in numbering.iter("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}lvl"):
        for child in level:
            if child.tag.endswith("numFmt"):
                child.set(child.keys()[0], "chineseCounting")
            if child.tag.endswith("lvlText"):
                child.set(child.keys()[0], "%1、")
    changed = paper.add_paragraph("保留")
    changed._p.append(parse_xml(f"<w:del {nsdecls('w')}><w:r><w:delText>删去</w:delText></w:r></w:del>"))
    changed._p.append(parse_xml(f"<w:ins {nsdecls('w')}><w:r><w:t>新增</w:t></w:r></w:ins>"))
    paper.save(tmp_path / "paper")
    assert texts(load(tmp_path / "paper")) == ["line 一、收入情况", "line 二、支出情况", "line 保留新增"]


def test_old_word_without_libreoffice_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name: None)
    (tmp_path / "paper").write_bytes(OLD_WORD)
    with pytest.raises(Unreadable, match=r"LibreOffice.*另存为 docx 或 PDF"):
        load(tmp_path / "paper")


def made_office(folder, monkeypatch, script):
    """A soffice of our own first on the path; its last argument is the file, the folder stands after --outdir."""
    program = folder / "bin" / "soffice"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\nwhile [ $# -gt 1 ]; do [ \"$1\" = --outdir ] && out=$2; shift; done\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")


def test_old_word_goes_through_libreoffice(texts, tmp_path, monkeypatch):
    paper = docx.Document()
    paper.add_paragraph("收支总表")
    paper.save(tmp_path / "made.docx")
    made_office(tmp_path, monkeypatch, f'[ "$(basename $1)" = paper.doc ] && cp {tmp_path}/made.docx $out/paper.docx')
    for name, content in (("a.doc", OLD_WORD), ("b.rtf", rb"{\rtf1 a}")):
        (tmp_path / name).write_bytes(content)
        assert texts(load(tmp_path / name)) == ["line 收支总表"]


@pytest.mark.parametrize("script", ["exit 1", "exit 0", 'echo no > "$out/paper.docx"'])
def test_what_libreoffice_cannot_open_is_refused(tmp_path, monkeypatch, script):
    made_office(tmp_path, monkeypatch, script)
    (tmp_path / "a.doc").write_bytes(OLD_WORD)
    with pytest.raises(Unreadable, match="另存为 docx"):
        load(tmp_path / "a.doc")


def test_a_libreoffice_that_hangs_is_given_up(tmp_path, monkeypatch):
    made_office(tmp_path, monkeypatch, "exec sleep 60")
    monkeypatch.setattr("ingest.loaders.office.OFFICE_SECONDS", 0.5)
    (tmp_path / "a.doc").write_bytes(OLD_WORD)
    with pytest.raises(Unreadable, match="LibreOffice 打不开"):
        load(tmp_path / "a.doc")


def test_an_old_workbook_as_a_person_sees_it(texts, tmp_path):
    xlwt = pytest.importorskip("xlwt")
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("三公")
    per_cent, money = (xlwt.easyxf(num_format_str=f) for f in ("0.00%", "#,##0.00"))
    for r, row in enumerate([["项目", "预算数", "增减%"], ["公务接待费", 1234.5, -0.125], ["（隐藏的行）", 1, 1], ["培训费", "12.30", 0]]):
        for c, value in enumerate(row):
            style = money if c == 1 else per_cent
            sheet.write(r, c, value, style if isinstance(value, float) else xlwt.Style.default_style)
    sheet.row(2).hidden = True
    book.add_sheet("底稿").visibility = 1
    book.save(str(tmp_path / "a.xls"))
    loaded = load(tmp_path / "a.xls")
    assert texts(loaded) == ["row 项目 | 预算数 | 增减%", "row 公务接待费 | 1,234.50 | -12.50%", "row 培训费 | 12.30 | 0"]
    assert [p.detail for p in loaded.problems] == ["工作表“底稿”是隐藏的，没有读取。", "工作表“三公”有1 个隐藏行没有读取。"]


def test_a_damaged_old_workbook_is_refused(tmp_path):
    (tmp_path / "a.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000) + "Workbook".encode("utf-16-le"))
    with pytest.raises(Unreadable, match="已损坏"):
        load(tmp_path / "a.xls")


def workbook(path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "收支总表"
    sheet["A1"], sheet["A2"], sheet["D2"] = "收支预算总表", "部门：某某局", "单位：万元"
    sheet.merge_cells("A1:D1")
    for row in (
        ["收入", None, "支出", None],
        ["项目", "预算数", "项目", "预算数"],
        ["一、财政拨款", 1234.5, "一、一般公共服务", 1000],
        ["（隐藏的行）", 1, "", 1],
        ["二、其他收入", 0.125, "二、教育", "234.50"],
    ):
        sheet.append(row)
    sheet.merge_cells("A3:B3")
    sheet.merge_cells("C3:D3")
    for cell in (*sheet["B"], *sheet["D"]):
        cell.number_format = "#,##0.00"
    sheet.row_dimensions[6].hidden = True
    sheet["A9"] = "注：单位换算有尾差。"
    sheet["A11"], sheet["A12"], sheet["B12"], sheet["A13"], sheet["B13"] = "三公经费表", "项目", "金额", "公务接待费", 12.3
    book.create_sheet("底稿")["A1"] = 1
    book["底稿"].sheet_state = "hidden"
    book.save(path)


def test_workbook_as_a_person_sees_it(texts, tmp_path):
    workbook(tmp_path / "paper.xlsx")
    loaded = load((tmp_path / "paper.xlsx").rename(tmp_path / "paper.pdf"))
    assert loaded.format == "xlsx"
    assert texts(loaded) == [
        "line 收支预算总表",
        "line 部门：某某局  单位：万元",
        "row 收入 |  | 支出 | ",
        "row 项目 | 预算数 | 项目 | 预算数",
        "row 一、财政拨款 | 1,234.50 | 一、一般公共服务 | 1,000.00",
        "row 二、其他收入 | 0.13 | 二、教育 | 234.50",
        "line 注：单位换算有尾差。",
        "line 三公经费表",
        "row 项目 | 金额",
        "row 公务接待费 | 12.3",
    ]
    cell = next(c for b in loaded.blocks for c in b.cells if c.text == "1,234.50")
    assert (cell.place.sheet, cell.place.cell) == ("收支总表", "B5")
    assert [p.detail for p in loaded.problems] == ["工作表“底稿”是隐藏的，没有读取。", "工作表“收支总表”有1 个隐藏行没有读取。"]


def test_rows_below_a_blank_one_keep_the_columns_of_the_table_above(texts, tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    long = "填报单位：" + "说" * 60  # as long as a form's cell: no caption
    for row in (["表1"], ["一级指标", "指标", "目标值", "说明"], ["产出", "卷数", "9", "卷"], [], ["", long, "及时"], ["", "移交率", "100%"], [], ["表2"], ["", "甲", "1"], ["", "乙", "2"]):
        sheet.append(row)
    book.save(tmp_path / "form.xlsx")
    assert texts(load(tmp_path / "form.xlsx")) == [
        "line 表1",
        "row 一级指标 | 指标 | 目标值 | 说明",
        "row 产出 | 卷数 | 9 | 卷",
        f"row  | {long} | 及时 | ",
        "row  | 移交率 | 100% | ",
        "line 表2",
        "row 甲 | 1",
        "row 乙 | 2",
    ]


def test_formulas_never_calculated_are_told(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["合计", "=1+1"])
    book.active.append(["其他", 5])
    book.save(tmp_path / "paper")
    assert load(tmp_path / "paper").problems[0].detail == "有 1 个公式没有保存计算结果，按空白读取；请用 Excel 打开并保存一次，再重新导入。"


@pytest.mark.parametrize(
    "value, number_format, seen",
    [
        (1234.5, "#,##0.00", "1,234.50"),
        (1234.565, "0.00", "1234.57"),
        (0, '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ', "-"),
        (-12.3, "#,##0.00_);(#,##0.00)", "(12.30)"),
        (-12.3, "#,##0.00;[Red]-#,##0.00", "-12.30"),
        (0.1234, "0.00%", "12.34%"),
        (123.45000000000002, "General", "123.45"),
        (12345678901.25, "General", "12345678901.25"),
        (2010301, "General", "2010301"),
        (3, "000", "003"),
        (1234567, "#,##0,", "1,235"),
        (12, '0"万元"', "12万元"),
        ("1,234.50", "0", "1,234.50"),
    ],
)
def test_numbers_are_written_as_displayed(value, number_format, seen):
    assert displayed(value, number_format) == seen


def test_csv_in_gb18030(texts, tmp_path):
    (tmp_path / "paper").write_bytes('收支表\n项目,预算数,决算数\n基本支出,"1,234.50",1\n\n项目支出,2,3\n'.encode("gb18030"))
    loaded = load(tmp_path / "paper")
    assert loaded.format == "csv"
    assert texts(loaded) == ["line 收支表", "row 项目 | 预算数 | 决算数", "row 基本支出 | 1,234.50 | 1", "row 项目支出 | 2 | 3"]
    assert [b.place.line_start for b in loaded.blocks] == [1, 2, 3, 4, 5]


def test_html_tables_with_spans_and_server_code(texts, tmp_path):
    (tmp_path / "paper.pdf").write_text(
        """<%@ page language="java" %><html><head><title>x</title></head><body><script>no()</script><nav>首页</nav>
        <h2>部门预算说明</h2><div style="display:none">看不见</div><p>&nbsp;一、收入<br>预算<b>100</b>万元。</p>
        <table><tr><td rowspan=2>项目</td><td colspan=2>支出</td></tr><tr><td>基本<br>支出</td><td>项目支出</td></tr>
        <tr><td>合计</td><td>1.00</td><td>2.00</td></tr></table><!-- 注释 --></body></html>""",
        encoding="utf-8",
    )
    loaded = load(tmp_path / "paper.pdf")
    assert loaded.format == "html"
    assert texts(loaded) == [
        "line 部门预算说明",
        "line 一、收入",
        "line 预算100万元。",
        "row 项目 | 支出 | ",
        "row  | 基本支出 | 项目支出",
        "row 合计 | 1.00 | 2.00",
    ]
    assert loaded.blocks[0].level == 2


def test_a_web_page_with_a_broken_character_is_still_read(texts, tmp_path):
    (tmp_path / "paper").write_bytes("<html><body><p>收入一万元。</p><p>支".encode("gb18030") + b"\xff\xfe</p></body></html>")
    assert texts(load(tmp_path / "paper"))[0] == "line 收入一万元。"


def test_html_of_positioned_boxes(texts, tmp_path):
    def words(x, y, text):
        return f'<div style="position:absolute;left:{x}pt;top:{y}pt;font-size:10pt">{text}</div>'

    def stroke(x, y, width, height):
        return f'<div style="position:absolute;left:{x}pt;top:{y}pt;width:{width}pt;height:{height}pt;border-bottom:0.5pt solid #000"></div>'

    boxes = words(250, 60, "收支总表") + words(500, 80, "单位：万元")
    for r, row in enumerate([("项目", "预算数"), ("基本支出", "1,234.50"), ("项目支出", "99.00")]):
        boxes += words(55, 105 + 20 * r, row[0]) + words(255, 105 + 20 * r, row[1])
    boxes += "".join(stroke(50, y, 400, 0) for y in (100, 120, 140, 160)) + "".join(stroke(x, 100, 0, 60) for x in (50, 250, 450))
    (tmp_path / "paper").write_text(
        f'<html><body><div style="width:595pt;height:842pt;position:relative">{boxes}</div></body></html>', encoding="utf-8"
    )
    assert texts(load(tmp_path / "paper")) == [
        "line 收支总表",
        "line 单位：万元",
        "row 项目 | 预算数",
        "row 基本支出 | 1,234.50",
        "row 项目支出 | 99.00",
    ]
