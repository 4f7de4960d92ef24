"""A PostgreSQL of the tests' own on loopback, from Debian's package."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BINARIES = (
    next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None) or Path(shutil.which("initdb") or "/nowhere/initdb").parent
)
MISSING = "needs PostgreSQL (Debian: apt-get install postgresql)" if not (BINARIES / "initdb").exists() else ""


@contextmanager
def running() -> Iterator[str]:
    """The address of a fresh database, which goes when the block ends."""
    # PostgreSQL does not run as root; Debian's package brings a user for it
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    folder = Path(tempfile.mkdtemp(prefix="budget-qa-pg-", dir="/tmp"))
    if user:
        shutil.chown(folder, "postgres")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    def call(*command: str) -> None:
        subprocess.run([*user, *command], check=True, capture_output=True, cwd=folder, timeout=120)

    data = str(folder / "data")
    call(str(BINARIES / "initdb"), "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
    call(str(BINARIES / "pg_ctl"), "-D", data, "-o", options, "-l", str(folder / "log"), "-w", "start")
    try:
        yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
    finally:
        call(str(BINARIES / "pg_ctl"), "-D", data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder, ignore_errors=True)
