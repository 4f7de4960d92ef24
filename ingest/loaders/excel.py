"""Workbooks and CSV -> blocks (the one door to openpyxl, xlrd and python-calamine).

A cell's text is what a person sees in the sheet: the stored value in its number format (−12.5 % is stored as −0.125). openpyxl (.xlsx) and xlrd
(.xls) know formats, merged and hidden cells; .xlsb and .ods are read by calamine, which gives values and merged ranges only.
"""

from __future__ import annotations

import csv
import datetime
import io
import re
import zipfile
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from pathlib import Path

from ingest.records import Block, BlockKind, GridCell, Loaded, Place, Problem, Unreadable

MOST_CELLS = 2_000_000
TOO_MANY = "这个工作簿有 {cells:,} 个以上的单元格，不像公开的预算表；请只保留需要的工作表再导入。"
DAMAGED = "这个 Excel 文件已损坏，打不开；请用 Excel 打开后另存为 xlsx 再导入。"
LOCKED = "这个 Excel 文件加了密码，打不开；请先去掉密码再导入。"
_NOTE = re.compile(r"[备附]?注\s*\d*\s*[:：、.]|说明\s*[:：]|备注")
_CAPTION = re.compile(r"单\s*位\s*[:：]|部\s*门\s*(?:名称)?\s*[:：]|编制|填报|公开\s*\d*\s*表|^\s*(?:附?表|附件)\s*[\d一二三四五六七八九十]")
_LONGEST_CAPTION = 60  # characters: a longer text is what a form says, not a title or a unit


@dataclass(slots=True)
class _Sheet:
    """A sheet as seen: texts by (row, column) from 1, merged ranges (row, column, last row, last column), rows framed by borders."""

    name: str
    texts: dict[tuple[int, int], str]
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    framed: set[int] = field(default_factory=set)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)


def load_workbook(path: Path) -> Loaded:
    """A workbook (.xlsx, .xlsm with its macros unopened, .xls, .xlsb, .ods) -> blocks. Raises Unreadable when damaged or empty."""
    kind, problems, read = "xls", [], _from_xlrd
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
        read = _from_calamine
        if "xl/workbook.xml" in names:
            kind, read = "xlsx", _from_openpyxl
        if any("vbaProject" in name for name in names):
            problems.append(Problem("skipped", "文件带有宏，宏没有运行，只读取了数据。"))
    sheets = read(path, problems)
    blocks: list[Block] = []
    grid = 0
    for sheet in sheets:
        found, grid = _sheet_blocks(sheet, grid, problems)
        blocks += found
    if not any(b.text for b in blocks):
        raise Unreadable("这个工作簿里没有数据（或都在隐藏的工作表里），请检查文件后重新导入。")
    return Loaded(kind, tuple(blocks), problems=tuple(problems))


def load_csv(text: str, delimiter: str) -> Loaded:
    """Decoded CSV text -> one block a record, numbered from 1; a record with one field is a line, a blank record a BREAK."""
    blocks: list[Block] = []
    grid, in_table = -1, False
    records = [[f.strip() for f in record] for record in csv.reader(text.splitlines(), delimiter=delimiter)]
    width = max((len(r) for r in records), default=0)
    for number, record in enumerate(records, 1):
        place = Place(line_start=number, line_end=number)
        filled = [f for f in record if f]
        if not filled:
            blocks.append(Block(BlockKind.BREAK, "", place))
            in_table = False
        elif len(filled) == 1 and not in_table:
            blocks.append(Block(BlockKind.LINE, filled[0], place))
        else:
            grid += not in_table
            in_table = True
            cells = tuple(GridCell(f) for f in [*record, *[""] * (width - len(record))])
            blocks.append(Block(BlockKind.ROW, " | ".join(c.text for c in cells), place, cells, grid))
    if not any(b.text for b in blocks):
        raise Unreadable("这个 CSV 文件里没有数据，请检查文件后重新导入。")
    return Loaded("csv", tuple(blocks), lines=len(blocks))


def _from_openpyxl(path: Path, problems: list[Problem]) -> list[_Sheet]:
    import openpyxl

    try:
        with path.open("rb") as file:  # by content: openpyxl refuses a path whose name ends otherwise
            book = openpyxl.load_workbook(file, data_only=True)
    except MemoryError:
        raise
    except Exception as error:  # the zip and XML readers below it raise what a damaged file leads them into
        raise Unreadable(DAMAGED) from error
    sheets, cells = [], 0
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            problems.append(Problem("skipped", f"工作表“{sheet.title}”是隐藏的，没有读取。", Place(sheet=sheet.title)))
            continue
        cells += len(sheet._cells)
        if cells > MOST_CELLS:
            raise Unreadable(TOO_MANY.format(cells=cells))
        zeros = sheet.sheet_view.showZeros is not False
        seen = _Sheet(sheet.title, {})
        bordered: dict[int, int] = {}
        for (row, column), cell in sheet._cells.items():
            if cell.value is not None:
                text = displayed(cell.value, cell.number_format or "General")
                if text and (zeros or isinstance(cell.value, str) or cell.value != 0):
                    seen.texts[row, column] = text
            elif cell.has_style and (cell.border.left.style or cell.border.right.style):
                bordered[row] = bordered.get(row, 0) + 1
        seen.framed = {row for row, count in bordered.items() if count >= 2}
        seen.merged = [(r.min_row, r.min_col, r.max_row, r.max_col) for r in sheet.merged_cells.ranges]
        seen.hidden_rows = {n for n, d in sheet.row_dimensions.items() if d.hidden}
        for dimension in sheet.column_dimensions.values():
            if dimension.hidden and dimension.min:
                seen.hidden_columns.update(range(dimension.min, min(dimension.max or dimension.min, dimension.min + 500) + 1))
        sheets.append(seen)
    book.close()
    missing = _formulas_without_value(path)
    if missing:
        problems.append(Problem("doubtful", f"有 {missing} 个公式没有保存计算结果，按空白读取；请用 Excel 打开并保存一次，再重新导入。"))
    return sheets


def _formulas_without_value(path: Path) -> int:
    """Formulas whose cells hold no cached value (written by a program, never opened in Excel)."""
    count = 0
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if re.fullmatch(r"xl/worksheets/[^/]+\.xml", name):
                count += len(re.findall(rb"(?:</f>|<f\b[^>]*/>)\s*(?:<v\s*/>|<v></v>)?\s*</c>", archive.read(name)))
    return count


def _from_xlrd(path: Path, problems: list[Problem]) -> list[_Sheet]:
    import xlrd

    try:
        book = xlrd.open_workbook(str(path), logfile=io.StringIO(), formatting_info=True)
    except MemoryError:
        raise
    except Exception as error:  # a damaged record leads it into any exception
        raise Unreadable(LOCKED if "encrypt" in str(error).lower() else DAMAGED) from error
    sheets, cells = [], 0
    for sheet in book.sheets():
        if sheet.visibility:
            problems.append(Problem("skipped", f"工作表“{sheet.name}”是隐藏的，没有读取。", Place(sheet=sheet.name)))
            continue
        cells += sheet.nrows * sheet.ncols
        if cells > MOST_CELLS:
            raise Unreadable(TOO_MANY.format(cells=cells))
        seen = _Sheet(sheet.name, {}, [(top + 1, left + 1, bottom, right) for top, bottom, left, right in sheet.merged_cells])
        for r in range(sheet.nrows):
            bordered = 0
            for c in range(sheet.ncols):
                cell, style = sheet.cell(r, c), book.xf_list[sheet.cell_xf_index(r, c)]
                kind, value = cell.ctype, cell.value
                if kind in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
                    bordered += bool(style.border.left_line_style or style.border.right_line_style)
                    continue
                if kind == xlrd.XL_CELL_DATE:
                    value = xlrd.xldate.xldate_as_datetime(value, book.datemode)
                elif kind == xlrd.XL_CELL_BOOLEAN:
                    value = bool(value)
                elif kind == xlrd.XL_CELL_ERROR:
                    value = xlrd.error_text_from_code.get(value, "#N/A")
                text = displayed(value, book.format_map[style.format_key].format_str)
                if text and (sheet.show_zero_values or value != 0):
                    seen.texts[r + 1, c + 1] = text
            if bordered >= 2:
                seen.framed.add(r + 1)
        seen.hidden_rows = {r + 1 for r, row in sheet.rowinfo_map.items() if row.hidden}
        seen.hidden_columns = {c + 1 for c, column in sheet.colinfo_map.items() if column.hidden}
        sheets.append(seen)
    return sheets


def _from_calamine(path: Path, problems: list[Problem]) -> list[_Sheet]:
    import python_calamine

    try:
        book = python_calamine.load_workbook(str(path))
        sheets = []
        for entry in book.sheets_metadata:
            if entry.typ is not python_calamine.SheetTypeEnum.WorkSheet:
                continue
            if entry.visible is not python_calamine.SheetVisibleEnum.Visible:
                problems.append(Problem("skipped", f"工作表“{entry.name}”是隐藏的，没有读取。", Place(sheet=entry.name)))
                continue
            sheet = book.get_sheet_by_name(entry.name)
            seen = _Sheet(entry.name, {})
            for r, row in enumerate(sheet.to_python(skip_empty_area=False), 1):
                for c, value in enumerate(row, 1):
                    if value not in ("", None):
                        seen.texts[r, c] = displayed(value, "General")
            seen.merged = [(a[0] + 1, a[1] + 1, b[0] + 1, b[1] + 1) for a, b in sheet.merged_cell_ranges or ()]
            sheets.append(seen)
    except python_calamine.CalamineError as error:
        if "password" in str(error).lower():
            raise Unreadable(LOCKED) from error
        raise Unreadable(DAMAGED) from error
    problems.append(Problem("doubtful", "这种工作簿（xlsb、ods）读不出数字格式，数字按存储值给出，小数位可能与显示的不同；另存为 xlsx 可避免。"))
    return sheets


def _sheet_blocks(sheet: _Sheet, grid: int, problems: list[Problem]) -> tuple[list[Block], int]:
    """A sheet -> blocks: tables apart at blank rows, what stands above and below a table as lines."""
    skipped = {r for r, c in sheet.texts if r in sheet.hidden_rows}
    columns_skipped = {c for r, c in sheet.texts if c in sheet.hidden_columns}
    if skipped or columns_skipped:
        parts = [f"{len(n)} {word}" for n, word in ((skipped, "个隐藏行"), (columns_skipped, "个隐藏列")) if n]
        problems.append(Problem("skipped", f"工作表“{sheet.name}”有{'、'.join(parts)}没有读取。", Place(sheet=sheet.name)))
    texts = {at: t for at, t in sheet.texts.items() if at[0] not in sheet.hidden_rows and at[1] not in sheet.hidden_columns}
    if not texts:
        return [], grid
    rows = [r for r in range(1, max(r for r, _ in texts) + 1) if r not in sheet.hidden_rows]
    by_row: dict[int, dict[int, str]] = {}
    for (r, c), text in texts.items():
        by_row.setdefault(r, {})[c] = text
    under_merge = {r for top, _, bottom, _ in sheet.merged for r in range(top + 1, min(bottom, rows[-1]) + 1)}
    segments: list[list[int]] = [[]]
    for r in rows:
        if r in by_row or (segments[-1] and (r in sheet.framed or r in under_merge)):
            segments[-1].append(r)
        elif segments[-1]:
            segments.append([])
    blocks: list[Block] = []
    frame: list[int] = []
    for segment in filter(None, segments):
        found, frame = _segment_blocks(sheet, segment, by_row, grid, frame)
        grid += any(b.kind is BlockKind.ROW for b in found)
        blocks += [*found, Block(BlockKind.BREAK, "", Place(sheet=sheet.name))]
    return blocks, grid


def _segment_blocks(sheet: _Sheet, rows: list[int], by_row: dict[int, dict[int, str]], grid: int, frame: list[int]) -> tuple[list[Block], list[int]]:
    """Rows between blank ones -> blocks, and the columns their table takes; `frame` are those of the table above.

    Rows without a title go on that table (a blank row stands where a page ended), so they keep its columns, blank ones at the edges too.
    """

    def is_line(r: int) -> bool:
        """A title, a unit line, a note: one text, or two of which one names unit or department."""
        texts = list(by_row.get(r, {}).values())
        return len(texts) == 1 or (
            1 < len(texts) <= 4
            and any(_CAPTION.search(t) for t in texts)
            and not any(re.search(r"^[\d,.]+$", t) or len(t) > _LONGEST_CAPTION for t in texts)
        )

    first, last = 0, len(rows)
    while first < last and is_line(rows[first]) and not _has_part_below(sheet, rows[first]):
        first += 1
    while last > first and len(texts := list(by_row.get(rows[last - 1], {}).values())) <= 1 and (not texts or _NOTE.match(texts[0])):
        last -= 1
    columns = sorted({c for r in rows[first:last] for c in by_row.get(r, {})})
    if columns and not first:
        columns = sorted({*columns, *frame})
    blocks: list[Block] = []
    for r in rows[:first]:
        blocks += _as_lines(sheet, r, by_row)
    if columns:
        shown = [c for c in range(columns[0], columns[-1] + 1) if c not in sheet.hidden_columns]
        blocks += [_row(sheet, r, shown, rows[first:last], by_row.get(r, {}), grid) for r in rows[first:last]]
    for r in rows[last:]:
        blocks += _as_lines(sheet, r, by_row)
    return blocks, columns or frame


def _has_part_below(sheet: _Sheet, row: int) -> bool:
    """Does a merged cell reach from this row into the next? Then the row is a table's header, however few texts it has."""
    return any(top <= row < bottom for top, _, bottom, _ in sheet.merged)


def _as_lines(sheet: _Sheet, row: int, by_row: dict[int, dict[int, str]]) -> list[Block]:
    texts = by_row.get(row, {})
    if not texts:
        return []
    place = Place(sheet=sheet.name, cell=f"{_letters(min(texts))}{row}")
    return [Block(BlockKind.LINE, "  ".join(texts[c] for c in sorted(texts)), place)]


def _row(sheet: _Sheet, row: int, columns: list[int], rows: list[int], texts: dict[int, str], grid: int) -> Block:
    spans = {left: (bottom, right) for top, left, bottom, right in sheet.merged if top == row}
    cells = []
    for c in columns:
        bottom, right = spans.get(c, (row, c))
        across, down = sum(1 for x in columns if c <= x <= right), sum(1 for y in rows if row <= y <= bottom)
        cells.append(GridCell(texts.get(c, ""), Place(sheet=sheet.name, cell=f"{_letters(c)}{row}"), max(across, 1), max(down, 1)))
    place = Place(sheet=sheet.name, cell=f"{_letters(columns[0])}{row}")
    return Block(BlockKind.ROW, " | ".join(c.text for c in cells), place, tuple(cells), grid)


def _letters(column: int) -> str:
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def displayed(value: object, number_format: str) -> str:
    """A stored value as its number format shows it: 1234.5 with “#,##0.00” is “1,234.50”; texts stay as they are.

    Only what decides a printed figure is honoured: sections, thousands, decimals, per cent, scaling, literals; dates are written ISO.
    """
    if isinstance(value, str):
        return re.sub(r"[\s\u3000\u200b]+", " ", value.replace("_x000D_", "")).strip()
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(" ", "minutes")
    if isinstance(value, (datetime.date, datetime.time, datetime.timedelta)):
        return str(value)
    try:
        number = Decimal(repr(value))
    except InvalidOperation:
        return str(value)
    if not number.is_finite():
        return str(value)
    sections = _sections(number_format)
    if number < 0 and len(sections) > 1:
        section, number = sections[1], -number
    elif number == 0 and len(sections) > 2:
        section = sections[2]
    else:
        section = sections[0]
    return _in_format(number, section) if section.strip().lower() not in ("general", "g/通用格式", "@") else _general(number)


def _sections(number_format: str) -> list[str]:
    """The sections of a format (positive; negative; zero), colours, conditions, locales, widths and fillers taken out."""
    plain = re.sub(r"\[(?:[^\]$]|\$-)[^\]]*\]", "", number_format)
    plain = re.sub(r"\[\$([^\]-]*)[^\]]*\]", r'"\1"', plain)
    parts, current, quoted = [], "", False
    i = 0
    while i < len(plain):
        c = plain[i]
        if c == '"':
            quoted = not quoted
        if c in "_*" and not quoted:
            i += 2
            continue
        if c == "\\" and not quoted:
            current += f'"{plain[i + 1 : i + 2]}"'
            i += 2
            continue
        if c == ";" and not quoted:
            parts.append(current)
            current = ""
        else:
            current += c
        i += 1
    return [*parts, current]


def _in_format(number: Decimal, section: str) -> str:
    pieces = re.split(r'("[^"]*")', section)
    code = "".join(p for p in pieces if not p.startswith('"'))
    digits = re.search(r"[#0?][#0?,]*(?:\.[#0?]*)?(?:[eE][+-]0+)?|\.[#0?]+", code)
    if not digits or not re.search(r"[#0]", digits[0]):
        return "".join(p.strip('"') if p.startswith('"') else p for p in pieces).replace("?", "").strip()
    pattern = digits[0]
    if "e" in pattern.lower():
        return _general(number)
    whole, _, fraction = pattern.partition(".")
    for _ in range(len(whole) - len(whole.rstrip(","))):
        number /= 1000
    number *= 100 ** code.count("%")
    places = len(fraction)
    rounded = number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    text = f"{abs(rounded):,f}" if "," in whole.rstrip(",") else f"{abs(rounded):f}"
    if places > fraction.count("0"):
        head, _, tail = text.partition(".")
        tail = tail[: fraction.count("0")] + tail[fraction.count("0") :].rstrip("0")
        text = f"{head}.{tail}" if tail else head
    least = whole.replace(",", "").count("0")
    head, _, tail = text.partition(".")
    if least == 0 and head == "0" and tail:
        head = ""
    text = head.rjust(least, "0") + (f".{tail}" if tail else "")
    if rounded < 0:
        text = "-" + text
    out, put = "", False
    for piece in pieces:
        if piece.startswith('"'):
            out += piece.strip('"')
        elif not put and (found := re.search(re.escape(pattern), piece)):
            out += piece[: found.start()] + text + piece[found.end() :]
            put = True
        else:
            out += piece
    return re.sub(r"\s+", " ", out).strip()


def _general(number: Decimal) -> str:
    """A number in the General format: no binary noise, about ten significant digits but never less than 分, no trailing zeros."""
    if number == number.to_integral_value():
        return f"{number:f}".split(".")[0]
    places = max(2, 10 - max(len(str(abs(int(number)))), 1))
    text = f"{number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
