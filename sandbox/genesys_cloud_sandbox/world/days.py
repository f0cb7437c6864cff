"""The conversations of each day: a pure function of a seed and the time."""

from __future__ import annotations

from array import array
from bisect import bisect
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from itertools import accumulate
from typing import TYPE_CHECKING

from genesys_cloud_sandbox.world.conversations import longest_duration, write
from genesys_cloud_sandbox.world.identity import conversation_id, locate, mix
from genesys_cloud_sandbox.world.organization import Organization, organization
from genesys_cloud_sandbox.world.times import DAY, HOUR, day_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from genesys_cloud_sandbox.world.conversation_details import Conversation
    from genesys_cloud_sandbox.world.timeline import Document

_STARTS_PER_HOUR = (
    8, 5, 4, 4, 5, 9, 22, 48, 80, 100, 105, 98,
    85, 90, 96, 92, 84, 70, 52, 40, 32, 24, 17, 12,
)  # fmt: skip
_BOUNDS = tuple(accumulate(_STARTS_PER_HOUR))
_DAYS_KEPT = 40
_CONTENT, _START = 1, 2


@dataclass(frozen=True)
class Day:
    """The index of a UTC day: start and index of its conversations.

    Sorted by start, then by id. Starts are milliseconds since 1970-01-01T00:00Z.
    """

    number: int
    starts: Sequence[int]
    indexes: Sequence[int]

    def started(self, now: int) -> int:
        """Return how many conversations have started at an instant."""
        return bisect(self.starts, now)


@dataclass(frozen=True)
class World:
    """Every conversation of every day, at any volume, without storing any."""

    seed: int = 1
    conversations_per_day: int = 200
    #: Share of participants with NUL characters or lone surrogates in their texts.
    dirty_text: float = 0
    #: Share of objects with a field that no model has.
    extra_fields: float = 0
    #: How many of the organization's divisions can be seen; 0: all.
    #:
    #: Conversations of none of them do not exist.
    visible_divisions: int = 0

    @cached_property
    def organization(self) -> Organization:
        """Return whom the conversations are with."""
        return organization(self.seed)

    @cached_property
    def visible(self) -> frozenset[str]:
        """Return the ids of the divisions that can be seen."""
        divisions = self.organization.divisions
        last = self.visible_divisions or len(divisions)
        return frozenset(division.id for division in divisions[:last])

    def day(self, day: date | int) -> Day:
        """Return the index of a UTC day: a date, or days since 1970-01-01."""
        number = day if isinstance(day, int) else day_number(day)
        return _day(self, number)

    def conversation(self, day: int, index: int) -> Conversation:
        """Return a conversation; `day` counts from 1970-01-01."""
        return write(
            self.organization,
            self.identifier(day, index),
            self._content(day, index),
            self.start(day, index),
            dirty_text=self.dirty_text,
            extra_fields=self.extra_fields,
        )

    def documents(self, number: int) -> Iterator[Document]:
        """Yield a day's conversations as they will be in the end."""
        for index in self.day(number).indexes:
            yield self.conversation(number, index).document

    def longest_duration(self, day: int, index: int) -> int:
        """Return how long a conversation can last at most, without writing it."""
        return longest_duration(self._content(day, index))

    def identifier(self, day: int, index: int) -> str:
        """Return a conversation's id."""
        return conversation_id(self.seed, day, index)

    def find(self, identifier: str) -> Conversation | None:
        """Return the conversation with an id, which tells day and index."""
        place = locate(self.seed, identifier)
        if place is None or place[1] >= self.conversations_per_day:
            return None
        return self.conversation(*place) if self.sees(*place) else None

    def sees(self, day: int, index: int) -> bool:
        """Return whether a conversation is of a division that can be seen."""
        if not self.visible_divisions:
            return True
        return not self.visible.isdisjoint(
            self.conversation(day, index).document["divisionIds"]
        )

    def start(self, day: int, index: int) -> int:
        """Return when a conversation starts: calls are spread over a business day."""
        jitter = 2 * mix(self.seed, day, index, _START) / 2**64
        share = (index + jitter) / (self.conversations_per_day + 1)
        place = share * _BOUNDS[-1]
        hour = bisect(_BOUNDS, place)
        into = 1 - (_BOUNDS[hour] - place) / _STARTS_PER_HOUR[hour]
        return day * DAY + int((hour + into) * HOUR)

    def _content(self, day: int, index: int) -> int:
        return mix(self.seed, day, index, _CONTENT)


@lru_cache(maxsize=_DAYS_KEPT)
def _day(world: World, number: int) -> Day:
    identifier = partial(world.identifier, number)
    entries = [
        (world.start(number, index), index)
        for index in range(world.conversations_per_day)
        if world.sees(number, index)
    ]
    entries.sort()
    for place in range(1, len(entries)):
        # Ids decide between equal starts, which are rare: only those are worked out.
        while place and entries[place - 1][0] == entries[place][0]:
            first, second = entries[place - 1 : place + 1]
            if identifier(first[1]) < identifier(second[1]):
                break
            entries[place - 1 : place + 1] = second, first
            place -= 1  # noqa: PLW2901 (redefined-loop-name: an insertion sort)
    return Day(
        number,
        array("q", (start for start, _ in entries)),
        array("L", (index for _, index in entries)),
    )
