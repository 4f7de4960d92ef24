"""Ruled tables as PDF, Word and HTML give them: cells with their spans. Each test is the smallest table that shows one difficulty."""

from ingest.facts import read_facts
from ingest.records import Block, BlockKind, GridCell, Identity, PaperKind, Place
from ingest.tables import find_tables
from tests.ingest.papers import short

IDENTITY = Identity("示例", "示例市档案局", 2024, PaperKind.BUDGET)


def read(*pages: tuple[list[str], list[list]]):
    """Pages of lines and rows; a cell is its words or (words, colspan, rowspan). Columns stand 50 points apart, at every page from the same edge."""
    blocks: list[Block] = []
    for page, (lines, rows) in enumerate(pages, 1):
        blocks += [Block(BlockKind.LINE, t, Place(page=page)) for t in lines]
        for n, texts in enumerate(rows):
            cells = []
            for left, item in enumerate(texts):
                text, across, down = item if isinstance(item, tuple) else (item, 1, 1)
                width = item[1] if isinstance(item, tuple) else 1
                box = (left * 50.0, n * 10.0, (left + width) * 50.0, n * 10.0 + 10) if text != "~" else None
                cells.append(GridCell("" if text == "~" else text, Place(page=page, bbox=box) if box else None, across, down))
            blocks.append(Block(BlockKind.ROW, " | ".join(c.text for c in cells), Place(page=page), tuple(cells), grid=page))
        blocks.append(Block(BlockKind.BREAK, "", Place(page=page)))
    tables, _, _ = find_tables(blocks, (), IDENTITY)
    facts, problems = read_facts(tables, IDENTITY)
    return tables, [f for f in facts if f.amount.printed], problems


def test_one_unnamed_row_of_figures_belongs_to_the_organisation() -> None:
    _, facts, _ = read((["支出预算总表", "单位：万元"], [["合计", "基本支出", "项目支出", "结转下年资金"], ["128.43", "100", "28.43", ""]]))
    assert [short(f) for f in facts] == ["示例市档案局 | 合计 | 128.43", "示例市档案局 | 基本支出 | 100", "示例市档案局 | 项目支出 | 28.43"]


def test_header_rows_that_begin_with_a_total() -> None:
    rows = [
        [("2023年预算数", 3, 1), "~", "~", ("2024年预算数", 3, 1), "~", "~"],
        ["合计", "因公出国（境）费", "公务接待费", "合计", "因公出国（境）费", "公务接待费"],
        ["5.00", "2.00", "3.00", "4.00", "", "4.00"],
    ]
    _, facts, _ = read((["一般公共预算“三公”经费支出情况表", "单位：万元"], rows))
    assert [(f.year, f.columns[-1], f.amount.printed) for f in facts] == [
        (2023, "合计", "5.00"),
        (2023, "因公出国（境）费", "2.00"),
        (2023, "公务接待费", "3.00"),
        (2024, "合计", "4.00"),
        (2024, "公务接待费", "4.00"),
    ]


def test_codes_of_units_are_no_figures_and_a_total_over_the_naming_columns_names_its_row() -> None:
    rows = [["单位编码", "单位名称", "合计"], [("合计", 2, 1), "~", "7.00"], ["121", "示例市档案局", "7.00"]]
    _, facts, problems = read((["收入总表", "单位：元"], rows))
    assert [short(f) for f in facts] == ["合计 | 合计 | 7.00", "示例市档案局 | 合计 | 7.00"]
    assert not problems


def test_a_second_classification_of_codes_opens_no_second_table() -> None:
    rows = [
        [("科目编码", 2, 1), "~", "采购项目", "数量", ("经济科目编码", 2, 1), "~", "预算金额"],
        ["类", "款", "", "", "类", "款", ""],
        ["201", "26", "档案扫描", "1", "302", "27", "8.00"],
    ]
    _, facts, problems = read((["政府采购预算表", "单位：元"], rows))
    assert [(f.code, short(f)) for f in facts] == [("20126", "档案扫描 | 数量 | 1"), ("20126", "档案扫描 | 预算金额 | 8.00")]
    assert not problems


def test_a_page_without_header_keeps_the_columns_where_its_cells_stand() -> None:
    first = [
        [("科目编码", 3, 2), "~", "~", ("科目名称", 1, 2), ("本年支出", 2, 1), "~"],
        ["~", "~", "~", "~", "基本支出", "项目支出"],
        [("205", 3, 1), "~", "~", "教育支出", "10.00", "5.00"],
    ]
    blocks_of_second = [["2050201", "学前教育", "10.00", "5.00"]]
    tables, facts, _ = read_wide((["财政拨款支出决算表", "单位：元"], first), blocks_of_second)
    assert len(tables) == 1
    assert [(f.code, f.columns[-1], f.amount.printed, f.place.page) for f in facts if f.code == "2050201"] == [
        ("2050201", "基本支出", "10.00", 2),
        ("2050201", "项目支出", "5.00", 2),
    ]


def read_wide(page: tuple[list[str], list[list]], more: list[list[str]]):
    """A second page whose first cell is as wide as the three code columns of the first."""
    lines, rows = page
    blocks = [Block(BlockKind.LINE, t, Place(page=1)) for t in lines]
    for number, (texts, at) in enumerate([(r, range(6)) for r in rows] + [(r, (0, 3, 4, 5)) for r in more]):
        sheet = 1 if number < len(rows) else 2
        cells = []
        for left, item in zip(at, texts, strict=True):
            text, across, down = item if isinstance(item, tuple) else (item, 1, 1)
            right = left + (3 if sheet == 2 and left == 0 else across)
            box = (left * 50.0, number * 10.0, right * 50.0, number * 10.0 + 10)
            cells.append(GridCell("" if text == "~" else text, None if text == "~" else Place(page=sheet, bbox=box), across, down))
        if sheet == 2:
            blocks.append(Block(BlockKind.BREAK, "", Place(page=1)))
        blocks.append(Block(BlockKind.ROW, " | ".join(c.text for c in cells), Place(page=sheet), tuple(cells), grid=sheet))
    tables, _, _ = find_tables(blocks, (), IDENTITY)
    facts, problems = read_facts(tables, IDENTITY)
    return tables, [f for f in facts if f.amount.printed], problems


def test_a_name_that_a_page_cut_is_one_row_and_a_figure_without_name_takes_the_merged_one() -> None:
    first = [["项目", "金额"], ["一、一般公共服务支出", "4"], ["八、社会保障和就", "6"]]
    _, facts, problems = read((["支出预算表", "单位：万元"], first), ([], [["业支出", ""]]))
    assert [short(f) for f in facts] == ["一、一般公共服务支出 | 金额 | 4", "八、社会保障和就业支出 | 金额 | 6"]
    rows = [["项目", "金额", "功能科目", "金额", "用途", "金额"], ["当年收入", "6", ("当年支出小计", 3, 1), "~", "~", "6"]]
    _, facts, problems = read((["收支预算总表", "单位：万元"], rows))
    assert [short(f) for f in facts] == ["当年收入 | 金额 | 6", "当年支出小计 | 金额 | 6"]
    assert not problems


def test_the_department_below_its_own_total_is_its_office() -> None:
    rows = [["单位名称", "“三公”经费合计"], ["合计", "24.02"], ["示例市档案局", "13.13"], ["示例市档案馆", "10.89"]]
    _, facts, _ = read((["“三公”经费预算表", "单位：万元"], rows))
    assert [(f.organisation, f.scope.value, f.amount.printed) for f in facts] == [
        ("示例市档案局", "汇总", "24.02"),
        ("示例市档案局", "本级", "13.13"),
        ("示例市档案馆", "下属单位", "10.89"),
    ]


def test_a_table_without_a_unit_is_in_the_one_that_all_others_print() -> None:
    table = [["项目", "金额"], ["办公费", "4"]]
    _, facts, _ = read((["支出总表", "单位：万元"], table), (["机关运行经费支出表"], table))
    assert [f.amount.unit for f in facts] == ["万元", "万元"]


def test_rows_by_year_and_the_difference_under_them() -> None:
    rows = [
        ["单位名称", "年度", "合计", "公务接待费"],
        ["示例市档案局", "2023年", "5", "3"],
        ["", "2024年", "6", "4"],
        ["", "增减变化金额", "1", "1"],
    ]
    _, facts, _ = read((["“三公”经费支出表", "单位：万元"], rows))
    assert [(f.year, f.rows[-1], f.organisation, f.amount.printed) for f in facts if f.columns[-1] == "合计"] == [
        (2023, "示例市档案局", "示例市档案局", "5"),
        (2024, "示例市档案局", "示例市档案局", "6"),
        (2024, "增减变化金额", "示例市档案局", "1"),
    ]
    _, facts, _ = read((["机关运行经费情况表", "单位：万元"], [["项目", "金额"], ["上年预算数", "5"], ["2024年", "6"]]))
    assert [(f.year, short(f)) for f in facts] == [(2023, "上年预算数 | 金额 | 5"), (2024, "2024年 | 金额 | 6")]


def test_a_table_whose_own_totals_do_not_hold_is_doubtful() -> None:
    rows = [["项目", "合计", "基本支出", "项目支出"], ["教育支出", "9", "2", "3"], ["科学支出", "8", "4", "1"]]
    tables, facts, _ = read((["支出总表", "单位：万元"], rows))
    assert tables[0].doubtful == "表头所示的合计 2 处中有 2 处与分项不符"
    assert all(f.doubtful for f in facts)
    rows[1][1], rows[2][1] = "5", "5"
    assert read((["支出总表", "单位：万元"], rows))[0][0].doubtful == ""


def test_the_line_that_numbers_one_column_is_no_figure() -> None:
    rows = [["功能分类科目名称", "项目支出"], ["**", "1"], ["合计", ""], ["", ""]]
    tables, facts, _ = read((["国有资本经营预算支出预算表", "单位：万元"], rows))
    assert (facts, tables[0].empty) == ([], True)


def test_a_blank_year_row_at_the_top_of_a_page() -> None:
    rows = [["预算单位", "年度", "合计"], ["示例市档案局", "2023年", "3"]]
    blank = [["", "2024年", ""], ["示例市档案局本级", "2023年", "2"]]
    tables, _, _ = read((["“三公”经费支出表", "单位：万元"], rows), ([], blank))
    facts = read_facts(tables, IDENTITY)[0]
    assert [(f.organisation, f.year, f.amount.printed) for f in facts] == [
        ("示例市档案局", 2023, "3"),
        ("示例市档案局", 2024, ""),
        ("示例市档案局本级", 2023, "2"),
    ]


def test_codes_printed_before_the_names() -> None:
    rows = [["经济分类科目", "金额"], ["[302]商品和服务支出", "9.00"], ["30211-差旅费", "4.00"], ["（30214）租赁费", "5.00"]]
    _, facts, _ = read((["项目支出情况表（按经济分类科目）", "单位：万元"], rows))
    assert [(f.code, f.rows[-1], f.amount.printed) for f in facts] == [("302", "商品和服务支出", "9.00"), ("30211", "差旅费", "4.00"), ("30214", "租赁费", "5.00")]


def test_a_form_that_a_page_cut_goes_on_under_its_repeated_caption() -> None:
    caption = ["项目支出绩效目标表"]
    head = [
        ["项目名称", "", "", "档案整理", ""],
        ["绩效指标", "一级指标", "二级指标", "三级指标", "指标值"],
        ["绩效指标", "产出指标", "数量指标", "整理卷数", "≥100卷"],
    ]
    more = [["绩效指标", "产出指标", "时效指标", "完成时间", "12月"], ["", "", "", "移交及时率", "100%"]]
    other = [["项目名称", "", "", "库房维护", ""], *head[1:2], ["绩效指标", "产出指标", "数量指标", "维护次数", "4次"]]
    tables, facts, _ = read((caption, head), (caption, more), (caption, other))
    assert len(tables) == 2
    indicators = [(f.project, f.rows[-1], f.amount.printed, f.place.page) for f in facts if f.kind == "indicator"]
    assert indicators == [
        ("档案整理", "整理卷数", "≥100卷", 1),
        ("档案整理", "完成时间", "12月", 2),
        ("档案整理", "移交及时率", "100%", 2),
        ("库房维护", "维护次数", "4次", 3),
    ]


def test_a_heading_that_says_its_unit_is_no_unit_line() -> None:
    rows = [["项目", "预算数（单位：万元）", "绩效目标"], ["档案整理", "12.50", "整理馆藏档案一百卷以上"], ["库房维护", "3.00", "维护库房四次"]]
    _, facts, _ = read((["2024年，本部门重点项目绩效目标情况如下："], rows))
    assert [(f.rows[-1], f.columns, f.amount.printed, f.amount.unit) for f in facts if f.amount.value is not None] == [
        ("档案整理", ("预算数（单位：万元）",), "12.50", "万元"),
        ("库房维护", ("预算数（单位：万元）",), "3.00", "万元"),
    ]


def test_a_row_that_a_page_cut_is_quoted_from_the_page_of_its_figures() -> None:
    caption = ["一般公共预算支出表", "单位：万元"]
    first = [["科目编码", "科目名称", "合计", "基本支出", "项目支出"], ["201", "一般公共服务支出", "9.00", "9.00", "0.00"], ["", "社会保障和就", "", "", ""]]
    _, facts, _ = read((caption, first), ([], [["208", "业支出", "15.00", "10.00", "5.00"]]))
    cut = [f for f in facts if f.code == "208"]
    assert [(f.rows[-1], f.amount.printed, f.place.page, f.quote) for f in cut] == [
        ("社会保障和就业支出", printed, 2, "208 | 业支出 | 15.00 | 10.00 | 5.00") for printed in ("15.00", "10.00", "5.00")
    ]


def test_rule_lines_and_empty_rows_do_not_part_a_form_from_its_next_page() -> None:
    head = [["项目名称", "", "档案整理"], ["一级指标", "指标内容", "目标值"], ["产出指标", "整理卷数", "≥100卷"]]
    _, facts, _ = read((["项目支出绩效目标表"], head), (["--------"], [["", "", ""]]), ([], [["--------"]]), ([], [["", "移交及时率", "100%"]]))
    assert [(f.project, f.rows, f.amount.printed) for f in facts if f.kind == "indicator"] == [
        ("档案整理", ("产出指标", "整理卷数"), "≥100卷"),
        ("档案整理", ("产出指标", "移交及时率"), "100%"),
    ]


def test_a_level_that_a_page_shifted_is_told_by_its_word_not_by_its_column() -> None:
    heading = ["一级指标", "二级指标", "三级指标", "指标值"]
    rows = [
        ["项目名称", "", "", "档案整理"],
        heading,
        ["投入指标", "测算明细", "每卷二元", ""],
        ["", "产出指标", "数量指标", "整理卷数"],
        ["成本指标", "经费使用率", "98", "考察经费"],
        ["成本指标", "单卷费用", "2元", ""],
        ["效益指标", "档案利用", "查阅次数", "≥9次"],  # a second level of the paper's own
    ]
    _, facts, _ = read((["项目支出绩效目标表"], rows))
    assert [(f.rows, f.amount.printed) for f in facts if f.kind == "indicator"] == [
        (("投入指标", "测算明细"), "每卷二元"),
        (("产出指标", "成本指标", "经费使用率"), "98"),
        (("产出指标", "成本指标", "单卷费用"), "2元"),
        (("效益指标", "档案利用", "查阅次数"), "≥9次"),
    ]
