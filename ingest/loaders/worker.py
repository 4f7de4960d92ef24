"""The worker's side of `guard`: answers requests with pickles, one after the other. Run as a program it loads files."""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import resource
import signal
import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

from ingest.loaders import load
from ingest.records import Loaded, Unreadable

TOO_MUCH = "读取时内存超过 {megabytes} MB，已放弃；请拆分文件或压缩图片后再导入。"
DAMAGED = "文件内容损坏或不合规范，无法读取（{error}）；请重新下载或另存为 PDF、docx、xlsx 后再导入。"
MISSING = "缺少读取这种格式的组件 {name}，请按 README 安装后再导入。"


def load_or_refuse(path: str) -> Loaded:
    """`load`; whatever a parser raises over a file is that file's error: Unreadable."""
    try:
        return load(Path(path))
    except (Unreadable, MemoryError):
        raise
    except ImportError as error:
        raise Unreadable(MISSING.format(name=error.name)) from error
    except Exception as error:
        raise Unreadable(DAMAGED.format(error=type(error).__name__)) from error


def answer(work: Callable[..., Any], request: list[str], megabytes: int) -> tuple[str, Any]:
    """("done", what `work` gives for the request) or ("unreadable" or "exhausted", the sentence that says why)."""
    try:
        return "done", work(*request)
    except Unreadable as error:
        return "unreadable", str(error)
    except MemoryError:
        return "exhausted", TOO_MUCH.format(megabytes=megabytes)


def serve(work: Callable[..., Any], megabytes: int, parent: int) -> None:
    """Answer requests from standard input until it ends, for the process `parent`. What libraries print goes to standard error, not into the answers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process of the terminal: the parent decides
    Thread(target=_leave_with, args=[parent], daemon=True).start()
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    with contextlib.suppress(ValueError, OSError):  # a stricter limit is in force already
        resource.setrlimit(resource.RLIMIT_DATA, (megabytes * 2**20, megabytes * 2**20))
    for line in sys.stdin.buffer:
        status, value = answer(work, json.loads(line), megabytes)
        data = pickle.dumps((status, value), protocol=pickle.HIGHEST_PROTOCOL)
        answers.write(struct.pack("!Q", len(data)) + data)
        answers.flush()
        if status == "exhausted":
            return


def _leave_with(parent: int) -> None:
    """Without the program that asked (killed, crashed) nobody wants the answer: a long scan must not go on for minutes."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


if __name__ == "__main__":
    serve(load_or_refuse, *map(int, sys.argv[1:]))
