"""Use of the rate limit, and the duration of a short sync."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from benchmarks import serving
from benchmarks.commands import DEFAULT_TABLES, NESTED, conversations_read, peer, tap
from benchmarks.commands import conversations_written as written
from benchmarks.measuring import checked, run, spread

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from benchmarks.measuring import Command
    from benchmarks.serving import Request, Server

ALLOWED = 300
"""Requests a minute that Genesys allows."""

_PER_DAY, _DAYS = 10_000, 5
_SHORT_PER_DAY, _SHORT_LATENCY = 1_000, 0.5
_SMALLEST_DAY = 100

#: The latencies of the server, in seconds.
_LATENCIES = (0.1, 0.5, 1.0, 2.0)

_PEERS = ("plain", "sdk_tap", "dlt_nested", "airbyte", "sdk_workers", "workers")


class Pace(NamedTuple):
    """The requests of one run."""

    requests: int
    per_minute: float
    refused: int
    seconds: float


def requests_a_minute(requests: Sequence[Request]) -> float:
    """Return the rate of requests.

    A run that uses up its allowance goes on when there is a new one: whole allowances
    are counted, from the first request to the first one after them. A run of fewer
    requests is counted as a whole, to its last answer.
    """
    whole = (len(requests) - 1) // ALLOWED * ALLOWED
    if whole:
        return 60 * whole / (requests[whole].begun - requests[0].begun)
    return (
        60
        * len(requests)
        / (max(request.ended for request in requests) - requests[0].begun)
    )


def measure_rate(scale: float, runs: int) -> dict[str, Any]:
    """Return the share of the limit that the tap uses, by latency."""
    rows = []
    per_day = max(_SMALLEST_DAY, round(_PER_DAY * scale))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for latency in _LATENCIES:
            with _server(folder, per_day, latency) as server:
                command = tap(
                    folder / "tap",
                    server,
                    server.days,
                    DEFAULT_TABLES,
                    conversation_source="query",
                )
                paces = [
                    _paced(server, command, per_day * _DAYS, sink=True)
                    for _ in range(runs)
                ]
            rows.append({"latency": latency, **_row(paces)})
            print(rows[-1], flush=True)
    return {"conversations": per_day * _DAYS, "allowed": ALLOWED, "rows": rows}


def measure_short(scale: float, runs: int) -> dict[str, Any]:
    """Return the duration of a short sync, of the tap and its peers in turn."""
    per_day = max(_SMALLEST_DAY, round(_SHORT_PER_DAY * scale))
    paces: dict[str, list[Pace]] = {name: [] for name in ("tap", *_PEERS)}
    with (
        tempfile.TemporaryDirectory() as name,
        _server(Path(name), per_day, _SHORT_LATENCY) as server,
    ):
        for number in range(runs):
            for contender, runs_of_contender in paces.items():
                folder = Path(name) / f"{contender}-{number}"
                if contender == "tap":
                    command = tap(
                        folder,
                        server,
                        server.days,
                        NESTED,
                        conversation_source="query",
                    )
                else:
                    command = peer(contender, folder, server, server.days)
                runs_of_contender.append(_paced(server, command, per_day * _DAYS))
    rows = {
        contender: _row(runs_of_contender)
        for contender, runs_of_contender in paces.items()
    }
    for contender, runs_of_contender in paces.items():
        pairs = list(zip(paces["tap"], runs_of_contender, strict=True))
        ratios = [one.seconds / other.seconds for one, other in pairs]
        rows[contender]["ratio"] = spread(ratios)
        ratios = [one.per_minute / other.per_minute for one, other in pairs]
        rows[contender]["rate_ratio"] = spread(ratios)
    return {
        "conversations": per_day * _DAYS,
        "latency": _SHORT_LATENCY,
        "rows": rows,
    }


def _server(
    folder: Path, per_day: int, latency: float
) -> AbstractContextManager[Server]:
    return serving.replay(
        folder, per_day, _DAYS, latency=latency, requests_per_minute=ALLOWED
    )


def _paced(
    server: Server, command: Command, expected: int, *, sink: bool = False
) -> Pace:
    """Run a command, check its conversations, and return its requests."""
    usage = run(command, sink=sink)
    checked(
        command.name,
        conversations_read(command) if sink else written(command),
        expected,
    )
    requests = server.requests_since(usage.started_at)
    refused = server.refused(usage.started_at)
    return Pace(len(requests), requests_a_minute(requests), refused, usage.seconds)


def _row(paces: Sequence[Pace]) -> dict[str, Any]:
    """Return the figures of runs."""
    return {
        "requests": spread([pace.requests for pace in paces]),
        "per_minute": spread([pace.per_minute for pace in paces]),
        "refused": max(pace.refused for pace in paces),
        "seconds": spread([pace.seconds for pace in paces]),
    }
