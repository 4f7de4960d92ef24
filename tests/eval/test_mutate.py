"""A wrong figure in the store: who notices it."""

import random
import sqlite3
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from eval.__main__ import main
from eval.casefile import CaseError, read_case
from eval.mutate import Copy, Outcome, Watch, misread, mutate, table
from ingest import generations
from ingest.amounts import read_amount

SANGONG = {
    "id": "三公",
    "turns": ["2021年扶贫办三公经费多少"],
    "answer_type": "number",
    "value": 9,
    "unit": "万元",
    "evidence": [{"doc": "2021年深圳市扶贫"}],
}


def stored(index: Path) -> list[tuple]:
    database = sqlite3.connect(generations.current(index) / generations.FACTS)
    rows = database.execute("SELECT document, number, value, fen, printed FROM facts ORDER BY document, number").fetchall()
    database.close()
    return rows


@pytest.fixture
def copy(sample_index: Path, tmp_path: Path) -> Iterator[Copy]:
    yield Copy(sample_index, tmp_path / "copy")


def test_an_amount_is_changed_in_the_copy_only_and_put_back(copy: Copy, sample_index: Path) -> None:
    before = stored(sample_index)
    document, number, *_ = next(row for row in before if row[2] == "9" and row[3] == 9_000_000)
    with copy.with_amount(document, number, read_amount("12.5", "万元")):
        assert [row for row in stored(copy.index) if row not in before] == [(document, number, "12.5", 12_500_000, "12.5")]
    assert stored(copy.index) == before == stored(sample_index)


def test_one_digit_is_misread() -> None:
    read = {misread(read_amount("1,382", "万元"), random.Random(seed)).printed for seed in range(300)}
    assert "1382" not in read
    assert all(sum(a != b for a, b in zip(text, "1382", strict=True)) == 1 for text in read)
    assert misread(read_amount("0.00", "万元"), random.Random(1)).value in {Decimal(n) for n in range(1, 10)}


def test_the_cases_and_the_checks_notice_the_figure_they_stand_on(copy: Copy) -> None:
    watch = Watch(copy, [read_case(SANGONG, "测试")])
    document, number = next(
        (document, number)
        for document, paper in copy.papers.items()
        for number, fact in enumerate(paper.facts)
        if fact.table is not None and "三公" in paper.tables[fact.table].title and (fact.year, fact.scope, fact.columns) == (2021, "汇总", ("总计",))
    )
    assert watch.outcome(document, number, read_amount("7", "万元")) == Outcome(
        "2021年深圳市扶贫协作和合作交流办公室部门预算.txt 表12 一般公共预算“三公”经费支出表“市扶贫协作和合作交流办公室 / 总计”",
        "9万元",
        "7万元",
        "三公",
        "表12 一般公共预算“三公”经费支出表“市扶贫协作和合作交流办公室”总计：5 + 4 = 9，印 7 万元，相差 -2。",
        "表12 一般公共预算“三公”经费支出表“市扶贫协作和合作交流办公室”总计：5 + 4 = 9 万元",
    )
    untouched = watch.outcome(document, number, read_amount("9", "万元"))
    assert (untouched.case, untouched.broken, untouched.lost, untouched.noticed) == ("", "", "", False)


def test_of_fifty_wrong_figures_the_checks_alone_notice_95_per_cent(sample_index: Path) -> None:
    outcomes = mutate(sample_index, [], 50, 1)
    assert len(outcomes) == 50
    assert sum(o.noticed for o in outcomes) >= 48


def test_the_table_lists_what_nobody_noticed() -> None:
    outcomes = [
        Outcome("甲", "1万元", "2万元", "c1", "1 + 1 ≠ 3", "1 + 1 = 2"),
        Outcome("乙", "1万元", "2万元", "", "", "1 + 1 = 2"),
        Outcome("丙", "1万元", "3万元", "", "", ""),
    ]
    assert table(outcomes) == (
        "改动 3 处，发现 2 处 = 66.7%（95% 区间 20.8%–93.9%）\n  用例发现 1\n  勾稽发现 2：报为不成立 1，入库时成立、现在核对不出 1\n  都没发现 1\n    丙：1万元 → 3万元"
    )
    assert table([]) == "索引里没有可以改动的表内金额。"


def test_the_command_fails_under_the_bar(sample_index: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    cases = tmp_path / "c.jsonl"
    cases.write_text('{"id": "a", "turns": ["你好"], "answer_type": "text"}\n', encoding="utf-8")
    line = ["mutate", "--index", str(sample_index), "--cases", str(cases), "--count", "3", "--seed", "1"]
    assert main([*line, "--fail-under", "1"]) == 0
    assert main([*line, "--fail-under", "1.1"]) == 1
    assert capsys.readouterr().out.count("改动 3 处，发现 3 处 = 100.0%") == 2


def test_an_index_that_another_version_read_is_refused(copy: Copy, tmp_path: Path) -> None:
    document = next(iter(copy.papers))
    with copy.with_amount(document, 0, read_amount("1234567", "万元")), pytest.raises(CaseError, match="再读一遍的结果与索引不同"):
        Copy(copy.index, tmp_path / "again")
