"""Who is asking: address, user and rights, from the connection and the headers of a trusted proxy."""

from __future__ import annotations

import hmac
import time
from collections import OrderedDict, deque
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

from web.errors import ApiError
from web.settings import Settings

_LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "::1", "[::1]")
_WINDOW_S = 60.0
_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Visitor:
    """`address` is the client's (behind a trusted proxy: the one it names), `user` the signed-in name or "".

    `local` is a person at this very machine: connected over loopback, through no proxy, to a loopback name. The last part keeps out pages
    of other sites whose name was re-bound to 127.0.0.1.
    """

    address: str
    user: str
    local: bool

    @property
    def name(self) -> str:
        """The key under which limits and the audit trail know the visitor."""
        return self.user or self.address


def visitor_of(peer: str, headers: Mapping[str, str], settings: Settings) -> Visitor:
    """The visitor behind a connection from `peer` (an IP address) with these headers (names in lower case)."""
    trusted = peer in settings.trust_proxy
    # the last address is the one our own proxy saw; what stands before it was sent by the client and can be anything
    forwarded = headers.get("x-forwarded-for", "").split(",")[-1].strip()
    proxied = any(name.startswith("x-forwarded-") or name == "forwarded" for name in headers)
    host = headers.get("host", "")
    host = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    local = peer in ("127.0.0.1", "::1", "testclient") and not proxied and host in _LOOPBACK_HOSTS
    user = headers.get(settings.user_header, "").strip() if settings.user_header and trusted else ""
    return Visitor(forwarded if trusted and forwarded else peer, user[:100], local)


def require_admin(visitor: Visitor, headers: Mapping[str, str], settings: Settings) -> None:
    """Raises ApiError unless the visitor may change the papers: by token when one is set, else only from this very machine."""
    if not settings.admin_token:
        if not visitor.local:
            raise ApiError(403, "admin_only", "没有设置管理员令牌，只能在服务器本机上增删文档。")
        return
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise ApiError(401, "admin_token_missing", "增删文档需要管理员令牌（Authorization: Bearer …）。")
    if not hmac.compare_digest(token.strip().encode(), settings.admin_token.encode()):
        raise ApiError(403, "admin_token_wrong", "管理员令牌不正确。")


class RateLimit:
    """Counts the questions of each visitor over the last minute; safe to call from several threads."""

    def __init__(self, per_minute: int) -> None:
        self._limit = per_minute
        self._hits: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = Lock()

    def check(self, visitor: Visitor) -> None:
        """Counts one question; raises ApiError 429 over the limit. People at the machine itself are not limited."""
        if not self._limit or visitor.local:
            return
        now = time.monotonic()
        with self._lock:
            hits = self._hits.setdefault(visitor.name, deque())
            self._hits.move_to_end(visitor.name)
            while len(self._hits) > _KEPT:
                self._hits.popitem(last=False)
            while hits and hits[0] < now - _WINDOW_S:
                hits.popleft()
            if len(hits) >= self._limit:
                raise ApiError(429, "too_many_questions", f"提问过于频繁（每分钟最多 {self._limit} 次），请稍后再试。")
            hits.append(now)
