"""Errors as the interface shows them: {"error": {"code", "message"}}, the message in Chinese, never a traceback."""

from __future__ import annotations

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

log = logging.getLogger("budget_qa.web")


class ApiError(Exception):
    """An expected refusal: HTTP status, a stable code for programs and one Chinese sentence for people; `retry_after` in seconds, if known."""

    def __init__(self, status: int, code: str, message: str, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.retry_after = status, code, message, retry_after

    def headers(self) -> dict[str, str]:
        """What HTTP wants beside the body: how to sign on, when to come again."""
        headers = {"www-authenticate": "Bearer"} if self.status == 401 else {}
        return {**headers, "retry-after": str(self.retry_after)} if self.retry_after else headers


def error_body(code: str, message: str) -> dict[str, dict[str, str]]:
    """The contract's error object."""
    return {"error": {"code": code, "message": message}}


def error_response(error: ApiError) -> JSONResponse:
    """The contract's error object as a response."""
    return JSONResponse(error_body(error.code, error.message), status_code=error.status, headers=error.headers())


# what the frameworks themselves refuse, in our words
_FRAMEWORK = {
    400: ("bad_request", "请求格式有误。"),
    401: ("unauthorized", "请先登录。"),
    403: ("forbidden", "没有权限。"),
    404: ("not_found", "没有这个地址。"),
    405: ("method_not_allowed", "这个地址不支持该请求方法。"),
    413: ("too_large", "请求内容过大。"),
    415: ("unsupported_media_type", "不支持的内容类型。"),
}


def add_error_handlers(app: FastAPI) -> None:
    """Every way a request under /api can fail ends in the contract's error object; the details of a crash go to the log only."""

    @app.exception_handler(ApiError)
    async def refused(request: Request, error: ApiError) -> JSONResponse:
        return error_response(error)

    @app.exception_handler(RequestValidationError)
    async def malformed(request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0] if error.errors() else {}
        if first.get("type") == "json_invalid":
            return error_response(ApiError(422, "invalid_json", "请求体不是有效的 JSON。"))
        field = ".".join(str(part) for part in first.get("loc", ())[1:]) or "请求体"
        return error_response(ApiError(422, "invalid_request", f"参数“{field}”缺失或格式有误。"))

    @app.exception_handler(HTTPException)
    async def framework(request: Request, error: HTTPException) -> JSONResponse:
        code, message = _FRAMEWORK.get(error.status_code, ("error", "请求没有成功。"))
        return error_response(ApiError(error.status_code, code, message))

    @app.exception_handler(Exception)
    async def crashed(request: Request, error: Exception) -> JSONResponse:
        log.exception("unexpected error at %s %s", request.method, request.url.path, exc_info=error)
        return error_response(ApiError(500, "internal_error", "服务器内部出错，请稍后再试；如反复出现，请联系管理员。"))
