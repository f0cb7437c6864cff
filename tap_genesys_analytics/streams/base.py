"""What all streams share: tables for schemas, and intervals for state."""

from __future__ import annotations

import abc
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, cast

from singer_sdk import Stream, metrics
from singer_sdk.helpers.conform import TypeConformanceLevel
from typing_extensions import override

from tap_genesys_analytics.bookmarks import read_bookmark
from tap_genesys_analytics.completeness import MAX_REREADS, Summary, Tally
from tap_genesys_analytics.errors import GenesysError, IncompleteError, ReadError
from tap_genesys_analytics.intervals import SAFETY_MARGIN, Lookback, plan
from tap_genesys_analytics.settings import first_start
from tap_genesys_analytics.tables import EXTRA
from tap_genesys_analytics.timestamps import format_timestamp, parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from singer_sdk.helpers.types import Context, Record
    from singer_sdk.singerlib import MetadataMapping

    from tap_genesys_analytics.bookmarks import Bookmark
    from tap_genesys_analytics.client import GenesysClient
    from tap_genesys_analytics.intervals import Reading, Source
    from tap_genesys_analytics.rows import Row
    from tap_genesys_analytics.tables import Document, Table
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
    def documents(self, reading: Reading, tally: Tally) -> Iterator[Document]:
        """Yield the documents of a reading; note what Genesys counts in the tally."""

    @abc.abstractmethod
    def identify(self, document: Document, reading: Reading) -> tuple[str, bool]:
        """Return a document's id, and whether what Genesys counts includes it."""

    @abc.abstractmethod
    def rows(self, document: Document, extracted_at: str) -> Iterator[Row]:
        """Yield the stream's own rows of a document."""

    def watermark(self) -> datetime | None:
        """Return up to when jobs have all data; None where they are not used."""
        return None

    @property
    def reads_provisionally(self) -> bool:
        """Whether to read past the watermark what will be read again."""
        return False

    def check_state(self) -> Bookmark:
        """Return where the stream stands.

        Raises:
            StateError: The state cannot be one of this stream.
        """
        state = self.tap_state.get("bookmarks", {}).get(self.name, {})
        now = datetime.now(timezone.utc)
        return read_bookmark(self.name, state, self.replication_key or "", now)

    @override
    def get_records(self, context: Context | None) -> Iterable[Record]:
        summary = Summary()
        retries = self.client.retries
        before = (
            retries.requests,
            retries.too_many_requests,
            retries.seconds_waited,
        )
        previous: dict[Source, Tally] = {}
        try:
            for reading in self.readings(summary):
                tally = Tally(before=previous.get(reading.source, Tally()).ids)
                try:
                    yield from self._read(reading, tally)
                except GenesysError as error:
                    raise ReadError(self.name, reading.interval, error) from error
                finally:
                    summary.add(tally)
                previous[reading.source] = tally
                self._complete(reading.after)
        finally:
            summary.requests = retries.requests - before[0]
            summary.too_many_requests = retries.too_many_requests - before[1]
            summary.seconds_waited = retries.seconds_waited - before[2]
            self._tell(summary)

    def readings(self, summary: Summary) -> Iterator[Reading]:
        """Yield what this run reads."""
        config = self.config
        now = datetime.now(timezone.utc)
        end = now - SAFETY_MARGIN
        if config.get("end_date"):
            end = min(end, parse_timestamp(config["end_date"]))
        summary.watermark = self.watermark()
        return plan(
            self.check_state(),
            first_start(config, now),
            end,
            now,
            lookback=Lookback(
                days=config["lookback_days"],
                every=timedelta(hours=config["lookback_interval_hours"]),
                restate_days=config["restate_days"],
            ),
            watermark=summary.watermark,
            provisional=self.reads_provisionally,
        )

    def _read(self, reading: Reading, tally: Tally) -> Iterator[Row]:
        """Yield the rows of an interval, read again where it does not add up."""
        while True:
            extracted_at = format_timestamp(datetime.now(timezone.utc))
            for document in self.documents(reading, tally):
                if tally.add(*self.identify(document, reading)):
                    yield from self.rows(document, extracted_at)
            if not tally.missing:
                return
            if tally.rereads == MAX_REREADS:
                break
            tally.read_again()
            self.logger.info(
                "%s: %d of %d records were read, it is read again.",
                reading.interval,
                tally.counted,
                tally.expected,
            )
        message = (
            f"{tally.counted} of at least {tally.expected} records were read, in "
            f"{MAX_REREADS + 1} readings"
        )
        if tally.narrowed:
            message += ". It was split by filters, which do not let everything through"
        if tally.narrowed or self.config["strict_completeness"]:
            raise IncompleteError(message)
        self.logger.warning(
            "%s, interval %s: %s. With strict_completeness the run would end here.",
            self.name,
            reading.interval,
            message,
        )

    @override
    def _write_starting_replication_value(self, context: Context | None) -> None:
        """Write nothing: ``readings`` takes the bookmark from the state itself."""

    @override
    def _increment_stream_state(
        self, latest_record: Record, *, context: Context | None = None
    ) -> None:
        """Leave the bookmark: no record moves it."""

    @override
    def get_replication_key_signpost(self, context: Context | None = None) -> None:
        """Return none: a bookmark that is the end of an interval needs no bound."""

    def _complete(self, bookmark: Bookmark) -> None:
        """Put a bookmark into the state and send it."""
        state = self.stream_state
        state.clear()
        state.update(bookmark.to_state(self.replication_key or ""))
        self._tap.state_writer.write_state(self.tap_state)

    def _tell(self, summary: Summary) -> None:
        """Log what was read, as a line and as metrics."""
        self.logger.info("%s: %s.", self.name, summary.text(datetime.now(timezone.utc)))
        for figure, value in summary.figures().items():
            # The SDK writes any enumeration's value; its own has no such names.
            metric = cast("metrics.Metric", figure)
            point = metrics.Point("counter", metric, value, {"stream": self.name})
            metrics.log(self.metrics_logger, point)


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
