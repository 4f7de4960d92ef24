"""Search -> an extractive answer: the paper's own sentences, quoted exactly, with their places; a figure only when its clause names what was asked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from ingest import generations
from ingest.amounts import plain, read_amount
from ingest.loaders.text import decode, lines_of
from ingest.numbering import sentences
from ingest.records import Unreadable, lines_within
from ingest.stores.facts import FactStore
from ingest.wording import key
from retrieval.answer import Draft, mask
from retrieval.evidence.clauses import clause_before, done
from retrieval.evidence.extract import Extract, as_printed, extract, in_source, naming, with_list
from retrieval.evidence.facts import FactReader
from retrieval.evidence.intents import Intent, chatter, intents_of, pattern
from retrieval.evidence.mentions import core, runs_of, share
from retrieval.evidence.passages import Found, Passages
from retrieval.evidence.subject import bare, spoken, subject
from retrieval.plans import Search
from retrieval.question import Ask, counts_in, normal, words
from retrieval.records import Value
from retrieval.vocabulary import Concept, Mention, concepts

MOST_READ = 200  # papers that are read for one question; of more, those are read in which a search finds something
# How much of what the question is about must stand in the sentence and its headings before it counts as an answer.
ENOUGH = {Ask.DEFINITION: 0.7, Ask.TEXT: 0.5, Ask.LIST: 0.5, Ask.LOOK_UP: 0.72, Ask.COUNT: 0.72}


def about(question: str, piece: Extract, ignore: tuple[str, ...], mentions: Sequence[Mention] = ()) -> float:
    """How much of what the question is about stands in a piece and its headings, or (counting less) in the passage around it.

    An item that `mentions` know under another name (公车 as 公务用车) stands there under either.
    """
    items = [m for m in mentions if m.text in question and not (m.concept and (m.concept.field or m.concept.inside or m.concept.total))]
    asked = subject(question, (*ignore, *(m.text for m in items)))
    if not asked and not items:
        # 主要职责是什么 says what is meant, and means the department's own; 多少, 的, 1 or a year say nothing.
        return 1.0 if piece.kind and _asked_project(piece.passage, mentions) else 0.0

    def share_in(text: str) -> float:
        held = [(max(len(m.text), 2), _names(text, m)) for m in items] + [(len("".join(asked)), spoken(asked, text))]
        return sum(size * share for size, share in held) / sum(size for size, _ in held)

    heads = _heads(piece.passage)
    return max(share_in(f"{heads}|{key(piece.text)}"), 0.85 * share_in(f"{heads}|{key(piece.passage.text)}"))


def _names(text: str, mention: Mention) -> float:
    """Whether a text (comparison form) names an item under the question's word, the accounts' or the papers'."""
    names = {key(mention.text), key(mention.label), *mention.keys}
    likest = max(share(name, text) for name in names)
    return 1.0 if likest >= 0.6 or spoken(bare(mention.text), text) == 1.0 else likest


def _asked_project(passage: Found, mentions: Sequence[Mention]) -> bool:
    """Whether a passage is no project's, or one's that the question names."""
    project = key(passage.project)
    return not project or any(m.fits(project) or share(key(m.text), project) >= 0.6 for m in mentions)


def _heads(passage: Found) -> str:
    """The headings, project and field that a passage stands under, as one text to look words up in."""
    return "|".join(key(t) for t in (*passage.path, passage.project, passage.field) if t)


def _holds(piece: Extract, word: str, *, whole: bool = False) -> bool:
    """Whether a piece, its passage or its headings hold at least half of what a word that no list knows says; `whole`: they print it as one name."""
    said, flat = bare(chatter().sub(" ", word)), f"{key(piece.passage.text)}|{_heads(piece.passage)}"
    if not said:
        return True
    if whole and len(said) > 1:
        return share(key(chatter().sub("", word)), flat) >= 0.7  # 绩效 here and 工资 there are no 绩效工资
    return spoken(said, flat) >= (0.7 if whole else 0.5)


def _unmet(search: Search, question: str) -> list[str]:
    """The words that no list knows and an answer must hold: not those that only ask (每个季度怎么付)."""
    asking = [m[0] for intent in intents_of(question) for m in intent.question.finditer(normal(question))]
    return [word for word in search.unknown if not any(word in span for span in asking)]


def _speaks_of(flat: str, items: Sequence[Mention]) -> bool:
    """Whether a text (comparison form) names one of the items, under the question's name or the accounts'; True where there are none."""
    return not items or any(share(key(name), flat) >= 0.6 for m in items for name in (m.text, m.label))


def _explains(piece: Extract, mentions: Sequence[Mention]) -> bool:
    """Whether a reason is the reason of an item asked for, not of another one; the whole of a budget goes by many names."""
    items = [m for m in mentions if m.concept and not m.concept.inside and not m.concept.field]
    return piece.kind != "reason" or _speaks_of(f"{key(piece.passage.text)}|{_heads(piece.passage)}", items)


def _named_by(text: str, mention: Mention) -> bool:
    """Whether a text (comparison form) names an item by any of its names."""
    return any(name in text for name in {key(mention.text), *mention.keys, *(mention.concept.say if mention.concept else ())})


def _fields(search: Search) -> list[Concept]:
    """The fields of a form that a question names (长期目标, 测算依据)."""
    return [m.concept for m in search.mentions if m.concept and m.concept.field]


def _is_field(passage: Found, wanted: Sequence[Concept]) -> bool:
    """Whether a passage is one of these fields, under any of their names (项目测算标准及依据)."""
    field = key(passage.field)
    return any(c.field and (c.means.fullmatch(field) or c.name in field) for c in wanted)


_WHICH = re.compile(r"哪|什么|谁|分别|列")
_HOW_MUCH = re.compile(r"多少|(?<!哪)几")
_SOME = 0.2  # share of what is asked about that even the nearest text must speak of


def _near(question: str, piece: Extract, search: Search) -> bool:
    """Whether a piece may be shown as what stands nearest: another item's reason is no reason, and a thing nobody knows has no uses."""
    flat = f"{key(piece.passage.text)}|{_heads(piece.passage)}"
    if not _speaks_of(flat, [m for m in search.mentions if piece.kind == "reason" or (m.concept and not m.concept.field)]):
        return False
    return about(pattern("changes").sub(" ", question), piece, search.ignore, search.mentions) >= _SOME  # that something fell is nearly everywhere


@dataclass(frozen=True, slots=True)
class Named:
    """A figure beside the words asked for, as it stands in a sentence."""

    value: str
    unit: str
    printed: str


class Prose:
    """Answers from the prose of one generation of the index."""

    def __init__(self, folder: Path, reader: FactReader) -> None:
        self._store = FactStore.serving(folder / generations.FACTS)
        self._passages = Passages(self._store, folder)
        self._files = folder.parent.parent / "files"
        self._reader = reader
        self._lines = lru_cache(maxsize=32)(self._read_lines)

    def answer(self, search: Search, question: str, draft: Draft) -> bool:
        """Write the sentences that answer into the draft; False when none does."""
        papers = [self._reader.paper[d] for d in search.documents]
        if search.year is not None and any(p.year == search.year for p in papers):
            papers = [p for p in papers if p.year == search.year]
        documents = [p.id for p in papers]
        if not documents:
            return False
        asked = " ".join([question, *search.carried])
        if len(documents) > MOST_READ:
            likely = self._passages.search(asked, None if len(documents) == len(self._reader.paper) else documents, ignore=search.ignore, limit=20)
            documents = list(dict.fromkeys(p.document for p in likely))
            if not documents:
                return False
        if search.ask in (Ask.LOOK_UP, Ask.COUNT) and intents_of(asked) and not _HOW_MUCH.search(asked):
            search = replace(search, ask=Ask.TEXT)  # “想做成什么样”, “单位范围”: words are asked for
        if search.terms and search.ask in (Ask.TEXT, Ask.LIST, Ask.DEFINITION):
            said = [naming(term, self._passages.printing(documents, as_printed(term)), self._lines) for term in search.terms]
            for piece in filter(None, said):
                self._say(search, asked, piece, draft)
            return all(said)
        if discrepancy := next((i for i in intents_of(asked) if i.name == "discrepancy"), None):
            explained = self._explained(search, discrepancy, documents)
            for piece in explained:
                self._say(search, asked, piece, draft)
            return bool(explained)  # the reason of anything else does not explain it
        if search.denied:
            denied = self._denied(search, documents)
            if denied:
                self._say(search, asked, denied, draft)
            return denied is not None
        own = self._own(search, documents)
        if pieces := self._of_item(search, asked, own):
            for piece in pieces:
                self._say(search, asked, piece, draft)
            return True
        found = self._passages.search(asked, documents, ignore=search.ignore, limit=10)
        pieces = extract(asked, found, ignore=search.ignore, around=self._passages.around, lines=self._lines)
        if own and (wanted := _fields(search)):  # another field, or another item's, is no answer
            known = {p.id for p in own}
            pieces = [p for p in pieces if p.passage.id in known and (_is_field(p.passage, wanted) or not _is_field(p.passage, concepts()))]
        if search.units:  # the department's duties are not its unit's
            pieces = [p for p in pieces if p.kind != "duty" or any(unit in _heads(p.passage) for unit in search.units)]
        if search.nearest:
            shares = [(about(asked, p, search.ignore, search.mentions), p) for p in pieces if p.kind and _near(asked, p, search)]
            pieces = [p for share_, p in shares if share_ >= 0.9 * max(s for s, _ in shares)][:2]
            if pieces:
                draft.lines.append("材料里没有用这些词的说明，最接近的原文是：")
                draft.query = {**draft.query, "nearest": True}
            for piece in pieces:
                self._say(search, asked, piece, draft)
            return bool(pieces)
        unmet = _unmet(search, asked)
        need, whole = ENOUGH.get(search.ask, 0.6), search.ask in (Ask.LOOK_UP, Ask.COUNT) and search.figure and not re.search(r"[吗没][?？。]*$", asked)
        pieces = [p for p in pieces if about(asked, p, search.ignore, search.mentions) >= need and all(_holds(p, word, whole=whole) for word in unmet)]
        pieces = [p for p in pieces if _explains(p, search.mentions)]
        if not pieces:
            return False
        if pieces[0].kind:  # where the first says what was asked, what does not say it adds nothing
            pieces = [p for p in pieces if p.kind]
        if search.ask in (Ask.LOOK_UP, Ask.COUNT):
            if not any(_counts(p.text, search.counted) for p in pieces):
                return False
            pieces = [p for p in pieces if self._figure(search, asked, p)][:1] or pieces
        if search.ask not in (Ask.LOOK_UP, Ask.COUNT) or _WHICH.search(normal(question)):
            full = with_list(pieces, self._passages.continuing, self._lines)
            if full != pieces:  # the items answer; none of their figures is the answer
                search, pieces = replace(search, ask=Ask.LIST), full
        for piece in pieces:
            self._say(search, asked, piece, draft)
        return True

    def _explained(self, search: Search, discrepancy: Intent, documents: Sequence[str]) -> list[Extract]:
        """The sentences that explain why two facts asked about do not agree: those that name most of them; none where none names any."""
        found: dict[int, list[Extract]] = {}
        for passage in self._passages.printing(documents, discrepancy.sentence):
            for start, end in sentences(passage.text):
                text = passage.text[start:end]
                if discrepancy.sentence.search(text):
                    named = sum(_named_by(key(text), m) for m in search.mentions)
                    found.setdefault(named, []).append(Extract(text, passage.place, passage, discrepancy.name, 1.0))
        found.pop(0, None)
        return [in_source(piece, self._lines(piece.passage.document)) for piece in found[max(found)][:2]] if found else []

    def _denied(self, search: Search, documents: Sequence[str]) -> Extract | None:
        """The sentence that says there is nothing of all the items asked for (不编制, 未安排); None where none does."""
        said = pattern("denied")
        for passage in self._passages.printing(documents, said):
            for start, end in sentences(passage.text):
                text = passage.text[start:end]
                if said.search(text) and all(_named_by(key(text), m) for m in search.mentions):
                    return in_source(Extract(text, passage.place, passage, "denied", 1.0), self._lines(passage.document))
        return None

    def _own(self, search: Search, documents: Sequence[str]) -> list[Found]:
        """The form and the paragraphs of the one item that a question after words names; none where it names several or none."""
        items = [m for m in search.mentions if not (m.concept and (m.concept.field or m.concept.inside or m.concept.total))]
        if len(items) != 1 or search.unknown or search.ask in (Ask.LOOK_UP, Ask.COUNT):
            return []
        return self._passages.of_item(documents, items[0].fits)

    def _of_item(self, search: Search, question: str, own: Sequence[Found]) -> list[Extract]:
        """What stands in the item's own place: the field asked for of one project, whole, or the reason in the item's own paragraphs."""
        asked = intents_of(question)
        wanted = _fields(search)
        form = [p for p in own if p.field and (_is_field(p, wanted) if wanted else any(i.field.search(p.field) for i in asked))]
        if form and len({(p.document, p.project) for p in form}) == 1:
            return [in_source(Extract(p.text, p.place, p, "field", 1.0), self._lines(p.document)) for p in form]
        if any(i.name == "reason" for i in asked):
            return [p for p in extract(question, own, ignore=search.ignore, around=self._passages.around, lines=self._lines) if p.kind == "reason"][:1]
        return []

    def _say(self, search: Search, question: str, piece: Extract, draft: Draft) -> None:
        place, passage = piece.place, piece.passage
        where = [*passage.path, *(x for x in (passage.project and f"项目“{passage.project}”", passage.field) if x)]
        at = passage.text.find(piece.text)
        pages = tuple(lines_within(passage.turns, at, at + len(piece.quote))) or ((0, place),)
        number = draft.cite_text(passage.document, where, piece.quote, pages)
        paper = self._reader.paper[passage.document]
        lead = (
            f"《{paper.title}》{'，'.join(where[-2:])}："
            if len(draft.lines) == 0 or paper.title not in draft.lines[0]
            else f"{'，'.join(where[-2:])}："
        )
        named = self._figure(search, question, piece) if search.ask in (Ask.LOOK_UP, Ask.COUNT) else None
        text = mask(piece.text)
        if named:
            draft.values.append(Value(search.label or "所问数字", named.value, named.unit, None, (number,)))
            text = text.replace(named.printed, f"**{named.printed}**", 1)
        draft.lines.append(f"{lead}{text} [{number}]")

    def _figure(self, search: Search, question: str, piece: Extract) -> Named | None:
        if not search.figure:
            return None
        counted = search.counted or ("个" if search.ask is Ask.COUNT or re.search(r"几个|多少个", question) else None)
        runs = runs_of(pattern("paying").sub("|", normal(question)), [m.text for m in search.mentions if m.exact and len(m.text) >= 4], search.ignore)
        found = figure_beside(runs, piece, counted)
        if found and search.money and not _MONEY.search(found.unit):
            return None
        if found and not counted and len(runs) == 1 and not search.mentions and len(runs[0]) <= 4:
            clause = key(clause_before(piece.text.partition(found.printed)[0]))
            if re.search(rf"[\u4e00-\u9fff]{{4}}{re.escape(core(runs[0]))}", clause):
                return None  # the 运维费 of one platform is not all 运维费
        if found and not counted and (asked := done(normal(question))):
            said = done(clause_before(piece.text.partition(found.printed)[0]))
            return found if not said or asked <= said else None  # what was agreed on is not what is paid
        return found

    def _read_lines(self, document: str) -> list[str] | None:
        row = self._store.document(document)
        if row is None or row["format"] not in ("txt", "md"):
            return None
        try:
            return lines_of(decode((self._files / row["sha256"]).read_bytes()))
        except (OSError, Unreadable):
            return None


_FIGURE = re.compile(
    r"[-−]?\d[\d,，]*(?:\.\d+)?\s*(?:万元|亿元|千元|元|万|亿|[%％]|批次|人次|人|辆|台|个|家|篇|份|次|场|件|名|项|分|天|平方米|㎡|册|套|户|条|起|张|小时)"
)


_BRACKETED = re.compile(r"[（(][^（）()]*[)）]")
_OPEN = re.compile(r"[（(][^（）()]*$")
_TIMES, _TIMES_NEXT = re.compile(r"\d\s*[*×x]\s*$"), re.compile(r"\s*[*×]\s*\d")
_ALTOGETHER = re.compile(r"\W*(?:共计?|合计|总计|小计|[=＝])\W*")
_STOP = re.compile(r"[。；;，,：:]")
_MONEY = re.compile(r"元|亿|万")
_CHANGE = re.compile(r"(?:增加|减少|增长|下降|降低|上升|提高|压减|节约|超出|相差|增|减|降)(?:了|约|至)?$")


def _counts(text: str, counted: str | None) -> bool:
    """Whether a text holds a figure; of people asked for, a number of people (主要是离退休人员经费 says none)."""
    return bool(re.search(r"\d\s*(?:余|多)?[人名]|(?:人数|人员|编制)(?:总?数)?[^，。；]{0,8}\d", text) if counted == "人" else re.search(r"\d", text))


def figure_beside(runs: Sequence[str], piece: Extract, counted: str | None) -> Named | None:
    """The figure of a piece whose own clause names what is asked; None when that is not clear.

    `runs` are the things asked for; those that the clause itself does not name may stand in the headings or earlier in the piece. `counted` is the
    unit that the question counts. The only amount of a sentence needs no name beside it, if it is no change of another one.
    """
    heads = _heads(piece.passage)
    special = [word for word in words()["qualifier"] if any(word in run for run in runs)]  # 压减以后: no figure before it
    best: list[tuple[float, Named]] = []
    money: dict[str, Named] = {}
    start = 0
    each = any(re.search("单价|每", run) for run in runs)
    reckoned = ""  # the name of what a unit price is multiplied for (服务器 4*73 万元共计 292 万元)
    for m in _FIGURE.finditer(piece.text):
        lead = _STOP.split(_BRACKETED.sub("", piece.text[start : m.start()]).rstrip("：: "))[-1]
        aside = _OPEN.search(piece.text[: m.start()])  # a figure in brackets parts no name from its amount: 尾款（合同额 50%）24.5 万元
        if not aside:
            start = m.end()
        if reckoned and _ALTOGETHER.fullmatch(lead):
            lead = f"{reckoned}{lead}"
        reckoned = lead if not each and (_TIMES.search(lead) or _TIMES_NEXT.match(piece.text[m.end() :])) else ""
        if aside and m[0][-1] in "%％":
            continue
        if reckoned:
            continue
        amount = read_amount(m[0].replace("，", ","))
        if amount.value is None or (counted and not counts_in(amount.unit, counted)):
            continue
        named = Named(plain(amount.value), amount.unit, m[0])
        if _MONEY.search(amount.unit):
            money[f"{named.value}{named.unit}{'change' if _CHANGE.search(lead) else ''}"] = named
        # What is counted stands after its number as often as before it (设有5个前方派驻机构).
        beside = key(lead + (_STOP.split(piece.text[m.end() : m.end() + 14])[0] if not _MONEY.search(amount.unit) else ""))
        before = f"{heads}|{key(piece.text[: m.end()])}|{beside}"
        near = [share(run, beside) for run in runs]
        if not counted and not _MONEY.search(amount.unit):
            near = [0.0] * (len(runs) - 1) + near[-1:]  # a number of things is meant only where the thing asked for, named last, is its own
        if all(here >= 0.5 or share(run, before) >= 0.5 for here, run in zip(near, runs, strict=True)) and all(word in beside for word in special):
            best.append((max(near, default=0.0), named))
    best.sort(key=lambda entry: -entry[0])
    rivals = {n.value for own, n in best if own >= best[0][0]}
    if best and best[0][0] >= (0.2 if counted else 0.6) and len(rivals) == 1:
        return best[0][1]
    if counted:
        return best[0][1] if best and len({n.value for _, n in best}) == 1 else None
    only = next(iter(money.values())) if len(money) == 1 and not next(iter(money)).endswith("change") else None
    return None if only and _among_parts(runs, piece.text, only.printed) else only


def _among_parts(runs: Sequence[str], text: str, printed: str) -> bool:
    """Whether the thing asked for is only named among what a figure includes (公用支出 71 万元，主要包括水电费、…): the figure is not its own."""
    before, _, after = text.partition(printed)
    parts = _INCLUDES.search(after)
    return bool(parts and runs and len(runs[-1]) <= 6 and runs[-1] not in key(before) and runs[-1] in key(after[parts.end() :]))


_INCLUDES = re.compile(r"包括|包含|含(?!税)|用于")
