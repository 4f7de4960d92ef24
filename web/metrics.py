"""What the server did, for those who run it: counters in Prometheus' text format, and one JSON line a request or question on standard error.

No line holds a question's or an answer's text, unless the server was told to log questions.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock, Timer
from typing import Any

from web.shared import Shared

log = logging.getLogger("budget_qa.access")

BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds
_LATE_S = 0.5


def log_lines() -> None:
    """Sends the log lines to standard error as they are, whatever the other logs look like."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    log.addHandler(handler)
    log.propagate = False
    log.setLevel(logging.INFO)


def note(event: str, **values: Any) -> None:
    """One log line."""
    if log.isEnabledFor(logging.INFO):
        log.info(json.dumps({"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event, **values}, ensure_ascii=False))


class Metrics:
    """Counts of requests and questions with their durations; safe to use from several threads.

    With `shared`, worker number `worker` of the server's `run` writes its counts down, half a second late, and shows those of all workers together.
    """

    def __init__(self, shared: Shared | None = None, run: str = "", worker: int = 0) -> None:
        self._shared, self._run, self._worker = shared, run, worker
        self._late: Timer | None = None
        self._lock = Lock()
        self._started = time.time()
        self._counts: dict[str, Counter[tuple[tuple[str, str], ...]]] = {"requests": Counter(), "questions": Counter()}
        self._seconds: dict[str, list[float]] = {"requests": [0.0] * (len(BUCKETS) + 2), "questions": [0.0] * (len(BUCKETS) + 2)}

    def count(self, what: str, seconds: float, **labels: str) -> None:
        """One of `what` (requests or questions), which took so long."""
        with self._lock:
            self._counts[what][tuple(labels.items())] += 1
            spans = self._seconds[what]
            for number, bucket in enumerate(BUCKETS):
                spans[number] += seconds <= bucket
            spans[-2] += 1
            spans[-1] += seconds
            if self._shared and self._late is None:
                self._late = Timer(_LATE_S, self._write)
                self._late.daemon = True
                self._late.start()

    def close(self) -> None:
        """Writes down what is not yet written."""
        with self._lock:
            late, self._late = self._late, None
        if late:
            late.cancel()
            self._write()

    def _write(self) -> None:
        assert self._shared
        with self._lock:
            self._late = None
            counts = {what: [[list(map(list, labels)), count] for labels, count in counter.items()] for what, counter in self._counts.items()}
            data = {"counts": counts, "seconds": self._seconds, "resident": _resident()}
            self._shared.keep_counts(self._run, self._worker, data)

    def _all(self) -> tuple[dict[str, Counter[tuple[tuple[str, str], ...]]], dict[str, list[float]], int]:
        """Counts, durations and resident memory of all workers."""
        with self._lock:
            counts = {what: Counter(counter) for what, counter in self._counts.items()}
            seconds = {what: list(spans) for what, spans in self._seconds.items()}
        resident = _resident()
        for worker, data in self._shared.counts(self._run).items() if self._shared else ():
            if worker == self._worker:
                continue
            resident += data["resident"]
            for what, counted in data["counts"].items():
                counts[what].update({tuple(map(tuple, labels)): count for labels, count in counted})
                seconds[what] = [a + b for a, b in zip(seconds[what], data["seconds"][what], strict=True)]
        return counts, seconds, resident

    def text(self, version: str, documents: int) -> str:
        """Everything counted since the start, as Prometheus reads it."""
        counts, seconds, resident = self._all()
        lines = [
            *_gauge("budget_qa_info", "Version of the server.", 1, version=version),
            *_gauge("budget_qa_documents", "Papers in the index.", documents),
            *_gauge("process_start_time_seconds", "Start of the process since the epoch.", round(self._started, 3)),
            *_gauge("process_resident_memory_bytes", "Resident memory.", resident),
        ]
        for what, help_text in (("requests", "HTTP requests answered"), ("questions", "Questions answered, from page and interface")):
            lines += [f"# HELP budget_qa_{what}_total {help_text}.", f"# TYPE budget_qa_{what}_total counter"]
            lines += [f"budget_qa_{what}_total{_labels(dict(labels))} {count}" for labels, count in sorted(counts[what].items())]
            name = f"budget_qa_{what.removesuffix('s')}_seconds"
            spans = seconds[what]
            lines += [f"# HELP {name} {help_text}: duration.", f"# TYPE {name} histogram"]
            lines += [f'{name}_bucket{{le="{bucket}"}} {spans[number]:.0f}' for number, bucket in enumerate(BUCKETS)]
            lines += [f'{name}_bucket{{le="+Inf"}} {spans[-2]:.0f}', f"{name}_sum {spans[-1]:.6f}", f"{name}_count {spans[-2]:.0f}"]
        return "\n".join(lines) + "\n"


def _gauge(name: str, help_text: str, value: float, **labels: str) -> list[str]:
    return [f"# HELP {name} {help_text}", f"# TYPE {name} gauge", f"{name}{_labels(labels)} {value}"]


def _labels(labels: dict[str, str]) -> str:
    return "{" + ",".join(f'{name}="{value}"' for name, value in labels.items()) + "}" if labels else ""


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
