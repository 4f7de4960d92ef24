"""Who is asking and what they may do: address, user and rights, from the connection, a trusted proxy's headers, an API key or a session."""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from web.credentials import Credentials
from web.errors import ApiError
from web.settings import Settings
from web.shared import Shared

SESSION_COOKIE = "budget_qa_session"
_READER = frozenset({"ask", "read"})
_LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "::1", "[::1]")
_WINDOW_S = 60.0


@dataclass(frozen=True, slots=True)
class Visitor:
    """`address` is the client's (behind a trusted proxy: the one it names), `user` the signed-in name or "".

    `local` is a person at this very machine: connected over loopback, through no proxy, to a loopback name. The last part keeps out pages
    of other sites whose name was re-bound to 127.0.0.1. `rights` are of web.credentials.SCOPES; none at all: has to sign on first.
    `by` says how the visitor signed on: "header", "session", "key", "admin token" or "".
    """

    address: str
    user: str
    local: bool
    rights: frozenset[str] = frozenset()
    by: str = ""

    @property
    def name(self) -> str:
        """The key under which limits and the audit trail know the visitor."""
        return self.user or self.address


def visitor_of(peer: str, headers: Mapping[str, str], settings: Settings) -> Visitor:
    """The visitor behind a connection from `peer` (an IP address) with these headers (names in lower case), before any key or session."""
    trusted = peer in settings.trust_proxy
    # the last address is the one our own proxy saw; what stands before it was sent by the client and can be anything
    forwarded = headers.get("x-forwarded-for", "").split(",")[-1].strip()
    proxied = any(name.startswith("x-forwarded-") or name == "forwarded" for name in headers)
    host = headers.get("host", "")
    host = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    local = peer in ("127.0.0.1", "::1", "testclient") and not proxied and host in _LOOPBACK_HOSTS
    # HTTP libraries read headers as Latin-1; proxies send Chinese names as UTF-8
    given = headers.get(settings.user_header, "") if settings.user_header and trusted else ""
    user = given.encode("latin-1", "replace").decode("utf-8", "replace").strip()
    return Visitor(forwarded if trusted and forwarded else peer, user[:100], local, by="header" if user else "")


def over_https(scheme: str, peer: str, headers: Mapping[str, str], settings: Settings) -> bool:
    """Whether the browser's connection is encrypted, here or at the trusted proxy."""
    return scheme == "https" or (peer in settings.trust_proxy and headers.get("x-forwarded-proto", "") == "https")


class Access:
    """Tells who a request comes from, with all that the settings and the stored credentials say."""

    def __init__(self, settings: Settings, credentials: Credentials) -> None:
        self._settings, self._credentials = settings, credentials

    def visitor(self, peer: str, headers: Mapping[str, str]) -> Visitor:
        """The visitor with rights. Raises ApiError 401 for a key that is not good, whatever else the request carries."""
        who = visitor_of(peer, headers, self._settings)
        if key := bearer(headers):
            return self._with_key(who, key)
        if not who.user and (user := self._session_user(headers)):
            who = replace(who, user=user, by="session")
        return replace(who, rights=self._rights(who))

    def _with_key(self, who: Visitor, text: str) -> Visitor:
        admin = self._settings.admin_token
        if admin and hmac.compare_digest(text.encode(), admin.encode()):
            return replace(who, rights=_READER | {"admin"}, by="admin token")
        key = self._credentials.key_of(text)
        if key is None:
            raise ApiError(401, "key_not_valid", "密钥或令牌不正确、已过期或已撤销。")
        # a program is no person at the machine, wherever it runs: it has the rights and the limits of its key
        return replace(who, user=f"key:{key.name}", local=False, rights=frozenset(key.scopes), by="key")

    def _session_user(self, headers: Mapping[str, str]) -> str:
        users = (self._credentials.user_of(session) for session in sessions_in(headers))
        return next((user for user in users if user), "")

    def _rights(self, who: Visitor) -> frozenset[str]:
        if who.user:
            return _READER | {"admin"} if who.user in self._settings.admins else _READER
        if self._settings.sign_on:
            return frozenset()
        return _READER | {"admin"} if who.local and not self._settings.admin_token else _READER


def bearer(headers: Mapping[str, str]) -> str:
    """The key in the Authorization header, or ""."""
    scheme, _, text = headers.get("authorization", "").partition(" ")
    return text.strip() if scheme.lower() == "bearer" else ""


def sessions_in(headers: Mapping[str, str]) -> Iterator[str]:
    """Our session cookies: a browser can hold two, one of them for frames in other sites only."""
    for part in headers.get("cookie", "").split(";"):
        name, _, value = part.strip().partition("=")
        if name == SESSION_COOKIE and value:
            yield value


def require(visitor: Visitor, right: str, settings: Settings) -> None:
    """Raises ApiError unless the visitor has the right: 401 where signing on would help, else 403."""
    if right in visitor.rights:
        return
    if visitor.by == "key":
        raise ApiError(403, "scope_missing", f"这把密钥没有 {right} 权限。")
    if right == "login":
        raise ApiError(401, "key_needed", "需要有 login 权限的密钥（Authorization: Bearer …）。")
    if right != "admin":
        raise ApiError(401, "not_signed_in", "请先登录。")
    if settings.admin_token:
        raise ApiError(401, "admin_token_missing", "需要管理员令牌（Authorization: Bearer …）。")
    raise ApiError(403, "admin_only", "没有管理员权限：请在服务器本机上操作，或用管理员账号登录。")


class RateLimit:
    """Counts what each visitor did within the window (seconds), in all processes of the server together. A limit of 0 is none."""

    def __init__(self, shared: Shared, what: str, limit: int, window_s: float = _WINDOW_S) -> None:
        self._shared, self._what, self._limit, self._window_s = shared, what, limit, window_s

    def check(self, visitor: Visitor) -> None:
        """Counts one question; raises ApiError 429 over the limit. People at the machine itself are not limited."""
        if not visitor.local and (wait := self.hit(visitor.name)):
            raise ApiError(429, "too_many_questions", f"提问过于频繁（每分钟最多 {self._limit} 次），请稍后再试。", wait)

    def hit(self, name: str) -> int:
        """Counts one and returns 0; over the limit counts nothing and returns the seconds to wait."""
        return self._shared.hit(f"{self._what} {name}", self._limit, self._window_s) if self._limit else 0

    def wait(self, name: str) -> int:
        """The seconds to wait before the next one; 0: none."""
        return self._shared.wait(f"{self._what} {name}", self._limit, self._window_s)
