"""Streams of queries: built-in ones, and those of the setting ``queries``.

They share the paginator of the details query: page numbers in the body, and an end by
``pageCount`` or by a total, whichever the endpoint answers.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from typing_extensions import override

from tap_genesys_analytics.readers.queries import (
    QueryEndpoint,
    QueryReader,
    WholeQueryReader,
)
from tap_genesys_analytics.records.raw_documents import decode_document
from tap_genesys_analytics.records.tables import Table
from tap_genesys_analytics.streams.declared import DeclaredStream
from tap_genesys_analytics.streams.full_table_stream import FullTableStream
from tap_genesys_analytics.streams.interval_stream import IntervalStream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_genesys_analytics.intervals.bookmarks import SettingsFingerprint
    from tap_genesys_analytics.intervals.completeness import RecordCount
    from tap_genesys_analytics.readers.interval import IntervalReader
    from tap_genesys_analytics.records.raw_documents import Document
    from tap_genesys_analytics.run.sdk_tap import TapAdapter
    from tap_genesys_analytics.streams.full_table_stream import FullTableReader

#: Dashboards on a page. Source: DashboardConfigurationQueryRequest.
_DASHBOARDS_AT_ONCE = 25
#: Parameters that list the dashboards of all users.
_ALL_DASHBOARDS = {"dashboardType": "All", "dashboardAccessFilter": "OwnedByAnyone"}

AUDITS = QueryEndpoint(
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
    # They do not change, but some appear late.
    lookback_days=1,
    replication_key="event_date",
)

DASHBOARDS = QueryEndpoint(
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


class QueryStream(IntervalStream):
    """Reads a query endpoint interval by interval."""

    def __init__(
        self, tap: TapAdapter, endpoint: QueryEndpoint, table: Table | None = None
    ) -> None:
        self.query = endpoint
        self.endpoint = f"POST {endpoint.path}"
        self.permissions = endpoint.permissions
        self.lookback_days = endpoint.lookback_days
        super().__init__(tap, table or endpoint.table)
        self.replication_key = endpoint.replication_key

    @property
    @override
    def bookmark_key(self) -> str:
        return self.query.replication_key

    @property
    @override
    def fingerprint(self) -> SettingsFingerprint | None:
        return self.query.fingerprint

    @override
    def new_reader(self) -> IntervalReader:
        return QueryReader(self.client, self.query, self.table)


class WholeQueryStream(FullTableStream):
    """Reads everything that a query endpoint without an interval answers."""

    def __init__(self, tap: TapAdapter, endpoint: QueryEndpoint) -> None:
        self.query = endpoint
        self.endpoint = f"POST {endpoint.path}"
        self.permissions = endpoint.permissions
        super().__init__(tap, endpoint.table)

    @override
    def new_reader(self) -> FullTableReader:
        return WholeQueryReader(self.client, self.query)


class DashboardReader(WholeQueryReader):
    """Reads dashboards by their ids, which have to be listed first."""

    @override
    def documents(self, count: RecordCount) -> Iterator[Document]:
        listed = self.client.entities(self.endpoint.path, _ALL_DASHBOARDS)
        # A list that changes while it is read may name a dashboard twice.
        ids = list(dict.fromkeys(dashboard["id"] for dashboard in listed))
        remaining = iter(ids)
        while some := list(islice(remaining, _DASHBOARDS_AT_ONCE)):
            query = replace(self.endpoint, body={"dashboardConfigurationIds": some})
            for page in query.pages(self.client, None, None):
                yield from map(decode_document, page)
        count.add_total(len(ids))

    @override
    def probe(self) -> None:
        self.client.get(self.endpoint.path, {**_ALL_DASHBOARDS, "pageSize": 1})


class Dashboards(WholeQueryStream):
    """Reads the dashboards of all users."""

    @override
    def new_reader(self) -> FullTableReader:
        return DashboardReader(self.client, self.query)


def query_stream(endpoint: QueryEndpoint) -> DeclaredStream:
    """Return the declared stream of an endpoint, which is read by interval or whole."""
    kind = QueryStream if endpoint.has_interval else WholeQueryStream
    return DeclaredStream(endpoint.table, partial(kind, endpoint=endpoint))


STREAMS = (
    DeclaredStream(DASHBOARDS.table, partial(Dashboards, endpoint=DASHBOARDS)),
    query_stream(AUDITS),
)
