"""Outlines of conversations: enough for the filters that clients divide a day by.

An outline is a document with nothing in it but media types, directions and divisions.
There are few different ones, so such a filter is evaluated a few hundred times for a
day of any size, by the same code that evaluates it on whole documents.
"""

from __future__ import annotations

import threading
from array import array
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from genesys_cloud_sandbox.world.conversation_details import as_of
from genesys_cloud_sandbox.world.times import unstamp

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from genesys_cloud_sandbox.api.conversation_query import Conditions
    from genesys_cloud_sandbox.api.matching import Arrivals
    from genesys_cloud_sandbox.world.conversations import Day, World
    from genesys_cloud_sandbox.world.timeline import Document

_DIMENSIONS = {
    "conversationFilters": ("originatingDirection", "divisionId"),
    "segmentFilters": ("mediaType", "direction"),
}
_DAYS_KEPT, _FOUND_KEPT = 40, 200
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")
#: Originating direction, divisions, and the sessions' media types and directions.
_Outline = tuple[str, tuple[str, ...], tuple[tuple[str, str], ...]]


def outlined(filters: bytes) -> bool:
    """Return whether outlines hold everything that filters name."""
    return all(
        name in _DIMENSIONS and _names_only(group, _DIMENSIONS[name])
        for name, groups in msgspec.json.decode(filters or b"{}").items()
        for group in groups
    )


def outline(document: Document) -> tuple[_Outline, int]:
    """Return a settled conversation's outline, and from when on it is right."""
    appeared: dict[tuple[str, str], str] = {}
    for participant in document["participants"]:
        for session in participant["sessions"]:
            key = (session["mediaType"], session["direction"])
            begun = min(segment["segmentStart"] for segment in session["segments"])
            appeared[key] = min(begun, appeared.get(key, begun))
    sessions = tuple(sorted(appeared))
    divisions = tuple(document["divisionIds"])
    direction = document["originatingDirection"]
    return (direction, divisions, sessions), unstamp(max(appeared.values()))


@dataclass
class _Known:
    """The outlines of a day's first conversations."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    #: The number of each one's outline.
    outlines: array[int] = field(default_factory=lambda: array("L"))
    #: From when on each one is right.
    since: array[int] = field(default_factory=lambda: array("q"))
    #: From when on all are right.
    latest: int = 0


class Outlines:
    """Finds what filters match, reading each conversation once. Safe for threads.

    While one thread reads a day, others that need it wait, and do not read it again.
    """

    def __init__(
        self, world: World, arrivals: Arrivals, check_stopped: Callable[[], None]
    ) -> None:
        self.world = world
        self.arrivals = arrivals
        self._check_stopped = check_stopped
        self._lock = threading.Lock()
        self._days: OrderedDict[int, _Known] = OrderedDict()
        self._numbers: dict[_Outline, int] = {}
        self._found: OrderedDict[tuple[int, bytes], array[int]] = OrderedDict()

    def matching(self, query: Conditions, day: Day, now: int) -> Sequence[int]:
        """Return the positions of a day's conversations that a query finds."""
        with self._lock:
            known = _recent(self._days, day.number, _Known, _DAYS_KEPT)
        with known.lock:
            self._read(known, day, day.started(now))
        final = self.arrivals.complete(day, now) and known.latest <= now
        key = (day.number, query.filters)
        with self._lock:
            found = self._found.get(key) if final else None
        if found is None:
            found = array("L", self._search(known, query, day, now))
            if final:
                with self._lock:
                    _recent(self._found, key, lambda: found, _FOUND_KEPT)
        return found

    def _read(self, known: _Known, day: Day, started: int) -> None:
        """Read the outlines of those that have started meanwhile."""
        for position in range(len(known.outlines), started):
            self._check_stopped()
            life = self.world.conversation(day.number, day.indexes[position])
            which, since = outline(life.document)
            with self._lock:
                number = self._numbers.setdefault(which, len(self._numbers))
            known.since.append(since)
            known.latest = max(known.latest, since)
            known.outlines.append(number)

    def _search(
        self, known: _Known, query: Conditions, day: Day, now: int
    ) -> list[int]:
        with self._lock:
            wanted = [query.matches(_document(which)) for which in self._numbers]

        def matches(position: int) -> bool:
            if known.since[position] <= now:
                return wanted[known.outlines[position]]
            life = self.world.conversation(day.number, day.indexes[position])
            document = as_of(life, now)
            return document is not None and query.matches(document)

        return [x for x in self.arrivals.visible(day, now) if matches(x)]


def _names_only(group: Any, dimensions: tuple[str, ...]) -> bool:  # noqa: ANN401 (any-type: JSON)
    """Return whether a filter or a clause names these dimensions only."""
    return all(
        predicate.get("dimension") in dimensions
        and predicate.get("type") in (None, "dimension")
        for predicate in group.get("predicates") or ()
    ) and all(_names_only(clause, dimensions) for clause in group.get("clauses") or ())


def _document(which: _Outline) -> Document:
    direction, divisions, sessions = which
    return {
        "originatingDirection": direction,
        "divisionIds": list(divisions),
        "participants": [
            {
                "sessions": [
                    {"mediaType": media, "direction": way, "segments": [{}]}
                    for media, way in sessions
                ]
            }
        ],
    }


def _recent(
    kept: OrderedDict[_Key, _Value], key: _Key, new: Callable[[], _Value], most: int
) -> _Value:
    """Return what is kept under a key, and drop the least recent beyond `most`."""
    if key not in kept:
        kept[key] = new()
    kept.move_to_end(key)
    while len(kept) > most:
        kept.popitem(last=False)
    return kept[key]
