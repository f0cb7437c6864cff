"""Jobs and query: one set of tables, whichever way they are read."""

from __future__ import annotations

import signal
import time
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from genesys_cloud_sandbox.server import Fault, Sandbox, SandboxOptions

from tap_genesys_analytics.intervals.timestamps import format_timestamp, parse_timestamp
from tap_genesys_analytics.streams.conversation_tables import TABLES
from tests import singer
from tests.paths import DETAILS_JOBS, DETAILS_QUERY
from tests.spans import MIDNIGHT, NOW, START
from tests.streams.sources.runs import (
    HASTY,
    PER_DAY,
    bookmark,
    by_key,
    intervals,
    run,
)

if TYPE_CHECKING:
    from pathlib import Path


def test_the_same_span_by_jobs_query_and_auto_gives_the_same_tables(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """But for the attributes, which the query does not answer."""
    # Behind the clock, jobs would not know what has changed since.
    sandbox.watermark.hold(datetime.now(timezone.utc))
    span = {"end_date": format_timestamp(MIDNIGHT - timedelta(days=1))}
    query = run(tmp_path, sandbox, conversation_source="query", **span)
    jobs = run(tmp_path, sandbox, conversation_source="jobs", **span)
    auto = run(tmp_path, sandbox, **span)
    started = {key[0] for key in by_key(query, "conversations")}
    assert len(started) == 2 * PER_DAY

    def of_started(run: singer.Run, table: str) -> dict[Any, Any]:
        found = by_key(run, table)
        return {key: row for key, row in found.items() if key[0] in started}

    for table in TABLES:
        if not table.selected_by_default:
            continue
        found = of_started(jobs, table.name)
        assert found == of_started(auto, table.name)
        if table.name == "conversation_attributes":
            assert found
            assert not by_key(query, table.name)
        else:
            assert found == by_key(query, table.name), table.name


def test_auto_reads_jobs_up_to_the_watermark_and_the_query_from_there(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """The bookmark stays at the watermark; what is read past it is noted beside."""
    watermark = MIDNIGHT - timedelta(hours=5)
    sandbox.watermark.hold(watermark)
    found = run(tmp_path, sandbox)
    assert found.exit_code == 0, found.errors
    assert intervals(sandbox, DETAILS_JOBS)[-1].endswith(format_timestamp(watermark))
    first_query = intervals(sandbox, DETAILS_QUERY)[0]
    assert first_query.startswith(format_timestamp(watermark))
    state = bookmark(found)
    assert state["replication_key_value"] == format_timestamp(watermark)
    assert state["provisional_until"] > state["replication_key_value"]
    assert not sandbox.jobs.open


def test_a_sync_soon_after_reads_only_the_minutes_since(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """One question for the watermark and one page, where the watermark stands."""
    sandbox.watermark.hold(MIDNIGHT - timedelta(hours=5))
    first = run(tmp_path, sandbox)
    until = bookmark(first)["provisional_until"]
    sandbox.requests.clear()
    second = run(tmp_path, sandbox, state=first.messages.states[-1])
    assert second.exit_code == 0, second.errors
    assert not intervals(sandbox, DETAILS_JOBS)
    assert [each[:24] for each in intervals(sandbox, DETAILS_QUERY)] == [until]
    assert sandbox.requests.count(f"{DETAILS_JOBS}/availability") == 1
    assert sandbox.requests.count() - sandbox.requests.count("/oauth/token") <= 2


def test_provisional_rows_are_read_again_when_jobs_have_them(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """And then have their attributes."""
    sandbox.watermark.hold(MIDNIGHT - timedelta(hours=20))
    first = run(tmp_path, sandbox)
    moved = MIDNIGHT - timedelta(hours=2)
    sandbox.watermark.hold(moved)
    second = run(tmp_path, sandbox, state=first.messages.states[-1])
    assert bookmark(second)["replication_key_value"] == format_timestamp(moved)
    again = {key[0] for key in by_key(second, "conversations")}
    with_attributes = {key[0] for key in by_key(second, "conversation_attributes")}
    provisional = {
        key[0]
        for key, record in by_key(first, "conversations").items()
        if format_timestamp(MIDNIGHT - timedelta(hours=20))
        < record["conversation_start"]
        < format_timestamp(moved)
    }
    assert provisional
    assert provisional <= again
    assert provisional & with_attributes


def test_a_watermark_that_stands_still_leaves_no_hole(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """A job that reaches past it would succeed, silently without its tail."""
    sandbox.watermark.hold(START + timedelta(hours=30))
    first = run(tmp_path, sandbox, conversation_source="jobs")
    ends = [each.split("/")[1] for each in intervals(sandbox, DETAILS_JOBS)]
    assert max(ends) == format_timestamp(START + timedelta(hours=30))
    sandbox.watermark.hold(MIDNIGHT)
    second = run(
        tmp_path, sandbox, conversation_source="jobs", state=first.messages.states[-1]
    )
    read = {
        record["conversation_id"]
        for each in (first, second)
        for record in each.messages.records["conversations"]
    }
    truth = sandbox.truth(START.date(), MIDNIGHT.date())
    assert {each["conversationId"] for each in truth} <= read


def test_long_lived_conversations_are_read_in_every_interval_they_live_in(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """An e-mail of last week that goes on is there, as it is now."""
    start = format_timestamp(MIDNIGHT - timedelta(days=1))
    span = {"start_date": start, "end_date": format_timestamp(MIDNIGHT)}
    sandbox.watermark.hold(MIDNIGHT + timedelta(hours=1))
    found = run(tmp_path, sandbox, conversation_source="jobs", **span)
    earlier = [
        record
        for record in found.messages.records["conversations"]
        if record["conversation_start"] < start
    ]
    assert earlier
    assert all(
        record["conversation_end"] is None
        or record["conversation_end"] >= start
        or by_key(found, "conversation_segments")
        for record in earlier
    )


def test_where_jobs_are_forbidden_auto_says_so_once_and_uses_the_query(
    tmp_path: Path,
) -> None:
    """And its bookmark goes up to now, as there is nothing to wait for."""
    options = SandboxOptions(
        conversations_per_day=PER_DAY, requests_per_minute=0, jobs_forbidden=True
    )
    with Sandbox(options) as sandbox:
        found = run(tmp_path, sandbox)
        refused = run(tmp_path, sandbox, conversation_source="jobs")
    assert found.exit_code == 0, found.errors
    assert found.log.count("The client may not use jobs") == 1
    until = parse_timestamp(bookmark(found)["replication_key_value"])
    assert until > NOW - timedelta(minutes=10)
    assert refused.exit_code != 0
    assert "analytics:conversationDetail:view" in refused.log


def test_a_job_that_ends_without_results_is_an_error_with_its_reason(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """With the job's id, the stream and the interval; the bookmark stays."""
    # A job that fails is tried once more.
    sandbox.faults.next(Fault("job-failed"), times=2)
    # One after the other: the first job is that of the first interval.
    found = run(tmp_path, sandbox, conversation_source="jobs", max_connections=1)
    assert found.exit_code != 0
    assert f"conversations, interval {format_timestamp(START)}/" in found.log
    assert "ended as FAILED" in found.log
    assert not found.messages.bookmarks
    assert not sandbox.jobs.open


def test_results_that_expire_while_they_are_read_are_asked_for_anew(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """By a new job; what was read already is not written twice."""
    sandbox.faults.next(Fault("results-expired"))
    span = {"end_date": format_timestamp(START + timedelta(days=1))}
    found = run(tmp_path, sandbox, conversation_source="jobs", job_page_size=10, **span)
    assert found.exit_code == 0, found.errors
    ids = [row["conversation_id"] for row in found.messages.records["conversations"]]
    assert len(ids) == len(set(ids)) >= PER_DAY
    assert sandbox.jobs.submitted == 2
    assert not sandbox.jobs.open


@pytest.mark.parametrize("connections", [1, 8])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_stopped_deletes_its_jobs(
    tmp_path: Path, number: signal.Signals, connections: int
) -> None:
    """While it waits for them: the last good state is out, the exit code is not 0."""
    options = SandboxOptions(
        conversations_per_day=PER_DAY, requests_per_minute=0, job_seconds=60
    )
    with Sandbox(options) as sandbox:
        config = singer.settings(
            sandbox,
            conversation_source="jobs",
            start_date=format_timestamp(START),
            max_connections=connections,
        )
        process = singer.start(tmp_path, config, module=HASTY)
        # One is waited for, and one ahead of its turn where there are connections.
        expected = min(connections, 2)
        while len(sandbox.jobs.open) < expected and process.poll() is None:
            time.sleep(0.01)
        time.sleep(0.1)
        process.send_signal(number)
        found = singer.finish(tmp_path, process)
        assert found.exit_code == 128 + number
        assert sandbox.jobs.submitted == expected
        assert not sandbox.jobs.open


def test_only_what_filters_let_through_is_read(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """From both sources alike."""
    only = {
        "media_types": ["email", "hologram"],
        "conversation_filters": [
            {
                "type": "and",
                "predicates": [{"dimension": "conversationEnd", "operator": "exists"}],
            }
        ],
    }
    found = run(tmp_path, sandbox, **only)
    assert found.exit_code == 0, found.errors
    records = found.messages.records["conversations"]
    assert records
    assert all("email" in record["media_types"] for record in records)
    assert all(record["conversation_end"] for record in records)
    assert "'hologram' is not in the API's list" in found.log
