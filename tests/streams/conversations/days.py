"""The three days that are read, and what was asked for of them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from tap_genesys_analytics.intervals.timestamps import format_timestamp
from tests.paths import DETAILS_QUERY

if TYPE_CHECKING:
    from genesys_cloud_sandbox.server import Sandbox

PER_DAY = 60

MIDNIGHT = datetime.now(timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)

FIRST_DAY = (MIDNIGHT - timedelta(days=3)).date()

THREE_DAYS = {
    "start_date": format_timestamp(MIDNIGHT - timedelta(days=3)),
    "end_date": format_timestamp(MIDNIGHT),
}


def intervals_asked(sandbox: Sandbox) -> list[str]:
    """Return the intervals of the queries that were answered, each once, sorted."""
    asked = [
        served.interval
        for served in sandbox.requests
        if served.path == DETAILS_QUERY and served.interval and served.status == 200
    ]
    return sorted(set(asked))
