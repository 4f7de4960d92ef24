"""Made-up departmental papers: consistent figures of one department and year, printed as the statutory tables of different places print them.

`paper(seed)` draws a department, its figures and a style for every table, and gives what a writer prints (`Printed`, paragraphs) together with
what must be read back (`Truth`). The words are those of real forms and of the 科目 classification; departments, projects and figures are invented.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from tests.ingest.made_tables import classification

_NUMBERS = "一二三四五六七八九十"
BODIES = {  # a department's 款 and its 项: the first is 基本支出, the others are 项目支出, 50 both
    "审计局": ("20108", ["2010801", "2010802", "2010804", "2010850"]),
    "统计局": ("20105", ["2010501", "2010502", "2010507", "2010550"]),
    "商务局": ("20113", ["2011301", "2011302", "2011308", "2011350"]),
    "水务局": ("21303", ["2130301", "2130302", "2130306", "2130399"]),
    "民政局": ("20802", ["2080201", "2080202", "2080208", "2080299"]),
    "司法局": ("20406", ["2040601", "2040602", "2040604", "2040650"]),
}
PLACES = ("云川市", "临江市", "宁岭县", "长汀市青山区", "安阳州", "北陵市")
_PROJECTS = (
    *("业务楼维修改造经费", "信息系统运行维护费", "专项业务工作经费", "宣传教育经费", "购置办公设备项目", "法律顾问服务费", "档案数字化加工费"),
    *("基层站点建设补助", "第三方评估服务费", "执法装备购置费", "会议保障经费", "调查统计工作经费"),
)
_PERSONNEL = ("30101", "30102", "30103", "30108", "30109", "30110", "30113", "30302", "30305")
_PUBLIC = ("30201", "30202", "30207", "30211", "30215", "30216", "30217", "30228", "30231", "30239", "30299", "31002")
_GOVERNMENT = {
    **dict.fromkeys(("30101", "30102", "30103"), ("50101", "工资奖金津补贴")),
    **dict.fromkeys(("30108", "30109", "30110"), ("50102", "社会保障缴费")),
    **dict.fromkeys(("30201", "30202", "30207", "30211", "30228", "30239"), ("50201", "办公经费")),
    "30113": ("50103", "住房公积金"),
    "30302": ("50905", "离退休费"),
    "30305": ("50901", "社会福利和救助"),
    "30215": ("50202", "会议费"),
    "30216": ("50203", "培训费"),
    "30217": ("50206", "公务接待费"),
    "30231": ("50208", "公务用车运行维护费"),
    "30299": ("50299", "其他商品和服务支出"),
    "31002": ("50306", "设备购置"),
}
_NAMES: dict[str, str] = {}
for _first in "23":
    for _code, _name in classification(_first):
        _NAMES.setdefault(_code, _name)


@dataclass(frozen=True)
class Cell:
    """A printed cell; `number` is its stored value where a workbook holds a number."""

    text: str
    across: int = 1
    down: int = 1
    number: Decimal | None = None


@dataclass(frozen=True)
class Truth:
    """A figure with its whole meaning; `side` None: not looked at (a table of one side)."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    value: Decimal
    unit: str
    year: int
    stage: str
    code: str = ""
    side: str | None = None


@dataclass
class Printed:
    """A table as printed: its caption, header and body cells (None: covered by a merged cell), notes; and what must be read from it."""

    kind: str
    title: str
    number: str
    organisation: str
    unit: str
    header: list[list[Cell | None]]
    body: list[list[Cell | None]]
    notes: tuple[str, ...] = ()
    truth: list[Truth] = field(default_factory=list)
    style: str = ""

    @property
    def width(self) -> int:
        return max(len(row) for row in [*self.header, *self.body])


@dataclass
class Paper:
    """Paragraphs (text, level of the heading or None) and tables in order."""

    department: str
    year: int
    final: bool
    unit: str
    parts: list[tuple[str, int | None] | Printed]
    figures: Figures

    @property
    def tables(self) -> list[Printed]:
        return [p for p in self.parts if isinstance(p, Printed)]


@dataclass
class Style:
    """How a place prints: its unit, decimals, commas, what stands for nothing, spaces in totals, how codes are set."""

    unit: str
    places: int
    commas: bool
    nothing: str
    spaced: bool
    codes: str  # one, three, own (each row its own part), name, bracket, dash

    @property
    def step(self) -> Decimal:
        return Decimal(100) if (self.unit, self.places) == ("万元", 2) else Decimal(10) ** -self.places if self.unit == "元" else Decimal("0.01")


class Figures:
    """The department's figures in 元; everything adds up."""

    def __init__(self, rng: random.Random, body: str, step: Decimal) -> None:
        self.rng, self.step = rng, step
        _, items = BODIES[body]
        others = ["2080501", "2080505", "2080506", "2101101", "2101103", "2210201", "2210203"]
        self.items: dict[str, tuple[Decimal, Decimal, Decimal]] = {}  # 项 -> personnel, public, project
        for n, code in enumerate(items):
            basic = n in (0, 3)
            people, office = (self.draw(5_000_000), self.draw(900_000)) if basic else (Decimal(0), Decimal(0))
            self.items[code] = (people, office, self.draw(3_000_000) if n in (1, 2) or (n == 3 and rng.random() < 0.5) else Decimal(0))
        for code in rng.sample(others, rng.randint(4, 7)):
            self.items[code] = (self.draw(800_000), Decimal(0), Decimal(0))
        self.items = dict(sorted(self.items.items()))
        people, office = sum(v[0] for v in self.items.values()), sum(v[1] for v in self.items.values())
        self.project = sum((v[2] for v in self.items.values()), Decimal(0))
        self.basic, self.people, self.office = people + office, people, office
        self.economic = {**self.split(people, _PERSONNEL), **self.split(office, _PUBLIC)}
        self.projects = self.split(self.project, rng.sample(_PROJECTS, rng.randint(3, 6)))
        self.total = self.basic + self.project
        self.carried = self.draw(400_000) if rng.random() < 0.4 else Decimal(0)
        self.grant = self.total - self.carried
        self.reception, self.running = self.economic["30217"], self.economic["30231"]
        self.abroad = self.draw(200_000) if rng.random() < 0.6 else Decimal(0)
        self.purchase = self.draw(300_000) if rng.random() < 0.4 else Decimal(0)
        self.before = {name: self.draw(250_000) for name in ("abroad", "purchase", "running", "reception")}
        self.bought = {"货物": self.draw(500_000), "服务": self.draw(900_000), "工程": self.draw(700_000)}

    def draw(self, most: int) -> Decimal:
        """An amount of the paper's smallest step, above a tenth of `most`."""
        return Decimal(self.rng.randint(int(most // 10 / self.step), int(most / self.step))) * self.step

    def split(self, total: Decimal, names: Sequence[str]) -> dict[str, Decimal]:
        """The total over the names."""
        steps = int(total / self.step)
        cuts = sorted(self.rng.sample(range(1, steps), len(names) - 1))
        parts = [b - a for a, b in zip([0, *cuts], [*cuts, steps], strict=True)]
        return {name: part * self.step for name, part in zip(names, parts, strict=True)}

    def functions(self) -> list[tuple[str, str, tuple[Decimal, Decimal, Decimal]]]:
        """(code, name, personnel, public, project) of every 类, 款 and 项 in order."""
        codes = sorted({c[:n] for c in self.items for n in (3, 5, 7)})
        return [(c, _NAMES[c], tuple(sum((v[i] for k, v in self.items.items() if k.startswith(c)), Decimal(0)) for i in range(3))) for c in codes]

    def economics(self) -> list[tuple[str, str, Decimal]]:
        """(code, name, amount) of every economic 类 and 款 in order."""
        codes = sorted({c[:n] for c in self.economic for n in (3, 5)})
        return [(c, _NAMES[c], sum((v for k, v in self.economic.items() if k.startswith(c)), Decimal(0))) for c in codes]


def above(listed: Sequence[tuple], code: str) -> tuple[str, ...]:
    """The names of the 科目 over a code, and its own."""
    return tuple(name for other, name, *_ in listed if code.startswith(other))


@dataclass(frozen=True)
class Row:
    """Naming cells (printed), row path, figures, code."""

    naming: tuple[Cell | None, ...]
    path: tuple[str, ...]
    values: tuple[Decimal | None, ...]
    code: str = ""


class Maker:
    """Makes the tables of one paper."""

    def __init__(self, rng: random.Random, figures: Figures, style: Style, department: str, year: int, final: bool) -> None:
        self.rng, self.f, self.s, self.department, self.year, self.final = rng, figures, style, department, year, final

    # -- printing

    def money(self, value: Decimal | None) -> Cell:
        if value is None or (value == 0 and self.s.nothing != "0"):
            return Cell("" if value is None else self.s.nothing, number=None)
        scaled = value / {"万元": 10000, "千元": 1000}.get(self.s.unit, 1)
        return Cell(f"{scaled:,.{self.s.places}f}" if self.s.commas else f"{scaled:.{self.s.places}f}", number=scaled)

    def rate(self, value: Decimal | None) -> Cell:
        return Cell("", number=None) if value is None else Cell(f"{value:.2f}%", number=value / 100)

    def name(self, text: str) -> str:
        """A total with blanks in it, as narrow columns have it."""
        if self.s.spaced and text in {"合计", "总计", "小计", "项目", "收入", "支出"}:
            return "　".join(text)
        return text

    def head(self, paths: Sequence[tuple[str, ...]]) -> list[list[Cell | None]]:
        """Header lines: groups merged across, leaves down."""
        depth = max(map(len, paths))
        lines: list[list[Cell | None]] = [[None] * len(paths) for _ in range(depth)]
        for c, path in enumerate(paths):
            for level, words in enumerate(path):
                leaf = level == len(path) - 1
                if leaf:
                    lines[level][c] = Cell(self.name(words), 1, depth - level)
                elif c == 0 or paths[c - 1][: level + 1] != path[: level + 1]:
                    end = c
                    while end < len(paths) and paths[end][: level + 1] == path[: level + 1]:
                        end += 1
                    lines[level][c] = Cell(self.name(words), end - c)
        return lines

    def table(
        self,
        kind: str,
        title: str,
        naming: Sequence[tuple[str, ...]],
        columns: Sequence[tuple[str, ...]],
        rows: Sequence[Row],
        *,
        notes: tuple[str, ...] = (),
        order: str = "",
        years: Sequence[int] | None = None,
        units: Sequence[str] | None = None,
        stages: Sequence[str] | None = None,
        style: str = "",
    ) -> Printed:
        """A table of naming columns and value columns. `order`: what the numbered line under the header begins with."""
        header = self.head([*naming, *columns])
        body = []
        if order:
            body.append([Cell(order) for _ in naming[: 1 if order == "栏次" else None]] + [Cell("")] * (len(naming) - 1 if order == "栏次" else 0))
            body[0] += [Cell(str(n)) for n in range(1, len(columns) + 1)]
        truth: list[Truth] = []
        stage = "决算" if self.final else "预算"
        for row in rows:
            cells: list[Cell | None] = list(row.naming)
            for n, value in enumerate(row.values):
                unit = units[n] if units else self.s.unit
                cell = self.rate(value) if unit == "%" else self.money(value)
                cells.append(cell)
                if cell.number is not None:
                    shown = value if unit == "%" else cell.number
                    truth.append(Truth(row.path, columns[n], shown, unit, years[n] if years else self.year, stages[n] if stages else stage, row.code))
            body.append(cells)
        return Printed(kind, title, "", self.department, self.s.unit, header, body, notes, truth, style)

    def coded(self, listed: Sequence[tuple], code: str, name: str, width: int = 3) -> tuple[Cell | None, ...]:
        """The naming cells of a 科目 in the paper's style."""
        indent = "　" * ((len(code) - 3) // 2)
        parts = [code[:3], code[3:5], code[5:7]][:width]
        return {
            "one": (Cell(code), Cell(name)),
            "three": (*(Cell(p) for p in parts), Cell(name)),
            "own": (*(Cell(p if n == (len(code) - 3) // 2 else "") for n, p in enumerate(parts)), Cell(name)),
            "name": (Cell(indent + name),),
            "bracket": (Cell(f"[{code}]{name}"),),
            "dash": (Cell(f"{code}-{name}"),),
        }[self.s.codes]

    def naming(self, words: str, width: int = 3) -> list[tuple[str, ...]]:
        """The heading of the naming columns; `words` 功能 or 经济."""
        if self.s.codes in {"three", "own"}:
            return [*(("科目编码", p) for p in "类款项"[:width]), ("科目名称",)]
        if self.s.codes == "one":
            return self.rng.choice([[("科目编码",), ("科目名称",)], [(f"{words}分类科目", "科目编码"), (f"{words}分类科目", "科目名称")]])
        return [(self.rng.choice([f"{words}分类科目名称", "科目名称", f"{words}科目名称", "项目"]),)]

    def total_row(self, columns: int, values: Sequence[Decimal | None], words: str = "合计") -> Row:
        """合计: over all naming columns, or in the last."""
        words = self.name(words)
        if columns > 1 and self.rng.random() < 0.5:
            return Row((Cell(words, columns), *[None] * (columns - 1)), ("合计",), tuple(values))
        return Row((*[Cell("")] * (columns - 1), Cell(words)), ("合计",), tuple(values))

    # -- the tables

    def sides(self, kind: str, title: str, left: list, right: list, columns: Sequence[str], right_columns: Sequence[str], numbered: bool = False) -> Printed:
        """A two-sided table; entries are (label as printed, path, values...); `numbered`: 行次 columns."""
        order = [("行次",)] if numbered else []

        def paths(side: str, names: Sequence[str]) -> list[tuple[str, ...]]:
            return [(side, "项目"), *((side, *o) for o in order), *((side, n) for n in names)]

        one, other = paths("收入", columns), paths("支出", right_columns)
        header = self.head([*one, *other])
        truth: list[Truth] = []
        body: list[list[Cell | None]] = []
        if numbered:
            counted = [Cell(str(n + 1)) for n in range(len(columns) + len(right_columns))]
            body.append([Cell("栏次"), Cell(""), *counted[: len(columns)], Cell("栏次"), Cell(""), *counted[len(columns) :]])
        stage = "决算" if self.final else "预算"
        depth = max(len(left), len(right))
        tails = [left[-1], right[-1]]
        for n in range(depth):
            row: list[Cell | None] = []
            for side, entries, names, tail, shift in (("收入", left, columns, tails[0], 0), ("支出", right, right_columns, tails[1], depth)):
                last = n == depth - 1
                entry = tail if last else (entries[n] if n < len(entries) - 1 else None)
                row.append(Cell(entry[0] if entry else ""))
                if numbered:
                    row.append(Cell(str(n + 1 + shift)))
                for i, name in enumerate(names):
                    value = entry[2][i] if entry else None
                    cell = self.money(value)
                    row.append(cell)
                    if cell.number is not None:
                        truth.append(Truth(entry[1], (name,), cell.number, self.s.unit, self.year, stage, "", side))
            body.append(row)
        return Printed(kind, title, "", self.department, self.s.unit, header, body, (), truth, f"numbered={numbered}")

    def _kinds(self, word: str) -> list[tuple[str, Decimal]]:
        names = (f"一般公共预算{word}收入", f"政府性基金预算{word}收入", f"国有资本经营预算{word}收入", "财政专户管理资金收入", "事业收入", "其他收入")
        return [(n, self.f.grant if not i else Decimal(0)) for i, n in enumerate(names)]

    def _tops(self, listed_all: bool) -> list[tuple[str, Decimal]]:
        spent = {c: sum(v) for c, _, v in self.f.functions() if len(c) == 3}
        tops = [(c, n) for c, n in _NAMES.items() if c[0] == "2" and len(c) == 3]
        return [(n, spent.get(c, Decimal(0))) for c, n in tops if listed_all or c in spent]

    def balance(self) -> Printed:
        title = self.rng.choice(["收支总表", "部门收支总表", "收支预算总表", "部门收支总体情况表"])
        column = self.rng.choice(["预算数", "本年预算", "金额"])
        left = [(f"{_NUMBERS[i]}、{n}", (f"{_NUMBERS[i]}、{n}",), (v,)) for i, (n, v) in enumerate(self._kinds("拨款"))]
        left += [("本年收入合计", ("本年收入合计",), (self.f.grant,)), ("上年结转结余", ("上年结转结余",), (self.f.carried,))]
        left.append(("收入总计", ("收入总计",), (self.f.total,)))
        if self.rng.random() < 0.25:
            entries = [("基本支出", self.f.basic), ("项目支出", self.f.project), ("事业单位经营支出", Decimal(0)), ("上缴上级支出", Decimal(0))]
        else:
            entries = self._tops(self.rng.random() < 0.5)
        right = [(f"{chinese(i + 1)}、{n}", (f"{chinese(i + 1)}、{n}",), (v,)) for i, (n, v) in enumerate(entries)]
        right += [("本年支出合计", ("本年支出合计",), (self.f.total,)), ("结转下年", ("结转下年",), (Decimal(0),))]
        right.append(("支出总计", ("支出总计",), (self.f.total,)))
        return self.sides("balance", title, left, right, [column], [column])

    def grants(self) -> Printed:
        several = self.rng.random() < 0.5
        columns = ["合计", "一般公共预算", "政府性基金预算", "国有资本经营预算"] if several else ["预算数"]
        name = self.name

        def values(v: Decimal) -> tuple[Decimal, ...]:
            return (v, v, Decimal(0), Decimal(0)) if several else (v,)

        left = [("一、本年收入", ("一、本年收入",), (self.f.grant,))]
        for i, (n, v) in enumerate(self._kinds("拨款")[:3]):
            words = f"（{_NUMBERS[i]}）{n}"
            left.append((words, ("一、本年收入", words), (v,)))
        left.append(("二、上年结转", ("二、上年结转",), (self.f.carried,)))
        left.append((name("收入总计"), ("收入总计",), (self.f.total,)))
        right = [("一、本年支出", ("一、本年支出",), values(self.f.total))]
        for i, (n, v) in enumerate(self._tops(self.rng.random() < 0.5)):
            words = f"（{chinese(i + 1)}）{n}"
            right.append((words, ("一、本年支出", words), values(v)))
        right.append(("二、结转下年", ("二、结转下年",), values(Decimal(0))))
        right.append((name("支出总计"), ("支出总计",), values(self.f.total)))
        title = self.rng.choice(["财政拨款收支总表", "财政拨款收支预算总表", "财政拨款收支总体情况表"])
        return self.sides("grants", title, left, right, ["预算数"], columns)

    def income(self) -> Printed:
        columns = [("合计",), *(("本年收入", n) for n in ("小计", "一般公共预算", "政府性基金预算", "国有资本经营预算", "财政专户管理资金", "事业收入", "其他收入"))]
        columns += [("上年结转结余", n) for n in ("小计", "一般公共预算", "政府性基金预算")]
        no = Decimal(0)
        values = (self.f.total, self.f.grant, self.f.grant, no, no, no, no, no, self.f.carried, self.f.carried, no)
        title = self.rng.choice(["收入总表", "部门收入总表", "收入预算总表", "部门收入总体情况表"])
        if self.rng.random() < 0.6:
            naming = self.rng.choice([[("部门代码",), ("部门名称",)], [("单位编码",), ("单位名称",)], [("单位名称",)]])
            rows = [self.total_row(len(naming), values)]
            rows.append(Row((*[Cell("024001")] * (len(naming) - 1), Cell(self.department)), (self.department,), values))
            return self.table("income", title, naming, columns, rows, order=self.rng.choice(["", "**"]), style="units")
        return self.table("income", title, [], columns, [Row((), (self.department,), values)], style="bare")

    def spending(self) -> Printed:
        naming = self.naming("功能")
        split = self.rng.random() < 0.3
        columns = [("合计",), *([("基本支出", "小计"), ("基本支出", "人员经费"), ("基本支出", "公用经费")] if split else [("基本支出",)]), ("项目支出",)]
        columns += [(n,) for n in ("事业单位经营支出", "上缴上级支出", "对附属单位补助支出")]
        title = self.rng.choice(["支出总表", "部门支出总表", "支出预算总表", "部门支出总体情况表"])

        def values(v: Sequence[Decimal]) -> tuple[Decimal, ...]:
            return (sum(v), *((v[0] + v[1], v[0], v[1]) if split else (v[0] + v[1],)), v[2], Decimal(0), Decimal(0), Decimal(0))

        return self.by_function("spending", title, naming, columns, values)

    def by_function(self, kind: str, title: str, naming: list, columns: list, values: Callable, **more: object) -> Printed:
        listed = self.f.functions()
        whole = tuple(sum((v[i] for v in self.f.items.values()), Decimal(0)) for i in range(3))
        total = self.total_row(len(naming), values(whole))
        rows = [Row(self.coded(listed, c, n), above(listed, c), values(v), "" if self.s.codes == "name" else c) for c, n, v in listed]
        rows = [*rows, total] if self.rng.random() < 0.15 else [total, *rows]
        return self.table(kind, title, naming, columns, rows, order=self.rng.choice(["", "", "**"]), style=self.s.codes, **more)

    def general(self) -> Printed:
        naming = self.naming("功能")
        title = self.rng.choice(["一般公共预算支出表", "一般公共预算财政拨款支出表", "一般公共预算支出情况表", "一般公共预算支出预算表"])
        way = self.rng.choice(["plain", "split", "under", "years"])
        if way == "years":
            last = f"{self.year - 1}年执行数"
            columns = [(self.rng.choice([last, "上年预算数"]),), *((f"{self.year}年预算数", n) for n in ("合计", "基本支出", "项目支出"))]
            columns += [("比上年增减", "增减额"), ("比上年增减", "增减%")]
            before: dict[Decimal, Decimal] = {}

            def values(v: Sequence[Decimal]) -> tuple[Decimal | None, ...]:
                now = sum(v)
                old = before.setdefault(now, self.f.draw(4_000_000))
                return old, now, v[0] + v[1], v[2], now - old, ((now - old) / old * 100).quantize(Decimal("0.01"))

            years = [self.year - 1, *[self.year] * 5]
            stages = ["决算" if "执行" in columns[0][0] else "预算", *["预算"] * 5]
            units = [*[self.s.unit] * 5, "%"]
            return self.by_function("general", title, naming, columns, values, years=years, stages=stages, units=units)
        columns = {
            "plain": [("合计",), ("基本支出",), ("项目支出",)],
            "split": [("合计",), ("基本支出", "小计"), ("基本支出", "人员经费"), ("基本支出", "公用经费"), ("项目支出",)],
            "under": [
                *(("本年支出", *p) for p in (("合计",), ("基本支出", "小计"), ("基本支出", "人员经费"), ("基本支出", "公用经费"), ("项目支出",))),
            ],
        }[way]

        def values(v: Sequence[Decimal]) -> tuple[Decimal, ...]:
            return (sum(v), v[0] + v[1], v[2]) if way == "plain" else (sum(v), v[0] + v[1], v[0], v[1], v[2])

        return self.by_function("general", title, naming, columns, values)

    def basic(self) -> Printed:
        title = self.rng.choice(["一般公共预算基本支出表", "一般公共预算基本支出情况表", "一般公共预算财政拨款基本支出表", "一般公共预算基本支出预算表"])
        if self.rng.random() < 0.3:
            return self._both_economics(title)
        naming = self.naming("经济", 2)
        columns = self.rng.choice(
            [
                [("合计",), ("人员经费",), ("公用经费",)],
                [("本年一般公共预算基本支出", "合计"), ("本年一般公共预算基本支出", "人员经费"), ("本年一般公共预算基本支出", "公用经费")],
            ]
        )
        listed = self.f.economics()

        def values(code: str, amount: Decimal) -> tuple[Decimal, ...]:
            people = code[:3] in {"301", "303"}
            return (amount, amount if people else Decimal(0), Decimal(0) if people else amount)

        rows = [Row(self.coded(listed, c, n, 2), above(listed, c), values(c, v), "" if self.s.codes == "name" else c) for c, n, v in listed]
        total = self.total_row(len(naming), (self.f.basic, self.f.people, self.f.office))
        return self.table("basic", title, naming, columns, [total, *rows], order=self.rng.choice(["", "**"]), style=self.s.codes)

    def _both_economics(self, title: str) -> Printed:
        """部门预算经济分类 and 政府预算经济分类 side by side, codes before both or glued to the names."""
        glued = self.rng.random() < 0.5
        if glued:
            naming: list[tuple[str, ...]] = [("部门预算支出经济分类科目",), ("政府预算支出经济分类科目",)]
        else:
            naming = [(a, b) for a in ("部门预算支出经济分类科目", "政府预算支出经济分类科目") for b in ("科目编码", "科目名称")]
        rows = [self.total_row(len(naming), (self.f.basic, self.f.people, self.f.office))]
        for code, amount in self.f.economic.items():
            name, (other, again) = _NAMES[code], _GOVERNMENT[code]
            cells = (Cell(f"{code}-{name}"), Cell(f"{other}-{again}")) if glued else (Cell(code), Cell(name), Cell(other), Cell(again))
            people = code[:3] in {"301", "303"}
            rows.append(Row(cells, (name,), (amount, amount if people else Decimal(0), Decimal(0) if people else amount), code))
        return self.table("basic", title, naming, [("合计",), ("人员经费",), ("公用经费",)], rows, style=f"both glued={glued}")

    def three(self) -> Printed:
        """“三公”经费: across without a name, across by units, down, down with the year before."""
        f = self.f
        title = self.rng.choice(["一般公共预算“三公”经费支出表", "一般公共预算“三公”经费支出情况表", "财政拨款“三公”经费支出预算表"])
        total = f.abroad + f.purchase + f.running + f.reception
        whole, cars = "“三公”经费合计", self.rng.choice(["公务用车购置及运行费", "公务用车购置及运行维护费"])
        paths = [(whole,), ("因公出国（境）费",), (cars, "小计"), (cars, "公务用车购置费"), (cars, "公务用车运行费"), ("公务接待费",)]
        values = (total, f.abroad, f.purchase + f.running, f.purchase, f.running, f.reception)
        b = f.before
        old = (sum(b.values()), b["abroad"], b["purchase"] + b["running"], b["purchase"], b["running"], b["reception"])
        way = self.rng.choice(["bare", "units", "down", "down years", "across years"])
        if way == "bare":
            return self.table("three", title, [], paths, [Row((), (self.department,), values)], style=way)
        if way == "units":
            rows = [self.total_row(1, values), Row((Cell(self.department),), (self.department,), values)]
            return self.table("three", title, [("单位名称",)], paths, rows, order=self.rng.choice(["", "**"]), style=way)
        if way == "across years":
            both = [*((f"{self.year - 1}年预算数", *p) for p in paths), *((f"{self.year}年预算数", *p) for p in paths)]
            years = [self.year - 1] * 6 + [self.year] * 6
            return self.table("three", title, [], both, [Row((), (self.department,), (*old, *values))], years=years, style=way)
        labels = [
            ("合计", ("合计",)),
            ("1、因公出国（境）费用", ("1、因公出国（境）费用",)),
            ("3、公务用车购置及运行费", ("3、公务用车购置及运行费",)),
            ("其中：（1）公务用车购置费", ("3、公务用车购置及运行费", "其中：（1）公务用车购置费")),
            ("（2）公务用车运行费", ("3、公务用车购置及运行费", "（2）公务用车运行费")),
            ("2、公务接待费", ("2、公务接待费",)),
        ]
        entries = [(*label, now, last) for label, now, last in zip(labels, values, old, strict=True)]
        entries = [entries[0], entries[1], entries[5], *entries[2:5]]
        if way == "down":
            rows = [Row((Cell(self.name(label)),), path, (now,)) for label, path, now, _ in entries]
            return self.table("three", title, [("项目",)], [(self.rng.choice(["预算数", f"{self.year}年预算数", "本年预算数"]),)], rows, style=way)
        rows = []
        for label, path, now, last in entries:
            rate = ((now - last) / last * 100).quantize(Decimal("0.01")) if last else None
            rows.append(Row((Cell(self.name(label)),), path, (last, now, now - last, rate)))
        columns = self.rng.choice(
            [
                [("上年预算数",), ("本年预算数",), ("增减额",), ("增减%",)],
                [(f"{self.year - 1}年预算数",), (f"{self.year}年预算数",), ("比上年增减", "金额"), ("比上年增减", "比例（%）")],
            ]
        )
        units = [*[self.s.unit] * 3, "%"]
        return self.table("three", title, [("项目",)], columns, rows, years=[self.year - 1, *[self.year] * 3], units=units, style=way)

    def empty(self, which: str) -> Printed:
        """政府性基金 or 国有资本经营: nothing, with a note, a row of zeros, or bare lines."""
        naming = self.naming("功能")
        columns = self.rng.choice([[("合计",), ("基本支出",), ("项目支出",)], [(f"本年{which}预算支出", n) for n in ("合计", "基本支出", "项目支出")]])
        no = Decimal(0)
        way = self.rng.choice(["lines", "total", "zeros"])
        rows = []
        if way != "lines":
            rows.append(self.total_row(len(naming), (no, no, no) if way == "zeros" else (None, None, None)))
        rows += [Row(tuple(Cell("") for _ in naming), (), (None, None, None))] * self.rng.randint(1, 2)
        notes = (f"注：本部门{self.year}年没有使用{which}预算安排的支出，故本表无数据。",) if self.rng.random() < 0.7 else ()
        return self.table("empty", f"{which}预算支出表", naming, columns, rows, notes=notes, style=way)

    def project_list(self) -> Printed:
        by_unit = self.rng.random() < 0.5
        columns = [("合计",), *(("财政拨款", n) for n in ("小计", "一般公共预算", "政府性基金预算")), ("其他资金",)]
        no = Decimal(0)
        naming = [("单位名称",), ("项目名称",)] if by_unit else [("项目名称",)]
        rows = [self.total_row(len(naming), (self.f.project, self.f.project, self.f.project, no, no))]
        for project, v in self.f.projects.items():
            rows.append(Row((*([Cell(self.department)] if by_unit else []), Cell(project)), (project,), (v, v, v, no, no)))
        title = self.rng.choice(["项目支出表", "部门项目支出预算表", "项目支出预算表"])
        return self.table("projects", title, naming, columns, rows, style=f"by_unit={by_unit}")

    def bought(self) -> Printed:
        rows = [Row((Cell(self.name("合计")),), ("合计",), (sum(self.f.bought.values()),))]
        rows += [Row((Cell(n),), (n,), (v,)) for n, v in self.f.bought.items()]
        title = self.rng.choice(["政府采购预算表", "政府采购支出表", "政府采购预算明细表"])
        return self.table("bought", title, [(self.rng.choice(["采购类别", "品目名称", "采购项目"]),)], [("金额",)], rows)

    def running(self) -> Printed:
        """机关运行经费 by economic class."""
        kept, self.s.codes = self.s.codes, "one"
        listed = [(c, n, v) for c, n, v in self.f.economics() if c[:3] in {"302", "310"}]
        rows = [self.total_row(2, (self.f.office,))]
        rows += [Row(self.coded(listed, c, n), above(listed, c), (v,), c) for c, n, v in listed]
        self.s.codes = kept
        return self.table("running", "一般公共预算机关运行经费支出预算表", [("科目编码",), ("科目名称",)], [("机关运行经费支出",)], rows)

    def final_three(self) -> Printed:
        f = self.f
        b = f.before
        cars = "公务用车购置及运行费"
        inner = [("合计",), ("因公出国（境）费",), (cars, "小计"), (cars, "公务用车购置费"), (cars, "公务用车运行费"), ("公务接待费",)]
        planned = (sum(b.values()), b["abroad"], b["purchase"] + b["running"], b["purchase"], b["running"], b["reception"])
        spent = (f.abroad + f.purchase + f.running + f.reception, f.abroad, f.purchase + f.running, f.purchase, f.running, f.reception)
        columns = [("预算数", *p) for p in inner] + [("决算数", *p) for p in inner]
        stages = ["预算"] * 6 + ["决算"] * 6
        table = self.table("final.07", "一般公共预算财政拨款“三公”经费支出决算表", [], columns, [Row((), (self.department,), (*planned, *spent))], stages=stages)
        table.body.insert(0, [Cell(str(n)) for n in range(1, 13)])
        return table

    def final_balance(self) -> Printed:
        left = [(f"{_NUMBERS[i]}、{n}", (f"{_NUMBERS[i]}、{n}",), (v,)) for i, (n, v) in enumerate(self._kinds("财政拨款"))]
        left += [("本年收入合计", ("本年收入合计",), (self.f.grant,)), ("年初结转和结余", ("年初结转和结余",), (self.f.carried,))]
        left.append((self.name("总计"), ("总计",), (self.f.total,)))
        right = [(f"{chinese(i + 1)}、{n}", (f"{chinese(i + 1)}、{n}",), (v,)) for i, (n, v) in enumerate(self._tops(True))]
        right += [("本年支出合计", ("本年支出合计",), (self.f.total,)), ("年末结转和结余", ("年末结转和结余",), (Decimal(0),))]
        right.append((self.name("总计"), ("总计",), (self.f.total,)))
        return self.sides("final.01", "收入支出决算总表", left, right, ["决算数"], ["决算数"], numbered=True)

    def final_by_function(self, kind: str, title: str, columns: list[tuple[str, ...]], values: Callable) -> Printed:
        kept, self.s.codes = self.s.codes, "one"
        listed = self.f.functions()
        whole = tuple(sum((v[i] for v in self.f.items.values()), Decimal(0)) for i in range(3))
        naming = [("项目", "功能分类科目编码"), ("项目", "科目名称")]
        rows = [self.total_row(2, values(whole))] + [Row(self.coded(listed, c, n), above(listed, c), values(v), c) for c, n, v in listed]
        self.s.codes = kept
        table = self.table(kind, title, naming, columns, rows)
        table.body.insert(0, [Cell("栏次", 2), None, *(Cell(str(n)) for n in range(1, len(columns) + 1))])
        return table

    def final_basic(self) -> Printed:
        """公开06: three groups of code, name and figure side by side."""
        listed = self.f.economics()
        groups = [[e for e in listed if e[0][:3] in which] for which in (("301", "303"), ("302",), ("310",))]
        depth = max(map(len, groups))
        header = self.head(
            [(g, h) for g in ("人员经费", "公用经费") for h in (("科目编码", "科目名称", "决算数") * (1 if g == "人员经费" else 2))]
        )
        header[1] = [Cell(h) for h in ("科目编码", "科目名称", "决算数") * 3]
        truth: list[Truth] = []
        body: list[list[Cell | None]] = []
        for n in range(depth):
            row: list[Cell | None] = []
            for group in groups:
                if n >= len(group):
                    row += [Cell("")] * 3
                    continue
                code, name, value = group[n]
                cell = self.money(value)
                row += [Cell(code), Cell(name), cell]
                heading = ("人员经费" if group is groups[0] else "公用经费", "决算数")
                truth.append(Truth(above(listed, code), heading, cell.number, self.s.unit, self.year, "决算", code))
            body.append(row)
        ends = [Cell("人员经费合计", 2), None, self.money(self.f.people), Cell("公用经费合计", 5), *[None] * 4, self.money(self.f.office)]
        body.append(ends)
        truth.append(Truth(("人员经费合计",), ("人员经费", "决算数"), ends[2].number, self.s.unit, self.year, "决算"))
        truth.append(Truth(("公用经费合计",), ("公用经费", "决算数"), ends[8].number, self.s.unit, self.year, "决算"))
        return Printed("final.06", "一般公共预算财政拨款基本支出决算表", "", self.department, self.s.unit, header, body, (), truth)


    def targets(self, project: str) -> Printed:
        """项目支出绩效目标表 as most places print it: money of the project in a merged part, indicators under three merged levels."""
        value = self.f.projects[project]
        money, nothing = self.money(value), self.money(Decimal(0))
        rng, width = self.rng, 5
        levels = [e for e in _INDICATORS if rng.random() < 0.7] or [_INDICATORS[0]]
        header: list[list[Cell | None]] = []
        body: list[list[Cell | None]] = [[Cell("项目名称"), Cell(project, width - 1), None, None, None]]
        body.append([Cell(rng.choice(["主管部门及代码", "主管部门"])), Cell(self.department, 2), None, Cell("实施单位"), Cell(self.department)])
        part = f"项目资金（{self.s.unit}）"
        whole, granted = rng.choice([("年度资金总额：", "其中：财政拨款"), ("年度资金总额", "其中：财政拨款")])
        body.append([Cell(part, 1, 3), Cell(whole, 2), None, replace(money, across=2), None])
        body.append([None, Cell(granted, 2), None, replace(money, across=2), None])
        body.append([None, Cell("其他资金", 2), None, replace(nothing, across=2), None])
        body.append([Cell("年度总体目标"), Cell("按照工作计划完成全年任务，保障业务正常开展。", width - 1), None, None, None])
        side = rng.random() < 0.6
        heads = ["一级指标", "二级指标", "三级指标", rng.choice(["指标值", "年度指标值"])]
        first = [Cell("绩效指标", 1, len(levels) + 1), *map(Cell, heads)] if side else [*map(Cell, heads[:3]), Cell(heads[3], 2), None]
        body.append(first)
        truth = [Truth((project,), (name.strip("："),), c.number, self.s.unit, self.year, "预算") for name, c in ((whole, money), (granted, money), ("其他资金", nothing)) if c.number is not None]
        for n, (one, two, three, printed, number, unit) in enumerate(levels):
            down = [sum(e[:k] == levels[n][:k] for e in levels) if not n or levels[n - 1][:k] != levels[n][:k] else 0 for k in (1, 2)]
            cells = [Cell(one, 1, down[0]) if down[0] else None, Cell(two, 1, down[1]) if down[1] else None, Cell(three)]
            body.append([None, *cells, Cell(printed)] if side else [*cells, Cell(printed, 2), None])
            truth.append(Truth((one, two, three), (heads[3],), Decimal(number), unit, self.year, "预算"))
        return Printed("targets", "项目支出绩效目标表", "", self.department, self.s.unit, header, body, (), truth, f"side={side}")


_INDICATORS = (  # sorted, so that a level is merged over what stands under it
    ("产出指标", "数量指标", "开展业务培训次数", "≥4次", "4", "次"),
    ("产出指标", "数量指标", "维护信息系统数量", "12个", "12", "个"),
    ("产出指标", "质量指标", "验收合格率", "100%", "100", "%"),
    ("产出指标", "时效指标", "按期完成率", "≥95%", "95", "%"),
    ("效益指标", "社会效益指标", "服务群众人数", "≥3000人", "3000", "人"),
    ("满意度指标", "服务对象满意度指标", "服务对象满意度", "≥90%", "90", "%"),
)


def chinese(number: int) -> str:
    """1 -> 一, 12 -> 十二, 23 -> 二十三."""
    tens, ones = divmod(number, 10)
    return ("" if not tens else "十" if tens == 1 else _NUMBERS[tens - 1] + "十") + (_NUMBERS[ones - 1] if ones else "")


def paper(seed: int, final: bool | None = None, more: Callable[[Maker], list[Printed]] | None = None) -> Paper:
    """A paper of a made-up department; `more` makes its tables in place of the usual ones (of a budget)."""
    rng = random.Random(seed)
    body = list(BODIES)[seed % len(BODIES)]
    department = PLACES[(seed // len(BODIES)) % len(PLACES)] + body
    year = 2020 + seed % 6
    final = rng.random() < 0.25 if final is None else final
    unit, places = rng.choice([("万元", 2), ("万元", 2), ("万元", 6), ("元", 2), ("元", 0)])
    style = Style(unit, places, rng.random() < 0.6, rng.choice(["", "0", "0", "—"]), rng.random() < 0.5, rng.choice(["one", "one", "three", "own", "name", "bracket"]))
    figures = Figures(rng, body, style.step)
    if final:
        figures.carried, figures.grant = Decimal(0), figures.total
    maker = Maker(rng, figures, style, department, year, final)
    if more:
        tables = more(maker)
    elif final:
        tables = final_tables(maker)
    else:
        tables = [maker.balance(), maker.income(), maker.spending(), maker.grants(), maker.general(), maker.basic(), maker.three()]
        tables += [maker.empty("政府性基金"), maker.empty("国有资本经营"), maker.project_list(), maker.bought(), maker.running()]
        tables += [maker.targets(project) for project in list(figures.projects)[:2]]
    marks = rng.choice(["公开", "表", "预算", "list", ""])
    for n, table in enumerate(tables, 1):
        table.number = {"公开": f"公开{n:02d}表", "表": f"表{n}", "预算": f"预算{n:02d}表", "list": f"{chinese(n)}、", "": ""}[marks]
    what = "决算" if final else "预算"
    parts: list[tuple[str, int | None] | Printed] = [
        (f"{year}年度{department}部门{what}", None),
        ("目　录", None),
        (f"第一部分　{department}概况", 1),
        ("一、主要职责", 2),
        ("贯彻执行有关工作的法律、法规和方针政策，起草有关规范性文件并组织实施。", None),
        (f"第二部分　{year}年度部门{what}表", 1),
        *tables,
        (f"第三部分　{year}年度部门{what}情况说明", 1),
        ("一、收支总体情况", 2),
        (f"{year}年收入总计与支出总计相等，按照综合预算的原则编制。", None),
    ]
    return Paper(department, year, final, unit, parts, figures)


def final_tables(maker: Maker) -> list[Printed]:
    """公开01 to 08."""
    f, no = maker.f, Decimal(0)
    income = [(n,) for n in ("本年收入合计", "财政拨款收入", "上级补助收入", "事业收入", "经营收入", "附属单位上缴收入", "其他收入")]
    spent = [(n,) for n in ("本年支出合计", "基本支出", "项目支出", "上缴上级支出", "经营支出", "对附属单位补助支出")]
    general = [("本年支出", n) for n in ("小计", "基本支出", "项目支出")]
    right_columns = ["合计", "一般公共预算财政拨款", "政府性基金预算财政拨款"]
    left = [("一、一般公共预算财政拨款", ("一、一般公共预算财政拨款",), (f.grant,)), ("二、政府性基金预算财政拨款", ("二、政府性基金预算财政拨款",), (no,))]
    left += [("本年收入合计", ("本年收入合计",), (f.grant,)), ("年初财政拨款结转和结余", ("年初财政拨款结转和结余",), (f.carried,))]
    left.append(("总计", ("总计",), (f.total,)))
    right = [(f"{chinese(i + 1)}、{n}", (f"{chinese(i + 1)}、{n}",), (v, v, no)) for i, (n, v) in enumerate(maker._tops(True))]
    right += [("本年支出合计", ("本年支出合计",), (f.total, f.total, no)), ("年末财政拨款结转和结余", ("年末财政拨款结转和结余",), (no, no, no))]
    right.append(("总计", ("总计",), (f.total, f.total, no)))
    return [
        maker.final_balance(),
        maker.final_by_function("final.02", "收入决算表", income, lambda v: (sum(v), sum(v), no, no, no, no, no)),
        maker.final_by_function("final.03", "支出决算表", spent, lambda v: (sum(v), v[0] + v[1], v[2], no, no, no)),
        maker.sides("final.04", "财政拨款收入支出决算总表", left, right, ["金额"], right_columns, numbered=True),
        maker.final_by_function("final.05", "一般公共预算财政拨款支出决算表", general, lambda v: (sum(v), v[0] + v[1], v[2])),
        maker.final_basic(),
        maker.final_three(),
        maker.empty("政府性基金"),
    ]
