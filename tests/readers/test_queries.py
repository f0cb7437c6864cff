"""Query endpoints: by interval or whole, halved where pages do not reach the end."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_genesys_analytics.api.post_pages import TooManyResultsError
from tap_genesys_analytics.errors import GenesysError
from tap_genesys_analytics.intervals.bookmarks import Bookmark
from tap_genesys_analytics.intervals.completeness import RecordCount
from tap_genesys_analytics.intervals.interval import DAY, Interval
from tap_genesys_analytics.intervals.plan import Source
from tap_genesys_analytics.readers.queries import (
    QueryEndpoint,
    QueryReader,
    WholeQueryReader,
    endpoint_from_settings,
)
from tap_genesys_analytics.records.tables import Table
from tests.conftest import Reply, ScriptedGenesys
from tests.readers.reading import (
    FIRST,
    NOW,
    SECOND,
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

BY_INTERVAL = QueryEndpoint(
    table=TABLE,
    path="/calls/query",
    body={"span": "{interval}", "day": ["from {start}"]},
    records_path="calls",
    page_size=2,
)
WHOLE = replace(BY_INTERVAL, body={"state": "any"})

FROM_SETTINGS: dict[str, Any] = {
    "name": "calls",
    "path": "/calls/query",
    "records_path": "calls",
    "key": ["id"],
}


def page(*ids: object, **more: Any) -> Reply:
    """Return a page with documents of these ids."""
    return Reply({"calls": [{"id": each} for each in ids], **more})


def test_an_interval_is_read_page_by_page_and_its_total_noted(
    genesys: ScriptedGenesys, client: GenesysClient
) -> None:
    """Placeholders stand for the interval, wherever they are in the body."""
    genesys.replies(page("a", "b", total=3), page("c", total=3))
    count = RecordCount()
    pages = QueryReader(client, BY_INTERVAL).pages(planned(), count)
    assert documents(pages) == [{"id": "a"}, {"id": "b"}, {"id": "c"}]
    assert count.expected == 3
    first, second = (request.json for request in genesys.requests)
    assert first == {
        "span": "2026-03-02T00:00:00.000Z/2026-03-03T00:00:00.000Z",
        "day": ["from 2026-03-02T00:00:00.000Z"],
        "pageSize": 2,
        "pageNumber": 1,
    }
    assert second == {**first, "pageNumber": 2}


def test_intervals_are_days_up_to_the_end(client: GenesysClient) -> None:
    """A run with a bookmark begins there."""
    plan = QueryReader(client, BY_INTERVAL).plan(period(Bookmark(SECOND)))
    assert spans(plan) == [
        (Source.QUERY, "03 00 to 04 00"),
        (Source.QUERY, "04 00 to 04 15"),
    ]


@pytest.mark.parametrize(
    ("bookmark", "start_is_set", "begins", "warns"),
    [
        (Bookmark(FIRST), False, "03 01", True),
        (Bookmark(), True, "03 01", True),
        (Bookmark(), False, "03 01", False),
        (Bookmark(SECOND + timedelta(hours=2)), False, "03 02", False),
    ],
    ids=["old bookmark", "start that is set", "default start", "recent bookmark"],
)
def test_what_the_endpoint_no_longer_answers_is_not_planned(
    client: GenesysClient,
    caplog: pytest.LogCaptureFixture,
    bookmark: Bookmark,
    begins: str,
    *,
    start_is_set: bool,
    warns: bool,
) -> None:
    """A warning says that something is lost, unless nobody asked for it."""
    # From 00:00 of the third of March on, and an hour less to be on the safe side.
    endpoint = replace(BY_INTERVAL, reach=timedelta(hours=39))
    run = period(bookmark, start_is_set=start_is_set)
    plan = spans(QueryReader(client, endpoint).plan(run))
    assert plan == [
        (Source.QUERY, f"{begins} to 04 00"),
        (Source.QUERY, "04 00 to 04 15"),
    ]
    assert ("no longer be read" in caplog.text) == warns


@given(
    hours_back=st.none() | st.integers(1, 24 * 40),
    reach_days=st.integers(1, 31),
    start_days=st.integers(1, 40),
)
def test_all_that_the_endpoint_still_answers_is_planned_without_a_gap(
    hours_back: int | None, reach_days: int, start_days: int
) -> None:
    """From the bookmark or the start on, or from where the endpoint begins."""
    client: Any = None
    until = None if hours_back is None else NOW - timedelta(hours=hours_back)
    run = period(Bookmark(until), start=NOW - start_days * DAY)
    earliest = NOW - reach_days * DAY
    reader = QueryReader(client, replace(BY_INTERVAL, reach=reach_days * DAY))
    intervals = [each.interval for each in reader.plan(run)]
    assert all(each.start > earliest for each in intervals)
    for before, after in pairwise(intervals):
        assert before.end == after.start
    assert intervals[-1].end == NOW
    wanted = until or run.start
    assert intervals[0].start <= max(wanted, earliest + timedelta(hours=1))


@pytest.mark.parametrize("total", [9, 2])
def test_more_results_than_pages_reach_are_read_in_halves(
    genesys: ScriptedGenesys, client: GenesysClient, total: int
) -> None:
    """A total that equals the cap may be all that Genesys counts of more.

    Every document keeps the start of the whole interval, which may be in its key.
    """
    endpoint = endpoint_from_settings(
        FROM_SETTINGS
        | {"body": {"day": "{start}"}, "key": ["id", "intervalStart"]}
        | {"result_cap": 2, "page_size": 2}
    )
    genesys.replies(page("a", "b", total=total), page("a", total=1), page("b", total=1))
    count = RecordCount()
    found = documents(QueryReader(client, endpoint).pages(planned(), count))
    start = "2026-03-02T00:00:00.000Z"
    assert found == [{"id": each, "intervalStart": start} for each in "ab"]
    assert [moment[11:13] for moment in bodies(genesys, "day")] == ["00", "00", "12"]
    assert count.expected == total


def test_a_minute_with_more_results_than_pages_reach_is_an_error(
    genesys: ScriptedGenesys, client: GenesysClient
) -> None:
    """What cannot be halved is not read in part."""
    endpoint = replace(BY_INTERVAL, result_cap=2)
    genesys.replies(page("a", "b", total=9))
    minute = planned(FIRST, FIRST + timedelta(minutes=1))
    with pytest.raises(TooManyResultsError):
        documents(QueryReader(client, endpoint).pages(minute, RecordCount()))


def test_keys_of_an_endpoint_from_the_settings_are_text(
    genesys: ScriptedGenesys, client: GenesysClient
) -> None:
    """Whatever type the settings give their columns: numbers stay apart, 0 too."""
    columns = {"id": "integer", "at": "date"}
    endpoint = endpoint_from_settings(
        {**FROM_SETTINGS, "key": ["at", "id"], "columns": columns}
    )
    calls = [{"id": number, "at": number % 2} for number in range(4)]
    genesys.replies(Reply({"calls": calls, "pageCount": 1}))
    found = WholeQueryReader(client, endpoint).documents(RecordCount())
    keys = [(each["at"], each["id"]) for each in found]
    assert keys == [("0", "0"), ("1", "1"), ("0", "2"), ("1", "3")]
    schemas = [column.schema["type"] for column in endpoint.table.keys]
    assert schemas == [["string", "null"]] * 2


@pytest.mark.parametrize("value", [None, ""])
def test_a_document_without_its_key_is_an_error_that_names_no_value(
    genesys: ScriptedGenesys, client: GenesysClient, value: str | None
) -> None:
    """It would be lost, or overwrite another."""
    genesys.replies(Reply({"calls": [{"id": value, "name": "Jane"}], "pageCount": 1}))
    told = "calls: a record has no id, which is part of the key"
    with pytest.raises(GenesysError, match=told) as caught:
        documents(QueryReader(client, BY_INTERVAL).pages(planned(), RecordCount()))
    assert "Jane" not in str(caught.value)


def test_the_same_key_in_another_interval_is_another_state_of_the_record(
    client: GenesysClient,
) -> None:
    """Within an interval it is the same document, which came twice."""
    reader = QueryReader(client, BY_INTERVAL)

    def identity(start: datetime, identifier: str) -> str:
        interval = Interval(start, start + DAY)
        given = replace(planned(), interval=interval)
        found, counts = reader.identify({"id": identifier}, given)
        assert counts
        return found

    assert identity(FIRST, "a") == identity(FIRST, "a")
    assert len({identity(FIRST, "a"), identity(FIRST, "b"), identity(SECOND, "a")}) == 3


def test_the_probe_of_intervals_requests_one_document_of_the_last_minute(
    genesys: ScriptedGenesys, client: GenesysClient
) -> None:
    """Whatever the page size, and however many pages there are."""
    genesys.replies(page("a", total=9))
    QueryReader(client, BY_INTERVAL).probe(NOW)
    (request,) = genesys.requests
    span = "2026-03-04T14:59:00.000Z/2026-03-04T15:00:00.000Z"
    assert (request.json["span"], request.json["pageSize"]) == (span, 1)


def test_an_endpoint_without_an_interval_is_read_whole(
    genesys: ScriptedGenesys, client: GenesysClient
) -> None:
    """Page by page, with its body as it is, and the total that Genesys names."""
    genesys.replies(page("a", "b", total=3), page("c", total=3))
    count = RecordCount()
    found = list(WholeQueryReader(client, WHOLE).documents(count))
    assert found == [{"id": "a"}, {"id": "b"}, {"id": "c"}]
    assert count.expected == 3
    assert bodies(genesys, "state") == ["any", "any"]


def test_an_endpoint_that_is_read_whole_cannot_be_halved(
    genesys: ScriptedGenesys, client: GenesysClient
) -> None:
    """More results than its pages reach are an error, not a table with a hole."""
    genesys.replies(page("a", "b", total=9))
    reader = WholeQueryReader(client, replace(WHOLE, result_cap=2))
    with pytest.raises(TooManyResultsError):
        list(reader.documents(RecordCount()))


def test_the_probe_of_a_whole_endpoint_requests_one_document(
    genesys: ScriptedGenesys, client: GenesysClient
) -> None:
    """It does not go on to the next page."""
    genesys.replies(page("a", total=9))
    WholeQueryReader(client, WHOLE).probe()
    assert asked(genesys) == ["POST /calls/query"]
    assert bodies(genesys, "pageSize") == [1]
