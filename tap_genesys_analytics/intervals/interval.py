"""Intervals of time, and the UTC days that Genesys keeps conversations by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone
from typing import TYPE_CHECKING

from tap_genesys_analytics.intervals.timestamps import format_timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator

DAY = timedelta(days=1)

#: An interval is not split further than this.
SHORTEST = timedelta(minutes=1)


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
