"""Cases -> results. A dialogue runs in one session of its own; its last answer is judged."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from eval.casefile import Case
from eval.clients import Client, ClientError
from eval.score import CitationScore, Verdict, judge, score_citations

Progress = Callable[[int, int], None]  # (finished, in all)


@dataclass(frozen=True, slots=True)
class Result:
    """One case asked and judged. `ms` is the time of every turn; `citations` is None when nothing was answered."""

    case: Case
    answer: dict[str, Any]
    verdict: Verdict
    citations: CitationScore | None
    ms: tuple[float, ...]

    @property
    def route_ok(self) -> bool | None:
        """Whether the route is one the case allows; None when it names none."""
        return None if not self.case.routes else self.answer["route"] in self.case.routes


def run(cases: Sequence[Case], client: Client, jobs: int = 1, progress: Progress = lambda done, total: None) -> list[Result]:
    """Ask every case, in order; `jobs` at a time (a dialogue's turns stay in order)."""
    if jobs == 1:  # in the caller's thread, where the assistant was opened
        return _collect((run_case(case, client) for case in cases), len(cases), progress)
    with ThreadPoolExecutor(jobs) as pool:
        return _collect(pool.map(lambda case: run_case(case, client), cases), len(cases), progress)


def _collect(asked: Iterable[Result], total: int, progress: Progress) -> list[Result]:
    results: list[Result] = []
    for result in asked:
        results.append(result)
        progress(len(results), total)
    return results


def run_case(case: Case, client: Client) -> Result:
    """One case. A server that fails on it makes the case wrong, it does not stop the run."""
    answers, times = [], []
    start = time.perf_counter()
    try:
        for answer in dialogue(case.turns, client):
            answers.append(answer)
            times.append((time.perf_counter() - start) * 1000)
            start = time.perf_counter()
    except ClientError as error:
        return Result(case, _failed(), Verdict(False, str(error)), None, tuple(times))
    answer = answers[-1]
    cited = score_citations(case, answer, client.source) if answer["status"] == "answered" else None
    return Result(case, answer, judge(case, answer), cited, tuple(times))


def dialogue(turns: Iterable[str], client: Client) -> Iterator[dict[str, Any]]:
    """The answers to questions asked one after the other in a session of their own."""
    session = None
    for question in turns:
        answer = client.ask(question, session)
        session = answer["session_id"]
        yield answer


def _failed() -> dict[str, Any]:
    return {
        "session_id": "",
        "status": "error",
        "route": "none",
        "answer": "",
        "values": [],
        "citations": [],
        "checks": [],
        "query": {},
        "suggestions": [],
    }


def in_index(cases: Sequence[Case], documents: Sequence[str]) -> list[Case]:
    """The cases whose evidence documents are all in the index; a case that names none fits any index."""
    return [c for c in cases if all(any(d.startswith(e.doc) for d in documents) for e in c.evidence)]
