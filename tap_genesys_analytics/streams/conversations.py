"""Conversations and their child tables, all from the same documents."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from tap_genesys_analytics.api.parallel import ReadAhead
from tap_genesys_analytics.api.permissions import DIVISIONS, hidden_divisions
from tap_genesys_analytics.intervals.bookmarks import SettingsFingerprint
from tap_genesys_analytics.intervals.interval import day_start
from tap_genesys_analytics.intervals.plan import Source
from tap_genesys_analytics.intervals.timestamps import parse_timestamp
from tap_genesys_analytics.readers.details import Details, DetailsReader
from tap_genesys_analytics.settings.filters import (
    MEDIA_TYPES,
    any_of,
    configured_filters,
    none_of,
)
from tap_genesys_analytics.streams.child_stream import ChildStream
from tap_genesys_analytics.streams.conversation_tables import CONVERSATIONS, TABLES
from tap_genesys_analytics.streams.declared import DeclaredStream
from tap_genesys_analytics.streams.interval_stream import IntervalStream

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tap_genesys_analytics.api.details_query import FilterSlice, SplitAxis
    from tap_genesys_analytics.intervals.completeness import RecordCount
    from tap_genesys_analytics.intervals.interval import Interval
    from tap_genesys_analytics.intervals.plan import Period, PlannedInterval
    from tap_genesys_analytics.records.raw_documents import Document, Pages
    from tap_genesys_analytics.run.sdk_tap import TapAdapter

logger = logging.getLogger("tap-genesys")

DETAILS = "/api/v2/analytics/conversations/details"
PERMISSION = "analytics:conversationDetail:view"


class ConversationReader(DetailsReader):
    """Reads conversations of all media types.

    Jobs return the conversations that were active in an interval, with participant
    attributes. The query returns those that started on the days of an interval.
    """

    @property
    @override
    def axes(self) -> Sequence[SplitAxis]:
        return slices_by_direction, slices_by_media_type, self._slices_by_division

    @override
    def plan(self, period: Period) -> Iterator[PlannedInterval]:
        if period.bookmark.until is None:
            note = hidden_divisions(self.client, PERMISSION)
            if note:
                logger.warning("%s", note)
        return super().plan(period)

    @override
    def pages(self, planned: PlannedInterval, count: RecordCount) -> Pages:
        if planned.source is Source.QUERY or not planned.interval.is_whole_days:
            yield from super().pages(planned, count)
            return
        with ReadAhead(self.query.total, self.client.workers) as totals:
            totals.prefetch([planned.interval])
            yield from super().pages(planned, count)
            # A job that lacks a part of its data succeeds all the same.
            count.add_total(totals.get(planned.interval))

    @override
    def identify(self, document: Any, planned: PlannedInterval) -> tuple[str, bool]:
        identifier = str(document.get("conversationId") or "")
        if planned.source is Source.QUERY:
            return identifier, True
        # The total is the query's: it counts only conversations that started in the
        # interval.
        return identifier, started_in(document, planned.interval)

    def _slices_by_division(self) -> list[FilterSlice]:
        """Return filters by division: one for each division, and one for none."""
        member = "conversationFilters"
        divisions = self.client.entities(DIVISIONS)
        slices = [
            (member, any_of("divisionId", [division["id"]])) for division in divisions
        ]
        return [*slices, (member, none_of("divisionId"))]


def slices_by_direction() -> list[FilterSlice]:
    """Return filters by direction: inbound, outbound, none."""
    member = "conversationFilters"
    dimension = "originatingDirection"
    return [
        (member, any_of(dimension, ["inbound"])),
        (member, any_of(dimension, ["outbound"])),
        (member, none_of(dimension)),
    ]


def slices_by_media_type() -> list[FilterSlice]:
    """Return filters by media type: one for each known type, and one for none."""
    member = "segmentFilters"
    slices = [(member, any_of("mediaType", [media])) for media in MEDIA_TYPES]
    return [*slices, (member, none_of("mediaType"))]


def started_in(conversation: Document, interval: Interval) -> bool:
    """Tell whether a conversation started in an interval of whole days."""
    try:
        start = parse_timestamp(str(conversation.get("conversationStart")))
    except ValueError:
        # The record is kept in any case; it is not missed in the total.
        return True
    return interval.start <= day_start(start) < interval.end


def reader(stream: IntervalStream) -> ConversationReader:
    """Return the reader of a run, configured by the settings."""
    config = stream.config
    details = Details(
        path=DETAILS,
        member="conversations",
        order={"order": "asc", "orderBy": "conversationStart"},
        source=config["conversation_source"],
        page_size=config["page_size"],
        job_page_size=config["job_page_size"],
        filters=configured_filters(config),
    )
    return ConversationReader(stream.client, stream.table, details)


def fingerprint(tap: TapAdapter) -> SettingsFingerprint:
    """Return the fingerprint of the user's filters."""
    return SettingsFingerprint.of(rows={}, extent=configured_filters(tap.config))


class Conversations(IntervalStream):
    """The stream of conversations, parent of the streams of its child tables."""

    tables = TABLES


class ConversationTable(ChildStream):
    """The stream of a child table of conversations."""

    parent_stream_type = Conversations


_CONVERSATIONS = DeclaredStream(
    CONVERSATIONS,
    Conversations,
    f"POST {DETAILS}/jobs, …/query",
    (PERMISSION,),
    reader=reader,
    replication_key="conversation_start",
    fingerprint=fingerprint,
)

STREAMS = (
    _CONVERSATIONS,
    *(
        replace(_CONVERSATIONS, table=table, kind=ConversationTable, reader=None)
        for table in TABLES
        if table.parent
    ),
)
