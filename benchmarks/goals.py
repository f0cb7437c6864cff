"""The goals, and the results for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks import start
from benchmarks.tables import name_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    Data = Mapping[str, Any]
    Goal = tuple[str, str, bool]

_SHARE = 0.95
_FLAT = 1.25
_LINEAR = 1.25
_SMALL = 150
_MEGABYTES_A_MEBIBYTE = (1 << 20) / 1e6


def _rate_goals(data: Data) -> Iterator[Goal]:
    for row in data["rows"]:
        share = row["per_minute"]["median"] / data["allowed"]
        goal = f"rate limit used at {row['latency']} s latency"
        yield f"{goal}: ≥ {_SHARE:.0%}", f"{share:.1%}", share >= _SHARE
    refused = sum(row["refused"] for row in data["rows"])
    yield "rate limit: no request refused (429)", f"{refused}", refused == 0


def _short_goals(data: Data) -> Iterator[Goal]:
    refused = data["rows"]["tap"]["refused"]
    for name in ("sdk_workers", "workers"):
        ratio = data["rows"][name]["rate_ratio"]["median"]
        goal = f"short sync: requests a minute, to {name_of(name)} without a limit: > 1"
        yield goal, f"{ratio:.2f}", ratio > 1 and not refused
    yield "short sync: no request refused (429)", f"{refused}", refused == 0


def _cpu_goals(data: Data) -> Iterator[Goal]:
    for row in data["rows"]:
        if row["goal"]:
            ratio = row["ratio"]["median"]
            goal = f"CPU, {row['tap']}, to {name_of(row['peer'])}"
            yield f"{goal}: ≤ {row['goal']:.2f}", f"{ratio:.2f}", ratio <= row["goal"]


def _memory_goals(data: Data) -> Iterator[Goal]:
    for source in ("query", "jobs"):
        rows = [row for row in data["rows"] if row["source"] == source]
        first, middle, last = rows
        sizes = f"{last['conversations']:,} to {first['conversations']:,}, {source}"
        most = max(row["mebibytes"]["max"] for row in rows) * _MEGABYTES_A_MEBIBYTE
        small = f"peak memory, up to {last['conversations']:,}, {source}: < {_SMALL} MB"
        yield small, f"{most:.0f} MB", most < _SMALL
        memory = last["mebibytes"]["median"] / first["mebibytes"]["median"]
        flat = f"peak memory, {sizes}: flat, ≤ {_FLAT}"
        yield flat, f"{memory:.2f}", memory <= _FLAT
        seconds = _each_further(middle, last) / _each_further(first, middle)
        linear = f"seconds for each further conversation, {sizes}: linear, ≤ {_LINEAR}"
        yield linear, f"{seconds:.2f}", seconds <= _LINEAR


def _each_further(fewer: Data, more: Data) -> float:
    """Return the additional seconds per conversation of one run over another."""
    seconds: float = more["seconds"]["median"] - fewer["seconds"]["median"]
    conversations: int = more["conversations"] - fewer["conversations"]
    return seconds / conversations


def _start_goals(data: Data) -> Iterator[Goal]:
    for option, allowed in start.GOALS.items():
        most = data["rows"][option]["one"]["max"]
        yield f"start, {option}: < {allowed} s", f"{most:.2f} s", most < allowed


#: (goal, result, whether it is met) for each measurement with goals.
GOALS: dict[str, Callable[[Data], Iterator[Goal]]] = {
    "rate": _rate_goals,
    "short": _short_goals,
    "cpu": _cpu_goals,
    "memory": _memory_goals,
    "start": _start_goals,
}
