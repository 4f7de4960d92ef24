"""Text papers: every encoding they come in, and lines that keep their numbers."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.loaders.text import LONGEST_LINE, clean_cell, decode, lines_of, load_text
from ingest.records import Block, BlockKind, GridCell, Loaded, Place, Problem, Unreadable

PAPER = "甲市乙局2021年部门预算\n“三公”经费支出表\t单位：万元\n公务接待费\t5\n"
NO_TEXT = "文件不是可读的文本（可能是二进制文件或编码不明），请另存为 UTF-8 或 GB18030 文本后再导入。"

# What papers are made of: no control characters, and no mark of its own at the start.
texts = st.text(st.characters(exclude_categories=["Cs", "Cc", "Co", "Cn"], exclude_characters="\ufeff") | st.sampled_from("\t\n"), max_size=60)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_encoding(encoding: str) -> None:
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")

    assert decode(mark + PAPER.encode(encoding)) == PAPER


@given(texts)
def test_utf8_comes_back_whole(text: str) -> None:
    assert decode(text.encode()) == text
    assert decode(text.encode("utf-8-sig")) == text


@given(texts)
def test_utf16_with_its_mark_comes_back_whole(text: str) -> None:
    assert decode(text.encode("utf-16")) == text


@given(texts)
def test_gb18030_comes_back_whole(text: str) -> None:
    assert decode((PAPER + text).encode("gb18030")) == PAPER + text


@pytest.mark.parametrize(
    "data",
    [
        bytes(range(256)) * 10,
        b"\0" * 100,
        b"\x80\x81\xff",
        PAPER.encode("utf-16-le"),  # without its mark nobody can tell it from other bytes
        PAPER.encode("utf-32"),
        b"\x7fELF\x02\x01\x01" + b"\0" * 9,
    ],
    ids=["all bytes", "zeros", "no encoding", "utf-16 without mark", "utf-32", "program"],
)
def test_no_text(data: bytes) -> None:
    with pytest.raises(Unreadable) as raised:
        decode(data)
    assert str(raised.value) in (NO_TEXT, "文件像是 UTF-16 文本但内容损坏，请重新导出为 UTF-8 文本后再导入。")


def test_a_broken_byte_does_not_turn_the_paper_into_other_characters(tmp_path: Path) -> None:
    path = tmp_path / "paper.txt"
    path.write_bytes((PAPER * 5).encode() + "费".encode()[:-1])

    loaded = load_text(path)

    assert decode(path.read_bytes()) == PAPER * 5 + "\ufffd"
    assert loaded.problems == (Problem("doubtful", "文件里有损坏的字符，已用“�”代替，请与原件核对。", Place(16, 16)),)


def test_lines_keep_their_numbers(tmp_path: Path) -> None:
    path = tmp_path / "paper.md"
    path.write_bytes("# 部门预算\r\n\r\n公务接待费\t **5** \r正文\u2028同一行\n| 甲 | 乙 |\n|---|---|\n".encode())

    assert load_text(path) == Loaded(
        "md",
        (
            Block(BlockKind.LINE, "部门预算", Place(1, 1), level=1),
            Block(BlockKind.BREAK, "", Place(2, 2)),
            Block(BlockKind.ROW, "公务接待费 | **5**", Place(3, 3), (GridCell("公务接待费"), GridCell("5"))),
            Block(BlockKind.LINE, "正文\u2028同一行", Place(4, 4)),
            Block(BlockKind.ROW, "甲 | 乙", Place(5, 5), (GridCell("甲"), GridCell("乙"))),
            Block(BlockKind.BREAK, "", Place(6, 6)),
            Block(BlockKind.BREAK, "", Place(7, 7)),
        ),
        lines=7,
    )


@given(texts)
def test_every_line_is_one_block(text: str) -> None:
    assert "\n".join(lines_of(text)) == text


def test_a_line_of_ten_megabytes_is_skipped_and_the_next_ones_are_read(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_text(f"甲市乙局2021年部门预算\n{'甲' * (10 * 2**20 // 3)}\n末行", encoding="utf-8")

    loaded = load_text(path)

    assert [b.text for b in loaded.blocks] == ["甲市乙局2021年部门预算", "末行"]
    assert [b.place.line_start for b in loaded.blocks] == [1, 3]
    assert loaded.problems == (Problem("skipped", "第 2 行有 3495253 个字符，不是正常的文稿行，已跳过。", Place(2, 2)),)
    assert LONGEST_LINE < 3495253


@pytest.mark.parametrize("data", [b"", b" \n\t\r\n", b"\xef\xbb\xbf"])
def test_empty(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "empty.txt"
    path.write_bytes(data)

    with pytest.raises(Unreadable, match=r"^文件是空的，没有可以读取的内容。$"):
        load_text(path)


@pytest.mark.parametrize(
    ("printed", "words"),
    [("<p>甲</p><p>乙</p>", "甲 乙"), ("5<br/>6", "5 6"), ("**9**", "9"), ("1 < 2", "1 < 2"), ("<5万元", "<5万元"), (" 5 ", "5")],
)
def test_cells_without_markup(printed: str, words: str) -> None:
    assert clean_cell(printed) == words


def test_a_file_of_nothing_but_an_endless_line_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "long.txt"
    file.write_text("a" * (LONGEST_LINE + 1))
    with pytest.raises(Unreadable) as refused:
        load_text(file)
    assert str(refused.value) == f"文件里没有可以读取的行（最长的一行有 {LONGEST_LINE + 1} 个字符），请确认它是文稿而不是数据文件。"
