"""The command line: `genesys-sandbox serve` and `genesys-sandbox run`."""

from __future__ import annotations

import os
import signal
import sys
from collections import Counter
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.live import Live
from rich.text import Text

from genesys_cloud_sandbox.cli_options import sandbox_options
from genesys_cloud_sandbox.options import utc_now
from genesys_cloud_sandbox.postgres import PostgresError, postgres
from genesys_cloud_sandbox.process import run_to_end
from genesys_cloud_sandbox.server import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from genesys_cloud_sandbox.api.requests_log import Served
    from genesys_cloud_sandbox.options import SandboxOptions

_HOME = Path(".sandbox")
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@click.group(context_settings={"max_content_width": 100})
def main() -> None:
    """A Genesys Cloud that fits on a laptop, on loopback."""


@main.command()
@sandbox_options
def serve(options: SandboxOptions) -> None:
    """Serve until Ctrl-C; say where, and what is asked."""
    console = Console(highlight=False)
    status = _Status(options)
    # Threads inherit it: the signals wait until they are asked for below.
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    try:
        with Sandbox(options, listener=status.add) as sandbox:
            for name, value in _tap_environment(sandbox).items():
                click.echo(f"export {name}={value}")
            shown = _live(status, console) if console.is_terminal else _logged(status)
            with shown:
                number = signal.sigwait(_ENDING)
    except OSError as error:
        message = f"the sandbox cannot have its ports: {error.strerror}"
        raise click.ClickException(message) from None
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
    click.echo(f"Stopped after {status.total} requests.")
    sys.exit(128 + number)


@main.command(context_settings={"allow_interspersed_args": False})
@sandbox_options
@click.option(
    "--days",
    type=click.IntRange(min=0),
    default=7,
    show_default=True,
    help="How many days ago TAP_GENESYS_START_DATE is, unless it is set.",
)
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def run(options: SandboxOptions, days: int, command: tuple[str, ...]) -> None:
    """Run COMMAND with a sandbox and a private PostgreSQL; exit with its exit code."""
    for number in _ENDING:
        signal.signal(number, _leave)
    environ = dict(os.environ)
    midnight = utc_now().replace(hour=0, minute=0, second=0, microsecond=0)
    start = midnight - timedelta(days=days)
    environ.setdefault("TAP_GENESYS_START_DATE", f"{start:%Y-%m-%dT%H:%M:%SZ}")
    try:
        with Sandbox(options) as sandbox:
            environ |= _tap_environment(sandbox)
            _report(f"Genesys Cloud: sandbox on {sandbox.api_url}")
            with postgres(_HOME, environ, report=_report) as variables:
                code = run_to_end(command, environ | variables)
            _report(f"{len(sandbox.requests)} requests were served.")
    except PostgresError as error:
        raise click.ClickException(str(error)) from None
    sys.exit(code)


class _Status:
    """What is shown while it runs."""

    def __init__(self, options: SandboxOptions) -> None:
        self.options = options
        self.total = 0
        self.statuses: Counter[str] = Counter()
        self.last: Served | None = None
        self.log = False

    def add(self, served: Served) -> None:
        """Count a request; say it in a log."""
        self.total += 1
        self.statuses[str(served.status or "dropped")] += 1
        self.last = served
        if self.log:
            click.echo(f"{utc_now():%Y-%m-%dT%H:%M:%SZ} {_line(served)}")

    def __str__(self) -> str:
        """One line."""
        counts = ", ".join(f"{n} x {status}" for status, n in self.statuses.items())
        last = f" | last: {_line(self.last)}" if self.last else ""
        return f"{self.total} requests ({counts or 'none yet'}){last}"


def _line(served: Served) -> str:
    parts = [served.method, served.path, str(served.status or "dropped")]
    if served.interval:
        parts.append(served.interval)
    if served.page_number:
        parts.append(f"page {served.page_number}")
    if served.fault:
        parts.append(f"fault {served.fault}")
    return " ".join([*parts, f"{served.seconds * 1_000:.0f} ms"])


@contextmanager
def _live(status: _Status, console: Console) -> Iterator[None]:
    with Live(get_renderable=lambda: Text(str(status)), console=console):
        yield


@contextmanager
def _logged(status: _Status) -> Iterator[None]:
    status.log = True
    click.echo("Serving; Ctrl-C ends it.")
    yield
    status.log = False


def _tap_environment(sandbox: Sandbox) -> dict[str, str]:
    return {
        "TAP_GENESYS_API_URL": sandbox.api_url,
        "TAP_GENESYS_LOGIN_URL": sandbox.login_url,
        "TAP_GENESYS_CLIENT_ID": sandbox.options.client_id,
        "TAP_GENESYS_CLIENT_SECRET": sandbox.options.client_secret,
    }


def _report(line: str) -> None:
    """Tell what is happening; standard output belongs to the command."""
    click.echo(line, err=True)


def _leave(number: int, _frame: FrameType | None) -> None:
    """End as a signal asks, but by the way out that stops what was started."""
    sys.exit(128 + number)
