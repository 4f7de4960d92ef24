"""The dialogue: what a question leaves out or only points at (“第二个项目”, “这两家”, “那2019年呢”), filled in from the questions before it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from ingest.records import Scope, Stage
from retrieval.plans import Context, Library
from retrieval.question import UNSPENT, Ask, Wish, normal, number_word, words
from retrieval.understanding import Understood
from retrieval.vocabulary import Entity, Mention, concepts

_BOTH_BODIES = re.compile(r"[这那]?(?:两|二)(?:家|个(?:部门|单位|局|办))")
_HOW = re.compile(r"[?,.]?按(?:照)?[^,?]{2,24}(?:倒推|反推|推算)(?:一下|出来)?[?]?$")  # how it is to be worked out is not what is asked
_DENIED = re.compile(r"^(?:不对[,.!]?)?不是[^,.;!?]{1,14}[,.;!?](?=.)")
_OF_IT = re.compile(r"(?:那|这)?(?:其中|里面|里头|里边|它里|这里|那里)")
_IT = re.compile(r"^(?:那|这个项目|该项目)?它的|^(?:这个|该)项目的")


def coined(u: Understood, said: Sequence[str]) -> Understood:
    """The question with what it puts in quotes kept whole, where that names no item, no body and no figure and is what the question is about."""
    names = [m.text for m in (*u.items, *u.departments)]
    coined = tuple(term for term in said if not any(name in term or term in name for name in names) and not re.search(r"\d(?:亿|万|元|%)", term))
    figure = u.wish.ask not in (Ask.TEXT, Ask.LIST, Ask.DEFINITION)
    if not coined or (figure and u.items):
        return u
    told = u.wish.ask is Ask.LOOK_UP and not re.search(r"多少|几", u.text)  # “多网合一”怎么落实
    unknown = (*coined, *(w for w in u.unknown if not any(w in term for term in coined)))
    return replace(u, coined=coined, unknown=unknown, wish=Wish(Ask.TEXT) if told else u.wish)


def chosen(text: str, context: Context) -> str:
    """The question with what its words point at in the dialogue: “第二个项目”, “它” of a row just ranked, “这两家”; “不是…，” is left out."""
    text = _DENIED.sub("我说的是", _HOW.sub("", text))
    if context.ask == Ask.RANK and len(context.choices) == 1 and _IT.search(text):
        return _IT.sub(f"{normal(context.choices[0])}的", text)
    if len(context.bodies) == 2 and _BOTH_BODIES.search(text):
        return _BOTH_BODIES.sub("和".join(context.bodies), text, count=1)
    found = re.search(r"(?:上面|其中|那)?第([一二两三四五六七八九十]|\d{1,2})个(?:项目|指标)?(?!月|季度|年)", text)
    number = number_word(found[1]) if found else 0
    if not found or not 0 < number <= len(context.choices):
        return text
    return text[: found.start()] + normal(context.choices[number - 1]) + text[found.end() :]


def whose(u: Understood, library: Library, context: Context) -> tuple[set[str], tuple[Entity, ...], bool]:
    """The documents in question, the bodies named, and whether these come from the dialogue."""
    if u.departments:
        entities = tuple(dict.fromkeys(e for d in u.departments for e in d.entities))
        return {d for e in entities for d in e.documents}, entities, False
    if context.departments and not u.unknown_body:
        entities = tuple(e for e in library.entities if e.key in context.departments)
        if entities:
            return {d for e in entities for d in e.documents}, entities, True
    return set(library.paper), (), False


_OTHER = re.compile(r"(?:另外|其他|剩下|还有)(?:的|那)?(?:一个|个)项目|另一个(?:项目)?")


def other_project(text: str, context: Context, projects: Sequence[str]) -> tuple[str, ...]:
    """The projects that “另外那个项目” may mean: those of the papers but the one spoken of; none where the question does not point so."""
    if not context.project or not _OTHER.search(text):
        return ()
    return tuple(p for p in projects if normal(context.project) not in p)


def named_so(text: str, project: str) -> str:
    """The question with “另外那个项目” replaced by a project's name."""
    return _OTHER.sub(normal(project), text, count=1)


def of_the_project(text: str, u: Understood, context: Context) -> str:
    """A question that names nothing but a time or manner of paying (到第三季度累计要付多少), with the project spoken of before it."""
    bare = context.project and u.unknown and not (u.items or u.departments) and all(word in words()["qualifier"] for word in u.unknown)
    return f"{normal(context.project)}{text}" if bare else text


def department_of(entities: tuple[Entity, ...], library: Library) -> tuple[Entity, ...]:
    """The department above units, for “厅本级呢” after one of its units; the same where they are no units."""
    if not entities or not all(e.unit for e in entities):
        return entities
    documents = frozenset(d for e in entities for d in e.documents)
    return tuple(e for e in library.entities if not e.unit and documents & e.documents) or entities


def inherit(u: Understood, first: Understood, context: Context) -> Understood:
    """Fill what a follow-up leaves out from the dialogue."""
    if not (context.departments or context.items):
        return u
    carries_on = u.follow_up or u.years or u.departments or u.unit or u.stages or u.scope or u.wish.ask not in (Ask.LOOK_UP, Ask.META)
    both = u.wish.ask is Ask.SUM or re.search(r"两个|两项|二者|两者|它们|这两|相差" + ("" if context.earlier else "|差多少|差几"), u.text)
    adding = u.wish.ask is Ask.SUM or re.search(r"一共|合计|总共|共计", u.text)
    if not u.items and context.before and both and (adding or u.wish.ask is Ask.DIFFERENCE):
        u = _with_items(u, (*context.before, *context.items), (), context)
        u = replace(u, wish=Wish(Ask.SUM)) if adding else u
    elif u.wish.ask is Ask.DIFFERENCE and len(u.items) == 1 and context.items and re.match(r"(?:那|再)?(?:和|跟|与|同|比)", u.text) and not u.years:
        u = _with_items(u, context.items, u.items, context)
    elif u.wish.ask is Ask.SHARE and context.items and len(u.items) == 1 and re.match("其中|里面|它?里", u.text):
        asked = replace(u, items=(), item_starts=())
        whole = _with_items(asked, context.items, (), context).items  # “其中公务接待费占多少”: of what was spoken of
        u = replace(u, items=(*u.items, *whole), item_starts=(*u.item_starts, *(len(u.text) for _ in whole)))
    elif context.items and not u.departments and UNSPENT.search(u.text) and all(m.label == "年末结转和结余" for m in u.items):
        u = _with_items(u, context.items, (), context)  # “剩多少没花” of what was spoken of, not of everything
    elif u.wish.ask is Ask.SHARE and context.items and u.text.startswith(("占", "它占", "那占")):
        u = _with_items(u, context.items, u.items, context)
    elif not u.items and context.items and carries_on and not u.unknown:
        u = _with_items(u, context.items, (), context)
        if u.wish.ask is Ask.LOOK_UP and context.ask in ("difference", "growth", "share", "execution_rate") and not u.stages:
            u = replace(u, wish=Wish(Ask(context.ask)))
    elif context.project and u.items and not u.departments and "指标" in u.text and not any("project" in m.kinds for m in u.items):
        u = _with_items(u, [context.project], u.items, context)  # “满意度指标有哪些”: of the project spoken of
    elif u.items and all(m.is_field for m in u.items) and context.items:
        # “它的项目编码”: a field of the project that was spoken of.
        kept = [said for said in context.items if not any(c.field and said in c.say for c in concepts())]
        u = _with_items(u, kept, u.items, context)
    elif u.follow_up and u.wish.ask is Ask.LOOK_UP and u.items and all("project" in m.kinds for m in u.items):
        # “另外那个项目呢”: of another project the same field or score.
        u = _with_items(u, [said for said in context.items if any((c.field or c.name == "自评得分") and said in c.say for c in concepts())], u.items, context)
    if u.wish.ask is Ask.LOOK_UP and u.items and context.items and not u.departments and _OF_IT.match(u.text):
        u = replace(u, within=_with_items(replace(u, items=(), item_starts=()), context.items[:1], (), context).items[0])
    if u.wish.ask in (Ask.DIFFERENCE, Ask.GROWTH) and len(u.years) == 1 and context.years and u.years[0] != context.years[0] and not first.items:
        u = replace(u, years=(context.years[0], u.years[0]))  # “和2025年比呢”: the year spoken of against this one
    if u.wish.ask in (Ask.DIFFERENCE, Ask.GROWTH) and not u.years and context.years and context.earlier and not u.last_year:
        u = replace(u, years=tuple(sorted((context.years[0], context.earlier[0]), reverse=True)))
    if not u.years and context.years and not u.all_years:
        u = replace(u, years=context.years if not u.last_year else u.years)
    if not u.stages and context.stages and u.follow_up:
        u = replace(u, stages=tuple(Stage(s) for s in context.stages))
    if u.scope is None and context.scope and u.follow_up:
        u = replace(u, scope=Scope(context.scope))
    return u


def _with_items(u: Understood, said: Iterable[str], own: Sequence[Mention], context: Context) -> Understood:
    """The question with items of the dialogue before its own."""
    meant = [entry.split("/", 1) for entry in context.keys]
    items = [
        Mention(text, next((c for c in concepts() if text in c.say), None), frozenset([text, *(k for words_, k in meant if words_ == text)]))
        for text in said
    ]
    starts = tuple(range(-len(items), 0)) + u.item_starts[: len(own)]
    return replace(u, items=(*items, *own), item_starts=starts)
