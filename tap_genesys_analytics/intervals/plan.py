"""The plan of a run: which intervals it reads, and the bookmark after each."""

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

#: A run ends this long before now, because Genesys answers new conversations with a
#: delay. The developer centre advises one minute at least. The tap waits longer, as
#: only a lookback reads an interval again.
SAFETY_MARGIN = timedelta(minutes=5)

#: The time from one restatement (``restate_days``) to the next.
RESTATE_INTERVAL = timedelta(days=7)


class Source(Enum):
    """The two endpoints that details can be read from."""

    #: Complete, with participant attributes, up to a watermark some hours ago.
    JOBS = "jobs"
    #: Up to now, but provisional and without participant attributes.
    QUERY = "query"


@dataclass(frozen=True)
class PlannedInterval:
    """An interval to read, its source, and the bookmark after it."""

    interval: Interval
    source: Source
    after: Bookmark


@dataclass(frozen=True)
class Lookback:
    """How many days before the bookmark are read again, and how often.

    Finished conversations change for days (nightly pipeline, surveys, evaluations), and
    the API gives no modified date.
    """

    days: int = 7
    every: timedelta = timedelta(hours=24)
    restate_days: int = 0


@dataclass(frozen=True)
class Period:
    """The period that a run should read; moments in UTC, ``end`` is exclusive.

    ``start`` applies only if the bookmark is empty: the first run begins there.
    ``start_is_set`` says whether ``start`` is the user's start_date.
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
    """Yield the intervals of a run by UTC day, oldest first.

    With a ``watermark``, jobs are read up to it. If ``provisional``, the query is read
    from the watermark to ``end``. These intervals do not move ``Bookmark.until``,
    because they are read again from jobs later. Without a watermark, the query is read
    up to ``end`` and moves ``until``.

    The first run begins at the start of the day of ``start``. Later runs begin at the
    bookmark, or some days earlier if a lookback is due.
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
            # Not before: an interrupted lookback must start again in the next run.
            reached = max(interval.end, until or interval.end)
            after = replace(looked_back, until=reached, provisional_until=None)
        yield PlannedInterval(interval, source, after)
    if watermark is None or not provisional:
        return
    # A job may return an older version of a conversation than the query did before. So
    # after a job, everything from the watermark on is read again from the query.
    provisional_start = max(settled_end, begin)
    if begin >= settled_end and after.provisional_until is not None:
        provisional_start = max(provisional_start, after.provisional_until)
    for interval in utc_days(provisional_start, end):
        after = replace(after, provisional_until=interval.end)
        yield PlannedInterval(interval, Source.QUERY, after)


def plan_buckets(period: Period, buckets: Buckets) -> Iterator[PlannedInterval]:
    """Yield the intervals of a run by bucket, oldest first.

    The bookmark moves to the end of the last complete bucket. The bucket that contains
    ``end`` is read incompletely, and again in the next run.
    """
    begin, looked_back = lookback_start(
        period.bookmark, period.start, period.now, period.lookback
    )
    end, until = period.end, period.bookmark.until
    after = period.bookmark
    for window in buckets.windows(begin, end):
        complete_end = buckets.floor(window.end)
        if until is None or complete_end >= min(until, buckets.floor(end)):
            # Not before: an interrupted lookback must start again in the next run.
            reached = max(complete_end, until or complete_end)
            after = replace(looked_back, until=reached)
        yield PlannedInterval(window, Source.QUERY, after)


def lookback_start(
    bookmark: Bookmark, start: datetime, now: datetime, lookback: Lookback
) -> tuple[datetime, Bookmark]:
    """Return the start of a run, and the bookmark with the lookbacks that it does.

    The first run begins at ``start``. Later runs begin at the bookmark, or at the start
    of a UTC day before it if a lookback or restatement is due.
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
    """Tell whether ``every`` has passed since ``last``; None: it never happened."""
    return last is None or abs(now - last) >= every
