"""Which loader reads a file, what is refused and how, and the worker process that keeps a bad file from doing harm."""

from __future__ import annotations

import os
import time
import zipfile

import pytest

from ingest.loaders import LARGEST, guard, load, load_guarded
from ingest.records import Unreadable


@pytest.fixture
def refused(tmp_path):
    """The sentence with which such bytes are refused."""

    def sentence(data: bytes) -> str:
        (tmp_path / "paper").write_bytes(data)
        with pytest.raises(Unreadable) as caught:
            load(tmp_path / "paper")
        return str(caught.value)

    return sentence


def test_each_refusal_is_one_sentence_that_says_what_to_do(refused):
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    assert refused(b"") == "文件是空的（0 字节），请重新下载或重新导出后再导入。"
    assert refused(b"Rar!\x1a\x07\x00") == "这是压缩包，请先解压，再导入里面的文件。"
    assert refused(b"PK\x03\x04 cut short") == "文件已损坏或不完整（压缩结构打不开），请重新下载或重新保存后再导入。"
    assert refused(ole + "EncryptedPackage".encode("utf-16-le")) == "文件加了密码，打不开；请先在 Office 里去掉密码再导入。"
    assert refused(ole) == "不认识的旧版 Office 文件，请另存为 docx、xlsx 或 PDF 后再导入。"
    assert refused(b"%PDF-1.4 nothing more") == "这个 PDF 已损坏或不完整，打不开；请重新下载或重新导出后再导入。"
    assert refused(b"\x89PNG\r\n\x1a\n cut short") == "图片已损坏或过大，打不开；请重新扫描或另存为 PDF 后再导入。"
    assert refused(bytes(range(256)) * 4) == "文件不是可读的文本（可能是二进制文件或编码不明），请另存为 UTF-8 或 GB18030 文本后再导入。"
    assert refused(b"<html><body><script>load()</script></body></html>").startswith("这个网页里没有正文")


def test_a_zip_that_unpacks_to_too_much_is_not_opened(refused, tmp_path):
    with zipfile.ZipFile(tmp_path / "bomb", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", bytes(30 * 2**20))
    assert refused((tmp_path / "bomb").read_bytes()) == "文件解开后有 30 MB，不像正常的文档，为安全起见没有打开；请检查来源或重新导出。"


def test_a_huge_file_is_not_even_opened(tmp_path):
    with (tmp_path / "paper").open("wb") as file:
        file.truncate(LARGEST + 1)
    with pytest.raises(Unreadable, match="超过 200 MB 的上限"):
        load(tmp_path / "paper")


def test_prose_with_commas_and_tabs_is_no_csv(tmp_path):
    (tmp_path / "paper").write_text("一、收入，支出。\n项目\t预算数\n合计\t1,234,567\n", encoding="utf-8")
    assert load(tmp_path / "paper").format == "txt"


def test_the_worker_stays_for_the_next_file(tmp_path):
    (tmp_path / "paper").write_text("某某局预算\n收入一万元。\n", encoding="utf-8")
    first = load_guarded(tmp_path / "paper")
    worker = guard._idle[guard.LOADER].get_nowait()
    guard._idle[guard.LOADER].put(worker)
    started = time.monotonic()
    assert load_guarded(tmp_path / "paper") == first == load(tmp_path / "paper")
    assert time.monotonic() - started < 1
    assert guard._idle[guard.LOADER].get_nowait() is worker
    guard._idle[guard.LOADER].put(worker)


def test_unreadable_passes_through_the_worker(tmp_path):
    (tmp_path / "paper").write_bytes(b"")
    with pytest.raises(Unreadable, match="文件是空的"):
        load_guarded(tmp_path / "paper")


def test_a_file_that_takes_too_long_is_given_up(tmp_path):
    os.mkfifo(tmp_path / "pipe")  # reading it never ends
    with pytest.raises(Unreadable, match="读取超过 1 秒仍未完成"):
        load_guarded(tmp_path / "pipe", seconds=1)


def test_a_worker_that_dies_is_that_files_error_only(tmp_path):
    (tmp_path / "paper").write_text("某某局预算\n", encoding="utf-8")
    os.mkfifo(tmp_path / "pipe")
    worker = guard._Worker(guard.MEGABYTES)
    guard._idle[guard.LOADER].put(worker)
    while guard._idle[guard.LOADER].qsize() > 1:
        guard._idle[guard.LOADER].get_nowait().stop()
    import threading

    threading.Timer(1.0, worker.process.kill).start()
    with pytest.raises(Unreadable, match="解析程序意外退出"):
        load_guarded(tmp_path / "pipe", seconds=20)
    assert load_guarded(tmp_path / "paper").format == "txt"


def test_memory_has_a_limit(tmp_path):
    # 45 MB of spaces between tags: read as text and parsed, they need several times 100 MB
    (tmp_path / "paper").write_bytes(b"<html><body>" + b"<p>a b</p>" * 3_000_000)
    with pytest.raises(Unreadable, match=r"内存超过 150 MB|意外退出"):
        load_guarded(tmp_path / "paper", seconds=60, megabytes=150)
