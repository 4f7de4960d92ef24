"""The worker of `guard`: loads the files it is told, one after the other, and answers with pickles. Run as a program only."""

from __future__ import annotations

import contextlib
import os
import pickle
import resource
import struct
import sys
from pathlib import Path

from ingest.loaders import load
from ingest.records import Loaded, Unreadable

TOO_MUCH = "读取时内存超过 {megabytes} MB，已放弃；请拆分文件或压缩图片后再导入。"
DAMAGED = "文件内容损坏或不合规范，无法读取（{error}）；请重新下载或另存为 PDF、docx、xlsx 后再导入。"
MISSING = "缺少读取这种格式的组件 {name}，请按 README 安装后再导入。"


def answer(path: Path, megabytes: int) -> tuple[str, Loaded | str]:
    """("loaded", blocks) or ("unreadable" or "exhausted", the sentence that says why)."""
    try:
        return "loaded", load(path)
    except Unreadable as error:
        return "unreadable", str(error)
    except MemoryError:
        return "exhausted", TOO_MUCH.format(megabytes=megabytes)
    except ImportError as error:
        return "unreadable", MISSING.format(name=error.name)
    except Exception as error:  # whatever a parser raises over a file is that file's error
        return "unreadable", DAMAGED.format(error=type(error).__name__)


def serve(megabytes: int) -> None:
    """Answer paths from standard input until it ends. What libraries print goes to standard error, not into the answers."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    with contextlib.suppress(ValueError, OSError):  # a stricter limit is in force already
        resource.setrlimit(resource.RLIMIT_DATA, (megabytes * 2**20, megabytes * 2**20))
    for line in sys.stdin.buffer:
        status, value = answer(Path(bytes.fromhex(line.decode().strip()).decode("utf-8", "surrogateescape")), megabytes)
        data = pickle.dumps((status, value), protocol=pickle.HIGHEST_PROTOCOL)
        answers.write(struct.pack("!Q", len(data)) + data)
        answers.flush()
        if status == "exhausted":
            return


if __name__ == "__main__":
    serve(int(sys.argv[1]))
