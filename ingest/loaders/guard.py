"""Loading in a worker process with limits of time and memory: a file can crash or hang its worker, never the program.

A worker is `ingest.loaders.worker` run as a program: it reads paths from its standard input, one a line, and answers each with a
pickled result. (Not `multiprocessing`: that imports the caller's main module again, which a server or a notebook does not survive.)
Workers stay warm for the next file; each calling thread gets one of its own.
"""

from __future__ import annotations

import os
import pickle
import queue
import select
import struct
import subprocess
import sys
import time
from pathlib import Path

from ingest.records import Loaded, Unreadable

SECONDS = 1200.0  # a scan takes about a second a page, several on a busy machine
MEGABYTES = 3072
FILES_PER_WORKER = 200  # then a fresh one: libraries leak

TOO_LONG = "读取超过 {seconds:.0f} 秒仍未完成，已放弃；请拆分文件，或另存为 PDF、docx、xlsx 后再导入。"
CRASHED = "读取时解析程序意外退出，文件可能已损坏；请重新下载或另存为 PDF、docx、xlsx 后再导入。"


class _Worker:
    """A running worker process and its pipes."""

    def __init__(self, megabytes: int) -> None:
        root = str(Path(__file__).resolve().parents[2])
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))}
        command = [sys.executable, "-m", "ingest.loaders.worker", str(megabytes)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
        self.megabytes = megabytes
        self.files = 0

    def load(self, path: Path, seconds: float) -> Loaded:
        """The file's blocks; raises Unreadable, TimeoutError, or EOFError when the worker died."""
        self.files += 1
        try:
            self.process.stdin.write(str(path.resolve()).encode("utf-8", "surrogateescape").hex().encode() + b"\n")
            self.process.stdin.flush()
        except OSError as error:
            raise EOFError from error
        deadline = time.monotonic() + seconds
        size = struct.unpack("!Q", self._read(8, deadline))[0]
        status, value = pickle.loads(self._read(size, deadline))
        if status == "loaded":
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


_idle: queue.SimpleQueue[_Worker] = queue.SimpleQueue()


def _forget_workers() -> None:
    """A forked process must not talk to its parent's workers."""
    global _idle
    _idle = queue.SimpleQueue()


os.register_at_fork(after_in_child=_forget_workers)


def load_guarded(path: Path, seconds: float = SECONDS, megabytes: int = MEGABYTES) -> Loaded:
    """`load` in a worker process. Raises Unreadable for every way a file can fail: refused, too long, too much memory, crashed.

    May be called from several threads (or processes) at once: each call takes an idle worker or starts one.
    """
    try:
        worker = _idle.get_nowait()
    except queue.Empty:
        worker = _Worker(megabytes)
    if worker.megabytes != megabytes or worker.files >= FILES_PER_WORKER or worker.process.poll() is not None:
        worker.stop()
        worker = _Worker(megabytes)
    try:
        loaded = worker.load(path, seconds)
    except Unreadable:
        _idle.put(worker)
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
    _idle.put(worker)
    return loaded
