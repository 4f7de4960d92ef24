"""`python app.py …` as users start it: a process of its own, with its workers, on a free port."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Running:
    """A started server. Every request is made on a connection of its own, so that any worker may get it."""

    def __init__(self, index: Path, *options: str, environment: Mapping[str, str] = os.environ) -> None:
        self.index, self.port = index, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        command = [sys.executable, "app.py", "--index", str(index), "--port", str(self.port), *options]
        self._log = (index.parent / f"server-{self.port}.log").open("w+", encoding="utf-8")
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=self._log, text=True, env=dict(environment))
        self.said = self.process.stdout.readline()

    def log(self) -> str:
        """What the server has written to standard error."""
        return Path(self._log.name).read_text(encoding="utf-8")

    def workers(self) -> list[int]:
        """The process numbers of the workers."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text(encoding="ascii").split()
        return [int(child) for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]

    @contextmanager
    def only(self, worker: int) -> Iterator[None]:
        """Within the block this worker alone takes up connections: the others are held, once they are at rest (not with a lock in hand)."""
        others = [other for other in self.workers() if other != worker]
        for other in others:
            wait_for_rest(other)
            os.kill(other, signal.SIGSTOP)
        try:
            yield
        finally:
            for other in others:
                os.kill(other, signal.SIGCONT)

    def get(self, path: str, **options: object) -> httpx.Response:
        """A GET request."""
        return httpx.get(self.url + path, timeout=60, **options)

    def post(self, path: str, **options: object) -> httpx.Response:
        """A POST request."""
        return httpx.post(self.url + path, timeout=60, **options)

    def ask(self, question: str, session: str | None = None) -> dict:
        """One answer (the contract's object); fails for anything else."""
        reply = self.post("/api/ask", json={"question": question, "session_id": session})
        assert reply.status_code == 200, reply.text
        return reply.json()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ends the server; its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(25)
        finally:
            self.process.kill()
            self._log.close()
            self.process.stdout.close()


def wait_for_rest(process: int, most_s: float = 20) -> None:
    """Returns when the process has used no processor time for a third of a second: nothing is loading or half written."""
    until, before = time.monotonic() + most_s, None
    while (now := Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:13]) != before and time.monotonic() < until:
        before = now
        time.sleep(0.35)


def gone(processes: list[int], seconds: float = 10) -> bool:
    """Whether these processes end within so many seconds."""
    until = time.monotonic() + seconds
    while any(Path(f"/proc/{process}").exists() for process in processes):
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True
