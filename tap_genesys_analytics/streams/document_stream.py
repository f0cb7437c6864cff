"""Streams of documents: one reading, the rows of several tables."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar

from typing_extensions import override

from tap_genesys_analytics.records.flattening import DocumentRows
from tap_genesys_analytics.records.tables import EXTRA
from tap_genesys_analytics.streams.base import GenesysStream
from tap_genesys_analytics.streams.interval_stream import IntervalStream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from singer_sdk.helpers.types import Context, Record

    from tap_genesys_analytics.api.responses import PageItem
    from tap_genesys_analytics.records.record_builder import Row
    from tap_genesys_analytics.records.tables import Document, Table


class DocumentStream(IntervalStream):
    """Reads documents by interval and writes the rows of all tables made of them."""

    #: All tables made of a document, the document's own first.
    tables: ClassVar[Sequence[Table]]

    @property
    def selected_tables(self) -> list[TableStream]:
        """The tables below that are selected."""
        return [
            table
            for table in self.child_streams
            if isinstance(table, TableStream) and table.selected
        ]

    @property
    @override
    def tables_read(self) -> list[str]:
        own = [self.name] if self.selected else []
        return own + [table.name for table in self.selected_tables]

    @override
    def read(self) -> Iterator[Row]:
        tables = self.selected_tables
        wanted = {table.name: table.selected_columns for table in tables}
        if self.selected:
            wanted[self.name] = self.selected_columns
        self._rows = DocumentRows(self.tables, wanted)
        with ExitStack() as stack:
            self._writers = {
                table.name: stack.enter_context(table.writing()) for table in tables
            }
            yield from super().read()

    @override
    def generate_child_contexts(
        self, record: Record, context: Context | None
    ) -> Iterable[Context | None]:
        """Return none: the tables below are written as their document is read."""
        return ()

    @override
    def document(self, item: PageItem) -> Any:
        return self._rows.read(item)

    @override
    def rows(self, documents: list[Document], extracted_at: str) -> Iterable[Row]:
        for table, rows in self._rows.rows(documents, extracted_at):
            # Sent at once, while the CPU's cache holds them.
            if table == self.name:
                yield from rows
            else:
                self._writers[table](rows)


class TableStream(GenesysStream):
    """A table below another stream's: its rows come out of that stream's reading.

    It is a child stream, so that the SDK leaves reading to the parent; but the SDK
    would run a whole sync of the child, with a SCHEMA message and metrics, for every
    parent record, so the parent writes the rows here instead.
    """

    @contextmanager
    def writing(self) -> Iterator[Callable[[list[Row]], None]]:
        """Announce the table to the target and give a function that sends rows."""
        self._write_schema_message()
        keeps_extra, extra_of = EXTRA in self.selected_columns, attrgetter(EXTRA)
        with self.get_record_counter() as counter:

            def write(rows: list[Row]) -> None:
                for row in rows if keeps_extra else ():
                    if isinstance(row, dict) or extra_of(row) is not None:
                        self.name_unknown_fields(row)
                self.write_rows(rows)
                counter.increment(len(rows))

            yield write

    @override
    def read(self) -> Iterator[Row]:
        """Yield nothing: the parent reads, see the class."""
        yield from ()

    @override
    def probe(self) -> None:
        """Send nothing: the parent's probe is that of all its tables."""

    @override
    def finalize_state_progress_markers(
        self, state: dict[str, Any] | None = None
    ) -> None:
        """Do nothing: the parent's bookmark is that of all its tables."""
