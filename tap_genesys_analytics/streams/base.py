"""What all streams share: a table for a schema, rights, and a probe of them."""

from __future__ import annotations

import abc
import functools
from http import HTTPStatus
from typing import TYPE_CHECKING, cast

from singer_sdk import Stream, metrics
from singer_sdk.helpers.conform import TypeConformanceLevel
from singer_sdk.mapper import SameRecordTransform
from typing_extensions import override

from tap_genesys_analytics.api.permissions import lack
from tap_genesys_analytics.errors import GenesysError
from tap_genesys_analytics.intervals.timestamps import format_timestamp
from tap_genesys_analytics.records.flattening import DocumentRows
from tap_genesys_analytics.records.messages import write_records
from tap_genesys_analytics.records.structs import plain
from tap_genesys_analytics.records.tables import EXTRA, EXTRACTED_AT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from singer_sdk.helpers.types import Context, Record
    from singer_sdk.singerlib import MetadataMapping

    from tap_genesys_analytics.api.client import GenesysClient
    from tap_genesys_analytics.records.record_builder import Row
    from tap_genesys_analytics.records.tables import Document, Table
    from tap_genesys_analytics.tap import TapGenesys


#: Rows of a table that are sent together: few, while the CPU's cache holds them.
ROWS_TOGETHER = 20


class GenesysStream(Stream, abc.ABC):
    """A stream whose records are the rows of a table."""

    #: Rows are built to their schema: conforming what is inside a value again would
    #: cost four times as much as all else.
    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.ROOT_ONLY

    #: Method and path of what is read, for users who look it up.
    endpoint: str
    #: Permissions, one of which the client needs; none: any client may read it.
    permissions: tuple[str, ...] = ()
    #: Permissions that it needs besides, for what has to be asked first.
    also_needed: tuple[str, ...] = ()

    def __init__(self, tap: TapGenesys, table: Table) -> None:
        self.table = table
        self.selected_by_default = table.selected_by_default
        super().__init__(tap=tap, name=table.name, schema=table.schema)
        self.primary_keys = [column.name for column in table.keys]
        self._unknown_fields: set[str] = set()
        self._waiting_rows: list[Row] = []
        self._sync_timer: metrics.Timer | None = None

    @abc.abstractmethod
    def read(self) -> Iterator[Row]:
        """Yield the rows of this run."""

    @abc.abstractmethod
    def probe(self) -> None:
        """Send one cheap request that shows whether the stream can be read.

        Raises:
            GenesysError: It cannot.
        """

    @property
    def tap(self) -> TapGenesys:
        """The tap that this stream belongs to."""
        return cast("TapGenesys", self._tap)

    @property
    def client(self) -> GenesysClient:
        """The client that all streams share; made when it is first needed."""
        return self.tap.client

    @property
    def tables_read(self) -> list[str]:
        """The names of the tables that are selected and filled by this stream."""
        return [self.name]

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
        known = self.effective_schema["properties"]
        return frozenset(
            column.name
            for column in self.table.columns
            if column.name in known and self.mask.get(("properties", column.name), True)
        )

    @functools.cached_property
    def _document_rows(self) -> DocumentRows:
        """What makes the stream's own rows, of the columns that are selected."""
        return DocumentRows([self.table], {self.name: self.selected_columns})

    def own_rows(
        self, documents: Iterable[Document], extracted_at: str
    ) -> Iterator[Row]:
        """Yield the stream's own rows of documents."""
        made = self._document_rows
        for _, rows in made.rows(map(made.read, documents), extracted_at):
            yield from rows

    @functools.cached_property
    def _writes_directly(self) -> bool:
        """Whether records go out as they are: no stream map changes them."""
        (first, *others) = self.stream_maps
        unchanged = type(first) is SameRecordTransform and not first.flattening_enabled
        return unchanged and not others

    def write_rows(self, rows: list[Row]) -> None:
        """Send rows to the target."""
        if not self._writes_directly:
            for row in rows:
                super()._write_record_message(plain(row))
            return
        read_at = rows[0].get(EXTRACTED_AT) or format_timestamp(self.tap.now())
        write_records(self.name, rows, read_at, self._stream_version)
        self.state_manager.is_flushed = False

    @override
    def _write_record_message(self, record: Record) -> None:
        # Rows are built of what is selected, to their schema: the SDK would look at
        # every value again, which costs more than all that went before.
        self._waiting_rows.append(record)
        self.state_manager.is_flushed = False
        if len(self._waiting_rows) >= ROWS_TOGETHER:
            self.flush()

    def flush(self) -> None:
        """Send the rows that wait, before anything that says that they were sent."""
        if self._waiting_rows:
            self.write_rows(self._waiting_rows)
            self._waiting_rows = []

    @override
    def _write_state_message(self) -> None:
        self.flush()
        super()._write_state_message()

    @override
    def _write_activate_version_message(self, full_table_version: int) -> None:
        self.flush()
        super()._write_activate_version_message(full_table_version)

    @override
    def _write_starting_replication_value(self, context: Context | None) -> None:
        """Write nothing: where to begin is not the SDK's to say."""

    @override
    def _increment_stream_state(
        self, latest_record: Record, *, context: Context | None = None
    ) -> None:
        """Leave the state: no record moves a bookmark."""

    @override
    def get_replication_key_signpost(self, context: Context | None = None) -> None:
        """Return none: a bookmark that no record moves needs no bound."""

    @override
    def get_records(self, context: Context | None) -> Iterable[Record]:
        try:
            yield from cast("Iterator[Record]", self.read())
        except GenesysError as error:
            # What was read before it is true all the same.
            self.flush()
            unread, tables = self.tap.unread, self.tables_read
            if unread.is_final(error, self.client.retries.answers):
                raise
            # What cannot be read does not keep the tap from reading the rest.
            if self._sync_timer:
                self._sync_timer.tags[metrics.Tag.STATUS] = metrics.Status.FAILED
            if error.status != HTTPStatus.FORBIDDEN:
                unread.failed += tables
                names = ", ".join(tables)
                self.logger.error("Not read to the end: %s. %s", names, error)  # noqa: TRY400 (written for the user)
                return
            for table in tables:
                lacking = unread.forbid(table, error, self.permissions)
                self.logger.warning("%s is not read: it %s.", table, lack(lacking))

    @override
    def get_sync_timer(self) -> metrics.Timer:
        self._sync_timer = super().get_sync_timer()
        return self._sync_timer

    @override
    def post_process(self, row: Record, context: Context | None = None) -> Record:
        self.name_unknown_fields(row)
        # A stream map takes a dictionary.
        return row if self._writes_directly else plain(row)

    def name_unknown_fields(self, row: Row) -> None:
        """Say once of each field that the API answers and this version does not know.

        Only names are logged: values may be personal.
        """
        extra = row.get(EXTRA)
        if extra is None or self.table.is_open:
            return
        unknown = extra.keys() - self._unknown_fields
        if unknown:
            self._unknown_fields |= unknown
            self.logger.warning(
                "Genesys answers fields that this version does not know or expects to "
                "be of another type, kept in the column %s of %s: %s",
                EXTRA,
                self.name,
                ", ".join(sorted(unknown)),
            )
