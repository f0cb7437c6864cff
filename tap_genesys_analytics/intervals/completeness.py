"""Completeness: the records read, compared with Genesys' own totals."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

#: How many times an incomplete interval is read again.
MAX_REREADS = 2


@dataclass
class RecordCount:
    """The records read from one interval or table, and Genesys' totals.

    - ``previous_ids``: the ids of the previous interval. Records with these ids are
      duplicates.
    - ``totals``: the totals in Genesys' responses. They change while data arrive.
    - ``counted``: how many of the records read are included in the totals.
    """

    previous_ids: Collection[str] = ()
    ids: set[str] = field(default_factory=set)
    counted: int = 0
    pages: int = 0
    duplicates: int = 0
    rereads: int = 0
    totals: list[int] = field(default_factory=list)
    #: The number of documents that are no JSON objects, so that they could not be read.
    malformed: int = 0
    #: The owners whose lists Genesys refused.
    refused_owners: list[str] = field(default_factory=list)
    #: Whether the interval was split by filters, which some records may not match.
    split_by_filters: bool = False

    def add(self, identifier: str, counts: bool) -> bool:  # noqa: FBT001 (a pair of identify)
        """Count a record; return False if it is a duplicate."""
        is_known = identifier in self.ids
        if not is_known:
            self.ids.add(identifier)
            self.counted += counts
        if is_known or identifier in self.previous_ids:
            # Rereading an interval repeats its records: these are not counted.
            self.duplicates += not self.rereads
            return False
        return True

    def add_total(self, total: int | None) -> None:
        """Add a total from a response; None: the response had none."""
        if total is not None:
            self.totals.append(total)

    def start_reread(self) -> None:
        """Prepare to read the interval again: clear the totals, keep the ids."""
        self.rereads += 1
        self.totals.clear()

    @property
    def expected(self) -> int:
        """The smallest of Genesys' totals; new data explain larger ones."""
        return min(self.totals, default=0)

    @property
    def missing(self) -> int:
        """The number of records that Genesys counts and that were not read."""
        return max(0, self.expected - self.counted)


class RunMetric(Enum):
    """What is counted for each stream, for the log and as SDK metrics."""

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
    max_pages: int = 0

    def add(self, count: RecordCount) -> None:
        """Add the count of an interval."""
        self.intervals += 1
        self.max_pages = max(self.max_pages, count.pages)
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
