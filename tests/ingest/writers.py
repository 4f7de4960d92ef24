"""Writers of made-up papers: Word, workbook (one form a sheet or all on one), old workbook, web page, PDF with and without rulings.

Each takes the paper, the path and a random source that decides how this bureau sets its tables (`Setting`).
"""

from __future__ import annotations

import html
import random
import re
import zipfile
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import docx
import openpyxl
from docx.shared import Pt
from openpyxl.styles import Alignment, Border, Side

from tests.ingest.made_papers import Cell, Paper, Printed
from tests.ingest.made_pdf import Pages

_THIN = Border(*[Side(style="thin")] * 4)


@dataclass
class Setting:
    """How the captions stand: number and title in one line or two, who and the unit in one line or two, inside the table or above it."""

    number_first: bool
    one_line: bool
    unit_line: str  # right, both, brackets, two
    inside: bool
    broken: bool  # long names broken over two lines of their cell

    @classmethod
    def drawn(cls, rng: random.Random) -> Setting:
        return cls(rng.random() < 0.6, rng.random() < 0.3, rng.choice(["right", "both", "both", "two"]), rng.random() < 0.3, rng.random() < 0.4)

    def caption(self, table: Printed, year: int) -> list[str]:
        """The lines over a table; in a line of two texts these stand left and right."""
        if table.number.startswith(("一", "二", "三", "四", "五", "六", "七", "八", "九", "十")):
            lines = [f"{table.number}{table.title}"]
        elif not table.number:
            lines = [f"{year}年{table.title}"]
        elif self.one_line and not table.number.startswith("公开"):
            lines = [f"{table.number} {table.title}"]
        else:
            lines = [table.number, table.title] if self.number_first else [table.title, table.number]
            if not self.number_first and table.number.startswith("表"):
                lines.reverse()
        unit = f"单位：{table.unit}"
        who = f"部门：{table.organisation}"
        return lines + {"right": [unit], "both": [f"{who}\t{unit}"], "two": [who, unit], "brackets": [f"（{unit}）"]}[self.unit_line]

    def shown(self, cell: Cell) -> str:
        """The cell's words, a long name over two lines."""
        return cell.text[:8] + "\n" + cell.text[8:] if self.broken and len(cell.text) > 10 and cell.number is None else cell.text


def _lines(table: Printed) -> list[list[Cell | None]]:
    return [*table.header, *table.body]


def write_docx(paper: Paper, path: Path, rng: random.Random) -> None:
    """Paragraphs and tables; headings by Word's styles or by look only."""
    setting, by_look = Setting.drawn(rng), rng.random() < 0.6
    nested, cut = rng.random() < 0.15, rng.random() < 0.3
    document = docx.Document()
    for part in paper.parts:
        if isinstance(part, Printed):
            caption = setting.caption(part, paper.year)
            rows: list[list[Cell | None]] = []
            if setting.inside:
                for line in caption:
                    left, _, right = line.partition("\t")
                    if right and part.width > 3:
                        rows.append([Cell(left, part.width - 2), *[None] * (part.width - 3), Cell(right, 2), None])
                    else:
                        rows.append([Cell(line.replace("\t", "  "), part.width), *[None] * (part.width - 1)])
            else:
                for line in caption:
                    document.add_paragraph(line)
            rows += _lines(part)
            pieces = [rows]
            if cut and not setting.inside and len(part.body) > 8:
                at = len(part.header) + len(part.body) // 2
                pieces = [rows[:at], [*part.header, *rows[at:]] if rng.random() < 0.5 else rows[at:]]
            for n, piece in enumerate(pieces):
                if n:
                    document.add_page_break()
                holder = document.add_table(1, 1).cell(0, 0) if nested else document
                table = holder.add_table(len(piece), part.width)
                table.style = document.styles["Table Grid"] if "Table Grid" in [s.name for s in document.styles] else None
                _fill_word(table, piece, setting)
            for note in part.notes:
                document.add_paragraph(note)
            if rng.random() < 0.5:
                document.add_page_break()
            continue
        text, level = part
        if level and not by_look:
            document.add_heading(text, level)
        else:
            run = document.add_paragraph().add_run(text)
            run.bold, run.font.size = bool(level), Pt(16 if level else 12)
    document.save(str(path))


def _fill_word(table: docx.table.Table, rows: list[list[Cell | None]], setting: Setting) -> None:
    squares = [list(row.cells) for row in table.rows]
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            if cell is None:
                continue
            square = squares[r][c]
            if cell.across > 1 or cell.down > 1:
                square = square.merge(squares[min(r + cell.down, len(rows)) - 1][c + cell.across - 1])
            first, *more = setting.shown(cell).split("\n")
            square.paragraphs[0].text = first
            for line in more:
                square.add_paragraph(line)


def write_xlsx(paper: Paper, path: Path, rng: random.Random) -> None:
    """A workbook: one form a sheet behind 封面 and 目录, or everything below each other on one sheet."""
    setting = Setting.drawn(rng)
    one_sheet, texts, formulas = rng.random() < 0.3, rng.random() < 0.4, rng.random() < 0.4
    down, right, hidden = rng.choice([0, 0, 1]), rng.choice([0, 0, 1]), rng.random() < 0.3
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "封面"
    title = next(p for p in paper.parts if not isinstance(p, Printed))[0]
    if not one_sheet:
        sheet.cell(6, 2, title)
        sheet.cell(9, 2, f"编制单位：{paper.department}")
        sheet = book.create_sheet("目录")
        sheet.cell(1, 1, "目录")
        for n, table in enumerate(paper.tables, 1):
            sheet.cell(n + 1, 1, f"表{n}")
            sheet.cell(n + 1, 2, table.title)
    else:
        sheet.cell(1, 1, title)
    at = 3
    sums: dict[str, list[str]] = {}
    for n, table in enumerate(paper.tables, 1):
        if not one_sheet:
            sheet = book.create_sheet(f"{n}{table.title}"[:31] if rng.random() < 0.5 else f"表{n}")
            at = 1 + down
        at = _fill_sheet(sheet, table, setting, paper.year, at, right, texts, sums if formulas else None)
        if hidden and not one_sheet:
            sheet.cell(at + 1, 1 + right, "校验").border = _THIN
            sheet.cell(at + 1, 2 + right, 12345.67)
            sheet.row_dimensions[at + 1].hidden = True
        at += 1 + rng.randint(0, 2)
    book.save(path)
    if formulas:
        _with_formulas(path, sums)


def _fill_sheet(sheet, table: Printed, setting: Setting, year: int, at: int, right: int, texts: bool, sums: dict[str, list[str]] | None) -> int:
    for line in setting.caption(table, year):
        left, _, other = line.partition("\t")
        if other:
            sheet.cell(at, 1 + right, left)
            sheet.cell(at, table.width + right, other)
        elif line.startswith("单位") or line.startswith("公开"):
            sheet.cell(at, table.width + right, line)
        else:
            sheet.cell(at, 1 + right, line)
            if table.width > 1:
                sheet.merge_cells(start_row=at, end_row=at, start_column=1 + right, end_column=table.width + right)
        at += 1
    for r, row in enumerate(_lines(table)):
        for c, cell in enumerate(row):
            square = sheet.cell(at + r, c + 1 + right)
            square.border = _THIN
            if cell is None:
                continue
            if cell.number is not None and not texts:
                square.value = float(cell.number)
                places = len(cell.text.rstrip("%").partition(".")[2])
                square.number_format = ("#,##0" if "," in cell.text else "0") + ("." + "0" * places if places else "") + ("%" if "%" in cell.text else "")
                if sums is not None and r % 3 == 0:
                    sums.setdefault(sheet.title, []).append(square.coordinate)
            elif cell.text:
                square.value = setting.shown(cell)
                square.data_type = "s"
                square.alignment = Alignment(wrap_text=True)
            if cell.across > 1 or cell.down > 1:
                last = min(at + r + cell.down, at + len(_lines(table))) - 1
                sheet.merge_cells(start_row=at + r, end_row=last, start_column=c + 1 + right, end_column=c + cell.across + right)
    at += len(_lines(table))
    for note in table.notes:
        sheet.cell(at, 1 + right, note)
        at += 1
    return at


def _with_formulas(path: Path, sums: dict[str, list[str]]) -> None:
    """Give cells a formula beside the value they hold, as Excel stores them."""
    names = openpyxl.load_workbook(path).sheetnames
    parts = {}
    with zipfile.ZipFile(path) as archive:
        for entry in archive.namelist():
            parts[entry] = archive.read(entry)
    for n, name in enumerate(names, 1):
        entry = f"xl/worksheets/sheet{n}.xml"
        text = parts[entry].decode()
        for cell in sums.get(name, ()):
            text = re.sub(rf'(<c r="{cell}"[^>]*>)(<v>)', r"\1<f>SUM(ZZ1:ZZ2)</f>\2", text)
        parts[entry] = text.encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, data in parts.items():
            archive.writestr(entry, data)


def write_xls(paper: Paper, path: Path, rng: random.Random) -> None:
    """An old workbook (BIFF8), one form a sheet."""
    import xlwt

    setting, texts = Setting.drawn(rng), rng.random() < 0.3
    book = xlwt.Workbook(encoding="utf-8")
    styles: dict[str, xlwt.XFStyle] = {}
    cover = book.add_sheet("封面")
    cover.write(5, 1, next(p for p in paper.parts if not isinstance(p, Printed))[0])
    for n, table in enumerate(paper.tables, 1):
        sheet = book.add_sheet(f"表{n}")
        at = 0
        for line in setting.caption(table, paper.year):
            left, _, other = line.partition("\t")
            if other:
                sheet.write(at, 0, left)
                sheet.write(at, table.width - 1, other)
            elif table.width > 1:
                sheet.write_merge(at, at, 0, table.width - 1, line)
            else:
                sheet.write(at, 0, line)
            at += 1
        for r, row in enumerate(_lines(table)):
            for c, cell in enumerate(row):
                if cell is None:
                    continue
                value, style = setting.shown(cell), xlwt.Style.default_style
                if cell.number is not None and not texts:
                    places = len(cell.text.rstrip("%").partition(".")[2])
                    shape = ("#,##0" if "," in cell.text else "0") + ("." + "0" * places if places else "") + ("%" if "%" in cell.text else "")
                    style = styles.setdefault(shape, xlwt.easyxf(num_format_str=shape))
                    value = float(cell.number)
                if cell.across > 1 or cell.down > 1:
                    last = min(r + cell.down, len(_lines(table))) - 1
                    sheet.write_merge(at + r, at + last, c, c + cell.across - 1, value, style)
                elif value != "":
                    sheet.write(at + r, c, value, style)
        at += len(_lines(table))
        for note in table.notes:
            sheet.write(at, 0, note)
    book.save(str(path))


def write_html(paper: Paper, path: Path, rng: random.Random) -> None:
    """A web page: spans, cells with paragraphs and blanks as editors of web sites write them."""
    setting, wrapped = Setting.drawn(rng), rng.random() < 0.5
    out = ["<html><head><meta charset='utf-8'><title>预算公开</title></head><body><div class='content'>"]

    def square(cell: Cell) -> str:
        words = html.escape(setting.shown(cell)).replace("\n", "<br>").replace("　", "&emsp;" if wrapped else "　")
        inner = f"<p><span>{words or '&nbsp;'}</span></p>" if wrapped else words
        spans = (f' colspan="{cell.across}"' if cell.across > 1 else "") + (f' rowspan="{cell.down}"' if cell.down > 1 else "")
        return f"<td{spans}>{inner}</td>"

    for part in paper.parts:
        if isinstance(part, Printed):
            caption = setting.caption(part, paper.year)
            rows = [f"<tr>{''.join(square(c) for c in row if c is not None)}</tr>" for row in _lines(part)]
            if setting.inside:
                rows = [f'<tr><td colspan="{part.width}">{html.escape(line)}</td></tr>' for line in caption] + rows
            else:
                out += [f"<p>{html.escape(line)}</p>" for line in caption]
            out += ["<table border=1>", *rows, "</table>", *(f"<p>{html.escape(note)}</p>" for note in part.notes)]
        else:
            out.append(f"<p>{'<strong>' if part[1] else ''}{html.escape(part[0])}{'</strong>' if part[1] else ''}</p>")
    path.write_text("\n".join([*out, "</div></body></html>"]), "utf-8")


def write_pdf(paper: Paper, path: Path, rng: random.Random) -> None:
    """Pages with ruled tables."""
    _pdf(paper, path, rng, ruled=True)


def write_bare_pdf(paper: Paper, path: Path, rng: random.Random) -> None:
    """Pages whose tables have no rulings."""
    _pdf(paper, path, rng, ruled=False)


_SIZE = 8.0
_LEADING = 11.0


def _measure(text: str) -> float:
    return sum(_SIZE if ord(c) > 0x7F else _SIZE / 2 for c in text)


def _wrapped(text: str, width: float) -> list[str]:
    """Words cut into lines of a cell; figures are never cut."""
    if _measure(text) <= width or re.fullmatch(r"[-\d.,%]+", text):
        return [text]
    lines, line = [], ""
    for c in text:
        if _measure(line + c) > width:
            lines.append(line)
            line = ""
        line += c
    return [*lines, line]


def _pdf(paper: Paper, path: Path, rng: random.Random, *, ruled: bool) -> None:
    setting = Setting.drawn(rng)
    repeated = rng.random() < 0.6
    wide = 1191 if any(table.width > 14 for table in paper.tables) else 842  # A3 where A4 would print figures over each other
    pages = Pages(wide, 595)
    left, right, top, bottom = 50.0, wide - 50.0, 60.0, rng.choice([540.0, 540.0, 280.0])  # short pages: tables run over several
    y = top

    def line(text: str, size: float = 10, middle: bool = False) -> None:
        nonlocal y
        if y > bottom:
            pages.new()
            y = top
        words, _, other = text.partition("\t")
        x = (left + right - size * len(words)) / 2 if middle else left
        pages.text(x, y, words.replace("　", " "), size)
        if other:
            pages.right(right, y, other, size)
        y += size * 1.8

    for part in paper.parts:
        if not isinstance(part, Printed):
            line(part[0], 14 if part[1] else 10)
            continue
        pages.new()
        y = top
        for text in setting.caption(part, paper.year):
            if text.startswith("单位") or text.startswith("公开"):
                pages.right(right, y, text, 10)
                y += 18
            else:
                line(text, 16 if text == part.title else 10, text == part.title)
        y = pdf_table(pages, part, y, (left, right, top, bottom), ruled, repeated)
        y += 14
        for note in part.notes:
            line(note, 9)
    for n in range(len(pages.pages)):
        pages.pages[n].append(f"BT /F1 9 Tf 1 0 0 1 410 30 Tm <{str(n + 1).encode('utf-16-be').hex()}> Tj ET")
    pages.save(path)


def pdf_table(pages: Pages, table: Printed, y: float, frame: tuple[float, float, float, float], ruled: bool, repeated: bool) -> float:
    """Draw a table from `y` on, over as many pages as it needs; where it ends. `frame`: left, right, top and bottom of the pages' text."""
    left, right, top, bottom = frame
    rows, width = _lines(table), table.width
    wants = [24.0] * width
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            if cell and cell.across == 1:
                most = 150.0 if r >= len(table.header) else 44.0
                wants[c] = max(wants[c], min(_measure(cell.text) + 6, most if not re.fullmatch(r"[-\d.,%]+", cell.text) else 999))
    scale = (right - left) / sum(wants)
    if scale > 1:
        scale = min(scale, 1.6)
    sizes = [w * scale for w in wants]
    xs = [left]
    for size in sizes:
        xs.append(xs[-1] + size)

    def lines_of(r: int, c: int, cell: Cell) -> list[str]:
        return _wrapped(cell.text, xs[c + cell.across] - xs[c] - 3)

    heights = []
    for r, row in enumerate(rows):
        most = max((len(lines_of(r, c, cell)) for c, cell in enumerate(row) if cell and cell.down == 1), default=1)
        heights.append(most * _LEADING + 5)
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            if cell and cell.down > 1:
                last = min(r + cell.down, len(rows))
                need = len(lines_of(r, c, cell)) * _LEADING + 5
                heights[last - 1] += max(0.0, need - sum(heights[r:last]))
    head = len(table.header)

    def draw(first: int, last: int, y: float) -> float:
        ys = [y]
        for r in range(first, last):
            ys.append(ys[-1] + heights[r])
        for r in range(first) if ruled else ():
            for c, cell in enumerate(rows[r]):
                if cell and r + cell.down > first:  # a merged cell goes on from the page before, empty
                    x0, x1, y1 = xs[c], xs[c + cell.across], ys[min(r + cell.down, last) - first]
                    for a in ((x0, y, x1, y), (x0, y1, x1, y1), (x0, y, x0, y1), (x1, y, x1, y1)):
                        pages.line(*a)
        for r in range(first, last):
            for c, cell in enumerate(rows[r]):
                if cell is None:
                    continue
                end = min(r + cell.down, last)
                x0, x1, y0, y1 = xs[c], xs[c + cell.across], ys[r - first], ys[end - first]
                if ruled:
                    for a in ((x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1)):
                        pages.line(*a)
                lines = lines_of(r, c, cell)
                base = (y0 + y1) / 2 - (len(lines) - 1) * _LEADING / 2 + _SIZE * 0.35
                for n, text in enumerate(lines):
                    if cell.number is not None or text == "—" or (text and re.fullmatch(r"[\d.,%-]+", text) and r >= head and c >= 2):
                        pages.right(x1 - 2, base + n * _LEADING, text, _SIZE)
                    elif r < head or cell.across > 1:
                        pages.text((x0 + x1 - _measure(text)) / 2, base + n * _LEADING, text, _SIZE)
                    else:
                        lead = len(text) - len(text.lstrip("　"))
                        pages.text(x0 + 2 + lead * _SIZE, base + n * _LEADING, text.lstrip("　"), _SIZE)
        return ys[-1]

    at, first = y, 0
    while first < len(rows):
        last, room = first, bottom - at
        while last < len(rows) and (room := room - heights[last]) >= 0:
            last += 1
        last = max(last, first + 1)
        at = draw(first, last, at)
        if last < len(rows):
            pages.new()
            at = top
            if repeated and head < last:
                at = draw(0, head, at)
        first = last
    return at


WRITERS = {".docx": write_docx, ".xlsx": write_xlsx, ".xls": write_xls, ".html": write_html, ".pdf": write_pdf, ".bare.pdf": write_bare_pdf}


def as_decimal(value: Decimal) -> Decimal:
    return value.normalize() + 0
