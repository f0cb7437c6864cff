"""Workforce management: business units, management units, activities, schedules."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from genesys_cloud_sandbox.world.directory import (
    DIVISIONS,
    FOUNDED,
    USERS,
    Directory,
    created,
    link,
    modified,
    version,
)
from genesys_cloud_sandbox.world.times import DAY, EPOCH_ORDINAL, stamp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from genesys_cloud_sandbox.world.organization import Named
    from genesys_cloud_sandbox.world.timeline import Document

BUSINESS_UNITS = "/api/v2/workforcemanagement/businessunits"
_UNITS = {
    "Customer Care": ("Voice", "Written"),
    "Vertrieb": ("Inbound", "Outbound"),
}
ACTIVITIES = (
    ("On Queue", "OnQueueWork", 0), ("Break", "Break", 15), ("Meal", "Meal", 30),
    ("Meeting", "Meeting", 60), ("Back office", "OffQueueWork", 120),
    ("Time Off", "TimeOff", 480), ("Training", "Training", 60),
    ("Unavailable", "Unavailable", 60), ("Café ☕ with the team", "Break", 20),
)  # fmt: skip
"""Name, category, minutes; their places are their ids."""
_DEFAULTS = 8
"""How many of the activities come with the product."""
_FIRST_WEEK = date(2024, 1, 8)
_WEEKS_PER_SCHEDULE = 2
_WRITTEN_AHEAD, _PUBLISHED_AHEAD = timedelta(days=28), timedelta(days=14)
_RECENT = timedelta(weeks=26)


def business_units(directory: Directory, _now: int) -> list[Document]:
    """Business units."""
    division = directory.organization.divisions[0].id
    return [
        {
            "id": unit.id,
            "name": unit.name,
            "authorized": True,
            "division": link(DIVISIONS, division),
        }
        for unit in _business_units(directory)
    ]


def management_units(directory: Directory, _now: int) -> list[Document]:
    """The management units of all business units."""
    division = directory.organization.divisions[0].id
    return [
        {
            "id": unit.id,
            "name": unit.name,
            "businessUnit": link(BUSINESS_UNITS, owner.id),
            "startDayOfWeek": "Monday",
            "timeZone": "Europe/Berlin",
            "division": link(DIVISIONS, division),
            "version": version(unit.id),
            "dateModified": modified(unit.id),
            "modifiedBy": link(USERS, directory.supervisor.id),
            "metadata": _metadata(directory, unit.id),
            "selfUri": f"/api/v2/workforcemanagement/managementunits/{unit.id}",
        }
        for owner, unit in units(directory)
    ]


def users_of(
    directory: Directory, _now: int, management_unit_id: str
) -> list[Document]:
    """The agents of a management unit."""
    every = units(directory)
    return [
        link(USERS, agent.id)
        for number, agent in enumerate(directory.organization.agents)
        if every[number % len(every)][1].id == management_unit_id
    ]


def management_units_of(
    directory: Directory, now: int, business_unit_id: str
) -> list[Document]:
    """The management units of one business unit."""
    return [
        unit
        for unit in management_units(directory, now)
        if unit["businessUnit"]["id"] == business_unit_id
    ]


def activity_codes(
    directory: Directory, _now: int, business_unit_id: str
) -> list[Document]:
    """What agents are scheduled for; ids are unique in their business unit only."""
    return [
        {
            "id": str(number),
            "name": name,
            "active": True,
            "defaultCode": number < _DEFAULTS,
            "category": category,
            "lengthInMinutes": length,
            "countsAsPaidTime": category != "Meal",
            "countsAsWorkTime": category not in ("Meal", "TimeOff"),
            "agentTimeOffSelectable": category == "TimeOff",
            "countsTowardShrinkage": category not in ("OnQueueWork", "TimeOff"),
            "plannedShrinkage": category == "Training",
            "interruptible": category == "OffQueueWork",
            "secondaryPresences": [],
            "metadata": _metadata(directory, business_unit_id),
        }
        for number, (name, category, length) in enumerate(ACTIVITIES)
    ]


def schedules(
    directory: Directory, now: int, business_unit_id: str, week_id: str
) -> list[Document]:
    """The schedules that span a week, or all recent ones.

    Raises:
        ValueError: the week is no date.
    """
    today = date.fromordinal(now // DAY + EPOCH_ORDINAL)
    if week_id == "recent":
        first, last = today - _RECENT, today + _RECENT
    else:
        first = last = date.fromisoformat(week_id)
    return [
        _schedule(directory, business_unit_id, week, today)
        for week in _weeks(first, last)
        if week - today <= _WRITTEN_AHEAD
    ]


def _weeks(first: date, last: date) -> Iterator[date]:
    """The Mondays of the schedules that reach into a time."""
    length = timedelta(weeks=_WEEKS_PER_SCHEDULE)
    week = max(_FIRST_WEEK, _FIRST_WEEK + (first - _FIRST_WEEK) // length * length)
    while week <= last:
        yield week
        week += length


def _schedule(
    directory: Directory, business_unit_id: str, week: date, today: date
) -> Document:
    published = week - today <= _PUBLISHED_AHEAD
    written = _stamp(week - _WRITTEN_AHEAD)
    identifier = directory.identifier("schedule", business_unit_id, str(week))
    forecast = directory.identifier("forecast", business_unit_id, str(week))
    path = f"{BUSINESS_UNITS}/{business_unit_id}/weeks/{week}"
    changed = _stamp(week - _PUBLISHED_AHEAD) if published else written
    return {
        "id": identifier,
        "weekDate": str(week),
        "weekCount": _WEEKS_PER_SCHEDULE,
        "description": f"Schedule from {week}",
        "published": published,
        "shortTermForecast": {
            "id": forecast,
            "weekDate": str(week),
            "description": "Forecast",
            "selfUri": f"{path}/shorttermforecasts/{forecast}",
        },
        "generationResults": {
            "failed": False,
            "runId": directory.identifier("run", business_unit_id, str(week)),
            "messageCount": 0,
        },
        "metadata": {
            **_metadata(directory, identifier),
            "dateCreated": written,
            "dateModified": changed,
            "version": 1 + published,
        },
        "selfUri": f"{path}/schedules/{identifier}",
    }


def units(directory: Directory) -> list[tuple[Named, Named]]:
    """Each management unit, after the business unit that it is part of."""
    return [
        (owner, unit)
        for owner in _business_units(directory)
        for unit in directory.named(f"unit of {owner.name}", *_UNITS[owner.name])
    ]


def published_schedule(
    directory: Directory, business_unit_id: str, day: date, today: date
) -> Document | None:
    """A reference to the schedule that a day is in; None: it is not published."""
    for week in _weeks(day, day):
        if week - today <= _PUBLISHED_AHEAD:
            schedule = _schedule(directory, business_unit_id, week, today)
            names = ("id", "weekDate", "weekCount", "selfUri")
            return {name: schedule[name] for name in names}
    return None


def _business_units(directory: Directory) -> list[Named]:
    return directory.named("business unit", *_UNITS)


def _metadata(directory: Directory, identifier: str) -> Document:
    person = link(USERS, directory.supervisor.id)
    return {
        "version": version(identifier),
        "createdBy": person,
        "dateCreated": created(identifier),
        "modifiedBy": person,
        "dateModified": modified(identifier),
    }


def _stamp(day: date) -> str:
    return stamp(max(FOUNDED, (day.toordinal() - EPOCH_ORDINAL) * DAY))
