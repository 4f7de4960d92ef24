"""Every cell and fact carries the place of its own cell, also where the reader moved the cell or joined two."""

from ingest.facts import read_facts
from ingest.records import Block, BlockKind, FactKind, GridCell, Identity, PaperKind, Place
from ingest.tables import find_tables

IDENTITY = Identity("示例", "示例市档案局", 2024, PaperKind.BUDGET)


def sheet(lines: list[str], rows: list[list[str]]) -> list[Block]:
    """Lines, then rows as a workbook gives them: every cell with its address."""
    blocks = [Block(BlockKind.LINE, t, Place(sheet="一", cell=f"A{n}")) for n, t in enumerate(lines, 1)]
    for n, texts in enumerate(rows, len(lines) + 1):
        cells = tuple(GridCell(t, Place(sheet="一", cell=f"{'ABCDEFGH'[c]}{n}")) for c, t in enumerate(texts))
        blocks.append(Block(BlockKind.ROW, " | ".join(texts), Place(sheet="一", cell=f"A{n}"), cells, grid=0))
    return blocks


def facts(blocks: list[Block]):
    tables, _, _ = find_tables(blocks, (), IDENTITY)
    return read_facts(tables, IDENTITY)[0]


def test_figures_of_a_sheet_point_at_their_own_cells_and_quote_the_row() -> None:
    found = facts(
        sheet(
            ["支出总表", "单位：万元"],
            [
                ["科目编码", "科目名称", "合计", "基本支出", "项目支出"],
                ["201", "一般公共服务支出", "90", "60", "30"],
                ["", "208", "社会保障支出", "5", "5"],
            ],
        )
    )
    assert [(f.amount.printed, f.place.cell) for f in found if f.amount.printed] == [
        ("90", "C4"),
        ("60", "D4"),
        ("30", "E4"),
        ("5", "D5"),
        ("5", "E5"),
    ]
    assert found[0].quote == "201 | 一般公共服务支出 | 90 | 60 | 30"


def test_fields_and_indicators_of_a_form_point_at_their_own_cells() -> None:
    found = facts(
        sheet(
            ["项目支出绩效目标表"],
            [
                ["项目名称", "档案数字化", "本年度项目金额（万元）", "12.5"],
                ["一级指标", "二级指标", "三级指标", "目标值"],
                ["产出指标", "数量指标", "扫描页数", "≥300页"],
            ],
        )
    )
    places = {f.amount.printed: f.place.cell for f in found if f.kind in {FactKind.FIELD, FactKind.INDICATOR}}
    assert places == {"档案数字化": "B2", "12.5": "D2", "≥300页": "D4"}


def test_pdf_cells_carry_page_and_box() -> None:
    def row(top: float, texts: list[str]) -> Block:
        cells = tuple(GridCell(t, Place(page=3, bbox=(100.0 * c, top, 100.0 * c + 90, top + 10))) for c, t in enumerate(texts))
        return Block(BlockKind.ROW, " | ".join(texts), Place(page=3, bbox=(0.0, top, 500.0, top + 10)), cells, grid=0)

    title = Block(BlockKind.LINE, "收入预算总表", Place(page=3, bbox=(0.0, 0.0, 500.0, 10.0)))
    found = facts([title, row(20, ["项目", "金额（元）"]), row(30, ["财政拨款", "7.00"])])
    assert [(f.place.page, f.place.bbox) for f in found] == [(3, (100.0, 30, 190.0, 40))]
