"""API keys: what each scope opens, what ends a key, and that nothing kept on disk opens anything."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.web.sample import PAPER, ScriptedAssistant
from web.__main__ import main
from web.credentials import FILE, Credentials
from web.server import build_app
from web.settings import Settings

QUESTION = {"question": "2021年扶贫办三公经费多少"}


@pytest.fixture
def credentials(index: Path) -> Credentials:
    return Credentials(index / FILE)


def program(index: Path, **settings: object) -> TestClient:
    """A program on another machine; everybody has to sign on."""
    app = build_app(Settings(index=index, **{"require_login": True, **settings}), ScriptedAssistant(), page=False)
    return TestClient(app, base_url="http://qa.example", client=("10.1.2.3", 50000), raise_server_exceptions=False)


def headers(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


def code(reply) -> tuple[int, str]:
    return reply.status_code, reply.json()["error"]["code"] if reply.is_error else ""


@pytest.mark.parametrize(
    ("scopes", "allowed"),
    [
        (("ask",), "ask"),
        (("read",), "read"),
        (("admin",), "admin"),
        (("login",), "login"),
        (("ask", "read", "admin", "login"), "ask read admin login"),
    ],
)
def test_each_scope_opens_its_routes_and_no_others(index: Path, credentials: Credentials, scopes: tuple[str, ...], allowed: str) -> None:
    _, key = credentials.add_key("门户", scopes, 1)
    with program(index) as client:
        client.headers = headers(key)
        replies = {
            "ask": [
                client.post("/api/ask", json=QUESTION),
                client.post("/api/feedback", json={**QUESTION, "rating": "up"}),
                client.post("/api/export", json={"format": "csv", "rows": [["a"]]}),
                client.get("/api/examples"),
            ],
            "read": [
                client.get(f"/api/{path}")
                for path in (
                    "documents",
                    "checks",
                    f"documents/{PAPER}",
                    f"documents/{PAPER}/source",
                    f"documents/{PAPER}/tables/0",
                    f"documents/{PAPER}/tables/0/file",
                )
            ],
            "admin": [client.get("/api/audit"), client.get("/metrics")],
            "login": [client.post("/api/login-tokens", json={"user": "zhangsan"})],
        }
        refused = [client.get("/api/jobs/none"), client.delete("/api/documents/none"), client.get(f"/api/documents/{PAPER}/page/1.png")]
    for scope, answers in replies.items():
        wanted = {(200, ""), (201, "")} if scope in allowed.split() else {(403, "scope_missing")}
        assert {code(answer) for answer in answers} <= wanted, scope
    assert ((403, "scope_missing") in {code(reply) for reply in refused[:2]}) == ("admin" not in scopes)
    assert (code(refused[2]) == (403, "scope_missing")) == ("read" not in scopes)


def test_a_key_that_is_not_good_is_refused_everywhere(index: Path, credentials: Credentials) -> None:
    _, expired = credentials.add_key("旧", ("ask",), 0)
    revoked_key, revoked = credentials.add_key("撤", ("ask",), 1)
    good_key, good = credentials.add_key("好", ("ask",), 1)
    assert credentials.revoke_key(revoked_key.id) and not credentials.revoke_key(revoked_key.id)
    wrong = [
        expired,
        revoked,
        "nonsense",
        "bqa__",
        f"bqa_{good_key.id}_",
        f"bqa_{good_key.id}_{'x' * 43}",
        f"bqa_{revoked_key.id}_{good.split('_', 2)[2]}",
    ]
    for required in (True, False):
        with program(index, require_login=required) as client:
            for key in wrong:
                reply = client.get("/api/examples", headers=headers(key))
                assert code(reply) == (401, "key_not_valid") and reply.headers["www-authenticate"] == "Bearer"
            assert client.get("/api/examples", headers=headers(good)).status_code == 200
            assert code(client.get("/api/examples")) == ((401, "not_signed_in") if required else (200, ""))


def test_revoking_works_while_the_server_runs(index: Path, credentials: Credentials) -> None:
    key, text = credentials.add_key("门户", ("read",), 1)
    with program(index) as client:
        assert client.get("/api/documents", headers=headers(text)).status_code == 200
        assert main(["keys", "revoke", key.id, "--index", str(index)]) == 0
        assert code(client.get("/api/documents", headers=headers(text))) == (401, "key_not_valid")


def test_each_key_has_a_limit_of_its_own_and_is_told_when_to_come_again(index: Path, credentials: Credentials) -> None:
    first, second = (credentials.add_key(name, ("ask",), 1)[1] for name in ("甲", "乙"))
    with program(index, rate_limit=2) as client:
        replies = [client.post("/api/ask", json=QUESTION, headers=headers(first)) for _ in range(3)]
        assert [reply.status_code for reply in replies] == [200, 200, 429]
        assert 0 < int(replies[2].headers["retry-after"]) <= 60
        assert client.post("/api/ask", json=QUESTION, headers=headers(second)).status_code == 200


def test_a_key_used_at_the_machine_itself_has_its_own_rights_only(index: Path, credentials: Credentials) -> None:
    _, key = credentials.add_key("脚本", ("read",), 1)
    app = build_app(Settings(index=index), ScriptedAssistant(), page=False)
    with TestClient(app, base_url="http://127.0.0.1:7860", client=("127.0.0.1", 50000)) as client:
        assert client.get("/api/audit").status_code == 200
        assert code(client.get("/api/audit", headers=headers(key))) == (403, "scope_missing")
        assert client.get("/metrics", headers=headers(key)).status_code == 403


def test_the_audit_trail_names_the_key_and_never_holds_it(index: Path, credentials: Credentials) -> None:
    _, text = credentials.add_key("门户", ("ask", "admin"), 1)
    with program(index) as client:
        client.post("/api/ask", json=QUESTION, headers=headers(text))
        noted = client.get("/api/audit", headers=headers(text)).json()["asked"]
    assert [note["visitor"] for note in noted] == ["key:门户"]
    secret = text.split("_", 2)[2]
    assert [path.name for path in index.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()] == []


def test_the_file_is_for_its_owner_only_and_not_in_backups(index: Path, credentials: Credentials) -> None:
    from ingest.backup import LIVE

    assert (index / FILE).stat().st_mode & 0o777 == 0o600
    assert FILE not in LIVE


def test_openapi_says_how_to_sign_on(client: TestClient) -> None:
    schema = client.get("/api/openapi.json").json()
    assert {name: scheme["type"] for name, scheme in schema["components"]["securitySchemes"].items()} == {"key": "http", "session": "apiKey"}
    open_to_all = {path for path, methods in schema["paths"].items() for route in methods.values() if not route.get("security")}
    assert open_to_all == {"/api/health", "/api/ready"}


def test_the_commands_make_list_and_revoke(index: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def run(*arguments: str) -> tuple[int, str, str]:
        status = main([*arguments, "--index", str(index)])
        out = capsys.readouterr()
        return status, out.out, out.err

    assert run("keys", "list") == (0, "还没有密钥。\n", "")
    status, out, _ = run("keys", "add", "门户", "--scopes", "login,read", "--days", "30")
    key = Credentials(index / FILE).key_of(out.splitlines()[0])
    assert status == 0 and (key.name, key.scopes) == ("门户", ("login", "read")) and 29 < (key.expires - key.created) / 86_400 <= 30
    assert run("keys", "list")[1].startswith(f"{key.id}  门户  login,read  有效，到 ")
    assert run("keys", "revoke", key.id) == (0, f"已撤销 {key.id}。\n", "")
    assert run("keys", "revoke", key.id) == (1, "", f"错误：没有编号为 {key.id} 的密钥，或已撤销。\n")
    assert "已撤销" in run("keys", "list")[1]


@pytest.mark.parametrize("wrong", [["--scopes", "ask,write"], ["--days", "0"], ["--days", "十"]])
def test_a_wrong_option_makes_no_key(index: Path, wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["keys", "add", "门户", "--index", str(index), *wrong])
    assert "应为" in capsys.readouterr().err
    assert not (index / FILE).exists() or sqlite3.connect(index / FILE).execute("SELECT count(*) FROM keys").fetchone() == (0,)
