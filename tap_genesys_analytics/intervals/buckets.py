"""Buckets of aggregates: where they begin and end, in any time zone. Pure."""

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
    """Stretches of equal length on the clocks of a time zone.

    Those shorter than a day begin at midnight, days at midnight, weeks on Monday,
    months on their first day, all by the clocks of ``zone``.
    """

    zone: tzinfo
    #: Length of those that divide a day; None: ``calendar`` says it.
    length: timedelta | None
    calendar: relativedelta

    @classmethod
    def of(cls, granularity: str, time_zone: str = "UTC") -> Buckets:
        """Return the buckets of a granularity (ISO 8601) and a time zone (IANA).

        Raises:
            ValueError: The granularity is none that divides a day evenly, nor a day,
                a week or a month; or there is no such time zone.
        """
        zone = tz.UTC if time_zone == "UTC" else tz.gettz(time_zone)
        if zone is None:
            message = f"{time_zone!r} is no time zone such as Europe/London"
            raise ValueError(message)
        if granularity in _CALENDAR:
            return cls(zone, None, _CALENDAR[granularity])
        found = _MINUTES_OR_HOURS.fullmatch(granularity)
        length = timedelta()
        if found:
            length = timedelta(hours=int(found[1] or 0), minutes=int(found[2] or 0))
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
        """Yield what to ask for at a time: a day's buckets, or one longer bucket.

        The first begins with the bucket of ``start``, the last may end in a bucket.
        """
        start = self.floor(start)
        while start < end:
            following = self._calendar_end(start)
            yield Interval(start, min(following, end))
            start = following

    def halves(self, interval: Interval) -> tuple[Interval, Interval] | None:
        """Return an interval's halves, cut between buckets; None if it is one."""
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
        """Return the day by the clocks, or the first of its week or month."""
        day = moment.astimezone(self.zone).date()
        if self.calendar.months:
            return day.replace(day=1)
        if self.calendar.days > 1:
            return day - timedelta(days=day.weekday())
        return day

    def _midnight(self, day: date) -> datetime:
        """Return the moment (UTC) at which a day begins, also where clocks skip it."""
        midnight = datetime.combine(day, time(), self.zone)
        return tz.resolve_imaginary(midnight).astimezone(timezone.utc)
