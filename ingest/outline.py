"""Blocks -> Sections: the parts, chapters and numbered headings of a paper.

A heading is a numbered short line that is no sentence, or a line the format itself marks as heading. Entries of the contents, headings repeated
in a file's tail and the items of a list look the same; they are told apart by having nothing of their own below them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ingest.numbering import contents_lines, contents_titles, full_width, is_page_number, numbering, ordinal_value, width
from ingest.records import Block, BlockKind, Section
from ingest.wording import key

_LONGEST = 45
_BARE_FIGURE = re.compile(r"\d\.\d\d(?!\d)(?!\s*(?:万|亿|元|%|％))|\s\d[\d,.]*$")
# How headings end; a wrapped sentence that fills its line ends anywhere.
_HEADING_END = re.compile(
    r"(?:概况|职能|职责|设置|机构|目标|情况|说明|预算|决算|支出|收入|解释|事项|其他|其它|经费|资金|建议|措施|结果|要求|范围|意见|问题|依据|内容|项目|表|附表|附件"
    r"|任务|构成|编制|原因|安排|绩效|评价|综述|本级|办公室|局|中心|委|厅|院|部|元)[:：。]?$"
)
_TABLE_NAME = re.compile(r"表(?:[（(][^（()）]*[)）])?$")  # a table names itself


@dataclass(slots=True)
class _Candidate:
    block: int
    rank: int | None  # None: a heading by the format's mark only
    level: int | None
    title: str
    ordinal: str


def outline(blocks: Sequence[Block]) -> tuple[Section, ...]:
    """The headings of a paper in reading order, each with its path. The paper's own title, its contents and its lists are not sections."""
    visible = _visible(blocks)
    headings = _without_lists_and_echoes(_candidates(blocks, visible), visible)
    if headings and headings[0].rank is None:
        headings = headings[1:]  # the paper's title
    return _nested(headings, blocks)


def _visible(blocks: Sequence[Block]) -> list[int]:
    contents = contents_lines(blocks)
    return [
        i
        for i, b in enumerate(blocks)
        if b.kind is not BlockKind.BREAK and i not in contents and not (b.kind is BlockKind.LINE and is_page_number(b.text))
    ]


def _candidates(blocks: Sequence[Block], visible: Sequence[int]) -> list[_Candidate]:
    full, announced = full_width(blocks), contents_titles(blocks)
    found = []
    sentences: dict[int, int] = {}  # rank -> the value of the last numbered sentence: the next number goes on with its list
    for i, after in zip(visible, [*visible[1:], None], strict=True):
        block = blocks[i]
        if block.kind is not BlockKind.LINE:
            continue
        title = re.sub(r"\s+", " ", block.text.strip().strip("*#").strip())
        mark = numbering(title)
        if block.level and len(title) <= 2 * _LONGEST:
            found.append(_Candidate(i, mark[0] if mark else None, block.level, title, mark[1] if mark else ""))
        elif mark:
            rank, ordinal, rest = mark
            value = ordinal_value(ordinal)
            if _reads_as_heading(rank, rest, title, full) and not (value > 1 and sentences.get(rank) == value - 1):
                found.append(_Candidate(i, rank, None, _whole_title(title, rest, blocks[after] if after is not None else None), ordinal))
                sentences = {r: v for r, v in sentences.items() if r < rank}
            elif re.search(r"[，。；]", rest):  # and no row of a table
                sentences[rank] = value
        elif key(title) in announced and len(title) <= _LONGEST and not _TABLE_NAME.search(title):
            found.append(_Candidate(i, 1, None, title, ""))
    return found


def _whole_title(title: str, rest: str, after: Block | None) -> str:
    """A heading with the line it goes on in: “第二部分” above its name, or a name that is broken by the end of a line."""
    if after is None or after.kind is not BlockKind.LINE or numbering(after.text) or re.search(r"[，。；：:]", after.text):
        return title
    more = after.text.strip()
    if not rest and len(more) <= _LONGEST:
        return f"{title} {more}"
    broken = len(title) > 20 and len(more) <= 10 and not _HEADING_END.search(title) and _HEADING_END.search(more)
    return title + more if broken else title


def _reads_as_heading(rank: int, rest: str, title: str, full: int | None) -> bool:
    if rank == 1 and not rest:
        return True  # 附件1-1, 附表：
    if not 2 <= len(rest) <= _LONGEST or rank > 5 or not re.search(r"[一-鿿]{2}", rest):
        return False
    body = rest[:-1] if rest[-1] in "：:" or (rest[-1] == "。" and len(rest) <= 22) else rest
    if re.search(r"[，,。；;！？：:]", re.sub(r"(?<=\d),(?=\d)", "", body)) or _BARE_FIGURE.search(title):
        return False
    # In a file that wraps its lines, the first line of a numbered paragraph or a cell's first words look like a heading.
    doubtful = full is not None and (rank >= 4 or width(title) > 0.8 * full)
    return not doubtful or bool(_HEADING_END.search(title))


def _without_lists_and_echoes(candidates: list[_Candidate], visible: Sequence[int]) -> list[_Candidate]:
    """The candidates that have something below them. A bare one that elsewhere has is an echo (contents, bookmarks); other bare ones are list items."""
    while True:
        kept, echoes = _one_pass(candidates, visible)
        if not echoes:
            return kept
        # What only held echoes may now be bare itself.
        gone = {c.block for c in echoes}
        candidates = [c for c in candidates if c.block not in gone]
        visible = [i for i in visible if i not in gone]


def _one_pass(candidates: list[_Candidate], visible: Sequence[int]) -> tuple[list[_Candidate], list[_Candidate]]:
    """(headings, echoes) of these candidates; list items are neither."""
    follower = dict(pairwise(visible))
    at = {c.block: c for c in candidates}

    def bare(candidate: _Candidate) -> bool:
        following = at.get(follower.get(candidate.block, -1))
        if follower.get(candidate.block) is None:
            return True
        return bool(following and candidate.level is None and following.level is None and following.rank <= candidate.rank)

    full = {key(c.title) for c in candidates if not bare(c)}
    kept: list[_Candidate] = []
    echoes: list[_Candidate] = []
    item: _Candidate | None = None  # the list item just read: its next neighbour is one too, whatever follows that
    for candidate in candidates:
        neighbour = bool(item) and follower.get(item.block) == candidate.block and item.rank == candidate.rank and item.level is None
        if bare(candidate) or (neighbour and candidate.level is None):
            echo = bare(candidate) and key(candidate.title) in full
            (echoes if echo else []).append(candidate)
            item = None if echo else candidate
            continue
        item = None
        kept.append(candidate)
    return kept, echoes


def _nested(headings: Sequence[_Candidate], blocks: Sequence[Block]) -> tuple[Section, ...]:
    stack: list[_Candidate] = []
    sections = []
    for heading in headings:
        while stack and _closes(heading, stack[-1]):
            stack.pop()
        stack.append(heading)
        path = tuple(h.title for h in stack)
        sections.append(Section(len(sections), len(stack), heading.title, path, blocks[heading.block].place))
    return tuple(sections)


def _closes(new: _Candidate, open_: _Candidate) -> bool:
    """Whether an open heading ends where a new one begins. Numbers speak before levels: formats often mark levels carelessly."""
    if new.rank is not None and open_.rank is not None:
        return open_.rank >= new.rank
    if new.level is not None:
        return open_.level is None or open_.level >= new.level
    return new.rank == 1
