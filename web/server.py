"""Puts the interface, the page and their guard together and serves them: in one process, or in several (web.workers) behind one port."""

from __future__ import annotations

import argparse
import logging
import socket
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path
from threading import Thread

import uvicorn
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.staticfiles import StaticFiles

from ingest import generations
from ingest.engines import CHROMA, DATABASE, set_engines
from retrieval.model import Model
from web import workers
from web.access import Access, RateLimit
from web.affinity import Affinity, Seat
from web.api import add_api, app_version
from web.credentials import FILE as CREDENTIALS
from web.credentials import Credentials
from web.desk import Desk
from web.documents import Jobs
from web.errors import add_error_handlers
from web.evaluation import Evaluations
from web.guard import Guard
from web.library import Library
from web.login import add_login
from web.metrics import Metrics, log_lines
from web.notebook import Notebook
from web.pool import Asks, Pool
from web.settings import BadSetting, Settings, add_options, read_settings
from web.shared import FILE as SHARED
from web.shared import Shared

log = logging.getLogger("budget_qa.web")

# Questions worked on at once: more would only take each other's turns in one Python process, unless they wait for a chat model
ASSISTANTS, WITH_MODEL = 2, 8
STATIC = Path(__file__).parent / "static"


def build_app(
    settings: Settings,
    assistant: Asks | None = None,
    jobs: Jobs | None = None,
    *,
    page: bool = True,
    seat: Seat | None = None,
    ready: Callable[[], None] = lambda: None,
) -> Guard:
    """The whole server as one ASGI application. `assistant` and `jobs` stand in for the real ones in tests; without `page`, the interface only.

    As one of several workers it has a `seat` among them; `ready` is called when it answers.
    """
    shared = Shared(settings.index / SHARED)
    credentials = Credentials(settings.index / CREDENTIALS)
    desk = Desk(
        settings=settings,
        credentials=credentials,
        assistant=assistant or Pool(_assistants(settings), WITH_MODEL if settings.llm else ASSISTANTS),
        library=Library(settings.index),
        jobs=jobs or Jobs(settings.index, settings.embedding),
        notebook=Notebook(settings.index / generations.NOTES),
        rate=RateLimit(shared, "ask", settings.rate_limit),
        metrics=Metrics(shared, seat.run, seat.number) if seat else Metrics(),
        evaluations=Evaluations(settings.index),
    )

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        ready()
        yield
        # uvicorn has let the questions under way end; an upload being read is given up, and the index in force stays as it is
        desk.jobs.close()
        desk.evaluations.close()
        desk.notebook.close()
        desk.metrics.close()
        credentials.close()
        shared.close()

    base = settings.base_path
    app = FastAPI(
        title="预算文档智能问答",
        version=app_version(),
        description="对部门预算、部门决算和项目绩效目标文档提问，回答附原文出处。",
        docs_url=None,
        redoc_url=None,
        openapi_url=f"{base}/api/openapi.json",
        lifespan=life,
    )
    # Without a CORS layer of ours Gradio answers every origin, with credentials; with it, only the portals may call
    app.add_middleware(
        CORSMiddleware, allow_origins=list(settings.portals), allow_methods=["GET", "POST"], allow_headers=["content-type"], allow_credentials=True
    )
    add_error_handlers(app)
    add_api(app, desk)
    add_login(app, settings, credentials, shared)
    app.mount(f"{base}/web", StaticFiles(directory=STATIC), name="web")
    if page:
        from web.page import mount_page

        app = mount_page(app, desk, seat.run if seat else "")
    return Guard(Affinity(app, seat, base) if seat else app, settings, Access(settings, credentials), desk.metrics)


def _assistants(settings: Settings) -> Callable[[], Asks]:
    # one model for all, so that they share its breaker
    model = Model(settings.llm) if settings.llm else None

    def make() -> Asks:
        # imported at the first question, so that the server is up at once; it starts before there are papers and answers 503 till then
        from retrieval.assistant import Assistant

        return Assistant(settings.index, model=model)

    return make


def warm_up(index: Path) -> None:
    """Loads what the first question answered from prose would else wait seconds for (word lists, vectors). Never raises: it only saves time."""
    try:
        from ingest.stores.facts import FactStore
        from retrieval.evidence.passages import Passages

        folder = generations.current(index)
        Passages(FactStore.serving(folder / generations.FACTS), folder).search("主要职责", limit=1)
    except Exception as error:
        log.info("not warmed up: %s", error)


def serve(settings: Settings) -> int:
    """Serves until Ctrl-C or SIGTERM; returns the exit status. Raises BadSetting when the address cannot be taken."""
    set_engines({CHROMA: settings.chroma_url, DATABASE: settings.database_url})
    with closing(_listener(settings.host, settings.port)) as listener:

        def announce() -> None:
            host = f"[{settings.host}]" if ":" in settings.host else settings.host
            print(f"预算文档智能问答已启动：http://{host}:{settings.port}{settings.base_path}/ （按 Ctrl-C 停止）", flush=True)

        if settings.workers > 1:
            return workers.supervise(settings, listener, work, announce)
        log_lines()
        app = build_app(settings)
        announce()
        with suppress(KeyboardInterrupt):  # uvicorn raises it again when all is closed: Ctrl-C is an end in order, too
            _serve(settings, app, listener)
    return 0


def work(settings: Settings, listener: socket.socket, seat: Seat, ready: Callable[[], None]) -> None:
    """One of several workers, in a process of its own; see web.workers."""
    _log_to_stderr()
    log_lines()
    _serve(settings, build_app(settings, seat=seat, ready=ready), listener)


def _serve(settings: Settings, app: Guard, listener: socket.socket) -> None:
    Thread(target=warm_up, args=[settings.index], daemon=True).start()
    # who is behind a proxy is decided in web.access, so uvicorn must not rewrite the peer's address
    config = uvicorn.Config(app, log_level="warning", proxy_headers=False, server_header=False, timeout_graceful_shutdown=5, timeout_keep_alive=30)
    uvicorn.Server(config).run(sockets=[listener])


def _log_to_stderr() -> None:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")


def _listener(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        raise BadSetting(f"无法监听 {host}:{port}（{error.strerror or error}）：端口可能已被占用，请用 --port 换一个。") from None
    return listener


def main(arguments: Sequence[str] | None = None) -> int:
    """`python app.py [options]`: reads the settings and serves; a wrong setting ends in one line on standard error and status 2."""
    parser = argparse.ArgumentParser(prog="python app.py", description="预算文档智能问答：网页与接口")
    add_options(parser)
    _log_to_stderr()
    try:
        return serve(read_settings(parser.parse_args(arguments)))
    except BadSetting as error:
        print(f"错误：{error}", file=sys.stderr)
        return 2
