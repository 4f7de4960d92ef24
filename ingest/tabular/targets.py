"""Project forms (项目支出绩效目标申报表 and kin): key–value rows, then a table of indicators under three levels; also 整体支出绩效目标表.

A page break shifts the cells of these forms, so rows are read by what their cells say (a level's name, a target, an explanation) and only then by
where they stand. Indicator rows come out in fixed columns: 0–2 the three levels (filled down), 3 the target, 4 what follows it; 任务 rows of a
整体支出绩效目标表 have the task in column 0, its content in 1 and the amounts in 5–7.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from ingest.records import Cell, Place, Table, turns
from ingest.tabular.headers import heading_paths
from ingest.tabular.regions import Region, SourceRow, is_number
from ingest.wording import squeeze

_FIELD = re.compile(
    r"^(?:项目(?:编码|编号|代码|名称|总金额|概况|申报依据|立项依据|测算标准|测算依据|类型|类别|属性|属性名称|起止时间|实施期限?|主管部门|用途|中期目标|年度目标|长期目标|单位|实施单位"
    r"|负责人|联系人|概述|背景|内容|绩效目标|总目标|周期|分类|级次|总投资|资金)|预算?项目名称|一级预算单位|二级预算单位|预算单位|主管处室|主管(?:部门|单位)(?:及代码|名称)?|实施期限?|实施单位"
    r"|预算安排方式|本年度?(?:项目|预算)?金额|资金用途|年度(?:总体|绩效)?目标|(?:当年|年度|本年度?)?(?:部门|单位)?整体(?:支出)?(?:绩效)?目标|长期(?:绩效)?目标(?:[(（].*[)）])?|中长?期(?:绩效|总体)?目标|总体(?:绩效)?目标|申请单位|申报单位(?:名称)?|填报单位|是否新增项目|分配方式"
    r"|政策依据|测算依据|立项依据|其中[:：]财政拨款(?:资金)?|其[他它]资金|转移支付资金|政府购买服务资金|预算(?:总)?金额|原有资金|财政拨款|年度资金总额|资金总额|起始年份|结束年份|起始日期|结束日期"
    r"|填报日期|填报人.*|实施单位联[系络]人.*|主管部门联[系络]人.*|联系人|联系电话|电话|其他需要补充说明的事项|其[他它]说明|一级预算单位审核意见|部门[(（]单位[)）]名称|单位名称|部门名称|项目负责人.*|备注)$"
)
_MONEY_UNIT = re.compile(r"[(（][^()（）]*?(万元|千元|亿元|元)[^()（）]*[)）]")
_HEADED_PART = re.compile(
    r"^(?:项目|专项)?资金(?:情况|来源|构成|总额|金额|安排)?(?:[(（].*[)）])?$|^(?:年度|中期)?(?:项目)?预算(?:情况|资金)?(?:[(（].*[)）])?$"
)
_GROUP = re.compile(r"^(?:年度|终期|中期|长期|总体|(?:当年|年度)?(?:部门|单位)?整体(?:支出)?(?:年度)?)?绩效(?:目标|指标)$|^绩效指标$|^年度指标$|^绩效$|^指标$")
_LEVEL_ONE = re.compile(r"^(?:产出|效益|满意度?|投入|成本|效果|影响力?|过程|决策|管理|投入和?管理|预算执行|履职效能|履职效果|管理效率|运行成本|社会效应|可持续性)(?:指标|目标)?$")
_LEVEL_TWO = re.compile(
    r"^(?:数量|质量|时效|工作时效|进度|成本|单位成本|总成本|经济成本|社会成本|生态(?:环境)?成本|经济效益|社会效益|生态(?:环境)?效益|可持续(?:影响|发展)|服务对象满意度|社会公众满意度|其[他它]满意度"
    r"|满意度|受益对象满意度|测算明细|资金支出进度|(?:年度|实施期内)资金使用进度安排)(?:指标)?$"
)
_WORDS_ARE_VALUE = re.compile(r"测算明细|资金支出进度|资金使用进度安排")
_NAME_HEADING = re.compile(r"^(?:三级指标(?:名称)?|指标内容|指标名称|绩效指标内容|具体指标|指标)$")
_TARGET_HEADING = re.compile(r"目标值|指标值|指标目标")
# A name and its target in one cell, where a converter set them as two paragraphs.
_PACKED_LEVELS = re.compile(r"^(?P<one>(?:产出|效益|满意度|成本|投入|过程)指标)(?P<two>\S{2,8}?指标)(?P<name>\S.*)$")  # 产出指标数量指标完成审计项目数量
_ABOUT_TARGET = re.compile(r"性质|类型|单位|权重|分值|符号|方向")
_FUNDS = re.compile(r"^(?:总体|部门|整体)?(?:预算)?资金(?:总体)?情况(?:[(（].*[)）])?$")
_GLUED_TARGET = re.compile(r"^(?P<name>.{4,}?)\s+(?P<target>[≥≤<>＜＞约]?\s*\d[\d.,]*\s?(?:[%％]|[\u4e00-\u9fff]{1,3})?)$")
_FAMILIES = (
    ("产出", ("数量", "质量", "时效", "工作时效", "进度")),
    ("效益", ("经济效益", "社会效益", "生态效益", "生态环境效益", "可持续影响", "可持续发展")),
    ("满意度", ("服务对象满意度", "社会公众满意度", "其他满意度", "其它满意度", "受益对象满意度")),
    ("投入", ("测算明细", "资金支出进度", "年度资金使用进度安排", "单位成本", "总成本")),
)
_TASK_COLUMNS = {5: ("预算金额", "总额"), 6: ("预算金额", "财政拨款"), 7: ("预算金额", "其他资金")}


@dataclass
class _Indicator:
    """An indicator row while it is being put together."""

    row: int
    levels: list[str]
    name: str
    values: list[str]
    at: dict[str, int] = field(default_factory=dict)


def is_field(text: str) -> bool:
    """Whether a cell is the name of a form's field: a known one, or any short words that end in a colon."""
    flat = squeeze(text).strip("*")
    bare = _MONEY_UNIT.sub("", flat.rstrip(":"))
    return bool(_FIELD.match(bare)) or (flat.endswith(":") and 1 < len(flat) < 30)


def _level(text: str) -> str:
    """The name of a level without its marks and points: 产出指标（50分）."""
    return re.sub(r"[(（]\d+分[)）]$", "", squeeze(text).strip("*"))


def is_group(text: str) -> bool:
    """Whether a cell is the label down the left side of a part of the form (年度绩效指标)."""
    return bool(_GROUP.match(squeeze(text)))


class _Form:
    """Reads one form row by row; `cells` is what comes out."""

    def __init__(self, region: Region, kind: str) -> None:
        self.region = region
        self.mode = "fields" if kind == "targets" else "overall"
        self.cells: list[Cell] = []
        self.last_value: int | None = None  # index of the last field's value in `cells`, for what a page break cut off
        self.header: list[str] = []
        self.header_cells: tuple[str, ...] = ()
        self.indicators: list[_Indicator] = []
        self.level_one = self.level_two = ""
        self.sub_project = ""
        self.group = ""
        self.funds: list[SourceRow] = []  # the heading rows of a table of funds inside the form, until its row of amounts comes
        self.part_unit = ""  # the unit that a heading down the left side gives its fields (专项资金情况（万元）)

    def read(self) -> list[Cell]:
        for number, row in enumerate(self.region.rows):
            self._row(number, row, list(row.texts))
        self._repair_levels()
        for item in self.indicators:
            row = self.region.rows[item.row]
            labels = [*item.levels, item.name]
            self.cells.extend(Cell(item.row, c, t, "label", row.place_of_text(t)) for c, t in enumerate(labels))
            self.cells.extend(Cell(item.row, 3 + c, t, "value", row.place_of_text(t)) for c, t in enumerate(item.values))
        return sorted(self.cells, key=lambda c: (c.row, c.column))

    def columns(self) -> dict[int, tuple[str, ...]]:
        names = self._value_names()
        paths = {3 + i: (name,) for i, name in enumerate(names)} if self.indicators else {}
        if any(c.column in _TASK_COLUMNS and c.role == "value" and c.row not in {i.row for i in self.indicators} for c in self.cells):
            paths |= _TASK_COLUMNS
        return paths

    # -- one row

    def _row(self, number: int, row: SourceRow, texts: list[str]) -> None:
        flat = [squeeze(t).strip("*") for t in texts]
        if self.mode == "overall" and (self.funds or _FUNDS.match(flat[0])) and self._funds(number, row, texts):
            return
        if any(_TARGET_HEADING.search(t) for t in flat) and any(t in {"一级指标", "绩效指标", "二级指标", "绩效内容", "三级指标"} for t in flat):
            self._header(number, row, texts)
        elif self.mode == "indicators" and len(flat) == 1 and is_group(texts[0]):
            return  # the label down the left side, printed again on a new page
        elif "任务名称" in flat:
            self.mode = "tasks"
            self._keep(number, row, "header")
        elif self.mode == "tasks" and flat[0] in {"总额", "合计", "小计"} and not any(is_number(t) for t in texts):
            self._keep(number, row, "header")
        elif self.mode in {"fields", "indicators", "overall", "tasks"} and self._starts_field(texts):
            self._fields(number, row, texts)
        elif self.mode == "indicators":
            self._indicator(number, row, texts)
        elif self.mode == "tasks":
            self._task(number, row, texts)
        else:
            self._go_on(number, row, texts)

    def _starts_field(self, texts: list[str]) -> bool:
        if (
            self.mode == "indicators"
            and not squeeze(texts[0]).endswith(":")
            and (_LEVEL_ONE.match(squeeze(texts[0])) or _LEVEL_TWO.match(squeeze(texts[0])))
        ):
            return False
        if self.mode == "fields" and len(texts) > 2 and not is_field(texts[0]) and is_field(texts[1]) and _HEADED_PART.match(squeeze(texts[0])):
            return True
        if is_group(texts[0]) and len(texts) > 1:
            return (is_field(texts[1]) and len(texts) > 2) or (self.mode != "indicators" and is_field(texts[0]) and len(texts) == 2)
        return is_field(texts[0])

    def _keep(self, number: int, row: SourceRow, role: str) -> None:
        self.cells.extend(Cell(number, c, t, role, row.place_of([c])) for c, t in enumerate(row.cells) if t)

    def _header(self, number: int, row: SourceRow, texts: list[str]) -> None:
        self.mode = "indicators"
        if is_group(texts[0]) and not any(squeeze(t) == "绩效内容" for t in texts[:1]) and len(texts) > 3:
            texts = texts[1:]
        self.header = [squeeze(t) for t in texts]
        self.header_cells = tuple(squeeze(c) for c in row.cells)
        self.level_one = self.level_two = self.sub_project = ""
        self._keep(number, row, "header")

    def _fields(self, number: int, row: SourceRow, texts: list[str]) -> None:
        if self.mode == "indicators":
            self.mode = "fields"
        column = 0
        if len(texts) > 2 and not is_field(texts[0]) and is_field(texts[1]) and _HEADED_PART.match(squeeze(texts[0])):
            unit = _MONEY_UNIT.search(texts[0])
            self.part_unit = f"（{unit[1]}）" if unit else ""
            texts = texts[1:]
        elif row.cells and row.cells[0]:
            self.part_unit = ""
        if len(texts) > 1 and is_group(texts[0]) and is_field(texts[1]):
            self.group = squeeze(texts[0])
            self.cells.append(Cell(number, 0, texts[0], "note", row.place_of_text(texts[0])))
            column, texts = 1, texts[1:]
        name = ""
        value: list[str] = []
        pairs: list[tuple[str, str]] = []
        for position, text in enumerate(texts):
            glued = re.match(r"^([^:：]{2,20})[:：]\s*(\S.*)$", text) if position == len(texts) - 1 and not name else None
            if is_field(text) and not (name and not value and not squeeze(text).endswith(":") and position == len(texts) - 1 and len(texts) % 2 == 0):
                if name:
                    pairs.append((name, " ".join(value)))
                name, value = text, []
            elif glued and is_field(glued[1]):
                name, value = glued[1], [glued[2]]
            elif not (value and is_number(value[0])):  # an amount ends the field; what follows is of another one
                value.append(text)
        if name:
            pairs.append((name, " ".join(value)))
        for name, words in pairs:
            printed = name + self.part_unit if is_number(words) and not _MONEY_UNIT.search(name) else name
            self.cells.append(Cell(number, column, printed, "field", row.place_of_text(name)))
            self.cells.append(Cell(number, column + 1, words, "text", row.place_of_text(words)))
            self.last_value = len(self.cells) - 1
            column += 2

    def _funds(self, number: int, row: SourceRow, texts: list[str]) -> bool:
        """A small table inside the form: a part's name, headings over one or two lines, one row of amounts. Each amount becomes a field."""
        if not any(is_number(t) for t in texts):
            wide = len(texts) > 2 and not is_field(texts[0]) if self.funds else len(texts) > 2 and not any(is_field(t) for t in texts[1:2])
            if wide:
                self.funds.append(row)
                self._keep(number, row, "header")
            else:
                self.funds = []
            return wide
        if not self.funds:
            return False
        unit = _MONEY_UNIT.search(self.funds[0].texts[0])
        width = max(len(r.cells) for r in (*self.funds, row))
        paths = heading_paths(self.funds, width)
        self.funds = []
        for column, text in enumerate(row.cells):
            if is_number(text):
                name = "".join(dict.fromkeys(paths[column])) + (f"（{unit[1]}）" if unit else "")
                self.cells.append(Cell(number, 2 * column, name, "field", row.place_of([column])))
                self.cells.append(Cell(number, 2 * column + 1, text, "text", row.place_of([column])))
        return True

    def _go_on(self, number: int, row: SourceRow, texts: list[str]) -> None:
        """A row without a field's name: the last field's words go on (a page break cut them)."""
        if self.last_value is None:
            self._keep(number, row, "note")
            return
        cell = self.cells[self.last_value]
        lines = (*(cell.turns or ((0, cell.place),)), (len(cell.text) + 1, row.place))
        self.cells[self.last_value] = replace(cell, text=f"{cell.text} {' '.join(texts)}".strip(), place=cell.place.to(row.place), turns=turns(lines))

    def _task(self, number: int, row: SourceRow, texts: list[str]) -> None:
        """任务名称 | 主要内容 | amounts; the label 年度主要任务 down the left side is left out."""
        if re.fullmatch(r"年度(?:主要|重点)?任务|(?:主要)?任务|年度主要任务", squeeze(texts[0])):
            texts = texts[1:]
        amounts = []
        while texts and is_number(texts[-1]):
            amounts.insert(0, texts.pop())
        if not texts:
            return
        if not amounts:
            previous = next((i for i in range(len(self.cells) - 1, -1, -1) if self.cells[i].role == "text"), None)
            if previous is not None:
                self.last_value = previous
                self._go_on(number, row, texts)
            return
        self.cells.append(Cell(number, 0, texts[0], "project", row.place_of_text(texts[0])))
        self.cells.append(Cell(number, 1, " ".join(texts[1:]), "text", row.place_of_text(" ".join(texts[1:]))))
        self.last_value = len(self.cells) - 1
        for column, text in zip(_TASK_COLUMNS, [*amounts, "", ""][:3], strict=True):
            self.cells.append(Cell(number, column, text, "value", row.place_of_text(text)))

    # -- indicators

    def _value_names(self) -> list[str]:
        at = self._name_at()
        names = self.header[at + 1 :] if at is not None else []
        return names or ["目标值"]

    def _name_at(self) -> int | None:
        for i, text in enumerate(self.header):
            first = i == 0 and len(self.header) > 2 and not text.endswith("名称")  # a group's label, unless it says that it heads names
            if _NAME_HEADING.match(text) and i + 1 < len(self.header) and not first and text != "绩效指标":
                return i
        target = next((i for i, t in enumerate(self.header) if _TARGET_HEADING.search(t) and not _ABOUT_TARGET.search(t)), 0)
        return next((i for i in range(target - 1, -1, -1) if not _ABOUT_TARGET.search(self.header[i])), None)

    def _indicator(self, number: int, row: SourceRow, texts: list[str]) -> None:
        if is_group(texts[0]) and (len(texts) > 1 and squeeze(texts[0]) != "指标"):
            texts = texts[1:]
        elif squeeze(texts[0]) == "指标" and self.level_two and not self.level_two.endswith("指标"):
            self._complete_level_two()
            texts = texts[1:]
        packed = next((i for i, t in enumerate(texts[:2]) if (found := _PACKED_LEVELS.match(squeeze(t)))), None)
        if packed is not None and found:
            self.level_one, self.level_two = found["one"], found["two"]
            texts = [found["name"], *texts[packed + 1 :]]
            row = replace(row, cells=tuple(found["name"] if squeeze(c) == found[0] else c for c in row.cells))
        texts, levelled = self._levels(row, texts)
        names = self._value_names()
        if not texts:
            return
        if len(texts) == 1 and not _WORDS_ARE_VALUE.search(self.level_two) and (glued := _GLUED_TARGET.match(texts[0])):
            texts = [glued["name"], glued["target"]]
        if len(texts) == 1 and not levelled and not self._new_name(number, row, texts[0]):
            self._continue(number, row, texts[0])
            return
        if len(texts) == 1:
            words = levelled and bool(_WORDS_ARE_VALUE.search(self.level_two))
            name, values = (self.level_two, texts) if words else (texts[0], [""])
        elif "子项目名称" in self.header and len(texts) > 2:
            self.sub_project, name, values = texts[0], texts[1], [" ".join(texts[2:])]
        else:
            name, values = texts[0], self._place_values(row, texts, names)
        if self.sub_project and "子项目名称" in self.header and name != self.sub_project:
            name = f"{self.sub_project} {name}"
        at = {"name": row.cells.index(texts[0]) if texts[0] in row.cells else -1}
        self.indicators.append(_Indicator(number, [self.level_one, self.level_two], name, (values + [""] * len(names))[: len(names)], at))

    def _place_values(self, row: SourceRow, texts: list[str], names: list[str]) -> list[str]:
        """What follows the name, under the headings after it: in order, or by position when some are left out."""
        values = texts[1:]
        if len(values) >= len(names):
            return [*values[: len(names) - 1], " ".join(values[len(names) - 1 :])] if len(names) > 1 else [values[0]]
        if len(names) > 2 and len(row.cells) == len(self.header_cells):
            start = len(self.header_cells) - len(names)
            placed = list(row.cells[start:])
            if [v for v in placed if v] == values:
                return placed
        if len(values) == 1 and len(names) == 2 and len(values[0]) > 15 and row.cells[-1] == values[0] and len(row.cells) == len(self.header_cells):
            return ["", values[0]]
        return values

    def _levels(self, row: SourceRow, texts: list[str]) -> tuple[list[str], bool]:
        """Take the level names off the front of a row; says whether there were any."""
        levelled = False
        first = _level(texts[0]) if texts else ""
        second = _level(texts[1]) if len(texts) > 1 else ""
        opens = bool(_LEVEL_ONE.match(first)) and (not _LEVEL_TWO.match(first) or bool(_LEVEL_TWO.match(second)))
        # A page's end moved the row to the left: the last column is blank, or a figure stands where the names do.
        shifted = _LEVEL_TWO.match(first) and not _LEVEL_TWO.match(second) and (not row.cells[-1] or any(is_number(t) for t in texts[2:3]))
        if not shifted and self._stands_under("一级指标", row, texts) and self._stands_under("二级指标", row, texts[1:]):
            self.level_one, self.level_two, self.sub_project = first, second, ""
            return texts[2:], True
        if not opens and self._stands_under("二级指标", row, texts):  # a first level's own word says more than a column that a page's end shifted
            self.level_two, self.sub_project = first, ""
            return texts[1:], True
        if opens:
            self.level_one, self.level_two, self.sub_project = first, "", ""
            texts, levelled = texts[1:], True
            first = _level(texts[0]) if texts else ""
        known = bool(_LEVEL_TWO.match(first))
        stands = len(texts) > 2 and "二级指标" in self.header_cells and row.cells[: len(self.header_cells)].count(texts[0]) == 1
        if known or (stands and row.cells.index(texts[0]) == self.header_cells.index("二级指标") and len(texts) > len(self._value_names())):
            self.level_two, self.sub_project = first, ""
            return texts[1:], True
        return texts, levelled

    def _stands_under(self, heading: str, row: SourceRow, texts: list[str]) -> bool:
        """Whether the first of these cells stands under a heading of levels, in a file that tells where its cells are, with a name and a target after it."""
        if not any(row.places) or heading not in self.header_cells or len(texts) < 3 or len(row.cells) != len(self.header_cells):
            return False
        return row.cells[self.header_cells.index(heading)] == texts[0] and self.header_cells.count(heading) == 1

    def _complete_level_two(self) -> None:
        short, self.level_two = self.level_two, self.level_two + "指标"
        for item in reversed(self.indicators):
            if item.levels[1] != short:
                break
            item.levels[1] = self.level_two

    def _new_name(self, number: int, row: SourceRow, text: str) -> bool:
        """Whether a lone cell is an indicator of its own: it follows on the line before it (no page break cut it) and stands under the names."""
        return _follows(self.region.rows[number - 1].place, row.place) and len(text) > 6 and not text.endswith("。")

    def _continue(self, number: int, row: SourceRow, text: str) -> None:
        """One cell alone: the rest of a cell that a page break cut – of the name when it is short and stands under it, else of the longest open words."""
        if not self.indicators:
            return
        item = self.indicators[-1]
        at = row.cells.index(text)
        name_at = next((i for i, c in enumerate(self.header_cells) if _NAME_HEADING.match(c)), None)
        if (at == name_at or len(text) <= 12) and len(text) <= 25 and not text.endswith("。"):
            item.name += text
            return
        slots = [i for i, v in enumerate(item.values) if v and not v.endswith("。")]
        longest = max(slots, key=lambda i: len(item.values[i]), default=None)
        if longest is None:
            item.name += text
        else:
            item.values[longest] += text

    def _repair_levels(self) -> None:
        """A second level that a shift left under the wrong first one goes to its own (社会效益 under 效益), where the form has that one."""
        printed = {family: next((i.levels[0] for i in self.indicators if i.levels[0].startswith(family)), "") for family, _ in _FAMILIES}
        for item in self.indicators:
            bare = item.levels[1].removesuffix("指标")
            family = next((f for f, members in _FAMILIES if bare in members), "")
            if family and not item.levels[0].startswith(family):
                if printed[family]:
                    item.levels[0] = printed[family]
                elif not item.levels[0] or family == "效益":
                    item.levels[0] = family + ("指标" if item.levels[1].endswith("指标") else "")


def _follows(before: Place, place: Place) -> bool:
    """Whether a row stands right below the one before it, where lines or a sheet's rows are numbered."""
    if place.cell and before.cell:
        return place.sheet == before.sheet and _sheet_row(place.cell) == _sheet_row(before.cell) + 1
    return place.line_start is not None and before.line_end is not None and place.line_start == before.line_end + 1


def _sheet_row(cell: str) -> int:
    return int(cell.rpartition(":")[2].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))


def read_targets(region: Region, kind: str) -> Table | None:
    """A project form (`kind` targets) or a 整体支出绩效目标表 (`kind` overall) as a Table; None when nothing in it could be read."""
    form = _Form(region, kind)
    cells = form.read()
    if not any(c.role in {"field", "label", "project"} for c in cells):
        return None
    return region.table(cells, form.columns(), region.rows, form="targets.project")
