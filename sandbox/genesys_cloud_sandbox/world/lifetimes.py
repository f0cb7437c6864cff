"""Which conversations were alive at some time: found by index, telling few of them."""

from __future__ import annotations

import threading
from array import array
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from genesys_cloud_sandbox.world.conversations import LONGEST_LIFE
from genesys_cloud_sandbox.world.life import ended
from genesys_cloud_sandbox.world.times import DAY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from genesys_cloud_sandbox.world.days import Day, World

Place = tuple[int, int]
"""A conversation: its day, and its position in the day."""
_DAYS_KEPT = 40


@dataclass(frozen=True)
class _Group:
    """The conversations of a day that can live equally long."""

    longest: int
    starts: array[int]
    positions: array[int]
    ends: array[int]
    """0: not looked at yet."""


class Lifetimes:
    """When conversations end, remembered for a while. Safe for threads."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._lock = threading.Lock()
        self._days: OrderedDict[int, list[_Group]] = OrderedDict()

    def alive(
        self,
        start: int,
        end: int,
        moment: int,
        *,
        since: int | None = None,
        go_on: Callable[[], None],
    ) -> Iterator[Place]:
        """Those that were alive in an interval, as known at a moment: by their starts.

        They started before its end (and from `since` on) and ended after its start, or
        have not ended at the moment. Those that start later are not known yet. `go_on`
        is called now and then, and raises to break off.
        """
        known = min(start, moment)
        earliest = known - LONGEST_LIFE if since is None else since
        for number in range(earliest // DAY, min(end - 1, moment) // DAY + 1):
            day = self.world.day(number)
            first = bisect_left(day.starts, start)
            last = min(bisect_left(day.starts, end), day.started(moment))
            if first:
                begin = bisect_left(day.starts, earliest)
                with self._lock:
                    lasting = sorted(self._lasting(day, start, known, go_on))
                yield from ((number, x) for x in lasting if begin <= x < last)
            for position in range(first, last):
                go_on()
                yield number, position

    def _lasting(
        self, day: Day, start: int, known: int, go_on: Callable[[], None]
    ) -> Iterator[int]:
        """Positions of those that started before `start` and ended after `known`."""
        for group in self._groups(day):
            first = bisect_right(group.starts, known - group.longest)
            last = bisect_left(group.starts, start)
            for place, position in enumerate(
                islice(group.positions, first, last), first
            ):
                if not group.ends[place]:
                    go_on()
                    life = self.world.life(day.number, day.indexes[position])
                    group.ends[place] = ended(life)
                if group.ends[place] > known:
                    yield position

    def _groups(self, day: Day) -> list[_Group]:
        groups = self._days.pop(day.number, None)
        if groups is None:
            groups = _grouped(self.world, day)
        self._days[day.number] = groups
        while len(self._days) > _DAYS_KEPT:
            self._days.popitem(last=False)
        return groups


def _grouped(world: World, day: Day) -> list[_Group]:
    """A day's conversations by how long they can live."""
    groups: dict[int, _Group] = {}
    for position, index in enumerate(day.indexes):
        longest = world.longest_life(day.number, index)
        if longest not in groups:
            groups[longest] = _Group(longest, array("q"), array("L"), array("q"))
        group = groups[longest]
        group.starts.append(day.starts[position])
        group.positions.append(position)
        group.ends.append(0)
    return list(groups.values())
