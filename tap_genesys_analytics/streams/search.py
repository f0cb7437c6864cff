"""Searches: endpoints that answer a body in pages by number, and how they are asked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tap_genesys_analytics.api.post_pages import TooManyResultsError, body_pages
from tap_genesys_analytics.api.responses import document_of
from tap_genesys_analytics.intervals.definitions import Definition
from tap_genesys_analytics.intervals.timestamps import format_timestamp
from tap_genesys_analytics.records.keys import keyed
from tap_genesys_analytics.records.tables import Table, defined_table, fields_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from tap_genesys_analytics.api.client import GenesysClient
    from tap_genesys_analytics.api.responses import Pages
    from tap_genesys_analytics.intervals.completeness import Tally
    from tap_genesys_analytics.intervals.interval import Interval
    from tap_genesys_analytics.records.tables import Document

_PLACEHOLDERS = ("{interval}", "{start}", "{end}")

#: Column of a query that is asked interval by interval: where the interval began.
INTERVAL_START = "intervalStart"


@dataclass(frozen=True)
class Search:
    """An endpoint that answers a body in pages by number.

    ``{interval}``, ``{start}`` and ``{end}`` in the texts of the body stand for the
    interval that is asked for; without any, all there is is read in each run.
    """

    table: Table
    path: str
    body: Mapping[str, Any]
    records_path: str
    #: Member of the body that holds pageSize and pageNumber; None: the body itself.
    paging_key: str | None = None
    page_size: int = 100
    #: Results that the pages reach; None: no such limit is known.
    result_cap: int | None = None
    permissions: tuple[str, ...] = ()
    #: How far back it answers at all; None: no such limit is known.
    reach: timedelta | None = None
    #: Days that are read again; None: as the setting says.
    lookback_days: int | None = None
    replication_key: str = "interval_start"
    #: What a user defines of it; None: it is built in.
    definition: Definition | None = None

    @property
    def has_interval(self) -> bool:
        """Whether the body asks for an interval."""
        return any(mark in str(self.body) for mark in _PLACEHOLDERS)

    def body_for(self, interval: Interval | None) -> Document:
        """Return the body that asks for an interval."""
        if interval is None:
            return dict(self.body)
        values = (
            str(interval),
            format_timestamp(interval.start),
            # Included or not: what two intervals answer is told apart by its key.
            format_timestamp(interval.end),
        )
        body: Document = filled(
            self.body, dict(zip(_PLACEHOLDERS, values, strict=True))
        )
        return body

    def pages(
        self,
        client: GenesysClient,
        interval: Interval | None,
        tally: Tally | None,
        part: Interval | None = None,
    ) -> Pages:
        """Yield the records of an interval, asked for in halves where too many.

        ``part`` is the part of the interval that is asked for; None: all of it.

        Raises:
            TooManyResultsError: A minute has more results than the pages reach.
            GenesysError: A record lacks a part of its key.
        """
        pages = body_pages(
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
                if tally is not None:
                    tally.total(page.total)
                yield [
                    self._with_interval(document_of(item), interval)
                    for item in page.records
                ]
        except TooManyResultsError as error:
            asked = part or interval
            halves = asked.halves() if asked else None
            if halves is None:
                raise
            if tally is not None:
                tally.total(error.total)
            for half in halves:
                yield from self.pages(client, interval, None, half)

    def _check_total(self, total: int | None) -> None:
        """Raise an error where there may be more results than the pages reach.

        An endpoint that counts no further than that would name the same number for any
        that is larger.
        """
        if total is not None and total == self.result_cap:
            raise TooManyResultsError(total, total)

    def _with_interval(self, record: Document, interval: Interval | None) -> Document:
        """Return a record whose key is complete, with the interval where it has one."""
        if INTERVAL_START in self.table.added and interval is not None:
            record = {**record, INTERVAL_START: format_timestamp(interval.start)}
        return keyed(self.table, record)


def filled(value: Any, values: Mapping[str, str]) -> Any:  # noqa: ANN401 (JSON)
    """Return JSON with the placeholders in its texts replaced."""
    if isinstance(value, str):
        for mark, text in values.items():
            value = value.replace(mark, text)
        return value
    if isinstance(value, list):
        return [filled(item, values) for item in value]
    if isinstance(value, dict):
        return {name: filled(item, values) for name, item in value.items()}
    return value


def defined(query: Mapping[str, Any]) -> Search:
    """Return the search that an entry of the setting ``queries`` defines."""
    endpoint, columns = f"POST {query['path']}", query.get("columns")
    table = defined_table(query["name"], endpoint, query["key"], columns)
    # Not the record's own: it is added, where there are intervals.
    model = dict(fields_of(table.model))
    model.pop(INTERVAL_START, None)
    search = Search(
        table=replace(table, model=model),
        path=query["path"],
        body=query.get("body") or {},
        records_path=query["records_path"],
        paging_key=query.get("paging_key"),
        page_size=query.get("page_size") or 100,
        result_cap=query.get("result_cap"),
        definition=Definition.of(
            rows={"path": query["path"], "key": query["key"]},
            extent={name: query.get(name) for name in ("body", "records_path")},
        ),
    )
    if not search.has_interval:
        return search
    return replace(
        search, table=replace(search.table, added={INTERVAL_START: "date-time"})
    )
