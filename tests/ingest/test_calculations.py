"""Calculations that forms write out, done again: what is understood and right, what is wrong, and what is left alone."""

from pathlib import Path

import pytest

from ingest.records import PaperKind
from tests.ingest.papers import read_text

FORM = """项目支出绩效目标申报表

项目编码:\t4403\t项目名称:\t档案整理\t
项目总金额（元）:\t300,000.00\t本年度项目金额（元）:\t100,000.00\t
测算依据:\t{basis}\t\t\t
一级指标\t二级指标\t三级指标\t目标值\t指标解释
产出指标\t数量指标\t整理卷数\t≥500卷\t卷数
"""


def calculations(tmp_path: Path, basis: str) -> list[tuple[str, str]]:
    paper = read_text(tmp_path, FORM.format(basis=basis), PaperKind.TARGETS)
    return [(c.status.value, c.detail.split("：", 1)[1]) for c in paper.checks if c.kind == "calculation"]


@pytest.mark.parametrize(
    ("basis", "status", "read"),
    [
        ("展位装修660元/㎡*429㎡=28.314万元", "ok", "“展位装修660元/m*429m=28.314万元”"),
        ("整理费 970 人*550 元/天*3 天=160万元", "ok", "“整理费 970 人*550 元/天*3 天=160万元”"),  # rounded as it is printed
        ("办公室 90 m²*（地面 352+墙面 45）元/m²+房门 2*1050 元=37830 元", "ok", "“办公室 90 m*(地面 352+墙面 45)元/m+房门 2*1050 元=37830元”"),
        (r"$100 \text{ 万元} * 8\% / 12 * 3 = 2 \text{ 万元}$", "ok", "“100  万元 * 8% / 12 * 3=2万元”"),
        ("名片960元(100张)*12=11520元", "ok", "“名片960元(100张)*12=11520元”"),
        ("整理费 550元/天*3天=16500元", "broken", "“整理费 550元/天*3天=16500元”，应为 1,650元"),
        (
            "甲柜 1000 元/套*3 套，乙柜 500 元/套*4 套，合计 0.4 万元",
            "broken",
            "“甲柜 1000 元/套*3 套 + 乙柜 500 元/套*4 套，合计0.4万元”，应为 0.5万元",
        ),
    ],
)
def test_done_again(basis: str, status: str, read: str, tmp_path: Path) -> None:
    assert calculations(tmp_path, basis) == [(status, read)]


@pytest.mark.parametrize(
    "basis",
    ["3-5%*100元=4元", "共3个1块3500元/块*2=1元", "两名专家*500元=9元", "合同金额45万元*20%，三年", "设备10台，合计5万元", "满意度>=90%*2=1"],
)
def test_what_is_not_fully_understood_is_left_alone(basis: str, tmp_path: Path) -> None:
    assert calculations(tmp_path, basis) == []
