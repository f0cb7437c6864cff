"""The conversations that a query finds at an instant, and the page it returns."""

from __future__ import annotations

import threading
from bisect import bisect
from collections import OrderedDict
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from genesys_cloud_sandbox.api.jobs import Stoppable
from genesys_cloud_sandbox.api.outlines import Outlines, outlined
from genesys_cloud_sandbox.api.responses import inexact_total
from genesys_cloud_sandbox.world.conversation_details import as_of, without_attributes
from genesys_cloud_sandbox.world.identity import mix
from genesys_cloud_sandbox.world.times import DAY, SECOND, stamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from genesys_cloud_sandbox.api.conversation_query import Query
    from genesys_cloud_sandbox.world.caches import Place
    from genesys_cloud_sandbox.world.conversations import Day, World
    from genesys_cloud_sandbox.world.timeline import Document

_KEPT = 200
#: Sorts after every stamp: what has not ended comes last.
_NEVER = "~"
#: Purposes of `mix`: which conversations come late, and how late.
_LATE, _HOW_LATE = 3, 4
_WHOLE = 2**64
#: Sort key, day, and position in the day: equal keys go by start, then by id.
_Match = tuple[str, int, int]


@dataclass(frozen=True)
class Arrivals:
    """The delays with which conversations reach the index that queries search."""

    seed: int
    #: The share of conversations that come late.
    share: float = 0
    most_seconds: int = 120

    def delay(self, day: int, index: int) -> int:
        """Return the milliseconds from a conversation's start until queries find it."""
        if mix(self.seed, day, index, _LATE) >= self.share * _WHOLE:
            return 0
        part = mix(self.seed, day, index, _HOW_LATE) / _WHOLE
        return SECOND + int(part * max(0, self.most_seconds - 1) * SECOND)

    def visible(self, day: Day, now: int) -> Sequence[int]:
        """Return the positions of a day's conversations that queries find."""
        started = day.started(now)
        if not self.share:
            return range(started)
        certain = bisect(day.starts, now - self.most_seconds * SECOND)
        if certain == started:
            return range(started)
        recent = (
            position
            for position in range(certain, started)
            if day.starts[position] + self.delay(day.number, day.indexes[position])
            <= now
        )
        return [*range(certain), *recent]

    def complete(self, day: Day, now: int) -> bool:
        """Return whether all of a day's conversations are visible."""
        last = day.starts[-1] if day.starts else now - self.most_seconds * SECOND
        return last + self.most_seconds * SECOND <= now


class Page(NamedTuple):
    """One page of the results of a query."""

    documents: list[Document]
    total: int


@dataclass
class _Examined:
    """A day's conversations, as far as one query has examined them."""

    now: int = 0
    started: int = 0
    #: Those that match and cannot change any more.
    settled: list[_Match] = field(default_factory=list)
    #: Positions of those that can still change, or are not visible yet.
    open: list[int] = field(default_factory=list)


class Matching(Stoppable):
    """Finds pages of conversations. Safe for threads.

    Without filters, in the order of starts, a page costs its own documents and no more.
    Filters for which outlines are enough read each conversation once, all together; any
    other filter reads each one itself, and again while it can change.
    """

    def __init__(
        self,
        world: World,
        arrivals: Arrivals,
        *,
        by_activity: bool = False,
        total_hits_error: float = 0,
    ) -> None:
        self.world = world
        self.arrivals = arrivals
        self._outlines = Outlines(world, arrivals, self.check_stopped)
        self._by_activity = by_activity
        self._error = total_hits_error
        self._lock = threading.Lock()
        self._indexing = threading.Lock()
        self._examined: OrderedDict[tuple[object, ...], _Examined] = OrderedDict()

    def page(self, query: Query, now: int) -> Page:
        """Return the page of a query, as it is at an instant."""
        if self._needs_documents(query):
            with self._lock:
                places = [match[1:] for match in self._search(query, now)]
            days, total = [], len(places)
        else:
            places, days = [], self._by_days(query, now)
            total = sum(len(positions) for _day, positions in days)
        first = (query.page_number - 1) * query.page_size
        last = min(first + query.page_size, total)
        if query.order == "desc":
            first, last = total - last, total - first
        found = list(_between(days, first, last)) if days else places[first:last]
        if query.order == "desc":
            found.reverse()
        return Page(
            [without_attributes(document_at(self.world, x, now)) for x in found],
            inexact_total(total, self._error, now),
        )

    def _by_days(self, query: Query, now: int) -> list[tuple[int, Sequence[int]]]:
        """Return the positions of each day's matches; no documents are needed."""
        with self._indexing:
            days = [self.world.day(number) for number in query.days()]
        return [
            (
                day.number,
                self._outlines.matching(query, day, now)
                if query.filters
                else self.arrivals.visible(day, now),
            )
            for day in days
        ]

    def _needs_documents(self, query: Query) -> bool:
        return bool(
            not outlined(query.filters)
            or query.order_by != "conversationStart"
            or self._clips_by_activity(query)
        )

    def _clips_by_activity(self, query: Query) -> bool:
        """Return whether the interval ends within a day, and that matters."""
        return self._by_activity and bool(query.start % DAY or query.end % DAY)

    def _search(self, query: Query, now: int) -> list[_Match]:
        clipped = (query.start, query.end) if self._clips_by_activity(query) else ()
        places: list[_Match] = []
        for number in query.days():
            key = (number, query.filters, query.order_by, *clipped)
            examined = self._examined.pop(key, None)
            if examined is None or examined.now > now:
                examined = _Examined()
            places += self._examine(examined, self.world.day(number), query, now)
            self._examined[key] = examined
        while len(self._examined) > _KEPT:
            self._examined.popitem(last=False)
        return sorted(places)

    def _examine(
        self, examined: _Examined, day: Day, query: Query, now: int
    ) -> list[_Match]:
        """Return the places of a day's matches, and keep those that are final."""
        started = day.started(now)
        again = chain(examined.open, range(examined.started, started))
        open_: list[int] = []
        passing: list[_Match] = []
        for position in again:
            self.check_stopped()
            index = day.indexes[position]
            if day.starts[position] + self.arrivals.delay(day.number, index) > now:
                open_.append(position)
                continue
            life = self.world.conversation(day.number, index)
            document = as_of(life, now)
            if document is None:
                continue
            settled = now >= life.settled
            if not settled:
                open_.append(position)
            if query.matches(document) and self._active(document, query):
                place = (sort_key(document, query.order_by), day.number, position)
                (examined.settled if settled else passing).append(place)
        examined.settled.sort()
        examined.open, examined.started, examined.now = open_, started, now
        return examined.settled + passing

    def _active(self, document: Document, query: Query) -> bool:
        """Return whether a conversation is active in the interval, if that matters."""
        if not self._clips_by_activity(query):
            return True
        begun = document["conversationStart"] < stamp(query.end)
        return begun and _last_activity(document) >= stamp(query.start)


def document_at(world: World, place: Place, now: int) -> Document:
    """Return the conversation at a place, as it is at an instant."""
    day, position = place
    document = as_of(world.conversation(day, world.day(day).indexes[position]), now)
    if document is None:
        message = "a conversation was found before its start"
        raise AssertionError(message)
    return document


def _between(
    days: Iterable[tuple[int, Sequence[int]]], first: int, last: int
) -> Iterator[Place]:
    """Yield the places from `first` to before `last` of all days together."""
    for day, positions in days:
        for position in positions[max(first, 0) : max(last, 0)]:
            yield day, position
        first, last = first - len(positions), last - len(positions)


def _last_activity(document: Document) -> str:
    """Return when the last segment ended; `_NEVER`: one is running."""
    return max(_segment_moments(document, "segmentEnd"), default=_NEVER)


def sort_key(document: Document, order_by: str) -> str:
    """Return what a document is sorted by, before its start."""
    if order_by == "conversationStart":
        return ""
    if order_by == "conversationEnd":
        return str(document.get("conversationEnd", _NEVER))
    moments = _segment_moments(document, order_by)
    first = min if order_by == "segmentStart" else max
    return first(moments, default=_NEVER)


def _segment_moments(document: Document, name: str) -> Iterator[str]:
    for participant in document["participants"]:
        for session in participant["sessions"]:
            for segment in session["segments"]:
                yield segment.get(name, _NEVER)
