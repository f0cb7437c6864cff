"""Moments in time, read from any ISO 8601 text and written in one fixed form.

State, keys and orders compare timestamps as text, so every timestamp that leaves
the tap has the same form: UTC, milliseconds, ``Z``.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from dateutil import parser

if TYPE_CHECKING:
    from collections.abc import Iterable

#: ``2026-11-16T08:30:00.000Z``, the form in which Genesys answers, and ours.
FIXED_FORM = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
#: Characters of a timestamp in that form.
FIXED_LENGTH = 24

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)

_DIGITS = bytes.maketrans(b"123456789", b"000000000")
_FIXED_DIGITS = b"0000-00-00T00:00:00.000Z"


def parse_timestamp(text: str) -> datetime:
    """Return the moment that an ISO 8601 text names, in UTC.

    A text without a zone is taken as UTC; a date alone is its midnight.

    Raises:
        ValueError: The text is not ISO 8601.
    """
    if (moment := _in_fixed_form(text)) is not None:
        # What Genesys answers, and so what this is asked for most.
        return moment.replace(tzinfo=timezone.utc)
    moment = parser.isoparse(text)
    if moment.tzinfo is None:
        return moment.replace(tzinfo=timezone.utc)
    return moment.astimezone(timezone.utc)


def format_timestamp(moment: datetime) -> str:
    """Return an aware moment as text: UTC, milliseconds (cut, not rounded), ``Z``."""
    utc = moment.astimezone(timezone.utc)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"


def from_milliseconds(milliseconds: float) -> str:
    """Return the moment so many milliseconds after 1970 began, UTC, as text."""
    return format_timestamp(_EPOCH + timedelta(milliseconds=milliseconds))


def fixed_form(text: str) -> str:
    """Return any ISO 8601 text in the fixed form.

    Raises:
        ValueError: The text is not ISO 8601.
    """
    if FIXED_FORM.fullmatch(text):
        return text
    return format_timestamp(parse_timestamp(text))


def all_fixed(texts: Iterable[str]) -> bool:
    """Tell whether texts of ``FIXED_LENGTH`` characters are all in the fixed form."""
    joined = "".join(texts)
    digits = joined.encode().translate(_DIGITS)
    return digits == _FIXED_DIGITS * (len(joined) // FIXED_LENGTH)


def milliseconds_between(start: str, end: str) -> int:
    """Return the milliseconds from one timestamp to another, both in any form."""
    first, last = _in_fixed_form(start), _in_fixed_form(end)
    if first is None or last is None:
        first, last = parse_timestamp(start), parse_timestamp(end)
    return round((last - first).total_seconds() * 1000)


def _in_fixed_form(text: str) -> datetime | None:
    """Return the moment that a text in the fixed form names, without its zone."""
    if len(text) != FIXED_LENGTH or text[-1] != "Z":
        return None
    try:
        moment = datetime.fromisoformat(text[:-1])
    except ValueError:
        return None
    return None if moment.tzinfo else moment
