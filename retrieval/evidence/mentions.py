"""Words that name no row or column -> the amount inside a form's long cell or a sentence that carries them as its own subject."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ingest.records import Measure
from ingest.wording import key
from retrieval.evidence.facts import FactReader, FactRow

# What joins or asks, between the things a question names.
_BETWEEN = re.compile(
    r"(?:是|为|有|共|总共|一共|合计|约)?(?:多少|几)(?:批次|人次|个|万元|元|钱|[人辆台家篇份次场件名分天册套户条起张])?"
    r"|(?:安排|测算|估算|需要|花费?|发放?|列支|列|用)(?=了|$|[?？|])|[?？。，,;；:：|的里中在给向约了呢]|多少|一下|总共|一共"
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


def _core(run: str) -> str:
    """A run without the noun that half of all items end with: two of them must not make a match."""
    shorter = _COMMON.sub("", run)
    return shorter if len(shorter) >= 2 else run


def named_amount(
    reader: FactReader, documents: Sequence[str], runs: Sequence[str], year: int | None, measures: Sequence[Measure] = (Measure.AMOUNT,)
) -> FactRow | None:
    """The one amount whose own subject carries what is asked; None when no subject does, or several with different figures do equally well."""
    if not runs or not documents or all(len(r) < 3 for r in runs):
        return None
    best: list[tuple[float, FactRow]] = []
    for fact in reader.facts(documents, kinds=("mentioned", "stated"), measures=measures):
        paper = reader.paper[fact.document]
        if fact.value is None or (year is not None and (fact.year if fact.year is not None else paper.year) != year and paper.year != year):
            continue
        subject = _bare(fact.row_keys[-1] if fact.row_keys else "")
        around = "|".join(_bare(x) for x in (subject, fact.project_key, *fact.column_keys, *(key(s) for s in fact.section[-2:])))
        shares = [min(share(r, subject), share(_core(r), subject)) for r in runs]
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
