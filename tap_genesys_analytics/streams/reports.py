"""Reports about units of the organisation, read day by day."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from typing_extensions import override

from tap_genesys_analytics.api.get_pages import Ask, first_page, list_pages
from tap_genesys_analytics.api.reports import Reports
from tap_genesys_analytics.errors import GenesysError
from tap_genesys_analytics.intervals.buckets import Buckets, plan_buckets
from tap_genesys_analytics.intervals.interval import DAY, Interval, Reading, Source
from tap_genesys_analytics.streams.interval_stream import IntervalStream
from tap_genesys_analytics.streams.workforce import REPORTS, Asked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from tap_genesys_analytics.api.responses import Pages
    from tap_genesys_analytics.intervals.bookmarks import Bookmark
    from tap_genesys_analytics.intervals.completeness import Summary, Tally
    from tap_genesys_analytics.intervals.interval import Lookback
    from tap_genesys_analytics.records.record_builder import Row
    from tap_genesys_analytics.records.tables import Document
    from tap_genesys_analytics.streams.workforce import Report
    from tap_genesys_analytics.tap import TapGenesys

#: What lies ahead is asked for in stretches of this length.
_AHEAD = timedelta(weeks=1)


class ReportStream(IntervalStream):
    """Reads the reports of one kind."""

    def __init__(self, tap: TapGenesys, report: Report) -> None:
        self.report = report
        self.endpoint = f"POST {report.path}"
        self.permissions = report.permissions
        super().__init__(tap, report.table)
        self.replication_key = report.replication_key

    @property
    @override
    def bookmark_key(self) -> str:
        return self.report.replication_key

    @property
    @override
    def lookback(self) -> Lookback:
        lookback = super().lookback
        # Looking ahead goes with looking back.
        days = max(1, lookback.days) if self._ahead else lookback.days
        return replace(lookback, days=days)

    @property
    def _ahead(self) -> timedelta:
        """How far into the future to read: not at all where there is an end."""
        return timedelta() if self.config.get("end_date") else self.report.ahead

    @override
    def plan(
        self, start: datetime, end: datetime, now: datetime, summary: Summary
    ) -> Iterator[Reading]:
        before = after = self.check_state()
        days = Buckets.of("P1D", self.config["workforce_time_zone"])
        for reading in plan_buckets(
            after, start, end, now, buckets=days, lookback=self.lookback
        ):
            after = reading.after
            # It has looked back when it has looked ahead, too: a run that is
            # interrupted meanwhile does both again.
            yield self._not_done(reading, before) if self._ahead else reading
        if after.looked_back_at == before.looked_back_at:
            return
        horizon = end + self._ahead
        while end < horizon:
            interval = Interval(end, min(end + _AHEAD, horizon))
            reading = Reading(interval, Source.QUERY, after)
            end = interval.end
            yield reading if end == horizon else self._not_done(reading, before)

    @staticmethod
    def _not_done(reading: Reading, before: Bookmark) -> Reading:
        """Return a reading after which looking back is not done yet."""
        after = replace(reading.after, looked_back_at=before.looked_back_at)
        return replace(reading, after=after)

    @override
    def read(self) -> Iterator[Row]:
        self._reports = Reports(self.client)
        self._units = self._read_units()
        yield from super().read()

    @override
    def break_off(self) -> None:
        self._reports.stop()

    @override
    def pages(self, reading: Reading, tally: Tally) -> Pages:
        for asked in self._questions(reading.interval, self._units):
            path = self.report.path.format(id=asked.units[0])
            for found in self._reports.documents(path, self.report.body(asked)):
                documents = self.report.documents(found, asked)
                yield [self._with_key(document) for document in documents]

    @override
    def identify(self, document: Document, reading: Reading) -> tuple[str, bool]:
        # A shift comes whole in each of the days that it touches: that is no news.
        keys = (*self.table.key_fields, self.table.id_field)
        return "\0".join(str(document[key]) for key in keys), True

    @override
    def probe(self) -> None:
        now = self.tap.now()
        interval = Interval(now - DAY, now)
        for asked in self._questions(interval, self._read_units()[:1]):
            path = self.report.path.format(id=asked.units[0])
            self.client.post(path, self.report.body(asked))

    def _read_units(self) -> list[str]:
        """Return the ids of the units that there are."""
        listing = self.report.units
        pages = list_pages(
            lambda ask: self.client.get(ask.path, ask.params),
            first_page(Ask(listing.path), listing.paging),
        )
        return [unit["id"] for page in pages for unit in page.entities]

    def _questions(self, interval: Interval, units: list[str]) -> Iterator[Asked]:
        """Yield what to ask about an interval, for as many units as one request may."""
        size, zone = self.report.units_at_once, self.config["workforce_time_zone"]
        for first in range(0, len(units), size):
            yield Asked(interval, tuple(units[first : first + size]), zone)

    def _with_key(self, document: Document) -> Document:
        """Return a document whose key is complete.

        Raises:
            GenesysError: A part of it is missing.
        """
        for name in (*self.table.key_fields, self.table.id_field):
            if document.get(name) in {None, ""}:
                message = f"a record has no {name}, which is part of its key"
                raise GenesysError(message)
        return document


def streams(tap: TapGenesys) -> Iterator[ReportStream]:
    """Yield a stream for each report."""
    for report in REPORTS:
        yield ReportStream(tap, report)
