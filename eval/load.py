"""python -m eval.load: what a running server bears: many users at once, each asking again as soon as it is answered.

    python -m eval.load --url http://127.0.0.1:7860 [--users 50] [--seconds 60] [--pause 0] [--question 问题 …] [--pid N] [--json FILE] [--trivial]

Prints answers a second, p50/p95/p99, errors by kind (429 and 503 apart: told to come again), and with --pid the memory of that process and of those it
started, before and after, and their processor time for one answer. --trivial asks a FastAPI endpoint that only answers {"answer": "9"}, started here for the purpose: the limit of the machine and the server.
Exit status 1 when anything failed. The users are threads' worth of coroutines in this process; on two cores they take a part of the machine themselves.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from eval.score import percentile

QUESTIONS = ("2021年扶贫办三公经费多少",)
_TRIVIAL = """
import sys
import uvicorn
from fastapi import FastAPI
app = FastAPI()

@app.post("/api/ask")
def ask(body: dict) -> dict:
    return {"answer": "9"}

uvicorn.run(app, port=int(sys.argv[1]), log_level="warning")
"""


@dataclass(frozen=True, slots=True)
class Load:
    """What came of it; times in milliseconds, memory in MB (None: not asked for)."""

    users: int
    seconds: float
    answers: int
    a_second: float
    p50: float
    p95: float
    p99: float
    errors: dict[str, int]
    memory_before: float | None = None
    memory_after: float | None = None
    cpu_ms: float | None = None  # the server's processor time for one answer: hardly depends on who else is busy on the machine


async def load(url: str, users: int, seconds: float, pause: float, questions: Sequence[str]) -> Load:
    """`users` ask the server at `url` for so many seconds, each with a connection of its own, and wait `pause` seconds after each answer."""
    took: list[float] = []
    errors: Counter[str] = Counter()
    started = time.perf_counter()

    async def user(number: int) -> None:
        connection = _Connection(url)
        while time.perf_counter() - started < seconds:
            before = time.perf_counter()
            try:
                status, body = await connection.ask(questions[number % len(questions)])
                if status != 200 or b'"answer"' not in body:
                    errors[str(status)] += 1
                else:
                    took.append((time.perf_counter() - before) * 1000)
            except (OSError, asyncio.IncompleteReadError, ValueError) as error:
                errors[type(error).__name__] += 1
                connection.close()
                await asyncio.sleep(0.1)
            number += users
            await asyncio.sleep(pause)
        connection.close()

    await asyncio.gather(*(user(number) for number in range(users)))
    wall = time.perf_counter() - started
    p50, p95, p99 = (round(percentile(took, share), 1) if took else 0.0 for share in (0.50, 0.95, 0.99))
    return Load(users, round(wall, 1), len(took), round(len(took) / wall, 1), p50, p95, p99, dict(errors))


class _Connection:
    """One keep-alive connection that posts questions; a few lines, so that the measuring costs little beside what is measured."""

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, question: str) -> tuple[int, bytes]:
        """(status, body) of POST /api/ask."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._url.hostname, self._url.port or 80)
        reader, writer = self._streams
        body = json.dumps({"question": question}).encode()
        head = f"POST {self._url.path.rstrip('/')}/api/ask HTTP/1.1\r\nHost: {self._url.netloc}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        answer = await reader.readexactly(int(headers["content-length"]) if "content-length" in headers else 0)
        if headers.get("connection", "").lower() == "close":
            self.close()
        return int(lines[0].split()[1]), answer

    def close(self) -> None:
        if self._streams:
            self._streams[1].close()
        self._streams = None


def memory(process: int) -> float:
    """MB that a process and all that it started hold in memory; what they share counts once each."""
    pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    children = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii").split()
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20 + sum(memory(int(child)) for child in children)


def processor_ms(process: int) -> float:
    """Milliseconds of processor time that a process and all that it started have taken."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    children = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii").split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK") + sum(processor_ms(int(child)) for child in children)


@contextmanager
def trivial() -> Iterator[tuple[str, int]]:
    """A FastAPI server with one endpoint that does nothing, in a process of its own; its address and process number."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-c", _TRIVIAL, str(port)])
    try:
        while socket.socket().connect_ex(("127.0.0.1", port)):
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}", process.pid
    finally:
        process.terminate()
        process.wait()


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    result = argparse.ArgumentParser(prog="python -m eval.load", description="许多人同时提问：每秒多少个回答、耗时、出错、内存")
    result.add_argument("--url", default="http://127.0.0.1:7860", help="服务的地址")
    result.add_argument("--users", type=int, default=50, help="同时提问的人数，默认 50")
    result.add_argument("--seconds", type=float, default=60, help="多少秒，默认 60")
    result.add_argument("--pause", type=float, default=0, help="答完后等几秒再问，默认不等")
    result.add_argument("--question", action="append", help="问题，可以写几次；默认一个查数的问题")
    result.add_argument("--pid", type=int, help="服务的进程号：另列它和它的子进程占用的内存")
    result.add_argument("--json", type=Path, help="结果另存为 JSON")
    result.add_argument("--trivial", action="store_true", help="改问一个什么都不做的 FastAPI 接口，作为上限")
    return result


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; exit status 1 when a request failed."""
    options = parser().parse_args(arguments)
    questions = options.question or QUESTIONS
    with trivial() if options.trivial else nullcontext((options.url, options.pid)) as (url, pid):
        before = (memory(pid), processor_ms(pid)) if pid else None
        result = asyncio.run(load(url, options.users, options.seconds, options.pause, questions))
        if before:
            spent = (processor_ms(pid) - before[1]) / max(1, result.answers)
            result = replace(result, memory_before=before[0], memory_after=memory(pid), cpu_ms=round(spent, 2))
    print(
        f"{result.users} 人，{result.seconds} 秒：{result.answers} 个回答，每秒 {result.a_second}；p50 {result.p50}，p95 {result.p95}，p99 {result.p99} 毫秒"
    )
    print(f"出错 {sum(result.errors.values())}{'：' + str(result.errors) if result.errors else ''}")
    if result.memory_before is not None:
        print(f"内存 {result.memory_before:.0f} → {result.memory_after:.0f} MB；每个回答用处理器 {result.cpu_ms} 毫秒")
    if options.json:
        options.json.write_text(json.dumps(asdict(result), ensure_ascii=False, indent=1), encoding="utf-8")
    return 1 if result.errors or not result.answers else 0


if __name__ == "__main__":
    sys.exit(main())
