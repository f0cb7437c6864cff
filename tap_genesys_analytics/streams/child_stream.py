"""Child streams: tables whose records come out of the documents of a parent stream."""

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
    """A table below another stream's, written while the parent reads.

    To the SDK it is a child stream, so the SDK leaves reading to the parent. But the
    SDK would run a whole sync of the child, with a SCHEMA message and metrics, for
    every record of the parent, so the parent writes the child's records instead.
    """

    @contextmanager
    def writing(self) -> Iterator[Callable[[list[Record]], None]]:
        """Announce the table to the target; give a function that sends records."""
        self._write_schema_message()
        keeps_extra, extra_of = EXTRA in self.selected_columns, attrgetter(EXTRA)
        with self.get_record_counter() as counter:

            def write(records: list[Record]) -> None:
                for record in records if keeps_extra else ():
                    if isinstance(record, dict) or extra_of(record) is not None:
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
