"""The questions that staff ask of any paper, asked of made-up papers of made-up places in every format: the figure, exactly."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ingest.pipeline import find_sources, ingest
from retrieval.assistant import Assistant
from tests.ingest.made_papers import Paper
from tests.ingest.test_made_papers import written

SUFFIXES = (".docx", ".xlsx", ".html", ".pdf")


def questions(paper: Paper) -> dict[str, Decimal]:
    """Question -> the answer in 元."""
    f = paper.figures
    project = max(f.projects, key=lambda name: f.projects[name])
    asked = {
        "三公经费是多少": f.abroad + f.purchase + f.running + f.reception,
        "公务接待费多少": f.reception,
        "公务用车运行费多少": f.running,
        "收入总计多少": f.total,
        "支出总计是多少钱": f.total,
        "基本支出多少": f.basic,
        "项目支出多少": f.project,
        "办公费多少": f.economic["30201"],
        "基本工资多少": f.economic["30101"],
        "人员经费多少": f.people,
        "公用经费多少": f.office,
    }
    if any(code.startswith("221") for code in f.items):
        asked["住房保障支出多少"] = sum((sum(v) for code, v in f.items.items() if code.startswith("221")), Decimal(0))
    if not paper.final:
        asked |= {f"{project}预算多少": f.projects[project], "政府采购预算多少": sum(f.bought.values()), "机关运行经费多少": f.office}
        asked |= {"政府采购货物多少": f.bought["货物"]}
    return asked


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> tuple[Assistant, list[Paper]]:
    folder = tmp_path_factory.mktemp("made")
    made = [written(seed, SUFFIXES[seed % len(SUFFIXES)], folder) for seed in range(8)]
    assert not ingest(find_sources([path for _, path in made]), folder / "index").failed
    return Assistant(folder / "index"), [paper for paper, _ in made]


@pytest.mark.parametrize("number", range(8))
def test_standard_questions(papers: tuple[Assistant, list[Paper]], number: int) -> None:
    assistant, made = papers
    paper = made[number]
    asked = questions(paper)
    assert len(asked) > 10
    wrong = []
    for question, value in asked.items():
        answer = assistant.ask(f"{paper.year}年{paper.department}{question}")
        given = [Decimal(v.value.replace(",", "")) * (10000 if v.unit == "万元" else 1) for v in answer.values[:1]]
        if given != [value]:
            wrong.append((question, value, given, answer.text[:80]))
    assert wrong == []
