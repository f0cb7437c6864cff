"""Intervals and instants of requests, and the granularity that divides an interval."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from itertools import count, dropwhile, pairwise, takewhile
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil.parser import isoparse
from dateutil.relativedelta import relativedelta

from genesys_cloud_sandbox.api.errors import (
    bad_request,
    invalid_date,
    invalid_value,
    required,
)
from genesys_cloud_sandbox.world.times import DAY, EPOCH, HOUR, MINUTE, milliseconds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

#: Start and end (exclusive) in milliseconds UTC.
Interval = tuple[int, int]
#: The longest intervals: of jobs and queries with filters, and of other queries.
MAX_DAYS, MAX_DAYS_WITHOUT_FILTER = 31, 7
_PERIOD = re.compile(
    r"P(?=.)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?"
    r"(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?)?"
)
_WEEK = 7


def read_interval(value: object, max_days: int | None = None) -> Interval:
    """Return an ISO-8601 interval, which may have a limit; UTC if it has no offset."""
    if value is None:
        name = "interval"
        raise required(name)
    start, slash, end = value.partition("/") if isinstance(value, str) else ("",) * 3
    if not slash:
        raise invalid_date()
    interval = read_instant(start), read_instant(end)
    if interval[0] >= interval[1]:
        message = "The start of the interval must be before its end."
        raise bad_request(message)
    if max_days is not None and interval[1] - interval[0] > max_days * DAY:
        message = (
            "You must specify a search interval as part of your query that does not "
            f"exceed {max_days} days."
        )
        raise bad_request(message)
    return interval


def read_instant(value: object) -> int:
    """Return an ISO-8601 date and time in milliseconds; UTC if it has no offset."""
    try:
        moment = isoparse(str(value))
    except ValueError:
        raise invalid_date() from None
    return milliseconds(
        moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
    )


def read_zone(name: object) -> tzinfo:
    """Return an IANA time zone; UTC if none is named."""
    if name is None:
        return timezone.utc
    try:
        return ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError):
        raise invalid_value(name, "timeZone", "IANA time zones") from None


def divide(interval: Interval, granularity: str, zone: tzinfo) -> list[Interval]:
    """Return the parts of an interval; the first and the last may be shorter.

    Periods that divide a day begin at midnight, days at midnight, weeks on Monday,
    months and years on their first day; any other period begins with the interval.
    """
    start, end = interval
    found = _PERIOD.fullmatch(granularity)
    numbers = [int(number or 0) for number in found.groups()] if found else []
    if not any(numbers):
        raise invalid_value(granularity, "granularity", "ISO-8601 periods")
    years, months, weeks, days, hours, minutes = numbers
    dates = relativedelta(years=years, months=months, weeks=weeks, days=days)
    length = hours * HOUR + minutes * MINUTE
    local = _local(start, zone)
    if not length:
        edges = _dates(_first_day(local, dates), dates, zone)
    elif not dates and DAY % length == 0:
        edges = _times(local, length, zone)
    else:
        edges = (
            _instant(local + number * dates, zone) + number * length
            for number in count()
        )
    within = takewhile(
        lambda edge: edge < end, dropwhile(lambda edge: edge <= start, edges)
    )
    return list(pairwise([start, *within, end]))


def _dates(day: datetime, step: relativedelta, zone: tzinfo) -> Iterator[int]:
    """Yield midnights, from that of a day on."""
    return (_instant(day + number * step, zone) for number in count())


def _times(local: datetime, length: int, zone: tzinfo) -> Iterator[int]:
    """Yield equal steps from each midnight on: a day of 25 hours has more of them."""
    for midnight, following in pairwise(
        _dates(_midnight(local), relativedelta(days=1), zone)
    ):
        yield from range(midnight, following, length)


def _first_day(local: datetime, step: relativedelta) -> datetime:
    """Return the day on which the period of an instant begins."""
    day = _midnight(local)
    if step.years:
        return day.replace(month=1, day=1)
    if step.months:
        return day.replace(day=1)
    if step.days % _WEEK == 0:
        return day - timedelta(days=day.weekday())
    return day


def _midnight(local: datetime) -> datetime:
    return local.replace(hour=0, minute=0, second=0, microsecond=0)


def _local(instant: int, zone: tzinfo) -> datetime:
    """Return what the clocks of a zone show."""
    moment = EPOCH + timedelta(milliseconds=instant)
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def _instant(local: datetime, zone: tzinfo) -> int:
    """Return when the clocks of a zone first show a time."""
    return milliseconds(local.replace(tzinfo=zone))
