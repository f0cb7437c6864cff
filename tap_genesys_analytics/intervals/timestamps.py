"""Timestamps: any ISO 8601 text in, one fixed form out.

State, keys and sort orders compare timestamps as text. So every timestamp that leaves
the tap has the same form: UTC, milliseconds, ``Z``.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from dateutil import parser

if TYPE_CHECKING:
    from collections.abc import Iterable

#: The fixed form, which Genesys uses as well: ``2026-11-16T08:30:00.000Z``.
FIXED_FORM = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
#: The number of characters of the fixed form.
FIXED_LENGTH = 24

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)

_DIGITS = bytes.maketrans(b"123456789", b"000000000")
_FIXED_DIGITS = b"0000-00-00T00:00:00.000Z"


def parse_timestamp(text: str) -> datetime:
    """Return the moment (UTC) of an ISO 8601 text.

    A text without a time zone is UTC. A date without a time is its midnight.

    Raises:
        ValueError: The text is not ISO 8601.
    """
    if (moment := _parse_fixed_form(text)) is not None:
        # Nearly all timestamps are in this form, which is faster to parse.
        return moment.replace(tzinfo=timezone.utc)
    moment = parser.isoparse(text)
    if moment.tzinfo is None:
        return moment.replace(tzinfo=timezone.utc)
    return moment.astimezone(timezone.utc)


def format_timestamp(moment: datetime) -> str:
    """Return a moment in the fixed form; milliseconds are cut, not rounded."""
    utc = moment.astimezone(timezone.utc)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"


def from_milliseconds(milliseconds: float) -> str:
    """Return the timestamp of a number of milliseconds since 1970-01-01 UTC."""
    return format_timestamp(_EPOCH + timedelta(milliseconds=milliseconds))


def fixed_form(text: str) -> str:
    """Return an ISO 8601 text in the fixed form.

    Raises:
        ValueError: The text is not ISO 8601.
    """
    if FIXED_FORM.fullmatch(text):
        return text
    return format_timestamp(parse_timestamp(text))


def all_in_fixed_form(texts: Iterable[str]) -> bool:
    """Tell whether all texts are in the fixed form.

    Each text must have ``FIXED_LENGTH`` characters. Faster than ``FIXED_FORM``.
    """
    joined = "".join(texts)
    digits = joined.encode().translate(_DIGITS)
    return digits == _FIXED_DIGITS * (len(joined) // FIXED_LENGTH)


def milliseconds_between(start: str, end: str) -> int:
    """Return the milliseconds from one ISO 8601 timestamp to another."""
    first, last = _parse_fixed_form(start), _parse_fixed_form(end)
    if first is None or last is None:
        first, last = parse_timestamp(start), parse_timestamp(end)
    return round((last - first).total_seconds() * 1000)


def _parse_fixed_form(text: str) -> datetime | None:
    """Return the moment of a text in the fixed form, without a time zone; else None."""
    if len(text) != FIXED_LENGTH or text[-1] != "Z":
        return None
    try:
        moment = datetime.fromisoformat(text[:-1])
    except ValueError:
        return None
    return None if moment.tzinfo else moment
