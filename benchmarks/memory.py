"""Memory and time of backfills of increasing length."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from benchmarks import serving
from benchmarks.commands import DEFAULT_TABLES, UNLIMITED, conversations_read, tap
from benchmarks.measuring import checked, run, spread

_PER_DAY = 10_000
_SMALLEST_DAY = 100
_DAYS = (1, 10, 100)
_MEBIBYTE = 1 << 20


def measure(scale: float, runs: int) -> dict[str, Any]:
    """Return peak memory and seconds, by source and number of conversations."""
    per_day = max(_SMALLEST_DAY, round(_PER_DAY * scale))
    rows = []
    with (
        tempfile.TemporaryDirectory() as name,
        serving.replay(Path(name), per_day, max(_DAYS)) as server,
    ):
        for source in ("query", "jobs"):
            for count in _DAYS:
                command = tap(
                    Path(name) / "tap",
                    server,
                    serving.Days(server.days.first, count),
                    DEFAULT_TABLES,
                    conversation_source=source,
                    requests_per_minute=UNLIMITED,
                )
                usages = []
                for _ in range(runs):
                    usages.append(run(command, sink=True))
                    conversations = conversations_read(command)
                    checked(command.name, conversations, per_day * count)
                row = {
                    "source": source,
                    "conversations": per_day * count,
                    "mebibytes": spread([it.peak_memory / _MEBIBYTE for it in usages]),
                    "seconds": spread([it.seconds for it in usages]),
                }
                print(row, flush=True)
                rows.append(row)
    return {"per_day": per_day, "rows": rows}
