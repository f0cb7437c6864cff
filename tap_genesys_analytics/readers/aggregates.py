"""Aggregates: metrics by group and bucket, from a query or from jobs."""

from __future__ import annotations

import functools
import logging
from collections import Counter
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from tap_genesys_analytics.api.errors import ApiError, ResultLimitError
from tap_genesys_analytics.api.get_pages import SAFE_PAGE_SIZE
from tap_genesys_analytics.api.jobs import AnalyticsJobs
from tap_genesys_analytics.intervals.bookmarks import SettingsFingerprint
from tap_genesys_analytics.intervals.buckets import Buckets
from tap_genesys_analytics.intervals.plan import plan_buckets
from tap_genesys_analytics.readers.interval import IntervalReader
from tap_genesys_analytics.records.keys import key_text
from tap_genesys_analytics.records.raw_documents import decode_document
from tap_genesys_analytics.records.shapes import (
    Shape,
    check_shape,
    unknown_members,
)
from tap_genesys_analytics.records.tables import NO_KEY_PART, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from tap_genesys_analytics.api.client import GenesysClient
    from tap_genesys_analytics.intervals.completeness import RecordCount
    from tap_genesys_analytics.intervals.interval import Interval
    from tap_genesys_analytics.intervals.plan import Period, PlannedInterval, Source
    from tap_genesys_analytics.records.raw_documents import Document, Pages

logger = logging.getLogger("tap-genesys")

#: The model of a metric's statistics, and the fields that name the metric.
METRIC_MODEL = "StatisticalSummary"
METRIC_FIELDS = {"metric": "string", "qualifier": "string"}


class _Metric(Shape):
    metric: str | float
    qualifier: str | float | None = None
    stats: dict[str, Any] | None = None


class _View(Shape):
    name: str
    stats: dict[str, Any] | None = None


class _Data(Shape):
    interval: str
    metrics: list[_Metric] | None = None
    views: list[_View] | None = None


class _Result(Shape):
    group: dict[str, Any] | None = None
    data: list[_Data] | None = None


class _Response(Shape):
    results: list[_Result] | None = None


@dataclass(frozen=True)
class Aggregate:
    """The definition of an aggregate, in the API's names."""

    name: str
    family: str
    metrics: tuple[str, ...]
    group_by: tuple[str, ...] = ()
    granularity: str = "P1D"
    time_zone: str = "UTC"
    filter: Mapping[str, Any] | None = None
    views: tuple[Mapping[str, Any], ...] = ()
    #: Permissions, one of which the client needs.
    permissions: tuple[str, ...] = ()
    lookback_days: int | None = None
    description: str = ""

    @property
    def path(self) -> str:
        """The path of the family's query."""
        return f"/api/v2/analytics/{self.family}/aggregates/query"

    @property
    def jobs_path(self) -> str:
        """The path of the family's jobs; ratelimits has none."""
        return f"/api/v2/analytics/{self.family}/aggregates/jobs"

    @property
    def fingerprint(self) -> SettingsFingerprint:
        """The fingerprint of the definition."""
        return SettingsFingerprint.of(
            rows={
                "family": self.family,
                "group_by": self.group_by,
                # Not the texts: PT60M equals PT1H, and P7D equals P1W.
                "buckets": repr(Buckets.of(self.granularity, self.time_zone)),
                "filter": self.filter,
            },
            extent={"metrics": self.metrics, "views": self.views},
        )

    @functools.cached_property
    def table(self) -> Table:
        """The table, with a record for each group, bucket, metric and qualifier."""
        times_of_bucket = {"intervalStart": "date-time", "intervalEnd": "date-time"}
        groups = dict.fromkeys(self.group_by, "string")
        return Table(
            name=self.name,
            description=self.description
            or f"{self.family} by {', '.join(self.group_by) or 'nothing'}",
            model=METRIC_MODEL,
            extra_fields={**groups, **times_of_bucket, **METRIC_FIELDS},
            key_fields=(*self.group_by, "intervalStart", "metric"),
            id_field="qualifier",
        )

    def body(self, interval: str) -> Document:
        """Return the body of the query of an interval (``start/end``)."""
        optional = {
            "groupBy": list(self.group_by),
            "filter": self.filter,
            "views": list(self.views),
        }
        return {
            "interval": interval,
            "granularity": self.granularity,
            "timeZone": self.time_zone,
            "metrics": list(self.metrics),
            **{name: value for name, value in optional.items() if value},
        }

    def documents(self, results: Iterable[Document]) -> Iterator[Document]:
        """Yield a document for each metric of each bucket of each group.

        A view's results have the view's name as ``metric``. Views have no qualifier. If
        a bucket has a view more than once, which happens for metrics with qualifiers,
        the second and later ones get a number as qualifier.
        """
        for result in results:
            check_shape(result, _Result, f"POST {self.path}")
            group = result.get("group") or {}
            added = unknown_members(result, _Result)
            shared = added | group | group_key(group, self.group_by)
            for data in result.get("data") or ():
                start, _, end = str(data.get("interval") or "").partition("/")
                times = {"intervalStart": start, "intervalEnd": end}
                times |= unknown_members(data, _Data)
                views = _numbered(data.get("views") or ())
                for metric in (*(data.get("metrics") or ()), *views):
                    yield metric_document({**shared, **times}, metric)


def metric_document(shared: Document, metric: Document) -> Document:
    """Return the document of a metric, with the members of its group and bucket."""
    names = group_key(metric, METRIC_FIELDS)
    added = unknown_members(metric, _Metric)
    return {**shared, **added, **names, **(metric.get("stats") or {})}


def _numbered(views: Iterable[Document]) -> Iterator[Document]:
    """Yield views as metrics; repeated views have a number as qualifier."""
    occurrences: Counter[str] = Counter()
    for view in views:
        name = view.get("name") or ""
        occurrences[name] += 1
        qualifier = str(occurrences[name]) if occurrences[name] > 1 else ""
        added = unknown_members(view, _View)
        stats = view.get("stats")
        yield {**added, "metric": name, "qualifier": qualifier, "stats": stats}


def group_key(group: Document, dimensions: Iterable[str]) -> dict[str, str]:
    """Return the values of a group's dimensions, as key fields, never empty."""
    return {name: key_text(group.get(name)) or NO_KEY_PART for name in dimensions}


class AggregateReader(IntervalReader):
    """Reads an aggregate, by day or by longer bucket."""

    def __init__(self, client: GenesysClient, aggregate: Aggregate) -> None:
        super().__init__(client, aggregate.table)
        self.aggregate = aggregate
        self._buckets = Buckets.of(aggregate.granularity, aggregate.time_zone)

    @override
    def plan(self, period: Period) -> Iterator[PlannedInterval]:
        return plan_buckets(period, self._buckets)

    @override
    def intervals_ahead(self, source: Source, max_pages: int) -> int:
        # Each interval is one request.
        return 64

    @functools.cached_property
    def jobs(self) -> AnalyticsJobs:
        """The family's jobs, which have no limit of results."""
        return AnalyticsJobs(self.client, self.aggregate.jobs_path)

    @override
    def cancel(self) -> None:
        self.jobs.cancel()

    @override
    def close(self) -> None:
        self.jobs.close()

    @override
    def pages(self, planned: PlannedInterval, count: RecordCount) -> Pages:
        yield from self._pages(planned.interval)

    @override
    def probe(self, now: datetime) -> None:
        (window, *_) = self._buckets.windows(self._buckets.floor(now), now)
        self._query(window)

    def _query(self, interval: Interval) -> Document:
        """Return the response to the query of an interval."""
        body = self.aggregate.body(str(interval))
        response: Document = self.client.post(self.aggregate.path, body)
        return response

    def _pages(self, interval: Interval) -> Pages:
        """Yield the documents of an interval; halve it if it has too many results.

        A single bucket that is too large for the query is read from a job.
        """
        try:
            response = self._query(interval)
        except ResultLimitError as error:
            halves = self._buckets.halves(interval)
            if halves is None:
                yield from self._job_pages(interval, error)
                return
            logger.info("%s has too many results: it is halved.", interval)
            for half in halves:
                yield from self._pages(half)
        else:
            check_shape(response, _Response, f"POST {self.aggregate.path}")
            yield list(self.aggregate.documents(response.get("results") or ()))

    def _job_pages(self, interval: Interval, query_error: ResultLimitError) -> Pages:
        """Yield the documents of an interval that is too large for the query."""
        logger.info("%s has too many results: it is read from a job.", interval)
        # A thread that reads ahead stops here until the interval's turn: the number of
        # jobs at a time is limited.
        yield []
        body = {**self.aggregate.body(str(interval)), "pageSize": SAFE_PAGE_SIZE}
        try:
            for page in self.jobs.pages(body, "results"):
                yield list(self.aggregate.documents(map(decode_document, page)))
        except ApiError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            message = (
                f"{query_error}. A single bucket has too many results for one "
                f"response, and {self.aggregate.family} has no jobs: give the "
                "aggregate fewer dimensions, a filter or a shorter granularity"
            )
            raise ApiError(message, status=query_error.status) from error
