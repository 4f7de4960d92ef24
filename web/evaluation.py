"""Runs of the test set for administrators: `python -m eval` in a process of its own over the server's index, one after the other.

A process of its own, because hundreds of questions would take the server's turns; it tells its progress line by line and leaves its reports in a folder.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from web.documents import inspect_upload
from web.errors import ApiError
from web.privacy import masked

ROOT = Path(__file__).parents[1]
SETS = ROOT / "eval" / "cases"
FORMATS = (".xlsx", ".jsonl", ".yaml", ".yml")
REPORTS = {"html": "text/html; charset=utf-8", "json": "application/json"}
_REPORT = "report.{}"
_KEPT = 5  # runs whose reports can be had
_MISSES = 300  # shown on the page; the reports hold all
_PROGRESS = re.compile(r"进度 (\d+)/(\d+)")


@dataclass(slots=True)
class Run:
    """One run; `status` is running, then done, failed or stopped. `notes` is what the program said beside its progress."""

    id: str
    name: str
    folder: Path
    process: subprocess.Popen[str]
    status: str = "running"
    done: int = 0
    total: int = 0
    error: str | None = None
    notes: list[str] = field(default_factory=list)
    started_at: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))

    def report(self, kind: str) -> Path:
        """Where the program leaves its report."""
        return self.folder / _REPORT.format(kind)


class Evaluations:
    """Starts runs over the index and keeps the newest with their reports; safe to use from several threads."""

    def __init__(self, index: Path) -> None:
        self._index = index
        self._runs: OrderedDict[str, Run] = OrderedDict()
        self._lock = Lock()

    def sets(self) -> list[str]:
        """The names of the case files that come with the program."""
        return sorted(path.stem for path in SETS.glob("*.jsonl"))

    def upload(self, name: str, content: bytes) -> Run:
        """Starts a run of an uploaded case file. Raises ApiError for what cannot be one, and while another run is under way."""
        suffix = Path(name).suffix.lower()
        if suffix not in FORMATS:
            raise ApiError(415, "unsupported_file", f"用例文件应是 {'、'.join(FORMATS)}。")
        inspect_upload(f"用例{suffix}", content)
        folder = Path(tempfile.mkdtemp(prefix="budget-qa-eval-"))
        cases = folder / f"用例{suffix}"
        cases.write_bytes(content)
        return self._start(re.split(r"[\\/]", name)[-1][:100], folder, ["--cases", str(cases)])

    def choose(self, name: str) -> Run:
        """Starts a run of a set that comes with the program; "" for all its cases whose papers are in the index. Raises ApiError."""
        if name and name not in self.sets():
            raise ApiError(404, "cases_not_found", "没有这组用例。")
        cases = ["--cases", str(SETS / f"{name}.jsonl")] if name else []
        return self._start(name or "自带用例", Path(tempfile.mkdtemp(prefix="budget-qa-eval-")), cases)

    def get(self, run: str) -> dict[str, Any]:
        """One run as the interface shows it: its progress, then its figures and its misses. Raises ApiError 404."""
        found = self._found(run)
        shown = {name: getattr(found, name) for name in ("id", "name", "status", "done", "total", "error", "notes", "started_at")}
        if found.status != "done":
            return shown
        report = json.loads(found.report("json").read_text(encoding="utf-8"))
        wrong = [case for case in report.pop("cases") if not case["ok"]]
        misses = [{name: case[name] for name in ("id", "kind", "turns", "expected", "answer", "why")} for case in wrong[:_MISSES]]
        return masked({**shown, "report": report, "misses": misses})

    def file(self, run: str, kind: str) -> bytes:
        """A finished run's report, html or json. Raises ApiError 404."""
        path = self._found(run).report(kind)
        if not path.is_file():
            raise ApiError(404, "no_report", "这次评测还没有报告。")
        return path.read_bytes()

    def template(self) -> bytes:
        """The workbook to fill in."""
        with tempfile.TemporaryDirectory(prefix="budget-qa-eval-") as folder:
            path = Path(folder) / "用例.xlsx"
            subprocess.run(_command("template", str(path)), cwd=ROOT, check=True, capture_output=True)
            return path.read_bytes()

    def stop(self, run: str) -> None:
        """Ends a run that is under way. Raises ApiError 404."""
        found = self._found(run)
        with self._lock:
            if found.status == "running":
                found.status = "stopped"
        found.process.terminate()

    def close(self) -> None:
        """Ends what is under way and deletes all reports."""
        for run in list(self._runs.values()):
            self.stop(run.id)
            run.process.wait()
            shutil.rmtree(run.folder, ignore_errors=True)

    def _found(self, run: str) -> Run:
        with self._lock:
            if run not in self._runs:
                raise ApiError(404, "evaluation_not_found", "没有这次评测，可能已过期。")
            return self._runs[run]

    def _start(self, name: str, folder: Path, cases: list[str]) -> Run:
        reports = [text for kind in REPORTS for text in (f"--{kind}", str(folder / _REPORT.format(kind)))]
        with self._lock:
            if any(other.status == "running" for other in self._runs.values()):
                shutil.rmtree(folder)
                raise ApiError(429, "evaluation_running", "已有一次评测正在进行，请等它结束或先停止它。")
            process = subprocess.Popen(
                _command("--index", str(self._index.resolve()), *cases, *reports, "--progress"),
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                errors="replace",
            )
            run = Run(secrets.token_hex(8), name, folder, process)
            self._runs[run.id] = run
            while len(self._runs) > _KEPT:
                shutil.rmtree(self._runs.popitem(last=False)[1].folder, ignore_errors=True)
        Thread(target=self._follow, args=[run], daemon=True).start()
        return run

    def _follow(self, run: Run) -> None:
        assert run.process.stderr
        for line in run.process.stderr:
            if found := _PROGRESS.fullmatch(line.strip()):
                run.done, run.total = map(int, found.groups())
            elif line.strip():
                # a message names the file as the person knows it, not where the server put it
                run.notes.append(re.sub(rf"{re.escape(str(run.folder))}/用例\.\w+", run.name, line.strip()))
        code = run.process.wait()
        with self._lock:
            if run.status == "running":
                run.status = "done" if code == 0 else "failed"
                if code:
                    said = [note.removeprefix("错误：") for note in run.notes if note.startswith("错误：")]
                    run.error = said[-1] if said else "评测程序意外结束，请联系管理员查看。"


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-X", "utf8", "-m", "eval", *arguments]
