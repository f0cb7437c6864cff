"""Dagster's UI shows the partitions, in a browser."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from tests.orchestrate.engine import BIN, MODULE, PROJECT, Engine, settings_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
#: As root and in containers; and nothing is asked of the browser's maker.
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--virtual-time-budget=25000",
]

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(
        not (CHROMIUM and (BIN / "genesys-backfill").exists()),
        reason="needs Chromium, and what `make backfill-demo` installs",
    ),
]


@pytest.fixture
def ui(tmp_path: Path) -> Iterator[str]:
    """Serve the UI of an organisation with four partitions, none of them read."""
    settings = settings_of(("2026-01-21", "2026-01-25"), {"agents": ["user_presence"]})
    engine = Engine(tmp_path / "home", settings, {})
    engine.write()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [BIN / "dagster-webserver", "-m", MODULE, "-h", "127.0.0.1", "-p", str(port)],
        cwd=PROJECT,
        env=engine.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            with socket.socket() as client:
                if client.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.5)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("assets/demo/agents?view=partitions", ["Missing (4)", "2026-01-24"]),
        ("deployment/concurrency", ["genesys_demo_first"]),
        ("runs/backfills", ["Runs"]),
    ],
)
def test_a_page_of_the_ui(
    ui: str, tmp_path: Path, page: str, expected: list[str]
) -> None:
    """It is rendered, without a dialog before it."""
    command = [str(CHROMIUM), *FLAGS, f"--user-data-dir={tmp_path}/browser"]
    shown = subprocess.run(
        [*command, "--dump-dom", f"{ui}/{page}"],
        capture_output=True,
        text=True,
        env=os.environ,
        check=True,
    ).stdout
    assert all(text in shown for text in expected)
    assert "Join the Dagster community" not in shown
