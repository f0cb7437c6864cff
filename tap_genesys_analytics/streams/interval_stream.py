"""Streams that read by interval and move their bookmark after each interval."""

from __future__ import annotations

import functools
from collections import deque
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from singer_sdk import metrics
from typing_extensions import override

from tap_genesys_analytics import interrupts
from tap_genesys_analytics.api.parallel import DeferredIterator, run_ahead
from tap_genesys_analytics.errors import GenesysError, IncompleteError, ReadError
from tap_genesys_analytics.intervals.bookmarks import (
    checked_bookmark,
    read_bookmark,
    settings_changed,
)
from tap_genesys_analytics.intervals.completeness import (
    MAX_REREADS,
    RecordCount,
    StreamSummary,
)
from tap_genesys_analytics.intervals.plan import SAFETY_MARGIN, Lookback, Period
from tap_genesys_analytics.intervals.timestamps import format_timestamp, parse_timestamp
from tap_genesys_analytics.records.flattening import DocumentRecords
from tap_genesys_analytics.records.raw_documents import DocumentError
from tap_genesys_analytics.settings.checks import first_start
from tap_genesys_analytics.streams.base import GenesysStream
from tap_genesys_analytics.streams.child_stream import ChildStream

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

    from singer_sdk.helpers.types import Context
    from singer_sdk.helpers.types import Record as SingerRecord

    from tap_genesys_analytics.intervals.bookmarks import Bookmark, SettingsFingerprint
    from tap_genesys_analytics.intervals.plan import PlannedInterval, Source
    from tap_genesys_analytics.readers.interval import IntervalReader
    from tap_genesys_analytics.records.raw_documents import RawDocument
    from tap_genesys_analytics.records.record_builder import Record
    from tap_genesys_analytics.records.tables import Table

    #: A planned interval, its record count, and its pages.
    StartedInterval = tuple[PlannedInterval, RecordCount, Iterable[list[RawDocument]]]

#: The number of documents that are flattened at once: few, so that they stay in the
#: CPU's cache.
DOCUMENT_BATCH_SIZE = 10


class IntervalStream(GenesysStream):
    """A stream that reads by interval, oldest first.

    Its bookmark is the end of the last interval that was read completely. It moves with
    intervals, not with records as in the SDK. A STATE message follows each interval.
    The stream also writes the records of its child streams.
    """

    #: All tables of a document, its root first; empty: only the stream's own table.
    tables: ClassVar[Sequence[Table]] = ()

    @functools.cached_property
    def reader(self) -> IntervalReader:
        """The reader of this run."""
        return cast("IntervalReader", self.new_reader())

    @property
    @override
    def is_sorted(self) -> bool:
        return True

    @override
    def probe(self) -> None:
        self.reader.probe(self.tap.now())

    @property
    def bookmark_key(self) -> str:
        """The declared replication key, which a catalog cannot change."""
        return str(self.declared.replication_key)

    @property
    def fingerprint(self) -> SettingsFingerprint | None:
        """The fingerprint of the settings; None if none shape the stream."""
        declared = self.declared.fingerprint
        return declared(self.tap) if declared else None

    def bookmark(self) -> Bookmark:
        """Return the bookmark in the state, with the fingerprint of the settings.

        Raises:
            StateError: The state is not one of this stream, or the settings that define
                the stream have changed since.
        """
        key_version = self.declared.key_version
        bookmark = replace(self._read_bookmark(), key_version=key_version)
        if not self.selected:
            return replace(bookmark, fingerprint=self.fingerprint)
        return checked_bookmark(self.name, bookmark, self.fingerprint)

    def _read_bookmark(self) -> Bookmark:
        """Return the bookmark in the state."""
        state = self.tap_state.get("bookmarks", {}).get(self.name, {})
        return read_bookmark(self.name, state, self.bookmark_key, self.tap.now())

    def _warn_of_changes(self) -> None:
        bookmark = self._read_bookmark()
        if bookmark.until and settings_changed(bookmark, self.fingerprint):
            self.logger.warning(
                "%s: the settings have changed since the last run. Records before %s "
                "are not read again, except in the lookback. To read everything again, "
                "start without the state of this stream.",
                self.name,
                format_timestamp(bookmark.until),
            )
        if bookmark.until and bookmark.key_version != self.declared.key_version:
            self.logger.warning(
                "%s: an earlier version loaded rows with keys of another form. They "
                "stay beside the same rows read again, until the table is changed.",
                ", ".join(self.tables_read),
            )

    def _write_bookmark(self, bookmark: Bookmark) -> None:
        """Put a bookmark into the state and write a STATE message."""
        # A signal writes the state: not before the records that it covers.
        with interrupts.held():
            self.flush()
            state, new = self.stream_state, bookmark.to_state(self.bookmark_key)
            state.clear()
            state.update(new)
            self.write_state()

    @property
    def lookback(self) -> Lookback:
        """The lookback: as declared, else as in the settings."""
        days = self.declared.lookback_days
        return Lookback(
            days=self.config["lookback_days"] if days is None else days,
            every=timedelta(hours=self.config["lookback_interval_hours"]),
            restate_days=self.config["restate_days"],
        )

    @property
    def selected_children(self) -> list[ChildStream]:
        """The child streams that are selected."""
        return [
            child
            for child in self.child_streams
            if isinstance(child, ChildStream) and child.selected
        ]

    @property
    @override
    def tables_read(self) -> list[str]:
        own = [self.name] if self.selected else []
        return own + [child.name for child in self.selected_children]

    @override
    def generate_child_contexts(
        self, record: SingerRecord, context: Context | None
    ) -> Iterable[Context | None]:
        """Return none: this stream writes its child streams itself."""
        return ()

    @override
    def read(self) -> Iterator[Record]:
        children = self.selected_children
        selected = {child.name: child.selected_columns for child in children}
        if self.selected or not children:
            selected[self.name] = self.selected_columns
        self._records = DocumentRecords(self.tables or (self.table,), selected)
        summary = StreamSummary()
        retries = self.client.retries
        initial = retries.requests, retries.too_many_requests, retries.seconds_waited
        try:
            with ExitStack() as stack:
                stack.callback(self.reader.close)
                self._writers: dict[str, Callable[[list[Record]], None]] = {
                    child.name: stack.enter_context(child.open_writer())
                    for child in children
                }
                started = stack.enter_context(closing(self._started_intervals(summary)))
                stack.callback(self.reader.cancel)
                yield from self._read_intervals(started, summary)
        finally:
            summary.requests = retries.requests - initial[0]
            summary.too_many_requests = retries.too_many_requests - initial[1]
            summary.seconds_waited = retries.seconds_waited - initial[2]
            self._log_summary(summary)

    def _planned_intervals(self, summary: StreamSummary) -> Iterator[PlannedInterval]:
        """Yield the intervals that this run reads."""
        now = self.tap.now()
        self._warn_of_changes()
        end = now - SAFETY_MARGIN
        if end_date := self.config.get("end_date"):
            end = min(end, parse_timestamp(end_date))
        start = first_start(self.config, now)
        start_is_set = bool(self.config.get("start_date"))
        period = Period(self.bookmark(), start, end, now, self.lookback, start_is_set)
        planned = self.reader.plan(period)
        summary.watermark = self.reader.watermark
        yield from planned

    def _started_intervals(
        self, summary: StreamSummary
    ) -> Generator[StartedInterval, None, None]:
        """Yield intervals in order, while threads read some of the next ones."""
        counts: deque[tuple[PlannedInterval, RecordCount]] = deque()
        max_ahead = self.client.workers.connections - 1

        def deferred() -> Iterator[DeferredIterator[list[RawDocument]]]:
            for planned in self._planned_intervals(summary):
                counts.append((planned, RecordCount()))
                pages = partial(self.reader.pages, *counts[-1])
                ahead = self.reader.intervals_ahead(planned.source, summary.max_pages)
                yield DeferredIterator(pages, min(ahead, max_ahead))

        with closing(run_ahead(deferred())) as started:
            for pages in started:
                yield (*counts.popleft(), pages)

    def _read_intervals(
        self, started: Iterator[StartedInterval], summary: StreamSummary
    ) -> Iterator[Record]:
        """Yield the records of all intervals; move the bookmark after each interval."""
        previous: dict[Source, RecordCount] = {}
        for planned, count, pages in started:
            count.previous_ids = previous.get(planned.source, RecordCount()).ids
            try:
                yield from self._read_interval(planned, count, pages)
            except GenesysError as error:
                raise ReadError(self.name, str(planned.interval), error) from error
            finally:
                summary.add(count)
            previous[planned.source] = count
            self._write_bookmark(planned.after)

    def _read_interval(
        self,
        planned: PlannedInterval,
        count: RecordCount,
        pages: Iterable[list[RawDocument]],
    ) -> Iterator[Record]:
        """Yield the records of an interval; read it again if records are missing."""
        while True:
            extracted_at = format_timestamp(self.tap.now())
            for page in pages:
                count.pages += 1
                yield from self._read_page(planned, count, page, extracted_at)
            count.malformed += self._records.take_malformed()
            if count.malformed:
                message = (
                    f"{count.malformed} values are no objects or lists as they should "
                    "be; everything else was read"
                )
                raise IncompleteError(message)
            if not count.missing:
                return
            if count.rereads == MAX_REREADS:
                break
            count.start_reread()
            pages = self.reader.pages(planned, count)
            self.logger.info(
                "%s: %d of %d records were read, it is read again.",
                planned.interval,
                count.counted,
                count.expected,
            )
        message = (
            f"{count.counted} of at least {count.expected} records were read, in "
            f"{MAX_REREADS + 1} readings"
        )
        if count.split_by_filters:
            message += ". It was split by filters, which some records may not match"
        if count.split_by_filters or self.config["strict_completeness"]:
            raise IncompleteError(message)
        self.logger.warning(
            "%s, interval %s: %s. With strict_completeness the stream would end here.",
            self.name,
            planned.interval,
            message,
        )

    def _read_page(
        self,
        planned: PlannedInterval,
        count: RecordCount,
        page: list[RawDocument],
        extracted_at: str,
    ) -> Iterator[Record]:
        """Yield the stream's own records of a page; write those of child streams."""
        page.reverse()
        while page:
            documents = []
            for _ in range(min(len(page), DOCUMENT_BATCH_SIZE)):
                # Popped, so that its memory is freed together with its records.
                raw = page.pop()
                try:
                    document = self._records.decode(raw)
                except DocumentError as error:
                    count.malformed += 1
                    self.logger.warning("%s: %s.", planned.interval, error)
                    continue
                # Documents that the reader made itself are identified as dictionaries.
                identified = raw if isinstance(raw, dict) else document
                if count.add(*self.reader.identify(identified, planned)):
                    documents.append(document)
            for table, records in self._records.records(documents, extracted_at):
                # Written at once, while they are in the CPU's cache.
                if table == self.name:
                    yield from records
                else:
                    self._writers[table](records)

    def _log_summary(self, summary: StreamSummary) -> None:
        """Log the summary as a line and as SDK metrics."""
        self.logger.info("%s: %s.", self.name, summary.text(self.tap.now()))
        for name, value in summary.metrics().items():
            # The SDK accepts any enumeration; its own lacks these metrics.
            metric = cast("metrics.Metric", name)
            point = metrics.Point("counter", metric, value, {"stream": self.name})
            metrics.log(self.metrics_logger, point)
