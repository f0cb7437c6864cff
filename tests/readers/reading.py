"""What the tests of readers share: periods, and what was requested and answered."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from tap_genesys_analytics.intervals.bookmarks import Bookmark
from tap_genesys_analytics.intervals.interval import DAY, Interval
from tap_genesys_analytics.intervals.plan import (
    Lookback,
    Period,
    PlannedInterval,
    Source,
)
from tap_genesys_analytics.records.raw_documents import decode_document

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tap_genesys_analytics.records.raw_documents import RawDocument
    from tests.conftest import ScriptedGenesys

#: Three days of March 2026, and a moment of the third.
FIRST = datetime(2026, 3, 2, tzinfo=timezone.utc)
SECOND = FIRST + DAY
THIRD = SECOND + DAY
NOW = THIRD + timedelta(hours=15)

NO_LOOKBACK = Lookback(days=0)


def period(
    bookmark: Bookmark | None = None,
    *,
    start: datetime = FIRST,
    end: datetime = NOW,
    lookback: Lookback = NO_LOOKBACK,
    start_is_set: bool = False,
) -> Period:
    """Return what a run at ``NOW`` is asked to read."""
    return Period(bookmark or Bookmark(), start, end, NOW, lookback, start_is_set)


def planned(
    start: datetime = FIRST, end: datetime = SECOND, source: Source = Source.QUERY
) -> PlannedInterval:
    """Return a planned interval: the first day, unless another is given."""
    return PlannedInterval(Interval(start, end), source, Bookmark(end))


def spans(intervals: Iterable[PlannedInterval]) -> list[tuple[Source, str]]:
    """Return the source and the span of planned intervals, as ``day hour``."""
    return [
        (each.source, f"{each.interval.start:%d %H} to {each.interval.end:%d %H}")
        for each in intervals
    ]


def documents(pages: Iterable[list[RawDocument]]) -> list[dict[str, Any]]:
    """Return the documents of all pages."""
    return [decode_document(each) for page in pages for each in page]


def asked(genesys: ScriptedGenesys) -> list[str]:
    """Return the requests, each as method and path."""
    return [f"{request.method} {request.path}" for request in genesys.requests]


def bodies(genesys: ScriptedGenesys, member: str) -> list[Any]:
    """Return what a member of the body was in each POST request."""
    return [
        request.json[member] for request in genesys.requests if request.method == "POST"
    ]
