"""Runs that read aggregates: what they ask for, and what they do with the answer."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from genesys_cloud_sandbox.server import Sandbox, SandboxOptions

from tap_genesys_analytics.intervals.buckets import Buckets
from tap_genesys_analytics.intervals.timestamps import format_timestamp, parse_timestamp
from tap_genesys_analytics.streams.aggregates import (
    families,
)
from tests import singer
from tests.spans import MIDNIGHT, SPAN

if TYPE_CHECKING:
    from pathlib import Path

from tests.streams.aggregates.reading import figures, read

DAILY = "*_daily"
HALF_HOURLY = "queue_performance_half_hourly"


def test_the_present_bucket_is_read_again_until_it_is_over(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """The bookmark stays at its start; the row is written over."""
    start = {"start_date": format_timestamp(MIDNIGHT - timedelta(days=1))}
    first = read(sandbox, tmp_path, "agent_status_daily", **start)
    state = first.messages.states[-1]["bookmarks"]["agent_status_daily"]
    assert state["replication_key"] == "interval_start"
    assert state["replication_key_value"] == format_timestamp(MIDNIGHT)
    sandbox.requests.clear()
    second = read(
        sandbox, tmp_path, "agent_status_daily", state=first.messages.states[-1]
    )
    (interval,) = [each.interval for each in sandbox.requests if each.interval]
    assert interval.startswith(format_timestamp(MIDNIGHT))
    keys = ("user_id", "interval_start", "metric", "qualifier")
    today = format_timestamp(MIDNIGHT)
    again = figures(second, "agent_status_daily", *keys)
    assert {key[1] for key in again} == {today}
    before = figures(first, "agent_status_daily", *keys)
    assert {key for key in before if key[1] == today} <= again.keys()


def test_rows_of_an_earlier_version_are_told_once(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """Its state goes on; its rows have another key, and stay."""
    start = {"start_date": format_timestamp(MIDNIGHT - timedelta(days=1))}
    state = read(sandbox, tmp_path, HALF_HOURLY, **start).messages.states[-1]
    old = state["bookmarks"][HALF_HOURLY]
    assert old.pop("key_version") == "2"
    told = f"{HALF_HOURLY}: an earlier version loaded rows with keys of another form"
    sandbox.requests.clear()
    first = read(sandbox, tmp_path, HALF_HOURLY, state=state)
    (interval,) = [each.interval for each in sandbox.requests if each.interval]
    assert interval.startswith(old["replication_key_value"])
    assert told in first.log
    second = read(sandbox, tmp_path, HALF_HOURLY, state=first.messages.states[-1])
    assert told not in second.log


def test_a_changed_definition_is_told_once(sandbox: Sandbox, tmp_path: Path) -> None:
    """More metrics count from there on; other groups are refused at the start."""
    definition = {
        "name": "calls",
        "family": "conversations",
        "metrics": ["nOffered"],
        "group_by": ["queueId"],
    }
    wider = {**definition, "metrics": ["nOffered", "tHandle"]}
    state = read(sandbox, tmp_path, "calls", aggregates=[definition], **SPAN)
    span = {"start_date": SPAN["start_date"]}
    told = "calls: the settings have changed since the last run"
    runs: list[singer.Run] = []
    for _ in range(2):
        last = (runs or [state])[-1].messages.states[-1]
        runs.append(
            read(sandbox, tmp_path, "calls", state=last, aggregates=[wider], **span)
        )
    assert [told in run.log for run in runs] == [True, False]
    other = {**wider, "group_by": ["queueId", "mediaType"]}
    sandbox.requests.clear()
    refused = singer.run(
        tmp_path,
        singer.settings(sandbox, aggregates=[other], **span),
        state=runs[-1].messages.states[-1],
        streams=("calls",),
    )
    assert refused.exit_code == 1
    assert "Give the stream a new name, which makes it a new table" in refused.log
    assert sandbox.requests.count() == 0


def few_results(limit: int, conversations: int = 80) -> Sandbox:
    """Return a Genesys Cloud whose queries answer hardly any figures."""
    return Sandbox(
        SandboxOptions(
            conversations_per_day=conversations,
            requests_per_minute=0,
            aggregate_result_limit=limit,
            job_seconds=0.02,
        )
    )


def test_a_bucket_with_too_many_results_is_read_by_a_job(tmp_path: Path) -> None:
    """The rows are those of the query, and no job stays behind."""
    name = "agent_performance_daily"
    with few_results(30_000, conversations=200) as unlimited:
        whole = read(unlimited, tmp_path, name, **SPAN)
        assert unlimited.aggregate_jobs.submitted == 0
    with few_results(50, conversations=200) as limited:
        read_by_jobs = read(limited, tmp_path, name, **SPAN)
        assert "it is read from a job" in read_by_jobs.log
        assert limited.aggregate_jobs.submitted == 3
        assert limited.aggregate_jobs.open == ()
    columns = ("user_id", "queue_id", "media_type", "interval_start", "metric")
    of_jobs = figures(read_by_jobs, name, *columns)
    expected = figures(whole, name, *columns)
    assert of_jobs.keys() == expected.keys()
    for key, row in of_jobs.items():
        assert row | {"extracted_at": ""} == expected[key] | {"extracted_at": ""}


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Kathmandu"])
def test_buckets_go_by_the_clocks_of_the_time_zone(
    sandbox: Sandbox, tmp_path: Path, zone: str
) -> None:
    """A day begins at its own midnight."""
    definition = {
        "name": "calls_a_day",
        "family": "conversations",
        "metrics": ["nOffered"],
        "group_by": ["mediaType"],
        "time_zone": zone,
    }
    run = read(sandbox, tmp_path, "calls_a_day", aggregates=[definition], **SPAN)
    starts = {row["interval_start"] for row in run.messages.records["calls_a_day"]}
    days = Buckets.of("P1D", zone)
    assert len(starts) >= 3
    for start in starts:
        assert days.floor(parse_timestamp(start)) == parse_timestamp(start)
    assert not any(start.endswith("T00:00:00.000Z") for start in starts)


def test_a_misspelt_metric_is_warned_of_and_refused_by_genesys(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """Before the first request, with the nearest name."""
    definition = {
        "name": "calls",
        "family": "conversations",
        "metrics": ["nOfferd"],
    }
    run = singer.run(
        tmp_path,
        singer.settings(sandbox, aggregates=[definition], **SPAN),
        streams=("calls",),
    )
    assert run.exit_code == 1
    assert "did you mean nOffered?" in run.log
    assert "400 (invalid.value)" in run.log


def test_filters_and_views_are_passed_on(sandbox: Sandbox, tmp_path: Path) -> None:
    """What a view counts is a row with its name."""
    definition = {
        "name": "short_calls",
        "family": "conversations",
        "metrics": ["tHandle"],
        "group_by": ["mediaType"],
        "filter": {
            "type": "or",
            "predicates": [{"dimension": "mediaType", "value": "voice"}],
        },
        "views": [
            {
                "name": "within_a_minute",
                "target": "tHandle",
                "function": "rangeBound",
                "range": {"gte": 0, "lt": 60_000},
            }
        ],
    }
    run = read(sandbox, tmp_path, "short_calls", aggregates=[definition], **SPAN)
    rows = run.messages.records["short_calls"]
    assert {row["media_type"] for row in rows} == {"voice"}
    assert {row["metric"] for row in rows} == {"tHandle", "within_a_minute"}
    by_day = figures(run, "short_calls", "interval_start", "metric")
    for start, metric in by_day:
        if metric == "within_a_minute":
            whole = by_day[start, "tHandle"]["count"]
            assert 0 < by_day[start, metric]["count"] <= whole


@pytest.mark.parametrize("family", families())
def test_every_family_can_be_read(
    sandbox: Sandbox, tmp_path: Path, family: str
) -> None:
    """All of its metrics, by one of its dimensions."""
    lists = families()[family]
    definition = {
        "name": "figures",
        "family": family,
        "metrics": list(lists.metrics),
        "group_by": [lists.dimensions[0]],
    }
    span = {**SPAN, "start_date": format_timestamp(MIDNIGHT - timedelta(days=1))}
    run = read(sandbox, tmp_path, "figures", aggregates=[definition], **span)
    assert "does not know" not in run.log
    rows = run.messages.records["figures"]
    assert rows
    assert {row["metric"] for row in rows} <= {*lists.metrics}


def test_the_aggregate_of_the_manual_is_read(
    sandbox: Sandbox, tmp_path: Path, manual_settings: list[dict[str, Any]]
) -> None:
    """As it stands there."""
    (aggregates,) = [
        each["aggregates"] for each in manual_settings if "aggregates" in each
    ]
    name = aggregates[0]["name"]
    run = read(sandbox, tmp_path, name, aggregates=aggregates, **SPAN)
    rows = run.messages.records[name]
    assert {row["media_type"] for row in rows} == {"voice"}
    assert {row["metric"] for row in rows} >= {"tAnswered", "within_a_minute"}
    assert "as far as this version knows" not in run.log
