"""What keeps a question from growing with the collection gives what going through everything gave; and what cannot be answered at once is asked back."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from eval.synth import bodies, papers
from ingest import generations
from ingest.pipeline import find_sources, ingest, remove
from ingest.stores import reads
from ingest.stores.facts import FactStore
from ingest.stores.passages import PassageStore
from retrieval import plans
from retrieval.assistant import Assistant
from retrieval.evidence.passages import Passages
from retrieval.records import Status
from retrieval.vocabulary import Bodies, Entity, abbreviates

PAPERS = [p for n, p in enumerate(papers(160, seed=7)) if n % 20 in (2, 3, 4)]  # eight bodies, three papers each


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("papers")
    for paper in PAPERS:
        (folder / paper.name).write_text(paper.text, encoding="utf-8")
    made = tmp_path_factory.mktemp("index") / "i"
    ingest(find_sources([folder]), made, jobs=0)
    return made


@pytest.fixture
def passages(index: Path) -> Iterator[Passages]:
    store = FactStore(generations.current(index) / generations.FACTS, readonly=True)
    yield Passages(store, generations.current(index))
    store.close()


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if eight bodies were more than a question can be about."""
    monkeypatch.setattr(plans, "MOST_BODIES", 4)


def test_bodies_are_found_as_by_going_through_all() -> None:
    entities = [Entity(name, name, n % 3 == 0, frozenset([str(n)])) for n, name in enumerate(b.name for b in islice(bodies(1), 400))]
    entities.append(Entity("示例市信息中心(示例市档案馆)", "示例市信息中心(示例市档案馆)", True, frozenset(["x"])))
    known = Bodies(entities)
    pieces = {name[a:b] for entity in (*entities[:30], entities[-1]) for name in [entity.key] for a in range(len(name)) for b in range(a + 2, len(name) + 1)}
    pieces |= {"澄川教育局", "市监局", "住建局", "市场监管局", "总工会", "财政办", "烟草局", "档案馆", "人社局"}
    for piece in pieces:
        assert known.named_by(piece) == [(score, e) for e in entities if (score := abbreviates(piece, e.key)) > 0], piece


def test_a_few_papers_are_ranked_as_the_keyword_index_ranks_them(passages: Passages, monkeypatch: pytest.MonkeyPatch) -> None:
    documents = [row["id"] for row in passages._store.inventory()][:9]
    for question in ("公务接待费减少的主要原因", "项目主要用于什么", "机关运行经费", "主要职能", "实有车辆多少"):
        own = passages.keyword_search(question, documents)
        with monkeypatch.context() as patch:
            patch.setattr(reads, "FEW", 0)
            assert own == passages.keyword_search(question, documents), question
        assert own


def test_passages_compared_one_by_one_are_those_that_the_index_finds(index: Path) -> None:
    vectors = PassageStore(generations.current(index))
    store = FactStore(generations.current(index) / generations.FACTS, readonly=True)
    document = store.inventory()[0]["id"]
    own = [row["id"] for row in store.passages(document)]
    compared = vectors.search("接待费减少的原因", 5, among=own)
    found = vectors.search("接待费减少的原因", 5, documents=[document])
    assert [i for i, _ in compared] == [i for i, _ in found]
    assert [round(like, 4) for _, like in compared] == [round(like, 4) for _, like in found]
    assert vectors.search("接待费", 5, among=[]) == []
    vectors.close()
    store.close()


def test_words_are_counted_anew_when_a_paper_goes(index: Path, tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(index, copy)
    remove([PAPERS[0].name], copy)
    store = FactStore(generations.current(copy) / generations.FACTS, readonly=True)
    for word in ("公务", "经费", "接待"):
        (counted,) = store.db.query("SELECT passages FROM words WHERE word = ?", [word])
        (there,) = store.db.query("SELECT COUNT(*) AS n FROM passages_fts WHERE passages_fts MATCH ?", [word])
        assert counted["passages"] == there["n"] > 0
    store.close()


@pytest.mark.usefixtures("few")
def test_of_too_many_bodies_it_is_asked_whose_is_meant(index: Path) -> None:
    answer = Assistant(index).ask("2016年三公经费预算是多少")
    assert (answer.status, answer.values) == (Status.CLARIFY, ())
    assert "请说明要问哪个部门" in answer.text


@pytest.mark.usefixtures("few")
def test_a_name_of_one_paper_says_whose_is_meant(index: Path) -> None:
    paper = next(p for p in PAPERS if p.form == "预算")
    names = {project.name for p in PAPERS if p.body is not paper.body for project in p.body.projects}
    project = next(p for p in paper.body.projects if p.name not in names and len(p.name) > 6)
    answer = Assistant(index).ask(f"{paper.year}年{project.name}预算多少万元")
    assert (answer.status, answer.values[0].value) == (Status.ANSWERED, str(paper.accounts[paper.year].projects[project.name] // 100))


@pytest.mark.usefixtures("few")
def test_the_body_first_of_all_is_still_found(index: Path) -> None:
    budgets = [p for p in PAPERS if p.form == "预算"]
    first = max(budgets, key=lambda p: p.accounts[p.year].three)
    answer = Assistant(index).ask(f"哪个部门{first.year}年三公经费预算最多")
    same_year = [p.accounts[p.year].three for p in budgets if p.year == first.year]
    assert answer.values[0].value == str(max(same_year) // 100)


@pytest.mark.usefixtures("few")
def test_a_definition_is_found_in_the_whole_collection(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from retrieval import prose, respond

    monkeypatch.setattr(respond, "MOST_READ", 10)
    monkeypatch.setattr(prose, "MOST_READ", 10)
    answer = Assistant(index).ask("什么是机关运行经费")
    assert answer.status is Status.ANSWERED and "机关运转所需的货物和服务支出" in answer.text
