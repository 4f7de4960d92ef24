"""Pure ASGI around everything the server answers: limits first, then headers.

Pure ASGI and not Starlette's BaseHTTPMiddleware, which would sit in the way of event streams. In order:

    visitor          who is asking (web.access) goes along as `request.state.visitor`; a key that is not good is refused
    foreign origin   a request that changes something and comes from a page of another site is refused (a multipart form needs no CORS)
    sign-on          where all have to sign on, others are refused, and visitors of the page are led to web.login
    size             a body over the limit is refused by its declared length, or cut off while it arrives
    headers          content security policy, no sniffing, referrers stay here
    page             the HTML page gets a fresh nonce for its scripts, and its language is Chinese whatever the browser says
"""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from web.access import Access, Visitor, visitor_of
from web.errors import ApiError, error_body
from web.metrics import Metrics, note
from web.settings import Settings

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_CHANGING = ("POST", "PUT", "PATCH", "DELETE")
# asked by machines (the third has a check of its own), and what signing on needs
_UNSIGNED = ("/api/health", "/api/ready", "/metrics", "/login", "/logout")
_PROGRAM = ("/web/", "/assets/")  # scripts and styles, the same for everybody
# what takes a turn of the workers: more at once than can be answered in a few seconds are better told so at once
_WORK = ("/api/ask", "/api/documents", "/api/checks", "/api/export", "/gradio_api/queue/join", "/gradio_api/run")
_BUSY_WAIT_S = 2
_SMALL_BODY = 1_000_000
_PREVIEW_TAGS = re.compile(rb'\s*<meta\s+(?:property|name)="(?:og|twitter):[^>]*>')  # Gradio's own name and pictures, for social networks

# Gradio picks its own strings by navigator.language, and only the exact value zh-CN gives Chinese
_CHINESE = (
    "for(const k of ['language','languages'])"
    "Object.defineProperty(navigator,k,{configurable:true,get:()=>k==='language'?'zh-CN':['zh-CN','zh']});"
    "if(new URLSearchParams(location.search).get('embed')==='1')document.documentElement.classList.add('embed')"
)


def content_policy(nonce: str, settings: Settings) -> str:
    """The Content-Security-Policy: nothing from other hosts, no eval, scripts only with this answer's nonce, framed only by the portals."""
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' 'nonce-{nonce}'",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "media-src 'self' blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            " ".join(("frame-ancestors 'self'", *settings.portals)),
        )
    )


class Guard:
    """The outermost layer of the server; see the module's text."""

    def __init__(self, app: Callable[..., Awaitable[None]], settings: Settings, access: Access, metrics: Metrics) -> None:
        self._app = app
        self._settings = settings
        self._access = access
        self._metrics = metrics
        self._busy = 0

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        who, refusal = self._visitor(scope, headers)
        counted = _Counted(scope, who, send, self._settings, self._metrics)
        scope = self._led({**scope, "state": {**scope.get("state", {}), "visitor": who}}, who)
        send = _Dresser(scope, counted, self._settings)
        working = scope["path"].removeprefix(self._settings.base_path).startswith(_WORK)
        self._busy += working
        try:
            if refusal := refusal or self._refusal(scope, headers, who) or (self._overload() if working else None):
                await _refuse(send, refusal)
                return
            body = _Measured(receive, send, self._limit(scope["path"]))
            await self._app(scope, body.receive, body.send)
        finally:
            self._busy -= working
            counted.done()

    def _overload(self) -> ApiError | None:
        if self._busy <= self._settings.max_waiting:
            return None
        return ApiError(503, "server_busy", "正在处理的请求太多，请稍后再试。", _BUSY_WAIT_S)

    def _visitor(self, scope: Message, headers: dict[str, str]) -> tuple[Visitor, ApiError | None]:
        peer = scope["client"][0] if scope.get("client") else ""
        try:
            return self._access.visitor(peer, headers), None
        except ApiError as refusal:
            return visitor_of(peer, headers, self._settings), refusal

    def _led(self, scope: Message, who: Visitor) -> Message:
        """The page's address answers with the login where it has to, or where it brings a portal's token."""
        base = self._settings.base_path
        page = scope["method"] == "GET" and scope["path"].rstrip("/") == base
        if page and (not who.rights or "token" in parse_qs(scope["query_string"].decode("latin-1"))):
            return {**scope, "path": f"{base}/login", "raw_path": f"{base}/login".encode()}
        return scope

    def _limit(self, path: str) -> int:
        # a form's own boundaries and headers come on top of the file
        uploads = path.removeprefix(self._settings.base_path) in ("/api/documents", "/api/evaluations")
        return self._settings.max_upload_mb * 1_048_576 + 65_536 if uploads else _SMALL_BODY

    def _refusal(self, scope: Message, headers: dict[str, str], who: Visitor) -> ApiError | None:
        path = scope["path"].removeprefix(self._settings.base_path)
        if path == "/gradio_api/upload":
            # Gradio keeps what anyone sends here; the page has no use for it, papers come in through /api/documents
            return ApiError(404, "not_found", "没有这个地址。")
        if scope["method"] in _CHANGING and self._foreign(headers):
            return ApiError(403, "foreign_origin", "不接受来自其他网站的请求。")
        # browsers ask whether they may send a cross-origin request without saying who for
        if not who.rights and path not in _UNSIGNED and not path.startswith(_PROGRAM) and scope["method"] != "OPTIONS":
            return ApiError(401, "not_signed_in", "请先登录。")
        declared = headers.get("content-length", "")
        if declared.isdigit() and int(declared) > self._limit(scope["path"]):
            return _too_large(self._limit(scope["path"]))
        return None

    def _foreign(self, headers: dict[str, str]) -> bool:
        origin = headers.get("origin")
        if origin is None or origin.lower() in self._settings.portals:
            return False
        own = (headers.get("host", ""), headers.get("x-forwarded-host", "") if "x-forwarded-host" in headers else "")
        return origin == "null" or urlsplit(origin).netloc.lower() not in [host.lower() for host in own if host]


class _Counted:
    """Counts a request when it is done, and writes its log line; the many files of the page are counted only."""

    def __init__(self, scope: Message, who: Visitor, send: Send, settings: Settings, metrics: Metrics) -> None:
        self._scope, self._who, self._send, self._metrics = scope, who, send, metrics
        self._started = time.perf_counter()
        self._status, self._bytes = 499, 0  # 499: the client left before anything was sent
        path = scope["path"].removeprefix(settings.base_path)
        self._area = "api" if path.startswith("/api/") else "page" if path in ("", "/") or path.startswith("/gradio_api/") else "other"

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
        self._bytes += len(message.get("body", b""))
        await self._send(message)

    def done(self) -> None:
        """The request has been answered."""
        seconds = time.perf_counter() - self._started
        method = self._scope["method"] if self._scope["method"] in _METHODS else "OTHER"
        self._metrics.count("requests", seconds, area=self._area, method=method, status=str(self._status))
        if self._area == "other" and self._status < 400:
            return
        # the path alone: what stands behind the question mark can be anything
        note(
            "request", method=method, path=self._scope["path"][:200], status=self._status, ms=round(seconds * 1000, 1),
            bytes=self._bytes, address=self._who.address, user=self._who.user,
        )  # fmt: skip


class _Measured:
    """Counts a body that comes without a declared length; over the limit it answers itself and the application sees a client that left."""

    def __init__(self, receive: Receive, send: Send, limit: int) -> None:
        self._receive, self._send, self._limit = receive, send, limit
        self._seen, self._started, self._refused = 0, False, False

    async def receive(self) -> Message:
        message = await self._receive()
        self._seen += len(message.get("body", b""))
        if self._seen > self._limit and not self._started:
            self._refused = True
            await _refuse(self._send, _too_large(self._limit))
        return {"type": "http.disconnect"} if self._refused else message

    async def send(self, message: Message) -> None:
        self._started = True
        if not self._refused:
            await self._send(message)


class _Dresser:
    """Adds the security headers to every answer and rewrites the HTML page."""

    def __init__(self, scope: Message, send: Send, settings: Settings) -> None:
        self._send, self._settings = send, settings
        self._nonce = secrets.token_urlsafe(16)
        self._page = scope["path"].rstrip("/") == settings.base_path and scope["method"] == "GET"
        self._static = scope["path"].startswith(f"{settings.base_path}/web/")
        self._start: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *self._headers()]
            if self._static:
                # revalidated each time by its ETag, so that an upgrade of the server reaches every browser
                message["headers"].append((b"cache-control", b"no-cache"))
            if self._page:
                self._start = message
                return
        elif self._page and self._start is not None:
            self._body += message.get("body", b"")
            if message.get("more_body"):
                return
            message = await self._finish(self._start)
        await self._send(message)

    async def _finish(self, start: Message) -> Message:
        kinds = [value for name, value in start["headers"] if name.lower() == b"content-type"]
        if kinds and kinds[0].startswith(b"text/html"):
            self._body = _page_html(self._body, self._nonce, self._settings.base_path)
            kept = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
            # the nonce is good for one answer only
            start["headers"] = [*kept, (b"content-length", str(len(self._body)).encode()), (b"cache-control", b"no-store")]
        await self._send(start)
        return {"type": "http.response.body", "body": self._body}

    def _headers(self) -> list[tuple[bytes, bytes]]:
        return [
            (b"content-security-policy", content_policy(self._nonce, self._settings).encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"same-origin"),
            (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
        ]


def _page_html(body: bytes, nonce: str, base: str) -> bytes:
    # "<script" inside the page's inlined JSON is written \u003c by Gradio, so each one found here opens a script of the page itself
    own = (
        f'<script>{_CHINESE}</script><link rel="stylesheet" href="{base}/web/style.css"><link rel="icon" href="{base}/web/icon.svg">'
        f'<script type="module" src="{base}/web/app.js"></script>'
    )
    body = _PREVIEW_TAGS.sub(b"", body)
    body = body.replace(b"<head>", b"<head>" + own.encode(), 1).replace(b'lang="en"', b'lang="zh-CN"', 1)
    return body.replace(b"<script", f'<script nonce="{nonce}"'.encode())


def _too_large(limit: int) -> ApiError:
    shown = f"{limit // 1_048_576} MB" if limit >= 1_048_576 else "1 MB"
    return ApiError(413, "too_large", f"请求内容过大（上限 {shown}）。")


async def _refuse(send: Send, refusal: ApiError) -> None:
    body = json.dumps(error_body(refusal.code, refusal.message), ensure_ascii=False).encode()
    headers = {"content-type": "application/json; charset=utf-8", "content-length": str(len(body)), **refusal.headers()}
    await send({"type": "http.response.start", "status": refusal.status, "headers": [(n.encode(), v.encode()) for n, v in headers.items()]})
    await send({"type": "http.response.body", "body": body})
