"""Conversations and the tables under them, all from one download."""

from __future__ import annotations

import functools
from contextlib import ExitStack
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from tap_genesys_analytics.details import DetailsQuery
from tap_genesys_analytics.errors import ApiError
from tap_genesys_analytics.filters import (
    MEDIA_TYPES,
    any_of,
    configured_filters,
    none_of,
)
from tap_genesys_analytics.intervals import Source, day_start
from tap_genesys_analytics.jobs import DetailsJobs
from tap_genesys_analytics.rows import DocumentRows
from tap_genesys_analytics.streams.base import IntervalStream, TableStream
from tap_genesys_analytics.streams.conversation_tables import CONVERSATIONS, TABLES
from tap_genesys_analytics.timestamps import parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from singer_sdk.helpers.types import Context, Record

    from tap_genesys_analytics.completeness import Tally
    from tap_genesys_analytics.details import Cell
    from tap_genesys_analytics.intervals import Interval, Reading
    from tap_genesys_analytics.rows import Row
    from tap_genesys_analytics.tables import Document
    from tap_genesys_analytics.tap import TapGenesys

DETAILS = "/api/v2/analytics/conversations/details"
DETAILS_QUERY = f"{DETAILS}/query"
DETAILS_JOBS = f"{DETAILS}/jobs"
DIVISIONS = "/api/v2/authorization/divisions"
RECORDS = "conversations"
ORDER = {"order": "asc", "orderBy": "conversationStart"}


class Conversations(IntervalStream):
    """Reads conversations by interval and writes the rows of all tables.

    Jobs answer whatever was alive in an interval, with participant attributes, but
    only up to a watermark; the query answers what started on the days of an interval.
    """

    replication_key = "conversation_start"

    def __init__(self, tap: TapGenesys) -> None:
        super().__init__(tap, CONVERSATIONS)
        self._writers: dict[str, Callable[[Row], None]] = {}

    @functools.cached_property
    def _query(self) -> DetailsQuery:
        """The query, with the user's filters."""
        return DetailsQuery(
            self.client,
            DETAILS_QUERY,
            RECORDS,
            order=ORDER,
            filters=configured_filters(self.config),
            dimensions=(direction_cells, media_cells, self._division_cells),
            page_size=self.config["page_size"],
        )

    @functools.cached_property
    def _jobs(self) -> DetailsJobs:
        """The jobs that answer the same in bulk."""
        page_size = self.config["job_page_size"]
        return DetailsJobs(self.client, DETAILS_JOBS, page_size=page_size)

    @override
    def get_records(self, context: Context | None) -> Iterable[Record]:
        tables: list[Any] = [table for table in self.child_streams if table.selected]
        wanted = {table.name: table.selected_columns for table in tables}
        if self.selected:
            wanted[self.name] = self.selected_columns
        self._rows = DocumentRows(TABLES, wanted)
        with ExitStack() as stack:
            self._writers = {
                table.name: stack.enter_context(table.writing()) for table in tables
            }
            yield from super().get_records(context)

    @override
    def generate_child_contexts(
        self, record: Record, context: Context | None
    ) -> Iterable[Context | None]:
        """Return none: the tables below are written as their document is read."""
        return ()

    @override
    def watermark(self) -> datetime | None:
        source = self.config["conversation_source"]
        if source == "query":
            return None
        try:
            return self._jobs.watermark()
        except ApiError as error:
            if error.status != HTTPStatus.FORBIDDEN or source == "jobs":
                raise
            self.logger.warning(
                "Jobs are forbidden to this client, so conversations are read by query "
                "alone, without participant attributes: %s",
                error,
            )
            return None

    @property
    @override
    def reads_provisionally(self) -> bool:
        return bool(self.config["conversation_source"] == "auto")

    @override
    def documents(self, reading: Reading, tally: Tally) -> Iterator[Document]:
        if reading.source is Source.QUERY:
            yield from self._query.records(reading.interval, tally)
            return
        body = {
            "interval": str(reading.interval),
            **ORDER,
            **configured_filters(self.config),
        }
        for page in self._jobs.pages(body, RECORDS):
            yield from page
        if reading.interval.is_whole_days:
            # A job that lacks a part of its data succeeds all the same.
            tally.total(self._query.total(reading.interval))

    @override
    def identify(self, document: Document, reading: Reading) -> tuple[str, bool]:
        identifier = str(document.get("conversationId") or "")
        if reading.source is Source.QUERY:
            return identifier, True
        # The query's total counts what started in the interval, a job answers more.
        return identifier, started_in(document, reading.interval)

    @override
    def rows(self, document: Document, extracted_at: str) -> Iterator[Row]:
        for table, row in self._rows(document, extracted_at):
            if table == self.name:
                yield row
            else:
                self._writers[table](row)

    def _division_cells(self) -> list[Cell]:
        """Return filters by division: each one there is, and none at all."""
        params = {"pageSize": 100}
        divisions = self.client.get(DIVISIONS, params).get("entities") or []
        member = "conversationFilters"
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
    start = parse_timestamp(conversation["conversationStart"])
    return interval.start <= day_start(start) < interval.end


class ConversationTable(TableStream):
    """A table under conversations."""

    parent_stream_type = Conversations
    replication_key = "conversation_start"


def tables_below(tap: TapGenesys) -> list[ConversationTable]:
    """Return the streams of the tables under conversations."""
    return [ConversationTable(tap, table) for table in TABLES if table.above]
