"""The Excel sheet: the template reads back as cases; mistakes name the row."""

from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from eval.__main__ import main
from eval.casefile import CaseError, load_cases


def filled(tmp_path: Path, **cells: object) -> Path:
    """The template with its examples replaced by one row."""
    path = tmp_path / "用例.xlsx"
    main(["template", str(path)])
    book = load_workbook(path)
    sheet = book.active
    heads = [c.value for c in sheet[1]]
    sheet.delete_rows(3, 3)
    for name, value in cells.items():
        sheet.cell(3, heads.index(name) + 1, value)
    book.save(path)
    return path


def test_the_templates_examples_are_cases(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    assert main(["template", str(path)]) == 0
    a, b, c = load_cases([path])
    assert (a.id, a.value, a.unit, a.not_as_answer) == ("sangong-2021", Decimal(9), "万元", ("12万元", "3万元"))
    assert b.turns == ("2021年扶贫办三公经费多少", "其中公务接待费呢")
    assert c.answer_type == "refusal"


def test_a_full_row(tmp_path: Path) -> None:
    path = filled(
        tmp_path,
        问题="三公构成",
        类型="清单",
        要点="公务接待费=5\n公务用车",
        单位="万元",
        应包含="表12\n三公",
        依据文件="2021",
        行号="507-508",
        允许误差=0.5,
    )
    (case,) = load_cases([path])
    assert case.id == "行3"
    assert [(i.item, i.value) for i in case.items] == [("公务接待费", Decimal(5)), ("公务用车", None)]
    assert (case.must_contain, case.evidence[0].lines, case.tolerance) == (("表12", "三公"), (507, 508), Decimal("0.5"))


def test_a_page_instead_of_lines(tmp_path: Path) -> None:
    (case,) = load_cases([filled(tmp_path, 问题="问", 类型="文字", 依据文件="a.pdf", 行号="第12页")])
    assert case.evidence[0].page == 12


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"问题": "问", "类型": "数字"}, "第 3 行：“类型”只能是 数值、文字、清单、拒答、反问，现在是“数字”。"),
        ({"问题": "问", "类型": "数值"}, "第 3 行：数值题要写期望数值（value）"),
        ({"问题": "问", "类型": "数值", "期望数值": "九"}, "第 3 行：“期望数值（value）”应当是数字，现在是“九”。"),
        ({"问题": "问", "类型": "文字", "依据文件": "x", "行号": "上面"}, "第 3 行：“行号”写成 508、507-508 或 第12页，现在是“上面”。"),
    ],
)
def test_mistakes_name_the_row(tmp_path: Path, cells: dict, message: str) -> None:
    with pytest.raises(CaseError) as error:
        load_cases([filled(tmp_path, **cells)])
    assert message in str(error.value)


def test_another_workbook_is_refused_clearly(tmp_path: Path) -> None:
    Workbook().save(tmp_path / "x.xlsx")
    (tmp_path / "y.xlsx").write_bytes(b"no workbook")
    with pytest.raises(CaseError, match="缺少列“问题、类型”"):
        load_cases([tmp_path / "x.xlsx"])
    with pytest.raises(CaseError, match="打不开，请确认是"):
        load_cases([tmp_path / "y.xlsx"])
