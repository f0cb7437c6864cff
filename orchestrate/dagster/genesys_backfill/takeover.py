"""Where the incremental sync goes on after a backfill: bookmarks, chosen. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Bookmarks = dict[str, Any]

_UNTIL = "replication_key_value"
_SHOWN = 5


class TakeoverError(ValueError):
    """The bookmarks would leave a gap; the message says where."""


def without_holes(partitions: Sequence[str], done: Iterable[str]) -> list[str]:
    """Return the partitions that were read, which have to follow each other.

    Raises:
        TakeoverError: None was read, or one between others was not.
    """
    read = set(done)
    places = [place for place, each in enumerate(partitions) if each in read]
    if not places:
        message = "no partition was read yet"
        raise TakeoverError(message)
    stretch = list(partitions[places[0] : places[-1] + 1])
    if missing := [each for each in stretch if each not in read]:
        message = (
            f"{len(missing)} partitions from {stretch[0]} to {stretch[-1]} were not "
            f"read: {', '.join(missing[:_SHOWN])}{' …' if missing[_SHOWN:] else ''}"
        )
        raise TakeoverError(message)
    return stretch


def handed_over(states: Iterable[Bookmarks]) -> Bookmarks:
    """Return the bookmarks that leave no gap after partitions, given oldest first.

    That is the newest partition's, or the first one's whose end was read provisionally:
    from there on Genesys' archive did not have all yet.
    """
    found: Bookmarks = {}
    for state in states:
        for stream, bookmark in state.items():
            before = found.get(stream, {})
            if "provisional_until" not in before:
                found[stream] = bookmark
    return found


def merged(main: Mapping[str, Any], found: Mapping[str, Any]) -> Bookmarks:
    """Return both, of each stream the one that is further: none goes backwards.

    Raises:
        TakeoverError: A stream was defined otherwise in the backfill than in the sync.
    """
    for stream, bookmark in found.items():
        before, now = _rows(main.get(stream, {})), _rows(bookmark)
        if before and now and before != now:
            message = (
                f"the settings define {stream} otherwise than they did for the "
                "incremental sync, and rows of both would not fit together"
            )
            raise TakeoverError(message)
    further = {
        stream: bookmark
        for stream, bookmark in found.items()
        if stream not in main or _until(main[stream]) < _until(bookmark)
    }
    return {**main, **further}


def _rows(bookmark: Mapping[str, Any]) -> str:
    """Return what a stream's rows mean, as its definition has it; empty: unknown."""
    return str(bookmark.get("definition", "")).partition(".")[0]


def _until(bookmark: Mapping[str, Any]) -> datetime:
    """Return up to when all was read."""
    # Before 3.11, Python does not read the Z.
    return datetime.fromisoformat(bookmark[_UNTIL].replace("Z", "+00:00"))
