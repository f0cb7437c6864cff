"""Agents' schedules and adherence: read day by day, as the sandbox's world has them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, cast

import pytest
from dateutil import tz

from tap_genesys_analytics.completeness import Summary
from tap_genesys_analytics.intervals import SAFETY_MARGIN
from tap_genesys_analytics.sandbox.server import Sandbox, SandboxOptions
from tap_genesys_analytics.sandbox.world.times import milliseconds
from tap_genesys_analytics.sandbox.world.workforce import units
from tap_genesys_analytics.tap import TapGenesys
from tap_genesys_analytics.timestamps import format_timestamp, parse_timestamp
from tests import singer
from tests.conftest import Reply, ScriptedGenesys
from tests.test_settings import found as problems

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tap_genesys_analytics.streams.reports import ReportStream

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


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """Serve a Genesys Cloud."""
    with Sandbox(options()) as sandbox:
        yield sandbox


@pytest.fixture(autouse=True)
def fresh(sandbox: Sandbox) -> None:
    """Count the requests of one test only, and let nothing go wrong."""
    sandbox.requests.clear()
    sandbox.faults.clear()


def read(
    sandbox: Sandbox, folder: Path, *streams: str, state: Any = None, **config: Any
) -> singer.Run:
    """Read some streams."""
    settings = singer.settings(sandbox, **config)
    return singer.run(folder, settings, catalog=selecting(*streams), state=state)


def selecting(*streams: str) -> Row:
    """Return a catalog that selects some streams, and no others."""
    catalog = singer.catalog_of()
    for each in catalog["streams"]:
        if each["tap_stream_id"] in streams:
            each["metadata"] = [{"breadcrumb": [], "metadata": {"selected": True}}]
    return catalog


def answered(
    genesys: ScriptedGenesys, folder: Path, stream: str, answer: Row
) -> singer.Run:
    """Read a day of a stream, of two units, each time with the same answer."""
    listed = Reply({"entities": [{"id": "unit-1"}, {"id": "unit-2"}]})
    genesys.replies(listed, Reply(answer))
    config = {
        "client_id": "c",
        "client_secret": "s",
        "api_url": genesys.url,
        "login_url": genesys.url,
        "start_date": format_timestamp(MIDNIGHT - timedelta(days=1)),
        "end_date": format_timestamp(MIDNIGHT),
    }
    return singer.run(folder, config, catalog=selecting(stream))


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
    assert run.exit_code == 0, run.log
    rows = run.messages.records[stream]
    found = {key(stream, row): {**row, "extracted_at": None} for row in rows}
    assert found
    assert len(found) == len(rows)
    assert not any(row["extra"] for row in rows)
    return found


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
    assert {
        each: tuple(row[name] for name in names) for each, row in rows.items()
    } == expected


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
    assert {
        each: tuple(row[name] for name in names) for each, row in rows.items()
    } == expected
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
    assert {
        each: tuple(row[name] for name in names) for each, row in rows.items()
    } == expected


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
    assert first.exit_code == 0, first.log
    # Four days, for two streams; of schedules four weeks more, of two business units.
    assert asked(sandbox, BULK) == 4 * 2
    assert asked(sandbox, "*/search") == (4 + 4) * 2 * 2
    sandbox.requests.clear()
    state = first.messages.states[-1]
    second = read(sandbox, tmp_path, *NAMES, state=state, **SPAN)
    assert second.exit_code == 0, second.log
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
    """In one go: the state says that it was done when both are."""
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
    assert run.exit_code == 0, run.log
    readings = max(1, days) + 1 + 4
    assert asked(sandbox, "*/search") == readings * 2
    bookmark = run.messages.states[-1]["bookmarks"]["user_schedules"]
    assert bookmark["looked_back_at"] > looked_back_at
    assert bookmark["replication_key_value"] == format_timestamp(MIDNIGHT)
    tap = TapGenesys(config=singer.settings(sandbox, lookback_days=days), state=state)
    stream = cast("ReportStream", tap.streams["user_schedules"])
    planned = list(stream.plan(START, NOW, NOW + SAFETY_MARGIN, Summary()))
    done = [each.after.looked_back_at == NOW + SAFETY_MARGIN for each in planned]
    assert done == [False] * (readings - 1) + [True]


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
            catalog=selecting("user_schedules", "historical_adherence"),
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
    assert run.exit_code == 0, run.log
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
    assert "a record has no shiftId, which is part of its key" in run.log
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
    assert run.exit_code == 0, run.log
    rows = run.messages.records["user_schedules"]
    of_one = [row for row in rows if row["business_unit_id"] == "unit-1"]
    assert [row["start_date"] for row in of_one] == sorted(begins)
    assert [row["activity_number"] for row in of_one] == [1, 2, 3]
    assert {row["business_unit_id"] for row in rows} == {"unit-1", "unit-2"}
    assert all(row["extra"] == {"shift": {"mood": "good"}} for row in rows)
