"""Draws the results. Run by the peers' Python, which has matplotlib.

python -m benchmarks.plots RESULTS PLOTS
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib import pyplot as plt

from benchmarks import results
from benchmarks.tables import name_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    Data = Mapping[str, Any]

_OURS, _THEIRS, _GOAL = "#0b6e99", "#b8c4cc", "#c44536"
_SIZE = (8, 4)
_ROOM = 1.4


def _bars(
    axes: Any,  # noqa: ANN401
    names: list[str],
    rows: list[Data],
    ours: list[bool],
    digits: int = 0,
) -> None:
    """Draw medians as bars, with the range of the runs."""
    medians = [row["median"] for row in rows]
    below = [row["median"] - row["min"] for row in rows]
    above = [row["max"] - row["median"] for row in rows]
    colors = [_OURS if own else _THEIRS for own in ours]
    bars = axes.barh(names, medians, xerr=[below, above], color=colors, capsize=3)
    axes.bar_label(bars, fmt=f"{{:,.{digits}f}}", padding=6)
    axes.margins(x=0.15)
    axes.invert_yaxis()


def _rate(axes: Any, data: Data) -> None:  # noqa: ANN401
    rows = data["rows"]
    names = [f"{row['latency']} s" for row in rows]
    _bars(axes, names, [row["per_minute"] for row in rows], [True] * len(rows))
    axes.axvline(data["allowed"], color=_GOAL)
    axes.set_xlabel("requests a minute; the line is what Genesys allows")


def _short(axes: Any, data: Data) -> None:  # noqa: ANN401
    rows = data["rows"]
    measured = [row["per_minute"] for row in rows.values()]
    _bars(axes, list(map(name_of, rows)), measured, [name == "tap" for name in rows])
    axes.set_xlabel(f"requests a minute at {data['latency']} s latency")


def _cpu(axes: Any, data: Data) -> None:  # noqa: ANN401
    measured: dict[str, Data] = {}
    for row in data["rows"]:
        measured.setdefault(f"this tap: {row['tap']}", row["one"])
    theirs = {name_of(row["peer"]): row["other"] for row in reversed(data["rows"])}
    names = [*measured, *reversed(theirs)]
    rows = [*measured.values(), *reversed(theirs.values())]
    _bars(axes, names, rows, [name in measured for name in names])
    axes.set_xlabel("µs of CPU per conversation, without start-up")


def _meltano(axes: Any, data: Data) -> None:  # noqa: ANN401
    parts = data["parts"]
    measured = [row["seconds"] for row in parts.values()]
    _bars(axes, list(parts), measured, ["meltano" in name for name in parts], 1)
    axes.set_xlabel(f"seconds for {data['rows']:,} rows")


def _memory(axes: Any, data: Data) -> None:  # noqa: ANN401
    seconds = axes.twinx()
    for source, style in (("query", "-"), ("jobs", "--")):
        rows = [row for row in data["rows"] if row["source"] == source]
        sizes = [row["conversations"] for row in rows]
        for kind, drawn, color in (
            ("mebibytes", axes, _OURS),
            ("seconds", seconds, _GOAL),
        ):
            values = [row[kind]["median"] for row in rows]
            label = f"{kind}, {source}"
            drawn.plot(sizes, values, style, marker="o", color=color, label=label)
    axes.set_xscale("log")
    axes.set_ylim(0, axes.get_ylim()[1] * _ROOM)
    axes.set_xlabel("conversations")
    axes.set_ylabel("peak memory, MiB", color=_OURS)
    seconds.set_yscale("log")
    seconds.set_ylabel("seconds", color=_GOAL)
    axes.legend(loc="upper left")
    seconds.legend(loc="lower right")


def draw(measured: Mapping[str, results.Result], folder: Path) -> None:
    """Draw all results into a folder."""
    mpl.use("Agg")
    folder.mkdir(parents=True, exist_ok=True)
    kinds = {
        "rate": _rate,
        "short": _short,
        "cpu": _cpu,
        "meltano": _meltano,
        "memory": _memory,
    }
    for name in kinds.keys() & measured.keys():
        picture, axes = plt.subplots(figsize=_SIZE, layout="constrained")
        kinds[name](axes, measured[name].data)
        picture.savefig(folder / f"{name}.png", dpi=120, metadata={"Software": None})
        plt.close(picture)


if __name__ == "__main__":
    draw(results.read(Path(sys.argv[1])), Path(sys.argv[2]))
