"""PDF -> blocks (the one door to pdfplumber): rulings and characters of every page, read by `layout`.

Pages without text, and pages whose fonts give no readable characters, are handed to `scan` as pictures.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pdfplumber
from pdfminer.pdfdocument import PDFPasswordIncorrect
from pdfplumber.utils.exceptions import PdfminerException

from ingest.loaders import layout
from ingest.loaders.layout import Box, Rulings, Run
from ingest.records import Block, BlockKind, Loaded, Place, Problem, Unreadable

logging.getLogger("pdfminer").setLevel(logging.ERROR)  # it warns for every odd font descriptor, once a page

MOST_PAGES = 3000
LARGE_PICTURE = 0.35  # of the page's area
FEW_CHARACTERS = 60  # a page with a large picture and fewer is a scan, or a table put in as a picture under its caption
UNREADABLE_SHARE = 0.2  # of a page's characters: above it, its fonts cannot be read

_UNKNOWN = re.compile(r"\(cid:\d+\)|[\ufffd\ufffe\x00-\x08\ue000-\uf8ff]")


def load_pdf(path: Path) -> Loaded:
    """A PDF file -> blocks, page by page, each page closed with a BREAK. Raises Unreadable (encrypted, damaged, no pages)."""
    try:
        document = pdfplumber.open(path)
        count = len(document.pages)
    except Exception as error:  # pdfminer raises whatever a damaged structure leads it into
        cause = error.args[0] if isinstance(error, PdfminerException) and error.args else error
        if isinstance(cause, PDFPasswordIncorrect):
            raise Unreadable("这个 PDF 加了密码，打不开；请先去掉密码（另存为不加密的 PDF）再导入。") from error
        raise Unreadable("这个 PDF 已损坏或不完整，打不开；请重新下载或重新导出后再导入。") from error
    with document:
        if not count:
            raise Unreadable("这个 PDF 里没有一页内容（可能已损坏）；请重新下载或重新导出后再导入。")
        if count > MOST_PAGES:
            raise Unreadable(f"这个 PDF 有 {count} 页，超过 {MOST_PAGES} 页的上限；请拆分后再导入。")
        blocks: list[Block] = []
        doubts: dict[str, list[int]] = {}
        pictured: list[int] = []
        grid = 0
        for number, page in enumerate(document.pages, 1):
            try:
                runs, rulings, width, place, doubt = _drawn(page)
                if not doubt and _picture_share(page) > LARGE_PICTURE:
                    pictured.append(number)
            except MemoryError:
                raise
            except Exception:  # one damaged page: its picture may still be drawn
                doubt = "的内容结构已损坏"
            if doubt:
                doubts.setdefault(doubt, []).append(number)
            else:
                found, grid = layout.page_blocks(runs, rulings, width, place, grid)
                blocks += found
            blocks.append(Block(BlockKind.BREAK, "", Place(page=number)))
            page.close()
    problems = [
        Problem("doubtful", f"第 {_ranges(pages)} 页{doubt}，改用文字识别（OCR）读取，数字请以原件为准。", Place(page=pages[0]))
        for doubt, pages in doubts.items()
    ]
    if doubts:
        from ingest.loaders import scan

        blocks, late = scan.filled_in(path, sorted(n for pages in doubts.values() for n in pages), blocks, grid)
        if late:
            minutes = scan.SECONDS_AT_MOST / 60
            text = f"第 {_ranges(late)} 页没有读取：文字识别（OCR）已用满 {minutes:.0f} 分钟；请把这些页拆成另一个文件再导入。"
            problems.append(Problem("skipped", text, Place(page=late[0])))
    if not any(b.text for b in blocks):
        raise Unreadable("这个 PDF 里读不出任何文字（空白或已损坏）；请检查文件，或重新扫描、重新导出后再导入。")
    if pictured:
        problems.append(Problem("skipped", f"第 {_ranges(pictured)} 页有较大的图片，图片里的文字没有读取。", Place(page=pictured[0])))
    if not _ends_properly(path):
        problems.append(Problem("doubtful", "文件结尾不完整，可能缺页；请核对页数，必要时重新下载。"))
    blocks, skipped = layout.without_furniture(blocks)
    if skipped:
        problems.append(Problem("skipped", f"略去页眉、页脚和页码共 {skipped} 行。"))
    return Loaded("pdf", tuple(blocks), pages=count, problems=tuple(problems))


def _ends_properly(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - 4096, 0))
        return b"%%EOF" in file.read()


def _picture_share(page: pdfplumber.page.Page) -> float:
    """How much of the page its pictures cover, from 0 to 1."""
    area = sum(min(i["width"], page.width) * min(i["height"], page.height) for i in page.images)
    return min(float(area) / float(page.width * page.height), 1.0)


def _ranges(numbers: list[int]) -> str:
    """[1, 2, 3, 7] -> "1–3、7"."""
    spans: list[list[int]] = []
    for n in numbers:
        if spans and n == spans[-1][-1] + 1:
            spans[-1] = [spans[-1][0], n]
        else:
            spans.append([n])
    return "、".join("–".join(map(str, span)) for span in spans)


def _drawn(page: pdfplumber.page.Page) -> tuple[list[Run], Rulings, float, Callable[[Box], Place], str]:
    """What is drawn on a page: runs, rulings, its width as read, the function that turns a box into a Place, and why its text is not to be read ("" if it is)."""
    chars = page.chars
    doubt = _doubt(page, chars)
    if doubt:
        return [], Rulings(), 0.0, partial(_place, page.page_number), doubt
    turned = [c for c in chars if not c["upright"]]
    turn = _turn(turned[0]["matrix"]) if 2 * len(turned) > len(chars) else 0
    width, height = float(page.width), float(page.height)

    def seen(box: Box) -> Box:
        """A box of the page as it is to be read: turned so that most of its text stands upright."""
        x0, y0, x1, y1 = box
        if turn == 90:  # text runs upwards: the page is read turned clockwise
            return height - y1, x0, height - y0, x1
        if turn == 270:
            return y0, width - x1, y1, width - x0
        return box

    def place(box: Box) -> Place:
        x0, y0, x1, y1 = box
        if turn == 90:
            box = (y0, height - x1, y1, height - x0)
        elif turn == 270:
            box = (width - y1, x0, width - y0, x1)
        return _place(page.page_number, box)

    rulings = Rulings()
    for shape in [*page.lines, *page.rects, *page.curves]:
        if _white(shape["stroking_color"] if shape["stroke"] else shape["non_stroking_color"]):
            continue  # paper drawn on paper: backgrounds, the hidden grid of a spreadsheet
        box = seen((shape["x0"], shape["top"], shape["x1"], shape["bottom"]))
        if not rulings.add(*box) and shape["object_type"] == "rect":
            rulings.add_box(*box)
    return _runs(chars, seen, bool(turn), width, height), rulings, height if turn else width, place, ""


def _turn(matrix: tuple[float, ...]) -> int:
    return 90 if matrix[1] > 0 else 270


def _place(number: int, box: Box) -> Place:
    x0, top, x1, bottom = box
    return Place(page=number, bbox=(round(x0, 1), round(top, 1), round(x1, 1), round(bottom, 1)))


def _white(colour: object) -> bool:
    """Is a fill colour invisible on paper? (No colour given: black.)"""
    if colour is None or colour == ():
        return False
    parts = colour if isinstance(colour, (tuple, list)) else (colour,)
    if not all(isinstance(p, (int, float)) for p in parts):
        return True  # a pattern
    return all(p < 0.02 for p in parts) if len(parts) == 4 else all(p > 0.98 for p in parts)


def _doubt(page: pdfplumber.page.Page, chars: list[dict]) -> str:
    """Why a page's text is not what is printed on it, or ""."""
    printed = [c["text"] for c in chars if not c["text"].isspace()]
    if len(printed) < FEW_CHARACTERS and _picture_share(page) > LARGE_PICTURE:
        return "是图片（扫描件）"
    if not printed:
        return ""
    unknown = sum(bool(_UNKNOWN.search(text)) for text in printed)
    if unknown > UNREADABLE_SHARE * len(printed):
        return "的字体缺少字符对照表，文字无法直接读出"
    if not any(ch.isdigit() for text in printed for ch in text) and _digits_missing(chars):
        return "的数字无法直接读出（字体缺少字符对照表）"
    return ""


def _digits_missing(chars: list[dict]) -> bool:
    """A page without any digit whose blanks and marks stand where figures would: more commas and points inside one line than prose has."""
    marks = Counter(c["text"] for c in chars)
    return marks["."] + marks[","] >= 10 and marks["."] + marks[","] > 0.1 * len(chars)


def _runs(chars: list[dict], seen: Callable[[Box], Box], turned: bool, width: float, height: float) -> list[Run]:
    """Characters in the order they were drawn -> runs: what follows on one baseline without a gap. Bold by drawing twice is drawn once.

    A character's height is its font size around its baseline: the boxes fonts declare can lie half a line lower in one font than in another.
    """
    runs: list[Run] = []
    current: Run | None = None
    drawn: dict[tuple[str, int, int], tuple[float, float]] = {}
    for char in chars:
        text, size = char["text"], char["size"]
        box = (char["x0"], char["top"], char["x1"], char["bottom"])
        if not (-1 <= (box[0] + box[2]) / 2 <= width + 1 and -1 <= (box[1] + box[3]) / 2 <= height + 1):
            continue  # outside the paper
        if turned:
            x0, top, x1, bottom = seen(box)
        else:
            x0, x1 = box[0], box[2]
            bottom = box[3] + char["y0"] - char["matrix"][5] + 0.14 * size if char["upright"] else box[3]
            top = bottom - size
        if text.isspace():
            if current is None:
                continue
        elif _drawn_before(drawn, text, x0, bottom, size):
            continue
        if current is not None:
            last = current.chars[-1]
            # A figure and a name that begins close behind it are two cells' texts as a rule; what belongs together is put together later.
            near = 0.12 if last[0].isdigit() and not text.isascii() else 0.4
            apart = text.isascii() and x0 - last[1] > 1.5 * (_widest_digit(current) or size)
            if abs(bottom - current.bottom) < 0.3 * size and last[1] < x0 < last[2] + near * size and not apart:
                if x0 < last[2]:  # a font that declares its narrow characters too wide
                    current.chars[-1] = (last[0], last[1], x0)
                current.chars.append((text, x0, x1))
                continue
        if text.isspace():
            current = None
            continue
        current = Run([(text, x0, x1)], top, bottom)
        runs.append(current)
    for run in runs:
        while len(run.chars) > 1 and run.chars[-1][0].isspace():
            run.chars.pop()
        text, x0, x1 = run.chars[-1]
        widest = _widest_digit(run)
        if text.isdigit() and x1 - x0 > 1.2 * widest > 0:  # declared too wide, and no next character to show it
            run.chars[-1] = (text, x0, x0 + widest)
    return runs


def _widest_digit(run: Run) -> float:
    """The widest digit of a figure before its last character (which may be declared wider than it is); 0 where there is none."""
    if not run.chars[-1][0].isdigit():
        return 0.0
    return max((x1 - x0 for text, x0, x1 in run.chars[-4:-1] if text.isdigit()), default=0.0)


def _drawn_before(drawn: dict[tuple[str, int, int], tuple[float, float]], text: str, x: float, y: float, size: float) -> bool:
    """Has this character been drawn at this place already (within an eighth of its size)? If not, it now has."""
    step, near = max(size * 0.25, 0.1), size * 0.125
    column, row = int(x / step), int(y / step)
    for key in ((text, c, r) for c in (column, column - 1, column + 1) for r in (row, row - 1, row + 1)):
        if (at := drawn.get(key)) and abs(at[0] - x) < near and abs(at[1] - y) < near:
            return True
    drawn[(text, column, row)] = (x, y)
    return False
