"""The page in Chromium over the sample index and the scripted assistant: what staff see and do, and what may never happen."""

from __future__ import annotations

import io
from pathlib import Path

import httpx
import openpyxl
import pytest

from tests.web.chromium import PORTAL_PAGE, QUESTION, Server, Site, Visit
from tests.web.sample import HIT, ROWS, ScriptedAssistant, make_index
from web.credentials import FILE, Credentials
from web.passwords import set_password
from web.server import build_app
from web.settings import Settings

pytestmark = pytest.mark.browser


def test_an_answer_streams_and_its_source_opens_at_the_right_line(visit: Visit, server: Server) -> None:
    visit.ask()
    assert "9 万元" in visit.text("#chat .bot strong")
    visit.page.click("#chat a[href^='#cite-']:has-text('2')")
    visit.page.wait_for_selector("#source .src-line.hit")
    assert visit.text("#source .src-line.hit .src-number") == str(HIT)
    assert visit.text("#source .src-line.hit .src-text").split() == "┊".join(f" {cell} " for cell in ROWS[1]).split()
    assert visit.text("#source .hit-cell") == "5"
    assert visit.text("#source tr.hit-row td:first-child") == "2021年"
    assert visit.page.locator("#source .src-lines").bounding_box()["height"] > 60
    # everything came from the server itself, and nothing on the page failed
    assert visit.hosts() == {f"127.0.0.1:{server.port}"}
    assert visit.errors == []


def test_the_page_is_chinese_whatever_the_browser_says(visit: Visit) -> None:
    visit.ask()
    assert visit.page.get_attribute("html", "lang") == "zh-CN"
    titles = visit.page.eval_on_selector_all("button", "nodes => nodes.map(node => node.title || node.innerText).filter(Boolean)")
    assert [title for title in titles if not any("一" <= mark <= "鿿" for mark in title) and title.strip() not in ("✕", "")] == []


def test_a_page_of_a_pdf_is_shown_with_the_cells_box(visit: Visit) -> None:
    visit.ask("扫描件里合计多少")
    image = visit.page.wait_for_selector("#source img.src-page")
    assert "/page/1.png?bbox=100.0,100.0,200.0,120.0" in image.get_attribute("src")
    visit.page.wait_for_function("() => document.querySelector('#source img.src-page').naturalWidth > 500")


def test_follow_ups_and_examples_are_one_click(visit: Visit) -> None:
    visit.page.click("#chat .example >> nth=0")
    visit.wait(1)
    visit.page.click("#chat .option:has-text('那2020年呢')")
    visit.wait(2)
    assert visit.page.locator("#chat .user .prose").all_inner_texts() == [QUESTION, "那2020年呢？"]


def test_enter_in_a_chinese_input_method_does_not_send(visit: Visit) -> None:
    visit.page.wait_for_selector("#ask textarea")
    visit.page.fill("#ask textarea", "三公经费")
    visit.page.eval_on_selector(
        "#ask textarea",
        """box => { for (const type of ['keydown', 'keypress'])
            box.dispatchEvent(new KeyboardEvent(type, {key: 'Enter', code: 'Enter', keyCode: 229, isComposing: true, bubbles: true, cancelable: true})) }""",
    )
    visit.page.wait_for_timeout(500)
    assert visit.page.locator("#chat .user").count() == 0
    visit.page.press("#ask textarea", "Enter")
    visit.wait(1)


def test_the_keyboard_reaches_a_source_and_closes_it(chromium, server: Server) -> None:
    visit = Visit(chromium, server.url, width=380)
    visit.ask()
    assert visit.page.locator("#source").count() == 0
    visit.page.focus("#chat a[href^='#cite-']")
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_selector("#source.drawer .hit")
    assert visit.page.evaluate("document.activeElement.id") == "source"
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 380
    visit.page.keyboard.press("Escape")
    assert visit.page.locator("#source").count() == 0
    assert visit.page.evaluate("document.activeElement.getAttribute('href')").startswith("#cite-")
    visit.context.close()


def test_copied_answers_carry_their_sources(visit: Visit, server: Server) -> None:
    visit.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=server.url)
    visit.ask()
    visit.page.click("#chat .message-buttons-left button[title='复制']")
    copied = visit.page.evaluate("navigator.clipboard.readText()")
    assert "9 万元 [1]" in copied and f"[1] {'深圳市扶贫协作和合作交流办公室2021年部门预算'}，表12" in copied and f"第 {HIT} 行" in copied
    assert "SELECT" not in copied and "#cite" not in copied


def test_a_table_of_figures_is_downloaded(visit: Visit) -> None:
    visit.ask()
    with visit.page.expect_download() as caught:
        visit.page.click("#chat .table-tools button:has-text('CSV')")
    assert caught.value.suggested_filename == "查询结果.csv"
    assert Path(caught.value.path()).read_bytes().decode("utf-8-sig").splitlines() == [
        "项目,数值,单位",
        "“三公”经费 合计 2021年 预算,9,万元",
        "公务接待费 2021年 预算,5,万元",
    ]
    with visit.page.expect_download() as caught:
        visit.page.click("#chat .table-tools button:has-text('Excel')")
    book = openpyxl.load_workbook(io.BytesIO(Path(caught.value.path()).read_bytes()))
    assert [cell.value for cell in book.active[2]] == ["“三公”经费 合计 2021年 预算", 9, "万元"]
    visit.page.click("button[role=tab]:has-text('文档')")
    visit.page.click(".papers .link:has-text('2021年部门预算')")
    with visit.page.expect_download() as caught:
        visit.page.click(".paper-table a:has-text('CSV')")
    assert caught.value.suggested_filename == "表12 一般公共预算“三公”经费支出表.csv"
    assert visit.errors == []


def test_a_judgement_is_noted(visit: Visit, server: Server) -> None:
    visit.ask()
    visit.page.click("#chat button[title='选择问题']")
    visit.page.click("text=出处不对")
    visit.page.wait_for_selector("text=感谢反馈")
    noted = httpx.get(f"{server.url}/api/audit").json()["feedback"]
    assert [(note["question"], note["rating"], note["reason"]) for note in noted] == [(QUESTION, "down", "出处不对")]


def test_the_chat_survives_a_reload_and_a_new_one_is_empty(visit: Visit) -> None:
    visit.ask()
    visit.page.reload()
    visit.wait(1)
    visit.page.click("#chat a[href^='#cite-'] >> nth=0")
    visit.page.wait_for_selector("#source .src-line.hit")
    visit.page.click("#new-chat")
    visit.page.wait_for_selector("#chat .example")
    assert visit.page.locator("#source").count() == 0


def test_papers_and_report(visit: Visit) -> None:
    visit.page.click("button[role=tab]:has-text('文档')")
    visit.page.click(".papers .link:has-text('2021年部门预算')")
    visit.page.wait_for_selector(".paper-table td:has-text('12')")
    visit.page.click("button[role=tab]:has-text('勾稽报告')")
    visit.page.click(".checks .chip >> nth=3")
    visit.page.wait_for_selector("#source.drawer .hit-cell:has-text('12')")
    assert visit.errors == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "path"), [(1280, "/"), (380, "/"), (420, "/?embed=1")], ids=["desktop", "phone", "embedded"])
def test_axe_finds_nothing_against_accessibility(chromium, server: Server, scheme: str, width: int, path: str) -> None:
    # axe looks at the page through a script of its own, which the page's policy would rightly stop
    visit = Visit(chromium, server.url, width, path=path, bypass_csp=True, color_scheme=scheme)
    visit.page.wait_for_selector("#chat .example")
    found = [_violations(visit)]
    visit.ask()
    visit.page.click("#chat a[href^='#cite-'] >> nth=0")
    visit.page.wait_for_selector("#source .src-line.hit")
    visit.page.click("#chat details summary", force=True)
    found.append(_violations(visit))
    visit.page.keyboard.press("Escape")
    for tab in ("文档", "勾稽报告", "评测") if path == "/" else ():
        visit.page.click(f"button[role=tab]:has-text('{tab}')")
        visit.page.wait_for_timeout(500)
        found.append(_violations(visit))
    assert found == [[]] * len(found)
    visit.context.close()


CASES = (
    '{"id": "a", "turns": ["2021年扶贫办三公经费多少"], "kind": "lookup", "answer_type": "number", "value": 9, "unit": "万元"}',
    '{"id": "b", "turns": ["2020年扶贫办三公经费多少"], "kind": "lookup", "answer_type": "number", "value": 11, "unit": "万元"}',
)


def test_an_administrator_runs_cases_and_takes_the_report_home(visit: Visit, tmp_path: Path) -> None:
    cases = tmp_path / "我的用例.jsonl"
    cases.write_text("\n".join(CASES), encoding="utf-8")
    page = visit.page
    page.click("button[role=tab]:has-text('评测')")
    page.wait_for_selector(".evaluation form")
    with page.expect_download() as caught:
        page.click("text=下载用例表格（Excel）")
    assert caught.value.suggested_filename == "用例.xlsx"
    assert openpyxl.load_workbook(io.BytesIO(Path(caught.value.path()).read_bytes()))["用例"]["B1"].value == "问题"
    page.set_input_files(".evaluation input[type=file]", cases)
    page.click("text=开始评测")
    page.wait_for_selector("text=下载网页报告")
    assert visit.text(".evaluation .upload-status") == "“我的用例.jsonl”：2 题，答对 1 题。"
    assert visit.text(".evaluation [aria-label='按类型'] tbody").split() == ["查数", "1", "/", "2", "50.0%"]
    miss = page.locator(".evaluation section:last-child tbody td").all_inner_texts()
    assert (miss[0], miss[1], miss[3]) == ("2020年扶贫办三公经费多少", "数值；11万元", "第一个数值是 12万元，应为 11万元")
    assert "12 万元" in miss[2]
    with page.expect_download() as caught:
        page.click("text=下载网页报告")
    assert caught.value.suggested_filename == "评测报告.html"
    caught.value.save_as(tmp_path / "report.html")
    page.goto((tmp_path / "report.html").as_uri())  # opens without the server
    assert page.locator("#cases details").count() == 1
    assert visit.errors == []


def test_the_evaluation_is_for_who_has_the_token(chromium, tmp_path: Path) -> None:
    server = Server(build_app(Settings(index=make_index(tmp_path / "index"), admin_token="a-long-enough-token"), ScriptedAssistant()))
    visit = Visit(chromium, server.url)
    visit.page.click("button[role=tab]:has-text('文档')")
    for token, seen in (("not-the-right-token", False), ("a-long-enough-token", True)):
        visit.page.fill(".upload input[type=password]", token)
        visit.page.press(".upload input[type=password]", "Tab")
        visit.page.wait_for_timeout(500)
        assert visit.page.is_visible("button[role=tab]:has-text('评测')") is seen
    visit.page.click("button[role=tab]:has-text('评测')")
    visit.page.wait_for_selector(".evaluation form")
    visit.context.close()
    server.stop()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_people_sign_on_and_off_and_axe_finds_nothing_against_it(chromium, tmp_path: Path, scheme: str) -> None:
    set_password(tmp_path / "people", "张三", "一个足够长的登录密码")
    server = Server(build_app(Settings(index=make_index(tmp_path / "index"), password_file=tmp_path / "people"), ScriptedAssistant()))
    visit = Visit(chromium, server.url, 380, bypass_csp=True, color_scheme=scheme)
    visit.page.fill("[name=name]", "张三")
    visit.page.fill("[name=password]", "falsch")
    visit.page.click("button")
    assert visit.text("[role=alert]") == "用户名或密码不正确。"
    found = _violations(visit)
    visit.page.fill("[name=password]", "一个足够长的登录密码")
    visit.page.click("button")
    visit.ask()
    assert visit.text("#masthead .account span") == "张三"
    found += _violations(visit)
    visit.page.click("#masthead .account button")
    visit.page.wait_for_selector("[name=password]")
    # a session that ends while the page is open: the next question leads to the login, and the chat is still there afterwards
    visit.page.fill("[name=name]", "张三")
    visit.page.fill("[name=password]", "一个足够长的登录密码")
    visit.page.click("button")
    visit.wait(1)
    Credentials(tmp_path / "index" / FILE).close_sessions_of("张三")
    visit.page.fill("#ask textarea", QUESTION)
    visit.page.press("#ask textarea", "Enter")
    visit.page.wait_for_selector("[name=password]")
    assert (found, visit.hosts()) == ([], {server.url.removeprefix("http://")})
    visit.context.close()
    server.stop()


def _violations(visit: Visit) -> list[str]:
    axe = pytest.importorskip("axe_playwright_python.base", reason="needs axe-playwright-python")
    if not visit.page.evaluate("'axe' in window"):
        visit.page.add_script_tag(path=axe.AXE_FILE_PATH)
    result = visit.page.evaluate("() => axe.run(document, {runOnly: ['wcag2a', 'wcag2aa']})")
    return [f"{violation['id']}: {violation['nodes'][0]['html'][:200]}" for violation in result["violations"]]


def test_an_allowed_portal_embeds_the_page_and_hands_over_a_question(chromium, server: Server, portal: Site) -> None:
    portal.page = PORTAL_PAGE.read_text(encoding="utf-8").replace("http://qa.example", server.url)
    visit = Visit(chromium, f"http://127.0.0.1:{portal.server_port}")
    visit.page.click("text=问预算")
    visit.page.click("[data-question]")
    frame = next(frame for frame in visit.page.frames if frame.url.startswith(server.url))
    frame.wait_for_function("() => document.querySelector('#ask textarea')?.value.includes('三公经费')")
    assert not frame.is_visible("#masthead")
    frame.press("#ask textarea", "Enter")
    frame.wait_for_selector("#chat .bot strong:has-text('9 万元')")
    visit.context.close()


def test_an_inline_frame_grows_with_the_dialogue(chromium, server: Server, portal: Site) -> None:
    portal.page = (
        "<!doctype html><div id=qa></div>"
        f"<script src='{server.url}/web/embed.js' data-mode=inline data-target='#qa' data-height=auto data-max-height=900></script>"
    )
    visit = Visit(chromium, f"http://127.0.0.1:{portal.server_port}")
    height = "() => document.querySelector('iframe').getBoundingClientRect().height"
    frame = next(frame for frame in visit.page.frames if frame.url.startswith(server.url))
    frame.wait_for_selector("#chat .example")
    visit.page.wait_for_timeout(500)
    before = visit.page.evaluate(height)
    assert 420 <= before < 850
    for n in (1, 2):
        frame.fill("#ask textarea", QUESTION)
        frame.press("#ask textarea", "Enter")
        frame.wait_for_function("n => document.querySelectorAll('#chat .table-tools').length >= n", arg=n)
    visit.page.wait_for_function(f"before => ({height})() > before + 60", arg=before)
    assert visit.page.evaluate(height) <= 900
    visit.context.close()


def test_another_site_cannot_frame_the_page(chromium, server: Server, portal: Site) -> None:
    portal.page = f"<iframe src='{server.url}/?embed=1'></iframe>"
    # the same server by another name is another origin, and not on the list
    visit = Visit(chromium, f"http://localhost:{portal.server_port}")
    visit.page.wait_for_timeout(1500)
    assert any("frame-ancestors" in error for error in visit.errors)
    assert not any(
        frame.url.startswith(server.url) and frame.query_selector("#ask") for frame in visit.page.frames if frame.url.startswith(server.url)
    )
    visit.context.close()


def test_the_page_works_under_a_sub_path(chromium, tmp_path: Path) -> None:
    server = Server(build_app(Settings(index=make_index(tmp_path / "index"), base_path="/tools/qa"), ScriptedAssistant()))
    visit = Visit(chromium, server.url, path="/tools/qa/")
    visit.ask()
    visit.page.wait_for_selector("#source .src-line.hit")
    assert visit.errors == [] and visit.hosts() == {f"127.0.0.1:{server.port}"}
    visit.context.close()
    server.stop()


def test_on_a_phone_the_cited_cell_of_a_wide_table_is_in_sight(chromium, server: Server) -> None:
    visit = Visit(chromium, server.url, width=380)
    visit.page.add_style_tag(content="#source td, #source th { min-width: 150px }")
    visit.ask()
    for n in (1, 2):
        visit.page.click(f"#chat a[href$='-{n}'] >> nth=0")
        visit.page.wait_for_selector("#source .hit-cell")
        box, cell = (visit.page.locator(f"#source {part}").bounding_box() for part in (".src-table", ".hit-cell"))
        assert box["x"] <= cell["x"] and cell["x"] + cell["width"] <= box["x"] + box["width"]
        visit.page.keyboard.press("Escape")
    visit.context.close()
