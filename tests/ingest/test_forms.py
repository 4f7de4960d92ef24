"""The registry: titles of many cities name the same forms, and its entries are whole."""

import pytest

from ingest.forms import classification, forms, recognise, subject_key


@pytest.mark.parametrize(
    ("title", "form"),
    [
        ("收支总表", "budget.balance"),
        ("部门收支预算总表", "budget.balance"),
        ("2024年单位收支总体情况表", "budget.balance"),
        ("政府预算拨款收支总表", "budget.grants"),
        ("财政拨款收支总体情况表", "budget.grants"),
        ("部门收入预算总表", "budget.income"),
        ("支出总表", "budget.spending"),
        ("基本支出总表", "budget.basic"),
        ("一般公共预算基本支出表", "budget.general_basic"),
        ("项目支出总表", "budget.projects"),
        ("一般公共预算支出情况表", "budget.general"),
        ("一般公共预算“三公”经费支出表", "budget.three"),
        ("政府采购项目支出预算表", "budget.procurement"),
        ("部门（单位）整体支出绩效目标表", "targets.overall"),
        ("二级项目支出绩效目标申报表", "targets.project"),
        ("部门预算绩效管理项目情况表", "targets.summary"),
        ("收入支出决算总表", "final.01"),
        ("财政拨款收入支出决算总表", "final.04"),
        ("一般公共预算财政拨款支出决算表", "final.05"),
        ("一般公共预算财政拨款基本支出决算表", "final.06"),
        ("一般公共预算财政拨款“三公”经费支出决算表", "final.07"),
        ("政府性基金预算财政拨款收入支出决算表", "final.08"),
    ],
)
def test_titles(title: str, form: str) -> None:
    found = recognise(title)
    assert found is not None
    assert found.key == form


def test_an_open_number_stands_for_a_missing_title() -> None:
    assert recognise("", "公开07表").key == "final.07"
    assert recognise("会议室使用登记表") is None


def test_entries_are_whole() -> None:
    keys = [f.key for f in forms()]
    assert len(keys) == len(set(keys))
    for form in forms():
        assert form.reader in {"grid", "targets", "overall", "funding", "scores"}
        assert form.lines in {"", "sides", "codes", "panels", "numbers", "funding", "scores"}
        assert form.side in {"", "收入", "支出"}
        assert not form.lines or form.columns or form.left or form.lines == "scores"


def test_subjects_have_codes_of_two_classifications() -> None:
    names = classification()
    assert names[subject_key("一般公共服务支出")] == ("201",)
    assert "30101" in names[subject_key("基本工资")]
    assert subject_key("机关事业单位基本养老保险缴费支出") == subject_key("机关事业单位基本养老保险缴费")
