"""Every stream that there is, and the names that are taken."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from tap_genesys_analytics.streams import (
    aggregates,
    conversations,
    list_streams,
    observations,
    queries,
    reports,
    transcript_tables,
    transcripts,
    user_status,
)
from tap_genesys_analytics.streams.conversation_tables import TABLES
from tap_genesys_analytics.streams.reference_lists import LISTS
from tap_genesys_analytics.streams.workforce import REPORTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_genesys_analytics.streams.base import GenesysStream
    from tap_genesys_analytics.tap import TapGenesys


def streams(tap: TapGenesys) -> Iterator[GenesysStream]:
    """Yield the streams: the built-in ones, and those that the settings define."""
    for module in (
        conversations,
        user_status,
        aggregates,
        observations,
        queries,
        transcripts,
        reports,
        list_streams,
    ):
        yield from module.streams(tap)


@functools.cache
def built_in_names() -> frozenset[str]:
    """Return the names that no setting can give to a stream."""
    tables = (
        *TABLES,
        *user_status.UserPresence.tables,
        *(observation.table for observation in observations.OBSERVATIONS),
        *(search.table for search in queries.SEARCHES),
        *transcript_tables.TABLES,
        transcript_tables.SPEECH_ANALYTICS,
        *(report.table for report in REPORTS),
        *(listing.table for listing in LISTS),
    )
    return frozenset(table.name for table in tables)
