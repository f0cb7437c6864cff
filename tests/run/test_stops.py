"""Stops by a signal, at any moment: the output is whole, and nothing is left behind."""

from __future__ import annotations

import fcntl
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from genesys_cloud_sandbox.server import Sandbox, SandboxOptions

from tap_genesys_analytics import interrupts
from tap_genesys_analytics.intervals.timestamps import format_timestamp
from tests import singer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: Bytes that a pipe takes before whoever writes has to wait.
PIPE = 4096
NOON = datetime(2026, 3, 4, 12, tzinfo=timezone.utc)
SPAN = {
    "start_date": format_timestamp(NOON - timedelta(days=4)),
    "end_date": format_timestamp(NOON - timedelta(days=1)),
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """Serve days whose output is far longer than a pipe."""
    options = SandboxOptions(
        conversations_per_day=60,
        requests_per_minute=0,
        job_seconds=0.05,
        clock=lambda: NOON,
    )
    with Sandbox(options) as sandbox:
        yield sandbox


def start(
    sandbox: Sandbox, folder: Path, chance: random.Random
) -> subprocess.Popen[bytes]:
    """Start a tap whose output goes into a short pipe."""
    config = singer.settings(
        sandbox,
        conversation_source=chance.choice(["jobs", "query"]),
        page_size=20,
        job_page_size=20,
        max_connections=chance.choice([1, 8]),
        **SPAN,
    )
    inputs = {"config": config, "catalog": singer.catalog_of("conversation*")}
    arguments = []
    for name, content in inputs.items():
        path = folder / f"{name}.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        arguments += [f"--{name}", str(path)]
    command = [sys.executable, "-m", "tests.hasty_tap", *arguments]
    # Buffered and not: a signal ends a write to the pipe itself half-way.
    environ = {**os.environ, "PYTHONUNBUFFERED": chance.choice(["", "1"])}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=singer.ROOT,
            env=environ,
            bufsize=0,
        )
    assert process.stdout is not None
    fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, PIPE)
    return process


@pytest.mark.parametrize("seed", range(10))
def test_a_stop_at_any_moment_ends_with_a_whole_message(
    sandbox: Sandbox, tmp_path: Path, seed: int
) -> None:
    """However slowly its output is read; the state comes last, and no job is left."""
    chance = random.Random(seed)
    number = chance.choice([signal.SIGTERM, signal.SIGINT])
    stop_after = chance.randrange(1, 300_000)
    output, stopped = bytearray(), 0.0
    with start(sandbox, tmp_path, chance) as process:
        assert process.stdout is not None
        while part := process.stdout.read(chance.randrange(1, PIPE)):
            output += part
            if len(output) >= stop_after and not stopped:
                time.sleep(chance.uniform(0, 0.05))
                process.send_signal(number)
                stopped = time.monotonic()
            if stopped or chance.random() < 0.1:
                time.sleep(0.005)
    assert process.returncode == 128 + number, (tmp_path / "log").read_text("utf-8")
    assert time.monotonic() - stopped < 20
    assert output.endswith(b"\n")
    messages = [json.loads(line) for line in output.splitlines()]
    assert messages[-1]["type"] == "STATE"
    assert not sandbox.jobs.open


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_after_the_reader_has_gone_ends_at_once(
    sandbox: Sandbox, tmp_path: Path, number: signal.Signals
) -> None:
    """There is nobody to write the last message for."""
    with start(sandbox, tmp_path, random.Random(1)) as process:
        assert process.stdout is not None
        process.stdout.read(1)
        process.send_signal(number)
        process.stdout.close()
        assert process.wait(10) == 128 + number
    assert not sandbox.jobs.open
    assert "Exception ignored" not in (tmp_path / "log").read_text("utf-8")


def test_an_interrupt_waits_until_nothing_is_held_any_more() -> None:
    """Blocks nest, and what the outermost one does is done."""
    happened: list[str] = []
    with interrupts.held():
        with interrupts.held():
            interrupts.interrupt(lambda: happened.append("stopped"))
        happened.append("written")
    assert happened == ["written", "stopped"]
    interrupts.interrupt(lambda: happened.append("at once"))
    assert happened[-1] == "at once"


def test_other_threads_hold_nothing() -> None:
    """Signals do not interrupt them."""
    happened: list[Any] = []
    holding, done = threading.Event(), threading.Event()

    def hold() -> None:
        with interrupts.held():
            holding.set()
            done.wait(5)

    thread = threading.Thread(target=hold)
    thread.start()
    holding.wait(5)
    interrupts.interrupt(lambda: happened.append("at once"))
    assert happened == ["at once"]
    done.set()
    thread.join()
