"""Where aggregates find their events: a source for each family."""

from __future__ import annotations

from bisect import bisect
from typing import TYPE_CHECKING

from genesys_cloud_sandbox.api.families import family_lists
from genesys_cloud_sandbox.world.caches import EventCache
from genesys_cloud_sandbox.world.events import (
    Event,
    evaluation_events,
    flow_events,
    random_events,
    resolution_events,
    session_events,
    sessions_settled,
    survey_events,
)
from genesys_cloud_sandbox.world.organization import presences_by_system
from genesys_cloud_sandbox.world.times import DAY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from genesys_cloud_sandbox.api.buckets import Bucket
    from genesys_cloud_sandbox.world.conversation_details import Conversation
    from genesys_cloud_sandbox.world.conversations import World
    from genesys_cloud_sandbox.world.statuses import Status, Statuses

_EVALUATED, _SURVEYED, _RESOLVED = 49 * DAY, 26 * DAY, 26 * DAY
"""How long after a conversation's end these come at the latest, or longer."""


class Sources:
    """The events of every family, as they are at an instant."""

    def __init__(self, world: World, statuses: Statuses) -> None:
        self.world = world
        self.statuses = statuses
        self.presences = presences_by_system(world.seed)
        self._stopped = False
        self._chronicles = {
            "conversations": EventCache(world, session_events, sessions_settled),
            "flows": EventCache(world, flow_events, sessions_settled),
            "evaluations": EventCache(
                world, evaluation_events, _settled, afterwards=_EVALUATED
            ),
            "surveys": EventCache(world, survey_events, _settled, afterwards=_SURVEYED),
            "resolutions": EventCache(
                world, resolution_events, _settled, afterwards=_RESOLVED
            ),
        }

    def stop(self) -> None:
        """Give up what is being told."""
        self._stopped = True

    def events(
        self, family: str, buckets: Sequence[Bucket], now: int
    ) -> Iterable[Event]:
        """What happened in buckets that join, up to an instant."""
        start, end = buckets[0][0], min(buckets[-1][1], now + 1)
        if start >= end:
            return ()
        if family == "users":
            return self._statuses(buckets, now)
        if family in self._chronicles:
            return self._chronicles[family].between(start, end, now, self._go_on)
        lists = family_lists(family)
        names = lists.metrics, lists.dimensions
        return random_events(self.world, family, *names, (start, end))

    def _statuses(self, buckets: Sequence[Bucket], now: int) -> Iterator[Event]:
        """The time in each status, cut at the limits of the buckets."""
        ends = [end for _start, end in buckets]
        for status in self.statuses.known(buckets[0][0], ends[-1], now):
            last = now if status.end is None else status.end
            for start, end in buckets[bisect(ends, status.start) :]:
                if start >= last:
                    break
                begun = max(status.start, start)
                yield from _time(status, begun, min(last, end) - begun)

    def _go_on(self) -> None:
        if self._stopped:
            message = "the sandbox was stopped"
            raise RuntimeError(message)


def _time(status: Status, at: int, length: int) -> Iterator[Event]:
    """What is counted of a part of a status."""
    user = {"userId": status.user_id}
    if status.kind == "routingStatus":
        yield Event(at, "tAgentRoutingStatus", length, user, status.value)
        return
    yield Event(at, "tSystemPresence", length, user, status.value)
    presence = status.organization_presence_id
    yield Event(at, "tOrganizationPresence", length, user, presence)


def _settled(life: Conversation) -> int:
    return life.settled
