"""python -m web: API keys and the people of the password file. A key's text is shown once; passwords are typed or come on standard input."""

from __future__ import annotations

import argparse
import getpass
import os
import re
import sys
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path

from web.credentials import FILE, SCOPES, Credentials, Key
from web.passwords import BadPasswordFile, drop_person, read_passwords, set_password

_LONGEST_DAYS = 3650


def parser() -> argparse.ArgumentParser:
    """The command's options; index and password file have the server's environment variables."""
    result = argparse.ArgumentParser(prog="python -m web", description="管理接口密钥（keys）和密码文件里的用户（users）")
    groups = result.add_subparsers(dest="group", required=True, metavar="keys|users")

    keys = groups.add_parser("keys", help="接口密钥").add_subparsers(dest="action", required=True, metavar="add|list|revoke")
    add = keys.add_parser("add", help="生成一把密钥，只显示这一次")
    add.add_argument("name", type=_name, help="给谁用，如 门户")
    add.add_argument("--scopes", type=_scopes, default=("ask", "read"), help=f"权限，逗号分隔：{'、'.join(SCOPES)}；默认 ask,read")
    add.add_argument("--days", type=_days, default=365, help="有效天数，默认 365")
    listing = keys.add_parser("list", help="列出全部密钥")
    revoke = keys.add_parser("revoke", help="撤销一把密钥，立即生效")
    revoke.add_argument("id", help="密钥编号，见 keys list")

    users = groups.add_parser("users", help="密码文件里的用户").add_subparsers(dest="action", required=True, metavar="add|list|remove")
    new = users.add_parser("add", help="添加用户，或更换密码")
    new.add_argument("name", help="用户名")
    people = users.add_parser("list", help="列出用户")
    gone = users.add_parser("remove", help="删除用户，已登录的立即退出")
    gone.add_argument("name", help="用户名")

    for command in (add, listing, revoke, new, gone):
        default = Path(os.environ.get("BUDGET_QA_INDEX", "data/index"))
        command.add_argument("--index", type=Path, default=default, help="索引文件夹（BUDGET_QA_INDEX）")
    for command in (new, people, gone):
        given = os.environ.get("BUDGET_QA_PASSWORD_FILE")
        command.add_argument("--password-file", type=Path, default=given, required=not given, help="密码文件（BUDGET_QA_PASSWORD_FILE）")
    return result


def _name(text: str) -> str:
    if not re.fullmatch(r"[^\s\x00-\x1f\x7f]{1,64}", text):
        raise argparse.ArgumentTypeError("名称应为 1 到 64 个字符，不含空格")
    return text


def _scopes(text: str) -> tuple[str, ...]:
    scopes = tuple(dict.fromkeys(re.split(r"[,，]", text)))
    if unknown := [scope for scope in scopes if scope not in SCOPES]:
        raise argparse.ArgumentTypeError(f"没有“{unknown[0]}”这种权限，应为 {'、'.join(SCOPES)}")
    return scopes


def _days(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 1 <= int(text) <= _LONGEST_DAYS:
        raise argparse.ArgumentTypeError(f"应为 1 到 {_LONGEST_DAYS} 的整数")
    return int(text)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit status is 0, or 1 with one line on standard error when it could not be done."""
    options = parser().parse_args(arguments)
    try:
        return (_keys if options.group == "keys" else _users)(options)
    except BadPasswordFile as error:
        return _failed(str(error))
    except OSError as error:
        return _failed(f"无法写入（{error.strerror or error}），请检查路径和权限。")


def _keys(options: argparse.Namespace) -> int:
    with closing(Credentials(options.index / FILE)) as credentials:
        if options.action == "add":
            key, text = credentials.add_key(options.name, options.scopes, options.days)
            print(f"{text}\n以上密钥只显示这一次，请保存好。{_line(key)}")
        elif options.action == "list":
            print("\n".join(_line(key) for key in credentials.listed()) or "还没有密钥。")
        elif not credentials.revoke_key(options.id):
            return _failed(f"没有编号为 {options.id} 的密钥，或已撤销。")
        else:
            print(f"已撤销 {options.id}。")
    return 0


def _line(key: Key) -> str:
    state = "有效" if key.usable() else "已撤销" if key.revoked else "已过期"
    return f"{key.id}  {key.name}  {','.join(key.scopes)}  {state}，到 {datetime.fromtimestamp(key.expires):%Y-%m-%d}"


def _users(options: argparse.Namespace) -> int:
    if options.action == "list":
        print("\n".join(read_passwords(options.password_file)) or "还没有用户。")
        return 0
    if options.action == "add":
        set_password(options.password_file, options.name, _password())
        print(f"已保存 {options.name} 的密码。")
    else:
        drop_person(options.password_file, options.name)
        print(f"已删除 {options.name}。")
    if (options.index / FILE).exists():
        # whoever had the old password is out
        with closing(Credentials(options.index / FILE)) as credentials:
            credentials.close_sessions_of(options.name)
    return 0


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass.getpass("密码：")
    if getpass.getpass("再输一遍：") != password:
        raise BadPasswordFile("两次输入的密码不一样，没有保存。")
    return password


def _failed(reason: str) -> int:
    print(f"错误：{reason}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
