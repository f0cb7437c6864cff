"""Intervals of time, and the UTC days that Genesys stores conversations by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone
from typing import TYPE_CHECKING

from tap_genesys_analytics.intervals.timestamps import format_timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator

DAY = timedelta(days=1)

#: Intervals are not split into shorter ones.
SHORTEST = timedelta(minutes=1)


@dataclass(frozen=True, order=True)
class Interval:
    """An interval of time in UTC: start inclusive, end exclusive."""

    start: datetime
    end: datetime

    def __str__(self) -> str:
        """Return the interval in the API's form: ``start/end``, both in UTC."""
        return f"{format_timestamp(self.start)}/{format_timestamp(self.end)}"

    @property
    def is_whole_days(self) -> bool:
        """Whether the interval begins and ends at midnight (UTC)."""
        return self.start == day_start(self.start) and self.end == day_start(self.end)

    def halves(self) -> tuple[Interval, Interval] | None:
        """Return the two halves, in whole minutes; None below two minutes."""
        minutes = (self.end - self.start) // SHORTEST // 2
        if minutes < 1:
            return None
        middle = self.start + minutes * SHORTEST
        return Interval(self.start, middle), Interval(middle, self.end)


def day_start(moment: datetime) -> datetime:
    """Return the start of the UTC day that a moment lies in."""
    return datetime.combine(
        moment.astimezone(timezone.utc).date(), time(), timezone.utc
    )


def utc_days(start: datetime, end: datetime) -> Iterator[Interval]:
    """Yield the time from start to end, split at UTC midnights, oldest first.

    Genesys keeps conversations in daily indexes, by the UTC day of their start.
    Source: the analytics detail query page of the developer centre.
    """
    while start < end:
        midnight = day_start(start) + DAY
        yield Interval(start, min(midnight, end))
        start = midnight
