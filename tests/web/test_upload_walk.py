"""The whole way with the real ingest and the real assistant: upload a paper, ask it, see the source, delete it, ask again."""

from __future__ import annotations

import time
from pathlib import Path

from fastapi.testclient import TestClient

from web.server import build_app
from web.settings import Settings

PAPER = Path(__file__).parents[2] / "data" / "documents" / "2021年深圳市扶贫协作和合作交流办公室部门预算.txt"
QUESTION = {"question": "2021年扶贫办三公经费多少"}


def finished(client: TestClient, job: dict) -> dict:
    """The job once it has ended."""
    deadline = time.monotonic() + 120
    while job["status"] == "running" and time.monotonic() < deadline:
        time.sleep(0.2)
        job = client.get(f"/api/jobs/{job['id']}").json()
    return job


def test_upload_ask_delete_ask(tmp_path: Path) -> None:
    app = build_app(Settings(index=tmp_path / "index"), page=False)
    with TestClient(app, base_url="http://127.0.0.1:7860", client=("127.0.0.1", 50000)) as client:
        assert client.post("/api/ask", json=QUESTION).status_code == 503

        job = finished(client, client.post("/api/documents", files={"files": (PAPER.name, PAPER.read_bytes())}).json())
        assert (job["status"], job["outcomes"][0]["status"]) == ("done", "added")
        assert job["outcomes"][0]["counts"]["tables"] > 10

        answer = client.post("/api/ask", json=QUESTION).json()
        assert (answer["status"], answer["values"][0]["value"], answer["values"][0]["unit"]) == ("answered", "9", "万元")
        cited = answer["citations"][0]
        source = client.get(f"/api/documents/{cited['document_id']}/source?line={cited['line_start']}").json()
        line = next(line["text"] for line in source["lines"] if line["hit"])
        assert [cell.strip() for cell in line.split("\t")][1:] == [cell.strip() for cell in cited["quote"].split("|")]
        assert cited["table"] in [table["label"] for table in source["tables"]]

        document = job["outcomes"][0]["document"]
        assert finished(client, client.delete(f"/api/documents/{document}").json())["status"] == "done"
        assert client.get(f"/api/documents/{document}").status_code == 404
        assert client.post("/api/ask", json=QUESTION).json()["status"] == "refused"
