"""File -> blocks: `load` looks at the content, never at the name, and calls the loader of the format.

Each loader module is the one door to its libraries and is imported only when such a file comes. `load_guarded` does the same
in a worker process with limits, so that no file can hang or crash the program.
"""

from __future__ import annotations

import csv
import re
import stat
import zipfile
from pathlib import Path

from ingest.loaders.guard import load_guarded
from ingest.records import Loaded, Unreadable

__all__ = ["check_size", "lines_of", "load", "load_guarded"]

LARGEST = 200 * 2**20  # bytes; the longest papers known are below 10 MB
LARGEST_UNPACKED = 600 * 2**20  # bytes of a zipped office file once unpacked
LARGEST_RATIO = 200  # unpacked to packed, for what unpacks to more than a few MB: a zip bomb

CLOSED = "文件打不开（不存在或没有读取权限），请检查路径和权限。"

_IMAGES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*", b"BM")
_ARCHIVES = (b"Rar!", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HTML = re.compile(r"<!doctype\s+html|<html[\s>]|<body[\s>]", re.IGNORECASE)
_BARE_HTML = re.compile(r"\s*<(?:table|div|p|meta|style)[\s>]", re.IGNORECASE)


def load(path: Path) -> Loaded:
    """Read a file of any known format. Raises Unreadable with one Chinese sentence that says what to do."""
    check_size(path)
    try:
        with path.open("rb") as file:
            head = file.read(2048)
    except OSError as error:
        raise Unreadable(CLOSED) from error
    if b"%PDF-" in head[:1024]:
        from ingest.loaders.pdf import load_pdf

        return load_pdf(path)
    if head.startswith(b"PK\x03\x04") or head.startswith(b"PK\x05\x06"):
        return _load_zipped(path)
    if head.startswith(_OLE):
        return _load_ole(path)
    if head.startswith(_IMAGES[:4]) or (head.startswith(b"BM") and b"\x00" in head[:64]):
        from ingest.loaders.scan import load_image

        return load_image(path)
    if head.startswith(_ARCHIVES):
        raise Unreadable("这是压缩包，请先解压，再导入里面的文件。")
    if head.startswith(b"{\\rtf"):
        from ingest.loaders.word import load_old_word

        return load_old_word(path)
    return _load_written(path)


def check_size(path: Path) -> None:
    """Raises Unreadable for what is too large to be a paper, empty, or not there; reads nothing of it."""
    try:
        about = path.stat()
    except OSError as error:
        raise Unreadable(CLOSED) from error
    size = about.st_size
    if size == 0 and stat.S_ISREG(about.st_mode):
        raise Unreadable("文件是空的（0 字节），请重新下载或重新导出后再导入。")
    if size > LARGEST:
        raise Unreadable(f"文件有 {size // 2**20} MB，超过 {LARGEST // 2**20} MB 的上限；请拆分或压缩图片后再导入。")


def _load_zipped(path: Path) -> Loaded:
    """Word, Excel and OpenDocument files are zip archives: which one, their members say."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise Unreadable("文件已损坏或不完整（压缩结构打不开），请重新下载或重新保存后再导入。") from error
    unpacked, packed = sum(m.file_size for m in members), sum(m.compress_size for m in members)
    if unpacked > LARGEST_UNPACKED or (unpacked > 20 * 2**20 and unpacked > LARGEST_RATIO * max(packed, 1)):
        raise Unreadable(f"文件解开后有 {unpacked // 2**20} MB，不像正常的文档，为安全起见没有打开；请检查来源或重新导出。")
    if any(m.flag_bits & 1 for m in members):
        raise Unreadable("文件加了密码，打不开；请先去掉密码再导入。")
    names = {m.filename.replace("\\", "/").lower() for m in members}
    if "word/document.xml" in names:
        from ingest.loaders.word import load_docx

        return load_docx(path)
    if names & {"xl/workbook.xml", "xl/workbook.bin"} or ("content.xml" in names and "mimetype" in names and _mimetype(path).endswith("spreadsheet")):
        from ingest.loaders.excel import load_workbook

        return load_workbook(path)
    if "content.xml" in names and "mimetype" in names:
        from ingest.loaders.word import load_old_word

        return load_old_word(path)
    raise Unreadable("这是压缩包或不认识的文档，请解压，或另存为 PDF、docx、xlsx 后再导入。")


def _mimetype(path: Path) -> str:
    with zipfile.ZipFile(path) as archive:
        return archive.read("mimetype")[:200].decode("ascii", "replace").strip()


def _load_ole(path: Path) -> Loaded:
    """The old Office container: its directory names the stream that says what it is."""
    data = path.read_bytes()

    def has(name: str) -> bool:
        return name.encode("utf-16-le") in data

    if has("EncryptedPackage"):
        raise Unreadable("文件加了密码，打不开；请先在 Office 里去掉密码再导入。")
    if has("WordDocument"):
        from ingest.loaders.word import load_old_word

        return load_old_word(path)
    if has("Workbook") or has("Book"):
        from ingest.loaders.excel import load_workbook

        return load_workbook(path)
    raise Unreadable("不认识的旧版 Office 文件，请另存为 docx、xlsx 或 PDF 后再导入。")


def _load_written(path: Path) -> Loaded:
    """What is text: HTML, CSV, or a text paper."""
    from ingest.loaders.text import decode, load_text

    data = path.read_bytes()
    start = data[:20_000].decode("utf-8", "replace")
    if _HTML.search(start) or _BARE_HTML.match(start):
        from ingest.loaders.web import load_html

        return load_html(_decoded_page(data))
    text = decode(data)
    start = text[:20_000]
    if "urn:schemas-microsoft-com:office:spreadsheet" in start:
        raise Unreadable("这是 XML 格式的旧表格，请用 Excel 打开后另存为 xlsx 再导入。")
    if delimiter := _delimiter(start):
        from ingest.loaders.excel import load_csv

        return load_csv(text, delimiter)
    return load_text(path)


def _decoded_page(data: bytes) -> str:
    """A web page as text; a few broken characters (a page cut short, two pages pasted together) do not make it unreadable."""
    from ingest.loaders.text import decode

    try:
        return decode(data)
    except Unreadable:
        return min((data.decode(encoding, "replace") for encoding in ("utf-8", "gb18030")), key=lambda text: text.count("\ufffd"))


def _delimiter(text: str) -> str:
    """The delimiter of a CSV file, or "" for text that is none: most of its records have the same number of fields, three or more.

    Tabs are left to the text loader, whose papers mix rows and prose.
    """
    if "\t" in text or len([line for line in text.splitlines() if line.strip()]) < 2:
        return ""
    for delimiter in ",;":
        try:
            counts = [len(record) for record in csv.reader(text.splitlines()[:200], delimiter=delimiter) if any(f.strip() for f in record)]
        except csv.Error:
            continue
        wide = [n for n in counts if n >= 3]
        if counts and len(wide) >= 0.6 * len(counts) and max(wide.count(n) for n in set(wide)) >= 0.6 * len(wide):
            return delimiter
    return ""


def lines_of(loaded: Loaded) -> list[str]:
    """The numbered lines of a file that has no lines of its own (docx, html, csv): its n-th block is line n, as in its Places."""
    return [block.text for block in loaded.blocks]
