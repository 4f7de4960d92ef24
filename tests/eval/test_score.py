"""The judges judged: hand-written answers with the verdict a careful person gives, right and wrong ones."""

from decimal import Decimal

import pytest

from eval.casefile import Case, read_case
from eval.score import contains, figures, has_item, is_faithful, is_relevant, judge, percentile, same_amount, score_citations, squeeze, states, wilson


def case(answer_type: str = "number", **fields: object) -> Case:
    """A case with the fields that matter to one test."""
    return read_case({"id": "t", "turns": ["问"], "answer_type": answer_type, **fields}, "测试")


def answer(text: str, value: str | None = None, unit: str = "万元", status: str = "answered", **more: object) -> dict:
    """An answer object of the contract with one value, or none."""
    values = [] if value is None else [{"label": "", "value": value, "unit": unit, "formula": None, "citations": [1]}]
    return {"status": status, "route": "sql", "answer": text, "values": values, "citations": [], "suggestions": [], "query": {}, **more}


NINE = {"value": 9, "unit": "万元", "not_as_answer": ["12万元", "3万元"]}
NUMBERS = [
    # (fields of the case, text, first value, its unit, right)
    (NINE, "三公经费预算 **9 万元** [1]", "9", "万元", True),
    (NINE, "三公经费预算 9.00万元", "9.00", "万元", True),
    (NINE, "三公经费预算 90,000 元", "90000", "元", True),
    (NINE, "三公经费预算 0.0009 亿元", "0.0009", "亿元", True),
    (NINE, "三公经费预算９万元", "9", "万元", True),
    (NINE, "是 9万元，比上年的12万元少3万元", "9", "万元", True),
    (NINE, "| 项目 | 万元 |\n| 三公 | 9 |", "9", "万元", True),
    (NINE, "三公经费预算 12 万元", "12", "万元", False),
    (NINE, "三公经费预算 9 万元", "12", "万元", False),
    (NINE, "三公经费预算 12 万元", "9", "万元", False),
    (NINE, "三公经费预算 9 元", "9", "元", False),
    (NINE, "三公经费预算 9 元", "9", "万元", False),
    (NINE, "三公经费预算 9 万元", "9", "元", False),
    (NINE, "三公经费预算 9 亿元", "9", "亿元", False),
    (NINE, "三公经费预算 9 万元", "9", "%", False),
    (NINE, "三公经费预算 19 万元", "9", "万元", False),
    (NINE, "三公经费预算 0.9 万元", "9", "万元", False),
    (NINE, "三公经费预算 9.5 万元", "9", "万元", False),
    (NINE, "三公经费预算 9 万元", None, "万元", False),
    (NINE, "三公经费预算 9 万元", "九", "万元", False),
    (NINE, "三公经费是 9 个单位的合计", "9", "万元", False),
    (NINE, "见表 9。", "9", "万元", True),  # a bare number cannot be told from a table's cell; values[0] decides
    ({"value": 10, "unit": "万元"}, "共 110万元", "10", "万元", False),
    ({"value": 10, "unit": "万元"}, "共 10万元", "10", "万元", True),
    ({"value": 10, "unit": "万元"}, "共 100000元", "10", "万元", True),
    ({"value": 5.78, "unit": "%"}, "执行率 35.78%", "5.78", "%", False),
    ({"value": 35.78, "unit": "%"}, "执行率 35.78%", "35.78", "%", True),
    ({"value": 35.78, "unit": "%"}, "执行率 35.78%", "35.78", "万元", False),
    ({"value": 35.78, "unit": "%"}, "执行率 35.78%", "0.3578", "", False),
    ({"value": 35.78, "unit": "%", "tolerance": 0.01}, "执行率 35.777%", "35.777", "%", True),
    ({"value": 35.78, "unit": "%", "tolerance": 0.01}, "执行率 35.8%", "35.8", "%", False),
    ({"value": 15, "unit": "%", "tolerance": 0.2, "absolute": True}, "下降 14.87%", "-14.87", "%", True),
    ({"value": 3, "unit": "万元", "absolute": True}, "减少 3 万元", "-3", "万元", True),
    ({"value": 3, "unit": "万元"}, "减少 3 万元", "-3", "万元", False),
    ({"value": -3, "unit": "万元"}, "减少 3 万元", "-3", "万元", True),
    ({"value": 209734, "unit": "万元"}, "209,734万元", "209734", "万元", True),
    ({"value": 209734, "unit": "万元"}, "20.9734亿元", "209734", "万元", True),
    ({"value": 209734, "unit": "万元"}, "20.97亿元", "209734", "万元", False),
    ({"value": 209734, "unit": "万元"}, "2,097,340,000 元", "2097340000", "元", True),
    ({"value": 209734, "unit": "万元"}, "209734元", "209734", "元", False),
    ({"value": 3714010.70, "unit": "元"}, "371.40107万元", "3714010.7", "元", True),
    ({"value": 3714010.70, "unit": "元"}, "3,714,010.70元", "3714010.70", "元", True),
    ({"value": 3714010.70, "unit": "元", "not_as_answer": ["14842032.10元"]}, "3,714,010.70元", "14842032.10", "元", False),
    ({"value": 608.93, "unit": "万元", "tolerance": 0.01}, "608.92万元", "608.92", "万元", True),
    ({"value": 608.93, "unit": "万元"}, "608.92万元", "608.92", "万元", False),
    ({"value": 0, "unit": "万元"}, "预算数为 0 万元", "0", "万元", True),
    ({"value": 0, "unit": "万元"}, "预算数为 10 万元", "0", "万元", False),
    ({"value": 0, "unit": "万元"}, "表中为空白", None, "万元", False),
    ({"value": 25, "unit": "人"}, "实有 25 人", "25", "人", True),
    ({"value": 25, "unit": "人"}, "实有 25 人", "25", "个", True),
    ({"value": 25, "unit": "人"}, "实有 25 人", "25", "", True),
    ({"value": 25, "unit": "人"}, "25 万元", "25", "万元", False),
    ({"value": 6, "unit": "个"}, "2021年6月", "6", "个", False),
    ({"value": 2021, "unit": "年"}, "2021年", "2021", "年", True),
    ({"value": 252.75, "unit": "万元"}, "252.75万，按年支付", "252.75", "万元", True),
    ({"value": 180.67, "unit": "万元"}, "登记 180.67万人", "180.67", "万元", False),
    ({**NINE, "must_contain": ["公务接待费"]}, "9 万元", "9", "万元", False),
    ({**NINE, "must_contain": ["公务接待费"]}, "9 万元，其中公务接待费 5 万元", "9", "万元", True),
    ({**NINE, "must_contain_any": [["接待费", "招待费"]]}, "9 万元，含招待费", "9", "万元", True),
    ({**NINE, "must_contain_any": [["接待费", "招待费"]]}, "9 万元", "9", "万元", False),
    ({**NINE, "must_not_contain": ["12万元"]}, "9 万元，上年 12 万元", "9", "万元", False),
    ({**NINE, "must_not_contain": ["2万元"]}, "9 万元，上年 12 万元", "9", "万元", True),
    ({**NINE, "items": [{"item": "公务接待费", "value": 5}]}, "9 万元：公务接待费 5 万元", "9", "万元", True),
    ({**NINE, "items": [{"item": "公务接待费", "value": 5}]}, "9 万元：公务接待费 50 万元", "9", "万元", False),
    ({"value": 100, "unit": "%", "not_as_answer": ["100%"]}, "100%", "100", "%", True),  # a trap equal to the answer is no trap
    ({"value": 7861, "unit": "万元", "tolerance": 1, "not_as_answer": ["7862万元"]}, "7,862万元", "7862", "万元", True),
    ({"value": 9, "unit": "万元", "not_as_answer": ["3.22"]}, "9 万元", "3.22", "万元", False),
]


@pytest.mark.parametrize(("fields", "text", "value", "unit", "right"), NUMBERS)
def test_numbers(fields: dict, text: str, value: str | None, unit: str, right: bool) -> None:
    assert judge(case(**fields), answer(text, value, unit)).ok is right


def test_a_wrong_number_given_as_certain_is_confidently_wrong() -> None:
    verdict = judge(case(**NINE), answer("三公经费预算 12 万元", "12"))
    assert verdict.confident_wrong
    assert verdict.why == "把相邻的数 12万元 当成了答案（应为 9万元）"


@pytest.mark.parametrize("status", ["refused", "clarify"])
def test_no_answer_to_a_number_is_wrong_but_not_confident(status: str) -> None:
    verdict = judge(case(**NINE), answer("没有这一年的资料", status=status))
    assert (verdict.ok, verdict.confident_wrong) == (False, False)


WORDS = [
    # (type, fields, answer, right)
    ("text", {"must_contain": ["因公出国", "公务接待费"]}, answer("指因公出国（境）费、公务接待费"), True),
    ("text", {"must_contain": ["因公出国(境)费"]}, answer("指因公 出国（境）费"), True),
    ("text", {"must_contain": ["公务接待费"]}, answer("指接待费用"), False),
    ("text", {"must_contain": ["≥97%"]}, answer("目标值 ≥97%"), True),
    ("text", {"must_contain": ["97%"]}, answer("目标值 ≥197%"), False),
    ("text", {"must_contain": ["6"]}, answer("≥6 次"), True),
    ("text", {"must_contain": ["6"]}, answer("≥6.5 次"), False),
    ("text", {"must_contain": ["1382"]}, answer("1,382万元"), True),
    ("text", {"must_contain": ["35.78%", "5.78%"]}, answer("按 3.22/9 为 35.78%，文中印作 5.78%"), True),
    ("text", {"must_contain": ["35.78%", "5.78%"]}, answer("按 3.22/9 为 35.78%"), False),
    ("text", {"must_contain": ["零基预算"]}, answer("按零基预算安排", status="refused"), False),
    ("text", {"value": 9, "unit": "万元"}, answer("9 万元", "9"), True),
    ("text", {"value": 9, "unit": "万元"}, answer("12 万元", "12"), False),
    ("list", {"items": ["党建活动", "政府投资项目"]}, answer("- 党建活动\n- 政府投资项目"), True),
    ("list", {"items": ["党建活动", "政府投资项目"]}, answer("- 党建活动"), False),
    ("list", {"items": [{"item": "2021", "value": 9}, {"item": "2020", "value": 12}], "unit": "万元"}, answer("2021年 9 万元；2020年 12 万元"), True),
    (
        "list",
        {"items": [{"item": "2021", "value": 9}, {"item": "2020", "value": 12}], "unit": "万元"},
        answer("2021年 12 万元；2020年 9 万元"),
        False,
    ),
    ("list", {"items": [{"item": "融媒体", "value": 100}], "unit": "元"}, answer("| 融媒体中心 | 100 |\n| 宣传 | 5 |"), True),
    ("list", {"items": [{"item": "宣传", "value": 100}], "unit": "元"}, answer("| 融媒体中心 | 100 |\n| 宣传 | 5 |"), False),
    ("list", {"items": ["甲", "乙"], "ordered": True}, answer("1. 甲\n2. 乙"), True),
    ("list", {"items": ["甲", "乙"], "ordered": True}, answer("1. 乙\n2. 甲"), False),
    ("list", {"items": ["甲"], "must_not_contain": ["丙"]}, answer("甲、丙"), False),
    ("list", {"items": [{"item": "满意度", "value": "≥90%"}]}, answer("满意度 ≥90%"), True),
    ("list", {"items": [{"item": "满意度", "value": "≥90%"}]}, answer("满意度 ≤90%"), False),
    ("refusal", {}, answer("没有 2022 年的资料，现有 2021 年", status="refused"), True),
    ("refusal", {}, answer("9 万元", "9"), False),
    ("refusal", {}, answer("问的是哪一年？", status="clarify"), False),
    ("refusal", {"must_contain": ["2021"]}, answer("没有这一年的资料", status="refused"), False),
    ("refusal", {"must_not_contain": ["13800000000"]}, answer("不能提供 13800000000", status="refused"), False),
    ("clarify", {}, answer("问的是哪个部门？", status="clarify", suggestions=["2021年扶贫办三公经费多少"]), True),
    ("clarify", {}, answer("问的是哪个部门？", status="clarify"), False),
    ("clarify", {}, answer("9 万元", "9"), False),
    ("clarify", {"accept_if_contains_all": ["9", "3.67"]}, answer("扶贫办 9 万元，福田 3.67 万元", "9"), True),
    ("clarify", {"accept_if_contains_all": ["9", "3.67"]}, answer("扶贫办 9 万元", "9"), False),
    ("clarify", {"accept_if_contains_all": ["9"]}, answer("没有", status="refused"), False),
]


@pytest.mark.parametrize(("kind", "fields", "given", "right"), WORDS)
def test_words(kind: str, fields: dict, given: dict, right: bool) -> None:
    # Every type is judged on its own fields; the list type asks for at least one of them to be written.
    assert judge(case(kind, **fields), given).ok is right


@pytest.mark.parametrize(
    ("text", "needle", "found"),
    [
        ("110万", "10万", False),
        ("10万元", "10万", True),
        ("35.78", "5.78", False),
        ("5.78%", "5.78", True),
        ("1,234,567元", "1234567", True),
        ("12,3", "123", False),
        ("9 万 元", "9万元", True),
        ("“三公”经费", "“三公”经费", True),
        ("**9** 万元", "9万元", True),
        ("见[12]。", "12", False),
    ],
)
def test_contains(text: str, needle: str, found: bool) -> None:
    assert contains(text, needle) is found


def test_figures_keep_units_apart() -> None:
    assert [(str(f.value), f.unit) for f in figures("9 万元、-3元、12%、2021年、180.67万人、50")] == [
        ("9", "万元"),
        ("-3", "元"),
        ("12", "%"),
        ("2021", "年"),
        ("180.67", "万人"),
        ("50", ""),
    ]


def test_a_figure_does_not_run_into_the_next_table_cell() -> None:
    assert [str(f.value) for f in figures("| 2021 | 9 | 5 |")] == ["2021", "9", "5"]


def test_numbers_with_a_blank_between_them_are_two() -> None:
    assert [str(f.value) for f in figures("9.00 0.00 1,382 8 万元")] == ["9.00", "0.00", "1382", "8"]


def test_amounts_of_different_families_never_match() -> None:
    assert not same_amount(Decimal(9), "%", Decimal(9), "万元")
    assert not same_amount(Decimal(9), "", Decimal(9), "万元")
    assert states("9", Decimal(9), "万元")


def test_squeeze() -> None:
    assert squeeze("**１,382 万元** [1]（境）") == "1382万元(境)"


def test_an_item_may_stand_in_a_labelled_value() -> None:
    given = answer("见表")
    given["values"] = [{"label": "公务接待费 2021年", "value": "5", "unit": "万元"}]
    assert has_item(case("list", items=[{"item": "公务接待费", "value": 5}], unit="万元").items[0], "万元", given)


def citation(quote: str, start: int = 1, end: int = 1, document: str = "2021_扶贫办.txt") -> dict:
    return {"id": 1, "document": document, "document_id": "d", "quote": quote, "line_start": start, "line_end": end, "page": None}


LINES = ["市办\t2020 年\t12\t\t8", "\t2021 年\t9\t\t5"]


def source(cited: dict) -> str | None:
    return "\n".join(LINES[cited["line_start"] - 1 : cited["line_end"]]) if cited["line_start"] else None


@pytest.mark.parametrize(
    ("quote", "start", "end", "faithful"),
    [
        ("| 2021 年 | 9 | | 5", 2, 2, True),
        ("2021年 | 9 | 5", 2, 2, True),
        ("2020 年 | 12 | | 8", 2, 2, False),
        ("市办 | 2020 年 | 12 | | 8 | 2021 年 | 9 | | 5", 1, 2, True),
        ("2021年预算9", 2, 2, False),
        ("", 1, 1, False),
        ("9", 0, 0, False),
    ],
)
def test_a_quote_must_stand_where_it_says(quote: str, start: int, end: int, faithful: bool) -> None:
    assert is_faithful(citation(quote, start, end), source) is faithful


def test_a_citation_is_relevant_on_the_evidence_or_with_the_figure() -> None:
    evidence = [{"doc": "2021_扶贫", "lines": [507, 508]}]
    wanted = case(value=9, unit="万元", evidence=evidence)
    assert is_relevant(wanted, [citation("x", 508, 508)])
    assert is_relevant(wanted, [citation("2021 年 | 9 | | 5", 3, 3)])
    assert is_relevant(wanted, [citation("合计 90000.00", 3, 3)])
    assert not is_relevant(wanted, [citation("x", 509, 509)])
    assert not is_relevant(wanted, [citation("x", 508, 508, document="2019_扶贫办.txt")])
    assert not is_relevant(wanted, [citation("2021 年 | 19", 3, 3)])


def test_citations_are_counted_one_by_one() -> None:
    given = answer("9 万元", "9", citations=[citation("2021 年 | 9", 2, 2), citation("编造的一句", 2, 2)])
    scored = score_citations(case(**NINE), given, source)
    assert (scored.present, scored.faithful, scored.total, scored.unfaithful) == (True, 1, 2, ("[1] 编造的一句",))


def test_statistics() -> None:
    assert [round(x, 4) for x in wilson(9, 10)] == [0.5958, 0.9821]
    assert wilson(0, 0) == (0.0, 0.0)
    assert percentile([3, 1, 2], 0.95) == 3
    assert percentile([], 0.5) == 0.0
