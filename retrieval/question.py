"""The words of a question: normal form, years, units, 口径 words and what is asked for – everything that needs no store."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Generic, TypeVar

from ingest.records import Scope, Stage
from retrieval.evidence.intents import told
from retrieval.talk import told_apart

HERE = Path(__file__).parent
T = TypeVar("T")


class Ask(StrEnum):
    """What a question asks for."""

    LOOK_UP = "look_up"
    DIFFERENCE = "difference"
    GROWTH = "growth"
    SHARE = "share"
    TIMES = "times"
    EXECUTION = "execution_rate"
    UNSPENT = "unspent"
    SUM = "sum"
    COUNT = "count"
    RANK = "rank"
    FILTER = "filter"
    LIST = "list"
    DEFINITION = "definition"
    TEXT = "text"
    WHICH_TABLE = "which_table"
    META = "meta"
    SMALL_TALK = "small_talk"
    PRIVATE = "private"
    OPINION = "opinion"


@dataclass(frozen=True, slots=True)
class Span:
    """A recognised piece of the question: characters start..end of its normal form, what kind it is and what it stands for."""

    start: int
    end: int
    kind: str
    value: object
    weight: float = 1.0

    @property
    def score(self) -> float:
        """Longer pieces win over the shorter ones they contain."""
        return self.weight * (self.end - self.start) ** 1.6


def normal(question: str) -> str:
    """The normal form: NFKC, no blanks, no quotes, one kind of brackets and dashes, lower case.

    >>> normal("2021年 扶贫办“三公”经费（多少）？")
    '2021年扶贫办三公经费(多少)?'
    """
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", question))
    text = re.sub(r"[“”\"'‘’「」『』《》〈〉*]", "", text).replace("—", "-").replace("、", ",").replace("。", ".").lower()
    for said, written in _spoken():
        text = text.replace(said, written)
    text = _YEAR_IN_BRACKETS.sub(r"\1年", text)
    return _COURTESY.sub("", text) or text


_YEAR_IN_BRACKETS = re.compile(r"(?:(?<=[今本当]年)|(?<=年度))?\(((?:19|20)\d\d)年?度?\)")
_QUOTED = re.compile(r"[“\"「『‘]([^“”\"「」『』‘’]{2,20})[”\"」』’]")


def quoted(question: str) -> tuple[str, ...]:
    """What a question puts in quotes, in normal form.

    >>> quoted("政数局说的“五个到格”是哪五个？")
    ('五个到格',)
    """
    return tuple(normal(found[1]) for found in _QUOTED.finditer(question))


_COUNT = "[一二两三四五六七八九十多]"
_SLOGAN = re.compile(
    rf"({_COUNT}个?(?!大?[条点件]?的?(?:主要)?(?:原因|理由|因素|问题|措施|依据|目标|任务|职责|职能))(?!项|单位|部门|部分|指标|方面|年|月|人|数|表|处)[\u4e00-\u9fff]{{1,4}}?(?:{_COUNT}(?!是)[\u4e00-\u9fff]{{1,3}}?){{0,3}})"
    r"(?:具体)?(?:都)?(?:是(?:什么|啥|指|哪)|指(?:的是|的|哪|什么|啥)|什么意思|怎么(?:理解|解释)|的?含义)"
)


def slogan(text: str) -> str:
    """A slogan of numbers and words that a question asks the meaning of without quotes; "" where there is none.

    >>> slogan("政数局五个到格指哪五个")
    '五个到格'
    """
    found = _SLOGAN.search(text)
    return found[1] if found and len(found[1]) > 3 else ""


# Courtesies around a question, and marks at its end that ask nothing.
_COURTESY = re.compile(r"^(?:你好|您好|老师好)[,.!~]+(?=.{4})|(?<=.{4})(?:[,.!~]*(?:谢谢(?:您|你|啦|了|老师)?|多谢(?:了|啦)?|辛苦(?:了|啦)?|拜托(?:了|啦)?)[.!~]*|[!~]+)$")


@cache
def _spoken() -> tuple[tuple[str, str], ...]:
    """Spoken function words and what is written for them (啥 → 什么), longest first."""
    return tuple(tuple(entry.split()) for entry in words()["spoken"])  # type: ignore[misc]


@cache
def words() -> dict[str, tuple[str, ...]]:
    """The word groups of words.toml, longest first."""
    data = tomllib.loads((HERE / "words.toml").read_text(encoding="utf-8"))
    return {group: tuple(sorted(entries, key=len, reverse=True)) for group, entries in data.items()}


@cache
def regions() -> frozenset[str]:
    """Names of provinces and cities: a department of another place is another department."""
    return frozenset((HERE / "regions.txt").read_text(encoding="utf-8").split())


_CHINESE_YEAR = re.compile(r"(二[〇○零o0][一二三四五六七八九〇零○][一二三四五六七八九〇零○])年?度?")
_CHINESE_DIGITS = {c: str(n) for n, c in enumerate("〇一二三四五六七八九")} | {"零": "0", "○": "0", "o": "0", "0": "0"}
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?:年度?|(?!\d|[.,]\d|万|元|%))")
_SHORT_YEAR = re.compile(r"(?<![\d.])([012]\d)年度?")
_RANGE = re.compile(r"(?<!\d)((?:19|20)\d\d)年?度?(?:-|~|到|至)((?:19|20)\d\d)年?度?")
_RELATIVE = {"前年": -2, "头一年": -1, "前一年": -1, "去年": -1, "上一年度": -1, "上一年": -1, "上年度": -1, "上年": -1, "今年": 0, "本年度": 0, "明年": 1, "次年": 1}
_ALL_YEARS = re.compile(r"历年|各年度?|每年|这几年|近几年|近[两三四五二]年|这[两三]年|两年|逐年")


def year_spans(text: str, base: int | None, today: int) -> list[Span]:
    """Years named. Relative words count from `base` (the year in the question or of the dialogue), else from `today`."""
    spans = [
        Span(m.start(), m.end(), "year", tuple(range(int(m[1]), int(m[2]) + 1)), 1.2) for m in _RANGE.finditer(text) if 0 < int(m[2]) - int(m[1]) < 12
    ]
    spans += [Span(m.start(), m.end(), "year", (int(m[1]),), 1.2) for m in _YEAR.finditer(text)]
    spans += [Span(m.start(), m.end(), "year", (2000 + int(m[1]),), 1.3) for m in _SHORT_YEAR.finditer(text)]
    spans += [Span(m.start(), m.end(), "year", (int("".join(_CHINESE_DIGITS[c] for c in m[1])),), 1.2) for m in _CHINESE_YEAR.finditer(text)]
    anchor = next((s.value[0] for s in spans), base)  # type: ignore[index]
    for word, offset in _RELATIVE.items():
        for m in re.finditer(word, text):
            # “比上年” with no year at all compares with the year before the one the answer is about: the plan decides.
            compared = bool(re.search(r"(?:比|较|同|与|和|跟|相比)$", text[: m.start()]) or word in ("头一年", "前一年")) and offset < 0
            year = None if compared and anchor is None else (anchor if compared or anchor is not None else today) + offset
            spans.append(Span(m.start(), m.end(), "relative_year" if compared else "year", (year,), 1.0))
    spans += [Span(m.start(), m.end(), "all_years", True, 1.0) for m in _ALL_YEARS.finditer(text)]
    return spans


_UNIT = re.compile(
    r"(?:换算成|换成|折合成?|折算成?|折成|改成|用|按|以|转成|转换成|转换为|换算为|多少个?|是几|合)(亿元|万元|千元|元|亿|万)(?:为单位|表示|来说|计|计算|钱)?(?!指标)"
    r"|(?:单位|按)(?:是|为|用)?(亿元|万元|千元|元)|几(亿元|万元|元|万|亿)(?!项|个)"
)


def unit_spans(text: str) -> list[Span]:
    """A unit asked for: 换算成元, 多少万元, 以亿元为单位. “多少钱” asks for none."""
    full = {"亿": "亿元", "万": "万元"}
    return [Span(m.start(), m.end(), "unit", full.get(m[1] or m[2] or m[3], m[1] or m[2] or m[3]), 1.0) for m in _UNIT.finditer(text)]


def occurrences(text: str, word: str) -> Iterator[tuple[int, int]]:
    """Where a word stands in a text, without compiling a pattern for each of hundreds of words."""
    at = text.find(word)
    while at >= 0:
        yield at, at + len(word)
        at = text.find(word, at + 1)


class Lexicon(Generic[T]):
    """Words with what they stand for, found wherever they stand in a text: the text's pieces are looked up, not the words gone through."""

    def __init__(self, entries: Iterable[tuple[str, T]]) -> None:
        self._entries: dict[str, list[tuple[int, T]]] = {}
        for number, (word, value) in enumerate(entries):
            self._entries.setdefault(word, []).append((number, value))
        self._longest = max(map(len, self._entries), default=0)

    def found_in(self, text: str) -> list[tuple[int, int, T]]:
        """(start, end, value) of every word of the lexicon in the text, overlapping ones too, in the order of the entries."""
        ends = len(text)
        pieces = ((a, b) for a in range(ends) for b in range(a + 1, min(ends, a + self._longest) + 1))
        found = [(number, a, b, value) for a, b in pieces for number, value in self._entries.get(text[a:b], ())]
        return [(a, b, value) for _, a, b, value in sorted(found, key=lambda entry: entry[:2])]


@cache
def _plain_words() -> Lexicon[tuple[str, Stage | Scope | None, float]]:
    """The words of words.toml that name neither a body nor an item: (kind of span, what it says, weight)."""
    groups = (
        ("stage_final", "stage", Stage.FINAL, 0.8),
        ("stage_budget", "stage", Stage.BUDGET, 0.8),
        ("stage_adjusted", "stage", Stage.ADJUSTED, 0.85),
        ("scope_own", "scope", Scope.OWN, 0.8),
        ("scope_total", "scope", Scope.TOTAL, 0.8),
        ("scope_sub", "scope", Scope.SUBUNIT, 0.8),
        ("filler", "filler", None, 0.35),
        ("noise", "filler", None, 0.4),
    )
    return Lexicon((word, (kind, value, weight)) for group, kind, value, weight in groups for word in words()[group])


def word_spans(text: str) -> list[Span]:
    """口径 words, scope words and filler words."""
    spans = [Span(a, b, kind, value, weight) for a, b, (kind, value, weight) in _plain_words().found_in(text)]
    spans += [Span(m.start(), m.end(), "filler", None, 0.5) for m in re.finditer(r"(?:[一二两三四五六七八九十]+|\d+)(?:家|个)(?:预算|下属|直属|所属)?(?:单位|部门)", text)]
    # A figure that the asker puts in the answer's mouth (改成100万元, 说是900万元) is no part of the question.
    spans += [Span(m.start(), m.end(), "filler", None, 0.6) for m in _SUGGESTED.finditer(text)]
    return spans


_SUGGESTED = re.compile(r"(?:改成|改为|说成|说是|就是|当作|算成|等于|是不是|是否为?|是|那|这)?\d[\d,]*(?:\.\d+)?(?:多|来|余)?(?:亿元|万元|千元|万块钱?|块钱?|元|万|亿|%)(?:的|左右)?")


@dataclass(frozen=True, slots=True)
class Limit:
    """A bound of a filter (超过100万元): `operator` is > ≥ < ≤, `value` in `unit`."""

    operator: str
    value: Decimal
    unit: str


_LIMIT = re.compile(
    r"(?P<word>不超过|不高于|不多于|不大于|小于等于|大于等于|不低于|不少于|不小于|超过|超出|大于|高于|多于|至少|小于|低于|少于|不足|不到|以下|≥|≤|>=|<=|>|<)"
    r"(?P<number>\d[\d,]*(?:\.\d+)?)(?P<unit>亿元|万元|千元|元|亿|万|%)?"
    r"|(?P<number2>\d[\d,]*(?:\.\d+)?)(?P<unit2>亿元|万元|千元|元|亿|万|%)?(?:及其?|\(含\))?(?P<after>以上|以下|以内|之上|之下)"
)
_BETWEEN = re.compile(r"(?:在|介于)?(\d[\d,]*(?:\.\d+)?)(亿元|万元|元|亿|万)?(?:-|到|至|和|与|~)(\d[\d,]*(?:\.\d+)?)(亿元|万元|元|亿|万)(?:之间)?")
_OPERATORS = {
    "不超过": "≤", "不高于": "≤", "不多于": "≤", "不大于": "≤", "小于等于": "≤", "以内": "≤", "<=": "≤", "≤": "≤",
    "大于等于": "≥", "不低于": "≥", "不少于": "≥", "不小于": "≥", "至少": "≥", ">=": "≥", "≥": "≥", "以上": "≥", "之上": "≥",
    "超过": ">", "超出": ">", "大于": ">", "高于": ">", "多于": ">", ">": ">",
    "小于": "<", "低于": "<", "少于": "<", "不足": "<", "不到": "<", "<": "<", "以下": "≤", "之下": "≤",
}  # fmt: skip


def limits(text: str) -> list[tuple[Limit, int, int]]:
    """The bounds a question sets, with where they stand."""
    full = {"亿": "亿元", "万": "万元", "": "万元", None: "万元"}
    found = []
    for m in _BETWEEN.finditer(text):
        if re.fullmatch(r"(?:19|20)\d\d", m[1]) and not m[2]:
            continue
        unit = full.get(m[4], m[4])
        low_unit = full.get(m[2], m[2]) if m[2] else unit
        found += [
            (Limit("≥", Decimal(m[1].replace(",", "")), low_unit), m.start(), m.end()),
            (Limit("≤", Decimal(m[3].replace(",", "")), unit), m.start(), m.end()),
        ]
    if found:
        return found
    for m in _LIMIT.finditer(text):
        number, unit, word = (m["number"], m["unit"], m["word"]) if m["number"] else (m["number2"], m["unit2"], m["after"])
        if not unit and re.fullmatch(r"(?:19|20)\d\d", number):
            continue
        found.append((Limit(_OPERATORS[word], Decimal(number.replace(",", "")), full.get(unit, unit)), m.start(), m.end()))
    return found


_COUNTED = re.compile(
    r"(?:多少|(?<![这那前近])几)(?:个(?=人))?(批次|批|人次|人(?!次|工)|辆|台|家(?!庭)|篇|份|次|场|件|名(?!字)|位|分(?!类|别|成|块|之)|天(?!津)|平方米|平米|㎡|公里|册|页|本(?!级|年)|套|户|条|起|张|小时|学时|间|栋|亩|吨|期|趟)(?:车|人员?|设备)?"
)
_SAME_UNIT = {"本": ("本", "册"), "批": ("批次", "批"), "趟": ("次", "批次"), "位": ("人", "名", "位"), "名": ("名", "人"), "人": ("人", "名"), "平米": ("平方米", "㎡"), "平方米": ("平方米", "㎡"), "㎡": ("㎡", "平方米")}  # fmt: skip


def counts_in(unit: str, counted: str) -> bool:
    """Whether a figure's unit is the one that a question counts in, or another word for it (几批 → 批次, 多少位 → 人)."""
    return unit.startswith(_SAME_UNIT.get(counted, (counted,)))


def counted_unit(text: str) -> tuple[str, int, int] | None:
    """The unit of things that the question counts (多少批次, 几辆车), with where it stands; money is not counted."""
    found = _COUNTED.search(text)
    if found:
        return "辆" if found[0].endswith("车") else found[1], found.start(), found.end(1)
    people = re.search(r"(?:多少|几)(?:个|名|位)?(?=[^,?]{0,12}(?:人员|职工|员工|派遣|雇员|临聘|退休|离休|工勤|干部|编外)(?:的?人员?|的)?[?]?$)", text)
    people = people or re.search(r"(?<=人员|职工|员工|派遣|雇员|临聘|退休|离休|工勤|编外|聘用)的?(?:一共|总共|共)?有?(?:多少|几)(?:个|名|位)?(?=[?,]|$)", text)
    return ("人", people.start(), people.end()) if people else None


def counted_units(text: str) -> list[tuple[str, int, int]]:
    """Each unit of things that the question counts, with where it stands (几批、多少人次); as counted_unit where it names one."""
    found = [("辆" if m[0].endswith("车") else m[1], m.start(), m.end(1)) for m in _COUNTED.finditer(text)]
    one = counted_unit(text)
    return found if len(found) > 1 else [one] if one else []


_PER_UNIT = r"(人次|批次|[人批台辆次场篇件份名张册本套户])"
_PER = re.compile(
    rf"(?:平均|算下来|均摊)?(?:下来|到)?,?(?:每一?|平均(?:下来)?[一每]?)个?{_PER_UNIT}(?!均)(?:平均|均摊?)?|一{_PER_UNIT}(?=平均|(?:是|要|花|得|用)?(?:了)?多少)|人均|(?<=[^,?])平均(?:下来)?(?=花|用|要|是|多少)"
)
# How exactly, and by which sum, an answer is to be worked out: no part of what is asked.
RECKONED = re.compile(
    r"[,(]?(?:请)?(?:精确到?|算到|保留到?|计算到)(?:小数点后)?[一两二三四1-4]位(?:小数)?\)?|[,(]?(?:小数点后)?[一两二三四1-4]位小数\)?"
    r"|[,(]?(?:请)?(?:精确|算|保留)到(?:元|角|分)(?![别项])\)?|[,?(]?请?用[^,?]{2,24}(?:除以|÷|减去?|加上)[^,?]{1,16}(?:重新)?(?:计算|算出?|得出|求得?)(?:一下)?\)?"
    r"|[,?(]?按[^,?()]{0,16}(?:增减|增加|减少|变动|变化)(?:额|数|幅度?)?(?:来)?(?:算|计算|推算?)(?:一下|出来)?\)?|\([^()]{0,16}(?:帮我?|帮忙|请|自己|给我)(?:算|推)(?:算|一下|出来)?\)"
)
# What a question says of itself in passing: remarks in brackets and at its end about what is not meant, who asks, which 口径. None of it names what is asked.
_REMARKS = re.compile(
    r"\((?:不(?!含|包括)|别|非|连|全口径|包括全部|文里|文中|原文|材料|口径|注意|就是|只看|只算|我(?:是|要|想))[^()]{1,24}\)"
    r"|\((?:19|20)\d\d年?度?(?:那份|这份|的)?[^()]{0,10}(?:写了|印了|给了|列了|说了|提到)[^()]{0,12}\)"
    r"|[,?;.](?:不要|别给我?|别拿|可别|别把)[^,?;]{1,20}$|[,?;.](?:不是|不看|不管)(?:整个|全部|终期|长期|中期|实施周期|功能|经济|上年|去年|三年)[^,?;]{0,12}$"
    r"|[,?;.(][^,?;()]{0,8}(?:基金|功能|经济|终期|长期|上年|去年|财政拨款|会议费|培训费)[^,?;()]{0,12}(?:不要算|别算|不算|不用算|不用管|除外)(?:进去|在内|进来)?\)?$"
    r"|(?:除了|除开|除去|不算)(?:局|厅|委|办|部门|单位|机关)?(?:机关|本级|本身|自己|本部)(?:以外|之外|外)?,?(?:还|都)?(?=.*哪(?:些|几)[^,?]{0,6}单位)"
    r"|^(?:审计|核对|检查|开会|汇报|写(?:材料|报告|总结)|做表|备查|领导)[^,?:]{0,4}(?:要用|用|要|需要|问)?[:,]"
)


def without_remarks(text: str) -> str:
    """A question (normal form) without what it only says in passing.

    >>> without_remarks("某局2026年支出多少(不单是财政拨款那块)?")
    '某局2026年支出多少?'
    """
    return _REMARKS.sub("", text) or text




def per_unit(text: str) -> tuple[str, str] | None:
    """The unit by which an amount is to be divided (人均, 平均每台, 一批多少钱), and the question without the words that say so.

    >>> per_unit("扶贫办公务接待平均每批多少钱")
    ('批', '扶贫办公务接待多少钱')
    """
    found = _PER.search(text)
    if not found or re.search(r"每人每|每[月年天日]", text):
        return None
    unit = found[1] or found[2] or ("人" if found[0] == "人均" else "")
    bare = text[: found.start()] + text[found.end() :]
    if not unit:  # “接待一批平均花多少钱”: the unit stands before
        said = re.search(rf"一{_PER_UNIT}(?=$|[^\d]{{0,2}}(?:花|用|要|是|多少))", text[: found.start()])
        if not said:
            return None
        unit, bare = said[1], text[: said.start()] + text[said.end() : found.start()] + text[found.end() :]
    return unit, re.sub("平均(?:下来)?", "", bare)


_TOP = re.compile(
    r"(?:前|哪(?=[2-9二两三四五六七八九十])|最(?:高|大|多|低|小|少)的?)([\d一二两三四五六七八九十]+)(?:名|个|项|位|大)?|排名?前([\d一二两三四五六七八九十]+)|第([\d一二三四五六七八九十])(?:名|大|多|高|位)"
)
_NUMBERS = {c: n for n, c in enumerate("零一二三四五六七八九十")} | {"两": 2}


def number_word(text: str) -> int:
    """“三” or “3” as 3."""
    return int(text) if text.isdigit() else _NUMBERS.get(text, 1)


def decimals(text: str) -> int:
    """How many decimals a rate is to have (保留一位小数): two where the question does not say.

    >>> decimals("占比多少,保留一位小数")
    1
    """
    said = re.search(r"([一二两三四1-4])位小数|小数点后(?:面)?([一二两三四1-4])位", text)
    return number_word(said[1] or said[2]) if said else 2


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for, with its particulars: `top` and `nth` of a ranking, `descending`, `limits` of a filter, and where its words stand."""

    ask: Ask
    spans: tuple[tuple[int, int], ...] = ()
    top: int = 1
    nth: int | None = None
    descending: bool = True
    limits: tuple[Limit, ...] = ()


_PATTERNS: tuple[tuple[Ask, re.Pattern[str]], ...] = (
    (
        Ask.META,
        re.compile(
            r"(?:收录|收了|导入|上传|现有|目前有|库里|系统里|你这里|你这|手头)(?:了|着|有)*(?:哪些|什么|多少|几)?(?:份|个|种)?(?:文件|材料|文档|部门|单位|资料|年份|年度|papers)?"
            r"|(?:文件|材料|文档|资料)(?:都|分别|各)?(?:是)?(?:哪一?年|哪几年|哪些年|什么时候)的?"
            r"|(?:文件|材料|文档|资料|预决算|年份|年度|数据)(?:你们?|您|这里|系统|库里|手里|手头|里)*(?:一共|总共|都|现在)*(?:有|收了|存了)(?:哪些|几份|多少份|几个|哪几|几年)"
            r"|(?:你们?|您)(?:这里|手里|手头|手上)?(?:一共|总共|都|现在)?(?:有|掌握|知道|了解|收了)(?:的)?(?:哪些|什么|几个|多少个?)(?:部门|单位|局|城市|地方|文件|材料|资料|年份)"
            r"|有(?:哪些|什么|几份|多少份|哪几)(?:个|份)?(?:文件|材料|文档|资料|部门|单位|年份|年度|年)(?:的)?(?:预算|决算|数据|材料|文件|资料)?|(?:哪些|哪几)(?:个)?(?:部门|年份|年度|年)(?:的)?(?:数据|材料|文件|资料|预算|决算)|能查(?:询)?(?:哪些|什么)(?:部门|单位|年份|内容)?"
        ),
    ),
    (
        Ask.WHICH_TABLE,
        re.compile(
            r"(?:在|是|属于|位于|见|查)?(?:哪一?|第几)(?:张|个|份)?表(?:格)?(?:里|中|上)?|在?第几页|在?哪一?页|在哪(?:里|儿)?(?:能)?(?:查|找|看)到?|出处(?:是|在)?(?:哪里|哪)?"
        ),
    ),
    (Ask.EXECUTION, re.compile(r"完成了?(?:年初|全年|调整后?)?预算数?的?(?:多少|百分之|几成|比例|%)|决算数?(?:是|占了?|相当于|为)(?:年初|全年|调整后?)?预算数?的?(?:多少|百分之|几成|比例|比重|%)|(?:预算)?执行率|(?:预算)?完成率|执行进度|(?:(?:花|用|执行|使用)(?:出去|掉|完|了|到)*|支(?:出去|出了|掉|了))(?:百分之(?:几|多少)|几成|多少%)|执行(?:得|情况)怎么样")),
    (Ask.TIMES, re.compile(r"(?:几|多少)倍")),
    (
        Ask.SHARE,
        re.compile(r"占(?P<whole>.*?)(?:的)?(?:比重|比例|百分之几|百分之多少|百分比|多大比例|几成|多少%|%)|占比|所占|比重|占(?!了?(?:多少|几)[万亿]?[钱元块])(?=.*?(?:多少|几))"),
    ),
    (
        Ask.GROWTH,
        re.compile(
            r"增长率|[增降涨跌]幅|增速|增减率|变动率|变化率|增减幅度?|(?:增长|下降|减少|增加|降低|上升|提高|变化|变动)了?(?:百分之(?:几|多少)|几个百分点|多少个百分点|多少%|幅度|比例)|同比(?:增长|下降)?(?:多少)?%|百分之(?:几|多少)"
        ),
    ),
    (
        Ask.RANK,
        re.compile(
            r"最(?:大|多|高|少|小|低|贵)(?!生活保障|工资|限价)|排名|排行|排序|排第|排前|前[\d一二两三四五六七八九十]+(?:名|个|项|位|大|(?=[的?.,]|$))|第[\d一二三四五六七八九十](?:名|大|多|高|位)|从(?:高到低|大到小|多到少|低到高|小到大|少到多)|哪(?:个|项|家|一?年|一?笔)(?:的)?.{0,12}?(?:更|比较|较)(?:多|高|大|少|低|小)|谁(?:的)?.{0,14}?(?:更|比较|较)?(?:多|高|大|少|低|小)"
        ),
    ),
    (
        Ask.DIFFERENCE,
        re.compile(
            r"相差|差额(?!拨款|补助|补贴|单位|事业)|差距|差多少|差了|差几"
            r"|(?:比|较)(?!重|例|较|率)[^,?]{1,26}?(?:多(?!少)|多少|少|高|低|大|小|增加|减少|增长|下降|上升|降低|变化|变动|增|减|差)(?:了)?(?:多少|几|吗|还是|没有|了|多)?"
            r"|(?:与|和|同|跟)[^,?]{0,26}?(?:相比|相差|比较|对比|差多少|差几|差额|差距|相较)(?:.{0,8}?(?:增加|减少|多|少|变化)了?(?:多少)?)?"
            r"|(?:增加|减少|增长|下降|上升|降低|变化|变动|增减|多出|(?<!至)少)了?(?:多少|几)|增减(?:额|变化|情况)?|变化(?:情况|多大)|对比|相比|比较|同比|(?:跟|和|与|同)[^,?]{2,12}比(?:怎么样|如何|起来|呢|$|[?])|是多了还是少了|一样(?:多|吗)?|是否相同|相同吗|持平|增加还是减少|是增是减|涨了|降了|有没有(?:增加|减少|变化)"
        ),
    ),
    (Ask.SUM, re.compile(r"之和|加起来|相加|合起来|合在一起|合一起|加在一?起|加一起|加在一块|加一块|加总|总和|求和|拢共|统共|一起算")),
    (
        Ask.DEFINITION,
        re.compile(
            r"是什么意思|什么意思|什么是|(?:是)?指(?:的是)?(?:什么|哪些|啥)|反映(?:的是)?什么|含义|定义|名词解释|如何解释|怎么解释|(?:是)?怎么定义|解释一下|的解释|是啥"
        ),
    ),
    (
        Ask.COUNT,
        re.compile(
            r"(?:多少|几)(?:个|项|条|笔|家|张|类|种)(?!百分点|万|亿|月|工作日)|一共有几|共有几|(?:个|项目|指标)数(?:量)?(?:是)?(?:多少|几)?$|数量(?:是)?(?:多少|几)$"
        ),
    ),
    (
        Ask.LIST,
        re.compile(
            r"(?:有|是|包括|包含|涉及|分为|分成|含|具体有|分别有|分别是|都有|设置了?|由)?(?:哪些|哪(?:几|[二两三四五六七八九十])(?:个|项|类|种|部分|块|方面)?)|列出|列举|列一下|列表|清单|明细|都有什么|都有啥|有什么|分别(?:是|为)?(?:什么|多少)|各(?:自)?(?:是|为|有|花了?|用了?)?多少|(?:怎么|如何)?(?:构成|组成)|逐项|每(?:个|项)(?!月)|下(?:设|属|面|级)的?(?:各|科目|项级)"
        ),
    ),
    (
        Ask.TEXT,
        re.compile(
            r"为什么|为何|为啥|原因|怎么会|因为什么|主要用(?:于|来|在|途)?|(?:用于|用来|用在|用到|花在|花到)(?:什么|哪|做什么|啥)|做什么用|买(?:了)?(?:什么|啥|哪些)|是什么(?:收入|支出|费用|钱|性质)|干什么用|干什么|做什么|干啥|用途|依据(?:是)?|根据什么|凭什么|职责|职能|负责什么|主要工作|工作目标|目标是|目标(?:有)?(?:哪些|什么)?$"
            r"|怎么(?:回事|安排|使用|做|样)|如何|什么情况|情况(?:是)?(?:怎样|如何|怎么样)?$|介绍|说明一下|概况|主要内容|内容是|背景|意义|措施|标准|有何|机构设置|内设|基本情况|是谁|什么时候|何时|多久|哪里|哪儿|什么地方|谁"
        ),
    ),
)


# The words of an ask, without the names that may stand between them: these are covered, the names are left for the vocabulary.
_COVER = re.compile(
    r"占比|占|所占|的?(?:比重|比例|百分比)|百分之(?:几|多少)|几成|相差|差额|差距|差多少|对比|相比|比较|同比|较|比(?!例|重|较)|多多少|少多少|多出|(?:增加|减少|增长|下降|上升|降低|变化|变动|增减)(?:了|额|率)?(?:多少|几)?|[增降涨跌]幅|增速|变动率|之间|起来"
    r"|怎么样|多少|谁|更|最(?:大|多|高|少|小|低)|排名|排序|从(?:高到低|大到小|多到少|低到高|小到大|少到多)|前[\d一二两三四五六七八九十]+(?:名|个|项|位|大)?|第[\d一二三四五六七八九十](?:名|大|多|高|位)|哪一?(?:个|项|家|年|笔)|的[一二两三四五]个"
    r"|(?:预算)?执行率|(?:预算)?完成率|执行进度|相当于|(?:翻了?)?(?:几|多少)倍|高|低|大|小|多|少"
)


_OPINION = re.compile(
    r"你(?:觉得|认为|怎么看|感觉|估计)|您(?:觉得|认为|怎么看)|(?:合理|划算|值得?|浪费|应该|靠谱|正常|多余|必要)(?:吗|么|不|嘛|与否)[?]?$|(?:合不合理|值不值|该不该|应不应该|划不划算|好不好|有没有必要|是否合理|是否必要|是否值得|怎么评价)"
    r"|预测|预估一下|猜(?:一下|猜)|会不会(?:增|减|涨|降|多|少)|(?:明年|后年|未来|今后|以后).{0,12}(?:会|将).{0,6}(?:多少|增|减|涨|降)|有没有(?:腐败|贪污|问题)|谁贪|贪了"
)


def _words_asked(text: str) -> tuple[Ask, tuple[tuple[int, int], ...]] | None:
    """What a question asks for that cannot but ask for words (a reason, a basis …) or for the parts of a figure, with where it says so."""
    kinds = told(text)
    if not kinds:
        return None
    asks = {Ask(kind.asks) for kind, _, _ in kinds}
    ask = next(a for a in (Ask.LIST, Ask.TEXT, Ask.DEFINITION) if a in asks)
    places: list[tuple[int, int]] = []
    for start, end in sorted((start, end) for _, start, end in kinds):
        if places and start < places[-1][1]:  # 买些啥 and 啥,各多少 say it together
            start, end = places[-1][0], max(end, places.pop()[1])
        places.append((start, end))
    return ask, tuple(places)


_PLACE_ASKED = re.compile(
    r"(?:在|是|属于|位于|见|查|看|翻|找|去|到|用)哪一?(?:张|个|份)?表格?(?:里|中|上)?(?:面)?(?:的|呢|啊|找|看|查|有|能看到|能查到|找得到)*[?.]*$"
    r"|哪一?(?:张|个|份)表格?(?:里|中|上)?面?(?:有|印了|列了|写了|能看到|能查到|能找到|可以看到)[^,?]*[?.]*$|(?:在|是)第几页[?.]*$"
)
UNSPENT = re.compile(
    r"(?:剩|余|结余)(?:下|了)?(?:多少|几)[^,?]{0,4}(?:没|未)(?:有)?(?:花|用|支|动)|(?:没|未)(?:有)?(?:花|用|支出|使用)(?:掉|完|出去)?的?(?:钱|部分)?(?:还|共)?(?:有|剩|是)?多少|多少钱?(?:还)?(?:没|未)(?:有)?(?:花|用|支出|使用)"
)  # what is left of a budget
_CHANGES = re.compile(r"增|减|涨|降|升|跌|比|较|变化|变动|幅|多了|少了|同期|增速")


def wish(text: str) -> Wish:
    """What the question asks for. Patterns are tried from the most telling to the least; LOOK_UP is what is left."""
    if told_apart(text)[1] == "":
        return Wish(Ask.SMALL_TALK)
    if re.search(r"电话(?!费|受理|服务|中心|热线|咨询|会议)|手机|联系方式|身份证|住址|微信号|邮箱", text) and re.search(r"谁|多少|号|几|什么|联系|给我|告诉", text):
        return Wish(Ask.PRIVATE)
    if _OPINION.search(text):
        return Wish(Ask.OPINION)
    bounds = limits(text)
    found: dict[Ask, tuple[tuple[int, int], ...]] = {}
    for ask, pattern in _PATTERNS:
        places = tuple((m.start(), m.end()) for m in pattern.finditer(text))
        if places and ask in (Ask.SHARE, Ask.DIFFERENCE, Ask.RANK, Ask.GROWTH, Ask.EXECUTION, Ask.TIMES):
            places = tuple((m.start(), m.end()) for m in _COVER.finditer(text))
        if places:
            found[ask] = places
    if Ask.GROWTH in found and not _CHANGES.search(text):
        found = {ask: places for ask, places in found.items() if ask is not Ask.GROWTH} or {Ask.LOOK_UP: found[Ask.GROWTH]}  # “目标是百分之多少”
    if Ask.META in found and Ask.RANK in found:
        del found[Ask.META]  # “系统里哪个单位预算最大”: not which papers there are
    if bounds and (Ask.LIST in found or Ask.COUNT in found or re.search(r"哪|的项目|的有", text)):
        return Wish(
            Ask.FILTER,
            tuple((a, b) for _, a, b in bounds) + found.get(Ask.LIST, ()) + found.get(Ask.COUNT, ()) + found.get(Ask.SUM, ()),
            limits=tuple(x for x, _, _ in bounds),
        )
    if Ask.WHICH_TABLE in found and _PLACE_ASKED.search(text):
        return Wish(Ask.WHICH_TABLE, found[Ask.WHICH_TABLE])  # “基本支出明细在哪张表”: the place, not the parts
    if words_asked := _words_asked(text):
        ask, places = words_asked
        return Wish(ask, (*places, *found.get(ask, ())))
    if Ask.DEFINITION not in found and re.search(r"是什么[?.]*$", text) and not re.search(r"项目|编码|目标|依据|期限|类型|时间", text):
        return Wish(Ask.DEFINITION, ((text.rindex("是什么"), len(text)),))
    for ask, places in found.items():
        if ask is Ask.RANK:
            top = _TOP.search(text)
            count = number_word(next(g for g in top.groups()[:2] if g)) if top and (top[1] or top[2]) else 1
            nth = number_word(top[3]) if top and top[3] else None
            up = bool(re.search(r"最(?:少|小|低)|从(?:低到高|小到大|少到多)|倒数|(?:更|比较|较)(?:少|低|小)", text))
            everything = bool(re.search(r"排名|排行|排序|从(?:高到低|大到小|多到少|低到高|小到大|少到多)", text)) and not top
            return Wish(ask, places, top=99 if everything else count, nth=nth, descending=not up)
        return Wish(ask, places)
    return Wish(Ask.LOOK_UP)
