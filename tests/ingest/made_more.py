"""More forms of real bureaus for the made-up papers: three years of “三公” beside each other, units with their subjects, years nested in sides.

`more_tables(maker)` gives tables of kinds that `made_papers` has not; their figures are the same department's.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from tests.ingest.made_papers import Cell, Maker, Printed, Row, above

_NO = Decimal(0)


def more_tables(maker: Maker) -> list[Printed]:
    """One table of each kind."""
    tables = [_three_years(maker), _units(maker), _years_both_sides(maker), _by_year(maker), _projects(maker), _numbered(maker)]
    return [*tables, _sub_units(maker), _units_as_columns(maker), _thousands(maker)]


def _three_years(m: Maker) -> Printed:
    """“三公” of 上年预算, 上年执行 and 本年预算 (18 columns), or with 增减 (24): the widest table there is."""
    cars = "公务用车购置及运行维护费"
    inner = [("合计",), ("因公出国（境）费",), (cars, "小计"), (cars, "购置费"), (cars, "运行维护费"), ("公务接待费",)]
    b, f = m.f.before, m.f
    old = (sum(b.values()), b["abroad"], b["purchase"] + b["running"], b["purchase"], b["running"], b["reception"])
    done = tuple(v / 2 // f.step * f.step for v in (b["abroad"], b["purchase"], b["running"], b["reception"]))
    spent = (sum(done), done[0], done[1] + done[2], done[1], done[2], done[3])
    now = (f.abroad + f.purchase + f.running + f.reception, f.abroad, f.purchase + f.running, f.purchase, f.running, f.reception)
    groups = [(f"{m.year - 1}年预算数", old, m.year - 1, "预算"), (f"{m.year - 1}年执行数", spent, m.year - 1, "决算"), (f"{m.year}年预算数", now, m.year, "预算")]
    if m.rng.random() < 0.5:
        groups.pop(1)
    columns = [(name, *p) for name, *_ in groups for p in inner]
    values = tuple(v for _, vs, *_ in groups for v in vs)
    years = [year for *_, year, _ in groups for _ in inner]
    stages = [stage for *_, stage in groups for _ in inner]
    naming = m.rng.choice([[("单位编码",), ("单位名称",)], [("单位名称",)], [("序号",), ("单位名称",)]])
    rows = [m.total_row(len(naming), values), Row((*[Cell("1")] * (len(naming) - 1), Cell(m.department)), (m.department,), values)]
    return m.table("three years", "“三公”经费预算财政拨款情况统计表", naming, columns, rows, years=years, stages=stages, style=f"{len(groups)} {len(naming)}")


def _units(m: Maker) -> Printed:
    """Every subject below the unit it belongs to: the unit's code and name in columns of their own, printed in every row or merged down."""
    listed = m.f.functions()
    merged = m.rng.random() < 0.5
    columns = [("合计",), ("基本支出", "人员经费"), ("基本支出", "公用经费"), ("项目支出",)]
    naming = [("单位编码",), ("单位名称",), ("科目编码",), ("科目名称",)]
    whole = tuple(sum((v[i] for v in m.f.items.values()), _NO) for i in range(3))
    rows = [m.total_row(4, (sum(whole), *whole))]
    items = [(c, n, v) for c, n, v in listed if len(c) == 7]
    for n, (code, name, values) in enumerate(items):
        unit = (Cell("024001", 1, len(items)), Cell(m.department, 1, len(items))) if merged and not n else (None, None)
        if not merged:
            unit = (Cell("024001"), Cell(m.department))
        rows.append(Row((*unit, Cell(code), Cell(name)), (name,), (sum(values), *values), code))
    return m.table("units", "支出预算分单位表", naming, columns, rows, style=f"merged={merged}")


def _years_both_sides(m: Maker) -> Printed:
    """收支总表 whose two sides each have last year, this year and the change."""
    columns = (f"{m.year - 1}年预算数", f"{m.year}年预算数", "增减额")

    def three(now: Decimal) -> tuple[Decimal, ...]:
        last = m.f.draw(5_000_000) if now else _NO
        return last, now, now - last

    left = [(f"{'一二三'[i]}、{n}", (f"{'一二三'[i]}、{n}",), three(v)) for i, (n, v) in enumerate([("财政拨款收入", m.f.grant), ("事业收入", _NO), ("其他收入", _NO)])]
    left.append(("收入总计", ("收入总计",), three(m.f.total)))
    right = [("一、基本支出", ("一、基本支出",), three(m.f.basic)), ("二、项目支出", ("二、项目支出",), three(m.f.project))]
    right.append(("支出总计", ("支出总计",), three(m.f.total)))
    made = m.sides("years", "收支预算对比总表", left, right, columns, columns)
    made.truth = [
        replace(t, columns=(t.side or "", *t.columns), year=m.year - 1 if t.columns == columns[:1] else m.year) for t in made.truth
    ]
    return made


def _by_year(m: Maker) -> Printed:
    """支出 by subject with 上年 and 本年 each over 合计, 基本 and 项目, then the change; 合计 in the first or the last row."""
    groups = [(f"{m.year - 1}年预算数", m.year - 1), (f"{m.year}年预算数", m.year)]
    columns = [(g, n) for g, _ in groups for n in ("合计", "基本支出", "项目支出")] + [("增减变化", "增减额"), ("增减变化", "增减幅度（%）")]
    before: dict[tuple, tuple] = {}

    def values(v) -> tuple:
        old = before.setdefault(tuple(v), (m.f.draw(3_000_000), m.f.draw(2_000_000)))
        now = (v[0] + v[1], v[2])
        change = sum(now) - sum(old)
        return sum(old), *old, sum(now), *now, change, (change / sum(old) * 100).quantize(Decimal("0.01"))

    units = [*[m.s.unit] * 7, "%"]
    return m.by_function("by year", "一般公共预算支出对比表", m.naming("功能"), columns, values, years=[g for _, g in groups for _ in range(3)] + [m.year] * 2, units=units)


def _projects(m: Maker) -> Printed:
    """项目 with type, unit and funds; 合计 last; a remark column of words."""
    last = m.rng.random() < 0.5
    rows = []
    for n, (project, v) in enumerate(m.f.projects.items(), 1):
        kind = m.rng.choice(["其他运转类", "特定目标类"])
        rows.append(Row((Cell(str(n)), Cell(kind), Cell(project)), (kind, project), (v, v, _NO)))
    total = m.total_row(3, (m.f.project, m.f.project, _NO))
    naming = [("序号",), ("项目类别",), ("项目名称",)]
    rows = [*rows, total] if last else [total, *rows]
    return m.table("project kinds", "项目支出明细表", naming, [("金额合计",), ("财政拨款",), ("财政专户管理资金",)], rows, style=f"last={last}")


def _numbered(m: Maker) -> Printed:
    """经济分类 with 序号, 合计 over the naming columns, and its heading saying the unit."""
    listed = m.f.economics()
    rows = [m.total_row(3, (m.f.basic,))]
    rows += [Row((Cell(str(n)), Cell(c), Cell(name)), above(listed, c), (v,), c) for n, (c, name, v) in enumerate(listed, 1)]
    heading = m.rng.choice(["预算数", f"{m.year}年预算数", "金额"])
    return m.table("numbered", "基本支出经济分类明细表", [("序号",), ("经济科目编码",), ("经济科目名称",)], [(heading,)], rows)


_UNITS = ("档案馆", "信息中心")


def _shares(m: Maker, total: Decimal) -> tuple[Decimal, ...]:
    """An amount over the department's own office and its two units."""
    own, first = (total / d // m.f.step * m.f.step for d in (2, 3))
    return own, first, total - own - first


def _names(m: Maker) -> tuple[str, ...]:
    return (f"{m.department}本级", *(m.department[:3] + u for u in _UNITS))


def _sub_units(m: Maker) -> Printed:
    """The department's total, then each unit with its own figures; 合计 first or last."""
    columns = [("合计",), ("基本支出", "小计"), ("基本支出", "人员经费"), ("基本支出", "公用经费"), ("项目支出",)]
    people, office, project = (_shares(m, v) for v in (m.f.people, m.f.office, m.f.project))

    def values(a: Decimal, b: Decimal, c: Decimal) -> tuple[Decimal, ...]:
        return a + b + c, a + b, a, b, c

    rows = [Row((Cell(f"02400{n}"), Cell(name)), (name,), values(people[n], office[n], project[n])) for n, name in enumerate(_names(m))]
    total = m.total_row(2, values(m.f.people, m.f.office, m.f.project))
    last = m.rng.random() < 0.5
    rows = [*rows, total] if last else [total, *rows]
    return m.table("sub units", "部门所属单位支出预算表", [("单位编码",), ("单位名称",)], columns, rows, style=f"last={last}")


def _units_as_columns(m: Maker) -> Printed:
    """Subjects down, units across."""
    listed = m.f.economics()
    rows = [m.total_row(2, (m.f.basic, *_shares(m, m.f.basic)))]
    rows += [Row((Cell(c), Cell(n)), above(listed, c), (v, *_shares(m, v)), c) for c, n, v in listed]
    return m.table("unit columns", "各单位基本支出表", [("科目编码",), ("科目名称",)], [("合计",), *((n,) for n in _names(m))], rows)


def _thousands(m: Maker) -> Printed:
    """政府采购 in 千元."""
    kept = m.s.unit, m.s.places
    m.s.unit, m.s.places = "千元", 5
    rows = [m.total_row(1, (sum(m.f.bought.values()),)), *(Row((Cell(n),), (n,), (v,)) for n, v in m.f.bought.items())]
    made = m.table("thousands", "政府采购明细表", [("采购类别",)], [("金额",)], rows)
    m.s.unit, m.s.places = kept
    return made
