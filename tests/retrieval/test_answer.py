"""Citations: every part of a quote with the page that it stands on."""

from ingest.records import Place
from retrieval.answer import Draft
from retrieval.evidence.facts import Paper
from retrieval.records import Route, Status, Value

PAPER = Paper("d", "预算.pdf", "预算", "示例市档案局", "示例市档案局", "汇总", 2024, "预算")


def test_a_quote_over_a_page_break_is_cited_page_by_page() -> None:
    draft = Draft({"d": PAPER})
    whole = draft.cite_text("d", ["一、概况"], "全年安排10万元。", ((0, Place(page=2)),))
    quote = "公务接待费5万元，主要用于\n接待来访单位。"
    turned = draft.cite_text("d", ["二、三公"], quote, ((0, Place(page=3)), (quote.index("接待来访"), Place(page=4))))
    after = draft.cite_text("d", ["三、其他"], "无。", ((0, Place(page=5)),))
    assert draft.cite_text("d", ["二、三公"], quote, ((0, Place(page=3)),)) == turned  # the same quote again
    draft.lines = [f"全年 [{whole}]", f"接待 [{turned}]，其他 [{after}]"]
    draft.values = [Value("公务接待费", "5", "万元", None, (turned,)), Value("其他", "0", "万元", None, (after,))]
    answer = draft.finish(Status.ANSWERED, Route.RETRIEVAL)
    assert [(c.id, c.page, c.quote) for c in answer.citations] == [
        (1, 2, "全年安排10万元。"),
        (2, 3, "公务接待费5万元，主要用于"),
        (3, 4, "接待来访单位。"),
        (4, 5, "无。"),
    ]
    assert answer.text == "全年 [1]\n\n接待 [2][3]，其他 [4]"
    assert [v.citations for v in answer.values] == [(2, 3), (4,)]
