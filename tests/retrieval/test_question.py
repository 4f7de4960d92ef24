"""The words of a question: normal form, years, units, bounds, and what is asked for."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ingest.records import Scope, Stage
from retrieval.question import Ask, Lexicon, Limit, Wish, counted_unit, limits, normal, number_word, unit_spans, wish, word_spans, year_spans


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("2021年 扶贫办“三公”经费（多少）？", "2021年扶贫办三公经费(多少)?"),
        ("２０２１年\n《部门预算》", "2021年部门预算"),
        ("ABC—甲、乙。", "abc-甲,乙."),
        (" \t", ""),
    ],
)
def test_normal(typed: str, expected: str) -> None:
    assert normal(typed) == expected
    assert normal(expected) == expected


@pytest.mark.parametrize(
    ("question", "ask"),
    [
        ("2021年扶贫办三公经费多少", Ask.LOOK_UP),
        ("三公经费", Ask.LOOK_UP),
        ("三公经费比2020年减少多少", Ask.DIFFERENCE),
        ("2021年和2020年三公经费相差多少", Ask.DIFFERENCE),
        ("比上年增减多少？", Ask.DIFFERENCE),
        ("公务接待费增长率", Ask.GROWTH),
        ("三公经费下降了百分之几", Ask.GROWTH),
        ("公务接待费占三公经费的比例", Ask.SHARE),
        ("扶贫办2019年公务接待费预算是决算的几倍", Ask.TIMES),
        ("城市最低生活保障金年初预算是多少", Ask.LOOK_UP),
        ("占总支出多少", Ask.SHARE),
        ("2019年决算执行率", Ask.EXECUTION),
        ("公务接待费和会议费之和", Ask.SUM),
        ("两项加起来多少", Ask.SUM),
        ("有多少个项目", Ask.COUNT),
        ("哪个项目金额最大", Ask.RANK),
        ("超过100万元的项目有哪些", Ask.FILTER),
        ("100万元以上的项目有几个", Ask.FILTER),
        ("有哪些项目", Ask.LIST),
        ("三公经费的构成", Ask.LIST),
        ("什么是三公经费", Ask.DEFINITION),
        ("三公经费是什么", Ask.DEFINITION),
        ("三公经费是什么意思", Ask.DEFINITION),
        ("三公经费为什么减少", Ask.TEXT),
        ("三公经费减少的原因", Ask.TEXT),
        ("三公经费在哪张表", Ask.WHICH_TABLE),
        ("三公经费在第几页", Ask.WHICH_TABLE),
        ("有哪些材料", Ask.META),
        ("能查哪些部门", Ask.META),
        ("张三的身份证号码是多少", Ask.PRIVATE),
        ("你觉得扶贫办花钱合理吗", Ask.OPINION),
        ("明年三公经费会不会增加", Ask.OPINION),
        ("你好", Ask.SMALL_TALK),
        ("谢谢！", Ask.SMALL_TALK),
    ],
)
def test_what_is_asked(question: str, ask: Ask) -> None:
    assert wish(normal(question)).ask is ask


def test_every_kind_of_question_is_recognised_by_some_words() -> None:
    table = next(mark.args[1] for mark in test_what_is_asked.pytestmark)
    assert {ask for _, ask in table} == set(Ask) - {Ask.UNSPENT}  # what is left is heard with the item and its year (tests/retrieval/test_several_things.py)


@pytest.mark.parametrize(
    ("question", "top", "nth", "descending"),
    [
        ("最大的项目", 1, None, True),
        ("金额最少的项目", 1, None, False),
        ("前三名的项目", 3, None, True),
        ("前10个项目", 10, None, True),
        ("最小的两个项目", 2, None, False),
        ("第二大的项目", 1, 2, True),
        ("项目从小到大排序", 99, None, False),
    ],
)
def test_rankings(question: str, top: int, nth: int | None, descending: bool) -> None:
    asked = wish(normal(question))
    assert asked == Wish(Ask.RANK, asked.spans, top, nth, descending)


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("2021年", {2021}),
        ("2021年度", {2021}),
        ("2021", {2021}),
        ("21年", {2021}),
        ("二〇二一年", {2021}),
        ("二零一九年", {2019}),
        ("2019-2021年", {2019, 2020, 2021}),
        ("2019年到2021年", {2019, 2020, 2021}),
        ("去年", {2023}),
        ("前年", {2022}),
        ("今年", {2024}),
        ("2021年比上年", {2021, 2020}),
        ("2021万元", set()),
        ("2021.5万元", set()),
        ("12021年", set()),
        ("120元", set()),
    ],
)
def test_years(text: str, years: set[int]) -> None:
    assert {y for span in year_spans(text, None, 2024) for y in span.value} == years


def test_relative_years_count_from_the_dialogue_s() -> None:
    assert [s.value for s in year_spans("去年", 2021, 2024)] == [(2020,)]
    assert [(s.kind, s.value) for s in year_spans("比上年", None, 2024)] == [("relative_year", (None,))]  # which year, the answer tells
    assert [(s.kind, s.value) for s in year_spans("历年", None, 2024)] == [("all_years", True)]


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("换算成元", "元"),
        ("是多少万元", "万元"),
        ("以亿元为单位", "亿元"),
        ("折合多少亿", "亿元"),
        ("按千元计", "千元"),
        ("多少钱", None),
        ("100万元以上", None),
    ],
)
def test_units_asked_for(text: str, unit: str | None) -> None:
    assert [s.value for s in unit_spans(text)] == ([unit] if unit else [])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("不超过100万", [Limit("≤", Decimal(100), "万元")]),
        ("超过100万元", [Limit(">", Decimal(100), "万元")]),
        ("1,000万元以上", [Limit("≥", Decimal(1000), "万元")]),
        ("至少3亿元", [Limit("≥", Decimal(3), "亿元")]),
        ("低于5%", [Limit("<", Decimal(5), "%")]),
        ("0.5元以下", [Limit("≤", Decimal("0.5"), "元")]),
        ("100到200万元", [Limit("≥", Decimal(100), "万元"), Limit("≤", Decimal(200), "万元")]),
        ("50万元至1亿元之间", [Limit("≥", Decimal(50), "万元"), Limit("≤", Decimal(1), "亿元")]),
        ("2021年以上", []),
        ("2019到2021年", []),
    ],
)
def test_bounds(text: str, expected: list[Limit]) -> None:
    assert [limit for limit, _, _ in limits(text)] == expected


@pytest.mark.parametrize(("text", "unit"), [("多少批次", "批次"), ("几辆车", "辆"), ("多少人次", "人次"), ("多少人", "人"), ("多少万元", None)])
def test_things_counted(text: str, unit: str | None) -> None:
    found = counted_unit(text)
    assert (found[0] if found else None) == unit


@pytest.mark.parametrize(
    ("word", "meaning"),
    [("决算", Stage.FINAL), ("年初预算", Stage.BUDGET), ("调整预算数", Stage.ADJUSTED), ("本级", Scope.OWN), ("下属单位", Scope.SUBUNIT)],
)
def test_stage_and_scope_words(word: str, meaning: Stage | Scope) -> None:
    assert max(word_spans(word), key=lambda span: span.score).value is meaning


@pytest.mark.parametrize(("word", "number"), [("3", 3), ("三", 3), ("两", 2), ("十", 10), ("12", 12)])
def test_number_words(word: str, number: int) -> None:
    assert number_word(word) == number


def test_words_are_found_wherever_they_stand_in_the_order_of_their_list() -> None:
    words = Lexicon([("公务接待费", 1), ("接待", 2), ("费", 3)])
    assert words.found_in("接待费和公务接待费") == [(4, 9, 1), (0, 2, 2), (6, 8, 2), (2, 3, 3), (8, 9, 3)]
