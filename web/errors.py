"""Errors as the interface shows them: {"error": {"code", "message"}}, the message in Chinese, never a traceback."""

from __future__ import annotations

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

log = logging.getLogger("budget_qa.web")


class ApiError(Exception):
    """An expected refusal: HTTP status, a stable code for programs and one Chinese sentence for people."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


def error_response(status: int, code: str, message: str) -> JSONResponse:
    """The contract's error object as a response."""
    return JSONResponse({"error": {"code": code, "message": message}}, status_code=status)


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
        return error_response(error.status, error.code, error.message)

    @app.exception_handler(RequestValidationError)
    async def malformed(request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0] if error.errors() else {}
        if first.get("type") == "json_invalid":
            return error_response(422, "invalid_json", "请求体不是有效的 JSON。")
        field = ".".join(str(part) for part in first.get("loc", ())[1:]) or "请求体"
        return error_response(422, "invalid_request", f"参数“{field}”缺失或格式有误。")

    @app.exception_handler(HTTPException)
    async def framework(request: Request, error: HTTPException) -> JSONResponse:
        code, message = _FRAMEWORK.get(error.status_code, ("error", "请求没有成功。"))
        return error_response(error.status_code, code, message)

    @app.exception_handler(Exception)
    async def crashed(request: Request, error: Exception) -> JSONResponse:
        log.exception("unexpected error at %s %s", request.method, request.url.path, exc_info=error)
        return error_response(500, "internal_error", "服务器内部出错，请稍后再试；如反复出现，请联系管理员。")
