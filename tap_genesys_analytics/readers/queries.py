"""Query endpoints: POST requests that page by number in the body."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from tap_genesys_analytics.api.post_pages import TooManyResultsError, post_pages
from tap_genesys_analytics.intervals.bookmarks import SettingsFingerprint
from tap_genesys_analytics.intervals.interval import Interval
from tap_genesys_analytics.intervals.plan import plan_days
from tap_genesys_analytics.intervals.timestamps import format_timestamp
from tap_genesys_analytics.readers.interval import IntervalReader
from tap_genesys_analytics.records.keys import with_complete_key
from tap_genesys_analytics.records.raw_documents import decode_document
from tap_genesys_analytics.records.tables import (
    Table,
    model_fields,
    table_from_settings,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from tap_genesys_analytics.api.client import GenesysClient
    from tap_genesys_analytics.intervals.completeness import RecordCount
    from tap_genesys_analytics.intervals.plan import Period, PlannedInterval
    from tap_genesys_analytics.records.raw_documents import Document, Pages

logger = logging.getLogger("tap-genesys")

_PLACEHOLDERS = ("{interval}", "{start}", "{end}")

#: The field that the tap adds with the start of the interval.
INTERVAL_START = "intervalStart"

#: The tap keeps this distance from the limit of ``QueryEndpoint.reach``.
_MARGIN = timedelta(hours=1)


@dataclass(frozen=True)
class QueryEndpoint:
    """An endpoint for queries by POST that pages by number.

    The texts of the body may contain ``{interval}``, ``{start}`` and ``{end}``, which
    are replaced by the interval. Without them, each run reads everything.
    """

    table: Table
    path: str
    body: Mapping[str, Any]
    records_path: str
    #: Member of the body that holds pageSize and pageNumber; None: the body itself.
    paging_key: str | None = None
    page_size: int = 100
    #: The maximum number of results to page through; None: no limit is known.
    result_cap: int | None = None
    permissions: tuple[str, ...] = ()
    #: How far back from now the endpoint has data; None: no limit is known.
    reach: timedelta | None = None
    #: Days of the lookback; None: as in the setting lookback_days.
    lookback_days: int | None = None
    replication_key: str = "interval_start"
    #: The fingerprint of a definition in the settings; None: it is built in.
    fingerprint: SettingsFingerprint | None = None

    @property
    def has_interval(self) -> bool:
        """Whether the endpoint is queried by interval."""
        return any(placeholder in str(self.body) for placeholder in _PLACEHOLDERS)

    def body_for(self, interval: Interval | None) -> Document:
        """Return the body of the query of an interval."""
        if interval is None:
            return dict(self.body)
        values = (
            str(interval),
            format_timestamp(interval.start),
            # If the endpoint includes the end, the duplicates have the same key.
            format_timestamp(interval.end),
        )
        body: Document = replace_placeholders(
            self.body, dict(zip(_PLACEHOLDERS, values, strict=True))
        )
        return body

    def pages(
        self,
        client: GenesysClient,
        interval: Interval | None,
        count: RecordCount | None,
        part: Interval | None = None,
    ) -> Pages:
        """Yield the documents of an interval; halve it if it has too many results.

        ``part`` is the part of the interval to query; None: the whole interval.

        Raises:
            TooManyResultsError: A minute has more results than ``result_cap``.
            GenesysError: A document lacks a key field.
        """
        pages = post_pages(
            lambda body: client.post(self.path, body),
            self.body_for(part or interval),
            page_size=self.page_size,
            records_path=self.records_path,
            paging_key=self.paging_key,
            result_cap=self.result_cap,
            workers=client.workers,
        )
        try:
            for page in pages:
                if interval is not None:
                    self._check_total(page.total)
                if count is not None:
                    count.add_total(page.total)
                yield [
                    self._with_interval(decode_document(raw), interval)
                    for raw in page.documents
                ]
        except TooManyResultsError as error:
            queried = part or interval
            halves = queried.halves() if queried else None
            if halves is None:
                raise
            if count is not None:
                count.add_total(error.total)
            for half in halves:
                yield from self.pages(client, interval, None, half)

    def probe(self, client: GenesysClient, interval: Interval | None) -> None:
        """Request one document."""
        next(replace(self, page_size=1).pages(client, interval, None), None)

    def _check_total(self, total: int | None) -> None:
        """Raise an error if there may be more results than ``result_cap``.

        Some endpoints stop counting at the cap, so a total equal to the cap may be
        larger in truth.
        """
        if total is not None and total == self.result_cap:
            raise TooManyResultsError(total, total)

    def _with_interval(self, document: Document, interval: Interval | None) -> Document:
        """Return a document with its key fields as text, and its interval if any."""
        if INTERVAL_START in self.table.extra_fields and interval is not None:
            document = {**document, INTERVAL_START: format_timestamp(interval.start)}
        return with_complete_key(self.table, document)


class QueryReader(IntervalReader):
    """Reads a query endpoint by interval."""

    def __init__(
        self, client: GenesysClient, endpoint: QueryEndpoint, table: Table | None = None
    ) -> None:
        super().__init__(client, table or endpoint.table)
        self.endpoint = endpoint

    @override
    def plan(self, period: Period) -> Iterator[PlannedInterval]:
        reach = self.endpoint.reach
        if reach is None:
            yield from plan_days(period)
            return
        # The margin: time passes until the request arrives, and Genesys refuses
        # intervals that begin too early.
        earliest = period.now - reach + _MARGIN
        until = period.bookmark.until
        if until is None and period.start_is_set:
            until = period.start
        if until is not None and until < earliest:
            logger.warning(
                "%s: Genesys answers only the last %d days; the time from %s to %s can "
                "no longer be read.",
                self.table.name,
                reach.days,
                format_timestamp(until),
                format_timestamp(earliest),
            )
        period = replace(period, start=max(period.start, earliest))
        for planned in plan_days(period):
            if planned.interval.end > earliest:
                begin = max(planned.interval.start, earliest)
                yield replace(planned, interval=Interval(begin, planned.interval.end))

    @override
    def pages(self, planned: PlannedInterval, count: RecordCount) -> Pages:
        return self.endpoint.pages(self.client, planned.interval, count)

    @override
    def probe(self, now: datetime) -> None:
        self.endpoint.probe(self.client, Interval(now - timedelta(minutes=1), now))


class WholeQueryReader:
    """Reads a query endpoint as a whole."""

    def __init__(self, client: GenesysClient, endpoint: QueryEndpoint) -> None:
        self.client = client
        self.endpoint = endpoint

    def documents(self, count: RecordCount) -> Iterator[Document]:
        """Yield all documents; add their total to ``count``."""
        for page in self.endpoint.pages(self.client, None, count):
            yield from map(decode_document, page)

    def probe(self) -> None:
        """Request one document."""
        self.endpoint.probe(self.client, None)


def endpoint_from_settings(query: Mapping[str, Any]) -> QueryEndpoint:
    """Return the endpoint that an entry of the setting ``queries`` defines."""
    name, columns = f"POST {query['path']}", query.get("columns")
    table = table_from_settings(query["name"], name, query["key"], columns)
    # The tap adds this field itself, below.
    model = dict(model_fields(table.model))
    model.pop(INTERVAL_START, None)
    endpoint = QueryEndpoint(
        table=replace(table, model=model),
        path=query["path"],
        body=query.get("body") or {},
        records_path=query["records_path"],
        paging_key=query.get("paging_key"),
        page_size=query.get("page_size") or 100,
        result_cap=query.get("result_cap"),
        fingerprint=SettingsFingerprint.of(
            rows={"path": query["path"], "key": query["key"]},
            extent={name: query.get(name) for name in ("body", "records_path")},
        ),
    )
    if not endpoint.has_interval:
        return endpoint
    return replace(
        endpoint,
        table=replace(endpoint.table, extra_fields={INTERVAL_START: "date-time"}),
    )


def replace_placeholders(value: Any, values: Mapping[str, str]) -> Any:  # noqa: ANN401 (JSON)
    """Return JSON with placeholders in its texts replaced by their values."""
    if isinstance(value, str):
        for placeholder, text in values.items():
            value = value.replace(placeholder, text)
        return value
    if isinstance(value, list):
        return [replace_placeholders(item, values) for item in value]
    if isinstance(value, dict):
        return {
            name: replace_placeholders(item, values) for name, item in value.items()
        }
    return value
