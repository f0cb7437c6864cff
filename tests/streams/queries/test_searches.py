"""Searches by POST, declared and defined: one paginator for all of them."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from genesys_cloud_sandbox.world.administration import audits
from genesys_cloud_sandbox.world.times import milliseconds

from tap_genesys_analytics.intervals.timestamps import format_timestamp, parse_timestamp
from tests.spans import MIDNIGHT, NOW, SPAN, START
from tests.streams.queries.reading import bookmark, read

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from genesys_cloud_sandbox.server import Sandbox

    from tests import singer


def test_transcripts_are_read_day_by_day_and_no_further_than_now(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """Each communication once, in the days it began in."""
    span = {"start_date": format_timestamp(START)}
    run = read(sandbox, tmp_path, "speech_transcripts", **span)
    records = run.messages.records["speech_transcripts"]
    keys = [(row["conversation_id"], row["communication_id"]) for row in records]
    assert len(keys) > 50
    assert len(set(keys)) == len(keys)
    assert all(row["start_time"] >= span["start_date"] for row in records)
    truth = {
        (each["conversationId"], session["sessionId"])
        for each in sandbox.truth(START.date(), MIDNIGHT.date())
        for participant in each["participants"]
        for session in participant["sessions"]
    }
    assert {key for key in keys if key in truth}
    assert bookmark(run, "speech_transcripts")["replication_key"] == "start_time"


def test_more_results_than_pages_reach_are_asked_for_in_halves(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """The search for transcripts pages through the first 1,000 only."""
    query = {
        "name": "transcripts",
        "path": "/api/v2/speechandtextanalytics/transcripts/search",
        "body": {
            "types": ["transcripts"],
            "query": [
                {
                    "type": "DATE_RANGE",
                    "fields": ["startTime"],
                    "startValue": "{start}",
                    "endValue": "{end}",
                }
            ],
        },
        "records_path": "results",
        "key": ["conversationId", "communicationId"],
        "page_size": 5,
    }
    whole = read(sandbox, tmp_path, "transcripts", queries=[query], **SPAN)
    sandbox.requests.clear()
    capped = {**query, "result_cap": 10}
    halved = read(sandbox, tmp_path, "transcripts", queries=[capped], **SPAN)

    def keys(run: singer.Run) -> set[tuple[str, str]]:
        records = run.messages.records["transcripts"]
        return {(row["conversation_id"], row["communication_id"]) for row in records}

    assert len(keys(whole)) > 50
    assert keys(halved) == keys(whole)
    state = bookmark(whole, "transcripts")
    assert state["replication_key"] == "interval_start"
    assert state["replication_key_value"] == SPAN["end_date"]


def audits_requested(sandbox: Sandbox) -> tuple[datetime, datetime]:
    """Return the first and the last moment that a run requested audits of."""
    intervals = [
        each.interval.split("/")
        for each in sandbox.requests
        if each.interval and "/audits/" in each.path
    ]
    first = min(start for start, _ in intervals)
    return parse_timestamp(first), parse_timestamp(max(end for _, end in intervals))


def test_audits_are_read_as_far_back_as_genesys_answers(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """Fourteen days; what lies before them is named when it is lost."""
    sandbox.requests.clear()
    run = read(sandbox, tmp_path, "audits")
    records = run.messages.records["audits"]
    first, last = audits_requested(sandbox)
    assert timedelta(days=13) < NOW - first < timedelta(days=14)
    assert "can no longer be read" not in run.log
    begun, ended = milliseconds(first), milliseconds(last)
    truth = audits(sandbox.references.directory, begun, ended - 1, ended)
    assert {each["id"] for each in truth} == {row["id"] for row in records}
    state = {
        "bookmarks": {
            "audits": {
                "replication_key": "event_date",
                "replication_key_value": format_timestamp(NOW - timedelta(days=20)),
            }
        }
    }
    sandbox.requests.clear()
    late = read(sandbox, tmp_path, "audits", state=state)
    assert "can no longer be read" in late.log
    first, _ = audits_requested(sandbox)
    assert {row["id"] for row in late.messages.records["audits"]} >= {
        row["id"] for row in records if row["event_date"] >= format_timestamp(first)
    }


def test_a_second_run_asks_for_audits_since_the_first(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """They do not change: nothing is read twice."""
    first = read(sandbox, tmp_path, "audits")
    sandbox.requests.clear()
    second = read(sandbox, tmp_path, "audits", state=first.messages.states[-1])
    (interval,) = {each.interval for each in sandbox.requests if each.interval}
    begin = bookmark(first, "audits")["replication_key_value"]
    assert interval.startswith(begin)
    both = [
        {row["id"] for row in run.messages.records["audits"]} for run in (first, second)
    ]
    assert len(both[0]) > 20
    assert not both[0] & both[1]


def test_dashboards_are_read_whole(sandbox: Sandbox, tmp_path: Path) -> None:
    """By the ids of all that are listed, as many at once as there may be."""
    sandbox.requests.clear()
    run = read(sandbox, tmp_path, "dashboards")
    records = run.messages.records["dashboards"]
    path = "analytics/reporting/settings/dashboards/query"
    listed = sandbox.references.entities(path)
    assert len(listed) > 25
    assert sorted(row["id"] for row in records) == sorted(x["id"] for x in listed)
    methods = Counter(
        each.method for each in sandbox.requests if each.path.endswith(path)
    )
    assert methods["POST"] == -(-len(listed) // 25)
