"""The events that aggregates count: a source for each family."""

from __future__ import annotations

from bisect import bisect
from typing import TYPE_CHECKING

from genesys_cloud_sandbox.api.aggregate_query import family_lists
from genesys_cloud_sandbox.api.jobs import Stoppable
from genesys_cloud_sandbox.world.chronicle import Chronicle
from genesys_cloud_sandbox.world.events import (
    Event,
    evaluation_events,
    flow_events,
    resolution_events,
    session_events,
    sessions_settled,
    survey_events,
)
from genesys_cloud_sandbox.world.occurrences import occurrences
from genesys_cloud_sandbox.world.times import DAY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from genesys_cloud_sandbox.api.intervals import Interval
    from genesys_cloud_sandbox.world.days import World
    from genesys_cloud_sandbox.world.life import Life
    from genesys_cloud_sandbox.world.statuses import Status, Statuses

#: How long after a conversation's end these come at the latest, or longer.
_EVALUATED, _SURVEYED, _RESOLVED = 49 * DAY, 26 * DAY, 26 * DAY


class AggregateEvents(Stoppable):
    """The events of every family, as they are at an instant."""

    def __init__(self, world: World, statuses: Statuses) -> None:
        self.world = world
        self.statuses = statuses
        self._chronicles = {
            "conversations": Chronicle(world, session_events, sessions_settled),
            "flows": Chronicle(world, flow_events, sessions_settled),
            "evaluations": Chronicle(
                world, evaluation_events, _settled, afterwards=_EVALUATED
            ),
            "surveys": Chronicle(world, survey_events, _settled, afterwards=_SURVEYED),
            "resolutions": Chronicle(
                world, resolution_events, _settled, afterwards=_RESOLVED
            ),
        }

    def events(
        self, family: str, buckets: Sequence[Interval], now: int
    ) -> Iterable[Event]:
        """Return the events in adjoining buckets, up to an instant."""
        start, end = buckets[0][0], min(buckets[-1][1], now + 1)
        if start >= end:
            return ()
        if family == "users":
            return self._status_events(buckets, now)
        if family in self._chronicles:
            return self._chronicles[family].between(start, end, now, self.check_stopped)
        lists = family_lists(family)
        names = lists.metrics, lists.dimensions
        return occurrences(self.world, family, *names, (start, end))

    def _status_events(self, buckets: Sequence[Interval], now: int) -> Iterator[Event]:
        """Yield the time in each status, divided by the buckets."""
        ends = [end for _start, end in buckets]
        for status in self.statuses.known(buckets[0][0], ends[-1], now):
            last = now if status.end is None else status.end
            for start, end in buckets[bisect(ends, status.start) :]:
                if start >= last:
                    break
                begun = max(status.start, start)
                yield from _time_events(status, begun, min(last, end) - begun)


def _time_events(status: Status, at: int, length: int) -> Iterator[Event]:
    """Yield what is counted of a part of a status."""
    user = {"userId": status.user_id}
    if status.kind == "routingStatus":
        yield Event(at, "tAgentRoutingStatus", length, user, status.value)
        return
    yield Event(at, "tSystemPresence", length, user, status.value)
    presence = status.organization_presence_id
    yield Event(at, "tOrganizationPresence", length, user, presence)


def _settled(life: Life) -> int:
    return life.settled
