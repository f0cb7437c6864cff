"""Details, from jobs and from the query: one download, rows of several tables."""

from __future__ import annotations

import functools
from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from tap_genesys_analytics.api.details_query import DetailsQuery
from tap_genesys_analytics.api.jobs import AnalyticsJobs
from tap_genesys_analytics.errors import ApiError
from tap_genesys_analytics.intervals.interval import DAY, Interval, Source, day_start
from tap_genesys_analytics.streams.by_jobs import JobStream
from tap_genesys_analytics.streams.document_stream import DocumentStream

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from tap_genesys_analytics.api.details_query import Dimension
    from tap_genesys_analytics.api.responses import Pages
    from tap_genesys_analytics.intervals.completeness import Tally
    from tap_genesys_analytics.intervals.interval import Reading
    from tap_genesys_analytics.settings.filters import Filter


class DetailsStream(JobStream, DocumentStream):
    """Reads details by interval and writes the rows of all tables made of them.

    Jobs have the last word, but only up to a watermark; the query knows the present.
    """

    #: Path that those of the query and of the jobs begin with.
    details: ClassVar[str]
    #: Member of an answer that holds the documents.
    records: ClassVar[str]
    #: The setting that says where to read from: auto, jobs, query.
    source_setting: ClassVar[str]
    order: ClassVar[Mapping[str, str]]

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
    def jobs(self) -> AnalyticsJobs:
        """The jobs that answer the same in bulk."""
        page_size = self.config["job_page_size"]
        return AnalyticsJobs(self.client, f"{self.details}/jobs", page_size=page_size)

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
    def intervals_ahead(self, source: Source, pages: int) -> int:
        # Organisations may run few jobs at a time.
        return 1 if source is Source.JOBS else super().intervals_ahead(source, pages)

    @override
    def pages(self, reading: Reading, tally: Tally) -> Pages:
        if reading.source is Source.QUERY:
            yield from self.query.pages(reading.interval, tally)
            return
        body = {"interval": str(reading.interval), **self.order, **self.filters}
        yield from self.jobs.pages(body, self.records)

    @override
    def probe(self) -> None:
        midnight = day_start(self.tap.now())
        self.query.total(Interval(midnight - DAY, midnight))
        if self.config[self.source_setting] == "jobs":
            self.jobs.watermark()
