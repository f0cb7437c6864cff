"""The duration of commands that read no data."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.commands import TAP
from benchmarks.measuring import Command, compared, in_turn, run

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Each command, and its maximum duration in seconds.
GOALS = {"--help": 1, "--version": 1, "--about": 1, "--discover": 2}

#: The lower bound of every command of a tap.
_SDK = (sys.executable, "-c", "import singer_sdk")


def measure(scale: float, runs: int) -> dict[str, Any]:  # noqa: ARG001 (has no size)
    """Return seconds of commands, and their ratio to an import of the SDK."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # The first run after an installation compiles bytecode.
        _seconds(folder, (*TAP, "--discover"))
        return {
            "rows": {
                option: compared(
                    in_turn(
                        lambda option=option: _seconds(folder, (*TAP, option)),  # type: ignore[misc]
                        lambda: _seconds(folder, _SDK),
                        runs,
                    )
                )
                for option in GOALS
            }
        }


def _seconds(folder: Path, arguments: Sequence[str]) -> float:
    """Return the duration of a command in seconds."""
    return run(Command(" ".join(arguments), arguments, folder / "output")).seconds
