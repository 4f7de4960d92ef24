"""Targets asked for in words of the question's own: found by the indicator's name, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.pipeline import find_sources, ingest
from retrieval.assistant import Assistant

FORMS = """示例市档案局2024年项目支出绩效目标申报表

表1

一级项目支出绩效目标申报表

项目名称	法律顾问服务	项目编码	4403
预算单位	示例市档案局
本年度项目金额（元）	838,000.00	项目总金额（元）	2,000,000.00
一级指标	二级指标	三级指标	目标值	指标解释
产出指标	数量指标	聘用人员数量	≥130人	考察人数
产出指标	时效指标	法律咨询响应时间	≤2小时	考察时效
产出指标	时效指标	信访事项办结时限（日）	≤60	考察时效
满意度指标	服务对象满意度指标	查档群众满意度	≥90%	考察满意度
"""


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    folder: Path = tmp_path_factory.mktemp("aims")
    (folder / "paper.txt").write_text(FORMS, encoding="utf-8")
    ingest(find_sources([folder / "paper.txt"]), folder / "index")
    yield Assistant(folder / "index")


@pytest.mark.parametrize(
    ("question", "printed"),
    [
        ("示例市档案局请的法律顾问，法律咨询多久内响应", "≤2 小时"),
        ("示例市档案局信访事项要在几日内办结", "≤60"),
        ("示例市档案局法律顾问服务要求聘用人员至少多少人", "≥130 人"),
    ],
)
def test_a_target_in_other_words(assistant: Assistant, question: str, printed: str) -> None:
    answer = assistant.ask(question)
    assert (answer.status, answer.route) == ("answered", "sql")
    assert f"**{printed}**" in answer.text


@pytest.mark.parametrize(
    "question",
    [
        "示例市档案局投诉举报多久内响应",  # another thing's time
        "示例市档案局法律咨询一年要接多少次",  # no number of times is printed
        "示例市档案局聘用人员累计多少人",  # a running total is not the target
    ],
)
def test_no_target_is_better_than_a_neighbour(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question)
    assert not answer.values or "**" not in answer.text
