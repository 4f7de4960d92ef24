"""The same vectors in files and on a Chroma server, started from its own package on loopback."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import chromadb
import pytest

from ingest.engines import CHROMA, BadEngine, chroma_url
from ingest.generations import current
from ingest.pipeline import find_sources, ingest, rebuild, remove
from ingest.stores.passages import INDEX_FILE, PassageStore, WrongEmbedder
from retrieval.assistant import Assistant

PAPERS = Path(__file__).parents[3] / "data" / "documents"
PROGRAM = shutil.which("chroma", path=str(Path(sys.executable).parent))
QUESTIONS = ("接待的钱为啥少了", "主要职责", "车辆加油", "项目绩效目标", "政府采购", "机关运行经费减少的原因", "编制和人员", "什么是三公经费")
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="needs the chroma program of the package chromadb")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("chroma")
    command = [PROGRAM, "run", "--path", str(folder / "data"), "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)
    until = time.monotonic() + 60
    while socket.socket().connect_ex(("127.0.0.1", port)):
        assert time.monotonic() < until and process.poll() is None
        time.sleep(0.1)
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait()


@pytest.fixture
def served(address: str, monkeypatch: pytest.MonkeyPatch) -> chromadb.ClientAPI:
    monkeypatch.setenv(CHROMA, address)
    return chromadb.HttpClient("127.0.0.1", int(address.rsplit(":", 1)[1]), settings=chromadb.Settings(anonymized_telemetry=False))


@pytest.fixture
def index(served, tmp_path: Path) -> Path:
    ingest(find_sources([PAPERS]), tmp_path / "index")
    return tmp_path / "index"


def found(index: Path, question: str, **options) -> list[tuple[int, float]]:
    store = PassageStore(current(index))
    try:
        return [(number, round(similarity, 4)) for number, similarity in store.search(question, 20, **options)]
    finally:
        store.close()


def collections(served) -> set[str]:
    return {collection.name for collection in served.list_collections()}


def own(index: Path) -> str:
    return json.loads((current(index) / INDEX_FILE).read_text(encoding="utf-8"))["collection"]


def test_the_same_is_found_and_answered_as_in_files(served, index: Path, sample_index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document = json.loads(json.dumps(Assistant(index).ask("主要职责").as_json()))  # the whole way works over the server
    on_server = [found(index, question) for question in QUESTIONS]
    assert not (current(index) / "chroma").exists() and own(index) in collections(served)
    monkeypatch.delenv(CHROMA)
    in_files = [found(sample_index, question) for question in QUESTIONS]
    assert all(len(hits) == 20 for hits in on_server)
    for server, files in zip(on_server, in_files, strict=True):
        assert [number for number, _ in server] == [number for number, _ in files]
        # The two add their floats up in another order: the same to three decimals.
        assert [similarity for _, similarity in server] == pytest.approx([similarity for _, similarity in files], abs=1e-3)
    again = Assistant(sample_index).ask("主要职责").as_json()
    assert {**document, "session_id": "", "elapsed_ms": 0} == {**again, "session_id": "", "elapsed_ms": 0}


def test_papers_come_and_go_and_the_version_before_stays_whole(served, index: Path, tmp_path: Path) -> None:
    before, old = {q: found(index, q) for q in QUESTIONS}, own(index)
    reader = PassageStore(current(index))
    paper = tmp_path / "水务.txt"
    paper.write_text("甲市水务局2031年部门预算\n一、主要职责\n负责全市河道的保洁，并组织防汛演练和水库巡查。\n", encoding="utf-8")
    document = ingest(find_sources([paper]), index).outcomes[0].document
    new = own(index)
    assert new != old and {old, new} <= collections(served)
    assert found(index, "河道保洁和防汛演练", documents=[document]) and not reader.search("河道保洁和防汛演练", 5, [document])
    assert {q: [(n, round(s, 4)) for n, s in reader.search(q, 20)] for q in QUESTIONS} == before
    ingest(find_sources([paper]), index)  # unchanged: the new generation goes on with the collection it was copied with
    assert own(index) == new
    remove([paper.name], index)
    assert collections(served) & {old, new} == set()
    assert {q: found(index, q) for q in QUESTIONS} == before
    texts = served.get_collection(own(index), embedding_function=None).get(include=["documents"])["documents"]
    assert len(texts) > 50 and not any("水务局" in text for text in texts)


def test_moving_between_files_and_server_takes_a_rebuild(served, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, address, old = found(index, QUESTIONS[0]), chroma_url().geturl(), own(index)
    monkeypatch.delenv(CHROMA)
    with pytest.raises(WrongEmbedder, match="--rebuild"):
        found(index, QUESTIONS[0])
    rebuild(index)
    assert (current(index) / "chroma").exists() and found(index, QUESTIONS[0]) == before
    monkeypatch.setenv(CHROMA, address)
    with pytest.raises(WrongEmbedder, match=CHROMA):
        found(index, QUESTIONS[0])
    rebuild(index)
    assert found(index, QUESTIONS[0]) == before and own(index) != old


def test_a_server_that_is_not_there_is_said(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CHROMA, "http://127.0.0.1:9")
    with pytest.raises(BadEngine, match="无法使用 Chroma 服务器"):
        found(index, QUESTIONS[0])
    monkeypatch.setenv(CHROMA, "ftp://x")
    with pytest.raises(BadEngine, match="应为"):
        chroma_url()
