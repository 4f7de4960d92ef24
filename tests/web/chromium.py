"""A server on a free port, a portal beside it, and Chromium to visit both."""

from __future__ import annotations

import http.server
import shutil
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import uvicorn

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # names of other hosts do not resolve: a page that needed one fails here, not only where there is no internet
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
]
QUESTION = "2021年扶贫办三公经费多少"
PORTAL_PAGE = Path(__file__).parents[2] / "deploy" / "portal-example.html"


class Server:
    """The application served on a free port of this machine, in a thread."""

    def __init__(self, app: object) -> None:
        config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", proxy_headers=False, timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.02)
        self.port = self._server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(5)


class Site(http.server.ThreadingHTTPServer):
    """A site of its own with one page (`page`, HTML), under 127.0.0.1 and localhost: two origins."""

    page = ""


@contextmanager
def site() -> Iterator[Site]:
    """A site on a free port, until the block ends."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.server.page.encode()  # type: ignore[attr-defined]
            self.send_response(200)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    server = Site(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


class Visit:
    """A fresh browser profile on the page; keeps every address asked for and every error of the page's console."""

    def __init__(
        self, chromium, url: str, width: int = 1280, locale: str = "en-US", path: str = "/", cookies: Sequence = (), **options: object
    ) -> None:
        self.context = chromium.new_context(viewport={"width": width, "height": 800}, locale=locale, **options)
        self.context.add_cookies(list(cookies))
        self.page = self.context.new_page()
        self.asked: list[str] = []
        self.errors: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(url + path)

    def ask(self, question: str = QUESTION, answers: int = 1) -> None:
        self.page.wait_for_selector("#ask textarea")
        self.page.fill("#ask textarea", question)
        self.page.press("#ask textarea", "Enter")
        self.wait(answers)

    def wait(self, answers: int) -> None:
        """Until so many answers stand, the last one complete: nothing of the chat changes any more."""
        self.page.wait_for_function("n => document.querySelectorAll('#chat .message-buttons-left').length >= n", arg=answers)
        before = ""
        while before != (now := self.page.inner_html("#chat") + self.page.inner_html("#side")):
            before = now
            self.page.wait_for_timeout(350)

    def hosts(self) -> set[str]:
        return {urlsplit(address).netloc for address in self.asked if not address.startswith(("data:", "blob:"))}

    def text(self, selector: str) -> str:
        return self.page.inner_text(selector)
