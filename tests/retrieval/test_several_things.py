"""Questions about several things at once: what is added, what is asked one after another, and of which rows."""

from types import SimpleNamespace

import pytest

from retrieval.answer import beside
from retrieval.asked import parts_asked
from retrieval.assistant import Assistant
from retrieval.prose import figure_beside
from retrieval.records import Answer, Citation, Route, Status


def values(assistant: Assistant, *turns: str) -> list[str]:
    session = None
    for turn in turns:
        answer = assistant.ask(turn, session)
        session = answer.session_id
    return [f"{v.value}{v.unit}" for v in answer.values]


@pytest.mark.parametrize(
    ("question", "figures"),
    [
        # what the others stand in is not added
        ("福田政数局2021年基本支出里工资福利支出和商品和服务支出加起来多少", ["628.27万元", "552.5万元", "75.77万元"]),
        # all projects of that name, on whatever level, no group beside what is in it
        ("福田政数局2021年名称带“智慧城市”的项目一共多少钱", ["178万元", "178万元"]),
        ("扶贫办2019年公务接待费预算还剩多少没花", ["5.78万元", "8万元", "2.22万元"]),
        ("扶贫办2019年公务接待费花掉百分之几", ["27.75%", "2.22万元", "8万元"]),
        # the parts of 三公 are its three by law
        ("福田政数局2021年三公三项各是多少", ["0万元", "3.67万元", "0万元"]),
        ("福田政数局2021年钱最多的两个项目", ["764.2万元", "647.6万元"]),
        # targets handed in are counted by their forms, not by their indicators
        ("福田政数局2021年报了几个项目的绩效目标", ["5个"]),
        # each part asked is answered, the first one first
        ("扶贫办2019年三公经费决算多少，比预算少多少", ["3.22万元", "5.78万元", "3.22万元", "9万元"]),
        ("扶贫办2019年三公经费决算多少，其中公务接待费占百分之几", ["3.22万元", "68.94%", "2.22万元", "3.22万元"]),
        ("扶贫办2019年公务接待费预算多少，实际花了多少，剩多少没花", ["8万元", "2.22万元", "5.78万元", "8万元", "2.22万元"]),
        ("扶贫办2019年三公经费占支出总额多少，保留三位小数", ["0.004%", "3.22万元", "87628.45万元"]),
        # which of two, and by how much; “哪三个 …最多” are three
        ("2021年扶贫办和福田政数局的机关运行经费哪个多 多多少", ["38.33万元", "106万元", "67.67万元"]),
        ("2021年福田政数局跟扶贫办的机关运行经费谁低，低多少", ["38.33万元", "67.67万元", "106万元"]),
        ("福田政数局2021年哪三个项目花钱最多", ["764.2万元", "647.6万元", "486.67万元"]),
        # counts asked in pairs
        ("扶贫办2019年接待了几批客人、多少人次", ["16批次", "152人次"]),
        ("福田政数局2021年编制几个人 在编几个人", ["17人", "0人", "15人"]),
        ("扶贫办2019年基本支出和项目支出谁多", ["608.93万元", "87009.71万元"]),
        ("福田政数局2021年金额100万以上的项目加起来多少", ["2049.27万元", "486.67万元", "764.2万元", "150.8万元", "647.6万元"]),
        # “总共花了多少” asks for no third thing, and a 口径 said of one year is said of that year
        ("扶贫办2019年公务用车运行维护费和公务接待费决算总共花了多少", ["3.22万元", "1万元", "2.22万元"]),
        ("扶贫办2021年三公经费比2019年决算多多少", ["5.78万元", "9万元", "3.22万元"]),
        # which of two bodies and by how much; how many times; the largest together; an item's two halves are the whole of it
        ("购房补贴这项，2021年扶贫办和福田政数局谁预算多？多出来多少万", ["162万元", "222万元", "60万元"]),
        ("扶贫办2019年公务接待费预算是决算的几倍", ["3.6倍", "8万元", "2.22万元"]),
        ("福田政数局2021年钱最多的前三个项目加一起是多少", ["1898.47万元", "764.2万元", "647.6万元", "486.67万元"]),
        ("福田政数局2021年一般管理事务，基本支出和项目支出合起来一共多少", ["486.67万元"]),
        ("2017年市政务办的支出占了全部门的百分之多少", ["35.67%", "4358万元", "12219万元"]),
        # a paper's year is not the figure's; a part of an amount that is named first
        ("2017年市府办那本预算里，市府办2016年三公经费多少", ["85万元"]),
        # remarks in passing are no part of the question
        ("扶贫办2021年三公经费多少（不单是接待费那块）", ["9万元"]),
        ("审计要用：扶贫办2021年三公经费多少", ["9万元"]),
        # the same asked of each
        ("扶贫办2021年三公经费里公务接待费和公务用车费各占多少", ["55.56%", "5万元", "9万元", "44.44%", "4万元", "9万元"]),
        ("扶贫办2021年基本支出和项目支出各占多少", ["0.66%", "1382万元", "209734万元", "99.34%", "208352万元", "209734万元"]),
        ("扶贫办2019年公务接待费和公务用车运行维护费执行率分别是多少", ["27.75%", "2.22万元", "8万元", "100%", "1万元", "1万元"]),
        ("福田政数局2021年三公经费多少，占支出总额百分之几", ["3.67万元", "0.14%", "3.67万元", "2708.03万元"]),
    ],
)
def test_the_figures_of_several_things(sample_assistant: Assistant, question: str, figures: list[str]) -> None:
    assert values(sample_assistant, question) == figures


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("福田政数局2021年三公经费和公务接待费加起来多少", "公务接待费已经包含在“三公”经费里"),
        ("扶贫办2021年支出总计和公务接待费加起来多少", "公务接待费已经包含在支出总计里"),
        ("福田政数局2021年工资福利支出、商品和服务支出三项加起来多少", "问题里说的是 3 项，按这些词找到的是 2 项"),
    ],
)
def test_what_may_not_simply_be_added_is_asked_back(sample_assistant: Assistant, question: str, said: str) -> None:
    answer = sample_assistant.ask(question)

    assert answer.status == "clarify"
    assert said in answer.text
    assert "合计 **" not in answer.text


def test_a_word_of_a_list_that_nobody_knows_is_not_passed_over(sample_assistant: Assistant) -> None:
    answer = sample_assistant.ask("福田政数局2021年工资福利支出、飞船费、商品和服务支出合计多少")

    assert answer.status == "refused"
    assert "飞船费" in answer.text


def test_a_project_pointed_at_as_the_other_one(sample_assistant: Assistant) -> None:
    session = sample_assistant.ask("福田政数局2021年智慧城市指挥中心运营多少钱").session_id
    answer = sample_assistant.ask("另外那个项目呢", session)

    assert answer.status == "clarify"
    assert "您要问哪一个" in answer.text
    assert "智慧城市指挥中心运营" not in answer.text


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("某局2026年三公经费多少，比去年少多少，啥原因", ("某局2026年三公经费多少", "比去年少多少", "啥原因")),
        ("某局支出按大类分几块，分别多少", ("某局支出按大类分几块，分别多少",)),
        ("某局2026年差旅费、会议费、培训费三项一共多少", ("某局2026年差旅费、会议费、培训费三项一共多少",)),
        ("某局收入比16年涨幅多少，文件写的是整数，我要保留两位小数", ("某局收入比16年涨幅多少，文件写的是整数，我要保留两位小数",)),
        ("三公和会议费哪个多，各是多少", ("三公和会议费哪个多，各是多少",)),
    ],
)
def test_the_parts_of_a_question(question: str, parts: tuple[str, ...]) -> None:
    assert parts_asked(question) == parts


def test_a_count_that_stands_in_the_sentence_of_the_figure() -> None:
    sentence = "会议费预算5.6万元，拟召开联席会议，人数约400人"
    answer = Answer(Status.ANSWERED, Route.HYBRID, "5.6", citations=(Citation(1, "a", "a", "a", "a", 2026, "", sentence),))

    assert beside(answer, "人").text == f"同一处原文：{sentence} [1]"
    assert beside(answer, "辆") is None


@pytest.mark.parametrize(
    ("runs", "sentence", "figure"),
    [
        (["数据服务器"], "防火墙 3*28 万元共计 84 万元；数据服务器 4*73 万元共计 292 万元；中间件 2*35 万元共计 70 万元", "292"),
        (["数据服务器", "单价"], "防火墙 3*28 万元；数据服务器单价 4*73 万元共计 292 万元", "73"),
        (["宣传片", "尾款"], "宣传片两版，经费 48.92 万元，2021 年需支付尾款（合同额 50%）24.5 万元。", "24.5"),
    ],
)
def test_the_amount_of_what_is_named_and_not_its_unit_price(runs: list[str], sentence: str, figure: str) -> None:
    piece = SimpleNamespace(text=sentence, passage=SimpleNamespace(path=(), project="", field="", text=sentence))

    assert figure_beside(runs, piece, None).value == figure
