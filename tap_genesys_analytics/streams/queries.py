"""Searches by POST: declared here, or by the user in the setting ``queries``.

The paginator is that of the details query: page numbers in the body, an end by
``pageCount`` or by a total, whichever the endpoint answers.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING

from typing_extensions import override

from tap_genesys_analytics.api.responses import document_of
from tap_genesys_analytics.intervals.interval import Interval
from tap_genesys_analytics.intervals.timestamps import format_timestamp
from tap_genesys_analytics.records.tables import Table
from tap_genesys_analytics.streams.full_table import FullTableStream
from tap_genesys_analytics.streams.interval_stream import IntervalStream
from tap_genesys_analytics.streams.search import Search, defined

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from tap_genesys_analytics.api.client import GenesysClient
    from tap_genesys_analytics.api.responses import Pages
    from tap_genesys_analytics.intervals.completeness import Summary, Tally
    from tap_genesys_analytics.intervals.definitions import Definition
    from tap_genesys_analytics.intervals.interval import Reading
    from tap_genesys_analytics.records.tables import Document
    from tap_genesys_analytics.tap import TapGenesys

#: How much less far back is asked than Genesys answers.
_MOMENT = timedelta(hours=1)

#: Dashboards on a page. Source: DashboardConfigurationQueryRequest.
_DASHBOARDS_AT_ONCE = 25
#: What lists the dashboards of all users.
_ALL_DASHBOARDS = {"dashboardType": "All", "dashboardAccessFilter": "OwnedByAnyone"}

AUDITS = Search(
    table=Table(
        name="audits",
        description="Who changed what in the configuration, in the last 14 days.",
        model="AuditLogMessage",
        id_field="id",
        selected_by_default=False,
    ),
    path="/api/v2/audits/query/realtime",
    body={
        "interval": "{interval}",
        "sort": [{"name": "Timestamp", "sortOrder": "ascending"}],
    },
    records_path="entities",
    permissions=("audits:audit:view",),
    reach=timedelta(days=14),
    # They do not change, but some are found late.
    lookback_days=1,
    replication_key="event_date",
)

DASHBOARDS = Search(
    table=Table(
        name="dashboards",
        description="The dashboards of the organisation's users.",
        model="DashboardConfiguration",
        id_field="id",
        selected_by_default=False,
    ),
    path="/api/v2/analytics/reporting/settings/dashboards/query",
    body={"dashboardConfigurationIds": []},
    records_path="entities",
    page_size=_DASHBOARDS_AT_ONCE,
    permissions=("analytics:dashboardConfigurations:view",),
)

SEARCHES = (DASHBOARDS, AUDITS)


class FullSearch(FullTableStream):
    """Reads all that a search without an interval finds."""

    def __init__(self, tap: TapGenesys, search: Search) -> None:
        self.search = search
        self.endpoint = f"POST {search.path}"
        self.permissions = search.permissions
        super().__init__(tap, search.table)

    @override
    def documents(self, tally: Tally) -> Iterator[Document]:
        for page in self.search.pages(self.client, None, tally):
            yield from map(document_of, page)

    @override
    def probe(self) -> None:
        _probe(self.client, self.search, None)


class Dashboards(FullSearch):
    """Reads dashboards by their ids, which have to be listed first."""

    def __init__(self, tap: TapGenesys) -> None:
        super().__init__(tap, DASHBOARDS)

    @override
    def documents(self, tally: Tally) -> Iterator[Document]:
        listed = self.client.entities(self.search.path, _ALL_DASHBOARDS)
        # Lists that move while they are read name some twice.
        ids = list(dict.fromkeys(dashboard["id"] for dashboard in listed))
        asked = iter(ids)
        while some := list(islice(asked, _DASHBOARDS_AT_ONCE)):
            search = replace(self.search, body={"dashboardConfigurationIds": some})
            for page in search.pages(self.client, None, None):
                yield from map(document_of, page)
        tally.total(len(ids))

    @override
    def probe(self) -> None:
        self.client.get(self.search.path, {**_ALL_DASHBOARDS, "pageSize": 1})


class IntervalSearch(IntervalStream):
    """Reads what a search finds, interval by interval."""

    def __init__(
        self, tap: TapGenesys, search: Search, table: Table | None = None
    ) -> None:
        self.search = search
        self.endpoint = f"POST {search.path}"
        self.permissions = search.permissions
        self.lookback_days = search.lookback_days
        super().__init__(tap, table or search.table)
        self.replication_key = search.replication_key

    @property
    @override
    def bookmark_key(self) -> str:
        return self.search.replication_key

    @property
    @override
    def definition(self) -> Definition | None:
        return self.search.definition

    @override
    def plan(
        self, start: datetime, end: datetime, now: datetime, summary: Summary
    ) -> Iterator[Reading]:
        if self.search.reach is None:
            yield from super().plan(start, end, now, summary)
            return
        # What is asked for takes a moment to be looked at, and Genesys refuses more.
        earliest = now - self.search.reach + _MOMENT
        until = self.check_state().until
        if until is None and self.config.get("start_date"):
            until = start
        if until is not None and until < earliest:
            self.logger.warning(
                "%s: Genesys answers the last %d days only; what lies between %s and "
                "%s cannot be read any more.",
                self.name,
                self.search.reach.days,
                format_timestamp(until),
                format_timestamp(earliest),
            )
        for reading in super().plan(max(start, earliest), end, now, summary):
            if reading.interval.end > earliest:
                begin = max(reading.interval.start, earliest)
                yield replace(reading, interval=Interval(begin, reading.interval.end))

    @override
    def pages(self, reading: Reading, tally: Tally) -> Pages:
        return self.search.pages(self.client, reading.interval, tally)

    @override
    def probe(self) -> None:
        now = self.tap.now()
        _probe(self.client, self.search, Interval(now - timedelta(minutes=1), now))


def _probe(client: GenesysClient, search: Search, interval: Interval | None) -> None:
    """Ask for one record."""
    next(replace(search, page_size=1).pages(client, interval, None), None)


def streams(tap: TapGenesys) -> Iterator[FullSearch | IntervalSearch]:
    """Yield the streams of the searches: the built-in ones and the user's."""
    yield Dashboards(tap)
    queries = [defined(query) for query in tap.config.get("queries") or ()]
    for search in (AUDITS, *queries):
        kind = IntervalSearch if search.has_interval else FullSearch
        yield kind(tap, search)
