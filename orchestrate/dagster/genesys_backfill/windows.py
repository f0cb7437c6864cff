"""Partitions of time, and their windows."""

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
    """An interval of time in UTC: start inclusive, end exclusive."""

    start: datetime
    end: datetime

    def __str__(self) -> str:
        """Return the window in the API's form: ``start/end``."""
        return f"{self.start:{_FORMAT}}/{self.end:{_FORMAT}}"

    def environment(self) -> dict[str, str]:
        """Return settings of the tap that read this window, without a lookback."""
        return {
            "TAP_GENESYS_START_DATE": f"{self.start:{_FORMAT}}",
            "TAP_GENESYS_END_DATE": f"{self.end:{_FORMAT}}",
            "TAP_GENESYS_LOOKBACK_DAYS": "0",
            "TAP_GENESYS_RESTATE_DAYS": "0",
        }


def partitions_of(settings: Partitions) -> dg.TimeWindowPartitionsDefinition:
    """Return the partitions; weeks and months begin on the weekday or day of ``start``.

    Dagster's own weeks begin on Sunday and skip the days before the first Sunday.
    """
    hour = "0 0"
    schedule = {
        "day": f"{hour} * * *",
        "week": f"{hour} * * {settings.start.isoweekday() % 7}",
        "month": f"{hour} {settings.start.day} * *",
    }[settings.every]
    return dg.TimeWindowPartitionsDefinition(
        start=f"{settings.start}",
        end=f"{settings.end}" if settings.end else None,
        fmt="%Y-%m-%d",
        cron_schedule=schedule,
        timezone="UTC",
    )


def window_of(partitions: dg.TimeWindowPartitionsDefinition, key: str) -> Window:
    """Return the window of a partition."""
    time_window = partitions.time_window_for_partition_key(key)
    return Window(
        time_window.start.astimezone(timezone.utc),
        time_window.end.astimezone(timezone.utc),
    )


def check(window: Window, retention_days: int, now: datetime) -> None:
    """Raise an error if a window cannot be read completely.

    Raises:
        WindowError: The window has not ended, or Genesys no longer keeps its data.
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
