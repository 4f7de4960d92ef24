"""A finished answer worded better by a chat model, or as it was: every figure, name and citation of a draft is checked, none is believed."""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace

from prompts import BadPrompt, load
from retrieval.handles import CLAIM, CLAUSE_END, HANDLE, MARK, PART_END, SENTENCE_END, Evidence, Figure, Line, claims_of, pairs, words_of
from retrieval.model import Model, ModelUnavailable
from retrieval.records import Answer, Status

log = logging.getLogger("budget_qa.model")

# Words that say nothing by themselves; all others must stand in the evidence that a sentence cites.
_PLAIN_WORDS = (
    "根据|依据|按照|材料|资料|文件|显示|表明|写明|载明|提到|说明|介绍|列示|列明|其中|此外|另外|同时|并且|以及|还有|分别|方面|具体|来看|来说"
    "|总的|总体|整体|也就|就是|即是|也是|属于|作为|对于|关于|有关|相关|上述|前述|这项|该项|这笔|该笔|这些|那些|这个|该部门|各自|为此|而言|所述|所列"
    "|金额|数额|数字|数据|情况|内容|主要|包括|包含|安排|一是|二是|三是|四是|一方面|另一方面|第一|第二|第三|首先|其次|最后|如下|可见|至此|已经|负责|当年|该年"
)
_PLAIN_CHARACTERS = set("的为是在和与及由对从按中里其该这有也并而即则将被把所以于用了着等又且年度共比较相之各占见")
_PLAIN = re.compile(_PLAIN_WORDS)
_PUNCTUATION = set("，。；：、！？“”‘’（）《》() \n")
_NUMERALS = "〇零一二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟半"
_BODY = re.compile(r"办公室|委员会|[局办委厅部院署处站所室区县市省镇乡]|中心|街道")
NAMED = 0.7  # how much of what a figure is called must stand in its sentence; less may name something wider
# Beside a figure these change it: 约9万元, 9万元以上, 9万元万元, -9万元.
_BENDS_BEFORE = re.compile(r"(?:[约近超逾足到至过仅多少几负第低高达]|大概|大约|接近|至少|最多)$")
_BENDS_AFTER = re.compile(rf"[{_NUMERALS}元%％‰倍成多余几年月日上下左]|以[上下内外]|个百分点|不到|不足|出头")


def reword(answer: Answer, question: str, model: Model) -> Answer:
    """The answer with its text worded by the model where that can be trusted; values, citations and the rest are never touched.

    query["model"] says what became of it: worded; template (two drafts failed the check); unavailable (no reply). An answer that has
    nothing to word (refused, asked back, lists) comes back as it is.
    """
    evidence = Evidence.of(answer) if answer.status is Status.ANSWERED else None
    if evidence is None:
        return answer
    try:
        messages = [("system", load("wording")), ("human", load("material", question=evidence.question(question), evidence=evidence.material()))]
        draft = _tidy(model.complete(messages))
        wrong = problems(draft, evidence)
        if wrong:
            messages += [("ai", draft), ("human", load("repair", problems="\n".join(f"- {reason}" for reason in wrong[:8])))]
            draft = _tidy(model.complete(messages))
            wrong = problems(draft, evidence)
    except BadPrompt as error:  # prompts are there to be edited; a slip is for the log, not for the person who asks
        log.error("%s", error)
        return replace(answer, query={**answer.query, "model": "unavailable"})
    except ModelUnavailable:
        return replace(answer, query={**answer.query, "model": "unavailable"})
    if wrong:
        return replace(answer, query={**answer.query, "model": "template"})
    text = "\n\n".join(evidence.fill(draft) if line is None else line for line in evidence.kept)
    return replace(answer, text=text, query={**answer.query, "model": "worded"})


def _tidy(draft: str) -> str:
    """What models do without meaning anything by it: thinking aloud first, stars, blanks, and the citation after the full stop."""
    draft = re.sub(r"(?s)^\s*<think>.*?</think>", "", draft)
    draft = re.sub(r"[*★]|[ \t]+(?=[，。；：、）])", "", draft.strip())
    return re.sub(r"([。；！？])[ ]*((?:\[\d{1,3}\])+)", r"\2\1", draft)


def problems(draft: str, evidence: Evidence) -> list[str]:
    """What is wrong with a draft, one Chinese sentence each, as a model is told it; empty when it may be shown."""
    if len(draft) > 2 * sum(len(line.shown) for line in evidence.lines) + 200:
        return ["写得太长。"]
    handles, marks = HANDLE.findall(draft), {int(m) for m in MARK.findall(draft)}
    found = [f"没有 {{{{{h}}}}} 这个记号。" for h in handles if h not in evidence.figures and h not in evidence.names]
    found += [f"没有编号 [{m}]。" for m in sorted(marks - set(evidence.sources))]
    bare = MARK.sub("", HANDLE.sub("", draft))
    found += [f"不能写数字“{c}”，只能用记号。" for c in dict.fromkeys(bare) if _is_digit(c)]
    strange = [
        c for c in dict.fromkeys(bare) if not ("\u4e00" <= c <= "\u9fff" or c in _PUNCTUATION or (c.isascii() and c.isalpha()) or _is_digit(c))
    ]
    found += [f"不能有符号“{c}”。" for c in strange]
    if found:
        return found  # the rest reads only well-formed drafts
    found += [f"漏了答案 {{{{{h}}}}}。" for h, figure in evidence.figures.items() if figure.asked and h not in handles]
    found += [f"漏了出处 [{m}]。" for m in sorted(set(evidence.sources) - marks)]
    for sentence in re.split(f"[{SENTENCE_END}]", draft):
        if words_of(sentence).strip("|"):
            found += _sentence_problems(sentence, evidence)
    return [*found, *_misplaced(draft, evidence)]


def _is_digit(character: str) -> bool:
    return unicodedata.numeric(character, None) is not None and not "\u4e00" <= character <= "\u9fff"


def _sentence_problems(sentence: str, evidence: Evidence) -> Iterator[str]:
    """What a sentence says that is not in the lines it cites."""
    cited = {int(m) for m in MARK.findall(sentence)}
    lines = [line for line in evidence.lines if line.marks & cited]
    said = words_of(sentence)
    if not lines:
        yield f"“{_short(sentence)}”没有写出处。"
        return
    for handle in HANDLE.findall(sentence):
        figure = evidence.figures.get(handle)
        if figure and not figure.marks <= cited:
            yield f"{{{{{handle}}}}} 出自 {''.join(f'[{m}]' for m in sorted(figure.marks))}，这一句要写这些编号。"
        elif not any(f"{{{{{handle}}}}}" in line.shown for line in lines):
            yield f"{{{{{handle}}}}} 不在这一句所写编号的材料里。"
    source = "|".join([*(words_of(line.shown) for line in lines), *(words_of(evidence.sources[m]) for m in sorted(cited))])
    yield from (f"“{word}”不在所引的材料里。" for word in _foreign(said, source))
    yield from (f"“{word}”不是材料里的完整名称。" for word in _broken_names(said, source))
    for clause in re.split(rf"[{CLAUSE_END}|]", words_of(MARK.sub("|", sentence))):
        if claims_of(clause) and not _claimed(clause, lines):
            yield f"“{clause}”不是材料里的说法。"


def _foreign(said: str, source: str) -> list[str]:
    """The words of a sentence that neither stand in the source nor are plain."""
    allowed = pairs(source)
    covered = [False] * len(said)
    for m in _PLAIN.finditer(said):
        covered[m.start() : m.end()] = [True] * (m.end() - m.start())
    for i in range(len(said) - 1):
        if said[i : i + 2] in allowed:
            covered[i] = covered[i + 1] = True
    # A number in words is one word: 九万 is not made of the 九 of one place and the 万 of another.
    for m in re.finditer(f"[{_NUMERALS}]+", said):
        whole = re.compile(f"(?<![{_NUMERALS}]){m[0]}(?![{_NUMERALS}])")
        beside = {said[m.start() - 1 : m.end()] if m.start() else "", said[m.start() : m.end() + 1]}
        in_source = any(source[w.start() - 1 : w.end()] in beside or source[w.start() : w.end() + 1] in beside for w in whole.finditer(source))
        plain = any(p.start() <= m.start() and m.end() <= p.end() for p in _PLAIN.finditer(said))
        covered[m.start() : m.end()] = [in_source or plain] * (m.end() - m.start())
    latin = set(re.findall("[A-Za-z]+", source))
    foreign = [word for word in re.findall("[A-Za-z]+", said) if word not in latin]
    for m in re.finditer(r"[\u4e00-\u9fff]+", said):
        run = "".join("|" if covered[i] or (said[i] in _PLAIN_CHARACTERS and said[i] not in _NUMERALS) else said[i] for i in range(*m.span()))
        foreign += [word for word in run.split("|") if word]
    return foreign


def _broken_names(said: str, source: str) -> Iterator[str]:
    """Names of bodies put together from pieces of others: what ends in 局, 办, 区 … must stand in the source as far back as it goes."""
    for m in _BODY.finditer(said):
        start = m.start()
        while start and said[start - 1 : m.end()] in source:
            start -= 1
        before = said[:start]
        clean = not before or not "\u4e00" <= before[-1] <= "\u9fff" or before[-1] in _PLAIN_CHARACTERS or re.search(f"(?:{_PLAIN_WORDS})$", before)
        inside = any(p.start() < m.end() < p.end() for p in _PLAIN.finditer(said)) or said[m.end() - 1 : m.end() + 1] in pairs(source)
        if not clean and not inside:
            yield said[max(0, start - 4) : m.end()]


def _claimed(clause: str, lines: Sequence[Line]) -> bool:
    """Whether one clause of the evidence makes the claims of this one (up, down, not …) about the same words."""
    known = pairs("|".join(c for line in lines for c in line.clauses))
    claims, about = claims_of(clause), pairs(clause) & known
    return any(claims <= claims_of(c) and about <= pairs(c) for line in lines for c in line.clauses)


def _misplaced(draft: str, evidence: Evidence) -> Iterator[str]:
    """Figures said of something else than in the evidence: of what stands around a figure, that figure must be the only one it fits."""
    vocabulary = frozenset(p for figure in evidence.figures.values() for p in figure.pairs)
    year, previous, at = frozenset[str](), None, 0
    for m in HANDLE.finditer(draft):
        if m[1] not in evidence.figures:
            continue
        figure = evidence.figures[m[1]]
        between, rest = draft[at : m.start()], draft[m.end() :]
        ended = re.search(f"[{SENTENCE_END}]", between)
        if ended:
            previous = None
        left = re.split(f"[{PART_END}]", between)[-1]
        right = re.split(f"[{CLAUSE_END}]", rest)[0]
        right = "" if re.search(r"\{\{[VQ]", right) else right
        here = _years(left + right, evidence)
        year = here or frozenset(_years_in_order(between, evidence)[-1:]) or year
        about = (pairs(left) | pairs(right)) & vocabulary
        fits = {f.amount for f in evidence.figures.values() if about <= f.pairs and year <= f.years}
        if figure.amount not in fits or not (about <= figure.pairs and year <= figure.years):
            yield f"{{{{{m[1]}}}}} 不是“{_short(left + right)}”的数。"
        elif len(fits) > 1 and (previous is None or previous != figure.previous):
            yield f"{{{{{m[1]}}}}} 前面要写明是谁的、哪一年的、什么数。"
        if len(figure.name & pairs(_sentence_so_far(draft[: m.start()]) + right)) < NAMED * len(figure.name):
            yield f"{{{{{m[1]}}}}} 的名称没有写全。"
        if figure.computed and (previous != figure.previous or (here and len(figure.years) > 1)):
            yield f"{{{{{m[1]}}}}} 是算出来的，要照材料里的顺序写，前面不另写年份。"
        if not figure.claims <= claims_of(left + right):
            yield f"{{{{{m[1]}}}}} 旁边要写明“{'、'.join(sorted(figure.claims))}”。"
        if _bent(draft[: m.start()], rest, figure):
            yield f"{{{{{m[1]}}}}} 前后不能加改变数字的字。"
        previous, at = m[1], m.end()
    for m in re.finditer(r"\{\{Y\d+\}\}(?=[〇零一二三四五六七八九十百千万亿元%％年月日多余几以])", draft):
        yield f"{m[0]} 后面不能接单位。"
    for m in re.finditer(r"\{\{Y\d+\}\}的?\{\{Y\d+\}\}", draft):
        yield f"“{m[0]}”：年份不能连着写。"
    for m in re.finditer(rf"(?:{CLAIM.pattern}|[为达是到])(\{{\{{Y\d+\}}\}})(?![\u4e00-\u9fff“（])", draft):
        yield f"{m[1]} 是年份，不能当作数字。"


def _sentence_so_far(before: str) -> str:
    return re.split(f"[{SENTENCE_END}]", before)[-1]


def _bent(before: str, rest: str, figure: Figure) -> bool:
    """Whether what touches a figure makes another of it."""
    before, after = before.rstrip(" “‘"), rest.lstrip(" ”’")
    if (before.endswith("}}") and not (figure.whole and re.search(r"\{\{Y\d+\}\}$", before))) or after.startswith("{{"):
        return True
    if not figure.whole:
        return before[-1:] != figure.before or after[:1] != figure.after
    bend, tail = _BENDS_BEFORE.search(before), _BENDS_AFTER.match(after)
    return bool((bend and bend[0][-1:] != figure.before) or (tail and tail[0][:1] != figure.after))


def _years(text: str, evidence: Evidence) -> frozenset[str]:
    return frozenset(_years_in_order(text, evidence))


def _years_in_order(text: str, evidence: Evidence) -> list[str]:
    return [evidence.names[h] for h in HANDLE.findall(text) if h.startswith("Y")]


def _short(text: str) -> str:
    return text if len(text) <= 30 else f"{text[:30]}…"
