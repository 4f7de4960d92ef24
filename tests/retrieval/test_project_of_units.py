"""One project that several units have, each with a form of its own: what they have together is the sum over the forms."""

from __future__ import annotations

from datetime import date

import pytest

from ingest.pipeline import find_sources, ingest
from retrieval.assistant import Assistant

FORM = """项目支出绩效目标表

单位：万元

项目名称\t综合工作经费
主管部门\t示例市医保局
实施单位\t{unit}
资金总额\t{amount}
年度目标\t保障单位日常工作运行

"""
UNITS = {"示例市医保局": "260.00", "示例市医保基金中心": "1160.00", "示例市医保数据中心": "38.00"}


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    folder = tmp_path_factory.mktemp("forms")
    text = "示例市医保局2026年部门预算\n\n" + "".join(FORM.format(unit=unit, amount=amount) for unit, amount in UNITS.items())
    (folder / "paper.txt").write_text(text, encoding="utf-8")
    assert not ingest(find_sources([folder / "paper.txt"]), folder / "index").failed
    return Assistant(folder / "index", today=lambda: date(2026, 6, 1))


@pytest.mark.parametrize("question", ["市医保局26年三个单位的综合工作经费项目加起来多少", "市医保局各单位的综合工作经费一共多少"])
def test_all_units_forms_are_added(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question)
    assert answer.status == "answered", answer.text
    assert (answer.values[0].value, answer.values[0].unit) == ("1458", "万元")
    assert "260 + 1,160 + 38 = 1,458" in answer.text
