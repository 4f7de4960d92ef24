"""python -m eval.bench: how fast, how big, and how near the limit.

    python -m eval.bench [--index DIR] [--documents PATH …] [--cases PATH …] [--runs 3] [--parts cold ingest questions server] [--json FILE]

The papers are read into a temporary index; questions go to DIR, or to that index when none is given. Each figure stands next to its limit measured in the
same run: an empty Python process, raw pdfplumber text and tables, the same rows put into a bare SQLite table, a bare prepared SQLite look-up, a bare FTS5
and Chroma query, an endpoint of FastAPI that does nothing. How figures grow with the collection: `python -m eval.growth`. Of several runs the fastest counts (the machine may be busy with others); CPU time stands beside wall time, and hardly depends on them.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any
from unittest.mock import patch

from eval.casefile import Case, CaseError, load_cases
from eval.clients import Client, ClientError, InProcess
from eval.run import in_index
from eval.score import percentile
from ingest import generations, pipeline, reading
from ingest.loaders import load
from ingest.records import Unreadable
from ingest.stores.facts import FactStore
from ingest.stores.passages import PassageStore
from ingest.tokens import tokens

ROOT = Path(__file__).parents[1]
CASES = ROOT / "eval" / "cases"
QUESTION = "2021年扶贫办三公经费多少"
TEXT_QUESTION = "公务接待费减少的原因是什么"
PARTS = ("cold", "ingest", "questions", "server")
SERVER_SECONDS = 120  # waited for a server at most

# The names of the stations in `ingest/reading.py`, by what they do.
STATIONS = {
    "load_guarded": "读取", "identify": "表格", "outline": "表格", "find_tables": "表格", "read_facts": "数据", "stated_facts": "数据",
    "passages": "段落", "check": "勾稽",
}  # fmt: skip
STORES = ((FactStore, "save", "入库"), (PassageStore, "replace", "向量"))


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure: `limit` is what the bare tool underneath takes (None: none was measured), in the same unit."""

    part: str
    what: str
    value: float
    unit: str
    limit: float | None = None
    limit_name: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times the limit it is."""
        return self.value / self.limit if self.limit else None


@dataclass(slots=True)
class Clock:
    """Wall and CPU seconds of this process by name."""

    wall: dict[str, float] = field(default_factory=dict)
    cpu: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        """Adds the block's time to the name."""
        wall, cpu = time.perf_counter(), time.process_time()
        try:
            yield
        finally:
            self.wall[name] = self.wall.get(name, 0.0) + time.perf_counter() - wall
            self.cpu[name] = self.cpu.get(name, 0.0) + time.process_time() - cpu

    def timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, its time added to the name."""

        def call(*arguments: Any, **options: Any) -> Any:
            with self.of(name):
                return function(*arguments, **options)

        return call


def machine() -> dict[str, Any]:
    """What the figures were measured on; `load` is how busy it was."""
    pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return {
        "cores": os.cpu_count(),
        "memory_gib": round(pages * size / 2**30, 1),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "load": round(os.getloadavg()[0], 1),
        "date": time.strftime("%Y-%m-%d"),
    }


# Cold start


def command_seconds(arguments: Sequence[str], runs: int) -> tuple[float, float]:
    """(wall, CPU) seconds of a Python command, the smallest of each over the runs. Raises CalledProcessError."""
    wall, cpu = [], []
    for _ in range(runs):
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run([sys.executable, *arguments], cwd=ROOT, check=True, capture_output=True)
        wall.append(time.perf_counter() - start)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(wall), min(cpu)


def cold(index: Path, runs: int) -> list[Figure]:
    """The command line's first answer, and the server from its start to its first answer, with its memory."""
    bare_wall, bare_cpu = command_seconds(["-c", "import sqlite3, json, argparse"], runs)
    wall, cpu = command_seconds(["app.py", "ask", QUESTION, "--index", str(index)], runs)
    servers = [serve_once(index) for _ in range(runs)]
    bare = "空的 Python 进程"
    return [
        Figure("冷启动", "命令行回答一题（用时）", wall, "秒", bare_wall, bare),
        Figure("冷启动", "命令行回答一题（CPU）", cpu, "秒", bare_cpu, bare),
        Figure("冷启动", "服务可用", min(s[0] for s in servers), "秒", bare_wall, bare),
        Figure("冷启动", "服务答出第一题", min(s[1] for s in servers), "秒", bare_wall, bare),
        Figure("内存", "服务答过数字题和文字题", min(s[2] for s in servers), "MB"),
    ]


@contextmanager
def served(command: Sequence[str], health: str) -> Iterator[tuple[str, subprocess.Popen[bytes], float]]:
    """(address, process, seconds until `health` answered) of a server started with `command` (a port is added). Raises ClientError when it does not come up."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    start = time.perf_counter()
    server = subprocess.Popen([sys.executable, *command, str(port)], cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        while not _answers(f"http://127.0.0.1:{port}{health}"):
            if server.poll() is not None or time.perf_counter() - start > SERVER_SECONDS:
                raise ClientError("服务没有启动起来，请先单独运行 python app.py 查看原因。")
            time.sleep(0.02)
        yield f"http://127.0.0.1:{port}", server, time.perf_counter() - start
    finally:
        server.terminate()
        server.wait()


def serve_once(index: Path) -> tuple[float, float, float]:
    """(seconds to health, seconds to the first answer, MB after a text question too) of a server started and stopped. Raises ClientError when it does not come up."""
    with served(["app.py", "--index", str(index), "--port"], "/api/health") as (address, server, ready):
        start = time.perf_counter()
        if not _answers(f"{address}/api/ask", {"question": QUESTION}):
            raise ClientError("服务没有回答第一题。")
        first = ready + time.perf_counter() - start
        _answers(f"{address}/api/ask", {"question": TEXT_QUESTION})
        return ready, first, resident_mb(server.pid)


def _answers(url: str, body: dict[str, Any] | None = None) -> bool:
    data = json.dumps(body).encode() if body is not None else None
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, {"Content-Type": "application/json"}), timeout=SERVER_SECONDS) as response:
            return response.status == 200
    except (urllib.error.URLError, ConnectionError):
        return False


NOTHING = """
import sys, uvicorn
from fastapi import FastAPI
app = FastAPI()
@app.get("/health")
def health(): return {}
@app.post("/ask")
async def ask(body: dict): return {"answer": ""}
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error")
"""


def server(index: Path, seconds: float = 5.0) -> list[Figure]:
    """Requests one after the other and from USERS at once, next to an endpoint that does nothing. With one question: what is measured is the server."""
    with served(["-c", NOTHING], "/health") as (address, _, _):
        alone, crowd = load_on(f"{address}/ask", 1, seconds), load_on(f"{address}/ask", USERS, seconds)
    with served(["app.py", "--index", str(index), "--port"], "/api/health") as (address, process, _):
        _answers(f"{address}/api/ask", {"question": QUESTION})
        own, many = load_on(f"{address}/api/ask", 1, seconds), load_on(f"{address}/api/ask", USERS, seconds)
        memory = resident_mb(process.pid)
    bare = "空的 FastAPI 接口"
    figures = []
    for users, mine, bare_run in ((1, own, alone), (USERS, many, crowd)):
        figures += [
            Figure("服务", f"{users} 人，每题 p{part * 100:.0f}（{len(mine.times)} 题，失败 {mine.failed}）", percentile(mine.times, part), "毫秒", percentile(bare_run.times, part), bare)
            for part in (0.5, 0.95)
        ]
        figures.append(Figure("服务", f"{users} 人，每秒回答", len(mine.times) / seconds, "题", len(bare_run.times) / seconds, bare))
    return [*figures, Figure("内存", f"服务答过 {len(own.times) + len(many.times)} 题", memory, "MB")]


USERS = 8  # fewer than the server's own limit of questions waiting: a refusal is no answer


@dataclass(slots=True)
class Load:
    """Milliseconds of the requests that were answered, and how many were not."""

    times: list[float]
    failed: int = 0


def load_on(url: str, users: int, seconds: float) -> Load:
    """What `users` get who each ask again as soon as they are answered."""
    until, load = time.perf_counter() + seconds, Load([])

    def ask() -> None:
        while (start := time.perf_counter()) < until:
            if _answers(url, {"question": QUESTION}):
                load.times.append((time.perf_counter() - start) * 1000)
            else:
                load.failed += 1
                time.sleep(0.1)

    threads = [Thread(target=ask) for _ in range(users)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if not load.times:
        raise ClientError("服务一题也没有答。")
    return load


def resident_mb(process: int) -> float:
    """The memory a process holds now, in MB."""
    pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


# Ingest


def timed_ingest(sources: Sequence[pipeline.Source], index: Path) -> Clock:
    """The time of every station over an ingest into `index`. Files are loaded in this process, so that its CPU time holds theirs."""
    clock = Clock()
    swaps = [
        patch.object(reading, name, clock.timed(what, load if name == "load_guarded" else getattr(reading, name)))
        for name, what in STATIONS.items()
    ]
    swaps += [patch.object(store, name, clock.timed(what, getattr(store, name))) for store, name, what in STORES]
    for swap in swaps:
        swap.start()
    try:
        with clock.of("合计"):
            report = pipeline.ingest(sources, index, jobs=0)
    finally:
        for swap in swaps:
            swap.stop()
    if report.failed:
        raise Unreadable(f"{report.failed[0].name}：{report.failed[0].detail}")
    return clock


def ingest(sources: Sequence[pipeline.Source], folder: Path, runs: int) -> list[Figure]:
    """An ingest station by station, a paper at a time; of PDFs also a page, next to raw pdfplumber. Leaves an index in `folder`/0."""
    clocks = [timed_ingest(sources, folder / str(n)) for n in range(runs)]
    fastest = min(clocks, key=lambda c: c.cpu["合计"])
    count = len(sources)
    figures = [Figure("导入", f"{count} 份，合计（用时）", min(c.wall["合计"] for c in clocks), "秒")]
    figures.append(Figure("导入", f"{count} 份，合计（CPU）", fastest.cpu["合计"], "秒"))
    size = sum(s.path.stat().st_size for s in sources)
    stations = [name for name in fastest.cpu if name != "合计"]
    stored = bare_rows(generations.current(folder / "0") / generations.FACTS)
    for name in stations:
        limit = (stored / count * 1000, "同样多的行写进空的 SQLite 表") if name == "入库" else (None, "")
        figures.append(Figure("导入", f"每份 {name}（CPU）", fastest.cpu[name] / count * 1000, "毫秒", *limit))
    figures += [Figure("导入", f"每 MB 原文 {name}（CPU）", fastest.cpu[name] / size * 2**20, "秒") for name in stations]
    figures.append(Figure("导入", "每 MB 原文（CPU）", fastest.cpu["合计"] / size * 2**20, "秒"))
    pdfs = [s for s in sources if s.path.read_bytes()[:5] == b"%PDF-"]
    return figures + (pdf_pages(pdfs, folder, runs) if pdfs else [])


def bare_rows(facts: Path) -> float:
    """CPU seconds to put the rows of a fact store's large tables into tables without any index, in one transaction."""
    source, bare = sqlite3.connect(facts), sqlite3.connect(":memory:")
    seconds = 0.0
    for table in ("cells", "facts", "checks", "passages", "passages_fts"):
        rows = source.execute(f"SELECT * FROM {table}").fetchall()
        if rows:
            width = len(rows[0])
            bare.execute(f"CREATE TABLE {table} ({', '.join(f'c{n}' for n in range(width))})")
            start = time.process_time()
            bare.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * width)})", rows)
            seconds += time.process_time() - start
    source.close()
    bare.close()
    return seconds


def pdf_pages(pdfs: Sequence[pipeline.Source], folder: Path, runs: int) -> list[Figure]:
    """Seconds a page of PDFs: read, and ingested without vectors, next to raw text and tables of the same pages."""
    raw_pages, raw = 0, float("inf")
    for _ in range(runs):
        clock = Clock()
        with clock.of("raw"):
            raw_pages = sum(_raw_pages(s.path) for s in pdfs)
        raw = min(raw, clock.cpu["raw"])
    clocks = [timed_ingest(pdfs, folder / f"pdf{n}") for n in range(runs)]
    bare = "pdfplumber 文字和表格"
    read = min(c.cpu["读取"] for c in clocks)
    rest = min(c.cpu["合计"] - c.cpu["向量"] for c in clocks)
    fastest = min(clocks, key=lambda c: c.cpu["合计"])
    return [
        Figure("导入", f"PDF 每页 读取（CPU，{raw_pages} 页）", read / raw_pages, "秒", raw / raw_pages, bare),
        *(Figure("导入", f"PDF 每页 {name}（CPU）", fastest.cpu[name] / raw_pages * 1000, "毫秒") for name in fastest.cpu if name not in ("合计", "读取")),
        Figure("导入", "PDF 每页 全部，不含向量（CPU）", rest / raw_pages, "秒", raw / raw_pages, bare),
    ]


def _raw_pages(path: Path) -> int:
    import pdfplumber

    with pdfplumber.open(path) as pdf:
        for page in pdf.pages:
            page.extract_text()
            page.extract_tables()
            page.close()
        return len(pdf.pages)


# Questions


def answer_times(cases: Sequence[Case], client: Client, runs: int) -> dict[str, list[float]]:
    """Milliseconds of every turn by the route that answered it, the fastest of the runs (the first one also warms)."""
    best: dict[tuple[str, int], tuple[str, float]] = {}
    for _ in range(runs):
        for case in cases:
            session = None
            for turn, question in enumerate(case.turns):
                start = time.perf_counter()
                answer = client.ask(question, session)
                took = (time.perf_counter() - start) * 1000
                session = answer["session_id"]
                known = best.get((case.id, turn))
                best[case.id, turn] = (answer["route"], min(took, known[1]) if known else took)
    routes: dict[str, list[float]] = {}
    for route, took in best.values():
        routes.setdefault(route, []).append(took)
    return routes


def questions(cases: Sequence[Case], index: Path, runs: int) -> list[Figure]:
    """The cases by route next to the bare look-ups underneath, with this process's memory and the size of the index."""
    client = InProcess(index)
    chosen = in_index(cases, client.documents())
    if not chosen:
        raise CaseError("没有可以运行的用例：索引里没有用例所依据的文件。")
    routes = answer_times(chosen, client, runs)
    memory = resident_mb(os.getpid())
    folder = generations.current(index)
    look_up, full_text, vectors = bare_queries(folder)
    limits = {"sql": (look_up, "裸 SQLite 查询"), "retrieval": (full_text + vectors, "裸 FTS5＋Chroma 查询")}
    figures = []
    for route, times in sorted(routes.items()):
        limit, name = limits.get(route, (None, ""))
        figures += [
            Figure("提问", f"{route} 路径 p{part * 100:.0f}（{len(times)} 题）", percentile(times, part), "毫秒", limit, name)
            for part in (0.5, 0.95, 0.99)
        ]
    originals = _size(index / "files")
    return [
        *sizes(folder),
        *figures,
        Figure("内存", f"本进程答过 {sum(map(len, routes.values()))} 题", memory, "MB"),
        Figure("索引", "事实库", _size(folder / generations.FACTS), "MB", originals, "原文"),
        Figure("索引", "向量", _size(folder / "chroma") + _size(folder / "embedder"), "MB", originals, "原文"),
    ]


def sizes(folder: Path) -> list[Figure]:
    """How much a generation holds: what the other figures stand on."""
    db = sqlite3.connect(f"file:{folder / generations.FACTS}?mode=ro", uri=True)
    tables = (("documents", "材料", "份"), ("facts", "数据", "条"), ("passages", "段落", "段"), ("names", "名称", "个"))
    found = [Figure("规模", what, db.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0], unit) for table, what, unit in tables]
    db.close()
    return found


def bare_queries(folder: Path, times: int = 200) -> tuple[float, float, float]:
    """Median milliseconds of one prepared look-up, one FTS5 query and one Chroma query on the stores of a generation."""
    db = sqlite3.connect(f"file:{folder / generations.FACTS}?mode=ro", uri=True)
    document, name = db.execute("SELECT document, [key] FROM fact_names WHERE own = 1 LIMIT 1").fetchone()
    one = "SELECT value, unit, quote, line_start FROM fact_names n JOIN facts f ON f.document = n.document AND f.number = n.fact WHERE n.document = ? AND n.[key] = ?"
    words = " OR ".join(f'"{word}"' for word in tokens("公务接待费减少的原因").split())
    store = PassageStore(folder)
    vector = store._load().encode(["公务接待费减少的原因"])

    def median(ask: Callable[[], Any]) -> float:
        taken = []
        for _ in range(times):
            start = time.perf_counter()
            ask()
            taken.append((time.perf_counter() - start) * 1000)
        return percentile(taken, 0.5)

    found = (
        median(
            lambda: db.execute(one, (document, name)).fetchall()
        ),
        median(lambda: db.execute("SELECT rowid FROM passages_fts WHERE passages_fts MATCH ? ORDER BY rank LIMIT 60", (words,)).fetchall()),
        median(lambda: store._vectors.query(query_embeddings=vector, n_results=60, include=["distances"])),
    )
    store.close()
    db.close()
    return found


def _size(path: Path) -> float:
    files = [path] if path.is_file() else [f for f in path.rglob("*") if f.is_file()]
    return sum(f.stat().st_size for f in files) / 2**20


# The command


def table(about: dict[str, Any], figures: Sequence[Figure]) -> str:
    """The figures for the terminal."""
    lines = [f"{about['cores']} 核，{about['memory_gib']} GiB，Python {about['python']}，{about['platform']}，负载 {about['load']}，{about['date']}"]
    for f in figures:
        value = f"{f.value:.3g} {f.unit}" if f.value < 1000 else f"{f.value:.0f} {f.unit}"
        limit = f"{f.limit_name} {f.limit:.3g} {f.unit}，{f.ratio:.1f} 倍" if f.limit else ""
        lines.append(f"{_pad(f.part, 8)}{_pad(f.what, 40)}{_pad(value, 14)}{limit}".rstrip())
    return "\n".join(lines)


def _pad(text: str, width: int) -> str:
    """Left-aligned to a width in terminal columns, where a Chinese character takes two."""
    return text + " " * max(1, width - sum(2 if ord(c) > 0x2E7F else 1 for c in text))


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    result = argparse.ArgumentParser(prog="python -m eval.bench", description="测量启动、导入、提问的速度和内存、索引大小，与底层工具的极限对照")
    result.add_argument("--index", type=Path, help="向这个索引提问（默认用 --documents 临时建一个）")
    result.add_argument(
        "--documents", type=Path, nargs="+", default=[ROOT / "data" / "documents"], metavar="PATH", help="导入这些文件（默认 data/documents）"
    )
    result.add_argument("--cases", type=Path, nargs="+", default=[CASES], metavar="PATH", help="用例（默认自带用例中证据在索引里的那些）")
    result.add_argument("--runs", type=int, default=3, help="每项测几次，取最快的一次（默认 3）")
    result.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS, help="只测这些部分")
    result.add_argument("--json", type=Path, metavar="FILE", help="把结果写成 JSON")
    return result


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0; 2 when something could not be measured."""
    options = parser().parse_args(arguments)
    about, figures = machine(), []
    try:
        with tempfile.TemporaryDirectory() as folder:
            index = options.index
            if "ingest" in options.parts or index is None:
                figures += ingest(pipeline.find_sources(options.documents), Path(folder), options.runs)
                index = index or Path(folder) / "0"
            if "cold" in options.parts:
                figures = cold(index, options.runs) + figures
            if "questions" in options.parts:
                figures += questions(load_cases(options.cases), index, options.runs)
            if "server" in options.parts:
                figures += server(index)
    except (CaseError, ClientError, Unreadable, generations.IndexMissing, subprocess.CalledProcessError) as error:
        print(f"错误：{error}", file=sys.stderr)
        return 2
    print(table(about, figures))
    if options.json:
        written = {"machine": about, "figures": [asdict(f) | {"ratio": f.ratio} for f in figures]}
        options.json.write_text(json.dumps(written, ensure_ascii=False, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
