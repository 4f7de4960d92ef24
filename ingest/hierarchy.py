"""Which row stands under which: by code, by numbering, by the names of the 科目, and where nothing is printed, by the sums."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from ingest.arithmetic import holds
from ingest.forms import classification, subject_key
from ingest.wording import is_part, key, squeeze

CHINESE_NUMBER = re.compile(r"^([一二三四五六七八九十]+)[、.．]")
_BRACKET_CHINESE = re.compile(r"^[（(][一二三四五六七八九十]+[)）]")
_ARABIC = re.compile(r"^\d{1,2}[、.．](?!\d)")
_BRACKET_ARABIC = re.compile(r"^[（(]\d{1,2}[)）]")
TOTAL_LABEL = re.compile(r"^(?:合计|总计|小计|本年(?:收入|支出)(?:合计|小计)|(?:收入|支出)(?:总计|合计)|.{2,6}合计)$")
# Rows of a general table that stand beside the classified ones: what is carried over, handed up or down.
_BESIDE = re.compile(
    r"^(?:上年|年初|年末|期末|期初|结转|用事业基金|使用非财政|非财政|结余分配|上缴上级|对附属|上级补助|附属单位上缴|转下年|转结下年|上级提前|动用|事业单位(?:经营)?结余)"
)
_GRANT_KINDS = re.compile(
    r"^(?:一般公共预算|政府性基金(?:预算)?|国有资本经营预算|财政专户(?:管理资金)?|社会保险基金预算)(?:财政)?(?:拨款)?(?:收入)?$"
)
_GRANT_PARTS = re.compile(r"^(?:一般性经费|基本支出|项目支出|履职类项目|财政专项资金|政府投资项目|经费|专项|非税收入|罚没收入).{0,4}拨款$")


_LONGEST_NESTED = 300  # rows of one organisation; the search for a nesting goes one call deeper a row


@dataclass(frozen=True, slots=True)
class Entry:
    """What decides a row's place in the tree: its code, its label, its figure (None: blank)."""

    code: str
    label: str
    value: Decimal | None


def parents(entries: Sequence[Entry], kind: str, total: Decimal | None = None) -> list[int | None]:
    """For every row the row it stands under (an index into `entries`), or None at the top.

    `kind` is the registry's `rows`; `total` the figure of the organisation's own row above these, which decides between nestings of projects.
    """
    coded = sum(bool(e.code) for e in entries)
    if coded * 2 > len(entries):
        return _by_code(entries)
    if kind == "projects":
        return _by_sums(entries, total)
    if kind == "economic" and _recognised(entries, "35") * 2 >= len(entries):
        return _economic(entries)
    functional = _recognised(entries, "2")
    if functional >= 2 and functional * 2 >= sum(not TOTAL_LABEL.match(squeeze(e.label)) and not _BESIDE.match(key(e.label)) for e in entries):
        return _functional(entries)
    if _recognised(entries, "35") * 2 > len(entries):
        return _economic(entries)
    return _by_numbering(entries)


def _by_code(entries: Sequence[Entry]) -> list[int | None]:
    """The nearest row whose code begins this one's; codes may stand in any order (three groups side by side)."""
    at = {e.code: i for i, e in reversed(list(enumerate(entries))) if e.code}
    found: list[int | None] = []
    for i, entry in enumerate(entries):
        prefixes = (entry.code[:n] for n in range(len(entry.code) - 1, 0, -1))
        parent = next((at[p] for p in prefixes if p in at), None)
        found.append(parent if parent != i else None)
    return found


def _recognised(entries: Sequence[Entry], first_digits: str) -> int:
    names = classification()
    return sum(any(c[0] in first_digits for c in names.get(subject_key(e.label), ())) for e in entries)


def _functional(entries: Sequence[Entry]) -> list[int | None]:
    """类, 款, 项 by the names: of the codes a name has, the one that goes on the current 款 or 类."""
    levels: list[int] = []
    top = middle = ""
    for entry in entries:
        flat = squeeze(entry.label)
        if TOTAL_LABEL.match(flat) or _BESIDE.match(key(entry.label)):
            levels.append(0)
            top = middle = ""
            continue
        codes = [c for c in classification().get(subject_key(entry.label), ()) if c[0] == "2"]
        if _BRACKET_CHINESE.match(flat) and any(len(c) == 3 for c in codes) and "?" in (top, middle):
            levels.append(2)  # （一） under 一、本年支出, which is no 类
            middle = "?"
            continue
        code = _next_code(codes, top, middle, numbered=bool(CHINESE_NUMBER.match(flat)), previous=levels[-1] if levels else 0)
        if len(code) == 3 or CHINESE_NUMBER.match(flat):
            top, middle = (code if len(code) == 3 else "?"), ""
            levels.append(1)
        elif len(code) == 5:
            middle = code
            levels.append(2)
        elif len(code) == 7:
            levels.append(3)
        else:  # a name that no list knows: one step below the 类 or 款 above it, beside a 项
            levels.append({0: 1, 1: 2, 2: 3, 3: 3}[levels[-1] if levels else 0])
            middle = "?" if levels[-1] == 2 else middle
    return _from_levels(levels)


def _next_code(codes: Sequence[str], top: str, middle: str, *, numbered: bool, previous: int) -> str:
    if numbered:
        return next((c for c in codes if len(c) == 3), "")
    under_middle = [c for c in codes if len(c) == 7 and middle and c.startswith(middle)]
    under_top = [c for c in codes if len(c) == 5 and top and c.startswith(top)]
    if under_middle and not (previous == 1 and under_top):
        return under_middle[0]
    if under_top:
        return under_top[0]
    return next((c for c in codes if len(c) == 3), next(iter(codes), ""))


def _economic(entries: Sequence[Entry]) -> list[int | None]:
    """类 (工资福利支出) and under it every 款, known by name or not."""
    levels: list[int] = []
    top = ""
    for entry in entries:
        codes = [c for c in classification().get(subject_key(entry.label), ()) if c[0] in "35"]
        if TOTAL_LABEL.match(squeeze(entry.label)):
            levels.append(0)
        elif codes and len(codes[0]) == 3 and not (top and any(len(c) == 5 and c.startswith(top) for c in codes)):
            levels.append(1)
            top = codes[0]
        else:
            levels.append(2 if any(v == 1 for v in levels) else 1)
    return _from_levels(levels)


def _from_levels(levels: Sequence[int]) -> list[int | None]:
    """Parents from levels: 0 stands apart, any other under the nearest row above with a lower level."""
    found: list[int | None] = []
    for i, level in enumerate(levels):
        parent = next((j for j in range(i - 1, -1, -1) if levels[j] == 0 or levels[j] < level), None)
        found.append(parent if level > 1 and parent is not None and levels[parent] else None)
    return found


def _by_numbering(entries: Sequence[Entry]) -> list[int | None]:
    """一、 over （一） over 1. over (1); a row without a number under the numbered one above it; kinds of grants under 财政拨款, their parts under them."""
    found: list[int | None] = []
    stack: dict[int, int] = {}  # depth -> row
    first_seen = False
    beside: int | None = None
    for i, entry in enumerate(entries):
        flat, name = squeeze(entry.label), key(entry.label)
        depth = _depth(flat)
        chinese = CHINESE_NUMBER.match(flat)
        if is_part(entry.label) and i:
            found.append(next((j for j in range(i - 1, -1, -1) if not is_part(entries[j].label)), None))
            continue
        if TOTAL_LABEL.match(flat) or (not depth and _BESIDE.match(name)):
            stack, beside = ({} if TOTAL_LABEL.match(flat) else {0: i}), i
            found.append(None)
            continue
        if depth == 1:
            again = bool(chinese) and chinese[1] == "一" and first_seen and beside is not None
            parent = (
                beside
                if again or (beside is not None and found and found[-1] == beside and i and _depth(squeeze(entries[i - 1].label)) == 1)
                else None
            )
            first_seen = True
            stack = {1: i}
            found.append(parent)
            continue
        if depth:
            parent = next((stack[d] for d in range(depth - 1, -1, -1) if d in stack), None)
            stack = {d: r for d, r in stack.items() if d < depth} | {depth: i}
            found.append(parent)
            continue
        found.append(_unnumbered(entries, i, stack, name))
        if _GRANT_KINDS.match(name) or (
            not any(d in stack for d in (1, 2, 3)) and re.search(r"拨款(?:收入)?$", name) and not _GRANT_PARTS.match(name)
        ):
            stack[5 if stack else 1] = i
    return found


def _unnumbered(entries: Sequence[Entry], i: int, stack: dict[int, int], name: str) -> int | None:
    if _GRANT_PARTS.match(name) and 5 in stack:
        return stack[5]
    outer = [stack[d] for d in (4, 3, 2, 1) if d in stack]
    if not outer:
        return None
    return outer[0]


def _depth(label: str) -> int:
    for depth, pattern in enumerate((CHINESE_NUMBER, _BRACKET_CHINESE, _ARABIC, _BRACKET_ARABIC), 1):
        if pattern.match(label):
            return depth
    return 0


def _by_sums(entries: Sequence[Entry], total: Decimal | None) -> list[int | None]:
    """Projects without any mark: a row that is the sum of those after it heads them, when that (and not the flat list) adds up to the total."""
    values = [e.value or Decimal(0) for e in entries]
    flat: list[int | None] = [None] * len(entries)
    if not entries or len(entries) > _LONGEST_NESTED or total is None or holds(total, values):
        return flat
    budget = [20_000]

    def nest(start: int, left: Decimal, heads: int) -> list[int | None] | None:
        budget[0] -= 1
        if budget[0] < 0:
            return None
        if start == len(values):
            return [] if holds(left, [Decimal(0)] * max(heads, 1)) else None
        for count in _groups(values, start):
            rest = nest(start + count + 1, left - values[start], heads + 1)
            if rest is not None:
                return [None, *[start] * count, *rest]
        rest = nest(start + 1, left - values[start], heads + 1)
        return None if rest is None else [None, *rest]

    return nest(0, total, 0) or flat


def _groups(values: Sequence[Decimal], start: int) -> list[int]:
    """How many of the following rows may be the parts of this one."""
    found: list[int] = []
    running = Decimal(0)
    for count, value in enumerate(values[start + 1 :], 1):
        running += value
        if values[start] and holds(values[start], values[start + 1 : start + 1 + count]):
            found.append(count)
        if running > values[start] * 2 + 10:
            break
    return found
