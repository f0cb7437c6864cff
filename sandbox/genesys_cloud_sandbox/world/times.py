"""Instants: integers of milliseconds since 1970-01-01T00:00Z."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from functools import lru_cache

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_CLOCK = tuple(f"T{hour:02}:{minute:02}:" for hour in range(24) for minute in range(60))


def milliseconds(moment: datetime) -> int:
    """Return the instant of an aware datetime, in whole milliseconds."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


@lru_cache(maxsize=256)  # a conversation's moments come up several times
def stamp(instant: int) -> str:
    """Return an instant as the API writes it: `YYYY-MM-DDTHH:MM:SS.mmmZ`, UTC.

    Stamps compare as the instants that they stand for.
    """
    days, rest = divmod(instant, DAY)
    minutes, rest = divmod(rest, MINUTE)
    return f"{_date(days)}{_CLOCK[minutes]}{rest // 1_000:02}.{rest % 1_000:03}Z"


def unstamp(text: str) -> int:
    """Return the instant that a stamp stands for."""
    # Python 3.10 reads no Z.
    return milliseconds(datetime.fromisoformat(text[:-1] + "+00:00"))


def day_number(day: date) -> int:
    """Return the days since 1970-01-01."""
    return day.toordinal() - EPOCH_ORDINAL


@lru_cache(maxsize=1_000)
def _date(days: int) -> str:
    return date.fromordinal(days + EPOCH_ORDINAL).isoformat()
