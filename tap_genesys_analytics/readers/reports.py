"""Reports about units of workforce management, read by day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from typing_extensions import override

from tap_genesys_analytics.api.get_pages import ListRequest, first_request, get_pages
from tap_genesys_analytics.api.reports import Reports
from tap_genesys_analytics.intervals.buckets import Buckets
from tap_genesys_analytics.intervals.interval import DAY, Interval
from tap_genesys_analytics.intervals.plan import PlannedInterval, Source, plan_buckets
from tap_genesys_analytics.readers.interval import IntervalReader
from tap_genesys_analytics.records.keys import key_part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from tap_genesys_analytics.api.client import GenesysClient
    from tap_genesys_analytics.intervals.bookmarks import Bookmark
    from tap_genesys_analytics.intervals.completeness import RecordCount
    from tap_genesys_analytics.intervals.plan import Period
    from tap_genesys_analytics.readers.lists import ReferenceList
    from tap_genesys_analytics.records.raw_documents import Document, Pages
    from tap_genesys_analytics.records.tables import Table

#: The future is read in intervals of this length.
_FUTURE_INTERVAL = timedelta(weeks=1)


@dataclass(frozen=True)
class ReportRequest:
    """The parameters of one request for a report."""

    interval: Interval
    #: Ids of business units or management units.
    units: tuple[str, ...]
    #: IANA name of the time zone of the report's days.
    time_zone: str


@dataclass(frozen=True)
class Report:
    """A report: its table, its request, and the documents in its parts."""

    table: Table
    #: The path of the request; ``{id}`` is replaced by the id of the (first) unit.
    path: str
    #: The list of the units to report on.
    units: ReferenceList
    body: Callable[[ReportRequest], Document]
    #: Yields the documents in a part of the report, one per record.
    documents: Callable[[Document, ReportRequest], Iterator[Document]]
    permissions: tuple[str, ...]
    replication_key: str
    #: The number of units in one request; the API documents no limit.
    units_per_request: int = 1
    #: How far into the future it is read, in each run with a lookback.
    ahead: timedelta = timedelta()


class ReportReader(IntervalReader):
    """Reads reports of one kind, up to ``ahead`` into the future."""

    def __init__(
        self, client: GenesysClient, report: Report, time_zone: str, ahead: timedelta
    ) -> None:
        super().__init__(client, report.table)
        self.report = report
        self._time_zone = time_zone
        self._ahead = ahead
        self._reports = Reports(client)
        self._units: list[str] = []

    @override
    def plan(self, period: Period) -> Iterator[PlannedInterval]:
        self._units = self._read_units()
        if self._ahead:
            # The future is read in runs with a lookback, so there must be one.
            lookback = replace(period.lookback, days=max(1, period.lookback.days))
            period = replace(period, lookback=lookback)
        before = after = period.bookmark
        for planned in plan_buckets(period, Buckets.of("P1D", self._time_zone)):
            after = planned.after
            # The lookback is done when the future has been read, too: an interrupted
            # run must do both again.
            yield self._lookback_still_due(planned, before) if self._ahead else planned
        if after.looked_back_at == before.looked_back_at:
            return
        end, horizon = period.end, period.end + self._ahead
        while end < horizon:
            interval = Interval(end, min(end + _FUTURE_INTERVAL, horizon))
            planned = PlannedInterval(interval, Source.QUERY, after)
            end = interval.end
            yield (
                planned if end == horizon else self._lookback_still_due(planned, before)
            )

    @staticmethod
    def _lookback_still_due(
        planned: PlannedInterval, before: Bookmark
    ) -> PlannedInterval:
        """Return a planned interval after which the lookback is still due."""
        after = replace(planned.after, looked_back_at=before.looked_back_at)
        return replace(planned, after=after)

    @override
    def cancel(self) -> None:
        self._reports.cancel()

    @override
    def pages(self, planned: PlannedInterval, count: RecordCount) -> Pages:
        for request in self._requests(planned.interval, self._units):
            path = self.report.path.format(id=request.units[0])
            for part in self._reports.documents(path, self.report.body(request)):
                documents = self.report.documents(part, request)
                yield [self._with_key(document) for document in documents]

    @override
    def identify(
        self, document: Document, planned: PlannedInterval
    ) -> tuple[str, bool]:
        # Without the interval: each day that a shift touches has the whole shift.
        keys = (*self.table.key_fields, self.table.id_field)
        return "\0".join(str(document[key]) for key in keys), True

    @override
    def probe(self, now: datetime) -> None:
        interval = Interval(now - DAY, now)
        for request in self._requests(interval, self._read_units()[:1]):
            path = self.report.path.format(id=request.units[0])
            self.client.post(path, self.report.body(request))

    def _read_units(self) -> list[str]:
        """Return the ids of all units."""
        units = self.report.units
        pages = get_pages(
            lambda request: self.client.get(request.path, request.params),
            first_request(ListRequest(units.path), units.paging),
        )
        return [unit["id"] for page in pages for unit in page.entities]

    def _requests(
        self, interval: Interval, units: list[str]
    ) -> Iterator[ReportRequest]:
        """Yield the requests for an interval, each with several units if allowed."""
        size = self.report.units_per_request
        for first in range(0, len(units), size):
            batch = tuple(units[first : first + size])
            yield ReportRequest(interval, batch, self._time_zone)

    def _with_key(self, document: Document) -> Document:
        """Return a document unchanged, if its key is complete.

        Raises:
            GenesysError: A key field is missing or empty.
        """
        for name in (*self.table.key_fields, self.table.id_field):
            key_part(self.table, name, document)
        return document
