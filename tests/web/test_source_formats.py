"""Where a citation leads in papers that have no lines of their own: the n-th paragraph or row of Word, web pages and CSV, the cells of a workbook."""

from __future__ import annotations

from pathlib import Path

import docx
import openpyxl
import pytest
from fastapi.testclient import TestClient

from eval.clients import InProcess
from ingest.pipeline import find_sources, ingest
from web.server import build_app
from web.settings import Settings

HEADER, ROW = ("年份", "总计", "因公出国（境）费", "公务接待费"), ("2021年", "5", "0", "5")


def lines(office: str) -> list[str]:
    return [
        f"甲市{office}2021年部门预算",
        "第一部分 “三公”经费说明",
        "接待费减少，主要原因是来访的人少了。",
        "表12 一般公共预算“三公”经费支出表",
        "单位：万元",
    ]


def word(path: Path, office: str) -> None:
    paper = docx.Document()
    for line in lines(office):
        paper.add_paragraph(line)
    table = paper.add_table(0, 4)
    for row in (HEADER, ROW):
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    paper.save(path)


def web_page(path: Path, office: str) -> None:
    rows = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in (HEADER, ROW))
    path.write_text(f"<html><body>{''.join(f'<p>{line}</p>' for line in lines(office))}<table>{rows}</table></body></html>", encoding="utf-8")


def positioned_page(path: Path, office: str) -> None:
    """As some bureaus' converters write them: every word in a box at its place, pages as big boxes."""

    def box(x: int, y: int, text: str) -> str:
        return f'<div style="position:absolute;left:{x}pt;top:{y}pt;font-size:10pt">{text}</div>'

    def stroke(x: int, y: int, width: int, height: int) -> str:
        return f'<div style="position:absolute;left:{x}pt;top:{y}pt;width:{width}pt;height:{height}pt;border-bottom:0.5pt solid #000"></div>'

    boxes = "".join(box(60, 40 + 18 * n, line) for n, line in enumerate(lines(office)))
    boxes += "".join(box(55 + 130 * c, 155 + 20 * r, cell) for r, row in enumerate((HEADER, ROW)) for c, cell in enumerate(row))
    boxes += "".join(stroke(50, y, 520, 0) for y in (150, 170, 190)) + "".join(stroke(x, 150, 0, 40) for x in range(50, 571, 130))
    path.write_text(f'<html><body><div style="width:595pt;height:842pt;position:relative">{boxes}</div></body></html>', encoding="utf-8")


def table_text(path: Path, office: str) -> None:
    # most records of a CSV file have the same number of fields
    rows = [*([line] for line in lines(office)), HEADER, *((f"{year}年", *ROW[1:]) for year in range(2021, 2010, -1))]
    path.write_text("\n".join(",".join(row) for row in rows), encoding="utf-8-sig")


def workbook(path: Path, office: str) -> None:
    book = openpyxl.Workbook()
    for row in (*([line] for line in lines(office)), HEADER, ROW):
        book.active.append(row)
    book.save(path)


MAKERS = {"水务局.docx": word, "气象局.html": web_page, "信访局.html": positioned_page, "审计局.csv": table_text, "财政局.xlsx": workbook}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("formats")
    for name, make in MAKERS.items():
        make(folder / name, Path(name).stem)
    index = folder / "index"
    report = ingest(find_sources([folder / name for name in MAKERS]), index)
    assert [(o.name, o.status) for o in report.outcomes] == [(name, "added") for name in MAKERS]
    return index


@pytest.fixture(scope="module")
def client(index: Path) -> TestClient:
    app = build_app(Settings(index=index), page=False)
    return TestClient(app, base_url="http://127.0.0.1:7860", client=("127.0.0.1", 50000))


def flat(text: str) -> str:
    return text.replace("|", "").replace(" ", "")


@pytest.mark.parametrize("name", [name for name in MAKERS if not name.endswith("xlsx")])
def test_the_cited_line_holds_the_quote(client: TestClient, name: str) -> None:
    for question in (f"2021年{Path(name).stem}公务接待费多少", f"2021年{Path(name).stem}接待费为什么减少"):
        answer = client.post("/api/ask", json={"question": question}).json()
        assert answer["status"] == "answered", (question, answer["answer"])
        for cited in answer["citations"]:
            source = client.get(f"/api/documents/{cited['document_id']}/source?line={cited['line_start']}&end={cited['line_end']}").json()
            assert flat(cited["quote"]) in flat("".join(line["text"] for line in source["lines"] if line["hit"]))
            assert cited["table"] is None or [table["label"] for table in source["tables"]] == [cited["table"]]
        assert client.get(f"/api/documents/{cited['document_id']}/page/1.png").json()["error"]["code"] == "no_pages"


@pytest.mark.parametrize("name", MAKERS)
def test_the_evaluation_reads_the_same_place(client: TestClient, index: Path, name: str) -> None:
    in_process = InProcess(index)
    for cited in in_process.ask(f"2021年{Path(name).stem}公务接待费多少", None)["citations"]:
        assert flat(cited["quote"]) in flat(in_process.source(cited))


def test_a_workbook_is_cited_by_its_cell(client: TestClient) -> None:
    cited = client.post("/api/ask", json={"question": "2021年财政局公务接待费多少"}).json()["citations"][0]
    assert (cited["sheet"], cited["cell"], cited["page"], cited["line_start"]) == ("Sheet", "D7", None, None)
    document = client.get(f"/api/documents/{cited['document_id']}").json()
    cells = client.get(f"/api/documents/{cited['document_id']}/tables/{document['tables'][0]['index']}").json()["cells"]
    assert [cell["text"] for cell in cells if cell["cell"] == "D7"] == ["5"]
