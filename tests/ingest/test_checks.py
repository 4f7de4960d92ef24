"""The accounts' identities: one that holds, one that the paper breaks and one that cannot be tried, of every family; no false alarms on the real papers."""

from collections import Counter
from pathlib import Path

import pytest

from ingest.records import CheckStatus, PaperKind
from tests.ingest.papers import needs_papers, read, read_text, shared
from tests.ingest.test_tables import TWO_SIDES, UNITS, YEAR_ROWS


def broken(paper) -> list[tuple[str, str]]:
    return [(c.kind, c.detail) for c in paper.checks if c.status is CheckStatus.BROKEN]


def held(paper) -> Counter:
    return Counter(c.kind for c in paper.checks if c.status is CheckStatus.OK)


def test_a_general_table_that_balances(tmp_path: Path) -> None:
    paper = read_text(tmp_path, TWO_SIDES)
    assert broken(paper) == []
    assert held(paper) == {"level": 3, "total": 4, "balance": 1, "year": 1}


def test_parts_of_the_three_expenses_and_units(tmp_path: Path) -> None:
    assert broken(read_text(tmp_path, YEAR_ROWS)) == []
    assert broken(read_text(tmp_path, UNITS)) == []
    wrong = YEAR_ROWS.replace("2024 年\t9\t", "2024 年\t19\t")
    assert broken(read_text(tmp_path, wrong)) == [("sum", "表12 一般公共预算“三公”经费支出表“示例市档案局”总计：5 + 4 = 9，印 19 万元，相差 10。")]


def test_a_department_that_is_not_the_sum_of_its_units(tmp_path: Path) -> None:
    wrong = UNITS.replace("示例市城建档案馆\t\t\t3\t2\t1", "示例市城建档案馆\t\t\t5\t4\t1")
    kinds = Counter(kind for kind, _ in broken(read_text(tmp_path, wrong)))
    assert kinds == {"units": 2}


def test_rounding_is_no_error_but_one_figure_in_two_places_must_agree(tmp_path: Path) -> None:
    rounded = UNITS.replace("示例市档案局\t\t\t12\t8\t4", "示例市档案局\t\t\t13\t8\t5")
    assert broken(read_text(tmp_path, rounded)) == []
    alone = UNITS.replace("2012601\t行政运行\t9\t6\t3", "2012601\t行政运行\t10\t7\t3")
    assert {kind for kind, _ in broken(read_text(tmp_path, alone))} == {"level"}


def test_rates_and_changes_in_sentences(tmp_path: Path) -> None:
    text = "（七）“三公”经费预算合计9万元，支出合计3.22万元，支出比预算减少5.78万元，执行率5.78%。\n"
    assert [kind for kind, _ in broken(read_text(tmp_path, text, PaperKind.FINAL))] == ["rate"]
    growth = "2024年示例市档案局部门预算支出120万元，比2023年增加20万元，增长30%。\n"
    assert [kind for kind, _ in broken(read_text(tmp_path, growth))] == ["rate"]


def test_a_unit_written_wrong_and_items_that_miss_their_total(tmp_path: Path) -> None:
    page = """项目支出绩效目标申报表

项目编码:\t4403\t项目名称:\t档案整理\t
项目总金额（元）:\t300,000.00\t本年度项目金额（元）:\t100,000.00\t
测算依据:\t1. 整理费：8万元。 2. 装具费：2元。\t\t\t
一级指标\t二级指标\t三级指标\t目标值\t指标解释
产出指标\t数量指标\t整理卷数\t≥500卷\t卷数
"""
    assert [kind for kind, _ in broken(read_text(tmp_path, page, PaperKind.TARGETS))] == ["unit"]
    near = page.replace("2元", "1.9万元")
    assert [kind for kind, _ in broken(read_text(tmp_path, near, PaperKind.TARGETS))] == ["form"]


# The contradictions that stand in the five papers, by the lines that disagree; anything more would be a false alarm.
PRINTED_ERRORS = {
    "2017_": 8,
    "2019_": 3,
    "2021_深圳市": 9,
    "2021_福田": 6,
    "2024_": 4,
}


@pytest.mark.shared
@needs_papers
@pytest.mark.parametrize(("words", "count"), list(PRINTED_ERRORS.items()))
def test_every_broken_check_of_the_real_papers_is_the_papers_own(words: str, count: int) -> None:
    found = broken(read(shared(words)))
    assert len(found) == count, found


@pytest.mark.shared
@needs_papers
def test_hundreds_of_identities_are_tried() -> None:
    assert sum(len(read(shared(words)).checks) for words in PRINTED_ERRORS) > 1500


def test_what_a_template_left_open_and_shares_above_the_whole(tmp_path: Path) -> None:
    text = "2024年示例市档案局公务接待费XX万元，占5万元。\n\n办公费3万元，占总支出的120%。印刷费2万元，占总支出的20%。截至XX年末，共有车辆2辆。\n"
    assert broken(read_text(tmp_path, text)) == [
        ("placeholder", "文字“示例市档案局”：“…年示例市档案局公务接待费XX万元，占5万元。…”是模板未填写或未删除的内容。"),
        ("placeholder", "文字“车辆”：“…截至XX年末，共有车辆2辆。…”是模板未填写或未删除的内容。"),
        ("share", "“办公费”占总支出比重 120%，超出 0–100%。"),
    ]


def test_the_reason_for_a_fall_of_what_rose(tmp_path: Path) -> None:
    text = "公务接待费5万元，比上年增加3万元，减少的主要原因是压减经费。\n\n培训费5万元，比上年减少1万元，减少原因是场次少了。\n"
    paper = read_text(tmp_path, text)
    assert [c for c in broken(paper) if c[0] == "reason"] == [("reason", "“公务接待费”增加3万元，说的却是“减少的主要原因”。")]
    assert held(paper)["reason"] == 1


def test_numbered_parts_after_among_which_are_all_the_parts(tmp_path: Path) -> None:
    rows = "3、公务用车购置及运行费\t16.16\n其中：（1）公务用车购置费\t3.99\n（2）公务用车运行费\t12.17\n"
    page = f"一般公共预算“三公”经费支出表\n单位：万元\n项目\t预算数\n合计\t20.16\n1、因公出国（境）费用\t0.00\n2、公务接待费\t4.00\n{rows}"
    levels = [(c.status.value, c.expected, c.found) for c in read_text(tmp_path, page).checks if c.kind == "level"]
    assert levels == [("ok", "16.16万元", "16.16万元")]
