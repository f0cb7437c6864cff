"""Intervals of time: which ones a run reads, from where, in which order. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta, timezone
from enum import Enum
from typing import TYPE_CHECKING

from tap_genesys_analytics.intervals.timestamps import format_timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_genesys_analytics.intervals.bookmarks import Bookmark

DAY = timedelta(days=1)

#: Genesys needs a moment until a conversation can be found, so "now" is not asked
#: for. Its developer centre advises to end an interval a minute or more ago; what is
#: behind the bookmark is not asked for again soon, so we are more careful than that.
SAFETY_MARGIN = timedelta(minutes=5)

#: An interval is not split further than this.
SHORTEST = timedelta(minutes=1)

#: How often the days of ``restate_days`` are read again.
RESTATE_INTERVAL = timedelta(days=7)


@dataclass(frozen=True, order=True)
class Interval:
    """A stretch of time in UTC: start inclusive, end exclusive."""

    start: datetime
    end: datetime

    def __str__(self) -> str:
        """Return the interval as the API writes it: ``start/end``, both in UTC."""
        return f"{format_timestamp(self.start)}/{format_timestamp(self.end)}"

    @property
    def is_whole_days(self) -> bool:
        """Whether it begins and ends at midnight."""
        return self.start == day_start(self.start) and self.end == day_start(self.end)

    def halves(self) -> tuple[Interval, Interval] | None:
        """Return its two halves, cut at a whole minute; None if it is too short."""
        minutes = (self.end - self.start) // SHORTEST // 2
        if minutes < 1:
            return None
        middle = self.start + minutes * SHORTEST
        return Interval(self.start, middle), Interval(middle, self.end)


class Source(Enum):
    """Where details can be read."""

    #: Complete up to a watermark, hours ago, and with participant attributes.
    JOBS = "jobs"
    #: Up to now, but without the last word.
    QUERY = "query"


@dataclass(frozen=True)
class Reading:
    """One interval to read, from where, and where the bookmark stands after it."""

    interval: Interval
    source: Source
    after: Bookmark


@dataclass(frozen=True)
class Lookback:
    """How far, and how often, what lies before the bookmark is read again.

    Nothing that Genesys answers carries a modified date, and finished conversations
    change for days: by the nightly pipeline, surveys, evaluations.
    """

    days: int = 7
    every: timedelta = timedelta(hours=24)
    restate_days: int = 0


def day_start(moment: datetime) -> datetime:
    """Return the midnight at which the UTC day of a moment begins."""
    return datetime.combine(
        moment.astimezone(timezone.utc).date(), time(), timezone.utc
    )


def utc_days(start: datetime, end: datetime) -> Iterator[Interval]:
    """Yield the stretch from start to end, cut at UTC midnights, oldest first.

    Genesys keeps conversations in daily indexes, by the UTC day on which they started.
    Source: the analytics detail query page of the developer centre.
    """
    while start < end:
        midnight = day_start(start) + DAY
        yield Interval(start, min(midnight, end))
        start = midnight


def plan(  # noqa: PLR0913 (what the plan depends on, and nothing else)
    bookmark: Bookmark,
    start: datetime,
    end: datetime,
    now: datetime,
    *,
    lookback: Lookback,
    watermark: datetime | None = None,
    provisional: bool = True,
) -> Iterator[Reading]:
    """Yield what a run reads, oldest first.

    With a ``watermark``, jobs are read up to it, and the query (if ``provisional``)
    from there to ``end``: its rows are read again once the jobs have them, so they do
    not move the bookmark. Without one, the query is read up to ``end``, and does.

    The first run begins at the midnight of ``start``, a later one at the bookmark, or
    days before it where it is time to look back.
    """
    source = Source.QUERY if watermark is None else Source.JOBS
    settled_end = end if watermark is None else min(watermark, end)
    until = bookmark.until
    begin, looked_back = lookback_begin(bookmark, day_start(start), now, lookback)
    after = bookmark
    for interval in utc_days(begin, settled_end):
        if until is None or interval.end >= min(until, settled_end):
            # Not before: a run that is interrupted while it looks back does so again.
            reached = max(interval.end, until or interval.end)
            after = replace(looked_back, until=reached, provisional_until=None)
        yield Reading(interval, source, after)
    if watermark is None or not provisional:
        return
    # Jobs know less of a conversation than what was read of it before from the query:
    # where they were read, all after the watermark is read once more.
    provisional_start = max(settled_end, begin)
    if begin >= settled_end and after.provisional_until is not None:
        provisional_start = max(provisional_start, after.provisional_until)
    for interval in utc_days(provisional_start, end):
        after = replace(after, provisional_until=interval.end)
        yield Reading(interval, Source.QUERY, after)


def lookback_begin(
    bookmark: Bookmark, start: datetime, now: datetime, lookback: Lookback
) -> tuple[datetime, Bookmark]:
    """Return where a run begins, and a bookmark that says what it looked back at.

    The first run begins at ``start``, a later one at the bookmark, or at the midnight
    days before it where it is time to look back.
    """
    until = bookmark.until
    if until is None:
        return start, replace(bookmark, looked_back_at=now, restated_at=now)
    begin, looked_back = until, bookmark
    if lookback.days and _is_due(bookmark.looked_back_at, lookback.every, now):
        begin = min(begin, day_start(until - lookback.days * DAY))
        looked_back = replace(looked_back, looked_back_at=now)
    if lookback.restate_days and _is_due(bookmark.restated_at, RESTATE_INTERVAL, now):
        begin = min(begin, day_start(until - lookback.restate_days * DAY))
        looked_back = replace(looked_back, restated_at=now)
    return begin, looked_back


def _is_due(last: datetime | None, every: timedelta, now: datetime) -> bool:
    """Tell whether what was done last at that moment is to be done again."""
    return last is None or abs(now - last) >= every
