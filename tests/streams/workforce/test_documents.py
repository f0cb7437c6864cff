"""Documents of workforce reports: nothing is lost, and odd parts are refused."""

from __future__ import annotations

import copy
import json
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest

from tap_genesys_analytics.intervals.interval import DAY, Interval
from tap_genesys_analytics.readers.reports import ReportRequest
from tap_genesys_analytics.records.shapes import UnexpectedResponseError
from tap_genesys_analytics.streams import workforce_documents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

START = datetime(2026, 3, 4, tzinfo=timezone.utc)
REQUEST = ReportRequest(Interval(START, START + DAY), ("unit",), "UTC")

SCHEDULES: dict[str, Any] = {
    "businessUnitTimeZone": "Europe/London",
    "publishedSchedules": [],
    "agentSchedules": [
        {
            "user": {"id": "u"},
            "shifts": [
                {
                    "id": "s",
                    "schedule": {"id": "p", "weekDate": "2026-03-02"},
                    "activities": [{"startDate": "2026-03-04T08:00:00.000Z"}],
                }
            ],
            "fullDayTimeOffMarkers": [{"businessUnitDate": "2026-03-05"}],
        }
    ],
}
ADHERENCE: dict[str, Any] = {
    "startDate": "2026-03-04T00:00:00.000Z",
    "managementUnitId": "m",
    "lookupIdToSecondaryPresenceId": {"0": "presence"},
    "userResults": [
        {
            "userId": "u",
            "dayMetrics": [{"dayStartOffsetSeconds": 0}],
            "exceptionInfo": [
                {
                    "startOffsetSeconds": 1,
                    "endOffsetSeconds": 2,
                    "secondaryPresenceLookupId": "0",
                    "scheduledSecondaryPresenceLookupIds": ["0"],
                }
            ],
        }
    ],
}

CASES = [
    (workforce_documents.activities, SCHEDULES),
    (workforce_documents.days_off, SCHEDULES),
    (workforce_documents.user_days, ADHERENCE),
    (workforce_documents.exceptions, ADHERENCE),
]
#: Objects that another report is made of, or that say nothing of their own.
ELSEWHERE = {
    "activities": ("fullDayTimeOffMarkers", "user"),
    "days_off": ("shifts", "user"),
    "user_days": ("exceptionInfo", "lookupId"),
    "exceptions": ("dayMetrics", "lookupId"),
}


def objects_of(value: Any, path: str = "$") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every object in a document, with its path."""
    if isinstance(value, dict):
        yield path, value
        for name, member in value.items():
            yield from objects_of(member, f"{path}.{name}")
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from objects_of(item, f"{path}[{number}]")


@pytest.mark.parametrize(
    ("documents", "part", "path"),
    [
        pytest.param(documents, part, path, id=f"{documents.__name__} {path}")
        for documents, part in CASES
        for path, _ in objects_of(part)
        if not any(f".{each}" in path for each in ELSEWHERE[documents.__name__])
    ],
)
def test_a_member_that_genesys_adds_is_not_lost(
    documents: Callable[..., Iterator[dict[str, Any]]], part: dict[str, Any], path: str
) -> None:
    """Wherever in the report it is added."""
    report = copy.deepcopy(part)
    dict(objects_of(report))[path]["invented"] = "brand new"
    assert '"invented": "brand new"' in json.dumps(list(documents(report, REQUEST)))


@pytest.mark.parametrize(
    ("documents", "part", "name"),
    [
        (workforce_documents.activities, SCHEDULES, "agentSchedules"),
        (workforce_documents.days_off, SCHEDULES, "agentSchedules"),
        (workforce_documents.user_days, ADHERENCE, "userResults"),
        (workforce_documents.exceptions, ADHERENCE, "userResults"),
    ],
)
@pytest.mark.parametrize("value", [{"a": 1}, [None], ["Erika"], 7, "Erika", [[{}]]])
def test_what_should_be_a_list_of_objects_is_an_error_and_not_an_empty_report(
    documents: Callable[..., Iterator[dict[str, Any]]],
    part: dict[str, Any],
    name: str,
    value: Any,
) -> None:
    """The error names the member, and not the value."""
    with pytest.raises(UnexpectedResponseError, match=rf"`\$\.{name}") as caught:
        list(documents({**part, name: value}, REQUEST))
    assert "Erika" not in str(caught.value)
