"""The header lines of a table -> what each column holds (its role) and the path of headings above it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.tabular.align import fits, in_place, is_shifted
from ingest.tabular.regions import SourceRow, is_dash, is_number, is_year, unbroken
from ingest.wording import squeeze

# What a column holds, by the words over it. The order matters: the first that matches wins.
_ROLES = (
    ("order", re.compile(r"^(?:行次|栏次|序号|行号)$")),
    ("text", re.compile(r"^(?:单位|项目|部门)(?:编码|代码|编号)$")),
    ("code", re.compile(r".*(?:编码|编号|代码)$|^(?:类|款|项|目)$|^科目编码")),
    ("year", re.compile(r"^(?:年度|年份)$")),
    ("project", re.compile(r"^(?:一级|二级|三级)?(?:项目|专项)名称(?:[(（].*[)）])?$|^单位[(（]项目[)）]名称$")),
    (
        "unit",
        re.compile(
            r"^(?:[一二三]级预算|预算|实施|主管|执行|填报|采购|使用)?单位(?:名称|[(（]部门[)）])?(?:[(（].*[)）])?$|^部门名称$|^(?:预算)?部门$|^(?:单位|部门)[(（/].*名称$|^单位名称[(（]?科目[)）]?$|^预算部门$"
        ),
    ),
    (
        "text",
        re.compile(
            r"^(?:备注|说明|项目内容|主要内容|预算执行时间|执行时间|项目(?:概况|描述|属性|类型)|起止时间|计量单位|单位|数量单位|资金用途|绩效目标|立项依据|实施(?:主体|方案|周期).*)$"
        ),
    ),
    (
        "label",
        re.compile(
            r"^(?:项目(?:[(（].*[)）])?|科目|科目名称|支出项目类别|收入|支出|(?:采购)?品目(?:名称)?|(?:政府)?采购(?:品目|项目)(?:名称)?|名称|摘要|内容|项目类别|预算科目|支出(?:功能|经济)?分类(?:科目)?(?:名称)?|.*科目(?:名称)?(?:[(（].*[)）])?|.*分类|收入项目|支出项目|资金来源|收支项目|指标|单位名称/?[(（]?科目[)）]?|类别|.{1,12}名称(?:[(（].*[)）])?)$"
        ),
    ),
)
_HEADING_WORD = re.compile(
    r"计|金额|预算|决算|拨款|收入|支出|经费|费|资金|科目|编码|名称|单位|年度|项目|其中|结转|结余|上年|本年|指标|目标|占|增|减|比|率|^类$|^款$|^项$|栏次|行次|数$|备注|说明|经营|补助|事业|上缴|财政|转移|采购|级$|时间|原因|分值|得分"
)
_ORDER_CELL = re.compile(
    r"^(?:[(（]?\d{1,2}[)）]?|[A-Za-z]{1,2}|\*+|—+|-+|栏次?|行次|\d{1,2}[=＝][\d+＋\-－()（）*/×÷.%\s]+|[\d]{1,2}栏?|.{0,6}[=＝].*)$"
)
_ORDER_MARK = re.compile(r"^(?:栏次|行次|\*+)$")  # what stands left of the columns' numbers
_MOST_HEADER_ROWS = 6
_TOTAL = re.compile(r"^(?:合计|总计|小计)$")
# A heading that can only stand over amounts, whatever stands under it.
_AMOUNTS = re.compile(r"(?:支出|收入|拨款|经费|资金|补助|结转|结余|合计|小计|总计|预算数|决算数|金额)$")
_SUBJECT_CODE = re.compile(r"[1235]\d{2}(?:\d{2}(?:\d{2})?)?")
# Headings whose columns hold names or identifiers, even where a page break shifted figures into them.
_NEVER_AMOUNTS = re.compile(r"(?:名称|编码|代码|编号|序号|电话|年份)$")


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a table: role and heading path by index. Roles: label, code, unit, year, project, order, text, value."""

    roles: tuple[str, ...]
    paths: dict[int, tuple[str, ...]]

    def of(self, *roles: str) -> list[int]:
        """The indexes of the columns that have one of these roles."""
        return [i for i, role in enumerate(self.roles) if role in roles]


def split_header(rows: Sequence[SourceRow]) -> int:
    """How many leading rows are header. 0 when the table starts with data."""
    count = 0
    for index, row in enumerate(rows[: _MOST_HEADER_ROWS + 1]):
        if not _is_header(row, index, rows):
            break
        count = index + 1
    return min(count, _MOST_HEADER_ROWS)


def is_order_row(row: SourceRow) -> bool:
    """The line that numbers the columns: 栏次 1 2 3, or 1 2 3=4+5."""
    texts = row.texts
    if not texts or not all(_ORDER_CELL.match(squeeze(t)) for t in texts):
        return False
    numbers = [int(t) for t in texts if re.fullmatch(r"\d{1,2}", t)]
    if _ORDER_MARK.match(squeeze(texts[0])) and numbers == list(range(1, len(texts))):
        return True
    return len(texts) > 2 and len(numbers) >= 2 and numbers == sorted(numbers) and (numbers[0] == 1 or "栏" in texts[0] or "=" in "".join(texts))


def _is_header(row: SourceRow, index: int, rows: Sequence[SourceRow]) -> bool:
    texts = row.texts
    if is_order_row(row):
        return index > 0
    if any((is_number(t) and not is_year(t)) or is_dash(t) for t in texts):
        return False
    if index == 0:
        return len(texts) >= 2 and (sum(bool(_HEADING_WORD.search(t)) for t in texts) * 2 >= len(texts))
    first = squeeze(row.cells[0]) if row.cells else ""
    if _TOTAL.match(first) and len(texts) > 2 and all(_HEADING_WORD.search(squeeze(t)) for t in texts):
        return True  # 合计 over a column of figures: a row of that name has figures or stands alone
    words = sum(bool(_HEADING_WORD.search(squeeze(t))) for t in texts)
    if first and _split_below(rows[index - 1], row) and words * 2 >= len(texts):
        return True
    if first and not _role_word(first):
        return False
    if _is_empty_total(row, rows[:index]):
        return False
    if first and row.filled and row.filled[0] == first and len(texts) == 1 and index > 1:
        return False
    if all(is_year(t) for t in texts):
        return len(set(texts)) > 1 and not first  # 2025年 2026年 2027年 over their columns; a single year names a row
    if not first and not any(squeeze(r.cells[0]) for r in rows[:index] if r.cells):
        return words * 2 >= len(texts)
    return words * 2 >= len(texts)


def _split_below(above: SourceRow, row: SourceRow) -> bool:
    """Whether the heading over the first column reaches over the second too and this row parts it (2024年预算数 over 合计 and 公务接待费)."""
    reaches = len(above.cells) > 1 and bool(above.cells[0]) and not above.cells[1] and (not above.spans or above.filled[1] == above.filled[0])
    return reaches and len(row.cells) > 1 and bool(row.cells[1]) and len(row.texts) > 2


def _is_empty_total(row: SourceRow, above: Sequence[SourceRow]) -> bool:
    """合计 alone in a row, under a heading that names rows (科目名称): a total without figures."""
    if len(row.texts) != 1 or not _TOTAL.match(squeeze(row.texts[0])):
        return False
    at = next(i for i, c in enumerate(row.cells) if c)
    return any(_role_word(unbroken((r.filled or r.cells)[at])) in {"label", "unit", "project"} for r in above if at < len(r.cells))


def _role_word(text: str) -> str:
    return next((role for role, pattern in _ROLES if pattern.match(text)), "")


def heading_paths(header: Sequence[SourceRow], width: int) -> list[tuple[str, ...]]:
    """The path over every column, outermost first, by position: a merged cell reaches over the blanks right of it under the same parent."""
    header = [r for r in header if not is_order_row(r)]
    owners: list[list[str]] = []
    marks: list[list[int]] = []  # which printed cell a column hangs under, row by row
    for row in header:
        cells = [unbroken(c) for c in (row.filled if row.spans else row.cells)][:width]
        cells += [""] * (width - len(cells))
        if row.spans:
            owners.append(cells)
            marks.append(list(range(width)))
            continue
        words: list[str] = []
        mark: list[int] = []
        for c, text in enumerate(cells):
            left = mark[c - 1] if c else -1
            if text:
                words.append(text)
                mark.append(c)
            elif (
                left >= 0
                and all(m[c] == m[c - 1] or owner[c] == owner[c - 1] != "" for m, owner in zip(marks, owners, strict=True))
                and _reaches(owners, c)
            ):
                words.append(words[c - 1])
                mark.append(left)
            else:
                words.append("")
                mark.append(-1)
        owners.append(words)
        marks.append(mark)
    return [_path([row[c] for row in owners]) for c in range(width)]


def _reaches(owners: list[list[str]], column: int) -> bool:
    """Below the first line a merged cell only reaches over columns that have a heading of their own above."""
    return not owners or bool(owners[-1][column])


def _path(words: Sequence[str]) -> tuple[str, ...]:
    path: list[str] = []
    pending = ""
    for word in words:
        if not word or (path and path[-1] == word):
            continue
        if re.fullmatch(r"其中[:：]?", word):
            pending = "其中："
            continue
        path.append(pending + word)
        pending = ""
    return tuple(path)


def read_columns(header: Sequence[SourceRow], body: Sequence[SourceRow]) -> Columns:
    """Roles and paths by position. The words over a column decide; where they are silent, what stands in it does."""
    width = max((len(r.cells) for r in (*header, *body)), default=0)
    paths = heading_paths(header, width)
    named = [_role_word(path[-1]) if path else "" for path in paths]
    told = ["value" if path and not role else role for path, role in zip(paths, named, strict=True)]
    telling = [r for r in body if any(r.places) or not is_shifted(r.cells, told)] or list(body)
    roles: list[str] = []
    for c in range(width):
        cells = [r.cells[c] for r in telling if c < len(r.cells) and r.cells[c]]
        roles.append(_role(paths[c], cells, c))
    _one_label(roles, paths, body)
    while roles and _only_shifted(roles, header, body):
        roles.pop()
        paths.pop()
    return Columns(tuple(roles), {i: p for i, p in enumerate(paths) if roles[i] == "value"})


def _only_shifted(roles: Sequence[str], header: Sequence[SourceRow], body: Sequence[SourceRow]) -> bool:
    """Whether the last column exists only because a page break shifted some rows into it: nothing is printed over it, and these rows fit without it."""
    column = len(roles) - 1
    if any(len(r.cells) > column and (r.filled or r.cells)[column] for r in header):
        return False
    reaching = [r for r in body if len(r.cells) > column and (r.filled or r.cells)[column]]
    shifted = sum(not in_place(r.cells, roles) for r in reaching)
    return (len(reaching) * 2 < max(len(body), 1) or shifted * 2 >= len(reaching)) and all(fits(r.cells, roles[:-1]) for r in reaching)


def _role(path: tuple[str, ...], cells: Sequence[str], column: int) -> str:
    leaf = path[-1] if path else ""
    role = _role_word(leaf) if leaf else ""
    if role == "text" and leaf == "单位" and column == 0:
        role = "unit"
    numbers = sum(is_number(c) for c in cells)
    if role == "label" and cells and sum(bool(_SUBJECT_CODE.fullmatch(c)) for c in cells) * 2 > len(cells):
        return "code"  # 功能科目 that prints only the codes
    if role in {"label", "unit", "text"} and cells and numbers * 2 > len(cells) and not _NEVER_AMOUNTS.search(leaf):
        return "value"
    if role:
        return role
    if not path and column == 0:
        return "label"
    if column and _AMOUNTS.search(leaf):
        return "value"  # words in it were shifted there by a page break
    words = sum(not is_number(c) and not is_dash(c) for c in cells)
    if column == 0 and words * 2 >= len(cells) and (cells or not leaf):
        return "label"
    if words > numbers and words * 2 > len(cells):
        return "text"
    return "value"


def _one_label(roles: list[str], paths: Sequence[tuple[str, ...]], body: Sequence[SourceRow]) -> None:
    """A table whose rows are named by 项目名称 or 单位 alone keeps these roles; one without any naming column names its rows by the first.

    A headed first column of figures (合计 of a 三公 table) names no rows: such a table is about one organisation and its rows have no name.
    """
    if not roles or set(roles) & {"label", "unit", "project", "code", "year"}:
        return
    first = [r.cells[0] for r in body if r.cells and r.cells[0]]
    if not (paths[0] and first and sum(is_number(c) for c in first) * 2 > len(first)):
        roles[0] = "label"
