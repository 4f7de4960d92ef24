"""Pictures of pages -> blocks (the one door to rapidocr and pypdfium2): scanned PDF pages, image files, pages whose fonts give no text.

The models lie inside the rapidocr package; nothing is downloaded. Every block is marked `ocr`.
"""

from __future__ import annotations

import contextlib
import math
import os
import re
import time
from collections.abc import Callable
from functools import cache, partial
from itertools import pairwise
from pathlib import Path
from statistics import median

import cv2
import numpy as np
import pypdfium2
from PIL import Image, ImageOps, ImageSequence

from ingest.loaders.layout import Box, Rulings, Run, page_blocks
from ingest.records import Block, BlockKind, Loaded, Place, Problem, Unreadable

SCALE = 2.0  # pixels a point: at 144 dpi print of 5 points and more is read without loss
LONGEST_SIDE = 3000  # pixels
FAINTEST = 10  # of 255: what differs less from the paper is not print
SURE = 0.5  # below it a recognised text is noise
PAGES_AT_MOST = 300  # a scan of more pages takes longer than a file may
SECONDS_AT_MOST = 900.0  # of recognising one file: what is read by then is kept, within the limit that ends the whole file (guard.SECONDS)
Image.MAX_IMAGE_PIXELS = 120_000_000  # PIL refuses twice that: a picture bomb


@cache
def _engine() -> Callable:
    from rapidocr import RapidOCR

    threads = min(4, os.cpu_count() or 1)
    return RapidOCR(
        params={
            "Global.log_level": "error",
            "Global.use_cls": False,  # lines upside down: whole pages are turned instead
            "Global.text_score": SURE,
            "Global.max_side_len": LONGEST_SIDE,
            "EngineConfig.onnxruntime.intra_op_num_threads": threads,
        }
    )


def filled_in(path: Path, pages: list[int], blocks: list[Block], grid: int) -> tuple[list[Block], list[int]]:
    """The blocks of a PDF with those of `pages` (read as pictures) put before the BREAK that closes each page; and the pages time ran out for."""
    if len(pages) > PAGES_AT_MOST:
        raise Unreadable(f"这个扫描件有 {len(pages)} 页，超过一次识别 {PAGES_AT_MOST} 页的上限；请拆分后再导入。")
    out: list[Block] = []
    wanted = set(pages)
    late: list[int] = []
    deadline = time.monotonic() + SECONDS_AT_MOST
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        raise Unreadable("这个 PDF 已损坏或不完整，打不开；请重新下载或重新导出后再导入。") from error
    try:
        for block in blocks:
            number = block.place.page
            if block.kind is BlockKind.BREAK and number in wanted and time.monotonic() > deadline:
                late.append(number)
            elif block.kind is BlockKind.BREAK and number in wanted:
                with contextlib.suppress(pypdfium2.PdfiumError, IndexError):  # a page that cannot even be drawn stays empty
                    picture, scale = _drawn_page(document, number)
                    found, grid = picture_blocks(picture, scale, number, grid)
                    out += found
            out.append(block)
    finally:
        document.close()
    return out, late


def _drawn_page(document: pypdfium2.PdfDocument, number: int) -> tuple[np.ndarray, float]:
    """A page as a picture, and its pixels a point."""
    page = document[number - 1]
    try:
        scale = min(SCALE, LONGEST_SIDE / max(page.get_size()))
        return page.render(scale=scale, may_draw_forms=False).to_numpy()[:, :, :3].copy(), scale
    finally:
        page.close()


def load_image(path: Path) -> Loaded:
    """An image file (PNG, JPEG, TIFF with several pages, BMP) -> blocks; places are in pixels of the picture."""
    blocks: list[Block] = []
    grid = number = 0
    try:
        with Image.open(path) as image:
            if getattr(image, "n_frames", 1) > PAGES_AT_MOST:
                raise Unreadable(f"这个图片文件有 {image.n_frames} 页，超过一次识别 {PAGES_AT_MOST} 页的上限；请拆分后再导入。")
            for number, frame in enumerate(ImageSequence.Iterator(image), 1):
                picture = ImageOps.exif_transpose(frame.convert("RGB"))
                scale = min(1.0, LONGEST_SIDE / max(picture.size))
                if scale < 1:
                    picture = picture.resize((int(picture.width * scale), int(picture.height * scale)), Image.Resampling.LANCZOS)
                found, grid = picture_blocks(np.asarray(picture)[:, :, ::-1], scale, number, grid)
                blocks += [*found, Block(BlockKind.BREAK, "", Place(page=number))]
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise Unreadable("图片已损坏或过大，打不开；请重新扫描或另存为 PDF 后再导入。") from error
    problem = Problem("doubtful", "这是图片，文字由识别（OCR）得到，数字请以原件为准。")
    return Loaded("image", tuple(blocks), pages=number, problems=(problem,))


def picture_blocks(picture: np.ndarray, scale: float, number: int, grid: int) -> tuple[list[Block], int]:
    """One page as a picture (`scale` pixels a point) -> its blocks and the next free grid number.

    A page lying on its side is turned until its lines run level; a page a little askew is straightened.
    """
    height, width = picture.shape[:2]
    quarter = 0
    if int(picture.max()) - int(picture.min()) < FAINTEST:
        return [], grid  # one colour all over: of a damaged file often every page is
    texts = _recognised(picture)
    if _sideways(texts):
        turned = [(k, _recognised(np.ascontiguousarray(np.rot90(picture, k)))) for k in (1, 3)]
        quarter, texts = max(turned, key=lambda t: sum(score for _, _, score in t[1]))
        picture = np.ascontiguousarray(np.rot90(picture, quarter))
    angle = _askew(picture, texts)
    if abs(angle) > 0.2:
        picture, texts = _straightened(picture, texts, angle)
    boxes = [(tuple(float(v) for v in (*corners.min(axis=0), *corners.max(axis=0))), text) for corners, text, _ in texts]
    rulings, ink = _rulings(_dark(picture), scale, median(b[3] - b[1] for b, _ in boxes) / scale if boxes else 12.0)
    runs = []
    for box, text in boxes:
        for (x0, y0, x1, y1), piece in _cut(picture, box, _widened(box, ink, [b for b, _ in boxes]), text, rulings, scale):
            middle, half = (y0 + y1) / 2, 0.4 * (y1 - y0)  # the recogniser's boxes have a margin
            runs.append(Run.spread(piece, (x0 / scale, (middle - half) / scale, x1 / scale, (middle + half) / scale)))
    place = partial(_place, number, quarter, width / scale, height / scale)
    return page_blocks(runs, rulings, picture.shape[1] / scale, place, grid, ocr=True)


def _place(number: int, quarter: int, width: float, height: float, box: Box) -> Place:
    """A box of the page as read -> its place on the page as it lies in the file (turned by `quarter` quarters to the left before)."""
    x0, y0, x1, y1 = box
    if quarter == 1:
        x0, y0, x1, y1 = width - y1, x0, width - y0, x1
    elif quarter == 3:
        x0, y0, x1, y1 = y0, height - x1, y1, height - x0
    return Place(page=number, bbox=(round(x0, 1), round(y0, 1), round(x1, 1), round(y1, 1)))


Recognised = tuple[np.ndarray, str, float]  # corners from the upper left clockwise, text, score


def _recognised(picture: np.ndarray) -> list[Recognised]:
    result = _engine()(picture, use_det=True, use_cls=False, use_rec=True)  # the engine keeps the last call's switches
    if result.boxes is None or result.txts is None:
        return []
    return [(np.asarray(b, dtype=float), _tidied(t), float(s)) for b, t, s in zip(result.boxes, result.txts, result.scores, strict=True) if t.strip()]


def _tidied(text: str) -> str:
    """A recognised text with the marks inside figures as printed: the recogniser takes some commas and points for Chinese ones."""
    return re.sub(r"(?<=\d)[，．](?=\d)", lambda m: "," if m[0] == "，" else ".", text.strip())


def _sideways(texts: list[Recognised]) -> bool:
    """Do most texts of some length stand in boxes higher than wide?"""
    long = [np.ptp(corners, axis=0) for corners, _, _ in texts]
    long = [side for side in long if max(side) > 2.5 * min(side)]
    return len(long) >= 3 and sum(side[1] > side[0] for side in long) > 0.6 * len(long)


def _askew(picture: np.ndarray, texts: list[Recognised]) -> float:
    """By how many degrees the page falls to the right: as its long rulings do, else as its long lines of text; 0 where there are too few."""
    width = picture.shape[1]
    strokes = cv2.HoughLinesP(_dark(picture), 1, math.radians(0.1), 150, minLineLength=0.2 * width, maxLineGap=4)
    slopes = [math.degrees(math.atan2(y1 - y0, x1 - x0)) for x0, y0, x1, y1 in (strokes.reshape(-1, 4).tolist() if strokes is not None else ())]
    slopes = [slope for slope in slopes if abs(slope) < 10]
    if len(slopes) >= 3:
        return median(slopes)
    slopes = []
    for corners, _, _ in texts:
        dx, dy = corners[1] - corners[0]
        if dx > 8 * abs(corners[3][1] - corners[0][1]):
            slopes.append(math.degrees(math.atan2(dy, dx)))
    return median(slopes) if len(slopes) >= 5 else 0.0


def _straightened(picture: np.ndarray, texts: list[Recognised], angle: float) -> tuple[np.ndarray, list[Recognised]]:
    height, width = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    straight = cv2.warpAffine(picture, matrix, (width, height), borderValue=(255, 255, 255))
    return straight, [(corners @ matrix[:, :2].T + matrix[:, 2], text, score) for corners, text, score in texts]


def _cut(picture: np.ndarray, found: Box, box: Box, text: str, rulings: Rulings, scale: float) -> list[tuple[Box, str]]:
    """A recognised text that runs across rulings (two cells taken for one line), or whose box was widened, is recognised again, cell by cell."""
    x0, y0, x1, y1 = box
    margin = 0.25 * (y1 - y0)
    crossed = sorted(
        x * scale
        for x, top, bottom in rulings.vertical
        if x0 + margin < x * scale < x1 - margin and min(bottom * scale, y1) - max(top * scale, y0) > 0.7 * (y1 - y0)
    )
    if not crossed and box == found:
        return [(box, text)]
    pieces, edges = [], [x0, *crossed, x1]
    for left, right in pairwise(edges):
        if right - left < margin:
            continue
        part = picture[
            max(int(y0), 0) : int(y1) + 1, max(int(left) + (2 if left in crossed else -2), 0) : int(right) + (-1 if right in crossed else 3)
        ]
        result = _engine()(np.ascontiguousarray(part), use_det=False, use_cls=False, use_rec=True)
        if result.txts and result.txts[0].strip() and result.scores[0] >= SURE:
            pieces.append(((left + 2, y0, right - 2, y1), _tidied(result.txts[0])))
    return pieces or [(found, text)]


def _dark(picture: np.ndarray) -> np.ndarray:
    """255 where something is printed: darker than the paper around it, however grey that is."""
    grey = cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_BGR2GRAY)
    paper = cv2.morphologyEx(grey, cv2.MORPH_CLOSE, np.ones((25, 25), np.uint8))  # what is left when thin dark things are wiped away
    return ((paper.astype(np.int16) - grey) > 25).astype(np.uint8) * 255


def _rulings(dark: np.ndarray, scale: float, text_height: float) -> tuple[Rulings, np.ndarray]:
    """Straight strokes longer than any stroke of the page's print, in points; and what is printed without them."""
    rulings = Rulings()
    ink = dark.copy()
    across, down = max(int(3.0 * text_height * scale), 30), max(int(1.3 * text_height * scale), 16)
    for size in ((across, 1), (1, down)):
        closed = cv2.morphologyEx(dark, cv2.MORPH_CLOSE, np.ones((3, 1) if size[1] == 1 else (1, 3), np.uint8))
        strokes = cv2.morphologyEx(closed, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_RECT, size))
        ink[cv2.dilate(strokes, np.ones((5, 5), np.uint8)) > 0] = 0
        _, _, stats, _ = cv2.connectedComponentsWithStats(strokes, connectivity=8)
        for x, y, w, h, _ in stats[1:]:
            rulings.add(x / scale, y / scale, (x + w) / scale, (y + h) / scale, thickest=4.0)
    return rulings, ink


def _widened(box: Box, ink: np.ndarray, others: list[Box]) -> Box:
    """The box with what is printed right before and behind it on its line: the detector misses a thin “一” at the end of a text."""
    x0, y0, x1, y1 = box
    height = y1 - y0
    reach = 1.6 * height
    line = [o for o in others if o is not box and min(o[3], y1) - max(o[1], y0) > 0.3 * height]
    low = max([x0 - reach, 0, *(o[2] for o in line if o[0] < x0 and o[2] > x0 - reach)])
    high = min([x1 + reach, ink.shape[1], *(o[0] for o in line if o[2] > x1 and o[0] < x1 + reach)])
    band = ink[int(y0 + 0.15 * height) : int(y1 - 0.15 * height) + 1]
    before, behind = band[:, int(low) : int(x0)].any(axis=0).nonzero()[0], band[:, int(x1) + 1 : int(high)].any(axis=0).nonzero()[0]
    left = low + before[0] if len(before) > 0.2 * height else x0
    right = x1 + behind[-1] + 1 if len(behind) > 0.2 * height else x1
    return (left, y0, right, y1)
