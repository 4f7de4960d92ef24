"""Made-up 决算 tables as raw PDF text, for property tests: cells glued together, names and rows broken over lines, page numbers in between.

The columns are the statutory ones (公开01, 03, 06), whose headers such text has lost; amounts have two decimals.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from hypothesis import strategies as st

from tests.ingest.made_tables import DEPARTMENT, classification, subjects

SPENDING = ("本年支出合计", "基本支出", "项目支出", "上缴上级支出", "经营支出", "对附属单位补助支出")
_INCOME = ("一般公共预算财政拨款收入", "政府性基金预算财政拨款收入", "上级补助收入", "事业收入", "经营收入", "其他收入")
_NUMBERS = "一二三四五六"


@dataclass(frozen=True)
class Raw:
    """The text of one table, and what it means: (side, row path, heading path, code, print) of every figure in reading order."""

    text: str
    meaning: tuple[tuple[str, ...], ...]


def amounts(most: int = 9_999_999_99) -> st.SearchStrategy[str]:
    return st.integers(0, most).map(lambda n: f"{Decimal(n).scaleb(-2):,.2f}")


@st.composite
def wrapped(draw: st.DrawFn, name: str) -> str:
    """A name as a narrow column prints it: broken by the end of a line or not."""
    at = draw(st.integers(0, len(name)))
    return f"{name[:at]}\n{name[at:]}" if 0 < at < len(name) and draw(st.booleans()) else name


@st.composite
def between(draw: st.DrawFn) -> str:
    """What stands between two cells: a blank, a line's end, or a page's end with its number."""
    return draw(st.sampled_from([" ", " ", " ", "\n", "\n\n- 12 -\n\n"]))


def _opened(title: str, number: str, header: str) -> str:
    return f"{title}\n公开 {number} 表\n\n部门：{DEPARTMENT} 单位：万元\n\n{header}\n\n"


@st.composite
def by_codes(draw: st.DrawFn) -> Raw:
    """公开03: code, name and six figures a row, first the 合计; code and name are often glued."""
    listed = draw(subjects(first="2"))
    pieces, meant = [], []
    for code, name in [("", "合计"), *listed]:
        values = [draw(amounts()) for _ in SPENDING]
        path = "/".join(n for c, n in listed if code and code.startswith(c)) or name
        glue = draw(st.sampled_from(["", " ", "\n"])) if code else ""
        pieces.append(code + glue + draw(wrapped(name)) + draw(between()) + draw(between()).join(values))
        meant += [("支出", path, heading, code, value) for heading, value in zip(SPENDING, values, strict=True)]
    header = "项 目 本年支出合计 基本支出\n项目支\n出\n栏次 1 2 3 4 5 6"
    return Raw(_opened("支出决算表", "03", header) + "\n".join(pieces) + "\n\n注：本表反映部门本年度各项支出情况。\n", tuple(meant))


@st.composite
def by_sides(draw: st.DrawFn) -> Raw:
    """公开01: two lists with 行次; the right name is often glued to the left figure; a list may end before the other."""
    tops = [name for code, name in classification("2") if len(code) == 3]
    right = [f"{_NUMBERS[n]}、{name}" for n, name in enumerate(draw(st.lists(st.sampled_from(tops), min_size=1, max_size=6, unique=True)))]
    left = [f"{_NUMBERS[n]}、{name}" for n, name in enumerate(_INCOME[: draw(st.integers(1, 6))])]
    depth = max(len(left), len(right))
    left, right = left + [""] * (depth - len(left)), right + [""] * (depth - len(right))
    lines, meant = [], []
    for n, (income, spending) in enumerate([*zip(left, right, strict=True), ("本年收入合计", "本年支出合计")], 1):
        one, other = draw(amounts()), draw(amounts())
        glue = draw(st.sampled_from(["", " ", "\n"]))
        shown = [draw(wrapped(income)), str(n), *([one] if income else [])]
        line = " ".join(s for s in shown if s) + (glue if income and spending else " ") + " ".join(s for s in (spending, str(depth + 1 + n)) if s)
        lines.append(line + (f" {other}" if spending else ""))
        meant.append(("收入", income, "决算数", "", one if income else ""))
        meant.append(("支出", spending, "决算数", "", other if spending else ""))
    header = "收入 支出\n\n项 目 行次 决算数 项 目 行次 决算数\n\n栏 次 1 栏 次 2"
    text = _opened("收入支出决算总表", "01", header) + "\n\n".join(lines) + "\n\n注：本表反映总收支。\n"
    return Raw(text, tuple(m for m in meant if m[1]))


@st.composite
def by_panels(draw: st.DrawFn) -> Raw:
    """公开06: three groups of code, name and figure side by side; some entries have no figure; names are glued to codes and broken over lines."""
    listed = [(c, n) for c, n in draw(subjects(first="3")) if len(c) <= 5]
    pieces, meant = [], []
    for code, name in listed:
        value = draw(st.sampled_from([True, True, False])) and draw(amounts())
        above = "/".join(n for c, n in listed if code.startswith(c))
        pieces.append(code + draw(st.sampled_from(["", " ", "\n"])) + draw(wrapped(name)) + (f" {value}" if value else ""))
        meant.append(("支出", above, "决算数", code, value or ""))
    text = "".join(piece + draw(st.sampled_from([" ", "\n"])) for piece in pieces)
    header = "经济分类科目编码 科目名称 决算数"
    return Raw(_opened("一般公共预算财政拨款基本支出决算表", "06", header) + text + "\n\n注：本表反映基本支出。\n", tuple(meant))


_FUNDING = (
    *("合计", "财政资金/小计", "财政资金/中央级", "财政资金/省级", "财政资金/市级", "财政资金/区县转移"),
    *("其他资金/小计", "其他资金/单位自有", "其他资金/银行贷款等", "其他资金/社会资本"),
)


@st.composite
def by_funding(draw: st.DrawFn) -> Raw:
    """资金安排和使用情况表 in 元: narrow columns break a figure before its last decimal (83768000.0 and 0 on the next line)."""
    pieces, meant = [], []
    for name in ("预算安排", "资金到位", "实际支出"):
        parts = [Decimal(draw(st.integers(0, 99_999_999_99))).scaleb(-2) for _ in range(7)]
        public, others = sum(parts[:4], Decimal(0)), sum(parts[4:], Decimal(0))
        values = [f"{v:.2f}" for v in (public + others, public, *parts[:4], others, *parts[4:])]
        shown = [f"{v[:-1]}\n\n{v[-1]}\n" if draw(st.booleans()) else v for v in values]
        pieces.append(f"{name} (1)\n" + draw(st.sampled_from([" ", "\n"])).join(shown))
        meant += [("", name, heading, "", value) for heading, value in zip(_FUNDING, values, strict=True)]
    header = "项 目 行次 合计\n\n小计 中央级 省级 市级 区县转移 小计 单位自有 银行贷款等 社会资本"
    text = f"资金安排和使用情况表\n\n金额单位 元\n\n{header}\n\n" + "\n\n".join(pieces) + "\n"
    return Raw(text, tuple(meant))
