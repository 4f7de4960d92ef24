"""Checks of how a paper is made up: its tables against the 目录, tables without figures, years, and what was left open or printed twice."""

from pathlib import Path

from ingest.records import CheckStatus
from tests.ingest.papers import read_text

CONTENTS = """示例市档案局2024年部门预算

目 录

1.收支总表
2.支出总表
3.项目支出表
4.政府性基金预算支出表

第一部分 预算说明

本单位无政府性基金预算支出。

表 1

收支总表

单位：万元

收 入\t\t支 出\t
项目\t2024年预算数\t项目\t2024年预算数
一、财政拨款\t9\t一、一般公共服务支出\t9

表 2

支出总表

单位：万元

预算单位\t支出总计\t基本支出\t项目支出
示例市档案局\t9\t6\t3

表 3

项目支出表

单位：万元

支出项目类别\t总计
档案整理\t3

表 4

政府性基金预算支出表

单位：万元

预算单位\t支出总计\t基本支出\t项目支出
示例市档案局\t\t\t
"""


def verdicts(paper, kind: str) -> list[tuple[str, str]]:
    return [(c.status.value, c.detail) for c in paper.checks if c.kind == kind]


def broken(paper, kind: str) -> list[str]:
    return [c.detail for c in paper.checks if c.kind == kind and c.status is CheckStatus.BROKEN]


def test_every_table_of_the_contents_stands_in_the_paper(tmp_path: Path) -> None:
    names = ("收支总表", "支出总表", "项目支出表", "政府性基金预算支出表")
    assert verdicts(read_text(tmp_path, CONTENTS), "contents") == [("ok", f"目录“{name}”：表在文中，名称一致") for name in names]


def test_a_table_missing_one_out_of_order_and_one_titled_otherwise(tmp_path: Path) -> None:
    missing = CONTENTS[: CONTENTS.index("表 3\n")] + CONTENTS[CONTENTS.index("表 4\n") :]
    assert broken(read_text(tmp_path, missing), "contents") == ["目录列有“项目支出表”，文中没有这张表。"]
    swapped = CONTENTS.replace("1.收支总表\n2.支出总表", "1.支出总表\n2.收支总表")
    assert broken(read_text(tmp_path, swapped), "contents") == ["目录中“支出总表”在“收支总表”之前，文中次序相反。"]
    renamed = CONTENTS.replace("3.项目支出表", "3.项目支出预算表")
    check = next(c for c in read_text(tmp_path, renamed).checks if c.kind == "contents" and c.status is CheckStatus.BROKEN)
    assert check.detail == "目录作“项目支出预算表”，表名作“项目支出表”，两者不一致。"
    assert [(q.text, q.place.line_start) for q in check.quotes] == [("3.项目支出预算表", 7), ("项目支出表", 35)]


def test_a_table_printed_twice(tmp_path: Path) -> None:
    again = CONTENTS[CONTENTS.index("表 3\n") : CONTENTS.index("表 4\n")]
    assert broken(read_text(tmp_path, CONTENTS + "\n" + again), "contents") == ["“项目支出表”在文中出现两次。"]


def test_the_prose_part_of_a_paper_in_two_files_misses_no_table(tmp_path: Path) -> None:
    prose = CONTENTS[: CONTENTS.index("表 1\n")]
    assert {c.status for c in read_text(tmp_path, prose).checks if c.kind == "contents"} == {CheckStatus.NOT_CHECKABLE}


def test_an_empty_table_with_and_without_a_sentence_about_it(tmp_path: Path) -> None:
    assert verdicts(read_text(tmp_path, CONTENTS), "empty") == [("ok", "表4 政府性基金预算支出表没有金额，文中有说明。")]
    silent = CONTENTS.replace("本单位无政府性基金预算支出。", "本单位按规定编制预算。")
    assert verdicts(read_text(tmp_path, silent), "empty") == [("broken", "表4 政府性基金预算支出表是空表，文中没有说明。")]
    tables = CONTENTS[CONTENTS.index("表 1\n") :]
    assert verdicts(read_text(tmp_path, tables), "empty") == [
        ("not_checkable", "表4 政府性基金预算支出表是空表，这份文件没有文字部分，无法核对是否说明。")
    ]
    noted = CONTENTS.replace("示例市档案局\t\t\t\n", "示例市档案局\t5\t5\t\n\n注：本表为空表。\n")
    assert verdicts(read_text(tmp_path, noted), "empty") == [("broken", "表4 政府性基金预算支出表列有金额，表下却说明没有。")]


def test_a_year_that_nobody_changed(tmp_path: Path) -> None:
    page = """一、2024年部门预算收支情况

全年预算5万元。

二、2023年部门预算绩效情况

公务接待费2024年预算数5万元，比2024年预算减少3万元。

三、2024年部门预算其他情况

见下表。

表 1

收支总表

单位：万元

收 入\t\t支 出\t
项目\t2023年预算数\t项目\t2023年预算数
一、财政拨款\t9\t一、一般公共服务支出\t9
"""
    assert broken(read_text(tmp_path, page), "year") == [
        "“二、2023年部门预算绩效情况”写的是 2023 年，本材料是 2024 年度的预算。",
        "表1 收支总表列的是 2023 年，没有本年度 2024 年的数。",
        "“公务接待费”2024年比2024年增减 3万元：与自身的年度相比，年份有误。",
    ]
    right = page.replace("2023年", "2024年").replace("比2024年预算减少", "比2023年预算减少")
    assert broken(read_text(tmp_path, right), "year") == []
    about_last_year = right.replace("二、2024年部门预算绩效情况", "二、2023年部门预算执行情况")
    assert broken(read_text(tmp_path, about_last_year), "year") == []


def test_units_that_the_figures_give_away(tmp_path: Path) -> None:
    text = "2024年项目支出30万元，其中：档案整理20万元、库房维护10元。\n"
    assert broken(read_text(tmp_path, text), "unit") == ["文字“项目支出”30万元 = 20万元 + 10元 只在单位相同时成立，疑为单位误写。"]
    tables = CONTENTS.replace("支出总表\n\n单位：万元", "支出总表\n\n单位：元", 1)
    tables = tables.replace("一、财政拨款\t9\t一、一般公共服务支出\t9\n", "收入总计\t9\t支出总计\t9\n")
    assert broken(read_text(tmp_path, tables), "unit") == [
        "支出总计单位疑误：表1 收支总表“支出总计”2024年预算数 9万元，表2 支出总表“示例市档案局”支出总计 9元"
    ]


def test_a_count_left_out_and_a_paragraph_printed_twice(tmp_path: Path) -> None:
    cars = "2024年，本单位共有车辆1辆，其中：越野车1辆、面包车 辆。\n"
    assert broken(read_text(tmp_path, cars), "placeholder") == ["文字“车辆”：“…，其中：越野车1辆、面包车 辆。…”是模板未填写或未删除的内容。"]
    assert broken(read_text(tmp_path, cars.replace("面包车 辆", "面包车 0 辆")), "placeholder") == []
    twice = "一、档案事务支出：用于档案的收集、整理、保管和利用。\n\n" * 2
    assert broken(read_text(tmp_path, twice), "duplicate") == ["“一、档案事务支出：用于档案的收集、整理、保管和利用。…”一段重复。"]
