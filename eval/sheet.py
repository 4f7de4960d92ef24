"""Cases in an Excel sheet that office staff fill in: one row a case, Chinese column names, several entries of a cell on lines of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

SHEET = "用例"
TYPES = {"数值": "number", "文字": "text", "清单": "list", "拒答": "refusal", "反问": "clarify"}
# column: (field, width, what to write)
COLUMNS: dict[str, tuple[str, int, str]] = {
    "编号": ("id", 14, "每条不同，如 jd-2021；可不填"),
    "问题": ("turns", 40, "必填，第一个问题"),
    "追问": ("more", 32, "有追问就一行写一个；只评最后一个回答"),
    "类型": ("answer_type", 10, "必填：数值、文字、清单、拒答、反问"),
    "期望数值": ("value", 14, "数值题必填，如 9 或 2708.03"),
    "单位": ("unit", 8, "万元、元、亿元、%、个…"),
    "允许误差": ("tolerance", 10, "不填为 0"),
    "应包含": ("must_contain", 28, "回答里必须有的词，一行一个"),
    "不应包含": ("must_not_contain", 20, "回答里不能有的词，一行一个"),
    "易混数": ("not_as_answer", 18, "旁边容易答错的数，一行一个，如 12万元"),
    "要点": ("items", 30, "一行一个：名称，或 名称=数值"),
    "应拒答": ("refuse", 8, "填“是”等于类型写“拒答”"),
    "依据文件": ("doc", 30, "文件名的开头"),
    "行号": ("lines", 10, "如 508 或 507-508；PDF 填 第12页"),
    "分类": ("kind", 12, "自己归类用，可不填"),
}
_EXAMPLES = (
    {
        "编号": "sangong-2021",
        "问题": "2021年扶贫办三公经费多少",
        "类型": "数值",
        "期望数值": 9,
        "单位": "万元",
        "易混数": "12万元\n3万元",
        "分类": "三公",
    },
    {
        "编号": "sangong-jd",
        "问题": "2021年扶贫办三公经费多少",
        "追问": "其中公务接待费呢",
        "类型": "数值",
        "期望数值": 5,
        "单位": "万元",
        "分类": "追问",
    },
    {"编号": "no-2022", "问题": "2022年扶贫办三公经费多少", "应拒答": "是", "分类": "拒答"},
)


def write_template(path: Path) -> None:
    """An empty sheet with headings, notes under them, a list of types to choose from and three examples."""
    book = Workbook()
    sheet = book.active
    sheet.title = SHEET
    for column, (name, (_, width, note)) in enumerate(COLUMNS.items(), 1):
        sheet.cell(1, column, name).font = Font(bold=True)
        sheet.cell(1, column).fill = PatternFill("solid", start_color="DCE6F4")
        sheet.cell(2, column, note).font = Font(italic=True, color="808080")
        sheet.cell(2, column).alignment = Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[get_column_letter(column)].width = width
    for row, example in enumerate(_EXAMPLES, 3):
        for column, name in enumerate(COLUMNS, 1):
            sheet.cell(row, column, example.get(name)).alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "A3"
    for name, choices in (("类型", ",".join(TYPES)), ("应拒答", "是")):
        rule = DataValidation(type="list", formula1=f'"{choices}"', allow_blank=True)
        letter = get_column_letter(list(COLUMNS).index(name) + 1)
        rule.add(f"{letter}3:{letter}1000")
        sheet.add_data_validation(rule)
    book.save(path)


def sheet_records(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """(row number, record as in .jsonl) of every filled row. Raises ValueError, in Chinese, for a sheet or a cell that cannot be read."""
    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except Exception as error:  # openpyxl raises whatever its XML and ZIP readers raise
        raise ValueError("打不开，请确认是 .xlsx 工作簿。") from error
    sheet = book[SHEET] if SHEET in book.sheetnames else book.worksheets[0]
    rows = sheet.iter_rows(values_only=True)
    heads = [str(c or "").strip() for c in next(rows, ())]
    missing = [name for name in ("问题", "类型") if name not in heads]
    if missing:
        raise ValueError(f"第 1 行缺少列“{'、'.join(missing)}”，请用 python -m eval template 生成的表格。")
    for number, row in enumerate(rows, 2):
        cells = {name: _text(value) for name, value in zip(heads, row, strict=False) if name in COLUMNS and _text(value)}
        if not cells or cells.get("问题") == COLUMNS["问题"][2]:
            continue
        yield number, _record(cells, number)


def _text(value: Any) -> str:
    """A cell as text; Excel keeps every number as a float, so 9.0 was typed as 9."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).strip()


def _record(cells: dict[str, str], number: int) -> dict[str, Any]:
    kind = "拒答" if cells.get("应拒答") == "是" else cells.get("类型", "")
    if kind not in TYPES:
        raise ValueError(f"第 {number} 行：“类型”只能是 {'、'.join(TYPES)}，现在是“{kind}”。")
    record: dict[str, Any] = {
        "id": cells.get("编号") or f"行{number}",
        "turns": [cells.get("问题", ""), *_lines(cells.get("追问", ""))],
        "answer_type": TYPES[kind],
    }
    for name in ("期望数值", "单位", "允许误差", "分类"):
        if name in cells:
            record[COLUMNS[name][0]] = cells[name]
    for name in ("应包含", "不应包含", "易混数"):
        if name in cells:
            record[COLUMNS[name][0]] = _lines(cells[name])
    if "要点" in cells:
        record["items"] = [_item(line) for line in _lines(cells["要点"])]
    if "依据文件" in cells:
        record["evidence"] = [{"doc": cells["依据文件"], **_place(cells.get("行号", ""), number)}]
    return record


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _item(line: str) -> dict[str, str] | str:
    name, equals, value = line.replace("＝", "=").rpartition("=")
    return {"item": name.strip(), "value": value.strip()} if equals else line


def _place(text: str, number: int) -> dict[str, Any]:
    if not text:
        return {}
    if text.startswith("第") and text.endswith("页") and text[1:-1].strip().isdigit():
        return {"page": int(text[1:-1])}
    first, _, last = text.replace("–", "-").replace("—", "-").partition("-")
    if not (first.strip().isdigit() and (not last or last.strip().isdigit())):
        raise ValueError(f"第 {number} 行：“行号”写成 508、507-508 或 第12页，现在是“{text}”。")
    return {"lines": [int(first), int(last or first)]}
