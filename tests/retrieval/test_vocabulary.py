"""What the store knows, matched to the question's words."""

from __future__ import annotations

import pytest

from retrieval.question import Span
from retrieval.vocabulary import (
    Bodies,
    Entity,
    Name,
    Names,
    abbreviates,
    best_cover,
    concepts,
    department_spans,
    guess,
    item_spans,
    unknown_body,
    widens,
)

POVERTY = Entity("深圳市扶贫协作和合作交流办公室", "深圳市扶贫协作和合作交流办公室", False, frozenset("a"))
SERVICE = Entity("深圳市福田区政务服务数据管理局", "深圳市福田区政务服务数据管理局", False, frozenset("b"))
OFFICE = Entity("深圳市人民政府办公厅", "深圳市人民政府办公厅", False, frozenset("c"))
SHENSHAN = Entity("深圳市深汕特别合作区党政办公室", "深圳市深汕特别合作区党政办公室", False, frozenset("d"))
BODIES = (POVERTY, SERVICE, OFFICE, SHENSHAN)


def named(text: str) -> list[Entity]:
    """The bodies of this place that a question names."""
    chosen = best_cover(department_spans(text, Bodies(BODIES)), len(text))
    return [e for span in chosen if not span.value.foreign for e in span.value.entities]


@pytest.mark.parametrize(
    ("said", "body"),
    [
        ("扶贫办", POVERTY),
        ("市扶贫办", POVERTY),
        ("深圳市扶贫办", POVERTY),
        ("扶贫协作办", POVERTY),
        ("深圳市扶贫协作和合作交流办公室", POVERTY),
        ("福田政数局", SERVICE),
        ("福田区政数局", SERVICE),
        ("政务服务数据管理局", SERVICE),
        ("市府办", OFFICE),
        ("市政府办公厅", OFFICE),
        ("深汕党政办", SHENSHAN),
        ("深汕特别合作区党政办公室", SHENSHAN),
    ],
)
def test_short_names(said: str, body: Entity) -> None:
    assert named(f"2021年{said}三公经费多少") == [body]


@pytest.mark.parametrize("said", ["广州市扶贫办", "北京市政府办公厅", "财政局", "教育局", "罗湖区政数局", "党委", "办"])
def test_names_of_nobody_here(said: str) -> None:
    assert named(f"2021年{said}三公经费多少") == []


def test_a_body_of_two_names() -> None:
    full = "示例市信息服务中心(示例市预警信息发布中心)"
    assert [abbreviates(said, full) > 0 for said in ("信息服务中心", "示例市预警信息发布中心", "档案中心")] == [True, True, False]


def test_two_bodies_in_one_question() -> None:
    assert named("扶贫办和福田政数局的三公经费") == [POVERTY, SERVICE]


def test_own_office() -> None:
    (span,) = department_spans("扶贫办本级", Bodies([POVERTY]))
    assert (span.value.text, span.value.own) == ("扶贫办本级", True)


@pytest.mark.parametrize(("text", "body"), [("广州市扶贫办", "广州市扶贫办"), ("某某财政局", "某某财政局"), ("公务接待费", "")])
def test_unknown_bodies(text: str, body: str) -> None:
    assert unknown_body(text) == body


def test_the_very_name_beats_every_abbreviation() -> None:
    full = POVERTY.key
    assert abbreviates(full, full) == 1.0
    assert 0 < abbreviates("扶贫办", full) < abbreviates("扶贫协作和合作交流办公室", full) < 1
    assert abbreviates("办", full) == abbreviates("贫扶办", full) == abbreviates("扶贫局", full) == 0


def keys(text: str, *names: Name) -> list[tuple[str, str | None]]:
    """(words, concept) of the items in the best cover."""
    chosen = best_cover(item_spans(text, Names(names)), len(text))
    return [(s.value.text, s.value.concept.name if s.value.concept else None) for s in chosen]


def test_the_longest_item_wins() -> None:
    assert keys("公务用车购置及运行维护费") == [("公务用车购置及运行维护费", "公务用车购置及运行维护费")]
    assert keys("三公经费和公务接待费") == [("三公经费", "“三公”经费"), ("公务接待费", "公务接待费")]


def test_names_that_papers_print_are_items() -> None:
    project = Name("project", "后勤保障服务", "后勤保障服务")
    assert keys("后勤保障服务多少钱", project) == [("后勤保障服务", None)]
    assert keys("项目多少钱", Name("row", "项目", "项目")) == []  # a word every table has names nothing


@pytest.mark.parametrize("column", ["比上年增减", "比2020年增减率"])
def test_the_name_of_a_change_is_what_is_asked_not_what_it_is_about(column: str) -> None:
    assert keys("比上年增减多少", Name("column", column, column)) == []


def test_a_typing_error_is_forgiven_when_it_is_clear() -> None:
    names = Names([Name("row", "综合运行保障", "综合运行保障"), Name("row", "党建活动", "党建活动")])
    assert guess("综合运行保章", names).keys == {"综合运行保障"}
    assert guess("月球基地", names) is None


def test_cover_prefers_one_long_piece() -> None:
    long, short, other = Span(0, 4, "a", 1), Span(0, 2, "b", 2), Span(2, 4, "c", 3)
    assert best_cover([short, other, long], 5) == [long]
    assert best_cover([short, Span(3, 5, "d", 4)], 5) == [short, Span(3, 5, "d", 4)]
    assert best_cover([], 3) == []


def test_every_concept_is_found_by_the_words_it_is_said_with() -> None:
    lost = [(c.name, word) for c in concepts() for word in c.say if (word, c.name) not in keys(word) and not _shared(word)]
    assert lost == []


def _shared(word: str) -> bool:
    return sum(word in c.say for c in concepts()) > 1


@pytest.mark.parametrize(
    ("long", "short", "another"),
    [
        ("示例市工务署工程设计管理中心", "示例市工务署工程管理中心", True),
        ("示例市工务署工程管理中心", "市工务署工程管理中心", False),
        ("示例市工务署工程管理中心", "示例市工务署工程管理中心", False),
        ("示例市政务服务管理办公室", "示例市政务办", False),
    ],
)
def test_a_name_with_words_in_its_middle_is_another_body(long: str, short: str, another: bool) -> None:
    assert widens(long, short) is another


def test_only_the_body_named_and_not_the_one_that_its_name_holds() -> None:
    units = [Entity(name, name, True, frozenset("d")) for name in ("示例市工务署工程管理中心", "示例市工务署工程设计管理中心")]
    for asked, expected in (("工务署工程管理中心", units[0]), ("工务署工程设计管理中心", units[1])):
        assert [s.value.entities for s in department_spans(asked + "绩效工资多少", Bodies(units))] == [(expected,)]


def test_places_are_spoken_without_what_they_are_and_long_names_with_words_left_out() -> None:
    assert abbreviates("沈阳铁西人社局", "沈阳市铁西区人力资源和社会保障局") > 0
    assert abbreviates("综合执法大队", "示例市农业综合行政执法大队") > 0
    assert abbreviates("沈阳铁西教育局", "沈阳市铁西区人力资源和社会保障局") == 0


def test_a_district_whose_name_is_a_word_of_grammar_is_another_district() -> None:
    here = Entity("天津市河西区教育局", "天津市河西区教育局", False, frozenset("e"))
    (span,) = department_spans("天津市和平区教育局2025年项目支出", Bodies([here]))
    assert span.value.foreign == "和平"


def test_a_unit_named_without_its_department_s_place_is_that_unit_alone() -> None:
    units = Bodies(Entity(f"{city}{name}", f"{city}{name}", True, frozenset("d")) for city, name in (("示例市", "工务署工程管理中心"), ("示例市", "工务署文体和水务工程管理中心"), ("市", "工务署工程设计管理中心")))
    (span,) = department_spans("工务署工程管理中心", units)
    assert [e.name for e in span.value.entities] == ["示例市工务署工程管理中心"]


def test_only_tables_of_everything_total_all_spending() -> None:
    whole = next(c for c in concepts() if c.name == "支出总计")
    tables = ("部门支出总表", "支出预算表", "三公经费支出预算表", "政府性基金支出预算表", "项目支出预算表")
    assert [bool(whole.table.search(table)) for table in tables] == [True, True, False, False, False]
