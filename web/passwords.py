"""The password file of a small office: one line a person, `name:scrypt$N$r$p$salt$hash` (salt and hash in base64), for its owner's eyes only."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import secrets
import unicodedata
from pathlib import Path
from threading import Lock

_COST = (2**15, 8, 3)  # N, r, p as OWASP advises for 32 MiB: about a third of a second
_MEMORY = 64 * 1024 * 1024
SHORTEST = 10  # characters of a new password
LONGEST = 200
_NAME = re.compile(r"[^\s:]{1,64}")
# one at a time: each takes 32 MiB, and many at once would take the machine
_turn = Lock()


class BadPasswordFile(Exception):
    """The file cannot be read as a password file, or what should be written does not fit; one Chinese sentence."""


def read_passwords(path: Path) -> dict[str, str]:
    """Each person's name with the hash of the password. Raises BadPasswordFile."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadPasswordFile(f"无法读取密码文件 {path}：{getattr(error, 'strerror', None) or '不是 UTF-8 文本'}。") from None
    people = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, hashed = line.strip().partition(":")
        if not _NAME.fullmatch(name) or not re.fullmatch(r"scrypt(\$\d+){3}(\$[A-Za-z0-9+/=]+){2}", hashed):
            raise BadPasswordFile(f"密码文件 {path} 第 {number} 行格式有误，应为“用户名:scrypt$…”，请用 python -m web users add 生成。")
        people[name] = hashed
    return people


def set_password(path: Path, name: str, password: str) -> None:
    """Adds the person, or replaces the password. Raises BadPasswordFile for a name or password that will not do."""
    name = unicodedata.normalize("NFC", name)
    if not _NAME.fullmatch(name) or not name.isprintable():
        raise BadPasswordFile("用户名应为 1 到 64 个字符，不含空格和冒号。")
    if not SHORTEST <= len(password) <= LONGEST:
        raise BadPasswordFile(f"密码应为 {SHORTEST} 到 {LONGEST} 个字符。")
    people = read_passwords(path) if path.exists() else {}
    _write(path, {**people, name: _hashed(password)})


def drop_person(path: Path, name: str) -> None:
    """Takes the person out of the file. Raises BadPasswordFile when there is no such name."""
    people = read_passwords(path)
    if people.pop(name, None) is None:
        raise BadPasswordFile(f"密码文件里没有“{name}”。")
    _write(path, people)


def person_of(path: Path, name: str, password: str) -> str | None:
    """The person's name as the file has it if the password is right, else None; takes as long for a name that is not there. Raises
    BadPasswordFile."""
    people, name = read_passwords(path), unicodedata.normalize("NFC", name.strip())
    _, *cost, salt, digest = people.get(name, _NOBODY).split("$")
    found = _scrypt(password[:LONGEST], base64.b64decode(salt), *map(int, cost))
    return name if hmac.compare_digest(found, base64.b64decode(digest)) and name in people else None


def _hashed(password: str) -> str:
    salt = secrets.token_bytes(16)
    parts = (*map(str, _COST), *(base64.b64encode(part).decode() for part in (salt, _scrypt(password, salt, *_COST))))
    return "$".join(("scrypt", *parts))


def _scrypt(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    with _turn:
        return hashlib.scrypt(unicodedata.normalize("NFC", password).encode(), salt=salt, n=n, r=r, p=p, maxmem=_MEMORY, dklen=32)


def _write(path: Path, people: dict[str, str]) -> None:
    new = path.with_name(path.name + ".new")
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.writelines(f"{name}:{hashed}\n" for name, hashed in people.items())
    os.replace(new, path)


# nobody's password: its hash is computed for unknown names, whose refusal would else come sooner than that of known ones
_NOBODY = "$".join(("scrypt", *map(str, _COST), *(base64.b64encode(bytes(length)).decode() for length in (16, 32))))
