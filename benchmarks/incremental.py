"""A run without new data, against the sandbox."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import serving
from benchmarks.commands import DEFAULT, DEFAULT_TABLES, tap
from benchmarks.measuring import run, spread

if TYPE_CHECKING:
    from benchmarks.commands import Selection
    from benchmarks.serving import Server

_PER_DAY = 1_000
_SMALLEST_DAY = 20
_SELECTIONS = {"conversation tables": DEFAULT_TABLES, "all default tables": DEFAULT}


def measure(scale: float, runs: int) -> dict[str, Any]:
    """Return requests and seconds of runs that follow another immediately."""
    per_day = max(_SMALLEST_DAY, round(_PER_DAY * scale))
    with (
        tempfile.TemporaryDirectory() as name,
        serving.sandbox(Path(name), per_day) as server,
    ):
        rows = {
            selected: _repeated(Path(name), server, selection, runs)
            for selected, selection in _SELECTIONS.items()
        }
    return {"per_day": per_day, "rows": rows}


def _repeated(
    folder: Path, server: Server, selection: Selection, runs: int
) -> dict[str, Any]:
    """Return the costs of runs after a first one, each from the previous state."""
    state: dict[str, Any] | None = None
    seconds, requests = [], []
    for number in range(runs + 1):
        command = tap(
            folder / "tap", server, server.days, selection, state=state, end_date=None
        )
        usage = run(command)
        state = _last_state(command.output)
        if number:
            seconds.append(usage.seconds)
            requests.append(len(server.requests_since(usage.started_at)))
    return {"requests": spread(requests), "seconds": spread(seconds)}


def _last_state(output: Path) -> dict[str, Any]:
    """Return the state that a run ended with."""
    with output.open("rb") as lines:
        states = [line for line in lines if line.startswith(b'{"type":"STATE"')]
    state: dict[str, Any] = json.loads(states[-1])["value"]
    return state
