"""Papers and cases under other names: nothing but names, years and amounts changes, and the lines stay."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from eval.casefile import load_cases
from eval.rename import Renaming, choose, main, read, rename_case, rename_paper, spread

THREE = Renaming("", {"深圳市扶贫办公室": "杭州市文旅局", "扶贫办": "文旅局", "省扶贫办": "省扶贫办", "深圳": "杭州"}, {"扶贫": "文旅"}, 2, 3)

PAPER = """2021年深圳市扶贫办公室部门预算
支出总表
公开01表
单位：万元
项目\t行次\t2021年预算数\t2020年预算数
合计\t3\t12\t9
基本支出\t1\t3\t2,019.50
项目支出\t2\t9\t6
本部门“三公”经费预算12万元，比2020年增加3万元，增长33%，由深圳市扶贫
办公室支付，共3人、2000张、9.08
万元。项目编码0102029-2019-YBXM-01，起止2021-01-01~2021-12-31，见深办[2019]53号，报省扶贫办。
"""


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    path = tmp_path / "2021_深圳市扶贫办公室.txt"
    path.write_text(PAPER, encoding="utf-8")
    return path


def test_a_paper_keeps_its_lines_codes_and_counts(paper: Path) -> None:
    text = rename_paper(read(paper), THREE)
    assert text.splitlines() == [
        "2023年杭州市文旅局部门预算",
        "支出总表",
        "公开01表",
        "单位：万元",
        "项目\t行次\t2023年预算数\t2022年预算数",
        "合计\t3\t36\t27",
        "基本支出\t1\t9\t6,058.50",
        "项目支出\t2\t27\t18",
        "本部门“三公”经费预算36万元，比2022年增加9万元，增长33%，由杭州市文",
        "旅局支付，共3人、2000张、27.24",
        "万元。项目编码0102029-2019-YBXM-01，起止2023-01-01~2023-12-31，见深办[2021]53号，报省扶贫办。",
    ]


def test_a_case_is_renamed_with_its_evidence(paper: Path) -> None:
    case = {
        "id": "a",
        "turns": ["深圳扶贫办21年支出超过3万元的有几个", "那2020人员支出呢"],
        "answer_type": "list",
        "value": Decimal("2019.5"),
        "unit": "万元",
        "must_contain": ["2,019.50", "3", "2021"],
        "not_as_answer": ["9万元", "3人"],
        "items": [{"item": "扶贫", "value": 9}, {"item": "人数", "value": 3, "unit": "人"}],
        "evidence": [{"doc": "2021_深圳市扶贫", "lines": [7, 7], "quote": "基本支出 | 1 | 3 | 2,019.50"}],
    }
    new = rename_case(case, THREE, [read(paper)])
    assert new == {
        "id": "a",
        "turns": ["杭州文旅局23年支出超过9万元的有几个", "那2022人员支出呢"],
        "answer_type": "list",
        "value": Decimal("6058.5"),
        "unit": "万元",
        "must_contain": ["6,058.50", "9", "2023"],
        "not_as_answer": ["27万元", "3人"],
        "items": [{"item": "文旅", "value": 27}, {"item": "人数", "value": 3, "unit": "人"}],
        "evidence": [{"doc": "2023_杭州市文旅局.txt", "lines": [7, 7], "quote": "基本支出 | 1 | 9 | 6,058.50"}],
    }


def test_a_name_or_figure_over_two_lines_keeps_its_break() -> None:
    assert spread("9249472513.80", "3083157504.6\n\n0") == "9249472513.8\n\n0"
    assert THREE.names("深圳市扶\n贫办公室") == "杭州市\n文旅局"


def test_every_seed_gives_a_cast_that_leaves_no_old_name() -> None:
    for seed in range(6):
        renaming = choose(seed)
        assert renaming.shift and renaming.factor > 1
        said = renaming.say("2021年深圳市扶贫办、扶贫办、福田政数局、深汕党政办、市府办的三公经费")
        assert not any(word in said for word in ("深圳", "扶贫", "福田", "深汕", "府办", "2021"))


def test_the_command_writes_papers_and_cases_that_can_be_used(paper: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cases = tmp_path / "c.jsonl"
    cases.write_text(
        json.dumps({"id": "a", "turns": ["2021年深圳市扶贫办公室支出"], "answer_type": "number", "value": 12, "unit": "万元"}), encoding="utf-8"
    )
    out = tmp_path / "out"
    assert main(["--documents", str(paper), "--cases", str(cases), "--out", str(out), "--seed", "1"]) == 0
    assert "1 份材料、1 条用例" in capsys.readouterr().out
    assert len(list((out / "documents").iterdir())) == 1
    assert load_cases([out / "cases"])[0].value == 12 * choose(1).factor
    assert main(["--documents", str(tmp_path / "none.txt"), "--out", str(out)]) == 2
