"""The receipt of an ingest: the checks with both places, as JSON and as a page that nothing in a paper can break."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ingest import generations
from ingest.generations import FACTS, IndexMissing
from ingest.records import Check, CheckStatus, Place, Quote
from ingest.report import checks_object, write_report
from ingest.stores.facts import FactStore
from tests.ingest.stores.test_facts import paper

EVIL = "<script>alert(1)</script>"


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """Two papers: one whose sum is broken, one whose sum holds and whose name is no name."""
    broken = paper("甲.txt")
    held = replace(
        paper(f"{EVIL}.txt"),
        checks=(Check("sum", CheckStatus.OK, f"5 = 5 {EVIL}", "5万元", "5万元", (0,)), Check("sum", CheckStatus.NOT_CHECKABLE, "缺数")),
    )
    with generations.next_generation(tmp_path / "index") as folder:
        store = FactStore(folder / FACTS)
        store.save(broken, "p1", "", "")
        store.save(held, "p2", "", "")
        store.close()
    return tmp_path / "index"


def test_checks_object(index: Path) -> None:
    store = FactStore(generations.current(index) / FACTS, readonly=True)
    found = checks_object(store, "p1")
    everything = checks_object(store)
    only_broken = checks_object(store, status="broken")
    store.close()

    place = {"section": "", "table": "表1 “三公”经费表", "column": ["2021年预算数"], "page": None, "bbox": None, "sheet": None, "cell": None}
    first = {**place, "row": ["一、“三公”经费", "公务接待费"], "line_start": 5, "line_end": 5, "quote": "公务接待费 | 5"}
    second = {**place, "row": ["一、“三公”经费", "公务用车购置费"], "line_start": 6, "line_end": 6, "quote": "公务用车购置费 | 4.50"}
    assert found == {
        "held": 0,
        "broken": 1,
        "not_checkable": 0,
        "items": [
            {
                "id": "p1:0",
                "document": "p1",
                "document_name": "甲.txt",
                "kind": "sum",
                "status": "broken",
                "detail": "5 + 4.5 ≠ 9",
                "expected": "9.5万元",
                "found": "9万元",
                "citations": [first, second, second],
            }
        ],
    }
    assert {k: everything[k] for k in ("held", "broken", "not_checkable")} == {"held": 1, "broken": 1, "not_checkable": 1}
    assert [i["id"] for i in everything["items"]] == ["p1:0", "p2:0", "p2:1"]
    # The counts are of all checks, the items of the status asked for.
    assert ({k: only_broken[k] for k in ("held", "broken")}, [i["id"] for i in only_broken["items"]]) == ({"held": 1, "broken": 1}, ["p1:0"])


def test_a_check_of_words_cites_them(tmp_path: Path) -> None:
    quoted = Check("contents", CheckStatus.BROKEN, "目录列有“收入总表”，文中没有这张表。", quotes=(Quote("2.收入总表", Place(7, 7)),))
    with generations.next_generation(tmp_path / "index") as folder:
        store = FactStore(folder / FACTS)
        store.save(replace(paper("甲.txt"), checks=(quoted,)), "p1", "", "")
        citations = checks_object(store)["items"][0]["citations"]
        store.close()
    place = {"page": None, "bbox": None, "sheet": None, "cell": None, "line_start": 7, "line_end": 7}
    assert citations == [{"section": "", "table": None, "row": [], "column": [], **place, "quote": "2.收入总表"}]


def test_written_as_json(index: Path, tmp_path: Path) -> None:
    write_report(tmp_path / "r.JSON", index)
    assert [i["id"] for i in json.loads((tmp_path / "r.JSON").read_text(encoding="utf-8"))["items"]] == ["p1:0", "p2:0", "p2:1"]


def test_written_as_a_page(index: Path, tmp_path: Path) -> None:
    write_report(tmp_path / "r.html", index)
    page = (tmp_path / "r.html").read_text(encoding="utf-8")

    assert "勾稽成立 0，不成立 1，无法核对 0" in page
    assert '<tr class="broken"><td>[不成立] 5 + 4.5 ≠ 9</td><td>9.5万元</td><td>9万元</td>' in page
    assert "第 5 行" in page and "公务接待费 | 5" in page and "有一处看不清。" in page
    assert "<script" not in page and page.count("&lt;script&gt;") == 2
    assert "http" not in page  # nothing is fetched from anywhere


def test_no_index_no_report(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing):
        write_report(tmp_path / "r.html", tmp_path / "none")
    assert not (tmp_path / "r.html").exists()
