"""A refused question in other words: slips of the pen, everyday words, words without meaning. Asked of the sample papers."""

from __future__ import annotations

import pytest

from retrieval.assistant import Assistant
from tests.retrieval.test_assistant import first


@pytest.mark.parametrize(
    ("question", "value", "unit", "told"),
    [
        ("扶贫办2019年三公的执行律是多少", "35.78", "%", "“执行律”按“执行率”"),
        ("扶贫办2021年政府采构总额多少", None, "万元", "“采构总额”按“采购总额”"),
        ("扶贫办2021年吃饭预算多少", "5", "万元", "“吃饭”按“公务接待费”"),
        ("扶贫办2021年接待费绩效指标里，人均接待费用控制在多少以内", "160", "元", ""),
    ],
)
def test_understood_in_other_words_and_said_so(sample_assistant: Assistant, question: str, value: str | None, unit: str, told: str) -> None:
    answer = sample_assistant.ask(question)
    status, found, measured = first(answer)
    assert (status, value or found, measured) == ("answered", found, unit)
    assert told in answer.text and ("说明：" in answer.text) == bool(told)


@pytest.mark.parametrize(
    "question",
    [
        "扶贫办主任一年工资多少",  # nobody's own
        "扶贫办2021年培育费多少",  # made of real words: no slip of 培训费
        "市府办2017年罚没收入",
        "扶贫办2021年股权投资多少",
        "明天深圳会下雨吗，出门要不要带伞？",
        "福田政数局水电费",
    ],
)
def test_a_word_that_means_something_still_refuses(sample_assistant: Assistant, question: str) -> None:
    answer = sample_assistant.ask(question)
    assert (answer.status, answer.values) == ("refused", ())


def test_what_describes_the_item_named_after_it_is_left_out(sample_assistant: Assistant) -> None:
    answer = sample_assistant.ask("福田政数局21年总的支出多少，其中人员支出多少，买电脑打印机那个购置费又是多少")
    assert [v.value for v in answer.values] == ["2708.03", "562.7", "3.96"]


def test_a_part_named_beside_its_whole_is_meant(sample_assistant: Assistant) -> None:
    answer = sample_assistant.ask("21年扶贫办和福田政数局谁的车子钱多，各是多少（运维费）")
    assert [v.value for v in answer.values] == ["4", "3.67"]


def test_the_table_that_holds_the_items_named(sample_assistant: Assistant) -> None:
    answer = sample_assistant.ask("扶贫办决算里办公费差旅费这种基本支出明细在哪张表")
    assert [c.table for c in answer.citations] == ["公开06表 一般公共预算财政拨款基本支出决算表"]


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("扶贫办19年出差花了多少", "11.36"),
        ("扶贫办19年印刷花了多少", "6.12"),
        ("扶贫办19年开会花了多少", "0"),
        ("扶贫办21年加油修车要多少", "4"),
        ("扶贫办21年项目上要花多少", "208352"),
        ("福田政数局21年养人的钱是多少", "562.7"),
        ("市府办17年保运转的钱是多少", "5675"),
        ("扶贫办19年财政给了多少钱", "87628.42"),
        ("扶贫办19年上年剩下多少", "0"),
    ],
)
def test_a_part_is_never_the_whole(sample_assistant: Assistant, question: str, value: str) -> None:
    """开会, 印刷 … pass as talk by their characters: the whole budget is no answer."""
    assert first(sample_assistant.ask(question))[:2] == ("answered", value)


@pytest.mark.parametrize("question", ["扶贫办决算里水电费多少", "扶贫办2021年三公实际执行率多少", "深汕24年水电费多少"])
def test_no_other_figure_for_what_is_not_there(sample_assistant: Assistant, question: str) -> None:
    answer = sample_assistant.ask(question)
    assert (answer.status, answer.values) == ("refused", ())


def test_a_question_after_words_keeps_its_sentence(sample_assistant: Assistant) -> None:
    answer = sample_assistant.ask("扶贫办2021年公用支出主要包括什么")
    assert (str(answer.route), answer.values) == ("retrieval", ())  # the sample leaves the parts out: no figure stands in for them
