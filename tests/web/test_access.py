"""Rights and origins: who may change papers, which sites may call, what the headers promise, how often one may ask."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.web.sample import PAPER, ScriptedAssistant, client_of
from web.access import visitor_of
from web.documents import Jobs
from web.server import build_app
from web.settings import Settings

PORTAL = "http://portal.example:8000"
TOKEN = "a-long-enough-token"


def jobs(index: Path) -> Jobs:
    """Jobs that say what they were given instead of reading papers."""

    def add(files: list[tuple[Path, str]], index: Path, embedding: str | None) -> list[dict]:
        return [
            {"name": name, "status": "added", "document": "new", "detail": path.read_text(), "counts": {}, "problems": []} for path, name in files
        ]

    def remove(documents: list[str], index: Path) -> list[dict]:
        return [{"name": name, "status": "removed", "document": name, "detail": "", "counts": {}, "problems": []} for name in documents]

    return Jobs(index, "", add=add, remove=remove, inline=True)


def from_elsewhere(settings: Settings) -> TestClient:
    """A visitor on another machine."""
    app = build_app(settings, ScriptedAssistant(), jobs(settings.index), page=False)
    return TestClient(app, base_url="http://qa.example", client=("10.1.2.3", 50000), raise_server_exceptions=False)


def send_file(client: TestClient, name: str = "2022预算.txt", content: bytes = "正文".encode(), **more: object):
    return client.post("/api/documents", files={"files": (name, content)}, **more)


def test_at_the_machine_itself_papers_are_added_and_removed(index: Path) -> None:
    with client_of(Settings(index=index), jobs=jobs(index)) as client:
        reply = send_file(client)
        assert reply.status_code == 202
        job = client.get(f"/api/jobs/{reply.json()['id']}").json()
        assert (job["status"], job["files"], job["outcomes"][0]["detail"]) == ("done", ["2022预算.txt"], "正文")
        assert client.delete(f"/api/documents/{PAPER}").json()["outcomes"][0]["document"] == PAPER
        assert client.delete("/api/documents/none").status_code == 404


def test_from_elsewhere_changes_need_a_token(index: Path) -> None:
    with from_elsewhere(Settings(index=index)) as client:
        assert send_file(client).json()["error"]["code"] == "admin_only"
        assert client.delete(f"/api/documents/{PAPER}").status_code == 403
        assert client.get("/api/audit").status_code == 403
    with from_elsewhere(Settings(index=index, admin_token=TOKEN)) as client:
        assert send_file(client).status_code == 401
        assert send_file(client, headers={"authorization": "Bearer wrong"}).status_code == 401
        assert send_file(client, headers={"authorization": f"Bearer {TOKEN}"}).status_code == 202


@pytest.mark.parametrize(
    "headers",
    [{"x-forwarded-for": "127.0.0.1"}, {"forwarded": "for=127.0.0.1"}, {"host": "evil.example:7860"}],
    ids=["through a proxy", "through another proxy", "a name re-bound to loopback"],
)
def test_only_direct_loopback_counts_as_the_machine_itself(headers: dict[str, str]) -> None:
    settings = Settings()
    assert visitor_of("127.0.0.1", {"host": "127.0.0.1:7860"}, settings).local
    assert not visitor_of("127.0.0.1", {"host": "127.0.0.1:7860", **headers}, settings).local
    assert not visitor_of("10.1.2.3", {"host": "127.0.0.1:7860"}, settings).local


def test_addresses_are_believed_only_from_the_proxy() -> None:
    settings = Settings(user_header="x-remote-user")
    headers = {"x-forwarded-for": "6.6.6.6, 10.9.9.9", "x-remote-user": "zhangsan"}
    assert (visitor_of("127.0.0.1", headers, settings).address, visitor_of("127.0.0.1", headers, settings).user) == ("10.9.9.9", "zhangsan")
    assert (visitor_of("10.1.2.3", headers, settings).address, visitor_of("10.1.2.3", headers, settings).user) == ("10.1.2.3", "")


def test_with_single_sign_on_nobody_else_comes_in(index: Path) -> None:
    settings = Settings(index=index, user_header="x-remote-user", trust_proxy=("10.1.2.3",))
    with from_elsewhere(settings) as client:
        assert client.get("/api/documents").json()["error"]["code"] == "not_signed_in"
        assert client.get("/api/health").status_code == 200
        assert client.get("/api/documents", headers={"x-remote-user": "zhangsan"}).status_code == 200
    with from_elsewhere(Settings(index=index, user_header="x-remote-user")) as client:
        assert client.get("/api/documents", headers={"x-remote-user": "zhangsan"}).status_code == 401


def test_other_sites_may_neither_read_nor_write(index: Path) -> None:
    with from_elsewhere(Settings(index=index)) as client:
        reply = client.post("/api/ask", json={"question": "问"}, headers={"origin": "http://evil.example"})
        assert (reply.status_code, reply.json()["error"]["code"]) == (403, "foreign_origin")
        assert client.post("/api/ask", json={"question": "问"}, headers={"origin": "null"}).status_code == 403
        assert client.post("/api/ask", json={"question": "问"}, headers={"origin": "http://qa.example"}).status_code == 200
        assert "access-control-allow-origin" not in client.get("/api/documents", headers={"origin": "http://evil.example"}).headers


def test_a_portal_may_ask(index: Path) -> None:
    with from_elsewhere(Settings(index=index, portals=(PORTAL,))) as client:
        reply = client.post("/api/ask", json={"question": "问"}, headers={"origin": PORTAL})
        assert (reply.status_code, reply.headers["access-control-allow-origin"]) == (200, PORTAL)
        assert f"frame-ancestors 'self' {PORTAL}" in reply.headers["content-security-policy"]
        preflight = client.options(
            "/api/ask", headers={"origin": PORTAL, "access-control-request-method": "POST", "access-control-request-headers": "content-type"}
        )
        assert preflight.status_code == 200
        evil = client.options("/api/ask", headers={"origin": "http://evil.example", "access-control-request-method": "POST"})
        assert evil.status_code == 400 and "access-control-allow-origin" not in evil.headers


def test_every_answer_carries_the_security_headers(client: TestClient) -> None:
    for path in ("/api/health", "/api/nothing", "/web/embed.js"):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'self'" in policy and "unsafe-eval" not in policy and "script-src 'self' 'nonce-" in policy
        assert policy.endswith("frame-ancestors 'self'")
        assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "same-origin")


def test_gradios_own_upload_is_closed(client: TestClient) -> None:
    assert client.post("/gradio_api/upload", files={"files": ("a.html", b"<script>")}).json()["error"]["code"] == "not_found"


def test_a_visitor_may_ask_so_often_a_minute(index: Path) -> None:
    with from_elsewhere(Settings(index=index, rate_limit=3)) as client:
        statuses = [client.post("/api/ask", json={"question": "问"}).status_code for _ in range(4)]
        assert statuses == [200, 200, 200, 429]
    with client_of(Settings(index=index, rate_limit=3)) as client:
        assert [client.post("/api/ask", json={"question": "问"}).status_code for _ in range(4)] == [200] * 4


@pytest.mark.parametrize(
    ("name", "content", "status", "code"),
    [
        ("a.exe", b"MZ", 415, "unsupported_file"),
        ("预算", b"text", 415, "unsupported_file"),
        ("a.pdf", b"<html>", 415, "content_mismatch"),
        ("a.docx", b"PK\x03\x04 broken", 415, "content_mismatch"),
        ("a.xlsx", b"not a zip", 415, "content_mismatch"),
        ("a.txt", b"MZ\x00\x00\x01", 415, "content_mismatch"),
        ("a.txt", b"  \n", 415, "empty_file"),
        ("a.doc", b"\x00\x01 neither", 415, "content_mismatch"),
    ],
)
def test_uploads_are_judged_by_their_content(index: Path, name: str, content: bytes, status: int, code: str) -> None:
    with client_of(Settings(index=index), jobs=jobs(index)) as client:
        reply = send_file(client, name, content)
        assert (reply.status_code, reply.json()["error"]["code"]) == (status, code)


def test_old_word_is_taken_where_libreoffice_can_read_it(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old_word = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100)
    for program in (None, "/usr/bin/soffice"):
        monkeypatch.setattr("web.documents.office", lambda program=program: program)
        with client_of(Settings(index=index), jobs=jobs(index)) as client:
            replies = {name: send_file(client, name, content) for name, content in (("a.doc", old_word), ("a.rtf", b"{\\rtf1 a}"), ("a.odt", b"PK\x03\x04"))}
            page = send_file(client, "b.doc", b"<html><table></table></html>")  # many a .doc is a web page: read without LibreOffice
            assert (".doc" in client.get("/api/me").json()["formats"]) == bool(program)
        if program:
            assert {reply.status_code for reply in replies.values()} == {202}
        else:
            assert {(reply.status_code, reply.json()["error"]["code"]) for reply in replies.values()} == {(415, "unsupported_file")}
            assert "没有安装 LibreOffice" in replies["a.doc"].json()["error"]["message"]
        assert page.status_code == 202


def test_an_uploads_name_cannot_leave_its_folder(index: Path) -> None:
    with client_of(Settings(index=index), jobs=jobs(index)) as client:
        assert send_file(client, "../../etc/cron.d/预算.txt").json()["files"] == ["预算.txt"]
        assert send_file(client, "C:\\temp\\预算.txt").json()["files"] == ["预算.txt"]


def test_an_upload_over_the_limit_is_refused(index: Path) -> None:
    with client_of(Settings(index=index, max_upload_mb=1), jobs=jobs(index)) as client:
        reply = send_file(client, content=b"x" * 1_200_000)
        assert (reply.status_code, reply.json()["error"]["code"]) == (413, "too_large")


def test_a_failed_job_says_so_without_details(index: Path) -> None:
    def add(*_: object) -> list[dict]:
        raise RuntimeError("secret detail")

    with client_of(Settings(index=index), jobs=Jobs(index, "", add=add, inline=True)) as client:
        job = send_file(client).json()
        assert job["status"] == "failed" and "secret" not in job["error"] and "索引没有改动" in job["error"]
