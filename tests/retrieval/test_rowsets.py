"""Rows to list: what is below a row, and the projects of the table that a question names."""

import pytest

from retrieval.assistant import Assistant


@pytest.mark.parametrize(
    ("question", "rows"),
    [
        (
            "2021年福田政数局20805行政事业单位养老支出下设的各项级科目及支出总计",
            ["行政单位离退休：**6.33 万元**", "机关事业单位基本养老保险缴费支出：**54.00 万元**", "机关事业单位职业年金缴费支出：**27.00 万元**"],
        ),
        ("福田政数局2021年一般公共服务支出怎么构成", ["行政运行：**340.70 万元**", "其他政府办公厅（室）及相关机构事务支出：**2,139.00 万元**"]),
        ("福田政数局卫生健康支出怎么构成", ["行政单位医疗：**18.00 万元**"]),
        (
            "2021年福田政数局的项目支出绩效目标申报表里，本年预算金额超过100万元的有几个项目？",
            ["网格信息服务：**476.00 万元**", "人工智能应用创新服务中心日常运营：**300.00 万元**", "智慧城市指挥中心运营：**178.00 万元**", "规划与落地推广：**109.76 万元**"],
        ),
    ],
)
def test_the_rows_that_are_listed(sample_assistant: Assistant, question: str, rows: list[str]) -> None:
    lines = sample_assistant.ask(question).text.split("\n")

    assert [line.split(". ", 1)[1].split(" [")[0] for line in lines if line[:1].isdigit()] == rows


def test_no_indicator_was_missed(sample_assistant: Assistant) -> None:
    answer = sample_assistant.ask("2021年福田政数局哪些指标没有达到目标")

    assert answer.status == "refused"
    assert "没有按所填的完成值或得分看没有达到目标值的绩效指标" in answer.text
