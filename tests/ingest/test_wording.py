"""Comparison forms of names: different prints of one name agree, different names do not."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.wording import is_part, key, squeeze, strip_numbering

# Names as papers print them, and anything else.
names = st.text(st.sampled_from("一二三、（）(1)2. ①-其中：:“”《》*甲乙费第部分—"), max_size=14) | st.text(max_size=20)


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("1.因公出国（境）费", "因公出国(境)费"),
        ("1、因公出国(境) 费", "因公出国(境)费"),
        ("（一）“三公” 经费", "三公经费"),
        ("一、一般公共服务支出", "一般公共服务支出"),
        ("一 、一般公共服务支出", "一般公共服务支出"),
        ("“一、一般公共服务支出”", "一般公共服务支出"),
        ("其中：政府采购项目", "政府采购项目"),
        ("其 中:政府采购项目", "政府采购项目"),
        ("（1）其中：①货物", "货物"),
        ("2021年预算数", "2021年预算数"),
        ("3.2021年预算数", "3.2021年预算数"),  # 3.2021 may be a number: nothing is cut off
        ("10.5亿元", "10.5亿元"),
        ("Ａ类", "a类"),
        ("第一部分", "第一部分"),  # what is nothing but a number keeps it
        ("一、", "一,"),
        ("", ""),
    ],
)
def test_key(printed: str, expected: str) -> None:
    assert key(printed) == expected


@given(names)
@example("-－甲")
@example("(1)(2)(3)(4)甲")
@example("“一、甲”")
def test_key_of_a_key_is_itself(name: str) -> None:
    assert key(key(name)) == key(name)


@given(names)
def test_blanks_do_not_matter(name: str) -> None:
    assert key(f" {name}\u3000\n") == key(name)


def test_squeeze() -> None:
    assert squeeze(" 公务 接待费\u3000１２\n") == "公务接待费12"


def test_numbering_is_cut_and_the_name_stays() -> None:
    assert strip_numbering("（十二）公务接待费") == "公务接待费"
    assert strip_numbering("12、公务接待费") == "公务接待费"
    assert strip_numbering("其中：") == "其中："


@pytest.mark.parametrize(("label", "part"), [("其中：货物", True), ("1.其 中：货物", True), ("货物", False), ("（一）货物，其中服务", False)])
def test_part_of_another(label: str, part: bool) -> None:
    assert is_part(label) is part
