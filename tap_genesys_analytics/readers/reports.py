"""Reports about units of the organisation, read day by day."""

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

#: The future is read in stretches of this length.
_STRETCH = timedelta(weeks=1)


@dataclass(frozen=True)
class ReportRequest:
    """What a report is about."""

    interval: Interval
    #: Ids of business units or management units.
    units: tuple[str, ...]
    #: IANA name of the zone whose days are meant.
    time_zone: str


@dataclass(frozen=True)
class Report:
    """A report: its table, how it is requested, and what its parts hold."""

    table: Table
    #: Where it is requested; ``{id}`` is the unit that it is about.
    path: str
    #: The list of the units that it is about.
    units: ReferenceList
    body: Callable[[ReportRequest], Document]
    #: Makes documents of a part of the report, one for each record.
    documents: Callable[[Document, ReportRequest], Iterator[Document]]
    permissions: tuple[str, ...]
    replication_key: str
    #: Units that one request may name; the API documents no limit.
    units_at_once: int = 1
    #: How far into the future it is read, whenever a run looks back.
    ahead: timedelta = timedelta()


class ReportReader(IntervalReader):
    """Reads the reports of one kind.

    ``ahead`` is how far into the future it reads.
    """

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
            # Looking ahead goes with looking back.
            lookback = replace(period.lookback, days=max(1, period.lookback.days))
            period = replace(period, lookback=lookback)
        before = after = period.bookmark
        for planned in plan_buckets(period, Buckets.of("P1D", self._time_zone)):
            after = planned.after
            # The run has looked back when it has looked ahead, too: a run that is
            # interrupted meanwhile does both again.
            yield self._not_done(planned, before) if self._ahead else planned
        if after.looked_back_at == before.looked_back_at:
            return
        end, horizon = period.end, period.end + self._ahead
        while end < horizon:
            interval = Interval(end, min(end + _STRETCH, horizon))
            planned = PlannedInterval(interval, Source.QUERY, after)
            end = interval.end
            yield planned if end == horizon else self._not_done(planned, before)

    @staticmethod
    def _not_done(planned: PlannedInterval, before: Bookmark) -> PlannedInterval:
        """Return a planned interval after which looking back is not done yet."""
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
        # A shift comes whole in each of the days that it touches: that is no news.
        keys = (*self.table.key_fields, self.table.id_field)
        return "\0".join(str(document[key]) for key in keys), True

    @override
    def probe(self, now: datetime) -> None:
        interval = Interval(now - DAY, now)
        for request in self._requests(interval, self._read_units()[:1]):
            path = self.report.path.format(id=request.units[0])
            self.client.post(path, self.report.body(request))

    def _read_units(self) -> list[str]:
        """Return the ids of the units that there are."""
        units = self.report.units
        pages = get_pages(
            lambda request: self.client.get(request.path, request.params),
            first_request(ListRequest(units.path), units.paging),
        )
        return [unit["id"] for page in pages for unit in page.entities]

    def _requests(
        self, interval: Interval, units: list[str]
    ) -> Iterator[ReportRequest]:
        """Yield the requests for an interval, with as many units as one may name."""
        size = self.report.units_at_once
        for first in range(0, len(units), size):
            some = tuple(units[first : first + size])
            yield ReportRequest(interval, some, self._time_zone)

    def _with_key(self, document: Document) -> Document:
        """Return a document whose key is complete.

        Raises:
            GenesysError: A part of it is missing.
        """
        for name in (*self.table.key_fields, self.table.id_field):
            key_part(self.table, name, document)
        return document
