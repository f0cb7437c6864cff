"""Streams that read their whole table in each run."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Protocol, cast

from typing_extensions import override

from tap_genesys_analytics.errors import IncompleteError
from tap_genesys_analytics.intervals.completeness import MAX_REREADS, RecordCount
from tap_genesys_analytics.intervals.timestamps import format_timestamp
from tap_genesys_analytics.streams.base import GenesysStream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_genesys_analytics.records.raw_documents import Document
    from tap_genesys_analytics.records.record_builder import Record


class FullTableReader(Protocol):
    """A reader of all documents of a table."""

    def documents(self, count: RecordCount) -> Iterator[Document]:
        """Yield all documents; add their total to ``count``."""

    def probe(self) -> None:
        """Send one cheap request that shows whether the table can be read."""


class FullTableStream(GenesysStream):
    """A stream that reads its whole table in each run.

    With ``emit_activate_version_messages``, records have a version, and an
    ACTIVATE_VERSION message follows the last record: targets may delete records of
    earlier versions. The message is not written if the table is empty or incomplete.
    The SDK would write it before the records, so a failing run would delete them all.
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
            self._check_complete(count)
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
                "%s has fewer rows (%d) than Genesys counts: deleted rows are not "
                "reported in this run.",
                self.name,
                count.counted,
            )
        elif count.counted:
            self.activate_version()

    def _check_complete(self, count: RecordCount) -> None:
        """Check that everything that Genesys sent was read.

        Raises:
            IncompleteError: It was not; what was read stays.
        """
        problems = []
        if count.malformed:
            problems.append(f"{count.malformed} entities are not JSON objects")
        if count.refused_owners:
            owners = ", ".join(count.refused_owners)
            problems.append(f"Genesys refused the lists of {owners}")
        if problems:
            message = f"{' and '.join(problems)}; everything else was read"
            raise IncompleteError(message)
