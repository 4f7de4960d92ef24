"""Amounts in sentences -> STATED facts: of what, how much, for which year, with the sentence and the lines it stands on.

Lines are first put together to paragraphs (raw PDF text breaks every line, a page break cuts sentences), paragraphs to sentences; in a sentence every
figure with a unit gets its subject: the noun of its own clause, else the item's heading (“2.公务接待费。2021 年预算数 5 万元”), else the subject before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from ingest.amounts import Amount, AmountState, read_amount
from ingest.records import Block, BlockKind, Fact, FactKind, Identity, Lines, Measure, PaperKind, Scope, Section, Side, Stage, lines_within, turns
from ingest.wording import key, squeeze, strip_numbering

_PAGE = re.compile(r"^(?:[-－—–]\s*\d{1,4}\s*[-－—–]|\d{1,3})$")
_SENTENCE = re.compile(r"[^。！？]*[。！？]?")
_ENDS = re.compile(r"[。！？；;：:]$")
_ITEM = re.compile(
    r"^(?:\*\*)?\s*(?:[-•]\s*)?(?:第[一二三四五六七八九十]+部分|[（(]\s*(?:[一二三四五六七八九十]+|\d{1,2})\s*[)）]|[一二三四五六七八九十]+、|\d{1,2}\s*[.．、](?!\d)|注[:：])"
)
_COUNTED = r"辆|人次|人|批次|台[（(]套[)）]|台套|台|个|家|项|次|组|名|团组|套|件|场|平方米|户|分(?![之钟类部配别\d])"
_FIGURE = re.compile(
    r"(?P<about>约|近|超过?|不超过|不少于|不低于)?\s*(?P<number>[-−－]?(?:\d{1,3}(?:[,，]\d{3})+|\d+)(?:\.\d+)?)\s*"
    rf"(?P<unit>万元|亿元|千元|元|[%％]|{_COUNTED}|万(?=[。，；、,;]|$))"
)
_THRESHOLD = re.compile(r"^(?:[（(][^）)]*[)）])?\s*(?:及?以[上下内]|/|的?(?:标准|幅度|额度|规模|比例)|左右的)")
_PRICE = re.compile(r"(?:单位价值|单价|每人|每次|人均|按照?|每年提供)[^，。；]{0,6}$")
_TITLE_MARKS = re.compile(r"《[^》]*》|〔[^〕]*〕|\[[^\]]*\]|【[^】]*】")
_CHANGE = re.compile(
    r"(?P<verb>同比增长|同比减少|同比下降|增加|减少|下降|降低|增长|上升|提高|压减|压缩|变化|减|增)(?:额|了|幅度?为|数为|为|到)?\s*(?:约|近)?\s*$"
)
# “本年数小于上年预算数403.75万元”: the figure is by how much.
_COMPARED = re.compile(r"(?P<verb>小于|少于|低于|大于|多于|高于)(?:(?:19|20)\d\d年度?|上年度?|上一年度?|去年)[^\d，。；]{0,8}$")
_DOWN = re.compile(r"减|降|压|小于|少于|低于")
_BASE = re.compile(
    r"(?:比|较|与|同|相比)\s*(?:于\s*)?(?P<base>(?:19|20)\d\d\s*年(?:度)?|上年度?|上一年度?|去年|年初预算数?|预算数?|调整预算数?|同期)(?:“三公”经费)?(?:部门|财政拨款|年初|当年)*(?:预算数?|决算数?|执行数|支出数)?(?:相比)?"
)
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)\s*年度?")
_RATE_NAME = re.compile(r"(?P<name>[\u4e00-\u9fff“”]{0,8}(?:执行率|完成率|增长率|支出率|到位率|使用率|比例|比重|率))(?:为|达到?|是|仅)?\s*$")
_SHARE = re.compile(r"占\s*(?P<of>[^，。；]{2,40}?)(?:的|比重?为?)\s*$")
_SUBJECT_END = re.compile(
    r"(?:(?:建议|全年|当年|年初|本年|共|(?<!收入)(?<!支出)(?:合计|总计)|共计|总额|总数|累计|安排|预计|纳入|涉及|达到?|约|为|是|共有|(?<![合总])计|各|由|至|金额|资金额|的|，|：|:|\s|\*)+)$"
)
_PLAN_WORDS = re.compile(
    r"(?:全年|年初|当年|本年度?|财政拨款|一般公共预算财政拨款)?(?:预算数|预算额|预算安排|决算数|执行数|支出数|预算金额|支出决算|预算|支出合计|支出总额|支出|合计|总计|安排)+$"
)
_SUBJECT_START = re.compile(
    r"^(?:其中|具体(?:包括)?|主要(?:用于|包括|是)?|包括|包含|含|用于|共|和|及|与|并|另|即|因(?!公)|由于|主要因为|主要是因为|剔除了?|各项|全部|本年度|本年|当年|全年|年初|截至|截止|目前|现有|本部门|本单位|我办|我局|我单位|该项目|所属预算单位|纳入|涉及|为(?=剔除)|因此|而|此|各单位|学校(?=(?:收入|支出)总计)|(?:一般公共预算|财政)拨款安排的|设有|分别是|新增|剔除了?|支付|共有|有(?=车|编|公务用车)|实际|从|安排|通过对|对(?=“)|开展(?=.{3})|所属各?(?:预算)?单位(?=共)|为(?=[^，。]{2,12}(?:指挥部|工作组|小组))|度(?=[^，。]{3})|[一二三四五六七八九十]+、|[（(][^）)]{1,20}[）)]、|[、，,：:；;\s*]|[（(][一二三四五六七八九十\d]+[)）]|\d{1,2}\s*[.．、](?!\d)|\d{1,2}\s*月(?:底|末|份|\d{1,2}\s*日)?)+"
)
_NO_SUBJECT = re.compile(
    r"^(?:|(?:本|该)?项目(?:的)?(?:预算|经费|资金|总)?|数|元|总|共|金额|经费|资金|预算|执行|合计|总计|比预算|占.*|预计|较|比|设置并编报|经费预计|完成|(?:同比|相比)?变化|预算合计|支出比预算|比预算)$"
)
_BARE_SIDE = re.compile(r"^(?:支出|收入)(?:合计|总计)?$")
_THINGS = {"个", "家", "项", "台", "辆", "套", "件", "名"}
# “2026年计划购置车辆7辆，其中：机要通信用车2辆；单价100万元以上设备1台（套）”: all that the sentence counts is to be bought.
_TO_BUY = re.compile(r"^[^，。；：]*?(?P<verb>(?:购置|新增配置|配置|配备|购买)(?=[^，。；：\d]{0,12}(?:车|设备)))[^，。；：]*\d")
_COUNTED_NOUN = re.compile(r"(?:基层|内设|下属|预算)?([\u4e00-\u9fff]{2,8}?)(?=[\s，。、；,\d（(]|$)")
_COUNT_VERB = re.compile(r"^(?:共|已|将|计划|全年|主要|用于|购买|购置|采购|安排|组织|引导|完成|帮助|开展|举办|实施|建设|新建|引进|保障)*$")
# “一般公共服务支出（类）档案事务（款）行政运行（项）”: the innermost name is the subject.
_CLASSIFIED = re.compile(r"([^（）()，。；、\s]{2,30})[（(](?:类|款|项)[)）](?:支出|经费)?(?:19|20)?\d{0,2}年?(?:年初|年度|全年|调整)?(?:支出)?(?:预算数?|决算数?|支出)?(?:为|是|共)?\s*$")
# “机关事业单位基本养老保险缴费支出（2080505）” and “一般公共服务支出-政府办公厅（室）及相关机构事务-行政运行”科目: the name without code, the last step.
_CODED = re.compile(r"([^（）()，。；、：\s\d][^（）()，。；、：\s]{1,30})[（(]\d{3,9}[)）](?:支出)?\s*$")
_CODE = re.compile(r"(\d{3}(?:\d{2}){0,2})\s*[-－—]\s*(?=[\u4e00-\u9fff])")  # 2080501-行政单位离退休
_QUOTED = re.compile(r"(?:[^“”]*[-－—]|[-－—“])([^“”\-－—]{2,40})”(?:科目|支出科目)(?:支出)?\s*$")
_BRACKETED = re.compile(r"[（(][^（）()]*[)）]")
_OPEN_CHANGE = re.compile(r"^(?:新?增加|减少)(?=[^\d，。额]{3})")
_LONGEST_NOUN = 24
_SCORED = re.compile(r"(?P<name>(?:绩效)?(?:自评)?(?:综合)?(?:得分|评分|总分|分数))\s*(?:数|值|为|是|[:：])*\s*$")
_LEADING_NOISE = re.compile(r"^(?:(?:19|20)\d\d\s*年(?:度)?(?:末|初)?(?:\d{1,2}月)?(?:\d{1,2}日)?[，,]?\s*)+")
_ORGANISATION = re.compile(r"(?:局|委|办|厅|室|院|会|署|中心|本级|机关|站|馆|所|队|学校|大学)(?:[(（].{1,6}[)）])?$")
_AND_UNIT = re.compile(r"(?:[、和及][^\d，。、]{2,14}?(?:办|局|厅|委|中心|站|院|馆|室))+(?=机关|预算|部门|编制|实施)")
_OWN = re.compile(r"本级|机关本部|[(（]机关[)）]")
# “2.市房产档案馆编制数 26 人”: an item that opens with the body whose staff it counts.
_STAFFED = re.compile(r"(?P<body>[^\s\d，。、：；,:;]{2,30}?)(?=(?:核定)?(?:人员|行政|事业)?(?:总?编制|实有|在编|在职|离休|退休))")
_INCOME = re.compile(r"收入|拨款$")
_SPENDING = re.compile(r"支出|经费|费$|费用|采购|项目|补贴|补助|公积金")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines put together: `text`, and where in it every block begins."""

    text: str
    starts: tuple[int, ...]
    blocks: tuple[int, ...]
    section: Section | None

    def lines(self, blocks: Sequence[Block], start: int, end: int) -> Lines:
        """The lines that hold the characters from `start` to `end`."""
        return lines_within([(at, blocks[i].place) for at, i in zip(self.starts, self.blocks, strict=True)], start, end)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure in a sentence: where it stands, its unit, and the words of its clause before it."""

    start: int
    end: int
    number: str
    unit: str
    about: str
    before: str
    after: str


def stated_facts(blocks: Sequence[Block], used: frozenset[int], sections: Sequence[Section], identity: Identity) -> tuple[Fact, ...]:
    """The amounts, changes, rates and counts that the paper's sentences state."""
    facts: list[Fact] = []
    for paragraph in paragraphs(blocks, used, sections):
        facts.extend(_Reader(paragraph, blocks, identity).facts())
    return tuple(facts)


def paragraphs(blocks: Sequence[Block], used: frozenset[int], sections: Sequence[Section]) -> list[Paragraph]:
    """The paper's running text as paragraphs: broken lines and sentences cut by a page are put together again."""
    lines = [i for i, b in enumerate(blocks) if b.kind is BlockKind.LINE and i not in used and b.text.strip() and not _PAGE.match(b.text.strip())]
    headings = {(s.place.line_start, s.place.page, s.place.bbox): s for s in sections}  # a page has several
    width = _line_width([blocks[i].text for i in lines])
    found: list[Paragraph] = []
    group: list[int] = []
    section: Section | None = None
    current: Section | None = None

    def close() -> None:
        if group:
            text, starts = "", []
            for i in group:
                starts.append(len(text))
                text += blocks[i].text.strip()
            found.append(Paragraph(text, tuple(starts), tuple(group), current))
            group.clear()

    for i in lines:
        block = blocks[i]
        heading = headings.get((block.place.line_start, block.place.page, block.place.bbox)) if squeeze(block.text) else None
        if heading is not None and squeeze(heading.title)[:12] not in squeeze(block.text):
            heading = None
        if (
            heading is not None
            or not group
            or not _continues(blocks[group[-1]].text.strip(), block.text.strip(), width)
            or _used_between(used, group[-1], i)
        ):
            close()
        section = heading or section
        if not group:
            current = section
        group.append(i)
        if heading is not None and not re.search(r"[，。；]", block.text):
            close()
    close()
    return found


def _used_between(used: frozenset[int], first: int, last: int) -> bool:
    return last - first < 200 and any(i in used for i in range(first + 1, last))


def _line_width(texts: Sequence[str]) -> int:
    """The usual length of a full line where the text is broken into lines; 0 where paragraphs are whole."""
    lengths = sorted(len(t.strip()) for t in texts if len(t.strip()) > 12)
    if len(lengths) < 20 or lengths[len(lengths) * 9 // 10] > 60:
        return 0
    return lengths[len(lengths) // 2]


def _continues(previous: str, text: str, width: int) -> bool:
    if _ITEM.match(text):
        return False
    if width and len(previous) * 100 >= width * 93:
        return True  # a full line may end with a full stop in the middle of a paragraph
    if _ENDS.search(previous):
        return False
    if width:
        return len(previous) * 10 >= width * 7
    return len(previous) > 30 or "，" in previous  # a sentence that a page's end cut short


class _Reader:
    """Reads the figures of one paragraph; remembers the item's heading and the last subject."""

    def __init__(self, paragraph: Paragraph, blocks: Sequence[Block], identity: Identity) -> None:
        self.paragraph = paragraph
        self.blocks = blocks
        self.identity = identity
        self.heading = self._item_heading()
        self.subject = ""
        self.classified = ""  # the last subject named with its 类, 款, 项
        self.to_buy: re.Match[str] | None = None
        self.organisation, self.scope = self._organisation()

    def facts(self) -> Iterable[Fact]:
        text = self.paragraph.text
        for sentence in _SENTENCE.finditer(text):
            if sentence.group().strip():
                yield from self._sentence(sentence.group(), sentence.start())

    # -- what the paragraph says before its figures

    def _item_heading(self) -> str:
        """“2.公务接待费。…” → 公务接待费; “1.党建活动3万元，…” → 党建活动."""
        text = self.paragraph.text
        if not _ITEM.match(text):
            return ""
        head = re.split(r"[。，；：:,]|(?:19|20)\d\d\s*年|\d[\d,.]*\s*(?:万元|元|亿元)", text.replace("**", "").lstrip(" -•"), maxsplit=1)[0]
        head = re.sub(r"绩效自评(?:综述|结果|情况)?$", "", strip_numbering(head).strip())
        if item := _CLASSIFIED.search(head) or _CODED.search(head):
            return item[1].strip()
        return _PLAN_WORDS.sub("", head) or head if 1 < len(head) <= 30 else ""

    def _organisation(self) -> tuple[str, Scope]:
        """A section headed by an organisation (“二、市政务办”), or an item that opens with one before its staff, speaks of that organisation."""
        opening = _STAFFED.match(strip_numbering(self.paragraph.text).lstrip()) if _ITEM.match(self.paragraph.text) else None
        if opening and _ORGANISATION.search(opening["body"]) and not _same_body(_OWN.sub("", opening["body"]), self.identity.department):
            return opening["body"], Scope.SUBUNIT
        for title in reversed(self.paragraph.section.path if self.paragraph.section else ()):
            name = re.sub(r"[（(]?[一二三四五六七八九十]+[、)）]|\s", "", title)
            if _ORGANISATION.search(name) and len(name) < 30 and not re.search(r"情况|说明|范围|部分|概况", name):
                return name, Scope.OWN if _OWN.search(name) else (Scope.TOTAL if _same_body(name, self.identity.department) else Scope.SUBUNIT)
        return self.identity.department, self.identity.scope

    # -- figures

    def _sentence(self, sentence: str, offset: int) -> Iterable[Fact]:
        masked = _TITLE_MARKS.sub(lambda m: "＿" * len(m.group()), sentence)
        year = self._sentence_year(masked)
        sentence_subject = against = counted = ""
        # The sentence after one of what is to be bought goes on with it, unless it says what there is.
        to_buy = self.to_buy = None if re.search(r"截至|截止|[共现]有|保有", masked) else _TO_BUY.match(masked) or self.to_buy
        whose: tuple[str, Scope] | None = None
        outside = ""  # the subject before a bracket, which goes on after it
        for figure in _figures(masked):
            if _PRICE.search(figure.before):
                continue
            if not _inside_brackets(masked, figure.start) and outside and figure.before.lstrip().startswith(("）", ")")):
                sentence_subject = outside
            if counted.endswith(("车", "设备")) and re.fullmatch(re.escape(counted) + "[、和及与]", figure.before.strip()):
                figure = replace(figure, before="")  # “2辆轿车、5辆客车”: the words before it are what the figure before it counts
            counted = (following[1] if (following := _COUNTED_NOUN.match(figure.after)) else "") if figure.unit in _THINGS else ""
            subject, organisation, scope = self._subject_of(figure, sentence_subject)
            if scope is Scope.OWN and organisation != self.organisation:
                whose = organisation, scope
            organisation, scope = whose or (organisation, scope)
            base = _BASE.search(figure.before)
            against = f"比{squeeze(base['base'])}" if base else against
            fact = self._fact(figure, subject, year, against or "比上年", sentence, offset)
            if fact is None:
                continue
            if to_buy and fact.measure is Measure.COUNT and re.search(r"车|设备", subject) and not re.search(r"购置|购买|新增|(?<!规定)配备|配置", subject):
                fact = replace(fact, rows=(to_buy["verb"] + subject,))
            if fact.measure is Measure.AMOUNT:
                sentence_subject = subject
                self.subject = subject
                outside = outside if _inside_brackets(masked, figure.start) else subject
            yield replace(fact, organisation=organisation, scope=scope)

    def _sentence_year(self, sentence: str) -> int | None:
        opening = _YEAR.match(
            re.sub(r"^(?:\*|\s|截至|截止|[（(]?\d{1,2}[)）.、]|[（(][一二三四五六七八九十]+[)）]|[一二三四五六七八九十]+、)+", "", sentence)
        )
        return int(opening[1]) if opening else self.identity.year

    def _subject_of(self, figure: Figure, sentence_subject: str) -> tuple[str, str, Scope]:
        """(subject, organisation, scope): the noun of the figure's own clause, else the sentence's, the item's, the section's."""
        own = _YEAR.sub("", _BASE.sub("", _COMPARED.sub("", figure.before)))
        own = _CHANGE.sub("", own)
        own = _RATE_NAME.sub("", own) if figure.unit in "%％" else _SCORED.sub("", own) if figure.unit == "分" else own
        own, organisation, scope = self._without_organisation(own)
        noun = _noun(own)
        listed = re.search(r"等(?:共|共计)?\s*$", own)
        if (
            figure.unit in _THINGS
            and (listed or _NO_SUBJECT.match(noun) or _COUNT_VERB.match(noun))
            and (counted := _COUNTED_NOUN.match(figure.after))
        ):
            noun = counted[1]
        if noun == "预算" and not (self.heading or sentence_subject):
            return noun, organisation, scope
        if _CLASSIFIED.search(own):
            self.classified = noun
        known = sentence_subject or self.heading
        if _BARE_SIDE.match(noun) and known and (known == self.classified or not re.search(r"收入|支出", known)):
            noun = ""  # “…（项）年初预算为60万元，支出决算为63万元”
        if _NO_SUBJECT.match(noun):
            title = strip_numbering(self.paragraph.section.title) if self.paragraph.section else ""
            noun = (
                sentence_subject
                or self.heading
                or self.subject
                or re.sub(r"(?:预算|决算|支出|财政拨款)*(?:总体)?情况(?:说明)?$", "", title.rstrip("。：: "))
            )
        return noun, organisation, scope

    def _without_organisation(self, words: str) -> tuple[str, str, Scope]:
        """The clause without the organisation it opens with; a named 本级 speaks for itself."""
        words = _LEADING_NOISE.sub("", _SUBJECT_START.sub("", words.strip("* ")))
        ends = (n for n in range(4, min(len(words), 30) + 1) if _ORGANISATION.search(words[:n]) and _same_body(words[:n], self.identity.department))
        limit = max(ends, default=0)
        if not limit:
            plain = _unit_prefix(words, self.organisation)
            return words[plain:], self.organisation, self.scope
        rest = words[limit:]
        own = re.match(r"(?:系统|[(（]?本级[)）]?|办?公?室?本级)", rest)
        if own and (several := _AND_UNIT.match(rest[own.end() :])):
            return rest[own.end() + several.end() :], self.identity.department, self.identity.scope
        if own and "本级" in own.group():
            return rest[own.end() :], words[:limit] + own.group(), Scope.OWN
        return rest[own.end() :] if own else rest, self.organisation, self.scope

    def _fact(self, figure: Figure, subject: str, year: int | None, against: str, sentence: str, offset: int) -> Fact | None:
        clause_years = [int(y) for y in _YEAR.findall(_BASE.sub("", figure.before))]
        base = _BASE.search(figure.before)
        fact_year = clause_years[-1] if clause_years else year
        change = _CHANGE.search(figure.before) or _COMPARED.search(figure.before) or _opening_change(figure)
        columns, measure = _meaning(figure, change, against)
        if measure is None:
            return None
        if base and not change and measure is Measure.AMOUNT and (base_year := self._base_year(base["base"])):
            fact_year, columns = base_year, columns or ("预算数",)
        value = Decimal(re.sub(r"[,，\s]", "", figure.number).replace("−", "-").replace("－", "-"))
        if change and _DOWN.search(change["verb"]) and measure in {Measure.CHANGE, Measure.RATE}:
            value = -value
        unit = "%" if figure.unit in "%％" else {"万": "万元"}.get(figure.unit, figure.unit)
        printed = sentence[figure.start : figure.end].strip()
        # The place is the whole sentence's: what is quoted must stand on the lines that are cited.
        blank = len(sentence) - len(sentence.lstrip())
        lines = self.paragraph.lines(self.blocks, offset + blank, offset + len(sentence.rstrip()))
        quote = sentence.strip()
        coded = _CODE.match(subject)
        return Fact(
            kind=FactKind.STATED,
            amount=Amount(printed, AmountState.NUMBER, value, unit, figure.about),
            measure=measure,
            rows=(subject[coded.end() if coded else 0 :] or self.identity.department,),
            columns=columns,
            organisation=self.organisation,
            scope=self.scope,
            year=fact_year,
            stage=None if measure is Measure.COUNT else self._stage(figure),
            place=lines[0][1].to(lines[-1][1]),
            quote=quote,
            side=_side(subject),
            code=coded[1] if coded else "",
            section=self.paragraph.section.path if self.paragraph.section else (),
            part_of=False,
            turns=turns(lines),
        )

    def _base_year(self, words: str) -> int | None:
        """The year that a figure is compared with: printed, or the one before the paper's (上年)."""
        if printed := _YEAR.match(words):
            return int(printed[1])
        return self.identity.year - 1 if self.identity.year and re.match(r"上一?年|去年", words) else None

    def _stage(self, figure: Figure) -> Stage | None:
        if re.search(r"决算|执行数|实际|支出(?:数|合计|总计)?\s*$", figure.before) and self.identity.kind is PaperKind.FINAL:
            return Stage.FINAL
        if "预算" in figure.before and not re.search(r"预算(?:财政)?拨款|比(?:年初|调整|全年)?预算|执行率", figure.before):
            return Stage.BUDGET
        return Stage.FINAL if self.identity.kind is PaperKind.FINAL else Stage.BUDGET if self.identity.kind is not PaperKind.OTHER else None


def _inside_brackets(sentence: str, at: int) -> bool:
    depth = 0
    for c in sentence[:at]:
        depth = max(0, depth + (c in "（(") - (c in "）)"))
    return depth > 0


def _figures(sentence: str) -> Iterable[Figure]:
    last = 0
    for found in _FIGURE.finditer(sentence):
        if read_amount(found["number"]).state is not AmountState.NUMBER:
            continue
        if re.match(r"\d|\.", sentence[found.end() : found.end() + 1]) or re.search(
            r"[\d.+*×/=]$|[A-Za-z]$", sentence[: found.start("number")].rstrip()
        ):
            last = found.end()
            continue
        if _THRESHOLD.match(sentence[found.end() :]):
            continue
        before = re.split(r"[；;：:。]|(?<!\d)[,，]|[,，](?!\d{3})", sentence[last : found.start()])[-1]
        if "（" in before and "）" not in before.rsplit("（", 1)[1]:
            before = before.rsplit("（", 1)[1]
        yield Figure(
            found.start("number"), found.end(), found["number"], found["unit"], found["about"] or "", before, sentence[found.end() : found.end() + 24]
        )
        last = found.end()


def _opening_change(figure: Figure) -> re.Match[str] | None:
    """“增加基本支出844.15万元”: the verb opens the clause, the figure is by how much."""
    if figure.unit not in {"万元", "元", "亿元", "千元", "万"}:
        return None
    return re.match(r"\s*(?:主要)?(?P<verb>新?增加|减少)(?=[^\d，。额]{3})", figure.before)


def _meaning(figure: Figure, change: re.Match[str] | None, against: str) -> tuple[tuple[str, ...], Measure | None]:
    """(column, measure) of a figure by the words before it; (…, None) when it is no statement about the accounts."""
    if figure.unit in "%％":
        if share := _SHARE.search(figure.before):
            return (f"占{share['of']}比重",), Measure.RATE
        if named := _RATE_NAME.search(figure.before):
            return (named["name"].strip("“”"),), Measure.RATE
        if re.search(r"完成(?:年初|全年|调整|调整后)?预算(?:数)?的\s*$", figure.before):
            return ("预算完成率",), Measure.RATE
        if change:
            name = re.sub(r"\s", "", figure.before[: change.start()])
            return ((f"{name}增减",) if name.endswith("率") else (f"{against}增减率",)), Measure.RATE
        return (), None
    if figure.unit == "分":
        scored = _SCORED.search(figure.before)
        return ((scored["name"],), Measure.SCORE) if scored else ((), None)
    if change:
        return (f"{against}增减",), Measure.CHANGE if figure.unit in {"万元", "元", "亿元", "千元", "万"} else Measure.COUNT
    if figure.unit not in {"万元", "元", "亿元", "千元", "万"}:
        return (), Measure.COUNT
    word = re.search(r"(预算数|决算数|执行数|预算|支出合计|支出|收入)\s*(?:数|共计|合计|总计|为|安排)*\s*$", figure.before)
    return ((word[1],) if word and word[1] in {"预算数", "决算数", "执行数"} else ()), Measure.AMOUNT


def _noun(words: str) -> str:
    """The noun at the end of a clause: openers, years and the words that only lead to the figure are taken off."""
    words = words.replace("**", "").replace("＿", "").lstrip("）) ")
    if item := _CLASSIFIED.search(words) or _CODED.search(words) or _QUOTED.search(words):
        return re.sub(r"(?<=.{2})等$", "等支出", item[1].strip())
    words = _SUBJECT_START.sub("", words.strip())
    words = _LEADING_NOISE.sub("", words)
    words = _SUBJECT_START.sub("", words)
    before = None
    while before != words:
        before = words
        words = _SUBJECT_END.sub("", words.strip())
        words = re.sub(r"(?:预算数|决算数|执行数|预算金额)$|(?<=费)(?:财政拨款|预算)?支出(?:决算|预算)?$|(?<=支出)决算$", "", words)
        words = re.sub(r"(?<=.{2})(?:财政拨款)?(?<!部门)(?<!单位)(?<!总)预算$|(?:项目)?(?:资金)?纳入.*预算$", "", words)
        words = _OPEN_CHANGE.sub("", words)
    if len(words) > _LONGEST_NOUN:
        words = _BRACKETED.sub("", words) or words
        words = _last_of_list(words)
    words = re.sub(r"绩效自评综述$", "", words)
    words = re.sub(r"(机关运行经费)(?:财政拨款)?(?:预算)?(?:支出)?$", r"\1", words)
    words = words[words.find("机关运行经费") :] if words.endswith("机关运行经费") else words
    words = re.sub(r"(?<=.{2})等$", "", words) if not words.endswith(("”等", "》等")) else words[:-1]
    words = re.sub(r"^[^“”]{0,6}“([^“”]{5,})”$", r"\1", words)
    return _whole_marks(words.strip(" ，,、：:。"))[-2 * _LONGEST_NOUN :]


def _last_of_list(words: str) -> str:
    """The last of several nouns (A、B和C费 → B和C费), never cut inside brackets or quotation marks."""
    depth = at = 0
    for i, c in enumerate(words):
        depth += (c in "（(“《") - (c in "）)”》")
        if c == "、" and depth <= 0:
            at = i + 1
    return words[at:]


def _whole_marks(words: str) -> str:
    """The words without brackets and quotation marks that have no partner."""
    for opening, closing in ("（）", "()", "“”", "《》"):
        if words.count(opening) != words.count(closing):
            after, before = words.rpartition(closing)[2], words.partition(opening)[0]
            words = (after if words.find(closing) < words.find(opening) or opening not in words else before).strip() or words.replace(
                opening, ""
            ).replace(closing, "")
    return words


def _unit_prefix(words: str, organisation: str) -> int:
    """How many leading characters of a clause are the section's own organisation."""
    name = squeeze(organisation)
    return len(name) if name and squeeze(words).startswith(name) else 0


def _same_body(name: str, department: str) -> bool:
    rest = iter(key(department))
    short = key(name)
    return len(short) >= 4 and all(c in rest for c in short)


def _side(subject: str) -> Side | None:
    if _INCOME.search(subject):
        return Side.INCOME
    return Side.SPENDING if _SPENDING.search(subject) else None
