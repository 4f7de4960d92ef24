"""Signing on and off: a page that asks for name and password, a portal's one-time token turned into a session, and the way out.

The guard leads visitors of the page here who have to sign on first, or who bring a token (`/?token=…`).
"""

from __future__ import annotations

import html
from typing import Annotated

from fastapi import APIRouter, FastAPI, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from web.access import SESSION_COOKIE, RateLimit, over_https, sessions_in
from web.credentials import Credentials
from web.metrics import note
from web.passwords import person_of
from web.settings import Settings
from web.shared import Shared
from web.wording import TITLE

TRIES = 10  # wrong passwords in five minutes, of one address and for one name, before both have to wait
_TRIES_S = 300.0
_PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>登录 · {title}</title><link rel="icon" href="{base}/web/icon.svg"><link rel="stylesheet" href="{base}/web/login.css"></head>
<body><main><h1>{title}</h1>{message}{form}</main></body></html>"""
_FORM = """<form method="post" action="{base}/login{embed}">
<label>用户名<input name="name" autocomplete="username" required autofocus maxlength="64" value="{name}"></label>
<label>密码<input name="password" type="password" autocomplete="current-password" required maxlength="200"></label>
<button type="submit">登录</button></form>"""
_FROM_PORTAL = "请通过单位门户登录后使用。"
_STALE = "登录链接已失效或已经用过，请从门户重新打开。"
_WRONG = "用户名或密码不正确。"


def add_login(app: FastAPI, settings: Settings, credentials: Credentials, shared: Shared) -> None:
    """Adds BASE/login and BASE/logout."""
    router = APIRouter(prefix=settings.base_path, include_in_schema=False)
    tries = RateLimit(shared, "login", TRIES, _TRIES_S)

    def page(message: str, status: int, embed: str, name: str = "", wait: int = 0) -> Response:
        form = _FORM.format(base=settings.base_path, embed="?embed=1" if embed else "", name=html.escape(name)) if settings.password_file else ""
        shown = f'<p role="alert">{html.escape(message)}</p>' if message else ""
        body = _PAGE.format(title=TITLE, base=settings.base_path, message=shown, form=form)
        headers = {"cache-control": "no-store", **({"retry-after": str(wait)} if wait else {})}
        return HTMLResponse(body, status, headers)

    def signed_on(user: str, request: Request, embed: str) -> Response:
        # a new session each time, so that nobody can have one prepared for somebody else; the token leaves the address bar
        session = credentials.open_session(user, settings.session_hours * 3600)
        response = RedirectResponse(f"{settings.base_path}/{'?embed=1' if embed else ''}", 303)
        response.headers["set-cookie"] = _cookie(session, settings.session_hours * 3600, request, settings)
        response.headers["cache-control"] = "no-store"
        note("login", user=user)
        return response

    @router.get("/login")
    def show(request: Request, token: Annotated[str, Query(max_length=200)] = "", embed: str = "") -> Response:
        if token:
            user = credentials.take_token(token)
            return signed_on(user, request, embed) if user else page(_STALE, 401, embed)
        return page("" if settings.password_file else _FROM_PORTAL, 401, embed)

    @router.post("/login")
    def enter(request: Request, name: Annotated[str, Form()] = "", password: Annotated[str, Form()] = "", embed: str = "") -> Response:
        if settings.password_file is None:
            return page(_FROM_PORTAL, 401, embed)
        counted = (f"address {request.state.visitor.address}", f"name {name[:64]}")
        if wait := max(tries.wait(key) for key in counted):
            return page("登录失败次数过多，请稍后再试。", 429, embed, name, wait)
        if user := person_of(settings.password_file, name, password):
            return signed_on(user, request, embed)
        for key in counted:
            tries.hit(key)
        note("login_failed", address=request.state.visitor.address)
        return page(_WRONG, 401, embed, name)

    @router.post("/logout")
    def leave(request: Request, embed: str = "") -> Response:
        for session in sessions_in(request.headers):
            credentials.close_session(session)
        response = RedirectResponse(f"{settings.base_path}/{'?embed=1' if embed else ''}", 303)
        response.headers["set-cookie"] = _cookie("", 0, request, settings)
        return response

    app.include_router(router)


def _cookie(session: str, seconds: int, request: Request, settings: Settings) -> str:
    """The Set-Cookie header of a session; 0 seconds end it."""
    parts = [f"{SESSION_COOKIE}={session}", f"Max-Age={seconds}", f"Path={settings.base_path or '/'}", "HttpOnly"]
    if not over_https(request.scope["scheme"], request.client.host if request.client else "", request.headers, settings):
        return "; ".join((*parts, "SameSite=Lax"))
    # In a portal on another site browsers keep only cookies of the frame's own compartment; foreign posts are refused by their Origin
    framed = request.headers.get("sec-fetch-dest") == "iframe" and request.headers.get("sec-fetch-site") == "cross-site"
    return "; ".join((*parts, "Secure", "SameSite=None; Partitioned" if framed else "SameSite=Lax"))
