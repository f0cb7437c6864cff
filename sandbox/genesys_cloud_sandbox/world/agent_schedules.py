"""Agents' schedules: a pure function of seed, agent and day.

What agents then do (see `statuses`) differs a little from what is planned.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from genesys_cloud_sandbox.world.identity import mix
from genesys_cloud_sandbox.world.statuses import (
    LENGTH,
    due,
    on_holiday,
    planned_begin,
    works,
)
from genesys_cloud_sandbox.world.times import DAY, EPOCH_ORDINAL, HOUR, MINUTE, stamp
from genesys_cloud_sandbox.world.workforce import ACTIVITIES, published_schedule, units

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from genesys_cloud_sandbox.world.directory import Directory
    from genesys_cloud_sandbox.world.timeline import Document

TIME_ZONE = "Europe/Berlin"
#: Places in the list of activities.
_QUEUE, _BREAK, _MEAL, _MEETING, _OFFICE, _TIME_OFF, _TRAINING = range(7)
_PLAN = (
    (0 * MINUTE, _QUEUE), (2 * HOUR, _BREAK), (135 * MINUTE, _QUEUE),
    (4 * HOUR, _MEAL), (270 * MINUTE, _QUEUE), (6 * HOUR, _BREAK),
    (375 * MINUTE, _QUEUE),
)  # fmt: skip
#: What the last hour of a shift is for: one of them.
_LAST_HOURS = (_QUEUE, _QUEUE, _MEETING, _OFFICE, _TRAINING)
_LAST_HOUR = 21


class Activity(NamedTuple):
    """A part of a shift; instants are milliseconds UTC."""

    start: int
    end: int
    code: int

    @property
    def category(self) -> str:
        """Return what it counts as."""
        return ACTIVITIES[self.code][1]


def planned(seed: int, agent: int, day: int) -> list[Activity]:
    """Return the seamless activities of the shift that begins on a day, if one does."""
    if not works(seed, agent, day):
        return []
    begin = planned_begin(seed, agent, day)
    last = _LAST_HOURS[mix(seed, agent, day, _LAST_HOUR) % len(_LAST_HOURS)]
    plan = [*_PLAN, (LENGTH - HOUR, last)] if last != _QUEUE else list(_PLAN)
    return [
        Activity(begin + start, begin + end, code)
        for (start, code), (end, _code) in pairwise([*plan, (LENGTH, last)])
    ]


@dataclass(frozen=True)
class AgentSchedules:
    """The published schedules of the agents that are seen, by their number."""

    directory: Directory
    agents: dict[int, str]

    def members(self, unit_id: str) -> dict[int, str]:
        """Return the agents of a business unit, or of a management unit."""
        every = units(self.directory)
        return {
            number: user_id
            for number, user_id in self.agents.items()
            if unit_id in [unit.id for unit in every[number % len(every)]]
        }

    def search(
        self,
        business_unit_id: str,
        start: int,
        end: int,
        now: int,
        users: Collection[str] | None = None,
    ) -> list[Document]:
        """Return the schedules of agents, as far as they overlap an interval."""
        found = []
        for number, user_id in self.members(business_unit_id).items():
            if users is not None and user_id not in users:
                continue
            shifts = list(self._shifts(business_unit_id, number, start, end, now))
            markers = list(self._days_off(business_unit_id, number, start, end, now))
            if shifts or markers:
                found.append(
                    {
                        "user": {"id": user_id, "selfUri": f"/api/v2/users/{user_id}"},
                        "shifts": shifts,
                        "fullDayTimeOffMarkers": markers,
                    }
                )
        return found

    def published(
        self, business_unit_id: str, start: int, end: int, now: int
    ) -> list[Document]:
        """Return references to the published schedules that overlap an interval."""
        found = [
            schedule
            for day in range(start // DAY, (end - 1) // DAY + 1)
            if (schedule := self._schedule(business_unit_id, day, now))
        ]
        return list({schedule["id"]: schedule for schedule in found}.values())

    def activities(self, agent: int, start: int, end: int) -> Iterator[Activity]:
        """Yield an agent's planned activities that overlap an interval."""
        for day in range(start // DAY - 1, end // DAY + 1):
            for activity in planned(self.directory.seed, agent, day):
                if activity.start < end and activity.end > start:
                    yield activity

    def _shifts(
        self, business_unit_id: str, agent: int, start: int, end: int, now: int
    ) -> Iterator[Document]:
        for day in range(start // DAY - 1, end // DAY + 1):
            activities = planned(self.directory.seed, agent, day)
            schedule = self._schedule(business_unit_id, day, now)
            if not activities or not schedule:
                continue
            begin = activities[0].start
            if begin < end and begin + LENGTH > start:
                identifier = self.directory.identifier("shift", agent, day)
                schedule.pop("weekCount")
                yield {
                    "id": identifier,
                    "startDate": stamp(begin),
                    "lengthMinutes": LENGTH // MINUTE,
                    "activities": [_activity(each) for each in activities],
                    "manuallyEdited": not int(identifier[0], 16) % 8,
                    "schedule": schedule,
                }

    def _days_off(
        self, business_unit_id: str, agent: int, start: int, end: int, now: int
    ) -> Iterator[Document]:
        seed = self.directory.seed
        for day in range(start // DAY, (end - 1) // DAY + 1):
            is_off = due(seed, agent, day) and on_holiday(seed, agent, day)
            if is_off and self._schedule(business_unit_id, day, now):
                yield {
                    "businessUnitDate": _date(day).isoformat(),
                    "startOffsetMinutes": 0,
                    "endOffsetMinutes": DAY // MINUTE,
                    "lengthMinutes": LENGTH // MINUTE,
                    "description": "Holidays",
                    "activityCodeId": str(_TIME_OFF),
                    "paid": True,
                    "payableMinutes": LENGTH // MINUTE,
                    "timeOffRequestId": self.directory.identifier("off", agent, day),
                    "timeOffRequestSyncVersion": 1,
                }

    def _schedule(self, business_unit_id: str, day: int, now: int) -> Document | None:
        today = _date(now // DAY)
        return published_schedule(self.directory, business_unit_id, _date(day), today)


def _activity(activity: Activity) -> Document:
    minutes = (activity.end - activity.start) // MINUTE
    paid = activity.code != _MEAL
    return {
        "startDate": stamp(activity.start),
        "lengthMinutes": minutes,
        "description": ACTIVITIES[activity.code][0],
        "activityCodeId": str(activity.code),
        "paid": paid,
        "payableMinutes": minutes * paid,
    }


def _date(day: int) -> date:
    return date.fromordinal(day + EPOCH_ORDINAL)
