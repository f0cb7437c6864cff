"""The command line, as a user meets it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import click
import pytest
import requests
from click.testing import CliRunner

from genesys_cloud_sandbox.cli import main
from genesys_cloud_sandbox.cli_options import sandbox_options
from genesys_cloud_sandbox.options import SandboxOptions
from tests.homes import clear

if TYPE_CHECKING:
    from pathlib import Path

SANDBOX = [sys.executable, "-m", "genesys_cloud_sandbox"]
_PROBE = """
import os, sys
names = [x for x in sorted(os.environ)
         if x.startswith(("TAP_GENESYS_", "MY_APP_", "TARGET_"))]
print(*(f"{x}={os.environ[x]}" for x in names), sep="\\n")
sys.exit(7)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_says_where_it_is_and_ends_when_told(number: signal.Signals) -> None:
    """Lines to paste into a shell, a line per request, and no traceback."""
    with subprocess.Popen(
        [*SANDBOX, "serve", "--fault", "server-error@next:1;status=502"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        lines = [process.stdout.readline() for _ in range(5)]
        names = dict(re.findall(r"export (\w+)=(\S+)", "".join(lines)))
        assert set(names) == {
            "TAP_GENESYS_API_URL",
            "TAP_GENESYS_LOGIN_URL",
            "TAP_GENESYS_CLIENT_ID",
            "TAP_GENESYS_CLIENT_SECRET",
        }
        login = f"{names['TAP_GENESYS_LOGIN_URL']}/oauth/token"
        assert requests.post(login, timeout=10).status_code == 502
        process.send_signal(number)
        rest = process.stdout.read()
        assert process.wait(10) == 128 + number
        assert "POST /oauth/token 502 fault server-error" in rest
        assert "Stopped after 1 requests." in rest
        assert process.stderr.read() == ""


@pytest.mark.parametrize(
    ("options", "prefix", "with_postgres"),
    [
        ([], "TAP_GENESYS", True),  # the extra is installed where tests run
        (["--no-postgres", "--env-prefix", "MY_APP"], "MY_APP", False),
    ],
)
def test_run_gives_the_command_all_it_needs(
    tmp_path: Path, options: list[str], prefix: str, *, with_postgres: bool
) -> None:
    """The environment under the asked names; its exit code is the command's."""
    own = ("TAP_GENESYS_", "MY_APP_", "TARGET_")
    run = subprocess.run(
        [*SANDBOX, "run", "--days", "3", *options, "--", sys.executable, "-c", _PROBE],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={x: os.environ[x] for x in os.environ if not x.startswith(own)},
    )
    assert run.returncode == 7, run.stderr
    names = dict(line.split("=", 1) for line in run.stdout.splitlines())
    api = ("API_URL", "LOGIN_URL", "CLIENT_ID", "CLIENT_SECRET", "START_DATE")
    expected = {f"{prefix}_{x}" for x in api}
    if with_postgres:
        address = ("HOST", "PORT", "USER", "PASSWORD", "DATABASE")
        expected |= {f"TARGET_POSTGRES_{x}" for x in address}
    assert set(names) == expected
    assert (tmp_path / ".sandbox").exists() is with_postgres
    clear(tmp_path / ".sandbox")
    now = datetime.now(timezone.utc)
    start = names[f"{prefix}_START_DATE"].replace("Z", "+00:00")
    started = datetime.fromisoformat(start)
    assert timedelta(days=3) <= now - started <= timedelta(days=4, minutes=5)
    assert started.hour == started.minute == 0
    assert names[f"{prefix}_API_URL"].startswith("http://127.0.0.1:")
    assert names[f"{prefix}_CLIENT_SECRET"] == "sandbox-secret"


@pytest.mark.parametrize(
    "command", [["serve"], ["run", "--no-postgres", "--", "sleep", "60"]]
)
def test_what_nohup_ignores_is_ignored(tmp_path: Path, command: list[str]) -> None:
    """A terminal that is closed ends neither command, when nohup started it."""
    said = tmp_path / "said"
    with (
        said.open("w") as output,
        subprocess.Popen(
            ["/usr/bin/env", "nohup", *SANDBOX, *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=tmp_path,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        ) as process,
    ):
        while "127.0.0.1" not in said.read_text("utf-8"):
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGHUP)
        time.sleep(0.3)
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 128 + signal.SIGTERM


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["serve", "--fault", "fire@0.1"], "unknown fault 'fire'"),
        (["serve", "--dirty-text", "2"], "0<=x<=1"),
        (["run"], "Missing argument"),
        (["run", "--nonsense", "--", "true"], "No such option"),
    ],
)
def test_a_wrong_option_is_an_error(arguments: list[str], message: str) -> None:
    """Said by name, before anything starts."""
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert message in result.output


def test_a_port_that_is_taken_is_an_error() -> None:
    """Without a traceback, and without half a sandbox left."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = CliRunner().invoke(main, ["serve", "--login-port", port])
    assert result.exit_code == 1
    assert "the sandbox cannot have its ports: Address already in use" in result.output


def test_options_reach_the_sandbox() -> None:
    """Those that are repeated, flags, and numbers; what is not given is as it was."""
    given: list[SandboxOptions] = []

    @click.command()
    @sandbox_options
    def command(options: SandboxOptions) -> None:
        given.append(options)

    arguments = "--forbid /a --forbid /b/* --jobs-forbidden --late-arrivals 0.1"
    more = "--watermark-lag 60 --job-seconds 1.5 --max-concurrent-jobs 2"
    login = "--client a:b --bad-credentials-status 401"
    result = CliRunner().invoke(command, f"{arguments} {more} {login}")
    assert result.exit_code == 0, result.output
    assert CliRunner().invoke(command, "--max-concurrent-jobs 0").exit_code == 2
    CliRunner().invoke(command, [])
    assert given == [
        SandboxOptions(
            forbidden=("/a", "/b/*"),
            jobs_forbidden=True,
            late_arrivals=0.1,
            watermark_lag=60,
            job_seconds=1.5,
            max_concurrent_jobs=2,
            clients=("a:b",),
            bad_credentials_status=401,
        ),
        SandboxOptions(),
    ]
