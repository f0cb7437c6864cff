"""Details queries: an interval read completely, however much there is in it."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from tap_genesys_analytics.api.post_pages import (
    TooManyResultsError,
    body_pages,
    read_answer,
)
from tap_genesys_analytics.errors import ResultCapError
from tap_genesys_analytics.intervals.completeness import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tap_genesys_analytics.api.client import GenesysClient
    from tap_genesys_analytics.api.responses import PageItem
    from tap_genesys_analytics.intervals.interval import Interval
    from tap_genesys_analytics.records.tables import Document
    from tap_genesys_analytics.settings.filters import Filter

    #: A member of the query's body and a filter to put there.
    Cell = tuple[str, Filter]
    #: Cells that together let everything through.
    Dimension = Callable[[], Sequence[Cell]]

logger = logging.getLogger("tap-genesys")

#: Results that the pages of a details query reach. Source: the API's own refusal,
#: "Pagination may not exceed 100000 results".
RESULT_CAP = 100_000

#: Where each half of an interval has this share of its results, time is no help:
#: Genesys answers for whole days, whatever part of the day is asked for.
NO_HELP = 0.9

#: Numbers that Genesys names of the same results are this share of each other.
APPROXIMATELY = 0.99


@dataclass(frozen=True)
class Part:
    """A part of what is asked for: an interval, narrowed by filters."""

    interval: Interval
    filters: Mapping[str, list[Filter]]
    dimensions: tuple[Dimension, ...] = ()
    by_time: bool = True

    def narrowed(self, cell: Cell) -> Part:
        """Return what a cell of the next dimension lets through."""
        member, added = cell
        filters = {**self.filters, member: [*self.filters.get(member, ()), added]}
        return replace(self, filters=filters, dimensions=self.dimensions[1:])


class DetailsQuery:
    """A query that answers details by interval, in pages that end at a cap.

    An interval with more results than the pages reach is split: by time, down to a
    minute, and where time does not help, by filters that together let everything
    through.
    """

    def __init__(  # noqa: PLR0913 (what distinguishes one details query from another)
        self,
        client: GenesysClient,
        path: str,
        records_key: str,
        *,
        order: Mapping[str, str],
        filters: Mapping[str, list[Filter]],
        dimensions: Sequence[Dimension],
        page_size: int,
    ) -> None:
        self._client = client
        self._path = path
        self._records_key = records_key
        self._order = order
        self._filters = filters
        self._dimensions = tuple(dimensions)
        self._page_size = page_size
        self._cap = RESULT_CAP

    def pages(self, interval: Interval, tally: Tally) -> Iterator[list[PageItem]]:
        """Yield the records of an interval, by page; those of parts may come twice.

        Raises:
            TooManyResultsError: A part that cannot be split has too many results.
        """
        part = Part(interval, self._filters, self._dimensions)
        try:
            yield from self._pages(part, tally)
        except TooManyResultsError as error:
            tally.total(error.total)
            yield from self._split(part, error, tally)

    def total(self, interval: Interval) -> int | None:
        """Return how many records Genesys counts in an interval: one small request."""
        return self._total(Part(interval, self._filters))

    def _pages(self, part: Part, tally: Tally | None) -> Iterator[list[PageItem]]:
        """Yield the records of a part that the pages reach; note their total."""
        pages = body_pages(
            partial(self._client.post, self._path, records=self._records_key),
            self._body(part),
            page_size=self._page_size,
            records_path=self._records_key,
            result_cap=self._cap,
            workers=self._client.workers,
        )
        try:
            for page in pages:
                if tally is not None and page.records:
                    tally.total(page.total)
                yield page.records
        except ResultCapError as error:
            if error.cap >= self._cap:
                raise TooManyResultsError(error.cap + 1, error.cap) from error
            # The cap has been another before: with the one it is now, what is
            # behind it is not asked for.
            self._cap = error.cap
            yield from self._pages(part, tally)

    def _split(
        self, part: Part, error: TooManyResultsError, tally: Tally
    ) -> Iterator[list[PageItem]]:
        """Yield the records of the parts of a part that has too many results."""
        parts = self._parts(part, error.total)
        if not parts:
            raise error
        logger.info(
            "%s in %s: it is split into %d parts.", error, part.interval, len(parts)
        )
        by_filters = not parts[0].by_time
        tally.narrowed = tally.narrowed or by_filters
        found = 0
        for smaller in parts:
            counted = Tally()
            try:
                yield from self._pages(smaller, counted)
            except TooManyResultsError as smaller_error:
                counted.total(smaller_error.total)
                yield from self._split(smaller, smaller_error, tally)
            found += counted.expected
        if by_filters and found < APPROXIMATELY * error.total:
            logger.warning(
                "%s has %d results or more, but the parts into which it is split by "
                "filters have %d: the others may not be read.",
                part.interval,
                error.total,
                found,
            )

    def _parts(self, part: Part, total: int) -> list[Part]:
        """Return parts that together are the given one; none if it is indivisible."""
        halves = part.interval.halves() if part.by_time else None
        if halves:
            parts = [replace(part, interval=half) for half in halves]
            totals = [self._total(half) or 0 for half in parts]
            if min(totals) < NO_HELP * total:
                return parts
        part = replace(part, by_time=False)
        while part.dimensions:
            if cells := part.dimensions[0]():
                return [part.narrowed(cell) for cell in cells]
            part = replace(part, dimensions=part.dimensions[1:])
        return []

    def _total(self, part: Part) -> int | None:
        """Return how many records Genesys counts in a part."""
        body = {**self._body(part), "paging": {"pageSize": 1, "pageNumber": 1}}
        answer = self._client.post(self._path, body, records=self._records_key)
        return read_answer(answer, self._records_key).total

    def _body(self, part: Part) -> Document:
        """Return the body that asks for a part, but for the paging."""
        return {"interval": str(part.interval), **self._order, **part.filters}
