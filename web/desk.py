"""What answers a visitor, in one place for interface and page: everything the routes need, and the way of one question."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import Any

from ingest.generations import IndexMissing
from retrieval.answer import mask
from web.access import RateLimit, Visitor, require
from web.credentials import Credentials
from web.documents import Jobs
from web.errors import ApiError
from web.evaluation import Evaluations
from web.library import Library
from web.metrics import Metrics, note
from web.notebook import Notebook
from web.pool import Asks
from web.privacy import masked
from web.settings import Settings


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything a route needs."""

    settings: Settings
    credentials: Credentials
    assistant: Asks
    library: Library
    jobs: Jobs
    notebook: Notebook
    rate: RateLimit
    metrics: Metrics
    evaluations: Evaluations

    def answer(self, question: str, session_id: str | None, visitor: Visitor) -> dict[str, Any]:
        """The contract's object for one question; raises ApiError for what is no question, too many of them or a visitor without the right."""
        require(visitor, "ask", self.settings)
        question = checked_question(question, self.settings.max_question)
        self.rate.check(visitor)
        started = time.perf_counter()
        try:
            answer = masked(self.assistant.ask(question, self._session(session_id, visitor)).as_json())
        except IndexMissing as missing:
            raise ApiError(503, "no_index", str(missing)) from None
        seconds = time.perf_counter() - started
        self.metrics.count("questions", seconds, status=answer["status"], route=answer["route"])
        text = {"question": mask(question)} if self.settings.log_questions else {}
        note("question", user=visitor.user, status=answer["status"], route=answer["route"], ms=round(seconds * 1000, 1), **text)
        self.notebook.note_question(visitor.name, mask(question), answer)
        return answer

    def _session(self, given: str | None, visitor: Visitor) -> str | None:
        """The dialogue to go on with; None, a new one, for an id that is not as ours are or that belongs to somebody else."""
        if not given or not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", given):
            return None
        return given if self.notebook.owner(given) in (None, visitor.name) else None


def checked_question(question: str, longest: int) -> str:
    """The question without outer blanks and control characters. Raises ApiError 400."""
    question = "".join(mark if mark.isprintable() else " " for mark in question).strip()
    if not question:
        raise ApiError(400, "question_empty", "请输入问题。")
    if len(question) > longest:
        raise ApiError(400, "question_too_long", f"问题过长：最多 {longest} 字，现有 {len(question)} 字，请精简后再问。")
    return question
