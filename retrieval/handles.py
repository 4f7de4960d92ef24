"""Answer -> Evidence: the lines of a finished answer with every figure behind a handle, and what may be said around each figure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from ingest.amounts import plain
from retrieval.records import Answer, Value

MOST_LINES, MOST_CHARACTERS = 8, 3000

_UNIT = (
    r"(?:万亿元|亿元|千万元|百万元|万元|千元|元|万亿|亿|万|[%％‰]|个百分点|平方米|平方公里|公里|㎡|批次|人次|小时|工作日|个月"
    r"|[个人辆台家篇份次场件名项分天册套户条起张倍年月日岁])"
)
_NUMBER = r"\d(?:[\d,，.．]*\d)?"
_HAN_NUMBER = r"[〇零一二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟]+"

# In this order: what stands in bold is one figure whatever it holds; a year is no amount; a table's number is no figure.
_PIECE = re.compile(
    r"(?P<bold>\*\*[^*]+\*\*)"
    r"|(?P<mark>\[\d{1,3}\])"
    r"|(?P<table>(?:公开)?表\s*\d+(?:-\d+)*|公开\d+表)"
    r"|(?P<year>(?<!\d)(?:19|20)\d\d\s*年(?!\s*\d))"
    rf"|(?P<number>(?:[-−+≥≤＞＜]\s?)?{_NUMBER}(?:\s*(?:[-−—–~～至/:：×]|年|月)\s*{_NUMBER})*\s*{_UNIT}?)"
    rf"|(?P<han>百分之{_HAN_NUMBER}|{_HAN_NUMBER}分之{_HAN_NUMBER}|{_HAN_NUMBER}(?:多|余)?(?:元|倍|成|个百分点))"
)
HANDLE = re.compile(r"\{\{([VQYT]\d{1,3})\}\}")
MARK = re.compile(r"\[(\d{1,3})\]")
CLAIM = re.compile("增加|增长|上升|提高|上涨|扩大|减少|下降|降低|压缩|缩小|持平|高于|低于|多于|少于|比(?![重例率])|占|超|最|不|未|无|没|非|否")
SENTENCE_END = "。！？\n"
PART_END = SENTENCE_END + "；"
CLAUSE_END = PART_END + "，：、"


def words_of(text: str) -> str:
    """Text without quotes, brackets, blanks and stars, handles and marks as bars, so that only neighbours in the text are neighbours."""
    return re.sub(r"[\s“”‘’\"'（）()*★]", "", MARK.sub("|", HANDLE.sub("|", text)))


def pairs(text: str) -> frozenset[str]:
    """The pairs of neighbouring Chinese characters."""
    return frozenset(run[i : i + 2] for run in re.findall(r"[\u4e00-\u9fff]+", words_of(text)) for i in range(len(run) - 1))


def claims_of(text: str) -> frozenset[str]:
    """The words by which a statement becomes another one when they are lost or added: up, down, than, not."""
    return frozenset(CLAIM.findall(text.replace("较", "比")))


def _harmless(text: str) -> str:
    """The marks of handles and of the prompt's own sections, made others: a paper or a question cannot pass for either."""
    return text.translate(str.maketrans("{}<>★\0", "｛｝＜＞☆ "))


def _year(text: str) -> str:
    return re.sub(r"\s", "", text)


@dataclass(frozen=True, slots=True)
class Figure:
    """One printed figure: `pairs` and `years` are what may be said of it, `name` and `claims` (减少, 不再 …) what must be.

    `before` and `after` are the characters beside it, `previous` the figure before it; `computed`: it stands at the end of its calculation.
    """

    text: str
    asked: bool  # in bold: what the question asked for
    marks: frozenset[int]
    pairs: frozenset[str]
    years: frozenset[str]
    name: frozenset[str]
    claims: frozenset[str]
    computed: bool
    before: str
    after: str
    previous: str | None

    @property
    def amount(self) -> str:
        """The figure without its looks: two handles may print the same."""
        return re.sub(r"[*\s,，]", "", self.text)

    @property
    def whole(self) -> bool:
        """Whether the figure says what it counts (9 万元, 12%); a bare 3 means nothing away from its place."""
        return bool(re.search(rf"{_UNIT}\**$", self.text)) or not re.search(r"\d", self.text)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the answer as a model sees it, with its citation marks and its clauses (what its heading says included in each)."""

    shown: str
    marks: frozenset[int]
    clauses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a wording may be made of. `names` fills the handles of years and tables; `kept` has None where the wording goes."""

    lines: tuple[Line, ...]
    figures: dict[str, Figure]
    names: dict[str, str]
    sources: dict[int, str]
    kept: tuple[str | None, ...]

    @classmethod
    def of(cls, answer: Answer) -> Evidence | None:
        """The evidence in an answer's lines; None when nothing in it is to be worded.

        The lines with the figures asked for (in bold) are to be worded, in a text answer all that are cited; calculations, notes and
        disagreements stay as they are. Numbered lists and long answers stay whole: their form says something that a wording would lose.
        """
        lines = answer.text.split("\n\n")
        cited = [line for line in lines if MARK.search(line)]
        chosen = [line for line in cited if "**" in line] or cited
        if not chosen or len(chosen) > MOST_LINES or sum(map(len, chosen)) > MOST_CHARACTERS or any(re.match(r"\d+\. ", line) for line in chosen):
            return None
        reader = _Reader(answer)
        read = tuple(reader.read(line) for line in chosen)
        marks = {mark for line in read for mark in line.marks}
        sources = {c.id: reader.hide_years(_harmless(f"《{c.title}》")) for c in answer.citations if c.id in marks}
        kept: list[str | None] = []
        for line in lines:
            if line not in chosen:
                kept.append(line)
            elif None not in kept:
                kept.append(None)
        return cls(read, reader.figures, {handle: text for text, handle in reader.names.items()}, sources, tuple(kept))

    def fill(self, draft: str) -> str:
        """The draft with every handle replaced by what it stands for."""
        return HANDLE.sub(lambda m: self.figures[m[1]].text if m[1] in self.figures else self.names[m[1]], draft)

    def question(self, question: str) -> str:
        """The question with its years as handles where the evidence has them. Its other figures are nobody's evidence and are left out."""
        known = {text: handle for handle, text in self.names.items()}

        def hidden(m: re.Match[str]) -> str:
            name = known.get(_year(m[0]))
            return f"{{{{{name}}}}}" if name else "某年" if m["year"] else "某数"

        return _PIECE.sub(hidden, _harmless(question))

    def material(self) -> str:
        """The numbered evidence as it is sent; ★ is before what was asked for."""
        shown = [HANDLE.sub(lambda m: ("★" if m[1] in self.figures and self.figures[m[1]].asked else "") + m[0], line.shown) for line in self.lines]
        return "\n".join([*shown, *(f"[{number}] 出自{title}" for number, title in self.sources.items())])


@dataclass
class _Reader:
    """Reads the lines of one answer, numbering handles as they come."""

    answer: Answer
    figures: dict[str, Figure] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)

    def read(self, text: str) -> Line:
        text = _harmless(text)
        marks = frozenset(int(m) for m in MARK.findall(text))
        found = list(self._pieces(text))
        shown = "".join(f"{{{{{piece}}}}}" if kind in ("figure", "name") else piece for kind, piece, _ in found)
        lead = shown.partition("：")[0] if shown.startswith("《") else ""
        all_years = frozenset(self._years(shown))
        said, previous, last = "", None, frozenset[str]()
        for at, (kind, piece, printed) in enumerate(found):
            if kind != "figure":
                said += f"{{{{{piece}}}}}" if kind == "name" else piece
                continue
            left = re.split(f"[{PART_END}]", said)[-1]
            last = frozenset(self._years(left)) or last or frozenset(self._years(said)[-1:])
            rest = "".join(f"{{{{{p}}}}}" if k in ("figure", "name") else p for k, p, _ in found[at + 1 :])
            right, cited = _right(rest), _own_marks(rest)
            value = self._value(printed)
            own = cited or marks
            citations = [c for c in self.answer.citations if c.id in own]
            # The question has said whose figure it is; what it is called must be in the same sentence.
            in_lead = previous is None and len(said.rstrip("： ")) <= len(lead)
            nearest = "" if in_lead else re.split(f"[{CLAUSE_END}]", left.rstrip("： "))[-1]
            for department in {c.department for c in citations}:
                nearest = nearest.replace(department, "|")
            labels = [
                lead,
                value.label if value else "",
                *(x for c in citations for x in (c.department, c.section, c.table or "", *c.row, *c.column)),
            ]
            self.figures[piece] = Figure(
                printed,
                "**" in printed,
                own,
                pairs(left) | pairs(right) | frozenset(p for label in labels for p in pairs(label)),
                all_years if value and value.formula else last or all_years or frozenset(f"{c.year}年" for c in citations if c.year),
                frozenset(p for p in pairs(nearest) if not set(p) & {"的", "为"}),
                claims_of(nearest + right),
                bool(value and value.formula),
                said.rstrip()[-1:],
                rest.lstrip()[:1],
                previous,
            )
            said, previous = "", piece
        clauses = re.split(f"[{CLAUSE_END}]", HANDLE.sub("", shown))
        return Line(shown, marks, tuple(f"{lead}|{clause}" for clause in clauses))

    def hide_years(self, text: str) -> str:
        """A title with its years as handles, its other figures left out."""
        return _PIECE.sub(lambda m: f"{{{{{self._name('Y', _year(m[0]))}}}}}" if m["year"] else "", text)

    def _pieces(self, text: str) -> Iterator[tuple[str, str, str]]:
        """(text, figure, name or mark; what is shown, without braces; what is printed) of a line, in order."""
        at = 0
        for m in _PIECE.finditer(text):
            yield "text", text[at : m.start()], ""
            at = m.end()
            if m["mark"]:
                yield "mark", m[0], ""
            elif m["year"] or m["table"]:
                yield "name", self._name("Y" if m["year"] else "T", _year(m[0])), ""
            else:
                yield "figure", self._number("V" if self._value(m[0]) else "Q"), m[0]
        yield "text", text[at:], ""

    def _name(self, letter: str, text: str) -> str:
        if text not in self.names:
            self.names[text] = self._number(letter)
        return self.names[text]

    def _number(self, letter: str) -> str:
        self._counts[letter] = self._counts.get(letter, 0) + 1
        return f"{letter}{self._counts[letter]}"

    def _value(self, printed: str) -> Value | None:
        """The value of the answer that a figure prints (its sign may be in the words: 减少 3 万元)."""
        m = re.fullmatch(r"\**[-−]?(\d[\d,]*(?:\.\d+)?)\s*(\D*?)\**", printed)
        return next((v for v in self.answer.values if m and v.unit == m[2] and v.value.lstrip("-") == plain(Decimal(m[1].replace(",", "")))), None)

    def _years(self, shown: str) -> list[str]:
        text_of = {handle: text for text, handle in self.names.items()}
        return [text_of[h] for h in HANDLE.findall(shown) if h.startswith("Y")]


def _right(rest: str) -> str:
    """What belongs to a figure on its right: up to the end of the clause, nothing when another figure comes first."""
    piece = re.split(f"[{CLAUSE_END}）)]", rest)[0]
    return "" if re.search(r"\{\{[VQ]", piece) else piece


def _own_marks(rest: str) -> frozenset[int]:
    """The marks between a figure and the next one, up to the end of the clause."""
    return frozenset(int(m) for m in MARK.findall(re.split(rf"\{{\{{[VQ]|[{CLAUSE_END}]", rest)[0]))
