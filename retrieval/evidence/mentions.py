"""Words that name no row or column -> the amount inside a form's long cell or a sentence that carries them as its own subject."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ingest.records import Measure, PaperKind, Stage
from ingest.wording import key
from retrieval.evidence.facts import FactReader, FactRow
from retrieval.evidence.intents import chatter, intents_of, pattern
from retrieval.question import counts_in, words

# What joins or asks, between the things a question names.
_BETWEEN = re.compile(
    r"(?:是|为|有|共|总共|一共|合计|约)?(?:多少|几)(?:批次|人次|个|万元|元|钱|[人辆台家篇份次场件名分天册套户条起张])?"
    r"|(?:安排|测算|估算|需要|需|花费?|发放?|支付|拨付|列支|列|用)(?=了|$|[?？|]|多少|几)|[?？。，,;；:：|的里中在给向约了呢]|多少|一下|总共|一共|[以之]后"
)
MINE = 0.6  # share of a run's character pairs that the amount's own subject must hold
NEAR = 0.5  # share that its subject, project, field or section must hold of every other run


def runs_of(text: str, known: Iterable[str], ignore: Iterable[str]) -> list[str]:
    """The things a question names, in order: cut at joining words, at the names already `known`, without the words to `ignore`.

    >>> runs_of("后勤保障服务的租赁服务费测算多少", ["后勤保障服务"], [])
    ['后勤保障服务', '租赁服务费']
    """
    for word in sorted(ignore, key=len, reverse=True):
        text = text.replace(word, "|")
    pieces = [text]
    for name in sorted(known, key=len, reverse=True):
        pieces = [part for piece in pieces for part in ([piece] if piece == name else re.split(f"({re.escape(name)})", piece))]
    runs: list[str] = []
    for piece in pieces:
        runs += [key(r) for r in ([piece] if piece in known else _BETWEEN.sub("|", piece).split("|"))]
    return [r for r in runs if len(r) >= 2]


def share(run: str, text: str) -> float:
    """The share of a run's character pairs that stand in a text."""
    pairs = [run[i : i + 2] for i in range(len(run) - 1)]
    return sum(pair in text for pair in pairs) / len(pairs) if pairs else 0.0


_COMMON = re.compile(r"(?:工作经费|专项经费|经费|服务费|费用|项目|工作|费)$")


def core(run: str) -> str:
    """A run without the noun that half of all items end with: two of them must not make a match."""
    shorter = _COMMON.sub("", run)
    return shorter if len(shorter) >= 2 else run


def named_amount(
    reader: FactReader,
    documents: Sequence[str],
    runs: Sequence[str],
    year: int | None,
    measures: Sequence[Measure] = (Measure.AMOUNT,),
    stage: Stage | None = None,
) -> FactRow | None:
    """The one amount whose own subject carries what is asked; None when no subject does, or several with different figures do equally well."""
    if not runs or not documents or all(len(r) < 3 for r in runs):
        return None
    special = [word for word in words()["qualifier"] if any(word in r for r in runs)]
    best: list[tuple[float, FactRow]] = []
    for fact in reader.facts(documents, kinds=("mentioned", "stated"), measures=measures):
        paper = reader.paper[fact.document]
        if fact.value is None or (year is not None and (fact.year if fact.year is not None else paper.year) != year and paper.year != year):
            continue
        if _other_stage(reader, fact, stage):
            continue
        subject = _bare(fact.row_keys[-1] if fact.row_keys else "")
        if any(word not in subject for word in special):
            continue
        around = "|".join(_bare(x) for x in (subject, fact.project_key, *fact.column_keys, *(key(s) for s in fact.section[-2:])))
        if any(word not in "|".join(runs) for word in ITS_OWN.findall(subject)):
            continue
        shares = [min(share(r, subject), share(core(r), subject)) for r in runs]
        own = max((s for r, s in zip(runs, shares, strict=True) if len(r) >= 3), default=0.0)
        if own < MINE or any(max(s, share(r, around)) < NEAR for r, s in zip(runs, shares, strict=True)):
            continue
        matched = sum(len(r) * s for r, s in zip(runs, shares, strict=True))
        best.append((matched - 0.2 * max(0, len(subject) - matched), fact))
    if not best:
        return None
    best.sort(key=lambda entry: -entry[0])
    rivals = {f.yuan if f.yuan is not None else f.value for score, f in best if score >= best[0][0] - 0.3}
    return best[0][1] if len(rivals) == 1 else None


def _bare(name: str) -> str:
    return re.sub(r"[()]", "", name)


def topic(question: str, ignore: tuple[str, ...]) -> set[str]:
    """The character pairs of what a question is about, its asking words, fillers, bodies and years left out."""
    for intent in intents_of(question):
        question = intent.question.sub(" ", question)
    question = chatter().sub(" ", question)
    for word in (*ignore, *words()["filler"]):
        question = question.replace(word, " ")
    return {pair for run in re.split(r"[^\w%]+", question) for pair in pairs(key(run))}


def pairs(run: str) -> list[str]:
    """The pairs of neighbouring characters of a run."""
    return [run[i : i + 2] for i in range(len(run) - 1)]


def content(question: str, ignore: Sequence[str], titles: Sequence[str] = ()) -> list[str]:
    """The things a question is about, in order: its `titles` whole, of the rest what is no asking, paying or filler word.

    >>> content("示例年鉴2023要印几本", (), ["示例年鉴2023"])
    ['示例年鉴2023']
    """
    runs: list[str] = []
    for piece in re.split(f"({'|'.join(map(re.escape, titles))})", question) if titles else [question]:
        if piece in titles:
            runs.append(_bare(key(piece)))
            continue
        for word in ignore:
            piece = piece.replace(word, " ")
        piece = _BETWEEN.sub(" ", chatter().sub(" ", pattern("paying").sub(" ", piece)))
        for word in (w for w in words()["filler"] if len(w) > 1):
            piece = piece.replace(word, " ")
        runs += [run for run in (key(part) for part in re.split(r"[^\w%]+", piece)) if len(run) >= 2]
    return runs


TOLD = 0.8  # share of the question's content that the row, its project, field, form and body must hold
_LAST = 0.6  # share that the row's own words must hold of the thing named last
ITS_OWN = re.compile(r"单价|累计|首付|尾款|[一二三四五六七八九]期款|进度款|每[月人天次场]")  # a row with these words is no answer to a question without them


def told_amount(
    reader: FactReader,
    documents: Sequence[str],
    question: str,
    ignore: Sequence[str],
    years: Sequence[int],
    counted: str | None = None,
    money: bool = False,
    titles: Sequence[str] = (),
    stage: Stage | None = None,
    least: int = 4,
) -> FactRow | None:
    """The one figure inside a long cell or a sentence whose row names what is asked and, with its form, carries nearly all of the question.

    `ignore` are the question's words for whose and when, `titles` its names in 《》, `counted` the unit it counts; `money`: 元 or 钱 is asked for, `least` how many characters of the question must tell. None when no row does, or when the likest next one has another figure: a quotation is then better than a value.
    """
    runs = content(question, ignore, titles)
    if not documents or len(documents) > MOST_PAPERS or sum(map(len, runs)) < least:
        return None
    asked = [pair for run in runs for pair in pairs(run)]
    special = [w for w in words()["qualifier"] if w in question] + ITS_OWN.findall(question)
    forms = reader.form_words(documents)
    best: list[tuple[float, FactRow]] = []
    for fact in reader.facts(documents, kinds=("mentioned", "stated"), measures=(Measure.COUNT if counted else Measure.AMOUNT,)):
        own = _bare("|".join(k for k in fact.row_keys if k != fact.project_key))
        if fact.value is None or not own or (counted and not counts_in(fact.unit.removeprefix("万"), counted)) or (money and fact.yuan is None):
            continue
        if not in_year(reader, fact, own, years) or _other_stage(reader, fact, stage) or any(word not in own for word in special):
            continue
        if any(word not in question for word in ITS_OWN.findall(own)) or share(runs[-1], own) < _LAST or any(_bare(key(title)) not in own for title in titles):
            continue
        paper = reader.paper[fact.document]
        around = _bare("|".join((own, fact.project_key, *fact.column_keys, *map(key, fact.section), paper.department_key, forms.get((fact.document, fact.table_index), ""))))
        covered, mine = (sum(pair in text for pair in asked) / len(asked) for text in (around, own))
        if covered >= TOLD:
            best.append((covered + mine - 0.002 * len(own), fact))
    if not best:
        return None
    best.sort(key=lambda entry: -entry[0])
    rivals = {f.yuan if f.yuan is not None else f.value for score, f in best if score >= best[0][0] - _APART}
    return best[0][1] if len(rivals) == 1 else None


def longer_name(asked: str, fact: FactRow) -> str:
    """What a figure is called where that is another, longer name that only ends with what was asked (网格员培训费 for 培训费); else ""."""
    own = _bare(fact.row_keys[-1]) if fact.row_keys else ""
    return fact.rows[-1] if len(asked) <= 4 and re.search(rf"[\u4e00-\u9fff]{{2}}{re.escape(core(asked))}(?:费用|经费|费)?$", own) else ""


def _other_stage(reader: FactReader, fact: FactRow, stage: Stage | None) -> bool:
    """Whether a figure of a paper that prints both 预算 and 决算 is of the one that is not asked for."""
    return bool(stage and fact.stage and fact.stage != stage and reader.paper[fact.document].kind == PaperKind.FINAL)


def in_year(reader: FactReader, fact: FactRow, own: str, years: Sequence[int]) -> bool:
    """Whether a figure is of a year asked for: the row's own (2023年整理服务项目), else the sentence's, else the paper's; the paper's where none is asked."""
    paper = reader.paper[fact.document].year
    said = {int(y) for y in re.findall(r"(?<!\d)((?:19|20)\d\d)(?!\d)", own)} or {fact.year or paper}
    return bool(said & (set(years) or {paper}))


_PAID = re.compile(r"[付交]|花费?|要多少钱|需要?多少")
_NUMBERED = re.compile(r"^\s*(?:\d{1,2}[.、．](?!\d)|[（(][一二三四五六七八九十\d]{1,2}[)）]|[一二三四五六七八九十]{1,2}、)")


def paid_in_year(reader: FactReader, fact: FactRow, question: str, year: int | None) -> FactRow | None:
    """Where what is to be paid in a year is asked: of a contract's amount inside a long cell, the amount that its own item says is paid in that year.

    The fact itself where its item names no such amount or the contract is asked for; None where it names several and none is their sum.
    """
    if fact.kind != "mentioned" or year is None or not _PAID.search(question) or "合同" in question or str(year) in fact.row_keys[-1]:
        return fact
    cell = (fact.document, fact.table_index, fact.row, fact.column, fact.columns)
    later = [f for f in reader.facts([fact.document], kinds=("mentioned",), measures=(Measure.AMOUNT,)) if (f.document, f.table_index, f.row, f.column, f.columns) == cell and f.number > fact.number]
    own = []
    for other in later:
        if other.quote != fact.quote and _NUMBERED.match(other.quote):
            break  # the next item of the list
        if re.search(rf"(?<!\d)(?:20)?{year % 100}年", other.row_keys[-1]) and re.search("付|需", other.row_keys[-1]):
            own.append(other)
    whole = [f for f in own if re.search("共|合计|总", f.row_keys[-1])] or own
    return whole[0] if len(whole) == 1 else None if whole else fact


MOST_PAPERS = 8  # across a whole collection chance likeness is too common
_COVERED = 0.8  # share of the question's character pairs that the row and its headings must hold
_OWN = 0.5  # share that the row's own words must hold
_APART = 0.08  # how much less the next figure must be like the question


def likest_figure(
    reader: FactReader,
    documents: Sequence[str],
    pairs: set[str],
    unknown: Sequence[str],
    year: int | None,
    counted: str | None,
    money: bool = False,
    reached: bool = False,
    stage: Stage | None = None,
) -> FactRow | None:
    """The one figure of a table or form whose row says nearly everything that is asked, in other words than the question's; None when unclear.

    `pairs` is the `topic` of the question; each word of `unknown` must be met as well. A target counts for an indicator, an amount for the rest; `money`
    is asked for in 元 or 钱; `reached` asks what was reached and not what was aimed at.
    """
    if len(pairs) < 4 or not documents or len(documents) > MOST_PAPERS:
        return None
    best: list[tuple[float, float, FactRow]] = []
    for fact in reader.facts(documents, kinds=("indicator", "table", "field"), measures=(Measure.TARGET, Measure.ACTUAL, Measure.AMOUNT, Measure.COUNT)):
        paper = reader.paper[fact.document]
        if (fact.state != "number" and fact.measure != Measure.TARGET) or (money and fact.yuan is None) or (reached and fact.measure == Measure.TARGET):
            continue
        if (year is not None and (fact.year or paper.year) != year) or _other_stage(reader, fact, stage) or (counted and fact.unit and not counts_in(fact.unit, counted)):
            continue
        own = "|".join(fact.row_keys[-2:])
        around = "|".join((own, *fact.row_keys, fact.project_key, *fact.column_keys, key(fact.quote) if fact.kind == "indicator" else ""))
        asked = [pair for pair in pairs if pair not in fact.project_key]  # naming the form as well makes the row no less the one
        if not asked:
            continue
        mine = sum(pair in own for pair in asked) / len(asked)
        covered = sum(pair in around for pair in pairs) / len(pairs)
        if mine < _OWN or covered < _COVERED or any(share(key(word), around) < MINE for word in unknown):
            continue
        best.append((covered + mine, -len(own), fact))
    if not best:
        return None
    best.sort(key=lambda entry: entry[:2], reverse=True)
    rivals = {(f.value, f.unit, f.printed if f.value is None else "") for score, _, f in best if score >= best[0][0] - _APART}
    return best[0][2] if len(rivals) == 1 else None
