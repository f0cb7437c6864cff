"""Streams that read everything there is in each run."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Protocol, cast

from typing_extensions import override

from tap_genesys_analytics.intervals.completeness import MAX_REREADS, RecordCount
from tap_genesys_analytics.intervals.timestamps import format_timestamp
from tap_genesys_analytics.streams.base import GenesysStream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_genesys_analytics.records.raw_documents import Document
    from tap_genesys_analytics.records.record_builder import Record


class FullTableReader(Protocol):
    """Reads all documents of a table."""

    def documents(self, count: RecordCount) -> Iterator[Document]:
        """Yield all documents; note Genesys' totals."""

    def probe(self) -> None:
        """Send one cheap request that shows whether the table can be read."""


class FullTableStream(GenesysStream):
    """Reads the whole table, and tells targets so if they want to know.

    With ``emit_activate_version_messages``, records carry the version of their run, and
    an ACTIVATE_VERSION message follows the last one: records of earlier versions are
    gone from Genesys. The SDK sends that message before the records, so a run that
    fails would leave every record marked as deleted. The message is not sent at all if
    the table is incomplete or empty.
    """

    @functools.cached_property
    def reader(self) -> FullTableReader:
        """The reader of this run."""
        return cast("FullTableReader", self.new_reader())

    @override
    def probe(self) -> None:
        self.reader.probe()

    @property
    @override
    def emit_activate_version_messages(self) -> bool:
        return False

    @override
    def read(self) -> Iterator[Record]:
        now = self.tap.now()
        if self.config.get("emit_activate_version_messages"):
            self.set_version(int(now.timestamp()))
        extracted_at = format_timestamp(now)
        keys = [column.name for column in self.table.keys]
        count = RecordCount()
        while True:
            for document in self.reader.documents(count):
                for record in self.own_records([document], extracted_at):
                    identifier = "\0".join(str(record.get(key)) for key in keys)
                    if count.add(identifier, counts=True):
                        yield record
            if not count.missing or count.rereads == MAX_REREADS:
                break
            self.logger.info(
                "%d of %d were read, the table is read again.",
                count.counted,
                count.expected,
            )
            count.start_reread()
        if count.missing:
            self.logger.warning(
                "%s holds fewer rows (%d) than Genesys counts: rows that it lacks are "
                "not told from deleted ones in this run.",
                self.name,
                count.counted,
            )
        elif count.counted:
            self.activate_version()
