"""The HTTP interface under /api: questions, papers, checks, jobs, feedback. Nothing here knows how an answer is found."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, FastAPI, Form, Path, Query, Request, UploadFile
from fastapi.responses import JSONResponse, Response, StreamingResponse

from retrieval.answer import mask
from web import schemas
from web.access import Visitor, require
from web.described import ERRORS, UNCHANGED, offered, signed_on
from web.desk import Desk
from web.documents import formats
from web.errors import ApiError
from web.evaluation import REPORTS
from web.privacy import masked
from web.schemas import AskRequest, ExportRequest, FeedbackRequest, LoginTokenRequest
from web.sheet import FORMATS as FILE_TYPES
from web.sheet import sheet

_PIECE = 12  # characters a token event carries
_DOCUMENT = Path(description="文档编号，见文档列表", max_length=64)
_RUN = Path(description="评测编号", max_length=64)
_LARGEST_LINE = 10_000_000
_BOX_MEANS = "x0,top,x1,bottom（磅，自左上角），标出的方框"
_BOX = r"^-?[0-9]{1,5}(\.[0-9]{1,6})?(,-?[0-9]{1,5}(\.[0-9]{1,6})?){3}$"


def may(right: str, desk: Desk) -> Any:
    """The dependency that lets a route answer only those with the right."""

    def check(request: Request, _: Annotated[None, Depends(signed_on)]) -> None:
        require(request.state.visitor, right, desk.settings)

    return Depends(check)


def app_version() -> str:
    """The installed package's version, else that of a working copy."""
    try:
        return version("budget-qa")
    except PackageNotFoundError:
        return "0.1.0"


def add_api(app: FastAPI, desk: Desk) -> None:
    """Adds every route under BASE/api; the last one answers unknown addresses there, which else would fall through to the page."""
    router = APIRouter(prefix=f"{desk.settings.base_path}/api", responses=ERRORS)
    _add_questions(router, desk)
    _add_papers(router, desk)
    _add_changes(router, desk)
    _add_evaluations(router, desk)
    _add_service(router, desk)

    @router.api_route("/{rest:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"], include_in_schema=False)
    def unknown(rest: str) -> None:
        raise ApiError(404, "not_found", "没有这个地址。")

    app.include_router(router)

    @app.get(f"{desk.settings.base_path}/metrics", include_in_schema=False)
    def metrics(request: Request) -> Response:
        if not request.state.visitor.local:
            require(request.state.visitor, "admin", desk.settings)
        documents = desk.library.size() if desk.library.ready() else 0
        return Response(desk.metrics.text(app_version(), documents), media_type="text/plain; version=0.0.4; charset=utf-8")


def _add_questions(router: APIRouter, desk: Desk) -> None:
    json_only, may_ask = [Depends(_wants("application/json")), may("ask", desk)], [may("ask", desk)]

    @router.post(
        "/ask", response_model=schemas.AnswerReply, responses=offered("text/event-stream"), summary="提问", tags=["问答"], dependencies=json_only
    )
    def ask(body: AskRequest, request: Request) -> Response:
        """回答一个问题。请求头 `Accept: text/event-stream` 时逐段返回：若干 `event: token`（`{"text": …}`），最后一个 `event: answer`（完整对象）。"""
        answer = desk.answer(body.question, body.session_id, request.state.visitor)
        if "text/event-stream" in request.headers.get("accept", ""):
            # no-transform and the nginx header: proxies must pass each piece on at once
            headers = {"cache-control": "no-cache, no-transform", "x-accel-buffering": "no"}
            return StreamingResponse(events(answer), media_type="text/event-stream; charset=utf-8", headers=headers)
        return JSONResponse(answer)

    @router.post("/feedback", status_code=201, summary="评价回答", tags=["问答"], dependencies=json_only)
    def feedback(body: FeedbackRequest, request: Request) -> dict[str, str]:
        """记录一条 👍/👎 及理由。"""
        desk.notebook.note_feedback(request.state.visitor.name, body.session_id, mask(body.question), body.rating, mask(body.reason))
        return {"status": "ok"}

    @router.post(
        "/export", summary="下载表格", tags=["问答"], dependencies=json_only, response_class=Response, responses=offered(*FILE_TYPES.values())
    )
    def export(body: ExportRequest) -> Response:
        """把页面上的一张表变成文件：csv（utf-8-sig，Excel 可直接打开）或 xlsx。"""
        return _file(masked(body.rows), body.title or "数据", body.format)

    @router.get("/examples", summary="示例问题", tags=["问答"], dependencies=may_ask)
    def examples() -> dict[str, list[str]]:
        """由已入库文档得出的示例问题。"""
        return {"items": desk.assistant.examples()}


def _add_papers(router: APIRouter, desk: Desk) -> None:
    library, may_read = desk.library, [may("read", desk)]

    @router.get("/documents", response_model=schemas.PapersReply, summary="文档列表", tags=["文档"], dependencies=may_read)
    def documents(offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0, limit: Annotated[int, Query(ge=1, le=1000)] = 1000) -> dict[str, Any]:
        """已入库的文档，年度新的在前。"""
        papers = library.documents()
        return {"total": len(papers), "items": papers[offset : offset + limit]}

    @router.get("/documents/{document}", response_model=schemas.PaperDetailReply, summary="一份文档", tags=["文档"], dependencies=may_read)
    def document(document: Annotated[str, _DOCUMENT]) -> dict[str, Any]:
        """一份文档的目录、表格清单和读取中的疑点。"""
        return library.document(document)

    @router.get(
        "/documents/{document}/source", response_model=schemas.SourceReply, responses=UNCHANGED, summary="原文", tags=["文档"], dependencies=may_read
    )
    def source(
        document: Annotated[str, _DOCUMENT],
        request: Request,
        line: Annotated[int | None, Query(ge=1, le=_LARGEST_LINE, description="行号，从 1 起")] = None,
        end: Annotated[int | None, Query(ge=1, le=_LARGEST_LINE, description="末行")] = None,
        page: Annotated[int | None, Query(ge=1, le=100_000, description="页码（PDF）")] = None,
        context: Annotated[int, Query(ge=0, le=200, description="前后各显示多少行")] = 12,
    ) -> Response:
        """某行前后的原文，该行有标记（hit）；PDF 为某页的文字。附该处的表格编号。"""
        if line and end and end - line > 2000:
            raise ApiError(422, "range_too_long", "一次最多查看 2000 行。")
        return _cached(request, library.stamp(document), lambda: JSONResponse(library.source(document, line, end, page, context)))

    @router.get(
        "/documents/{document}/tables/{index}",
        response_model=schemas.TableReply,
        responses=UNCHANGED,
        summary="一张表",
        tags=["文档"],
        dependencies=may_read,
    )
    def table(document: Annotated[str, _DOCUMENT], index: Annotated[int, Path(ge=0, le=1_000_000)], request: Request) -> Response:
        """一张表的全部单元格，含其在原文件中的位置。"""
        return _cached(request, library.stamp(document), lambda: JSONResponse(library.table(document, index)))

    @router.get(
        "/documents/{document}/tables/{index}/file",
        summary="下载一张表",
        tags=["文档"],
        dependencies=may_read,
        response_class=Response,
        responses=offered(*FILE_TYPES.values()),
    )
    def table_file(
        document: Annotated[str, _DOCUMENT],
        index: Annotated[int, Path(ge=0, le=1_000_000)],
        format: Annotated[Literal["csv", "xlsx"], Query(description="csv 为 utf-8-sig，Excel 可直接打开")] = "csv",
    ) -> Response:
        """一张表的文件，按原表的行列。"""
        rows, label = library.rows(document, index)
        return _file(rows, label, format)

    @router.get(
        "/documents/{document}/page/{page}.png",
        summary="PDF 页面图像",
        tags=["文档"],
        dependencies=may_read,
        response_class=Response,
        responses=offered("image/png") | UNCHANGED,
    )
    def page_image(
        document: Annotated[str, _DOCUMENT],
        page: Annotated[int, Path(ge=1, le=100_000)],
        request: Request,
        bbox: Annotated[str | None, Query(max_length=100, description=_BOX_MEANS, json_schema_extra={"pattern": _BOX})] = None,
    ) -> Response:
        """PDF 的一页，可标出一个单元格。"""
        box = _box(bbox)
        return _cached(request, library.stamp(document), lambda: Response(library.page_image(document, page, box), media_type="image/png"))

    @router.get("/checks", response_model=schemas.ChecksReply, summary="勾稽报告", tags=["文档"], dependencies=may_read)
    def checks(
        document: Annotated[str | None, Query(max_length=64)] = None,
        status: Annotated[str | None, Query(pattern="^(ok|broken|not_checkable)$")] = None,
        offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
        limit: Annotated[int, Query(ge=1, le=100_000)] = 100_000,
    ) -> dict[str, Any]:
        """勾稽关系核对结果：成立、不成立、无法核对的数目，以及各条的算式与出处。"""
        return library.checks(document, status, offset, limit)


def _add_changes(router: APIRouter, desk: Desk) -> None:
    admin = may("admin", desk)

    @router.post(
        "/documents",
        status_code=202,
        response_model=schemas.JobReply,
        summary="上传文档",
        tags=["管理"],
        dependencies=[Depends(_wants("multipart/form-data")), admin],
    )
    async def upload(files: list[UploadFile]) -> Any:
        """上传一份或多份文档（multipart 字段 files），返回入库任务。"""
        job = desk.jobs.upload([(file.filename or "", await file.read()) for file in files])
        return desk.jobs.get(job.id)

    @router.delete("/documents/{document}", status_code=202, response_model=schemas.JobReply, summary="删除文档", tags=["管理"], dependencies=[admin])
    def delete(document: Annotated[str, _DOCUMENT]) -> Any:
        """删除一份文档的全部数据，返回任务。"""
        return desk.jobs.get(desk.jobs.delete(document, desk.library.document(document)["name"]).id)

    @router.get("/jobs/{job}", response_model=schemas.JobReply, summary="任务进度", tags=["管理"], dependencies=[admin])
    def job(job: Annotated[str, Path(max_length=64)]) -> Any:
        """上传或删除任务的状态与回执。"""
        return desk.jobs.get(job)

    @router.get("/me", response_model=schemas.VisitorReply, summary="我的权限", tags=["管理"], dependencies=[Depends(signed_on)])
    def me(request: Request) -> dict[str, Any]:
        """当前访问者是谁、怎样登录的，能否增删文档，是否需要令牌，可上传的格式。"""
        who: Visitor = request.state.visitor
        admin = "admin" in who.rights
        needed = bool(desk.settings.admin_token) and not admin
        return {"user": who.user, "by": who.by, "admin": admin, "token_needed": needed, "formats": list(formats())}

    @router.get("/audit", response_model=schemas.AuditReply, summary="提问与评价记录", tags=["管理"], dependencies=[admin])
    def audit(offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0, limit: Annotated[int, Query(ge=1, le=1000)] = 200) -> dict[str, Any]:
        """最近的提问（谁、何时、问题、引用位置、耗时）和评价，新的在前。"""
        return {"asked": desk.notebook.asked(limit, offset), "feedback": desk.notebook.feedback(limit, offset)}

    @router.post(
        "/login-tokens",
        status_code=201,
        response_model=schemas.LoginTokenReply,
        summary="一次性登录令牌",
        tags=["管理"],
        dependencies=[Depends(_wants("application/json")), may("login", desk)],
    )
    def login_token(body: LoginTokenRequest) -> dict[str, Any]:
        """门户的服务器为它已经登录的用户取一个令牌；浏览器打开 `/?token=…` 即以该用户登录，令牌随即失效。"""
        return {"token": desk.credentials.add_token(body.user, body.seconds), "user": body.user, "expires_in": body.seconds}


def _add_evaluations(router: APIRouter, desk: Desk) -> None:
    only_admin = [may("admin", desk)]
    runs = desk.evaluations

    @router.get("/evaluations", summary="自带用例", tags=["评测"], dependencies=only_admin)
    def sets() -> dict[str, list[str]]:
        """可以直接运行的用例组。"""
        return {"sets": runs.sets()}

    @router.post(
        "/evaluations",
        status_code=202,
        summary="开始评测",
        tags=["评测"],
        dependencies=[*only_admin, Depends(_wants("multipart/form-data"))],
    )
    async def start(file: UploadFile | None = None, cases: Annotated[str, Form(max_length=100)] = "") -> dict[str, Any]:
        """用上传的用例文件（字段 file），或自带的一组用例（字段 cases，空为全部）考这个服务的索引；一次只进行一场。"""
        run = runs.upload(file.filename or "", await file.read()) if file else runs.choose(cases)
        return runs.get(run.id)

    @router.get("/evaluations/template", summary="用例表格", tags=["评测"], dependencies=only_admin, response_class=Response)
    def template() -> Response:
        """可在 Excel 里填写的空白用例表。"""
        return _attachment(runs.template(), "用例", "xlsx", FILE_TYPES["xlsx"])

    @router.get("/evaluations/{run}", summary="评测进度与结果", tags=["评测"], dependencies=only_admin)
    def one(run: Annotated[str, _RUN]) -> dict[str, Any]:
        """进度；结束后为各项指标和未通过的用例。"""
        return runs.get(run)

    @router.delete("/evaluations/{run}", summary="停止评测", tags=["评测"], dependencies=only_admin)
    def stop(run: Annotated[str, _RUN]) -> dict[str, Any]:
        """停止正在进行的评测。"""
        runs.stop(run)
        return runs.get(run)

    @router.get("/evaluations/{run}/report", summary="评测报告", tags=["评测"], dependencies=only_admin, response_class=Response)
    def report(run: Annotated[str, _RUN], format: Literal["html", "json"] = "html") -> Response:
        """结束后的完整报告：网页（单个文件）或 JSON。"""
        return _attachment(runs.file(run, format), "评测报告", format, REPORTS[format])


def _add_service(router: APIRouter, desk: Desk) -> None:
    @router.get("/health", summary="存活检查", tags=["运行"])
    async def health() -> dict[str, str]:
        """进程是否存活。"""
        return {"status": "ok", "version": app_version()}

    @router.get("/ready", summary="就绪检查", tags=["运行"])
    def ready() -> dict[str, Any]:
        """索引是否可读；不可读时为 503。"""
        return {"status": "ok", "documents": desk.library.size()}


def _wants(kind: str) -> Callable[[Request], None]:
    def check(request: Request) -> None:
        given = request.headers.get("content-type", "").split(";")[0].strip().lower()
        if given != kind:
            raise ApiError(415, "unsupported_media_type", f"请求的 Content-Type 应为 {kind}。")

    return check


def events(answer: dict[str, Any]) -> Iterator[str]:
    """The answer as server-sent events: its text in pieces, then the whole object."""
    text = answer["answer"]
    for start in range(0, len(text), _PIECE):
        yield _event("token", {"text": text[start : start + _PIECE]})
    yield _event("answer", answer)


def _event(name: str, data: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


def _box(text: str | None) -> tuple[float, float, float, float] | None:
    if not text:
        return None
    if not re.fullmatch(_BOX, text):
        raise ApiError(422, "invalid_bbox", "bbox 应为四个数字：x0,top,x1,bottom。")
    x0, top, x1, bottom = map(float, text.split(","))
    return x0, top, x1, bottom


def _file(rows: list[list[str]], title: str, kind: str) -> Response:
    return _attachment(sheet(rows, title, kind), title, kind, FILE_TYPES[kind])


def _attachment(content: bytes, title: str, kind: str, media_type: str) -> Response:
    name = quote(re.sub(r'[\\/:*?"<>|\x00-\x1f]', " ", title).strip()[:80] or "数据", safe="")
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{name}.{kind}", "cache-control": "no-store"}
    return Response(content, media_type=media_type, headers=headers)


def _cached(request: Request, stamp: str, make: Callable[[], Response]) -> Response:
    """`make`'s response with an ETag, or 304 when the browser has it already. Revalidated each time, for a paper can be replaced."""
    tag = f'"{stamp}"'
    # nginx weakens the tag of what it compresses, and a browser may hold several
    known = [known.strip().removeprefix("W/") for known in request.headers.get("if-none-match", "").split(",")]
    if tag in known or "*" in known:
        return Response(status_code=304, headers={"etag": tag})
    response = make()
    response.headers["etag"] = tag
    response.headers["cache-control"] = "private, no-cache"
    return response
