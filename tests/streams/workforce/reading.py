"""What the tests of schedules and adherence read, and how."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from genesys_cloud_sandbox.server import Sandbox, SandboxOptions

from tap_genesys_analytics.intervals.plan import SAFETY_MARGIN
from tap_genesys_analytics.intervals.timestamps import format_timestamp
from tests import singer
from tests.conftest import Reply, ScriptedGenesys

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


#: As far as a run reads.
NOW = datetime.now(timezone.utc) - SAFETY_MARGIN
MIDNIGHT = NOW.replace(hour=0, minute=0, second=0, microsecond=0)
START = MIDNIGHT - timedelta(days=3)
SPAN = {"start_date": format_timestamp(START)}
PAST = {**SPAN, "end_date": format_timestamp(MIDNIGHT)}
BULK = "/api/v2/workforcemanagement/adherence/historical/bulk"
NAMES = (
    "user_schedules",
    "user_time_off",
    "historical_adherence",
    "adherence_exceptions",
)
KEYS = {
    "user_schedules": ("business_unit_id", "shift_id", "activity_number"),
    "user_time_off": ("business_unit_id", "user_id", "business_unit_date"),
    "historical_adherence": ("management_unit_id", "user_id", "day"),
    "adherence_exceptions": ("management_unit_id", "user_id", "start_date"),
}
Row = dict[str, Any]


def options(**more: Any) -> SandboxOptions:
    """Return the options of a sandbox whose jobs are quick."""
    return SandboxOptions(
        conversations_per_day=10, requests_per_minute=0, job_seconds=0, **more
    )


def read(
    sandbox: Sandbox, folder: Path, *streams: str, state: Any = None, **config: Any
) -> singer.Run:
    """Read some streams."""
    settings = singer.settings(sandbox, **config)
    return singer.run(folder, settings, catalog=singer.selecting(*streams), state=state)


def answered(
    genesys: ScriptedGenesys, folder: Path, stream: str, answer: Row
) -> singer.Run:
    """Read a day of a stream, of two units, each time with the same answer."""
    listed = Reply({"entities": [{"id": "unit-1"}, {"id": "unit-2"}]})
    genesys.replies(listed, Reply(answer))
    config = genesys.settings(
        start_date=format_timestamp(MIDNIGHT - timedelta(days=1)),
        end_date=format_timestamp(MIDNIGHT),
    )
    return singer.run(folder, config, catalog=singer.selecting(stream))


def asked(sandbox: Sandbox, pattern: str) -> int:
    """Return how many requests there were of the paths that match."""
    return sum(fnmatchcase(each.path, pattern) for each in sandbox.requests)


def key(stream: str, row: Row) -> tuple[Any, ...]:
    """Return the key of a row, none of it null."""
    found = tuple(row[name] for name in KEYS[stream])
    assert None not in found
    return found


def by_key(run: singer.Run, stream: str) -> dict[tuple[Any, ...], Row]:
    """Return the rows of a stream by key, without when they were read; none twice."""
    assert run.exit_code == 0, run.errors
    rows = run.messages.records[stream]
    found = {key(stream, row): {**row, "extracted_at": None} for row in rows}
    assert found
    assert len(found) == len(rows)
    assert not any(row["extra"] for row in rows)
    return found


def columns(
    rows: Mapping[tuple[Any, ...], Row], names: Sequence[str]
) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Return some columns of rows, by key."""
    return {each: tuple(row[name] for name in names) for each, row in rows.items()}
