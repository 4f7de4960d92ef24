"""The import rules, checked: who may call whom, and one door for every library. Standard library only."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("ingest", "retrieval", "prompts", "web", "eval")

RECORDS = {"ingest.records", "ingest.amounts", "retrieval.records"}

# Words, numbers and tables of knowledge: no reading, no storing, no answering. Any station may use them.
HELPERS = {
    *("ingest.amounts", "ingest.wording", "ingest.tokens", "ingest.synonyms", "ingest.numbering", "ingest.sentences"),
    *("ingest.arithmetic", "ingest.forms", "ingest.hierarchy", "ingest.generations", "ingest.live", "ingest.engines", "ingest.loaders.layout"),
    *("retrieval.question", "retrieval.talk", "retrieval.rephrase", "retrieval.vocabulary", "retrieval.understanding", "retrieval.plans", "retrieval.computing", "retrieval.dialogue"),
    *("retrieval.asked",),
    *("retrieval.evidence.intents", "retrieval.evidence.subject", "retrieval.handles", "prompts"),
}

# The only modules that call stations, in order.
CONDUCTORS = {
    *("ingest.pipeline", "ingest.cluster", "ingest.reading", "ingest.report", "ingest.__main__", "retrieval.assistant", "retrieval.prose"),
    *("retrieval.respond", "retrieval.adding", "retrieval.calculating", "retrieval.listing", "retrieval.telling"),
}

# A station in several files: its parts may use each other.
FAMILIES = ("ingest.loaders", "ingest.tabular", "ingest.checks")

# Besides its types, what a station takes from another one, and why.
TAKEN = {
    ("ingest.backup", "ingest.stores.postgres.publish"): "what is restored is copied to the database like what is ingested",
    ("retrieval.evidence.facts", "retrieval.vocabulary"): "a fact's body is matched like a question's",
    ("ingest.tables", "ingest.tabular"): "tables.py conducts the parts of its own station",
    ("retrieval.answer", "retrieval.evidence.facts.own_name"): "a fact's own name, the way it was scored",
    ("retrieval.evidence.readings", "retrieval.evidence.facts.best"): "readings are the scored facts, grouped",
    ("retrieval.evidence.readings", "retrieval.evidence.facts.own_name"): "readings are the scored facts, grouped",
    ("retrieval.evidence.parts", "retrieval.evidence.mentions.MINE"): "a part belongs to what its words name, as an amount does",
    ("retrieval.evidence.parts", "retrieval.evidence.mentions.MOST_PAPERS"): "a part belongs to what its words name, as an amount does",
    ("retrieval.evidence.parts", "retrieval.evidence.mentions.core"): "a part belongs to what its words name, as an amount does",
    ("retrieval.evidence.parts", "retrieval.evidence.mentions.share"): "a part belongs to what its words name, as an amount does",
    ("retrieval.evidence.clauses", "retrieval.evidence.mentions"): "an amount told by what was done with it is likened to the question like any other",
    ("retrieval.evidence.rowsets", "retrieval.evidence.facts.own_name"): "rows are facts beside the one a reading found",
    ("retrieval.evidence.rowsets", "retrieval.evidence.facts.is_body"): "rows are facts beside the one a reading found",
    ("retrieval.evidence.rowsets", "retrieval.evidence.readings.resolve"): "rows are facts beside the one a reading found",
}

# Third-party libraries and the modules that may import them. What is not here may not be imported at all.
DOORS = {
    "gradio": {"web.page"},
    "fastapi": {"web.api", "web.described", "web.errors", "web.login", "web.page", "web.server"},
    "starlette": {"web.errors", "web.guard"},
    "uvicorn": {"web.server"},
    "pydantic": {"web.schemas"},
    "pdfplumber": {"ingest.loaders.pdf", "eval.bench"},  # the bench runs it bare, as the limit
    "pdfminer": {"ingest.loaders.pdf"},
    "pypdfium2": {"ingest.loaders.scan", "web.pages"},  # a page drawn: to be recognised, and to be shown
    "PIL": {"ingest.loaders.scan", "web.pages"},
    "rapidocr": {"ingest.loaders.scan"},
    "cv2": {"ingest.loaders.scan"},
    "bs4": {"ingest.loaders.web"},
    "docx": {"ingest.loaders.word"},
    "lxml": {"ingest.loaders.word"},
    "openpyxl": {"ingest.loaders.excel", "eval.sheet", "web.sheet"},  # papers read, test cases filled in by office staff, tables downloaded
    "python_calamine": {"ingest.loaders.excel"},
    "xlrd": {"ingest.loaders.excel"},
    "sqlite_utils": {"ingest.stores.facts"},
    "pg8000": {"ingest.stores.postgres"},
    "distributed": {"ingest.cluster"},
    "chromadb": {"ingest.stores.passages"},
    "sentence_transformers": {"ingest.stores.passages"},
    "tokenizers": {"ingest.stores.passages"},
    "safetensors": {"ingest.stores.passages"},
    "scipy": {"ingest.stores.passages"},
    "numpy": {"ingest.stores.passages", "ingest.loaders.scan", "eval.retrieval_steps"},
    "langchain_core": {"retrieval.model"},
    "langchain_openai": {"retrieval.model"},
    "langsmith": {"retrieval.model"},  # only to keep it from telling anybody
    "jieba": {"ingest.tokens"},
    "rapidfuzz": {"retrieval.vocabulary"},
    "tqdm": {"ingest.__main__", "eval.__main__"},
    "yaml": {"eval.casefile"},
}


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def modules() -> dict[str, Path]:
    files = [ROOT / "app.py", *(f for package in PACKAGES for f in sorted((ROOT / package).rglob("*.py")))]
    return {module_of(f): f for f in files}


@cache
def imports() -> tuple[tuple[str, str, str], ...]:
    """(module, what it imports from, the name) of every import statement, those inside functions too."""

    def read() -> Iterator[tuple[str, str, str]]:
        for module, path in modules().items():
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    yield from ((module, alias.name, "") for alias in node.names)
                elif isinstance(node, ast.ImportFrom):
                    assert not node.level, f"{module}: imports by full name only"
                    for alias in node.names:
                        whole = f"{node.module}.{alias.name}"
                        yield (module, whole, "") if whole in modules() else (module, node.module or "", alias.name)

    return tuple(read())


def ours() -> list[tuple[str, str, str]]:
    return [(module, source, name) for module, source, name in imports() if source.split(".")[0] in (*PACKAGES, "app")]


def test_the_lists_name_modules_that_exist() -> None:
    listed = RECORDS | HELPERS | CONDUCTORS | {m for doors in DOORS.values() for m in doors}
    assert listed - set(modules()) == set()


def test_records_import_only_records() -> None:
    assert [(m, s) for m, s, _ in ours() if m in RECORDS and s not in RECORDS] == []


def test_helpers_import_only_records_and_helpers() -> None:
    assert [(m, s) for m, s, _ in ours() if m in HELPERS and s not in RECORDS | HELPERS] == []


def _allowed(module: str, source: str, name: str) -> bool:
    if source in RECORDS | HELPERS or any(module.startswith(f) and source.startswith(f) for f in FAMILIES):
        return True
    is_type = name[:1].isupper() and not name.isupper()  # Query, FactRow: what passes between stations
    return is_type or any(module == m and f"{source}.{name}".startswith(taken) for m, taken in TAKEN)


def test_stations_call_no_other_station() -> None:
    stations = [m for m in modules() if m.startswith(("ingest.", "retrieval.")) and m not in CONDUCTORS]
    assert [(m, s, n) for m, s, n in ours() if m in stations and not _allowed(m, s, n)] == []


def test_ingest_knows_nothing_of_questions() -> None:
    assert [(m, s) for m, s, _ in ours() if m.startswith("ingest") and s.startswith("retrieval")] == []


def test_nothing_imports_the_outside() -> None:
    assert [(m, s) for m, s, _ in ours() if m.startswith(("ingest", "retrieval", "prompts")) and s.split(".")[0] in ("web", "eval", "app")] == []
    assert [(m, s) for m, s, _ in ours() if m.startswith("web") and s.split(".")[0] in ("eval", "app")] == []
    assert [(m, s) for m, s, _ in ours() if m.startswith("eval") and s.split(".")[0] in ("web", "app")] == []


def test_one_door_a_library() -> None:
    foreign = {(s.split(".")[0], m) for m, s, _ in imports() if s.split(".")[0] not in {*sys.stdlib_module_names, *PACKAGES, "app"}}
    assert {(library, m) for library, m in foreign if m not in DOORS.get(library, ())} == set()


@pytest.mark.parametrize("question", ["2021年扶贫办三公经费多少", "2021年扶贫办公务接待费占三公经费的比例", "2021年扶贫办有哪些项目", "你好"])
def test_the_sql_route_loads_no_search_library(sample_index: Path, question: str) -> None:
    heavy = ("torch", "sentence_transformers", "transformers", "chromadb", "numpy", "jieba", "sqlite_utils", "pdfplumber", "gradio", "fastapi")
    code = (
        "import sys; from pathlib import Path; from retrieval.assistant import Assistant; "
        f"print(Assistant(Path({str(sample_index)!r})).ask({question!r}).status, [m for m in {heavy!r} if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (result.stdout, result.stderr) == ("answered []\n", "")
