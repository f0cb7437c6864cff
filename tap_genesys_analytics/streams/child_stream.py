"""Child streams: tables whose records the parent stream writes."""

from __future__ import annotations

from contextlib import contextmanager
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from tap_genesys_analytics.records.tables import EXTRA
from tap_genesys_analytics.streams.base import GenesysStream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tap_genesys_analytics.records.record_builder import Record


class ChildStream(GenesysStream):
    """A stream of a child table, written by its parent stream.

    The parent reads documents and writes the records of all selected tables. The SDK's
    own way would be a whole sync of the child, with a SCHEMA message and metrics, for
    every record of the parent.
    """

    @contextmanager
    def open_writer(self) -> Iterator[Callable[[list[Record]], None]]:
        """Write the SCHEMA message; return a function that writes records."""
        self._write_schema_message()
        has_extra, get_extra = EXTRA in self.selected_columns, attrgetter(EXTRA)
        with self.get_record_counter() as counter:

            def write(records: list[Record]) -> None:
                for record in records if has_extra else ():
                    if isinstance(record, dict) or get_extra(record) is not None:
                        self.warn_of_unknown_fields(record)
                self.write_records(records)
                counter.increment(len(records))

            yield write

    @override
    def read(self) -> Iterator[Record]:
        """Yield nothing: the parent reads."""
        yield from ()

    @override
    def probe(self) -> None:
        """Send nothing: the parent's probe covers all its tables."""

    @override
    def finalize_state_progress_markers(
        self, state: dict[str, Any] | None = None
    ) -> None:
        """Do nothing: the parent's bookmark covers all its tables."""
