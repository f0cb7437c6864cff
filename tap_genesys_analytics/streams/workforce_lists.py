"""The lists of workforce management that reference tables are read from.

Source: as that of the other lists, ``reference_lists``. Declarations, no I/O.
"""

from __future__ import annotations

from tap_genesys_analytics.listings import Listing, table_of
from tap_genesys_analytics.lists import Paging

BUSINESS_UNITS = Listing(
    table_of(
        "business_units", "BusinessUnitListItem", "Business units.", default=False
    ),
    "/api/v2/workforcemanagement/businessunits",
    paging=Paging.NONE,
)

MANAGEMENT_UNITS = Listing(
    table_of("management_units", "ManagementUnit", "Their parts.", default=False),
    "/api/v2/workforcemanagement/managementunits",
    paging=Paging.NONE,
)


def _of_business_unit(
    name: str, model: str, path: str, permissions: tuple[str, ...], description: str
) -> Listing:
    return Listing(
        table_of(
            name,
            model,
            description,
            default=False,
            added={"businessUnitId": "string"},
            key_fields=("businessUnitId",),
        ),
        f"/api/v2/workforcemanagement/businessunits/{{id}}{path}",
        permissions,
        paging=Paging.NONE,
        of=BUSINESS_UNITS,
        owner_field="businessUnitId",
    )


WORKFORCE = (
    BUSINESS_UNITS,
    MANAGEMENT_UNITS,
    _of_business_unit(
        "activity_codes",
        "BusinessUnitActivityCode",
        "/activitycodes",
        ("wfm:activityCode:view", "wfm:businessUnit:view"),
        "What agents are scheduled for.",
    ),
    _of_business_unit(
        "schedules",
        "BuScheduleListItem",
        "/weeks/recent/schedules",
        ("wfm:schedule:view", "wfm:publishedSchedule:view"),
        "Schedules of business units, by week.",
    ),
    Listing(
        table_of(
            "management_unit_users",
            "UserReference",
            "Which users are planned by which management units.",
            default=False,
            added={"managementUnitId": "string"},
            key_fields=("managementUnitId",),
        ),
        "/api/v2/workforcemanagement/managementunits/{id}/users",
        (
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
        of=MANAGEMENT_UNITS,
        owner_field="managementUnitId",
    ),
)
