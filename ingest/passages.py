"""Blocks -> Passages: whole sentences under their heading path, and the long cells of forms.

A passage is about 100 to 400 characters. Sentences broken over lines or pages are joined; a list keeps its lead (in its own passage, or in the path
of the passages it continues in); a definition is a passage of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise

from ingest.numbering import contents_lines, ends_sentence, full_width, is_bullet, is_lead, is_page_number, numbering, ordinal_value, sentences, width
from ingest.records import Block, BlockKind, Cell, Identity, Lines, Passage, Place, Section, Table, lines_within, turns
from ingest.wording import key, squeeze, strip_numbering

LONGEST = 400  # a passage is closed before it grows longer; only a single sentence may be
ENOUGH = 250  # a passage this long is closed at the next paragraph
_NARROW_FACT = 120  # a numbered paragraph this long says something of its own
_LONG_CELL = 25  # a cell this long holds words to be searched, not a name
_CHINESE = "\u3400-\u9fff\uff00-\uffef\u3000-\u303f“”‘’"
_NEW_ITEM = re.compile(r"(?<=[\u3000-\uffef])\s+(?=[一二三四五六七八九十]+、|[（(][一二三四五六七八九十\d]{1,3}[)）]|\d{1,2}[.、．](?!\d))")
_CAPTION = re.compile(
    r"^(?:附?表\s*[\d一二三四五六七八九十]+(?:-\d+)?|公\s*开\s*\d+\s*表|(?:金额)?单位\s*[:：].{0,12}|[（(]?\s*\d{4}\s*年(?:度)?\s*[)）]?)$"
)
_GLOSSARY = re.compile(r"名词|术语")
_OPEN_END = "，、（《“,("
# Names and telephone numbers of staff are not to be found by search.
_CONTACT = re.compile(
    r"(?:负责人|联系人|联络人|填报人|经办人)[^，。；]{0,12}?[:：\s]\s*[\u3400-\u9fff]{2,4}(?:\s|$)|(?:电\s*话|手机)[^，。；]{0,6}\d{7}|1[3-9]\d{9}"
)


def passages(
    blocks: Sequence[Block], used: frozenset[int], sections: Sequence[Section], tables: Sequence[Table], identity: Identity
) -> tuple[Passage, ...]:
    """Everything of a paper that is searched as words. `used` are the blocks that tables already hold; their long cells come from `tables`."""
    full = full_width(blocks)
    paragraphs = _without_debris([p for p in _paragraphs(blocks, used, sections, full) if _worth(p)], full)
    prose = [p for _, group in groupby(paragraphs, key=lambda p: p.path) for p in _packed(list(group))]
    cells = [p for table in tables for p in _cells(table)]
    return tuple(sorted([*prose, *cells], key=lambda p: (p.place.page or 0, p.place.line_start or 0)))


# Paragraphs


@dataclass(slots=True)
class _Paragraph:
    """Joined lines. `starts` holds where each source line begins in `text`, with its place."""

    path: tuple[str, ...]
    text: str
    rank: int | None
    starts: list[tuple[int, Place]] = field(default_factory=list)

def tidy(text: str) -> str:
    """A line without Markdown emphasis and without the blanks that typesetting leaves between Chinese characters."""
    text = re.sub(r"\*\*|__|^\s*[-•●○■◆▪]\s+", "", text.replace("\u00a0", " ")).strip()
    return re.sub(rf"(?<=[{_CHINESE}])[ \t\u3000]+(?=[{_CHINESE}])", "", text)


def _paragraphs(blocks: Sequence[Block], used: frozenset[int], sections: Sequence[Section], full: int | None) -> Iterator[_Paragraph]:
    """The prose between headings and tables, lines and pages joined, each paragraph with its heading path."""
    headings = {(s.place.page, s.place.line_start, s.place.bbox, squeeze(s.title)[:8]): s.path for s in sections}
    contents = contents_lines(blocks)
    section: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    open_: _Paragraph | None = None
    last = ""
    for index, block in enumerate(blocks):
        text = _line(block)
        if index in contents or block.kind is BlockKind.BREAK or not text or is_page_number(text) or (len(text) < 80 and _CONTACT.search(text)):
            continue
        heading = headings.get((block.place.page, block.place.line_start, block.place.bbox, squeeze(block.text.strip("*# "))[:8]))
        if index in used or block.kind is BlockKind.ROW or heading or _CAPTION.match(text):
            if open_:
                yield open_
            open_ = None
            section = path = heading or section
            continue
        mark = numbering(text)
        if open_ and mark and _broken_word(open_.text, mark):
            mark = None
        if open_ and not mark and not is_bullet(block.text) and _goes_on(open_.text, last, full):
            glue = " " if re.search(r"[A-Za-z]$", open_.text) and re.match(r"[A-Za-z]", text) else ""
            open_.starts.append((len(open_.text) + len(glue), block.place))
            open_.text += glue + text
        else:
            if open_:
                yield open_
            rank = mark[0] if mark else None
            if rank:
                # “二、…” printed as a sentence still ends the heading “一、…”.
                path = _above(section, rank)
            open_ = _Paragraph(path, text, rank, [(0, block.place)])
        last = text
    if open_:
        yield open_


def _line(block: Block) -> str:
    if block.kind is not BlockKind.ROW:
        return tidy(block.text)
    filled = [c.text for c in block.cells if c.text.strip()]
    return tidy(" ".join(filled))


def _above(section: tuple[str, ...], rank: int) -> tuple[str, ...]:
    """The part of a heading path that a paragraph numbered with this rank can stand under."""
    for depth, title in enumerate(section):
        mark = numbering(title)
        if mark and mark[0] >= rank:
            return section[:depth]
    return section


def _goes_on(text: str, line: str, full: int | None) -> bool:
    """Whether the next, unnumbered line continues this text, whose last printed line is `line`."""
    wide = full is not None and width(line) > 0.85 * full
    if ends_sentence(text) or is_lead(text):
        # A full line that happens to end with a sentence: the paragraph mostly goes on; a lead always ends it.
        return wide and not is_lead(text)
    return wide or text[-1] in _OPEN_END or "，" in text or "。" in text or len(text) >= 25


def _broken_word(text: str, mark: tuple[int, str, str]) -> bool:
    """Whether a line only looks numbered because a word was broken before it (“构建统” / “一、全面覆盖的体系”): no list begins in mid-sentence."""
    return (
        mark[0] == 2 and ordinal_value(mark[1]) == 1 and len(text) >= 40 and "。" in text + mark[2] and not ends_sentence(text) and not is_lead(text)
    )


def _worth(paragraph: _Paragraph) -> bool:
    """Whether a paragraph says anything (captions, names and rows of figures do not)."""
    text = squeeze(paragraph.text)
    if len(re.findall(r"[\u3400-\u9fff]", text)) < 5 or len(re.findall(r"[\d.%]", text)) > 0.5 * len(text):
        return False
    if paragraph.rank is not None:
        return not (len(text) < 40 and text.endswith("表"))  # a list of tables
    return ends_sentence(text) or is_lead(text) or bool(re.search(r"[,。;]", text) and len(text) >= 20)


def _without_debris(paragraphs: Sequence[_Paragraph], full: int | None) -> list[_Paragraph]:
    """Without the narrow columns of a table whose ruling was lost: in raw PDF text, four or more neighbours of less than half a line's width."""
    if full is None:
        return list(paragraphs)
    kept: list[_Paragraph] = []
    for narrow, run in groupby(paragraphs, key=lambda p: p.rank is None and width(p.text) / len(p.starts) < 0.5 * full):
        run = list(run)
        if not narrow or len(run) < 4:
            kept += run
    return kept


# Packing


def _packed(group: Sequence[_Paragraph]) -> Iterator[Passage]:
    """The paragraphs of one section as passages."""
    path = group[0].path
    alone = any(_GLOSSARY.search(title) for title in path)
    lead: _Paragraph | None = None
    above: _Paragraph | None = None  # the numbered paragraph that names what the labelled ones after it are about
    buffer: list[_Paragraph] = []
    for paragraph in group:
        if paragraph.rank is not None:
            if buffer and _under(buffer[0], above):
                yield from _flush(path, lead, buffer, above)
                buffer = []
            above = None if alone else paragraph
        if lead and not _belongs(paragraph, lead, buffer):
            yield from _flush(path, lead, buffer, above if paragraph.rank is None else None)
            lead, buffer = None, []
        length = sum(len(p.text) for p in buffer)
        own = alone or (paragraph.rank is not None and len(paragraph.text) >= _NARROW_FACT)
        announced = len(buffer) == 1 and buffer[0] is lead
        if buffer and (
            (own and not announced)
            or length >= ENOUGH
            or (length + len(paragraph.text) > LONGEST and not announced)
            or (is_lead(paragraph.text) and length > 60)
        ):
            yield from _flush(path, lead, buffer, above)
            buffer = []
        if is_lead(paragraph.text):
            lead = paragraph
        buffer.append(paragraph)
        if own and not is_lead(paragraph.text):
            yield from _flush(path, lead, buffer, above)
            buffer = []
    yield from _flush(path, lead, buffer, above)


_LABEL = re.compile(r"[^，。；：:,;]{2,20}[：:]")


def _under(first: _Paragraph, above: _Paragraph | None) -> bool:
    """Whether a paragraph with a label (下一步改进措施：…) speaks of what the numbered one before it names (（1）某专项自评综述：…)."""
    return above is not None and first is not above and first.rank is None and bool(_LABEL.match(first.text))


def _belongs(paragraph: _Paragraph, lead: _Paragraph, buffer: Sequence[_Paragraph]) -> bool:
    """Whether a paragraph is an item of the list that this lead announced."""
    if paragraph.rank is None:
        return bool(buffer) and buffer[-1] is lead
    return lead.rank is None or paragraph.rank > lead.rank


def _flush(path: tuple[str, ...], lead: _Paragraph | None, buffer: list[_Paragraph], above: _Paragraph | None = None) -> Iterator[Passage]:
    if not buffer:
        return
    if lead and lead not in buffer:
        path = (*path, _short(lead.text))
    elif above and _under(buffer[0], above):
        path = (*path, _short(above.text))
    last = buffer[-1]
    if len(last.text) <= LONGEST:
        yield _joined(path, [(p, 0, len(p.text)) for p in buffer])
        return
    # A long paragraph is cut between sentences. Only a lead may stand in front of it; what follows its first piece has its opening words in the path.
    (start, end), *others = pieces(last.text)
    yield _joined(path, [*((p, 0, len(p.text)) for p in buffer[:1] if p is not last), (last, start, end)])
    for start, end in others:
        yield _joined(path if last.rank is None else (*path, _short(last.text)), [(last, start, end)])


def _joined(path: tuple[str, ...], parts: Sequence[tuple[_Paragraph, int, int]]) -> Passage:
    """Pieces of paragraphs as one passage, a line each, with its place and where it turns a page."""
    text, lines = "", []
    for paragraph, start, end in parts:
        text += "\n" if text else ""
        lines += [(len(text) + at, place) for at, place in lines_within(paragraph.starts, start, end)]
        text += paragraph.text[start:end]
    return _passage(text, path, lines)


def pieces(text: str) -> list[tuple[int, int]]:
    """(start, end) of pieces of at most LONGEST characters that end where sentences end, of about equal length."""
    spans = sentences(text)
    wanted = len(text) / max(1, round(len(text) / (0.75 * LONGEST)))
    found: list[tuple[int, int]] = []
    for start, end in spans:
        if found and (end - found[-1][0] <= wanted or (end - start < 30 and end - found[-1][0] <= LONGEST)):
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def _short(text: str) -> str:
    """The opening words of a paragraph: what it is about."""
    whole = text.rstrip("：: ")
    return whole if is_lead(text) and len(whole) <= 40 else re.split(r"[，。；：:;]", text, maxsplit=1)[0][:40]


# Cells


def _cells(table: Table) -> Iterator[Passage]:
    """The long cells of a table: a form's field under its field's name, a cell of a list under its row's name and column's heading."""
    rows = {n: [c for c in row if c.text.strip()] for n, row in groupby(sorted(table.cells, key=lambda c: (c.row, c.column)), key=lambda c: c.row)}
    project = _project(rows.values())
    headings: dict[int, str] = {}  # column -> the heading last printed above
    open_: tuple[int, tuple[str, ...], str, str, Lines] | None = None  # a cell that may go on in the next row: column, path, field, text, lines
    for cells in rows.values():
        for cell in cells:
            if cell.role == "header":
                headings[cell.column] = cell.text
        words = [c for c in cells if c.role not in ("header", "label") and _is_prose(c.text)]
        if open_ and len(cells) == 1 and cells[0].column == open_[0] and not ends_sentence(open_[3]):
            column, path, field_, text, lines = open_
            open_ = (column, path, field_, text + cells[0].text.strip(), (*lines, (len(text), cells[0].place)))
            continue
        if words and open_:
            yield from _cell_passages(open_, project)
            open_ = None
        for number, cell in enumerate(words):
            if number:
                yield from _cell_passages(open_, project)
            left = [
                c.text
                for c in cells
                if c.column < cell.column and re.match(r"[*＊\s\d.、一二三四五六七八九十]*[《“\u3400-\u9fff]{2}", c.text) and len(c.text) <= 60
            ]
            label = strip_numbering(left[-1]).strip("*＊：: ") if left else ""
            heading = headings.get(cell.column, "")
            names = (label,) if label and heading and len(cells) > 2 else ()
            caption = (table.label,) if table.label and key(table.title) not in map(key, table.section) else ()
            path = (*table.section, *caption, *names)
            open_ = (cell.column, path, heading if names else label or heading, cell.text.strip(), cell.turns or ((0, cell.place),))
    if open_:
        yield from _cell_passages(open_, project)


def _project(rows: Iterable[Sequence[Cell]]) -> str:
    """The project a form is about: what stands beside 项目名称."""
    for cells in rows:
        for cell, beside in pairwise(cells):
            if squeeze(cell.text).strip("*:：") in ("项目名称", "政策名称", "任务名称") and beside.role != "header":
                return beside.text.strip()
    return ""


def _is_prose(text: str) -> bool:
    return len(text) >= _LONG_CELL and len(re.findall(r"[\u3400-\u9fff]", text)) >= 12 and not _CONTACT.search(text)


def _cell_passages(cell: tuple[int, tuple[str, ...], str, str, Lines], project: str) -> Iterator[Passage]:
    _, path, field_, text, lines = cell
    # Paragraphs of a cell were joined by blanks; where a number follows one, a new item begins.
    printed, text = text, tidy(_NEW_ITEM.sub("\n", text))
    lines = [(len(tidy(_NEW_ITEM.sub("\n", printed[:start]))), place) for start, place in lines]
    for start, end in pieces(text) if len(text) > LONGEST else [(0, len(text))]:
        yield _passage(text[start:end], path, lines_within(lines, start, end), project, field_)


def _passage(text: str, path: tuple[str, ...], lines: Lines, project: str = "", field_: str = "") -> Passage:
    return Passage(text, path, lines[0][1].to(lines[-1][1]), project, field_, turns(lines))
