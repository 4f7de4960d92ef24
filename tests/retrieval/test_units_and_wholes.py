"""An invented paper of a department with two units: whose a figure is, what is the whole of an item, and a year that is only told by its change."""

from __future__ import annotations

from datetime import date

import pytest

from ingest.pipeline import find_sources, ingest
from retrieval.assistant import Assistant

INCOME = """示例市水务局2026年部门预算

表2

部门收入总体情况表

单位：万元

单位名称\t合计\t一般公共预算\t事业收入
示例市水务局本级\t300.00\t300.00\t0.00
示例市水务局河道管理中心\t500.00\t400.00\t100.00
示例市水务局供水管理中心\t50.00\t50.00\t0.00

表3

房产维修情况表

单位：万元

房产名称\t申报金额\t评审金额\t下达金额
防汛仓库\t40.00\t37.00\t36.00
河堤值班房\t12.00\t11.00\t10.00
"""

PAPER = """示例市工务署2026年部门预算

一、收支总体情况

2026年示例市工务署部门预算支出120.00万元，比2025年减少30.00万元，下降20%。

二、资产情况

截至2025年底，示例市工务署共有车辆17台，单位价值100万元以上的设备2台（套）。2026年预算安排中，购置单位价值100万元以上的设备1台（套），新增购置3辆公务用车。

表4

基本支出总表

单位：万元

单位名称\t科目编码\t科目名称\t总计
示例市工务署工程管理中心\t\t\t60.00
\t30201\t办公费\t40.00
\t30211\t差旅费\t20.00
示例市工务署工程设计管理中心\t\t\t5.00
\t30201\t办公费\t1.00
\t30211\t差旅费\t4.00

表8

一般公共预算支出表（按经济分类）

单位：万元

单位名称\t科目编码\t科目名称\t支出总计\t基本支出\t项目支出
示例市工务署工程管理中心\t\t\t115.00\t60.00\t55.00
\t30201\t办公费\t40.00\t40.00\t0.00
\t30211\t差旅费\t75.00\t20.00\t55.00
示例市工务署工程设计管理中心\t\t\t5.00\t5.00\t0.00
\t30201\t办公费\t1.00\t1.00\t0.00
\t30211\t差旅费\t4.00\t4.00\t0.00
"""


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    folder = tmp_path_factory.mktemp("units")
    (folder / "paper.txt").write_text(PAPER, encoding="utf-8")
    assert not ingest(find_sources([folder / "paper.txt"]), folder / "index").failed
    return Assistant(folder / "index", today=lambda: date(2026, 6, 1))


@pytest.mark.parametrize(
    ("question", "values"),
    [
        ("工务署工程设计管理中心2026年差旅费多少", [("4", "万元")]),
        ("示例市工务署工程管理中心2026年办公费多少", [("40", "万元")]),
        ("示例市工务署现在有多少台车", [("17", "台")]),
        # counted as of the end of the year before, whatever year is asked with
        ("示例市工务署2026年共有多少辆车", [("17", "台")]),
        ("示例市工务署一共多少辆车", [("17", "台")]),
        ("示例市工务署2026年新增购置多少辆公务用车", [("3", "辆")]),
        ("示例市工务署单价100万以上的设备有几台", [("2", "台（套）")]),
    ],
)
def test_one_figure(assistant: Assistant, question: str, values: list[tuple[str, str]]) -> None:
    answer = assistant.ask(question)
    assert (str(answer.status), [(v.value, v.unit) for v in answer.values]) == ("answered", values)


def test_the_whole_of_an_item_with_its_parts(assistant: Assistant) -> None:
    answer = assistant.ask("工务署工程管理中心2026年差旅费总共多少")
    assert [(v.value, v.unit) for v in answer.values] == [("75", "万元")]
    assert "其中：基本支出 20.00 万元 [2]；项目支出 55.00 万元 [3]。" in answer.text


def test_a_year_that_only_its_change_tells(assistant: Assistant) -> None:
    answer = assistant.ask("示例市工务署2025年部门预算支出多少")
    assert [(v.value, v.unit, v.formula) for v in answer.values] == [("150", "万元", "120 + 30 = 150（万元）")]
    assert "材料没有直接列出2025年的这个数" in answer.text


def test_no_change_no_figure(assistant: Assistant) -> None:
    assert str(assistant.ask("示例市工务署2024年部门预算支出多少").status) == "refused"
    assert str(assistant.ask("示例市工务署2025年差旅费多少").status) == "refused"


def test_a_count_names_the_day_it_is_printed_for(assistant: Assistant) -> None:
    assert "截至2025年底" in assistant.ask("示例市工务署2026年共有多少辆车").text


@pytest.mark.parametrize(("question", "name", "value"), [("示例市水务局系统里哪个单位预算最大 多少钱", "河道管理中心", "500"), ("示例市水务局三家单位哪家预算最少", "供水管理中心", "50")])
def test_the_largest_and_the_smallest_unit(tmp_path_factory: pytest.TempPathFactory, question: str, name: str, value: str) -> None:
    folder = tmp_path_factory.mktemp("income")
    (folder / "paper.txt").write_text(INCOME, encoding="utf-8")
    assert not ingest(find_sources([folder / "paper.txt"]), folder / "index").failed
    answer = Assistant(folder / "index", today=lambda: date(2026, 6, 1)).ask(question)
    assert name in answer.text and "收入总计" in answer.text
    assert [v.value for v in answer.values] == [value]


def test_each_column_asked_of_one_row(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("columns")
    (folder / "paper.txt").write_text(INCOME, encoding="utf-8")
    assert not ingest(find_sources([folder / "paper.txt"]), folder / "index").failed
    answer = Assistant(folder / "index", today=lambda: date(2026, 6, 1)).ask("示例市水务局防汛仓库评审金额多少，下达金额是多少")
    assert [v.value for v in answer.values] == ["37", "36"]
