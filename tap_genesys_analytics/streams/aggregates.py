"""Aggregates: figures by group and bucket, one stream for each definition."""

from __future__ import annotations

import functools
from http import HTTPStatus
from typing import TYPE_CHECKING

from typing_extensions import override

from tap_genesys_analytics.api.get_pages import SAFE_PAGE_SIZE
from tap_genesys_analytics.api.jobs import AnalyticsJobs
from tap_genesys_analytics.api.responses import document_of
from tap_genesys_analytics.errors import ApiError, ResultLimitError
from tap_genesys_analytics.intervals.buckets import Buckets, plan_buckets
from tap_genesys_analytics.streams.aggregate_definitions import defined
from tap_genesys_analytics.streams.by_jobs import JobStream

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from tap_genesys_analytics.api.responses import Pages
    from tap_genesys_analytics.intervals.completeness import Summary, Tally
    from tap_genesys_analytics.intervals.definitions import Definition
    from tap_genesys_analytics.intervals.interval import Interval, Reading, Source
    from tap_genesys_analytics.records.tables import Document
    from tap_genesys_analytics.streams.aggregate_definitions import Aggregate
    from tap_genesys_analytics.tap import TapGenesys


class AggregateStream(JobStream):
    """Reads the figures of one definition, day by day or bucket by bucket."""

    replication_key = "interval_start"

    def __init__(self, tap: TapGenesys, aggregate: Aggregate) -> None:
        self.aggregate = aggregate
        self.endpoint = f"POST {aggregate.path}"
        self.permissions = aggregate.permissions
        self.lookback_days = aggregate.lookback_days
        self._buckets = Buckets.of(aggregate.granularity, aggregate.time_zone)
        super().__init__(tap, aggregate.table)

    @property
    @override
    def definition(self) -> Definition:
        return self.aggregate.definition

    @override
    def plan(
        self, start: datetime, end: datetime, now: datetime, summary: Summary
    ) -> Iterator[Reading]:
        return plan_buckets(
            self.check_state(),
            start,
            end,
            now,
            buckets=self._buckets,
            lookback=self.lookback,
        )

    @override
    def intervals_ahead(self, source: Source, pages: int) -> int:
        # Each is one request.
        return 64

    @functools.cached_property
    def jobs(self) -> AnalyticsJobs:
        """The jobs that answer the same, however much it is."""
        return AnalyticsJobs(self.client, self.aggregate.jobs_path)

    @override
    def pages(self, reading: Reading, tally: Tally) -> Pages:
        yield from self._pages(reading.interval)

    @override
    def probe(self) -> None:
        now = self.tap.now()
        start = self._buckets.floor(now)
        (window, *_) = self._buckets.windows(start, now)
        self._ask(window)

    def _ask(self, interval: Interval) -> Document:
        """Return the answer for an interval."""
        body = self.aggregate.body(str(interval))
        answer: Document = self.client.post(self.aggregate.path, body)
        return answer

    def _pages(self, interval: Interval) -> Pages:
        """Yield the documents of an interval, asked for in halves where too many.

        One bucket that is too many for a query is read by a job.
        """
        try:
            answer = self._ask(interval)
        except ResultLimitError as error:
            halves = self._buckets.halves(interval)
            if halves is None:
                yield from self._pages_of_job(interval, error)
                return
            self.logger.info("%s has too many results: it is halved.", interval)
            for half in halves:
                yield from self._pages(half)
        else:
            yield list(self.aggregate.documents(answer.get("results") or ()))

    def _pages_of_job(self, interval: Interval, too_many: ResultLimitError) -> Pages:
        """Yield the documents of an interval that a query does not answer."""
        self.logger.info("%s has too many results: it is read by a job.", interval)
        # Ahead of its turn, that is all that is done: organisations may run few jobs.
        yield []
        body = {**self.aggregate.body(str(interval)), "pageSize": SAFE_PAGE_SIZE}
        try:
            for page in self.jobs.pages(body, "results"):
                yield list(self.aggregate.documents(map(document_of, page)))
        except ApiError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            message = (
                f"{too_many}. One bucket of it has more results than Genesys answers, "
                f"and {self.aggregate.family} has no jobs: give the aggregate fewer "
                "dimensions, a filter or a shorter granularity"
            )
            raise ApiError(message, status=too_many.status) from error


def streams(tap: TapGenesys) -> Iterator[AggregateStream]:
    """Yield a stream for each definition: the built-in ones and the user's."""
    for aggregate in defined(tap.config.get("aggregates") or ()).values():
        yield AggregateStream(tap, aggregate)
