"""The chat model's door: what goes out, what counts as a reply, and how long a question waits for a server that is down."""

from __future__ import annotations

import logging
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import prompts
from prompts import BadPrompt, load
from retrieval.model import Breaker, Connection, Model, ModelUnavailable
from tests.retrieval.chat_server import ChatServer, cut_off, dripping, never_streaming, raw, silent, status, too_long
from web.settings import BadSetting, read_settings

ROOT = Path(__file__).parents[2]
ASKED = [("system", "规则"), ("human", "材料")]


@pytest.fixture
def chat() -> Iterator[ChatServer]:
    with ChatServer(lambda _: "答复，分几块送来").running() as server:
        yield server


def model_of(chat: ChatServer, timeout: int = 2, **more: object) -> Model:
    return Model(Connection(chat.url, "qwen", "sk-secret-key", timeout, **more))


def test_what_is_sent_and_what_comes_back(chat: ChatServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-another-server")
    assert model_of(chat).complete(ASKED) == "答复，分几块送来"
    assert chat.requests == [
        {
            "model": "qwen",
            "stream": True,
            "temperature": 0,
            "messages": [{"role": "system", "content": "规则"}, {"role": "user", "content": "材料"}],
        }
    ]
    assert chat.headers[0]["authorization"] == "Bearer sk-secret-key"
    Model(Connection(chat.url, "qwen")).complete(ASKED)
    assert chat.headers[1]["authorization"] == "Bearer none"


def test_a_server_that_does_not_stream_is_asked_once_more_and_remembered(chat: ChatServer) -> None:
    chat.script = lambda _: never_streaming("整段答复")
    model = model_of(chat)
    assert [model.complete(ASKED), model.complete(ASKED)] == ["整段答复"] * 2
    assert [request.get("stream", False) for request in chat.requests] == [True, False, False]


def test_one_retry_and_no_more(chat: ChatServer) -> None:
    chat.script = lambda _: status(503) if len(chat.requests) == 1 else "第二次"
    assert (model_of(chat).complete(ASKED), len(chat.requests)) == ("第二次", 2)
    chat.script = lambda _: status(503)
    with pytest.raises(ModelUnavailable):
        model_of(chat).complete(ASKED)
    assert len(chat.requests) == 4


BAD = {
    "wrong key": status(401),
    "no such model": status(404),
    "dies in the middle": cut_off("答复的前一半和后一半"),
    "stopped by length": too_long("答复的前一半"),
    "web page": raw(b"<html>hello</html>", "text/html"),
    "broken JSON": raw(b"data: {oops\n\n"),
    "other JSON": raw(b'data: {"choices": 3}\n\ndata: [DONE]\n\n'),
    "bytes": raw(b"\xff\xfe\x00", "application/json"),
    "nothing": raw(b""),
    "empty": "",
}


@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
@pytest.mark.parametrize("name", BAD)
def test_what_is_no_reply(name: str, chat: ChatServer) -> None:
    chat.script = lambda _: BAD[name]
    with pytest.raises(ModelUnavailable):
        model_of(chat).complete(ASKED)


@pytest.mark.parametrize("misbehaviour", [silent(3), dripping(3)])
def test_a_question_waits_no_longer_than_the_timeout(misbehaviour: object, chat: ChatServer) -> None:
    model = model_of(chat, timeout=1)
    model.complete(ASKED)
    chat.script = lambda _: misbehaviour
    started = time.monotonic()
    with pytest.raises(ModelUnavailable):
        model.complete(ASKED)
    assert time.monotonic() - started < 2


def test_nobody_listening() -> None:
    with pytest.raises(ModelUnavailable):
        Model(Connection("http://127.0.0.1:9/v1", "m", timeout=5)).complete(ASKED)


def test_the_breaker_opens_and_lets_one_try() -> None:
    now = [0.0]
    breaker = Breaker(failures=2, pause=60, clock=lambda: now[0])
    breaker.failed()
    assert breaker.lets_through()
    breaker.failed()
    assert not breaker.lets_through()
    now[0] = 61
    assert [breaker.lets_through(), breaker.lets_through()] == [True, False]
    breaker.failed()
    now[0] = 100
    assert not breaker.lets_through()
    now[0] = 122
    assert breaker.lets_through()
    breaker.succeeded()
    assert breaker.lets_through() and breaker.lets_through()


def test_an_open_breaker_asks_nobody(chat: ChatServer) -> None:
    chat.script = lambda _: status(400)
    model = model_of(chat)
    for _ in range(5):
        with pytest.raises(ModelUnavailable):
            model.complete(ASKED)
    assert len(chat.requests) == 3


def test_the_log_shows_everything_but_the_key_and_only_on_demand(chat: ChatServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    model_of(chat).complete(ASKED)
    assert caplog.text == ""
    model_of(chat, log=True).complete(ASKED)
    assert all(text in caplog.text for text in ("规则", "材料", "答复，分几块送来"))
    chat.script = lambda _: status(401)  # its message repeats the key
    with pytest.raises(ModelUnavailable):
        model_of(chat, log=True).complete(ASKED)
    assert "sk-" not in caplog.text and "sk-" not in repr(Connection("http://h/v1", "m", "sk-secret-key"))


def test_tracing_switched_on_in_the_environment_tells_nobody(chat: ChatServer) -> None:
    with ChatServer(lambda _: "").running() as tracer:
        code = (
            f"from retrieval.model import *; print(Model(Connection({chat.url!r}, 'm')).complete([('human', 'x')])); "
            "from langchain_core.tracers.langchain import wait_for_all_tracers; wait_for_all_tracers()"
        )
        environment = {"LANGSMITH_TRACING": "true", "LANGSMITH_API_KEY": "k", "LANGSMITH_ENDPOINT": tracer.url, "PATH": ""}
        result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
        assert (result.stdout, tracer.requests) == ("答复，分几块送来\n", [])


def test_without_a_model_langchain_is_not_loaded(sample_index: Path) -> None:
    code = (
        "import sys, app; status = app.ask(['2021年扶贫办三公经费多少', '--index', sys.argv[1]]); "
        "print([m for m in ('langchain', 'langchain_core', 'langchain_openai', 'openai', 'langsmith') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code, str(sample_index)], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert result.stdout.endswith("\n[]\n"), result.stderr


# Settings


def test_settings_of_the_model() -> None:
    environment = {
        "BUDGET_QA_LLM_BASE_URL": "http://10.0.0.5:8000/v1/",
        "BUDGET_QA_LLM_MODEL": "qwen3-32b",
        "BUDGET_QA_LLM_API_KEY": "sk-secret-key",
        "BUDGET_QA_LLM_TIMEOUT": "45",
        "BUDGET_QA_LLM_LOG": "1",
    }
    settings = read_settings({}, environment)
    assert settings.llm == Connection("http://10.0.0.5:8000/v1", "qwen3-32b", "sk-secret-key", 45, True)
    assert "sk-secret" not in repr(settings)
    assert read_settings({}, {}).llm is None


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"BASE_URL": "ftp://h/v1", "MODEL": "m"}, "设置 BUDGET_QA_LLM_BASE_URL 的值“ftp://h/v1”不可用：应为“http(s)://主机[:端口]/路径”"),
        ({"BASE_URL": "http://user:pw@h/v1", "MODEL": "m"}, "设置 BUDGET_QA_LLM_BASE_URL 的值“http://user:pw@h/v1”不可用"),
        ({"BASE_URL": "http://h/v1"}, "设置 BUDGET_QA_LLM_BASE_URL 和 BUDGET_QA_LLM_MODEL 要一起写：接口地址和模型名称缺一不可"),
        ({"TIMEOUT": "0"}, "设置 BUDGET_QA_LLM_TIMEOUT 的值“0”不可用：应为 1 到 300 的整数"),
        ({"LOG": "yes"}, "设置 BUDGET_QA_LLM_LOG 的值“yes”不可用：应为 1（开）或 0（关）"),
        ({"API_KEY": "密 钥"}, "设置 BUDGET_QA_LLM_API_KEY 的值（内容不显示）不可用：应为不含空格的英文字符"),
    ],
)
def test_a_wrong_setting_is_named(environment: dict[str, str], message: str) -> None:
    with pytest.raises(BadSetting) as error:
        read_settings({}, {f"BUDGET_QA_LLM_{name}": text for name, text in environment.items()})
    assert str(error.value).startswith(message)


# Prompts


def test_a_prompt_is_filled_and_what_is_filled_in_is_not_read_again() -> None:
    assert "<问题>\n$evidence ${x}\n</问题>" in load("material", question="$evidence ${x}", evidence="二")


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        ("material", {"question": "一"}, "提示词 material.md：缺少 ['evidence']，多余 []"),
        ("material", {"question": "一", "evidence": "二", "more": "三"}, "提示词 material.md：缺少 []，多余 ['more']"),
        ("nothing", {}, "没有提示词 nothing.md"),
    ],
)
def test_a_prompt_that_does_not_fit_is_refused(name: str, values: dict[str, str], message: str) -> None:
    with pytest.raises(BadPrompt) as error:
        load(name, **values)
    assert str(error.value) == message


def test_a_lone_dollar_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prompts, "FOLDER", tmp_path)
    (tmp_path / "price.md").write_text("每份 5$", encoding="utf-8")
    with pytest.raises(BadPrompt, match=r"提示词 price.md 里有不成对的 \$"):
        load("price")
