"""Reports of workforce management: their bodies, and the documents in their parts.

Source: the models of the official SDK.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from dateutil import tz

from tap_genesys_analytics.intervals.timestamps import format_timestamp, parse_timestamp
from tap_genesys_analytics.records.ordering import in_fixed_order
from tap_genesys_analytics.records.shapes import Shape, check_shape, unknown_members

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from tap_genesys_analytics.readers.reports import ReportRequest
    from tap_genesys_analytics.records.raw_documents import Document


#: Offsets in a report, in seconds: far less than a timedelta can hold.
_Seconds = Annotated[int, msgspec.Meta(ge=-(10**9), le=10**9)]


class _User(Shape):
    id: str
    self_uri: Any = None


class _Published(Shape):
    id: str | None = None
    week_date: str | None = None
    week_count: Any = None
    self_uri: Any = None


class _Shift(Shape):
    id: str
    schedule: _Published | None = None
    activities: list[dict[str, Any]] | None = None


class _TimeOffMarker(Shape):
    business_unit_date: str


class _AgentSchedule(Shape):
    user: _User
    shifts: list[_Shift] | None = None
    full_day_time_off_markers: list[_TimeOffMarker] | None = None


class _Schedules(Shape):
    agent_schedules: list[_AgentSchedule] | None = None
    business_unit_time_zone: str | None = None
    #: The table ``schedules`` has them.
    published_schedules: Any = None


class _Day(Shape):
    day_start_offset_seconds: _Seconds | None = None


class _Exception(Shape):
    start_offset_seconds: _Seconds | None = None
    end_offset_seconds: _Seconds | None = None
    secondary_presence_lookup_id: str | None = None
    scheduled_secondary_presence_lookup_ids: list[str] | None = None


class _UserResult(Shape):
    user_id: str
    day_metrics: list[_Day] | None = None
    exception_info: list[_Exception] | None = None
    impact: str | None = None
    #: Of the whole interval, which is a day: its metrics say the same.
    actuals: Any = None
    adherence_percentage: Any = None
    conformance_percentage: Any = None


class _Adherence(Shape):
    start_date: str | None = None
    end_date: str | None = None
    management_unit_id: str | None = None
    lookup_id_to_secondary_presence_id: dict[str, Any] | None = None
    user_results: list[_UserResult] | None = None


def schedule_body(request: ReportRequest) -> Document:
    """Return the body that requests the schedules of all agents of a unit."""
    start, end = request.interval.start, request.interval.end
    return {"startDate": format_timestamp(start), "endDate": format_timestamp(end)}


def activities(part: Document, request: ReportRequest) -> Iterator[Document]:
    """Yield the activities of shifts, numbered by start."""
    (unit,) = request.units
    check_shape(part, _Schedules, "The search for agent schedules")
    for schedule in part.get("agentSchedules") or ():
        added = _added(
            (part, _Schedules), (schedule, _AgentSchedule), (schedule["user"], _User)
        )
        for shift in schedule.get("shifts") or ():
            published = shift.get("schedule") or {}
            ordered = in_fixed_order(shift.get("activities") or [], "startDate")
            for number, activity in enumerate(ordered, start=1):
                yield {
                    **added,
                    **unknown_members(published, _Published),
                    **activity,
                    "businessUnitId": unit,
                    "shiftId": shift.get("id"),
                    "activityNumber": number,
                    "userId": (schedule.get("user") or {}).get("id"),
                    "scheduleId": published.get("id"),
                    "weekDate": published.get("weekDate"),
                    "shift": shift,
                }


def days_off(part: Document, request: ReportRequest) -> Iterator[Document]:
    """Yield the whole days off of agents."""
    (unit,) = request.units
    check_shape(part, _Schedules, "The search for agent schedules")
    for schedule in part.get("agentSchedules") or ():
        added = _added((part, _Schedules), (schedule, _AgentSchedule))
        for marker in schedule.get("fullDayTimeOffMarkers") or ():
            yield {
                **added,
                **marker,
                "businessUnitId": unit,
                "userId": (schedule.get("user") or {}).get("id"),
                "timeZone": part.get("businessUnitTimeZone"),
            }


def adherence_body(request: ReportRequest, *, exceptions: bool = False) -> Document:
    """Return the body that requests the adherence of all agents of units."""
    item = {**schedule_body(request), "includeExceptions": exceptions}
    items = [{"managementUnitId": unit, **item} for unit in request.units]
    return {"items": items, "timeZone": request.time_zone}


def exceptions_body(request: ReportRequest) -> Document:
    """Return the body that requests adherence with exceptions."""
    return adherence_body(request, exceptions=True)


def user_days(part: Document, request: ReportRequest) -> Iterator[Document]:
    """Yield the days of agents, with the metrics of each day."""
    check_shape(part, _Adherence, "The report of historical adherence")
    zone, start = tz.gettz(request.time_zone), _start(part, request)
    for user in part.get("userResults") or ():
        added = _added((part, _Adherence), (user, _UserResult))
        for day in user.get("dayMetrics") or ():
            begin = start + timedelta(seconds=day.get("dayStartOffsetSeconds") or 0)
            yield {
                **added,
                **day,
                "managementUnitId": part.get("managementUnitId"),
                "userId": user.get("userId"),
                "day": begin.astimezone(zone).date().isoformat(),
                "dayStart": format_timestamp(begin),
                "timeZone": request.time_zone,
                "impact": user.get("impact"),
            }


def exceptions(part: Document, request: ReportRequest) -> Iterator[Document]:
    """Yield the periods in which agents did not follow their schedules."""
    check_shape(part, _Adherence, "The report of historical adherence")
    start, presences = _start(part, request), part.get("lookupIdToSecondaryPresenceId")
    presences = presences or {}
    for user in part.get("userResults") or ():
        added = _added((part, _Adherence), (user, _UserResult))
        for exception in user.get("exceptionInfo") or ():
            begin, end = (
                format_timestamp(start + timedelta(seconds=exception.get(name) or 0))
                for name in ("startOffsetSeconds", "endOffsetSeconds")
            )
            scheduled = exception.get("scheduledSecondaryPresenceLookupIds") or ()
            lookup_id = exception.get("secondaryPresenceLookupId")
            yield {
                **added,
                **exception,
                "managementUnitId": part.get("managementUnitId"),
                "userId": user.get("userId"),
                "startDate": begin,
                "endDate": end,
                "secondaryPresenceId": presences.get(lookup_id, lookup_id),
                "scheduledSecondaryPresenceIds": [
                    presences.get(each, each) for each in scheduled
                ],
            }


def _start(part: Document, request: ReportRequest) -> datetime:
    """Return the moment that the offsets in a part of a report are relative to."""
    report_start = part.get("startDate")
    return parse_timestamp(report_start) if report_start else request.interval.start


def _added(*levels: tuple[Document, type[Shape]]) -> Document:
    """Return what Genesys adds to levels that no table is made of: records keep it."""
    added: Document = {}
    for document, shape in levels:
        added |= unknown_members(document, shape)
    return added
