"""Agents' status: one row for each period, whoever sees it, and whatever goes on."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from genesys_cloud_sandbox.server import Sandbox, SandboxOptions
from typing_extensions import override

from tap_genesys_analytics.intervals.timestamps import format_timestamp
from tap_genesys_analytics.streams.user_status import DETAILS, USERS
from tests import singer
from tests.clocks import Clock
from tests.conftest import Reply, ScriptedGenesys
from tests.spans import SPAN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Request

#: A Tuesday noon: agents are at work.
NOON = datetime(2026, 3, 10, 12, tzinfo=timezone.utc)
MIDNIGHT = NOON.replace(hour=0)
START = MIDNIGHT - timedelta(days=4)
KINDS = {"user_presence": "primaryPresence", "user_routing_status": "routingStatus"}
MARGIN = timedelta(minutes=5)


@pytest.fixture
def clock() -> Clock:
    """Give a clock."""
    return Clock(NOON)


@pytest.fixture
def sandbox(clock: Clock) -> Iterator[Sandbox]:
    """Serve a Genesys Cloud whose jobs are six hours behind."""
    options = SandboxOptions(
        conversations_per_day=5, requests_per_minute=0, clock=clock, job_seconds=0.02
    )
    with Sandbox(options) as sandbox:
        yield sandbox


def read(sandbox: Sandbox, folder: Path, state: Any = None, **more: Any) -> singer.Run:
    """Read the status of agents, at the sandbox's time."""
    config = {"user_status_source": "auto", "start_date": format_timestamp(START)}
    run = singer.run(
        folder,
        singer.settings(sandbox, **(config | more)),
        state=state,
        streams=tuple(KINDS),
        module="tests.hasty_tap",
        environ={"HASTY_NOW": format_timestamp(sandbox.options.clock())},
    )
    assert run.exit_code == 0, run.errors
    return run


def periods(*runs: singer.Run) -> dict[tuple[str, str, str], dict[str, Any]]:
    """Return the last row under each key, as a target keeps them."""
    return {
        (table, row["user_id"], row["start_time"]): row
        for run in runs
        for table in KINDS
        for row in run.messages.records[table]
    }


def truth(
    sandbox: Sandbox, start: datetime, end: datetime
) -> dict[tuple[str, str, str], str | None]:
    """Return the end of each period that overlaps a span, as the sandbox knows it."""
    tables = {kind: table for table, kind in KINDS.items()}
    return {
        (tables[each["kind"]], each["userId"], each["startTime"]): each.get("endTime")
        for each in sandbox.statuses(start, end)
    }


@pytest.mark.parametrize("source", ["auto", "jobs", "query"])
@pytest.mark.parametrize("page_size", [7, 100])
def test_every_period_is_one_row_whichever_way_it_is_read(
    sandbox: Sandbox, tmp_path: Path, source: str, page_size: int
) -> None:
    """Also one that spans midnights, and one that goes on."""
    run = read(
        sandbox,
        tmp_path,
        user_status_source=source,
        page_size=page_size,
        job_page_size=page_size * 3,
    )
    end = NOON - MARGIN
    if source == "jobs":
        end = datetime.fromtimestamp(sandbox.users_watermark.now() / 1000, timezone.utc)
    expected = truth(sandbox, START, end)
    found = periods(run)
    assert found.keys() == expected.keys()
    if source != "jobs":
        assert {key: row["end_time"] for key, row in found.items()} == expected
        assert None in expected.values()
    spans = [
        key
        for key, row in found.items()
        if row["end_time"] and key[2][:10] < row["end_time"][:10]
    ]
    assert len(spans) > 10
    assert "does not know" not in run.log
    for table, kind in KINDS.items():
        columns = (
            {row["system_presence"] for row in run.messages.records[table]}
            if (kind == "primaryPresence")
            else {row["routing_status"] for row in run.messages.records[table]}
        )
        assert len(columns - {None}) > 2


def test_presence_and_routing_status_that_begin_together_are_two_rows(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """They are rows of two tables: neither takes the other's place."""
    found = periods(read(sandbox, tmp_path))
    moments = [{key[1:] for key in found if key[0] == table} for table in KINDS]
    assert len(moments[0] & moments[1]) > 10


def test_an_open_period_is_completed_when_it_ends(
    sandbox: Sandbox, clock: Clock, tmp_path: Path
) -> None:
    """By a later run, under the same key."""
    first = read(sandbox, tmp_path)
    opened = [key for key, row in periods(first).items() if row["end_time"] is None]
    assert opened
    clock.now += timedelta(hours=30)
    second = read(sandbox, tmp_path, state=first.messages.states[-1])
    found = periods(first, second)
    expected = truth(sandbox, START, clock.now - MARGIN)
    assert found.keys() >= expected.keys()
    assert {key: found[key]["end_time"] for key in expected} == expected
    assert any(found[key]["end_time"] for key in opened)


def test_a_period_of_many_days_is_completed_however_long_it_took(
    sandbox: Sandbox, clock: Clock, tmp_path: Path
) -> None:
    """Someone was on holiday for longer than the lookback reaches."""
    runs = [read(sandbox, tmp_path, lookback_days=1)]
    for _ in range(5):
        clock.now += timedelta(days=4)
        state = runs[-1].messages.states[-1]
        runs.append(read(sandbox, tmp_path, state=state, lookback_days=1))
    found = periods(*runs)
    expected = truth(sandbox, START, clock.now - MARGIN)
    assert {key: found[key]["end_time"] for key in expected} == expected
    assert any(
        end
        and datetime.fromisoformat(end[:19]) - datetime.fromisoformat(key[2][:19])
        > timedelta(days=5)
        for key, end in expected.items()
    )


def test_the_bookmark_stays_at_the_watermark_of_users(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """Which is not that of conversations."""
    behind = MIDNIGHT - timedelta(hours=3)
    sandbox.users_watermark.hold(behind)
    run = read(sandbox, tmp_path)
    (state,) = run.messages.states[-1]["bookmarks"].values()
    assert state["replication_key_value"] == format_timestamp(behind)
    assert state["provisional_until"][:19] == format_timestamp(NOON - MARGIN)[:19]
    jobs = [
        each.interval for each in sandbox.requests if each.path == f"{DETAILS}/jobs"
    ]
    assert max(str(interval) for interval in jobs).endswith(format_timestamp(behind))


def test_only_one_of_the_tables_can_be_read(sandbox: Sandbox, tmp_path: Path) -> None:
    """From the same download."""
    run = singer.run(
        tmp_path,
        singer.settings(sandbox, start_date=format_timestamp(START)),
        streams=("user_routing_status",),
    )
    assert run.exit_code == 0, run.errors
    assert set(run.messages.schemas) == {"user_routing_status"}


def test_more_periods_than_pages_reach_are_asked_for_in_parts(
    clock: Clock, tmp_path: Path
) -> None:
    """By time, and where time is no help by users."""
    options = SandboxOptions(
        conversations_per_day=5, requests_per_minute=0, clock=clock, result_cap=600
    )
    with Sandbox(options) as sandbox:
        run = read(sandbox, tmp_path, user_status_source="query", page_size=50)
        expected = truth(sandbox, START, NOON - MARGIN)
    assert periods(run).keys() == expected.keys()
    assert "it is split into" in run.log


class Crowded(ScriptedGenesys):
    """Has more periods than pages reach at any time, few of them of its only user."""

    @override
    def answer(self, request: Request) -> Reply:
        if request.path == "/oauth/token":
            return super().answer(request)
        if request.path.startswith(USERS):
            return Reply({"entities": [{"id": "a"}], "pageCount": 1, "total": 1})
        body = request.json
        start = body["interval"][:24]
        period = {"startTime": start, "systemPresence": "AVAILABLE"}
        if "userFilters" not in body:
            return Reply({"userDetails": [{"userId": "a"}], "totalHits": 100_001})
        if body["paging"]["pageNumber"] > 1:
            return Reply({"totalHits": 1})
        found = [{"userId": "a", "primaryPresence": [period]}]
        return Reply({"userDetails": found, "totalHits": 1})


def test_periods_of_users_that_no_list_names_are_missed_aloud(
    genesys: ScriptedGenesys, tmp_path: Path
) -> None:
    """Where a day is split by users, its parts are held against the whole."""
    genesys.__class__ = Crowded
    config = genesys.settings(user_status_source="query", **SPAN)
    run = singer.run(tmp_path, config, streams=("user_presence",))
    assert run.exit_code == 0, run.errors
    assert len(run.messages.records["user_presence"]) == 3
    assert "has 100001 results or more, but its parts" in run.log
    assert "filters, have only 1: some results may not be read" in run.log
