"""Who, which year and what kind: from what a paper prints."""

from __future__ import annotations

import pytest

from ingest.identity import identify
from ingest.records import Block, BlockKind, Identity, PaperKind, Place, Scope


def blocks(*lines: str) -> list[Block]:
    """Lines of text; one with a bar is a table row."""
    return [Block(BlockKind.ROW if "|" in line else BlockKind.LINE, line, Place(n, n)) for n, line in enumerate(lines, 1)]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["甲市乙局2021年部门预算"], Identity("甲市乙局2021年部门预算", "甲市乙局", 2021, PaperKind.BUDGET)),
        (["2021年甲市乙局部门预算"], Identity("2021年甲市乙局部门预算", "甲市乙局", 2021, PaperKind.BUDGET)),
        (["2021 年甲市 乙局 部门预算"], Identity("2021年甲市乙局部门预算", "甲市乙局", 2021, PaperKind.BUDGET)),
        (["关于甲市乙局2021年部门预算的说明"], Identity("关于甲市乙局2021年部门预算的说明", "甲市乙局", 2021, PaperKind.BUDGET)),
        (["甲市乙局", "2021年", "部门预算"], Identity("甲市乙局2021年部门预算", "甲市乙局", 2021, PaperKind.BUDGET)),
        (["二〇二一年甲市乙局部门预算"], Identity("二〇二一年甲市乙局部门预算", "甲市乙局", 2021, PaperKind.BUDGET)),
        (["甲市乙局2021年度部门决算"], Identity("甲市乙局2021年度部门决算", "甲市乙局", 2021, PaperKind.FINAL)),
        (["甲市丙中学2022年单位决算"], Identity("甲市丙中学2022年单位决算", "甲市丙中学", 2022, PaperKind.FINAL)),
        (["甲市乙局（本级）2021年部门预算"], Identity("甲市乙局(本级)2021年部门预算", "甲市乙局", 2021, PaperKind.BUDGET, Scope.OWN)),
        (["2021年部门预算公开", "单位：甲市乙局"], Identity("甲市乙局2021年部门预算", "甲市乙局", 2021, PaperKind.BUDGET)),
        (["项目支出绩效目标申报表", "单位名称：甲市乙局"], Identity("甲市乙局项目支出绩效目标", "甲市乙局", None, PaperKind.TARGETS)),
        (["甲市乙局"], Identity("甲市乙局", "甲市乙局", None, PaperKind.OTHER)),
        (["一段没有名称的话。"], Identity("一段没有名称的话。", "", None, PaperKind.OTHER)),
        ([], Identity("", "", None, PaperKind.OTHER)),
    ],
)
def test_identify(lines: list[str], expected: Identity) -> None:
    assert identify(blocks(*lines)) == expected


def test_the_cover_beats_the_years_it_compares_with() -> None:
    paper = blocks("甲市乙局2021年部门预算", "2020年收入100万元，2020年支出100万元。", "甲市乙局2020年部门决算", "科目 | 2020年 | 2019年")

    assert identify(paper) == Identity("甲市乙局2021年部门预算", "甲市乙局", 2021, PaperKind.BUDGET)


def test_the_full_name_beats_its_own_shortening() -> None:
    paper = blocks("2021年乙局部门预算", "甲市乙局2021年部门预算", "乙局2021年部门预算")

    assert identify(paper).department == "甲市乙局"


@pytest.mark.parametrize("line", ["单位：万元", "2021年全市部门预算", "收入支出预算总表2021年预算"])
def test_no_department_is_made_up(line: str) -> None:
    assert identify(blocks(line)).department == ""
