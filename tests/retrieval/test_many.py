"""A collection of more papers than a question that names nobody is asked of: told by its years, and by the names it uses."""

from __future__ import annotations

from types import SimpleNamespace

from retrieval.plan import MANY, _narrower
from retrieval.plans import Library
from retrieval.question import Ask, Wish
from retrieval.understanding import Understood
from retrieval.vocabulary import Mention, Names


def paper(i: int, year: int, department: str) -> SimpleNamespace:
    return SimpleNamespace(id=f"p{i}", year=year, department_key=department)


def narrowed(years: tuple[int, ...], items: tuple[str, ...], printing: dict[str, set[str]], count: int = MANY + 2) -> set[str]:
    papers = [paper(i, 2020 + i % 2, f"局{i}") for i in range(count)]
    library = Library(papers, (), lambda documents: Names(), lambda word: frozenset(printing.get(word, ())))
    mentions = tuple(Mention(text, kinds=frozenset(["project"])) for text in items)
    u = Understood("问题", Wish(Ask.LOOK_UP), years=years, items=mentions)
    return _narrower(u, {p.id for p in papers}, library)


def test_the_papers_of_its_years() -> None:
    assert narrowed((2021,), (), {}) == {"p1", "p3", "p5", "p7", "p9"}
    assert narrowed((1999,), (), {}) == {f"p{i}" for i in range(MANY + 2)}  # no such papers: the question is asked of all and refused by its year


def test_the_department_that_alone_prints_a_name_used() -> None:
    assert narrowed((), ("指挥中心运营",), {"指挥中心运营": {"p4"}}) == {"p4"}
    assert len(narrowed((), ("政务公开经费",), {"政务公开经费": {"p4", "p5"}})) == MANY + 2


def test_few_papers_are_all_asked() -> None:
    assert len(narrowed((2021,), (), {}, count=MANY)) == MANY
