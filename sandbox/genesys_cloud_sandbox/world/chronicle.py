"""The events of all conversations, by day, told once where they cannot change."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING

from genesys_cloud_sandbox.world.afterwards import PIPELINE_DELAY
from genesys_cloud_sandbox.world.conversations import LONGEST_LIFE
from genesys_cloud_sandbox.world.life import as_of
from genesys_cloud_sandbox.world.times import DAY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from genesys_cloud_sandbox.world.days import Day, World
    from genesys_cloud_sandbox.world.events import Event
    from genesys_cloud_sandbox.world.life import Life
    from genesys_cloud_sandbox.world.timeline import Document

_EVENTS_KEPT, _CHAPTERS_KEPT, _DAYS_KEPT = 300_000, 1_000, 100


@dataclass
class _Chapter:
    """What is known of a day's conversations that can live equally long."""

    now: int = 0
    looked_at: int = 0
    """How many of them have been."""
    open: list[int] = field(default_factory=list)
    """Positions of those that can still change."""
    final: dict[int, list[Event]] = field(default_factory=dict)
    """Events of those that cannot, by the day on which they happened."""
    size: int = 0


class Chronicle:
    """One kind of events at any time, as they are at an instant. Safe for threads.

    The days that were asked for last are kept, as far as there is room. Who asks while
    a day is told waits for that, and does not do it again.
    """

    def __init__(
        self,
        world: World,
        tell: Callable[[Document], Iterable[Event]],
        settled: Callable[[Life], int],
        *,
        afterwards: int = 0,
    ) -> None:
        """`settled`: from when on a conversation's events are final.

        `afterwards`: how long after its end there can be events.
        """
        self.world = world
        self._tell = tell
        self._settled = settled
        self._afterwards = afterwards
        self._lock = threading.Lock()
        self._chapters: OrderedDict[tuple[int, int], _Chapter] = OrderedDict()
        self._size = 0

    def between(
        self, start: int, end: int, now: int, go_on: Callable[[], None]
    ) -> Iterator[Event]:
        """The events of an interval; `go_on` is called now and then, and may raise."""
        end = min(end, now + 1)
        first = (start - LONGEST_LIFE - self._afterwards) // DAY
        for number in range(first, (end - 1) // DAY + 1):
            with self._lock:
                found = list(self._told(number, start, end, now, go_on))
            yield from found

    def _told(
        self, number: int, start: int, end: int, now: int, go_on: Callable[[], None]
    ) -> Iterator[Event]:
        """What conversations that started on a day have in an interval."""
        days = range(start // DAY, (end - 1) // DAY + 1)
        for longest, positions in _by_length(self.world, number).items():
            reach = max(longest + self._afterwards, PIPELINE_DELAY)
            if (number + 1) * DAY + reach <= start:
                continue
            chapter = self._chapters.pop((number, longest), _Chapter())
            self._size -= chapter.size
            if chapter.now > now:
                chapter = _Chapter()
            passing = self._continue(
                chapter, self.world.day(number), positions, now, go_on
            )
            self._chapters[number, longest] = chapter
            self._size += chapter.size
            final = (chapter.final.get(day, ()) for day in days)
            yield from (x for x in chain(passing, *final) if start <= x.at < end)
        while self._size > _EVENTS_KEPT or len(self._chapters) > _CHAPTERS_KEPT:
            self._size -= self._chapters.popitem(last=False)[1].size

    def _continue(
        self,
        chapter: _Chapter,
        day: Day,
        positions: list[int],
        now: int,
        go_on: Callable[[], None],
    ) -> list[Event]:
        """Tell for good what is final; what can still change is returned."""
        passing: list[Event] = []
        open_: list[int] = []
        started = day.started(now)
        while chapter.looked_at < len(positions):
            if positions[chapter.looked_at] >= started:
                break
            chapter.open.append(positions[chapter.looked_at])
            chapter.looked_at += 1
        for position in chapter.open:
            go_on()
            life = self.world.life(day.number, day.indexes[position])
            document = as_of(life, now)
            told = list(self._tell(document)) if document else []
            if self._settled(life) > now:
                open_.append(position)
                passing += told
                continue
            chapter.size += len(told)
            for event in told:
                chapter.final.setdefault(event.at // DAY, []).append(event)
        chapter.open, chapter.now = open_, now
        return passing


@lru_cache(maxsize=_DAYS_KEPT)
def _by_length(world: World, number: int) -> dict[int, list[int]]:
    """A day's positions by how long the conversations can live at most."""
    groups: dict[int, list[int]] = {}
    for position, index in enumerate(world.day(number).indexes):
        groups.setdefault(world.longest_life(number, index), []).append(position)
    return groups
