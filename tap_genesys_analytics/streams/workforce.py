"""Reports of workforce management: who should do what when, and who did.

Declarations and pure functions, no I/O. Source: the models of the official SDK.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from dateutil import tz

from tap_genesys_analytics.intervals.timestamps import format_timestamp, parse_timestamp
from tap_genesys_analytics.records.ordering import in_fixed_order
from tap_genesys_analytics.records.tables import Table
from tap_genesys_analytics.streams.workforce_lists import (
    BUSINESS_UNITS,
    MANAGEMENT_UNITS,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from tap_genesys_analytics.intervals.interval import Interval
    from tap_genesys_analytics.records.tables import Document
    from tap_genesys_analytics.streams.list_definitions import Listing

_ROOT = "/api/v2/workforcemanagement"
_SCHEDULES = f"{_ROOT}/businessunits/{{id}}/agentschedules/search"
_ADHERENCE = f"{_ROOT}/adherence/historical/bulk"


@dataclass(frozen=True)
class Asked:
    """What a report is asked about."""

    interval: Interval
    #: Ids of business units or management units.
    units: tuple[str, ...]
    #: IANA name of the zone whose days are meant.
    time_zone: str


@dataclass(frozen=True)
class Report:
    """A report: its table, how it is asked for, and what to make of its parts."""

    table: Table
    #: Where it is asked for, ``{id}`` being the unit that it is about.
    path: str
    #: The list of the units that it is about.
    units: Listing
    body: Callable[[Asked], Document]
    #: Makes documents of a part of the report, one for each row.
    documents: Callable[[Document, Asked], Iterator[Document]]
    permissions: tuple[str, ...]
    replication_key: str
    #: Units that one request asks about; no limit of the API's is documented.
    units_at_once: int = 1
    #: How far into the future it is read, whenever a run looks back.
    ahead: timedelta = timedelta()


def _search_body(asked: Asked) -> Document:
    """Return the body that asks for the schedules of all agents of a unit."""
    start, end = asked.interval.start, asked.interval.end
    return {"startDate": format_timestamp(start), "endDate": format_timestamp(end)}


def _activities(found: Document, asked: Asked) -> Iterator[Document]:
    """Yield the activities of shifts, numbered in the order in which they begin."""
    (unit,) = asked.units
    for schedule in found.get("agentSchedules") or ():
        for shift in schedule.get("shifts") or ():
            published = shift.get("schedule") or {}
            activities = shift.get("activities") or []
            ordered = in_fixed_order(activities, "startDate")
            for number, activity in enumerate(ordered, start=1):
                yield {
                    **activity,
                    "businessUnitId": unit,
                    "shiftId": shift.get("id"),
                    "activityNumber": number,
                    "userId": (schedule.get("user") or {}).get("id"),
                    "scheduleId": published.get("id"),
                    "weekDate": published.get("weekDate"),
                    "shift": shift,
                }


def _days_off(found: Document, asked: Asked) -> Iterator[Document]:
    """Yield the days that agents have off as a whole."""
    (unit,) = asked.units
    for schedule in found.get("agentSchedules") or ():
        for marker in schedule.get("fullDayTimeOffMarkers") or ():
            yield {
                **marker,
                "businessUnitId": unit,
                "userId": (schedule.get("user") or {}).get("id"),
                "timeZone": found.get("businessUnitTimeZone"),
            }


def _adherence_body(asked: Asked, *, exceptions: bool = False) -> Document:
    """Return the body that asks for the adherence of all agents of some units."""
    item = {**_search_body(asked), "includeExceptions": exceptions}
    items = [{"managementUnitId": unit, **item} for unit in asked.units]
    return {"items": items, "timeZone": asked.time_zone}


def _exceptions_body(asked: Asked) -> Document:
    """Return the body that asks for exceptions, too."""
    return _adherence_body(asked, exceptions=True)


def _user_days(found: Document, asked: Asked) -> Iterator[Document]:
    """Yield the days of agents, with the figures of each."""
    zone, start = tz.gettz(asked.time_zone), _start(found, asked)
    for user in found.get("userResults") or ():
        for day in user.get("dayMetrics") or ():
            begin = start + timedelta(seconds=day.get("dayStartOffsetSeconds") or 0)
            yield {
                **day,
                "managementUnitId": found.get("managementUnitId"),
                "userId": user.get("userId"),
                "day": begin.astimezone(zone).date().isoformat(),
                "dayStart": format_timestamp(begin),
                "timeZone": asked.time_zone,
                "impact": user.get("impact"),
            }


def _exceptions(found: Document, asked: Asked) -> Iterator[Document]:
    """Yield the stretches of time in which agents did something else."""
    start, presences = _start(found, asked), found.get("lookupIdToSecondaryPresenceId")
    presences = presences or {}
    for user in found.get("userResults") or ():
        for exception in user.get("exceptionInfo") or ():
            begin, end = (
                format_timestamp(start + timedelta(seconds=exception.get(name) or 0))
                for name in ("startOffsetSeconds", "endOffsetSeconds")
            )
            scheduled = exception.get("scheduledSecondaryPresenceLookupIds") or ()
            yield {
                **exception,
                "managementUnitId": found.get("managementUnitId"),
                "userId": user.get("userId"),
                "startDate": begin,
                "endDate": end,
                "secondaryPresenceId": presences.get(
                    exception.get("secondaryPresenceLookupId")
                ),
                "scheduledSecondaryPresenceIds": [
                    presences.get(each, each) for each in scheduled
                ],
            }


def _start(found: Document, asked: Asked) -> datetime:
    """Return the moment that the offsets in a report count from."""
    given = found.get("startDate")
    return parse_timestamp(given) if given else asked.interval.start


USER_SCHEDULES = Report(
    table=Table(
        name="user_schedules",
        description="Activities of agents' shifts, as published, four weeks ahead.",
        model="BuAgentScheduleActivity",
        added={
            "businessUnitId": "string",
            "shiftId": "string",
            "activityNumber": "integer",
            "userId": "string",
            "scheduleId": "string",
            "weekDate": "date",
        },
        key_fields=("businessUnitId", "shiftId"),
        id_field="activityNumber",
        flattened={"shift": "BuAgentScheduleShift"},
        split_off=("shift.id", "shift.activities", "shift.schedule"),
        selected_by_default=False,
    ),
    path=_SCHEDULES,
    units=BUSINESS_UNITS,
    body=_search_body,
    documents=_activities,
    permissions=("wfm:publishedSchedule:view", "wfm:schedule:view"),
    replication_key="start_date",
    ahead=timedelta(weeks=4),
)

USER_TIME_OFF = Report(
    table=Table(
        name="user_time_off",
        description="Whole days that agents have off, as published.",
        model="BuFullDayTimeOffMarker",
        added={
            "businessUnitId": "string",
            "userId": "string",
            "timeZone": "string",
        },
        key_fields=("businessUnitId", "userId"),
        id_field="businessUnitDate",
        # Of updates only: it is never answered.
        split_off=("delete",),
        selected_by_default=False,
    ),
    path=_SCHEDULES,
    units=BUSINESS_UNITS,
    body=_search_body,
    documents=_days_off,
    permissions=("wfm:publishedSchedule:view", "wfm:schedule:view"),
    replication_key="business_unit_date",
    ahead=timedelta(weeks=4),
)

HISTORICAL_ADHERENCE = Report(
    table=Table(
        name="historical_adherence",
        description="How well agents kept to their schedules, by agent and day.",
        model="WfmHistoricalAdherenceBulkUserDayMetrics",
        added={
            "managementUnitId": "string",
            "userId": "string",
            "day": "date",
            "dayStart": "date-time",
            "timeZone": "string",
            "impact": "string",
        },
        key_fields=("managementUnitId", "userId"),
        id_field="day",
        split_off=("dayStartOffsetSeconds",),
        selected_by_default=False,
    ),
    path=_ADHERENCE,
    units=MANAGEMENT_UNITS,
    body=_adherence_body,
    documents=_user_days,
    permissions=("wfm:historicalAdherence:view",),
    replication_key="day_start",
    units_at_once=50,
)

ADHERENCE_EXCEPTIONS = Report(
    table=Table(
        name="adherence_exceptions",
        description="When agents did not do what they were scheduled for.",
        model="HistoricalAdherenceExceptionInfo",
        added={
            "managementUnitId": "string",
            "userId": "string",
            "startDate": "date-time",
            "endDate": "date-time",
            "secondaryPresenceId": "string",
            "scheduledSecondaryPresenceIds": "[string]",
        },
        key_fields=("managementUnitId", "userId"),
        id_field="startDate",
        # Of the report: what they stand for takes their place.
        split_off=(
            "startOffsetSeconds",
            "endOffsetSeconds",
            "secondaryPresenceLookupId",
            "scheduledSecondaryPresenceLookupIds",
        ),
        selected_by_default=False,
    ),
    path=_ADHERENCE,
    units=MANAGEMENT_UNITS,
    body=_exceptions_body,
    documents=_exceptions,
    permissions=("wfm:historicalAdherence:view",),
    replication_key="start_date",
    units_at_once=50,
)

REPORTS = (
    USER_SCHEDULES,
    USER_TIME_OFF,
    HISTORICAL_ADHERENCE,
    ADHERENCE_EXCEPTIONS,
)
