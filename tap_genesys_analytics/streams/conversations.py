"""Conversations and the tables under them, all from one download."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from tap_genesys_analytics.api.parallel import ReadAhead
from tap_genesys_analytics.api.permissions import DIVISIONS, hidden_divisions
from tap_genesys_analytics.intervals.definitions import Definition
from tap_genesys_analytics.intervals.interval import Source, day_start
from tap_genesys_analytics.intervals.timestamps import parse_timestamp
from tap_genesys_analytics.settings.filters import (
    MEDIA_TYPES,
    any_of,
    configured_filters,
    none_of,
)
from tap_genesys_analytics.streams.conversation_tables import CONVERSATIONS, TABLES
from tap_genesys_analytics.streams.details import DetailsStream
from tap_genesys_analytics.streams.document_stream import TableStream

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from tap_genesys_analytics.api.details_query import Cell, Dimension
    from tap_genesys_analytics.api.responses import Pages
    from tap_genesys_analytics.intervals.completeness import Summary, Tally
    from tap_genesys_analytics.intervals.interval import Interval, Reading
    from tap_genesys_analytics.records.tables import Document
    from tap_genesys_analytics.settings.filters import Filter
    from tap_genesys_analytics.tap import TapGenesys

DETAILS = "/api/v2/analytics/conversations/details"
DETAILS_QUERY = f"{DETAILS}/query"
DETAILS_JOBS = f"{DETAILS}/jobs"


class Conversations(DetailsStream):
    """Reads conversations, whatever their media.

    Jobs answer whatever was alive in an interval, with participant attributes; the
    query answers what started on the days of an interval.
    """

    replication_key = "conversation_start"
    details = DETAILS
    records = "conversations"
    source_setting = "conversation_source"
    tables = TABLES
    order = {"order": "asc", "orderBy": "conversationStart"}  # noqa: RUF012 (ClassVar in the base)
    endpoint = f"POST {DETAILS_JOBS}, …/query"
    permissions = ("analytics:conversationDetail:view",)

    def __init__(self, tap: TapGenesys) -> None:
        super().__init__(tap, CONVERSATIONS)

    @property
    @override
    def filters(self) -> dict[str, list[Filter]]:
        return configured_filters(self.config)

    @property
    @override
    def definition(self) -> Definition:
        return Definition.of(rows={}, extent=self.filters)

    @property
    @override
    def dimensions(self) -> Sequence[Dimension]:
        return direction_cells, media_cells, self._division_cells

    @override
    def plan(
        self, start: datetime, end: datetime, now: datetime, summary: Summary
    ) -> Iterator[Reading]:
        if self.check_state().until is None:
            note = hidden_divisions(self.client, self.permissions[0])
            if note:
                self.logger.warning("%s", note)
        return super().plan(start, end, now, summary)

    @override
    def pages(self, reading: Reading, tally: Tally) -> Pages:
        if reading.source is Source.QUERY or not reading.interval.is_whole_days:
            yield from super().pages(reading, tally)
            return
        with ReadAhead(self.query.total, self.client.workers) as totals:
            totals.expect([reading.interval])
            yield from super().pages(reading, tally)
            # A job that lacks a part of its data succeeds all the same.
            tally.total(totals.get(reading.interval))

    @override
    def identify(self, document: Document, reading: Reading) -> tuple[str, bool]:
        identifier = str(document.get("conversationId") or "")
        if reading.source is Source.QUERY:
            return identifier, True
        # The query's total counts what started in the interval, a job answers more.
        return identifier, started_in(document, reading.interval)

    def _division_cells(self) -> list[Cell]:
        """Return filters by division: each one there is, and none at all."""
        member = "conversationFilters"
        divisions = self.client.entities(DIVISIONS)
        cells = [(member, any_of("divisionId", [each["id"]])) for each in divisions]
        return [*cells, (member, none_of("divisionId"))]


def direction_cells() -> list[Cell]:
    """Return filters by direction: inbound, outbound, neither."""
    member = "conversationFilters"
    dimension = "originatingDirection"
    return [
        (member, any_of(dimension, ["inbound"])),
        (member, any_of(dimension, ["outbound"])),
        (member, none_of(dimension)),
    ]


def media_cells() -> list[Cell]:
    """Return filters by media type: each one that is known, and none at all."""
    member = "segmentFilters"
    cells = [(member, any_of("mediaType", [each])) for each in MEDIA_TYPES]
    return [*cells, (member, none_of("mediaType"))]


def started_in(conversation: Document, interval: Interval) -> bool:
    """Tell whether a conversation started in an interval of whole days."""
    start = parse_timestamp(conversation.get("conversationStart") or "")
    return interval.start <= day_start(start) < interval.end


class ConversationTable(TableStream):
    """A table under conversations."""

    parent_stream_type = Conversations
    replication_key = "conversation_start"
    endpoint = Conversations.endpoint
    permissions = Conversations.permissions


def streams(tap: TapGenesys) -> Iterator[DetailsStream | TableStream]:
    """Yield the streams of conversations and of the tables below."""
    yield Conversations(tap)
    for table in TABLES:
        if table.above:
            yield ConversationTable(tap, table)
