"""The conversations of each day: pure functions of a seed and the time."""

from __future__ import annotations

from array import array
from bisect import bisect
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from itertools import accumulate
from random import Random
from typing import TYPE_CHECKING

from genesys_cloud_sandbox.world import digital, voice
from genesys_cloud_sandbox.world.conversation_builder import Builder
from genesys_cloud_sandbox.world.conversation_details import (
    CORRECTION_DELAY,
    LONGEST_DURATION,
    Conversation,
    Correction,
)
from genesys_cloud_sandbox.world.evaluations import add_evaluations
from genesys_cloud_sandbox.world.identity import conversation_id, locate, mix
from genesys_cloud_sandbox.world.organization import Organization, organization
from genesys_cloud_sandbox.world.rare_fields import (
    add_malformed_text,
    add_rare_fields,
    add_unknown_fields,
)
from genesys_cloud_sandbox.world.timeline import metric
from genesys_cloud_sandbox.world.times import DAY, HOUR, day_number, stamp

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from genesys_cloud_sandbox.world.timeline import Document

_STARTS_PER_HOUR = (
    8, 5, 4, 4, 5, 9, 22, 48, 80, 100, 105, 98,
    85, 90, 96, 92, 84, 70, 52, 40, 32, 24, 17, 12,
)  # fmt: skip
_HOUR_BOUNDS = tuple(accumulate(_STARTS_PER_HOUR))
_DAYS_KEPT = 40
_CONTENT, _START = 1, 2
_CORRECTED = 0.01
#: Weight, media type, longest duration, and what builds such a conversation.
_KINDS = (
    (440, "voice", 12 * HOUR, voice.inbound),
    (90, "voice", 12 * HOUR, voice.outbound),
    (50, "voice", 12 * HOUR, voice.campaign),
    (40, "callback", 4 * DAY, voice.callback),
    (80, "chat", 12 * HOUR, digital.chat),
    (150, "message", 2 * DAY, digital.message),
    (110, "email", LONGEST_DURATION, digital.email),
    (15, "internalmessage", 12 * HOUR, digital.internal_message),
    (8, "video", 12 * HOUR, digital.visual),
    (6, "cobrowse", 12 * HOUR, digital.visual),
    (5, "screenshare", 12 * HOUR, digital.visual),
    (4, "screenmonitoring", 12 * HOUR, digital.visual),
    (2, "unknown", 12 * HOUR, digital.visual),
)
_KIND_BOUNDS = tuple(accumulate(weight for weight, _media, _longest, _build in _KINDS))


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
        return _write(
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
        return _longest_duration(self._content(day, index))

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
        place = share * _HOUR_BOUNDS[-1]
        hour = bisect(_HOUR_BOUNDS, place)
        into = 1 - (_HOUR_BOUNDS[hour] - place) / _STARTS_PER_HOUR[hour]
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


def _longest_duration(seed: int) -> int:
    """Return how long the conversation of a seed can last; its first draw decides."""
    return _KINDS[_kind(Random(seed))][2]


def _write(  # noqa: PLR0913 (too-many-arguments: what a conversation depends on)
    organization: Organization,
    identifier: str,
    seed: int,
    start: int,
    *,
    dirty_text: float = 0,
    extra_fields: float = 0,
) -> Conversation:
    """Return a conversation; `seed` is its own, `start` in milliseconds UTC."""
    rng = Random(seed)
    _weight, media, _longest, build = _KINDS[_kind(rng)]
    builder = Builder(rng, organization, start, media)
    builder.document = {
        "conversationId": identifier,
        "conversationStart": stamp(start),
        "participants": builder.participants,
    }
    build(builder)
    builder.document["originatingDirection"] = builder.direction
    builder.document["divisionIds"] = _divisions(builder)
    add_rare_fields(builder)
    add_evaluations(builder)
    if dirty_text:
        add_malformed_text(builder, dirty_text)
    if extra_fields:
        add_unknown_fields(builder, extra_fields)
    correction = _correct(builder)
    return Conversation(builder.document, builder.latest, correction)


def _correct(builder: Builder) -> Correction | None:
    """Change about one settled conversation in a hundred, days after its start."""
    if not builder.chance(_CORRECTED):
        return None
    at = builder.happens_at(builder.start + CORRECTION_DELAY)
    before = deepcopy(builder.document)
    session = builder.participants[-1]["sessions"][-1]
    for segment in session["segments"]:
        if "wrapUpCode" in segment:
            code = builder.rng.choice(builder.organization.wrap_up_codes)
            segment["wrapUpCode"] = code.id
    session.setdefault("metrics", []).append(metric("nStateTransitionError", 1, at))
    return Correction(stamp(at), before)


def _kind(rng: Random) -> int:
    return bisect(_KIND_BOUNDS, rng.random() * _KIND_BOUNDS[-1])


def _divisions(builder: Builder) -> list[str]:
    divisions = {queue.division_id: None for _agent, queue in builder.answered}
    divisions |= {agent.division_id: None for agent, _queue in builder.answered}
    return list(divisions) or [builder.organization.divisions[0].id]
