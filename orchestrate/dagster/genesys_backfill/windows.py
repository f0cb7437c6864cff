"""Partitions of time, and whether one can be read."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, NamedTuple

import dagster as dg

if TYPE_CHECKING:
    from genesys_backfill.settings import Partitions

_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


class WindowError(ValueError):
    """A window cannot be read; the message says why."""


class Window(NamedTuple):
    """A stretch of time in UTC: start inclusive, end exclusive."""

    start: datetime
    end: datetime

    def __str__(self) -> str:
        """Return it as the API writes intervals."""
        return f"{self.start:{_FORMAT}}/{self.end:{_FORMAT}}"

    def environment(self) -> dict[str, str]:
        """Return the tap's settings for it: this, and nothing before it."""
        return {
            "TAP_GENESYS_START_DATE": f"{self.start:{_FORMAT}}",
            "TAP_GENESYS_END_DATE": f"{self.end:{_FORMAT}}",
            "TAP_GENESYS_LOOKBACK_DAYS": "0",
            "TAP_GENESYS_RESTATE_DAYS": "0",
        }


def partitions_of(wanted: Partitions) -> dg.TimeWindowPartitionsDefinition:
    """Return the partitions; weeks and months begin at the day of the start.

    Dagster's own weeks begin on Sunday, and leave out the days before the first.
    """
    hour = "0 0"
    schedule = {
        "day": f"{hour} * * *",
        "week": f"{hour} * * {wanted.start.isoweekday() % 7}",
        "month": f"{hour} {wanted.start.day} * *",
    }[wanted.every]
    return dg.TimeWindowPartitionsDefinition(
        start=f"{wanted.start}",
        end=f"{wanted.end}" if wanted.end else None,
        fmt="%Y-%m-%d",
        cron_schedule=schedule,
        timezone="UTC",
    )


def window_of(partitions: dg.TimeWindowPartitionsDefinition, key: str) -> Window:
    """Return the window of a partition."""
    found = partitions.time_window_for_partition_key(key)
    return Window(
        found.start.astimezone(timezone.utc), found.end.astimezone(timezone.utc)
    )


def check(window: Window, retention_days: int, now: datetime) -> None:
    """Do nothing if a window can be read completely.

    Raises:
        WindowError: It is not over, or lies further back than Genesys keeps.
    """
    if window.end > now:
        message = (
            f"The window {window} is not over yet. Run it again when it is; until "
            "then the incremental sync reads what is new."
        )
        raise WindowError(message)
    oldest = now - timedelta(days=retention_days)
    if window.start < oldest:
        message = (
            f"The window {window} begins before {oldest:{_FORMAT}}, and Genesys does "
            f"not keep what is older than {retention_days} days. Leave the partition "
            "out, or correct `retention_days` of the organisation."
        )
        raise WindowError(message)
