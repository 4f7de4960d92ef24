"""Question -> Plan: a typed value that says exactly what is to be looked up, computed, listed, searched, asked back or refused."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ingest.records import Scope, Stage
from retrieval.computing import INSIDE, by_unit, compute, each_apart, listed_bodies, told
from retrieval.dialogue import chosen, coined, department_of, inherit, named_so, of_the_project, other_project, whose
from retrieval.plans import (
    Compute,
    Context,
    EachMonth,
    Library,
    LookUp,
    Meta,
    OutOfScope,
    PerUnit,
    Plan,
    Planned,
    Query,
    RowSet,
    Several,
    SmallTalk,
    Unclear,
    WhichTable,
    search,
    wants_money,
)
from retrieval.question import RECKONED, UNSPENT, Ask, Wish, decimals, normal, per_unit, quoted, slogan, without_remarks
from retrieval.rephrase import unexplained
from retrieval.talk import told_apart
from retrieval.understanding import Understood, understand
from retrieval.vocabulary import Entity, Mention, Names, concepts, guess

MANY = 8  # papers; among more, what a question that names nobody is about is told by its years and names


def plan(question: str, library: Library, context: Context, today: int) -> Planned:
    """Read a question in its dialogue into a plan."""
    talk, rest = told_apart(normal(question))
    proven = talk is not None and not rest and talk.name == "reliable" and bool(context.items)
    whole = chosen(_PROOF if proven else rest or normal(question), context)
    whole = without_remarks(_GIVEN.sub(r"\g<who>", whole))
    text = RECKONED.sub("", whole) or whole
    base = context.years[0] if context.years else None
    first = understand(text, library.entities, Names(), base, today)
    if talk and not rest and not proven:
        return Planned(SmallTalk(talk), None, context, first)
    scope_documents, entities, inherited = whose(first, library, context)
    if inherited and first.scope is Scope.OWN:
        entities = department_of(entities, library)
    years = first.years or (context.years if first.follow_up else ())
    if others := other_project(text, context, _projects_of(scope_documents, years or context.years, library)):
        text = named_so(text, others[0])
        if len(others) > 1:
            reason = f"另外还有 {len(others)} 个项目，您要问哪一个？{'、'.join(others[:8])}{'等' if len(others) > 8 else ''}。"
            return Planned(Unclear(reason), None, context, first)
    text = of_the_project(text, first, context)
    u = _understand_in(text, scope_documents, years, library, base, today)
    if not entities and not first.unknown_body and (narrower := _narrower(u, scope_documents, library)) != scope_documents:
        scope_documents = narrower
        u = _understand_in(text, scope_documents, first.years, library, base, today)
    u = coined(inherit(u, first, context), quoted(question))
    if not u.coined and u.wish.ask in (Ask.DEFINITION, Ask.LIST, Ask.TEXT) and not any(m.exact for m in u.items) and (term := slogan(text)):
        u = replace(u, coined=(term,), unknown=(term,), items=(), item_starts=())
    if re.search(r"今年|本年度", text) and u.years == (today,) and not library.of_years(scope_documents, (today,)):
        # “今年” of a paper that is not this year's means the paper's own year; the answer names it.
        u = replace(u, years=())
    if (own := _own_year_before(u, library, scope_documents, today)) is not None:
        u = replace(u, years=(own,))
    if not u.departments and not inherited:
        entities = ()
    if u.unknown and (named := re.search(r"\(([^()]{2,16})\)[?]?$", text)) and (meant := [m for m in u.items if m.exact and m.text == named[1]]):
        u = replace(u, items=tuple(meant), item_starts=(named.start(1),), unknown=())  # “工资发多少(基本工资)”: the asker says what is meant
    u = replace(u, reckoned=text != whole, places=decimals(whole))
    if (paper := _OF_A_PAPER.search(text)) and len(u.years) > 1 and (held := scope_documents & library.of_years(scope_documents, (int(paper[1]),))):
        # “2017年那本预算里2016年的三公”: the first year says which paper, the other one which figure.
        u, scope_documents = replace(u, years=tuple(y for y in u.years if y != int(paper[1]))), held
    documents = library.in_order(scope_documents)
    if (reached := _REACHED.search(text)) and u.counted and u.unknown and not library.many(documents):
        u = _target_of(u, reached, library.names_of(documents))
    made = _plan(u, documents, entities, library)
    if divided := per_unit(text):
        made = _per_unit(divided, made, u, documents, entities, library, base, today)
    if _EACH_MONTH.search(text) and not isinstance(made, OutOfScope):
        rest = _understand_in(_EACH_MONTH.sub("", text), scope_documents, u.years, library, base, today)
        rest = replace(rest, years=u.years, counted=None)
        if rest.items or rest.unknown:
            made = EachMonth(_plan(rest, documents, entities, library), rest, made)
    remembered = replace(
        context,
        departments=tuple(e.key for e in entities) or context.departments,
        years=u.years or (() if u.departments and not u.follow_up else context.years),
        stages=tuple(str(s) for s in u.stages),
        scope=str(u.scope) if u.scope else None,
        items=tuple(m.text for m in u.items) or context.items,
        project=next((m.text for m in u.items if "project" in m.kinds), context.project if any(m.text == context.project for m in u.items) else ""),
        keys=tuple(dict.fromkeys([*context.keys, *(f"{m.text}/{k}" for m in u.items if not m.exact for k in sorted(m.keys)[:4])]))[-12:],
        before=context.items if u.items and tuple(m.text for m in u.items) != context.items else context.before,
        earlier=context.years if u.years and u.years != context.years else context.earlier,
        bodies=tuple(dict.fromkeys([*context.bodies, *(d.text for d in first.departments)]))[-2:],
        unit=u.unit,
        ask=str(u.wish.ask),
    )
    return Planned(made, u.unit, remembered, u, entities)


def _own_year_before(u: Understood, library: Library, documents: set[str], today: int) -> int | None:
    """The year before the one year of the papers in question, for “上年预算数” said without a year: a column's name, not last year by the calendar.

    “截至2024年底” is what a paper of 2025 says of itself: the year of that paper. None where neither is said or the papers are of several years.
    """
    years = {library.paper[d].year for d in documents} - {None}
    if len(years) != 1 or library.many(documents):
        return None
    (year,) = years
    if u.years == (today - 1,) and year not in (today, today - 1) and re.search(r"上一?年度?(?!底|末)", u.text) and not re.search(r"(?:19|20)?\d\d年|去年", u.text):
        return year - 1
    asked = re.search(r"截[至止]到?((?:19|20)\d\d)年(?:底|末|12月)", u.text)
    return year if asked and u.years == (int(asked[1]),) and int(asked[1]) == year - 1 else None


def _per_unit(
    divided: tuple[str, str], made: Plan, u: Understood, documents: tuple[str, ...], entities: tuple[Entity, ...], library: Library, base: int | None, today: int
) -> Plan:
    """The amount and the number it is divided by, with the plan as it was `made` of the whole question."""
    unit, bare = divided
    rest = _understand_in(bare, set(documents), u.years, library, base, today)
    rest = replace(rest, years=u.years, departments=u.departments, counted=None)
    if rest.unknown or not rest.items or isinstance(made, OutOfScope):
        return PerUnit(unit, None, (), made)
    amount = replace(_queries(rest, documents, entities)[0], money=True)
    counts = [replace(amount, stage=None, money=False, counted=counted) for counted in (("人次", "人") if unit == "人" else (unit,))]
    own = all(m.concept and not m.kinds & {"project"} for m in rest.items)  # an item of the accounts, not what a project is for
    cars = all(m.label.startswith("公务用车") for m in rest.items)
    if of := _OF_UNIT["人"] if unit in ("人", "名") and own and not cars else _OF_UNIT["辆"] if unit in ("辆", "台") and cars else "":
        counted = next(c for c in concepts() if c.name == of)
        counts.append(replace(counts[-1], mentions=(Mention(counted.name, counted),)))
    return PerUnit(unit, amount, tuple(counts), made)


def _narrower(u: Understood, documents: set[str], library: Library) -> set[str]:
    """The papers of a question that names nobody, of many papers: those of its years, and of the one department that prints the names it uses."""
    if len(documents) <= MANY:
        return documents
    papers = [p for p in library.papers if p.id in documents]
    papers = [p for p in papers if p.year in u.years] or papers
    for word in [*(m.text for m in u.items if not m.concept and len(m.text) >= 4), *(word for word in u.unknown if len(word) >= 3)]:
        printing = library.printing(word)
        named = [p for p in papers if p.id in printing]
        if len({p.department_key for p in named}) == 1:
            return {p.id for p in named}
    return {p.id for p in papers}


def _projects_of(documents: set[str], years: Sequence[int], library: Library) -> tuple[str, ...]:
    """The projects named in the papers of these years."""
    held = () if library.many(documents) else tuple(sorted(library.of_years(documents, years) if years else documents))
    return tuple(dict.fromkeys(n.key for n in library.names_of(held) if n.kind == "project")) if held else ()


def _understand_in(text: str, documents: set[str], years: Sequence[int], library: Library, base: int | None, today: int) -> Understood:
    """The question cut with the names of the papers of its years, or, where these leave words unknown, of all papers in question."""
    if library.many(documents):  # the names of a whole collection are looked up, not gone through; nothing is guessed from them
        return understand(text, library.entities, library.names_in(text), base, today)
    of_years = library.of_years(documents, years)
    u = understand(text, library.entities, library.names_of(tuple(sorted(of_years or documents))), base, today)
    if of_years and of_years != documents and (u.unknown or not u.items):
        wider = understand(text, library.entities, library.names_of(tuple(sorted(documents))), base, today)
        if not u.items or wider.unknown != u.unknown:  # names of other years that explain nothing more only mislead
            return wider
    return u


# “某局2023年收入比2022年少了2亿,那倒推2022年…”: what is given to work from is not what is asked.
_GIVEN = re.compile(r"^(?P<who>[^,\d]{2,20})(?:19|20)?\d\d年[^,?]*?[比较][^,?]*,(?:那么?|所以|由此)?(?:倒推|反推|推算|倒算)(?:一下|出)?")
_OF_A_PAPER = re.compile(r"((?:19|20)\d\d)年[^,?]{0,12}?(?:那|这)(?:本|份|套|个)(?:部门|单位)?(?:预算|决算)")
_PROOF = "在哪张表"  # what “这个数可靠吗” asks of the figure just given


def _plan(u: Understood, documents: tuple[str, ...], entities: tuple[Entity, ...], library: Library) -> Plan:
    ask = u.wish.ask
    if not library.papers:
        return OutOfScope("索引里还没有任何材料，请先导入文件。")
    if ask is Ask.PRIVATE:
        return OutOfScope("个人的电话、证件号等信息不提供；可以问预算、决算数字，项目和绩效目标。")
    if ask is Ask.OPINION:
        return OutOfScope("材料里只有预算、决算的数字和说明，不做评价，也不作预测；可以问具体的金额、原因、依据或绩效目标。")
    if ask is Ask.EXECUTION and ("目标" in u.text or u.counted == "分" or any(m.label == "自评得分" for m in u.items)):
        ask = Ask.LOOK_UP
        u = replace(u, wish=Wish(ask), items=u.items or (Mention("预算执行率", None, frozenset(["预算执行率"])),), item_starts=u.item_starts or (0,))
    if u.unknown_body and not u.departments:
        return OutOfScope(f"现有材料里没有“{u.unknown_body}”。{_whom(library)}")
    if (several := listed_bodies(u.text)) > len(u.departments) > 0 and len([m for m in u.items if not m.is_field]) < several:
        named = "、".join(d.text for d in u.departments)
        return Unclear(f"问题里列了 {several} 个，只认出其中的{named}。请把每个单位的名称写全。")
    if u.unknown_unit and ask not in (Ask.TEXT, Ask.DEFINITION, Ask.META, Ask.WHICH_TABLE):
        below = "、".join(e.name for e in library.entities if e.unit and e.documents & set(documents))
        return OutOfScope(f"现有材料里没有“{u.unknown_unit}”单独的数。{f'列有数字的单位：{below}。' if below else ''}")
    if library.many(documents) and ask is not Ask.META:
        documents = _narrowed(u, documents, library)
        of_all = (ask is Ask.RANK and _row_set(u) == "departments") or (ask in (Ask.TEXT, Ask.DEFINITION) and not entities)
        if library.many(documents) and not of_all:
            return Unclear(f"{_whom(library)}请说明要问哪个部门{'' if u.years else '、哪一年'}。")
    if ask is Ask.META and not u.items:
        return Meta(documents if u.departments else tuple(library.paper))
    if not u.items and not u.unknown and u.counted in _OF_UNIT:
        counted = next(c for c in concepts() if c.name == _OF_UNIT[u.counted])
        u = replace(u, items=(Mention(counted.name, counted),), item_starts=(0,))
    if u.counted == "辆" and any(m.concept and m.concept.name.startswith("公务用车") for m in u.items):
        cars = next(c for c in concepts() if c.name == _OF_UNIT["辆"])
        u = replace(u, items=tuple(Mention(m.text, cars) if m.concept and m.concept.name.startswith("公务用车") else m for m in u.items))
    if ask is Ask.COUNT and ((any("indicator" in m.kinds or (m.concept and m.concept.counts) for m in u.items) and not _INDICATORS_COUNTED.search(u.text)) or (u.counted and u.items)):
        ask = Ask.LOOK_UP
        u = replace(u, wish=Wish(ask))
    of_everything = (
        not u.items
        and not _EACH_PROJECT.search(u.text)
        and not (ask is Ask.SUM and _SUMMED_PROJECTS.search(u.text))
        and not _named(u)
        and ask not in (Ask.LIST, Ask.COUNT, Ask.RANK, Ask.FILTER, Ask.TEXT, Ask.DEFINITION, Ask.WHICH_TABLE)
    )
    if of_everything:
        u = _explained(u, documents, library)
    if of_everything and not u.items:
        if ask is not Ask.LOOK_UP and not (u.unknown or u.departments or u.years or u.stages or entities):
            return Unclear("请说明要问哪个部门、哪一年、哪一项。")
        if (u.unknown and not _named(u)) or not (u.departments or u.years or u.stages or u.follow_up):
            return search(u, documents, Ask.LOOK_UP if ask not in (Ask.TEXT, Ask.DEFINITION) else ask)
        # “市府办本级2017年预算” names no item: the whole of it is meant.
        whole = next(c for c in concepts() if c.name == ("收入总计" if "收入" in u.text else "项目支出" if "项目" in u.text else "支出总计"))
        u = replace(u, items=(Mention(whole.name, whole),), item_starts=(0,))
    if ask is Ask.TEXT and "目标" in u.text and any("indicator" in m.kinds for m in u.items) and not re.search(r"为什么|原因|用于|依据", u.text):
        ask = Ask.LOOK_UP
        u = replace(u, wish=Wish(ask))
    if ask is Ask.LIST and not re.search(r"指标|绩效目标", u.text) and any(m.label in _LONG_FIELDS for m in u.items):
        ask = Ask.TEXT  # “年度目标有哪些”: a field's words, not rows
    if ask in (Ask.TEXT, Ask.DEFINITION) and not (u.departments or entities or u.items or u.unknown):
        return Unclear("请说明要问哪个部门、哪一项。")
    about_rows = not u.coined and (u.items or re.search(r"项目|指标", u.text) or _BY_FUNCTION.search(u.text) or _DIVIDED.search(u.text) or by_unit(u.text) or _ONE_UNIT.search(u.text))
    if ask in (Ask.LIST, Ask.COUNT, Ask.RANK) and not u.items and (by_unit(u.text) or (len(u.departments) == 1 and _ONE_UNIT.search(u.text))):
        u = _of(u, "收入总计" if "收入" in u.text else "支出总计")  # “各单位预算分别多少”: the whole of each
    if (ask in (Ask.TEXT, Ask.DEFINITION) and not _GOODS.search(u.text)) or (ask in (Ask.LIST, Ask.COUNT, Ask.RANK, Ask.FILTER) and not about_rows):
        return search(u, documents, ask)
    wholes = {m.concept.part_of for m in u.items if m.concept and m.text in m.concept.say_beside}
    if ask is not Ask.SHARE and wholes & {m.label for m in u.items}:
        keep = [i for i, m in enumerate(u.items) if m.label not in wholes]  # “政府采购里服务类”: the part is meant
        u = replace(u, items=tuple(u.items[i] for i in keep), item_starts=tuple(u.item_starts[i] for i in keep))
    if _PROCURED.search(u.text):  # 货物, 工程, 服务 are the three parts of all 政府采购
        u = replace(_of(u, "政府采购"), wish=Wish(Ask.LIST), unknown=())
    if _GOODS.search(u.text) and u.wish.ask in (Ask.LIST, Ask.COUNT, Ask.TEXT, Ask.LOOK_UP) and any(m.label == "政府采购" for m in u.items):
        return RowSet(Ask.LIST, "goods", replace(_queries(_of(u, "政府采购"), documents, entities)[0], mentions=()), Wish(Ask.LIST))
    if u.agreement and u.items and max(len(u.years), len(u.stages), len(u.departments)) < 2:
        ask = Ask.LOOK_UP  # one thing in two places, not two things: the places are no items
        keep = [i for i, m in enumerate(u.items) if "project" in m.kinds] or [i for i, m in enumerate(u.items) if not re.match(r"表|指标|里|中", u.text[max(u.item_starts[i], 0) + len(m.text) :])]
        u = replace(u, wish=Wish(ask), **({"items": tuple(u.items[i] for i in keep), "item_starts": tuple(u.item_starts[i] for i in keep)} if keep else {}))
    if len(u.items) > 1 and re.search(r"花了?多少", u.items[-1].text) and u.items[-1].label == "支出总计":
        u = replace(u, items=u.items[:-1], item_starts=u.item_starts[:-1])  # “甲和乙总共花了多少” asks for no third thing
    sheet = None
    if ask is not Ask.WHICH_TABLE:
        u, sheet = _sheet(u)
        sheet = u.numbered or sheet
    ask = _sum_or_several(u)
    if ask is Ask.LOOK_UP and _named(u) and re.search(r"合计|一共|总共|共计|总和", u.text):
        ask = Ask.SUM
    u = replace(u, wish=replace(u.wish, ask=ask))
    if ask is Ask.LOOK_UP and (around := [m for i, m in enumerate(u.items[:-1]) if INSIDE.match(u.text[max(u.item_starts[i], 0) + len(m.text) :])]):
        u = replace(u, items=(*(m for m in u.items if m not in around), *around))  # “教师里正高级职称多少人”: what stands in the other is asked for
    queries = [replace(q, sheet=sheet, money=wants_money(u)) for q in _queries(u, documents, entities)]
    if ask is Ask.WHICH_TABLE or (u.items and re.search(r"哪些(?:材料|文件|文档|资料)", u.text)):
        return WhichTable(queries[0], u.text == _PROOF)
    if named := _named(u):
        return RowSet(ask if ask in (Ask.RANK, Ask.FILTER, Ask.COUNT, Ask.SUM) else Ask.LIST, "projects", replace(queries[0], mentions=()), u.wish, named=named, told=told(u.text))
    things = [m for m in u.items if not m.is_field and m.label != "自评得分"]
    if len(things) == 2 and len(queries) == 1 and _WHICH_OF_TWO.search(u.text):
        score = tuple(Mention(c.name, c) for c in concepts() if c.name == "自评得分" and "自评" in u.text)
        each = tuple(replace(queries[0], mentions=(m, *score)) for m in things)
        return Compute(Ask.DIFFERENCE, each) if _BY_HOW_MUCH.search(u.text) else LookUp(each)
    if (len(things) < 2 or len(u.departments) == 2) and len(queries) == 2 and u.items and _WHICH_OF_TWO.search(u.text) and _BY_HOW_MUCH.search(u.text):
        return compute(replace(u, wish=Wish(Ask.DIFFERENCE)), queries)  # “谁高，高多少”: of two bodies or years, by how much
    all_projects = _SUMMED_PROJECTS.search(u.text) and all(m.label in _PROJECT_WORDS for m in u.items)
    if ask in (Ask.RANK, Ask.FILTER, Ask.LIST, Ask.COUNT) or (ask is Ask.SUM and all_projects):
        if ask is Ask.RANK and len(u.departments) > 1:
            return RowSet(ask, "departments", replace(queries[0], documents=documents), replace(u.wish, top=99))
        of = _row_set(u)
        spoken = {"projects": (*_PROJECT_WORDS, "是否新增项目", "项目编码"), "indicators": ("年度目标", "长期目标")}.get(of, ())
        query = replace(queries[0], mentions=tuple(m for m in u.items if m.label not in spoken))
        condition = _condition(u.text) if of == "projects" else "missed" if of == "indicators" and _MISSED.search(u.text) else ""
        return RowSet(ask, of, query, u.wish, condition)
    if UNSPENT.search(u.text) and not any("结余" in m.text for m in u.items) and (of := tuple(m for m in u.items if m.label != "年末结转和结余")):
        base = replace(queries[0], mentions=of, stage=None)
        return Compute(Ask.UNSPENT, (replace(base, stage=Stage.BUDGET), replace(base, stage=Stage.FINAL)))
    if len(each := each_apart(u, queries)) > 1:
        return Several(tuple(each))
    if ask in (Ask.DIFFERENCE, Ask.GROWTH, Ask.SHARE, Ask.TIMES, Ask.EXECUTION, Ask.SUM):
        return compute(u, queries)
    if ask is Ask.LOOK_UP and len(queries) == 1 and len(columns := [m for m in u.items if m.kinds == {"column"} and _ASKED_OF_IT.match(u.text.partition(m.text)[2])]) > 1:
        others = tuple(m for m in u.items if m not in columns)  # “权重几分、实际业绩值多少”: each column of the one row
        queries = [replace(queries[0], mentions=(*others, m), counted=None) for m in columns]
    if u.counted_too and ask is Ask.LOOK_UP and len(u.items) == 1:
        queries = [replace(q, counted=unit) for q in queries for unit in (u.counted, *u.counted_too)]
    if _POSTS_AND_PEOPLE.search(u.text) and [m.label for m in u.items] == ["编制数"]:
        people = next(c for c in concepts() if c.name == _OF_UNIT["人"])
        queries = [replace(q, mentions=m, stage=None) for q in queries for m in (q.mentions, (Mention(people.name, people),))]
    return LookUp(tuple(queries), u.agreement)


_ASKED_OF_IT = re.compile(r"(?:各|分别)?(?:是|为)?(?:多少|几)")
_POSTS_AND_PEOPLE = re.compile(r"编制[^,?实在]{0,6}(?:几|多少)[个名人]{0,2}[,]?(?:实际|现在|现有)?(?:实有|在岗|在职|在编)(?:人员|人数)?[^,?]{0,2}(?:几|多少)")


def _explained(u: Understood, documents: tuple[str, ...], library: Library) -> Understood:
    """A question without items, with the words whose characters passed as talk: as the one name they are part of (会务, 印刷), else unknown."""
    unknown = u.unknown or unexplained(u)
    if unknown == u.unknown:
        return u
    found = guess(unknown[0], library.names_of(documents))
    if found and len(unknown) == 1 and found.kinds <= {"row", "project"}:
        return replace(u, items=(found,), item_starts=(u.text.index(unknown[0]),))
    return replace(u, unknown=unknown)


def _target_of(u: Understood, reached: re.Match[str], names: Names) -> Understood:
    """“一年要发多少条新闻算达标”: the target of the indicator that the project's words name; unchanged where an unknown word is part of no indicator's name."""
    projects = [m for m in u.items if "project" in m.kinds]
    words_ = [w for w in (x.replace(reached[0], "").strip(",?.") for x in u.unknown) if w]
    keys = [frozenset(n.key for n in names if n.kind == "indicator" and w in n.key) for w in words_]
    if len(projects) != 1 or not words_ or not all(keys):
        return u
    named = tuple(Mention(w, keys=k, kinds=frozenset(["indicator"]), exact=False) for w, k in zip(words_, keys, strict=True))
    return replace(u, items=(projects[0], *named), item_starts=(0, *(u.text.find(w) for w in words_)), unknown=(), wish=Wish(Ask.LOOK_UP))


_REACHED = re.compile(r"(?:才|就)?(?:能|可以)?算(?:是)?(?:达标|完成(?:任务|目标|指标)?|合格|过关|达到(?:要求|目标)?)")
_PROCURED = re.compile(r"采购.{0,6}(?:货物|工程|服务)类?[,和与及](?:货物|工程|服务)类?[,和与及](?:货物|工程|服务)")
_EACH_MONTH = re.compile(r"每个?月(?!度)|一个月|月均")
_GOODS = re.compile(r"(?:按|分|各|哪些|哪几[类个种]|什么)[^,?]{0,4}品目|品目[^,?]{0,6}(?:各|分别|哪|怎么分|明细|列)")
_NAMED = re.compile(r"(?:名(?:字|称)?(?:里面?|当?中)?(?:都|有|带有?|含有?|包含)+|(?:带有?|含有?|包含))(?P<word>[^,的]{2,10}?)(?:这?[一二两三四几]?个?字|字样|字眼)?的[^,的]{0,4}?项目|以(?P<start>[^,的]{2,12}?)(?:开头|打头|起头)的[^,的]{0,4}?项目")


def _named(u: Understood) -> str:
    """The words that the names of the projects asked for hold (带“督查”的两个项目)."""
    found = _NAMED.search(u.text)
    return (found["word"] or found["start"]) if found else ""


_INDICATORS_COUNTED = re.compile(r"(?:几|多少)[个项条]?(?:绩效)?指标|指标(?:一共|总共|共)?有?(?:几|多少)[个项条]")
_LONG_FIELDS = ("年度目标", "长期目标", "政策依据", "测算依据")
_OF_UNIT = {"辆": "车辆", "人": "实有人数"}  # what is counted when only the unit says it (有几辆车)
_ALL_PROJECTS = re.compile(r"(?:所有|全部|各个?|[那这](?:几|\d+|[二三四五六七八九十]+)个|(?:\d+|[二三四五六七八九十]+)个)的?项目")
_SUMMED_PROJECTS = re.compile(rf"{_ALL_PROJECTS.pattern}|(?:多少|几)个项目")  # “一共几个项目，加起来多少”
_EACH_PROJECT = re.compile(r"各(?:个|项)?项目|各项目|每个项目|[一二两三四五六七八九十\d]+个项目(?=.*(?:都|各|分别))|(?:所有|全部)的?项目|项目清单|项目明细")
_PROJECT_WORDS = ("项目支出", "本年度项目金额", "项目总金额", "自评得分", "一级项目", "二级项目")


def _of(u: Understood, concept: str) -> Understood:
    """The question with this concept as its only item."""
    item = next(c for c in concepts() if c.name == concept)
    return replace(u, items=(Mention(item.name, item),), item_starts=(0,))


def _sheet(u: Understood) -> tuple[Understood, Mention | None]:
    """The question without the table it names beside an item (“收入决算表里教育支出那一行”), and that table."""
    for at, (start, item) in enumerate(zip(u.item_starts, u.items, strict=True)):
        end = start + len(item.text)
        named = item.kinds == {"table"} or bool(item.concept and item.concept.table)
        if named and len(u.items) > 1 and (item.text.endswith("表") or u.text[end : end + 1] == "表"):
            return replace(u, items=u.items[:at] + u.items[at + 1 :], item_starts=u.item_starts[:at] + u.item_starts[at + 1 :]), item
    return u, None


def _condition(text: str) -> str:
    if re.search(r"(?:没有|无|未填|缺少?|没填).{0,4}(?:编码|编号|代码)|(?:编码|编号|代码)(?:为空|空白|没填|未填|缺失)", text):
        return "no code"
    if re.search(r"(?:申报|报)了?(?:哪些|多少|几)?个?项目的?绩效目标|绩效目标申报", text):
        return "reported"
    if "绩效" in text and not re.search(r"绩效(?:管理|考核)(?:项目|经费|业务)", text):
        return "targets"
    return "new" if re.search(r"新(?:增|上|设|立|开)的?项目|项目.{0,5}新(?:增|上|设|立|开)|新(?:增|上|设立?|立|开)的|(?:今年|本年度?|当年|首次)新(?:增|上|设)", text) else ""


def _sum_or_several(u: Understood) -> Ask:
    """合计 over several things is a sum; 分别/各 over several things is several look-ups; else what was asked."""
    scored = any(m.label == "自评得分" for m in u.items)
    if u.wish.ask in (Ask.LOOK_UP, Ask.DIFFERENCE, Ask.LIST) and _EACH_PROJECT.search(u.text) and (scored or all(m.label in _PROJECT_WORDS for m in u.items)):
        return Ask.SUM if re.search(r"合计|一共|总共|共计|总和|加起来", u.text) else Ask.LIST
    several = sum(not m.is_field for m in u.items) > 1 or len(u.years) > 1 or len(u.departments) > 1
    said = u.text
    for item in u.items if max(len(u.years), len(u.departments)) < 2 else ():
        said = said.replace(item.text, "")  # “那行的本年收入合计” adds nothing
    said = re.sub(r"(?:合计|总计|总额)(?:里|中|当中|里面)", "", said)
    several = several or (by_unit(u.text) and any("project" in m.kinds for m in u.items))
    if u.wish.ask in (Ask.LOOK_UP, Ask.LIST) and several and re.search(r"合计|一共|总共|共计|总和|加起来", said):
        return Ask.SUM
    if u.wish.ask in (Ask.LOOK_UP, Ask.COUNT) and _ALL_PROJECTS.search(u.text) and re.search(r"合计|一共|总共|共计|总额|总和", u.text):
        return Ask.SUM
    if u.wish.ask is Ask.LIST and (several or len(u.stages) > 1) and re.search(r"分别|(?<!下设)(?<!下设的)各", u.text):
        return Ask.LOOK_UP
    return u.wish.ask


def _narrowed(u: Understood, documents: tuple[str, ...], library: Library) -> tuple[str, ...]:
    """Those of very many documents that print a name of the question that few papers print; all, where that says not whose is meant."""
    used = [found for m in u.items if m.keys and (found := library.papers_using(m.keys)) is not None]
    narrowed = set(documents).intersection(*used) if used else set()
    return library.in_order(narrowed) if narrowed and not library.many(narrowed) else documents


def _whom(library: Library) -> str:
    names = library.departments
    listed = "、".join(names[:8]) + ("等" if len(names) > 8 else "")
    return f"现有 {len(library.papers)} 份材料，涉及：{listed}。" if names else ""


def _queries(u: Understood, documents: tuple[str, ...], entities: tuple[Entity, ...]) -> list[Query]:
    """The look-ups of a question: one for each body, year and 口径 named."""
    bodies: list[tuple[str, tuple[str, ...], tuple[str, ...], Scope | None]] = []
    for mention in u.departments:
        group = mention.entities
        held = tuple(d for d in documents if any(d in e.documents for e in group))
        bodies.append((mention.text, held, tuple(e.key for e in group if e.unit), Scope.OWN if mention.own else u.scope))
    if not bodies:
        units = tuple(e.key for e in entities if e.unit)
        bodies = [(entities[0].name if len(entities) == 1 else "", documents, units, u.scope)]
    stages: Sequence[Stage | None] = u.stages or (None,)
    if len(stages) > 1 and u.wish.ask not in (Ask.DIFFERENCE, Ask.EXECUTION, Ask.LOOK_UP, Ask.GROWTH, Ask.TIMES):
        stages = stages[:1]
    years: Sequence[int | None] = u.years or (None,)
    # “2019年决算和2021年预算” pairs its years with its 口径; otherwise each year is asked in each.
    bound = [y for y in years if y and len(stages) == 1 and re.search(rf"(?:{y}|(?<!\d){y % 100}年)年?度?的?(?:部门)?{stages[0]}", u.text)]
    if u.wish.ask in (Ask.DIFFERENCE, Ask.GROWTH, Ask.TIMES) and len(years) == 2 and bound == [years[1]]:
        stages = (None, stages[0])  # “2021年比2019年决算多多少”: said of the one year
    times = list(zip(years, stages, strict=True)) if len(years) == len(stages) > 1 else [(year, stage) for year in years for stage in stages]
    there = bool(u.counted) and not _BUYING.search(u.text)
    return [Query(held, u.items, year, stage, scope, units, text, u.counted, held=there, within=u.within) for text, held, units, scope in bodies for year, stage in times]


_BUYING = re.compile(r"[购买添]|新增|更新|报废")


_BY_FUNCTION = re.compile(r"功能(?:分类|科目)|按(?:功能)?(?:大类|类别)|(?:哪|几|各)(?:一|几|个)?大?类(?:支出|的支出)|支出.{0,4}(?:哪|几)几?大类")
_BY_HOW_MUCH = re.compile(r"[多少高低大小差贵](?:出来?|了)?(?:多少|几)")
_WHICH_OF_TWO = re.compile(r"(?:谁|哪一?[个项块家边年])[^,?最]{0,6}?(?:更|比较|较)?(?:多(?!少)|少|高|低|大|小|贵)")
_DIVIDED = re.compile(r"(?:支出|花的?钱|预算|决算)[^,?]{0,4}分(?:成|为)?(?:哪|几)几?大?[块类]")  # of all spending: by function
_ONE_UNIT = re.compile(r"哪(?:一?个|一?家)(?:下属|二级|直属|所属|基层|预算)?单位|哪一?家")  # in one department: a unit of it
_MISSED = re.compile(r"(?:没有?|未|不)(?:能)?(?:达标|达到|完成|实现)")


_PROJECTS_ASKED = re.compile(r"(?:几|多少|哪些|哪几)个?项目|项目(?:一共|总共|共)?有?(?:几|多少)个")


def _row_set(u: Understood) -> str:
    if "指标" in u.text or (re.search(r"绩效目标(?!(?:申报)?表)", u.text) and not _PROJECTS_ASKED.search(u.text)):
        return "indicators"
    if any(m.label.endswith("自评得分") for m in u.items):
        return "scores"
    everything = all(m.label in ("支出总计", "本年支出合计") for m in u.items)
    if _BY_FUNCTION.search(u.text) or (everything and _DIVIDED.search(u.text)):
        return "functions"
    if len(u.departments) == 1 and (by_unit(u.text) or (u.wish.ask is Ask.RANK and _ONE_UNIT.search(u.text))):
        return "units"
    if re.search(r"哪个(?:部门|单位|局|委|办)|(?:部门|单位)是(?:哪|谁)|哪家|谁|各部门|哪些(?:部门|单位)|几个(?:部门|单位)", u.text):
        return "departments"
    if re.search(r"哪一?年|逐年|历年", u.text):
        return "years"
    if all(m.label in _PROJECT_WORDS for m in u.items) or _condition(u.text) in ("new", "no code"):
        return "projects"
    if u.items and not re.search(r"(?:哪|几|多少)个?(?:个|些|几个)?项目|项目(?:有|是|里|中|分别|最|排|前|金额|超过)|的项目$", u.text):
        return "children"
    return "projects"
