"""Details of conversations or users, from jobs and from the query."""

from __future__ import annotations

import functools
import logging
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from tap_genesys_analytics.api.details_query import DetailsQuery
from tap_genesys_analytics.api.errors import ApiError
from tap_genesys_analytics.api.jobs import AnalyticsJobs
from tap_genesys_analytics.intervals.interval import DAY, Interval, day_start
from tap_genesys_analytics.intervals.plan import Source, plan_days
from tap_genesys_analytics.readers.interval import IntervalReader
from tap_genesys_analytics.records.shapes import UnexpectedResponseError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from tap_genesys_analytics.api.client import GenesysClient
    from tap_genesys_analytics.api.details_query import SplitAxis
    from tap_genesys_analytics.intervals.completeness import RecordCount
    from tap_genesys_analytics.intervals.plan import Period, PlannedInterval
    from tap_genesys_analytics.records.raw_documents import Pages
    from tap_genesys_analytics.records.tables import Table
    from tap_genesys_analytics.settings.filters import Filter

logger = logging.getLogger("tap-genesys")


@dataclass(frozen=True)
class Details:
    """One kind of details, and the settings for it."""

    #: The common start of the paths of the query and of the jobs.
    path: str
    #: The member of a page that holds the documents.
    member: str
    order: Mapping[str, str]
    #: The source: auto, jobs or query (``conversation_source``).
    source: str
    page_size: int
    job_page_size: int
    #: The members of the body that hold the user's filters.
    filters: Mapping[str, list[Filter]] = field(default_factory=dict)


class DetailsReader(IntervalReader):
    """Reads details by interval: from jobs up to their watermark, then from the query.

    Jobs are complete but hours late. The query is up to date but provisional.
    """

    def __init__(self, client: GenesysClient, table: Table, details: Details) -> None:
        super().__init__(client, table)
        self.details = details

    @property
    def axes(self) -> Sequence[SplitAxis]:
        """The filters that split an interval if a split by time is useless."""
        return ()

    @functools.cached_property
    def query(self) -> DetailsQuery:
        """The details query, with the user's filters."""
        details = self.details
        return DetailsQuery(
            self.client,
            f"{details.path}/query",
            details.member,
            order=details.order,
            filters=details.filters,
            axes=self.axes,
            page_size=details.page_size,
        )

    @functools.cached_property
    def jobs(self) -> AnalyticsJobs:
        """The details jobs."""
        path, page_size = f"{self.details.path}/jobs", self.details.job_page_size
        return AnalyticsJobs(self.client, path, page_size=page_size)

    @override
    def plan(self, period: Period) -> Iterator[PlannedInterval]:
        self.watermark = self._read_watermark()
        provisional = self.details.source == "auto"
        return plan_days(period, watermark=self.watermark, provisional=provisional)

    def _read_watermark(self) -> datetime | None:
        """Return the watermark of jobs; None if only the query is read."""
        if self.details.source == "query":
            return None
        try:
            watermark = self.jobs.watermark()
        except ApiError as error:
            if error.status != HTTPStatus.FORBIDDEN or self.details.source == "jobs":
                raise
            logger.warning(
                "The client may not use jobs, so %s is read from the query only, "
                "without data that only jobs have (participant attributes): %s",
                self.table.name,
                error,
            )
            return None
        if watermark is None:
            if self.details.source == "jobs":
                message = "Genesys does not say up to when jobs have all data"
                raise UnexpectedResponseError(message)
            logger.warning(
                "Genesys does not say up to when jobs have all data: %s is read from "
                "the query only, without data that only jobs have.",
                self.table.name,
            )
        return watermark

    @override
    def intervals_ahead(self, source: Source, max_pages: int) -> int:
        # An organisation may run only a few jobs at a time.
        if source is Source.JOBS:
            return 1
        return super().intervals_ahead(source, max_pages)

    @override
    def pages(self, planned: PlannedInterval, count: RecordCount) -> Pages:
        details = self.details
        if planned.source is Source.QUERY:
            yield from self.query.pages(planned.interval, count)
            return
        body: dict[str, Any] = {
            "interval": str(planned.interval),
            **details.order,
            **details.filters,
        }
        yield from self.jobs.pages(body, details.member)

    @override
    def probe(self, now: datetime) -> None:
        midnight = day_start(now)
        self.query.total(Interval(midnight - DAY, midnight))
        if self.details.source == "jobs":
            self.jobs.watermark()

    @override
    def cancel(self) -> None:
        self.jobs.cancel()

    @override
    def close(self) -> None:
        self.jobs.close()
