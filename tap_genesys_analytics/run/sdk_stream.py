"""The adapter to singer-sdk for streams. ``sdk_tap`` is the one for the tap."""

from __future__ import annotations

import abc
import functools
from typing import TYPE_CHECKING, Any, cast

from singer_sdk import Stream, metrics
from singer_sdk.helpers.conform import TypeConformanceLevel
from singer_sdk.mapper import SameRecordTransform
from typing_extensions import override

from tap_genesys_analytics.intervals.timestamps import format_timestamp
from tap_genesys_analytics.records.column_types import as_dict
from tap_genesys_analytics.records.messages import write_record_messages
from tap_genesys_analytics.records.tables import EXTRACTED_AT

if TYPE_CHECKING:
    from singer_sdk.helpers.types import Context
    from singer_sdk.helpers.types import Record as SingerRecord

    from tap_genesys_analytics.api.client import GenesysClient
    from tap_genesys_analytics.records.record_builder import Record
    from tap_genesys_analytics.run.sdk_tap import TapAdapter

#: The number of records that are written at once: few, so that they stay in the CPU's
#: cache.
RECORD_BATCH_SIZE = 20


class StreamAdapter(Stream, abc.ABC):
    """A stream that writes RECORD messages itself and moves its own bookmark."""

    #: Records already conform to their schema. For the SDK to check nested values would
    #: cost four times as much as the rest of the run.
    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.ROOT_ONLY

    def __init__(self, tap: TapAdapter, name: str, schema: dict[str, Any]) -> None:
        super().__init__(tap=tap, name=name, schema=schema)
        self._buffered_records: list[Record] = []
        self._sync_timer: metrics.Timer | None = None

    @property
    def tap(self) -> TapAdapter:
        """The tap that this stream belongs to."""
        return cast("TapAdapter", self._tap)

    @property
    def client(self) -> GenesysClient:
        """The client that all streams share, created on first use."""
        return self.tap.client

    @property
    def has_input_catalog(self) -> bool:
        """Whether the user passed a catalog, which then defines the selection."""
        return self._tap_input_catalog is not None

    @functools.cached_property
    def writes_directly(self) -> bool:
        """Whether records are written as they are, because no stream map applies."""
        (first, *others) = self.stream_maps
        unchanged = type(first) is SameRecordTransform and not first.flattening_enabled
        return unchanged and not others

    def write_records(self, records: list[Record]) -> None:
        """Write records to the target."""
        if not self.writes_directly:
            for record in records:
                super()._write_record_message(as_dict(record))
            return
        read_at = records[0].get(EXTRACTED_AT) or format_timestamp(self.tap.now())
        write_record_messages(self.name, records, read_at, self._stream_version)
        self.state_manager.is_flushed = False

    @override
    def _write_record_message(self, record: SingerRecord) -> None:
        # Records hold only selected columns and conform to their schema. The SDK would
        # check every value again, which costs more than building the records.
        self._buffered_records.append(record)
        self.state_manager.is_flushed = False
        if len(self._buffered_records) >= RECORD_BATCH_SIZE:
            self.flush()

    def flush(self) -> None:
        """Write the buffered records, before any message that covers them."""
        if self._buffered_records:
            self.write_records(self._buffered_records)
            self._buffered_records = []

    def set_version(self, version: int) -> None:
        """Set the version of the following records."""
        self._stream_version = version

    def activate_version(self) -> None:
        """Write an ACTIVATE_VERSION message, if records have a version."""
        if self._stream_version is not None:
            self._write_activate_version_message(self._stream_version)

    def write_state(self) -> None:
        """Write a STATE message."""
        self._tap.state_writer.write_state(self.tap_state)

    def mark_failed(self) -> None:
        """Mark the stream as failed in the SDK's sync timer."""
        if self._sync_timer:
            self._sync_timer.tags[metrics.Tag.STATUS] = metrics.Status.FAILED

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
        """Do nothing: the reader plans where the stream begins."""

    @override
    def _increment_stream_state(
        self, latest_record: SingerRecord, *, context: Context | None = None
    ) -> None:
        """Do nothing: intervals move the bookmark, not records."""

    @override
    def get_replication_key_signpost(self, context: Context | None = None) -> None:
        """Return None: records do not move the bookmark, so it needs no upper bound."""

    @override
    def get_sync_timer(self) -> metrics.Timer:
        self._sync_timer = super().get_sync_timer()
        return self._sync_timer
