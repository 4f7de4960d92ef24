"""Reading tables: each test is the smallest page that shows one difficulty, with the whole result compared."""

from decimal import Decimal
from pathlib import Path

import pytest

from ingest.facts import read_facts
from ingest.records import Block, BlockKind, FactKind, GridCell, Identity, Measure, PaperKind, Place
from ingest.tables import find_tables
from ingest.tabular.align import align
from tests.ingest.papers import read_text, short


def figures(paper) -> list[str]:
    return [short(f) for f in paper.facts if f.amount.printed]


TWO_SIDES = """表 1

收支总表

单位名称：示例市档案局

单位：万
元

收 入\t\t支 出\t
项目\t2024 年预算数\t项目\t2024 年预算数
一、财政拨款\t120\t一、一般公共服务支出\t90
1.一般公共预算拨款\t120\t档案事务\t90
2.政府性基金预算拨款\t\t行政运行\t90

\t\t二、住房保障支出\t30\t
\t本年收入合计\t120\t本年支出合计\t120
上年结余、结转\t\t\t结转下年\t
\t收 入 总 计\t120\t支 出 总 计\t120
"""


def test_two_sides_split_unit_and_shifted_rows(tmp_path: Path) -> None:
    paper = read_text(tmp_path, TWO_SIDES)
    table = paper.tables[0]
    assert (table.number, table.title, table.unit, table.organisation) == ("表1", "收支总表", "万元", "示例市档案局")
    assert [(f.side.value, short(f)) for f in paper.facts] == [
        ("收入", "一、财政拨款 | 2024年预算数 | 120"),
        ("支出", "一、一般公共服务支出 | 2024年预算数 | 90"),
        ("收入", "一、财政拨款/1.一般公共预算拨款 | 2024年预算数 | 120"),
        ("支出", "一、一般公共服务支出/档案事务 | 2024年预算数 | 90"),
        ("收入", "一、财政拨款/2.政府性基金预算拨款 | 2024年预算数 | "),
        ("支出", "一、一般公共服务支出/档案事务/行政运行 | 2024年预算数 | 90"),
        ("支出", "二、住房保障支出 | 2024年预算数 | 30"),
        ("收入", "本年收入合计 | 2024年预算数 | 120"),
        ("支出", "本年支出合计 | 2024年预算数 | 120"),
        ("收入", "上年结余、结转 | 2024年预算数 | "),
        ("支出", "结转下年 | 2024年预算数 | "),
        ("收入", "收入总计 | 2024年预算数 | 120"),
        ("支出", "支出总计 | 2024年预算数 | 120"),
    ]


YEAR_ROWS = """表 12

一般公共预算“三公”经费支出表

单位：万元

预算单位\t年度\t总计\t因公出国(境)费\t公务接待费\t公务用车购置及运行维护费\t\t
\t\t\t\t\t小计\t公务用车购置费\t公务用车运行维护费
示例市档案局\t2023 年\t12\t\t8\t4\t\t4
\t2024 年\t9\t—\t5\t4\t0\t4
"""


def test_year_rows_under_a_unit_printed_once(tmp_path: Path) -> None:
    paper = read_text(tmp_path, YEAR_ROWS)
    assert [(f.year, f.organisation, "/".join(f.columns), f.amount.state.value, f.amount.value) for f in paper.facts] == [
        (2023, "示例市档案局", "总计", "number", Decimal(12)),
        (2023, "示例市档案局", "因公出国(境)费", "blank", None),
        (2023, "示例市档案局", "公务接待费", "number", Decimal(8)),
        (2023, "示例市档案局", "公务用车购置及运行维护费/小计", "number", Decimal(4)),
        (2023, "示例市档案局", "公务用车购置及运行维护费/公务用车购置费", "blank", None),
        (2023, "示例市档案局", "公务用车购置及运行维护费/公务用车运行维护费", "number", Decimal(4)),
        (2024, "示例市档案局", "总计", "number", Decimal(9)),
        (2024, "示例市档案局", "因公出国(境)费", "dash", None),
        (2024, "示例市档案局", "公务接待费", "number", Decimal(5)),
        (2024, "示例市档案局", "公务用车购置及运行维护费/小计", "number", Decimal(4)),
        (2024, "示例市档案局", "公务用车购置及运行维护费/公务用车购置费", "number", Decimal(0)),
        (2024, "示例市档案局", "公务用车购置及运行维护费/公务用车运行维护费", "number", Decimal(4)),
    ]


UNITS = """表 7

一般公共预算支出表

单位名称：示例市档案局
单位：万元

预算单位\t科目编码\t科目名称\t支出总计\t基本支出\t项目支出
示例市档案局\t\t\t12\t8\t4
示例市档案局本级\t\t\t9\t6\t3
\t201\t一般公共服务支出\t9\t6\t3
\t20126\t档案事务\t9\t6\t3
\t2012601\t行政运行\t9\t6\t3
示例市城建档案馆\t\t\t3\t2\t1
"""


def test_units_scopes_and_codes(tmp_path: Path) -> None:
    facts = [f for f in read_text(tmp_path, UNITS).facts if f.columns == ("支出总计",)]
    assert [(f.organisation, f.scope.value, f.code, "/".join(f.rows), f.amount.printed) for f in facts] == [
        ("示例市档案局", "汇总", "", "示例市档案局", "12"),
        ("示例市档案局本级", "本级", "", "示例市档案局本级", "9"),
        ("示例市档案局本级", "本级", "201", "一般公共服务支出", "9"),
        ("示例市档案局本级", "本级", "20126", "一般公共服务支出/档案事务", "9"),
        ("示例市档案局本级", "本级", "2012601", "一般公共服务支出/档案事务/行政运行", "9"),
        ("示例市城建档案馆", "下属单位", "", "示例市城建档案馆", "3"),
    ]


def test_a_header_that_lost_its_alignment_is_read_by_the_layout_whose_sums_hold(tmp_path: Path) -> None:
    page = """表 4

项目支出预算表

单位：万元

支出项目类别\t合计\t财政预算拨款\t\t\t\t\t\t\t\t事业收入\t事业单位经营收入\t其他收入\t上级补助收入\t附属单位上缴收入\t用事业基金弥补收支差额\t上年结余、结转
\t\t小计\t一般公共预算拨款\t\t\t政府性基金预算拨款\t国有资本经营预算拨款\t财政专户拨款\t\t\t\t\t\t\t\t
\t\t\t小计\t一般性经费拨款\t财政专项资金拨款\t\t\t\t政府投资项目拨款\t\t\t\t\t\t\t
示例市档案局\t30\t30\t30\t10\t\t20\t\t\t\t\t\t\t\t\t\t
库房管理\t10\t10\t10\t10\t\t\t\t\t\t\t\t\t\t\t\t
新馆建设\t20\t20\t20\t\t\t20\t\t\t\t\t\t\t\t\t\t
"""
    columns = {f.columns for f in read_text(tmp_path, page).facts if f.rows == ("新馆建设",) and f.amount.printed}
    assert ("财政预算拨款", "一般公共预算拨款", "政府投资项目拨款") in columns


def test_projects_nest_only_where_the_sums_say_so(tmp_path: Path) -> None:
    page = """表 5

项目支出总表

单位：万元

支出项目类别\t总计\t财政拨款
示例市档案局\t90\t90
馆藏管理\t50\t50
数字化加工\t30\t30
库房维护\t20\t20
宣传活动\t40\t40
宣传活动\t40\t40
"""
    found = [f"{'/'.join(f.rows)} {f.amount.printed}" for f in read_text(tmp_path, page).facts if f.columns == ("总计",)]
    assert found == ["示例市档案局 90", "馆藏管理 50", "馆藏管理/数字化加工 30", "馆藏管理/库房维护 20", "宣传活动 40", "宣传活动/宣传活动 40"]


def test_an_empty_table_stands_in_the_paper_and_its_blank_cells_are_facts(tmp_path: Path) -> None:
    page = """表 8

政府性基金预算支出表

单位：万元

预算单位\t科目编码\t科目名称\t支出总计\t基本支出\t项目支出
示例市档案局\t\t\t\t\t

注：本单位无政府性基金预算支出。
"""
    paper = read_text(tmp_path, page)
    assert (paper.tables[0].empty, paper.tables[0].notes) == (True, ("注：本单位无政府性基金预算支出。",))
    assert [short(f) for f in paper.facts] == ["示例市档案局 | 支出总计 | ", "示例市档案局 | 基本支出 | ", "示例市档案局 | 项目支出 | "]


RAW = """二、示例市档案局2024年度部门决算表

收入支出决算总表
公开 01 表

部门：示例市档案局 单位：万元

收入 支出

项 目 行次 决算数 项 目 行次 决算数

栏 次 1 栏 次 2

一、财政拨款收入 1 87.42一、一般公共服务支出 4 80.08

2 二、灾害防治及应急

管理支出 5
7.37

本年收入合计 3 87.42本年支出合计 6 87.45

注：本表反映总收支。
一般公共预算财政拨款“三公”经费支出决算表

公开 07 表

部门：示例市档案局 单位：万元

预算数 决算数

1 2 3 4 5 6 7 8 9 10 11 12

9.00 0.00 1.00 0.00 1.00 8.00 3.22 0.00 1.00 0.00 1.00 2.22

注：本表反映“三公”经费。

- 12 -

一般公共预算财政拨款基本支出决算表
公 开06 表

部门：示例市档案局 单位：万元

经济分类科目编码 科目名称 决算数

301 工资福利支出 5.30 302商品和服务支出 1.05

30101 基本工资 5.30 30231
公务用车运行维
护费
1.00 30239 其他交通费用

30299其他商品和服务支出 0.05

人员经费合计 5.30 公用经费合计 1.05

注：本表反映基本支出。
"""


def test_raw_text_without_cells(tmp_path: Path) -> None:
    paper = read_text(tmp_path, RAW, PaperKind.FINAL)
    assert [t.label for t in paper.tables] == [
        "公开01表 收入支出决算总表",
        "公开07表 一般公共预算财政拨款“三公”经费支出决算表",
        "公开06表 一般公共预算财政拨款基本支出决算表",
    ]
    assert [(f.side.value, short(f)) for f in paper.facts if f.table == 0] == [
        ("收入", "一、财政拨款收入 | 决算数 | 87.42"),
        ("支出", "一、一般公共服务支出 | 决算数 | 80.08"),
        ("支出", "二、灾害防治及应急管理支出 | 决算数 | 7.37"),
        ("收入", "本年收入合计 | 决算数 | 87.42"),
        ("支出", "本年支出合计 | 决算数 | 87.45"),
    ]
    three = [(f.stage.value, f.columns[-1], f.amount.printed) for f in paper.facts if f.table == 1]
    assert three == [
        (stage, column, figure)
        for stage, row in (("预算", "9.00 0.00 1.00 0.00 1.00 8.00"), ("决算", "3.22 0.00 1.00 0.00 1.00 2.22"))
        for column, figure in zip(("合计", "因公出国（境）费", "小计", "公务用车购置费", "公务用车运行费", "公务接待费"), row.split(), strict=True)
    ]
    assert [(f.code, short(f)) for f in paper.facts if f.table == 2] == [
        ("301", "工资福利支出 | 决算数 | 5.30"),
        ("302", "商品和服务支出 | 决算数 | 1.05"),
        ("30101", "工资福利支出/基本工资 | 决算数 | 5.30"),
        ("30231", "商品和服务支出/公务用车运行维护费 | 决算数 | 1.00"),
        ("30239", "商品和服务支出/其他交通费用 | 决算数 | "),
        ("30299", "商品和服务支出/其他商品和服务支出 | 决算数 | 0.05"),
        ("", "人员经费合计 | 决算数 | 5.30"),
        ("", "公用经费合计 | 决算数 | 1.05"),
    ]


FUNDING = """附件1

项目名称 档案数字化

资金安排和使用情况表

金额单位 元

项目 行次 合计

小计 中央级 省级 市级 区县转移 小计 单位自有 银行贷款等 社会资本

预算安排 (1)
83768000.0

0

83768000.0

0

83768000.0

0
0.00

资金到位率(%)

(7)=(3)/(1

)
100.00 100.00 0.00 0.00 100.00 0.00 0.00 0.00 0.00 0.00
"""


def test_split_figures_and_lost_blank_cells_of_a_self_evaluation(tmp_path: Path) -> None:
    facts = read_text(tmp_path, FUNDING, PaperKind.FINAL).facts
    assert [short(f) for f in facts if f.rows == ("预算安排",) and f.amount.printed] == [
        "预算安排 | 合计 | 83768000.00",
        "预算安排 | 财政资金/小计 | 83768000.00",
        "预算安排 | 财政资金/市级 | 83768000.00",
        "预算安排 | 其他资金/小计 | 0.00",
    ]
    assert {f.project for f in facts} == {"档案数字化"}


FORM = """二级项目支出绩效目标申报表

项目编码:\t4403\t项目名称:\t档案整理\t
项目总金额（中期规划，元）:\t300,000.00\t本年度项目金额（元）:\t100,000.00\t
测算依据:\t1. 整理费：8万元。 2. 装具费：20000元。\t\t\t

\t接着上一页的说明。\t\t\t
一级指标\t二级指标\t三级指标\t目标值\t指标解释
产出指标\t*数量指标\t整理卷数\t≥500卷\t整理的卷数
\t*质量指标\t验收合格率\t1\t验收情况
*成本指标\t成本控制率\t≤100%\t是否超支\t
经济效益指标\t\t不适用\t不适用\t不适用
效益指标\t社会效益\t查档人次\t≥90 人次\t查档情况
\t指标\t开放卷数\t≥20卷\t开放情况
满意度指标\t*服务对象满意度指标\t查档者满意

\t\t度\t\t
\t\t回访率\t≥95%\t回访情况
"""


def test_project_form_with_cells_that_a_page_break_shifted(tmp_path: Path) -> None:
    paper = read_text(tmp_path, FORM, PaperKind.TARGETS)
    found = [(f.kind.value, short(f), f.amount.unit) for f in paper.facts if f.columns != ("指标解释",)]
    assert found == [
        ("field", "档案整理 | 项目编码 | 4403", ""),
        ("field", "档案整理 | 项目名称 | 档案整理", ""),
        ("field", "档案整理 | 项目总金额（中期规划） | 300,000.00", "元"),
        ("field", "档案整理 | 本年度项目金额 | 100,000.00", "元"),
        ("field", "档案整理 | 测算依据 | 1. 整理费：8万元。 2. 装具费：20000元。 接着上一页的说明。", ""),
        ("mentioned", "档案整理/整理费 | 测算依据 | 8万元", "万元"),
        ("mentioned", "档案整理/装具费 | 测算依据 | 20000元", "元"),
        ("indicator", "产出指标/数量指标/整理卷数 | 目标值 | ≥500卷", "卷"),
        ("indicator", "产出指标/质量指标/验收合格率 | 目标值 | 1", ""),
        ("indicator", "产出指标/成本指标/成本控制率 | 目标值 | ≤100%", "%"),
        ("indicator", "效益指标/经济效益指标/不适用 | 目标值 | 不适用", ""),
        ("indicator", "效益指标/社会效益指标/查档人次 | 目标值 | ≥90 人次", "人次"),
        ("indicator", "效益指标/社会效益指标/开放卷数 | 目标值 | ≥20卷", "卷"),
        ("indicator", "满意度指标/服务对象满意度指标/查档者满意度 | 目标值 | ", ""),
        ("indicator", "满意度指标/服务对象满意度指标/回访率 | 目标值 | ≥95%", "%"),
    ]
    assert all(f.project == "档案整理" for f in paper.facts)


@pytest.mark.parametrize("shift", [-1, 0, 1])
def test_align_moves_a_row_as_a_whole(shift: int) -> None:
    roles = ["unit", "code", "label", "value", "value"]
    cells = ["", "201", "一般公共服务支出", "12", "3"]
    printed = cells[1:] if shift < 0 else [""] * shift + cells
    assert align(printed, roles) == ["", "201", "一般公共服务支出", "12", "3"]


def test_a_page_that_holds_most_rows_and_shifts_them_all(tmp_path: Path) -> None:
    page = """表 7

支出明细表

单位：万元

科目编码\t科目名称\t支出总计\t基本支出\t项目支出
201\t一般公共服务支出\t12\t8\t4

\t20126\t档案事务\t12\t8\t4
\t2012601\t行政运行\t8\t8\t
\t2012604\t档案馆\t4\t\t4
"""
    facts = [f for f in read_text(tmp_path, page).facts if f.amount.printed]
    assert [(f.code, f"{f.rows[-1]} {f.columns[-1]} {f.amount.printed}") for f in facts] == [
        ("201", "一般公共服务支出 支出总计 12"),
        ("201", "一般公共服务支出 基本支出 8"),
        ("201", "一般公共服务支出 项目支出 4"),
        ("20126", "档案事务 支出总计 12"),
        ("20126", "档案事务 基本支出 8"),
        ("20126", "档案事务 项目支出 4"),
        ("2012601", "行政运行 支出总计 8"),
        ("2012601", "行政运行 基本支出 8"),
        ("2012604", "档案馆 支出总计 4"),
        ("2012604", "档案馆 项目支出 4"),
    ]


def test_a_row_that_fits_both_ways_goes_with_the_shifted_rows_around_it(tmp_path: Path) -> None:
    page = UNITS.replace("\t201\t一般", "\n\t\t\t201\t一般").replace("\t20126\t", "\t\t\t20126\t").replace("\t2012601\t", "\t\t\t2012601\t")
    page = page.replace("示例市城建档案馆\t\t\t3\t2\t1", "\t\t示例市城建档案馆\t\t\t3\t\t3\n\t\t\t201\t一般公共服务支出\t3\t\t3")
    facts = [f for f in read_text(tmp_path, page).facts if f.amount.printed and f.columns == ("项目支出",)]
    assert [(f.organisation, f.rows[-1], f.amount.printed) for f in facts] == [
        ("示例市档案局", "示例市档案局", "4"),
        ("示例市档案局本级", "示例市档案局本级", "3"),
        ("示例市档案局本级", "一般公共服务支出", "3"),
        ("示例市档案局本级", "档案事务", "3"),
        ("示例市档案局本级", "行政运行", "3"),
        ("示例市城建档案馆", "示例市城建档案馆", "3"),
        ("示例市城建档案馆", "一般公共服务支出", "3"),
    ]


@pytest.mark.parametrize("lines", ["机关事业单位基本养老\t5\t\n保险缴费支出\t\t", "机关事业单位基本养老\t\t\n保险缴费支出\t5\t"])
def test_a_name_over_two_lines_with_the_figures_on_either(lines: str, tmp_path: Path) -> None:
    page = f"表 7\n\n支出明细表\n\n单位：万元\n\n项目\t基本支出\t项目支出\n住房公积金\t2\t1\n{lines}\n购房补贴\t1\t1\n"
    assert figures(read_text(tmp_path, page)) == [
        "住房公积金 | 基本支出 | 2",
        "住房公积金 | 项目支出 | 1",
        "机关事业单位基本养老保险缴费支出 | 基本支出 | 5",
        "购房补贴 | 基本支出 | 1",
        "购房补贴 | 项目支出 | 1",
    ]


def test_mentioned_amounts_are_never_table_facts(tmp_path: Path) -> None:
    kinds = {f.kind for f in read_text(tmp_path, FORM, PaperKind.TARGETS).facts if f.amount.printed in {"8万元", "20000元"}}
    assert kinds == {FactKind.MENTIONED}


# -- pages of ruled tables (PDF, Word, Excel, HTML): cells with spans, captions repeated on every page


def ruled(*rows: list, grid: int = 0, page: int = 1) -> list[Block]:
    """ROW blocks of one ruled table; a cell is its words or (words, colspan, rowspan)."""
    blocks = []
    for cells in rows:
        made = tuple(GridCell(c) if isinstance(c, str) else GridCell(c[0], None, c[1], c[2]) for c in cells)
        blocks.append(Block(BlockKind.ROW, " | ".join(c.text for c in made), Place(page=page), made, grid))
    return blocks


def lines(*texts: str, page: int = 1) -> list[Block]:
    return [Block(BlockKind.LINE, t, Place(page=page)) for t in texts]


def facts_of(blocks: list[Block]) -> list[str]:
    identity = Identity("示例", "示例市档案局", 2024, PaperKind.BUDGET)
    tables, _, _ = find_tables(blocks, (), identity)
    return [f"{f.code} {short(f)}".strip() for f in read_facts(tables, identity)[0] if f.amount.printed]


def test_merged_headings_and_a_caption_on_every_page() -> None:
    header = (
        [("科目编码", 3, 1), "", "", ("科目名称", 1, 2), ("合计", 1, 2), ("基本支出", 2, 1), ""],
        ["类", "款", "项", "", "", "人员经费", "公用经费"],
    )
    caption = ("一般公共预算支出表", "部门：示例市档案局  单位：元")
    pages = [
        *lines(*caption),
        *ruled(*header, ["201", "", "", "一般公共服务支出", "90.00", "60.00", "30.00"]),
        *lines("- 3 -"),
        *lines(*caption, page=2),
        *ruled(*header, ["201", "26", "", "档案事务", "90.00", "60.00", "30.00"], grid=1, page=2),
    ]
    assert facts_of(pages) == [
        "201 一般公共服务支出 | 合计 | 90.00",
        "201 一般公共服务支出 | 基本支出/人员经费 | 60.00",
        "201 一般公共服务支出 | 基本支出/公用经费 | 30.00",
        "20126 一般公共服务支出/档案事务 | 合计 | 90.00",
        "20126 一般公共服务支出/档案事务 | 基本支出/人员经费 | 60.00",
        "20126 一般公共服务支出/档案事务 | 基本支出/公用经费 | 30.00",
    ]


def test_a_list_of_projects_with_their_indicators() -> None:
    blocks = [
        *lines("项目支出绩效目标表", "单位：万元"),
        *ruled(
            ["项目名称", "项目总额", "绩效目标", "一级指标", "二级指标", "三级指标", "指标值"],
            [("档案整理", 1, 2), ("10.00", 1, 2), ("整理档案", 1, 2), ("产出指标", 1, 2), "数量指标", "整理卷数", "≥500卷"],
            ["", "", "", "", "质量指标", "合格率", "100%"],
            ["库房维护", "5.00", "维护库房", "产出指标", "数量指标", "维护次数", "4次"],
        ),
    ]
    assert facts_of(blocks) == [
        "档案整理 | 项目总额 | 10.00",
        "库房维护 | 项目总额 | 5.00",
        "产出指标/数量指标/整理卷数 | 指标值 | ≥500卷",
        "产出指标/质量指标/合格率 | 指标值 | 100%",
        "产出指标/数量指标/维护次数 | 指标值 | 4次",
    ]


def test_indicators_packed_into_one_cell_and_units_among_the_projects() -> None:
    header = ["项目名称（资金使用单位）", "总计", "绩效目标", "绩效指标"]
    packed = "1、1-产出指标；12-质量指标；恢复时间；实施周期指标值:一级≤1小时；二级≤2小时；年度指标值:≤1小时。2、4-成本指标；41-经济成本；成本率.；年度指标值:≤1.0。"
    blocks = [
        *lines("项目支出绩效目标表", "单位：万元"),
        *ruled(header, ["合计", "100.00", "", ""], ["示例市档案局", "60.00", "", ""], ["档案整理", "60.00", "整理", packed]),
        *lines("项目支出绩效目标表", "单位：万元", page=2),
        *ruled(header, ["示例市档案馆", "40.00", "", ""], ["库房维护", "30.00", "维护库房", "1、1-产出指标；11-数量指标；次数；年度指标值:4次。"], grid=1, page=2),
        *lines("项目支出绩效目标表", "单位：万元", page=3),
        *ruled(header, ["设备更新", "10.00", "更新设备", "1、1-产出指标；11-数量指标；台数；年度指标值:2台。"], grid=2, page=3),
    ]
    identity = Identity("示例", "示例市档案局", 2024, PaperKind.BUDGET)
    tables, _, _ = find_tables(blocks, (), identity)
    assert [f"{short(f)} | {f.organisation} {f.scope}" for f in read_facts(tables, identity)[0]] == [
        "合计 | 总计 | 100.00 | 示例市档案局 汇总",
        "示例市档案局 | 总计 | 60.00 | 示例市档案局 本级",
        "档案整理 | 总计 | 60.00 | 示例市档案局 本级",
        "产出指标/质量指标/恢复时间 | 实施周期指标值 | 一级≤1小时；二级≤2小时 | 示例市档案局 汇总",
        "产出指标/质量指标/恢复时间 | 年度指标值 | ≤1小时 | 示例市档案局 汇总",
        "成本指标/经济成本/成本率 | 年度指标值 | ≤1.0 | 示例市档案局 汇总",
        "示例市档案馆 | 总计 | 40.00 | 示例市档案馆 下属单位",
        "库房维护 | 总计 | 30.00 | 示例市档案馆 下属单位",
        "产出指标/数量指标/次数 | 年度指标值 | 4次 | 示例市档案馆 下属单位",
        "设备更新 | 总计 | 10.00 | 示例市档案馆 下属单位",
        "产出指标/数量指标/台数 | 年度指标值 | 2台 | 示例市档案馆 下属单位",
    ]


def test_whose_a_row_is_below_a_total_of_several_units() -> None:
    blocks = [
        *lines("收入总表", "单位：万元"),
        *ruled(["单位名称", "合计"], ["合计", "100.00"], ["示例市档案馆", "70.00"], ["示例市档案局", "30.00"]),
        *lines("项目支出表", "单位：万元"),
        *ruled(["二级预算单位名称", "一级项目名称", "预算数"], ["示例市档", "综合管", "30.00"], ["案馆", "理", ""], ["示例市档案局", "综合管理", "5.00"], grid=1),
        *lines("政府采购支出表", "单位：万元"),
        *ruled(["专项名称", "采购品目名称", "总计"], ["合计", "", "3.00"], ["库房维护", "消防设备", "3.00"], grid=2),
    ]
    identity = Identity("示例", "示例市档案局", 2024, PaperKind.BUDGET)
    tables, _, _ = find_tables(blocks, (), identity)
    assert [f"{short(f)} | {f.organisation} {f.scope} | {f.project}" for f in read_facts(tables, identity)[0]] == [
        "合计 | 合计 | 100.00 | 示例市档案局 汇总 | ",
        "示例市档案馆 | 合计 | 70.00 | 示例市档案馆 下属单位 | ",
        "示例市档案局 | 合计 | 30.00 | 示例市档案局 本级 | ",
        "综合管理 | 预算数 | 30.00 | 示例市档案馆 下属单位 | 综合管理",
        "综合管理 | 预算数 | 5.00 | 示例市档案局 汇总 | 综合管理",
        "合计 | 总计 | 3.00 | 示例市档案局 汇总 | ",
        "库房维护/消防设备 | 总计 | 3.00 | 示例市档案局 汇总 | 库房维护",
    ]


def test_a_vertical_table_of_the_three_expenses() -> None:
    blocks = [
        *lines("一般公共预算“三公”经费支出表", "单位：万元"),
        *ruled(
            ["项目", "上年预算数", "本年预算数", "增减额"],
            ["合计", "12", "9", "-3"],
            ["1.公务接待费", "8", "5", "-3"],
            ["2.公务用车费", "4", "4", "0"],
        ),
    ]
    identity = Identity("示例", "示例市档案局", 2024, PaperKind.BUDGET)
    tables, _, _ = find_tables(blocks, (), identity)
    facts = [(f.rows[0], f.year, f.measure.value, str(f.amount.value)) for f in read_facts(tables, identity)[0]]
    assert facts[3:6] == [("1.公务接待费", 2023, "金额", "8"), ("1.公务接待费", 2024, "金额", "5"), ("1.公务接待费", 2024, "增减", "-3")]


# -- forms of the budget management system: bound, figure and unit of an indicator in columns of their own


def targets_of(blocks: list[Block]) -> list[str]:
    identity = Identity("示例", "示例市档案局", 2024, PaperKind.BUDGET)
    facts, _ = read_facts(find_tables(blocks, (), identity)[0], identity)
    measured = [f for f in facts if f.kind is FactKind.INDICATOR and f.measure in (Measure.TARGET, Measure.SCORE)]
    return [f"{'/'.join(f.rows)} | {f.columns[-1]} | {f.amount.operator}{f.amount.printed} {f.amount.unit}".strip() for f in measured]


def test_bound_and_unit_of_an_indicator_in_columns_of_their_own() -> None:
    blocks = [
        *lines("2024年部门整体绩效目标表"),
        *ruled(
            [("当年整体绩效目标", 7, 1)],
            [("整理馆藏档案，开放查阅。", 7, 1)],
            [("绩效指标", 1, 4), "指标名称", "指标性质", "指标值", "计量单位", "指标权重(%)", "是否核心"],
            ["", "整理卷数", "≥", "500", "卷", "60", "是"],
            ["", "差错率", "≤", "1", "%", "30", "否"],
            ["", "环境改善", "定性", "好", "", "10", "否"],
        ),
    ]
    assert targets_of(blocks) == [
        "整理卷数 | 指标值 | ≥500 卷",
        "整理卷数 | 指标权重(%) | 60 %",
        "差错率 | 指标值 | ≤1 %",
        "差错率 | 指标权重(%) | 30 %",
        "环境改善 | 指标值 | 好",
        "环境改善 | 指标权重(%) | 10 %",
    ]
    assert facts_of(blocks)[0] == "示例市档案局 | 当年整体绩效目标 | 整理馆藏档案，开放查阅。"


def test_levels_packed_into_an_indicators_name_and_a_table_of_funds_inside_the_form() -> None:
    blocks = [
        *lines("部门整体支出绩效目标表"),
        *ruled(
            [("部门名称", 2, 1), "", ("示例市档案局", 4, 1)],
            [("总体资金情况（万元）", 2, 3), "", ("预算支出总额", 1, 2), ("财政拨款", 2, 1), "", "其他资金"],
            ["", "", "", "基本支出", "项目支出", "项目支出"],
            ["", "", "90.00", "60.00", "20.00", "10.00"],
            [("整体绩效目标", 1, 4), "其他说明", ("", 4, 1)],
            ["", "活动", "绩效指标", "指标性质", "指标值", "度量单位"],
            ["", "档案业务", "产出指标数量指标整理卷数", "≥", "500", "卷"],
        ),
        *ruled([("整体绩效目标", 1, 2), "", "", "", "", ""], ["", "档案管理", "成本指标经济成本指标用餐标准", "≤", "50", "元"], grid=1, page=2),
    ]
    assert targets_of(blocks) == ["产出指标/数量指标/整理卷数 | 指标值 | ≥500 卷", "成本指标/经济成本指标/用餐标准 | 指标值 | ≤50 元"]
    assert [f for f in facts_of(blocks) if "支出" in f] == [
        "示例市档案局 | 预算支出总额 | 90.00",
        "示例市档案局 | 财政拨款基本支出 | 60.00",
        "示例市档案局 | 财政拨款项目支出 | 20.00",
        "示例市档案局 | 其他资金项目支出 | 10.00",
    ]


def test_a_list_of_units_with_their_targets_whose_merged_cells_a_page_break_prints_again() -> None:
    header = ["单位编码", "单位名称", "年度预算金额", "整体绩效目标", "一级指标", "二级指标", "三级指标", "指标值类型", "指标值", "计量单位"]
    unit = ["101", "示例市档案局", "90.00", "整理档案"]
    blocks = [
        *lines("部门整体支出绩效目标表", "单位：万元"),
        *ruled(header, [*unit, "产出指标", "数量指标", "整理卷数", "≥", "500", "卷"], ["", "", "", "", "", "质量指标", "合格率", "=", "100", "%"]),
        *ruled([*unit, "", "", "差错率", "≤", "1", "%"], grid=1, page=2),
    ]
    assert targets_of(blocks) == [
        "产出指标/数量指标/整理卷数 | 指标值 | ≥500 卷",
        "产出指标/质量指标/合格率 | 指标值 | 100 %",
        "产出指标/质量指标/差错率 | 指标值 | ≤1 %",
    ]
    assert facts_of(blocks)[:2] == ["示例市档案局 | 年度预算金额 | 90.00", "产出指标/数量指标/整理卷数 | 指标值类型 | ≥"]
