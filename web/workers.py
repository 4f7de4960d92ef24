"""Several processes behind one port: starts the workers, starts another one where one has died, and ends them all together."""

from __future__ import annotations

import logging
import multiprocessing
import os
import secrets
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Thread
from types import FrameType

from web.affinity import Seat
from web.settings import Settings

log = logging.getLogger("budget_qa.web")

BACKLOG = 2048  # connections that wait to be taken up: the workers may be busy, or just starting
_PATIENCE_S = 15.0  # for questions under way at the end; then the workers are killed

# What a worker does: serves the listener until it gets SIGTERM, and calls the last as soon as it answers. Sent to another process, so a module's own function.
Work = Callable[[Settings, socket.socket, Seat, Callable[[], None]], None]


def supervise(settings: Settings, listener: socket.socket, work: Work, ready: Callable[[], None]) -> int:
    """Runs `settings.workers` workers until Ctrl-C or SIGTERM; calls `ready` when all of them answer. The exit status is 1 when one cannot start."""
    listener.listen(BACKLOG)
    ends: list[int] = []

    def end(number: int, _: FrameType | None) -> None:
        ends.append(number)
        os.write(woken[1], b".")

    woken = os.pipe()
    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    folder = Path(tempfile.mkdtemp(prefix="budget-qa-"))  # 0700: the private sockets are for this user only
    run = secrets.token_hex(8)
    workers = [_Worker(Seat(number, settings.workers, folder, run), settings, listener, work) for number in range(settings.workers)]
    try:
        announced = False
        while not ends:
            wait([woken[0], *(each.process.sentinel for each in workers), *(each.told for each in workers if not each.answers)])
            for number, each in enumerate(workers):
                each.listen()
                if not each.process.is_alive() and not ends:
                    if not each.answers:
                        log.error("worker %d did not start (status %s)", number, each.process.exitcode)
                        return 1
                    log.error("worker %d died (status %s), starting another one", number, each.process.exitcode)
                    workers[number] = _Worker(each.seat, settings, listener, work)
            if not announced and all(each.answers for each in workers):
                announced = True
                ready()
        return 0
    finally:
        _end([each.process for each in workers])
        for number, handler in before.items():
            signal.signal(number, handler)
        for handle in woken:
            os.close(handle)
        shutil.rmtree(folder, ignore_errors=True)


def _end(processes: list[BaseProcess]) -> None:
    for process in processes:
        process.terminate()
    until = time.monotonic() + _PATIENCE_S
    for process in processes:
        process.join(max(0.0, until - time.monotonic()))
        if process.is_alive():
            process.kill()
            process.join()


class _Worker:
    """A started worker; `answers` once it has told so."""

    def __init__(self, seat: Seat, settings: Settings, listener: socket.socket, work: Work) -> None:
        self.seat, self.answers = seat, False
        Path(seat.socket(seat.number)).unlink(missing_ok=True)
        # spawned, not forked: a fork in a process with threads (or torch) can come up locked
        context = multiprocessing.get_context("spawn")
        self.told, tells = context.Pipe()
        self.process = context.Process(target=_run, args=(work, settings, listener, seat, tells))
        self.process.start()
        tells.close()

    def listen(self) -> None:
        """Takes notice of what the worker has told."""
        if not self.answers and self.told.poll():
            try:
                self.told.recv()
                self.answers = True
            except EOFError:
                self.process.join(1.0)


def _run(work: Work, settings: Settings, listener: socket.socket, seat: Seat, tells: Connection) -> None:
    """In the worker: works until SIGTERM, or until the process that started it is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes of a terminal; the first one ends the others in order
    Thread(target=_watch, args=[tells], daemon=True).start()
    work(settings, listener, seat, lambda: tells.send("answers"))


def _watch(tells: Connection) -> None:
    try:
        tells.recv()
    except (EOFError, OSError):
        os.kill(os.getpid(), signal.SIGTERM)
