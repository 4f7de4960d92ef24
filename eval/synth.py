"""Made-up collections of any size: what growth is measured with, and whether the answers stay right.

    python -m eval.synth --papers 1000 --seed 1 --out DIR [--cases OUT.jsonl] [--questions 240]

Bodies × years × forms: each body has a 部门预算 and a 部门决算 for each of ten years, twenty papers. Its accounts are drawn once and every print of an amount
comes from them: tables add up, 决算 follows 预算, 上年 is the year before. The first papers of a larger collection are those of a smaller one of the same seed.
Words come from synth.toml, written for this; nothing is copied from real papers. `--cases` writes questions spread over the whole collection with what the
accounts say is right.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

YEARS = tuple(range(2015, 2025))
FORMS = ("预算", "决算")
DISTRICTS = 21  # below each city

# Economic items of 基本支出: (group, its items with the least and the most 万元).
BASIC = (
    ("工资福利支出", (("基本工资", 80, 900), ("津贴补贴", 60, 700), ("奖金", 20, 200), ("社会保障缴费", 40, 260), ("住房公积金", 30, 240))),
    (
        "商品和服务支出",
        (
            *(("办公费", 4, 40), ("印刷费", 1, 12), ("邮电费", 2, 18), ("差旅费", 3, 30), ("会议费", 1, 12), ("培训费", 2, 25), ("公务接待费", 1, 9)),
            *(("工会经费", 4, 30), ("公务用车运行维护费", 2, 24), ("其他交通费用", 6, 60)),
        ),
    ),
    ("对个人和家庭的补助支出", (("退休费", 6, 90), ("奖励金", 1, 9))),
)
CODES = {
    "基本工资": "30101", "津贴补贴": "30102", "奖金": "30103", "社会保障缴费": "30112", "住房公积金": "30113", "办公费": "30201", "印刷费": "30202",
    "邮电费": "30207", "差旅费": "30211", "会议费": "30215", "培训费": "30216", "公务接待费": "30217", "工会经费": "30228",
    "公务用车运行维护费": "30231", "其他交通费用": "30239", "退休费": "30302", "奖励金": "30309",
}  # fmt: skip
GROUP_CODES = {"工资福利支出": "301", "商品和服务支出": "302", "对个人和家庭的补助支出": "303"}


@dataclass(frozen=True, slots=True)
class Project:
    """A project of a body: its name, what it is used for, the unit that carries it out."""

    name: str
    purpose: str
    unit: str


@dataclass(frozen=True, slots=True)
class Body:
    """A department: its place and name, its units (its own 本级 first), its projects, and the kind it is of (an entry of synth.toml)."""

    number: int
    name: str
    short: str
    units: tuple[str, ...]
    projects: tuple[Project, ...]
    kind: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Account:
    """One body's amounts of one year in hundredths of 万元: 基本支出 by item, projects by name; `spent` the same as executed."""

    year: int
    basic: dict[str, int]
    projects: dict[str, int]
    spent: Account | None = None

    @property
    def total(self) -> int:
        """支出总计."""
        return self.basic_total + self.projects_total

    @property
    def basic_total(self) -> int:
        """基本支出."""
        return sum(self.basic.values())

    @property
    def projects_total(self) -> int:
        """项目支出."""
        return sum(self.projects.values())

    @property
    def three(self) -> int:
        """“三公”经费: nothing for travel abroad, no cars bought."""
        return self.basic["公务接待费"] + self.basic["公务用车运行维护费"]

    def group(self, name: str) -> int:
        """One group of BASIC."""
        return sum(self.basic[item] for item, _, _ in dict(BASIC)[name])

    def by_function(self, body: Body) -> list[tuple[str, str, int, int]]:
        """(code, name, 基本支出, 项目支出) of every 类, 款 and 项, each above its parts."""
        (main, main_name), (group, group_name) = body.kind["class"], body.kind["group"]
        leaves: dict[tuple[str, str], list[tuple[str, str, int, int]]] = {
            (main, main_name): [(group + "01", "行政运行", 0, 0), (group + "02", "一般行政管理事务", 0, self.projects_total)],
        }
        pension = (("2080505", "机关事业单位基本养老保险缴费支出", self.basic["社会保障缴费"], 0), ("2080501", "行政单位离退休", self.basic["退休费"], 0))
        leaves.setdefault(("208", "社会保障和就业支出"), []).extend(pension)
        leaves.setdefault(("210", "卫生健康支出"), []).append(("2101101", "行政单位医疗", self.basic["奖励金"], 0))
        leaves.setdefault(("221", "住房保障支出"), []).append(("2210201", "住房公积金", self.basic["住房公积金"], 0))
        elsewhere = sum(basic for rows in leaves.values() for _, _, basic, _ in rows)
        leaves[main, main_name][0] = (group + "01", "行政运行", self.basic_total - elsewhere, 0)
        names = {group: group_name, "20805": "行政事业单位养老支出", "21011": "行政事业单位医疗", "22102": "住房改革支出"}
        rows: list[tuple[str, str, int, int]] = []
        for (code, name), items in sorted(leaves.items()):
            rows.append((code, name, sum(i[2] for i in items), sum(i[3] for i in items)))
            for middle in sorted({i[0][:5] for i in items}):
                own = sorted(i for i in items if i[0].startswith(middle))
                rows += [(middle, names[middle], sum(i[2] for i in own), sum(i[3] for i in own)), *own]
        return rows


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "synth.toml").read_text(encoding="utf-8"))


def bodies(seed: int) -> Iterator[Body]:
    """The bodies, city by city: each city's own and its districts', mixed. Ends when the syllables for cities do."""
    words = _words()
    cities = [a + b for b in words["second"] for a in words["first"]]
    random.Random(f"{seed}:cities").shuffle(cities)
    number = 0
    for city in cities:
        draw = random.Random(f"{seed}:{city}")
        districts = draw.sample([c for c in cities if c != city], DISTRICTS)
        pairs = [(place, kind) for place in ("", *districts) for kind in words["body"]]
        draw.shuffle(pairs)
        for district, kind in pairs:
            yield _body(number, seed, f"{city}市", f"{district}区" if district else "", kind)
            number += 1


def _body(number: int, seed: int, city: str, district: str, kind: dict[str, Any]) -> Body:
    draw, words = random.Random(f"{seed}:{number}"), _words()
    place = district or city
    name = f"{city}{district}{kind['name']}"
    short = f"{place}{kind['name']}"
    units = (f"{short}本级", *(f"{place}{unit}" for unit in draw.sample(kind["unit"], draw.choice((0, 0, 1, 2)))))
    chosen = [*kind["project"], *draw.sample(words["any"]["project"], draw.randint(3, 6))]
    projects = []
    for n, (title, purpose) in enumerate(chosen):
        if n < len(kind["project"]):  # many of a real collection's names stand in one body's papers only
            where = draw.choice(words["first"]) + draw.choice(words["second"])
            title = draw.choice(("", "", f"{where}片区", f"{where}街道")) + title + draw.choice(("", "", "", "（二期）"))
        projects.append(Project(title, purpose, draw.choice(units) if n < len(kind["project"]) else units[0]))
    return Body(number, name, short, units, tuple(projects), kind)


def accounts(body: Body, seed: int) -> dict[int, Account]:
    """The body's accounts of every year and of the one before the first: budgets in whole 万元, executed to the second decimal."""
    draw = random.Random(f"{seed}:{body.number}:accounts")
    scale = draw.choice((0.6, 1.0, 1.0, 2.4))
    basic = {item: max(1, round(draw.uniform(least, most) * scale)) for _, items in BASIC for item, least, most in items}
    projects = {p.name: max(2, round(draw.lognormvariate(4.6, 1.1) * scale)) for p in body.projects}
    found = {}
    for year in (YEARS[0] - 1, *YEARS):
        spent = Account(
            year,
            {item: max(10, round(amount * 100 * draw.uniform(0.72, 1.0))) for item, amount in basic.items()},
            {name: round(amount * 100 * draw.uniform(0.6, 1.0)) for name, amount in projects.items()},
        )
        found[year] = Account(year, {i: a * 100 for i, a in basic.items()}, {n: a * 100 for n, a in projects.items()}, spent)
        basic = {item: max(1, round(amount * draw.uniform(0.86, 1.18))) for item, amount in basic.items()}
        projects = {name: max(2, round(amount * draw.uniform(0.7, 1.35))) for name, amount in projects.items()}
    return found


# Papers


def plain(amount: int) -> str:
    """Whole 万元 with commas.

    >>> plain(123400)
    '1,234'
    """
    return f"{amount // 100:,}"


def exact(amount: int) -> str:
    """万元 to the second decimal.

    >>> exact(123456)
    '1,234.56'
    """
    return f"{amount // 100:,}.{amount % 100:02d}"


def _change(now: int, before: int, words: str = "增加 减少") -> str:
    up, down = words.split()
    return "与上年持平" if now == before else f"{up if now > before else down}{plain(abs(now - before))}万元"


def _percent(now: int, before: int) -> str:
    return f"{'增长' if now > before else '下降'}{abs(now - before) * 100 / before:.1f}%" if now != before else "持平"


@cache
def reason(seed: int, number: int, year: int, rising: bool, kind: str) -> str:
    """Why an amount of a body rose or fell in a year (`kind`: total or 接待)."""
    group = {("total", True): "total_rise", ("total", False): "total_fall", ("接待", True): "rise", ("接待", False): "fall"}[kind, rising]
    return random.Random(f"{seed}:{number}:{year}:{kind}").choice(_words()["any"][group])


def _shares(total: int, parts: int, draw: random.Random) -> list[int]:
    """A total cut into whole 万元 parts, the first the largest."""
    pieces = [draw.randint(total // 1000, total // 400) * 100 for _ in range(parts - 1)]
    return [total - sum(pieces), *pieces]


def _heads(body: Body, account: Account, seed: int) -> dict[str, tuple[int, int]]:
    """(基本支出, 项目支出) of every unit."""
    projects = {unit: sum(account.projects[p.name] for p in body.projects if p.unit == unit) for unit in body.units}
    basic = _shares(account.basic_total, len(body.units), random.Random(f"{seed}:{body.number}:units"))
    return {unit: (part, projects[unit]) for unit, part in zip(body.units, basic, strict=True)}


def budget(body: Body, all_years: dict[int, Account], year: int, seed: int) -> str:
    """The text of a 部门预算."""
    now, before = all_years[year], all_years[year - 1]
    draw = random.Random(f"{seed}:{body.number}:{year}:words")
    staff, cars = 20 + body.number % 37 + (year - YEARS[0]), 1 + body.number % 6
    head = f"单位名称：{body.name}\n\n单位：万元\n"
    units = _heads(body, now, seed)
    food, food_before = now.basic["公务接待费"], before.basic["公务接待费"]
    car, car_before = now.basic["公务用车运行维护费"], before.basic["公务用车运行维护费"]
    moved = f"{_change(food, food_before)}" if food != food_before else "与上年持平"
    why = f"{'增加' if food > food_before else '减少'}的主要原因是{reason(seed, body.number, year, food > food_before, '接待')}。" if food != food_before else ""
    whole = f"预算收支{'增加' if now.total > before.total else '减少'}的主要原因是{reason(seed, body.number, year, now.total > before.total, 'total')}。"
    machine = now.group("商品和服务支出")
    bought = sum(now.projects[p.name] for p in body.projects[:2]) // 200 * 100
    lines = [
        f"{year}年{body.name}部门预算\n",
        "第一部分 部门概况\n",
        "一、主要职能\n",
        f"{body.kind['duty']}。完成上级交办的其他任务。\n",
        "二、机构编制及交通工具情况\n",
        f"{body.short}系统包括{'、'.join(body.units)}共{len(body.units)}家基层单位。系统总编制数{staff + 4}人，实有人数{staff}人；退休{staff // 4}人。"
        f"已实行公务用车改革，实有车辆{cars}辆。\n",
        f"三、{year}年主要工作目标\n",
        f"{year}年，{body.short}重点推进{'、'.join(p.name for p in body.projects[:3])}等工作，{draw.choice(_words()['any']['goal'])}。\n",
        "第二部分 部门预算收支总体情况\n",
        f"{year}年{body.short}部门预算收入{plain(now.total)}万元，比{year - 1}年{_change(now.total, before.total)}，{_percent(now.total, before.total)}，"
        f"其中：一般公共预算拨款{plain(now.total)}万元。\n",
        f"{year}年{body.short}部门预算支出{plain(now.total)}万元，比{year - 1}年{_change(now.total, before.total)}，{_percent(now.total, before.total)}。"
        f"其中：人员支出{plain(now.group('工资福利支出'))}万元、公用支出{plain(machine)}万元、"
        f"对个人和家庭的补助支出{plain(now.group('对个人和家庭的补助支出'))}万元、项目支出{plain(now.projects_total)}万元。\n",
        whole + "\n",
        "第三部分 部门预算支出具体情况\n",
        f"项目支出{plain(now.projects_total)}万元，具体包括：\n",
        *(f"{n}.{p.name}{plain(now.projects[p.name])}万元，主要用于{p.purpose}。\n" for n, p in enumerate(body.projects, 1)),
        "第四部分 政府采购预算情况\n",
        f"{body.short}政府采购项目纳入{year}年部门预算共计{plain(bought)}万元，其中货物采购{plain(bought)}万元、工程采购0万元、服务采购0万元。\n",
        "第五部分 “三公”经费财政拨款预算情况\n",
        f"{year}年“三公”经费财政拨款预算{plain(now.three)}万元，比{year - 1}年“三公”经费财政拨款预算{_change(now.three, before.three)}。\n",
        f"1.因公出国（境）费用。{year}年预算数0万元。因公出国（境）经费按零基预算原则，年中根据审定的计划据实安排。\n",
        f"2.公务接待费。{year}年预算数{plain(food)}万元，{'比上年' if food != food_before else ''}{moved}。{why}主要用于公务来访的工作餐和场地。\n",
        f"3.公务用车购置和运行维护费。{year}年预算数{plain(car)}万元，其中：公务用车购置费{year}年预算数0万元，与上年持平；"
        f"公务用车运行维护费{year}年预算数{plain(car)}万元，{'比上年' if car != car_before else ''}{_change(car, car_before)}。\n",
        "第六部分 其他需要说明情况\n",
        "一、机关运行经费\n",
        f"{year}年本部门机关运行经费财政拨款预算{plain(machine)}万元。\n",
        "二、国有资产占有使用情况\n",
        f"截至{year - 1}年底，本部门共有车辆{cars}辆，均为一般公务用车。\n",
        "第七部分 名词解释\n",
        "一、一般公共预算拨款收入：指本级财政当年安排给本部门使用的资金。\n",
        "二、基本支出：指保证机构正常运转、完成日常工作所需的人员支出和公用支出。\n",
        "三、项目支出：指基本支出之外，为完成特定工作任务安排的支出。\n",
        "四、机关运行经费：指用一般公共预算拨款安排的、机关运转所需的货物和服务支出。\n",
        f"第八部分 {year}年部门预算相关附表\n",
        f"表1\n\n收支总表\n\n{head}",
        "收 入\t\t支 出\t",
        f"项目\t{year}年预算数\t项目\t{year}年预算数",
    ]
    income = [("一、一般公共预算拨款", plain(now.total)), ("二、政府性基金预算拨款", ""), ("三、财政专户管理资金", ""), ("四、单位资金", "")]
    classes = [(name, plain(a + b)) for code, name, a, b in now.by_function(body) if len(code) == 3]
    classes = [(f"{mark}、{name}", amount) for mark, (name, amount) in zip("一二三四五六", classes, strict=False)]
    for i in range(max(len(income), len(classes))):
        lines.append("\t".join([*(income[i] if i < len(income) else ("", "")), *(classes[i] if i < len(classes) else ("", ""))]))
    lines += [f"本年收入合计\t{plain(now.total)}\t本年支出合计\t{plain(now.total)}", f"收 入 总 计\t{plain(now.total)}\t支 出 总 计\t{plain(now.total)}\n"]
    lines += [f"表2\n\n支出总表\n\n{head}", "预算单位\t支出总计\t基本支出\t项目支出"]
    lines.append(f"{body.name}\t{plain(now.total)}\t{plain(now.basic_total)}\t{plain(now.projects_total)}")
    lines += [f"{unit}\t{plain(a + b)}\t{plain(a)}\t{plain(b) if b else ''}" for unit, (a, b) in units.items()]
    lines += ["", f"表3\n\n基本支出总表\n\n{head}", "支出项目类别\t总计\t一般公共预算拨款", f"{body.name}\t{plain(now.basic_total)}\t{plain(now.basic_total)}"]
    for group, items in BASIC:
        lines.append(f"{group}\t{plain(now.group(group))}\t{plain(now.group(group))}")
        lines += [f"{item}\t{plain(now.basic[item])}\t{plain(now.basic[item])}" for item, _, _ in items]
    lines += ["", f"表4\n\n项目支出总表\n\n{head}", "支出项目类别\t总计\t一般公共预算拨款"]
    lines.append(f"{body.name}\t{plain(now.projects_total)}\t{plain(now.projects_total)}")
    for unit, (_, amount) in units.items():
        if amount:
            lines.append(f"{unit}\t{plain(amount)}\t{plain(amount)}")
            lines += [f"{p.name}\t{plain(now.projects[p.name])}\t{plain(now.projects[p.name])}" for p in body.projects if p.unit == unit]
    lines += ["", f"表5\n\n一般公共预算支出表\n\n{head}", "功能科目编码\t功能科目名称\t合计\t基本支出\t项目支出"]
    lines.append(f"\t合计\t{plain(now.total)}\t{plain(now.basic_total)}\t{plain(now.projects_total)}")
    lines += [f"{code}\t{name}\t{plain(a + b)}\t{plain(a)}\t{plain(b)}" for code, name, a, b in now.by_function(body)]
    lines += ["", f"表6\n\n一般公共预算“三公”经费支出表\n\n{head}"]
    lines.append("年度\t“三公”经费合计\t因公出国（境）费用\t公务接待费\t公务用车购置及运行维护费\t\t\n\t\t\t\t小计\t公务用车购置费\t公务用车运行维护费")
    for a in (before, now):
        food, car = a.basic["公务接待费"], a.basic["公务用车运行维护费"]
        lines.append(f"{a.year}年\t{plain(a.three)}\t0\t{plain(food)}\t{plain(car)}\t0\t{plain(car)}")
    for p in body.projects[:2]:
        lines += ["", f"表7\n\n项目支出绩效目标申报表\n\n{head}", *_form(body, p, now.projects[p.name], year, draw)]
    return "\n".join([*lines, ""])


def _form(body: Body, project: Project, amount: int, year: int, draw: random.Random) -> list[str]:
    first, *others = [part for piece in project.purpose.split("和") for part in piece.split("、")]
    return [
        f"项目名称\t{project.name}\t预算单位\t{project.unit}",
        f"本年度项目金额\t{plain(amount)}\t项目类型\t{draw.choice(('经常性项目', '一次性项目'))}",
        f"项目概况\t{project.name}用于{project.purpose}，由{project.unit}组织实施。",
        f"年度目标\t{year}年完成{first}等工作，{draw.choice(_words()['any']['goal'])}。",
        "一级指标\t二级指标\t三级指标\t目标值",
        f"产出指标\t数量指标\t{first}完成次数\t≥{draw.randint(2, 40)}次",
        f"\t质量指标\t{others[-1] if others else first}验收合格率\t≥{draw.choice((90, 95, 98))}%",
        "\t时效指标\t按期完成率\t100%",
        f"满意度指标\t服务对象满意度\t服务对象满意度\t≥{draw.choice((85, 90, 95))}%",
    ]


def final(body: Body, all_years: dict[int, Account], year: int, seed: int) -> str:
    """The text of a 部门决算."""
    planned = all_years[year]
    spent = planned.spent
    left = planned.total - spent.total
    head = f"部门：{body.name}\t单位：万元"
    functions = spent.by_function(body)
    food, car = spent.basic["公务接待费"], spent.basic["公务用车运行维护费"]
    classes = [row for row in functions if len(row[0]) == 3]
    lines = [
        f"{year}年度{body.name}部门决算\n",
        f"一、{body.name}概况\n",
        "（一）部门职责\n",
        f"{body.kind['duty']}。\n",
        "（二）机构设置\n",
        f"本部门由{'、'.join(body.units)}共{len(body.units)}家单位组成。\n",
        f"二、{body.name}{year}年度部门决算表\n",
        f"收入支出决算总表\n公开01表\n{head}",
        "收入\t\t\t支出\t\t\n项目\t行次\t决算数\t项目\t行次\t决算数\n栏次\t\t1\t栏次\t\t2",
    ]
    income = ["一、一般公共预算财政拨款收入", "二、政府性基金预算财政拨款收入", "三、上级补助收入", "四、事业收入", "五、其他收入"]
    marks = "一二三四五六"
    for i in range(max(len(income), len(classes))):
        own = f"{income[i]}\t{i + 1}\t{exact(planned.total) if i == 0 else '0.00'}" if i < len(income) else f"\t{i + 1}\t"
        lines.append(f"{own}\t" + (f"{marks[i]}、{classes[i][1]}\t{i + 31}\t{exact(classes[i][2] + classes[i][3])}" if i < len(classes) else f"\t{i + 31}\t"))
    lines += [
        f"本年收入合计\t21\t{exact(planned.total)}\t本年支出合计\t51\t{exact(spent.total)}",
        f"年初结转和结余\t22\t0.00\t年末结转和结余\t52\t{exact(left)}",
        f"总计\t23\t{exact(planned.total)}\t总计\t53\t{exact(planned.total)}\n",
        f"支出决算表\n公开03表\n{head}",
        "项目\t\t本年支出合计\t基本支出\t项目支出\t上缴上级支出\t经营支出\t对附属单位补助支出",
        "功能分类科目编码\t科目名称\t\t\t\t\t\t\n栏次\t\t1\t2\t3\t4\t5\t6",
        f"合计\t\t{exact(spent.total)}\t{exact(spent.basic_total)}\t{exact(spent.projects_total)}\t0.00\t0.00\t0.00",
        *(f"{code}\t{name}\t{exact(a + b)}\t{exact(a)}\t{exact(b)}\t0.00\t0.00\t0.00" for code, name, a, b in functions),
        f"\n一般公共预算财政拨款支出决算表\n公开05表\n{head}",
        "项目\t\t本年支出\t\t\n功能分类科目编码\t科目名称\t小计\t基本支出\t项目支出\n栏次\t\t1\t2\t3",
        f"合计\t\t{exact(spent.total)}\t{exact(spent.basic_total)}\t{exact(spent.projects_total)}",
        *(f"{code}\t{name}\t{exact(a + b)}\t{exact(a)}\t{exact(b)}" for code, name, a, b in functions),
        f"\n一般公共预算财政拨款基本支出决算表\n公开06表\n{head}",
        "经济分类科目编码\t科目名称\t决算数",
    ]
    for group, items in BASIC:
        lines.append(f"{GROUP_CODES[group]}\t{group.removesuffix('支出') if group.startswith('对个人') else group}\t{exact(spent.group(group))}")
        lines += [f"{CODES[item]}\t{item}\t{exact(spent.basic[item])}" for item, _, _ in items]
    lines += [
        f"合计\t\t{exact(spent.basic_total)}\n",
        f"一般公共预算财政拨款“三公”经费支出决算表\n公开07表\n{head}",
        "预算数\t\t\t\t\t\t决算数\t\t\t\t\t",
        "合计\t因公出国（境）费\t公务用车购置及运行费\t\t\t公务接待费\t合计\t因公出国（境）费\t公务用车购置及运行费\t\t\t公务接待费",
        "\t\t小计\t公务用车购置费\t公务用车运行费\t\t\t\t小计\t公务用车购置费\t公务用车运行费\t\n1\t2\t3\t4\t5\t6\t7\t8\t9\t10\t11\t12",
        "\t".join([*_three(planned), *_three(spent)]),
        "\n政府性基金预算财政拨款收入支出决算表\n公开08表\n" + head,
        "项目\t\t年初结转和结余\t本年收入\t本年支出\t\t\t年末结转和结余\n功能分类科目编码\t科目名称\t\t\t小计\t基本支出\t项目支出\t",
        "合计\t\t0.00\t0.00\t0.00\t0.00\t0.00\t0.00\n",
        f"三、{body.name}{year}年度部门决算情况说明\n",
        "（一）收入支出决算总体情况说明\n",
        f"{year}年度收入总计{exact(planned.total)}万元，支出总计{exact(planned.total)}万元，其中本年支出{exact(spent.total)}万元，年末结转和结余{exact(left)}万元。\n",
        "（二）支出决算情况说明\n",
        f"{year}年度支出合计{exact(spent.total)}万元，其中：基本支出{exact(spent.basic_total)}万元，项目支出{exact(spent.projects_total)}万元。\n",
        *(f"{name}{exact(a + b)}万元，用于{'相关业务工作' if b else '人员经费和社会保险缴费'}。\n" for _, name, a, b in classes),
        "（三）“三公”经费支出决算情况说明\n",
        f"{year}年度“三公”经费支出决算{exact(spent.three)}万元，其中：公务接待费支出{exact(food)}万元，公务用车运行维护费支出{exact(car)}万元。"
        f"公务接待费主要用于与有关单位交流工作的接待，全年国内公务接待{3 + body.number % 29}批次。\n",
        "四、名词解释\n",
        "一、财政拨款收入：指本级财政当年安排给本部门使用的资金。\n",
        "二、年末结转和结余：指当年没有用完、按规定可以转到以后年度使用的资金。\n",
    ]
    return "\n".join(lines)


def _three(account: Account) -> list[str]:
    car = account.basic["公务用车运行维护费"]
    return [exact(account.three), "0.00", exact(car), "0.00", exact(car), exact(account.basic["公务接待费"])]


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper of a collection: its file's name, its text, and the body, accounts, year and form it prints."""

    name: str
    text: str
    body: Body
    accounts: dict[int, Account]
    year: int
    form: str


def papers(count: int, seed: int) -> Iterator[Paper]:
    """The first `count` papers, one at a time. Raises ValueError when there are no more names."""
    for body in bodies(seed):
        all_years = accounts(body, seed)
        for year in YEARS:
            for form in FORMS:
                if not count:
                    return
                count -= 1
                text = (budget if form == "预算" else final)(body, all_years, year, seed)
                yield Paper(f"{year}_{body.name}_部门{form}.txt", text, body, all_years, year, form)
    if count:
        raise ValueError(f"最多只能生成 {len(YEARS) * len(FORMS) * (body.number + 1)} 份。")


# Questions


def questions(paper: Paper, seed: int) -> list[dict[str, Any]]:
    """Every kind of question that this paper answers, as case records (contract) without ids."""
    body, year = paper.body, paper.year
    now = paper.accounts[year]
    draw = random.Random(f"{seed}:{body.number}:{year}:{paper.form}:cases")
    whose = draw.choice((body.name, body.name, body.name.replace("和", "", 1) if "人力资源和" in body.name else body.name))
    project = draw.choice(body.projects[: len(body.kind["project"])])
    item, _, _ = draw.choice(BASIC[1][1][:6])

    def number(turns: str | list[str], amount: int, **more: Any) -> dict[str, Any]:
        turns = [turns] if isinstance(turns, str) else turns
        value = f"{amount // 100}.{amount % 100:02d}" if amount >= 0 else f"-{-amount // 100}.{-amount % 100:02d}"
        return {"turns": turns, "kind": "growth", "answer_type": "number", "value": value, "unit": "万元", "tolerance": 0, **more}

    if paper.form == "预算":
        last = paper.accounts[year - 1]
        found = [
            number(f"{year}年{whose}三公经费预算多少", now.three),
            number(f"{whose}{year}年预算支出总计是多少？", now.total),
            number(f"{whose}{year}年预算里公务接待费安排了多少钱", now.basic["公务接待费"]),
            number(f"{whose}{year}年{project.name}预算多少万元", now.projects[project.name]),
            number(f"{year}年{whose}{item}预算是多少", now.basic[item]),
            number([f"{year}年{whose}项目支出预算多少", "那基本支出呢"], now.basic_total),
            number(f"{whose}{year}年三公经费预算比上年增加还是减少了多少", now.three - last.three, absolute=True),
            {"turns": [f"{whose}{year}年{project.name}主要用于什么"], "kind": "growth", "answer_type": "text", "must_contain": [project.purpose]},
            {"turns": [f"{whose}{year}年的主要职能是什么"], "kind": "growth", "answer_type": "text", "must_contain": [body.kind["duty"]]},
        ]
        food, before = now.basic["公务接待费"], last.basic["公务接待费"]
        if food != before:
            moved = "增加" if food > before else "减少"
            why = reason(seed, body.number, year, food > before, "接待")
            question = f"{whose}{year}年公务接待费{moved}的主要原因是什么"
            found.append({"turns": [question], "kind": "growth", "answer_type": "text", "must_contain": [why]})
        return found
    spent = now.spent
    return [
        number(f"{year}年{whose}三公经费决算多少", spent.three),
        number(f"{whose}{year}年度决算本年支出合计多少", spent.total),
        number(f"{whose}{year}年公务接待费决算数是多少", spent.basic["公务接待费"]),
        number(f"{whose}{year}年决算{item}花了多少", spent.basic[item]),
        number(f"{year}年{whose}项目支出决算数", spent.projects_total),
        {"turns": [f"{whose}{year}年度公务接待费主要用于什么"], "kind": "growth", "answer_type": "text", "must_contain": ["与有关单位交流工作的接待"]},
    ]


def chosen(count: int, total: int) -> list[int]:
    """The numbers of `count` papers evenly over `total`, budgets and final accounts in turn."""
    edges = [n * total // count for n in range(count + 1)]
    return [min(low + n % 2 * (low % 2 == 0), high - 1) if high - low > 1 else low for n, (low, high) in enumerate(pairwise(edges))]


# The command


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    result = argparse.ArgumentParser(prog="python -m eval.synth", description="生成任意规模的虚构预算、决算材料和有标准答案的用例，用来测量规模增长")
    result.add_argument("--papers", type=int, required=True, help="份数")
    result.add_argument("--seed", type=int, default=1, help="随机种子（默认 1）；同一种子的小集合是大集合的前一部分")
    result.add_argument("--out", type=Path, required=True, help="写入的文件夹")
    result.add_argument("--cases", type=Path, metavar="FILE", help="把用例写成 .jsonl")
    result.add_argument("--questions", type=int, default=240, help="用例个数（默认 240），均匀分布在全部材料中")
    return result


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0; 2 when nothing could be written."""
    options = parser().parse_args(arguments)
    if options.papers < 1 or options.questions < 1:
        print("错误：份数和用例个数应为正整数。", file=sys.stderr)
        return 2
    asked = {}
    for n, at in enumerate(chosen(options.questions, options.papers)):
        asked.setdefault(at, []).append(n)
    records = []
    try:
        options.out.mkdir(parents=True, exist_ok=True)
        for at, paper in enumerate(papers(options.papers, options.seed)):
            (options.out / paper.name).write_text(paper.text, encoding="utf-8")
            for n in asked.get(at, ()):
                known = questions(paper, options.seed)
                records.append({"id": f"growth-{n:04d}", **known[n // 2 % len(known)], "evidence": [{"doc": paper.name}]})
        if options.cases:
            options.cases.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records), encoding="utf-8")
    except (OSError, ValueError) as error:
        print(f"错误：{error}", file=sys.stderr)
        return 2
    print(f"{options.papers} 份材料写入 {options.out}" + (f"，{len(records)} 个用例写入 {options.cases}" if options.cases else ""))
    return 0


if __name__ == "__main__":
    sys.exit(main())
