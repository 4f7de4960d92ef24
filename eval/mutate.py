"""Would a wrong figure be noticed? One figure of a copy of the index is changed at a time; the cases and the accounts' own checks are asked.

A figure counts as noticed by cases when one that was right is wrong now; by checks when an identity of the accounts is broken that was not before, or
when one that held at the ingest (the store keeps that) can no longer be shown to hold. The two are counted apart: a figure that was misread from the
start has no "before", so only the first kind tells of it.
The cell, its quote and the sentences stay as they are: only the stored amount is wrong, as after a misread digit or a slip of the hand.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from eval.casefile import Case, CaseError
from eval.clients import InProcess
from eval.run import run_case
from eval.score import wilson
from ingest import generations
from ingest.amounts import Amount, plain
from ingest.checks import check
from ingest.engines import DATABASE, database_url
from ingest.reading import read_paper
from ingest.records import Check, CheckStatus, Fact, FactKind, Measure, Reading
from ingest.stores.facts import FactStore

Progress = Callable[[], Any]  # called after every change


@dataclass(frozen=True, slots=True)
class Outcome:
    """One figure changed: where it stands, the amount before and after, and the first case that turned wrong, identity that broke, and identity
    that held and is gone ("" for none)."""

    where: str
    before: str
    after: str
    case: str
    broken: str
    lost: str

    @property
    def noticed(self) -> bool:
        """Whether a case or a check tells."""
        return bool(self.case or self.broken or self.lost)


class Copy:
    """A copy of an index whose stored amounts can be changed and put back. The papers are read again, for the store does not give records back."""

    def __init__(self, index: Path, folder: Path) -> None:
        if database_url():
            raise CaseError(f"这个命令改动的是索引副本里的文件，请取消 {DATABASE} 后再运行。")
        generation = generations.current(index)
        shutil.copytree(generation, folder / "generations" / generation.name)
        shutil.copy(index / "CURRENT", folder / "CURRENT")
        (folder / "files").symlink_to((index / "files").resolve())
        self.index = folder
        self._facts = folder / "generations" / generation.name / generations.FACTS
        with closing(FactStore(self._facts, readonly=True)) as store:
            self.papers = {d["id"]: self._read(store, d) for d in store.documents()}

    def _read(self, store: FactStore, document: dict[str, Any]) -> Reading:
        reading = read_paper(generations.original(self.index, document["sha256"]), document["name"])
        if [f.amount.printed for f in reading.facts] != [row["printed"] for row in store.facts(document["id"])]:
            raise CaseError(f"“{document['name']}”再读一遍的结果与索引不同，请先运行 python -m ingest --rebuild。")
        return reading

    @contextmanager
    def with_amount(self, document: str, number: int, amount: Amount) -> Iterator[None]:
        """The stored fact carries `amount` inside the block."""
        before = self.papers[document].facts[number].amount
        self._write(document, number, amount)
        try:
            yield
        finally:
            self._write(document, number, before)

    def _write(self, document: str, number: int, amount: Amount) -> None:
        values = [plain(amount.value or Decimal(0)), amount.fen, amount.printed, document, number]
        with closing(sqlite3.connect(self._facts)) as db, db:
            db.execute("UPDATE facts SET value = ?, fen = ?, printed = ? WHERE document = ? AND number = ?", values)


def mutate(index: Path, cases: Sequence[Case], count: int, seed: int, progress: Progress = lambda: None) -> list[Outcome]:
    """`count` random amounts of tables changed, one after the other. Raises IndexMissing, Unreadable, and CaseError for an index of another version."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="budget-qa-mutate-") as folder:
        copy = Copy(index, Path(folder) / "index")
        amounts = [(d, n) for d, paper in copy.papers.items() for n, fact in enumerate(paper.facts) if is_table_amount(fact)]
        watch = Watch(copy, cases)
        outcomes = []
        for document, number in chance.sample(amounts, min(count, len(amounts))):
            outcomes.append(watch.outcome(document, number, misread(copy.papers[document].facts[number].amount, chance)))
            progress()
        return outcomes


def is_table_amount(fact: Fact) -> bool:
    """Whether a fact is money in a table's cell."""
    return fact.kind is FactKind.TABLE and fact.measure is Measure.AMOUNT and fact.amount.fen is not None


def misread(amount: Amount, chance: random.Random) -> Amount:
    """The amount with one digit, anywhere in it, read as another."""
    assert amount.value is not None
    digits = plain(amount.value)
    place = chance.choice([n for n, mark in enumerate(digits) if mark.isdigit()])
    wrong = chance.choice([d for d in "0123456789" if d != digits[place]])
    changed = digits[:place] + wrong + digits[place + 1 :]
    return replace(amount, value=Decimal(changed), printed=changed)


class Watch:
    """The cases and checks, and what they said before anything was changed."""

    def __init__(self, copy: Copy, cases: Sequence[Case]) -> None:
        self._copy = copy
        self._cases = cases

    @cached_property
    def _client(self) -> InProcess:
        return InProcess(self._copy.index)

    @cached_property
    def _right(self) -> dict[str, list[Case]]:
        """The cases that are right, by the papers they cite or have their evidence in: no other can tell of a paper's figures."""
        right: dict[str, list[Case]] = {document: [] for document in self._copy.papers}
        for case in self._cases:
            result = run_case(case, self._client)
            if result.verdict.ok:
                cited = {c["document_id"] for c in result.answer["citations"]}
                for document, paper in self._copy.papers.items():
                    if document in cited or any(paper.name.startswith(e.doc) for e in case.evidence):
                        right[document].append(case)
        return right

    def outcome(self, document: str, number: int, wrong: Amount) -> Outcome:
        """Who notices when this fact carries the wrong amount."""
        paper = self._copy.papers[document]
        fact = paper.facts[number]
        cases = self._right[document]
        with self._copy.with_amount(document, number, wrong):
            case = next((c.id for c in cases if not run_case(c, self._client).verdict.ok), "")
        facts = (*paper.facts[:number], replace(fact, amount=wrong), *paper.facts[number + 1 :])
        checks = check(paper.loaded.blocks, paper.tables, facts, paper.identity)
        broken = _only_in(checks, paper.checks, CheckStatus.BROKEN)
        lost = _only_in(paper.checks, checks, CheckStatus.OK)
        label = paper.tables[fact.table].label if fact.table is not None else ""
        where = f"{paper.name} {label}“{' / '.join((*fact.rows, *fact.columns))}”"
        unit = fact.amount.unit
        return Outcome(where, f"{fact.amount.printed}{unit}", f"{wrong.printed}{unit}", case, broken, lost)


def _only_in(these: Sequence[Check], those: Sequence[Check], status: CheckStatus) -> str:
    """The first identity that has this status here and not there, in words; the same figures may be checked in several ways."""
    known = Counter((c.kind, c.facts) for c in those if c.status is status)
    for c in these:
        if c.status is status:
            known[c.kind, c.facts] -= 1
            if known[c.kind, c.facts] < 0:
                return c.detail
    return ""


def table(outcomes: Sequence[Outcome]) -> str:
    """The result for the terminal: how many were noticed by whom, and every figure that nobody noticed."""
    total = len(outcomes)
    if not total:
        return "索引里没有可以改动的表内金额。"
    unseen = [o for o in outcomes if not o.noticed]
    broken = sum(bool(o.broken) for o in outcomes)
    lost = sum(bool(o.lost and not o.broken) for o in outcomes)
    low, high = wilson(total - len(unseen), total)
    return "\n".join(
        (
            f"改动 {total} 处，发现 {total - len(unseen)} 处 = {(total - len(unseen)) / total:.1%}（95% 区间 {low:.1%}–{high:.1%}）",
            f"  用例发现 {sum(bool(o.case) for o in outcomes)}",
            f"  勾稽发现 {broken + lost}：报为不成立 {broken}，入库时成立、现在核对不出 {lost}",
            f"  都没发现 {len(unseen)}",
            *(f"    {o.where}：{o.before} → {o.after}" for o in unseen),
        )
    )
