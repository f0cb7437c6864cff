"""Workforce management: schedules, time off, adherence.

Source: the models of the official SDK.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from tap_genesys_analytics.readers.reports import Report, ReportReader
from tap_genesys_analytics.records.tables import Table
from tap_genesys_analytics.streams.declared import DeclaredStream
from tap_genesys_analytics.streams.interval_stream import IntervalStream
from tap_genesys_analytics.streams.workforce_documents import (
    activities,
    adherence_body,
    days_off,
    exceptions,
    exceptions_body,
    schedule_body,
    user_days,
)
from tap_genesys_analytics.streams.workforce_lists import (
    BUSINESS_UNITS,
    MANAGEMENT_UNITS,
)

_ROOT = "/api/v2/workforcemanagement"
_SCHEDULES = f"{_ROOT}/businessunits/{{id}}/agentschedules/search"
_ADHERENCE = f"{_ROOT}/adherence/historical/bulk"


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
    body=schedule_body,
    documents=activities,
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
    body=schedule_body,
    documents=days_off,
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
    body=adherence_body,
    documents=user_days,
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
    body=exceptions_body,
    documents=exceptions,
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
