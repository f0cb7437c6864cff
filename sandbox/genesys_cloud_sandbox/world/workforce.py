"""Workforce management: business units, management units, activity codes, schedules."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from genesys_cloud_sandbox.world.entities import FOUNDED, USERS, link
from genesys_cloud_sandbox.world.organization import Named
from genesys_cloud_sandbox.world.times import DAY, EPOCH_ORDINAL, day_number, stamp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from genesys_cloud_sandbox.world.directory import Directory
    from genesys_cloud_sandbox.world.timeline import Document

BUSINESS_UNITS = "/api/v2/workforcemanagement/businessunits"
_MANAGEMENT_UNITS = "/api/v2/workforcemanagement/managementunits"
#: Business units, and the management units of each.
_UNITS = {"Customer Care": ("Voice", "Written"), "Vertrieb": ("Inbound", "Outbound")}
#: Activity codes: name, category, minutes; their places are their ids.
ACTIVITIES = (
    ("On Queue", "OnQueueWork", 0), ("Break", "Break", 15), ("Meal", "Meal", 30),
    ("Meeting", "Meeting", 60), ("Back office", "OffQueueWork", 120),
    ("Time Off", "TimeOff", 480), ("Training", "Training", 60),
    ("Unavailable", "Unavailable", 60), ("Café ☕ with the team", "Break", 20),
)  # fmt: skip
#: How many of the activity codes come with the product.
_DEFAULT_CODES = 8
_FIRST_WEEK = date(2024, 1, 8)
_WEEKS_PER_SCHEDULE = 2
_CREATED_AHEAD, _PUBLISHED_AHEAD = timedelta(days=28), timedelta(days=14)
_RECENT = timedelta(weeks=26)


def business_units(directory: Directory, _now: int) -> Iterator[Document]:
    """Yield the business units."""
    for unit in _business_units(directory):
        yield directory.entity("BusinessUnitListItem", unit)


def management_units(directory: Directory, _now: int) -> Iterator[Document]:
    """Yield the management units of all business units."""
    for owner, unit in units(directory):
        yield directory.entity(
            "ManagementUnit",
            unit,
            businessUnit=link(BUSINESS_UNITS, owner.id),
            selfUri=f"{_MANAGEMENT_UNITS}/{unit.id}",
        )


def users_of(directory: Directory, _now: int, unit_id: str) -> Iterator[Document]:
    """Yield the agents of a management unit."""
    every = units(directory)
    for number, agent in enumerate(directory.organization.agents):
        if every[number % len(every)][1].id == unit_id:
            yield link(USERS, agent.id)


def management_units_of(
    directory: Directory, now: int, business_unit_id: str
) -> Iterator[Document]:
    """Yield the management units of one business unit."""
    for unit in management_units(directory, now):
        if unit["businessUnit"]["id"] == business_unit_id:
            yield unit


def activity_codes(
    directory: Directory, _now: int, business_unit_id: str
) -> Iterator[Document]:
    """Yield a business unit's activity codes; only there their ids are unique."""
    for number, (name, category, length) in enumerate(ACTIVITIES):
        yield directory.entity(
            "BusinessUnitActivityCode",
            Named(business_unit_id, name),
            id=str(number),
            defaultCode=number < _DEFAULT_CODES,
            category=category,
            lengthInMinutes=length,
            countsAsPaidTime=category != "Meal",
            countsAsWorkTime=category not in {"Meal", "TimeOff"},
            agentTimeOffSelectable=category == "TimeOff",
            countsTowardShrinkage=category not in {"OnQueueWork", "TimeOff"},
            plannedShrinkage=category == "Training",
            interruptible=category == "OffQueueWork",
        )


def schedules(
    directory: Directory, now: int, business_unit_id: str, week_id: str
) -> list[Document]:
    """Return the schedules that span a week, or all recent ones.

    Raises:
        ValueError: the week is no date.
    """
    today = date.fromordinal(now // DAY + EPOCH_ORDINAL)
    first, last = today - _RECENT, today + _RECENT
    if week_id != "recent":
        first = last = date.fromisoformat(week_id)
    return [
        _schedule(directory, business_unit_id, week, today)
        for week in _weeks(first, last)
        if week - today <= _CREATED_AHEAD
    ]


def _weeks(first: date, last: date) -> Iterator[date]:
    """Yield the Mondays of the schedules that reach into a time."""
    length = timedelta(weeks=_WEEKS_PER_SCHEDULE)
    week = max(_FIRST_WEEK, _FIRST_WEEK + (first - _FIRST_WEEK) // length * length)
    while week <= last:
        yield week
        week += length


def _schedule(
    directory: Directory, business_unit_id: str, week: date, today: date
) -> Document:
    def identifier(kind: str) -> str:
        return directory.identifier(kind, business_unit_id, str(week))

    published = week - today <= _PUBLISHED_AHEAD
    schedule, forecast = identifier("schedule"), identifier("forecast")
    path = f"{BUSINESS_UNITS}/{business_unit_id}/weeks/{week}"
    return directory.entity(
        "BuScheduleListItem",
        Named(schedule, ""),
        weekDate=str(week),
        weekCount=_WEEKS_PER_SCHEDULE,
        description=f"Schedule from {week}",
        published=published,
        shortTermForecast={
            "weekDate": str(week),
            "description": "Forecast",
            **link(f"{path}/shorttermforecasts", forecast),
        },
        generationResults={"runId": identifier("run")},
        metadata={
            "dateCreated": _stamp(week - _CREATED_AHEAD),
            "dateModified": _stamp(
                week - (_PUBLISHED_AHEAD if published else _CREATED_AHEAD)
            ),
            "version": 1 + published,
        },
        selfUri=f"{path}/schedules/{schedule}",
    )


def units(directory: Directory) -> list[tuple[Named, Named]]:
    """Return each management unit, after the business unit that it is part of."""
    return [
        (owner, unit)
        for owner in _business_units(directory)
        for unit in directory.named(f"unit of {owner.name}", *_UNITS[owner.name])
    ]


def published_schedule(
    directory: Directory, business_unit_id: str, day: date, today: date
) -> Document | None:
    """Return a reference to a day's schedule; None: it is not published."""
    for week in _weeks(day, day):
        if week - today <= _PUBLISHED_AHEAD:
            schedule = _schedule(directory, business_unit_id, week, today)
            names = ("id", "weekDate", "weekCount", "selfUri")
            return {name: schedule[name] for name in names}
    return None


def _business_units(directory: Directory) -> list[Named]:
    return directory.named("business unit", *_UNITS)


def _stamp(day: date) -> str:
    return stamp(max(FOUNDED, day_number(day) * DAY))
