"""Aggregates from a sandbox: figures that agree with the details they are of."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tap_genesys_analytics.aggregates import (
    BUILT_IN,
    Aggregate,
    colliding,
    families,
)
from tap_genesys_analytics.buckets import Buckets
from tap_genesys_analytics.sandbox.api.faults import Fault
from tap_genesys_analytics.sandbox.server import Sandbox, SandboxOptions
from tap_genesys_analytics.tables import snake_case
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


#: From when on conversations are read, that none from before is counted in the span.
LONG_BEFORE = format_timestamp(START - timedelta(days=14))

SESSION = ("conversation_id", "participant_id", "session_id")


def statistics(metric: str, found: list[tuple[str, float]]) -> dict[str, float]:
    """Return what values at some moments amount to, as the API's manual has it."""
    values = [value for _, value in sorted(found)]
    if metric == "oServiceTarget":
        return {"current": values[-1]}
    if metric == "oServiceLevel":
        return {"numerator": sum(values), "denominator": len(values)}
    if metric.startswith("n"):
        return {"count": sum(values)}
    return {
        "count": len(values),
        "sum": sum(values),
        "min": min(values),
        "max": max(values),
    }


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
        of_session[participant]["user_id"] = row["user_id"] or ""
    for row in details["conversation_sessions"]:
        session = tuple(row[name] for name in SESSION)
        of_session[session] = {
            **of_session[session[:2]],
            "media_type": row["media_type"] or "",
        }
    segments = details["conversation_segments"]
    for row in sorted(segments, key=lambda row: str(row["segment_start"])):
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
            group = (of_session[session].get(name, "") for name in groups)
            key = (*group, bucket, row["name"])
            expected[key].append((emitted, row["value"]))
    run = read(sandbox, tmp_path, aggregate.name, **SPAN)
    found = figures(run, aggregate.name, *groups, "interval_start", "metric")
    assert found.keys() == expected.keys()
    assert {key[-1] for key in expected} == {*aggregate.metrics}
    for key, values in expected.items():
        of_key = statistics(key[-1], values)
        assert {name: found[key][name] for name in of_key} == of_key, key


@pytest.mark.parametrize("source", ["query", "jobs"])
def test_agent_status_of_a_day_agrees_with_the_periods(
    sandbox: Sandbox, tmp_path: Path, source: str
) -> None:
    """Each period, cut at midnight; together, whatever an agent did took 24 hours."""
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
    told = "calls: the settings ask for something else than before"
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
    assert "Another name would make it a table of its own" in refused.log
    assert sandbox.requests.count() == 0


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


@pytest.mark.parametrize(
    ("faults", "said"),
    [
        ([], "it is read by a job"),
        (["results-expired"], "its results have expired: it is run anew"),
    ],
)
def test_a_bucket_with_too_many_results_is_read_by_a_job(
    tmp_path: Path, faults: list[str], said: str
) -> None:
    """The same rows, page by page; and no job stays behind."""
    name = "agent_performance_daily"
    with few_results(30_000, conversations=200) as unlimited:
        whole = read(unlimited, tmp_path, name, **SPAN)
        assert unlimited.aggregate_jobs.submitted == 0
    with few_results(50, conversations=200) as limited:
        for fault in faults:
            limited.faults.next(Fault.parse(fault))
        read_by_jobs = read(limited, tmp_path, name, **SPAN)
        assert said in read_by_jobs.log
        assert limited.aggregate_jobs.submitted == 3 + len(faults)
        assert limited.aggregate_jobs.open == ()
    columns = ("user_id", "queue_id", "media_type", "interval_start", "metric")
    of_jobs = figures(read_by_jobs, name, *columns)
    expected = figures(whole, name, *columns)
    assert of_jobs.keys() == expected.keys()
    for key, row in of_jobs.items():
        assert row | {"extracted_at": ""} == expected[key] | {"extracted_at": ""}


def test_too_many_results_without_jobs_are_an_error_that_helps(tmp_path: Path) -> None:
    """With the interval, and what to change."""
    family = families()["ratelimits"]
    definition = {
        "name": "limits_daily",
        "family": "ratelimits",
        "metrics": list(family.metrics),
        "group_by": [name for name in family.dimensions if not colliding([name])],
    }
    with few_results(2) as limited:
        failed = singer.run(
            tmp_path,
            singer.settings(limited, aggregates=[definition], **SPAN),
            streams=("limits_daily",),
        )
    assert failed.exit_code == 1
    assert "fewer dimensions, a filter or a shorter granularity" in failed.log
    assert "limits_daily, interval " in failed.log


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
