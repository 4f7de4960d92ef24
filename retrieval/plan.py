"""Question -> Plan: a typed value that says exactly what is to be looked up, computed, listed, searched, asked back or refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest

from ingest.records import Scope, Stage
from retrieval.question import (
    Ask,
    Span,
    Wish,
    counted_unit,
    normal,
    number_word,
    occurrences,
    quoted,
    unit_spans,
    wish,
    word_spans,
    words,
    year_spans,
)
from retrieval.vocabulary import (
    DepartmentMention,
    Entity,
    Mention,
    Names,
    best_cover,
    concepts,
    department_spans,
    guess,
    item_spans,
    region_spans,
    unknown_body,
)

# What was understood


@dataclass(frozen=True, slots=True)
class Understood:
    """The pieces of one question: bodies, years, 口径, items in their order, what is asked, and what nobody knows (`unknown`)."""

    text: str
    wish: Wish
    departments: tuple[DepartmentMention, ...] = ()
    years: tuple[int, ...] = ()
    last_year: bool = False
    all_years: bool = False
    stages: tuple[Stage, ...] = ()
    scope: Scope | None = None
    unit: str | None = None
    items: tuple[Mention, ...] = ()
    item_starts: tuple[int, ...] = ()
    unknown: tuple[str, ...] = ()
    unknown_body: str = ""
    follow_up: bool = False
    counted: str | None = None
    agreement: bool = False  # whether the papers agree with themselves is asked
    numbered: Mention | None = None  # a table named by its number (表15-4, 公开02表)
    coined: tuple[str, ...] = ()  # words in quotes that name nothing known (“五个到格”): also `unknown`


_FOLLOW_UP = re.compile(
    r"^(?:那么?|那|还有|另外|再|换成|换算|其中|它|这个|这些|上面|刚才|改成|不是|不对|我(?:说|问|指)的是|我要的是|应该是|如果是)|呢[?!.]*$|^(?:为什么|原因|具体|详细)"
)


_TABLE_NUMBER = re.compile(r"(?:公开|预算|附)\d{1,2}表|(?:附)?表\d{1,2}(?:-\d{1,2})?(?!\d|[年月])")


def understand(text: str, entities: Sequence[Entity], names: Names, base_year: int | None, today: int) -> Understood:
    """Cut the normal form of a question into what the store and the word lists know. What nobody knows is kept in `unknown`."""
    wanted = wish(text)
    spans: list[Span] = [
        *year_spans(text, base_year, today),
        *unit_spans(text),
        *word_spans(text),
        *department_spans(text, entities),
        *region_spans(text, entities),
        *item_spans(text, names),
        *(Span(a, b, "wish", wanted.ask, 0.75) for a, b in wanted.spans),
        *(Span(m.start(), m.end(), "numbered", Mention(m[0], kinds=frozenset(["table number"])), 1.0) for m in _TABLE_NUMBER.finditer(text)),
        *(Span(counted[1], counted[2], "counted", counted[0], 0.9) for counted in [counted_unit(text)] if counted),
    ]
    chosen = best_cover(spans, len(text))
    foreign = next((s.value for s in chosen if s.kind == "department" and s.value.foreign), None)
    unknown, guesses = _leftovers(text, chosen, names)
    # A guess may have taken in a known item beside it (对口帮扶 + 专项资金): the guess stands for both.
    own = [(s.start, s.value) for s in chosen if s.kind == "item" and not any(a <= s.start < a + len(m.text) for a, m in guesses)]
    items = _coded(text, _distinct(sorted(own + guesses, key=lambda x: x[0])))
    years: list[int] = []
    for s in chosen:
        if s.kind in ("year", "relative_year"):
            years += [y for y in s.value if y is not None and y not in years]
    if base_year and years and not any(s.kind == "year" for s in chosen):
        years.insert(0, base_year)  # “比上年” in a dialogue: the year it is about comes first
    scopes = [s.value for s in chosen if s.kind == "scope"]
    body = f"{foreign.foreign}{foreign.text}" if foreign else next((unknown_body(u) for u in unknown if unknown_body(u)), "")
    departments = _narrowest(text, [(s.start, s.value) for s in chosen if s.kind == "department" and not s.value.foreign])
    if body:
        # 北京市 + an unknown 局, or one that we know of another place: another body of that place, not the one we know there.
        place = next((d.text for d in departments if d.region and text.find(d.text + body) >= 0), "")
        departments = tuple(d for d in departments if not d.region)
        body = place + body
    return Understood(
        text=text,
        wish=wanted,
        departments=departments,
        years=tuple(years),
        last_year=any(s.kind == "relative_year" and s.value == (None,) for s in chosen)
        or bool(re.search(r"同比|比上年|较上年|比去年|较去年|比上一年", text)),
        all_years=any(s.kind == "all_years" for s in chosen),
        stages=tuple(dict.fromkeys(s.value for s in chosen if s.kind == "stage")),
        scope=scopes[0] if scopes else None,
        unit=next((s.value for s in chosen if s.kind == "unit"), None),
        items=tuple(m for _, m in items),
        item_starts=tuple(a for a, _ in items),
        unknown=tuple(unknown),
        unknown_body=body,
        follow_up=bool(_FOLLOW_UP.search(text)),
        counted=next((s.value for s in chosen if s.kind == "counted"), None),
        numbered=next((s.value for s in chosen if s.kind == "numbered"), None),
        agreement=bool(re.search(r"一致|对得上|矛盾|到底是.*还是|究竟是.*还是|哪个(?:数)?(?:才)?(?:对|正确)", text)),
    )


def _distinct(items: list[tuple[int, Mention]]) -> list[tuple[int, Mention]]:
    """The items without repeats, and without a “预算总额” that only closes the item before it (“三公”经费预算总额)."""
    kept: list[tuple[int, Mention]] = []
    end = -1
    for start, mention in items:
        closing, end = start == end and bool(mention.concept and mention.concept.inside), start + len(mention.text)
        if closing:
            continue
        if not any(m.concept is mention.concept and m.keys == mention.keys for _, m in kept):
            kept.append((start, mention))
    return kept


_ADDRESS = re.compile(r"(?:的|下属的?|所属的?|下面的?)?")


def _narrowest(text: str, named: Sequence[tuple[int, DepartmentMention]]) -> tuple[DepartmentMention, ...]:
    """The bodies named, without a department that only says whose the unit named after it is (水务局观澜河流域管理中心), or in whose paper it
    stands (市府办表11：市政务服务管理办公室…)."""
    kept = []
    for (start, mention), following in zip_longest(named, named[1:]):
        units = following[1].entities if following and not any(e.unit for e in mention.entities) else ()
        own = {d for e in mention.entities for d in e.documents}
        if following and units and all(e.unit and e.documents & own for e in units):
            between = text[start + len(mention.text) : following[0]]
            apart = not mention.own and len(between) > 1 and not re.search(r"和|与|跟|同|比|及", between)
            if apart or _ADDRESS.fullmatch(between):
                continue
        kept.append(mention)
    return tuple(kept)


def _coded(text: str, items: list[tuple[int, Mention]]) -> list[tuple[int, Mention]]:
    """The items without “编码” before a code and without the name that only repeats a code (2010305专项业务活动)."""
    codes = {start: start + len(m.text) for start, m in items if "code" in m.kinds}
    ends = set(codes.values())
    return [
        (start, m)
        for start, m in items
        if not (m.label == "项目编码" and start + len(m.text) in codes)
        and not (start not in codes and m.kinds & {"row", "column"} and (start in ends or (start - 1 in ends and not text[start - 1].isalnum())))
    ]


def _leftovers(text: str, chosen: Sequence[Span], names: Names) -> tuple[list[str], list[tuple[int, Mention]]]:
    """Runs of words no span covers: those that a name explains become items, the rest is unknown."""
    covered = [False] * len(text)
    for s in chosen:
        for i in range(s.start, s.end):
            covered[i] = True
    single = {s.start for s in chosen if s.kind == "filler" and s.end == s.start + 1}
    unknown, guesses = [], []
    for m in re.finditer(r"[\u4e00-\u9fffa-z0-9()·.%-]+", text):
        start = m.start()
        while start < m.end():
            if covered[start]:
                start += 1
                continue
            end = start
            while end < m.end() and not covered[end]:
                end += 1
            piece = text[start:end]
            mention, at = _guess_around(text, start, end, chosen, names)
            if mention:
                guesses.append((at, mention))
                covered[at : at + len(mention.text)] = [True] * len(mention.text)
            elif re.search(r"[\u4e00-\u9fffa-z]{2}|\d{5}", piece):
                unknown.append((start, piece))
            elif compound := re.match(r"[\u4e00-\u9fff](?:收入|支出|经费|费用|资金|费|款)", text[start:]):
                unknown.append((start, compound[0]))  # one character that makes another thing of a common word (罚|款)
            elif len(piece) == 1 and start - 1 not in single and any(s.kind == "item" and s.start == end for s in chosen) and re.match(r"[\u4e00-\u9fff]", piece):
                unknown.append((start, text[start : min(end + 3, len(text))]))  # 水|电费
            elif start and text[start - 1] in _NOUNS and start not in single and start - 1 in single and re.match(r"[\u4e00-\u9fff]", piece):
                unknown.append((start - 1, text[start - 1 : end]))  # 年|鉴
            start = end
    unknown = [(at, piece) for at, piece in unknown if not _trimmed(at, piece, guesses)]
    held = [(a, a + len(m.text)) for a, m in guesses] + [(s.start, s.end) for s in chosen if s.kind == "item"]
    for word in words()["qualifier"]:
        for a, b in occurrences(text, word):
            if not any(x <= a and b <= y for x, y in held) and not any(word in piece for _, piece in unknown):
                unknown.append((a, word))
    return [piece for at, piece in unknown if not _aside(text, at, piece, chosen)], guesses


_NOUNS = "年本款钱数额表列类分值内花"  # filler words of one character that are as often the first of a noun


def _trimmed(at: int, piece: str, guesses: Sequence[tuple[int, Mention]]) -> bool:
    """Whether all but two characters of an unknown piece are part of a name guessed for it and what follows (地铁|4号线三期)."""
    return any(at < start <= at + 2 and start <= at + len(piece) <= start + len(m.text) and len(m.text) >= 4 for start, m in guesses)


def _aside(text: str, at: int, piece: str, chosen: Sequence[Span]) -> bool:
    """Whether an unknown piece stands beside the question: in a clause without any item while another has one, or as foreign letters."""
    items = [s.start for s in chosen if s.kind == "item"]
    if not items:
        return False
    if not re.search(r"[\u4e00-\u9fff]|\d{5}", piece):
        return True
    clause = next((m for m in re.finditer(r"[^,.;!?]+", text) if m.start() <= at < m.end()), None)
    asks = clause and re.search(r"多少|几|什么|哪|怎么|为什么", clause[0])
    return bool(clause and not asks and not any(clause.start() <= i < clause.end() for i in items))


def _guess_around(text: str, start: int, end: int, chosen: Sequence[Span], names: Names) -> tuple[Mention | None, int]:
    """Try the leftover with the filler words and items around it (实 + 有 + 在 + 编), the longest piece first, then shorter ones."""
    solid = [s for s in chosen if s.kind not in ("filler", "item", "stage", "wish")]
    left = max((s.end for s in solid if s.end <= start), default=0)
    right = min((s.start for s in solid if s.start >= end), default=len(text))
    left = max(left, start - 8, max((m.end() for m in re.finditer(r"[,.;:!?]", text[:start])), default=0))
    right = min(right, end + 8, min((end + m.start() for m in re.finditer(r"[,.;:!?]", text[end:])), default=len(text)))
    pieces = [(a, b) for a in range(left, start + 1) for b in range(end, right + 1) if b - a >= 3 or (a, b) == (start, end)]
    items = [(s.start, s.end) for s in chosen if s.kind == "item"]
    whole = [(a, b) for a, b in pieces if not any(x < b and a < y and not (a <= x and y <= b) for x, y in items)]
    for a, b in sorted(whole, key=lambda piece: (piece[0] - piece[1], piece))[:80]:
        # A piece that takes in a known item must be part of a name as it stands: a typing error would explain the item away.
        mention = guess(text[a:b], names, typos=not any(x < b and a < y for x, y in items))
        if mention:
            return mention, a
    return None, start


# Plans


@dataclass(frozen=True, slots=True)
class Query:
    """One look-up: in which documents, of whom, which items, which year, which 口径. `label` says it in words."""

    documents: tuple[str, ...]
    mentions: tuple[Mention, ...]
    year: int | None = None
    stage: Stage | None = None
    scope: Scope | None = None
    organisations: tuple[str, ...] = ()
    department: str = ""
    counted: str | None = None  # the unit of things counted (辆, 人次)
    sheet: Mention | None = None  # the table that the figure is to stand in
    money: bool = False  # whether an amount of money is asked for: a number of things is no answer

    @property
    def label(self) -> str:
        """For messages: “扶贫办 2021年 预算 公务接待费”."""
        parts = [self.department, f"{self.year}年" if self.year else "", str(self.stage or ""), "、".join(m.label for m in self.mentions)]
        return " ".join(p for p in parts if p)


@dataclass(frozen=True, slots=True)
class LookUp:
    """One figure or several, each with its own query; with `agreement`, every print of it."""

    queries: tuple[Query, ...]
    agreement: bool = False


@dataclass(frozen=True, slots=True)
class Compute:
    """A calculation over look-ups: difference, growth (left against right), share (left of right), execution rate (决算 left, 预算 right) or sum."""

    ask: Ask
    operands: tuple[Query, ...]
    against_last_year: bool = False


@dataclass(frozen=True, slots=True)
class RowSet:
    """Rows of the papers, to be listed, counted, ranked, filtered or added: `of` is projects, children, indicators, departments or years.

    `condition` keeps the projects that are new ("new"), have no code ("no code") or have targets set ("targets").
    """

    ask: Ask
    of: str
    query: Query
    wish: Wish
    condition: str = ""


@dataclass(frozen=True, slots=True)
class Search:
    """Prose answers it: a definition, a reason, a purpose, a duty …; `mentions` are the items it is about.

    `ignore` are the words that only say whose and when; `carried` the items that the dialogue adds to the question's words.
    """

    ask: Ask
    documents: tuple[str, ...]
    mentions: tuple[Mention, ...]
    year: int | None
    ignore: tuple[str, ...] = ()
    carried: tuple[str, ...] = ()
    counted: str | None = None
    unknown: tuple[str, ...] = ()  # words that no list knows: an answer must hold them
    units: tuple[str, ...] = ()  # the units below a department that are asked about, in the question's words
    nearest: bool = False  # take what stands nearest, and say that it is only that
    terms: tuple[str, ...] = ()  # coined terms that an answer in words must print as they stand
    figure: bool = True  # whether a figure of the sentence may be the answer (not where a difference, a rate or a share is asked for)

    @property
    def label(self) -> str:
        """What is asked about, in words."""
        return "、".join(m.label for m in self.mentions)


@dataclass(frozen=True, slots=True)
class WhichTable:
    """Where something stands."""

    query: Query


@dataclass(frozen=True, slots=True)
class Meta:
    """A question about the collection itself."""

    documents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SmallTalk:
    """A greeting, thanks, “你能做什么”."""


@dataclass(frozen=True, slots=True)
class Unclear:
    """A question that names neither whose nor what is meant; `reason` is Chinese and says what is to be added."""

    reason: str


@dataclass(frozen=True, slots=True)
class OutOfScope:
    """Not to be answered from these papers; `reason` is Chinese and says what is missing and what there is instead."""

    reason: str
    suggestions: tuple[str, ...] = ()


Plan = LookUp | Compute | RowSet | Search | WhichTable | Meta | SmallTalk | Unclear | OutOfScope


@dataclass(frozen=True, slots=True)
class Context:
    """What the dialogue remembers of the last question that was understood."""

    departments: tuple[str, ...] = ()  # entity keys
    years: tuple[int, ...] = ()
    stages: tuple[str, ...] = ()
    scope: str | None = None
    items: tuple[str, ...] = ()  # their words, to be matched again
    before: tuple[str, ...] = ()  # the words of the question before it, for “两个加起来”
    keys: tuple[str, ...] = ()  # “words/printed name” of items whose words are no printed name (电信 of 电信和其他信息传输服务)
    bodies: tuple[str, ...] = ()  # the last two bodies named, in the question's words, for “这两家”
    earlier: tuple[int, ...] = ()  # the years of the question before it, for “两年差多少”
    unit: str | None = None
    ask: str = ""
    choices: tuple[str, ...] = ()  # the rows last listed, for “第二个”


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, the unit asked for, what was understood, and what the dialogue keeps for the next question."""

    plan: Plan
    unit: str | None
    context: Context
    understood: Understood
    departments: tuple[Entity, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Library:
    """The store as the planner sees it: papers (id, department_key, year, kind), the bodies, and the names of papers on demand."""

    papers: Sequence  # of retrieval.evidence.facts.Paper
    entities: Sequence[Entity]
    names_of: Callable[[tuple[str, ...]], Names]


def plan(question: str, library: Library, context: Context, today: int) -> Planned:
    """Read a question in its dialogue into a plan."""
    text = _chosen(normal(question), context)
    base = context.years[0] if context.years else None
    first = understand(text, library.entities, Names(), base, today)
    if first.wish.ask is Ask.SMALL_TALK:
        return Planned(SmallTalk(), None, context, first)
    scope_documents, entities, inherited = _whose(first, library, context)
    u = _understand_in(text, scope_documents, first.years or (context.years if first.follow_up else ()), library, base, today)
    u = _coined(_inherit(u, first, context), quoted(question))
    if re.search(r"今年|本年度", text) and u.years == (today,) and not any(p.year == today for p in library.papers if p.id in scope_documents):
        # “今年” of a paper that is not this year's means the paper's own year; the answer names it.
        u = replace(u, years=())
    if not u.departments and not inherited:
        entities = ()
    documents = tuple(p.id for p in library.papers if p.id in scope_documents)
    made = _plan(u, documents, entities, library)
    remembered = replace(
        context,
        departments=tuple(e.key for e in entities) or context.departments,
        years=u.years or (() if u.departments and not u.follow_up else context.years),
        stages=tuple(str(s) for s in u.stages),
        scope=str(u.scope) if u.scope else None,
        items=tuple(m.text for m in u.items) or context.items,
        keys=tuple(dict.fromkeys([*context.keys, *(f"{m.text}/{k}" for m in u.items if not m.exact for k in sorted(m.keys)[:4])]))[-12:],
        before=context.items if u.items and tuple(m.text for m in u.items) != context.items else context.before,
        earlier=context.years if u.years and u.years != context.years else context.earlier,
        bodies=tuple(dict.fromkeys([*context.bodies, *(d.text for d in first.departments)]))[-2:],
        unit=u.unit,
        ask=str(u.wish.ask),
    )
    return Planned(made, u.unit, remembered, u, entities)


def _understand_in(text: str, documents: set[str], years: Sequence[int], library: Library, base: int | None, today: int) -> Understood:
    """The question cut with the names of the papers of its years, or, where these leave words unknown, of all papers in question."""
    of_years = {p.id for p in library.papers if p.id in documents and p.year in years}
    u = understand(text, library.entities, library.names_of(tuple(sorted(of_years or documents))), base, today)
    if of_years and of_years != documents and (u.unknown or not u.items):
        return understand(text, library.entities, library.names_of(tuple(sorted(documents))), base, today)
    return u


_BOTH_BODIES = re.compile(r"[这那]?(?:两|二)(?:家|个(?:部门|单位|局|办))")
_HOW = re.compile(r"[?,.]?按(?:照)?[^,?]{2,24}(?:倒推|反推|推算)(?:一下|出来)?[?]?$")  # how it is to be worked out is not what is asked
_DENIED = re.compile(r"^(?:不对[,.!]?)?不是[^,.;!?]{1,14}[,.;!?](?=.)")
_IT = re.compile(r"^(?:那|这个项目|该项目)?它的|^(?:这个|该)项目的")


def _coined(u: Understood, said: Sequence[str]) -> Understood:
    """The question with what it puts in quotes kept whole, where that names no item, no body and no figure and is what the question is about."""
    names = [m.text for m in (*u.items, *u.departments)]
    coined = tuple(term for term in said if not any(name in term or term in name for name in names) and not re.search(r"\d(?:亿|万|元|%)", term))
    figure = u.wish.ask not in (Ask.TEXT, Ask.LIST, Ask.DEFINITION)
    if not coined or (figure and u.items):
        return u
    told = u.wish.ask is Ask.LOOK_UP and not re.search(r"多少|几", u.text)  # “多网合一”怎么落实
    unknown = (*coined, *(w for w in u.unknown if not any(w in term for term in coined)))
    return replace(u, coined=coined, unknown=unknown, wish=Wish(Ask.TEXT) if told else u.wish)


def _chosen(text: str, context: Context) -> str:
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


def _whose(u: Understood, library: Library, context: Context) -> tuple[set[str], tuple[Entity, ...], bool]:
    """The documents in question, the bodies named, and whether these come from the dialogue."""
    if u.departments:
        entities = tuple(dict.fromkeys(e for d in u.departments for e in d.entities))
        return {d for e in entities for d in e.documents}, entities, False
    if context.departments and not u.unknown_body:
        entities = tuple(e for e in library.entities if e.key in context.departments)
        if entities:
            return {d for e in entities for d in e.documents}, entities, True
    return {p.id for p in library.papers}, (), False


def _inherit(u: Understood, first: Understood, context: Context) -> Understood:
    """Fill what a follow-up leaves out from the dialogue."""
    if not (context.departments or context.items):
        return u
    carries_on = u.follow_up or u.years or u.departments or u.unit or u.stages or u.scope or u.wish.ask not in (Ask.LOOK_UP, Ask.META)
    both = u.wish.ask is Ask.SUM or re.search(r"两个|两项|二者|两者|它们|这两|相差", u.text)
    adding = u.wish.ask is Ask.SUM or re.search(r"一共|合计|总共|共计", u.text)
    if not u.items and context.before and both and (adding or u.wish.ask is Ask.DIFFERENCE):
        u = _with_items(u, (*context.before, *context.items), (), context)
        u = replace(u, wish=Wish(Ask.SUM)) if adding else u
    elif u.wish.ask is Ask.DIFFERENCE and len(u.items) == 1 and context.items and re.match(r"(?:那|再)?(?:和|跟|与|同|比)", u.text) and not u.years:
        u = _with_items(u, context.items, u.items, context)
    elif u.wish.ask is Ask.SHARE and context.items and u.text.startswith(("占", "它占", "那占")):
        u = _with_items(u, context.items, u.items, context)
    elif not u.items and context.items and carries_on and not u.unknown:
        u = _with_items(u, context.items, (), context)
        if u.wish.ask is Ask.LOOK_UP and context.ask in ("difference", "growth", "share", "execution_rate") and not u.stages:
            u = replace(u, wish=Wish(Ask(context.ask)))
    elif u.items and all(m.is_field for m in u.items) and context.items:
        # “它的项目编码”: a field of the project that was spoken of.
        kept = [said for said in context.items if not any(c.field and said in c.say for c in concepts())]
        u = _with_items(u, kept, u.items, context)
    elif u.follow_up and u.wish.ask is Ask.LOOK_UP and u.items and all("project" in m.kinds for m in u.items):
        # “另外那个项目呢”: of another project the same field or score.
        u = _with_items(u, [said for said in context.items if any((c.field or c.name == "自评得分") and said in c.say for c in concepts())], u.items, context)
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


def search(u: Understood, documents: tuple[str, ...], ask: Ask) -> Search:
    """The prose search of a question."""
    ignore = tuple(sorted({*(d.text for d in u.departments), *_WHEN.findall(u.text)}, key=len, reverse=True))
    carried = tuple(m.text for m in u.items if m.text not in u.text)
    computed = u.wish.ask in (Ask.DIFFERENCE, Ask.GROWTH, Ask.SHARE, Ask.EXECUTION, Ask.SUM, Ask.RANK, Ask.FILTER)
    units = tuple(d.text for d in u.departments if all(e.unit for e in d.entities))
    terms = u.coined or (u.unknown if ask is Ask.DEFINITION and not u.items else ())
    return Search(ask, documents, u.items, u.years[0] if u.years else None, ignore, carried, u.counted, u.unknown, units, figure=not computed, terms=terms)


_WHEN = re.compile(r"(?:19|20)?\d\d年度?|去年|今年|上年度?|本年度?")


def _with_items(u: Understood, said: Iterable[str], own: Sequence[Mention], context: Context) -> Understood:
    """The question with items of the dialogue before its own."""
    meant = [entry.split("/", 1) for entry in context.keys]
    items = [
        Mention(text, next((c for c in concepts() if text in c.say), None), frozenset([text, *(k for words_, k in meant if words_ == text)]))
        for text in said
    ]
    starts = tuple(range(-len(items), 0)) + u.item_starts[: len(own)]
    return replace(u, items=(*items, *own), item_starts=starts)


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
    if ask is Ask.META and not u.items:
        return Meta(documents if u.departments else tuple(p.id for p in library.papers))
    if not u.items and not u.unknown and u.counted in _OF_UNIT:
        counted = next(c for c in concepts() if c.name == _OF_UNIT[u.counted])
        u = replace(u, items=(Mention(counted.name, counted),), item_starts=(0,))
    if u.counted == "辆" and any(m.concept and m.concept.name.startswith("公务用车") for m in u.items):
        cars = next(c for c in concepts() if c.name == _OF_UNIT["辆"])
        u = replace(u, items=tuple(Mention(m.text, cars) if m.concept and m.concept.name.startswith("公务用车") else m for m in u.items))
    if ask is Ask.COUNT and (any("indicator" in m.kinds for m in u.items) or (u.counted and u.items)):
        ask = Ask.LOOK_UP
        u = replace(u, wish=Wish(ask))
    if (
        not u.items
        and not _EACH_PROJECT.search(u.text)
        and not (ask is Ask.SUM and _ALL_PROJECTS.search(u.text))
        and ask not in (Ask.LIST, Ask.COUNT, Ask.RANK, Ask.FILTER, Ask.TEXT, Ask.DEFINITION, Ask.WHICH_TABLE)
    ):
        if ask is not Ask.LOOK_UP and not (u.unknown or u.departments or u.years or u.stages or entities):
            return Unclear("请说明要问哪个部门、哪一年、哪一项。")
        if u.unknown or not (u.departments or u.years or u.stages or u.follow_up):
            return search(u, documents, Ask.LOOK_UP if ask not in (Ask.TEXT, Ask.DEFINITION) else ask)
        # “市府办本级2017年预算” names no item: the whole of it is meant.
        whole = next(c for c in concepts() if c.name == ("收入总计" if "收入" in u.text else "支出总计"))
        u = replace(u, items=(Mention(whole.name, whole),), item_starts=(0,))
    if ask is Ask.TEXT and "目标" in u.text and any("indicator" in m.kinds for m in u.items) and not re.search(r"为什么|原因|用于|依据", u.text):
        ask = Ask.LOOK_UP
        u = replace(u, wish=Wish(ask))
    if ask is Ask.LIST and not re.search(r"指标|绩效目标", u.text) and any(m.label in _LONG_FIELDS for m in u.items):
        ask = Ask.TEXT  # “年度目标有哪些”: a field's words, not rows
    if ask in (Ask.TEXT, Ask.DEFINITION) and not (u.departments or entities or u.items or u.unknown):
        return Unclear("请说明要问哪个部门、哪一项。")
    about_rows = not u.coined and (u.items or re.search(r"项目|指标", u.text) or _BY_FUNCTION.search(u.text) or _BY_UNIT.search(u.text))
    if ask in (Ask.LIST, Ask.COUNT, Ask.RANK) and not u.items and _BY_UNIT.search(u.text):
        u = _of(u, "收入总计" if "收入" in u.text else "支出总计")  # “各单位预算分别多少”: the whole of each
    if ask in (Ask.TEXT, Ask.DEFINITION) or (ask in (Ask.LIST, Ask.COUNT, Ask.RANK, Ask.FILTER) and not about_rows):
        return search(u, documents, ask)
    if ask is not Ask.SHARE and any(m.label in ("货物采购", "工程采购", "服务采购") for m in u.items):
        keep = [i for i, m in enumerate(u.items) if m.label != "政府采购"]  # “政府采购里服务类”: the part is meant
        u = replace(u, items=tuple(u.items[i] for i in keep), item_starts=tuple(u.item_starts[i] for i in keep))
    if _PROCURED.search(u.text):  # 货物, 工程, 服务 are the three parts of all 政府采购
        u = replace(_of(u, "政府采购"), wish=Wish(Ask.LIST), unknown=())
    sheet = None
    if ask is not Ask.WHICH_TABLE:
        u, sheet = _sheet(u)
        sheet = u.numbered or sheet
    ask = _sum_or_several(u)
    u = replace(u, wish=replace(u.wish, ask=ask))
    queries = [replace(q, sheet=sheet, money=wants_money(u)) for q in _queries(u, documents, entities)]
    if ask is Ask.WHICH_TABLE or (u.items and re.search(r"哪些(?:材料|文件|文档|资料)", u.text)):
        return WhichTable(queries[0])
    all_projects = _ALL_PROJECTS.search(u.text) and all(m.label in _PROJECT_WORDS for m in u.items)
    if ask in (Ask.RANK, Ask.FILTER, Ask.LIST, Ask.COUNT) or (ask is Ask.SUM and all_projects):
        if ask is Ask.RANK and len(u.departments) > 1:
            return RowSet(ask, "departments", replace(queries[0], documents=documents), replace(u.wish, top=99))
        of = _row_set(u)
        spoken = {"projects": (*_PROJECT_WORDS, "是否新增项目", "项目编码"), "indicators": ("年度目标", "长期目标")}.get(of, ())
        query = replace(queries[0], mentions=tuple(m for m in u.items if m.label not in spoken))
        condition = _condition(u.text) if of == "projects" else "missed" if of == "indicators" and _MISSED.search(u.text) else ""
        return RowSet(ask, of, query, u.wish, condition)
    if ask in (Ask.DIFFERENCE, Ask.GROWTH, Ask.SHARE, Ask.EXECUTION, Ask.SUM):
        return _compute(u, queries)
    return LookUp(tuple(queries), u.agreement)


_PROCURED = re.compile(r"采购.{0,6}(?:货物|工程|服务)类?[,和与及](?:货物|工程|服务)类?[,和与及](?:货物|工程|服务)")
_LONG_FIELDS = ("年度目标", "长期目标", "政策依据", "测算依据")
_OF_UNIT = {"辆": "车辆", "人": "实有人数"}  # what is counted when only the unit says it (有几辆车)
_ALL_PROJECTS = re.compile(r"(?:所有|全部|各个?|[那这](?:几|\d+|[二三四五六七八九十]+)个|(?:\d+|[二三四五六七八九十]+)个)的?项目")
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
    if "绩效" in text and not re.search(r"绩效(?:管理|考核)(?:项目|经费|业务)", text):
        return "targets"
    return "new" if re.search(r"新(?:增|上|设|立|开)的?项目|项目.{0,5}新(?:增|上|设|立|开)|新(?:增|上|设立?|立|开)的|(?:今年|本年度?|当年|首次)新(?:增|上|设)", text) else ""


def _sum_or_several(u: Understood) -> Ask:
    """合计 over several things is a sum; 分别/各 over several things is several look-ups; else what was asked."""
    scored = any(m.label == "自评得分" for m in u.items)
    if u.wish.ask in (Ask.LOOK_UP, Ask.DIFFERENCE, Ask.LIST) and _EACH_PROJECT.search(u.text) and (scored or all(m.label in _PROJECT_WORDS for m in u.items)):
        return Ask.SUM if re.search(r"合计|一共|总共|共计|总和|加起来", u.text) else Ask.LIST
    several = sum(not m.is_field for m in u.items) > 1 or len(u.years) > 1 or len(u.departments) > 1
    if u.wish.ask in (Ask.LOOK_UP, Ask.LIST) and several and re.search(r"合计|一共|总共|共计|总和|加起来", u.text):
        return Ask.SUM
    if u.wish.ask in (Ask.LOOK_UP, Ask.COUNT) and _ALL_PROJECTS.search(u.text) and re.search(r"合计|一共|总共|共计|总额|总和", u.text):
        return Ask.SUM
    if u.wish.ask is Ask.LIST and (several or len(u.stages) > 1) and re.search(r"分别|(?<!下设)(?<!下设的)各", u.text):
        return Ask.LOOK_UP
    return u.wish.ask


def _whom(library: Library) -> str:
    names = list(dict.fromkeys(p.department for p in library.papers if p.department))
    listed = "、".join(names[:8]) + ("等" if len(names) > 8 else "")
    return f"现有 {len(library.papers)} 份材料，涉及：{listed}。" if names else ""


def wants_money(u: Understood) -> bool:
    """Whether an amount of money is asked for, so that a number of things is no answer."""
    asked = r"多少(?:万|亿)?(?:元|块|钱)|多少[万亿](?![人册份])|(?:费用|经费|金额|资金)(?:是|有|要|共|合计)?多少"
    return not u.counted and (u.unit is not None or bool(re.search(asked, u.text)))


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
    if len(stages) > 1 and u.wish.ask not in (Ask.DIFFERENCE, Ask.EXECUTION, Ask.LOOK_UP, Ask.GROWTH):
        stages = stages[:1]
    years: Sequence[int | None] = u.years or (None,)
    # “2019年决算和2021年预算” pairs its years with its 口径; otherwise each year is asked in each.
    times = list(zip(years, stages, strict=True)) if len(years) == len(stages) > 1 else [(year, stage) for year in years for stage in stages]
    return [Query(held, u.items, year, stage, scope, units, text, u.counted) for text, held, units, scope in bodies for year, stage in times]


_BY_FUNCTION = re.compile(r"功能(?:分类|科目)|(?:哪|几|各)(?:一|几|个)?大?类(?:支出|的支出)|支出.{0,4}(?:哪|几)几?大类")
_BY_UNIT = re.compile(r"(?:各个?家?|哪些|哪几个|每个|每家|几个|几家|[一二两三四五六七八九十\d]+[家个])(?:下属|二级|直属|所属|基层|预算)?单位")
_MISSED = re.compile(r"(?:没有?|未|不)(?:能)?(?:达标|达到|完成|实现)")


def _row_set(u: Understood) -> str:
    if re.search(r"指标|绩效目标(?!(?:申报)?表)", u.text):
        return "indicators"
    if any(m.label == "自评得分" for m in u.items):
        return "scores"
    if _BY_FUNCTION.search(u.text):
        return "functions"
    if u.departments and len(u.departments) == 1 and _BY_UNIT.search(u.text):
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


def _compute(u: Understood, queries: list[Query]) -> Plan:
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
        part = tuple(m for m, s in zip(u.items, u.item_starts, strict=True) if at < 0 or s < at)
        whole = tuple(m for m, s in zip(u.items, u.item_starts, strict=True) if 0 <= at <= s)
        if len(u.items) > 1 and (not part or not whole):
            # “三公经费里公车费占多少” names the whole first; “接待费三公经费占比” the part.
            inside = re.search(r"[里中]", u.text[u.item_starts[0] : u.item_starts[1]])
            part, whole = (u.items[1:], u.items[:1]) if inside else (u.items[:1], u.items[1:])
        if not whole:
            total = next(c for c in concepts() if c.name == "支出总计")
            whole = (Mention("总支出", total),)
        return Compute(ask, (replace(first, mentions=part), replace(first, mentions=whole)))
    if ask is Ask.SUM:
        # “A和B的财政拨款一共”: the column closes the list and is no part of it.
        at = u.item_starts[-1] if u.item_starts else 0
        column = u.items[-1:] if len(u.items) > 1 and "column" in u.items[-1].kinds and u.text[at - 1 : at] == "的" else ()
        parts = u.items[: len(u.items) - len(column)]
        told = re.search(r"([二两三四五六七八九])个项目", u.text)
        sure = tuple(m for m in parts if m.exact or re.search(r"\d", m.text))
        if told and len(parts) > number_word(told[1]) == len(sure):
            parts = sure  # “4号线、12号线、13号线三个项目的运营管理钱”: what is said of all of them is none of them
        if column and len(parts) == 1 and len(queries) == 1:
            return LookUp((replace(first, mentions=(*parts, *column)),))
        return Compute(ask, tuple(replace(q, mentions=(m, *column)) for q in queries for m in parts))
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
        and re.search(r"比|与|和|跟|同|相差", u.text)
    ):
        return Compute(ask, tuple(replace(first, mentions=(m,)) for m in u.items[:2]))
    return Compute(ask, (first, replace(first, year=first.year - 1 if first.year else None)), True)
