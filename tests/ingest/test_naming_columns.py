"""Which column names a row: headings and cells as bureaus of different provinces print them, the whole result compared."""

from tests.ingest.test_tables import facts_of, lines, ruled


def whose(blocks: list) -> list[str]:
    from ingest.facts import read_facts
    from ingest.records import Identity, PaperKind
    from ingest.tables import find_tables
    from tests.ingest.papers import short

    identity = Identity("示例", "示例市档案局", 2024, PaperKind.BUDGET)
    tables, _, _ = find_tables(blocks, (), identity)
    return [f"{f.organisation} | {f.code} {short(f)} {f.amount.unit} {f.year}" for f in read_facts(tables, identity)[0] if f.amount.printed]


def test_bodies_and_subjects_in_one_column() -> None:
    blocks = [
        *lines("部门支出总体情况表", "部门名称：示例市档案局 单位：万元"),
        *ruled(
            [("科目编码", 3, 1), "", "", ("单位代码", 1, 2), ("单位名称（科目名称）", 1, 2), ("总计", 1, 2)],
            ["类", "款", "项", "", "", ""],
            ["", "", "", "", "合计", "12.00"],
            ["", "", "", "003001", "示例市档案局机关", "9.00"],
            ["201", "26", "01", "003001", "　行政运行", "9.00"],
            ["", "", "", "003002", "示例市城建档案馆", "3.00"],
            ["208", "05", "06", "003002", "　机关事业单位职业年金缴费支出", "3.00"],
        ),
    ]
    assert whose(blocks) == [
        "示例市档案局 |  合计 | 总计 | 12.00 万元 2024",
        "示例市档案局机关 |  示例市档案局机关 | 总计 | 9.00 万元 2024",
        "示例市档案局机关 | 2012601 行政运行 | 总计 | 9.00 万元 2024",
        "示例市城建档案馆 |  示例市城建档案馆 | 总计 | 3.00 万元 2024",
        "示例市城建档案馆 | 2080506 机关事业单位职业年金缴费支出 | 总计 | 3.00 万元 2024",
    ]


def test_a_subject_column_of_codes_alone_is_no_amount() -> None:
    blocks = [
        *lines("项目支出表", "单位：万元"),
        *ruled(
            ["单位名称", "项目名称", "功能科目", "合计"],
            ["示例市档案局（机关）", "档案数字化", "2012601", "325.80"],
            ["", "馆藏修复", "2012604", "190.00"],
        ),
    ]
    assert facts_of(blocks) == ["2012601 档案数字化 | 合计 | 325.80", "2012604 馆藏修复 | 合计 | 190.00"]


def test_the_years_of_a_plan_stand_under_one_heading() -> None:
    blocks = [
        *lines("项目中期规划预算表", "单位：元"),
        *ruled(
            [("项目名称", 1, 2), ("一般公共预算资金", 3, 1), "", ""],
            ["", "2024年", "2025年", "2026年"],
            ["档案数字化", "30,000.00", "20,000.00", "10,000.00"],
        ),
    ]
    assert whose(blocks) == [
        "示例市档案局 |  档案数字化 | 一般公共预算资金/2024年 | 30,000.00 元 2024",
        "示例市档案局 |  档案数字化 | 一般公共预算资金/2025年 | 20,000.00 元 2025",
        "示例市档案局 |  档案数字化 | 一般公共预算资金/2026年 | 10,000.00 元 2026",
    ]


def test_a_classification_by_code_and_name() -> None:
    blocks = [
        *lines("一般公共预算支出经济分类情况表", "单位：元"),
        *ruled(["经济分类编码", "经济分类名称", "合计"], ["301", "工资福利支出", "70.00"], ["30101", "基本工资", "70.00"]),
    ]
    assert facts_of(blocks) == ["301 工资福利支出 | 合计 | 70.00", "30101 工资福利支出/基本工资 | 合计 | 70.00"]


def test_a_row_of_the_government_s_classification_alone_is_named_by_it() -> None:
    blocks = [
        *lines("一般公共预算基本支出表", "单位：万元"),
        *ruled(
            [("政府预算支出经济分类", 2, 1), "", ("部门预算支出经济分类", 2, 1), "", ("金额", 1, 2)],
            ["科目编码", "科目名称", "科目编码", "科目名称", ""],
            ["501", "机关工资福利支出", "", "", "90.00"],
            ["50101", "工资奖金津补贴", "30101", "基本工资", "60.00"],
            ["", "", "30102", "津贴补贴", "30.00"],
        ),
    ]
    assert facts_of(blocks) == ["501 机关工资福利支出 | 金额 | 90.00", "30101 基本工资 | 金额 | 60.00", "30102 津贴补贴 | 金额 | 30.00"]


def test_posts_and_people_are_counted_in_persons() -> None:
    blocks = [
        *lines("下属预算单位情况表"),
        *ruled(["序号", "单位名称", "编制数", "在职人数"], ["1", "示例市城建档案馆", "76", "72"], ["2", "示例市地方志馆", "69", "64"]),
    ]
    assert whose(blocks) == [
        "示例市城建档案馆 |  示例市城建档案馆 | 编制数 | 76 人 2024",
        "示例市城建档案馆 |  示例市城建档案馆 | 在职人数 | 72 人 2024",
        "示例市地方志馆 |  示例市地方志馆 | 编制数 | 69 人 2024",
        "示例市地方志馆 |  示例市地方志馆 | 在职人数 | 64 人 2024",
    ]


def test_the_last_row_is_the_total_of_all_units_where_it_is_their_sum() -> None:
    blocks = [
        *lines("部门支出总表", "单位：万元"),
        *ruled(
            ["科目编码", "单位（科目）名称", "合计"],
            ["", "示例市档案局（机关）", "9.0"],
            ["2012601", "行政运行", "9.0"],
            ["", "示例市城建档案馆", "3.0"],
            ["2012604", "档案馆", "3.0"],
            ["合计", "", "12.0"],
        ),
    ]
    assert [line.split(" | ")[0] for line in whose(blocks)] == [
        "示例市档案局（机关）",
        "示例市档案局（机关）",
        "示例市城建档案馆",
        "示例市城建档案馆",
        "示例市档案局",
    ]


def test_projects_and_the_bodies_that_have_them_in_one_column() -> None:
    blocks = [
        *lines("一般公共预算项目支出预算表", "表3-2", "单位：元"),
        *ruled(
            [("科目编码", 3, 1), "", "", ("单位名称（项目）", 1, 2), ("金额", 1, 2)],
            ["类", "款", "项", "", ""],
            ["", "", "", "示例市档案局机关", "70.00"],
            ["201", "26", "04", "　馆藏修复资金", "70.00"],
        ),
    ]
    assert whose(blocks) == [
        "示例市档案局机关 |  示例市档案局机关 | 金额 | 70.00 元 2024",
        "示例市档案局机关 | 2012604 馆藏修复资金 | 金额 | 70.00 元 2024",
    ]


def test_a_number_may_stand_under_its_title() -> None:
    from ingest.records import Identity, PaperKind
    from ingest.tables import find_tables

    blocks = [*lines("部门收支总表", "表1", "部门：示例市档案局 单位：元"), *ruled(["项目", "预算数"], ["一、本年收入", "70.00"])]
    (table,) = find_tables(blocks, (), Identity("示例", "示例市档案局", 2024, PaperKind.BUDGET))[0]
    assert (table.number, table.title, table.unit) == ("表1", "部门收支总表", "元")


FORM = (
    ["一级指标", "二级指标", "三级指标", "指标值"],
    ["管理效率（50分）", "财务管理情况", "财务管理规范性", "规范"],
    ["", "预算管理情况", "预算执行率", "≥95%"],
)


def test_two_projects_forms_one_under_the_other() -> None:
    from ingest.facts import read_facts
    from ingest.records import FactKind, Identity, PaperKind
    from ingest.tables import find_tables

    blocks = [
        *lines("项目支出绩效目标表", "单位：万元"),
        *ruled(["项目名称", "档案数字化", "", ""], *FORM, ["项目名称", "馆藏修复", "", ""], *FORM),
    ]
    for block in blocks:  # as files that tell where each cell stands
        object.__setattr__(block, "cells", tuple(type(c)(c.text, block.place, c.colspan, c.rowspan) for c in block.cells))
    tables, _, _ = find_tables(blocks, (), Identity("示例", "示例市档案局", 2024, PaperKind.BUDGET))
    found = [f for f in read_facts(tables, Identity("示例", "示例市档案局", 2024, PaperKind.BUDGET))[0] if f.kind is FactKind.INDICATOR and f.columns == ("指标值",)]
    assert [(f.project, f.rows, f.amount.printed) for f in found] == [
        (project, ("管理效率", level, name), value)
        for project in ("档案数字化", "馆藏修复")
        for level, name, value in (("财务管理情况", "财务管理规范性", "规范"), ("预算管理情况", "预算执行率", "≥95%"))
    ]
