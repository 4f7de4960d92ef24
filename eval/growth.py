"""python -m eval.growth: what a collection's size costs, each size next to the smallest.

    python -m eval.growth --papers 100 1000 10000 [--seed 1] [--questions 240] [--jobs 2] [--work DIR] [--json FILE]

Each size is made (`eval.synth`), read into a fresh index, and asked in a process of its own, so that memory is that size's. The answers are judged: a fast wrong
answer is none. CPU times are of the process that answers; they hardly depend on what else the machine does. With --work the folders stay, and what is
there is not made again.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from eval import synth
from eval.bench import ROOT, Figure, machine, resident_mb, table
from eval.casefile import load_cases
from eval.score import judge, percentile
from ingest import generations
from ingest.pipeline import find_sources, ingest
from retrieval.assistant import Assistant


def build(papers: int, seed: int, questions: int, folder: Path, jobs: int) -> dict[str, float]:
    """Make a collection and its index in `folder` (skipped where it is there); seconds, memory of this process and of one worker at its largest."""
    made = folder / "ingest.json"
    if made.exists():
        return json.loads(made.read_text(encoding="utf-8"))
    synth.main(["--papers", str(papers), "--seed", str(seed), "--out", str(folder / "d"), "--cases", str(folder / "c.jsonl"), "--questions", str(questions)])
    memory: list[float] = []

    def progress(what: str, done: int, total: int, pages: int) -> None:
        if done % 50 == 0 or done == total:
            memory.append(resident_mb(os.getpid()))

    start, cpu = time.perf_counter(), time.process_time()
    report = ingest(find_sources([folder / "d"]), folder / "i", progress=progress, jobs=jobs)
    found = {
        "seconds": time.perf_counter() - start,
        "cpu": time.process_time() - cpu,
        "failed": len(report.failed),
        "broken": sum(o.counts.get("checks_broken", 0) for o in report.outcomes),
        "half_mb": memory[len(memory) // 2],
        "end_mb": max(memory),
    }
    made.write_text(json.dumps(found), encoding="utf-8")
    return found


def ask(folder: Path) -> dict[str, Any]:
    """CPU milliseconds of every turn by route, how many cases are right, seconds to open the index, memory at the end. In this process."""
    start = time.process_time()
    assistant = Assistant(folder / "i")
    opened = time.process_time() - start
    cases = load_cases([folder / "c.jsonl"])
    for turn in (cases[0].turns[0], "公务接待费减少的原因是什么"):  # libraries are loaded once in the life of a server
        assistant.ask(turn)
    routes: dict[str, list[float]] = {}
    right = 0
    for case in cases:
        session = None
        for question in case.turns:
            start = time.process_time()
            answer = assistant.ask(question, session)
            routes.setdefault(str(answer.route), []).append((time.process_time() - start) * 1000)
            session = answer.session_id
        right += judge(case, answer.as_json()).ok
    return {"opened": opened, "routes": routes, "right": right, "cases": len(cases), "mb": resident_mb(os.getpid())}


def figures(sizes: Sequence[int], options: argparse.Namespace, work: Path) -> list[Figure]:
    """Every size's figures; those of the smallest are the limit of the others'."""
    found: list[Figure] = []
    smallest: dict[str, float] = {}

    def add(part: str, what: str, value: float, unit: str) -> None:
        limit = smallest.setdefault(f"{part}/{what}", value)
        found.append(Figure(part, f"{size} 份：{what}", value, unit, limit if size != sizes[0] else None, f"{sizes[0]} 份时" if size != sizes[0] else ""))

    for size in sizes:
        folder = work / str(size)
        made = json.loads(_apart("build", folder, options, size))
        asked = json.loads(_apart("ask", folder, options, size))
        add("导入", f"每份用时（{options.jobs} 个进程）", made["seconds"] / size * 1000, "毫秒")
        add("导入", "每份 CPU（主进程）", made["cpu"] / size * 1000, "毫秒")
        add("导入", "内存，中途", made["half_mb"], "MB")
        add("导入", "内存，最多", made["end_mb"], "MB")
        add("提问", f"{asked['right']}/{asked['cases']} 题正确", asked["right"] / asked["cases"] * 100, "%")
        for route, times in sorted(asked["routes"].items()):
            for part in (0.5, 0.95):
                add("提问", f"{route} 路径 p{part * 100:.0f}（CPU）", percentile(times, part), "毫秒")
        add("启动", "打开索引（CPU）", asked["opened"] * 1000, "毫秒")
        add("内存", "答过全部题", asked["mb"], "MB")
        facts = generations.current(folder / "i") / generations.FACTS
        add("索引", "事实库，每份", facts.stat().st_size / size / 1024, "KB")
    return found


def _apart(what: str, folder: Path, options: argparse.Namespace, size: int) -> str:
    """The JSON of `build` or `ask` run in a process of its own. Raises CalledProcessError."""
    arguments = [what, str(folder), "--papers", str(size), "--seed", str(options.seed), "--questions", str(options.questions), "--jobs", str(options.jobs)]
    run = subprocess.run([sys.executable, "-m", "eval.growth", "--step", *arguments], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return run.stdout.splitlines()[-1]


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    result = argparse.ArgumentParser(prog="python -m eval.growth", description="用虚构材料测量规模增长时的导入、提问、启动和内存，与最小规模对照")
    result.add_argument("--papers", type=int, nargs="+", default=[100, 1000], help="各规模的份数，从小到大（默认 100 1000）")
    result.add_argument("--seed", type=int, default=1, help="随机种子（默认 1）")
    result.add_argument("--questions", type=int, default=240, help="每个规模的题数（默认 240）")
    result.add_argument("--jobs", type=int, default=2, help="导入的进程数（默认 2）")
    result.add_argument("--work", type=Path, metavar="DIR", help="材料和索引放在这里并保留（默认用后删除）")
    result.add_argument("--json", type=Path, metavar="FILE", help="把结果写成 JSON")
    result.add_argument("--step", nargs=2, metavar=("STEP", "DIR"), help=argparse.SUPPRESS)
    return result


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0; 2 when something could not be measured."""
    options = parser().parse_args(arguments)
    if options.step:
        step, folder = options.step[0], Path(options.step[1])
        print(json.dumps(build(options.papers[0], options.seed, options.questions, folder, options.jobs) if step == "build" else ask(folder)))
        return 0
    if options.papers != sorted(set(options.papers)) or options.papers[0] < 1:
        print("错误：份数应为从小到大的正整数。", file=sys.stderr)
        return 2
    about = machine()
    with tempfile.TemporaryDirectory() as temporary:
        try:
            measured = figures(options.papers, options, options.work or Path(temporary))
        except subprocess.CalledProcessError as error:
            print(f"错误：{' '.join(map(str, error.cmd[1:5]))} 没有做完（退出码 {error.returncode}）。", file=sys.stderr)
            return 2
    print(table(about, measured))
    if options.json:
        written = {"machine": about, "figures": [asdict(f) | {"ratio": f.ratio} for f in measured]}
        options.json.write_text(json.dumps(written, ensure_ascii=False, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
