"""Renders README.md: the goals first, then each measurement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.goals import GOALS
from benchmarks.pipeline import EMPTY, MELTANO, TAP, TARGET
from benchmarks.tables import figure, met, name_of, table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from benchmarks.goals import Data
    from benchmarks.results import Result

_HEAD = """\
# Benchmarks

    make bench                                  # everything below, about an hour
    .venv/bin/python -m benchmarks cpu          # one: rate, short, cpu, meltano, …
    .venv/bin/python -m benchmarks all --scale 0.02 --runs 1     # a quick trial

That command writes this file and the plots. Each figure is the median of several
runs, with the smallest and the largest in brackets. Ratios are medians over pairs of
runs, one directly after the other.

The other ways to do the same job are in `peers/`, written as their own documentation
advises. All of them read the same conversations from the same API, and each run is
checked for completeness.

The server is the sandbox, in a process of its own on the same machine. Where time is
measured, it replays recorded answers from memory, behind the sandbox's own rate
limit. A trial leaves its results in `.trial/`.
"""


def render(results: Mapping[str, Result], plots: Path) -> str:
    """Return the text of README.md."""
    parts = [_HEAD, _trial(results), "## Goals", _goals(results)]
    for name, (title, text) in _SECTIONS.items():
        if name in results:
            result = results[name]
            plot = f"![{title}]({plots.name}/{name}.png)"
            pictured = (plots / f"{name}.png").exists()
            parts += [f"## {title}", text(result.data), plot if pictured else ""]
            parts += [_circumstances(result)]
    return "\n\n".join(part.strip() for part in parts if part.strip()) + "\n"


def _trial(results: Mapping[str, Result]) -> str:
    """Return a warning if sizes were reduced."""
    if all(result.scale == 1 for result in results.values()):
        return ""
    return "**A trial with small sizes: its figures mean nothing.**"


def _circumstances(result: Result) -> str:
    """Return the conditions of the measurements."""
    machine = "; ".join(f"{name}: {value}" for name, value in result.machine.items())
    return f"*{machine}; peers: {result.peers}; runs: {result.runs}.*"


def _goals(results: Mapping[str, Result]) -> str:
    """Return the table of goals."""
    rows = [
        (goal, measured, met(is_met))
        for name, goals in GOALS.items()
        if name in results
        for goal, measured, is_met in goals(results[name].data)
    ]
    return table(["goal", "measured", ""], rows)


def _rate(data: Data) -> str:
    text = (
        f"{data['conversations']:,} conversations by the query, in pages of 100. "
        "Genesys allows 300 requests a minute, in a burst or not. Only complete "
        "allowances of 300 are counted: from their first request to the first request "
        "of the next allowance."
    )
    head = ["latency", "share", "requests a minute", "429", "requests", "seconds"]
    rows = [
        (
            f"{row['latency']} s",
            f"{row['per_minute']['median'] / data['allowed']:.1%}",
            figure(row["per_minute"]),
            f"{row['refused']}",
            figure(row["requests"]),
            figure(row["seconds"], 1),
        )
        for row in data["rows"]
    ]
    return f"{text}\n\n{table(head, rows)}"


def _short(data: Data) -> str:
    text = (
        f"{data['conversations']:,} conversations at {data['latency']} s latency. The "
        "time is that of the whole run, including its start. The tap runs with its "
        "defaults, within the rate limit."
    )
    head = ["", "tap's rate to it", "tap's seconds to it"]
    head += ["requests a minute", "seconds", "requests"]
    rows = [
        (
            name_of(name),
            figure(row["rate_ratio"], 2),
            figure(row["ratio"], 2),
            figure(row["per_minute"]),
            figure(row["seconds"], 1),
            figure(row["requests"]),
        )
        for name, row in data["rows"].items()
    ]
    return f"{text}\n\n{table(head, rows)}"


def _cpu(data: Data) -> str:
    text = (
        f"{data['conversations']:,} conversations of "
        f"{data['bytes_per_conversation'] / 1000:.1f} KB. The figures are CPU time "
        "of the whole process, minus that of a run over an empty day. *Nested* is one "
        "stream with the whole document. *All tables* are the eleven tables made of "
        "it. The bare limit reads the same source as the tap. The other peers read the "
        "query, even where the tap reads jobs, which answer more per conversation."
    )
    head = ["tap", "peer", "ratio", "goal", "tap, µs", "peer, µs"]
    rows = [
        (
            row["tap"],
            name_of(row["peer"]),
            figure(row["ratio"], 2),
            f"≤ {row['goal']:.2f}" if row["goal"] else "",
            figure(row["one"]),
            figure(row["other"]),
        )
        for row in data["rows"]
    ]
    return f"{text}\n\n{table(head, rows)}"


def _meltano(data: Data) -> str:
    parts = data["parts"]
    text = (
        f"{data['conversations']:,} conversations from jobs are {data['rows']:,} rows "
        "of the default tables. Each part also ran by itself: the tap into a file, the "
        "target from that file. CPU time excludes PostgreSQL."
    )
    head = ["", "rows per second", "seconds", "CPU seconds"]
    rows = [
        (
            part,
            "" if part == EMPTY else figure(measured["rows_per_second"]),
            figure(measured["seconds"], 1),
            figure(measured["cpu_seconds"], 1),
        )
        for part, measured in parts.items()
    ]
    return f"{text}\n\n{table(head, rows)}\n\n{_shares(parts)}"


def _shares(parts: Data) -> str:
    """Return the CPU time of a whole run by part; the rest is Meltano's."""
    rows = []
    for kind in ("validating", "not validating"):
        whole, tap, target = (
            parts[part]["cpu_seconds"]["median"]
            for part in (f"{MELTANO}, {kind}", TAP, f"{TARGET}, {kind}")
        )
        shares = (tap / whole, target / whole, 1 - (tap + target) / whole)
        rows.append((f"{MELTANO}, {kind}", *(f"{share:.0%}" for share in shares)))
    return table(["share of the CPU time", "tap", "target", "Meltano"], rows)


def _memory(data: Data) -> str:
    text = (
        f"Backfills of {data['per_day']:,} conversations a day, the default tables, "
        "written to nowhere. The tap reads one day ahead, except where there is only "
        "one day."
    )
    head = ["source, conversations", "peak memory, MiB", "seconds", "a second"]
    rows = [
        (
            f"{row['source']}, {row['conversations']:,}",
            figure(row["mebibytes"]),
            figure(row["seconds"], 1),
            f"{row['conversations'] / row['seconds']['median']:,.0f}",
        )
        for row in data["rows"]
    ]
    return f"{text}\n\n{table(head, rows)}"


def _incremental(data: Data) -> str:
    text = (
        f"The sandbox has {data['per_day']:,} conversations a day. Each run starts "
        "from the state of a run that ended just before. Reference tables are read "
        "whole in each run."
    )
    head = ["", "requests", "seconds"]
    rows = [
        (name, figure(row["requests"]), figure(row["seconds"], 1))
        for name, row in data["rows"].items()
    ]
    return f"{text}\n\n{table(head, rows)}"


def _start(data: Data) -> str:
    text = (
        "Commands that read nothing, compared with a process that only imports "
        "singer-sdk. No command of a tap can be faster than that."
    )
    head = ["", "ratio", "seconds", "singer-sdk, seconds"]
    rows = [
        (name, figure(row["ratio"], 2), figure(row["one"], 2), figure(row["other"], 2))
        for name, row in data["rows"].items()
    ]
    return f"{text}\n\n{table(head, rows)}"


_SECTIONS: dict[str, tuple[str, Callable[[Data], str]]] = {
    "rate": ("Use of the rate limit", _rate),
    "short": ("A short sync", _short),
    "cpu": ("CPU per conversation", _cpu),
    "meltano": ("A whole pipeline", _meltano),
    "memory": ("Memory and time", _memory),
    "incremental": ("Nothing new", _incremental),
    "start": ("Start", _start),
}
