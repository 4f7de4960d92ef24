"""Case files: every mistake is said in Chinese with file and line."""

from decimal import Decimal
from pathlib import Path

import pytest

from eval.casefile import CaseError, load_cases

GOOD = '{"id": "a", "turns": ["问"], "answer_type": "number", "value": 3.22, "unit": "万元", "evidence": [{"doc": "2019", "lines": [1, 2]}]}\n'


def written(tmp_path: Path, text: str, name: str = "c.jsonl") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_jsonl_case_is_read_exactly(tmp_path: Path) -> None:
    (case,) = load_cases([written(tmp_path, GOOD + "\n")])
    assert (case.id, case.value, case.unit, case.evidence[0].lines) == ("a", Decimal("3.22"), "万元", (1, 2))


def test_a_yaml_list_is_the_same(tmp_path: Path) -> None:
    text = "- id: a\n  turns: [问]\n  answer_type: number\n  value: 3.22\n  unit: 万元\n- id: b\n  turns: [问, 再问]\n  answer_type: refusal\n"
    a, b = load_cases([written(tmp_path, text, "c.yaml")])
    assert (a.value, b.turns) == (Decimal("3.22"), ("问", "再问"))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "不是一个完整的 JSON 对象"),
        ("[]", "一条用例应当是一个对象"),
        ('{"turns": ["问"], "answer_type": "text"}', "缺少必填项“id”"),
        ('{"id": "b", "answer_type": "text"}', "缺少必填项“turns”"),
        ('{"id": "b", "turns": "问", "answer_type": "text"}', "“turns”应当是问题的列表"),
        ('{"id": "b", "turns": ["问"], "answer_type": "数值"}', "“answer_type”只能是"),
        ('{"id": "b", "turns": ["问"], "answer_type": "number"}', "数值题要写期望数值（value）"),
        ('{"id": "b", "turns": ["问"], "answer_type": "number", "value": "九"}', "“期望数值（value）”应当是数字"),
        ('{"id": "b", "turns": ["问"], "answer_type": "list"}', "清单题要写“items”"),
        ('{"id": "b", "turns": ["问"], "answer_type": "text", "must_contian": ["x"]}', "不认识的字段“must_contian”"),
        ('{"id": "b", "turns": ["问"], "answer_type": "text", "must_contain": "x"}', "“must_contain”应当是列表"),
        ('{"id": "b", "turns": ["问"], "answer_type": "text", "evidence": [{"doc": "x", "lines": [3, 1]}]}', "“evidence.lines”应当是"),
        ('{"id": "b", "turns": ["问"], "answer_type": "text", "draft": "是"}', "“draft”应当是 true 或 false"),
        ('{"id": "b", "turns": ["问"], "answer_type": "number", "draft": false}', "数值题要写期望数值（value）"),
        ('{"id": "a", "turns": ["问"], "answer_type": "text"}', "重复"),
    ],
)
def test_mistakes_name_file_and_line(tmp_path: Path, line: str, message: str) -> None:
    path = written(tmp_path, GOOD + line + "\n")
    with pytest.raises(CaseError) as error:
        load_cases([path])
    assert str(error.value).startswith(f"{path} 第 2 行：")
    assert message in str(error.value)


def test_a_yaml_mistake_names_its_line(tmp_path: Path) -> None:
    path = written(tmp_path, "- id: a\n  turns: [问]\n  answer_type: text\n- id: b\n  turns: [问]\n  answer_type: 错\n", "c.yml")
    with pytest.raises(CaseError, match="第 4 行：“answer_type”只能是"):
        load_cases([path])


def test_only_a_draft_may_lack_what_is_expected(tmp_path: Path) -> None:
    a, b = load_cases(
        [written(tmp_path, "".join(f'{{"id": "{t}", "turns": ["问"], "answer_type": "{t}", "draft": true}}\n' for t in ("number", "list")))]
    )
    assert [(c.id, c.draft, c.value, c.items) for c in (a, b)] == [("number", True, None, ()), ("list", True, None, ())]


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="找不到用例文件"):
        load_cases([tmp_path / "no.jsonl"])


def test_our_own_cases_are_all_readable_and_ids_are_unique() -> None:
    cases = load_cases([Path(__file__).parents[2] / "eval" / "cases"])
    assert len(cases) > 400
