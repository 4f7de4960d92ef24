"""An answer as Markdown: links only to citations that exist, everything else as text."""

from __future__ import annotations

import re

import pytest

from tests.web.sample import ScriptedAssistant
from web.markdown import answer_markdown, cited, escaped, unescaped


def test_marks_become_links_only_to_citations_that_exist() -> None:
    assert cited("共 **9 万元** [1]，另见 [7]。", "k", frozenset({1})) == "共 **9 万元** [1](#cite-k-1)，另见 \\[7\\]。"


@pytest.mark.parametrize(
    "text",
    [
        "<b>粗</b> & “引”",
        "[a](http://x.example) ![b](c)",
        "a_b_c `d` ~~e~~ | f $g$ # h",
        "1 < 2 > 0 \\ [1]",
        "https://x.example/ www.y.example mailto:z@x.example z@x.example",
    ],
)
def test_escaped_text_carries_nothing_active_and_comes_back_whole(text: str) -> None:
    shown = escaped(text)
    assert not re.search(r"\w@\w|www\.", shown)
    assert "<" not in shown and "](" not in shown.replace("\\](", "") and "http:" not in shown
    assert unescaped(shown) == text


def test_a_message_has_text_figures_bars_checks_and_the_folded_query() -> None:
    message = answer_markdown(ScriptedAssistant().ask("2021年扶贫办三公经费多少").as_json(), "k")
    assert "**9 万元** [1](#cite-k-1)" in message
    assert "| 公务接待费 2021年 预算 | 5 | 万元 | [2](#cite-k-2) |" in message
    assert 'style="width:75.0%"' in message  # 9 of 12, from zero
    assert "通过 1 项勾稽核对" in message
    assert "<p>✓ 0 + 4 + 5 = 9</p><pre>SELECT value FROM facts" in message


def test_a_label_cannot_leave_the_chart() -> None:
    answer = ScriptedAssistant().ask("问").as_json()
    answer["chart"]["points"][0]["label"] = "2020年\n\n[点我](http://x.example)"
    chart = next(part for part in answer_markdown(answer, "k").split("\n\n") if part.startswith('<div class="bars">'))
    assert "2020年 [点我](http://x.example)</span>" in chart and chart.endswith("</div></div>")


def test_large_figures_are_grouped_and_negative_bars_marked() -> None:
    answer = ScriptedAssistant().ask("问").as_json()
    answer["values"][0]["value"] = "1234567.80"
    answer["chart"] = {"unit": "万元", "points": [{"label": "增", "value": "10"}, {"label": "减<b>", "value": "-5"}]}
    message = answer_markdown(answer, "k")
    assert "| 1,234,567.80 |" in message
    assert 'class="bar minus" style="width:50.0%"' in message and "减&lt;b&gt;" in message
