"""Figures inside the long cells of project forms, asked for in other words than the cell's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ingest.pipeline import find_sources, ingest
from retrieval.assistant import Assistant

PAPER = """示例市档案局2024年项目支出绩效目标申报表

表1

一级项目支出绩效目标申报表

项目名称	档案工作经费	项目编码	4403
预算单位	示例市档案局
本年度项目金额（元）	838,000.00	项目总金额（元）	2,000,000.00
项目概况	建设示例市档案综合管理平台，服务全市档案工作，方便市民查档。
测算依据	（一）2023年档案整理服务项目：二、三期款48.9万元。（二）2024年档案整理服务项目：一期款20.9万元。（三）平台建设其他费用为14万元：其中咨询费2万元、监理费5万元、测评费7万元。（四）会务经费9万元：其中年会会议费6万元、骨干培训费3万元。
年度目标	完成《示例年鉴2023》编纂工作及印刷1500册，完成《示例办年鉴2023》编纂及印刷300册；2022年全年文印室打印量为26万页，2023年全年文印室打印量为343711页。
资金支出进度	第一季度、第二季度累计支付30万元；第三季度累计支付50.5万元；第四季度累计支付83.8万元。
"""


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    folder = tmp_path_factory.mktemp("mentions")
    (folder / "示例市档案局2024年项目支出绩效目标申报表.txt").write_text(PAPER, encoding="utf-8")
    ingest(find_sources([folder]), folder / "index")
    yield Assistant(folder / "index")


def figure(assistant: Assistant, question: str) -> str:
    """The first value of an answer with its unit, or its status."""
    answer = assistant.ask(question)
    return f"{answer.values[0].value}{answer.values[0].unit}" if answer.values else ""


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("示例市档案局2024年档案工作经费：2024年档案整理服务项目一期款", "20.9万元"),
        ("示例市档案局2024年档案综合管理平台测算依据中监理费是多少？", "5万元"),
        ("2024年示例市档案局档案工作经费，截至第三季度累计支付多少万元？", "50.5万元"),
        ("2024年示例市档案局档案工作经费，光第三季度这一个季度付多少钱？", "20.5万元"),  # out of the 累计
        ("示例市档案局《示例年鉴2023》打算印几本", "1500册"),
        ("示例市档案局文印室2023年一整年打印了多少页？", "343711页"),
        ("示例市档案局2024年年会会议费比骨干培训费多多少", "3万元"),
        ("示例市档案局2024年年会会议费比骨干差旅费多多少", ""),
        ("示例市档案局2024年档案综合管理平台测算依据中装修费是多少？", ""),
        ("示例市档案局2024年档案整理服务项目还要付多少尾款？", ""),
    ],
)
def test_a_figure_of_a_long_cell_is_given_only_where_its_row_says_what_is_asked(assistant: Assistant, question: str, value: str) -> None:
    assert figure(assistant, question) == value


def listed(assistant: Assistant, question: str) -> list[str]:
    """The figures of an answer, each with its label, the sum last."""
    return [f"{v.label} {v.value}{v.unit}" for v in assistant.ask(question).values]


@pytest.mark.parametrize("question", ["示例市档案局2024年档案综合管理平台的平台建设其他费用明细", "2024年示例市档案局平台建设其他费用分哪几项，各多少？"])
def test_an_amount_inside_a_cell_is_divided_into_what_the_cell_says_it_is_made_of(assistant: Assistant, question: str) -> None:
    whole = "示例市档案局2024年“档案工作经费”项目（平台建设其他费用，测算依据）"
    assert listed(assistant, question) == ["咨询费 2万元", "监理费 5万元", "测评费 7万元", f"{whole}合计 14万元"]
