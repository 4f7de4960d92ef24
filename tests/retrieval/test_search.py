"""Hybrid search over a small index: what is found, how it is filtered, and that vectors stay unloaded until needed."""

import subprocess
import sys
from pathlib import Path

import pytest

from ingest.records import Identity, Loaded, PaperKind, Passage, Place, Reading
from ingest.stores.facts import FactStore
from ingest.stores.passages import PassageStore
from retrieval.evidence.extract import extract, with_list
from retrieval.evidence.intents import intents_of
from retrieval.evidence.passages import Found, Passages

PARTS = (
    ("第二部分 收支情况", "预算收支减少主要原因说明：剔除援疆资金，专项资金减少。"),
    ("第三部分 支出情况", "6.预算准备金84万元，主要用于年度执行中临时增加的工作。"),
    ("第三部分 支出情况", "7.综合运行保障992万元，主要用于保障机构运转。比上年减少，主要原因是过紧日子。"),
    ("第五部分 三公经费", "2.公务接待费5万元，比上年减少3万元。减少的主要原因是压缩接待经费。"),
    ("第五部分 三公经费", "3.公务用车运行维护费4万元，主要用于车辆燃油费、保险费。"),
    ("第八部分 名词解释", "十二、购房补贴：反映按房改政策发放用于购买住房的补贴。"),
)


def paper(name: str, department: str, year: int) -> Reading:
    passages = [Passage(text, (path,), Place(n, n)) for n, (path, text) in enumerate(PARTS, 1)]
    passages.append(
        Passage("深发〔2011〕22号文件规定按行政经费的一定比例安排党组织经费。", ("表15 项目表",), Place(9, 9), "党建活动", "项目申报依据")
    )
    return Reading(
        name,
        name,
        0,
        Loaded("txt", (), lines=9),
        Identity(f"{year}年{department}部门预算", department, year, PaperKind.BUDGET),
        (),
        (),
        (),
        tuple(passages),
        (),
        (),
    )


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Passages:
    folder = tmp_path_factory.mktemp("index")
    store = FactStore(folder / "facts.sqlite")
    store.save(paper("甲", "某市扶贫办公室", 2021), "a", "甲", "")
    store.save(paper("乙", "某区政务局", 2019), "b", "乙", "")
    vectors = PassageStore(folder)
    vectors.replace({document: store.passages(document) for document in ("a", "b")})
    vectors.close()
    return Passages(store, folder)


def first(index: Passages, question: str, **filters: object) -> Found:
    return index.search(question, **{"documents": ["a"], **filters})[0]


@pytest.mark.parametrize(
    ("question", "line"),
    [
        ("公务接待费减少的主要原因", 4),
        ("预算准备金主要用于什么", 2),
        ("综合运行保障为什么减少", 3),
        ("党建活动的依据是什么", 9),
        ("公务用车运维的开销花在哪里", 5),
        ("购房补贴是什么意思", 6),
    ],
)
def test_the_passage_that_answers_comes_first(index: Passages, question: str, line: int) -> None:
    assert first(index, question).place.line_start == line


def test_filters_by_document_year_and_section(index: Passages) -> None:
    assert {p.document for p in index.search("公务接待费", limit=20)} == {"a", "b"}
    assert {p.document for p in index.search("公务接待费", years=[2019], limit=20)} == {"b"}
    assert index.search("公务接待费", years=[2030]) == []
    assert index.search("公务接待费", documents=[]) == []
    assert {p.path[0] for p in index.search("公务接待费", section="三公经费", limit=20)} == {"第五部分 三公经费"}


def test_words_that_became_filters_are_ignored(index: Passages) -> None:
    assert first(index, "扶贫办2021年预算准备金用途", ignore=["扶贫办", "2021年"]).place.line_start == 2


def test_ranks_say_who_found_a_passage(index: Passages) -> None:
    found = first(index, "公务接待费减少的主要原因")
    assert found.keyword_rank and found.vector_rank
    keywords_only = Passages(index._store, index._folder, vectors=False).search("公务接待费减少的主要原因", ["a"])[0]
    assert (keywords_only.place.line_start, keywords_only.vector_rank) == (4, None)


def test_neighbours_of_a_passage_are_those_of_its_section(index: Passages) -> None:
    assert [p.place.line_start for p in index.around(first(index, "预算准备金主要用于什么"))] == [2, 3]


def test_strange_questions_find_nothing_or_something_but_never_fail(index: Passages) -> None:
    for question in ("", "？？？", '"OR" AND NOT (', "a" * 3000, "量子比特", "*"):
        assert isinstance(index.search(question), list)


def test_kinds_of_questions() -> None:
    assert [i.name for i in intents_of("公务接待费为什么减少")] == ["reason"]
    assert [i.name for i in intents_of("主要职能有哪些")] == ["duty"]
    assert [i.name for i in intents_of("长期目标是什么")] == ["long goal"]
    assert intents_of("公务接待费多少") == ()


def test_importing_search_loads_neither_torch_nor_chroma() -> None:
    code = "import sys, retrieval.evidence.passages, retrieval.evidence.extract; print(sorted({'torch', 'chromadb', 'jieba'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parents[2], check=True)
    assert done.stdout.strip() == "[]"


def test_the_passages_of_an_item_are_its_form_and_its_own_paragraphs(index: Passages) -> None:
    def of(name: str) -> list[int | None]:
        return [p.place.line_start for p in index.of_item(["a"], lambda printed: printed == name)]

    assert (of("公务接待费"), of("党建活动"), of("接待费")) == ([4], [9], [])


def test_a_list_is_quoted_with_its_lead_over_passages(tmp_path: Path) -> None:
    """The items after “包括：” belong to it, each with its own place; what comes after the list does not."""
    lead = "纳入某市园林局部门预算的二级预算单位包括"
    passages = (
        Passage(f"{lead}：\n1.某市园林局本级", ("二、机构设置",), Place(1, 2)),
        Passage("2.某市苗圃中心\n3.某市公园中心", ("二、机构设置", lead), Place(3, 4)),
        Passage("在职人员80人。", ("三、人员情况",), Place(5, 5)),
        Passage("4.另一份名单里的单位", ("四、其他", lead), Place(6, 6)),
    )
    loaded, identity = Loaded("pdf", (), lines=6), Identity("2026年某市园林局部门预算", "某市园林局", 2026, PaperKind.BUDGET)
    store = FactStore(tmp_path / "facts.sqlite")
    store.save(Reading("丙", "丙", 0, loaded, identity, (), (), (), passages, (), ()), "c", "丙", "")
    index = Passages(store, tmp_path, vectors=False)
    pieces = extract("纳入预算的二级单位都有谁", index.search("纳入预算的二级单位都有谁", ["c"]))
    full = with_list(pieces[:1], index.continuing, lambda _: None)
    assert [(p.quote, p.place.line_start) for p in full] == [(f"{lead}：\n1.某市园林局本级", 1), ("2.某市苗圃中心\n3.某市公园中心", 3)]
