"""Runs a command to its end, with everything that it starts."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import FrameType

    Handler = Callable[[int, FrameType | None], object]

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
NOT_FOUND = 127
NOT_EXECUTABLE = 126
# Within this time a second signal means the same: timeout(1) and supervisors signal a
# process, and then its group.
SAME_REQUEST_SECONDS = 0.5
# What processes that outlive the command get to end by themselves.
GRACE_SECONDS = 5.0
POLL_SECONDS = 0.05


def run_to_end(command: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run the command in this environment and return its exit code as a shell would.

    That is 128 + N when signal N ended it, 127 when there is no such command, 126 when
    it cannot be executed. Ctrl-C, SIGTERM and SIGHUP are passed on to the command and
    all its processes; asked once more, they are killed. When the command has ended, so
    have the processes that it started, except one that made a session of its own (a
    daemon). On a terminal the command has the foreground: Ctrl-C goes to it directly,
    and Ctrl-Z stops it and us together.

    Only for the main thread.
    """
    relay = _Relay()
    with _terminal() as terminal, _handled_by(relay):
        try:
            group = _start(command, environ)
        except OSError as error:
            click.echo(f"{command[0]}: {error.strerror}", err=True)
            return NOT_FOUND if isinstance(error, FileNotFoundError) else NOT_EXECUTABLE
        try:
            relay.connect(group)
            return _wait(group, terminal)
        finally:
            _end(group)


@contextmanager
def signals_held() -> Iterator[None]:
    """Let nothing that asks us to end interrupt the block; it is heard afterwards."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    asked: list[int] = []
    try:
        with _handled_by(lambda number, _frame: asked.append(number)):
            yield
    finally:
        for number in asked[:1]:
            os.kill(os.getpid(), number)


class _Relay:
    """Passes what asks us to end on to a process group, as soon as there is one."""

    def __init__(self) -> None:
        self.group: int | None = None
        self.asked: tuple[int, float] | None = None

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        if self.asked is None:
            self.asked = number, now
            self.pass_on(number)
        elif now - self.asked[1] >= SAME_REQUEST_SECONDS:
            self.pass_on(signal.SIGKILL)

    def pass_on(self, number: int) -> None:
        if self.group is not None:
            _signal(self.group, number)
            _signal(self.group, signal.SIGCONT)  # one that is stopped hears nothing

    def connect(self, group: int) -> None:
        self.group = group
        if self.asked:
            self.pass_on(self.asked[0])


@contextmanager
def _handled_by(handler: Handler) -> Iterator[None]:
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


def _start(command: Sequence[str], environ: Mapping[str, str]) -> int:
    """Start the command in a process group of its own, whose number is returned."""
    return os.posix_spawn(
        _program(command[0], environ.get("PATH", os.defpath)),
        list(command),
        environ,
        setpgroup=0,
        setsigdef=(signal.SIGPIPE, signal.SIGXFSZ),  # Python ignores these two
    )


def _program(name: str, path: str) -> str:
    if "/" in name:
        return name
    # The second finds what is not executable, so that the system says just that.
    found = shutil.which(name, path=path) or shutil.which(name, os.F_OK, path)
    if not found:
        raise FileNotFoundError(errno.ENOENT, "command not found", name)
    return found


def _wait(group: int, terminal: int | None) -> int:
    """Wait for the command, lending it the terminal, and return its exit code."""
    interactive = os.isatty(0) and os.isatty(1)
    stopped = False
    while True:
        with _lent(terminal if interactive else None, group):
            if stopped:
                _signal(group, signal.SIGCONT)
            # Without a terminal, whoever stops the command also continues it.
            _, status = os.waitpid(group, 0 if terminal is None else os.WUNTRACED)
        stopped = os.WIFSTOPPED(status)
        if not stopped:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code
        interactive = True
        asks_for_terminal = os.WSTOPSIG(status) in {signal.SIGTTIN, signal.SIGTTOU}
        if not (asks_for_terminal and _has_foreground(terminal)):
            # Ctrl-Z: stop as well, with our own group, to give the shell its turn.
            os.kill(0, signal.SIGTSTP)
            time.sleep(POLL_SECONDS)  # where no shell is, nothing stops: do not spin


@contextmanager
def _terminal() -> Iterator[int | None]:
    """Open the terminal that controls us, if there is one."""
    try:
        terminal = os.open("/dev/tty", os.O_RDWR)
    except OSError:
        yield None
        return
    try:
        yield terminal
    finally:
        os.close(terminal)


def _has_foreground(terminal: int | None) -> bool:
    try:
        return terminal is not None and os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:  # it hung up
        return False


@contextmanager
def _lent(terminal: int | None, group: int) -> Iterator[None]:
    """Give the group the foreground of our terminal, if we have it, for the block."""
    if terminal is None or not _has_foreground(terminal):
        yield
        return
    with suppress(OSError):
        os.tcsetpgrp(terminal, group)
    try:
        yield
    finally:
        # In the background, where we are now, taking it would stop us.
        held = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
        with suppress(OSError):
            os.tcsetpgrp(terminal, os.getpgrp())
        signal.pthread_sigmask(signal.SIG_SETMASK, held)


def _end(group: int) -> None:
    """End what is left of the group: gently, then not."""
    for number, patience in ((signal.SIGTERM, GRACE_SECONDS), (signal.SIGKILL, 1.0)):
        _signal(group, number)
        _signal(group, signal.SIGCONT)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if not _lives(group):
                return
            time.sleep(POLL_SECONDS)


def _lives(group: int) -> bool:
    """Tell whether the group has a process, beside those that only await burial.

    Their parent is gone, and the first process of a container may never bury them.
    """
    if not _signal(group, 0):
        return False
    if not Path("/proc/self/stat").exists():
        return True
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it ended
            state, _, its_group, *_ = (
                stat.read_text("latin-1").rpartition(")")[2].split()
            )
            if int(its_group) == group and state not in "XZ":
                return True
    return False


def _signal(group: int, number: int) -> bool:
    """Signal the group; tell whether there was anything to signal."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):  # macOS says the latter of zombies
        return False
    return True
