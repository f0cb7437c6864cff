"""Details: jobs up to the watermark, the query after it, and their counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tap_genesys_analytics.api.errors import ApiError
from tap_genesys_analytics.api.polling import JobFailedError
from tap_genesys_analytics.intervals.bookmarks import Bookmark
from tap_genesys_analytics.intervals.completeness import RecordCount
from tap_genesys_analytics.intervals.plan import Source
from tap_genesys_analytics.readers.details import Details, DetailsReader
from tap_genesys_analytics.records.tables import Table
from tap_genesys_analytics.streams.conversation_tables import CONVERSATIONS
from tap_genesys_analytics.streams.conversations import ConversationReader
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

TABLE = Table(name="calls", description="Calls.", model={"id": "string"}, id_field="id")

DETAILS = Details(
    path="/calls/details",
    member="calls",
    order={"order": "asc"},
    source="auto",
    page_size=2,
    job_page_size=7,
)

AVAILABILITY = "GET /calls/details/jobs/availability"
SUBMITTED = Reply({"jobId": "j"}, 202)
DONE = Reply({"state": "FULFILLED"})
DELETED = Reply(b"", 204)
FORBIDDEN = Reply({"code": "missing.permissions", "message": "No."}, 403)


def known_until(moment: datetime) -> Reply:
    """Return the answer that jobs have all data up to a moment."""
    return Reply({"dataAvailabilityDate": f"{moment:%Y-%m-%dT%H:%M:%SZ}"})


@pytest.fixture
def reader(client: GenesysClient) -> DetailsReader:
    """Give a reader that reads from jobs and from the query."""
    return DetailsReader(client, TABLE, DETAILS)


def reader_from(client: GenesysClient, source: str) -> DetailsReader:
    """Return a reader that the settings let read from one source."""
    return DetailsReader(client, TABLE, replace(DETAILS, source=source))


def test_jobs_are_planned_up_to_the_watermark_and_the_query_after_it(
    genesys: ScriptedGenesys, reader: DetailsReader
) -> None:
    """What the query reads past the watermark does not move the bookmark."""
    watermark = SECOND + timedelta(hours=6)
    genesys.replies(known_until(watermark))
    intervals = list(reader.plan(period()))
    assert spans(intervals) == [
        (Source.JOBS, "02 00 to 03 00"),
        (Source.JOBS, "03 00 to 03 06"),
        (Source.QUERY, "03 06 to 04 00"),
        (Source.QUERY, "04 00 to 04 15"),
    ]
    assert reader.watermark == watermark
    assert intervals[-1].after == Bookmark(watermark, NOW, NOW, NOW)
    assert asked(genesys) == [AVAILABILITY]


def test_jobs_alone_end_at_the_watermark(
    genesys: ScriptedGenesys, client: GenesysClient
) -> None:
    """The source `jobs` reads nothing that is provisional."""
    genesys.replies(known_until(SECOND))
    plan = reader_from(client, "jobs").plan(period())
    assert spans(plan) == [(Source.JOBS, "02 00 to 03 00")]


def test_the_query_alone_needs_no_watermark(
    genesys: ScriptedGenesys, client: GenesysClient
) -> None:
    """Planning requests nothing, and the bookmark reaches the end."""
    reader = reader_from(client, "query")
    intervals = list(reader.plan(period(start=THIRD)))
    assert spans(intervals) == [(Source.QUERY, "04 00 to 04 15")]
    assert intervals[-1].after.until == NOW
    assert reader.watermark is None
    assert asked(genesys) == []


def test_where_jobs_are_forbidden_the_query_reads_everything(
    genesys: ScriptedGenesys,
    reader: DetailsReader,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The source `auto` does without jobs, and warns of what is missing then."""
    genesys.replies(FORBIDDEN)
    intervals = list(reader.plan(period(start=THIRD)))
    assert spans(intervals) == [(Source.QUERY, "04 00 to 04 15")]
    assert "so calls is read from the query only" in caplog.text


@pytest.mark.parametrize(
    ("source", "answer"),
    [("jobs", FORBIDDEN), ("auto", Reply({"code": "bad.request"}, 400))],
    ids=["jobs that are forbidden", "another refusal"],
)
def test_a_watermark_that_is_refused_is_an_error(
    genesys: ScriptedGenesys, client: GenesysClient, source: str, answer: Reply
) -> None:
    """Only the source `auto` has another way, and only where jobs are forbidden."""
    genesys.replies(answer)
    with pytest.raises(ApiError) as caught:
        reader_from(client, source).plan(period())
    assert caught.value.status == answer.status


def test_an_interval_of_the_query_is_read_page_by_page(
    genesys: ScriptedGenesys, reader: DetailsReader
) -> None:
    """The total that Genesys names is noted beside the documents."""
    genesys.replies(
        Reply({"calls": [{"id": "a"}, {"id": "b"}], "totalHits": 3}),
        Reply({"calls": [{"id": "c"}], "totalHits": 3}),
    )
    count = RecordCount()
    found = documents(reader.pages(planned(), count))
    assert [each["id"] for each in found] == ["a", "b", "c"]
    assert count.expected == 3
    assert asked(genesys) == ["POST /calls/details/query"] * 2
    assert [each["pageSize"] for each in bodies(genesys, "paging")] == [2, 2]


def test_an_interval_of_jobs_is_read_by_one_job(
    genesys: ScriptedGenesys, reader: DetailsReader
) -> None:
    """Its results come in pages of the size for jobs, and it is deleted."""
    genesys.replies(SUBMITTED, DONE, Reply({"calls": [{"id": "a"}]}), DELETED)
    pages = reader.pages(planned(source=Source.JOBS), RecordCount())
    assert documents(pages) == [{"id": "a"}]
    assert asked(genesys) == [
        "POST /calls/details/jobs",
        "GET /calls/details/jobs/j",
        "GET /calls/details/jobs/j/results?pageSize=7",
        "DELETE /calls/details/jobs/j",
    ]
    assert bodies(genesys, "interval") == [str(planned().interval)]


def test_both_sources_are_asked_in_the_order_and_with_the_filters_of_the_details(
    genesys: ScriptedGenesys, client: GenesysClient
) -> None:
    """A job and a query of the same interval have the same body but for paging."""
    filters = {"callFilters": [{"type": "or", "predicates": []}]}
    reader = DetailsReader(client, TABLE, replace(DETAILS, filters=filters))
    genesys.replies(Reply({"calls": []}))
    documents(reader.pages(planned(), RecordCount()))
    genesys.replies(SUBMITTED, DONE, Reply({}), DELETED)
    documents(reader.pages(planned(source=Source.JOBS), RecordCount()))
    query, job = (each.json for each in genesys.requests if each.method == "POST")
    assert query.pop("paging")
    assert (
        query == job == {"interval": str(planned().interval), "order": "asc"} | filters
    )


@pytest.mark.parametrize("source", ["auto", "query", "jobs"])
def test_the_probe_counts_yesterday_and_asks_for_a_watermark_where_jobs_are_a_must(
    genesys: ScriptedGenesys, client: GenesysClient, source: str
) -> None:
    """It reads a page of one record, and submits no job."""
    genesys.replies(Reply({"calls": [], "totalHits": 0}), known_until(NOW))
    reader_from(client, source).probe(NOW)
    expected = ["POST /calls/details/query"]
    assert asked(genesys) == expected + [AVAILABILITY] * (source == "jobs")
    assert bodies(genesys, "interval") == [str(planned(SECOND, THIRD).interval)]
    assert bodies(genesys, "paging") == [{"pageSize": 1, "pageNumber": 1}]


def test_a_job_that_is_left_half_read_is_deleted_when_the_reader_is_closed(
    genesys: ScriptedGenesys, reader: DetailsReader
) -> None:
    """No job stays at Genesys, where only few may run at a time."""
    genesys.replies(SUBMITTED, DONE, DELETED)
    pages = reader.pages(planned(source=Source.JOBS), RecordCount())
    assert next(pages) == []
    reader.close()
    assert asked(genesys)[-1] == "DELETE /calls/details/jobs/j"
    pages.close()
    assert asked(genesys).count("DELETE /calls/details/jobs/j") == 1


def test_a_reader_that_is_cancelled_submits_no_more_jobs(
    genesys: ScriptedGenesys, reader: DetailsReader
) -> None:
    """A thread that works ahead ends with an error instead of a request."""
    reader.cancel()
    with pytest.raises(JobFailedError, match="the run is being stopped"):
        next(reader.pages(planned(source=Source.JOBS), RecordCount()))
    assert asked(genesys) == []


def test_jobs_are_read_one_ahead_and_queries_as_connections_allow(
    reader: DetailsReader,
) -> None:
    """An organisation may run few jobs; small days are read several at a time."""
    reader.client.workers.connections = 8
    assert reader.intervals_ahead(Source.JOBS, max_pages=1) == 1
    ahead = [reader.intervals_ahead(Source.QUERY, pages) for pages in (0, 1, 4, 9)]
    assert ahead == [1, 4, 2, 1]


@pytest.fixture
def conversations(client: GenesysClient) -> ConversationReader:
    """Give a reader of conversations."""
    details = replace(DETAILS, member="conversations")
    return ConversationReader(client, CONVERSATIONS, details)


def started(identifier: str, moment: datetime) -> dict[str, str]:
    """Return a conversation that started at a moment."""
    start = f"{moment:%Y-%m-%dT%H:%M:%S.000Z}"
    return {"conversationId": identifier, "conversationStart": start}


def test_a_job_of_whole_days_is_held_against_the_total_of_the_query(
    genesys: ScriptedGenesys, conversations: ConversationReader
) -> None:
    """A job that lacks a part of its data succeeds all the same."""
    results = {"conversations": [started("a", FIRST)]}
    total = Reply({"conversations": [], "totalHits": 2})
    genesys.replies(SUBMITTED, DONE, Reply(results), DELETED, total)
    count = RecordCount()
    pages = conversations.pages(planned(source=Source.JOBS), count)
    assert documents(pages) == results["conversations"]
    assert count.expected == 2


def test_a_job_of_a_part_of_a_day_is_held_against_nothing(
    genesys: ScriptedGenesys, conversations: ConversationReader
) -> None:
    """The query counts by whole days, so its total would say nothing."""
    genesys.replies(SUBMITTED, DONE, Reply({}), DELETED)
    part = planned(FIRST, FIRST + timedelta(hours=5), Source.JOBS)
    count = RecordCount()
    assert documents(conversations.pages(part, count)) == []
    assert count.totals == []
    assert "POST /calls/details/query" not in asked(genesys)


@pytest.mark.parametrize(
    ("source", "start", "counts"),
    [
        (Source.QUERY, FIRST - timedelta(days=9), True),
        (Source.JOBS, FIRST, True),
        (Source.JOBS, SECOND - timedelta(seconds=1), True),
        (Source.JOBS, FIRST - timedelta(seconds=1), False),
        (Source.JOBS, SECOND, False),
    ],
)
def test_of_a_job_only_what_started_in_its_interval_counts(
    conversations: ConversationReader, source: Source, start: datetime, *, counts: bool
) -> None:
    """A job answers whatever lived then; the total is of what started then."""
    found = conversations.identify(started("a", start), planned(source=source))
    assert found == ("a", counts)


@pytest.mark.parametrize("until", [None, SECOND])
def test_only_the_first_run_warns_of_divisions_that_the_client_does_not_see(
    genesys: ScriptedGenesys,
    conversations: ConversationReader,
    caplog: pytest.LogCaptureFixture,
    until: datetime | None,
) -> None:
    """Genesys leaves out what lies in them without saying so."""
    every = [{"id": "1", "name": "Home"}, {"id": "2", "name": "Elsewhere"}]
    divisions = [Reply({"entities": every}), Reply({"entities": every[:1]})]
    genesys.replies(*([] if until else divisions), known_until(NOW))
    list(conversations.plan(period(Bookmark(until))))
    assert ("not in: Elsewhere" in caplog.text) == (until is None)
