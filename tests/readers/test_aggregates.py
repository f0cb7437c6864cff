"""Aggregates: windows of buckets, halved or read by a job where they are too many."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_genesys_analytics.api.errors import ApiError
from tap_genesys_analytics.api.polling import JobFailedError
from tap_genesys_analytics.intervals.bookmarks import Bookmark
from tap_genesys_analytics.intervals.completeness import RecordCount
from tap_genesys_analytics.intervals.plan import Source
from tap_genesys_analytics.readers.aggregates import Aggregate, AggregateReader
from tests.conftest import Reply, ScriptedGenesys
from tests.readers.reading import (
    FIRST,
    NOW,
    SECOND,
    THIRD,
    asked,
    bodies,
    documents,
    period,
    planned,
    spans,
)

if TYPE_CHECKING:
    from tap_genesys_analytics.api.client import GenesysClient

HOURLY = Aggregate(
    name="calls_hourly",
    family="conversations",
    metrics=("nOffered", "tHandle"),
    group_by=("queueId",),
    granularity="PT1H",
)
DAILY = replace(HOURLY, granularity="P1D")

QUERY = "POST /api/v2/analytics/conversations/aggregates/query"
JOBS = "/api/v2/analytics/conversations/aggregates/jobs"

TOO_MANY = Reply({"code": "bad.request", "message": "limit of 9 results"}, 400)
SUBMITTED = Reply({"jobId": "j"}, 202)
DONE = Reply({"state": "FULFILLED"})
DELETED = Reply(b"", 204)


def result(queue: str | None, *metrics: dict[str, Any]) -> dict[str, Any]:
    """Return the result of a group in one bucket, the first hour of the first day."""
    group = {} if queue is None else {"queueId": queue}
    interval = "2026-03-02T00:00:00.000Z/2026-03-02T01:00:00.000Z"
    return {"group": group, "data": [{"interval": interval, "metrics": list(metrics)}]}


def offered(count: int) -> dict[str, Any]:
    """Return the metric of how many were offered."""
    return {"metric": "nOffered", "stats": {"count": count}}


def answer(*results: dict[str, Any]) -> Reply:
    """Return an answer with these results."""
    return Reply({"results": list(results)})


def test_days_are_planned_up_to_the_bucket_that_is_not_over(
    client: GenesysClient,
) -> None:
    """That bucket is read as far as it is, and the bookmark stays at its start."""
    end = NOW + timedelta(minutes=20)
    intervals = list(AggregateReader(client, HOURLY).plan(period(start=THIRD, end=end)))
    assert [each.interval.end for each in intervals] == [end]
    assert [each.after.until for each in intervals] == [NOW]


def test_each_day_of_small_buckets_is_one_interval(client: GenesysClient) -> None:
    """A run with a bookmark begins there."""
    reader = AggregateReader(client, HOURLY)
    intervals = list(reader.plan(period(Bookmark(SECOND))))
    assert spans(intervals) == [
        (Source.QUERY, "03 00 to 04 00"),
        (Source.QUERY, "04 00 to 04 15"),
    ]


def test_an_interval_is_one_request_and_a_document_for_each_metric(
    genesys: ScriptedGenesys, client: GenesysClient
) -> None:
    """Each holds its group, the times of its bucket and its figures."""
    handled = {"metric": "tHandle", "qualifier": "x", "stats": {"sum": 9.0}}
    genesys.replies(answer(result("a", offered(2), handled)))
    found = documents(AggregateReader(client, HOURLY).pages(planned(), RecordCount()))
    shared = {
        "queueId": "a",
        "intervalStart": "2026-03-02T00:00:00.000Z",
        "intervalEnd": "2026-03-02T01:00:00.000Z",
    }
    assert found == [
        {**shared, "metric": "nOffered", "qualifier": "(none)", "count": 2},
        {**shared, "metric": "tHandle", "qualifier": "x", "sum": 9.0},
    ]
    (request,) = genesys.requests
    assert request.json == {
        "interval": "2026-03-02T00:00:00.000Z/2026-03-03T00:00:00.000Z",
        "granularity": "PT1H",
        "timeZone": "UTC",
        "metrics": ["nOffered", "tHandle"],
        "groupBy": ["queueId"],
    }


def test_too_many_results_are_read_in_halves_at_the_edge_of_a_bucket(
    genesys: ScriptedGenesys, client: GenesysClient
) -> None:
    """Each half is halved again as long as it has too many."""
    genesys.replies(
        TOO_MANY,
        TOO_MANY,
        answer(result("a", offered(1))),
        answer(result("b", offered(2))),
        answer(result("c", offered(3))),
    )
    end = FIRST + timedelta(hours=5)
    pages = AggregateReader(client, HOURLY).pages(planned(FIRST, end), RecordCount())
    assert [each["queueId"] for each in documents(pages)] == ["a", "b", "c"]
    hours = [
        tuple(moment[11:13] for moment in interval.split("/"))
        for interval in bodies(genesys, "interval")
    ]
    assert hours == [
        ("00", "05"),
        ("00", "02"),
        ("00", "01"),
        ("01", "02"),
        ("02", "05"),
    ]


def test_one_bucket_with_too_many_results_is_read_by_a_job(
    genesys: ScriptedGenesys, client: GenesysClient
) -> None:
    """It asks the same, its pages make the same documents, and it is deleted."""
    first = {"results": [result("a", offered(1))], "cursor": "2"}
    second = {"results": [result("b", offered(2))]}
    genesys.replies(TOO_MANY, SUBMITTED, DONE, Reply(first), Reply(second), DELETED)
    pages = AggregateReader(client, DAILY).pages(planned(), RecordCount())
    found = [(each["queueId"], each["count"]) for each in documents(pages)]
    assert found == [("a", 1), ("b", 2)]
    assert asked(genesys) == [
        QUERY,
        f"POST {JOBS}",
        f"GET {JOBS}/j",
        f"GET {JOBS}/j/results",
        f"GET {JOBS}/j/results?cursor=2",
        f"DELETE {JOBS}/j",
    ]
    query, job = (each.json for each in genesys.requests if each.method == "POST")
    assert job == {**query, "pageSize": 100}


def test_a_job_is_not_submitted_before_the_turn_of_its_interval(
    genesys: ScriptedGenesys, client: GenesysClient
) -> None:
    """Read ahead, an interval stops at an empty page: few jobs may run at a time."""
    genesys.replies(TOO_MANY)
    pages = AggregateReader(client, DAILY).pages(planned(), RecordCount())
    assert next(pages) == []
    assert asked(genesys) == [QUERY]


def test_a_family_without_jobs_says_what_to_change(
    genesys: ScriptedGenesys, client: GenesysClient
) -> None:
    """The error keeps the status of the refusal, not that of the missing path."""
    genesys.replies(TOO_MANY, Reply({"code": "not.found", "message": "No."}, 404))
    pages = AggregateReader(client, DAILY).pages(planned(), RecordCount())
    told = "conversations has no jobs: give the aggregate fewer dimensions, a filter or"
    with pytest.raises(ApiError, match=told) as caught:
        documents(pages)
    assert caught.value.status == 400


def test_a_job_that_is_refused_otherwise_is_an_error_of_its_own(
    genesys: ScriptedGenesys, client: GenesysClient
) -> None:
    """A missing permission is not taken for a missing path."""
    genesys.replies(TOO_MANY, Reply({"code": "missing.permissions"}, 403))
    with pytest.raises(ApiError) as caught:
        documents(AggregateReader(client, DAILY).pages(planned(), RecordCount()))
    assert caught.value.status == 403


@pytest.mark.parametrize(
    ("aggregate", "begins"), [(HOURLY, "2026-03-04T15"), (DAILY, "2026-03-04T00")]
)
def test_the_probe_queries_the_present_bucket(
    genesys: ScriptedGenesys,
    client: GenesysClient,
    aggregate: Aggregate,
    begins: str,
) -> None:
    """It is one request, and one bucket is all that it asks for."""
    genesys.replies(answer())
    AggregateReader(client, aggregate).probe(NOW + timedelta(minutes=20))
    assert asked(genesys) == [QUERY]
    (interval,) = bodies(genesys, "interval")
    assert interval.startswith(begins)
    assert interval.endswith("/2026-03-04T15:20:00.000Z")


def test_a_reader_that_is_cancelled_submits_no_job(
    genesys: ScriptedGenesys, client: GenesysClient
) -> None:
    """What has too many results is not waited for any more."""
    reader = AggregateReader(client, DAILY)
    reader.cancel()
    genesys.replies(TOO_MANY)
    with pytest.raises(JobFailedError, match="the run is being stopped"):
        documents(reader.pages(planned(), RecordCount()))
    assert asked(genesys) == [QUERY]


def test_a_job_that_is_left_half_read_is_deleted_when_the_reader_is_closed(
    genesys: ScriptedGenesys, client: GenesysClient
) -> None:
    """No job stays at Genesys."""
    reader = AggregateReader(client, DAILY)
    genesys.replies(TOO_MANY, SUBMITTED, DONE, DELETED)
    pages = reader.pages(planned(), RecordCount())
    assert [next(pages), next(pages)] == [[], []]
    reader.close()
    assert asked(genesys)[-1] == f"DELETE {JOBS}/j"


views = st.lists(st.sampled_from(["short", "long"]), max_size=6)
metrics = st.lists(st.sampled_from(["nOffered", "tHandle"]), unique=True)


@given(st.lists(st.sampled_from(["a", "b", None]), unique=True), metrics, views)
def test_every_figure_is_one_document_with_a_key_of_its_own(
    queues: list[str | None], metrics: list[str], views: list[str]
) -> None:
    """A view that comes several times in a bucket is told apart by its number."""
    results = []
    for queue in queues:
        found = result(queue, *({"metric": name} for name in metrics))
        found["data"][0]["views"] = [{"name": name} for name in views]
        results.append(found)
    keys = [
        tuple(document[name] for name in ("queueId", "metric", "qualifier"))
        for document in HOURLY.documents(results)
    ]
    assert len(set(keys)) == len(keys) == len(queues) * (len(metrics) + len(views))
    assert not any(part is None for key in keys for part in key)
