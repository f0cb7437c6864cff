"""The three days before today, which most tests read."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from tap_genesys_analytics.intervals.timestamps import format_timestamp

NOW = datetime.now(timezone.utc)
MIDNIGHT = NOW.replace(hour=0, minute=0, second=0, microsecond=0)
START = MIDNIGHT - timedelta(days=3)
SPAN = {"start_date": format_timestamp(START), "end_date": format_timestamp(MIDNIGHT)}
