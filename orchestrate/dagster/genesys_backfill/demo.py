"""The demo of `make backfill-demo`, with the sandbox and its PostgreSQL.

Runs Dagster with its UI on loopback, a backfill, a takeover, and an incremental sync.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import click
import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

_FOLDER = Path(__file__).parents[1]
_BIN = Path(sys.executable).parent
_MODULE = ("-m", "genesys_backfill.definitions")
_DAYS = 8
_LOOPBACK = "127.0.0.1"
_START_SECONDS = 90
_STOP_SECONDS = 20


def main() -> None:
    """Run the demo; with a terminal, serve the UI until Ctrl-C."""
    port = int(os.environ.get("DAGSTER_PORT", "3000"))
    home = Path(os.environ["DAGSTER_HOME"])
    home.mkdir(parents=True, exist_ok=True)
    (home / "dagster.yaml").write_bytes((_FOLDER / "dagster.yaml").read_bytes())
    os.environ["GENESYS_BACKFILL_SETTINGS"] = str(_settings(home))
    _run("genesys-backfill", "pools")
    with _dagster(port, home / "dagster.log"):
        click.echo(f"Dagster: http://{_LOOPBACK}:{port} (log: {home}/dagster.log)")
        _run("genesys-backfill", "backfill", "demo", "--wait")
        _run("genesys-backfill", "takeover", "demo")
        click.echo("The incremental sync goes on from there ...")
        _run(
            "dagster", "job", "execute", *_MODULE, "-j", "incremental__demo", quiet=True
        )
        _run("genesys-backfill", "status", "demo")
        if sys.stdin.isatty():
            click.echo(f"Look at http://{_LOOPBACK}:{port}; Ctrl-C ends it.")
            signal.sigwait({signal.SIGINT, signal.SIGTERM})


def _settings(home: Path) -> Path:
    """Write settings for the sandbox's last days; return the path."""
    settings = yaml.safe_load((_FOLDER / "sandbox.yml").read_text("utf-8"))
    settings["meltano"]["project"] = str(_FOLDER.parents[1])
    today = datetime.now(timezone.utc).date()
    settings["partitions"]["start"] = today - timedelta(days=_DAYS)
    path = home / "genesys.yml"
    path.write_text(yaml.safe_dump(settings), "utf-8")
    return path


def _run(command: str, *arguments: str, quiet: bool = False) -> None:
    """Run a command of this environment; exit if it fails."""
    output = subprocess.DEVNULL if quiet else None
    ran = subprocess.run(  # noqa: S603 (this environment's own commands)
        [_BIN / command, *arguments], cwd=_FOLDER, stderr=output, check=False
    )
    if ran.returncode:
        sys.exit(ran.returncode)


@contextmanager
def _dagster(port: int, log: Path) -> Iterator[None]:
    """Run Dagster's UI and daemon."""
    command = [str(_BIN / "dagster"), "dev", *_MODULE, "-h", _LOOPBACK, "-p", f"{port}"]
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 (this environment's own command)
            command, cwd=_FOLDER, stdout=output, stderr=output
        )
    try:
        deadline = time.monotonic() + _START_SECONDS
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"Dagster did not start; {log} says why.")
            time.sleep(0.5)
        yield
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()


def _answers(port: int) -> bool:
    with socket.socket() as connection:
        return connection.connect_ex((_LOOPBACK, port)) == 0


if __name__ == "__main__":
    main()
