"""Streams that read all there is in each run."""

from __future__ import annotations

import abc
from typing import TYPE_CHECKING

from typing_extensions import override

from tap_genesys_analytics.intervals.completeness import MAX_REREADS, Tally
from tap_genesys_analytics.intervals.timestamps import format_timestamp
from tap_genesys_analytics.streams.base import GenesysStream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_genesys_analytics.records.record_builder import Row
    from tap_genesys_analytics.records.tables import Document


class FullTableStream(GenesysStream):
    """Reads the whole table, and says so to targets that want to know.

    With ``emit_activate_version_messages``, records carry the version of their run, and
    an ACTIVATE_VERSION message follows the last one: rows of earlier versions are
    those that Genesys has no more. The SDK sends that message before the records,
    where a run that fails would leave every row marked as deleted; and it is not sent
    at all where the table does not add up, or is empty.
    """

    @abc.abstractmethod
    def documents(self, tally: Tally) -> Iterator[Document]:
        """Yield all documents; note what Genesys counts in the tally."""

    @property
    @override
    def emit_activate_version_messages(self) -> bool:
        return False

    @override
    def read(self) -> Iterator[Row]:
        now = self.tap.now()
        if self.config.get("emit_activate_version_messages"):
            self._stream_version = int(now.timestamp())
        extracted_at = format_timestamp(now)
        keys = [column.name for column in self.table.keys]
        tally = Tally()
        while True:
            for document in self.documents(tally):
                for row in self.own_rows([document], extracted_at):
                    if tally.add("\0".join(str(row.get(key)) for key in keys), True):  # noqa: FBT003 (it counts)
                        yield row
            if not tally.missing or tally.rereads == MAX_REREADS:
                break
            self.logger.info(
                "%d of %d were read, the table is read again.",
                tally.counted,
                tally.expected,
            )
            tally.read_again()
        if tally.missing:
            self.logger.warning(
                "%s holds fewer rows (%d) than Genesys counts: rows that it lacks are "
                "not told from deleted ones in this run.",
                self.name,
                tally.counted,
            )
        elif tally.counted and self._stream_version is not None:
            self._write_activate_version_message(self._stream_version)
