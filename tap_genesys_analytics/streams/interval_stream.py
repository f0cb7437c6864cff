"""Streams that read interval by interval, and say after each how far they came."""

from __future__ import annotations

import abc
from collections import deque
from collections.abc import Generator, Iterable
from contextlib import closing
from datetime import timedelta
from functools import partial
from math import ceil
from typing import TYPE_CHECKING, Any, cast

from singer_sdk import metrics
from typing_extensions import override

from tap_genesys_analytics.api.parallel import Start, backgrounds
from tap_genesys_analytics.api.responses import document_of
from tap_genesys_analytics.errors import GenesysError, IncompleteError, ReadError
from tap_genesys_analytics.intervals.completeness import MAX_REREADS, Summary, Tally
from tap_genesys_analytics.intervals.interval import SAFETY_MARGIN, Lookback, plan
from tap_genesys_analytics.intervals.timestamps import format_timestamp, parse_timestamp
from tap_genesys_analytics.settings.dates import first_start
from tap_genesys_analytics.streams.bookmarked import BookmarkedStream

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from tap_genesys_analytics.api.responses import PageItem, Pages
    from tap_genesys_analytics.intervals.interval import Reading, Source
    from tap_genesys_analytics.records.record_builder import Row
    from tap_genesys_analytics.records.tables import Document


#: Documents whose rows are built together: few, while the CPU's cache holds them.
DOCUMENTS_TOGETHER = 10

#: Intervals read ahead at the most: the next may be larger than all so far.
MOST_AHEAD = 4

#: A reading, what is noted of it, and its pages.
Begun = tuple["Reading", "Tally", Iterable[list["PageItem"]]]


class IntervalStream(BookmarkedStream):
    """A stream that reads interval by interval, oldest first.

    Its bookmark is the end of the last interval that was read completely, so it moves
    with intervals and not, as the SDK has it, with records; a STATE message follows
    each interval.
    """

    @property
    @override
    def is_sorted(self) -> bool:
        return True

    #: Days before the bookmark that are read again; None: as the setting says.
    lookback_days: int | None = None

    @abc.abstractmethod
    def pages(self, reading: Reading, tally: Tally) -> Pages:
        """Yield the documents of a reading, in pages.

        What Genesys counts is noted in the tally. A thread may be at it ahead of the
        interval's turn: nothing else of the stream is touched.
        """

    def intervals_ahead(self, source: Source, pages: int) -> int:  # noqa: ARG002 (for whom it counts)
        """Return how many intervals may be read ahead of the one that is wanted.

        ``pages``: as many as the largest interval so far has, 0 if none was read yet.
        Enough that all connections have something to ask for, and no more: what is
        read ahead is kept in memory.
        """
        if not pages:
            return 1
        return min(ceil(self.client.workers.connections / pages), MOST_AHEAD)

    def document(self, item: PageItem) -> Any:  # noqa: ANN401 (a document, or a struct)
        """Return the document that an item of a page is, or its struct.

        Raises:
            ApiError: It is not one.
        """
        return document_of(item)

    def identify(self, document: Document, reading: Reading) -> tuple[str, bool]:
        """Return a document's id, and whether what Genesys counts includes it."""
        # The same key in the next interval is news of it.
        keys = (*self.table.key_fields, self.table.id_field)
        parts = (str(reading.interval.start), *(str(document.get(key)) for key in keys))
        return "\0".join(parts), True

    def rows(self, documents: list[Document], extracted_at: str) -> Iterable[Row]:
        """Return the stream's own rows of documents."""
        return self.own_rows(documents, extracted_at)

    def watermark(self) -> datetime | None:
        """Return up to when jobs have all data; None where they are not used."""
        return None

    @property
    def reads_provisionally(self) -> bool:
        """Whether to read past the watermark what will be read again."""
        return False

    def break_off(self) -> None:
        """Let threads that are at it come to an end: nobody wants more of them."""

    @property
    def lookback(self) -> Lookback:
        """How far what lies before the bookmark is read again."""
        days = self.lookback_days
        return Lookback(
            days=self.config["lookback_days"] if days is None else days,
            every=timedelta(hours=self.config["lookback_interval_hours"]),
            restate_days=self.config["restate_days"],
        )

    def plan(
        self, start: datetime, end: datetime, now: datetime, summary: Summary
    ) -> Iterator[Reading]:
        """Yield what a run reads: from the bookmark, or ``start``, up to ``end``."""
        summary.watermark = self.watermark()
        return plan(
            self.check_state(),
            start,
            end,
            now,
            lookback=self.lookback,
            watermark=summary.watermark,
            provisional=self.reads_provisionally,
        )

    @override
    def read(self) -> Iterator[Row]:
        summary = Summary()
        retries = self.client.retries
        before = (
            retries.requests,
            retries.too_many_requests,
            retries.seconds_waited,
        )
        try:
            with closing(self._begun(self._readings(summary), summary)) as begun:
                try:
                    yield from self._in_turn(begun, summary)
                finally:
                    self.break_off()
        finally:
            summary.requests = retries.requests - before[0]
            summary.too_many_requests = retries.too_many_requests - before[1]
            summary.seconds_waited = retries.seconds_waited - before[2]
            self._tell(summary)

    def _begun(
        self, readings: Iterator[Reading], summary: Summary
    ) -> Generator[Begun, None, None]:
        """Yield readings in order, while threads already work on some of the next."""
        tallies: deque[tuple[Reading, Tally]] = deque()
        most = self.client.workers.connections - 1

        def starts() -> Iterator[Start[list[PageItem]]]:
            for reading in readings:
                tallies.append((reading, Tally()))
                make = partial(self.pages, *tallies[-1])
                ahead = self.intervals_ahead(reading.source, summary.most_pages)
                yield Start(make, min(ahead, most))

        with closing(backgrounds(starts())) as begun:
            for pages in begun:
                yield (*tallies.popleft(), pages)

    def _in_turn(self, begun: Iterator[Begun], summary: Summary) -> Iterator[Row]:
        """Yield the rows of readings, and move the bookmark after each."""
        previous: dict[Source, Tally] = {}
        for reading, tally, pages in begun:
            tally.before = previous.get(reading.source, Tally()).ids
            try:
                yield from self._read(reading, tally, pages)
            except GenesysError as error:
                raise ReadError(self.name, reading.interval, error) from error
            finally:
                summary.add(tally)
            previous[reading.source] = tally
            self.complete(reading.after)

    def _readings(self, summary: Summary) -> Iterator[Reading]:
        """Yield what this run reads."""
        self.tell_changes()
        now = self.tap.now()
        end = now - SAFETY_MARGIN
        if end_date := self.config.get("end_date"):
            end = min(end, parse_timestamp(end_date))
        return self.plan(first_start(self.config, now), end, now, summary)

    def _read(
        self, reading: Reading, tally: Tally, pages: Iterable[list[PageItem]]
    ) -> Iterator[Row]:
        """Yield the rows of an interval, read again where it does not add up."""
        while True:
            extracted_at = format_timestamp(self.tap.now())
            for page in pages:
                tally.pages += 1
                page.reverse()
                while page:
                    # Gone from memory when their rows are.
                    count = min(len(page), DOCUMENTS_TOGETHER)
                    some = [page.pop() for _ in range(count)]
                    documents = [
                        document
                        for document in map(self.document, some)
                        if tally.add(*self.identify(document, reading))
                    ]
                    yield from self.rows(documents, extracted_at)
            if not tally.missing:
                return
            if tally.rereads == MAX_REREADS:
                break
            tally.read_again()
            pages = self.pages(reading, tally)
            self.logger.info(
                "%s: %d of %d records were read, it is read again.",
                reading.interval,
                tally.counted,
                tally.expected,
            )
        message = (
            f"{tally.counted} of at least {tally.expected} records were read, in "
            f"{MAX_REREADS + 1} readings"
        )
        if tally.narrowed:
            message += ". It was split by filters, which do not let everything through"
        if tally.narrowed or self.config["strict_completeness"]:
            raise IncompleteError(message)
        self.logger.warning(
            "%s, interval %s: %s. With strict_completeness the stream would end here.",
            self.name,
            reading.interval,
            message,
        )

    def _tell(self, summary: Summary) -> None:
        """Log what was read, as a line and as metrics."""
        self.logger.info("%s: %s.", self.name, summary.text(self.tap.now()))
        for figure, value in summary.figures().items():
            # The SDK writes any enumeration's value; its own has no such names.
            metric = cast("metrics.Metric", figure)
            point = metrics.Point("counter", metric, value, {"stream": self.name})
            metrics.log(self.metrics_logger, point)
