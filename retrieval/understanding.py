"""Question -> Understood: what its words name (bodies, years, 口径, items), what it asks, and what nobody knows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from ingest.records import Scope, Stage
from ingest.tokens import parts_of_speech
from retrieval.question import Span, Wish, counted_units, occurrences, unit_spans, wish, word_spans, words, year_spans
from retrieval.vocabulary import (
    Bodies,
    DepartmentMention,
    Mention,
    Names,
    best_cover,
    department_spans,
    guess,
    item_spans,
    region_spans,
    unknown_body,
)


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
    unknown_unit: str = ""  # a unit below a department, of which no paper has figures
    follow_up: bool = False
    counted: str | None = None
    counted_too: tuple[str, ...] = ()  # further units that it counts of the same thing (几批、多少人次)
    agreement: bool = False  # whether the papers agree with themselves is asked
    numbered: Mention | None = None  # a table named by its number (表15-4, 公开02表)
    reckoned: bool = False  # whether it is to be worked out, however exactly a figure is printed
    bare: tuple[int, ...] = ()  # where characters stand that no word of any list covers
    places: int = 2  # how many decimals a rate is to have
    within: Mention | None = None  # what a follow-up's item stands in (“其中上年结转呢” after a project)
    coined: tuple[str, ...] = ()  # words in quotes that name nothing known (“五个到格”): also `unknown`


_FOLLOW_UP = re.compile(
    r"^(?:那么?|那|还有|另外|再|换成|换算|其中|它|这个|这些|上面|刚才|改成|不是|不对|我(?:说|问|指)的是|我要的是|应该是|如果是)|呢[?!.]*$|^(?:为什么|原因|具体|详细)"
)


_TABLE_NUMBER = re.compile(r"(?:公开|预算|附)\d{1,2}表|(?:附)?表\d{1,2}(?:-\d{1,2})?(?!\d|[年月])")


def understand(text: str, entities: Bodies, names: Names, base_year: int | None, today: int) -> Understood:
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
        *(Span(counted[1], counted[2], "counted", counted[0], 0.9) for counted in counted_units(text)),
    ]
    chosen = best_cover(spans, len(text))
    foreign = next((s.value for s in chosen if s.kind == "department" and s.value.foreign), None)
    unknown, guesses, bare = _leftovers(text, chosen, names)
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
    body = f"{foreign.foreign}{foreign.text}" if foreign else next((unknown_body(u) for u in unknown if unknown_body(u) and not _A_THING.match(text.partition(u)[2]) and not _ISSUED.match(text.partition(u)[2])), "")
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
        bare=bare,
        unknown_body=body,
        unknown_unit=_longer_unit(text, [(s.start, s.value) for s in chosen if s.kind == "department" and not s.value.foreign]),
        follow_up=bool(_FOLLOW_UP.search(text)),
        counted=next((s.value for s in chosen if s.kind == "counted"), None),
        counted_too=tuple(dict.fromkeys(s.value for s in chosen if s.kind == "counted"))[1:],
        numbered=next((s.value for s in chosen if s.kind == "numbered"), None),
        agreement=bool(re.search(r"一致|对得上|对不上|矛盾|两个数|前后(?:都)?一样|(?:写|印|填|报|列)的?(?:都?一样|不一样|不同)|到底是.*还是|究竟是.*还是|哪个(?:数)?(?:才)?(?:对|正确)", text)),
    )


_ISSUED = re.compile(r"(?:的|哪|印发|发的?|下发|出台|那)[^,?]{0,8}(?:文件|通知|意见|办法|批复|纪要|规定|方案)")  # a body that issued a paper is not whose budget is asked
_IN_OTHER_WORDS = re.compile(r"\)?,?(?:也就是|也叫|又叫|又称|就是|即|指的是|或者说)")
_A_THING = re.compile(r"(?:那个|这个|的)?(?:平台|系统|app|小程序|软件|网站|公众号)")  # what follows is a thing's name, not a body's (穗好办那个平台)


def _distinct(items: list[tuple[int, Mention]]) -> list[tuple[int, Mention]]:
    """The items without repeats, and without a “预算总额” that only closes the item before it (“三公”经费预算总额)."""
    kept: list[tuple[int, Mention]] = []
    end = -1
    for start, mention in items:
        closing, end = start == end and bool(mention.concept and mention.concept.inside), start + len(mention.text)
        if closing:
            continue
        if not any(m.concept is mention.concept and (m.keys == mention.keys or (m.concept and "project" not in m.kinds | mention.kinds)) for _, m in kept):
            kept.append((start, mention))
    return kept


_ADDRESS = re.compile(r"(?:的|下属的?|所属的?|下面的?)?")


_UNIT_ADDRESS = re.compile(r"(?:的|之)?(?:下属|所属|直属|下辖|下面|属下|旗下|内部|系统|本级|机关|和|与|及|跟|同|或|里|中|内|对|给|把|由|比|较|的|那个|这个|那家|这家|有个)+(?:的|单位)?")
_UNNAMED_UNIT = re.compile(r"(?:下属|所属|直属|下辖|下面|属下)(?:的|那个|这个|那家|这家|有个)*(?P<unit>[\u4e00-\u9fff]{2,14}?(?:中心|大队|支队|事务所|研究院|研究所|管理所|管理站|总站|学校|医院))(?!们|和|与)")


def _longer_unit(text: str, named: Sequence[tuple[int, DepartmentMention]]) -> str:
    """The name of a unit that no paper has, though a part of it is another unit's name (工务署|教育|工程管理中心) or it is only called a unit below."""
    ends = [(start, start + len(m.text)) for start, m in named]
    for (start, end), (after, after_end), (_, unit) in zip(ends, ends[1:], named[1:], strict=False):
        between = text[end:after]
        if start < after and unit.entities and all(e.unit for e in unit.entities) and re.fullmatch(r"[\u4e00-\u9fff]{2,4}", between) and not _UNIT_ADDRESS.fullmatch(between):
            return between + text[after:after_end]
    below = _UNNAMED_UNIT.search(text)
    return below["unit"] if below and not any(a <= below.start("unit") and below.end("unit") <= b for a, b in ends) else ""


def _inside(mention: DepartmentMention, others: Sequence[DepartmentMention]) -> DepartmentMention:
    """A unit that several departments have under this name, as that of the department named with it (农业农村局 … 执法大队)."""
    held = {d for other in others for e in other.entities if not e.unit for d in e.documents}
    here = tuple(e for e in mention.entities if e.unit and e.documents & held)
    return replace(mention, entities=here) if here and len(here) < len(mention.entities) else mention


def _narrowest(text: str, named: Sequence[tuple[int, DepartmentMention]]) -> tuple[DepartmentMention, ...]:
    """The bodies named, without a department that only says whose the unit named after it is (水务局观澜河流域管理中心), or in whose paper it
    stands (市府办表11：市政务服务管理办公室…)."""
    kept = []
    named = [(start, _inside(mention, [m for _, m in named if m is not mention])) for start, mention in named]
    bodies = [m for _, m in named if not m.region]
    # 沈阳|铁西人社局: a place before the body that is there says no more than the body does.
    named = [(start, m) for start, m in named if not (m.region and any(set(b.entities) & set(m.entities) for b in bodies))]
    for (start, mention), following in zip_longest(named, named[1:]):
        units = following[1].entities if following and not any(e.unit for e in mention.entities) else ()
        own = {d for e in mention.entities for d in e.documents}
        if following and units and all(e.unit and e.documents & own for e in units):
            between = text[start + len(mention.text) : following[0]]
            apart = not mention.own and len(between) > 1 and not re.search(r"和|与|跟|同|比|及", between)
            if apart or _ADDRESS.fullmatch(between):
                continue
        kept.append(mention)
    once: dict[tuple[object, ...], DepartmentMention] = {}
    for mention in kept:
        once.setdefault((mention.entities, mention.own), mention)  # a body named twice is one
    return tuple(once.values())


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


def _leftovers(text: str, chosen: Sequence[Span], names: Names) -> tuple[list[str], list[tuple[int, Mention]], tuple[int, ...]]:
    """Runs of words no span covers: those that a name explains become items, the rest is unknown. Third: the characters that stay uncovered."""
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
            if len(words_ := piece.strip("()")) > 1:
                piece = words_
            mention, at = _guess_around(text, start, end, chosen, names)
            if mention:
                guesses.append((at, mention))
                covered[at : at + len(mention.text)] = [True] * len(mention.text)
            elif re.search(r"[\u4e00-\u9fffa-z]{2}|\d{5}", piece):
                unknown.append((start, piece))
            elif piece in ("费", "款", "税") and (of := _short_item(chosen, start)):
                unknown.append((of.start, text[of.start : end]))  # 工程|费 is not the 工程 of the 政府采购
            elif compound := re.match(r"[\u4e00-\u9fff](?:收入|支出|经费|费用|资金|费|款)", text[start:]):
                unknown.append((start, compound[0]))  # one character that makes another thing of a common word (罚|款)
            elif len(piece) == 1 and any(s.kind == "item" and s.start == end for s in chosen) and re.match(r"[\u4e00-\u9fff]", piece) and (start - 1 not in single or _one_word(text, start)):
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
    bare = tuple(i for i, c in enumerate(text) if not covered[i] and c.isalnum())
    return [piece for at, piece in unknown if not _aside(text, at, piece, chosen)], guesses, bare


def _one_word(text: str, start: int) -> bool:
    """Whether a character and the one after it belong to one word (里|水电费)."""
    return any(at == start and len(word) > 1 for word, _, at in parts_of_speech(text))


def _short_item(chosen: Sequence[Span], end: int) -> Span | None:
    """The printed name of two characters, known by no concept, that ends at a place."""
    return next((s for s in chosen if s.kind == "item" and s.end == end and end - s.start == 2 and not s.value.concept), None)


_NOUNS = "年本款钱数额表列类分值内花"  # filler words of one character that are as often the first of a noun


def _trimmed(at: int, piece: str, guesses: Sequence[tuple[int, Mention]]) -> bool:
    """Whether all but two characters of an unknown piece are part of a name guessed for it and what follows (地铁|4号线三期)."""
    return any(at < start <= at + 2 and start <= at + len(piece) <= start + len(m.text) and len(m.text) >= 4 for start, m in guesses)


def _aside(text: str, at: int, piece: str, chosen: Sequence[Span]) -> bool:
    """Whether an unknown piece stands beside the question: in a clause without any item while another has one, or as foreign letters."""
    items = [s.start for s in chosen if s.kind == "item"]
    if not items:
        return False
    if (again := _IN_OTHER_WORDS.match(text, at + len(piece))) and again.end() in items:
        return True  # 场租也就是租赁费: the asker says it in the paper's words
    if not re.search(r"[\u4e00-\u9fff]|\d{5}", piece):
        return True
    clause = next((m for m in re.finditer(r"[^,.;!?]+", text) if m.start() <= at < m.end()), None)
    ends = {a + len(s.value.text) for a, s in zip(items, (s for s in chosen if s.kind == "item"), strict=True)}
    if clause and clause[0] == piece and (clause.start() - 1 in ends or clause.end() + 1 in items):
        return False  # one of a list: 办公费、水费、电费
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
