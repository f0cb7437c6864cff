"""Dagster's UI in a browser: a backfill is launched there, and seen there."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import pytest
from genesys_cloud_sandbox.server import Sandbox, SandboxOptions

from tests.orchestrate.browser import browser
from tests.orchestrate.engine import (
    BIN,
    MODULE,
    PROJECT,
    Engine,
    environ_of,
    needs_dagster,
    settings_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.orchestrate.browser import Page

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(600),
    needs_dagster,
    pytest.mark.skipif(not CHROMIUM, reason="needs Chromium"),
]


class Ui(NamedTuple):
    """A page of a running UI, and the engine behind it."""

    page: Page
    url: str
    engine: Engine


@contextmanager
def _served(engine: Engine) -> Iterator[str]:
    """Serve the UI of an engine."""
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


@pytest.fixture(scope="module")
def ui(
    installed: None,  # noqa: ARG001 (it only has to be there)
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Ui]:
    """Serve the UI of an organisation with two partitions, which go to files."""
    home = tmp_path_factory.mktemp("ui")
    settings = settings_of(("2026-01-21", "2026-01-23"), {"agents": ["user_presence"]})
    settings["meltano"]["loader"] = "target-jsonl"
    with Sandbox(SandboxOptions(conversations_per_day=5)) as sandbox:
        environ = {
            **environ_of(sandbox, home),
            "TARGET_JSONL_DESTINATION_PATH": f"{home}/files",
        }
        with (
            Engine(home / "home", settings, environ) as engine,
            _served(engine) as url,
            browser(str(CHROMIUM), home / "browser") as page,
        ):
            yield Ui(page, url, engine)


def test_what_was_not_read_is_shown(ui: Ui) -> None:
    """Partitions, and pools with their limits; without a dialog before them."""
    ui.page.go(f"{ui.url}/assets/demo/agents?view=partitions")
    shown = ui.page.wait_for("Missing (2)", "2026-01-22")
    assert "Join the Dagster community" not in shown
    ui.page.go(f"{ui.url}/deployment/concurrency")
    ui.page.wait_for("genesys_demo_first")


def test_a_backfill_launched_by_a_click_is_in_the_list(ui: Ui) -> None:
    """With its asset, its number of partitions and its status, when it has ended."""
    ui.page.go(f"{ui.url}/assets/demo/agents?view=partitions")
    ui.page.wait_for("Missing (2)")
    ui.page.click("^Materialize")
    ui.page.click("^Missing$")
    ui.page.wait_for("2 partitions")
    ui.page.click("^Launch .*backfill$")
    deadline = time.monotonic() + 240
    while [run["status"] for run in ui.engine.runs()] != ["SUCCESS", "SUCCESS"]:
        assert time.monotonic() < deadline, ui.engine.said()
        time.sleep(2)
    runs = ui.engine.runs()
    (backfill,) = {run["backfill"] for run in runs}
    assert [run["assets"] for run in runs] == [[["demo", "agents"]]] * 2
    ui.page.go(f"{ui.url}/runs?view=backfills")
    ui.page.wait_for(backfill, "2 partitions", "Success", seconds=90)
    row = ui.page.part(backfill, "2 partitions")
    assert "agents" in row
    assert "Success" in row
