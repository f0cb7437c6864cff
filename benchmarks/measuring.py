"""Runs and measures commands, and summarises the results."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

ROOT = Path(__file__).parents[1]

#: Bytes of a unit of ``ru_maxrss`` on Linux.
_KIBIBYTE = 1024

_LAST_LINES = 30


class CommandFailedError(RuntimeError):
    """A command failed; the message has its last output."""


@dataclass(frozen=True)
class Command:
    """A command to run; its output and its log go to two files."""

    name: str
    arguments: Sequence[str]
    output: Path
    environ: Mapping[str, str] = field(default_factory=dict)
    input: Path = Path(os.devnull)

    @property
    def log(self) -> Path:
        """The file with its standard error."""
        return self.output.with_suffix(".log")


@dataclass(frozen=True)
class Usage:
    """The costs of a run: wall seconds, CPU seconds, peak bytes."""

    seconds: float
    cpu_seconds: float
    peak_memory: int
    started_at: float


def run(command: Command, *, sink: bool = False) -> Usage:
    """Run a command and its child processes to their end; ``sink``: drop its output.

    Raises:
        CommandFailedError: Its exit code is not 0.
    """
    command.output.parent.mkdir(parents=True, exist_ok=True)
    output = Path(os.devnull) if sink else command.output
    environ = {**os.environ, "PYTHONPATH": str(ROOT), **command.environ}
    with (
        output.open("wb") as out,
        command.log.open("wb") as log,
        command.input.open("rb") as stdin,
    ):
        started_at, began = time.time(), time.perf_counter()
        process = subprocess.Popen(
            command.arguments,
            stdin=stdin,
            stdout=out,
            stderr=log,
            env=environ,
            cwd=command.output.parent,
        )
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        lines = command.log.read_text("utf-8", "replace").splitlines()[-_LAST_LINES:]
        message = "\n".join([f"{command.name}: exit code {process.returncode}", *lines])
        raise CommandFailedError(message)
    peak = used.ru_maxrss * _KIBIBYTE
    return Usage(seconds, used.ru_utime + used.ru_stime, peak, started_at)


def spread(values: Sequence[float]) -> dict[str, float]:
    """Return the median, the minimum and the maximum of values."""
    return {
        "median": statistics.median(values),
        "min": min(values),
        "max": max(values),
    }


def in_turn(
    one: Callable[[], float], other: Callable[[], float], runs: int
) -> list[tuple[float, float]]:
    """Return pairs of results of two measurements, in alternating order."""
    pairs = []
    for number in range(runs):
        if number % 2:
            second = other()
            pairs.append((one(), second))
        else:
            first = one()
            pairs.append((first, other()))
    return pairs


def compared(pairs: Sequence[tuple[float, float]]) -> dict[str, dict[str, float]]:
    """Return the ratio of pairs, and the summary of each side."""
    ones, others = zip(*pairs, strict=True)
    return {
        "ratio": spread([one / other for one, other in pairs]),
        "one": spread(ones),
        "other": spread(others),
    }


def checked(name: str, found: int, expected: int) -> int:
    """Return the number of conversations found, unless it is less than expected.

    Raises:
        CommandFailedError: They are.
    """
    if found < expected:
        message = f"{name}: {found:,} of {expected:,} conversations were read"
        raise CommandFailedError(message)
    return found
