"""Sixty injection strings in questions, model answers, papers and file names: all of it shows as text, nothing runs, nothing is loaded from outside."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest import generations
from ingest.records import Block, BlockKind, Cell, Check, CheckStatus, Identity, Loaded, PaperKind, Place, Reading, Section, Table
from ingest.stores.facts import FactStore
from retrieval.records import Answer, CheckNote, Citation, Route, Status, Value
from tests.web.chromium import Server, Visit
from tests.web.injections import INJECTIONS
from tests.web.test_access import jobs
from web.server import build_app
from web.settings import Settings

pytestmark = pytest.mark.browser
PAPER = "evil"
BATCH = 10  # strings in one answer
# elements and links that none of our own texts has; the buttons of a message are not in its content
ACTIVE = (
    ":is(#chat .message-content, #chat .options, #source, .papers-list, .paper-detail, .checks-list, .upload-status)"
    " :is(script, style, iframe, object, embed, form, input, textarea, svg, math, video, audio, base, meta, link, template, marquee, img, [onclick],"
    " a[href]:not([href^='#cite-'], [href*='/api/documents/']))"
)
OURS = "() => ['chat', 'answers', 'ask', 'side'].map(id => document.querySelectorAll('#' + id).length)"


class Evil:
    """Puts the strings into every field of an answer: as many as fit one batch, by the number in the question."""

    def examples(self) -> list[str]:
        return list(INJECTIONS[:6])

    def ask(self, question: str, session_id: str | None = None) -> Answer:
        if not question.startswith("第"):
            return Answer(Status.REFUSED, Route.NONE, f"没有这方面的内容：{question}", session_id="s")
        start = int(question[1:].split("批")[0]) * BATCH
        some = INJECTIONS[start : start + BATCH]
        citations = tuple(
            Citation(n, text, PAPER, text, text, 2021, text, text, table=text, row=(text,), column=(text,), line_start=n, line_end=n)
            for n, text in enumerate(some, 1)
        )
        return Answer(
            Status.ANSWERED,
            Route.HYBRID,
            "\n\n".join(f"{text} [{n}]" for n, text in enumerate(some, 1)),
            values=tuple(Value(text, "9", text, text, (n,)) for n, text in enumerate(some, 1)),
            citations=citations,
            checks=tuple(CheckNote("sum", status, text, (1,)) for text in some for status in ("ok", "broken")),
            query={"sql": "\n\n".join(some), "params": list(some)},
            suggestions=some,
            chart={"unit": some[0], "points": [{"label": text, "value": str(n)} for n, text in enumerate(some)]},
            session_id="s",
        )


def evil_index(index: Path) -> Path:
    """One paper that consists of the strings, and one more for each string as its file name."""
    content = "\n".join(text.replace("\n", " ").replace("\r", " ") for text in INJECTIONS).encode()
    sha256 = hashlib.sha256(content).hexdigest()
    lines = content.decode().split("\n")
    places = [Place(n, n) for n in range(1, len(lines) + 1)]
    cells = tuple(Cell(n, column, text, "label" if column == 0 else "value", places[n]) for n, text in enumerate(INJECTIONS) for column in (0, 1))
    table = Table(
        0,
        INJECTIONS[0],
        INJECTIONS[13],
        INJECTIONS[17],
        INJECTIONS[14],
        INJECTIONS[15],
        (INJECTIONS[16],),
        Place(1, 60),
        cells,
        {1: (INJECTIONS[0],)},
    )

    def reading(name: str, title: str, number: int) -> Reading:
        whole = number == 0
        return Reading(
            name=name,
            sha256=sha256 if whole else f"{number:064}",
            size=len(content),
            loaded=Loaded("txt", tuple(Block(BlockKind.LINE, line, place) for line, place in zip(lines, places, strict=True)), lines=len(lines)),
            identity=Identity(title, title, 2021, PaperKind.BUDGET),
            sections=tuple(Section(n, 1, text, (text,), places[n]) for n, text in enumerate(INJECTIONS)) if whole else (),
            tables=(table,) if whole else (),
            facts=(),
            passages=(),
            checks=tuple(Check("sum", CheckStatus.BROKEN, text, text, text, ()) for text in INJECTIONS) if whole else (),
            problems=(),
        )

    with generations.next_generation(index) as folder:
        store = FactStore(folder / generations.FACTS)
        store.save(reading("全部.txt", INJECTIONS[13], 0), PAPER, "upload:evil.txt", "2026-01-01T00:00:00+00:00")
        for number, text in enumerate(INJECTIONS, 1):
            store.save(reading(f"{text}.txt", text, number), f"p{number}", "upload:x", "2026-01-01T00:00:00+00:00")
        store.close()
    path = generations.original(index, sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return index


@pytest.fixture(scope="module")
def evil(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    index = evil_index(tmp_path_factory.mktemp("evil") / "index")
    server = Server(build_app(Settings(index=index), Evil(), jobs(index)))
    yield server
    server.stop()


@pytest.fixture
def victim(chromium, evil: Server) -> Iterator[Visit]:
    """A visit that must end as it began: on the page, without a script run, a request elsewhere, or an error (the policy's refusals are some)."""
    visit = Visit(chromium, evil.url)
    visit.page.on("dialog", lambda dialog: visit.errors.append(f"dialog {dialog.message}"))
    visit.page.wait_for_selector("#chat .example")
    yield visit
    assert visit.page.evaluate("[window.hacked, ({}).hacked, document.cookie]") == [None, None, ""]
    assert visit.page.locator(ACTIVE).evaluate_all("nodes => nodes.map(node => node.outerHTML)") == []
    assert visit.page.evaluate(OURS) == [1, 1, 1, 1]
    assert visit.page.url == f"{evil.url}/" and visit.hosts() == {evil.url.removeprefix("http://")}
    assert visit.errors == []
    visit.context.close()


def flat(text: str) -> str:
    """The text without blanks and what a page does not show."""
    return "".join(mark for mark in text if mark.isprintable() and not mark.isspace() and mark != "\u200b")


def test_in_questions(victim: Visit) -> None:
    for asked, start in enumerate(range(0, 60, 4), 1):
        question = "\n".join(INJECTIONS[start : start + 4]).replace("\u0000", "")
        assert len(question) <= 500
        victim.ask(question, asked)
        for selector in (".user", ".bot"):  # the refusal says the question again
            shown = flat(victim.page.locator(f"#chat {selector} .message-content").last.inner_text())
            assert flat(question.replace("\r", "")) in shown


def test_in_model_answers(victim: Visit) -> None:
    for batch in range(60 // BATCH):
        victim.ask(f"第{batch}批", batch + 1)
        shown = flat(victim.page.locator("#chat .bot .message-content").last.inner_text())
        assert [text for text in INJECTIONS[batch * BATCH : (batch + 1) * BATCH] if flat(text) not in shown] == []
        for link in victim.page.locator("#chat .bot .message-content").last.locator("p > a[href^='#cite-']").all()[:BATCH]:
            link.click()
            victim.page.wait_for_selector("#source .src-line.hit")
    victim.page.reload()
    victim.wait(60 // BATCH)


def test_in_papers_and_file_names(victim: Visit) -> None:
    victim.page.click("button[role=tab]:has-text('文档')")
    victim.page.wait_for_selector(".papers-list tbody tr")
    listed = flat(victim.text(".papers-list"))
    assert [text for text in INJECTIONS if flat(text) not in listed] == []
    victim.page.click(".papers-list tr:has-text('全部.txt') .link >> nth=0")
    victim.page.wait_for_selector(".paper-table td")
    cells = flat(victim.text(".paper-table"))
    assert [text for text in INJECTIONS if flat(text) not in cells] == []
    victim.page.click(".paper-table .link:has-text('查看原文')")
    victim.page.wait_for_selector("#source .src-line.hit")
    victim.page.keyboard.press("Escape")
    victim.page.click("button[role=tab]:has-text('勾稽报告')")
    victim.page.wait_for_selector(".check")
    report = flat(victim.text(".checks-list"))
    assert [text for text in INJECTIONS if flat(text) not in report] == []


def test_in_the_names_of_uploads(victim: Visit) -> None:
    victim.page.click("button[role=tab]:has-text('文档')")
    for start in range(0, 60, 20):
        files = [{"name": f"{text}.txt", "mimeType": "text/plain", "buffer": "正文".encode()} for text in INJECTIONS[start : start + 20]]
        victim.page.set_input_files(".upload input[type=file]", files)
        victim.page.click(".upload button[type=submit]")
        victim.page.wait_for_function("() => document.querySelectorAll('.upload-status')[0]?.textContent.includes('：正文')")
        assert victim.text(".upload-status").count("：正文") == 20
        victim.page.evaluate("document.querySelector('.upload-status').textContent = ''")
