"""Pages of a PDF, or of a scanned image, as pictures and text lines for the source view (the only file of `web` that imports pypdfium2)."""

from __future__ import annotations

import io
from functools import lru_cache
from pathlib import Path
from threading import Lock

import pypdfium2
from PIL import Image, ImageDraw, ImageOps

_SCALE = 1.6  # about 115 dpi: figures of a statutory table can be read on a phone, an A4 page stays near 150 KB
_LARGEST_SIDE = 2400
_lock = Lock()  # PDFium is not thread-safe, not even between documents


FORMATS = ("pdf", "image")


def render(path: Path, kind: str, page: int, box: tuple[float, float, float, float] | None) -> bytes:
    """Page `page` (from 1) of a file of this format as PNG; `box` (x0, top, x1, bottom from the upper left corner, in points, for an image
    in its pixels) is drawn as a marked frame."""
    image, scale = _drawn(path, page) if kind == "pdf" else _scanned(path, page)
    if box:
        image = _marked(image, tuple(side * scale for side in box))
    out = io.BytesIO()
    image.convert("P", palette=Image.Palette.ADAPTIVE, colors=64).save(out, "PNG")
    return out.getvalue()


def text_lines(path: Path, page: int) -> list[str]:
    """The text of page `page` (from 1) line by line, as PDFium reads it; empty for a scanned page."""
    with _lock:
        document = pypdfium2.PdfDocument(path)
        try:
            text = document[page - 1].get_textpage().get_text_range()
        finally:
            document.close()
    return [line.rstrip() for line in text.replace("\r\n", "\n").split("\n") if line.strip()]


@lru_cache(maxsize=12)
def _scanned(path: Path, page: int) -> tuple[Image.Image, float]:
    with Image.open(path) as file:
        file.seek(page - 1)
        image = ImageOps.exif_transpose(file.convert("RGB"))
    scale = min(1.0, _LARGEST_SIDE / 2 / max(image.size))
    return image.resize((max(1, int(image.width * scale)), max(1, int(image.height * scale)))), scale


@lru_cache(maxsize=12)
def _drawn(path: Path, page: int) -> tuple[Image.Image, float]:
    with _lock:
        document = pypdfium2.PdfDocument(path)
        try:
            sheet = document[page - 1]
            # a poster-sized page would cost hundreds of MB at the usual scale
            scale = min(_SCALE, _LARGEST_SIDE / max(*sheet.get_size(), 1))
            return sheet.render(scale=scale).to_pil().convert("RGB"), scale
        finally:
            document.close()


def _marked(image: Image.Image, box: tuple[float, ...]) -> Image.Image:
    x0, top, x1, bottom = box
    # drawn outside the figures, so that nothing of them is covered
    frame = (min(x0, x1) - 3, min(top, bottom) - 3, max(x0, x1) + 3, max(top, bottom) + 3)
    layer = Image.new("RGBA", image.size, (0, 0, 0, 0))
    ImageDraw.Draw(layer).rectangle(frame, fill=(255, 214, 10, 90), outline=(201, 42, 42, 255), width=3)
    return Image.alpha_composite(image.convert("RGBA"), layer).convert("RGB")
