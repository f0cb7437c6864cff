"""The base of all streams: table, permissions, probe, error handling."""

from __future__ import annotations

import abc
import functools
from http import HTTPStatus
from typing import TYPE_CHECKING, cast

from typing_extensions import override

from tap_genesys_analytics.api.permissions import describe_missing
from tap_genesys_analytics.errors import GenesysError, UnexpectedError
from tap_genesys_analytics.records.column_types import as_dict
from tap_genesys_analytics.records.flattening import DocumentRecords
from tap_genesys_analytics.records.tables import EXTRA
from tap_genesys_analytics.run.sdk_stream import StreamAdapter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from singer_sdk.helpers.types import Context
    from singer_sdk.helpers.types import Record as SingerRecord
    from singer_sdk.singerlib import MetadataMapping

    from tap_genesys_analytics.records.raw_documents import Document
    from tap_genesys_analytics.records.record_builder import Record
    from tap_genesys_analytics.run.sdk_tap import TapAdapter
    from tap_genesys_analytics.streams.declared import DeclaredStream


class GenesysStream(StreamAdapter):
    """A stream of the records of a table."""

    def __init__(self, tap: TapAdapter, declared: DeclaredStream) -> None:
        self.declared = declared
        self.table = table = declared.table
        self.permissions = declared.permissions
        self.selected_by_default = table.selected_by_default
        super().__init__(tap, table.name, table.schema)
        self.replication_key = declared.replication_key
        self.primary_keys = [column.name for column in table.keys]
        self._unknown_fields: set[str] = set()

    def new_reader(self) -> object:
        """Return a new reader, as declared for this stream."""
        if self.declared.reader is None:
            message = f"{self.name} is read by its parent stream"
            raise TypeError(message)
        return self.declared.reader(self)

    @abc.abstractmethod
    def read(self) -> Iterator[Record]:
        """Yield the records of this run."""

    @abc.abstractmethod
    def probe(self) -> None:
        """Send one cheap request that shows whether the stream can be read.

        Raises:
            GenesysError: The stream cannot be read.
        """

    @property
    def tables_read(self) -> list[str]:
        """The names of the selected tables that this stream fills."""
        return [self.name]

    @property
    @override
    def metadata(self) -> MetadataMapping:
        metadata = super().metadata
        if not self.has_input_catalog:
            for column in self.table.columns:
                if not column.selected_by_default:
                    entry = metadata["properties", column.name]
                    entry.selected_by_default = False
        return metadata

    @property
    def selected_columns(self) -> frozenset[str]:
        """The names of the columns to build."""
        properties = self.effective_schema["properties"]
        return frozenset(
            column.name
            for column in self.table.columns
            if column.name in properties
            and self.mask.get(("properties", column.name), True)
        )

    @functools.cached_property
    def _document_records(self) -> DocumentRecords:
        """Builds the stream's own records, with its selected columns."""
        return DocumentRecords([self.table], {self.name: self.selected_columns})

    def own_records(
        self, documents: Iterable[Document], extracted_at: str
    ) -> Iterator[Record]:
        """Yield the stream's own records, without those of child streams."""
        builder = self._document_records
        decoded = map(builder.decode, documents)
        for _, records in builder.records(decoded, extracted_at):
            yield from records

    @override
    def get_records(self, context: Context | None) -> Iterable[SingerRecord]:
        try:
            yield from cast("Iterator[SingerRecord]", self.read())
        except GenesysError as error:
            # Records from before the error are valid.
            self.flush()
            if self.tap.failures.ends_the_run(error, self.client.retries.responses):
                raise
            # The tap goes on with the other streams.
            self._report_failure(error)
        except (BrokenPipeError, MemoryError):
            # These would hit all streams.
            raise
        except Exception as error:
            self.flush()
            self.logger.debug("Where it was raised:", exc_info=error)
            bug = UnexpectedError(error)
            self._report_failure(bug)

    def _report_failure(self, error: GenesysError) -> None:
        """Log the error and add the stream to the run's failures."""
        failures, tables = self.tap.failures, self.tables_read
        self.mark_failed()
        if error.status != HTTPStatus.FORBIDDEN:
            failures.failed += tables
            self.logger.error("Not read to the end: %s. %s", ", ".join(tables), error)
            return
        for table in tables:
            missing = failures.add_forbidden(table, error, self.permissions)
            reason = describe_missing(missing)
            self.logger.warning("%s is not read: it %s.", table, reason)

    @override
    def post_process(
        self, row: SingerRecord, context: Context | None = None
    ) -> SingerRecord:
        self.warn_of_unknown_fields(row)
        # Stream maps need dictionaries.
        return row if self.writes_directly else as_dict(row)

    def warn_of_unknown_fields(self, record: Record) -> None:
        """Warn once of each unknown field in a record.

        The warning quotes no values, because they may be personal data.
        """
        extra = record.get(EXTRA)
        if extra is None or self.table.schemaless:
            return
        unknown = extra.keys() - self._unknown_fields
        if unknown:
            self._unknown_fields |= unknown
            self.logger.warning(
                "Genesys sends fields that are unknown to this version or of an "
                "unexpected type. They are kept in the column %s of %s: %s",
                EXTRA,
                self.name,
                ", ".join(sorted(unknown)),
            )
