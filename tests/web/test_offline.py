"""Starting the whole server asks for no other host: no version check, no telemetry, no model hub."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import socket, sys, time
asked = []
looked_up, connected = socket.getaddrinfo, socket.socket.connect
def note(host): asked.append(str(host)) if host not in (None, "127.0.0.1", "localhost", "::1") else None
socket.getaddrinfo = lambda host, *rest, **more: (note(host), looked_up(host, *rest, **more))[1]
socket.socket.connect = lambda self, address: (note(address[0]) if isinstance(address, tuple) else None, connected(self, address))[1]
from pathlib import Path
from fastapi.testclient import TestClient
from web.server import build_app
from web.settings import Settings
with TestClient(build_app(Settings(index=Path(sys.argv[1]))), base_url="http://127.0.0.1:7860", client=("127.0.0.1", 1)) as client:
    page = client.get("/")
    assert page.status_code == 200 and "web/app.js" in page.text and 'lang="zh-CN"' in page.text, page.text[:500]
    assert "https://" not in page.text.split("window.gradio_config")[0]
    time.sleep(1)
print("ASKED", asked)
"""


def test_the_server_starts_without_asking_any_other_host(tmp_path: Path) -> None:
    # telemetry switched on by the environment, as a distribution or a colleague may have left it: the code must win
    environment = {**os.environ, "GRADIO_ANALYTICS_ENABLED": "True", "HF_HUB_OFFLINE": "0"}
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path / "index")], cwd=root, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.strip() == "ASKED []", done.stdout + done.stderr
