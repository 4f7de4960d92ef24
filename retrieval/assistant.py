"""The conductor: ask(question, session) -> Answer."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

from ingest import generations
from retrieval.answer import Draft, beside, joined
from retrieval.asked import parts_asked
from retrieval.evidence.facts import FactReader
from retrieval.model import Model
from retrieval.plan import plan
from retrieval.plans import Compute, Context, Library, LookUp, Planned, Search
from retrieval.question import Ask
from retrieval.reading import not_understood, read, told
from retrieval.records import Answer, Route, Status
from retrieval.rephrase import rephrase
from retrieval.respond import Responder
from retrieval.sessions import Sessions
from retrieval.telling import examples
from retrieval.wording import reword

LONGEST_QUESTION = 500
MOST_WORDINGS = 2  # words replaced, then words left out


class Assistant:
    """Answers questions from the index at `index`. A new generation put in force by an ingest is picked up at the next question.

    `today` gives the date that 去年 counts from; `model` reads questions that the rules cannot, and words answers; it finds none. Raises IndexMissing when there is no index or it is damaged.
    """

    def __init__(self, index: Path, today: Callable[[], date] = date.today, model: Model | None = None) -> None:
        self._index = Path(index)
        self._today = today
        self._model = model
        self._folder: Path | None = None
        self._sessions: Sessions | None = None
        self._open()

    def _open(self) -> None:
        folder = generations.current(self._index)
        if folder != self._folder:
            try:
                self._reader = FactReader(folder / generations.FACTS)
            except sqlite3.DatabaseError as error:
                if "no such table" in str(error):
                    advice = f"请运行 python -m ingest --rebuild --index {self._index} 更新。"
                    raise generations.IndexMissing(f"索引是程序的旧版本建立的：{folder}。{advice}") from error
                advice = f"请删除 {self._index} 后运行 python -m ingest --index {self._index} 重新导入文件。"
                raise generations.IndexMissing(f"索引已损坏：{folder}（{error}）。{advice}") from error
            reader = self._reader
            self._library = Library(reader.papers, reader.entities, reader.names_of, reader.printing, reader.names_in, reader.papers_using)
            self._folder = folder
            self._prose = None

    def ask(self, question: str, session_id: str | None = None) -> Answer:
        """One answer. The session keeps the dialogue, so that a follow-up is understood."""
        started = time.perf_counter()
        self._open()
        if self._sessions is None:
            self._sessions = Sessions(self._index / "sessions.sqlite")
        session, before = self._sessions.open(session_id)
        try:
            found = self._answer(question.strip(), before)
        except Exception:
            if self._in_place():
                raise
            found = None
        if found is None or not self._in_place():
            # What this answer was read from has been deleted meanwhile (a paper removed, or a second ingest)
            self._open()
            found = self._answer(question.strip(), before)
        answer, context = found
        if context is not None:
            self._sessions.keep(session, context)
        return replace(answer, session_id=session, elapsed_ms=(time.perf_counter() - started) * 1000)

    def _in_place(self) -> bool:
        return self._folder is not None and (self._folder / generations.FACTS).exists()

    def _answer(self, text: str, context: Context) -> tuple[Answer, Context | None]:
        """The answer and the dialogue after it; None where there was no question."""
        says_something = any(c.isalnum() for c in text)  # not only marks, emoji or control characters
        if not says_something or len(text) > LONGEST_QUESTION:
            reason = "请输入问题。" if not says_something else f"问题太长（{len(text)} 字），请缩短到 {LONGEST_QUESTION} 字以内。"
            return Answer(Status.REFUSED, Route.NONE, reason), None
        library = self._library
        planned, answer = self._by_parts(text, context, library)
        if self._model and not_understood(planned, answer):
            planned, answer = self._read_again(text, planned, answer, library, self._model)
        listed = tuple(answer.query.get("listed", ())) or planned.context.choices
        if self._model and "read" not in answer.query:  # how it was read must stay in front
            answer = reword(answer, text, self._model)
        return answer, replace(planned.context, choices=listed)

    def _read_again(self, text: str, planned: Planned, answer: Answer, library: Library, model: Model) -> tuple[Planned, Answer]:
        """The plan and the answer of the question as the model reads it, where that leads to one; else what the rules had."""
        if asked := read(text, planned, library, model):
            again = plan(asked.question, library, Context(), self._today().year)
            if better := told(Responder(self._reader, self._find_prose).respond(again, asked.question), asked, again):
                return again, better
        return planned, answer

    def _by_parts(self, text: str, context: Context, library: Library) -> tuple[Planned, Answer]:
        """The plan and the answer of a question. What asks several things, and is no plain look-up as a whole, is answered part by part."""
        planned, whole = self._in_other_words(text, context, library)
        parts = parts_asked(text)
        if len(parts) == 1 or (isinstance(planned.plan, LookUp) and len(whole.values) >= len(parts)):
            return planned, whole
        answers: list[Answer] = []
        last = planned
        for part in parts:
            last, answer = self._in_other_words(part, context, library)
            u = last.understood
            if answers and isinstance(last.plan, LookUp) and not (u.items or u.counted or u.departments):
                last, answer = self._in_other_words(f"那{part}", context, library)  # “花多少钱” goes on with what was asked, and is no question about everything
            if not answers and not (isinstance(last.plan, LookUp | Compute) and answer.status is Status.ANSWERED and answer.values):
                return planned, whole  # only a figure that is there is asked further about
            if answers and answer.status is not Status.ANSWERED and u.counted and (said := beside(answers[0], u.counted)):
                answer = said
            answers.append(answer)
            context = replace(last.context, choices=tuple(answer.query.get("listed", ())) or last.context.choices)
        if whole.status is Status.ANSWERED and any(a.status is not Status.ANSWERED for a in answers):
            return planned, joined([answers[0], whole])  # what else was asked stands in the sentence found for the whole
        return last, joined(answers)

    def _in_other_words(self, text: str, context: Context, library: Library) -> tuple[Planned, Answer]:
        """The plan and the answer; where it says nothing of what is asked, of the question in other words, if these are answered better."""
        responder, year = Responder(self._reader, self._find_prose), self._today().year
        first = planned = plan(text, library, context, year)
        said = answer = responder.respond(planned, text)
        notes: list[str] = []
        while _falls_short(planned, answer) and len(notes) < MOST_WORDINGS and (other := rephrase(planned)):
            notes.append(other.note)
            planned = plan(other.text, library, context, year)
            answer = responder.respond(planned, other.text)
        if answer.status is not Status.ANSWERED or (said.status is Status.ANSWERED and not any(notes) and answer.route is Route.RETRIEVAL):
            return first, said
        return planned, replace(answer, text="\n\n".join(filter(None, (answer.text, *notes)))) if notes else answer

    def examples(self) -> list[str]:
        """Example questions taken from the papers that are loaded."""
        self._open()
        return examples(self._reader)

    def _find_prose(self, search: Search, question: str, draft: Draft) -> bool:
        # Imported here: the SQL route must not pay for the search libraries.
        from retrieval.prose import Prose

        if self._prose is None:
            self._prose = Prose(self._folder, self._reader)
        return self._prose.answer(search, question, draft)


def _falls_short(planned: Planned, answer: Answer) -> bool:
    """Whether an answer is a refusal, or only a sentence where a figure is asked for: a table's figure under another name is better."""
    words = re.search(r"什么|哪些|怎么", planned.understood.text) and not re.search(r"多少|几", planned.understood.text)  # 公用支出包括什么
    figure = planned.understood.wish.ask not in (Ask.TEXT, Ask.DEFINITION, Ask.LIST) and not words
    return answer.status is Status.REFUSED or (figure and answer.route is Route.RETRIEVAL)
