"""The bookmarks with which the incremental sync continues after a backfill. Pure."""

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
    """Return the partitions that were read, if there is no gap between them.

    Raises:
        TakeoverError: No partition was read, or there is a gap.
    """
    read = set(done)
    places = [place for place, key in enumerate(partitions) if key in read]
    if not places:
        message = "no partition was read yet"
        raise TakeoverError(message)
    stretch = list(partitions[places[0] : places[-1] + 1])
    if missing := [key for key in stretch if key not in read]:
        message = (
            f"{len(missing)} partitions from {stretch[0]} to {stretch[-1]} were not "
            f"read: {', '.join(missing[:_SHOWN])}{' …' if missing[_SHOWN:] else ''}"
        )
        raise TakeoverError(message)
    return stretch


def handed_over(states: Iterable[Bookmarks]) -> Bookmarks:
    """Return the bookmark of each stream after the states of partitions, oldest first.

    It is the bookmark of the newest partition, or of the first partition that was read
    provisionally in part: from there on, jobs did not have all data yet.
    """
    backfilled: Bookmarks = {}
    for state in states:
        for stream, bookmark in state.items():
            previous = backfilled.get(stream, {})
            if "provisional_until" not in previous:
                backfilled[stream] = bookmark
    return backfilled


def merged(main: Mapping[str, Any], backfilled: Mapping[str, Any]) -> Bookmarks:
    """Return the later bookmark of each stream, so that none moves backwards.

    Raises:
        TakeoverError: Backfill and incremental sync define a stream differently.
    """
    for stream, bookmark in backfilled.items():
        previous, now = _rows_hash(main.get(stream, {})), _rows_hash(bookmark)
        if previous and now and previous != now:
            message = (
                f"the settings define {stream} differently for the backfill and for "
                "the incremental sync, and rows of both would not fit into one table"
            )
            raise TakeoverError(message)
    further = {
        stream: bookmark
        for stream, bookmark in backfilled.items()
        if stream not in main or _until(main[stream]) < _until(bookmark)
    }
    return {**main, **further}


def _rows_hash(bookmark: Mapping[str, Any]) -> str:
    """Return the hash that covers what records mean; empty: unknown."""
    return str(bookmark.get("definition", "")).partition(".")[0]


def _until(bookmark: Mapping[str, Any]) -> datetime:
    """Return the end of the last complete interval."""
    # Python before 3.11 cannot parse the Z.
    return datetime.fromisoformat(bookmark[_UNTIL].replace("Z", "+00:00"))
