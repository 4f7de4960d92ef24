"""Questions as people say them: spoken words, short forms, words the papers do not print. Asked of the sample papers."""

from __future__ import annotations

import pytest

from retrieval.assistant import Assistant
from retrieval.question import counted_unit, counts_in, normal
from tests.retrieval.test_assistant import first


@pytest.mark.parametrize(
    ("question", "value", "unit"),
    [
        ("21年扶贫办请客吃饭预算几个钱", "5", "万元"),
        ("府办2017年三公多少", "60", "万元"),
        ("市府办2017年养了几台车", "10", "辆"),
        ("扶贫办2021年三公折成元是多少", "90000", "元"),
        ("扶贫办2021年基本工资、津补贴、奖金三块加起来", "925", "万元"),
        ("扶贫办2019年公务接待了几批", "16", "批次"),
        ("深汕党政办视频彩铃要开通多少个", "1578", "个/月"),
        ("福田政数局有几个劳务派遣", "12", "人"),
        ("2019年扶贫办年末还剩多少钱没用", "9.81", "万元"),  # never the total that was spent
    ],
)
def test_the_figure_is_found(sample_assistant: Assistant, question: str, value: str, unit: str) -> None:
    assert first(sample_assistant.ask(question)) == ("answered", value, unit)


def test_a_table_named_beside_an_item_is_where_the_figure_stands(sample_assistant: Assistant) -> None:
    answer = sample_assistant.ask("扶贫办2019收入决算表里社保和就业那一行是多少")
    assert (first(answer), answer.citations[0].table) == (("answered", "88.1", "万元"), "公开02表 收入决算表")


def test_targets_of_one_project_only(sample_assistant: Assistant) -> None:
    answer = sample_assistant.ask("深汕保密经费的满意度指标")
    assert [v.label.split("“")[1].split("”")[0] for v in answer.values] == ["保密工作经费", "保密工作经费"]


def test_a_column_closes_the_list_of_what_is_added(sample_assistant: Assistant) -> None:
    assert first(sample_assistant.ask("福田政数局2021年津贴补贴和奖金的政府预算拨款一共多少")) == ("answered", "64.5", "万元")


def test_a_difference_of_the_two_years_spoken_of(sample_assistant: Assistant) -> None:
    session = sample_assistant.ask("市府办17年三公多少").session_id
    sample_assistant.ask("16年呢", session)
    assert first(sample_assistant.ask("少了多少", session)) == ("answered", "25", "万元")


def test_a_row_named_in_part_is_remembered_in_the_dialogue(sample_assistant: Assistant) -> None:
    session = sample_assistant.ask("福田政数局21年采购信息技术服务多少").session_id
    assert first(sample_assistant.ask("电信那个呢", session)) == ("answered", "476", "万元")
    assert first(sample_assistant.ask("两个加一起呢", session)) == ("answered", "954", "万元")


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("北京市扶贫办2021年收入多少", "没有“北京市扶贫办”"),
        ("福田政数局水电费", "没有找到“水电费”"),  # 电费 alone would be another figure
        ("福田政数局2021年网格员培训费人均多少", "没有找到“人均”"),
        ("扶贫办2021年第一季度支出", "季度"),
        ("深汕哪些项目是新上的", "没有标为新增的项目"),
        ("你觉得扶贫办花钱合理吗", "不做评价"),
    ],
)
def test_what_the_papers_do_not_say_is_refused(sample_assistant: Assistant, question: str, said: str) -> None:
    answer = sample_assistant.ask(question)
    assert (answer.status, answer.values, said in answer.text) == ("refused", (), True)


@pytest.mark.parametrize(
    ("turns", "value", "unit"),
    [
        (["2021年基本支出是多少", "福田政数局的"], "644.8", "万元"),
        (["市府办2017年三公经费多少", "不是全系统的，我问的是厅本级"], "55", "万元"),
        (["扶贫办2021年预算行政运行多少", "2019年决算支出呢", "前面那个比后面这个多多少"], "515.16", "万元"),
        (["2017年市府办本级三公经费预算是多少", "政务办呢", "这两家加起来呢"], "60", "万元"),
        (["深汕保密工作经费本年度安排多少", "项目总金额（中期规划）呢"], "4353000", "元"),
    ],
)
def test_what_the_dialogue_leaves_out(sample_assistant: Assistant, turns: list[str], value: str, unit: str) -> None:
    session = None
    for turn in turns:
        answer = sample_assistant.ask(turn, session)
        session = answer.session_id
    assert first(answer) == ("answered", value, unit)


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("2017年市府办表7中，市政务服务管理办公室科目编码2010305专项业务活动的项目支出是多少", "2831"),
        ("2021年扶贫办部门预算表15-4“前方派驻机构运营”的项目总金额（中期规划）为多少？", "16599"),
        ("查2017年市府办表11：市政务服务管理办公室品目编码B1000“系统集成、网络工程”的金额", "628"),
    ],
)
def test_an_auditors_words(sample_assistant: Assistant, question: str, value: str) -> None:
    assert first(sample_assistant.ask(question))[:2] == ("answered", value)


def test_a_comparison_of_nothing_asks_back(sample_assistant: Assistant) -> None:
    answer = sample_assistant.ask("比上年增加了多少")
    assert (answer.status, answer.text) == ("clarify", "请说明要问哪个部门、哪一年、哪一项。")
    assert answer.suggestions


def test_courtesies_and_mistyped_trade_words() -> None:
    assert normal("你好，购房补帖是什么，谢谢！") == "购房补贴是什么"
    assert normal("扶贫办2021年接代费予算") == "扶贫办2021年接待费预算"


def test_spoken_words_are_written() -> None:
    assert normal("扶贫办21年为啥花了几个钱，都买些啥") == "扶贫办21年为什么花了多少钱,都买些什么"


@pytest.mark.parametrize(
    ("question", "unit"), [("养了几台车", "辆"), ("接待了几批", "批"), ("打算印几本", "本"), ("有几个劳务派遣", "人"), ("这几份材料里", None)]
)
def test_what_is_counted(question: str, unit: str | None) -> None:
    found = counted_unit(question)
    assert (found and found[0]) == unit


def test_other_words_for_the_same_thing_counted() -> None:
    assert [counts_in("批次", "批"), counts_in("册", "本"), counts_in("辆", "本"), counts_in("㎡", "平方米")] == [True, True, False, True]
