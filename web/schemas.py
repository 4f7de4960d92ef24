"""The interface's objects for OpenAPI: what programs send and get. Field meanings are the contract's."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class ErrorBody(BaseModel):
    """A stable code for programs and one Chinese sentence for people."""

    code: str = Field(examples=["question_too_long"])
    message: str = Field(examples=["问题过长：最多 500 字。"])


class ErrorReply(BaseModel):
    """Every refusal and failure has this form."""

    error: ErrorBody


class AskRequest(BaseModel):
    """A question; the session keeps the dialogue, so that a follow-up is understood."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"question": "2021年扶贫办三公经费多少"}]})

    # described but not enforced here: an empty question gets a sentence of its own and 400, as one that is too long when trimmed
    question: str = Field(description="问题，中文，最多 500 字", json_schema_extra={"minLength": 1})
    session_id: str | None = Field(None, description="上一次回答里的 session_id；不认识的会话按新会话处理")


class CitationReply(BaseModel):
    """Where a figure or sentence stands in the original file."""

    id: int
    document: str
    document_id: str
    title: str
    department: str
    year: int | None
    section: str
    table: str | None
    row: list[str]
    column: list[str]
    page: int | None
    bbox: list[float] | None
    sheet: str | None
    cell: str | None
    line_start: int | None
    line_end: int | None
    quote: str


class ValueReply(BaseModel):
    """One figure: a decimal string in its unit, with its calculation when it is computed."""

    label: str
    value: str
    unit: str
    formula: str | None
    citations: list[int]


class CheckNoteReply(BaseModel):
    """What the accounts' arithmetic says about the cited figures."""

    kind: str
    status: str
    detail: str
    citations: list[int]


class AnswerReply(BaseModel):
    """The answer to a question."""

    session_id: str
    status: Literal["answered", "clarify", "refused"]
    route: Literal["sql", "retrieval", "hybrid", "none"]
    answer: str
    values: list[ValueReply]
    citations: list[CitationReply]
    checks: list[CheckNoteReply]
    query: dict[str, Any]
    suggestions: list[str]
    chart: dict[str, Any] | None
    elapsed_ms: float


class Described(BaseModel):
    """What is described here is always there; more may come with time."""

    model_config = ConfigDict(extra="allow")


class PaperReply(Described):
    """One paper in the list, with what was read of it."""

    id: str
    name: str = Field(description="入库时的文件名")
    title: str
    department: str
    year: int | None
    kind: str = Field(examples=["预算"])
    format: str = Field(examples=["pdf"])
    lines: int | None
    pages: int | None
    bytes: int
    sha256: str
    tables: int
    facts: int
    passages: int
    checks_held: int
    checks_broken: int
    ingested_at: str


class PapersReply(Described):
    """A page of the list; `total` counts them all."""

    total: int
    items: list[PaperReply]


class TableHeadReply(Described):
    """A table's place and name, without its cells."""

    index: int
    label: str
    unit: str
    page: int | None
    line_start: int | None
    line_end: int | None
    empty: bool


class PaperDetailReply(Described):
    """One paper with its outline and its tables."""

    id: str
    title: str
    sections: list[dict[str, Any]]
    tables: list[TableHeadReply]
    problems: list[dict[str, Any]]


class LineReply(Described):
    """One line of a paper's text; `line` is null on a page, which has none of its own."""

    line: int | None
    text: str
    hit: bool


class SourceReply(Described):
    """The text around a line, or of a page, and the tables that stand there."""

    document: str
    title: str
    total: int
    lines: list[LineReply]
    tables: list[TableHeadReply]


class CellReply(Described):
    """One cell as printed; `role` is header, label, value or empty."""

    row: int
    column: int
    text: str
    role: str


class TableReply(TableHeadReply):
    """A table with every cell; `columns` gives the heading path of each column that holds values."""

    document: str
    columns: dict[str, list[str]]
    cells: list[CellReply]


class CheckReply(Described):
    """One relation of the accounts' arithmetic with the places of its figures."""

    document: str
    kind: str
    status: Literal["ok", "broken", "not_checkable"]
    detail: str
    expected: str | None
    found: str | None
    citations: list[dict[str, Any]]


class ChecksReply(Described):
    """Counts of all relations, and those asked for; `total` counts these before paging."""

    held: int
    broken: int
    not_checkable: int
    total: int
    items: list[CheckReply]


class VisitorReply(Described):
    """Who the server takes the visitor for: `by` is header, session, key, admin token or empty."""

    user: str
    by: str
    admin: bool
    token_needed: bool
    formats: list[str]


class AuditReply(Described):
    """The newest questions and judgements."""

    asked: list[dict[str, Any]]
    feedback: list[dict[str, Any]]


class FeedbackRequest(BaseModel):
    """A reader's judgement of one answer."""

    question: str = Field(max_length=2000)
    rating: Literal["up", "down"]
    reason: str = Field("", max_length=500)
    session_id: str = Field("", max_length=100)


class ExportRequest(BaseModel):
    """Rows shown on the page, to be had as a file."""

    title: str = Field("", max_length=200, description="文件名和工作表名")
    format: Literal["csv", "xlsx"]
    rows: list[Annotated[list[Annotated[str, Field(max_length=2000)]], Field(max_length=100)]] = Field(max_length=5000)


class JobReply(BaseModel):
    """An upload or deletion on its way; `outcomes` is the receipt, file by file."""

    id: str
    kind: Literal["ingest", "remove"]
    files: list[str]
    status: Literal["running", "done", "failed"]
    error: str | None
    outcomes: list[dict[str, Any]]
    created_at: str
    finished_at: str | None


class LoginTokenRequest(BaseModel):
    """Whom the portal has signed on, and how long its token waits for the browser."""

    user: str = Field(pattern=r"^[^\s:\x00-\x1f\x7f]{1,64}$", description="用户名", examples=["zhangsan"])
    seconds: int = Field(60, ge=1, le=600, description="多少秒内有效")


class LoginTokenReply(BaseModel):
    """A token that signs this user on once."""

    token: str
    user: str
    expires_in: int
