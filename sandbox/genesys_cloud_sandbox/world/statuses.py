"""Agent status: seamless periods of presence and of routing status, at any time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, NamedTuple

from genesys_cloud_sandbox.world.shifts import shift, works
from genesys_cloud_sandbox.world.times import DAY, stamp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from genesys_cloud_sandbox.world.days import World
    from genesys_cloud_sandbox.world.shifts import Change, Shift
    from genesys_cloud_sandbox.world.timeline import Document

Kind = Literal["primaryPresence", "routingStatus"]


class Status(NamedTuple):
    """A period in which an agent's presence or routing status is the same.

    Instants are milliseconds UTC; statuses sort by start, then by agent and kind.
    """

    start: int
    user_id: str
    kind: Kind
    value: str
    end: int | None
    """None: it has not ended."""
    organization_presence_id: str = ""

    def overlaps(self, start: int, end: int) -> bool:
        """Whether any of it lies in an interval."""
        return self.start < end and (self.end is None or self.end > start)

    def record(self) -> Document:
        """The API's record of it."""
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
        """The ids of the agents that can be seen, by their number."""
        visible = self.world.visible
        return {
            number: agent.id
            for number, agent in enumerate(self.world.organization.agents)
            if agent.division_id in visible
        }

    def known(self, start: int, end: int, now: int) -> list[Status]:
        """Those that overlap an interval, as they are at an instant, sorted.

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
        """An agent's periods that overlap an interval, whatever the time is now."""
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
        """From one under way at the start to one that begins after the end."""
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
