"""When conversations end, and their events: worked out once. Safe for threads."""

from __future__ import annotations

import threading
from array import array
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, islice
from typing import TYPE_CHECKING

from genesys_cloud_sandbox.world.conversation_details import (
    CORRECTION_DELAY,
    LONGEST_DURATION,
    as_of,
    ended,
)
from genesys_cloud_sandbox.world.times import DAY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from genesys_cloud_sandbox.world.conversation_details import Conversation
    from genesys_cloud_sandbox.world.conversations import Day, World
    from genesys_cloud_sandbox.world.events import Event
    from genesys_cloud_sandbox.world.timeline import Document

#: A conversation: its day, and its position in the day.
Place = tuple[int, int]
_DAYS_KEPT, _END_DAYS_KEPT = 100, 40
_EVENTS_KEPT, _GROUPS_KEPT = 300_000, 1_000


@lru_cache(maxsize=_DAYS_KEPT)
def _groups(world: World, number: int) -> dict[int, array[int]]:
    """Return a day's positions by how long the conversations can last."""
    groups: dict[int, array[int]] = {}
    for position, index in enumerate(world.day(number).indexes):
        longest = world.longest_duration(number, index)
        groups.setdefault(longest, array("L")).append(position)
    return groups


@lru_cache(maxsize=_END_DAYS_KEPT)
def _ends(world: World, number: int) -> array[int]:
    """Return when a day's conversations end, by position; 0: not looked at yet."""
    return array("q", bytes(8 * len(world.day(number).starts)))


class EndCache:
    """Finds which conversations are alive at some time, by looking at few of them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._lock = threading.Lock()

    def alive(
        self,
        start: int,
        end: int,
        moment: int,
        *,
        since: int | None = None,
        go_on: Callable[[], None],
    ) -> Iterator[Place]:
        """Yield those alive in an interval, as known at a moment, by their starts.

        They started before its end (and from `since` on) and ended after its start, or
        have not ended at the moment. Those that start later are not known yet. `go_on`
        is called now and then, and raises to break off.
        """
        known = min(start, moment)
        earliest = known - LONGEST_DURATION if since is None else since
        for number in range(earliest // DAY, min(end - 1, moment) // DAY + 1):
            day = self.world.day(number)
            first = bisect_left(day.starts, start)
            last = min(bisect_left(day.starts, end), day.started(moment))
            if first:
                begin = bisect_left(day.starts, earliest)
                with self._lock:
                    lasting = sorted(self._lasting(day, first, known, go_on))
                yield from ((number, x) for x in lasting if begin <= x < last)
            for position in range(first, last):
                go_on()
                yield number, position

    def _lasting(
        self, day: Day, before: int, known: int, go_on: Callable[[], None]
    ) -> Iterator[int]:
        """Yield the positions before one of those that ended after `known`."""
        ends = _ends(self.world, day.number)
        for longest, positions in _groups(self.world, day.number).items():
            earliest = bisect_right(day.starts, known - longest)
            first, last = (bisect_left(positions, x) for x in (earliest, before))
            for position in islice(positions, first, last):
                if not ends[position]:
                    go_on()
                    conversation = self.world.conversation(
                        day.number, day.indexes[position]
                    )
                    ends[position] = ended(conversation)
                if ends[position] > known:
                    yield position


@dataclass
class _Events:
    """Events of a day's conversations that can last equally long."""

    now: int = 0
    #: How many of the conversations have been looked at.
    looked_at: int = 0
    #: Positions of those that can still change.
    open: list[int] = field(default_factory=list)
    #: Events of those that cannot, by the day on which they happened.
    final: dict[int, list[Event]] = field(default_factory=dict)
    size: int = 0


class EventCache:
    """One kind of events of all conversations, as they are at an instant.

    The days that were asked for last are kept, as far as there is room. A request that
    comes while a day is worked out waits for that, and does not do it again.
    """

    def __init__(
        self,
        world: World,
        events: Callable[[Document], Iterable[Event]],
        settled: Callable[[Conversation], int],
        *,
        afterwards: int = 0,
    ) -> None:
        """Keep the events that `events` finds in a conversation.

        `settled`: from when on they are final. `afterwards`: how long after the
        conversation's end there can be some.
        """
        self.world = world
        self._events = events
        self._settled = settled
        self._afterwards = afterwards
        self._lock = threading.Lock()
        self._groups: OrderedDict[tuple[int, int], _Events] = OrderedDict()
        self._size = 0

    def between(
        self, start: int, end: int, now: int, go_on: Callable[[], None]
    ) -> Iterator[Event]:
        """Yield an interval's events; `go_on` is called now and then, and may raise."""
        end = min(end, now + 1)
        first = (start - LONGEST_DURATION - self._afterwards) // DAY
        for number in range(first, (end - 1) // DAY + 1):
            with self._lock:
                found = list(self._of_day(number, start, end, now, go_on))
            yield from found

    def _of_day(
        self, number: int, start: int, end: int, now: int, go_on: Callable[[], None]
    ) -> Iterator[Event]:
        """Yield an interval's events of conversations that started on a day."""
        days = range(start // DAY, (end - 1) // DAY + 1)
        for longest, positions in _groups(self.world, number).items():
            reach = max(longest + self._afterwards, CORRECTION_DELAY)
            if (number + 1) * DAY + reach <= start:
                continue
            group = self._groups.pop((number, longest), _Events())
            self._size -= group.size
            if group.now > now:
                group = _Events()
            not_final = self._update(
                group, self.world.day(number), positions, now, go_on
            )
            self._groups[number, longest] = group
            self._size += group.size
            final = (group.final.get(day, ()) for day in days)
            yield from (x for x in chain(not_final, *final) if start <= x.at < end)
        while self._size > _EVENTS_KEPT or len(self._groups) > _GROUPS_KEPT:
            self._size -= self._groups.popitem(last=False)[1].size

    def _update(
        self,
        group: _Events,
        day: Day,
        positions: array[int],
        now: int,
        go_on: Callable[[], None],
    ) -> list[Event]:
        """Keep what is final, and return what can still change."""
        not_final: list[Event] = []
        still_open: list[int] = []
        known = bisect_left(positions, day.started(now))
        group.open += positions[group.looked_at : known]
        group.looked_at = max(group.looked_at, known)
        for position in group.open:
            go_on()
            conversation = self.world.conversation(day.number, day.indexes[position])
            document = as_of(conversation, now)
            found = list(self._events(document)) if document else []
            if self._settled(conversation) > now:
                still_open.append(position)
                not_final += found
                continue
            group.size += len(found)
            for event in found:
                group.final.setdefault(event.at // DAY, []).append(event)
        group.open, group.now = still_open, now
        return not_final
