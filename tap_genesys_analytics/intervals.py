"""Intervals of time: which ones a run reads, in which order. Pure functions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone
from typing import TYPE_CHECKING

from tap_genesys_analytics.timestamps import format_timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator

DAY = timedelta(days=1)

#: Genesys needs a moment until a conversation can be found, so "now" is not asked
#: for. Its developer centre advises to end an interval a minute or more ago; the
#: bookmark passes midnight only once, so we are more careful than that.
SAFETY_MARGIN = timedelta(minutes=5)


@dataclass(frozen=True, order=True)
class Interval:
    """A stretch of time in UTC: start inclusive, end exclusive."""

    start: datetime
    end: datetime

    def __str__(self) -> str:
        """Return the interval as the API writes it: ``start/end``, both in UTC."""
        return f"{format_timestamp(self.start)}/{format_timestamp(self.end)}"


def day_start(moment: datetime) -> datetime:
    """Return the midnight at which the UTC day of a moment begins."""
    return datetime.combine(
        moment.astimezone(timezone.utc).date(), time(), timezone.utc
    )


def utc_days(start: datetime, end: datetime) -> Iterator[Interval]:
    """Yield the UTC days from the day of ``start`` to ``end``, oldest first.

    Each begins at midnight, the first one too; the last one stops at ``end``. Genesys
    keeps conversations in daily indexes and finds them by the UTC day on which they
    started, so only an interval that begins at midnight is sure to hold its day.
    Source: the analytics detail query page of the developer centre.
    """
    midnight = day_start(start)
    while midnight < end:
        yield Interval(midnight, min(midnight + DAY, end))
        midnight += DAY


def days_touched(interval: Interval) -> tuple[datetime, datetime]:
    """Return the first and the last UTC midnight whose day an interval touches."""
    last_moment = max(interval.start, interval.end - timedelta(milliseconds=1))
    return day_start(interval.start), day_start(last_moment)
