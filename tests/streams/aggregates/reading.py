"""Aggregates, read as streams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests import singer

if TYPE_CHECKING:
    from pathlib import Path

    from genesys_cloud_sandbox.server import Sandbox


def read(
    sandbox: Sandbox, folder: Path, *streams: str, state: Any = None, **config: Any
) -> singer.Run:
    """Read streams of aggregates, and others."""
    run = singer.run(
        folder, singer.settings(sandbox, **config), streams=streams, state=state
    )
    assert run.exit_code == 0, run.errors
    return run


def figures(run: singer.Run, table: str, *columns: str) -> dict[Any, dict[str, Any]]:
    """Return the rows of a table by some of its columns."""
    rows = run.messages.records[table]
    found = {tuple(row[column] for column in columns): row for row in rows}
    assert len(found) == len(rows)
    return found


def statistics(metric: str, found: list[tuple[str, float]]) -> dict[str, Any]:
    """Of one metric."""
    values = [value for _, value in found]
    if metric == "oServiceTarget":
        return {"current": values[-1]}
    if metric == "oServiceLevel":
        return {
            "ratio": sum(values) / len(values),
            "numerator": sum(values),
            "denominator": len(values),
            "target": 0.8,
        }
    if metric[0] == "n":
        return {"count": sum(values)}
    return {
        "count": len(values),
        "sum": sum(values),
        "min": min(values),
        "max": max(values),
    }
