"""Homes of a PostgreSQL, and what runs on them."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from genesys_cloud_sandbox.postgres.servers import (
    system_servers,
    wheel_servers,
)

if TYPE_CHECKING:
    from collections.abc import Callable


NOTHING = {"PATH": os.environ["PATH"]}

SYSTEM, WHEEL = list(system_servers(os.environ)), list(wheel_servers())

NEWEST = (SYSTEM or WHEEL)[:1]

needs_system = pytest.mark.skipif(not SYSTEM, reason="no PostgreSQL on this machine")

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="concerns root only")

HOLDER = """
import os, sys
from pathlib import Path
from genesys_cloud_sandbox.postgres import postgres
with postgres(Path(sys.argv[1]), {"PATH": os.environ["PATH"]}, report=print):
    print("ready", flush=True)
    sys.stdin.read()
"""


def clear(home: Path) -> None:
    """End what a failed test has left, wherever it is."""
    for server in servers_on(home):
        os.kill(server, signal.SIGQUIT)
    shutil.rmtree((home / "postgres").resolve(), ignore_errors=True)


def connect(variables: dict[str, str]) -> psycopg.Connection:
    """Connect as target-postgres would."""
    return psycopg.connect(
        host=variables["TARGET_POSTGRES_HOST"],
        port=variables["TARGET_POSTGRES_PORT"],
        user=variables["TARGET_POSTGRES_USER"],
        password=variables["TARGET_POSTGRES_PASSWORD"],
        dbname=variables["TARGET_POSTGRES_DATABASE"],
        autocommit=True,
    )


def value_of(variables: dict[str, str], query: str) -> object:
    """Return the only value of the query's only row."""
    with connect(variables) as connection:
        row = connection.execute(query).fetchone()
        assert row
        return row[0]


def servers_on(home: Path) -> list[int]:
    """Return the processes of a PostgreSQL on the home's data."""
    data = os.fsencode((home / "postgres").resolve() / "cluster" / "data")
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if data in arguments:
            found.append(int(folder.name))
    return found


def eventually(true: Callable[[], bool], seconds: float = 5) -> bool:
    """Wait until something is true, and tell whether it came true."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def gone(home: Path) -> bool:
    """Tell whether no server is left on the home's data."""
    return eventually(lambda: not servers_on(home))


def hold(home: Path) -> subprocess.Popen[str]:
    """Start a program that uses the home's server until its input ends."""
    program = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert program.stdout
    for line in program.stdout:
        if line == "ready\n":
            break
    return program
