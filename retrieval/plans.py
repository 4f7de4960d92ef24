"""What passes from a question to its answer: the kinds of plan, what the dialogue remembers, and the store as the planner sees it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ingest.records import Scope, Stage
from retrieval.question import Ask, Wish
from retrieval.talk import Talk
from retrieval.understanding import Understood
from retrieval.vocabulary import Bodies, Entity, Mention, Names

MOST_BODIES = 40  # of more bodies than that no question is answered at once: it is asked whose is meant


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
    held: bool = False  # whether things are counted that there are, not things to be bought
    money: bool = False  # whether an amount of money is asked for: a number of things is no answer
    within: Mention | None = None  # what the items stand in (“基本支出里差旅费和培训费”): a figure that stands there is meant before any other

    @property
    def label(self) -> str:
        """For messages: “扶贫办 2021年 预算 公务接待费”."""
        parts = [self.department, f"{self.year}年" if self.year else "", str(self.stage or ""), "、".join(m.label for m in self.mentions)]
        return " ".join(p for p in parts if p)


@dataclass(frozen=True, slots=True)
class LookUp:
    """One figure or several, each with its own query; with `agreement`, every print of it; with `forms`, those of all units' forms added."""

    queries: tuple[Query, ...]
    agreement: bool = False
    forms: bool = False


@dataclass(frozen=True, slots=True)
class Compute:
    """A calculation over look-ups: difference, growth (left against right), share (left of right), execution rate (决算 left, 预算 right) or sum."""

    ask: Ask
    operands: tuple[Query, ...]
    against_last_year: bool = False
    told: int | None = None  # how many things the question says it adds (三项加起来)


@dataclass(frozen=True, slots=True)
class Several:
    """One calculation after the other, each with its part of the question, where the same is asked of each of several things (基本支出和项目支出各占多少)."""

    parts: tuple[tuple[Compute, Understood], ...]


@dataclass(frozen=True, slots=True)
class PerUnit:
    """An amount divided by how many there are (人均, 每台): `counts` are tried in their order; `printed` is how the question is planned as it stands.

    No `amount` where the question names none that is known: only a figure printed for each answers then.
    """

    unit: str
    amount: Query | None
    counts: tuple[Query, ...]
    printed: Plan


@dataclass(frozen=True, slots=True)
class EachMonth:
    """What is asked for each month: `bare` is the plan without these words (`understood` the question), whose figure must be printed as one of a
    month; `whole` the plan with them."""

    bare: Plan
    understood: Understood
    whole: Plan


@dataclass(frozen=True, slots=True)
class RowSet:
    """Rows of the papers, to be listed, counted, ranked, filtered or added: `of` is projects, children, goods, indicators, departments or years.

    `condition` keeps the projects that are new ("new"), have no code ("no code") have targets set ("targets") or handed in ("reported"); `named` those whose name holds
    these words (带“督查”的项目); `told` is how many rows the question says there are.
    """

    ask: Ask
    of: str
    query: Query
    wish: Wish
    condition: str = ""
    named: str = ""
    told: int | None = None


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
    money: bool = False  # whether the figure can only be an amount
    figure: bool = True  # whether a figure of the sentence may be the answer (not where a difference, a rate or a share is asked for)
    denied: bool = False  # only a sentence that says there is nothing of the item

    @property
    def label(self) -> str:
        """What is asked about, in words."""
        return "、".join(m.label for m in self.mentions)


@dataclass(frozen=True, slots=True)
class WhichTable:
    """Where something stands; `proven` also says what the accounts' arithmetic says about it."""

    query: Query
    proven: bool = False


@dataclass(frozen=True, slots=True)
class Meta:
    """A question about the collection itself."""

    documents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SmallTalk:
    """What is said to the assistant itself: a greeting, thanks, “你能做什么”, an order to answer otherwise."""

    talk: Talk


@dataclass(frozen=True, slots=True)
class Unclear:
    """A question that names neither whose nor what is meant; `reason` is Chinese and says what is to be added."""

    reason: str


@dataclass(frozen=True, slots=True)
class OutOfScope:
    """Not to be answered from these papers; `reason` is Chinese and says what is missing and what there is instead."""

    reason: str
    suggestions: tuple[str, ...] = ()


Plan = LookUp | Compute | Several | PerUnit | EachMonth | RowSet | Search | WhichTable | Meta | SmallTalk | Unclear | OutOfScope


def search(u: Understood, documents: tuple[str, ...], ask: Ask) -> Search:
    """The prose search of a question."""
    ignore = tuple(sorted({*(d.text for d in u.departments), *_WHEN.findall(u.text)}, key=len, reverse=True))
    carried = tuple(m.text for m in u.items if m.text not in u.text)
    computed = u.wish.ask in (Ask.DIFFERENCE, Ask.GROWTH, Ask.SHARE, Ask.TIMES, Ask.EXECUTION, Ask.SUM, Ask.RANK, Ask.FILTER)
    units = tuple(d.text for d in u.departments if all(e.unit for e in d.entities))
    terms = u.coined or (u.unknown if ask is Ask.DEFINITION and not u.items else ())
    return Search(ask, documents, u.items, u.years[0] if u.years else None, ignore, carried, u.counted, u.unknown, units, figure=not computed, terms=terms, money=wants_money(u))


_WHEN = re.compile(r"(?:19|20)?\d\d年度?|去年|今年|上年度?|本年度?")


def wants_money(u: Understood) -> bool:
    """Whether an amount of money is asked for, so that a number of things is no answer."""
    asked = r"多少(?:万|亿)?(?:元|块|钱)|多少[万亿](?![人册份])|(?:费用|经费|金额|资金)(?:是|有|要|共|合计)?多少|(?:支付|[付花])(?:了|给|掉)?多少(?=$|[?,.])"
    return not u.counted and (u.unit is not None or bool(re.search(asked, u.text)))


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
    project: str = ""  # the project spoken of, in the question's words
    choices: tuple[str, ...] = ()  # the rows last listed, for “第二个”


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, the unit asked for, what was understood, and what the dialogue keeps for the next question."""

    plan: Plan
    unit: str | None
    context: Context
    understood: Understood
    departments: tuple[Entity, ...] = field(default=())


@dataclass(frozen=True)
class Library:
    """The store as the planner sees it: papers (id, department_key, year, kind), the bodies, and on demand the names of papers and the papers
    printing a word in a name.

    Made once for an index in force: no question goes through all papers. `names_in` finds the names of the whole collection that stand in a text,
    `papers_using` the papers that print one of these names (None: more than MOST_BODIES of them).
    """

    papers: Sequence  # of retrieval.evidence.facts.Paper
    entities: Bodies
    names_of: Callable[[tuple[str, ...]], Names]
    printing: Callable[[str], frozenset[str]] = lambda word: frozenset()
    names_in: Callable[[str], Names] = lambda text: Names()
    papers_using: Callable[[Iterable[str]], set[str] | None] = lambda keys: None

    @cached_property
    def paper(self) -> dict[str, Any]:
        """The papers by their id, in their order."""
        return {p.id: p for p in self.papers}

    @cached_property
    def place(self) -> dict[str, int]:
        """Where each paper stands in the order."""
        return {p.id: n for n, p in enumerate(self.papers)}

    @cached_property
    def departments(self) -> tuple[str, ...]:
        """The names of the departments, in the order of their first papers."""
        return tuple(dict.fromkeys(p.department for p in self.papers if p.department))

    def in_order(self, documents: Collection[str]) -> tuple[str, ...]:
        """Documents in the order of the papers."""
        return tuple(self.paper) if len(documents) == len(self.paper) else tuple(sorted(documents, key=self.place.__getitem__))

    def of_years(self, documents: Collection[str], years: Collection[int]) -> set[str]:
        """Those of the documents whose papers are of these years."""
        return {d for d in documents if self.paper[d].year in years} if years else set()

    def many(self, documents: Collection[str]) -> bool:
        """Whether documents are of more bodies than one question can be about."""
        return len(documents) > MOST_BODIES and len({self.paper[d].department_key for d in documents}) > MOST_BODIES
