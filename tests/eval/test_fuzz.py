"""The fuzzer: what it makes of files, what it calls a failure, and a short run over every format."""

from __future__ import annotations

import random
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from eval import fuzz
from ingest.loaders.guard import CRASHED, TOO_LONG
from ingest.reading import BROKEN
from ingest.records import Unreadable
from tests.ingest.test_made_papers import written


def test_a_short_run_over_every_format(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    papers = [written(seed, suffix, tmp_path)[1] for seed, suffix in enumerate((".docx", ".xlsx", ".html", ".pdf"))]
    (tmp_path / "a.csv").write_text("科目,名称,金额\n201,一般公共服务支出,12.5\n合计,,12.5\n", "utf-8")
    assert fuzz.main([*map(str, papers), str(tmp_path / "a.csv"), "--count", "40", "--seed", "3", "--seconds", "300"]) == 0
    printed = capsys.readouterr().out
    assert printed.endswith("40 files, 0 made the program fail\n")
    assert all(f"\n{suffix} " in f"\n{printed}" for suffix in (".docx", ".xlsx", ".html", ".pdf", ".csv"))


def test_copies_differ_and_are_the_same_for_a_seed(tmp_path: Path) -> None:
    data = written(0, ".docx", tmp_path)[1].read_bytes()
    copies = [fuzz.mutated(data, random.Random(n), [data]) for n in range(20)]
    assert copies == [fuzz.mutated(data, random.Random(n), [data]) for n in range(20)]
    assert len(set(copies)) > 15
    whole = [c for c in copies if zipfile.is_zipfile(BytesIO(c))]
    assert len(whole) >= 10  # damaged inside


@pytest.mark.parametrize(
    ("said", "came"),
    [
        (CRASHED, "crashed"),
        (TOO_LONG.format(seconds=60), "too long"),
        (BROKEN.format(error="KeyError"), "unforeseen"),
        ("这个 PDF 已损坏", "refused"),
    ],
)
def test_what_came_of_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, said: str, came: str) -> None:
    def refuse(*_: object) -> None:
        raise Unreadable(said)

    monkeypatch.setattr(fuzz, "guarded", refuse)
    assert fuzz.outcome(tmp_path / "a.pdf") == (came, said)
    (tmp_path / "a.txt").write_text("收支总表\n", "utf-8")
    assert fuzz.main([str(tmp_path / "a.txt"), "--count", "1"]) == (came != "refused")
