"""Two servers over one index behind real nginx, with the file we ship (deploy/nginx-several.conf): any of them may get any request."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.web.running import ROOT, Running, free_port
from tests.web.test_nginx import AROUND, NGINX
from web.passwords import set_password

SHIPPED = ROOT / "deploy" / "nginx-several.conf"
QUESTION = "2021年扶贫办三公经费多少"
PAPER = "甲市水务局2031年部门预算\n表12 一般公共预算“三公”经费支出表\n单位：万元\n年份\t总计\t公务接待费\n2031年\t41\t41\n"
pytestmark = pytest.mark.skipif(NGINX is None, reason="needs nginx")


@dataclass
class Front:
    """nginx as the world sees it, with somebody signed on, and the servers behind it."""

    client: httpx.Client
    servers: list[Running]

    def ask(self, question: str, session: str | None = None) -> dict:
        reply = self.client.post("/api/ask", json={"question": question, "session_id": session})
        assert reply.status_code == 200, reply.text
        return reply.json()

    def counted(self) -> list[int]:
        """How many questions each server has answered, asked past nginx."""
        texts = [httpx.get(f"{server.url}/tools/qa/metrics").text for server in self.servers]
        return [sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("budget_qa_question_seconds_count")) for text in texts]


@pytest.fixture(scope="module")
def front(sample_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("two")
    shutil.copytree(sample_index, folder / "index")
    set_password(folder / "users", "张三", "一个够长的测试用密码")
    options = ("--base-path", "/tools/qa", "--password-file", str(folder / "users"), "--admins", "张三", "--rate-limit", "1000")
    servers = [Running(folder / "index", *options) for _ in range(2)]
    for server in servers:
        until = time.monotonic() + 60
        while socket.socket().connect_ex(("127.0.0.1", server.port)):
            assert time.monotonic() < until, server.log()
            time.sleep(0.1)
    port, shipped = free_port(), SHIPPED.read_text(encoding="utf-8")
    for ours, tests in (
        ("listen 80;", f"listen 127.0.0.1:{port};"),
        ("127.0.0.1:7860", f"127.0.0.1:{servers[0].port}"),
        ("127.0.0.1:7861", f"127.0.0.1:{servers[1].port}"),
    ):
        assert ours in shipped
        shipped = shipped.replace(ours, tests)
    (folder / "budget-qa.conf").write_text(shipped, encoding="utf-8")
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder, user="user root;" if folder.owner() == "root" else ""), encoding="utf-8")
    nginx = subprocess.Popen([NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf")], stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 10
    while socket.socket().connect_ex(("127.0.0.1", port)):
        assert time.monotonic() < until and nginx.poll() is None, nginx.stderr.read()
        time.sleep(0.05)
    with httpx.Client(base_url=f"http://127.0.0.1:{port}/tools/qa", timeout=60) as client:
        assert client.get("/api/documents").status_code == 401
        assert client.post("/login", data={"name": "张三", "password": "一个够长的测试用密码"}).status_code == 303
        yield Front(client, servers)
    nginx.terminate()
    nginx.wait()
    for server in servers:
        server.stop()


def test_a_dialogue_and_a_login_hold_at_both(front: Front) -> None:
    before, session = front.counted(), None
    for number in range(6):
        session = front.ask(QUESTION, session)["session_id"]
        assert front.ask("其中公务接待费呢", session)["values"][0]["value"] == "5", number
    more = [after - old for after, old in zip(front.counted(), before, strict=True)]
    assert sum(more) == 12 and min(more) >= 3  # nginx gave both of them turns
    assert {front.client.get("/api/me").json()["user"] for _ in range(6)} == {"张三"}
    assert len(front.client.get("/api/audit").json()["asked"]) >= 12


def test_an_upload_is_followed_and_known_to_both(front: Front) -> None:
    job = front.client.post("/api/documents", files={"files": ("水务.txt", PAPER.encode())}).json()["id"]
    until = time.monotonic() + 120
    while (status := front.client.get(f"/api/jobs/{job}").json()["status"]) == "running":
        assert time.monotonic() < until
        time.sleep(0.2)
    assert status == "done"
    assert [front.ask("2031年水务局公务接待费多少")["values"][0]["value"] for _ in range(4)] == ["41"] * 4


def test_the_page_is_served_and_asks(front: Front) -> None:
    config = front.client.get("/config").json()
    submit = next(d["id"] for d in config["dependencies"] if any(target[1] == "submit" for target in d["targets"]))
    for number in range(4):
        data = {"data": [QUESTION, [], None], "fn_index": submit, "session_hash": f"two{number}"}
        assert front.client.post("/gradio_api/queue/join", json=data).status_code == 200
        with front.client.stream("GET", "/gradio_api/queue/data", params={"session_hash": f"two{number}"}) as reply:
            text = "".join(reply.iter_text())
        assert '"success":true' in text.replace(" ", "") and "**9 万元**" in text


def test_one_that_is_gone_is_not_missed(front: Front) -> None:
    """The last of this file: ends one of the servers."""
    session = front.ask(QUESTION)["session_id"]
    front.servers[0].stop(signal.SIGKILL)
    assert [front.ask("其中公务接待费呢", session)["values"][0]["value"] for _ in range(6)] == ["5"] * 6
    assert front.client.get("/").status_code == 200
