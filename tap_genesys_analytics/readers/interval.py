"""What every reader of intervals has in common."""

from __future__ import annotations

import abc
from math import ceil
from typing import TYPE_CHECKING, Any

from tap_genesys_analytics.intervals.plan import plan_days

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from tap_genesys_analytics.api.client import GenesysClient
    from tap_genesys_analytics.intervals.completeness import RecordCount
    from tap_genesys_analytics.intervals.plan import Period, PlannedInterval, Source
    from tap_genesys_analytics.records.raw_documents import Pages
    from tap_genesys_analytics.records.tables import Table

#: The number of intervals read ahead at the most: the next one may be larger than all
#: so far.
MOST_AHEAD = 4


class IntervalReader(abc.ABC):
    """Reads the documents of intervals, for one run of one stream."""

    #: Up to when jobs have all data; None where none are used. Known after ``plan``.
    watermark: datetime | None = None

    def __init__(self, client: GenesysClient, table: Table) -> None:
        self.client = client
        self.table = table

    def plan(self, period: Period) -> Iterator[PlannedInterval]:
        """Yield the intervals to read, oldest first."""
        return plan_days(period)

    @abc.abstractmethod
    def pages(self, planned: PlannedInterval, count: RecordCount) -> Pages:
        """Yield the documents of an interval, in pages; note Genesys' totals.

        A thread may call this ahead of the interval's turn, so it changes nothing else.
        """

    @abc.abstractmethod
    def probe(self, now: datetime) -> None:
        """Send one cheap request that shows whether the stream can be read.

        Raises:
            GenesysError: It cannot.
        """

    def identify(self, document: Any, planned: PlannedInterval) -> tuple[str, bool]:  # noqa: ANN401 (a document, or a struct)
        """Return a document's id, and whether Genesys' totals include it."""
        # The same key in the next interval is a newer state of the record.
        keys = (*self.table.key_fields, self.table.id_field)
        parts = (str(planned.interval.start), *(str(document.get(key)) for key in keys))
        return "\0".join(parts), True

    def intervals_ahead(self, source: Source, most_pages: int) -> int:  # noqa: ARG002 (for readers that tell sources apart)
        """Return how many intervals may be read ahead of the current one.

        ``most_pages`` is the size of the largest interval so far, 0 if none was read.
        Enough intervals to keep all connections busy, and no more: what is read ahead
        is kept in memory.
        """
        if not most_pages:
            return 1
        return min(ceil(self.client.workers.connections / most_pages), MOST_AHEAD)

    def cancel(self) -> None:  # noqa: B027 (few readers have something to cancel)
        """Let threads that work ahead come to an end."""

    def close(self) -> None:  # noqa: B027 (few readers have something to clean up)
        """Clean up at the end of the run."""
