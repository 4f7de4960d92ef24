"""Work on a file in a worker process with limits of time and memory: a file can crash or hang its worker, never the program.

A worker is a module run as a program (`ingest.loaders.worker`, `ingest.reading`): it reads requests from its standard input, one a line, and answers
each with a pickled result. (Not `multiprocessing`: that imports the caller's main module again, which a server or a notebook does not survive.)
Workers stay warm for the next file; each calling thread gets one of its own.
"""

from __future__ import annotations

import json
import os
import pickle
import queue
import select
import struct
import subprocess
import sys
import time
from pathlib import Path
from threading import Lock
from typing import Any

from ingest.records import Loaded, Unreadable

SECONDS = 1200.0  # a scan takes about a second a page, several on a busy machine
MEGABYTES = 3072
FILES_PER_WORKER = 200  # then a fresh one: libraries leak
LOADER = "ingest.loaders.worker"

TOO_LONG = "读取超过 {seconds:.0f} 秒仍未完成，已放弃；请拆分文件，或另存为 PDF、docx、xlsx 后再导入。"
CRASHED = "读取时解析程序意外退出，文件可能已损坏；请重新下载或另存为 PDF、docx、xlsx 后再导入。"


class _Worker:
    """A running worker process and its pipes."""

    def __init__(self, megabytes: int, program: str = LOADER) -> None:
        root = str(Path(__file__).resolve().parents[2])
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))}
        command = [sys.executable, "-m", program, str(megabytes), str(os.getpid())]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
        self.megabytes = megabytes
        self.files = 0

    def ask(self, request: tuple[str, ...], seconds: float) -> Any:
        """The program's answer; raises Unreadable, TimeoutError, or EOFError when the worker died."""
        self.files += 1
        try:
            # ASCII: a path may hold bytes that are no characters, and these travel as escapes
            self.process.stdin.write(json.dumps(request).encode("ascii") + b"\n")
            self.process.stdin.flush()
        except OSError as error:
            raise EOFError from error
        deadline = time.monotonic() + seconds
        size = struct.unpack("!Q", self._read(8, deadline))[0]
        status, value = pickle.loads(self._read(size, deadline))
        if status == "done":
            return value
        raise Unreadable(value)

    def _read(self, size: int, deadline: float) -> bytes:
        pieces, pipe = [], self.process.stdout.fileno()
        while size:
            if not select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))[0]:
                raise TimeoutError
            piece = os.read(pipe, min(size, 1 << 20))
            if not piece:
                raise EOFError
            pieces.append(piece)
            size -= len(piece)
        return b"".join(pieces)

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


_idle: dict[str, queue.SimpleQueue[_Worker]] = {}


def _forget_workers() -> None:
    """A forked process must not talk to its parent's workers."""
    _idle.clear()


os.register_at_fork(after_in_child=_forget_workers)


class Breaker:
    """Ends work that has begun: `stop` kills the workers that calls with this breaker use, and these and later calls raise Unreadable at once."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._busy: set[_Worker] = set()
        self._stopped = False

    def stop(self) -> None:
        """Kill the workers in use, and let no other begin."""
        with self._lock:
            self._stopped = True
            for worker in self._busy:
                worker.process.kill()

    def _begin(self, worker: _Worker) -> None:
        with self._lock:
            self._busy.add(worker)
            if self._stopped:
                worker.process.kill()

    def _end(self, worker: _Worker) -> None:
        with self._lock:
            self._busy.discard(worker)


def load_guarded(path: Path, seconds: float = SECONDS, megabytes: int = MEGABYTES) -> Loaded:
    """`load` in a worker process. Raises Unreadable for every way a file can fail: refused, too long, too much memory, crashed."""
    return guarded(LOADER, (str(path.resolve()),), seconds, megabytes)


def guarded(program: str, request: tuple[str, ...], seconds: float = SECONDS, megabytes: int = MEGABYTES, breaker: Breaker | None = None) -> Any:
    """What the worker `program` answers to `request`. Raises Unreadable for every way it can fail: refused, too long, too much memory, crashed.

    May be called from several threads (or processes) at once: each call takes an idle worker or starts one.
    """
    idle = _idle.setdefault(program, queue.SimpleQueue())
    try:
        worker = idle.get_nowait()
    except queue.Empty:
        worker = _Worker(megabytes, program)
    if worker.megabytes != megabytes or worker.files >= FILES_PER_WORKER or worker.process.poll() is not None:
        worker.stop()
        worker = _Worker(megabytes, program)
    breaker = breaker or Breaker()
    breaker._begin(worker)
    try:
        answer = worker.ask(request, seconds)
    except Unreadable:
        idle.put(worker)
        raise
    except TimeoutError:
        worker.stop()
        raise Unreadable(TOO_LONG.format(seconds=seconds)) from None
    except EOFError:
        worker.stop()
        raise Unreadable(CRASHED) from None
    except BaseException:  # interrupted half-way through an answer: the worker is out of step
        worker.stop()
        raise
    finally:
        breaker._end(worker)
    idle.put(worker)
    return answer
