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
