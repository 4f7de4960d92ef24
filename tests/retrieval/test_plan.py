"""Questions become plans: typed values that say exactly what is looked up, computed, listed, asked back or refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest import generations
from ingest.records import Scope, Stage
from retrieval.evidence.facts import FactReader
from retrieval.plan import plan
from retrieval.plans import Compute, Context, Library, LookUp, Meta, OutOfScope, Plan, Planned, Query, RowSet, Search, SmallTalk, WhichTable
from retrieval.question import Ask
from retrieval.vocabulary import Bodies, Names

POVERTY = "深圳市扶贫协作和合作交流办公室"
TODAY = 2024


@pytest.fixture(scope="module")
def library(sample_index: Path) -> Iterator[Library]:
    reader = FactReader(generations.current(sample_index) / generations.FACTS)
    yield Library(reader.papers, reader.entities, reader.names_of)
    reader.close()


def queries(made: Plan) -> list[tuple[str, int | None, Stage | None, tuple[str, ...]]]:
    """(body, year, 口径, items) of every look-up of a plan."""
    found: tuple[Query, ...] = made.queries if isinstance(made, LookUp) else made.operands if isinstance(made, Compute) else (made.query,)
    return [(q.department, q.year, q.stage, tuple(m.label for m in q.mentions)) for q in found]


def ask(library: Library, question: str, context: Context | None = None) -> Planned:
    return plan(question, library, context or Context(), TODAY)


@pytest.mark.parametrize(
    ("question", "kind", "wanted"),
    [
        ("2021年扶贫办三公经费多少", LookUp, [("扶贫办", 2021, None, ("“三公”经费",))]),
        ("2019年扶贫办公务接待费决算", LookUp, [("扶贫办", 2019, Stage.FINAL, ("公务接待费",))]),
        ("去年扶贫办三公经费", LookUp, [("扶贫办", 2023, None, ("“三公”经费",))]),
        (
            "2021年扶贫办和福田政数局三公经费分别是多少",
            LookUp,
            [("扶贫办", 2021, None, ("“三公”经费",)), ("福田政数局", 2021, None, ("“三公”经费",))],
        ),
        (
            "2021年扶贫办三公经费比2020年减少多少",
            Compute,
            [("扶贫办", 2021, None, ("“三公”经费",)), ("扶贫办", 2020, None, ("“三公”经费",))],
        ),
        (
            "2021年扶贫办公务接待费占三公经费的比例",
            Compute,
            [("扶贫办", 2021, None, ("公务接待费",)), ("扶贫办", 2021, None, ("“三公”经费",))],
        ),
        (
            "扶贫办2021年三公经费预算和2019年三公经费决算相差多少",
            Compute,
            [("扶贫办", 2021, Stage.BUDGET, ("“三公”经费",)), ("扶贫办", 2019, Stage.FINAL, ("“三公”经费",))],
        ),
        (
            "2019年扶贫办三公经费执行率",
            Compute,
            [("扶贫办", 2019, Stage.FINAL, ("“三公”经费",)), ("扶贫办", 2019, Stage.BUDGET, ("“三公”经费",))],
        ),
        ("2021年扶贫办三公经费在哪张表", WhichTable, [("扶贫办", 2021, None, ("“三公”经费",))]),
    ],
)
def test_look_ups(library: Library, question: str, kind: type, wanted: list[tuple[str, int | None, Stage | None, tuple[str, ...]]]) -> None:
    made = ask(library, question).plan
    assert type(made) is kind
    assert queries(made) == wanted


@pytest.mark.parametrize(
    ("question", "asked", "of"),
    [
        ("2021年扶贫办有哪些项目", Ask.LIST, "projects"),
        ("2021年扶贫办有多少个项目", Ask.COUNT, "projects"),
        ("2021年扶贫办金额最大的项目", Ask.RANK, "projects"),
        ("2021年扶贫办超过100万元的项目有哪些", Ask.FILTER, "projects"),
        ("2021年扶贫办三公经费的构成", Ask.LIST, "children"),
        ("2021年哪个部门的三公经费最多", Ask.RANK, "departments"),
        ("2021年扶贫办三公经费由哪几块组成", Ask.LIST, "children"),
        ("2021年扶贫办支出按功能分类有哪几大类", Ask.LIST, "functions"),
        ("2021年扶贫办各单位三公经费分别是多少", Ask.LIST, "units"),
        ("2021年扶贫办政府采购货物、工程、服务各是多少", Ask.LIST, "children"),
        ("2019年扶贫办没达标的指标列一下", Ask.LIST, "indicators"),
    ],
)
def test_sets_of_rows(library: Library, question: str, asked: Ask, of: str) -> None:
    made = ask(library, question).plan
    assert isinstance(made, RowSet)
    assert (made.ask, made.of) == (asked, of)


@pytest.mark.parametrize(
    ("question", "kind"),
    [("你好", SmallTalk), ("有哪些材料", Meta), ("什么是三公经费", Search), ("2021年扶贫办三公经费为什么减少", Search), ("今天天气怎么样", Search)],
)
def test_other_kinds(library: Library, question: str, kind: type) -> None:
    assert type(ask(library, question).plan) is kind


@pytest.mark.parametrize("body", ["广州市扶贫办", "财政局", "罗湖区政数局"])
def test_a_body_that_is_not_there(library: Library, body: str) -> None:
    made = ask(library, f"2021年{body}三公经费多少").plan
    assert isinstance(made, OutOfScope)
    assert made.reason.startswith(f"现有材料里没有“{body}”。现有 5 份材料，涉及：")


def test_nothing_ingested() -> None:
    empty = Library((), Bodies(), lambda documents: Names())
    assert plan("2021年扶贫办三公经费多少", empty, Context(), TODAY).plan == OutOfScope("索引里还没有任何材料，请先导入文件。")


def test_unit_and_scope_are_understood_besides(library: Library) -> None:
    planned = ask(library, "2021年扶贫办本级公务接待费换算成元是多少")
    (query,) = planned.plan.queries
    assert (planned.unit, query.scope, query.year, [m.label for m in query.mentions]) == ("元", Scope.OWN, 2021, ["公务接待费"])


def test_words_of_nobody_are_kept(library: Library) -> None:
    assert ask(library, "2021年扶贫办三公经费和月球基地多少钱").understood.unknown == ("月球基地",)


def test_a_dialogue_hands_on_what_is_left_out(library: Library) -> None:
    context = ask(library, "2021年扶贫办三公经费多少").context
    assert (context.departments, context.years, context.items) == ((POVERTY,), (2021,), ("三公经费",))

    year = ask(library, "那2019年呢", context)
    assert queries(year.plan) == [(POVERTY, 2019, None, ("“三公”经费",))]
    item = ask(library, "其中公务接待费呢", year.context)
    assert queries(item.plan) == [(POVERTY, 2019, None, ("公务接待费",))]
    unit = ask(library, "换算成元", item.context)
    assert (queries(unit.plan), unit.unit) == ([(POVERTY, 2019, None, ("公务接待费",))], "元")
    change = ask(library, "比上年增减多少？", unit.context)
    assert queries(change.plan) == [(POVERTY, 2019, None, ("公务接待费",)), (POVERTY, 2018, None, ("公务接待费",))]


def test_another_body_in_a_dialogue_is_not_answered_with_the_last_one(library: Library) -> None:
    context = ask(library, "2021年扶贫办三公经费多少").context
    assert isinstance(ask(library, "那财政局呢", context).plan, OutOfScope)
    assert queries(ask(library, "福田政数局呢", context).plan) == [("福田政数局", 2021, None, ("“三公”经费",))]


@pytest.mark.parametrize(
    ("question", "terms"),
    [
        ("福田政数局说的“五个到格”是哪五个", ("五个到格",)),
        ("福田“多网合一”怎么落实", ("多网合一",)),
        ("只回答“88万元”。扶贫办三公经费主要用于什么", ()),
        ("扶贫办“三公”经费主要用于什么", ()),
    ],
)
def test_a_quoted_term_that_names_nothing_known_is_looked_up_as_printed(library: Library, question: str, terms: tuple[str, ...]) -> None:
    made = ask(library, question).plan
    assert isinstance(made, Search) and made.terms == terms
