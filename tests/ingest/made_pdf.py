"""A tiny PDF writer, so that every page in a test can be read from the test."""

from __future__ import annotations

from pathlib import Path


class Pages:
    """Pages of one size; coordinates are points from the upper left corner. `rotate` is the page's /Rotate entry."""

    def __init__(self, width: float = 595, height: float = 842, rotate: int = 0) -> None:
        self.width, self.height, self.rotate = width, height, rotate
        self.pages: list[list[str]] = []
        self.new()

    def new(self) -> None:
        self.pages.append([])

    def text(self, x: float, y: float, words: str, size: float = 10, matrix: str = "1 0 0 1") -> None:
        """`words` with their baseline's left end at (x, y)."""
        code = words.encode("utf-16-be").hex()
        self.pages[-1].append(f"BT /F1 {size} Tf {matrix} {x} {self.height - y} Tm <{code}> Tj ET")

    def unmapped(self, x: float, y: float, glyphs: int) -> None:
        """So many glyphs of a font that does not say which characters they are."""
        self.pages[-1].append(f"BT /F2 10 Tf {x} {self.height - y} Td <{''.join(f'{g:04x}' for g in range(100, 100 + glyphs))}> Tj ET")

    def right(self, x: float, y: float, words: str, size: float = 10) -> None:
        """`words` ending at x."""
        self.text(x - sum(size if ord(c) > 0x7F else size / 2 for c in words), y, words, size)

    def line(self, x0: float, y0: float, x1: float, y1: float) -> None:
        self.pages[-1].append(f"0.5 w {x0} {self.height - y0} m {x1} {self.height - y1} l S")

    def fill(self, x: float, y: float, width: float, height: float, grey: float = 0) -> None:
        """A filled box without border, y its top."""
        self.pages[-1].append(f"{grey} g {x} {self.height - y - height} {width} {height} re f 0 g")

    def grid(self, xs: list[float], ys: list[float], across: bool = True, down: bool = True) -> None:
        """The rulings of a table."""
        for y in ys if across else ():
            self.line(xs[0], y, xs[-1], y)
        for x in xs if down else ():
            self.line(x, ys[0], x, ys[-1])

    def table(self, xs: list[float], top: float, rows: list[list[str]], height: float = 20, size: float = 10) -> float:
        """Texts of a table (figures to the right, words to the left of their cells) without rulings; where it ends."""
        for r, row in enumerate(rows):
            y = top + (r + 0.7) * height
            for c, words in enumerate(row):
                if words[:1].isdigit() or words[:1] == "-":
                    self.right(xs[c + 1] - 2, y, words, size)
                elif words:
                    self.text(xs[c] + 2, y, words, size)
        return top + len(rows) * height

    def save(self, path: Path) -> Path:
        """Write the file."""
        font = 3 + 2 * len(self.pages)
        objects = [
            "<< /Type /Catalog /Pages 2 0 R >>",
            f"<< /Type /Pages /Count {len(self.pages)} /Kids [{' '.join(f'{3 + 2 * i} 0 R' for i in range(len(self.pages)))}] >>",
        ]
        for i, operators in enumerate(self.pages):
            content = "\n".join(operators)
            objects.append(
                f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {self.width} {self.height}] /Rotate {self.rotate} "
                f"/Resources << /Font << /F1 {font} 0 R /F2 {font + 3} 0 R >> >> /Contents {4 + 2 * i} 0 R >>"
            )
            objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
        objects += [
            f"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [{font + 1} 0 R] >>",
            f"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000 /W [1 95 500 814 939 500] "
            f"/CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> /FontDescriptor {font + 2} 0 R >>",
            "<< /Type /FontDescriptor /FontName /STSong-Light /Flags 4 /FontBBox [0 -120 1000 880] /ItalicAngle 0 /Ascent 880 /Descent -120 "
            "/CapHeight 880 /StemV 80 >>",
            f"<< /Type /Font /Subtype /Type0 /BaseFont /Unknown /Encoding /Identity-H /DescendantFonts [{font + 4} 0 R] >>",
            f"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Unknown /DW 1000 "
            f"/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /FontDescriptor {font + 2} 0 R >>",
        ]
        data, offsets = b"%PDF-1.4\n", []
        for number, body in enumerate(objects, 1):
            offsets.append(len(data))
            data += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
        start = len(data)
        data += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
        data += b"".join(f"{offset:010d} 00000 n \n".encode() for offset in offsets)
        data += f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
        path.write_bytes(data)
        return path
