"""Behind real nginx with the file we ship, deploy/nginx.conf: a sub-path, single sign-on by header, a portal on another origin."""

from __future__ import annotations

import http.server
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.web.chromium import PORTAL_PAGE, QUESTION, Server, Site, Visit, site
from tests.web.sample import ScriptedAssistant, make_index
from web.credentials import FILE, Credentials
from web.server import build_app
from web.settings import Settings

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
SHIPPED = Path(__file__).parents[2] / "deploy" / "nginx.conf"
pytestmark = [pytest.mark.browser, pytest.mark.skipif(NGINX is None, reason="needs nginx")]
AROUND = """
daemon off; pid {folder}/nginx.pid; error_log stderr error; worker_processes 1; {user}
events {{}}
http {{
    access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u;
    scgi_temp_path {folder}/s;
    include {folder}/budget-qa.conf;
}}
"""
ASK = """async ([url, question]) => {
    const options = {method: 'POST', credentials: 'include', headers: {'content-type': 'application/json'}, body: JSON.stringify({question})};
    try { const reply = await fetch(url, options); return [reply.status, (await reply.json()).values[0].value]; }
    catch (error) { return [0, error.message]; } }"""


class Checks(http.server.BaseHTTPRequestHandler):
    """Stands for the office's single sign-on: the cookie `sso` holds the name."""

    def do_GET(self) -> None:
        user = dict(part.strip().split("=", 1) for part in self.headers.get("cookie", "").split(";") if "=" in part).get("sso")
        self.send_response(200 if user else 401)
        if user:
            self.send_header("X-User", user)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


@dataclass
class Front:
    """nginx as the world sees it, the server behind it, and the server's index."""

    url: str
    server: Server
    index: Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory, portal: Site) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("nginx")
    with ExitStack() as stack:
        sso = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Checks)
        threading.Thread(target=sso.serve_forever, daemon=True).start()
        stack.callback(sso.shutdown)
        index = make_index(folder / "index")
        # 127.0.0.1 is the proxy; 127.0.0.2 can so be somebody who gets past it
        settings = Settings(
            index=index,
            base_path="/tools/qa",
            user_header="x-remote-user",
            trust_proxy=("127.0.0.1",),
            portals=(f"http://127.0.0.1:{portal.server_port}",),
        )
        server = Server(build_app(settings, ScriptedAssistant()))
        stack.callback(server.stop)
        port = free_port()
        shipped = SHIPPED.read_text(encoding="utf-8")
        for ours, tests in (
            ("listen 80;", f"listen 127.0.0.1:{port};"),
            ("127.0.0.1:7860", f"127.0.0.1:{server.port}"),
            (":9000", f":{sso.server_port}"),
        ):
            assert ours in shipped
            shipped = shipped.replace(ours, tests)
        (folder / "budget-qa.conf").write_text(shipped, encoding="utf-8")
        (folder / "nginx.conf").write_text(AROUND.format(folder=folder, user="user root;" if folder.owner() == "root" else ""), encoding="utf-8")
        process = subprocess.Popen([NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf")], stderr=subprocess.PIPE, text=True)
        stack.callback(process.wait)
        stack.callback(process.terminate)
        until = time.monotonic() + 10
        while socket.socket().connect_ex(("127.0.0.1", port)):
            assert time.monotonic() < until and process.poll() is None, process.stderr.read()
            time.sleep(0.05)
        yield Front(f"http://127.0.0.1:{port}/tools/qa", server, index)


def signed_on(chromium, url: str, front: Front) -> Visit:
    """A browser whose user the office's single sign-on knows."""
    return Visit(chromium, url, cookies=[{"name": "sso", "value": "zhangsan", "url": front.url}])


def test_the_page_works_on_the_sub_path_and_streams(chromium, front: Front) -> None:
    visit = signed_on(chromium, front.url, front)
    assert visit.page.url == f"{front.url}/"
    visit.page.evaluate("""() => { window.steps = new Set();
        new MutationObserver(() => window.steps.add(document.querySelector('#chat .bot .prose')?.textContent.length))
            .observe(document.body, {childList: true, subtree: true, characterData: true}); }""")
    visit.ask()
    assert visit.text("#chat .bot strong") == "9 万元"
    assert visit.page.evaluate("window.steps.size") >= 4  # piece by piece through nginx, not at once
    visit.page.click("#chat a[href^='#cite-'] >> nth=0")
    visit.page.wait_for_selector("#source .src-line.hit")
    assert visit.text("#masthead .account") == "zhangsan"
    assert visit.errors == [] and visit.hosts() == {front.url.split("/")[2]}
    visit.context.close()


def test_without_single_sign_on_nginx_lets_nobody_in(front: Front) -> None:
    for path in ("/", "/api/documents", "/gradio_api/info"):
        for forged in ({}, {"x-remote-user": "admin"}, {"x-user": "admin"}, {"x-forwarded-for": "127.0.0.1"}):
            assert httpx.get(front.url + path, headers=forged).status_code == 401
    assert httpx.get(f"{front.url}/web/embed.js").status_code == 200


def test_a_forged_header_changes_nobody(front: Front) -> None:
    forged = {"x-remote-user": "admin", "x-user": "admin", "x-forwarded-for": "127.0.0.1", "cookie": "sso=zhangsan"}
    assert httpx.get(f"{front.url}/api/me", headers=forged).json()["user"] == "zhangsan"
    # an address that a key opens, and a preflight, pass nginx without single sign-on: the header must still mean nothing
    _, key = Credentials(front.index / FILE).add_key("程序", ("read",), 1)
    for authorization, answer in ((f"Bearer {key}", (200, "key:程序")), ("Bearer x", (401, None))):
        reply = httpx.get(f"{front.url}/api/me", headers={"x-remote-user": "admin", "authorization": authorization})
        assert (reply.status_code, reply.json().get("user")) == answer
    # past the proxy: whoever reaches the server itself from another address
    past = httpx.Client(transport=httpx.HTTPTransport(local_address="127.0.0.2"), headers={"x-remote-user": "admin"})
    assert past.get(f"{front.server.url}/tools/qa/api/me").json()["error"]["code"] == "not_signed_in"


def test_a_portal_on_the_list_embeds_the_page_and_asks(chromium, front: Front, portal: Site) -> None:
    portal.page = PORTAL_PAGE.read_text(encoding="utf-8").replace("http://qa.example", front.url)
    visit = signed_on(chromium, f"http://127.0.0.1:{portal.server_port}", front)
    visit.page.click("[data-question]")
    frame = visit.page.wait_for_selector("iframe").content_frame()
    frame.wait_for_function("() => document.querySelector('#ask textarea')?.value.includes('三公经费')")
    frame.press("#ask textarea", "Enter")
    frame.wait_for_selector("#chat .bot strong:has-text('9 万元')")
    assert visit.page.evaluate(ASK, [f"{front.url}/api/ask", QUESTION]) == [200, "9"]
    visit.context.close()


def test_another_site_neither_embeds_nor_asks(chromium, front: Front) -> None:
    # another port of the same host: the browser sends the user's cookies along, and still nothing comes of it
    with site() as other:
        other.page = f"<iframe src='{front.url}/?embed=1'></iframe>"
        visit = signed_on(chromium, f"http://127.0.0.1:{other.server_port}", front)
        visit.page.wait_for_timeout(1000)
        embedded = [frame.query_selector("#ask") for frame in visit.page.frames]
        asked = visit.page.evaluate(ASK, [f"{front.url}/api/ask", QUESTION])
    assert any("frame-ancestors" in error for error in visit.errors)
    assert (embedded, asked) == ([None, None], [0, "Failed to fetch"])
    visit.context.close()
