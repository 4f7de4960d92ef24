"""Blocks -> Regions: which rows make one table, what its caption says, and which notes belong to it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ingest.forms import Form, classification, recognise, subject_key
from ingest.records import Block, BlockKind, Cell, GridCell, Place, Section, Table
from ingest.wording import squeeze

_NUMBER = re.compile(
    r"^(?:附\s*)?表\s*(?:[\d一二三四五六七八九十]+)(?:\s*[-－—]\s*\d+)*[：:、.]?$|^附件\s*\d+(?:\s*[-－—]\s*\d+)*$"
    r"|^[\u4e00-\u9fff]{0,6}\s*\d{1,2}\s*表$|^[\u4e00-\u9fff]{2,6}表\s*\d{1,2}$"
)
_NUMBERED_TITLE = re.compile(
    r"^(?P<number>(?:附\s*)?表\s*[\d一二三四五六七八九十]+(?:\s*[-－—]\s*\d+)*|附件\s*\d+(?:\s*[-－—]\s*\d+)*"
    r"|[\u4e00-\u9fff]{0,6}\d{1,2}\s*表(?=\s)|[\u4e00-\u9fff]{2,6}表\s*\d{1,2}(?=[\s：:、]))\s*[：:、.]?\s*(?P<title>\S.*)$"
)
_LISTED_TITLE = re.compile(
    r"^(?P<number>[（(](?:\d{1,2}|[一二三四五六七八九十]{1,3})[)）]|(?:\d{1,2}|[一二三四五六七八九十]{1,3})\s*[、.．])\s*(?P<title>\S.*表)$"
)
_OPEN_NUMBER = re.compile(r"公\s*开\s*(\d{1,2})\s*表")
_UNIT = re.compile(
    r"(?:金额)?单位\s*(?:[:：]|为)?\s*(?:人民币)?(万元|千元|百万元|亿元|元)(?=$|[^\u4e00-\u9fff]|单位|部门|编制|填报|公开|日期|金额)|[（(](?:单位[:：]?)?(万元|千元|亿元|元)[)）]$"
)
_HEADING_WITH_UNIT = re.compile(r"^[^（(:：]{2,12}[（(](?:金额)?单位[:：]?(?:万元|千元|亿元|元)[)）]$")
_INDICATOR = re.compile(r"^(?:年度)?绩效指标$|^(?:成本|产出|效益|满意度)指标$")  # what a row of a form's indicators begins with
_ORGANISATION = re.compile(
    r"(?:单位名称|部门名称|编制单位|填报单位|编制部门|填报部门|公开单位|公开部门|预算单位名称|预算单位|预算部门|编报单位|部门[(（]单位[)）]名称|部门|单位)[:：]"
    r"(?P<name>.+?)(?=(?:金额)?单位[:：]|公开\d|日期|填报日期|$)"
)
_TITLE_END = re.compile(r"(?:表|表格|明细|情况|清单|概况|总体情况)(?:[（(].{1,20}[)）])?$")
_PAGE_NOISE = re.compile(r"^(?:[-－—–]\s*\d{1,4}\s*[-－—–]|第?\s*\d{1,4}\s*页?(?:\s*[,，/]?\s*共\s*\d+\s*页)?)$")
_NOTE = re.compile(r"^(?:备\s*注|说明|注)\s*(?:\d+)?\s*[:：、.]")
_NOTE_GOES_ON = re.compile(r"^\d{1,2}\s*[.．、]")
_HEADING = re.compile(r"^(?:第[一二三四五六七八九十]+部分|[一二三四五六七八九十]+、|[（(][一二三四五六七八九十]+[)）])")
_RULE = re.compile(r"^[\s|:：\-—─=_]+$")
_SENTENCE = re.compile(r"[。；;！？]")
_YEAR_LINE = re.compile(r"^[（(]?\s*(?:19|20)\d\d\s*年?度?\s*[)）]?$")
# A caption never lies further from its table than this many lines; what is longer is a paragraph.
_LONGEST_CAPTION = 60
_CAPTION_LINES = 8
_SHIFTED = 3  # columns that a page break may shift a row by
_SAME_EDGE = 6.0  # points between the edges of one table on two pages


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One printed row: cells in the file's own columns (a merged cell once, then blanks), and where it stands.

    `filled` repeats a merged cell's words in every column it covers, where the file tells its extent (else the same as `cells`).
    """

    cells: tuple[str, ...]
    place: Place
    quote: str
    block: int
    filled: tuple[str, ...] = ()
    spans: bool = False
    places: tuple[Place | None, ...] = ()

    def place_of(self, columns: Sequence[int]) -> Place:
        """Where the cells in these columns stand: their own places where the format knows them, else the row's."""
        found = [p for c in columns if c < len(self.places) and (p := self.places[c])]
        return found[0].to(found[-1]) if found else self.place

    def place_of_text(self, text: str) -> Place:
        """Where the cell with these words stands; of words joined from several cells, from the first to the last of them."""
        found = [i for i, c in enumerate(self.cells) if c and c == text][:1] or [i for i, c in enumerate(self.cells) if c and c in text.split(" ")]
        return self.place_of(found)

    @property
    def texts(self) -> tuple[str, ...]:
        """The cells that hold something."""
        return tuple(c for c in self.cells if c)


@dataclass(frozen=True, slots=True)
class Region:
    """One table of the paper before its columns are understood."""

    number: str = ""
    title: str = ""
    unit: str = ""
    organisation: str = ""
    caption: tuple[str, ...] = ()
    rows: tuple[SourceRow, ...] = ()
    notes: tuple[str, ...] = ()
    blocks: frozenset[int] = frozenset()
    form: Form | None = None
    place: Place = field(default_factory=Place)

    def table(
        self, cells: Sequence[Cell], columns: dict[int, tuple[str, ...]], rows: Sequence[SourceRow], *, form: str = "", empty: bool = False
    ) -> Table:
        """The region as a Table, once its cells are read; `form` is the key where the title tells none. Its number and section come later."""
        return Table(
            index=0,
            number=self.number,
            title=self.title,
            form=self.form.key if self.form else form,
            unit=self.unit,
            organisation=self.organisation,
            section=(),
            place=self.place,
            cells=tuple(cells),
            columns=columns,
            notes=self.notes,
            empty=empty,
            quotes=tuple(r.quote for r in rows),
        )


def find_regions(blocks: Sequence[Block]) -> list[Region]:
    """All runs of rows with their captions and notes, in reading order; runs that a page break cut are joined."""
    runs = _runs(blocks)
    regions: list[Region] = []
    for position, (first, last) in enumerate(runs):
        before = runs[position - 1][1] if position else -1
        after = runs[position + 1][0] if position + 1 < len(runs) else len(blocks)
        region = _region(blocks, first, last, before, after)
        if first == before + 1 and not region.caption and _opens_form(blocks[first]):
            region = name_region(replace(region, caption=regions[-1].caption))  # the next project's form right below the first one's
        if region.rows or region.caption:  # else only rule lines or empty rows: they do not come between a table and its next page
            regions.append(region)
    return _join_cut(regions, blocks)


def _runs(blocks: Sequence[Block]) -> list[tuple[int, int]]:
    """(first, last) block index of every run of rows; blank lines and page numbers do not end a run, words do, and a new title row does."""
    runs: list[tuple[int, int]] = []
    start = last = -1
    grid: int | None = None
    for i, block in enumerate(blocks):
        if block.kind is BlockKind.ROW:
            opens = _opens_form(block) and any(b.kind is BlockKind.ROW and _has_indicators(b) for b in blocks[max(start, 0) : i])
            if start >= 0 and (block.grid != grid or opens or (_title_row(block) and not _only_number(blocks[start:i]))):
                runs.append((start, last))
                start = -1
            if start < 0:
                start = i
            last, grid = i, block.grid
        elif block.kind is BlockKind.LINE and start >= 0 and not is_page_noise(block.text):
            runs.append((start, last))
            start = -1
    if start >= 0:
        runs.append((start, last))
    return runs


def _opens_form(block: Block) -> bool:
    """A row that begins a project's form: 项目名称 and its name."""
    texts = [squeeze(c.text) for c in block.cells if c.text.strip()]
    return block.kind is BlockKind.ROW and len(texts) > 1 and bool(re.fullmatch(r"项目名称[:：]?", texts[0])) and not re.search(r"名称|金额|编码|单位$", texts[1])


def _has_indicators(block: Block) -> bool:
    """The heading of a form's indicators."""
    return any(squeeze(c.text) == "一级指标" for c in block.cells)


def is_page_noise(text: str) -> bool:
    """Whether a line is a page number."""
    return bool(_PAGE_NOISE.match(text.strip()))


def _is_noise(text: str) -> bool:
    """Whether a line between two parts of a table says nothing: a page number, a rule of dashes."""
    return is_page_noise(text) or bool(_RULE.match(text))


def _title_row(block: Block) -> bool:
    """A row whose only cell is a table's title (“一级项目支出绩效目标申报表” over the full width)."""
    texts = [c.text for c in block.cells if c.text.strip()]
    return (
        len(texts) == 1 and len(texts[0]) < _LONGEST_CAPTION and bool(re.search(r"(?:申报表|目标表|自评表|总表|情况表|支出表)$", squeeze(texts[0])))
    )


def _only_number(blocks: Sequence[Block]) -> bool:
    """Whether the rows so far are a table's number above its title (表3 over the full width)."""
    return all(b.kind is BlockKind.ROW and re.fullmatch(_NUMBER, squeeze("".join(c.text for c in b.cells))) for b in blocks)


def source_rows(blocks: Sequence[Block], indexes: Sequence[int]) -> tuple[SourceRow, ...]:
    """ROW blocks as rows of plain columns; rule lines (-----) and empty rows are left out. A merged cell stands once, then blanks."""
    rows: list[SourceRow] = []
    hanging: dict[int, tuple[int, str]] = {}  # column -> (rows still covered, words) of a cell that reaches down
    for i in indexes:
        block = blocks[i]
        if block.kind is not BlockKind.ROW:
            continue
        cells, filled, hanging = _fill_spans(block.cells, hanging)
        if all(not c or _RULE.match(c) for c in cells):
            continue
        places = tuple(c.place for c in block.cells)
        rows.append(SourceRow(tuple(cells), block.place, block.text, i, tuple(filled), spans=filled != cells, places=places))
    return tuple(rows)


def _fill_spans(printed: Sequence[GridCell], hanging: dict[int, tuple[int, str]]) -> tuple[list[str], list[str], dict[int, tuple[int, str]]]:
    """One row of a grid whose covered cells stand as blanks: the words of merged cells repeated over what they cover."""
    cells = [tidy(c.text) for c in printed]
    filled = list(cells)
    below: dict[int, tuple[int, str]] = {}
    for column, (left, words) in hanging.items():
        if column < len(filled) and not filled[column]:
            filled[column] = words
            if left > 1:
                below[column] = (left - 1, words)
    for start, cell in enumerate(printed):
        for column in range(start, min(start + max(1, cell.colspan), len(cells))) if cells[start] else ():
            if column == start or not cells[column]:
                filled[column] = cells[start]
                if cell.rowspan > 1:
                    below[column] = (cell.rowspan - 1, cells[start])
    return cells, filled, below


def tidy(text: str) -> str:
    """A cell's words on one line; blanks that a narrow column forced between Chinese characters are taken out."""
    text = re.sub(r"\s+", " ", text.replace("\u3000", " ")).strip()
    return re.sub(r"(?<=[\u2e80-\u9fff，。、（）；：“”]) (?=[\u2e80-\u9fff，。、（）；：“”])", "", text)


def unbroken(text: str) -> str:
    """A heading's own characters without any blank (“上年 结余、 结转” → “上年结余、结转”)."""
    return re.sub(r"\s+", "", text)


def _region(blocks: Sequence[Block], first: int, last: int, before: int, after: int) -> Region:
    rows = source_rows(blocks, range(first, last + 1))
    used = {r.block for r in rows} | {i for i in range(first, last + 1)}
    caption, caption_blocks = _caption_lines(blocks, first, before)
    inside: list[str] = []
    while rows and (line := caption_row(rows[0], len(rows))):
        inside.append(line)
        rows = rows[1:]
    notes, note_blocks = _notes(blocks, last, after)
    own_notes = [r for r in rows if len(r.texts) == 1 and _NOTE.match(r.texts[0])]
    rows = _whole_names([r for r in rows if r not in own_notes])
    region = Region(
        caption=tuple(caption + inside),
        rows=rows,
        notes=tuple([r.texts[0] for r in own_notes] + notes),
        blocks=frozenset(used | caption_blocks | note_blocks),
        place=blocks[first].place.to(blocks[last].place),
    )
    return name_region(region)


def caption_row(row: SourceRow, rows: int) -> str:
    """The words of a leading row that is caption, not table: a title over the full width, the unit line, 单位名称：…; "" for any other row."""
    texts = list(dict.fromkeys(row.texts))
    if not texts or rows < 2:
        return ""
    joined = " ".join(texts)
    if any(is_number(t) for t in texts) or (is_year(joined) and not row.cells[0]):
        return ""  # a bare year below the first column begins a row of figures, here blank ones
    if (
        len(texts) == 1
        and len(texts[0]) < _LONGEST_CAPTION
        and (len(row.cells) > 1 or _TITLE_END.search(texts[0]))
        and not texts[0].endswith((":", "："))
    ):
        return (
            joined
            if _TITLE_END.search(squeeze(texts[0]))
            or _ORGANISATION.match(squeeze(texts[0]))
            or any(p.search(texts[0]) for p in (_NUMBER, _YEAR_LINE, _UNIT))
            else ""
        )
    if len(texts) > 1 and any(_HEADING_WITH_UNIT.search(squeeze(t)) and not _TITLE_END.search(squeeze(t)) for t in texts):
        return ""  # 项目 | 预算数（单位：万元）: a heading that says its unit
    if len(texts) <= 4 and len(squeeze(joined)) < 90 and _UNIT.search(squeeze(joined)) and not re.search("科目|指标|项目名称", joined):
        return joined
    if len(texts) <= 2 and _OPEN_NUMBER.search(squeeze(joined)):
        return joined
    return ""


def _caption_lines(blocks: Sequence[Block], first: int, before: int) -> tuple[list[str], set[int]]:
    """The lines above a table that name it, and their block indexes: number, title, year, unit, 单位名称."""
    lines: list[str] = []
    used: set[int] = set()
    for i in range(first - 1, before, -1):
        block = blocks[i]
        if block.kind is not BlockKind.LINE:
            continue
        text = block.text.strip()
        if is_page_noise(text):
            used.add(i)
            continue
        if len(lines) >= _CAPTION_LINES or not _is_caption(text, block.level, bool(lines)):
            break
        lines.insert(0, text)
        used.add(i)
        if _NUMBERED_TITLE.match(text) and _TITLE_END.search(squeeze(text)):
            break
        # Number and title close the caption, whichever stands over the other (表1 under 部门收支总表).
        numbered = any(_NUMBER.match(squeeze(line)) or _OPEN_NUMBER.search(squeeze(line)) for line in lines)
        titled = any(_TITLE_END.search(squeeze(line)) and not _OPEN_NUMBER.search(squeeze(line)) and not _NUMBER.match(squeeze(line)) for line in lines)
        if numbered and titled:
            break
    return lines, used


def _is_caption(text: str, level: int | None, already: bool) -> bool:
    flat = squeeze(text)
    if len(flat) > _LONGEST_CAPTION or _SENTENCE.search(flat) or _NOTE.match(flat):
        return False
    if _NUMBER.match(flat) or _YEAR_LINE.match(flat) or _UNIT.search(flat) or _ORGANISATION.search(flat) or _OPEN_NUMBER.search(flat):
        return True
    if flat in {"元", "万元", "万"} or re.search(r"(?:单位|部门)(?:名称)?[:：]万?$", flat):
        return True
    if re.match(r"^第[一二三四五六七八九十]+部分|^目录$|^附表[:：]?$", flat):
        return False
    return bool(_TITLE_END.search(flat)) or (level is not None and already is False)


def _notes(blocks: Sequence[Block], last: int, after: int) -> tuple[list[str], set[int]]:
    """注：… lines under a table; a numbered line that follows one goes on."""
    notes: list[str] = []
    used: set[int] = set()
    for i in range(last + 1, after):
        block = blocks[i]
        if block.kind is BlockKind.BREAK or is_page_noise(block.text):
            continue
        text = block.text.strip()
        if _NOTE.match(text) or (notes and _NOTE_GOES_ON.match(text)):
            notes.append(text)
            used.add(i)
        elif (
            notes
            and not re.search(r"[。；;！？)）]$", notes[-1])
            and not _HEADING.match(text)
            and not _is_caption(text, block.level, True)
            and len(notes[-1]) > 20
        ):
            notes[-1] += text
            used.add(i)
        else:
            break
    return notes, used


def name_region(region: Region) -> Region:
    """Fill number, title, unit, organisation and form from the caption's lines."""
    number = title = ""
    rest: list[str] = []
    for line in region.caption:
        flat = squeeze(line)
        opened = _OPEN_NUMBER.search(flat)
        if opened:
            number = f"公开{int(opened[1]):02d}表"
            flat = _OPEN_NUMBER.sub("", flat)
            line = flat
        if not flat:
            continue
        if _NUMBER.match(flat):
            number = unicodedata.normalize("NFKC", flat).rstrip(":、.")
        elif _YEAR_LINE.match(flat):
            continue
        elif (both := _NUMBERED_TITLE.match(line)) and _TITLE_END.search(flat):
            number, title = squeeze(both["number"]), tidy(both["title"])
        elif _TITLE_END.search(flat) and not re.search(r"单位[:：]", flat):
            listed = _LISTED_TITLE.match(tidy(line))
            if listed and not number:
                number = listed["number"].strip("、.． ")
            title = listed["title"] if listed else tidy(line)
        else:
            rest.append(flat)
    joined = _rejoin(rest)
    unit = _UNIT.search(joined) or next((u for line in region.caption if (u := _UNIT.search(squeeze(line)))), None)
    organisation = _ORGANISATION.search(_UNIT.sub("", joined))
    return replace(
        region,
        number=number,
        title=title.strip("#* "),
        unit=(unit[1] or unit[2]) if unit else "",
        organisation=organisation["name"].strip("|，,") if organisation else "",
        form=recognise(title, number, region.caption),
    )


def region_of_caption(lines: Sequence[str]) -> Region:
    """A region of which only the caption is known."""
    return Region(caption=tuple(lines))


def _rejoin(lines: Sequence[str]) -> str:
    """Caption lines as one string: a line that breaks inside “单位：万/元” or inside a name goes on without a gap."""
    return "".join(lines)


def _join_cut(regions: list[Region], blocks: Sequence[Block]) -> list[Region]:
    """Runs without a caption of their own that go on the table before them (next page's grid, a long cell that became loose lines)."""
    joined: list[Region] = []
    for region in regions:
        previous = joined[-1] if joined else None
        if previous is not None and (_repeats(previous, region) or (not region.title and not region.number and _goes_on(previous, region, blocks))):
            joined[-1] = _merged(previous, region, blocks)
        else:
            joined.append(region)
    return joined


def _repeats(previous: Region, region: Region) -> bool:
    """A page that prints caption and header of the table again. A form that begins again with its project's name is another form."""
    if region.rows and re.match(r"项目(?:名称|编码|编号)", unbroken(region.rows[0].cells[0])) and region.form is not None and region.form.reader == "targets":
        return False
    same = (previous.number, previous.title, previous.unit) == (region.number, region.title, region.unit) and bool(region.title)
    if not (same and previous.rows and region.rows):
        return False
    return previous.rows[0].cells == region.rows[0].cells or bool(_INDICATOR.match(unbroken(region.rows[0].texts[0])) and _form(previous))


def _form(region: Region) -> bool:
    return region.form is not None and region.form.reader in {"targets", "overall"}


def _goes_on(previous: Region, region: Region, blocks: Sequence[Block]) -> bool:
    if not region.rows or not previous.rows:
        return False
    between = [
        blocks[i]
        for i in range(max(previous.blocks) + 1, min(region.blocks))
        if blocks[i].kind is BlockKind.LINE and not _is_noise(blocks[i].text)
    ]
    if _form(previous):
        # A form's long cell that a page broke comes as loose lines; the form goes on after them.
        return not any(b.level is not None or re.match(r"^第[一二三四五六七八九十]+部分", b.text) for b in between)
    if between or previous.notes:
        return False
    widest = max(len(r.cells) for r in previous.rows)
    width = max(len(r.cells) for r in region.rows)
    return abs(widest - width) <= 1 or bool(_onto(previous.rows, region.rows)) or (width <= widest + _SHIFTED and _headless(region.rows))


def _headless(rows: Sequence[SourceRow]) -> bool:
    """Rows that begin with figures: no table begins so, they go on the one before them."""
    return sum(is_number(c) for c in rows[0].texts) >= 2 and len(rows[0].texts) >= 3


def _onto(rows: Sequence[SourceRow], more: Sequence[SourceRow]) -> tuple[SourceRow, ...]:
    """The next page's rows in the columns of the rows above, by where the cells stand; () when the file does not tell or the edges differ.

    A page without the header has no line between columns that only the header divides (类, 款, 项), so its rows have fewer cells.
    """
    columns: dict[int, tuple[float, float]] = {}
    for row in rows:
        for c, place in enumerate(row.places):
            span = _span(place)
            if span and (c not in columns or span[1] - span[0] < columns[c][1] - columns[c][0]):
                columns[c] = span
    spans = [[(c, span) for c, p in enumerate(r.places) if (span := _span(p))] for r in more]
    if not columns or not all(spans):
        return ()
    edges = min(a for a, _ in columns.values()), max(b for _, b in columns.values())
    on_pages = rows[0].place.sheet is None
    if on_pages and any(abs(row[0][1][0] - edges[0]) > _SAME_EDGE or abs(row[-1][1][1] - edges[1]) > _SAME_EDGE for row in spans):
        return ()
    width = max(columns) + 1
    moved: list[SourceRow] = []
    for row, cells in zip(more, spans, strict=True):
        words, places = [""] * width, [None] * width
        for c, span in cells:
            at = next((k for k, (a, b) in sorted(columns.items()) if span[0] <= (a + b) / 2 <= span[1]), None)
            if at is None or words[at]:
                if row.cells[c]:
                    return ()
                continue
            words[at], places[at] = row.cells[c], row.places[c]
        moved.append(replace(row, cells=tuple(words), filled=tuple(words), places=tuple(places), spans=False))
    return tuple(moved)


def _merged(previous: Region, region: Region, blocks: Sequence[Block]) -> Region:
    """One region of two; loose lines between them become rows of one cell."""
    between = [
        i
        for i in range(previous.rows[-1].block + 1, region.rows[0].block)
        if blocks[i].kind is BlockKind.LINE and i not in previous.blocks | region.blocks and not _is_noise(blocks[i].text)
    ]
    loose = tuple(SourceRow(("", tidy(blocks[i].text)), blocks[i].place, blocks[i].text, i) for i in between)
    rows = region.rows
    rows = rows[_repeated_header(previous.rows, rows) :]
    if max(len(r.cells) for r in previous.rows) != max((len(r.cells) for r in rows), default=0):
        rows = _onto(previous.rows, rows) or rows
    above = previous.rows
    if rows and not loose and (whole := _one_row(above[-1], rows[0])):
        above, rows = (*above[:-1], whole), rows[1:]
    return replace(
        previous,
        rows=above + loose + rows,
        notes=previous.notes + region.notes,
        blocks=previous.blocks | region.blocks | frozenset(between),
        place=previous.place.to(region.place),
    )


def _repeated_header(rows: Sequence[SourceRow], more: Sequence[SourceRow]) -> int:
    """How many of the next page's first rows print the first rows of the table again."""
    count = 0
    for first, again in zip(rows, more, strict=False):
        if first.cells != again.cells or any(is_number(c) for c in again.cells):
            break
        count += 1
    return count


def _span(place: Place | None) -> tuple[float, float] | None:
    """From where to where a cell reaches across the page or the sheet; None when the format does not tell."""
    if place and place.bbox:
        return place.bbox[0], place.bbox[2]
    if place and place.cell:
        column = 0
        for letter in place.cell.rstrip("0123456789"):
            column = column * 26 + ord(letter) - 64
        return float(column), float(column + 1)
    return None


def _whole_names(rows: Sequence[SourceRow]) -> tuple[SourceRow, ...]:
    """Rows with a name that is broken over two lines put together again."""
    found: list[SourceRow] = []
    for row in rows:
        whole = _one_row(found[-1], row) if found else None
        found[-1:] = [whole] if whole else [*found[-1:], row]
    return tuple(found)


def _one_row(last: SourceRow, first: SourceRow) -> SourceRow | None:
    """Two rows as one, when a name is broken over them: only together are they a known name. The figures stand on one of the two lines."""
    width = max(len(last.cells), len(first.cells))
    upper, lower = (r.cells + ("",) * (width - len(r.cells)) for r in (last, first))
    both = [i for i in range(width) if upper[i] and lower[i]]
    if len(both) != 1 or 1 not in (len(last.texts), len(first.texts)):
        return None
    at = both[0]
    joined = upper[at] + lower[at]
    if is_number(upper[at]) or is_number(lower[at]):
        return None
    names = classification()
    other_side = any(c and c != upper[at] and unbroken(c).replace("支", "收") == unbroken(joined).replace("支", "收") for c in upper)
    if not other_side and (subject_key(joined) not in names or subject_key(upper[at]) in names):
        return None
    figures = first if len(last.texts) == 1 else last
    cells = tuple(joined if i == at else a or b for i, (a, b) in enumerate(zip(upper, lower, strict=True)))
    filled = tuple(joined if c == figures.cells[at] else c for c in figures.filled)
    whole = replace(figures, cells=cells, filled=filled + cells[len(filled) :], block=last.block)
    if last.place.page != first.place.page:
        return whole  # quoted is what stands on the page of the figures
    return replace(whole, place=last.place.to(first.place), quote=f"{last.quote}\n{first.quote}")


_NUMERIC = re.compile(r"^[(（]?[-−－—–△▲+]?\s*(?:\d{1,3}(?:[,，]\s?\d{3})+|\d+)(?:\.\d+)?\s*%?[)）]?$")
_DASH = re.compile(r"^(?:[-－—–─―]{1,3}|/|不适用|不涉及|无)$")
_YEAR_CELL = re.compile(r"^((?:19|20)\d\d)\s*年?度?(?:预算数?|决算数?)?$")
_CODE = re.compile(r"^(?:\d{3}(?:\d{2}){0,3}|[A-Z]\d{0,8}|\d{2}|\d{6,}(?:-.*)?)$")


def is_number(text: str) -> bool:
    """Whether a cell is a bare figure (with commas, sign, brackets or %)."""
    return bool(_NUMERIC.match(unicodedata.normalize("NFKC", text).strip()))


def is_dash(text: str) -> bool:
    """Whether a cell stands for “nothing here”: a dash, 不适用, 无."""
    return bool(_DASH.match(text.strip()))


def is_year(text: str) -> bool:
    """Whether a cell is a year (2020年, 2021)."""
    return bool(_YEAR_CELL.match(text.strip()))


def is_code(text: str) -> bool:
    """Whether a cell can be a 科目编码 or 采购品目."""
    return bool(_CODE.match(text.strip().replace(" ", "")))


def section_of(sections: Sequence[Section], place: Place) -> tuple[str, ...]:
    """The heading path in force at a place."""
    path: tuple[str, ...] = ()
    for section in sections:
        if section.place.line_start is not None and place.line_start is not None:
            if section.place.line_start > place.line_start:
                break
        elif (section.place.page or 0) > (place.page or 0):
            break
        path = section.path
    return path
