"""Where the engines of a large installation are, when there are any: a Chroma server, a PostgreSQL, a Dask scheduler. Default: none, everything in files.

Told by the environment, so that the worker processes and the jobs of a server know it too; the commands' options are put there.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

from ingest.generations import IndexMissing

CHROMA, DATABASE, DASK = "BUDGET_QA_CHROMA_URL", "BUDGET_QA_DATABASE_URL", "BUDGET_QA_DASK_URL"


class BadEngine(IndexMissing):
    """An index that cannot be had: an address that cannot be used, or an engine that does not answer; the message is Chinese."""


def chroma_url(text: str | None = None) -> SplitResult | None:
    """The Chroma server's address (`text`, else the environment's), or None. Raises BadEngine."""
    text = os.environ.get(CHROMA, "") if text is None else text
    if not text:
        return None
    if not re.fullmatch(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(?::[0-9]{1,5})?/?", text):
        raise BadEngine(f"设置 {CHROMA} 的值“{text}”不可用：应为“http(s)://主机:端口”，如 http://127.0.0.1:8000")
    return urlsplit(text)


def database_url(text: str | None = None) -> SplitResult | None:
    """The PostgreSQL database's address (`text`, else the environment's), or None. Raises BadEngine, without showing the password."""
    text = os.environ.get(DATABASE, "") if text is None else text
    if not text:
        return None
    if not re.fullmatch(r"postgres(?:ql)?://(?:[^\s/@]+@)?(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(?::[0-9]{1,5})?/\w+", text):
        raise BadEngine(f"设置 {DATABASE} 的值（内容不显示）不可用：应为“postgresql://用户:密码@主机:端口/数据库”")
    return urlsplit(text)


def dask_url(text: str | None = None) -> str:
    """The Dask scheduler's address (`text`, else the environment's), or "". Raises BadEngine."""
    text = os.environ.get(DASK, "") if text is None else text
    if text and not re.fullmatch(r"(?:tcp|tls)://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\]):[0-9]{1,5}", text):
        raise BadEngine(f"设置 {DASK} 的值“{text}”不可用：应为“tcp://主机:端口”，如 tcp://127.0.0.1:8786")
    return text


def set_engines(addresses: Mapping[str, str]) -> None:
    """Puts addresses, by the names of their variables, where this process and those it starts find them. Raises BadEngine."""
    for name, address in addresses.items():
        os.environ.pop(name, None)
        if address:
            os.environ[name] = address
    chroma_url()
    database_url()
    dask_url()
