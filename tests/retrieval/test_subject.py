"""What a question is about, and whether a text speaks of it under the same or another name."""

from __future__ import annotations

import pytest

from ingest.wording import key
from retrieval.evidence.subject import bare, spoken, subject


@pytest.mark.parametrize(
    ("question", "ignore", "words"),
    [
        ("示例局雇外聘要的钱按什么定", ("示例局",), ["外聘"]),
        ("示例局2021年为什么减少", ("示例局", "2021年"), ["减少"]),  # what rose did not fall
        ("示例局信访维稳项目多少钱", ("示例局",), ["信访", "维稳"]),  # 维 and 稳 are no words of their own
        ("示例局主要减了哪些，各减多少", ("示例局",), []),
        ("正式员工和外包人手有多少", (), ["外包人手", "正式员工"]),
    ],
)
def test_the_words_a_question_is_about(question: str, ignore: tuple[str, ...], words: list[str]) -> None:
    assert sorted(subject(question, ignore)) == sorted(words)


@pytest.mark.parametrize(
    ("asked", "text", "share"),
    [
        (["外聘"], "按12名劳务派遣人员测算", 1.0),  # another name for it
        (["退休"], "离休0人", 0.0),  # no other name for it
        (["信访", "维稳"], "信访工作", 0.5),
        (["医保"], "缴纳职工基本医疗保险", 1.0),
        (["医保"], "缴纳职工养老保险", 0.0),
    ],
)
def test_how_much_of_it_a_text_speaks_of(asked: list[str], text: str, share: float) -> None:
    assert spoken(asked, key(text)) == share


def test_nothing_is_said_by_words_of_doing() -> None:
    assert bare("给做好了") == []
