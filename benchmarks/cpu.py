"""CPU time per conversation: the tap and its peers in pairs, without start-up."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import serving
from benchmarks.commands import NESTED, TABLES, UNLIMITED, peer, tap
from benchmarks.commands import conversations_written as written
from benchmarks.measuring import checked, compared, in_turn, run

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.commands import Selection
    from benchmarks.measuring import Command
    from benchmarks.serving import Days, Server

_PER_DAY, _DAYS = 10_000, 2
_SMALLEST_DAY = 100
_MICROSECONDS = 1e6


@dataclass(frozen=True)
class Comparison:
    """The tap in one mode, and a peer; ``goal`` is the ratio to reach."""

    selection: Selection
    source: str
    peer: str
    goal: float | None = None

    @property
    def tap(self) -> str:
        """The mode of the tap."""
        shape = "nested" if self.selection == NESTED else "all tables"
        return f"{shape}, {self.source}"


COMPARISONS = (
    Comparison(NESTED, "query", "bare", 1.5),
    Comparison(NESTED, "jobs", "bare", 1.5),
    Comparison(NESTED, "query", "plain"),
    Comparison(NESTED, "query", "sdk_tap", 1 / 4),
    Comparison(NESTED, "query", "airbyte", 1 / 4),
    Comparison(NESTED, "query", "dlt_nested", 1 / 4),
    Comparison(TABLES, "query", "dlt_tables", 1 / 5),
    Comparison(TABLES, "jobs", "dlt_tables", 1 / 5),
)


def measure(scale: float, runs: int) -> dict[str, Any]:
    """Return microseconds of CPU per conversation, and the ratios of pairs."""
    per_day = max(_SMALLEST_DAY, round(_PER_DAY * scale))
    rows = []
    with (
        tempfile.TemporaryDirectory() as name,
        serving.replay(Path(name), per_day, _DAYS) as server,
    ):
        for comparison in COMPARISONS:
            pairs = in_turn(
                partial(_of_tap, server, comparison),
                partial(_of_peer, server, comparison),
                runs,
            )
            row = {
                "tap": comparison.tap,
                "peer": comparison.peer,
                "goal": comparison.goal,
                **compared(pairs),
            }
            print(row, flush=True)
            rows.append(row)
        size = serving.bytes_per_conversation(serving.record(Path(name), per_day))
    return {
        "conversations": per_day * _DAYS,
        "bytes_per_conversation": size,
        "rows": rows,
    }


def _of_tap(server: Server, comparison: Comparison) -> float:
    def command(folder: Path, days: Days) -> Command:
        return tap(
            folder,
            server,
            days,
            comparison.selection,
            conversation_source=comparison.source,
            requests_per_minute=UNLIMITED,
        )

    return _per_conversation(server, command)


def _of_peer(server: Server, comparison: Comparison) -> float:
    # Only the bare peer reads jobs.
    source = comparison.source if comparison.peer == "bare" else "query"

    def command(folder: Path, days: Days) -> Command:
        return peer(comparison.peer, folder, server, days, source)

    return _per_conversation(server, command)


def _per_conversation(
    server: Server, command: Callable[[Path, Days], Command]
) -> float:
    """Return microseconds of CPU per conversation, less those of an empty day."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        empty = run(command(folder / "empty", server.days.before))
        full_command = command(folder / "full", server.days)
        full = run(full_command)
        expected = server.conversations_per_day * server.days.count
        count = checked(full_command.name, written(full_command), expected)
    return (full.cpu_seconds - empty.cpu_seconds) / count * _MICROSECONDS
