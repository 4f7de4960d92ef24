"""What the store knows, matched to the question's words: departments with their short names, and the names of rows, columns, projects …"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import product
from pathlib import Path

from rapidfuzz.distance import Levenshtein

from retrieval.question import Lexicon, Span, regions, words

HERE = Path(__file__).parent


# Departments


@dataclass(frozen=True, slots=True)
class Entity:
    """A body that figures belong to: a department (with papers of its own) or a unit below one (`unit` true). `key` is its comparison form."""

    name: str
    key: str
    unit: bool
    documents: frozenset[str]


@dataclass(frozen=True, slots=True)
class DepartmentMention:
    """A department named in the question, with every entity the words fit.

    `foreign` is the place named before it that none of them has; `own` whether its 本级 is meant; `region` whether only its place was named.
    """

    text: str
    entities: tuple[Entity, ...]
    foreign: str = ""
    own: bool = False
    region: bool = False


_SUFFIX = re.compile(r"办公室|办公厅|委员会|联合会|联|管理局|办|局|委|厅|院|部|署|社|团|队|馆|所|站|校|学|中心|会|法院|检察院|政府|院|处|基地|区|县")
_SHORTENED = (("联合会", "联"), ("总工会", "工会"), ("办公室", "办"), ("办公厅", "办"), ("委员会", "委"), ("管理局", "局"), ("人民政府", "府"), ("政府", "府"))
_REGION_END = re.compile(r"(?:特别合作区|自治区|自治州|新区|省|市|区|县|州|盟)")


@lru_cache(maxsize=65_536)
def _bare(name: str) -> str:
    return re.sub(r"\((?:本级|机关|本部|汇总)\)|本级$", "", name)


@lru_cache(maxsize=65_536)
def _compact(name: str) -> str:
    name = _bare(name)
    for long, short in _SHORTENED:
        name = name.replace(long, short)
    return name


def abbreviates(short: str, full: str) -> float:
    """How well `short` is a short name of `full` (both comparison forms): 0 not at all … 1 the very name.

    A short name keeps the order of the characters, ends with the body's own kind of word (办 局 委 …) and is cut from few places:
    扶贫办, 市扶贫办 and 扶贫协作办 for 深圳市扶贫协作和合作交流办公室, 福田政数局 for 深圳市福田区政务服务数据管理局.
    """
    if short == full:
        return 1.0
    aliases = re.fullmatch(r"(.{4,})\(([^()]{4,})\)", full)
    if aliases:  # 示例市信息中心(示例市档案馆): one body of two names
        return max(abbreviates(short, aliases[1]), abbreviates(short, aliases[2]))
    # 市场监管局 is cut from the whole 市场监督管理局, 数据局 from the compact form of 数据管理局: both are tried; 沈阳铁西人社局 from the name without 市 and 区.
    compact = _compact(full)
    return max(_cut_from(_compact(short), compact), _cut_from(_compact(short), _bare(full)), _cut_from(_compact(short), _placed(compact)))


@lru_cache(maxsize=65_536)
def _placed(name: str) -> str:
    """A body's name with its places as they are spoken: 沈阳铁西… for 沈阳市铁西区…."""
    places = ""
    while (m := _PLACE.match(name)) and len(name) - m.end() >= 3:
        places, name = places + m[1], name[m.end() :]
    return places + name


_PLACE = re.compile(r"([\u4e00-\u9fff]{2,3}?)(?:省|市|区|县|州)")


def widens(long: str, short: str) -> bool:
    """Whether a name is another one with words put in its middle: another body (…工程设计管理中心 is not …工程管理中心), not a fuller name."""
    long, short = (re.sub(r"^(?:[\u4e00-\u9fff]{2,3})?[省市](?=.{6})", "", name) for name in (long, short))  # 深圳市建筑工务署…, 市建筑工务署…
    if len(long) <= len(short) or long[:2] != short[:2]:
        return False
    start = next((i for i, (a, b) in enumerate(zip(long, short, strict=False)) if a != b), len(short))
    return 2 <= start < len(short) and len(short) - start >= 2 and long.endswith(short[start:])


def _cut_from(a: str, b: str) -> float:
    if a == b:
        return 0.99
    if len(a) >= 5 and b.endswith(a):
        return round(0.9 + 0.09 * len(a) / len(b), 4)  # the name without what stands before it: no words are left out inside
    if len(a) == 2 and a[-1] in "联委" and b[-1] == a[-1] and _REGION.sub("", b, count=2).startswith(a[0]):
        return 0.6  # 妇联, 残联, 教委
    if len(a) == 2 and a[-1] in "办" and b.endswith(a) and (len(b) == 2 or b[-3] in "省市区县州"):
        return 0.6  # 府办 for 市府办
    if len(a) < 3 or a[-1] != b[-1]:
        return 0.0
    runs = _runs(a[:-1], b[:-1])
    if runs is None:
        return 0.0
    starts_well = runs[0][0] == 0 or bool(
        _REGION_END.search(b[: runs[0][0]][-4:] or "x") and b[: runs[0][0]].endswith(("省", "市", "区", "县", "州"))
    )
    count = len(runs)
    if count == 2 and len(a) >= 5 and all(length >= 2 for _, length in runs) and not starts_well:
        return 0.5  # 综合执法大队 for …农业综合行政执法大队: long enough to be no other body's
    if count > 3 or (count > 1 and not starts_well and b[runs[0][0]] not in "省市区县州"):
        return 0.0
    return round(0.5 + 0.3 * len(a) / len(b) + (0.1 if starts_well else 0) - 0.05 * count, 4)


def _runs(short: str, full: str) -> list[tuple[int, int]] | None:
    """`short` found in order in `full` as few contiguous runs as a greedy longest match gives: [(start in full, length)], or None."""
    runs, at, i = [], 0, 0
    while i < len(short):
        for length in range(len(short) - i, 0, -1):
            place = full.find(short[i : i + length], at)
            if place >= 0:
                runs.append((place, length))
                at, i = place + length, i + length
                break
        else:
            return None
    return runs


class Bodies:
    """The bodies that the store knows, arranged once: a question is matched with those that can fit, not with all of them. Iterable."""

    def __init__(self, entities: Iterable[Entity] = ()) -> None:
        self._entities = tuple(entities)
        self._holding: dict[str, int] = {}  # character -> the bodies whose name holds it, as bits
        for n, entity in enumerate(self._entities):
            for character in {*entity.key, *_compact(entity.key), *_aliases(entity.key)}:
                self._holding[character] = self._holding.get(character, 0) | 1 << n
        self.departments = tuple(e for e in self._entities if not e.unit)
        self.places: dict[str, list[Entity]] = {}  # 福田, 福田区 -> the departments of that place
        for entity in self.departments:
            rest = entity.key
            while m := _REGION.match(rest):
                for form in (m[1], m[0]):
                    self.places.setdefault(form, []).append(entity)
                rest = rest[m.end() :]
        self.longest_place = max(map(len, self.places), default=0)

    def __iter__(self) -> Iterator[Entity]:
        return iter(self._entities)

    def named_by(self, piece: str) -> list[tuple[float, Entity]]:
        """The bodies that a piece is a name of, with how well (`abbreviates`), in their order: it has only characters of the name."""
        fitting = (1 << len(self._entities)) - 1
        for character in set(_compact(piece)):
            fitting &= self._holding.get(character, 0)
            if not fitting:
                return []
        found = []
        while fitting:
            lowest = fitting & -fitting
            entity = self._entities[lowest.bit_length() - 1]
            if (score := abbreviates(piece, entity.key)) > 0:
                found.append((score, entity))
            fitting ^= lowest
        return found


def _aliases(key: str) -> str:
    """The characters of the compact forms of a body's two names: 示例市信息中心(示例市档案馆)."""
    return "".join(map(_compact, re.split(r"[()]", key)))


def department_spans(text: str, entities: Bodies) -> list[Span]:
    """Every piece of the question that names a known body, longest and best first; a piece with a foreign place before it says so."""
    spans: list[Span] = []
    for end_match in _SUFFIX.finditer(text):
        end = end_match.end()
        best: tuple[int, float, tuple[Entity, ...]] | None = None
        for start in range(max(0, end - 30), end - 1):
            piece = text[start:end]
            if re.search(r"[\d,.?;:]|年", piece) or text[start - 1 : start + 1] in ("城市", "都市"):
                continue
            scored = entities.named_by(piece)
            if scored:
                top = max(s for s, _ in scored)
                fitting = tuple(e for s, e in scored if s >= top - 0.12)
                fitting = tuple(e for e in fitting if not any(widens(e.key, other.key) for other in fitting if other.key != piece))
                best = (start, top, fitting)
                break  # the longest piece is tried first
        if best:
            start, top, fitting = best
            own = _OWN.match(text[end:])
            end += own.end() if own else 0
            mention = DepartmentMention(text[start:end], _departments_first(fitting), _foreign(text, start, fitting), bool(own))
            spans.append(Span(start, end, "department", mention, 1.1))
    return spans


_OWN = re.compile(r"\((?:本级|机关|本部)\)|机关本级|本级|本部")
_REGION = re.compile(
    r"([\u4e00-\u9fff]{2,4}?)(?:特别合作区|(?:保护|经济|经济技术|高新技术|高新技术产业)?开发区|高新区|经开区|度假区|示范区"
    r"|自治区|(?:[\u4e00-\u9fff]{1,4}族)?自治[州县]|新区|省|市|区|县|州)"
)


def region_spans(text: str, entities: Bodies) -> list[Span]:
    """Places that stand for the body of that place (福田 for 福田区…局). A place that all bodies share tells nothing and is only passed over."""
    spans = []
    for start in range(len(text)):
        for end in range(start + 2, min(len(text), start + entities.longest_place) + 1):
            held = entities.places.get(text[start:end])
            if held is None or text[end : end + 1] in ("长", "民"):
                continue
            if len(held) == len(entities.departments):
                spans.append(Span(start, end, "filler", None, 0.5))
            else:
                spans.append(Span(start, end, "department", DepartmentMention(text[start:end], tuple(held), region=True), 0.7))
    return spans


def _departments_first(entities: tuple[Entity, ...]) -> tuple[Entity, ...]:
    departments = tuple(e for e in entities if not e.unit)
    return departments or entities


_DISTRICT = re.compile(r"和平|[^\W\da-z的和与跟及比较查看问请下年度我全各本该这两级在是]{2}")


def _foreign(text: str, start: int, entities: Iterable[Entity]) -> str:
    before = text[max(0, start - 6) : start]
    # The short name may begin inside a place's name (广|州市审计局 is not 苏州市审计局).
    for length in (1, 2, 3):
        for inside in (1, 2):
            place = text[max(0, start - length) : start + inside]
            if start >= length and place in regions() and not any(place in e.key for e in entities):
                return before[-length:]
    names = [e.key for e in entities]
    # 上城|区住建局 is not 西湖区住建局: the short name began at the end of another district's name.
    if text[start] in "区县" and _DISTRICT.fullmatch(before[-2:]) and not any(before[-2:] in name for name in names):
        return before[-2:]
    for length in (4, 3, 2):
        tail = before[-length:]
        if len(tail) == length and (
            tail in regions() or tail.rstrip("省市区县州") in regions() or re.fullmatch(r"[\u4e00-\u9fff]{1,3}[省市区县州]", tail)
        ):
            place = tail.rstrip("省市区县州") or tail
            if not any(place in name for name in names) and not re.search(r"[的和与跟年度]", tail):
                return tail
    return ""


_UNKNOWN_BODY = re.compile(
    r"[\u4e00-\u9fff]{1,18}?(?:局|委员会|监委|委|办公室|办公厅|办|厅|署|人民政府|市政府|区政府|检察院|法院|大学|学院|医院|学校|中学|小学|幼儿园|总工会|联合会|协会|妇联|团市委|街道|博物馆|图书馆)(?:\(?本级\)?)?$"
    r"|[\u4e00-\u9fff]{1,18}?(?:管理局|委员会|办公室|办公厅|财政局|教育局|公安局|大学|医院|法院|检察院)"
)


def unknown_body(text: str) -> str:
    """A piece of text that names some body, for a department the store does not have."""
    found = _UNKNOWN_BODY.search(text)
    return found[0] if found else ""


# Items


@dataclass(frozen=True, slots=True)
class Concept:
    """An entry of concepts.toml: what staff call an item and how papers print it."""

    name: str
    say: tuple[str, ...]
    means: re.Pattern[str]
    inside: re.Pattern[str] | None
    table: re.Pattern[str] | None
    total: bool
    besides: re.Pattern[str] | None
    sheet: re.Pattern[str] | None
    field: bool
    counts: bool
    side: str | None
    beside: re.Pattern[str] | None
    say_beside: tuple[str, ...]
    part_of: str


@dataclass(frozen=True, slots=True)
class Name:
    """A name the papers in question print: `kind` is row, column, project, indicator, field, table, code or "project code" (`name` is its project's key)."""

    kind: str
    key: str
    name: str


class Names:
    """The names of the papers in question, arranged once for the questions about them: iterable, with an index for guesses."""

    def __init__(self, names: Iterable[Name] = ()) -> None:
        self._names = tuple(n for n in names if len(n.key) >= 2)
        telling = [n for n in self._names if n.kind != "project code" and not GENERIC.fullmatch(n.key)]
        self._flat = [(n, n.key, re.sub(r"[()]", "", n.key)) for n in telling]
        self._joined = "\n".join(f"{a}\n{b}" for _, a, b in self._flat)
        self._by_length: dict[int, list[Name]] = {}
        for n in telling:
            self._by_length.setdefault(len(n.key), []).append(n)
        self._holding: dict[str, int] = {}  # character -> the names that hold it, as bits
        for bit, (_, key, _) in enumerate(self._flat):
            for character in set(key):
                self._holding[character] = self._holding.get(character, 0) | 1 << bit
        self._spoken = Lexicon((said, (said, n)) for n in self._names for said in _spoken_forms(n))
        self._meant: dict[str, frozenset[str]] = {}

    def __iter__(self) -> Iterator[Name]:
        return iter(self._names)

    def spoken_in(self, text: str) -> list[tuple[int, int, str, Name]]:
        """(start, end, words, name) wherever a name stands in a text, as it is printed or in a shorter form of it."""
        return [(start, end, said, name) for start, end, (said, name) in self._spoken.found_in(text)]

    def meant_by(self, mention: Mention) -> frozenset[str]:
        """The names (comparison forms) that a mention fits, and the titles of tables that may print it as their total."""
        concept = mention.concept
        if concept is None:
            return mention.keys
        if concept.name not in self._meant:
            plain = Mention("", concept)
            self._meant[concept.name] = frozenset(n.key for n in self._names if plain.fits(n.key) or (n.kind == "table" and plain.holds(n.key)))
        return mention.keys | self._meant[concept.name]

    def containing(self, piece: str) -> list[Name]:
        """Names that a piece is part of, and not too small a part."""
        if piece not in self._joined:
            return []
        return [n for n, a, b in self._flat if (piece in a or piece in b) and len(a) <= 8 * len(piece)]

    def shortened(self, piece: str) -> list[Name]:
        """Names of projects, rows and indicators that a piece is cut from in at most three runs of two characters or more (热线运营项目 from 热线平台运营项目)."""
        fitting = (1 << len(self._flat)) - 1
        for character in set(piece):
            fitting &= self._holding.get(character, 0)
        found = []
        while fitting:
            lowest = fitting & -fitting
            n, name, _ = self._flat[lowest.bit_length() - 1]
            if n.kind in ("project", "row", "indicator") and len(piece) < len(name) <= 4 * len(piece):
                runs = _runs(piece, name)
                if runs and len(runs) <= 3 and all(length >= 2 for _, length in runs):
                    found.append(n)
            fitting ^= lowest
        return found

    def near(self, piece: str) -> list[Name]:
        """Names one typing error away from a piece (two when it is long)."""
        most = 1 if len(piece) < 8 else 2
        found: dict[int, list[Name]] = {}
        for length in (len(piece) - 1, len(piece), len(piece) + 1):
            for n in self._by_length.get(length, ()):
                distance = Levenshtein.distance(piece, n.key, score_cutoff=most)
                if distance <= most:
                    found.setdefault(distance, []).append(n)
        return found[min(found)] if found else []


@dataclass(frozen=True, slots=True)
class Mention:
    """An item of the question: the concept it stands for and/or the printed names (comparison forms) it fits. `exact` unless guessed from a typo or a part."""

    text: str
    concept: Concept | None = None
    keys: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    exact: bool = True

    def fits(self, name: str) -> bool:
        """Whether a printed name (comparison form) is what this mention means."""
        return name in self.keys or bool(self.concept and self.concept.means.fullmatch(name))

    @property
    def is_field(self) -> bool:
        """Whether it is a field of a project form, which needs its project."""
        return self.kinds == {"field"} or bool(self.concept and self.concept.field)

    def holds(self, table: str) -> bool:
        """Whether a table of this title (comparison form) may print what this mention means as its total."""
        c = self.concept
        return bool(c and ((c.table and (c.total or c.inside) and c.table.search(table)) or (c.sheet and c.sheet.search(table))))

    @property
    def label(self) -> str:
        """How answers call it."""
        return self.concept.name if self.concept else self.text


@cache
def concepts() -> tuple[Concept, ...]:
    """The entries of concepts.toml."""
    data = tomllib.loads((HERE / "concepts.toml").read_text(encoding="utf-8"))["concept"]
    return tuple(
        Concept(
            entry["name"],
            tuple(sorted((*entry["say"], *map("".join, product(*entry.get("join", [()])))), key=len, reverse=True)),
            re.compile("|".join(f"(?:{m})" for m in entry["means"])),
            re.compile(entry["inside"]) if "inside" in entry else None,
            re.compile(entry["table"]) if "table" in entry else None,
            entry.get("total", False),
            re.compile(entry["besides"]) if "besides" in entry else None,
            re.compile(entry["sheet"]) if "sheet" in entry else None,
            entry.get("field", False),
            entry.get("counts", False),
            entry.get("side"),
            re.compile(entry["beside"]) if "beside" in entry else None,
            tuple(entry.get("say_beside", ())),
            entry.get("part_of", ""),
        )
        for entry in data
    )


GENERIC = re.compile(
    r"(?:部门|单位)(?:预算|决算)|(?:预算|决算|资金|经费)安排|(?:(?:19|20)\d\d年?(?:度)?)?(?:年初|本年|上年|当年|全年)?(?:预算|决算|执行|完成|调整预算)?(?:数|金额|数额|合计)?|项目|合计|总计|小计|金额|备注|序号|名称|编码|科目|类|款|项|无|其他|支出|收入|预算|决算|单位|部门"
    r"|科目(?:编码|名称)|预算单位|年度|内容|目标值|指标值|三级指标|二级指标|一级指标|指标解释|指标内容|总额|其中|经费|项目名称|数量|表|基本情况|说明|资金|情况|主要内容|任务名称|采购品目|项目金额|预算金额|预算数|\d+|.*增减(?:额|率|幅度?|变化)?(?:\(.*\))?|比.{0,6}(?:增长|减少|增加).*|增长率|执行率|变动率"
)


def item_spans(text: str, names: Names) -> list[Span]:
    """Every piece of the question that is an item: words of the concepts, and names the papers print."""
    found: dict[tuple[int, int], Mention] = {}

    def add(start: int, end: int, mention: Mention) -> None:
        old = found.get((start, end))
        if old:
            mention = replace(old, concept=old.concept or mention.concept, keys=old.keys | mention.keys, kinds=old.kinds | mention.kinds)
        found[start, end] = mention

    for start, end, (concept, only_beside) in _concept_words().found_in(text):
        if only_beside and not (concept.beside and concept.beside.search(text)):
            continue
        # 项目支出预算总额 is the total of an item, not the total of everything.
        if not (concept.inside and re.search(r"(?:项目|基本|人员|公用)$", text[:start])):
            add(start, end, Mention(text[start:end], concept))
    for start, end, said, name in names.spoken_in(text):
        if name.kind == "project code":
            add(start, end, Mention(said, keys=frozenset([name.name]), kinds=frozenset(["project", "code"])))
        else:
            add(start, end, Mention(said, keys=frozenset([name.key]), kinds=frozenset([name.kind])))
    return [Span(start, end, "item", mention, 1.0) for (start, end), mention in found.items()]


@cache
def _concept_words() -> Lexicon[tuple[Concept, bool]]:
    """The words of the concepts; true with those that only count beside another word."""
    return Lexicon((word, (c, word not in c.say)) for c in concepts() for word in c.say + c.say_beside)


@cache
def _stages() -> frozenset[str]:
    return frozenset(word for group in ("stage_final", "stage_budget", "stage_adjusted") for word in words()[group])


def _spoken_forms(name: Name) -> tuple[str, ...]:
    """How questions say a printed name."""
    if name.key in _stages():
        return ()  # a row called 实际支出 says which 口径 it is of
    if name.kind == "project code" or (name.kind == "code" and len(name.key) >= 3):
        return (name.key,)
    return _variants(name.key)


CLOSING = ("支出", "经费", "费用", "项目", "工作经费", "服务费")  # words at the end of a name that questions leave out
_CLOSED = re.compile(f"(?:{'|'.join(CLOSING)})$")


@cache
def _variants(name: str) -> tuple[str, ...]:
    if len(name) < 2 or GENERIC.fullmatch(name):
        return ()
    forms = [re.sub(r"^(?:19|20)\d\d年度?(?=.{3})", "", name)]  # the year of a name is the question's to say
    bare = re.sub(r"\([^()]*\)", "", name)
    if bare != name:
        forms += [form for form in (bare, re.sub(r"[()]", "", name)) if len(form) >= 3]
    for form in tuple(forms):
        shorter = _CLOSED.sub("", form)
        if shorter != form and len(shorter) >= 3:
            forms.append(shorter)
    return tuple(f for f in forms if not GENERIC.fullmatch(f))


def guess(piece: str, names: Names, typos: bool = True) -> Mention | None:
    """The names that a piece of the question, known to nobody, most likely means: a part of one, or (`typos`) a typing error away; None when unclear."""
    chosen = names.near(piece) if typos and len(piece) >= 4 else []
    if not chosen and len(piece) >= 3:
        parts = names.containing(piece)
        chosen = parts if len({n.key for n in parts}) <= 8 else []
    elif not chosen and len(piece) == 2:
        # 史志 for the one project 史志工作经费, 电信 for the one row 电信和其他信息传输服务
        parts = [n for n in names.containing(piece) if n.kind == "project" or (n.kind == "row" and n.key.startswith(piece))]
        chosen = parts if len({n.key for n in parts}) == 1 else []
    if not chosen and len(piece) >= 6:
        cut = names.shortened(piece)
        chosen = cut if len({n.key for n in cut}) == 1 else []
    if not chosen:
        return None
    return Mention(piece, keys=frozenset(n.key for n in chosen), kinds=frozenset(n.kind for n in chosen), exact=False)


def best_cover(spans: Sequence[Span], length: int) -> list[Span]:
    """The set of non-overlapping spans with the highest total score, in order."""
    ending: dict[int, list[Span]] = {}
    for span in spans:
        ending.setdefault(span.end, []).append(span)
    best: list[tuple[float, Span | None]] = [(0.0, None)]
    for position in range(1, length + 1):
        choice: tuple[float, Span | None] = (best[position - 1][0], None)
        for span in ending.get(position, ()):
            score = best[span.start][0] + span.score
            if score > choice[0]:
                choice = (score, span)
        best.append(choice)
    result, position = [], length
    while position > 0:
        span = best[position][1]
        if span is None:
            position -= 1
        else:
            result.append(span)
            position = span.start
    return result[::-1]
