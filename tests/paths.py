"""Paths that tests count requests of."""

from __future__ import annotations

from tap_genesys_analytics.streams.conversations import DETAILS

DETAILS_QUERY = f"{DETAILS}/query"
DETAILS_JOBS = f"{DETAILS}/jobs"
