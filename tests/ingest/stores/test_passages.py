"""Vectors: the built-in embedder, what the index remembers of it, and how papers come and go."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import numpy as np
import pytest

from ingest.stores.passages import GROWTH, INDEX_FILE, PassageStore, WrongEmbedder, fit_embedder, searchable
from ingest.synonyms import related, synonyms
from ingest.tokens import tokens

SUBJECTS = (
    "公务接待费比上年减少，主要原因是压减开支",
    "公务用车运行维护费用于车辆燃油和保险",
    "对口支援资金用于受援地区项目",
    "行政编制二十九人，实有二十五人",
)


def rows(document: str, first: int, count: int = 8) -> list[dict]:
    return [
        {"id": first + n, "document": document, "text": f"{SUBJECTS[n % 4]}，第{n}项。", "path": ["第一部分 概况"], "project": "", "field": ""}
        for n in range(count)
    ]


def opened(folder: Path, embedding: str | None = None) -> PassageStore:
    return PassageStore(folder, embedding)


def test_passages_are_found_by_meaning_and_filtered_by_document(tmp_path: Path) -> None:
    store = opened(tmp_path)
    store.replace({"a": rows("a", 1), "b": rows("b", 101)})
    best, similarity = store.search("接待的钱为啥少了", limit=3)[0]
    assert best in {1, 5, 101, 105}
    assert 0 < similarity <= 1
    assert {i for i, _ in store.search("车辆加油", documents=["b"], limit=50)} == set(range(101, 109))
    store.close()


def test_documents_are_replaced_and_removed_completely(tmp_path: Path) -> None:
    store = opened(tmp_path)
    store.replace({"a": rows("a", 1), "b": rows("b", 101)})
    store.replace({"a": rows("a", 201, 2)})
    store.remove("b")
    assert sorted(i for i, _ in store.search("公务", limit=50)) == [201, 202]
    store.close()
    again = opened(tmp_path)
    assert sorted(i for i, _ in again.search("公务", limit=50)) == [201, 202]
    again.close()


def test_index_says_which_embedder_and_which_policy(tmp_path: Path) -> None:
    store = opened(tmp_path)
    store.replace({"a": rows("a", 1)})
    store.close()
    about = json.loads((tmp_path / INDEX_FILE).read_text(encoding="utf-8"))
    assert (about["embedding"], about["passages"], about["fitted_passages"]) == ("built-in", 8, 8)
    assert about["dimension"] > 1
    assert "--rebuild" in about["policy"]


def test_another_embedder_is_refused_with_the_command_that_repairs(tmp_path: Path) -> None:
    store = opened(tmp_path)
    store.replace({"a": rows("a", 1)})
    store.close()
    with pytest.raises(WrongEmbedder) as refused:
        opened(tmp_path, "models/bge-small-zh")
    assert str(refused.value) == (
        "索引是用向量模型“built-in”建立的，不能改用“models/bge-small-zh”打开。"
        "请运行 python -m ingest --rebuild --embedding models/bge-small-zh 用它重建索引。"
    )
    changed = {**json.loads((tmp_path / INDEX_FILE).read_text(encoding="utf-8")), "fingerprint": "0" * 16}
    (tmp_path / INDEX_FILE).write_text(json.dumps(changed), encoding="utf-8")
    with pytest.raises(WrongEmbedder, match="python -m ingest --rebuild --embedding built-in"):
        opened(tmp_path).search("车辆")


def test_a_missing_model_is_refused_in_chinese(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(WrongEmbedder, match="无法加载向量模型"):
        opened(tmp_path / "index", str(tmp_path / "empty")).replace({"a": rows("a", 1)})


def test_a_small_addition_leaves_old_vectors_and_a_large_one_fits_again(tmp_path: Path) -> None:
    store = opened(tmp_path)
    store.replace({"a": rows("a", 1)})
    weights = (tmp_path / "embedder").rglob("model.safetensors")
    before, near = next(weights).read_bytes(), store.search("车辆", among=range(1, 9))
    store.replace({"b": rows("b", 101, 3)})
    assert next((tmp_path / "embedder").rglob("model.safetensors")).read_bytes() == before
    assert store.about()["fitted_passages"] == 8
    assert store.search("车辆", among=range(1, 9)) == near  # no old vector has shifted
    store.replace({"c": rows("c", 201, 8)})
    assert 8 * GROWTH < 19 == store.about()["fitted_passages"]
    assert {i for i, _ in store.search("车辆", limit=50)} == {*range(1, 9), *range(101, 104), *range(201, 209)}
    store.close()


def test_saved_embedder_is_a_sentence_transformer_with_the_same_vectors(tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer

    from ingest.stores.passages import _BuiltIn, features

    texts = [searchable(row) for row in rows("a", 1)]
    fit_embedder(texts, tmp_path / "embedder")
    ours = _BuiltIn(tmp_path / "embedder")
    asked = ["公务接待费减少的原因", "从未见过的词：量子比特"]
    model = SentenceTransformer(str(tmp_path / "embedder"), device="cpu", local_files_only=True)
    theirs = model.encode([" ".join(features(t, ours._vocabulary)) for t in asked], normalize_embeddings=True)
    assert np.allclose(ours.encode(asked), theirs, atol=1e-5)
    assert np.allclose(np.linalg.norm(ours.encode(asked), axis=1), 1)


def test_everyday_words_are_near_the_papers_words(tmp_path: Path) -> None:
    from ingest.stores.passages import _BuiltIn

    fit_embedder([searchable(row) for row in rows("a", 1)], tmp_path / "embedder")
    why, reason, car = _BuiltIn(tmp_path / "embedder").encode(["为啥", "主要原因", "汽车"])
    assert why @ reason > why @ car
    assert all(len(group) > 1 for group in synonyms())
    assert "主要原因" in related("为啥减少")


def test_tokens_are_words_bigrams_and_figures() -> None:
    assert tokens("公务接待费 5,533.00万元").split()[:2] == ["公务", "接待费"]
    assert {"5533.00", "待费", "万元"} <= set(tokens("公务接待费 5,533.00万元").split())
    assert tokens("基 本工资") == tokens("基本工资")


def test_threads_may_open_search_and_close_one_folder_at_once(tmp_path: Path) -> None:
    store = opened(tmp_path)
    store.replace({"a": rows("a", 1)})
    store.close()
    together = Barrier(8)

    def visit(_: int) -> int:
        together.wait()
        own = opened(tmp_path)
        try:
            return len(own.search("公务接待费", limit=50))
        finally:
            own.close()

    for _ in range(4):
        with ThreadPoolExecutor(8) as threads:
            assert list(threads.map(visit, range(8))) == [8] * 8
