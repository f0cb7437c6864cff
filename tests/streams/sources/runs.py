"""Runs from jobs and query, what they asked for and what they found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_genesys_analytics.intervals.timestamps import format_timestamp
from tests import singer
from tests.singer_records import keys_of, without_reading_time
from tests.spans import START

if TYPE_CHECKING:
    from pathlib import Path

    from genesys_cloud_sandbox.server import Sandbox


PER_DAY = 40

HASTY = "tests.hasty_tap"


def run(folder: Path, sandbox: Sandbox, **more: Any) -> singer.Run:
    """Run the tap, from jobs and query unless told otherwise."""
    state = more.pop("state", None)
    config = {"conversation_source": "auto", "start_date": format_timestamp(START)}
    settings = singer.settings(sandbox, **(config | more))
    return singer.run(folder, settings, state=state, module=HASTY)


def intervals(sandbox: Sandbox, path: str) -> list[str]:
    """Return the intervals that were asked for at a path, each once, sorted.

    Not those of the questions for a total alone.
    """
    asked = [
        served.interval
        for served in sandbox.requests
        if served.path == path and served.interval and served.page_size != 1
    ]
    return sorted(set(asked))


def by_key(run: singer.Run, table: str) -> dict[Any, dict[str, Any]]:
    """Return the last record under each key of a table, as a target keeps them."""
    records = run.messages.records[table]
    keys = keys_of(records, table)
    return {
        key: without_reading_time(record)
        for key, record in zip(keys, records, strict=True)
    }


def bookmark(run: singer.Run) -> dict[str, str]:
    """Return the last state of conversations."""
    found: dict[str, str] = run.messages.states[-1]["bookmarks"]["conversations"]
    return found
