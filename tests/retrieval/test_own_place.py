"""What is asked of one item is answered from that item's own form and paragraphs, whole, and from nowhere else."""

import pytest

from retrieval.assistant import Assistant


@pytest.mark.parametrize(
    ("question", "sentences"),
    [
        ("深汕绩效管理经费的测算依据", ["满意度调查190000元；绩效管理优化咨询300000元；绩效评估系统60000元。"]),
        ("深汕融媒体的长期目标", []),
        (
            "2021年扶贫合作交流这个项目的预算为什么比2020年减了",
            ["比2020年预算减少45.65万元，原因是不再办绿色博览会项目，并按过紧日子的要求压减一般性项目。"],
        ),
    ],
)
def test_the_items_own_place(sample_assistant: Assistant, question: str, sentences: list[str]) -> None:
    answer = sample_assistant.ask(question)

    assert ([c.quote for c in answer.citations], str(answer.status)) == (sentences, "answered" if sentences else "refused")


def test_the_sentence_that_lists_the_offices(sample_assistant: Assistant) -> None:
    answer = sample_assistant.ask("扶贫办2021内设哪几个处室")

    assert "设综合处（机关党委）、专项资金处、扶贫协作处、对口支援处、合作交流处5个处室。" in answer.citations[0].quote


@pytest.mark.parametrize(
    ("question", "sentences"),
    [
        (
            "2019年扶贫办国有资产写着车辆0辆，三公说明又说保有1辆公车，到底怎么回事",
            ["2019年末公务用车保有量1台，调拨手续尚未办完。", "（1）划拨来的固定资产（含公务车一辆）到2019年末还没有办完手续，因此未入账。"],
        ),
        ("2019年扶贫办三公经费和执行率为什么对不上", []),
    ],
)
def test_why_two_facts_do_not_agree_is_explained_or_refused(sample_assistant: Assistant, question: str, sentences: list[str]) -> None:
    answer = sample_assistant.ask(question)

    assert str(answer.status) == ("answered" if sentences else "refused")
    assert [c.quote for c in answer.citations if answer.status == "answered"] == sentences
