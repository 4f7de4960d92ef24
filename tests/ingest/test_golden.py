"""Tables of the five real papers, keyed by hand: every figure with its whole meaning. The figures are public; the papers are not in the repository."""

from functools import lru_cache

import pytest

from ingest.records import Fact, FactKind, Measure, Table
from tests.ingest.papers import GOLDEN, Paper, needs_papers, read, shared, whole

pytestmark = [pytest.mark.shared, needs_papers]


@lru_cache
def paper(words: str) -> Paper:
    return read(shared(words))


def facts_of(found: Paper, table: Table) -> list[Fact]:
    return [f for f in found.facts if f.table == table.index and f.kind is FactKind.TABLE]


@pytest.mark.parametrize(
    ("name", "words", "number"),
    [
        ("fuping2021_table01", "2021_深圳市", "表1"),
        ("fuping2021_table02", "2021_深圳市", "表2"),
        ("fuping2021_table04", "2021_深圳市", "表4"),
        ("fuping2021_table06", "2021_深圳市", "表6"),
        ("fuping2021_table12", "2021_深圳市", "表12"),
        ("fuping2019_open01", "2019_", "公开01表"),
        ("fuping2019_open02", "2019_", "公开02表"),
        ("fuping2019_open04", "2019_", "公开04表"),
        ("fuping2019_open06", "2019_", "公开06表"),
        ("fuping2019_open07", "2019_", "公开07表"),
        ("shifuban2017_table02", "2017_", "表2"),
        ("shifuban2017_table04", "2017_", "表4"),
        ("shifuban2017_table12", "2017_", "表12"),
        ("futian2021_table07", "2021_福田", "表7"),
    ],
)
def test_statutory_table(name: str, words: str, number: str) -> None:
    found = paper(words)
    table = next(t for t in found.tables if t.number == number)
    golden = (GOLDEN / f"{name}.tsv").read_text("utf-8").splitlines()
    figures_only = all(not line.endswith("\t") for line in golden)  # large tables are keyed without their blank cells
    assert [whole(f) for f in facts_of(found, table) if f.amount.printed or not figures_only] == golden


@pytest.mark.parametrize(("name", "order"), [("fuping2019_funding_a", 0), ("fuping2019_funding_b", 1)])
def test_funding_table_of_a_self_evaluation(name: str, order: int) -> None:
    found = paper("2019_")
    table = [t for t in found.tables if t.form == "review.funding" and t.title != "项目支出内容"][order]
    golden = (GOLDEN / f"{name}.tsv").read_text("utf-8").splitlines()
    assert [whole(f) for f in facts_of(found, table) if f.amount.printed] == golden


@pytest.mark.parametrize(
    ("name", "words", "project"),
    [
        ("shenshan2024_form", "2024_", "史志工作经费"),
        ("futian2021_form", "2021_福田", "新型智慧城区项目"),
        ("fuping2021_form", "2021_深圳市", "扶贫合作交流"),
    ],
)
def test_project_form(name: str, words: str, project: str) -> None:
    found = [
        f for f in paper(words).facts if f.project == project and f.kind in {FactKind.FIELD, FactKind.INDICATOR} and f.measure is not Measure.TEXT
    ]
    found = [f for f in found if len(f.amount.printed) < 20]  # no sentences of other people in the repository
    golden = (GOLDEN / f"{name}.tsv").read_text("utf-8").splitlines()
    assert [whole(f) for f in found] == golden


def test_scores_of_a_self_evaluation_broken_over_lines() -> None:
    """Weights, targets, results and scores of both 自评价评分表; that they add up to 100.00 and the printed totals is checked as well."""
    found = [
        f for f in paper("2019_").facts if f.kind is FactKind.INDICATOR and f.rows[-1] in {"珠三角转移汕尾项目数量", "微信公众号推送文章", "总计"}
    ]
    assert [(f.rows[-1], f.columns[0], f.amount.printed) for f in found if f.columns != ("评分标准",)] == [
        ("微信公众号推送文章", "权重", "1.76"),
        ("微信公众号推送文章", "目标值", "≥200篇"),
        ("微信公众号推送文章", "业绩值", "≥200篇"),
        ("微信公众号推送文章", "评分结果", "1.76"),
        ("总计", "权重", "100.00"),
        ("总计", "评分结果", "94.52"),
        ("珠三角转移汕尾项目数量", "权重", "2.73"),
        ("珠三角转移汕尾项目数量", "目标值", "≥50个"),
        ("珠三角转移汕尾项目数量", "业绩值", "26个"),
        ("珠三角转移汕尾项目数量", "评分结果", "1.42"),
        ("总计", "权重", "100.00"),
        ("总计", "评分结果", "94.58"),
    ]


def test_no_order_number_code_or_page_number_is_an_amount() -> None:
    for words in ("2021_深圳市", "2019_", "2017_", "2021_福田"):
        for fact in paper(words).facts:
            if fact.kind is FactKind.TABLE and fact.code:
                assert fact.amount.printed != fact.code


def test_no_figure_is_a_fact_twice() -> None:
    for words in ("2021_深圳市", "2019_", "2017_", "2021_福田", "2024_"):
        cells = [(f.table, f.row, f.column, f.kind, f.quote, f.rows) for f in paper(words).facts if f.kind is not FactKind.MENTIONED]
        assert len(cells) == len(set(cells))


def test_quotes_are_the_sources_own_characters() -> None:
    source = shared("2021_深圳市").read_text("utf-8").split("\n")
    for fact in paper("2021_深圳市").facts:
        if fact.kind is FactKind.TABLE and fact.place.line_start == fact.place.line_end:
            assert fact.quote == " | ".join(c.strip() for c in source[(fact.place.line_start or 1) - 1].split("\t"))
