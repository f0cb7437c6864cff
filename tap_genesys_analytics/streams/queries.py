"""Streams of queries: built-in ones, and those of the setting ``queries``."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, cast

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
    from tap_genesys_analytics.records.raw_documents import Document
    from tap_genesys_analytics.run.sdk_tap import TapAdapter

#: The maximum number of ids in a request. Source: DashboardConfigurationQueryRequest.
_DASHBOARDS_PER_REQUEST = 25
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
    # Audits do not change, but some appear late.
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
    page_size=_DASHBOARDS_PER_REQUEST,
    permissions=("analytics:dashboardConfigurations:view",),
)


class DashboardReader(WholeQueryReader):
    """Reads dashboards by id, after it has listed the ids."""

    @override
    def documents(self, count: RecordCount) -> Iterator[Document]:
        listed = self.client.entities(self.endpoint.path, _ALL_DASHBOARDS)
        # A list that changes while it is read may hold a dashboard twice.
        ids = list(dict.fromkeys(dashboard["id"] for dashboard in listed))
        remaining = iter(ids)
        while batch := list(islice(remaining, _DASHBOARDS_PER_REQUEST)):
            query = replace(self.endpoint, body={"dashboardConfigurationIds": batch})
            for page in query.pages(self.client, None, None):
                yield from map(decode_document, page)
        count.add_total(len(ids))

    @override
    def probe(self) -> None:
        self.client.get(self.endpoint.path, {**_ALL_DASHBOARDS, "pageSize": 1})


def query_stream(endpoint: QueryEndpoint) -> DeclaredStream:
    """Return the declared stream of an endpoint, read by interval or as a whole."""
    whole = DeclaredStream(
        endpoint.table,
        FullTableStream,
        f"POST {endpoint.path}",
        endpoint.permissions,
        reader=partial(_whole_reader, endpoint),
    )
    if not endpoint.has_interval:
        return whole
    return replace(
        whole,
        kind=IntervalStream,
        reader=partial(_reader, endpoint),
        replication_key=endpoint.replication_key,
        lookback_days=endpoint.lookback_days,
        fingerprint=partial(_fingerprint, endpoint) if endpoint.fingerprint else None,
    )


def _reader(endpoint: QueryEndpoint, stream: IntervalStream) -> QueryReader:
    return QueryReader(stream.client, endpoint, stream.table)


def _whole_reader(endpoint: QueryEndpoint, stream: FullTableStream) -> WholeQueryReader:
    return WholeQueryReader(stream.client, endpoint)


def _dashboard_reader(stream: FullTableStream) -> DashboardReader:
    return DashboardReader(stream.client, DASHBOARDS)


def _fingerprint(endpoint: QueryEndpoint, _: TapAdapter) -> SettingsFingerprint:
    return cast("SettingsFingerprint", endpoint.fingerprint)


STREAMS = (
    replace(query_stream(DASHBOARDS), reader=_dashboard_reader),
    query_stream(AUDITS),
)
