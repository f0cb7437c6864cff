"""The base of readers that read by interval."""

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

#: The maximum number of intervals read ahead: any of them may be large.
MAX_INTERVALS_AHEAD = 4


class IntervalReader(abc.ABC):
    """Reads the documents of intervals, for one run of one stream."""

    #: The watermark of jobs (UTC), set by ``plan``; None if jobs are not used.
    watermark: datetime | None = None

    def __init__(self, client: GenesysClient, table: Table) -> None:
        self.client = client
        self.table = table

    def plan(self, period: Period) -> Iterator[PlannedInterval]:
        """Yield the intervals to read, oldest first."""
        return plan_days(period)

    @abc.abstractmethod
    def pages(self, planned: PlannedInterval, count: RecordCount) -> Pages:
        """Yield the documents of an interval in pages; add their totals to ``count``.

        Threads may call this for several intervals at once. It changes only ``count``.
        """

    @abc.abstractmethod
    def probe(self, now: datetime) -> None:
        """Send one cheap request that shows whether the stream can be read.

        Raises:
            GenesysError: The stream cannot be read.
        """

    def identify(self, document: Any, planned: PlannedInterval) -> tuple[str, bool]:  # noqa: ANN401 (a dictionary or a struct)
        """Return an id of a document, and whether Genesys' totals include it.

        Documents with the same id are duplicates.
        """
        # With the interval: the same key in the next one is a newer version.
        keys = (*self.table.key_fields, self.table.id_field)
        id_parts = (
            str(planned.interval.start),
            *(str(document.get(key)) for key in keys),
        )
        return "\0".join(id_parts), True

    def intervals_ahead(self, source: Source, max_pages: int) -> int:  # noqa: ARG002 (used by subclasses)
        """Return how many intervals may be read ahead of the current one.

        ``max_pages`` is the number of pages of the largest interval so far, 0 before
        the first. The result keeps all connections busy. More would need memory.
        """
        if not max_pages:
            return 1
        return min(
            ceil(self.client.workers.connections / max_pages), MAX_INTERVALS_AHEAD
        )

    def cancel(self) -> None:  # noqa: B027 (optional)
        """End the waits of threads that read ahead."""

    def close(self) -> None:  # noqa: B027 (optional)
        """Clean up at the end of the run."""
