"""Sentences that answer: the right one, exact characters, exact lines."""

import pytest

from ingest.records import Place
from retrieval.evidence.extract import Extract, extract, naming
from retrieval.evidence.passages import Found

LINES = [
    "第五部分 三公经费",
    "**2. 公务接待费。**2021 年预算数 5 万元，比 2020 年减少 3 万元。经费减少的主",
    "- 9 -",
    "要原因是压缩接待经费。",
    "- 1.实现平台上线；",
    "- 2.办好展会。",
]


def found(
    text: str, path: tuple[str, ...] = ("第五部分",), field: str = "", project: str = "", lines: tuple[int, int] = (1, 1), id: int = 1
) -> Found:
    return Found(id, "a", text, path, project, field, Place(*lines), 1.0)


def texts(question: str, *passages: Found, **more: object) -> list[str]:
    return [e.text for e in extract(question, passages, **more)]


RECEPTION = "2.公务接待费。2021 年预算数 5 万元，比 2020 年减少 3 万元。主要是履职接待。经费减少的主要原因是压缩接待经费。"


@pytest.mark.parametrize(
    ("question", "text", "answer"),
    [
        ("公务接待费为什么减少", RECEPTION, "经费减少的主要原因是压缩接待经费。"),
        (
            "预算为什么减少",
            "预算减少主要原因说明：1、人员减少；2、剔除援疆资金；3、过紧日子。",
            "预算减少主要原因说明：1、人员减少；2、剔除援疆资金；3、过紧日子。",
        ),
        (
            "公务接待费咋少了",
            "2021 年预算数 5 万元，比 2020 年减少 3 万元。主要原因是压缩接待经费。",
            "2021 年预算数 5 万元，比 2020 年减少 3 万元。主要原因是压缩接待经费。",
        ),
        ("预算为啥增加", "预算增加主要原因说明：1. 新增平台；\n2. 新增人员。", "预算增加主要原因说明：1. 新增平台；\n2. 新增人员。"),
        ("购房补贴是什么意思", "十二、购房补贴：反映用于购买住房的补贴。", "十二、购房补贴：反映用于购买住房的补贴。"),
        ("下设哪些处室", "本办为正局级单位。内设综合处、资金处等5个处室。编制29人。", "内设综合处、资金处等5个处室。"),
        (
            "有哪些内设机构",
            "根据《某办职能配置、内设机构和人员编制规定》履行职能。本办为正局级单位。内设综合处、资金处等5个处室。",
            "内设综合处、资金处等5个处室。",
        ),
        ("下一步改进措施有哪些", "下一步改进措施：加强培训。完善制度。", "下一步改进措施：加强培训。完善制度。"),
        (
            "机关运行经费咋降了",
            "机关运行经费预算5万元，比上年减少3万元。主要是：平台即将完工，只需付尾款；落实过紧日子要求。",
            "机关运行经费预算5万元，比上年减少3万元。主要是：平台即将完工，只需付尾款；落实过紧日子要求。",
        ),
        ("收支为什么减少", "收支预算减少的主要原因，一是补助收支减少；二是军休经费收支减少。", "收支预算减少的主要原因，一是补助收支减少；二是军休经费收支减少。"),
        (
            "机关运行经费怎么涨了",
            "机关运行经费预算8万元，比上年增加1万元，增长9.6%。主要是出国费用不再统管。",
            "机关运行经费预算8万元，比上年增加1万元，增长9.6%。主要是出国费用不再统管。",
        ),
        ("财政拨款结余是什么意思", "结转资金：财政拨款结转是指还要用的资金。财政拨款结余是指剩余的资金。", "财政拨款结余是指剩余的资金。"),
        ("有哪些处室", "本单位共1家。某局下设办公室、规划计划处、审批服务处（政策法规处）、机关党委。", "某局下设办公室、规划计划处、审批服务处（政策法规处）、机关党委。"),
    ],
)
def test_the_sentence_that_answers(question: str, text: str, answer: str) -> None:
    assert texts(question, found(text))[0] == answer


def test_a_long_sentence_is_cut_to_the_clause_that_answers() -> None:
    text = (
        "4.前方机构运营5,533万元，根据《"
        + "某某规定" * 30
        + "》的通知主要职能，主要用于保障派驻干部的日常工作，提供必要的生活保障。本年度预计完成九成。"
    )
    assert texts("前方机构运营主要用于什么", found(text)) == ["主要用于保障派驻干部的日常工作，提供必要的生活保障。"]


def test_the_line_of_the_item_named_is_taken() -> None:
    text = "（四）项目支出具体包括：\n1.督查业务11万元，主要用于督查。\n2.公报业务110万元，主要用于公报编印。"
    assert texts("公报业务主要用于什么", found(text)) == ["2.公报业务110万元，主要用于公报编印。"]


def test_an_item_named_only_among_the_reasons_is_not_the_one_that_changed() -> None:
    text = "2.提租补贴支出5万元，比上年增加2万元。主要原因是去年并入购房补贴。\n3.购房补贴支出4万元，比上年减少3万元。主要原因是提租补贴单列。"
    assert texts("购房补贴怎么减了", found(text)) == ["3.购房补贴支出4万元，比上年减少3万元。主要原因是提租补贴单列。"]


def test_a_field_is_given_whole_with_its_continuation() -> None:
    first = found("依据《甲办法》。", ("表15",), "政策依据", "法律服务费", id=1)
    second = found("依据《乙办法》。", ("表15",), "政策依据", "法律服务费", id=2)
    other = found("完成法律顾问采购。", ("表15",), "年度目标", "法律服务费", id=3)
    assert texts("法律服务费的政策依据", second, other, around=lambda _: [first, second]) == ["依据《甲办法》。", "依据《乙办法》。"]


def test_a_list_is_given_with_its_items() -> None:
    text = "主要业务包括：\n1.督查；\n2.公报。"
    assert texts("主要业务包括什么", found(text)) == [text]


def test_two_places_that_say_different_things_are_both_given() -> None:
    one = found("公务接待费减少的主要原因是批次减少。", id=1)
    two = found("公务接待费减少的主要原因是厉行节约，压缩开支。", id=2)
    again = found("公务接待费减少的主要原因是批次减少。", id=3)
    assert texts("公务接待费减少的原因", one, two, again) == [one.text, two.text]


def test_every_piece_stands_in_its_passage() -> None:
    passages = [found(RECEPTION, id=1), found("本单位无下属单位。内设五个处室；编制二十九人。", id=2)]
    for question in ("公务接待费", "为什么", "有哪些处室", "量子比特", ""):
        for piece in extract(question, passages):
            assert piece.text in piece.passage.text


def test_nothing_found_gives_nothing() -> None:
    assert extract("公务接待费", []) == []


def cited(question: str, text: str, lines: tuple[int, int], heading: str = "第五部分") -> Extract:
    return extract(question, [found(text, (heading,), lines=lines)], lines=lambda _: LINES)[0]


def test_place_and_quote_are_the_sources_own() -> None:
    piece = cited("公务接待费减少的原因", "2. 公务接待费。2021 年预算数 5 万元，比 2020 年减少 3 万元。经费减少的主要原因是压缩接待经费。", (2, 4))
    assert (piece.text, piece.place) == ("经费减少的主要原因是压缩接待经费。", Place(2, 4))
    assert piece.quote == "经费减少的主- 9 -要原因是压缩接待经费。"
    listed = cited("工作目标有哪些", "1.实现平台上线；\n2.办好展会。", (5, 6), "三、主要工作目标")
    assert (listed.place, listed.quote) == (Place(5, 6), "1.实现平台上线；- 2.办好展会。")


def test_a_quote_stops_at_markup() -> None:
    lines = ["年度目标\t<p>1.完成系统开发并上线；</p> <p>2.验收。</p>"]
    piece = extract("年度目标", [found("1.完成系统开发并上线；\n2.验收。", field="年度目标")], lines=lambda _: lines)[0]
    assert (piece.text, piece.quote) == ("1.完成系统开发并上线；\n2.验收。", "1.完成系统开发并上线；")


@pytest.mark.parametrize(
    ("term", "sentence"),
    [
        ("四个到位", "落实“四个到位”（责任到位。力量到位。资源到位。考核到位）。"),
        ("钱随事走,钱随人走", "按“钱随事走、钱随人走”的原则划转经费。"),
        ("e站通", "完善“E站通”大厅。"),
        ("五个到位", None),
    ],
)
def test_a_term_is_explained_by_the_sentence_that_prints_it(term: str, sentence: str | None) -> None:
    passages = [
        found("继续抓好四个到位。完善“E站通”大厅。"),
        found("深化改革。落实“四个到位”（责任到位。力量到位。资源到位。考核到位）。按“钱随事走、钱随人走”的原则划转经费。"),
    ]
    piece = naming(term, passages, lambda _: None)
    assert (piece.text if piece else None) == sentence


def test_the_departments_own_section_comes_before_a_field_that_is_not_named() -> None:
    form = found("围绕总体架构推进建设。", ("表14",), field="年度总体目标", id=1)
    section = found("1. 推进平台建设。\n2. 推进网格改革。", ("三、2021年主要工作目标",), id=2)

    assert texts("重点工作有哪些", form, section)[0] == section.text
    assert texts("年度总体目标是什么", form, section)[0] == form.text
