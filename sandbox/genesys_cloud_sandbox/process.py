"""Runs a command to its end, with everything that it starts."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import threading
import time
from contextlib import contextmanager, suppress
from shutil import which
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import FrameType

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
NOT_FOUND = 127
NOT_EXECUTABLE = 126
# Within this time a second signal means the same: timeout(1) and supervisors signal a
# process, and then its group.
SAME_REQUEST_SECONDS = 0.5
# Within this time, but not so soon, it is asked once more.
AGAIN_SECONDS = 5.0
# What processes that outlive the command get to end by themselves.
GRACE_SECONDS = 5.0
KILLED_SECONDS = 1.0
POLL_SECONDS = 0.05


def run_to_end(command: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run the command in this environment and return its exit code as a shell would.

    That is 128 + N when signal N ended it, 127 when there is no such command, 126 when
    it cannot be executed. The command has a session of its own. Ctrl-C, SIGTERM,
    SIGHUP and SIGQUIT are passed on to all its processes; asked once more soon after,
    they are killed. When the command has ended, so have the processes that it started,
    except one that made a session of its own (a daemon). Only for the main thread.
    """
    asked: list[int] = []
    last = -math.inf
    process: subprocess.Popen[bytes] | None = None

    def pass_on(number: int, _frame: FrameType | None) -> None:
        nonlocal last
        since = time.monotonic() - last
        if since < SAME_REQUEST_SECONDS:
            return
        last = time.monotonic()
        asked.append(number if since > AGAIN_SECONDS else signal.SIGKILL)
        if process:
            _signal(process.pid, asked[-1])

    path = environ.get("PATH", os.defpath)
    # The second finds what is not executable, so that the system says just that.
    program = which(command[0], path=path) or which(command[0], os.F_OK, path)
    if not program:
        click.echo(f"{command[0]}: command not found", err=True)
        return NOT_FOUND
    with handled_by(pass_on):
        try:
            process = subprocess.Popen(  # noqa: S603 (subprocess-without-shell-equals-true: the user's own command)
                command, executable=program, env=environ, start_new_session=True
            )
        except OSError as error:
            click.echo(f"{command[0]}: {error.strerror}", err=True)
            return NOT_EXECUTABLE
        try:
            for number in asked:  # before there was anybody to hear it
                _signal(process.pid, number)
            code = process.wait()
        finally:
            _end(process.pid)
    return code if code >= 0 else 128 - code


@contextmanager
def handled_by(handler: Callable[[int, FrameType | None], object]) -> Iterator[None]:
    """Handle the signals that ask us to end, except those that we were told to ignore.

    (nohup ignores SIGHUP; a shell ignores SIGINT for what a script runs with `&`.)
    """
    before = {
        number: signal.signal(number, handler)
        for number in ENDING
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous or signal.SIG_DFL)


@contextmanager
def signals_held() -> Iterator[None]:
    """Let nothing that asks us to end interrupt the block; it is heard afterwards."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    asked: list[int] = []
    try:
        with handled_by(lambda number, _frame: asked.append(number)):
            yield
    finally:
        for number in asked[:1]:
            os.kill(os.getpid(), number)


def _end(group: int) -> None:
    """End what is left of a process group: gently, then not."""
    for number, patience in (
        (signal.SIGTERM, GRACE_SECONDS),
        (signal.SIGKILL, KILLED_SECONDS),
    ):
        _signal(group, number)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if not _signal(group, 0):
                return
            with suppress(ChildProcessError):  # ours as the first of a container
                os.waitpid(-group, os.WNOHANG)
            time.sleep(POLL_SECONDS)


def _signal(group: int, number: int) -> bool:
    """Signal a process group, also what is stopped of it; tell whether there is one."""
    try:
        os.killpg(group, number)
        if number:
            os.killpg(group, signal.SIGCONT)
    except (ProcessLookupError, PermissionError):  # macOS says the latter of zombies
        return False
    return True
