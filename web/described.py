"""What OpenAPI says of every route alike: how to sign on, what a request may be refused with, which content types there are."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Security
from fastapi.security import APIKeyCookie, HTTPBearer

from web import schemas
from web.access import SESSION_COOKIE
from web.credentials import SCOPES

_KEY = HTTPBearer(
    auto_error=False, scheme_name="key", description=f"密钥，用 python -m web keys add 生成，权限有 {'、'.join(SCOPES)}；也可以是管理员令牌"
)
_SESSION = APIKeyCookie(name=SESSION_COOKIE, auto_error=False, scheme_name="session", description="登录页或门户的一次性登录令牌给出的会话")
# What a page of ours, or a program, may be refused with; shown in OpenAPI for every route
ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": schemas.ErrorReply, "description": text}
    for status, text in {
        400: "请求不合要求",
        401: "需要登录或令牌",
        403: "没有权限",
        404: "没有找到",
        413: "内容过大",
        415: "内容类型不支持",
        422: "参数有误",
        429: "过于频繁",
        503: "索引不可用",
    }.items()
}


UNCHANGED: dict[int | str, dict[str, Any]] = {304: {"description": "与 If-None-Match 所述的版本相同，没有内容"}}


def offered(*kinds: str) -> dict[int | str, dict[str, Any]]:
    """For OpenAPI: the content types of a route's answer beside its JSON."""
    return {200: {"content": {kind: {"schema": {"type": "string"}} for kind in kinds}}}


def signed_on(_key: Annotated[Any, Security(_KEY)], _session: Annotated[Any, Security(_SESSION)]) -> None:
    """The dependency that says in OpenAPI how to sign on; that everybody has done so where they must is the guard's work."""
