"""Figures that agree with the details they are of, one by one."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tap_genesys_analytics.intervals.buckets import Buckets
from tap_genesys_analytics.intervals.timestamps import format_timestamp, parse_timestamp
from tap_genesys_analytics.records.tables import NO_KEY_PART, snake_case
from tap_genesys_analytics.streams.aggregates import BUILT_IN
from tests.spans import NOW, SPAN, START

if TYPE_CHECKING:
    from pathlib import Path

    from genesys_cloud_sandbox.server import Sandbox

    from tap_genesys_analytics.readers.aggregates import Aggregate

from tests.streams.aggregates.reading import figures, read, statistics

#: From when on conversations are read, that none from before is counted in the span.
LONG_BEFORE = format_timestamp(START - timedelta(days=14))

ODD = {"converting", "uploading", "unknown", "delay", "callback"}

SESSION = ("conversation_id", "participant_id", "session_id")


@pytest.fixture(scope="module")
def details(
    sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[dict[str, Any]]]:
    """Read all conversations of which something may be counted in the span."""
    folder = tmp_path_factory.mktemp("details")
    span = {**SPAN, "start_date": LONG_BEFORE}
    return read(sandbox, folder, "conversation*", **span).messages.records


@pytest.mark.parametrize("aggregate", BUILT_IN[:2], ids=lambda each: str(each.name))
def test_figures_agree_with_the_conversations_metric_by_metric(
    sandbox: Sandbox,
    tmp_path: Path,
    details: dict[str, list[dict[str, Any]]],
    aggregate: Aggregate,
) -> None:
    """Each metric of each session, in the bucket in which it was emitted: no more."""
    of_session: dict[Any, dict[str, str]] = defaultdict(dict)
    for row in details["conversation_participants"]:
        participant = row["conversation_id"], row["participant_id"]
        of_session[participant]["user_id"] = row["user_id"] or NO_KEY_PART
    for row in details["conversation_sessions"]:
        session = tuple(row[name] for name in SESSION)
        of_session[session] = {
            **of_session[session[:2]],
            "media_type": row["media_type"] or NO_KEY_PART,
        }
    segments = details["conversation_segments"]
    # An odd one may begin together with the one that led to the queue.
    for row in sorted(
        segments, key=lambda row: (row["segment_start"], row["segment_type"] in ODD)
    ):
        if row["queue_id"]:
            # Of a session with several queues, the first counts.
            session = tuple(row[name] for name in SESSION)
            of_session[session].setdefault("queue_id", row["queue_id"])
    buckets = Buckets.of(aggregate.granularity)
    expected: dict[Any, list[tuple[str, float]]] = defaultdict(list)
    groups = [snake_case(name) for name in aggregate.group_by]
    for row in details["conversation_metrics"]:
        emitted = row["emit_date"]
        bucket = format_timestamp(buckets.floor(parse_timestamp(emitted)))
        if (
            row["name"] in aggregate.metrics
            and SPAN["start_date"] <= bucket < SPAN["end_date"]
        ):
            session = tuple(row[name] for name in SESSION)
            group = (of_session[session].get(name, NO_KEY_PART) for name in groups)
            key = (*group, bucket, row["name"])
            expected[key].append((emitted, row["value"]))
    run = read(sandbox, tmp_path, aggregate.name, **SPAN)
    found = figures(run, aggregate.name, *groups, "interval_start", "metric")
    assert found.keys() == expected.keys()
    # Some are rare: not in each span.
    assert {*aggregate.metrics} <= {
        row["name"] for row in details["conversation_metrics"]
    }
    for key, values in expected.items():
        of_key = statistics(key[-1], sorted(values))
        assert {name: found[key][name] for name in of_key} == of_key, key


@pytest.mark.parametrize("source", ["query", "jobs"])
def test_agent_status_of_a_day_agrees_with_the_periods(
    sandbox: Sandbox, tmp_path: Path, source: str
) -> None:
    """Each period, cut at midnight; together, whatever an agent did took 24 hours."""
    # Jobs are hours behind: after midnight they would lack some of the last day.
    sandbox.users_watermark.hold(NOW)
    run = read(
        sandbox,
        tmp_path,
        "user_*",
        "agent_status_daily",
        user_status_source=source,
        **SPAN,
    )
    expected: Counter[Any] = Counter()
    end_of_all = parse_timestamp(SPAN["end_date"])
    for table, measures in (
        (
            "user_presence",
            {
                "tSystemPresence": "system_presence",
                "tOrganizationPresence": "organization_presence_id",
            },
        ),
        ("user_routing_status", {"tAgentRoutingStatus": "routing_status"}),
    ):
        for row in run.messages.records[table]:
            begun = max(START, parse_timestamp(row["start_time"]))
            ended = row["end_time"]
            end = min(end_of_all, parse_timestamp(ended)) if ended else end_of_all
            while begun < end:
                day = begun.replace(hour=0, minute=0, second=0, microsecond=0)
                until = min(end, day + timedelta(days=1))
                taken = (until - begun) // timedelta(milliseconds=1)
                for metric, column in measures.items():
                    key = row["user_id"], format_timestamp(day), metric, row[column]
                    expected[key] += taken
                begun = until
    found = {
        key: row["sum"]
        for key, row in figures(
            run,
            "agent_status_daily",
            *("user_id", "interval_start", "metric", "qualifier"),
        ).items()
    }
    assert found == expected
    days: Counter[Any] = Counter()
    for key, taken in found.items():
        days[key[:3]] += taken
    assert set(days.values()) == {86_400_000}


def test_flow_outcomes_agree_with_those_of_the_conversations(
    sandbox: Sandbox, tmp_path: Path, details: dict[str, list[dict[str, Any]]]
) -> None:
    """As many as the sessions' flows had, and as long as they took."""
    flow_of = {
        tuple(row[name] for name in SESSION): row["flow_id"]
        for row in details["conversation_sessions"]
    }
    expected: dict[Any, list[float]] = defaultdict(list)
    for row in details["conversation_flow_outcomes"]:
        ended = row["flow_outcome_end_timestamp"] or ""
        if not SPAN["start_date"] <= ended < SPAN["end_date"]:
            continue
        flow = flow_of[tuple(row[name] for name in SESSION)]
        bucket = format_timestamp(Buckets.of("P1D").floor(parse_timestamp(ended)))
        began = parse_timestamp(row["flow_outcome_start_timestamp"])
        taken = (parse_timestamp(ended) - began) // timedelta(milliseconds=1)
        value = row["flow_outcome_value"]
        key = flow, row["flow_outcome_id"], value, bucket
        measured: dict[str, float] = {"tFlowOutcome": taken, "nFlowOutcome": 1}
        if value == "FAILURE":
            measured["nFlowOutcomeFailed"] = 1
        for metric, figure in measured.items():
            of_metric = (*key, metric)
            expected[of_metric].append(figure)
    run = read(sandbox, tmp_path, "flow_outcomes_daily", **SPAN)
    columns = ("flow_id", "flow_outcome_id", "flow_outcome_value", "interval_start")
    found = figures(run, "flow_outcomes_daily", *columns, "metric")
    assert found.keys() == expected.keys()
    assert len({key[-1] for key in found}) == 3
    for key, values in expected.items():
        of_key = statistics(key[-1], [("", value) for value in values])
        assert {name: found[key][name] for name in of_key} == of_key, key
