"""What a run reads: intervals, oldest first, and the bookmark after each of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING

from tap_genesys_analytics.intervals.interval import (
    DAY,
    Interval,
    day_start,
    utc_days,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from tap_genesys_analytics.intervals.bookmarks import Bookmark
    from tap_genesys_analytics.intervals.buckets import Buckets

#: Genesys needs a moment until a conversation can be found, so a run does not read up
#: to now. The developer centre advises to end an interval a minute ago or more. What
#: lies before the bookmark is not read again soon, so the tap is more careful.
SAFETY_MARGIN = timedelta(minutes=5)

#: How often the days of ``restate_days`` are read again.
RESTATE_INTERVAL = timedelta(days=7)


class Source(Enum):
    """Where details can be read."""

    #: Complete up to a watermark, hours ago, and with participant attributes.
    JOBS = "jobs"
    #: Up to now, but without the last word.
    QUERY = "query"


@dataclass(frozen=True)
class PlannedInterval:
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


@dataclass(frozen=True)
class Period:
    """What a run is asked to read of a stream; moments in UTC.

    ``start`` counts only where the bookmark is empty: the first run begins there.
    ``start_is_set`` tells whether the user chose it.
    """

    bookmark: Bookmark
    start: datetime
    end: datetime
    now: datetime
    lookback: Lookback
    start_is_set: bool = False


def plan_days(
    period: Period, *, watermark: datetime | None = None, provisional: bool = True
) -> Iterator[PlannedInterval]:
    """Yield what a run reads, oldest first.

    With a ``watermark``, jobs are read up to it, and the query (if ``provisional``)
    from there to ``end``: its rows are read again once the jobs have them, so they do
    not move the bookmark. Without one, the query is read up to ``end``, and does.

    The first run begins at the midnight of ``start``, a later one at the bookmark, or
    days before it where it is time to look back.
    """
    end, now = period.end, period.now
    source = Source.QUERY if watermark is None else Source.JOBS
    settled_end = end if watermark is None else min(watermark, end)
    until = period.bookmark.until
    begin, looked_back = lookback_start(
        period.bookmark, day_start(period.start), now, period.lookback
    )
    after = period.bookmark
    for interval in utc_days(begin, settled_end):
        if until is None or interval.end >= min(until, settled_end):
            # Not before: a run that is interrupted while it looks back does so again.
            reached = max(interval.end, until or interval.end)
            after = replace(looked_back, until=reached, provisional_until=None)
        yield PlannedInterval(interval, source, after)
    if watermark is None or not provisional:
        return
    # Jobs know less of a conversation than what was read of it before from the query:
    # where they were read, all after the watermark is read once more.
    provisional_start = max(settled_end, begin)
    if begin >= settled_end and after.provisional_until is not None:
        provisional_start = max(provisional_start, after.provisional_until)
    for interval in utc_days(provisional_start, end):
        after = replace(after, provisional_until=interval.end)
        yield PlannedInterval(interval, Source.QUERY, after)


def plan_buckets(period: Period, buckets: Buckets) -> Iterator[PlannedInterval]:
    """Yield what a run reads of aggregates, oldest first.

    The bucket that ``end`` lies in is read as far as it is, and again the next time:
    the bookmark moves to the end of the last bucket that is over.
    """
    begin, looked_back = lookback_start(
        period.bookmark, period.start, period.now, period.lookback
    )
    end, until = period.end, period.bookmark.until
    after = period.bookmark
    for window in buckets.windows(begin, end):
        over = buckets.floor(window.end)
        if until is None or over >= min(until, buckets.floor(end)):
            # Not before: a run that is interrupted while it looks back does so again.
            reached = max(over, until or over)
            after = replace(looked_back, until=reached)
        yield PlannedInterval(window, Source.QUERY, after)


def lookback_start(
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
