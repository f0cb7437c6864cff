"""Reports: the days of a zone and what lies ahead, for all units of a list."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tap_genesys_analytics.api.polling import JobFailedError
from tap_genesys_analytics.errors import GenesysError
from tap_genesys_analytics.intervals.bookmarks import Bookmark
from tap_genesys_analytics.intervals.completeness import RecordCount
from tap_genesys_analytics.intervals.plan import Lookback, Source
from tap_genesys_analytics.readers.lists import ReferenceList, reference_table
from tap_genesys_analytics.readers.reports import Report, ReportReader, ReportRequest
from tap_genesys_analytics.records.tables import Table
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
    from collections.abc import Iterator

    from tap_genesys_analytics.api.client import GenesysClient

TABLE = Table(
    name="shifts",
    description="Shifts.",
    model={"unitId": "string", "id": "string"},
    key_fields=("unitId",),
    id_field="id",
)


def body(request: ReportRequest) -> dict[str, Any]:
    """Return what asks for a report."""
    units = list(request.units)
    return {"span": str(request.interval), "units": units, "zone": request.time_zone}


def shifts(part: dict[str, Any], request: ReportRequest) -> Iterator[dict[str, Any]]:
    """Yield the documents of a part: its shifts, with the unit that was asked about."""
    for shift in part["shifts"]:
        yield {**shift, "unitId": request.units[0]}


REPORT = Report(
    table=TABLE,
    path="/units/{id}/shifts",
    units=ReferenceList(reference_table("units", "BusinessUnit", "Units."), "/units"),
    body=body,
    documents=shifts,
    permissions=(),
    replication_key="day",
)

WEEKS = timedelta(weeks=2)
DUE = Bookmark(THIRD, looked_back_at=SECOND)
LOOKBACK = Lookback(days=1)


def units(*ids: str) -> Reply:
    """Return the list of units."""
    return Reply({"entities": [{"id": each} for each in ids], "pageCount": 1})


def finished(*ids: object) -> Reply:
    """Return a report that is finished at once, with shifts of these ids."""
    result = {"shifts": [{"id": each} for each in ids]}
    return Reply({"status": "Complete", "result": result})


def reader_of(
    client: GenesysClient,
    report: Report = REPORT,
    zone: str = "UTC",
    ahead: timedelta = timedelta(),
) -> ReportReader:
    """Return a reader of reports by the days of a zone."""
    return ReportReader(client, report, zone, ahead)


def test_days_are_those_of_the_zone(
    genesys: ScriptedGenesys, client: GenesysClient
) -> None:
    """A day begins at its midnight there; the one that goes on is read so far."""
    genesys.replies(units("1"))
    plan = list(reader_of(client, zone="Europe/Berlin").plan(period(start=SECOND)))
    assert spans(plan) == [
        (Source.QUERY, "02 23 to 03 23"),
        (Source.QUERY, "03 23 to 04 15"),
    ]
    assert plan[-1].after.until == THIRD - timedelta(hours=1)


def test_a_run_that_looks_back_looks_ahead_too(
    genesys: ScriptedGenesys, client: GenesysClient
) -> None:
    """The future comes in weeks, and does not move the bookmark."""
    genesys.replies(units("1"))
    plan = list(reader_of(client, ahead=WEEKS).plan(period(DUE, lookback=LOOKBACK)))
    assert spans(plan) == [
        (Source.QUERY, "03 00 to 04 00"),
        (Source.QUERY, "04 00 to 04 15"),
        (Source.QUERY, "04 15 to 11 15"),
        (Source.QUERY, "11 15 to 18 15"),
    ]
    assert {each.after.until for each in plan} == {THIRD}


@pytest.mark.parametrize("days", [0, 1, 3])
def test_looking_back_is_done_when_looking_ahead_is(
    genesys: ScriptedGenesys, client: GenesysClient, days: int
) -> None:
    """A run that is interrupted before does both again; no lookback counts as a day."""
    genesys.replies(units("1"))
    run = period(DUE, lookback=Lookback(days=days))
    plan = list(reader_of(client, ahead=WEEKS).plan(run))
    looked_back_at = [each.after.looked_back_at for each in plan]
    intervals = max(1, days) + 1 + 2
    assert looked_back_at == [SECOND] * (intervals - 1) + [NOW]


def test_a_run_that_does_not_look_back_does_not_look_ahead(
    genesys: ScriptedGenesys, client: GenesysClient
) -> None:
    """It reads the day that goes on, and nothing else."""
    genesys.replies(units("1"))
    bookmark = replace(DUE, looked_back_at=NOW - timedelta(hours=1))
    plan = reader_of(client, ahead=WEEKS).plan(period(bookmark, lookback=LOOKBACK))
    assert spans(plan) == [(Source.QUERY, "04 00 to 04 15")]


@pytest.mark.parametrize(
    ("at_once", "expected"),
    [
        (1, [["1"], ["2"], ["3"]]),
        (2, [["1", "2"], ["3"]]),
        (9, [["1", "2", "3"]]),
    ],
)
def test_a_request_names_as_many_units_as_it_may(
    genesys: ScriptedGenesys,
    client: GenesysClient,
    at_once: int,
    expected: list[list[str]],
) -> None:
    """Each interval is requested for every unit that planning has found."""
    genesys.replies(
        units("1", "2", "3"), *(finished(n) for n, _ in enumerate(expected))
    )
    reader = reader_of(client, replace(REPORT, units_per_request=at_once))
    list(reader.plan(period()))
    found = documents(reader.pages(planned(), RecordCount()))
    assert [each["id"] for each in found] == list(range(len(expected)))
    assert bodies(genesys, "units") == expected
    assert asked(genesys)[1:] == [f"POST /units/{some[0]}/shifts" for some in expected]
    assert set(bodies(genesys, "span")) == {str(planned().interval)}


def test_without_units_nothing_is_requested(
    genesys: ScriptedGenesys, client: GenesysClient
) -> None:
    """An organisation need not manage its workforce."""
    genesys.replies(units())
    reader = reader_of(client)
    assert list(reader.plan(period()))
    assert documents(reader.pages(planned(), RecordCount())) == []
    assert len(asked(genesys)) == 1


@pytest.mark.parametrize("shift", [{}, {"id": None}, {"id": ""}])
def test_a_document_without_its_key_is_an_error(
    genesys: ScriptedGenesys, client: GenesysClient, shift: dict[str, Any]
) -> None:
    """A null in a key would be a row that nothing ever replaces."""
    answer = {"status": "Complete", "result": {"shifts": [shift]}}
    genesys.replies(units("1"), Reply(answer))
    reader = reader_of(client)
    list(reader.plan(period()))
    with pytest.raises(GenesysError, match="has no valid id, which is part of"):
        documents(reader.pages(planned(), RecordCount()))


def test_a_document_is_the_same_in_every_interval_that_holds_it(
    client: GenesysClient,
) -> None:
    """A shift comes whole in each of the days that it touches."""
    reader, document = reader_of(client), {"unitId": "1", "id": "a"}
    found = {
        reader.identify(document, planned(start, start + timedelta(days=1)))
        for start in (FIRST, SECOND)
    }
    assert len(found) == 1
    other = reader.identify({**document, "id": "b"}, planned())
    assert other not in found


def test_the_probe_asks_about_yesterday_and_the_first_unit_only(
    genesys: ScriptedGenesys, client: GenesysClient
) -> None:
    """It does not wait for a report that is still being made."""
    genesys.replies(units("1", "2"), Reply({"status": "Processing"}))
    reader_of(client, replace(REPORT, units_per_request=9)).probe(NOW)
    assert bodies(genesys, "units") == [["1"]]
    assert bodies(genesys, "span") == [
        "2026-03-03T15:00:00.000Z/2026-03-04T15:00:00.000Z"
    ]


def test_a_reader_that_is_cancelled_asks_for_no_more_reports(
    genesys: ScriptedGenesys, client: GenesysClient
) -> None:
    """A thread that works ahead ends with an error instead of a request."""
    genesys.replies(units("1"))
    reader = reader_of(client)
    list(reader.plan(period()))
    reader.cancel()
    with pytest.raises(JobFailedError, match="the run is being stopped"):
        documents(reader.pages(planned(), RecordCount()))
    assert len(asked(genesys)) == 1
