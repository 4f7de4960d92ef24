"""The staff's whole way in Chromium, with the real reading and the real assistant: upload a PDF, ask it, check the source, delete it, ask again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.ingest.loaders.conftest import Pages
from tests.web.chromium import Server, Visit
from web.server import build_app
from web.settings import Settings

pytestmark = pytest.mark.browser
XS = [50, 150, 250, 400, 545]
ROWS = [
    ["年份", "总计", "因公出国（境）费", "公务接待费"],
    ["2020年", "12", "5", "7"],
    ["2021年", "9", "4", "5"],
]
SLOW = 90_000  # milliseconds; reading a paper starts a process of its own


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Server]:
    server = Server(build_app(Settings(index=tmp_path / "index")))
    yield server
    server.stop()


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    pages = Pages()
    pages.text(150, 60, "甲市水务局2021年部门预算", 16)
    pages.text(50, 100, "表12 一般公共预算“三公”经费支出表")
    pages.right(545, 120, "单位：万元")
    pages.table(XS, 130, ROWS)
    pages.grid(XS, [130, 150, 170, 190])
    return pages.save(tmp_path / "甲市水务局2021年部门预算.pdf")


def test_upload_ask_check_judge_delete_ask(chromium, empty: Server, paper: Path) -> None:
    visit = Visit(chromium, empty.url)
    page = visit.page
    page.on("dialog", lambda dialog: dialog.accept())

    page.click("button[role=tab]:has-text('文档')")
    page.wait_for_selector(".papers:has-text('还没有文档')")  # not even an index
    page.set_input_files(".upload input[type=file]", paper)
    page.click(".upload button[type=submit]")
    page.wait_for_selector(".upload-status:has-text('已入库，1 张表')", timeout=SLOW)
    assert page.locator(".papers-list tbody tr").count() == 1

    page.click("button[role=tab]:has-text('问答')")
    visit.ask("2021年水务局公务接待费多少")
    assert visit.text("#chat .bot strong") == "5 万元"
    page.click("#chat a[href^='#cite-'] >> nth=0")
    page.wait_for_selector("#source .hit-cell")
    assert visit.text("#source .hit-cell") == "5" and visit.text("#source .hit-row td >> nth=0") == "2021年"
    page.wait_for_function("() => document.querySelector('#source img.src-page')?.naturalWidth > 500")

    visit.ask("那2020年呢", 2)
    assert page.locator("#chat .bot strong").last.inner_text() == "7 万元"
    visit.ask("2020年和2021年水务局三公经费分别是多少", 3)
    assert page.locator("#chat .bot").last.locator(".bar-value").all_inner_texts() == ["12 万元", "9 万元"]
    page.click("#chat button[title='选择问题'] >> nth=-1")
    page.click("text=数字有误 >> visible=true")
    page.wait_for_selector("text=感谢反馈")

    page.reload()
    visit.wait(3)
    page.click("button[role=tab]:has-text('文档')")
    page.click(".papers .danger")
    page.wait_for_selector(".papers:has-text('还没有文档')", timeout=SLOW)
    page.click("button[role=tab]:has-text('问答')")
    visit.ask("2021年水务局公务接待费多少", 4)
    assert "5 万元" not in page.locator("#chat .bot").last.inner_text()
    assert httpx.post(f"{empty.url}/api/ask", json={"question": "2021年水务局公务接待费多少"}).json()["status"] == "refused"
    visit.context.close()
