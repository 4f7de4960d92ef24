"""What passes between the stations of the question path, ending in the Answer whose JSON is the public contract."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ingest.records import Place, Turns


class Status(StrEnum):
    """ANSWERED; CLARIFY the question has several readings; REFUSED not in the papers, or no question for them."""

    ANSWERED = "answered"
    CLARIFY = "clarify"
    REFUSED = "refused"


class Route(StrEnum):
    """Which evidence an answer stands on."""

    SQL = "sql"
    RETRIEVAL = "retrieval"
    HYBRID = "hybrid"
    NONE = "none"


def page_turns(stored: str | None) -> Turns:
    """Where a quote turns a page, as the store holds it."""
    return tuple((at, Place(page=page, bbox=tuple(bbox) if bbox else None)) for at, page, bbox in json.loads(stored)) if stored else ()


@dataclass(frozen=True, slots=True)
class Citation:
    """Where an operand or a sentence stands, down to the line, page or cell. `quote` is the source's own characters."""

    id: int
    document: str
    document_id: str
    title: str
    department: str
    year: int | None
    section: str
    quote: str
    table: str | None = None
    row: tuple[str, ...] = ()
    column: tuple[str, ...] = ()
    page: int | None = None
    bbox: tuple[float, float, float, float] | None = None
    sheet: str | None = None
    cell: str | None = None
    line_start: int | None = None
    line_end: int | None = None


@dataclass(frozen=True, slots=True)
class Value:
    """One figure of an answer: a decimal string in `unit`; `formula` shows the calculation when it is computed."""

    label: str
    value: str
    unit: str
    formula: str | None = None
    citations: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckNote:
    """What the accounts' arithmetic says about the cited figures; status ok or broken."""

    kind: str
    status: str
    detail: str
    citations: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What leaves the assistant. `text` is Markdown with [n] marks; `chart` holds a series when several figures compare."""

    status: Status
    route: Route
    text: str
    values: tuple[Value, ...] = ()
    citations: tuple[Citation, ...] = ()
    checks: tuple[CheckNote, ...] = ()
    query: dict[str, Any] = field(default_factory=dict)
    suggestions: tuple[str, ...] = ()
    chart: dict[str, Any] | None = None
    session_id: str = ""
    elapsed_ms: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """The contract's object (tuples become lists)."""
        return {
            "session_id": self.session_id,
            "status": str(self.status),
            "route": str(self.route),
            "answer": self.text,
            "values": [
                {"label": v.label, "value": v.value, "unit": v.unit, "formula": v.formula, "citations": list(v.citations)} for v in self.values
            ],
            "citations": [
                {
                    "id": c.id,
                    "document": c.document,
                    "document_id": c.document_id,
                    "title": c.title,
                    "department": c.department,
                    "year": c.year,
                    "section": c.section,
                    "table": c.table,
                    "row": list(c.row),
                    "column": list(c.column),
                    "page": c.page,
                    "bbox": list(c.bbox) if c.bbox else None,
                    "sheet": c.sheet,
                    "cell": c.cell,
                    "line_start": c.line_start,
                    "line_end": c.line_end,
                    "quote": c.quote,
                }
                for c in self.citations
            ],
            "checks": [{"kind": c.kind, "status": c.status, "detail": c.detail, "citations": list(c.citations)} for c in self.checks],
            "query": self.query,
            "suggestions": list(self.suggestions),
            "chart": self.chart,
            "elapsed_ms": round(self.elapsed_ms, 1),
        }
