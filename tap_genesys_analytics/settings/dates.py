"""The dates of the settings: where a first run begins, and what to say of them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tap_genesys_analytics.intervals.timestamps import parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

#: How far back the first run begins where start_date is not set.
FIRST_RUN = timedelta(days=30)

#: The longest limit that an organisation can set for keeping analytics data.
LONGEST_RETENTION = timedelta(days=5 * 366)


def first_start(config: Mapping[str, Any], now: datetime) -> datetime:
    """Return the moment at which a run without a bookmark begins."""
    start_date = config.get("start_date")
    return parse_timestamp(start_date) if start_date else now - FIRST_RUN


def before_retention(config: Mapping[str, Any], now: datetime) -> bool:
    """Tell whether start_date lies further back than Genesys can be set to keep data.

    An organisation's own limit may be shorter (90 days at the least); without one,
    data is kept as long as the contract lasts. Source: the help page on retention.
    """
    return first_start(config, now) < now - LONGEST_RETENTION


def utc_by_default(config: Mapping[str, Any]) -> list[str]:
    """Return the names of the dates given without a zone: they are taken as UTC."""
    return [
        name
        for name in ("start_date", "end_date")
        if (text := config.get(name)) and _names_no_zone(text)
    ]


def _names_no_zone(text: str) -> bool:
    """Tell whether a date and time leaves open in which zone it is."""
    clock = text.partition("T")[2]
    return (
        bool(clock)
        and not clock.upper().endswith("Z")
        and not any(sign in clock for sign in "+-")
    )
