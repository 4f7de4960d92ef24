"""How papers number their headings and lists (第一部分 / 一、 / （一） / 1. / （1） / ①), and which lines are a table of contents or a page number.

A helper of the prose stations: the outline finds headings by it, the passages keep list items apart by it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.records import Block, BlockKind
from ingest.wording import key, squeeze

_CHINESE = "一二三四五六七八九十百〇零"
# Rank 1 is the outermost. What a paper calls 第一部分 another calls 一、; the order among the styles is the same everywhere.
_STYLES = (
    (1, re.compile(rf"第\s*(?P<ordinal>[{_CHINESE}\d]+)\s*(?:部分|章|篇|编)\s*[、:：]?")),
    (1, re.compile(r"附\s*(?:件(?P<ordinal>\s*[\d一二三四五六七八九十]{0,3}(?:-\d+)?)|表)\s*(?:[:：]|$)")),
    (2, re.compile(rf"(?P<ordinal>[{_CHINESE}]+)\s*[、.．]")),
    (3, re.compile(rf"[（(]\s*(?P<ordinal>[{_CHINESE}]+)\s*[)）]\s*[、]?")),
    (4, re.compile(r"(?P<ordinal>\d{1,2})\s*[、.．](?!\d)")),
    (5, re.compile(r"[（(]\s*(?P<ordinal>\d{1,2})\s*[)）]\s*[、]?")),
    (6, re.compile(r"(?P<ordinal>[①-⑳])|(?P<bracketed>\d{1,2})[)）]")),
)
_BULLET = re.compile(r"^\s*[-•●○■◆▪·]\s+|^\s*[•●○■◆▪]\s*")
_PAGE_NUMBER = re.compile(r"^(?:[-—–－\s]*\d{1,4}[-—–－\s]*|第\s*\d{1,4}\s*页(?:[,，/]?\s*共\s*\d{1,4}\s*页)?|\d{1,4}\s*/\s*\d{1,4})$")
_LEADERS = re.compile(r"[.．·…⋯]{3,}\s*\d*\s*$")
_SENTENCE_END = "。！？；!?;"
# Closing marks that still belong to the sentence they follow.
_CLOSING = "”’』」）)》"


def numbering(text: str) -> tuple[int, str, str] | None:
    """(rank, ordinal as printed, the rest) of a line that starts with a number of a heading or list, else None.

    >>> numbering("（一）人员支出"), numbering("2021年预算")
    ((3, '一', '人员支出'), None)
    """
    text = _BULLET.sub("", text, count=1).strip()
    for rank, pattern in _STYLES:
        found = pattern.match(text)
        if found:
            return rank, re.sub(r"\s+", "", found["ordinal"] or found[0]), text[found.end() :].strip()
    return None


def ordinal_value(ordinal: str) -> int:
    """The number that a printed ordinal stands for: 十二 and 12 are 12; 0 when it is none.

    >>> ordinal_value("十二"), ordinal_value("二十"), ordinal_value("7"), ordinal_value("③")
    (12, 20, 7, 3)
    """
    if re.fullmatch(r"\d+", ordinal):
        return int(ordinal)
    if len(ordinal) == 1 and "①" <= ordinal <= "⑳":
        return ord(ordinal) - ord("①") + 1
    digits = {c: n for n, c in enumerate("零一二三四五六七八九")}
    tens, ten, ones = ordinal.rpartition("十")
    if any(c not in digits for c in tens + ones):
        return 0
    return (digits.get(tens, 1) * 10 if ten else 0) + digits.get(ones, 0)


def is_bullet(text: str) -> bool:
    """Whether a line starts with a bullet."""
    return bool(_BULLET.match(text))


def is_page_number(text: str) -> bool:
    """Whether a line is nothing but a page number (“- 9 -”, “第 3 页”)."""
    return bool(_PAGE_NUMBER.match(text.strip()))


def ends_sentence(text: str) -> bool:
    """Whether a line ends where a sentence does (full stop, semicolon, question or exclamation mark, maybe with a closing mark)."""
    text = text.rstrip().rstrip(_CLOSING)
    return bool(text) and text[-1] in _SENTENCE_END


def is_lead(text: str) -> bool:
    """Whether a text announces what follows (“具体包括：”)."""
    return text.rstrip().endswith(("：", ":"))


def sentences(text: str) -> list[tuple[int, int]]:
    """(start, end) of every sentence of a text, end marks included; a line feed always ends one.

    >>> [("一是。二是；完")[a:b] for a, b in sentences("一是。二是；完")]
    ['一是。', '二是；', '完']
    """
    spans, start = [], 0
    for found in re.finditer(rf"[{_SENTENCE_END}]+[{_CLOSING}]*|\n", text):
        if text[start : found.end()].strip():
            spans.append((start, found.end()))
        start = found.end()
    if text[start:].strip():
        spans.append((start, len(text)))
    return [(a + len(text[a:b]) - len(text[a:b].lstrip()), a + len(text[a:b].rstrip())) for a, b in spans]


def width(text: str) -> int:
    """The printed width of a line: a Chinese character takes two columns."""
    return sum(2 if ord(c) > 0x2E7F else 1 for c in text.strip())


def full_width(blocks: Sequence[Block]) -> int | None:
    """The width of a full line where the file breaks its sentences over lines (raw text of a PDF), None where a line is a paragraph."""
    lines = [b.text for b in blocks if b.kind is BlockKind.LINE and width(b.text) >= 40]
    if any(width(t) > 200 for t in lines):
        return None
    open_ends = sorted(width(t) for t in lines if not ends_sentence(t) and not is_lead(t))
    if len(open_ends) < 5 or len(open_ends) * 2 < len(lines):
        return None
    return open_ends[int(len(open_ends) * 0.8)]


def contents_lines(blocks: Sequence[Block]) -> frozenset[int]:
    """Indexes of the blocks that are the table of contents (目录): its title, its entries, and lines with dot leaders anywhere in front."""
    found: set[int] = {i for i, b in enumerate(blocks[:600]) if _LEADERS.search(b.text) and len(b.text) < 120}
    for start, block in enumerate(blocks[:400]):
        if block.kind is BlockKind.LINE and re.fullmatch(r"[#\s]*(?:目录|目次|CONTENTS)", squeeze(block.text), re.IGNORECASE):
            found.add(start)
            found.update(_entries(blocks, start))
            break
    return frozenset(found)


def contents_titles(blocks: Sequence[Block]) -> frozenset[str]:
    """What the table of contents announces, in comparison form, page numbers left out: an unnumbered line of the same words is a heading."""
    entries = (_LEADERS.sub("", blocks[i].text.replace("|", " ")) for i in contents_lines(blocks))
    return frozenset(t for t in (key(re.sub(r"\s*[-—(（]?\s*\d+\s*[-—)）]?\s*$", "", e)) for e in entries) if len(t) >= 4)


def _entries(blocks: Sequence[Block], start: int) -> list[int]:
    """Indexes of the entries after the contents' title. They end where the numbering starts again, or at the first sentence."""
    first: tuple[int, str] | None = None
    entries: list[int] = []
    for i in range(start + 1, min(start + 250, len(blocks))):
        block = blocks[i]
        if block.kind is BlockKind.BREAK or is_page_number(block.text):
            continue
        text = block.text.replace("|", " ").strip()
        if len(squeeze(text)) > 60 or "。" in text:
            # No entry came back as a heading: the last one read may be the heading above this sentence.
            return entries[:-1]
        mark = numbering(text)
        if mark and mark[:2] == first:
            return entries
        if mark and first is None:
            first = mark[:2]
        entries.append(i)
    return entries
