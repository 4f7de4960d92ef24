"""The passage store: vectors in Chroma, and the embedder that makes them. The only door to chromadb and sentence-transformers.

Vectors are always computed here and handed over; Chroma's own embedding function is never used. Which embedder made them stands in `index.json`,
and an index opened with another one is refused.

The built-in embedder is fitted to the papers and needs no download: latent semantic analysis over jieba words and character bigrams, with everyday
words tied to the papers' words by `ingest/synonyms.txt`, saved as a SentenceTransformer of one StaticEmbedding (fed with `features`). Policy for later papers: the fitted
base is frozen, words it has not seen fall into hashed buckets, so old vectors never shift; when the index has grown to GROWTH times the passages
of the fit, the base is fitted again and everything is embedded anew. `index.json` records both counts.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import numpy as np

from ingest.engines import CHROMA, BadEngine, chroma_url
from ingest.synonyms import synonyms
from ingest.tokens import tokens

BUILT_IN = "built-in"
INDEX_FILE = "index.json"
SCHEMA = 1
GROWTH = 1.5  # the built-in embedder is fitted again when the index holds this many times the passages it was fitted to
_DIMENSIONS = 128  # measured: 256 and 400 find less
_MOST_FITTED = 3000  # passages that the built-in embedder is fitted to at most
_BATCH = 2000  # passages in memory at once
_BUCKETS = 1024  # vectors shared by words the fit has not seen
_COLLECTION = "passages"
_COSINE = {"hnsw": {"space": "cosine"}}
_NO_SERVER = f"无法使用 Chroma 服务器，请检查它是否在运行、{CHROMA} 是否正确。"
_AT_ONCE = 2000  # vectors read from a server in one go
# Chroma shares one engine among the clients of a folder and keeps count of them without a lock that covers both: a client opened or closed
# while another one opens finds an engine half started, or stopped.
_opening = Lock()
_PROBE = "一般公共预算“三公”经费支出决算情况说明：公务接待费减少的主要原因是厉行节约。"


class WrongEmbedder(Exception):
    """The index was built with another embedder; the Chinese message names the command that repairs it."""


class Embedder(Protocol):
    """Texts in, unit vectors out (one row a text)."""

    name: str

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Unit vectors, float32."""


def searchable(row: Mapping[str, Any]) -> str:
    """What is embedded of a passage row: heading path, project and field in front of its text."""
    return " ".join([*(row["path"] or ()), row["project"] or "", row["field"] or "", row["text"]])


class PassageStore:
    """The vectors of one generation folder: in it, or in a collection of the Chroma server that was set when the index was made. `embedding`: None keeps what the index remembers (a new index: the built-in embedder), else
    "built-in", a local folder, or a hub name. Raises WrongEmbedder when the index was built with another one, or when that one has changed. `empty` drops all vectors, and every trace of their texts, but keeps the embedder.
    """

    def __init__(self, folder: Path, embedding: str | None = None, *, empty: bool = False) -> None:
        self.folder = folder
        self._about: dict[str, Any] = _read_about(folder)
        # Of an index that is on a server the vectors are read from there only, and of one in files from the files: half an index answers wrongly
        self._collection = self._about.get("collection") if self._about else _new_collection(folder)
        if self._about and bool(self._collection) != bool(chroma_url()):
            where = "在 Chroma 服务器上，请设置" if self._collection else "在索引文件夹里，请取消"
            raise WrongEmbedder(f"索引的向量{where} {CHROMA}；要换地方存放，请设置好以后运行 python -m ingest --rebuild 重建索引。")
        self._empty = empty
        if empty:
            shutil.rmtree(folder / "chroma", ignore_errors=True)
            self._collection = self._collection and _own_collection(self._collection, folder)
        with _opening:
            self._chroma = _client(folder, bool(self._collection))
            self._vectors = self._made()
        self._embedder: Embedder | None = None
        if self._about and embedding and embedding != self._about["embedding"]:
            raise WrongEmbedder(_repair(f"索引是用向量模型“{self._about['embedding']}”建立的，不能改用“{embedding}”打开。", embedding))
        self._name = self._about.get("embedding") or embedding or BUILT_IN

    def close(self) -> None:
        """Close the files."""
        with _opening:
            self._chroma.close()

    def _made(self) -> Any:
        if self._collection and self._about.get("collection") == self._collection and not self._empty:
            try:
                return self._chroma.get_collection(self._collection, embedding_function=None)
            except Exception as error:  # restored from a backup, or the server has lost it: an empty one would say that nothing is there
                raise BadEngine("Chroma 服务器上没有这个索引的向量，请运行 python -m ingest --rebuild 重建索引。") from error
        return self._chroma.get_or_create_collection(self._collection or _COLLECTION, embedding_function=None, configuration=_COSINE)

    def replace(self, documents: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        """Put these documents' passages (rows of the fact store: id, document, text, path, project, field) in place of what they had before.

        The mapping may read them as they are asked for: they are gone through up to three times, a batch at a time.
        """
        self._write_own()
        kept = self._vectors.count()
        for document in documents if kept else ():
            self.remove(document)
        kept, coming = self._vectors.count(), sum(map(len, documents.values()))
        if self._name == BUILT_IN and (not self._about or (kept + coming) > GROWTH * self._about["fitted_passages"]):
            self._refit(documents, kept, coming)
        rows: list[Mapping[str, Any]] = []
        for passages in documents.values():
            rows += passages
            if len(rows) >= _BATCH:
                self._add_rows(rows)
                rows = []
        self._add_rows(rows)
        self._remember()

    def remove(self, document: str) -> None:
        """Delete the vectors of one document."""
        self._write_own()
        self._vectors.delete(where={"document": document})

    def search(self, question: str, limit: int = 50, documents: Sequence[str] | None = None, among: Sequence[int] | None = None) -> list[tuple[int, float]]:
        """(passage id, cosine similarity) of the nearest passages, best first, of these documents or all; `among`: of these passages, compared one by one.

        Chroma's filter by document goes through the whole collection; the passages of a few papers are sooner compared themselves.
        """
        where = {"document": {"$in": list(documents)}} if documents else None
        try:
            if among is not None:
                return self._compared(question, among)[:limit]
            if not self._size():
                return []
            found = self._vectors.query(query_embeddings=self._load().encode([question]), n_results=limit, where=where, include=["distances"])
        except WrongEmbedder:
            raise
        except Exception as error:
            if not self._collection:
                raise
            raise BadEngine(_NO_SERVER) from error
        return [(int(i), 1.0 - d) for i, d in zip(found["ids"][0], found["distances"][0], strict=True)]

    def _compared(self, question: str, among: Sequence[int]) -> list[tuple[int, float]]:
        found = self._vectors.get(ids=[str(i) for i in among], include=["embeddings"]) if among else {"ids": []}
        if not found["ids"]:
            return []
        vectors = np.asarray(found["embeddings"], dtype=np.float32)
        lengths = np.maximum(np.linalg.norm(vectors, axis=1), 1e-9)
        likeness = vectors @ self._load().encode([question])[0] / lengths
        return sorted(((int(i), float(like)) for i, like in zip(found["ids"], likeness, strict=True)), key=lambda one: (-one[1], one[0]))

    def _size(self) -> int:
        """How many passages there are: kept in mind, because Chroma counts them one by one."""
        return self._about.get("passages") or self._vectors.count()

    def about(self) -> dict[str, Any]:
        """What `index.json` says: embedder's name, dimension and fingerprint, passages at the last fit and now."""
        return dict(self._about)

    # Inside

    def _write_own(self) -> None:
        """On a server, the first change of a generation that was copied from another one copies that one's collection, too: it is still read."""
        old = self._vectors
        if not self._collection or self._collection.endswith(f"-{self.folder.name}"):
            return
        self._collection = _own_collection(self._collection, self.folder)
        self._vectors = self._made()
        for start in range(0, old.count(), _AT_ONCE):
            rows = old.get(limit=_AT_ONCE, offset=start, include=["embeddings", "documents", "metadatas"])
            self._vectors.add(ids=rows["ids"], embeddings=rows["embeddings"], documents=rows["documents"], metadatas=rows["metadatas"])

    def _add(self, ids: Sequence[str], texts: Sequence[str], metadatas: Sequence[Mapping[str, Any]]) -> None:
        step = self._chroma.get_max_batch_size()
        for start in range(0, len(ids), step):
            part = slice(start, start + step)
            self._vectors.add(
                ids=list(ids[part]), embeddings=self._load().encode(texts[part]), documents=list(texts[part]), metadatas=list(metadatas[part])
            )

    def _add_rows(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self._add([str(row["id"]) for row in rows], [searchable(row) for row in rows], [{"document": row["document"]} for row in rows])

    def _refit(self, documents: Mapping[str, Sequence[Mapping[str, Any]]], kept: int, coming: int) -> None:
        """Fit the built-in embedder to what is there and what is coming, evenly taken, and embed again what is there."""
        texts = chain((text for page in self._pages(self._vectors) for text in page["documents"]), (searchable(row) for rows in documents.values() for row in rows))
        # A large collection costs no more than a middling one.
        fit_embedder(list(islice(texts, 0, None, max(1, -(-(kept + coming) // _MOST_FITTED)))), self.folder / "embedder")
        self._embedder = None
        self._about = {"fitted_passages": kept + coming}
        if kept:
            old, name = self._vectors, self._collection or _COLLECTION
            self._vectors = self._chroma.create_collection(f"{name}-new", embedding_function=None, configuration=_COSINE)
            for page in self._pages(old):
                self._add(page["ids"], page["documents"], page["metadatas"])
            self._chroma.delete_collection(name)
            self._vectors.modify(name=name)

    @staticmethod
    def _pages(vectors: Any) -> Iterator[dict[str, Any]]:
        """What a collection holds, page by page."""
        for start in range(0, vectors.count(), _BATCH):
            yield vectors.get(limit=_BATCH, offset=start, include=["documents", "metadatas"])

    def _load(self) -> Embedder:
        if self._embedder is None:
            embedder = _BuiltIn(self.folder / "embedder") if self._name == BUILT_IN else _Loaded(self._name)
            if self._about.get("fingerprint") not in (None, _fingerprint(embedder)):
                raise WrongEmbedder(_repair(f"向量模型“{self._name}”与建立索引时不同（内容已改变）。", self._name))
            self._embedder = embedder
        return self._embedder

    def _remember(self) -> None:
        embedder = self._load()
        self._about = {
            "schema": SCHEMA,
            "embedding": self._name,
            "dimension": int(embedder.encode([_PROBE]).shape[1]),
            "fingerprint": _fingerprint(embedder),
            "fitted_passages": self._about.get("fitted_passages", 0),
            "passages": self._vectors.count(),
            **({"collection": self._collection} if self._collection else {}),
            "policy": f"词表与向量在建立时固定；新词按散列分桶；段落数达到建立时的 {GROWTH} 倍时自动重建，也可用 python -m ingest --rebuild 重建",
        }
        (self.folder / INDEX_FILE).write_text(json.dumps(self._about, ensure_ascii=False, indent=1), encoding="utf-8")


def _client(folder: Path, server: bool) -> Any:
    import chromadb

    settings = chromadb.Settings(anonymized_telemetry=False)
    if not server:
        return chromadb.PersistentClient(path=str(folder / "chroma"), settings=settings)
    url = chroma_url()
    assert url
    try:
        return chromadb.HttpClient(url.hostname, url.port or (443 if url.scheme == "https" else 80), ssl=url.scheme == "https", settings=settings)
    except ValueError as error:
        raise BadEngine(_NO_SERVER) from error


def _new_collection(folder: Path) -> str:
    """The name of a new index's collection on the server; "" when there is no server. Its last part is the generation's name."""
    return f"budget-qa-{secrets.token_hex(4)}-{folder.name}" if chroma_url() else ""


def _own_collection(collection: str, folder: Path) -> str:
    """The collection of the same index for this generation."""
    return f"{collection.rsplit('-', 1)[0]}-{folder.name}"


def drop_old_vectors(folder: Path) -> None:
    """Deletes the server's collections of generations of this index that are no longer on the disk; `folder` is the one in force."""
    about = _read_about(folder)
    if not about.get("collection"):
        return
    chroma, family = _client(folder, True), about["collection"].rsplit("-", 1)[0]
    kept = {_read_about(other).get("collection") for other in folder.parent.iterdir()}
    for collection in chroma.list_collections():
        if collection.name.rsplit("-", 1)[0] == family and collection.name not in kept:
            chroma.delete_collection(collection.name)


def _read_about(folder: Path) -> dict[str, Any]:
    try:
        return json.loads((folder / INDEX_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}


def _repair(what: str, embedding: str) -> str:
    return f"{what}请运行 python -m ingest --rebuild --embedding {embedding} 用它重建索引。"


def _fingerprint(embedder: Embedder) -> str:
    """Changes when the model does; rounded, so that another processor's last digits do not count."""
    vector = embedder.encode([_PROBE])[0]
    return hashlib.sha256(np.round(vector, 2).astype(np.float32).tobytes()).hexdigest()[:16]


# Embedders


class _Loaded:
    """Any SentenceTransformer: a local folder, or a hub name (from the local cache when it is there)."""

    def __init__(self, name: str) -> None:
        from sentence_transformers import SentenceTransformer

        self.name = name
        local = Path(name).is_dir()
        try:
            self._model = SentenceTransformer(name, device="cpu", local_files_only=local)
        except (OSError, ValueError) as error:
            raise WrongEmbedder(
                f"无法加载向量模型“{name}”。请检查文件夹或模型名；没有网络时只能用本地文件夹或内置模型（--embedding {BUILT_IN}）。"
            ) from error

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        return self._model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False, convert_to_numpy=True).astype(np.float32)


class _BuiltIn:
    """The saved StaticEmbedding, read without torch: a mean of word vectors needs none, and loading torch takes seconds.

    `tests/ingest/stores/test_passages.py` holds it to SentenceTransformer's own numbers.
    """

    name = BUILT_IN

    def __init__(self, folder: Path) -> None:
        from safetensors.numpy import load_file

        self._weights = load_file(folder / "model.safetensors")["embedding.weight"]
        self._vocabulary: dict[str, int] = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        vectors = np.zeros((len(texts), self._weights.shape[1]), dtype=np.float32)
        for n, text in enumerate(texts):
            ids = [self._vocabulary[word] for word in features(text, self._vocabulary)]
            if ids:
                vectors[n] = self._weights[ids].mean(axis=0)
        return _unit(vectors)


def features(text: str, vocabulary: Iterable[str]) -> list[str]:
    """The built-in embedder's words of a text: its tokens, those the fit has not seen as the name of their bucket."""
    return [word if word in vocabulary else f"#{zlib.crc32(word.encode()) % _BUCKETS}" for word in tokens(text).split()]


def _unit(vectors: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.where(lengths > 0, lengths, 1)).astype(np.float32)


# Fitting


def fit_embedder(texts: Sequence[str], folder: Path) -> None:
    """Fit the built-in embedder to these texts and save it in `folder` (which is replaced), in SentenceTransformer's own format.

    The files are written here: importing sentence-transformers to write three of them would cost an ingest four seconds. The tests load them with it.
    """
    from safetensors.numpy import save_file
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import WhitespaceSplit

    words, weights = word_vectors(texts)
    buckets = [f"#{n}" for n in range(_BUCKETS)]
    rare = np.random.default_rng(0).standard_normal((_BUCKETS, weights.shape[1]))
    # Short vectors: an unseen word should join two texts that share it, and not drown what else a question says (measured).
    rare *= 0.25 * np.quantile(np.linalg.norm(weights, axis=1), 0.75) / np.linalg.norm(rare, axis=1, keepdims=True)
    tokenizer = Tokenizer(WordLevel({word: n for n, word in enumerate(["[UNK]", *words, *buckets])}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = WhitespaceSplit()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    table = np.vstack([np.zeros((1, weights.shape[1])), weights, rare]).astype(np.float32)
    save_file({"embedding.weight": table}, folder / "model.safetensors")
    module = {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.sentence_transformer.modules.static_embedding.StaticEmbedding"}
    (folder / "modules.json").write_text(json.dumps([module], indent=1), encoding="utf-8")
    about = {"model_type": "SentenceTransformer", "similarity_fn_name": "cosine"}
    (folder / "config_sentence_transformers.json").write_text(json.dumps(about, indent=1), encoding="utf-8")


def word_vectors(
    texts: Sequence[str],
    *,
    split: Callable[[str], Sequence[str]] = lambda text: tokens(text).split(),
    groups: Sequence[Sequence[str]] | None = None,
    dimensions: int = _DIMENSIONS,
) -> tuple[list[str], np.ndarray]:
    """The words of these texts and their vectors: truncated SVD of the TF-IDF matrix, each word weighted by its idf.

    `split` cuts a text into words; `groups` are texts of words for the same thing (None: the synonym groups).
    """
    from scipy.sparse import csr_matrix

    tied = [" ".join(group) for group in (synonyms() if groups is None else groups)]
    documents = [list(split(text)) for text in (*texts, *tied, *tied)]
    words = sorted({word for document in documents for word in document})
    number = {word: n for n, word in enumerate(words)}
    rows = [n for n, document in enumerate(documents) for _ in document]
    columns = [number[word] for document in documents for word in document]
    matrix = csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(documents), len(words)))
    seen = np.bincount(matrix.indices, minlength=len(words))
    idf = np.log((1 + len(documents)) / (1 + seen)) + 1
    matrix.data = (1 + np.log(matrix.data)) * idf[matrix.indices]
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    matrix = csr_matrix(matrix.multiply((1 / np.where(lengths > 0, lengths, 1))[:, None]))
    # The right singular vectors by way of the documents' Gram matrix: there are far fewer documents than words.
    values, vectors = np.linalg.eigh((matrix @ matrix.T).toarray())
    strongest = [n for n in np.argsort(-values)[:dimensions] if values[n] > 1e-9]
    components = (matrix.T @ vectors[:, strongest]) / np.sqrt(values[strongest])
    return words, components * idf[:, None]
