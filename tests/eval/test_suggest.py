"""Draft cases from the store's facts."""

import json
from collections import Counter
from pathlib import Path

import pytest

from eval.__main__ import main
from eval.casefile import load_cases
from eval.suggest import short_name, suggest
from tests.web.sample import HIT, make_index


def test_a_draft_holds_question_figure_place_and_a_note(tmp_path: Path) -> None:
    found = {record["turns"][0]: record for record in suggest(make_index(tmp_path / "index"), 100, 1)}
    assert sorted(found) == [
        "2020年扶贫办公务接待费预算是多少？",
        "2020年扶贫办公务用车运行维护费预算是多少？",
        "2020年扶贫办因公出国(境)预算是多少？",
        "2021年扶贫办公务接待费预算是多少？",
        "2021年扶贫办公务接待费预算比2020年增加或减少多少？",
        "2021年扶贫办公务用车运行维护费预算是多少？",
        "2021年扶贫办公务用车运行维护费预算比2020年增加或减少多少？",
        "2021年扶贫办因公出国(境)预算是多少？",
    ]
    record = found["2021年扶贫办公务接待费预算比2020年增加或减少多少？"]
    assert record == {
        "id": record["id"],
        "turns": ["2021年扶贫办公务接待费预算比2020年增加或减少多少？"],
        "kind": "difference",
        "answer_type": "number",
        "value": "-2",
        "unit": "万元",
        "absolute": True,
        "evidence": [
            {"doc": "2021_扶贫办_部门预算.txt", "lines": [HIT, HIT], "quote": "2021年 | 9 | 0 | 4 | 5"},
            {"doc": "2021_扶贫办_部门预算.txt", "lines": [HIT - 1, HIT - 1], "quote": "2020年 | 12 | 0 | 5 | 7"},
        ],
        "draft": True,
        "note": "出自：表12 一般公共预算“三公”经费支出表 / 2021年 / 公务接待费；请对照原文核对问题和数值",
    }


def test_kinds_papers_and_tables_come_in_turns(sample_index: Path) -> None:
    records = suggest(sample_index, 50, 1)
    assert Counter(r["kind"] for r in records) == dict.fromkeys(("lookup", "difference", "share", "sum", "list"), 10)
    look_ups = Counter(r["evidence"][0]["doc"] for r in records if r["kind"] == "lookup")
    assert sorted(look_ups.values()) == [2, 2, 2, 2, 2]
    tables = [r["note"].split(" / ")[0] for r in records if r["kind"] == "lookup"]
    assert len(set(zip(tables, (r["evidence"][0]["doc"] for r in records if r["kind"] == "lookup"), strict=True))) >= 9


def test_the_same_seed_gives_the_same_drafts_and_another_one_others(sample_index: Path) -> None:
    assert suggest(sample_index, 20, 1) == suggest(sample_index, 20, 1)
    assert suggest(sample_index, 20, 1) != suggest(sample_index, 20, 2)


def test_parts_are_asked_against_their_whole(sample_index: Path) -> None:
    records = {r["turns"][0]: r for r in suggest(sample_index, 5000, 1)}
    share = records["2021年扶贫办住房公积金占住房改革支出的比例是多少？"]
    assert (share["value"], share["unit"], share["tolerance"]) == ("33.13", "%", "0.01")
    both = records["2021年扶贫办住房公积金和购房补贴一共多少？"]
    assert (both["value"], both["unit"]) == ("332", "万元")
    listed = records["2021年扶贫办住房改革支出包括哪些，各是多少？"]
    assert (listed["answer_type"], listed["items"]) == ("list", [{"item": "住房公积金", "value": "110"}, {"item": "购房补贴", "value": "222"}])


@pytest.mark.parametrize(
    ("full", "others", "short"),
    [
        ("深圳市扶贫协作和合作交流办公室", [], "扶贫办"),
        ("深圳市福田区政务服务数据管理局", [], "福田政务局"),
        ("深圳市福田区政务服务数据管理局（本级）", [], "福田政务局"),
        ("深圳市人民政府办公厅", [], "市府办"),
        ("深圳市深汕特别合作区党政办公室", [], "深汕党政办"),
        ("深圳市扶贫协作和合作交流办公室", ["深圳市扶贫开发领导小组办公室"], "深圳市扶贫协作和合作交流办公室"),
        ("审计局", [], "审计局"),
    ],
)
def test_short_names(full: str, others: list[str], short: str) -> None:
    assert short_name(full, others) == short


def test_the_command_writes_readable_drafts(sample_index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "drafts.jsonl"
    assert main(["suggest", "--index", str(sample_index), "--count", "10", "--seed", "3", "--out", str(out)]) == 0
    assert "10 条草稿已写入" in capsys.readouterr().out
    assert [c.draft for c in load_cases([out])] == [True] * 10
    assert [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()] == suggest(sample_index, 10, 3)
    assert main(["suggest", "--index", str(tmp_path / "none"), "--out", str(tmp_path / "x.jsonl")]) == 2
