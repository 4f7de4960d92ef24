"""Meaning of figures: year, 口径, measure and unit by the headings' words; cells as printed."""

from decimal import Decimal
from pathlib import Path

import pytest

from ingest.amounts import AmountState
from ingest.facts import heading_unit, measure_of, read_cell, stage_of, year_of
from ingest.hierarchy import Entry, parents
from ingest.records import Measure, PaperKind, Stage
from tests.ingest.papers import read_text


@pytest.mark.parametrize(
    ("heading", "year", "stage", "measure"),
    [
        (("2023年预算数",), 2023, Stage.BUDGET, Measure.AMOUNT),
        (("上年预算数",), 2023, Stage.BUDGET, Measure.AMOUNT),
        (("本年预算数", "小计"), 2024, Stage.BUDGET, Measure.AMOUNT),
        (("调整预算数",), 2024, Stage.ADJUSTED, Measure.AMOUNT),
        (("决算数", "公务接待费"), 2024, Stage.FINAL, Measure.AMOUNT),
        (("上年结转",), 2024, Stage.BUDGET, Measure.AMOUNT),
        (("比上年增减", "增减额"), 2024, Stage.BUDGET, Measure.CHANGE),
        (("增长率（%）",), 2024, Stage.BUDGET, Measure.RATE),
        (("数量（辆）",), 2024, Stage.BUDGET, Measure.COUNT),
    ],
)
def test_headings(heading: tuple[str, ...], year: int, stage: Stage, measure: Measure) -> None:
    assert measure_of(heading) is measure
    assert stage_of(heading, PaperKind.BUDGET) is stage
    if "比上年" not in heading[0]:
        assert year_of(heading, 2024) == year


def test_units_in_headings() -> None:
    assert heading_unit(("预算金额（元）", "合计")) == "元"
    assert heading_unit(("预算金额",)) == ""


@pytest.mark.parametrize(
    ("printed", "state", "value", "operator"),
    [
        ("", AmountState.BLANK, None, ""),
        ("0.00", AmountState.NUMBER, Decimal("0.00"), ""),
        ("—", AmountState.DASH, None, ""),
        ("不适用", AmountState.NOT_APPLICABLE, None, ""),
        ("2024年12月31日前", AmountState.TEXT, None, ""),
        (r"$\geq 100\%$", AmountState.NUMBER, Decimal(100), "≥"),
        ("≤10 次/年", AmountState.NUMBER, Decimal(10), "≤"),
    ],
)
def test_cells(printed: str, state: AmountState, value: Decimal | None, operator: str) -> None:
    amount = read_cell(printed)
    assert (amount.printed, amount.state, amount.value, amount.operator) == (printed, state, value, operator)


def tree(kind: str, *rows: tuple[str, str, str], total: str = "") -> list[int | None]:
    entries = [Entry(code, label, Decimal(value) if value else None) for code, label, value in rows]
    return parents(entries, kind, Decimal(total) if total else None)


def test_levels_by_codes_in_any_order() -> None:
    assert tree("economic", ("301", "工资福利支出", "5"), ("302", "商品和服务支出", "2"), ("30101", "基本工资", "5"), ("30201", "办公费", "2")) == [
        None,
        None,
        0,
        1,
    ]


def test_levels_by_the_names_of_subjects() -> None:
    rows = [
        ("", n, "")
        for n in (
            "一般公共服务支出",
            "商贸事务",
            "行政运行",
            "其他一般公共服务支出",
            "其他一般公共服务支出",
            "住房保障支出",
            "住房改革支出",
            "购房补贴",
        )
    ]
    assert tree("function", *rows) == [None, 0, 1, 0, 3, None, 5, 6]


def test_levels_by_economic_names_with_unknown_ones() -> None:
    rows = [("", n, "") for n in ("工资福利支出", "基本工资", "自拟名目", "对个人和家庭的补助支出", "退休金")]
    assert tree("economic", *rows) == [None, 0, 0, None, 3]


def test_a_part_of_which_is_already_in_its_parent(tmp_path: Path) -> None:
    page = """表 3

支出总表

单位：万元

预算单位\t支出总计\t基本支出\t项目支出\t其中：
\t\t\t\t政府采购项目
示例市档案局\t12\t8\t4\t2
"""
    facts = read_text(tmp_path, page).facts
    assert [("/".join(f.columns), f.part_of) for f in facts] == [
        ("支出总计", False),
        ("基本支出", False),
        ("项目支出", False),
        ("其中：政府采购项目", True),
    ]


def test_one_code_over_three_columns(tmp_path: Path) -> None:
    page = """一般公共预算支出表

单位：元

科目编码\t\t\t科目名称\t合计
类\t款\t项\t\t
201\t\t\t一般公共服务支出\t90000.00
201\t26\t\t档案事务\t90000.00
201\t26\t01\t行政运行\t90000.00
"""
    facts = read_text(tmp_path, page).facts
    assert [(f.code, "/".join(f.rows), f.amount.unit) for f in facts] == [
        ("201", "一般公共服务支出", "元"),
        ("20126", "一般公共服务支出/档案事务", "元"),
        ("2012601", "一般公共服务支出/档案事务/行政运行", "元"),
    ]
