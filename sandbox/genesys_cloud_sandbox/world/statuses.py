"""Agents' presences and routing statuses: a pure function of seed, agent and day.

Agents have two days off in a row, now and then a week or two of holidays, and in each
week a shift at another time of day: the one at night goes past midnight.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING, Literal, NamedTuple

from genesys_cloud_sandbox.world.identity import mix
from genesys_cloud_sandbox.world.organization import presences_by_system
from genesys_cloud_sandbox.world.times import DAY, HOUR, MINUTE, SECOND, stamp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from genesys_cloud_sandbox.world.conversations import World
    from genesys_cloud_sandbox.world.timeline import Document

Kind = Literal["primaryPresence", "routingStatus"]
#: When shifts begin; the last one ends before the first of the next day begins.
_BEGINS = (6 * HOUR, 8 * HOUR, 9 * HOUR + 30 * MINUTE, 13 * HOUR, 21 * HOUR + HOUR // 2)
#: The length of a shift as it is planned.
LENGTH = 8 * HOUR
_LENGTH_JITTER, _BEGIN_JITTER = 15 * MINUTE, 5 * MINUTE
#: Presences between those on queue, their mean length and weight.
_PAUSES = (
    ("BREAK", 12 * MINUTE, 40), ("MEAL", 35 * MINUTE, 20), ("AWAY", 6 * MINUTE, 15),
    ("MEETING", 40 * MINUTE, 10), ("BUSY", 25 * MINUTE, 10), ("IDLE", 8 * MINUTE, 8),
    ("AVAILABLE", 15 * MINUTE, 8), ("TRAINING", 60 * MINUTE, 4),
)  # fmt: skip
#: Routing statuses between those of waiting, their mean length and weight.
_WORK = (
    ("INTERACTING", 13 * MINUTE, 90),
    ("COMMUNICATING", 3 * MINUTE, 6),
    ("NOT_RESPONDING", 40 * SECOND, 4),
)
_OFF_FROM_SATURDAY, _SATURDAY = 0.7, 5
_WEEKS_BETWEEN_HOLIDAYS = 6
_SHIFTS_KEPT = 3_000
_OFF, _OFFSET, _HOLIDAY, _WEEK, _SHIFT = 11, 12, 13, 14, 15
_WHOLE = 2**64


class Status(NamedTuple):
    """A period in which an agent's presence or routing status is the same.

    Instants are milliseconds UTC; statuses sort by start, then by agent and kind.
    """

    start: int
    user_id: str
    kind: Kind
    value: str
    #: None: it has not ended.
    end: int | None
    organization_presence_id: str = ""

    def overlaps(self, start: int, end: int) -> bool:
        """Return whether any of it lies in an interval."""
        return self.start < end and (self.end is None or self.end > start)

    def record(self) -> Document:
        """Return the API's record of it."""
        record: Document = {"startTime": stamp(self.start)}
        if self.end is not None:
            record["endTime"] = stamp(self.end)
        if self.kind == "routingStatus":
            return record | {"routingStatus": self.value}
        return record | {
            "systemPresence": self.value,
            "organizationPresenceId": self.organization_presence_id,
        }


@dataclass(frozen=True)
class Statuses:
    """The statuses of the agents of a world's organization, as far as they are seen."""

    world: World

    @cached_property
    def agents(self) -> dict[int, str]:
        """Return the ids of the agents that can be seen, by their number."""
        visible = self.world.visible
        return {
            number: agent.id
            for number, agent in enumerate(self.world.organization.agents)
            if agent.division_id in visible
        }

    def known(self, start: int, end: int, now: int) -> list[Status]:
        """Return statuses that overlap an interval, as they are at an instant, sorted.

        What is still open then goes as far as that instant, and no further.
        """
        end = min(end, now + 1)
        found: list[Status] = []
        if start < end:
            for agent in self.agents:
                for status in self.periods(agent, start, end):
                    running = status.end is not None and status.end > now
                    found.append(status._replace(end=None) if running else status)
        return sorted(found)

    def periods(self, agent: int, start: int, end: int) -> Iterator[Status]:
        """Yield an agent's statuses that overlap an interval, also in the future."""
        shifts = self._shifts(agent, start, end)
        user_id = self.agents[agent]
        series: tuple[tuple[Kind, list[Change]], ...] = (
            ("primaryPresence", [x for each in shifts for x in each.presences]),
            ("routingStatus", [x for each in shifts for x in each.routing]),
        )
        for kind, changes in series:
            for change, following in pairwise(changes):
                if change.at < end and following.at > start:
                    yield Status(
                        change.at,
                        user_id,
                        kind,
                        change.value,
                        following.at,
                        change.organization_presence_id,
                    )

    def _shifts(self, agent: int, start: int, end: int) -> list[Shift]:
        """Return shifts from one before the start to one that begins after the end."""
        seed = self.world.seed
        day = start // DAY
        found: list[Shift] = []
        while not found or found[0].routing[0].at > start:
            if works(seed, agent, day):
                found.insert(0, shift(seed, agent, day))
            day -= 1
        day = start // DAY + 1
        while found[-1].presences[0].at < end:
            if works(seed, agent, day):
                found.append(shift(seed, agent, day))
            day += 1
        return found


class Change(NamedTuple):
    """A change of status at an instant, in milliseconds UTC."""

    at: int
    value: str
    organization_presence_id: str = ""


class Shift(NamedTuple):
    """An agent's statuses from the beginning to the end of a shift."""

    #: The first is the beginning, the last OFFLINE.
    presences: tuple[Change, ...]
    #: The last is OFF_QUEUE.
    routing: tuple[Change, ...]


def works(seed: int, agent: int, day: int) -> bool:
    """Return whether an agent has a shift that begins on a day, since 1970-01-01."""
    return due(seed, agent, day) and not on_holiday(seed, agent, day)


def due(seed: int, agent: int, day: int) -> bool:
    """Return whether a day is none of an agent's two days off."""
    weekday = (day + 3) % 7
    place = mix(seed, agent, _OFF)
    off = _SATURDAY if place < _OFF_FROM_SATURDAY * _WHOLE else place % 7
    return (weekday - off) % 7 >= 2  # noqa: PLR2004 (magic-value-comparison: two days off)


def on_holiday(seed: int, agent: int, day: int) -> bool:
    """Return whether an agent has holidays in the week of a day."""
    weeks = day // 7 + mix(seed, agent, _OFFSET) % _WEEKS_BETWEEN_HOLIDAYS
    season, week = divmod(weeks, _WEEKS_BETWEEN_HOLIDAYS)
    length, begin = divmod(mix(seed, agent, season, _HOLIDAY) % 12, 4)
    return begin <= week < begin + length


def planned_begin(seed: int, agent: int, day: int) -> int:
    """Return when a day's shift is planned to begin: the same time all week."""
    place = mix(seed, agent, (day + 3) // 7, _WEEK) % len(_BEGINS)
    return day * DAY + _BEGINS[place]


@lru_cache(maxsize=_SHIFTS_KEPT)
def shift(seed: int, agent: int, day: int) -> Shift:
    """Return the shift that begins on a day on which an agent works."""
    rng = Random(mix(seed, agent, day, _SHIFT))
    usual = planned_begin(seed, agent, day)
    begin = usual + rng.randint(-_BEGIN_JITTER, _BEGIN_JITTER)
    end = begin + LENGTH + rng.randint(-_LENGTH_JITTER, _LENGTH_JITTER)
    presences = [_presence(seed, rng, begin, "AVAILABLE")]
    routing: list[Change] = []
    at = begin + MINUTE + rng.randrange(8 * MINUTE)
    while at < end:
        presences.append(_presence(seed, rng, at, "ON_QUEUE"))
        left = min(at + _around(rng, 80 * MINUTE), end)
        routing += _on_queue(rng, at, left)
        if left < end:
            pause, mean = _chosen(rng, _PAUSES)
            presences.append(_presence(seed, rng, left, pause))
            left += _around(rng, mean)
        at = left
    presences.append(_presence(seed, rng, end, "OFFLINE"))
    return Shift(tuple(presences), tuple(routing))


def _on_queue(rng: Random, at: int, end: int) -> list[Change]:
    """Return routing statuses: idle and at work in turns, off queue in the end."""
    changes: list[Change] = []
    while at < end:
        changes.append(Change(at, "IDLE"))
        at += _around(rng, 14 * MINUTE)
        if at < end:
            status, mean = _chosen(rng, _WORK)
            changes.append(Change(at, status))
            at += _around(rng, mean)
    return [*changes, Change(end, "OFF_QUEUE")]


def _presence(seed: int, rng: Random, at: int, system_presence: str) -> Change:
    """Return one of a system presence's definitions: mostly its primary one."""
    identifiers = presences_by_system(seed)[system_presence]
    own = rng.random() < 0.6  # noqa: PLR2004 (magic-value-comparison: a share)
    return Change(
        at, system_presence, identifiers[0] if own else rng.choice(identifiers)
    )


def _chosen(rng: Random, choices: tuple[tuple[str, int, int], ...]) -> tuple[str, int]:
    weights = [weight for _value, _mean, weight in choices]
    value, mean, _weight = rng.choices(choices, weights)[0]
    return value, mean


def _around(rng: Random, mean: int) -> int:
    return 5 * SECOND + int(rng.expovariate(1 / mean))
