"""Settings: option before environment, and one clear Chinese line for a value that cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from web.server import main
from web.settings import BadSetting, read_settings


def test_an_option_wins_over_the_environment() -> None:
    environment = {"BUDGET_QA_PORT": "8000", "BUDGET_QA_INDEX": "/srv/index", "BUDGET_QA_PORTALS": "http://a.example, https://b.example:8443"}
    settings = read_settings({"port": "9000"}, environment)
    assert (settings.port, settings.index) == (9000, Path("/srv/index"))
    assert settings.portals == ("http://a.example", "https://b.example:8443")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("PORT", "99999", "设置 BUDGET_QA_PORT 的值“99999”不可用：应为 1 到 65535 的整数"),
        ("PORT", "http", "设置 BUDGET_QA_PORT 的值“http”不可用：应为 1 到 65535 的整数"),
        ("HOST", "a b", "设置 BUDGET_QA_HOST 的值“a b”不可用：应为主机名或 IP 地址，如 127.0.0.1"),
        ("BASE_PATH", "qa", "设置 BUDGET_QA_BASE_PATH 的值“qa”不可用：应为以 / 开头的路径，如 /tools/qa"),
        ("PORTALS", "*", "设置 BUDGET_QA_PORTALS 的值“*”不可用：“*”应为“协议://主机[:端口]”，不含路径和 *；多个网站用逗号分隔"),
        ("ADMIN_TOKEN", "short", "设置 BUDGET_QA_ADMIN_TOKEN 的值（内容不显示）不可用：应为至少 16 个不含空格的英文字符"),
        ("TRUST_PROXY", "proxy", "设置 BUDGET_QA_TRUST_PROXY 的值“proxy”不可用：应为 IP 地址，多个用逗号分隔，如 127.0.0.1,10.0.0.2"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(name: str, value: str, message: str) -> None:
    with pytest.raises(BadSetting) as error:
        read_settings({}, {f"BUDGET_QA_{name}": value})
    assert str(error.value) == message


def test_a_wrong_value_stops_the_start_with_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--port", "0"]) == 2
    assert capsys.readouterr().err == "错误：设置 --port 的值“0”不可用：应为 1 到 65535 的整数\n"
