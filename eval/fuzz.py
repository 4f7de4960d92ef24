"""Damaged files: none may crash, hang or exhaust the program. `python -m eval.fuzz FILES --count 2000` mutates copies of the files and reads each.

A copy is cut short, has bytes changed, pieces doubled, exchanged or taken from another file; an office file's members are damaged inside their zip, so
that the damage reaches the reader of the format. Each is read through every station in a guarded worker, as an upload is. Exit 1 when a file made
the program fail (crash, time-out, memory, an error that no station foresaw), not when it was read or refused with a sentence.
"""

from __future__ import annotations

import argparse
import io
import random
import re
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ingest.loaders.guard import CRASHED, TOO_LONG, guarded
from ingest.loaders.worker import DAMAGED, TOO_MUCH
from ingest.reading import BROKEN
from ingest.records import Unreadable

Change = Callable[[bytes, random.Random, Sequence[bytes]], bytes]
FAILURES = ("crashed", "too long", "too much memory", "unforeseen")
_SENTENCES = (("crashed", CRASHED), ("too long", TOO_LONG), ("too much memory", TOO_MUCH), ("unforeseen", BROKEN), ("damaged", DAMAGED))


def _cut(data: bytes, rng: random.Random, _: Sequence[bytes]) -> bytes:
    return data[: rng.randrange(1, len(data) + 1)]


def _bytes(data: bytes, rng: random.Random, _: Sequence[bytes]) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice([1, 3, 10, 100])):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def _piece(data: bytes, rng: random.Random) -> tuple[int, int]:
    start = rng.randrange(len(data))
    return start, min(len(data), start + rng.choice([1, 16, 300, 5000]))


def _doubled(data: bytes, rng: random.Random, _: Sequence[bytes]) -> bytes:
    a, b = _piece(data, rng)
    return data[:b] + data[a:b] * rng.choice([1, 2, 50]) + data[b:]


def _gone(data: bytes, rng: random.Random, _: Sequence[bytes]) -> bytes:
    a, b = _piece(data, rng)
    return data[:a] + data[b:] or b" "


def _spliced(data: bytes, rng: random.Random, others: Sequence[bytes]) -> bytes:
    other = rng.choice(others)
    (a, b), (c, d) = _piece(data, rng), _piece(other, rng)
    return data[:a] + other[c:d] + data[b:]


def _numbers(data: bytes, rng: random.Random, _: Sequence[bytes]) -> bytes:
    """Numbers of the file's structure become huge, negative or nothing."""
    found = list(re.finditer(rb"\d+", data))
    for match in sorted(rng.sample(found, min(len(found), rng.choice([1, 5, 30]))), key=lambda m: -m.start()):
        data = data[: match.start()] + rng.choice([b"0", b"-1", b"99999999", b"4294967295", b"", b"1e9"]) + data[match.end() :]
    return data


CHANGES: tuple[Change, ...] = (_cut, _bytes, _doubled, _gone, _spliced, _numbers)


def mutated(data: bytes, rng: random.Random, others: Sequence[bytes]) -> bytes:
    """A damaged copy; an office file mostly inside one of its members."""
    change = rng.choice(CHANGES)
    if data.startswith(b"PK") and rng.random() < 0.75:
        packed = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as copy:
            names = archive.namelist()
            chosen = rng.choice([n for n in names if n.endswith(".xml")] or names)
            for name in names:
                member = archive.read(name)
                damaged = change(member, rng, others) if name == chosen and member else member
                copy.writestr(zipfile.ZipInfo(name), damaged, zipfile.ZIP_DEFLATED)  # without the time of day: the same copy for a seed
        return packed.getvalue()
    return change(data, rng, others) or b" "


def outcome(path: Path, seconds: float = 60.0, megabytes: int = 2048) -> tuple[str, str]:
    """What came of a file (read, refused, damaged, or one of FAILURES) and the sentence."""
    try:
        guarded("ingest.reading", (str(path.resolve()), path.name), seconds, megabytes)
    except Unreadable as error:
        said = str(error)
        return next((name for name, sentence in _SENTENCES if said.startswith(sentence.partition("{")[0])), "refused"), said
    return "read", ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Mutate and read; print what came of it."""
    parser = argparse.ArgumentParser(prog="python -m eval.fuzz", description=__doc__.partition(".")[0])
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=60.0, help="limit a file")
    parser.add_argument("--keep", type=Path, help="a folder for the files that made the program fail")
    options = parser.parse_args(arguments)
    sources = [f for path in options.files for f in (sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path])]
    contents = [source.read_bytes() for source in sources]
    results: Counter[tuple[str, str]] = Counter()
    said: Counter[str] = Counter()
    failed = 0
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(options.jobs) as pool:

        def one(number: int) -> tuple[Path, str, str, str]:
            rng = random.Random(f"{options.seed} {number}")
            at = number % len(sources)
            path = Path(folder) / f"{number}{sources[at].suffix}"
            path.write_bytes(mutated(contents[at], rng, contents))
            return path, sources[at].suffix, *outcome(path, options.seconds)

        for path, suffix, came, sentence in pool.map(one, range(options.count)):
            results[suffix, came] += 1
            said[sentence] += came != "read"
            if came in FAILURES:
                failed += 1
                print(f"{came}: {path.name} – {sentence}", flush=True)
                if options.keep:
                    options.keep.mkdir(parents=True, exist_ok=True)
                    (options.keep / path.name).write_bytes(path.read_bytes())
            path.unlink()
    for suffix in sorted({s for s, _ in results}):
        print(suffix, "，".join(f"{came} {n}" for (s, came), n in sorted(results.items()) if s == suffix))
    for sentence, count in said.most_common(12):
        if count:
            print(f"{count:5} {sentence}")
    print(f"{options.count} files, {failed} made the program fail")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
