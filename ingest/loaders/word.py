"""Word -> blocks (the one door to python-docx): paragraphs and tables in body order. .doc, .rtf and .odt go through LibreOffice if it is there.

Word keeps no pages; a block's line number is its ordinal.
"""

from __future__ import annotations

import re
import tempfile
from dataclasses import replace
from pathlib import Path

import docx
from docx.oxml.ns import qn
from lxml import etree

from ingest.loaders.office import converted
from ingest.records import Block, BlockKind, GridCell, Loaded, Place, Problem, Unreadable

_CHINESE_DIGITS = "〇一二三四五六七八九"
_SKIPPED = {qn("w:del"), qn("w:moveFrom"), qn("w:instrText"), "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"}


def load_docx(path: Path) -> Loaded:
    """A .docx (or .docm, its macros unopened) -> blocks numbered from 1. Raises Unreadable when damaged or without text."""
    try:
        document = docx.Document(str(path))
    except MemoryError:
        raise
    except Exception as error:  # the zip, XML and package readers each raise what a damaged file leads them into
        raise Unreadable("这个 Word 文件已损坏，打不开；请用 Word 打开后另存为 docx 再导入。") from error
    reader = _Reader(document)
    reader.body(document.element.body)
    if not any(b.text for b in reader.blocks):
        if reader.pictures:
            raise Unreadable("这个 Word 文件里只有图片，没有文字；请另存为 PDF 再导入（会用文字识别读取）。")
        raise Unreadable("这个 Word 文件里没有文字，请检查文件后重新导入。")
    problems = []
    if reader.pictures:
        problems.append(Problem("skipped", f"文中有 {reader.pictures} 张图片，图片里的文字没有读取。"))
    if any("vbaProject" in str(part.partname) for part in document.part.package.iter_parts()):
        problems.append(Problem("skipped", "文件带有宏，宏没有运行，只读取了文字。"))
    blocks = tuple(replace(b, place=Place(line_start=n, line_end=n)) for n, b in enumerate(reader.blocks, 1))
    return Loaded("docx", blocks, lines=len(blocks), problems=tuple(problems))


def load_old_word(path: Path) -> Loaded:
    """A .doc, .rtf or .odt, converted by LibreOffice where that is installed. Raises Unreadable where it is not, or cannot."""
    with tempfile.TemporaryDirectory() as folder:
        return load_docx(converted(path, Path(folder)))


class _Reader:
    """Walks the document body once and collects blocks."""

    def __init__(self, document: docx.document.Document) -> None:
        self.blocks: list[Block] = []
        self.grid = 0
        self.pictures = len(document.element.body.findall(f".//{qn('w:drawing')}//{{*}}blip"))
        self.levels = _style_levels(document)
        self.numbering = _Numbering(document)

    def body(self, parent: etree._Element) -> None:
        """Paragraphs and tables of the body, of a content control, or of a text box."""
        for child in parent:
            if child.tag == qn("w:p"):
                self._paragraph(child)
            elif child.tag == qn("w:tbl"):
                self._table(child)
            elif child.tag == qn("w:sdt"):
                self.body(child.find(qn("w:sdtContent")) if child.find(qn("w:sdtContent")) is not None else ())
            elif child.tag in (qn("w:ins"), qn("w:customXml"), qn("w:smartTag")):
                self.body(child)

    def _paragraph(self, paragraph: etree._Element) -> None:
        text = self._text(paragraph)
        kind = BlockKind.LINE if text else BlockKind.BREAK
        if text or (self.blocks and self.blocks[-1].kind is not BlockKind.BREAK):
            self.blocks.append(Block(kind, text, Place(), level=self._level(paragraph) if text else None))
        for box in paragraph.iter(qn("w:txbxContent")):
            if not any(parent.tag in _SKIPPED for parent in box.iterancestors()):
                self.body(box)

    def _text(self, paragraph: etree._Element) -> str:
        """A paragraph's own words with its automatic number; deleted text, field codes and text boxes left out."""
        return (self.numbering.label(paragraph) + _tidied("".join(_pieces(paragraph)))).strip()

    def _level(self, paragraph: etree._Element) -> int | None:
        properties = paragraph.find(qn("w:pPr"))
        if properties is None:
            return None
        outline = properties.find(qn("w:outlineLvl"))
        if outline is not None and (outline.get(qn("w:val")) or "").isdigit():
            level = int(outline.get(qn("w:val")))
            return level + 1 if level < 9 else None
        style = properties.find(qn("w:pStyle"))
        return self.levels.get(style.get(qn("w:val"))) if style is not None else None

    def _table(self, table: etree._Element) -> None:
        """A table -> rows; a table of one cell, or that only holds tables, is a frame around what stands in it."""
        rows = [row for row in table.iter(qn("w:tr")) if _owner(row, qn("w:tbl")) is table and not _deleted(row)]
        cells = [[cell for cell in row.iter(qn("w:tc")) if _owner(cell, qn("w:tr")) is row] for row in rows]
        if max((len(row) for row in cells), default=0) < 2 and (len(rows) < 2 or table.find(f".//{qn('w:tbl')}") is not None):
            for cell in (c for row in cells for c in row):
                self.body(cell)
            return
        squares: list[list[tuple[str, int, bool]]] = []  # text, columns spanned, continues the cell above
        nested: list[etree._Element] = []
        for row, row_cells in zip(rows, cells, strict=True):
            line = [("", 1, False)] * _number(row.find(f"{qn('w:trPr')}/{qn('w:gridBefore')}"), 0)
            for cell in row_cells:
                merge = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
                continues = bool(squares) and merge is not None and merge.get(qn("w:val")) != "restart"
                nested += [t for t in cell.iter(qn("w:tbl")) if _owner(t, qn("w:tc")) is cell]
                paragraphs = [p for p in cell.iter(qn("w:p")) if _owner(p, qn("w:tc")) is cell]
                text = "" if continues else _joined([self._text(p) for p in paragraphs])
                line.append((text, _number(cell.find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}"), 1), continues))
            squares.append(line)
        width = max((sum(span for _, span, _ in line) for line in squares), default=0)
        starts = [_starts(line) for line in squares]
        for r in range(len(squares)):
            row_cells = [GridCell("")] * width
            for column, (text, span, continues) in starts[r].items():
                if not continues:
                    below = r + 1
                    while below < len(squares) and starts[below].get(column, ("", 0, False))[2]:
                        below += 1
                    row_cells[column] = GridCell(text, None, span, below - r)
            self.blocks.append(Block(BlockKind.ROW, " | ".join(c.text for c in row_cells), Place(), tuple(row_cells), self.grid))
        self.grid += 1
        self.blocks.append(Block(BlockKind.BREAK, "", Place()))
        for inner in nested:
            self._table(inner)


def _starts(line: list[tuple[str, int, bool]]) -> dict[int, tuple[str, int, bool]]:
    out, column = {}, 0
    for square in line:
        out[column] = square
        column += square[1]
    return out


def _owner(element: etree._Element, tag: str) -> etree._Element | None:
    return next((parent for parent in element.iterancestors() if parent.tag == tag), None)


def _deleted(row: etree._Element) -> bool:
    return row.find(f"{qn('w:trPr')}/{qn('w:del')}") is not None


def _number(element: etree._Element | None, default: int) -> int:
    value = element.get(qn("w:val")) if element is not None else None
    return min(int(value), 300) if value and value.isdigit() and int(value) > 0 else default


def _pieces(element: etree._Element) -> list[str]:
    out: list[str] = []
    for child in element:
        if child.tag in _SKIPPED or child.tag == qn("w:txbxContent"):
            continue
        if child.tag == qn("w:t"):
            out.append(child.text or "")
        elif child.tag in (qn("w:tab"), qn("w:br"), qn("w:cr")) and child.getparent().tag == qn("w:r"):
            out.append(" ")
        elif child.tag == qn("w:noBreakHyphen"):
            out.append("-")
        else:
            out += _pieces(child)
    return out


def _tidied(text: str) -> str:
    return re.sub(r"[\s\u3000\u200b]+", " ", text).strip()


def _joined(paragraphs: list[str]) -> str:
    """A cell's paragraphs as one text: no blank between Chinese characters."""
    text = ""
    for part in filter(None, paragraphs):
        blank = " " if text and text[-1].isascii() and part[0].isascii() else ""
        text += blank + part
    return text


def _style_levels(document: docx.document.Document) -> dict[str, int]:
    """Heading level by style id: the style's outline level, its own or inherited, or its name (Heading 2, 标题 2)."""
    elements = {s.get(qn("w:styleId")): s for s in document.styles.element.findall(qn("w:style"))}
    levels: dict[str, int] = {}
    for identifier in elements:
        style, seen = elements[identifier], set()
        while style is not None and style.get(qn("w:styleId")) not in seen:
            seen.add(style.get(qn("w:styleId")))
            outline = style.find(f"{qn('w:pPr')}/{qn('w:outlineLvl')}")
            name = style.find(qn("w:name"))
            named = re.fullmatch(r"(?:heading|标题)\s*([1-9])", (name.get(qn("w:val")) or "").lower()) if name is not None else None
            if outline is not None and (outline.get(qn("w:val")) or "").isdigit():
                if int(outline.get(qn("w:val"))) < 9:
                    levels[identifier] = int(outline.get(qn("w:val"))) + 1
                break
            if named:
                levels[identifier] = int(named[1])
                break
            based = style.find(qn("w:basedOn"))
            style = elements.get(based.get(qn("w:val"))) if based is not None else None
    return levels


class _Numbering:
    """Automatic numbers (“一、”, “（二）”, “3.”), which Word keeps apart from the text: without them headings lose their rank."""

    def __init__(self, document: docx.document.Document) -> None:
        self.formats: dict[tuple[str, int], tuple[str, str, int]] = {}  # (list, level) -> number format, pattern, first number
        self.counts: dict[str, dict[int, int]] = {}
        self.styles: dict[str, tuple[str, int]] = {}
        try:
            root = document.part.numbering_part.element
        except (KeyError, NotImplementedError):
            return
        abstract = {a.get(qn("w:abstractNumId")): a for a in root.findall(qn("w:abstractNum"))}
        for number in root.findall(qn("w:num")):
            reference = number.find(qn("w:abstractNumId"))
            levels = abstract.get(reference.get(qn("w:val"))) if reference is not None else None
            for level in levels.findall(qn("w:lvl")) if levels is not None else ():
                kind, pattern = level.find(qn("w:numFmt")), level.find(qn("w:lvlText"))
                first = level.find(qn("w:start"))
                if kind is not None and pattern is not None:
                    key = (number.get(qn("w:numId")), int(level.get(qn("w:ilvl")) or 0))
                    start = first.get(qn("w:val")) if first is not None else "1"
                    self.formats[key] = (kind.get(qn("w:val")) or "", pattern.get(qn("w:val")) or "", int(start) if (start or "").isdigit() else 1)
        for style in document.styles.element.findall(qn("w:style")):
            found = _list_of(style.find(f"{qn('w:pPr')}/{qn('w:numPr')}"))
            if found:
                self.styles[style.get(qn("w:styleId"))] = found

    def label(self, paragraph: etree._Element) -> str:
        """The number Word prints before this paragraph, "" for none; counts on."""
        if not self.formats:
            return ""
        properties = paragraph.find(qn("w:pPr"))
        if properties is None:
            return ""
        style = properties.find(qn("w:pStyle"))
        found = _list_of(properties.find(qn("w:numPr"))) or (self.styles.get(style.get(qn("w:val"))) if style is not None else None)
        if not found or found not in self.formats:
            return ""
        name, level = found
        kind, pattern, start = self.formats[found]
        counts = self.counts.setdefault(name, {})
        counts[level] = counts.get(level, start - 1) + 1
        for deeper in [k for k in counts if k > level]:
            del counts[deeper]
        if kind in ("bullet", "none"):
            return ""

        def number(match: re.Match) -> str:
            at = int(match[1]) - 1
            form, _, first = self.formats.get((name, at), (kind, "", 1))
            return _written(counts.get(at, first), form)

        return re.sub(r"%(\d)", number, pattern)


def _list_of(properties: etree._Element | None) -> tuple[str, int] | None:
    if properties is None or properties.find(qn("w:numId")) is None:
        return None
    level = properties.find(qn("w:ilvl"))
    return properties.find(qn("w:numId")).get(qn("w:val")) or "", int(level.get(qn("w:val")) or 0) if level is not None else 0


def _written(number: int, form: str) -> str:
    """A list number in its form: 3 -> “3”, “三”, “c”, “iii”, “③”."""
    if form.startswith(("chinese", "japaneseCounting", "ideographDigital", "taiwanese")) and 0 < number < 100:
        tens, ones = divmod(number, 10)
        return ("" if tens == 0 else "十" if tens == 1 else _CHINESE_DIGITS[tens] + "十") + (_CHINESE_DIGITS[ones] if ones else "")
    if form in ("lowerLetter", "upperLetter") and 0 < number <= 26:
        return chr((97 if form == "lowerLetter" else 65) + number - 1)
    if form in ("lowerRoman", "upperRoman") and 0 < number < 40:
        roman = "X" * (number // 10) + ["", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"][number % 10]
        return roman.lower() if form == "lowerRoman" else roman
    if form.startswith("decimalEnclosedCircle") and 0 < number <= 20:
        return chr(0x2460 + number - 1)
    return str(number)
