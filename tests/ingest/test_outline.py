"""Headings: what is one, what only looks like one, and which stands under which."""

from pathlib import Path

import pytest

from ingest.loaders.text import load_text
from ingest.numbering import contents_lines, full_width, numbering, sentences
from ingest.outline import outline
from ingest.records import Block, BlockKind, Place

SHARED = Path(__file__).parents[3] / "shared" / "documents"
needs_papers = pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/documents is not here")


def blocks(text: str, levels: dict[int, int] | None = None) -> list[Block]:
    found = []
    for number, line in enumerate(text.strip("\n").split("\n"), 1):
        kind = BlockKind.LINE if line.strip() else BlockKind.BREAK
        found.append(Block(kind, line.strip(), Place(number, number), level=(levels or {}).get(number)))
    return found


def paths(text: str, levels: dict[int, int] | None = None) -> list[tuple[str, ...]]:
    return [s.path for s in outline(blocks(text, levels))]


def test_parts_chapters_and_numbered_headings_nest() -> None:
    assert paths("""
第一部分 单位概况
一、主要职能
负责全市档案工作。
第二部分 预算说明
一、支出情况
（一）人员支出
全部用于在职人员。
1.车辆情况说明
现有一辆。
二、其他
没有政府性基金支出。
""") == [
        ("第一部分 单位概况",),
        ("第一部分 单位概况", "一、主要职能"),
        ("第二部分 预算说明",),
        ("第二部分 预算说明", "一、支出情况"),
        ("第二部分 预算说明", "一、支出情况", "（一）人员支出"),
        ("第二部分 预算说明", "一、支出情况", "（一）人员支出", "1.车辆情况说明"),
        ("第二部分 预算说明", "二、其他"),
    ]


def test_contents_and_repeated_headings_at_the_end_are_no_sections() -> None:
    found = outline(
        blocks("""
目 录
- 第一部分 单位概况
- 第二部分 附表
 - 1.收支总表
 - 2.收入总表
第一部分 单位概况
负责全市档案工作。
第二部分 附表
以下各表以万元为单位。
第一部分 单位概况
第二部分 附表
""")
    )
    assert [(s.title, s.place.line_start) for s in found] == [("第一部分 单位概况", 6), ("第二部分 附表", 8)]


def test_contents_with_dot_leaders_needs_no_title() -> None:
    lines = blocks("一、概况........3\n二、说明……………5\n一、概况\n本单位有三个处室。\n二、说明\n预算比上年增加。")
    assert contents_lines(lines) == {0, 1}
    assert [s.place.line_start for s in outline(lines)] == [3, 5]


def test_list_items_and_numbered_sentences_are_no_headings() -> None:
    assert paths("""
一、工作目标
1.建好平台
2.办好展会
3.管好资金
二、名词解释
1.基本支出：指维持运转的支出。
（一）人员支出12万元，主要是工资。
""") == [("一、工作目标",), ("二、名词解释",)]


def test_numbers_speak_before_markdown_levels() -> None:
    text = "2020年某局部门预算\n第二部分 收支情况\n共12万元。\n第三部分 支出情况\n一、本级\n共10万元。\n部门收支总表\n以下为表。"
    found = paths(text, {1: 1, 2: 2, 4: 3, 5: 4, 7: 2})
    assert found == [("第二部分 收支情况",), ("第三部分 支出情况",), ("第三部分 支出情况", "一、本级"), ("部门收支总表",)]


def test_first_line_of_a_wrapped_paragraph_is_no_heading() -> None:
    full_line = "（1）本单位在上年机构调整之后由原来的两个单位合并而成并且接收了"
    text = "四、其他特殊事项\n" + "\n".join([full_line, "两处办公用房尚未办理划拨手续因此没有在账上登记也没有计入本年的资产", "总额。"] * 6)
    lines = blocks(text)
    assert full_width(lines) == 66
    assert [s.title for s in outline(lines)] == ["四、其他特殊事项"]


def test_numbering_gives_rank_ordinal_and_rest() -> None:
    assert numbering("- 1.收支总表") == (4, "1", "收支总表")
    assert numbering("（1 )行政经费") == (5, "1", "行政经费")
    assert numbering("附件1-2") == (1, "1-2", "")
    assert numbering("2.5万元") is None


def test_sentences_end_at_marks_and_line_feeds() -> None:
    text = "一是（含“补助”。）二是；\n三是"
    assert [text[a:b] for a, b in sentences(text)] == ["一是（含“补助”。）", "二是；", "三是"]


@pytest.mark.shared
@needs_papers
@pytest.mark.parametrize(
    ("start", "count", "some"),
    [
        ("2017_", 35, {11: "二、机构编制及交通工具情况", 74: "二、市政务办", 522: "项目支出绩效目标表"}),
        ("2019_", 33, {3: "（一）部门职责", 727: "（七）一般公共预算财政拨款“三公”经费支出决算情况说明", 1198: "附件1-1 项目概况"}),
        ("2021_深圳", 20, {32: "第一部分 部门概况", 68: "一、市扶贫协作和合作交流办公室本级"}),
        ("2021_福田", 19, {25: "一、主要职能", 151: "三、其他"}),
        ("2024_", 0, {}),
    ],
)
def test_real_papers(start: str, count: int, some: dict[int, str]) -> None:
    path = next(SHARED.glob(f"{start}*.txt"))
    found = {s.place.line_start: s.title for s in outline(load_text(path).blocks)}
    assert some.items() <= found.items()
    assert abs(len(found) - count) <= 3


def test_a_short_item_of_a_list_of_sentences_is_no_heading() -> None:
    text = "一、主要职责\n1.负责审计工作，提出报告。\n2.指导区级审计机关。\n另有规定的从其规定。\n二、机构设置\n设三个处室。"
    assert paths(text) == [("一、主要职责",), ("二、机构设置",)]


def test_a_heading_over_two_lines_is_one() -> None:
    assert paths("第二部分\n部门决算表\n以下各表以万元为单位。") == [("第二部分 部门决算表",)]


def test_unnumbered_headings_are_known_from_the_contents() -> None:
    text = "目录\n一、主要职能说明 ....... 3\n二、名词解释 ....... 5\n主要职能说明\n负责审计工作。\n名词解释\n基本支出：指维持运转的支出。"
    assert paths(text) == [("主要职能说明",), ("名词解释",)]
