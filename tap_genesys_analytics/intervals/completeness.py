"""How much of an interval was read, against how much Genesys says there is."""

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
class Tally:
    """What was read of one interval.

    ``before`` are the ids of the interval before it: they may come again, and are not
    written again. ``totals`` are the numbers of records that Genesys named while the
    interval was read; they move while data arrives. ``counted`` is the number of
    records read that those numbers speak of.
    """

    before: Collection[str] = ()
    ids: set[str] = field(default_factory=set)
    counted: int = 0
    pages: int = 0
    duplicates: int = 0
    rereads: int = 0
    totals: list[int] = field(default_factory=list)
    #: Whether it was split by filters, which may not let everything through.
    narrowed: bool = False

    def add(self, identifier: str, counts: bool) -> bool:  # noqa: FBT001 (a pair of identify)
        """Note a record; False if it is written already."""
        known = identifier in self.ids
        if not known:
            self.ids.add(identifier)
            self.counted += counts
        if known or identifier in self.before:
            # Whatever is read once more is known, and no surprise.
            self.duplicates += not self.rereads
            return False
        return True

    def total(self, total: int | None) -> None:
        """Note a number of records that Genesys named; None: it named none."""
        if total is not None:
            self.totals.append(total)

    def read_again(self) -> None:
        """Forget the totals: the interval is read once more, for what is missing."""
        self.rereads += 1
        self.totals.clear()

    @property
    def expected(self) -> int:
        """How many records Genesys counts at the least.

        Arrivals explain the difference between the smallest number and the others.
        """
        return min(self.totals, default=0)

    @property
    def missing(self) -> int:
        """How many records were not read that should be there."""
        return max(0, self.expected - self.counted)


class Figure(Enum):
    """What a summary counts: in the log, and as metrics of the SDK."""

    INTERVALS = "intervals"
    REQUESTS = "requests"
    RECORDS = "records"
    DUPLICATES = "duplicates_dropped"
    REREADS = "rereads"
    INCOMPLETE = "incomplete_intervals"
    TOO_MANY_REQUESTS = "too_many_requests"
    SECONDS_WAITED = "seconds_waited"


@dataclass
class Summary:
    """What a run read of one stream."""

    intervals: int = 0
    requests: int = 0
    records: int = 0
    duplicates: int = 0
    rereads: int = 0
    incomplete: int = 0
    too_many_requests: int = 0
    seconds_waited: float = 0
    watermark: datetime | None = None
    #: Pages of the interval that had the most of them.
    most_pages: int = 0

    def add(self, tally: Tally) -> None:
        """Add what was read of an interval."""
        self.intervals += 1
        self.most_pages = max(self.most_pages, tally.pages)
        self.records += len(tally.ids)
        self.duplicates += tally.duplicates
        self.rereads += tally.rereads
        self.incomplete += tally.missing > 0

    def figures(self) -> dict[Figure, int]:
        """Return the numbers."""
        return {
            Figure.INTERVALS: self.intervals,
            Figure.REQUESTS: self.requests,
            Figure.RECORDS: self.records,
            Figure.DUPLICATES: self.duplicates,
            Figure.REREADS: self.rereads,
            Figure.INCOMPLETE: self.incomplete,
            Figure.TOO_MANY_REQUESTS: self.too_many_requests,
            Figure.SECONDS_WAITED: round(self.seconds_waited),
        }

    def text(self, now: datetime) -> str:
        """Return the summary as one line."""
        words = [
            f"{value:,} {figure.value.replace('_', ' ')}"
            for figure, value in self.figures().items()
        ]
        if self.watermark is not None:
            hours = (now - self.watermark).total_seconds() / 3600
            words.append(
                f"watermark {self.watermark:%Y-%m-%dT%H:%M:%SZ}, {hours:.1f} hours ago"
            )
        return ", ".join(words)
