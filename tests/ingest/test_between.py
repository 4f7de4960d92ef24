"""What a paper says of the year before against the paper of that year: checked when both are in the index, renewed when one changes or goes."""

from pathlib import Path

import pytest

from ingest import generations
from ingest.generations import FACTS
from ingest.pipeline import find_sources, ingest, remove
from ingest.report import checks_object
from ingest.stores.facts import FactStore

PAPER = """示例市档案局{year}年部门预算

第一部分 “三公”经费说明

公务接待费{year}年预算数{reception}万元，比{last}年减少{less}万元。

表 1

一般公共预算“三公”经费支出表

单位：万元

预算单位\t年度\t总计\t因公出国(境)费\t公务接待费
示例市档案局\t{last} 年\t{before}\t0\t{before}
\t{year} 年\t{reception}\t0\t{reception}
"""


def paper(year: int, reception: int, before: int, less: int = 3) -> str:
    return PAPER.format(year=year, last=year - 1, reception=reception, before=before, less=less)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "2023.txt").write_text(paper(2023, 8, 11), encoding="utf-8")
    (folder / "2024.txt").write_text(paper(2024, 5, 8), encoding="utf-8")
    return folder


def between(index: Path) -> list[tuple[str, str, str]]:
    """(paper, status, detail) of every check between years."""
    store = FactStore(generations.current(index) / FACTS, readonly=True)
    found = [(i["document_name"], i["status"], i["detail"]) for i in checks_object(store)["items"] if i["kind"] == "between"]
    store.close()
    return found


SAME = [
    (
        "2024.txt",
        "ok",
        "表1 一般公共预算“三公”经费支出表“示例市档案局”总计：2024年材料作 8万元 = 2023年材料表1 一般公共预算“三公”经费支出表“示例市档案局”8万元",
    ),
    (
        "2024.txt",
        "ok",
        "表1 一般公共预算“三公”经费支出表“示例市档案局”因公出国(境)费：2024年材料作 0万元 = 2023年材料表1 一般公共预算“三公”经费支出表“示例市档案局”0万元",
    ),
    (
        "2024.txt",
        "ok",
        "表1 一般公共预算“三公”经费支出表“示例市档案局”公务接待费：2024年材料作 8万元 = 2023年材料表1 一般公共预算“三公”经费支出表“示例市档案局”8万元",
    ),
    ("2024.txt", "ok", "“公务接待费”2023年（5 + 3）：2024年材料作 8万元 = 2023年材料表1 一般公共预算“三公”经费支出表“示例市档案局”8万元"),
]


def test_columns_and_sentences_about_last_year(folder: Path, tmp_path: Path) -> None:
    index = tmp_path / "index"
    ingest(find_sources([folder / "2024.txt"]), index)
    assert between(index) == []
    ingest(find_sources([folder]), index)
    assert between(index) == SAME


def test_renewed_when_either_paper_changes_or_goes(folder: Path, tmp_path: Path) -> None:
    index = tmp_path / "index"
    ingest(find_sources([folder]), index)
    (folder / "2023.txt").write_text(paper(2023, 18, 21), encoding="utf-8")
    ingest(find_sources([folder]), index)
    assert [(status, detail.split("：", 1)[1]) for _, status, detail in between(index)] == [
        ("broken", "2024年材料作 8万元 ≠ 2023年材料表1 一般公共预算“三公”经费支出表“示例市档案局”18万元"),
        ("ok", "2024年材料作 0万元 = 2023年材料表1 一般公共预算“三公”经费支出表“示例市档案局”0万元"),
        ("broken", "2024年材料作 8万元 ≠ 2023年材料表1 一般公共预算“三公”经费支出表“示例市档案局”18万元"),
        ("broken", "2024年材料作 8万元 ≠ 2023年材料表1 一般公共预算“三公”经费支出表“示例市档案局”18万元"),
    ]
    remove(["2023.txt"], index)
    assert between(index) == []


def test_both_places_are_cited(folder: Path, tmp_path: Path) -> None:
    index = tmp_path / "index"
    ingest(find_sources([folder]), index)
    store = FactStore(generations.current(index) / FACTS, readonly=True)
    item = next(i for i in checks_object(store)["items"] if i["kind"] == "between")
    store.close()
    assert [(c.get("document"), c["line_start"], c["quote"]) for c in item["citations"]] == [
        (None, 14, "示例市档案局 | 2023 年 | 8 | 0 | 8"),
        ("2023.txt", 15, "2023 年 | 8 | 0 | 8"),
    ]


def test_zeros_after_the_point_are_figures_too(folder: Path, tmp_path: Path) -> None:
    index = tmp_path / "index"
    (folder / "2024.txt").write_text(paper(2024, 5, 8).replace("\t8", "\t8.00"), encoding="utf-8")
    (folder / "2023.txt").write_text(paper(2023, 8, 11).replace("\t8", "\t8.37"), encoding="utf-8")
    ingest(find_sources([folder]), index)
    assert next((status, detail.split("：", 1)[1]) for _, status, detail in between(index)) == (
        "broken",
        "2024年材料作 8.00万元 ≠ 2023年材料表1 一般公共预算“三公”经费支出表“示例市档案局”8.37万元",
    )


@pytest.mark.parametrize(
    ("printed", "other"),
    [
        ("示例市档案局2023年部门预算", "示例市体育局2023年部门预算"),
        ("示例市档案局2023年部门预算", "示例市档案局（本级）2023年部门预算"),
        ("部门预算", "部门决算"),
    ],
)
def test_papers_of_another_body_scope_or_kind_are_not_compared(printed: str, other: str, folder: Path, tmp_path: Path) -> None:
    text = (folder / "2023.txt").read_text(encoding="utf-8").replace(printed, other)
    body = other.split("2023年")[0]
    (folder / "2023.txt").write_text(text.replace("示例市档案局\t", f"{body}\t") if "2023年" in other else text, encoding="utf-8")
    index = tmp_path / "index"
    ingest(find_sources([folder]), index)
    assert between(index) == []
