"""Made-up collections: consistent accounts, nested by size, and questions whose truth stands in the papers."""

from __future__ import annotations

import json
from itertools import islice, pairwise
from pathlib import Path

from eval.casefile import load_cases
from eval.clients import InProcess
from eval.run import run
from eval.synth import YEARS, accounts, bodies, chosen, exact, main, papers, plain, questions
from ingest.pipeline import find_sources, ingest


def test_a_small_collection_is_the_beginning_of_a_larger_one() -> None:
    small, large = list(papers(7, seed=3)), list(islice(papers(50, seed=3), 7))
    assert [(p.name, p.text) for p in small] == [(p.name, p.text) for p in large]
    assert small[0].text != next(papers(1, seed=4)).text


def test_bodies_have_names_of_their_own() -> None:
    names = [body.name for body in islice(bodies(1), 1000)]
    assert len(set(names)) == 1000


def test_functions_add_up_to_the_whole_and_to_their_parts() -> None:
    for body in islice(bodies(2), 60):
        for account in accounts(body, 2).values():
            for a in (account, account.spent):
                rows = a.by_function(body)
                assert all(basic >= 0 for _, _, basic, _ in rows)
                for length, below in ((0, 3), (3, 5), (5, 7)):
                    parts = [r for r in rows if len(r[0]) == below]
                    for code in [r for r in rows if len(r[0]) == length] if length else [("", "", a.basic_total, a.projects_total)]:
                        own = [r for r in parts if r[0].startswith(code[0])]
                        assert (code[2], code[3]) == (sum(r[2] for r in own), sum(r[3] for r in own))


def test_a_budget_prints_the_year_before_as_that_year_s_paper_does() -> None:
    first = [p for p in papers(20, seed=1) if p.form == "预算"]
    assert [p.year for p in first] == list(YEARS)
    for before, after in pairwise(first):
        three = before.accounts[before.year].three
        assert f"{before.year}年“三公”经费财政拨款预算{plain(three)}万元" in before.text
        assert f"\n{before.year}年\t{plain(three)}\t" in after.text


def test_every_amount_asked_for_is_printed() -> None:
    for paper in papers(40, seed=5):
        for record in questions(paper, 5):
            if record["answer_type"] == "number" and not record.get("absolute"):
                amount = round(float(record["value"]) * 100)
                assert (plain if paper.form == "预算" else exact)(amount) in paper.text
            for words in record.get("must_contain", ()):
                assert words in paper.text


def test_questions_are_spread_over_the_whole_collection() -> None:
    spread = chosen(10, 1000)
    assert len(set(spread)) == 10 and spread[0] < 100 and spread[-1] >= 900
    assert {n % 2 for n in spread} == {0, 1}
    assert len(chosen(30, 10)) == 30 and max(chosen(30, 10)) <= 9


def test_the_papers_are_read_without_a_broken_check_and_answer_their_questions(tmp_path: Path) -> None:
    assert main(["--papers", "24", "--seed", "9", "--out", str(tmp_path / "d"), "--cases", str(tmp_path / "c.jsonl"), "--questions", "16"]) == 0
    report = ingest(find_sources([tmp_path / "d"]), tmp_path / "i", jobs=0)
    assert [o.status for o in report.outcomes] == ["added"] * 24
    assert sum(o.counts["checks_broken"] for o in report.outcomes) == 0
    assert all(o.counts["checks_held"] > 50 and not o.problems for o in report.outcomes)
    client = InProcess(tmp_path / "i")
    results = run(load_cases([tmp_path / "c.jsonl"]), client)
    assert [r.case.id for r in results if not r.verdict.ok] == []
    assert len(results) == 16


def test_the_command_says_what_is_wrong(capsys, tmp_path: Path) -> None:
    assert main(["--papers", "0", "--out", str(tmp_path)]) == 2
    assert "正整数" in capsys.readouterr().err
    (tmp_path / "file").write_text("x", encoding="utf-8")
    assert main(["--papers", "1", "--out", str(tmp_path / "file")]) == 2


def test_records_are_json_lines(tmp_path: Path) -> None:
    main(["--papers", "20", "--out", str(tmp_path / "d"), "--cases", str(tmp_path / "c.jsonl"), "--questions", "8"])
    records = [json.loads(line) for line in (tmp_path / "c.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(records) == 8 and all(Path(tmp_path / "d" / r["evidence"][0]["doc"]).exists() for r in records)
