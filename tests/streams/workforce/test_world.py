"""Schedules and adherence are those of the sandbox's world."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from dateutil import tz
from genesys_cloud_sandbox.server import Sandbox
from genesys_cloud_sandbox.world.times import milliseconds
from genesys_cloud_sandbox.world.workforce import units

from tap_genesys_analytics.intervals.timestamps import format_timestamp, parse_timestamp
from tests.settings.test_settings import found as problems
from tests.streams.workforce.reading import (
    BULK,
    MIDNIGHT,
    NOW,
    PAST,
    SPAN,
    START,
    Row,
    asked,
    by_key,
    columns,
    options,
    read,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def schedules_of(sandbox: Sandbox, start: datetime, end: datetime) -> Iterator[Any]:
    """Yield the published schedules of the world: business unit, agent's schedule."""
    directory = sandbox.references.directory
    for unit_id in dict.fromkeys(owner.id for owner, _ in units(directory)):
        for schedule in sandbox.adherence.schedules.search(
            unit_id,
            milliseconds(start),
            milliseconds(end),
            milliseconds(datetime.now(timezone.utc)),
        ):
            yield unit_id, schedule


@pytest.mark.parametrize("inline", [100, 0], ids=["in the answer", "downloaded"])
def test_schedules_are_those_of_the_world(tmp_path: Path, inline: int) -> None:
    """A row for each activity of each shift that overlaps the days that are read."""
    with Sandbox(options(schedules_inline=inline)) as sandbox:
        run = read(sandbox, tmp_path, "user_schedules", **PAST)
        served = asked(sandbox, "/results/*")
    assert (served > 0) == (inline == 0)
    rows = by_key(run, "user_schedules")
    expected = {
        (unit_id, shift["id"], number): (
            schedule["user"]["id"],
            shift["schedule"]["id"],
            shift["startDate"],
            activity["startDate"],
            activity["lengthMinutes"],
            activity["activityCodeId"],
            activity["paid"],
        )
        for unit_id, schedule in schedules_of(sandbox, START, MIDNIGHT)
        for shift in schedule["shifts"]
        for number, activity in enumerate(shift["activities"], start=1)
    }
    names = (
        "user_id",
        "schedule_id",
        "shift_start_date",
        "start_date",
        "length_minutes",
        "activity_code_id",
        "paid",
    )
    assert columns(rows, names) == expected


def test_schedules_are_read_as_far_ahead_as_they_are_published(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """The bookmark stays in the past: what lies ahead may change until it is over."""
    run = read(sandbox, tmp_path, "user_schedules", "user_time_off", **SPAN)
    ahead = NOW + timedelta(days=27)
    expected = list(schedules_of(sandbox, START, ahead))
    shifts = {x["id"] for _, schedule in expected for x in schedule["shifts"]}
    rows = by_key(run, "user_schedules").values()
    assert shifts <= {row["shift_id"] for row in rows}
    assert max(row["start_date"] for row in rows) > format_timestamp(NOW)
    days_off = {
        (unit_id, schedule["user"]["id"], marker["businessUnitDate"])
        for unit_id, schedule in expected
        for marker in schedule["fullDayTimeOffMarkers"]
    }
    assert days_off
    assert days_off <= by_key(run, "user_time_off").keys()
    for stream in ("user_schedules", "user_time_off"):
        bookmark = run.messages.states[-1]["bookmarks"][stream]
        assert bookmark["replication_key_value"] == format_timestamp(MIDNIGHT)


def test_adherence_is_that_of_the_world(sandbox: Sandbox, tmp_path: Path) -> None:
    """A row for each agent and day with a shift in it, with the day's figures."""
    run = read(sandbox, tmp_path, "historical_adherence", **PAST)
    days = [START + timedelta(days=number) for number in range(3)]
    expected = {
        (unit.id, user["userId"], f"{day:%Y-%m-%d}"): (
            user["impact"],
            metrics["adherencePercentage"],
            metrics.get("conformancePercentage"),
            metrics["exceptionCount"],
            metrics["scheduleLengthSeconds"],
        )
        for _, unit in units(sandbox.references.directory)
        for day in days
        for user in _adherence(sandbox, unit.id, day)["userResults"]
        for metrics in user["dayMetrics"]
    }
    names = (
        "impact",
        "adherence_percentage",
        "conformance_percentage",
        "exception_count",
        "schedule_length_seconds",
    )
    rows = by_key(run, "historical_adherence")
    assert columns(rows, names) == expected
    assert {row["day_start"] for row in rows.values()} == {
        format_timestamp(day) for day in days
    }
    assert asked(sandbox, BULK) == 3


def _adherence(sandbox: Sandbox, unit_id: str, day: datetime) -> Row:
    """Return the world's adherence of a management unit on a day."""
    start = milliseconds(day)
    return sandbox.adherence.result(
        unit_id,
        [(start, start + 86_400_000)],
        users=None,
        exceptions=True,
        actuals=False,
    )


def test_exceptions_have_their_own_times(sandbox: Sandbox, tmp_path: Path) -> None:
    """Not offsets; and the presences that stand behind the report's own numbers."""
    run = read(sandbox, tmp_path, "adherence_exceptions", **PAST)
    rows = by_key(run, "adherence_exceptions")
    expected = {}
    for number in range(3):
        day = START + timedelta(days=number)
        for _, unit in units(sandbox.references.directory):
            found = _adherence(sandbox, unit.id, day)
            presences = found["lookupIdToSecondaryPresenceId"]
            for user in found["userResults"]:
                for each in user["exceptionInfo"]:
                    begin, end = (
                        format_timestamp(day + timedelta(seconds=each[name]))
                        for name in ("startOffsetSeconds", "endOffsetSeconds")
                    )
                    expected[unit.id, user["userId"], begin] = (
                        end,
                        each["scheduledActivityCategory"],
                        each["actualActivityCategory"],
                        presences[each["secondaryPresenceLookupId"]],
                    )
    names = (
        "end_date",
        "scheduled_activity_category",
        "actual_activity_category",
        "secondary_presence_id",
    )
    assert columns(rows, names) == expected


def test_days_are_those_of_the_time_zone_that_is_set(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """They begin at its midnights, and a shift at night is not cut at that of UTC."""
    zone = "America/Denver"
    config = {**PAST, "workforce_time_zone": zone}
    run = read(sandbox, tmp_path, "historical_adherence", **config)
    for row in by_key(run, "historical_adherence").values():
        begin = parse_timestamp(row["day_start"]).astimezone(tz.gettz(zone))
        assert f"{begin:%Y-%m-%d %H:%M}" == f"{row['day']} 00:00"
        assert row["time_zone"] == zone


def test_a_time_zone_that_does_not_exist_is_refused() -> None:
    """Before anything is read."""
    (problem,) = problems(workforce_time_zone="Europe/Londno")
    assert problem.startswith("workforce_time_zone: 'Europe/Londno' is no time zone")
