"""Comparison forms of printed names: what the reader, the store and the question side agree on when two names are the same."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_NUMBERING = re.compile(
    r"^(?:第[一二三四五六七八九十百]+[部分章节条]+|[（(][一二三四五六七八九十百]+[)）]|[一二三四五六七八九十]+[、.．]"
    r"|[（(]\d{1,2}[)）]|\d{1,2}[、.．](?!\d)|[①-⑳]|[-•*●○■◆])\s*"
)
_PART_OF = re.compile(r"^(?:其中|其\s*中)\s*[:：]?")
_QUOTES = str.maketrans("", "", "“”\"'‘’「」『』*＊《》〈〉")
_PUNCTUATION = str.maketrans({"（": "(", "）": ")", "，": ",", "：": ":", "；": ";", "－": "-", "—": "-", "、": ",", "～": "~"})


def squeeze(text: str) -> str:
    """NFKC without any blank: how two pieces of the same source are compared."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def strip_numbering(text: str) -> str:
    """A heading or row label without its leading number (一、 （一） 1. ①) and without a leading 其中：.

    >>> strip_numbering("一、一般公共服务支出"), strip_numbering("其中：政府采购项目")
    ('一般公共服务支出', '政府采购项目')
    """
    text = text.strip()
    for _ in range(3):
        shorter = _PART_OF.sub("", _NUMBERING.sub("", text, count=1)).strip()
        if shorter == text or not shorter:
            break
        text = shorter
    return text


def is_part(text: str) -> bool:
    """Whether a label says that it is inside another one (其中：…)."""
    return bool(_PART_OF.match(re.sub(r"\s+", "", strip_numbering_only(text))))


def strip_numbering_only(text: str) -> str:
    """A label without its leading number, 其中 kept."""
    return _NUMBERING.sub("", text.strip(), count=1).strip()


@lru_cache(maxsize=32_768)
def key(text: str) -> str:
    """The comparison form of a name: NFKC, no blanks, no quotes, no leading number, no 其中：, one kind of punctuation, lower case.

    >>> key("1.因公出国（境）费"), key("一般公共预算“三公”经费 支出表")
    ('因公出国(境)费', '一般公共预算三公经费支出表')
    """
    # Until nothing changes: what stood in quotes or before a blank may begin with a number of its own, and the key of a key is itself.
    while (shorter := strip_numbering(squeeze(strip_numbering(text)).translate(_QUOTES)).translate(_PUNCTUATION).lower()) != text:
        text = shorter
    return text
