"""Reference lists of workforce management. Source: as in ``reference_lists``."""

from __future__ import annotations

from tap_genesys_analytics.api.get_pages import Paging
from tap_genesys_analytics.readers.lists import (
    ReferenceList,
    list_for_each,
    reference_table,
)

BUSINESS_UNITS = ReferenceList(
    reference_table(
        "business_units", "BusinessUnitListItem", "Business units.", default=False
    ),
    "/api/v2/workforcemanagement/businessunits",
    paging=Paging.NONE,
)

MANAGEMENT_UNITS = ReferenceList(
    reference_table(
        "management_units", "ManagementUnit", "Parts of business units.", default=False
    ),
    "/api/v2/workforcemanagement/managementunits",
    paging=Paging.NONE,
)


_OF_BUSINESS_UNIT = "/api/v2/workforcemanagement/businessunits/{id}"

WORKFORCE = (
    BUSINESS_UNITS,
    MANAGEMENT_UNITS,
    list_for_each(
        BUSINESS_UNITS,
        "businessUnitId",
        "activity_codes",
        "BusinessUnitActivityCode",
        "Activities that agents are scheduled for.",
        path=f"{_OF_BUSINESS_UNIT}/activitycodes",
        permissions=("wfm:activityCode:view", "wfm:businessUnit:view"),
        paging=Paging.NONE,
    ),
    list_for_each(
        BUSINESS_UNITS,
        "businessUnitId",
        "schedules",
        "BuScheduleListItem",
        "Schedules of business units, by week.",
        path=f"{_OF_BUSINESS_UNIT}/weeks/recent/schedules",
        permissions=("wfm:schedule:view", "wfm:publishedSchedule:view"),
        paging=Paging.NONE,
    ),
    list_for_each(
        MANAGEMENT_UNITS,
        "managementUnitId",
        "management_unit_users",
        "UserReference",
        "Which users belong to which management units.",
        path="/api/v2/workforcemanagement/managementunits/{id}/users",
        permissions=(
            "wfm:agent:view",
            "wfm:historicalAdherence:view",
            "wfm:publishedSchedule:view",
            "wfm:realtimeAdherence:view",
            "wfm:schedule:view",
            "wfm:timeOffRequest:view",
            "wfm:workPlan:view",
            "wfm:workPlanRotation:view",
        ),
        paging=Paging.NONE,
    ),
)
