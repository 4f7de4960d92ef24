"""What colloquial questions ask for: the kind of sentence, and what they are planned as."""

import pytest

from retrieval.evidence.intents import intents_of, told
from retrieval.question import Ask, normal, wish


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("公务接待费咋降了", "reason"),
        ("今年预算怎么少了14万", "reason"),
        ("三公经费怎么增加这么多", "reason"),
        ("决算数咋比预算数大", "reason"),
        ("预算增加主要因为啥", "reason"),
        ("那辆车为什么没记固定资产", "reason"),
        ("党建活动那3万块是按啥文件来的", "basis"),
        ("办文工作经费是哪个会定的", "basis"),
        ("这个项目凭什么要钱", "basis"),
        ("这个平台是搞什么的", "use"),
        ("党建的钱都花哪儿了", "use"),
        ("机关运行经费是啥意思", "definition"),
        ("啥叫购房补贴", "definition"),
        ("都管些啥", "duty"),
        ("职能有啥调整,多管了啥", "duty change"),
        ("今年要干哪些大事", "year goal"),
        ("存在哪些毛病", "problem"),
        ("下一步打算怎么改", "measure"),
        ("主要减了哪些,各减多少", "cuts"),
        ("预算缩水的两条理由", "reason"),
        ("没编预算怎么还花了钱", "reason"),
        ("从哪个局分出来的", "duty change"),
        ("管不管学校门口的路", "duty"),
        ("在供水上准备怎么干", "year goal"),
        ("这个项目想达到什么目的", "year goal"),
        ("在异地就医方面负责些啥", "duty"),
    ],
)
def test_the_kind_that_is_asked_for(question: str, kind: str) -> None:
    assert kind in [intent.name for intent in intents_of(question)]
    assert kind in [intent.name for intent, _, _ in told(question)]


@pytest.mark.parametrize("question", ["三公经费多少", "三公经费比上年增减多少", "公务接待费减少了多少", "三公经费怎么样", "哪些项目没有项目编码"])
def test_a_question_after_figures_asks_for_no_words(question: str) -> None:
    assert told(question) == ()


@pytest.mark.parametrize(
    ("question", "ask"),
    [
        ("三公经费咋降了", Ask.TEXT),
        ("三公经费减了是啥原因", Ask.TEXT),
        ("啥是三公经费", Ask.DEFINITION),
        ("购置费都买些啥,各多少钱", Ask.LIST),
        ("那300万怎么分的", Ask.LIST),
        ("三公经费多少", Ask.LOOK_UP),
    ],
)
def test_what_it_is_planned_as(question: str, ask: Ask) -> None:
    assert wish(normal(question)).ask is ask


@pytest.mark.parametrize(
    ("question", "kinds"),
    [
        ("下属二级单位列一下", ["units"]),
        ("下面有几个预算单位，分别叫啥", ["units"]),
        ("纳入预算的二级单位都有谁", ["units"]),
        ("所属单位有哪几家", ["units"]),
        ("有哪些处室", ["offices"]),
        ("下面哪些单位的培训费超过10万元", []),
        ("下属单位有几辆车", []),
    ],
)
def test_units_and_offices(question: str, kinds: list[str]) -> None:
    """A question for the units or the offices themselves, not for figures of them."""
    assert [intent.name for intent, _, _ in told(question)][:1] == kinds
