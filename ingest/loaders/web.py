"""HTML -> blocks: headings, paragraphs and tables in reading order; pages drawn with absolutely positioned boxes go through `layout`."""

from __future__ import annotations

import re
from dataclasses import replace

from bs4 import BeautifulSoup, NavigableString, Tag
from bs4.element import PreformattedString

from ingest.loaders.layout import Rulings, Run, page_blocks, without_furniture
from ingest.records import Block, BlockKind, GridCell, Loaded, Place, Problem, Unreadable

_SERVER_CODE = re.compile(r"<%.*?%>|<\?(?!xml).*?\?>", re.DOTALL)  # JSP and PHP left in saved pages
_SKIPPED = {"script", "style", "noscript", "template", "head", "select", "button", "input", "textarea", "iframe", "svg", "nav", "footer", "object"}
_INLINE = {
    "a",
    "abbr",
    "b",
    "big",
    "code",
    "em",
    "font",
    "i",
    "label",
    "o:p",
    "s",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "u",
    "wbr",
    "ins",
    "mark",
}
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_ABSOLUTE = re.compile(r"position\s*:\s*absolute", re.IGNORECASE)
_LENGTH = re.compile(r"(?<![-\w])(left|top|width|height|font-size)\s*:\s*(-?[\d.]+)\s*(pt|px|em)?", re.IGNORECASE)
_BORDER = re.compile(r"border(?:-(?:left|right|top|bottom))?\s*:\s*[^;]*\b(?:solid|double|dashed|dotted)", re.IGNORECASE)

DRAWN_AT_LEAST = 30  # positioned texts: fewer are decoration of an ordinary page
WIDEST = 300  # columns a cell may claim to span
TALLEST = 3000  # rows a cell may claim to span


def load_html(text: str) -> Loaded:
    """A decoded HTML page -> blocks numbered from 1 in reading order (their line number). Raises Unreadable when nothing stands in it."""
    soup = BeautifulSoup(_SERVER_CODE.sub("", text), "lxml")
    body = soup.body or soup
    reader = _Reader()
    reader.read(body)
    reader.end_line()
    blocks, skipped = without_furniture(reader.blocks)
    if not any(b.text for b in blocks):
        raise Unreadable("这个网页里没有正文（内容可能由脚本载入）；请在浏览器里打开后另存为 PDF 再导入。")
    problems = [Problem("skipped", f"略去页眉、页脚和页码共 {skipped} 行。")] if skipped else []
    lines = tuple(_numbered(block, n) for n, block in enumerate(blocks, 1))
    return Loaded("html", lines, lines=len(lines), pages=reader.pages or None, problems=tuple(problems))


def _numbered(block: Block, number: int) -> Block:
    """The block as line `number`, its cells in the row's place: the pages of positioned boxes cannot be shown, so a page alone leads nowhere."""
    place = replace(block.place, line_start=number, line_end=number)
    return replace(block, place=place, cells=tuple(replace(cell, place=None) for cell in block.cells))


class _Reader:
    """Walks the tree once and collects blocks; `words` is the line being put together."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.words: list[str] = []
        self.level: int | None = None
        self.grid = 0
        self.pages = 0

    def end_line(self) -> None:
        text = _tidied("".join(self.words))
        self.words = []
        if text:
            self.blocks.append(Block(BlockKind.LINE, text, Place(), level=self.level))

    def read(self, element: Tag) -> None:
        """Read what stands in `element`, in order."""
        for child in element.children:
            if isinstance(child, PreformattedString):
                continue  # comments, declarations
            if isinstance(child, NavigableString):
                self.words.append(str(child))
            elif child.name == "br":
                self.end_line()
            elif child.name in _SKIPPED or _HIDDEN.search(child.get("style", "")):
                continue
            elif child.name in _INLINE:
                self.read(child)
            elif child.name == "table":
                self.end_line()
                self._table(child)
            elif _is_drawn(child):
                self.end_line()
                self._drawn(child)
            else:
                self.end_line()
                heading = re.fullmatch(r"h([1-6])", child.name)
                self.level = int(heading[1]) if heading else self.level
                self.read(child)
                self.end_line()
                if heading:
                    self.level = None

    def _table(self, table: Tag) -> None:
        """A data table -> rows; a table that only lays out the page (it holds tables, or one cell a row) is read as what stands in it."""
        rows = [row for row in table.find_all("tr") if row.find_parent("table") is table]
        cells = [[c for c in row.find_all(["td", "th"], recursive=False)] for row in rows]
        if table.find("table") or len(rows) < 2 or max(len(row) for row in cells) < 2:
            for caption in table.find_all("caption", recursive=False):
                self.read(caption)
                self.end_line()
            for cell in (c for row in cells for c in row):
                self.read(cell)
                self.end_line()
            return
        for caption in table.find_all("caption", recursive=False):
            self.read(caption)
            self.end_line()
        for row in aligned([[(_cell_text(c), _span(c, "colspan", WIDEST), _span(c, "rowspan", TALLEST)) for c in row] for row in cells]):
            self.blocks.append(Block(BlockKind.ROW, " | ".join(c.text for c in row), Place(), row, self.grid))
        self.grid += 1
        self.blocks.append(Block(BlockKind.BREAK, "", Place()))

    def _drawn(self, page: Tag) -> None:
        """One page of positioned boxes -> its blocks and a BREAK."""
        self.pages += 1
        runs, rulings = [], Rulings()
        for box in page.find_all(style=_ABSOLUTE):
            style = box["style"]
            at = _lengths(style)
            x, y, width, height = at.get("left", 0.0), at.get("top", 0.0), at.get("width", 0.0), at.get("height", 0.0)
            text = box.get_text().replace("\xa0", " ")
            if text.strip() and not box.find(style=_ABSOLUTE):
                size = at.get("font-size", 12.0)
                lead = len(text) - len(text.lstrip(" \u3000"))
                ems = [1.0 if ord(c) > 0x2E7F or c in "“”‘’—…" else 0.5 for c in text]
                x += size * sum(ems[:lead])
                runs.append(Run.spread(text.strip(), (x, y, x + size * sum(ems[lead:]), y + size)))
            elif _BORDER.search(style) and not rulings.add(x, y, x + width, y + height):
                rulings.add_box(x, y, x + width, y + height)
        width = _lengths(page.get("style", "")).get("width", 595.0)
        blocks, self.grid = page_blocks(runs, rulings, width, lambda _: Place(page=self.pages), self.grid)
        self.blocks += [*blocks, Block(BlockKind.BREAK, "", Place(page=self.pages))]


def aligned(rows: list[list[tuple[str, int, int]]]) -> list[tuple[GridCell, ...]]:
    """Rows of (text, colspan, rowspan) -> rows of the same number of cells, the squares a merged cell covers being empty."""
    table: list[dict[int, GridCell]] = [{} for _ in rows]
    for r, row in enumerate(rows):
        column = 0
        for text, colspan, rowspan in row:
            while column in table[r]:
                column += 1
            rowspan = min(rowspan, len(rows) - r)
            for down in range(rowspan):
                for across in range(colspan):
                    table[r + down].setdefault(column + across, GridCell(""))
            table[r][column] = GridCell(text, None, colspan, rowspan)
            column += colspan
    width = max((max(row) + 1 for row in table if row), default=0)
    return [tuple(row.get(c, GridCell("")) for c in range(width)) for row in table]


def _is_drawn(element: Tag) -> bool:
    """Is this a page of positioned boxes? It has many of them as children or grandchildren of its own."""
    boxes = [c for c in element.children if isinstance(c, Tag) and _ABSOLUTE.search(c.get("style", ""))]
    return (
        len(boxes) >= 1 and "left" in _lengths(boxes[0]["style"]) and (len(boxes) >= DRAWN_AT_LEAST or "width" in _lengths(element.get("style", "")))
    )


def _lengths(style: str) -> dict[str, float]:
    """CSS lengths in points (pixels taken as points: only their proportions matter)."""
    return {name.lower(): float(value) for name, value, _ in _LENGTH.findall(style) if re.fullmatch(r"-?\d*\.?\d+", value)}


def _span(cell: Tag, name: str, most: int) -> int:
    digits = re.match(r"\d{1,6}", cell.get(name, "").strip())
    return min(max(int(digits[0]), 1), most) if digits else 1


def _cell_text(cell: Tag) -> str:
    for skipped in cell.find_all(list(_SKIPPED)):
        skipped.decompose()
    for line_end in cell.find_all(["br", "p", "div", "li"]):
        line_end.append("\n") if line_end.name != "br" else line_end.replace_with("\n")
    return _tidied(cell.get_text())


def _tidied(text: str) -> str:
    """Text with runs of blanks made one, and line ends between Chinese characters taken out."""
    text = re.sub(r"[ \t\r\f\v\xa0\u3000\u200b]+", " ", text.replace("\ufeff", "")).strip()
    text = re.sub(r"(?<=[^\x00-\x7f]) ?\n\s*|\s*\n ?(?=[^\x00-\x7f])", "", text)
    return re.sub(r"\s+", " ", text).strip()
