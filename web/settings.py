"""Settings of the server: every one is an option and an environment variable BUDGET_QA_<NAME>; the option wins.

A wrong value raises BadSetting, whose text is one Chinese line that names the option, the value and what is allowed.
"""

from __future__ import annotations

import argparse
import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from ingest import engines
from retrieval.model import Connection
from web.passwords import BadPasswordFile, read_passwords

PREFIX = "BUDGET_QA_"


class BadSetting(Exception):
    """A setting that cannot be used; the message is shown to the person who starts the server."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Validated settings; see OPTIONS for the meaning of each."""

    index: Path = Path("data/index")
    host: str = "127.0.0.1"
    port: int = 7860
    workers: int = 1
    max_waiting: int = 200
    base_path: str = ""
    portals: tuple[str, ...] = ()
    admin_token: str = ""
    embedding: str = ""
    chroma_url: str = ""
    database_url: str = field(default="", repr=False)
    max_upload_mb: int = 50
    max_question: int = 500
    rate_limit: int = 60
    trust_proxy: tuple[str, ...] = ("127.0.0.1", "::1")
    user_header: str = ""
    password_file: Path | None = None
    require_login: bool = False
    session_hours: int = 12
    admins: tuple[str, ...] = ()
    log_questions: bool = False
    llm_base_url: str = ""
    llm_model: str = ""
    llm_api_key: str = field(default="", repr=False)
    llm_timeout: int = 20
    llm_log: bool = False

    @property
    def sign_on(self) -> bool:
        """Whether everybody has to sign on: by the proxy's header, a password, a portal's login token or a key."""
        return bool(self.user_header or self.password_file or self.require_login)

    @property
    def llm(self) -> Connection | None:
        """The chat model's server; None when none is set."""
        if not self.llm_base_url:
            return None
        return Connection(self.llm_base_url, self.llm_model, self.llm_api_key, self.llm_timeout, self.llm_log)


@dataclass(frozen=True, slots=True)
class Option:
    """One setting: `parse` turns its text into the value and raises ValueError(reason in Chinese). `secret`: not on the command line."""

    name: str
    help: str
    parse: Any
    metavar: str = ""
    secret: bool = False


def read_settings(options: Mapping[str, Any] | argparse.Namespace | None = None, environment: Mapping[str, str] = os.environ) -> Settings:
    """Settings from command-line values (None: not given) and environment variables. Raises BadSetting."""
    given = vars(options) if isinstance(options, argparse.Namespace) else dict(options or {})
    values: dict[str, Any] = {}
    for option in OPTIONS:
        text = given.get(option.name)
        source = _flag(option.name)
        if text is None:
            text, source = environment.get(_variable(option.name)), _variable(option.name)
        if text is None or (text == "" and option.name != "base_path"):
            continue
        try:
            values[option.name] = option.parse(str(text).strip())
        except ValueError as reason:
            shown = "（内容不显示）" if option.secret else f"“{text}”"
            raise BadSetting(f"设置 {source} 的值{shown}不可用：{reason}") from None
    if bool(values.get("llm_base_url")) != bool(values.get("llm_model")):
        raise BadSetting(f"设置 {_variable('llm_base_url')} 和 {_variable('llm_model')} 要一起写：接口地址和模型名称缺一不可")
    return Settings(**values)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds every option that may stand on a command line (secrets may not: other users of the machine can read it)."""
    for option in OPTIONS:
        if not option.secret:
            shown = f"{option.help}（环境变量 {_variable(option.name)}）".replace("%", "%%")
            parser.add_argument(_flag(option.name), dest=option.name, default=None, metavar=option.metavar, help=shown)


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def _variable(name: str) -> str:
    return PREFIX + name.upper()


def _whole(low: int, high: int) -> Any:
    def parse(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text) or not low <= int(text) <= high:
            raise ValueError(f"应为 {low} 到 {high} 的整数")
        return int(text)

    return parse


def _host(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9.:\-\[\]]+", text):
        raise ValueError("应为主机名或 IP 地址，如 127.0.0.1")
    return text


def _index(text: str) -> Path:
    path = Path(text)
    if path.exists() and not path.is_dir():
        raise ValueError("应为索引目录，这里却是一个文件")
    return path


def _password_file(text: str) -> Path:
    try:
        read_passwords(Path(text))
    except BadPasswordFile as error:
        raise ValueError(str(error)) from None
    return Path(text)


def _names(text: str) -> tuple[str, ...]:
    return tuple(name for name in re.split(r"[\s,，]+", text) if name)


def _base_path(text: str) -> str:
    path = text.rstrip("/")
    if path and not re.fullmatch(r"(/[A-Za-z0-9._~-]+)+", path):
        raise ValueError("应为以 / 开头的路径，如 /tools/qa")
    return path


def _portals(text: str) -> tuple[str, ...]:
    sites = tuple(site for site in re.split(r"[\s,]+", text) if site)
    for site in sites:
        # scheme, host and port only: a path or a wildcard would be ignored or too wide in frame-ancestors and CORS
        if not re.fullmatch(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?", site):
            raise ValueError(f"“{site}”应为“协议://主机[:端口]”，不含路径和 *；多个网站用逗号分隔")
    return tuple(site.lower() for site in sites)


def _token(text: str) -> str:
    if len(text) < 16 or not text.isascii() or any(mark.isspace() for mark in text):
        raise ValueError("应为至少 16 个不含空格的英文字符")
    return text


def _addresses(text: str) -> tuple[str, ...]:
    try:
        return tuple(str(ipaddress.ip_address(part)) for part in re.split(r"[\s,]+", text) if part)
    except ValueError:
        raise ValueError("应为 IP 地址，多个用逗号分隔，如 127.0.0.1,10.0.0.2") from None


def _header(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9-]{1,64}", text):
        raise ValueError("应为 HTTP 头的名称，如 X-Remote-User")
    return text.lower()


def _base_url(text: str) -> str:
    # A password in the address would end up in logs; the key has a setting of its own
    if not re.fullmatch(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~/-]*)?", text):
        raise ValueError("应为“http(s)://主机[:端口]/路径”，如 http://127.0.0.1:8000/v1，不含用户名、密码和参数")
    return text.rstrip("/")


def _chroma_url(text: str) -> str:
    try:
        engines.chroma_url(text)
    except engines.BadEngine as error:
        raise ValueError("应为" + str(error).partition("：应为")[2]) from None
    return text


def _database_url(text: str) -> str:
    try:
        engines.database_url(text)
    except engines.BadEngine:
        raise ValueError("应为“postgresql://用户:密码@主机:端口/数据库”") from None
    return text


def _key(text: str) -> str:
    if not text.isascii() or any(mark.isspace() for mark in text):
        raise ValueError("应为不含空格的英文字符")
    return text


def _switch(text: str) -> bool:
    if text not in ("0", "1"):
        raise ValueError("应为 1（开）或 0（关）")
    return text == "1"


def _text(text: str) -> str:
    return text


OPTIONS: tuple[Option, ...] = (
    Option("index", "索引目录，默认 data/index", _index, "目录"),
    Option("host", "监听地址，默认 127.0.0.1", _host, "地址"),
    Option("port", "监听端口，默认 7860", _whole(1, 65535), "端口"),
    Option("workers", "服务进程数，默认 1；处理器有几个核就可以开几个", _whole(1, 64), "个数"),
    Option("max_waiting", "每个服务进程同时受理的请求上限，默认 200；更多的答 503 和 Retry-After", _whole(10, 10000), "个数"),
    Option("base_path", "对外的子路径，如 /tools/qa；代理转发时不要去掉它", _base_path, "路径"),
    Option("portals", "允许嵌入本页面并跨域调用接口的网站，逗号分隔；默认一个也不允许", _portals, "网址"),
    Option("admin_token", "上传、删除文档所需的令牌；不设置时只接受本机直接访问", _token, secret=True),
    Option("embedding", "入库时使用的向量模型（本地目录或名称）；默认使用自带的", _text, "模型"),
    Option("chroma_url", "Chroma 服务器的地址，如 http://127.0.0.1:8000；不写则向量存在索引目录里", _chroma_url, "网址"),
    Option("database_url", "PostgreSQL 的地址，如 postgresql://用户:密码@127.0.0.1:5432/budget；不写则从索引目录里的 SQLite 文件读取", _database_url, secret=True),
    Option("max_upload_mb", "上传文件的大小上限（MB），默认 50", _whole(1, 2000), "MB"),
    Option("max_question", "问题的字数上限，默认 500，不能更大", _whole(10, 500), "字数"),
    Option("rate_limit", "每个用户每分钟的提问上限，默认 60，0 为不限；本机直接访问不受限", _whole(0, 100000), "次数"),
    Option("trust_proxy", "可信反向代理的地址（逗号分隔），默认本机；只采信它们送来的 X-Forwarded-For 和用户头", _addresses, "地址"),
    Option("user_header", "单点登录代理写入用户名的 HTTP 头；设置后没有它的请求一律拒绝", _header, "头名称"),
    Option("password_file", "密码文件，适合没有单点登录的小单位；设置后须登录才能使用，用 python -m web users add 添加用户", _password_file, "文件"),
    Option("require_login", "为 1 时须登录才能使用（由门户发放的一次性登录令牌，或密钥），默认 0", _switch, "0或1"),
    Option("session_hours", "登录后多少小时内有效，默认 12", _whole(1, 720), "小时"),
    Option("admins", "管理员的用户名，逗号分隔：登录后可以增删文档、查看提问记录", _names, "用户名"),
    Option("log_questions", "为 1 时请求日志里写出问题（电话和证件号码已遮盖），默认 0", _switch, "0或1"),
    Option("llm_base_url", "大模型的接口地址（OpenAI 兼容），如 http://127.0.0.1:8000/v1；不写则不用大模型", _base_url, "网址"),
    Option("llm_model", "大模型的名称", _text, "名称"),
    Option("llm_api_key", "大模型接口的密钥", _key, secret=True),
    Option("llm_timeout", "等待大模型的秒数，默认 20；超时就用不经大模型的答案", _whole(1, 300), "秒"),
    Option("llm_log", "为 1 时把与大模型往来的内容写进日志（不含密钥），默认 0", _switch, "0或1"),
)

assert [option.name for option in OPTIONS] == [field.name for field in fields(Settings)]
