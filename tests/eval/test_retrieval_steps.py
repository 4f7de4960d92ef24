"""The steps of retrieval, made once more by plain methods."""

from eval.retrieval_steps import Keywords, Vectors, words_and_pairs, words_only

TEXTS = {1: "公务接待费减少的原因是压缩接待", 2: "公务用车运行维护费用于车辆燃油", 3: "内设综合处和资金处"}
DOCUMENTS = {1: "a", 2: "a", 3: "b"}


def test_words_and_pairs() -> None:
    assert (words_only("公务接待费"), words_and_pairs("公务接待费")) == (["公务", "接待费"], ["公务", "接待费", "公务", "务接", "接待", "待费"])


def test_keywords_find_what_shares_words_and_leave_out_the_rest() -> None:
    keywords = Keywords(TEXTS, DOCUMENTS, words_and_pairs)
    assert keywords.search("接待费为什么减少", None) == [1]
    assert keywords.search("公务接待费", ["b"]) == []
    assert keywords.search("公务接待费", ["a"]) == [1, 2]


def test_vectors_order_all_passages_of_the_papers_asked() -> None:
    vectors = Vectors(TEXTS, DOCUMENTS, words_and_pairs)
    assert vectors.search("车辆燃油", None)[0] == 2
    assert vectors.search("接待费减少", ["a"]) == [1, 2]
    assert Vectors(TEXTS, DOCUMENTS, words_and_pairs, [("油钱", "燃油")]).search("油钱", None)[0] == 2
