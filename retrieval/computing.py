"""What a question wants worked out -> Compute: differences, growth, shares, times, rates and sums, with what each is worked out from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ingest.records import Stage
from retrieval.plans import Compute, LookUp, Plan, Query, search
from retrieval.question import Ask, number_word, words
from retrieval.understanding import Understood
from retrieval.vocabulary import Mention, concepts

_BY_UNIT = re.compile(r"(?:各个?家?|哪些|哪几个|每个|每家|几个|几家|[一二两三四五六七八九十\d]+[家个])(?:下属|二级|直属|所属|基层|预算)?单位")


def by_unit(text: str) -> bool:
    """Whether a question speaks of each of a department's units (各单位, 四个单位)."""
    return bool(_BY_UNIT.search(text))


# What may stand after 占 and say no more than “of everything”.
_WHOLE_NAMED = re.compile(
    r"(?:全部|全年|所有|整个|总|合计|年度|当年|本年|部门|单位|预算|决算|支出|花费|开支|盘子|金额|经费|资金|的|比重|比例|百分之|百分比|百分|占比|多大|多少|几成|几|一|了|是|大概|大约|约|呢|里面|里|中|钱|数|额|年|度|个|点|多|比|%|[?,.!])+"
)


def _without(u: Understood, text: str) -> str:
    """A piece of the question without the words that only say whose and when."""
    for word in (*(d.text for d in u.departments), *(w for group in ("scope_own", "scope_total", "scope_sub") for w in words()[group])):
        text = text.replace(word, "")
    return re.sub(r"(?:19|20)?\d\d年度?", "", text)


_OF_ALL_UNITS = re.compile(r"了?(?:全|整个|总)(?:部门|局|委|办|厅|系统|单位)|了?(?:部门|全局|系统)(?:合计|总|的)")
_BOUGHT = re.compile(r"采购[^,?占]{0,6}?(?:里面?|中|之?内)")


def _apart(items: Sequence[Mention]) -> list[tuple[Mention, ...]]:
    """The things that are compared, each with the words that go with it: a field of a form keeps its project."""
    fields = [m for m in items if m.is_field]
    projects = tuple(m for m in items if "project" in m.kinds)
    if not fields or len(projects) != 1:
        return [(m,) for m in items]
    return [(*projects, m) for m in fields] if len(fields) > 1 else [projects, *((*projects, m) for m in fields)]


_OF_EACH = re.compile(r"(?:分别|各自?|都)(?:占|比|较|同比|增|减|下降|上升|涨|降|执行|完成)|(?:执行率|完成率|增长率|[增降]幅|占比|比重|比例)(?:各|分别|都)")


def each_apart(u: Understood, queries: list[Query]) -> list[tuple[Compute, Understood]]:
    """The calculations of a question that asks the same of each of several things (…和…各占多少, …和…分别增长多少); none where it compares them."""
    ask, said = u.wish.ask, _OF_EACH.search(u.text)
    if said is None or ask not in (Ask.SHARE, Ask.GROWTH, Ask.DIFFERENCE, Ask.EXECUTION):
        return []
    before = [i for i, start in enumerate(u.item_starts) if start < said.start() and u.items[i].label != "预算执行率"]
    after = [i for i in range(len(u.items)) if i not in before]
    ones: list[tuple[Understood, list[Query]]] = []
    if len(u.departments) > 1 and len(queries) == len(u.departments):
        ones = [(replace(u, departments=(body,)), [query]) for body, query in zip(u.departments, queries, strict=True)]
    elif len(before) > 1 and len(u.departments) < 2:
        whole = before[:1] if ask is Ask.SHARE and len(before) > 2 and INSIDE.match(u.text[u.item_starts[0] + len(u.items[0].text) :]) else []
        for i in before[len(whole) :]:
            items = tuple(u.items[n] for n in (i, *(whole or after)))
            ones.append((replace(u, items=items, item_starts=tuple(u.item_starts[n] for n in (i, *(whole or after)))), [replace(q, mentions=items) for q in queries]))
    made = [(compute(one, asked), one) for one, asked in ones]
    if not all(isinstance(plan, Compute) for plan, _ in made):
        return []
    return [(plan, replace(one, text=_naming(one, u))) for plan, one in made if isinstance(plan, Compute)]


def _naming(one: Understood, all_of_it: Understood) -> str:
    """The question's words without the things that this part of it is not about."""
    text = all_of_it.text
    for other in (*all_of_it.items, *all_of_it.departments):
        if other not in (*one.items, *one.departments):
            text = re.sub(rf"[和与及跟、,]{re.escape(other.text)}|{re.escape(other.text)}[和与及跟、,]?", "", text, count=1)
    return text


def compute(u: Understood, queries: list[Query]) -> Plan:
    ask = u.wish.ask
    first = queries[0]
    if ask is Ask.EXECUTION:
        items = tuple(m for m in u.items if not (m.concept and m.concept.name == "预算执行率"))
        if not items:
            whole = next(c for c in concepts() if c.name == "支出总计")
            items = (Mention(whole.name, whole),)
        base = replace(first, mentions=items, stage=None)
        return Compute(ask, (replace(base, stage=Stage.FINAL), replace(base, stage=Stage.BUDGET)))
    if ask is Ask.SHARE and len(queries) > 1:
        return Compute(ask, (queries[0], queries[1]))
    if ask is Ask.SHARE:
        at = u.text.find("占")
        if first.organisations and len(u.items) == 1 and _OF_ALL_UNITS.match(u.text[at + 1 :]):
            return Compute(ask, (first, replace(first, organisations=(), scope=None)))  # “环卫所一家占了全部门的百分之多少”
        part = tuple(m for m, s in zip(u.items, u.item_starts, strict=True) if at < 0 or s < at)
        whole = tuple(m for m, s in zip(u.items, u.item_starts, strict=True) if 0 <= at <= s)
        if len(u.items) > 1 and (not part or not whole):
            # “三公经费里公车费占多少” names the whole first; “接待费三公经费占比” the part.
            inside = re.search(r"[里中]", u.text[u.item_starts[0] : u.item_starts[1]])
            part, whole = (u.items[1:], u.items[:1]) if inside else (u.items[:1], u.items[1:])
        if not whole:
            named = _WHOLE_NAMED.sub("", _without(u, u.text[at + 1 :])) if at >= 0 else ""
            if not named and _BOUGHT.search(u.text[: max(at, 0)]):
                named = "采购"  # “采购里工程类占多少”: of what is bought
            if named not in ("", "采购"):
                return search(replace(u, unknown=(*u.unknown, named)), first.documents, ask)  # of what is not understood: no share of everything
            total = next(c for c in concepts() if c.name == ("政府采购" if named else "支出总计"))
            whole = (Mention("采购" if named else "总支出", total),)
        return Compute(ask, (replace(first, mentions=part), replace(first, mentions=whole)))
    if ask is Ask.SUM:
        return _sum(u, queries)
    if len(queries) > 1:
        left, right = queries[0], queries[1]
        if (
            left.year
            and right.year
            and left.year < right.year
            and left.documents == right.documents
            and not re.search(r"比|较", u.text.split(str(right.year))[0])
        ):
            left, right = right, left  # “2016到2017降了多少”: the later year against the earlier one
        return Compute(ask, (left, right), u.last_year)
    if re.search(r"[比较](?:年初|全年|调整)?预算(?!执行)", u.text):
        return Compute(ask, (replace(first, stage=Stage.FINAL), replace(first, stage=Stage.BUDGET)))
    if (
        len(u.items) > 1
        and len(u.years) < 2
        and not u.last_year
        and len({m.label for m in u.items}) > 1
        and re.search(r"比|与|和|跟|同|差", u.text)
    ):
        return Compute(ask, tuple(replace(first, mentions=m) for m in _apart(u.items)[:2]))
    return Compute(ask, (first, replace(first, year=first.year - 1 if first.year else None)), True)


_TOLD = re.compile(r"(?<![第\d.])([二两三四五六七八九]|\d{1,2})(?:个|项|块|笔|类|家|者)")


def told(text: str) -> int | None:
    """How many things a question says it speaks of (三项加起来, 两个项目); None where it does not say, or says more than one number."""
    numbers = {number_word(m[1]) for m in _TOLD.finditer(text)}
    return numbers.pop() if len(numbers) == 1 else None


_CONTAINERS = ("基本支出", "项目支出", "人员经费", "公用经费", "工资福利支出", "商品和服务支出", "一般公共预算拨款", "政府性基金预算拨款")
_LISTED = re.compile(r"[,和与及][^,?]{2,10}?这([二两三四五六七八九]|\d{1,2})(?:个|家)")


def listed_bodies(text: str) -> int:
    """How many bodies a question says it has listed (茅洲河,深圳河湾,观澜河这三个中心); 0 where it lists none."""
    found = _LISTED.search(text)
    return number_word(found[1]) if found else 0


def _sum(u: Understood, queries: list[Query]) -> Plan:
    first = queries[0]
    # “A和B的财政拨款一共”: the column closes the list and is no part of it.
    at = u.item_starts[-1] if u.item_starts else 0
    column = u.items[-1:] if len(u.items) > 1 and "column" in u.items[-1].kinds and u.text[at - 1 : at] == "的" else ()
    parts, within = [], None
    for start, item in list(zip(u.item_starts, u.items, strict=True))[: len(u.items) - len(column)]:
        # “基本支出里差旅费和培训费加起来”: what the others stand in is none of them.
        if INSIDE.match(u.text[max(start, 0) + len(item.text) :]) and start >= 0 and item is not u.items[-1]:
            within = item
        else:
            parts.append((within, item))
    said = told(u.text)
    sure = [(w, m) for w, m in parts if m.exact or re.search(r"\d", m.text)]
    if said and re.search(r"个项目", u.text) and len(parts) > said == len(sure):
        parts = sure  # “4号线、12号线、13号线三个项目的运营管理钱”: what is said of all of them is none of them
    if len(parts) == 2 and len(queries) == 1 and parts[0][1].label in _CONTAINERS and u.item_starts[1] == u.item_starts[0] + len(parts[0][1].text):
        return LookUp((replace(first, mentions=(parts[1][1], parts[0][1])),))  # “基本支出取暖费一共多少”: the one inside the other
    if column and len(parts) == 1 and len(queries) == 1:
        return LookUp((replace(first, mentions=(parts[0][1], *column)),))
    halves = [m.label for _, m in parts if m.label in ("基本支出", "项目支出")]
    if len(parts) == 3 and sorted(halves) == ["基本支出", "项目支出"] and len(queries) == 1:
        return LookUp((replace(first, mentions=tuple(m for _, m in parts if m.label not in halves)),))  # an item's two halves are the whole of it
    several = len(queries) == 1 or len(parts) == 1
    added = tuple(replace(q, mentions=(m, *column), within=w) for q in queries for w, m in parts)
    if len(added) > 1:
        return Compute(Ask.SUM, added, told=said if several else None)
    return LookUp(added, forms=by_unit(u.text) and any("project" in m.kinds for _, m in parts))  # one figure is no sum, but each unit may have its own


INSIDE = re.compile(r"(?:这?\d[\d.,]*(?:亿|万)?元?)?(?:这?(?:一?块|一?项|部分))?(?:里面?|之?中|下面|当中|之?内|项下|底下)(?!有没有)")
