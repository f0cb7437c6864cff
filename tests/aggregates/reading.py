"""Aggregates, read as streams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests import singer

if TYPE_CHECKING:
    from pathlib import Path

    from tap_genesys_analytics.sandbox.server import Sandbox


def read(
    sandbox: Sandbox, folder: Path, *streams: str, state: Any = None, **config: Any
) -> singer.Run:
    """Read streams of aggregates, and others."""
    run = singer.run(
        folder, singer.settings(sandbox, **config), streams=streams, state=state
    )
    assert run.exit_code == 0, run.log
    return run


def figures(run: singer.Run, table: str, *columns: str) -> dict[Any, dict[str, Any]]:
    """Return the rows of a table by some of its columns."""
    rows = run.messages.records[table]
    found = {tuple(row[column] for column in columns): row for row in rows}
    assert len(found) == len(rows)
    return found
