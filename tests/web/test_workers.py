"""Two real worker processes behind one port, over one index."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from ingest.generations import current
from tests.web.chromium import Server
from tests.web.running import ROOT, Running, gone
from tests.web.sample import ScriptedAssistant, make_index
from web.access import Visitor
from web.affinity import Affinity, Seat
from web.credentials import FILE, Credentials
from web.metrics import Metrics
from web.server import build_app
from web.settings import Settings
from web.shared import Shared

QUESTION = "2021年扶贫办三公经费多少"
PAPER = "甲市水务局{year}年部门预算\n表12 一般公共预算“三公”经费支出表\n单位：万元\n年份\t总计\t公务接待费\n{year}年\t{figure}\t{figure}\n"


def in_a_thread(work: Coroutine[Any, Any, None]) -> None:
    """A coroutine run in a thread of its own: where a browser test ran before, this thread has a loop that never ends."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, work).result()


@pytest.fixture(scope="module")
def pair(sample_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    index = tmp_path_factory.mktemp("workers") / "index"
    shutil.copytree(sample_index, index)
    running = Running(index, "--workers", "2", "--rate-limit", "5")
    yield running
    running.stop()


def test_it_says_so_when_both_answer(pair: Running) -> None:
    assert f"已启动：{pair.url}/" in pair.said and len(pair.workers()) == 2


def test_a_dialogue_goes_on_whichever_worker_gets_the_turn(pair: Running) -> None:
    one, other = pair.workers()
    with pair.only(one):
        first = pair.ask(QUESTION)
    with pair.only(other):
        second = pair.ask("其中公务接待费呢", first["session_id"])
    with pair.only(one):
        third = pair.ask("换算成元", first["session_id"])
    assert [(a["values"][0]["value"], a["values"][0]["unit"]) for a in (first, second, third)] == [("9", "万元"), ("5", "万元"), ("50000", "元")]
    # nor does it open to somebody else because another worker began it
    with pair.only(other):
        reply = pair.post(
            "/api/ask", json={"question": "其中公务接待费呢", "session_id": first["session_id"]}, headers={"x-forwarded-for": "10.9.9.9"}
        )
    assert reply.json()["session_id"] != first["session_id"]


def test_audit_feedback_and_counters_are_of_both(pair: Running) -> None:
    def told() -> tuple[int, int, set[str]]:
        """How many answers the counters tell of, how many questions the audit, and whose feedback; counters are written down half a second late."""
        time.sleep(1)
        audit = pair.get("/api/audit").json()
        counted = [line for line in pair.get("/metrics").text.splitlines() if line.startswith("budget_qa_question_seconds_count")]
        return int(counted[0].split()[1]), len(audit["asked"]), {said["question"] for said in audit["feedback"]}

    counted, asked, _ = told()
    for number, worker in enumerate(pair.workers()):
        with pair.only(worker):
            session = pair.ask(QUESTION)["session_id"]
            assert pair.post("/api/feedback", json={"question": f"评{number}", "session_id": session, "rating": "down"}).status_code == 201
    time.sleep(1)
    for worker in pair.workers():
        with pair.only(worker):
            now = told()
            assert now[:2] == (counted + 2, asked + 2) and {"评0", "评1"} <= now[2]


def test_a_visitor_has_one_limit_for_both(pair: Running) -> None:
    def ask(_: int) -> httpx.Response:
        return pair.post("/api/ask", json={"question": QUESTION}, headers={"x-forwarded-for": "10.1.1.1"})

    with ThreadPoolExecutor(4) as threads:
        replies = list(threads.map(ask, range(12)))
    assert sorted(reply.status_code for reply in replies) == [200] * 5 + [429] * 7
    assert all(1 <= int(reply.headers["retry-after"]) <= 60 for reply in replies if reply.status_code == 429)


def test_a_key_made_and_revoked_elsewhere_counts_at_once_for_both(pair: Running) -> None:
    credentials = Credentials(pair.index / FILE)
    key, text = credentials.add_key("程序", ("read",), 1)
    headers = {"authorization": f"Bearer {text}"}
    for worker in pair.workers():
        with pair.only(worker):
            assert pair.get("/api/me", headers=headers).status_code == 200
    credentials.revoke_key(key.id)
    for worker in pair.workers():
        with pair.only(worker):
            assert pair.get("/api/me", headers=headers).status_code == 401


def test_the_pages_dialogue_stays_with_its_worker(pair: Running) -> None:
    config = pair.get("/config").json()
    submit = next(d["id"] for d in config["dependencies"] if any(target[1] == "submit" for target in d["targets"]))
    assert {pair.get("/config").json()["app_id"] for _ in range(8)} == {config["app_id"]}

    def visit(number: int) -> bool:
        data = {"data": [QUESTION, [], None], "fn_index": submit, "session_hash": f"visit{number}"}
        assert pair.post("/gradio_api/queue/join", json=data).status_code == 200
        with httpx.stream("GET", f"{pair.url}/gradio_api/queue/data", params={"session_hash": f"visit{number}"}, timeout=60) as reply:
            text = "".join(reply.iter_text())
        return '"success":true' in text.replace(" ", "") and "**9 万元**" in text

    assert {zlib.crc32(b"visit%d" % number) % 2 for number in range(12)} == {0, 1}
    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(visit, range(12)))


def test_an_evaluation_is_seen_by_both_and_is_one_at_a_time(pair: Running) -> None:
    form = {"cases": (None, "sample")}
    run = pair.post("/api/evaluations", files=form).json()["id"]
    replies = [pair.get(f"/api/evaluations/{run}").status_code for _ in range(12)]
    again = pair.post("/api/evaluations", files=form).status_code
    assert (replies, again, httpx.delete(f"{pair.url}/api/evaluations/{run}").status_code) == ([200] * 12, 429, 200)


def test_papers_come_and_go_while_twenty_ask(pair: Running, tmp_path: Path) -> None:
    paper = tmp_path / "水务.txt"
    done, wrong, asked = threading.Event(), [], []

    def visitor(number: int) -> None:
        question = [QUESTION, "2021年扶贫办的主要职责是什么", "2021年福田政数局三公经费多少"][number % 3]
        while not done.is_set():
            try:
                answer = pair.ask(question)
                if answer["status"] != "answered":
                    wrong.append(answer["answer"])
            except (AssertionError, httpx.HTTPError) as error:
                wrong.append(repr(error))
            asked.append(number)

    def read(*arguments: str) -> None:
        subprocess.run([sys.executable, "-m", "ingest", "--quiet", "--index", str(pair.index), *arguments], cwd=ROOT, check=True, capture_output=True)

    generations = {current(pair.index)}
    with ThreadPoolExecutor(20) as threads:
        for number in range(20):
            threads.submit(visitor, number)
        try:
            for year, figure in ((2031, 41), (2032, 42)):
                paper.write_text(PAPER.format(year=year, figure=figure), encoding="utf-8")
                read(str(paper))
                generations.add(current(pair.index))
            read("--remove", paper.name)
            generations.add(current(pair.index))
            paper.write_text(PAPER.format(year=2033, figure=43), encoding="utf-8")
            read(str(paper))
        finally:
            done.set()
    assert (wrong, len(generations), len(set(asked))) == ([], 4, 20)
    for worker in pair.workers():
        with pair.only(worker):
            assert pair.ask("2033年水务局公务接待费多少")["values"][0]["value"] == "43"
            assert pair.ask("2032年水务局公务接待费多少")["status"] == "refused"


def test_an_upload_is_followed_through_both(pair: Running) -> None:
    files = [("files", (f"{name}.txt", PAPER.format(year=2040, figure=name).encode())) for name in (7, 8)]
    jobs = []
    for worker, file in zip(pair.workers(), files, strict=True):
        with pair.only(worker):  # two workers, two jobs at once: the second waits for the first
            jobs.append(pair.post("/api/documents", files=[file]).json()["id"])
    until, seen = time.monotonic() + 120, set()
    while "running" in (now := {pair.get(f"/api/jobs/{job}").json()["status"] for job in jobs}):
        seen |= now
        assert time.monotonic() < until
        time.sleep(0.2)
    assert now == {"done"} and "failed" not in seen
    for worker in pair.workers():
        with pair.only(worker):
            assert [pair.get(f"/api/jobs/{job}").json()["outcomes"][0]["status"] for job in jobs] == ["added", "added"]


def test_a_worker_that_dies_is_replaced(pair: Running) -> None:
    victim = pair.workers()[0]
    os.kill(victim, signal.SIGKILL)
    until = time.monotonic() + 60
    while "starting another one" not in pair.log() or len(pair.workers()) < 2:
        assert time.monotonic() < until
        time.sleep(0.1)
    assert pair.ask(QUESTION)["values"][0]["value"] == "9"
    with pair.only(next(worker for worker in pair.workers() if worker != victim)):
        assert pair.ask(QUESTION)["values"][0]["value"] == "9"


def test_the_end_is_in_order(pair: Running) -> None:
    """The last of this file: ends the server that the others used."""
    workers = pair.workers()
    assert pair.stop() == 0
    assert gone(workers) and "Traceback" not in pair.log()
    assert not (pair.index / "web.sqlite-wal").exists()


def test_workers_end_with_the_process_that_started_them(tmp_path: Path) -> None:
    running = Running(make_index(tmp_path / "index"), "--workers", "2")
    workers = running.workers()
    running.stop(signal.SIGKILL)
    assert len(workers) == 2 and gone(workers, 20)


def test_a_port_that_is_taken_is_said_in_one_line(tmp_path: Path) -> None:
    server = Server(build_app(Settings(index=make_index(tmp_path / "index")), ScriptedAssistant(), page=False))
    try:
        command = [sys.executable, "app.py", "--index", str(tmp_path / "index"), "--port", str(server.port), "--workers", "2"]
        result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    finally:
        server.stop()
    assert (result.returncode, result.stderr.count("\n")) == (2, 1) and "无法监听" in result.stderr


class Slow(ScriptedAssistant):
    """Takes its time."""

    def ask(self, question: str, session_id: str | None = None):
        time.sleep(0.3)
        return super().ask(question, session_id)


def test_more_at_once_than_can_be_answered_are_told_to_come_again(tmp_path: Path) -> None:
    server = Server(build_app(Settings(index=make_index(tmp_path / "index"), max_waiting=10), Slow(), page=False))
    try:
        with ThreadPoolExecutor(40) as threads:
            replies = list(threads.map(lambda _: httpx.post(f"{server.url}/api/ask", json={"question": QUESTION}, timeout=60), range(40)))
        health = httpx.get(f"{server.url}/api/health").status_code
        later = httpx.post(f"{server.url}/api/ask", json={"question": QUESTION}).status_code
    finally:
        server.stop()
    refused = [reply for reply in replies if reply.status_code == 503]
    assert {reply.status_code for reply in replies} == {200, 503} and len(refused) >= 15
    assert {(reply.json()["error"]["code"], reply.headers["retry-after"]) for reply in refused} == {("server_busy", "2")}
    assert (health, later) == (200, 200)


# The parts


def test_a_request_passed_on_arrives_whole_and_its_answer_streams_back(tmp_path: Path) -> None:
    seen: list[dict] = []

    def app_of(number: int):
        async def app(scope, receive, send) -> None:
            if scope["type"] == "lifespan":
                await receive()
                return
            body = await receive()
            seen.append({"worker": number, "body": body["body"], "visitor": scope["state"]["visitor"], "query": scope["query_string"]})
            await send({"type": "http.response.start", "status": 207, "headers": [(b"x-worker", b"%d" % number)]})
            for piece in (b"a", b"b"):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b"c"})

        return Affinity(app, Seat(number, 2, tmp_path, "run"), "/base")

    async def ask(app: Affinity, method: str, path: str, query: bytes, body: bytes) -> list[dict]:
        sent: list[dict] = []

        left = [body]

        async def receive() -> dict:
            return {"type": "http.request", "body": left.pop()} if left else await asyncio.Event().wait()

        async def send(message: dict) -> None:
            sent.append(message)

        who = Visitor("10.0.0.1", "张三", False, frozenset({"ask"}), "header")
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": query,
            "headers": [(b"x", "é".encode("latin-1"))],
            "state": {"visitor": who},
        }
        await app(scope, receive, send)
        return sent

    async def run() -> None:
        ends = [asyncio.Event(), asyncio.Event()]
        apps = [app_of(0), app_of(1)]
        lives = [asyncio.create_task(app({"type": "lifespan"}, end.wait, None)) for app, end in zip(apps, ends, strict=True)]
        await asyncio.sleep(0.2)
        session = next(f"s{n}" for n in range(99) if zlib.crc32(b"s%d" % n) % 2 == 1)
        body = f'{{"data": ["\\"session_hash\\":\\"other\\""], "session_hash": "{session}"}}'.encode()
        for method, path, query, sent_body in (
            ("POST", "/base/gradio_api/queue/join", b"", body),
            ("GET", "/base/gradio_api/queue/data", f"session_hash={session}".encode(), b""),
            ("GET", f"/base/gradio_api/heartbeat/{session}", b"", b""),
        ):
            answer = await ask(apps[0], method, path, query, sent_body)
            assert (answer[0]["status"], answer[0]["headers"]) == (207, [(b"x-worker", b"1")])
            assert [message.get("body") for message in answer[1:]] == [b"a", b"b", b"c"]
            assert seen[-1]["body"] == sent_body and seen[-1]["query"] == query and seen[-1]["visitor"].user == "张三"
        assert (await ask(apps[1], "GET", "/base/api/documents", b"", b""))[0]["headers"] == [(b"x-worker", b"1")]
        assert (await ask(apps[1], "GET", "/base/api/evaluations", b"", b""))[0]["headers"] == [(b"x-worker", b"0")]
        (tmp_path / "1.sock").unlink()
        assert (await ask(apps[0], "POST", "/base/gradio_api/queue/join", b"", body))[0]["status"] == 503
        for end in ends:
            end.set()
        await asyncio.gather(*lives)

    in_a_thread(run())


def test_an_answer_that_is_ready_before_its_question_has_all_arrived_is_not_lost(tmp_path: Path) -> None:
    async def at_once(scope, receive, send) -> None:
        if scope["type"] == "lifespan":
            await receive()
            return
        await send({"type": "http.response.start", "status": 413, "headers": []})
        await send({"type": "http.response.body", "body": b"too much"})

    async def run() -> None:
        end = asyncio.Event()
        apps = [Affinity(at_once, Seat(number, 2, tmp_path, "run"), "") for number in range(2)]
        lives = [asyncio.create_task(app({"type": "lifespan"}, end.wait, None)) for app in apps]
        await asyncio.sleep(0.2)
        sent: list[dict] = []
        pieces = [b"x" * 100_000] * 20

        async def receive() -> dict:
            await asyncio.sleep(0.02)
            return {"type": "http.request", "body": pieces.pop(), "more_body": bool(pieces)} if pieces else await asyncio.Event().wait()

        async def send(message: dict) -> None:
            sent.append(message)
            await asyncio.sleep(0.2)  # a slow browser, meanwhile more of the question is written to a neighbour who is done

        who = Visitor("10.0.0.1", "", False)
        scope = {"type": "http", "method": "POST", "path": "/api/evaluations", "query_string": b"", "headers": [], "state": {"visitor": who}}
        await apps[1](scope, receive, send)
        assert [sent[0]["status"], *(message.get("body") for message in sent[1:])] == [413, b"too much"]
        end.set()
        await asyncio.gather(*lives)

    in_a_thread(run())


def test_a_token_signs_on_once_in_all_processes(tmp_path: Path) -> None:
    files = [Credentials(tmp_path / "access.sqlite") for _ in range(4)]
    for _ in range(10):
        token = files[0].add_token("张三", 60)
        with ThreadPoolExecutor(4) as threads:
            assert sorted(threads.map(lambda each, token=token: each.take_token(token) or "", files)) == ["", "", "", "张三"]


def test_a_job_whose_process_is_gone_has_failed(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from web.shared import Shared; "
        f"Shared(Path({str(tmp_path / 'shared.sqlite')!r})).keep_job('j', {{'status': 'running'}})"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
    shared = Shared(tmp_path / "shared.sqlite")
    shared.keep_job("own", {"status": "running"})
    assert (shared.job("j"), shared.job("own"), shared.job("none")) == (({"status": "running"}, False), ({"status": "running"}, True), None)


def test_counters_of_all_workers_are_shown_by_each(tmp_path: Path) -> None:
    workers = [Metrics(Shared(tmp_path / "shared.sqlite"), "run", number) for number in range(3)]
    Metrics(Shared(tmp_path / "shared.sqlite"), "an earlier run", 9).count("questions", 1.0, status="answered", route="sql")
    for each in workers:
        each.count("questions", 0.02, status="answered", route="sql")
        each.close()
    for each in workers:
        assert 'budget_qa_questions_total{status="answered",route="sql"} 3' in each.text("1", 0)
