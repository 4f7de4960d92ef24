"""A cell left blank is no figure; what the paper says of the item in words stands beside it, of no other item."""

from __future__ import annotations

from datetime import date

import pytest

from ingest.pipeline import find_sources, ingest
from retrieval.assistant import Assistant

PAPER = """示例市档案局2026年部门预算

一、三公经费说明

1.因公出国（境）费用：按照全市统一管理模式，本部门年初不编制因公出国（境）费用预算，执行中按审批情况调增。

2.公务接待费：2026年预算4.00万元，与上年持平。

表7

一般公共预算“三公”经费支出表

单位：万元

单位名称\t合计\t因公出国（境）费用\t公务接待费\t公务用车购置及运行维护费
示例市档案局\t4.00\t\t4.00\t
"""


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    folder = tmp_path_factory.mktemp("blank")
    (folder / "paper.txt").write_text(PAPER, encoding="utf-8")
    assert not ingest(find_sources([folder / "paper.txt"]), folder / "index").failed
    return Assistant(folder / "index", today=lambda: date(2026, 6, 1))


def test_the_sentence_that_says_there_is_none_stands_beside_the_blank_cell(assistant: Assistant) -> None:
    answer = assistant.ask("档案局年初编因公出国费预算了吗")
    assert (answer.status, answer.values) == ("answered", ())
    assert "空白" in answer.text and "不编制因公出国（境）费用预算" in answer.text
    assert [c.line_start for c in answer.citations] == [16, 5]


def test_another_items_sentence_is_not_given(assistant: Assistant) -> None:
    answer = assistant.ask("档案局2026年公务用车购置及运行维护费多少")
    assert answer.status == "refused" and "空白" in answer.text
    assert "不编制" not in answer.text
