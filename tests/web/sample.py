"""A tiny index written straight into the store, and an assistant that answers from a script: the web tests need no reading and no model."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

from fastapi.testclient import TestClient
from PIL import Image

from ingest import generations
from ingest.amounts import read_amount
from ingest.records import (
    Block,
    BlockKind,
    Cell,
    Check,
    CheckStatus,
    Fact,
    FactKind,
    Identity,
    Loaded,
    Measure,
    PaperKind,
    Place,
    Reading,
    Scope,
    Section,
    Stage,
    Table,
)
from ingest.stores.facts import FactStore
from retrieval.records import Answer, CheckNote, Citation, Route, Status, Value
from web.server import build_app
from web.settings import Settings

PAPER = "paper1"
SCAN = "scan1"
DEPARTMENT = "深圳市扶贫协作和合作交流办公室"
TITLE = f"{DEPARTMENT}2021年部门预算"
HEADER = ("项目", "合计", "因公出国（境）", "公务用车运行维护费", "公务接待费")
ROWS = (("2020年", "12", "0", "5", "7"), ("2021年", "9", "0", "4", "5"))
LINES = (
    TITLE,
    "第三部分 部门预算情况说明",
    *(f"{number}. 这里是第 {number} 段说明文字。" for number in range(3, 30)),
    "表12 一般公共预算“三公”经费支出表",
    "单位：万元",
    "\t".join(HEADER),
    *("\t".join(row) for row in ROWS),
    "注：“三公”经费不含<script>window.hacked=1</script>其他资金。",
    *(f"附注 {number}。" for number in range(1, 20)),
)
HIT = 1 + next(number for number, line in enumerate(LINES) if line.startswith("2021年"))


def make_index(index: Path) -> Path:
    """An index with one text paper (a table of “三公” expenses) and one scanned PDF; returns its folder."""
    with generations.next_generation(index) as folder:
        store = FactStore(folder / generations.FACTS)
        text = "\n".join(LINES).encode()
        store.save(_text_paper(text), PAPER, "upload:paper.txt", "2026-01-01T00:00:00+00:00")
        scan = _scan()
        store.save(_scanned_paper(scan), SCAN, "upload:scan.pdf", "2026-01-01T00:00:00+00:00")
        store.close()
    for content in (text, scan):
        path = generations.original(index, hashlib.sha256(content).hexdigest())
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return index


def _text_paper(text: bytes) -> Reading:
    first = HIT - len(ROWS)
    cells = [Cell(0, column, name, "header", Place(first, first)) for column, name in enumerate(HEADER)]
    facts = []
    for number, row in enumerate(ROWS, 1):
        line = Place(first + number, first + number)
        cells += [Cell(number, column, words, "label" if column == 0 else "value", line) for column, words in enumerate(row)]
        facts += [_fact(row, column, line, number) for column in range(1, len(row))]
    columns = {column: (name,) for column, name in enumerate(HEADER) if column}
    table = Table(0, "表12", "一般公共预算“三公”经费支出表", "", "万元", DEPARTMENT, ("第三部分",), Place(first - 2, HIT), tuple(cells), columns)
    return Reading(
        name="2021_扶贫办_部门预算.txt",
        sha256=hashlib.sha256(text).hexdigest(),
        size=len(text),
        loaded=Loaded("txt", tuple(Block(BlockKind.LINE, line, Place(n, n)) for n, line in enumerate(LINES, 1)), lines=len(LINES)),
        identity=Identity(TITLE, DEPARTMENT, 2021, PaperKind.BUDGET),
        sections=(Section(0, 1, "第三部分 部门预算情况说明", ("第三部分 部门预算情况说明",), Place(2, 2)),),
        tables=(table,),
        facts=tuple(facts),
        passages=(),
        checks=(
            Check("sum", CheckStatus.OK, "0 + 4 + 5 = 9", "9万元", "9万元", (5, 6, 7, 4)),
            Check("sum", CheckStatus.BROKEN, "0 + 5 + 7 ≠ 13", "13万元", "12万元", (1, 2, 3, 0)),
        ),
        problems=(),
    )


def _fact(row: tuple[str, ...], column: int, line: Place, number: int) -> Fact:
    return Fact(
        FactKind.TABLE,
        read_amount(row[column], "万元"),
        Measure.AMOUNT,
        (row[0],),
        (HEADER[column],),
        DEPARTMENT,
        Scope.TOTAL,
        int(row[0][:4]),
        Stage.BUDGET,
        line,
        " | ".join(row),
        table=0,
        row=number,
        column=column,
    )


def _scan() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (595, 842), "white").save(out, "PDF", resolution=72)
    return out.getvalue()


def _scanned_paper(scan: bytes) -> Reading:
    return Reading(
        name="2020_扫描件.pdf",
        sha256=hashlib.sha256(scan).hexdigest(),
        size=len(scan),
        loaded=Loaded("pdf", (), pages=1),
        identity=Identity("扫描件", DEPARTMENT, 2020, PaperKind.OTHER),
        sections=(),
        tables=(),
        facts=(),
        passages=(),
        checks=(),
        problems=(),
    )


def citation(number: int = 1, column: int = 1) -> Citation:
    """A citation of the 2021 row of the sample's table."""
    return Citation(
        number,
        "2021_扶贫办_部门预算.txt",
        PAPER,
        TITLE,
        DEPARTMENT,
        2021,
        "第三部分",
        " | ".join(ROWS[1]),
        table="表12 一般公共预算“三公”经费支出表",
        row=("2021年",),
        column=(HEADER[column],),
        line_start=HIT,
        line_end=HIT,
    )


class ScriptedAssistant:
    """Answers by a few words of the question; keeps what it was asked. Has the interface of retrieval.assistant.Assistant."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str | None]] = []

    def examples(self) -> list[str]:
        return ["2021年扶贫办三公经费多少", "2021年公务接待费是多少", "2021年部门主要职责是什么"]

    def ask(self, question: str, session_id: str | None = None) -> Answer:
        self.asked.append((question, session_id))
        session = session_id if session_id == "known-session" else "new-session"
        if "崩溃" in question:
            raise RuntimeError("secret detail")
        if "天气" in question:
            return Answer(Status.REFUSED, Route.NONE, "文档里没有天气方面的内容。", suggestions=("2021年扶贫办三公经费多少",), session_id=session)
        if "扫描" in question:
            cited = Citation(1, "2020_扫描件.pdf", SCAN, "扫描件", DEPARTMENT, 2020, "", "9", page=1, bbox=(100, 100, 200, 120))
            return Answer(Status.ANSWERED, Route.SQL, "合计 **9 万元** [1]。", citations=(cited,), session_id=session)
        return Answer(
            Status.ANSWERED,
            Route.SQL,
            f"{DEPARTMENT}2021年“三公”经费预算 **9 万元** [1]，其中公务接待费 5 万元 [2]。",
            values=(Value("“三公”经费 合计 2021年 预算", "9", "万元", "0 + 4 + 5", (1,)), Value("公务接待费 2021年 预算", "5", "万元", None, (2,))),
            citations=(citation(1, 1), citation(2, 4)),
            checks=(CheckNote("sum", "ok", "0 + 4 + 5 = 9", (1, 2)),),
            query={"sql": "SELECT value FROM facts WHERE row_key = ?", "params": ["2021年"]},
            suggestions=("其中公务接待费是多少？", "那2020年呢？"),
            chart={"unit": "万元", "points": [{"label": "2020年", "value": "12"}, {"label": "2021年", "value": "9"}]},
            session_id=session,
            elapsed_ms=12.3,
        )


def client_of(settings: Settings, assistant: ScriptedAssistant | None = None, **more: object) -> TestClient:
    """A client of the interface alone (no page: importing Gradio takes seconds), seen as a visitor at the machine itself."""
    app = build_app(settings, assistant or ScriptedAssistant(), page=False, **more)
    return TestClient(app, base_url="http://127.0.0.1:7860", client=("127.0.0.1", 50000), raise_server_exceptions=False)
