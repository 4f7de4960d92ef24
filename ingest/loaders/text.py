"""Text papers (.txt, .md): every line is a Block with its line number; a line with tabs is a table row."""

from __future__ import annotations

import re
from pathlib import Path

from ingest.records import Block, BlockKind, GridCell, Loaded, Place, Problem, Unreadable

# A single line longer than this is no paper: a database dump or minified data would only bury the search.
LONGEST_LINE = 200_000
_MARKUP = re.compile(r"</?(?:p|ol|ul|li|br|b|strong|em|i|u|span|div|sup|sub|td|tr|th)\b[^>]*>", re.IGNORECASE)
_BLOCK_END = re.compile(r"</(?:p|li)>\s*(?=<)|<br\s*/?>", re.IGNORECASE)
_HEADING = re.compile(r"^(#{1,6})\s+(.*)$")
_RULE_ROW = re.compile(r"^[\s|:\-—]*$")


def decode(data: bytes) -> str:
    """Bytes of a text file as text: UTF-8 (with or without mark), UTF-16 with mark, else GB18030.

    A few broken bytes in UTF-8 become U+FFFD. Raises Unreadable for bytes that are no text in any of them.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            text = data.decode("utf-16")
        except UnicodeDecodeError as error:
            raise Unreadable("文件像是 UTF-16 文本但内容损坏，请重新导出为 UTF-8 文本后再导入。") from error
    else:
        text = _eight_bit(data)
    if text is not None and _is_text(text):  # UTF-32 begins like UTF-16
        return text
    raise Unreadable("文件不是可读的文本（可能是二进制文件或编码不明），请另存为 UTF-8 或 GB18030 文本后再导入。")


def _eight_bit(data: bytes) -> str | None:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        # A few broken bytes (a cut download, a pasted piece): GB18030 would read other characters throughout.
        mended = data.decode("utf-8-sig", errors="replace")
        if mended.count("\ufffd") * 100 <= sum(c > "\x7f" for c in mended):
            return mended
    try:
        return data.decode("gb18030")
    except UnicodeDecodeError:
        return None


def _is_text(text: str) -> bool:
    controls = sum(c < " " and c not in "\t\n\r\f\v" for c in text[:100_000])
    return controls <= max(2, len(text[:100_000]) // 1000)


def clean_cell(text: str) -> str:
    """A cell's words without HTML tags; paragraphs and list items become separate lines' worth of blanks."""
    if "<" in text:
        text = _MARKUP.sub("", _BLOCK_END.sub(" ", text))
    return text.strip().strip("*").strip() if text.strip().startswith("**") else text.strip()


def lines_of(text: str) -> list[str]:
    """The numbered lines of a text: split at line feeds only, so that numbers agree with every editor."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def load_text(path: Path) -> Loaded:
    """Read one text file. Raises Unreadable when it is empty or no text."""
    text = decode(path.read_bytes())
    if not text.strip():
        raise Unreadable("文件是空的，没有可以读取的内容。")
    blocks: list[Block] = []
    problems: list[Problem] = []
    if "\ufffd" in text:
        number = text.count("\n", 0, text.index("\ufffd")) + 1
        problems.append(Problem("doubtful", "文件里有损坏的字符，已用“�”代替，请与原件核对。", Place(line_start=number, line_end=number)))
    numbered = lines_of(text)
    for number, line in enumerate(numbered, 1):
        place = Place(line_start=number, line_end=number)
        if len(line) > LONGEST_LINE:
            problems.append(Problem("skipped", f"第 {number} 行有 {len(line)} 个字符，不是正常的文稿行，已跳过。", place))
            continue
        blocks.append(_block(line, place))
    if not any(b.text.strip() for b in blocks):
        raise Unreadable(f"文件里没有可以读取的行（最长的一行有 {max(map(len, numbered))} 个字符），请确认它是文稿而不是数据文件。")
    markdown = any(b.level for b in blocks)
    return Loaded("md" if markdown else "txt", tuple(blocks), lines=len(numbered), problems=tuple(problems))


def _block(line: str, place: Place) -> Block:
    if not line.strip():
        return Block(BlockKind.BREAK, "", place)
    if "\t" in line:
        cells = [clean_cell(c) for c in line.split("\t")]
        return Block(BlockKind.ROW, " | ".join(c.strip() for c in line.split("\t")), place, tuple(GridCell(c) for c in cells))
    if line.lstrip().startswith("|") and line.rstrip().endswith("|") and line.count("|") > 2:
        cells = [clean_cell(c) for c in line.strip().strip("|").split("|")]
        if all(_RULE_ROW.match(c) for c in cells):
            return Block(BlockKind.BREAK, "", place)
        return Block(BlockKind.ROW, " | ".join(cells), place, tuple(GridCell(c) for c in cells))
    heading = _HEADING.match(line.strip())
    if heading:
        return Block(BlockKind.LINE, heading[2].strip(), place, level=len(heading[1]))
    return Block(BlockKind.LINE, clean_cell(line), place)
