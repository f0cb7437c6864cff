"""Aggregates from a sandbox: figures that agree with the details they are of."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tap_genesys_analytics.aggregates import BUILT_IN, families
from tap_genesys_analytics.buckets import Buckets
from tap_genesys_analytics.sandbox.server import Sandbox, SandboxOptions
from tap_genesys_analytics.timestamps import format_timestamp, parse_timestamp
from tests import singer
from tests.spans import MIDNIGHT, SPAN, START

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DAILY = "*_daily"
HALF_HOURLY = "queue_performance_half_hourly"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """Serve a Genesys Cloud."""
    options = SandboxOptions(conversations_per_day=80, requests_per_minute=0)
    with Sandbox(options) as sandbox:
        yield sandbox


@pytest.fixture(autouse=True)
def fresh_log(sandbox: Sandbox) -> None:
    """Count the requests of one test only."""
    sandbox.faults.clear()
    sandbox.requests.clear()


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


def test_queue_figures_agree_with_the_conversations_metric_by_metric(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """Each metric of each session, in the half hour in which it was emitted."""
    run = read(
        sandbox, tmp_path, "conversation*", HALF_HOURLY, **{**SPAN, "lookback_days": 0}
    )
    found = figures(
        run, HALF_HOURLY, "queue_id", "media_type", "interval_start", "metric"
    )
    queues_of: dict[Any, set[str]] = defaultdict(set)
    for row in run.messages.records["conversation_segments"]:
        session = row["conversation_id"], row["participant_id"], row["session_id"]
        queues_of[session] |= {row["queue_id"]} - {None}
    media_of = {
        (row["conversation_id"], row["participant_id"], row["session_id"]): row[
            "media_type"
        ]
        for row in run.messages.records["conversation_sessions"]
    }
    half_hours = Buckets.of("PT30M")
    expected: dict[Any, list[int]] = defaultdict(list)
    asked = set(BUILT_IN[0].metrics)
    for row in run.messages.records["conversation_metrics"]:
        session = row["conversation_id"], row["participant_id"], row["session_id"]
        bucket = format_timestamp(half_hours.floor(parse_timestamp(row["emit_date"])))
        # What started before the span is not among the conversations read.
        if row["name"] in asked and SPAN["start_date"] <= bucket < SPAN["end_date"]:
            # Of a session with several queues, Genesys counts the first only.
            queue = min(queues_of[session], default="")
            if len(queues_of[session]) > 1:
                queue = "?"
            key = queue, media_of[session] or "", bucket, row["name"]
            expected[key].append(row["value"])
    assert len(expected) > 1000
    for key, values in expected.items():
        if key[0] == "?":
            continue
        row = found[key]
        if key[3].startswith("n"):
            assert row["count"] >= sum(values)
        elif key[3].startswith("t"):
            assert row["sum"] >= sum(values)
            assert row["max"] >= max(values)
            assert row["min"] <= min(values)
    # All of it together: what is more comes from conversations of the days before.
    ahead = START + timedelta(days=2)
    for metric in ("nOffered", "tAnswered", "tHandle", "tAbandon", "nOverSla"):
        mine = sum(
            sum(values)
            for key, values in expected.items()
            if key[3] == metric
            and key[1] == "voice"
            and key[2] >= format_timestamp(ahead)
        )
        column = "count" if metric.startswith("n") else "sum"
        theirs = sum(
            row[column]
            for key, row in found.items()
            if key[3] == metric
            and key[1] == "voice"
            and key[2] >= format_timestamp(ahead)
        )
        # Calls live for hours at the most, so a day later none is from before.
        assert mine == theirs != 0, metric


def test_agent_status_of_a_day_adds_up_to_the_day(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """Whatever an agent did, it took 24 hours, by each of the three measures."""
    run = read(sandbox, tmp_path, "agent_status_daily", **SPAN)
    sums: Counter[Any] = Counter()
    for row in run.messages.records["agent_status_daily"]:
        assert row["qualifier"]
        sums[row["user_id"], row["interval_start"], row["metric"]] += row["sum"]
    agents = {key[0] for key in sums}
    assert len(sums) == len(agents) * 3 * 3
    assert set(sums.values()) == {86_400_000}


def test_flow_outcomes_agree_with_those_of_the_conversations(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """As many as the sessions' flows had."""
    run = read(
        sandbox, tmp_path, "conversation_flow_outcomes", "flow_outcomes_daily", **SPAN
    )
    last_day = format_timestamp(MIDNIGHT - timedelta(days=1))
    outcomes = [
        row
        for row in run.messages.records["conversation_flow_outcomes"]
        if (row["flow_outcome_end_timestamp"] or "") >= last_day
    ]
    counted = {
        row["flow_outcome_id"]
        for row in run.messages.records["flow_outcomes_daily"]
        if row["interval_start"] == last_day and row["metric"] == "nFlowOutcome"
    }
    assert {row["flow_outcome_id"] for row in outcomes} <= counted
    assert outcomes


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


def test_more_results_than_one_answer_holds_are_asked_for_in_halves(
    tmp_path: Path,
) -> None:
    """Down to single buckets; what does not fit even there is an error that helps."""
    options = SandboxOptions(
        conversations_per_day=80, requests_per_minute=0, aggregate_result_limit=400
    )
    whole: singer.Run
    with Sandbox(SandboxOptions(conversations_per_day=80)) as sandbox:
        whole = read(sandbox, tmp_path, HALF_HOURLY, **SPAN)
    with Sandbox(options) as sandbox:
        halved = read(sandbox, tmp_path, HALF_HOURLY, **SPAN)
        assert "has too many results: it is halved" in halved.log
        columns = ("queue_id", "media_type", "interval_start", "metric")
        found = figures(halved, HALF_HOURLY, *columns)
        assert found.keys() == figures(whole, HALF_HOURLY, *columns).keys()


def test_a_bucket_with_too_many_results_is_an_error_that_helps(tmp_path: Path) -> None:
    """With the interval, and what to change."""
    options = SandboxOptions(
        conversations_per_day=80, requests_per_minute=0, aggregate_result_limit=50
    )
    with Sandbox(options) as sandbox:
        failed = singer.run(
            tmp_path,
            singer.settings(sandbox, **SPAN),
            streams=("agent_performance_daily",),
        )
    assert failed.exit_code == 1
    assert "fewer dimensions, a filter or a shorter granularity" in failed.log
    assert "agent_performance_daily, interval " in failed.log


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
    known = {*lists.metrics}
    assert {row["metric"] for row in rows} <= known


def test_the_aggregate_of_the_readme_is_read(
    sandbox: Sandbox, tmp_path: Path, readme_settings: list[dict[str, Any]]
) -> None:
    """As it stands there."""
    (aggregates,) = [
        each["aggregates"] for each in readme_settings if "aggregates" in each
    ]
    name = aggregates[0]["name"]
    run = read(sandbox, tmp_path, name, aggregates=aggregates, **SPAN)
    rows = run.messages.records[name]
    assert {row["media_type"] for row in rows} == {"voice"}
    assert {row["metric"] for row in rows} >= {"tAnswered", "within_a_minute"}
    assert "as far as this version knows" not in run.log
