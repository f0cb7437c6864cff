"""Workforce management: schedules, time off, adherence.

Source: the models of the official SDK.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from dateutil import tz

from tap_genesys_analytics.intervals.timestamps import format_timestamp, parse_timestamp
from tap_genesys_analytics.readers.reports import Report, ReportReader
from tap_genesys_analytics.records.ordering import in_fixed_order
from tap_genesys_analytics.records.tables import Table
from tap_genesys_analytics.streams.declared import DeclaredStream
from tap_genesys_analytics.streams.interval_stream import IntervalStream
from tap_genesys_analytics.streams.workforce_lists import (
    BUSINESS_UNITS,
    MANAGEMENT_UNITS,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from tap_genesys_analytics.readers.reports import ReportRequest
    from tap_genesys_analytics.records.raw_documents import Document

_ROOT = "/api/v2/workforcemanagement"
_SCHEDULES = f"{_ROOT}/businessunits/{{id}}/agentschedules/search"
_ADHERENCE = f"{_ROOT}/adherence/historical/bulk"


def _search_body(request: ReportRequest) -> Document:
    """Return the body that requests the schedules of all agents of a unit."""
    start, end = request.interval.start, request.interval.end
    return {"startDate": format_timestamp(start), "endDate": format_timestamp(end)}


def _activities(part: Document, request: ReportRequest) -> Iterator[Document]:
    """Yield the activities of shifts, numbered by start."""
    (unit,) = request.units
    for schedule in part.get("agentSchedules") or ():
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


def _days_off(part: Document, request: ReportRequest) -> Iterator[Document]:
    """Yield the whole days off of agents."""
    (unit,) = request.units
    for schedule in part.get("agentSchedules") or ():
        for marker in schedule.get("fullDayTimeOffMarkers") or ():
            yield {
                **marker,
                "businessUnitId": unit,
                "userId": (schedule.get("user") or {}).get("id"),
                "timeZone": part.get("businessUnitTimeZone"),
            }


def _adherence_body(request: ReportRequest, *, exceptions: bool = False) -> Document:
    """Return the body that requests the adherence of all agents of units."""
    item = {**_search_body(request), "includeExceptions": exceptions}
    items = [{"managementUnitId": unit, **item} for unit in request.units]
    return {"items": items, "timeZone": request.time_zone}


def _exceptions_body(request: ReportRequest) -> Document:
    """Return the body that requests adherence with exceptions."""
    return _adherence_body(request, exceptions=True)


def _user_days(part: Document, request: ReportRequest) -> Iterator[Document]:
    """Yield the days of agents, with the metrics of each day."""
    zone, start = tz.gettz(request.time_zone), _start(part, request)
    for user in part.get("userResults") or ():
        for day in user.get("dayMetrics") or ():
            begin = start + timedelta(seconds=day.get("dayStartOffsetSeconds") or 0)
            yield {
                **day,
                "managementUnitId": part.get("managementUnitId"),
                "userId": user.get("userId"),
                "day": begin.astimezone(zone).date().isoformat(),
                "dayStart": format_timestamp(begin),
                "timeZone": request.time_zone,
                "impact": user.get("impact"),
            }


def _exceptions(part: Document, request: ReportRequest) -> Iterator[Document]:
    """Yield the periods in which agents did not follow their schedules."""
    start, presences = _start(part, request), part.get("lookupIdToSecondaryPresenceId")
    presences = presences or {}
    for user in part.get("userResults") or ():
        for exception in user.get("exceptionInfo") or ():
            begin, end = (
                format_timestamp(start + timedelta(seconds=exception.get(name) or 0))
                for name in ("startOffsetSeconds", "endOffsetSeconds")
            )
            scheduled = exception.get("scheduledSecondaryPresenceLookupIds") or ()
            yield {
                **exception,
                "managementUnitId": part.get("managementUnitId"),
                "userId": user.get("userId"),
                "startDate": begin,
                "endDate": end,
                "secondaryPresenceId": presences.get(
                    exception.get("secondaryPresenceLookupId")
                ),
                "scheduledSecondaryPresenceIds": [
                    presences.get(lookup_id, lookup_id) for lookup_id in scheduled
                ],
            }


def _start(part: Document, request: ReportRequest) -> datetime:
    """Return the moment that the offsets in a part of a report are relative to."""
    report_start = part.get("startDate")
    return parse_timestamp(report_start) if report_start else request.interval.start


USER_SCHEDULES = Report(
    table=Table(
        name="user_schedules",
        description="Activities of agents' shifts, as published, four weeks ahead.",
        model="BuAgentScheduleActivity",
        extra_fields={
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
        child_fields=("shift.id", "shift.activities", "shift.schedule"),
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
        extra_fields={
            "businessUnitId": "string",
            "userId": "string",
            "timeZone": "string",
        },
        key_fields=("businessUnitId", "userId"),
        id_field="businessUnitDate",
        # A field of updates; responses never have it.
        child_fields=("delete",),
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
        extra_fields={
            "managementUnitId": "string",
            "userId": "string",
            "day": "date",
            "dayStart": "date-time",
            "timeZone": "string",
            "impact": "string",
        },
        key_fields=("managementUnitId", "userId"),
        id_field="day",
        child_fields=("dayStartOffsetSeconds",),
        selected_by_default=False,
    ),
    path=_ADHERENCE,
    units=MANAGEMENT_UNITS,
    body=_adherence_body,
    documents=_user_days,
    permissions=("wfm:historicalAdherence:view",),
    replication_key="day_start",
    units_per_request=50,
)

ADHERENCE_EXCEPTIONS = Report(
    table=Table(
        name="adherence_exceptions",
        description="When agents did not do what they were scheduled for.",
        model="HistoricalAdherenceExceptionInfo",
        extra_fields={
            "managementUnitId": "string",
            "userId": "string",
            "startDate": "date-time",
            "endDate": "date-time",
            "secondaryPresenceId": "string",
            "scheduledSecondaryPresenceIds": "[string]",
        },
        key_fields=("managementUnitId", "userId"),
        id_field="startDate",
        # Replaced by the moments and ids that they stand for.
        child_fields=(
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
    units_per_request=50,
)

REPORTS = (
    USER_SCHEDULES,
    USER_TIME_OFF,
    HISTORICAL_ADHERENCE,
    ADHERENCE_EXCEPTIONS,
)


def _reader(report: Report, stream: IntervalStream) -> ReportReader:
    # With end_date, a run does not read the future.
    ahead = timedelta() if stream.config.get("end_date") else report.ahead
    time_zone = stream.config["workforce_time_zone"]
    return ReportReader(stream.client, report, time_zone, ahead)


STREAMS = tuple(
    DeclaredStream(
        report.table,
        IntervalStream,
        f"POST {report.path}",
        report.permissions,
        reader=partial(_reader, report),
        replication_key=report.replication_key,
    )
    for report in REPORTS
)
