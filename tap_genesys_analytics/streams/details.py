"""Details, from jobs and from the query: one download, rows of several tables."""

from __future__ import annotations

import functools
from contextlib import ExitStack, contextmanager
from http import HTTPStatus
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar

from typing_extensions import override

from tap_genesys_analytics.details import DetailsQuery
from tap_genesys_analytics.errors import ApiError
from tap_genesys_analytics.intervals import DAY, Interval, Source, day_start
from tap_genesys_analytics.jobs import DetailsJobs
from tap_genesys_analytics.rows import DocumentRows
from tap_genesys_analytics.streams.base import GenesysStream
from tap_genesys_analytics.streams.incremental import IntervalStream
from tap_genesys_analytics.tables import EXTRA

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from singer_sdk.helpers.types import Context, Record

    from tap_genesys_analytics.answers import PageItem, Pages
    from tap_genesys_analytics.builders import Row
    from tap_genesys_analytics.completeness import Tally
    from tap_genesys_analytics.details import Dimension
    from tap_genesys_analytics.filters import Filter
    from tap_genesys_analytics.intervals import Reading
    from tap_genesys_analytics.tables import Document, Table


class DetailsStream(IntervalStream):
    """Reads details by interval and writes the rows of all tables made of them.

    Jobs have the last word, but only up to a watermark; the query knows the present.
    """

    #: Path that those of the query and of the jobs begin with.
    details: ClassVar[str]
    #: Member of an answer that holds the documents.
    records: ClassVar[str]
    #: The setting that says where to read from: auto, jobs, query.
    source_setting: ClassVar[str]
    #: All tables made of a document, the document's own first.
    tables: ClassVar[Sequence[Table]]
    order: ClassVar[Mapping[str, str]]

    def __init__(self, tap: Any, table: Table) -> None:  # noqa: ANN401 (the tap imports this)
        super().__init__(tap, table)
        self._writers: dict[str, Callable[[list[Row]], None]] = {}

    @property
    def filters(self) -> dict[str, list[Filter]]:
        """The members of the body that hold the user's filters."""
        return {}

    @property
    def dimensions(self) -> Sequence[Dimension]:
        """By what an interval is split where time does not help."""
        return ()

    @functools.cached_property
    def query(self) -> DetailsQuery:
        """The query, with the user's filters."""
        return DetailsQuery(
            self.client,
            f"{self.details}/query",
            self.records,
            order=self.order,
            filters=self.filters,
            dimensions=self.dimensions,
            page_size=self.config["page_size"],
        )

    @functools.cached_property
    def jobs(self) -> DetailsJobs:
        """The jobs that answer the same in bulk."""
        page_size = self.config["job_page_size"]
        return DetailsJobs(self.client, f"{self.details}/jobs", page_size=page_size)

    @override
    def read(self) -> Iterator[Row]:
        tables: list[Any] = [table for table in self.child_streams if table.selected]
        wanted = {table.name: table.selected_columns for table in tables}
        if self.selected:
            wanted[self.name] = self.selected_columns
        self._rows = DocumentRows(self.tables, wanted)
        with ExitStack() as stack:
            stack.callback(self.jobs.close)
            self._writers = {
                table.name: stack.enter_context(table.writing()) for table in tables
            }
            yield from super().read()

    @override
    def break_off(self) -> None:
        self.jobs.stop()

    @override
    def generate_child_contexts(
        self, record: Record, context: Context | None
    ) -> Iterable[Context | None]:
        """Return none: the tables below are written as their document is read."""
        return ()

    @override
    def watermark(self) -> datetime | None:
        source = self.config[self.source_setting]
        if source == "query":
            return None
        try:
            return self.jobs.watermark()
        except ApiError as error:
            if error.status != HTTPStatus.FORBIDDEN or source == "jobs":
                raise
            self.logger.warning(
                "Jobs are forbidden to this client, so %s is read by query alone, "
                "without what only jobs know (participant attributes): %s",
                self.name,
                error,
            )
            return None

    @property
    @override
    def reads_provisionally(self) -> bool:
        return bool(self.config[self.source_setting] == "auto")

    @override
    def intervals_ahead(self, source: Source) -> int:
        # Organisations may run few jobs at a time.
        return 1 if source is Source.JOBS else super().intervals_ahead(source)

    @override
    def pages(self, reading: Reading, tally: Tally) -> Pages:
        if reading.source is Source.QUERY:
            yield from self.query.pages(reading.interval, tally)
            return
        body = {"interval": str(reading.interval), **self.order, **self.filters}
        yield from self.jobs.pages(body, self.records)

    @override
    def document(self, item: PageItem) -> Any:
        return self._rows.read(item)

    @override
    def rows(self, documents: list[Document], extracted_at: str) -> Iterable[Row]:
        found = self._rows.rows(documents, extracted_at)
        for table, write in self._writers.items():
            if rows := found.get(table):
                write(rows)
        return found.get(self.name, ())

    @override
    def probe(self) -> None:
        midnight = day_start(self.tap.now())
        self.query.total(Interval(midnight - DAY, midnight))
        if self.config[self.source_setting] == "jobs":
            self.jobs.watermark()


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
