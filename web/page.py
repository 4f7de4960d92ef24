"""The chat page, in Gradio (the only file that imports it). What Gradio does not offer is added by static/app.js over the interface."""

from __future__ import annotations

import os

# before the import: each of these would otherwise make the server call other hosts, or (the last) summarise every event with pandas
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["GRADIO_RUN_HISTORY"] = "False"
os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", "100000")

import json
import logging
import secrets
import time
from collections.abc import Iterator
from threading import Lock
from typing import Any

import gradio as gr
from fastapi import FastAPI

from retrieval.answer import mask
from web import wording
from web.desk import Desk
from web.errors import ApiError
from web.markdown import answer_markdown, cited, escaped, unescaped

log = logging.getLogger("budget_qa.web")

Messages = list[dict[str, Any]]
# What a chat keeps beside its messages: the dialogue's session, and the citations of each answer under its key
Kept = dict[str, Any]
_KEPT_MESSAGES = 40
_KEPT_ANSWERS = 20
_PIECES = 14  # steps in which a found answer is written out
# With so many others asking, an answer comes whole: every step costs the server as much as finding the answer does, and all would wait for it
_CROWD = 6
_STEP_S = 0.025
_ASK = {"concurrency_limit": 16, "concurrency_id": "ask", "show_progress": "hidden", "api_visibility": "private"}
_SIDE = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}


def mount_page(app: FastAPI, desk: Desk, run: str = "") -> FastAPI:
    """Mounts the page at the base path; the mounted application answers everything the interface does not.

    `run` names the server's run where several workers serve one page: browsers take another name for a restart, and load the page anew.
    """
    blocks = _blocks(desk)
    if run:
        blocks.app_id = int(run, 16)
    blocks.queue(max_size=200, default_concurrency_limit=16, api_open=False)
    return gr.mount_gradio_app(
        app,
        blocks,
        path=desk.settings.base_path or "/",
        allowed_paths=[],
        max_file_size="1mb",
        show_error=False,
        footer_links=[],
        run_history=False,
        enable_monitoring=False,
        mcp_server=False,
        ssr_mode=False,
        pwa=False,
        theme=_theme(),
    )


def _theme() -> gr.themes.Base:
    fonts = ["Microsoft YaHei", "PingFang SC", "Noto Sans CJK SC", "Source Han Sans SC", "sans-serif"]
    return gr.themes.Default(
        primary_hue=gr.themes.colors.blue,
        secondary_hue=gr.themes.colors.blue,
        neutral_hue=gr.themes.colors.slate,
        radius_size=gr.themes.sizes.radius_md,
        font=fonts,
        font_mono=["Consolas", "Menlo", "Noto Sans Mono CJK SC", "monospace"],
    )


def _blocks(desk: Desk) -> gr.Blocks:
    with gr.Blocks(title=wording.TITLE, fill_width=True, fill_height=True, analytics_enabled=False) as blocks:
        gr.Markdown(f'# {wording.TITLE}\n<p class="subtitle">{wording.SUBTITLE}</p>', elem_id="masthead")
        with gr.Tabs(elem_id="tabs"):
            with gr.Tab("问答", id="chat-tab"):
                _chat(desk, blocks)
            with gr.Tab("文档", id="papers-tab"):
                gr.Markdown("", elem_id="papers")
            with gr.Tab("勾稽报告", id="checks-tab"):
                gr.Markdown("", elem_id="checks")
            # hidden until the visitor has shown to be an administrator (static/http.js); everything in it asks the server, which checks again
            with gr.Tab("评测", id="evaluation-tab", elem_id="evaluation-tab"):
                gr.Markdown("", elem_id="evaluation")
    return blocks


def _chat(desk: Desk, blocks: gr.Blocks) -> None:
    with gr.Row(elem_id="talk"):
        with gr.Column(scale=1, elem_id="main"):
            chat = gr.Chatbot(
                elem_id="chat",
                label="对话",
                show_label=False,
                buttons=["copy"],
                feedback_options=["Like", "Dislike", *wording.REASONS],
                layout="bubble",
                allow_tags=False,
                latex_delimiters=[],
                placeholder=wording.WELCOME,
                height="auto",
            )
            with gr.Row(elem_id="ask-row"):
                box = gr.Textbox(
                    elem_id="ask",
                    label="问题",
                    show_label=False,
                    container=False,
                    placeholder=wording.PLACEHOLDER,
                    submit_btn="发送",
                    max_length=desk.settings.max_question,
                    max_lines=4,
                    scale=8,
                )
                new = gr.Button("新对话", elem_id="new-chat", scale=0, min_width=88)
        gr.Column(scale=1, elem_id="side")
    answers = gr.Textbox("{}", elem_id="answers", visible="hidden", label="answers", show_label=False)
    kept = gr.State({})
    # the key travels with the page and hides nothing; without one of its own every restart would lose the history
    browser = gr.BrowserState({}, storage_key="budget-qa-chat", secret="budget-qa")
    _wire(desk, chat, box, answers, kept, browser)

    def restored(stored: Any) -> tuple[Any, ...]:
        # the examples are read anew each time: papers may have come since the server started
        messages, state = _restored(stored)
        return gr.Chatbot(value=messages, examples=[{"text": text} for text in _examples(desk)]), _cited_places(state), state

    gr.on([new.click, chat.clear], lambda: ([], "", "{}", {}, {}), None, [chat, box, answers, kept, browser], **_SIDE)
    blocks.load(restored, browser, [chat, answers, kept], **_SIDE)


def _wire(desk: Desk, chat: gr.Chatbot, box: gr.Textbox, answers: gr.Textbox, kept: gr.State, browser: gr.BrowserState) -> None:
    """Every way to ask, each followed by a note in the browser's own store; and judgements of answers."""
    talk = [chat, box, answers, kept]

    def asked(question: str, messages: Messages, state: Kept, request: gr.Request) -> Iterator[Any]:
        yield from _respond(desk, question, messages, state, request)

    def example_chosen(messages: Messages, state: Kept, event: gr.SelectData, request: gr.Request) -> Iterator[Any]:
        yield from _respond(desk, event.value["text"], messages, state, request)

    def suggestion_chosen(messages: Messages, state: Kept, event: gr.SelectData, request: gr.Request) -> Iterator[Any]:
        yield from _respond(desk, str(event.value), messages, state, request)

    def asked_again(messages: Messages, state: Kept, event: gr.RetryData, request: gr.Request) -> Iterator[Any]:
        question = unescaped(_plain(messages[event.index]["content"]))
        yield from _respond(desk, question, messages[: event.index], state, request)

    def judged(messages: Messages, state: Kept, event: gr.LikeData, request: gr.Request) -> None:
        _note_feedback(desk, messages, state, event, request)

    for event in (
        box.submit(asked, [box, chat, kept], talk, **_ASK),
        chat.example_select(example_chosen, [chat, kept], talk, **_ASK),
        chat.option_select(suggestion_chosen, [chat, kept], talk, **_ASK),
        chat.retry(asked_again, [chat, kept], talk, **_ASK),
    ):
        event.then(_to_store, [chat, kept], browser, **_SIDE)
    # through the queue: only there can an event show a message
    chat.like(judged, [chat, kept], None, **{**_SIDE, "queue": True})


class _Crowd:
    """Counts the questions that are being answered; entering tells how many others there are."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._count = 0

    def __enter__(self) -> int:
        with self._lock:
            self._count += 1
            return self._count - 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._count -= 1


_crowd = _Crowd()


def _ends(length: int, pieces: int) -> range:
    """Where the pieces of a text of this length end, but for the last one; none when it is to come whole."""
    return range(length // pieces, length, length // pieces) if 1 < pieces <= length else range(0)


def _respond(desk: Desk, question: str, messages: Messages, state: Kept, request: gr.Request) -> Iterator[tuple[Any, ...]]:
    """The messages, the emptied question box, the citations and the kept state, step by step while an answer is written."""
    messages = [*messages, {"role": "user", "content": escaped(question)}, {"role": "assistant", "content": wording.THINKING}]
    with _crowd as others:
        if others < _CROWD:
            yield messages, "", gr.skip(), gr.skip()
        try:
            answer = desk.answer(question, state.get("session"), request.state.visitor)
        except ApiError as refusal:
            yield _with_last(messages, f"⚠ {escaped(refusal.message)}"), "", gr.skip(), gr.skip()
            return
        except Exception:
            log.exception("no answer to a question from the page")
            yield _with_last(messages, wording.FAILED), "", gr.skip(), gr.skip()
            return
        key = secrets.token_hex(4)
        state = _kept_with(state, key, question, answer)
        known = frozenset(citation["id"] for citation in answer["citations"])
        text = answer["answer"]
        for end in _ends(len(text), _PIECES * (_CROWD - others) // _CROWD):
            yield _with_last(messages, cited(text[:end], key, known)), gr.skip(), gr.skip(), gr.skip()
            time.sleep(_STEP_S)
        options = [{"value": suggestion, "label": suggestion} for suggestion in answer["suggestions"][:5]]
        box = gr.skip() if others < _CROWD else ""  # else it has been emptied before, and may hold the next question
        yield _with_last(messages, answer_markdown(answer, key), options), box, _cited_places(state), state


def _with_last(messages: Messages, text: str, options: list[dict[str, str]] | None = None) -> Messages:
    last = {"role": "assistant", "content": text}
    return [*messages[:-1], {**last, "options": options} if options else last]


def _kept_with(state: Kept, key: str, question: str, answer: dict[str, Any]) -> Kept:
    answers = {**state.get("answers", {}), key: {"question": question, "citations": answer["citations"]}}
    return {"session": answer["session_id"], "answers": dict(list(answers.items())[-_KEPT_ANSWERS:])}


def _cited_places(state: Kept) -> str:
    return json.dumps({key: answer["citations"] for key, answer in state.get("answers", {}).items()}, ensure_ascii=False)


def _to_store(messages: Messages, state: Kept) -> dict[str, Any]:
    # only what _restored needs: role, text and the suggestions of each message
    slim = [{"role": m["role"], "content": _plain(m["content"]), "options": m.get("options") or []} for m in messages[-_KEPT_MESSAGES:]]
    return {"messages": slim, "kept": state}


def _restored(stored: Any) -> tuple[Messages, Kept]:
    """The chat of this browser's last visit, or an empty one: what a browser stores may be of another version, or made up."""
    try:
        messages = [
            {
                "role": "user" if message["role"] == "user" else "assistant",
                "content": str(message["content"]),
                "options": [{"value": str(option["value"]), "label": str(option["value"])} for option in message["options"]],
            }
            for message in stored["messages"]
        ]
        answers = {
            str(key): {"question": str(answer["question"]), "citations": list(answer["citations"])}
            for key, answer in stored["kept"]["answers"].items()
        }
        return messages, {"session": str(stored["kept"]["session"]), "answers": answers}
    except (KeyError, TypeError, AttributeError):
        return [], {}


def _examples(desk: Desk) -> list[str]:
    try:
        return desk.assistant.examples()[:6]
    except Exception as error:
        log.warning("no example questions: %s", error)
        return []


def _note_feedback(desk: Desk, messages: Messages, state: Kept, event: gr.LikeData, request: gr.Request) -> None:
    index = event.index if isinstance(event.index, int) else event.index[0]
    asked = [unescaped(_plain(message["content"])) for message in messages[:index] if message["role"] == "user"]
    reason = event.liked if isinstance(event.liked, str) else ""
    rating = "up" if event.liked is True or reason == "Like" else "down"
    who = request.state.visitor.name
    desk.notebook.note_feedback(who, state.get("session", ""), mask(asked[-1]) if asked else "", rating, reason if reason in wording.REASONS else "")
    gr.Info(wording.THANKS, title="反馈")


def _plain(content: Any) -> str:
    """A message's text: handlers receive it in parts."""
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in content if part.get("type") == "text")
