"""What all streams share: tables for schemas, and intervals for state."""

from __future__ import annotations

import abc
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, cast

from singer_sdk import Stream
from singer_sdk.helpers.conform import TypeConformanceLevel
from typing_extensions import override

from tap_genesys_analytics.errors import GenesysError, ReadError
from tap_genesys_analytics.intervals import SAFETY_MARGIN, utc_days
from tap_genesys_analytics.settings import first_start
from tap_genesys_analytics.tables import EXTRA
from tap_genesys_analytics.timestamps import format_timestamp, parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from singer_sdk.helpers.types import Context, Record
    from singer_sdk.singerlib import MetadataMapping

    from tap_genesys_analytics.client import GenesysClient
    from tap_genesys_analytics.intervals import Interval
    from tap_genesys_analytics.rows import Row
    from tap_genesys_analytics.tables import Table
    from tap_genesys_analytics.tap import TapGenesys


class GenesysStream(Stream, abc.ABC):
    """A stream whose records are the rows of a table."""

    #: Rows are built to their schema: conforming what is inside a value again would
    #: cost four times as much as all else.
    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.ROOT_ONLY

    def __init__(self, tap: TapGenesys, table: Table) -> None:
        self.table = table
        self.selected_by_default = table.selected_by_default
        super().__init__(tap=tap, name=table.name, schema=table.schema)
        self.primary_keys = [column.name for column in table.keys]
        self._unknown_fields: set[str] = set()

    @property
    def client(self) -> GenesysClient:
        """The client that all streams share; made when it is first needed."""
        return cast("TapGenesys", self._tap).client

    @property
    @override
    def metadata(self) -> MetadataMapping:
        metadata = super().metadata
        if self._tap_input_catalog is None:
            for column in self.table.columns:
                if not column.selected_by_default:
                    entry = metadata["properties", column.name]
                    entry.selected_by_default = False
        return metadata

    @property
    def selected_columns(self) -> frozenset[str]:
        """The names of the columns to build."""
        return frozenset(
            column.name
            for column in self.table.columns
            if self.mask.get(("properties", column.name), True)
        )

    @override
    def post_process(self, row: Record, context: Context | None = None) -> Record:
        self.name_unknown_fields(row)
        return row

    def name_unknown_fields(self, row: Row) -> None:
        """Say once of each field that the API answers and this version does not know.

        Only names are logged: values may be personal.
        """
        unknown = (row.get(EXTRA) or {}).keys() - self._unknown_fields
        if unknown:
            self._unknown_fields |= unknown
            self.logger.warning(
                "Genesys answers fields that this version does not know or expects to "
                "be of another type, kept in the column %s of %s: %s",
                EXTRA,
                self.name,
                ", ".join(sorted(unknown)),
            )


class IntervalStream(GenesysStream):
    """A stream that reads interval by interval, oldest first.

    Its bookmark is the end of the last interval that was read completely, so it moves
    with intervals and not, as the SDK has it, with records; a STATE message follows
    each interval.
    """

    @property
    @override
    def is_sorted(self) -> bool:
        return True

    @abc.abstractmethod
    def read(self, interval: Interval) -> Iterator[Row]:
        """Yield the records of an interval."""

    @override
    def get_records(self, context: Context | None) -> Iterable[Record]:
        for interval in self.intervals(context):
            try:
                yield from self.read(interval)
            except GenesysError as error:
                raise ReadError(self.name, interval, error) from error
            self._complete(interval)

    def intervals(self, context: Context | None) -> Iterator[Interval]:
        """Yield the intervals of this run: UTC days from the bookmark to the end."""
        now = datetime.now(timezone.utc)
        end = now - SAFETY_MARGIN
        if end_date := self.config.get("end_date"):
            end = min(end, parse_timestamp(end_date))
        start = self.get_starting_timestamp(context) or first_start(self.config, now)
        return utc_days(start, end) if start < end else iter(())

    @override
    def _increment_stream_state(
        self, latest_record: Record, *, context: Context | None = None
    ) -> None:
        """Leave the bookmark: no record moves it."""

    @override
    def get_replication_key_signpost(self, context: Context | None = None) -> None:
        """Return none: a bookmark that is the end of an interval needs no bound."""

    def _complete(self, interval: Interval) -> None:
        """Move the bookmark to the end of an interval and send the state."""
        self.stream_state.update(
            replication_key=self.replication_key,
            replication_key_value=format_timestamp(interval.end),
        )
        self._tap.state_writer.write_state(self.tap_state)


class TableStream(GenesysStream):
    """A table below another stream's: its rows come out of that stream's reading.

    It is a child stream, so that the SDK leaves reading to the parent; but the SDK
    would run a whole sync of the child, with a SCHEMA message and metrics, for every
    parent record, so the parent writes the rows here instead.
    """

    @contextmanager
    def writing(self) -> Iterator[Callable[[Row], None]]:
        """Announce the table to the target and give a function that sends a row."""
        self._write_schema_message()
        with self.get_record_counter() as counter:

            def write(row: Row) -> None:
                self.name_unknown_fields(row)
                self._write_record_message(row)
                counter.increment()

            yield write

    @override
    def get_records(self, context: Context | None) -> Iterable[Record]:
        """Return nothing: the parent reads, see the class."""
        return ()

    @override
    def finalize_state_progress_markers(
        self, state: dict[str, Any] | None = None
    ) -> None:
        """Do nothing: the parent's bookmark is that of all its tables."""
