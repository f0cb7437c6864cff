"""Completeness: the records read, held against the totals that Genesys names."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

#: How often an interval that does not add up is read again.
MAX_REREADS = 2


@dataclass
class RecordCount:
    """The records read of one interval or table, against Genesys' own totals.

    - ``previous_ids``: ids of the interval before; they may come again, and are not
      written again.
    - ``totals``: the totals that Genesys named meanwhile; they move while data arrives.
    - ``counted``: how many of the records read are included in those totals.
    """

    previous_ids: Collection[str] = ()
    ids: set[str] = field(default_factory=set)
    counted: int = 0
    pages: int = 0
    duplicates: int = 0
    rereads: int = 0
    totals: list[int] = field(default_factory=list)
    #: Whether the interval was split by filters, which may not let everything through.
    split_by_filters: bool = False

    def add(self, identifier: str, counts: bool) -> bool:  # noqa: FBT001 (a pair of identify)
        """Note a record; return False if it was already written."""
        known = identifier in self.ids
        if not known:
            self.ids.add(identifier)
            self.counted += counts
        if known or identifier in self.previous_ids:
            # In a re-read, known records are no surprise.
            self.duplicates += not self.rereads
            return False
        return True

    def add_total(self, total: int | None) -> None:
        """Note a total that Genesys named; None: it named none."""
        if total is not None:
            self.totals.append(total)

    def start_reread(self) -> None:
        """Forget the totals: the interval is read again, for what is missing."""
        self.rereads += 1
        self.totals.clear()

    @property
    def expected(self) -> int:
        """The number of records that Genesys counts at the least.

        The smallest total counts: arrivals explain the difference to the others.
        """
        return min(self.totals, default=0)

    @property
    def missing(self) -> int:
        """The number of records that should be there and were not read."""
        return max(0, self.expected - self.counted)


class RunMetric(Enum):
    """What is counted of each stream: a line in the log, and metrics of the SDK."""

    INTERVALS = "intervals"
    REQUESTS = "requests"
    RECORDS = "records"
    DUPLICATES = "duplicates_dropped"
    REREADS = "rereads"
    INCOMPLETE = "incomplete_intervals"
    TOO_MANY_REQUESTS = "too_many_requests"
    SECONDS_WAITED = "seconds_waited"


@dataclass
class StreamSummary:
    """Totals of one stream over the intervals of a run."""

    intervals: int = 0
    requests: int = 0
    records: int = 0
    duplicates: int = 0
    rereads: int = 0
    incomplete: int = 0
    too_many_requests: int = 0
    seconds_waited: float = 0
    watermark: datetime | None = None
    #: The number of pages of the largest interval.
    most_pages: int = 0

    def add(self, count: RecordCount) -> None:
        """Add the count of an interval."""
        self.intervals += 1
        self.most_pages = max(self.most_pages, count.pages)
        self.records += len(count.ids)
        self.duplicates += count.duplicates
        self.rereads += count.rereads
        self.incomplete += count.missing > 0

    def metrics(self) -> dict[RunMetric, int]:
        """Return the numbers by metric."""
        return {
            RunMetric.INTERVALS: self.intervals,
            RunMetric.REQUESTS: self.requests,
            RunMetric.RECORDS: self.records,
            RunMetric.DUPLICATES: self.duplicates,
            RunMetric.REREADS: self.rereads,
            RunMetric.INCOMPLETE: self.incomplete,
            RunMetric.TOO_MANY_REQUESTS: self.too_many_requests,
            RunMetric.SECONDS_WAITED: round(self.seconds_waited),
        }

    def text(self, now: datetime) -> str:
        """Return the summary as one line for the log."""
        words = [
            f"{value:,} {metric.value.replace('_', ' ')}"
            for metric, value in self.metrics().items()
        ]
        if self.watermark is not None:
            hours = (now - self.watermark).total_seconds() / 3600
            words.append(
                f"watermark {self.watermark:%Y-%m-%dT%H:%M:%SZ}, {hours:.1f} hours ago"
            )
        return ", ".join(words)
