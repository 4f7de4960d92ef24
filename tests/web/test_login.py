"""Signing on: the password file, a portal's one-time token, sessions in cookies, the way out; and who is an administrator."""

from __future__ import annotations

import io
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient

from tests.web.sample import ScriptedAssistant
from web.__main__ import main
from web.credentials import FILE, Credentials
from web.login import TRIES
from web.passwords import BadPasswordFile, person_of, read_passwords, set_password
from web.server import build_app
from web.settings import BadSetting, Settings, read_settings

PASSWORD = "足够长的密码 2026"
PORTAL_SERVER = ("10.9.9.9", 50000)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    set_password(tmp_path / "people", "张三", PASSWORD)
    return tmp_path / "people"


def browser(index: Path, address: str = "10.1.2.3", scheme: str = "http", **settings: object) -> TestClient:
    """A browser on another machine, which keeps cookies and follows no redirect."""
    app = build_app(Settings(index=index, **settings), ScriptedAssistant(), page=False)
    return TestClient(app, base_url=f"{scheme}://qa.example", client=(address, 50000), follow_redirects=False, raise_server_exceptions=False)


def sign_on(client: TestClient, name: str = "张三", password: str = PASSWORD, base: str = "", **more: object):
    return client.post(f"{base}/login", data={"name": name, "password": password}, **more)


def test_nobody_comes_in_without_the_password(index: Path, file: Path) -> None:
    with browser(index, password_file=file) as client:
        asked = client.get("/")
        assert (asked.status_code, asked.headers["cache-control"]) == (401, "no-store")
        assert '<form method="post" action="/login">' in asked.text and "<script" not in asked.text
        assert client.get("/api/documents").json()["error"] == {"code": "not_signed_in", "message": "请先登录。"}
        assert client.get("/gradio_api/info").status_code == 401
        assert client.get("/web/login.css").status_code == 200
        for name, password in (("张三", "wrong"), ("李四", PASSWORD), ("", ""), ("张三", "")):
            reply = sign_on(client, name, password)
            assert reply.status_code == 401 and "用户名或密码不正确。" in reply.text and "set-cookie" not in reply.headers
        assert client.get("/api/documents").status_code == 401


def test_the_password_opens_a_session_until_it_is_ended(index: Path, file: Path) -> None:
    with browser(index, password_file=file) as client:
        reply = sign_on(client)
        assert (reply.status_code, reply.headers["location"]) == (303, "/")
        assert re.fullmatch(r"budget_qa_session=[\w-]{43}; Max-Age=43200; Path=/; HttpOnly; SameSite=Lax", reply.headers["set-cookie"])
        me = client.get("/api/me").json()
        assert (me["user"], me["by"], me["admin"], me["token_needed"]) == ("张三", "session", False, False)
        session = client.cookies["budget_qa_session"]
        assert client.post("/logout").headers["location"] == "/"
        assert "budget_qa_session" not in client.cookies
        client.cookies["budget_qa_session"] = session
        assert client.get("/api/me").status_code == 401


@pytest.mark.parametrize("path", ["/", "/?embed=1", "/?embed=1&theme=dark"])
def test_under_a_sub_path_and_in_a_frame_one_comes_back_to_the_page(index: Path, file: Path, path: str) -> None:
    with browser(index, password_file=file, base_path="/tools/qa") as client:
        action = re.search(r'action="([^"]+)"', client.get(f"/tools/qa{path}").text)[1]
        assert action == ("/tools/qa/login?embed=1" if "embed" in path else "/tools/qa/login")
        reply = client.post(action, data={"name": "张三", "password": PASSWORD})
        assert reply.headers["location"] == ("/tools/qa/?embed=1" if "embed" in path else "/tools/qa/")
        assert "Path=/tools/qa;" in reply.headers["set-cookie"]
        assert client.get("/tools/qa/api/me").json()["user"] == "张三"


@pytest.mark.parametrize(
    ("scheme", "address", "headers", "ending"),
    [
        ("https", "10.1.2.3", {}, "HttpOnly; Secure; SameSite=Lax"),
        ("http", "127.0.0.1", {"x-forwarded-proto": "https", "x-forwarded-for": "10.1.2.3"}, "HttpOnly; Secure; SameSite=Lax"),
        ("http", "10.1.2.3", {"x-forwarded-proto": "https"}, "HttpOnly; SameSite=Lax"),
        ("https", "10.1.2.3", {"sec-fetch-dest": "iframe", "sec-fetch-site": "cross-site"}, "HttpOnly; Secure; SameSite=None; Partitioned"),
        ("http", "10.1.2.3", {"sec-fetch-dest": "iframe", "sec-fetch-site": "cross-site"}, "HttpOnly; SameSite=Lax"),
    ],
    ids=["https", "https at the proxy", "a forged proxy", "a frame in another site", "the same without https"],
)
def test_the_cookie_is_as_closed_as_the_connection_allows(
    index: Path, file: Path, scheme: str, address: str, headers: dict[str, str], ending: str
) -> None:
    with browser(index, address, scheme, password_file=file) as client:
        assert sign_on(client, headers=headers).headers["set-cookie"].endswith(ending)


def test_guessing_has_to_wait_and_others_need_not(index: Path, file: Path) -> None:
    set_password(file, "王五", PASSWORD)
    with browser(index, password_file=file) as client:
        for _ in range(TRIES):
            assert sign_on(client, password="wrong").status_code == 401
        reply = sign_on(client)  # even with the right one, from this address
        assert reply.status_code == 429 and 0 < int(reply.headers["retry-after"]) <= 300
        proxied = {"x-forwarded-for": "10.7.7.7"}
        assert sign_on(client, "王五", headers=proxied).status_code == 429  # no trusted proxy: the header changes nothing
    with browser(index, "127.0.0.1", password_file=file) as client:
        for n in range(TRIES):
            sign_on(client, password="wrong", headers={"x-forwarded-for": f"10.0.0.{n}"})
        assert sign_on(client, headers={"x-forwarded-for": "10.0.1.1"}).status_code == 429  # the name, from whatever address
        assert sign_on(client, "王五", headers={"x-forwarded-for": "10.0.1.1"}).status_code == 303


def test_a_page_of_another_site_signs_nobody_on(index: Path, file: Path) -> None:
    with browser(index, password_file=file) as client:
        assert sign_on(client, headers={"origin": "http://evil.example"}).json()["error"]["code"] == "foreign_origin"


def test_administrators_are_named(index: Path, file: Path) -> None:
    set_password(file, "王五", PASSWORD)
    with browser(index, password_file=file, admins=("王五",)) as client:
        sign_on(client)
        assert client.get("/api/audit").json()["error"]["code"] == "admin_only"
        sign_on(client, "王五")
        assert client.get("/api/me").json()["admin"] is True and client.get("/api/audit").status_code == 200


def test_the_name_typed_comes_back_as_text(index: Path, file: Path) -> None:
    with browser(index, password_file=file) as client:
        assert '"><script>' not in sign_on(client, '"><script>alert(1)</script>', "x").text


def token_for(index: Path, user: str = "zhangsan", **body: object) -> str:
    """What the portal's server does: with its key it asks for a token for the user it has signed on itself."""
    _, key = Credentials(index / FILE).add_key("门户", ("login",), 1)
    app = build_app(Settings(index=index, require_login=True), ScriptedAssistant(), page=False)
    with TestClient(app, base_url="http://qa.example", client=PORTAL_SERVER) as portal:
        reply = portal.post("/api/login-tokens", json={"user": user, **body}, headers={"authorization": f"Bearer {key}"})
    assert (reply.status_code, reply.json()["user"], reply.json()["expires_in"]) == (201, user, body.get("seconds", 60))
    return reply.json()["token"]


def test_a_portals_token_signs_one_browser_on_once(index: Path) -> None:
    token = token_for(index)
    with browser(index, require_login=True) as client:
        reply = client.get(f"/?embed=1&token={token}")
        assert (reply.status_code, reply.headers["location"], reply.headers["cache-control"]) == (303, "/?embed=1", "no-store")
        assert client.get("/api/me").json()["user"] == "zhangsan"
    with browser(index, require_login=True) as another:
        again = another.get(f"/?token={token}")
        assert again.status_code == 401 and "登录链接已失效" in again.text and "set-cookie" not in again.headers
        assert another.get("/api/me").status_code == 401


def test_a_token_expires_and_is_kept_as_its_hash_only(index: Path) -> None:
    token = token_for(index, seconds=1)
    assert token.encode() not in (index / FILE).read_bytes()
    credentials = Credentials(index / FILE)
    assert credentials.take_token(credentials.add_token("zhangsan", -1)) is None
    assert credentials.user_of(credentials.open_session("zhangsan", -1)) is None
    assert credentials.take_token(token) == "zhangsan"


@pytest.mark.parametrize("user", ["", "key:门户", "a b", "x" * 65, "a\r\nset-cookie: b"])
def test_a_token_is_for_a_plain_name(index: Path, user: str) -> None:
    _, key = Credentials(index / FILE).add_key("门户", ("login",), 1)
    with browser(index) as client:
        reply = client.post("/api/login-tokens", json={"user": user}, headers={"authorization": f"Bearer {key}"})
        assert reply.json()["error"]["code"] == "invalid_request"
        assert client.post("/api/login-tokens", json={"user": "zhangsan"}).json()["error"]["code"] == "key_needed"


def test_with_a_proxys_sign_on_the_page_says_where_to_go(index: Path) -> None:
    with browser(index, user_header="x-remote-user") as client:
        reply = client.get("/")
        assert reply.status_code == 401 and "请通过单位门户登录后使用。" in reply.text and "<form" not in reply.text
        assert client.post("/login", data={"name": "a", "password": "b"}).status_code == 401


def test_a_dialogue_belongs_to_who_began_it(index: Path) -> None:
    assistant = ScriptedAssistant()
    settings = Settings(index=index, user_header="x-remote-user", trust_proxy=("10.1.2.3",))
    app = build_app(settings, assistant, page=False)
    with TestClient(app, base_url="http://qa.example", client=("10.1.2.3", 50000)) as client:
        for user in ("zhangsan", "lisi", "zhangsan"):
            client.post("/api/ask", json={"question": "三公", "session_id": "known-session"}, headers={"x-remote-user": user})
    assert [session for _, session in assistant.asked] == ["known-session", None, "known-session"]


def test_chinese_names_come_through_the_proxys_header(index: Path) -> None:
    with browser(index, user_header="x-remote-user", trust_proxy=("10.1.2.3",), admins=("张三",)) as client:
        me = client.get("/api/me", headers={"x-remote-user": "张三".encode()}).json()
        assert (me["user"], me["admin"]) == ("张三", True)


def test_the_file_holds_no_password_and_is_for_its_owner_only(file: Path) -> None:
    set_password(file, "王五", "another password")
    assert list(read_passwords(file)) == ["张三", "王五"]
    assert file.stat().st_mode & 0o777 == 0o600
    assert PASSWORD not in file.read_text(encoding="utf-8") and file.read_text(encoding="utf-8").count("scrypt$32768$8$3$") == 2
    assert (person_of(file, " 张三 ", PASSWORD), person_of(file, "张三", PASSWORD + " "), person_of(file, "王五", PASSWORD)) == ("张三", None, None)


@pytest.mark.parametrize(("name", "password"), [("a:b", PASSWORD), ("a b", PASSWORD), ("", PASSWORD), ("张三", "short"), ("张三", "x" * 201)])
def test_what_will_not_do_changes_nothing(file: Path, name: str, password: str) -> None:
    before = file.read_bytes()
    with pytest.raises(BadPasswordFile):
        set_password(file, name, password)
    assert file.read_bytes() == before


def test_a_broken_password_file_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "people").write_text("张三:plain\n", encoding="utf-8")
    with pytest.raises(BadSetting, match=r"设置 BUDGET_QA_PASSWORD_FILE 的值“.+people”不可用：密码文件 .+ 第 1 行格式有误"):
        read_settings({}, {"BUDGET_QA_PASSWORD_FILE": str(tmp_path / "people")})
    with pytest.raises(BadSetting, match="无法读取密码文件"):
        read_settings({}, {"BUDGET_QA_PASSWORD_FILE": str(tmp_path / "none")})


def test_the_commands_add_and_remove_people(index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "people"
    where = ["--password-file", str(file)]
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    assert main(["users", "add", "张三", *where, "--index", str(index)]) == 0
    assert main(["users", "list", *where]) == 0
    with browser(index, password_file=file) as client:
        sign_on(client)
        assert client.get("/api/me").status_code == 200
        assert main(["users", "remove", "张三", *where, "--index", str(index)]) == 0
        assert client.get("/api/me").status_code == 401  # whoever had the password is out at once
        assert sign_on(client).status_code == 401
    assert main(["users", "remove", "张三", *where, "--index", str(index)]) == 1
    out = capsys.readouterr()
    assert out.out == "已保存 张三 的密码。\n张三\n已删除 张三。\n"
    assert out.err.splitlines()[-1] == "错误：密码文件里没有“张三”。"


def test_the_redirect_stays_on_the_server(index: Path) -> None:
    token = token_for(index)
    with browser(index, require_login=True) as client:
        reply = client.get(f"/?embed=//evil.example&next=http://evil.example&token={token}")
        assert urlsplit(reply.headers["location"]).netloc == "" and reply.headers["location"] == "/?embed=1"
