"""Who is asked: the assistant in this process, or a running server. Both also give the source text at a citation's place."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from ingest import generations
from ingest.loaders import lines_of as block_lines
from ingest.loaders.guard import load_guarded
from ingest.loaders.text import decode, lines_of
from ingest.stores.facts import FactStore

_LINED = ("txt", "md")  # lines as an editor counts them
_TIMEOUT = 60  # seconds for one HTTP answer


class ClientError(Exception):
    """The assistant cannot be asked at all; the message is Chinese."""


class Client(Protocol):
    """What the runner needs."""

    def ask(self, question: str, session_id: str | None) -> dict[str, Any]:
        """The contract's answer object."""

    def documents(self) -> list[str]:
        """The names of the papers in the index."""

    def source(self, citation: dict[str, Any]) -> str | None:
        """The text that stands at a citation's place; None when it names no place."""


class InProcess:
    """The assistant itself, on an index folder."""

    def __init__(self, index: Path) -> None:
        from retrieval.assistant import Assistant

        try:
            self._assistant = Assistant(index)
            store = FactStore(generations.current(index) / generations.FACTS, readonly=True)
        except generations.IndexMissing as error:
            raise ClientError(str(error)) from error
        self._papers = {d["id"]: d for d in store.documents()}
        store.close()
        self._index = index

    def ask(self, question: str, session_id: str | None) -> dict[str, Any]:
        """One answer as the API prints it. A fault of the program is ClientError, as a server's 500 is: it fails the case, not the run."""
        try:
            return self._assistant.ask(question, session_id).as_json()
        except Exception as error:
            raise ClientError(f"程序出错：{type(error).__name__}: {error}") from error

    def documents(self) -> list[str]:
        """The names of the papers in the index."""
        return [d["name"] for d in self._papers.values()]

    def source(self, citation: dict[str, Any]) -> str | None:
        """Lines of the kept original; for pages and sheets, what the loader reads there."""
        paper = self._papers.get(citation["document_id"])
        if paper is None:
            return None
        file = generations.original(self._index, paper["sha256"])
        if citation["line_start"]:
            lines = _lines(file) if paper["format"] in _LINED else _blocks(file)
            return "\n".join(lines[citation["line_start"] - 1 : citation["line_end"] or citation["line_start"]])
        return _pieces(file).get((citation["page"], citation["sheet"]))


@lru_cache(maxsize=512)  # text only, some 100 KB a paper: a file is read once a run
def _lines(file: Path) -> list[str]:
    return lines_of(decode(file.read_bytes()))


@lru_cache(maxsize=512)  # text only, some 100 KB a paper: a file is read once a run
def _blocks(file: Path) -> list[str]:
    """The lines of a file that has none of its own (Word, HTML, CSV): its paragraphs and rows."""
    return block_lines(load_guarded(file))


@lru_cache(maxsize=512)  # text only, some 100 KB a paper: a file is read once a run
def _pieces(file: Path) -> dict[tuple[int | None, str | None], str]:
    """The file's text by page and sheet."""
    pieces: dict[tuple[int | None, str | None], list[str]] = {}
    for block in load_guarded(file).blocks:
        pieces.setdefault((block.place.page, block.place.sheet), []).append(block.text)
    return {place: "\n".join(texts) for place, texts in pieces.items()}


class Http:
    """A running server, asked as any program would."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._sources: dict[tuple[Any, ...], str | None] = {}

    def ask(self, question: str, session_id: str | None) -> dict[str, Any]:
        """POST /api/ask."""
        body = {"question": question} | ({"session_id": session_id} if session_id else {})
        return self._json("/api/ask", body)

    def documents(self) -> list[str]:
        """GET /api/documents."""
        return [d["name"] for d in self._json("/api/documents")["items"]]

    def source(self, citation: dict[str, Any]) -> str | None:
        """GET /api/documents/{id}/source at the citation's lines or page."""
        place = {"line": citation["line_start"], "end": citation["line_end"], "context": 0} if citation["line_start"] else {"page": citation["page"]}
        query = urllib.parse.urlencode({k: v for k, v in place.items() if v is not None})
        path = f"/api/documents/{urllib.parse.quote(citation['document_id'])}/source?{query}"
        if path not in self._sources:
            try:
                self._sources[path] = "\n".join(line["text"] for line in self._json(path)["lines"])
            except ClientError:
                self._sources[path] = None
        return self._sources[path]

    def _json(self, path: str, body: dict[str, Any] | None = None) -> Any:
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self._url + path, data, {"Content-Type": "application/json", "Accept": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            raise ClientError(f"{self._url}{path} 返回 {error.code}：{error.read()[:300].decode(errors='replace')}") from error
        except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
            raise ClientError(f"连不上 {self._url}：{error}") from error
