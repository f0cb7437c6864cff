"""Buckets of aggregates: their starts and ends, in any time zone. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from typing import TYPE_CHECKING

from dateutil import tz
from dateutil.relativedelta import relativedelta

from tap_genesys_analytics.intervals.interval import DAY, Interval

if TYPE_CHECKING:
    from collections.abc import Iterator


_MINUTES_OR_HOURS = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?")
_CALENDAR = {
    "P1D": relativedelta(days=1),
    "P7D": relativedelta(weeks=1),
    "P1W": relativedelta(weeks=1),
    "P1M": relativedelta(months=1),
}


@dataclass(frozen=True)
class Buckets:
    """Buckets of one granularity, by the local time of ``zone``.

    Weeks begin on Monday. Buckets shorter than a day are counted from midnight.
    """

    zone: tzinfo
    #: The length of buckets shorter than a day; None: ``calendar`` is the length.
    length: timedelta | None
    calendar: relativedelta

    @classmethod
    def of(cls, granularity: str, time_zone: str = "UTC") -> Buckets:
        """Return the buckets of a granularity (ISO 8601) and a time zone (IANA).

        Raises:
            ValueError: The granularity does not divide a day and is no day, week or
                month; or the time zone is unknown.
        """
        zone = tz.UTC if time_zone == "UTC" else tz.gettz(time_zone)
        if zone is None:
            message = f"{time_zone!r} is no time zone such as Europe/London"
            raise ValueError(message)
        if granularity in _CALENDAR:
            return cls(zone, None, _CALENDAR[granularity])
        match = _MINUTES_OR_HOURS.fullmatch(granularity)
        length = timedelta()
        if match:
            length = timedelta(hours=int(match[1] or 0), minutes=int(match[2] or 0))
        if not length or DAY % length:
            message = (
                f"{granularity!r} is no granularity: minutes or hours that divide a "
                "day (PT15M, PT30M, PT1H), P1D, P1W or P1M"
            )
            raise ValueError(message)
        return cls(zone, length, _CALENDAR["P1D"])

    def floor(self, moment: datetime) -> datetime:
        """Return the start (UTC) of the bucket that a moment lies in."""
        start = self._calendar_start(moment)
        if self.length is None:
            return start
        return start + (moment - start) // self.length * self.length

    def windows(self, start: datetime, end: datetime) -> Iterator[Interval]:
        """Yield the intervals to request: the buckets of a day, or one longer bucket.

        The first begins with the bucket that contains ``start``. The last ends at
        ``end``, which may lie within a bucket.
        """
        start = self.floor(start)
        while start < end:
            next_start = self._calendar_end(start)
            yield Interval(start, min(next_start, end))
            start = next_start

    def halves(self, interval: Interval) -> tuple[Interval, Interval] | None:
        """Return an interval's halves, cut between buckets; None for one bucket."""
        middle = self.floor(interval.start + (interval.end - interval.start) / 2)
        if middle <= interval.start and self.length is not None:
            middle = interval.start + self.length
        if not interval.start < middle < interval.end:
            return None
        return Interval(interval.start, middle), Interval(middle, interval.end)

    def _calendar_start(self, moment: datetime) -> datetime:
        """Return the midnight (UTC) at which the day, week or month began."""
        return self._midnight(self._first_day(moment))

    def _calendar_end(self, moment: datetime) -> datetime:
        """Return the midnight (UTC) at which the day, week or month ends."""
        return self._midnight(self._first_day(moment) + self.calendar)

    def _first_day(self, moment: datetime) -> date:
        """Return the first local day of the bucket's day, week or month."""
        day = moment.astimezone(self.zone).date()
        if self.calendar.months:
            return day.replace(day=1)
        if self.calendar.days > 1:
            return day - timedelta(days=day.weekday())
        return day

    def _midnight(self, day: date) -> datetime:
        """Return the moment (UTC) at which a local day begins.

        If the clocks skip midnight, the day begins when they do.
        """
        midnight = datetime.combine(day, time(), self.zone)
        return tz.resolve_imaginary(midnight).astimezone(timezone.utc)
