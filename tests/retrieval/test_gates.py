"""Questions that a likely looking figure does not answer, and the ways of asking that need more than one figure."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ingest.pipeline import find_sources, ingest
from retrieval.assistant import Assistant

FORMS = """示例市档案局2024年项目支出绩效目标申报表

表1

一级项目支出绩效目标申报表

项目名称	档案工作经费	项目编码	4403
预算单位	示例市档案局
本年度项目金额（元）	838,000.00	项目总金额（元）	2,000,000.00
测算依据	1. 档案数字化服务合同金额为48万元，2023年度已支付14.4万元，2024年度支付33.6万元。 2. 库房改造申报数是50万元，根据评审意见压减至40万元。 3. 平台建设：其中工程监理费5万元、第三方测评费7万元。 4. 展览印刷费1.2万元。合计83.8万元。
资金支出进度	第一季度、第二季度累计支付30万元；第三季度累计支付50.5万元；第四季度累计支付83.8万元。
一级指标	二级指标	三级指标	目标值	指标解释
产出指标	数量指标	开通热线服务号码总数	150个/月	考察开通数量
满意度指标	服务对象满意度指标	查档群众满意度	≥90%	考察满意度

一级项目支出绩效目标申报表

项目名称	会务工作经费	项目编码	4404
预算单位	示例市档案局
本年度项目金额（元）	90,000.00	项目总金额（元）	270,000.00
测算依据	购买3台打印机0.6万元，2台扫描仪0.8万元。
"""
FINAL = """示例市档案局2019年度部门决算

（七）一般公共预算财政拨款“三公”经费支出决算情况说明

公务接待费全年预算8万元，支出2.22万元。全年公务接待均为国内接待，共16批次、152人次。

三、主要工作目标

推动“多网合一”、落实“五个到格”（责任到格。力量到格。）。

（十）机关运行经费支出情况说明

示例市档案局2019年度机关运行经费支出57.86万元，比预算减少24.03万元，执行率降低29.34%。车改补贴预算20.79万元，支出17.34万元。
"""


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    folder = tmp_path_factory.mktemp("gates")
    (folder / "示例市档案局2024年项目支出绩效目标申报表.txt").write_text(FORMS, encoding="utf-8")
    (folder / "示例市档案局2019年度部门决算.txt").write_text(FINAL, encoding="utf-8")
    ingest(find_sources([folder]), folder / "index")
    yield Assistant(folder / "index")


@pytest.mark.parametrize(
    ("question", "value"),
    [
        # What was done with the amount is what was asked.
        ("示例市档案局2024年档案数字化服务要付多少", "33.6万元"),
        ("示例市档案局2024年档案数字化服务合同金额多少", "48万元"),
        ("示例市档案局2024年库房改造评审压减以后多少", "40万元"),
        ("示例市档案局2024年库房改造申报了多少", "50万元"),
        # Two amounts of one cell, and all that it lists.
        ("示例市档案局2024年测评费和监理费差多少", "2万元"),
        ("示例市档案局2024年第三方测评费占合计的比例", "8.35%"),
        # For each of what there is.
        ("示例市档案局2019年公务接待平均每个人次花了多少元？算到分", "146.05元"),
        ("示例市档案局2019年接待一批平均花多少钱", "1387.5元"),
        # For each month, as it is printed, and for a year.
        ("示例市档案局2024年热线服务号码每月要开通多少个", "150个/月"),
        # One quarter out of running totals.
        ("示例市档案局2024年档案工作经费光第三季度付多少", "20.5万元"),
        # The 预算 behind a 决算 and the change that is printed.
        ("示例市档案局2019年机关运行经费预算是多少", "81.89万元"),
        ("示例市档案局2019年车改补贴预算和实际支出差多少", "3.45万元"),
        # Two fields of one form.
        ("示例市档案局2024年会务工作经费的项目总金额比本年度项目金额多多少", "180000元"),
    ],
)
def test_the_figure_that_is_asked_for(assistant: Assistant, question: str, value: str) -> None:
    answer = assistant.ask(question)
    first = f"{answer.values[0].value}{answer.values[0].unit}" if answer.values else ""
    assert (answer.status, first) == ("answered", value)


@pytest.mark.parametrize(
    "question",
    [
        "示例市档案局2024年档案工作经费比运营费多多少",  # a word nobody knows
        "示例市档案局2024年展览印刷费占信访的比例",  # of what nobody knows: not of everything
        "示例市档案局2024年档案数字化服务每月多少钱",  # a total is no figure for a month
        "示例市档案局2024年档案工作经费第二季度付多少",  # only printed together with the first
        "示例市档案局2024年项目总金额比本年度项目金额多多少",  # of which project
        "示例市档案局2024年会务工作经费的查档群众满意度是多少",  # of another form
    ],
)
def test_a_figure_that_would_answer_another_question_is_no_answer(assistant: Assistant, question: str) -> None:
    assert assistant.ask(question).values == ()


def test_a_longer_name_is_said_to_be_one(assistant: Assistant) -> None:
    assert "没有单独列出“印刷费”；名称里带它的有“展览印刷费”" in assistant.ask("示例市档案局2024年印刷费多少").text


def test_a_part_larger_than_its_whole_is_no_share(assistant: Assistant) -> None:
    answer = assistant.ask("示例市档案局2019年机关运行经费占公务接待费的比例")
    assert (answer.status, "不能算占比" in answer.text) == ("refused", True)


@pytest.mark.parametrize("question", ["示例市档案局说的五个到格是什么意思", "示例市档案局五个到格指哪五个"])
def test_a_slogan_needs_no_quotes(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question)
    assert (answer.status, "责任到格" in answer.text) == ("answered", True)


@pytest.mark.parametrize(
    "question",
    [
        "福田政数局下属的区网格管理中心2021年单独的预算是多少",  # a unit no paper has figures of
        "天津市和平区政数局2021年三公经费",
        "福田政数局2021年决算支出多少",  # only its budget is there
    ],
)
def test_a_body_of_which_there_are_no_figures_is_refused(sample_assistant: Assistant, question: str) -> None:
    answer = sample_assistant.ask(question)
    assert (answer.status, answer.values) == ("refused", ())


@pytest.mark.parametrize("question", ["公务接待费占三公经费的比例是多少", "三公经费比上年减少多少", "扶贫办公务接待费占三公经费的比例"])
def test_a_calculation_that_leaves_open_whose_or_when_is_asked_back(sample_assistant: Assistant, question: str) -> None:
    answer = sample_assistant.ask(question)
    assert (answer.status, answer.values) == ("clarify", ())
    assert answer.suggestions
