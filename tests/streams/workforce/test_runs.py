"""Schedules and adherence over several runs, and where something is wrong."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from genesys_cloud_sandbox.server import Sandbox

from tap_genesys_analytics.intervals.timestamps import format_timestamp
from tests import singer
from tests.streams.workforce.reading import (
    BULK,
    MIDNIGHT,
    NAMES,
    NOW,
    PAST,
    SPAN,
    START,
    answered,
    asked,
    by_key,
    key,
    options,
    read,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import ScriptedGenesys


@pytest.mark.parametrize("stream", NAMES)
def test_reading_again_gives_the_same_rows(
    sandbox: Sandbox, tmp_path: Path, stream: str
) -> None:
    """Under the same keys: what is past does not change."""
    first = by_key(read(sandbox, tmp_path, stream, **PAST), stream)
    again = by_key(read(sandbox, tmp_path, stream, **PAST), stream)
    assert first == again


def test_a_second_run_reads_the_day_that_goes_on(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """And no other, nor what lies ahead."""
    first = read(sandbox, tmp_path, *NAMES, **SPAN)
    assert first.exit_code == 0, first.errors
    # Four days, for two streams; of schedules four weeks more, of two business units.
    assert asked(sandbox, BULK) == 4 * 2
    assert asked(sandbox, "*/search") == (4 + 4) * 2 * 2
    sandbox.requests.clear()
    state = first.messages.states[-1]
    second = read(sandbox, tmp_path, *NAMES, state=state, **SPAN)
    assert second.exit_code == 0, second.errors
    assert asked(sandbox, BULK) == 2
    assert asked(sandbox, "*/search") == 2 * 2
    for stream, name in (
        ("historical_adherence", "day_start"),
        ("adherence_exceptions", "start_date"),
    ):
        rows = second.messages.records[stream]
        assert all(row[name] >= format_timestamp(MIDNIGHT) for row in rows)
    for stream in NAMES:
        keys = [key(stream, row) for row in second.messages.records[stream]]
        assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("days", [0, 2])
def test_looking_back_is_looking_ahead_too(
    sandbox: Sandbox, tmp_path: Path, days: int
) -> None:
    """The state says that both are done, and the bookmark does not move ahead."""
    looked_back_at = format_timestamp(NOW - timedelta(hours=25))
    given = {
        "replication_key": "start_date",
        "replication_key_value": format_timestamp(MIDNIGHT),
        "looked_back_at": looked_back_at,
    }
    state = {"bookmarks": {"user_schedules": given}}
    run = read(
        sandbox, tmp_path, "user_schedules", state=state, **SPAN, lookback_days=days
    )
    assert run.exit_code == 0, run.errors
    readings = max(1, days) + 1 + 4
    assert asked(sandbox, "*/search") == readings * 2
    bookmark = run.messages.states[-1]["bookmarks"]["user_schedules"]
    assert bookmark["looked_back_at"] > looked_back_at
    assert bookmark["replication_key_value"] == format_timestamp(MIDNIGHT)


def test_what_is_forbidden_keeps_nothing_else_from_being_read(tmp_path: Path) -> None:
    """The run ends with the names of the permissions."""
    forbidden = ("*/agentschedules/search", f"{BULK}*")
    with Sandbox(options(forbidden=forbidden)) as sandbox:
        run = read(sandbox, tmp_path, *NAMES, "business_units", **PAST)
    assert run.exit_code == 1
    assert run.messages.records["business_units"]
    for stream, permissions in (
        ("user_schedules", "wfm:publishedSchedule:view or wfm:schedule:view"),
        ("historical_adherence", "wfm:historicalAdherence:view"),
    ):
        assert f"  {stream}: lacks {permissions}" in run.log
        assert not run.messages.records[stream]


def test_the_connection_test_asks_about_one_unit(tmp_path: Path) -> None:
    """Without waiting for a job; what may not be read is told."""
    with Sandbox(options(forbidden=("*/agentschedules/search",))) as sandbox:
        process = singer.start(
            tmp_path,
            singer.settings(sandbox),
            catalog=singer.selecting("user_schedules", "historical_adherence"),
            options=["--test"],
        )
        assert process.wait(timeout=60) == 1
        assert asked(sandbox, f"{BULK}*") == asked(sandbox, "*/search") == 1
    told = dict(
        line.split(maxsplit=1)
        for line in (tmp_path / "out").read_text("utf-8").splitlines()
    )
    assert told["historical_adherence"] == "ok"
    assert told["user_schedules"].startswith("lacks wfm:publishedSchedule:view")


def test_a_job_that_fails_names_stream_and_interval(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """What was read before is kept, and the next run begins with that day."""
    sandbox.faults.add(f"job-failed@every:2;path={BULK}")
    run = read(sandbox, tmp_path, "historical_adherence", **PAST, max_connections=1)
    assert run.exit_code == 1
    second = START + timedelta(days=1)
    interval = f"{format_timestamp(second)}/{format_timestamp(second + timedelta(1))}"
    error = f"historical_adherence, interval {interval}: job "
    assert error in run.log
    assert "ended as Error" in run.log[run.log.index(error) :]
    rows = run.messages.records["historical_adherence"]
    assert {row["day"] for row in rows} == {f"{START:%Y-%m-%d}"}
    bookmark = run.messages.states[-1]["bookmarks"]["historical_adherence"]
    assert bookmark["replication_key_value"] == format_timestamp(second)


def test_a_download_that_has_expired_is_no_missing_permission(tmp_path: Path) -> None:
    """It is an error of the interval, and no log has a token or a signature."""
    with Sandbox(options(schedules_inline=0, results_lifetime=0)) as sandbox:
        run = read(sandbox, tmp_path, "user_schedules", **PAST)
    assert run.exit_code == 1
    assert "user_schedules, interval " in run.log
    assert "the download was answered 403" in run.log
    assert "lacks" not in run.log
    assert "Signature" not in run.log


def test_units_are_asked_about_together(
    genesys: ScriptedGenesys, tmp_path: Path
) -> None:
    """All in one job, of which a part without any agent adds nothing."""
    done = {"job": {"id": "j", "status": "Complete"}, "downloadUrls": []}
    run = answered(genesys, tmp_path, "adherence_exceptions", done)
    assert run.exit_code == 0, run.errors
    _, request = genesys.requests
    items = request.json["items"]
    assert [item["managementUnitId"] for item in items] == ["unit-1", "unit-2"]
    assert {item["endDate"] for item in items} == {PAST["end_date"]}
    assert all(item["includeExceptions"] for item in items)
    assert not run.messages.records


def test_a_record_without_its_key_is_an_error(
    genesys: ScriptedGenesys, tmp_path: Path
) -> None:
    """A null in a key would be a row that nothing ever replaces."""
    shift = {"startDate": PAST["start_date"], "activities": [{"lengthMinutes": 5}]}
    schedule = {"user": {"id": "u"}, "shifts": [shift]}
    answer = {"status": "Complete", "result": {"agentSchedules": [schedule]}}
    run = answered(genesys, tmp_path, "user_schedules", answer)
    assert run.exit_code == 1
    assert "missing required field `id`" in run.log
    assert not run.messages.records


def test_activities_are_numbered_by_time(
    genesys: ScriptedGenesys, tmp_path: Path
) -> None:
    """In whatever order they are listed; what is new of a shift is kept."""
    begins = [format_timestamp(MIDNIGHT - timedelta(hours=each)) for each in (2, 8, 5)]
    activities = [{"startDate": begin, "lengthMinutes": 60} for begin in begins]
    shift = {"id": "s", "activities": activities, "mood": "good"}
    schedule = {"user": {"id": "u"}, "shifts": [shift]}
    answer = {"status": "Complete", "result": {"agentSchedules": [schedule]}}
    run = answered(genesys, tmp_path, "user_schedules", answer)
    assert run.exit_code == 0, run.errors
    rows = run.messages.records["user_schedules"]
    of_one = [row for row in rows if row["business_unit_id"] == "unit-1"]
    assert [row["start_date"] for row in of_one] == sorted(begins)
    assert [row["activity_number"] for row in of_one] == [1, 2, 3]
    assert {row["business_unit_id"] for row in rows} == {"unit-1", "unit-2"}
    assert all(row["extra"] == {"shift": {"mood": "good"}} for row in rows)
