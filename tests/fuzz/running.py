"""The tap in this process: its output and log kept, its clock and waits not real."""

from __future__ import annotations

import contextlib
import io
import logging
import signal
import sys
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import backoff._sync
from typing_extensions import override

import tap_genesys_analytics
from tap_genesys_analytics.api import polling
from tap_genesys_analytics.api import rate_limit as rate
from tap_genesys_analytics.errors import GenesysError
from tap_genesys_analytics.tap import TapGenesys
from tests.fuzz.groups import NOW

if TYPE_CHECKING:
    from collections.abc import Iterator

_TAP = Path(tap_genesys_analytics.__file__).parent

#: Seconds after which a run that sends no requests is broken off: the last resort.
_PATIENCE = 60.0


class HangError(BaseException):
    """A run neither ends nor sends requests."""


@dataclass(frozen=True)
class Outcome:
    """What a run left behind."""

    output: bytes
    #: Level and text of each line of the log.
    log: tuple[tuple[int, str], ...] = ()
    #: The error that the run ended with, as text; empty: it ended well.
    error: str = ""
    #: Whether that error was one of the tap's own, written for the user.
    told: bool = True
    #: Where in the tap an error that was not told came from.
    where: str = ""
    #: Whether the run had to be ended from outside.
    endless: bool = False


class _Log(logging.Handler):
    """Keeps what is logged."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[tuple[int, str]] = []
        #: An error that the tap calls a bug of one stream.
        self.bug: BaseException | None = None

    @override
    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.INFO:
            self.lines.append((record.levelno, record.getMessage()))
        error = record.exc_info[1] if record.exc_info else None
        if error is not None and not isinstance(error, GenesysError):
            self.bug = error


class _Clock:
    """Goes on only when somebody sleeps."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


@contextlib.contextmanager
def unhurried_by_time() -> Iterator[None]:
    """Let it always be the same time for the tap, and let no wait take any."""
    present, pause, make = TapGenesys.now, rate.RateBudget.pause, polling.Polling
    sync: Any = backoff._sync
    real = sync.time

    def timeless(
        self: polling.Polling, timeout: float = polling.JOB_TIMEOUT, **_: Any
    ) -> None:
        clock = _Clock()
        original(self, timeout, clock=clock, sleep=clock.sleep)

    original = make.__init__
    TapGenesys.now = staticmethod(lambda: NOW)  # type: ignore[method-assign]
    rate.RateBudget.pause = lambda *_: None  # type: ignore[method-assign]
    make.__init__ = timeless  # type: ignore[method-assign]
    sync.time = SimpleNamespace(sleep=lambda _: None)
    try:
        yield
    finally:
        TapGenesys.now = staticmethod(present)  # type: ignore[method-assign]
        rate.RateBudget.pause = pause  # type: ignore[method-assign]
        make.__init__ = original  # type: ignore[method-assign]
        sync.time = real


@contextlib.contextmanager
def _watched() -> Iterator[None]:
    """Break off what takes too long; leave an alarm that others set as it was."""

    def bark(_number: int, _frame: FrameType | None) -> None:
        raise HangError

    began = time.monotonic()
    handler = signal.signal(signal.SIGALRM, bark)
    remaining, interval = signal.setitimer(signal.ITIMER_REAL, _PATIENCE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
        if remaining:
            left = max(0.1, remaining - (time.monotonic() - began))
            signal.setitimer(signal.ITIMER_REAL, left, interval)


@contextlib.contextmanager
def _own_signals() -> Iterator[None]:
    """Give back the signals that a tap takes when it is made."""
    before = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def run_tap(config: dict[str, Any], catalog: dict[str, Any]) -> Outcome:
    """Sync from the beginning and return what the run left behind."""
    log, content = _Log(), io.BytesIO()
    out = io.TextIOWrapper(content, "utf-8", write_through=True)
    root, stdout = logging.getLogger(), sys.stdout
    level = root.level
    root.addHandler(log)
    root.setLevel(logging.DEBUG)
    error: BaseException | None = None
    with unhurried_by_time(), _watched():
        try:
            with _own_signals():
                tap = TapGenesys(config=config, catalog=catalog, state={})
            sys.stdout = out
            try:
                tap.sync_all()
            finally:
                sys.stdout = stdout
                tap.client._session.close()
        except (Exception, SystemExit, HangError) as raised:  # noqa: BLE001 (any is a result)
            error = raised
        finally:
            root.removeHandler(log)
            root.setLevel(level)
    # What the tap survives as a bug of one stream is a bug all the same.
    error = log.bug or error
    return Outcome(
        output=content.getvalue(),
        log=tuple(log.lines),
        error=_first_line(error) if error is not None else "",
        told=error is None or isinstance(error, GenesysError),
        where="" if error is None else _where(error),
        endless=isinstance(error, HangError),
    )


def _first_line(error: BaseException) -> str:
    """Return what an error says, as one line, with its kind if it is not ours."""
    text = " / ".join(str(error).splitlines())
    return (
        text if isinstance(error, GenesysError) else f"{type(error).__name__}: {text}"
    )


def _where(error: BaseException) -> str:
    """Return the last line of the tap that an error passed through."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [each for each in frames if Path(each.filename).is_relative_to(_TAP)]
    if not ours:
        return ""
    name = Path(ours[-1].filename).relative_to(_TAP)
    return f"{name}:{ours[-1].lineno} {ours[-1].name}"
