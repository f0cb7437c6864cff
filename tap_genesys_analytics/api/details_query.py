"""Details queries: read an interval completely, however much is in it."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from tap_genesys_analytics.api.errors import ResultCapError
from tap_genesys_analytics.api.post_pages import (
    TooManyResultsError,
    parse_page,
    post_pages,
)
from tap_genesys_analytics.intervals.completeness import RecordCount

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tap_genesys_analytics.api.client import GenesysClient
    from tap_genesys_analytics.intervals.interval import Interval
    from tap_genesys_analytics.records.raw_documents import Document, RawDocument
    from tap_genesys_analytics.settings.filters import Filter

    #: A member of the query's body and a filter to put there.
    FilterSlice = tuple[str, Filter]
    #: Slices that together let everything through.
    SplitAxis = Callable[[], Sequence[FilterSlice]]

logger = logging.getLogger("tap-genesys")

#: The number of results that the pages of a details query reach. Source: the API's own
#: refusal, "Pagination may not exceed 100000 results".
RESULT_CAP = 100_000

#: If each half of an interval has this share of its results, splitting by time does not
#: help: Genesys answers for whole days, whatever part of a day is queried.
NO_HELP = 0.9

#: Totals that Genesys names for the same results differ by less than this share.
APPROXIMATELY = 0.99


@dataclass(frozen=True)
class QuerySlice:
    """A slice of what is queried: an interval, narrowed by filters."""

    interval: Interval
    filters: Mapping[str, list[Filter]]
    axes: tuple[SplitAxis, ...] = ()
    by_time: bool = True

    def narrowed(self, filter_slice: FilterSlice) -> QuerySlice:
        """Return what one filter of the next axis lets through."""
        member, added = filter_slice
        filters = {**self.filters, member: [*self.filters.get(member, ()), added]}
        return replace(self, filters=filters, axes=self.axes[1:])


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
        member: str,
        *,
        order: Mapping[str, str],
        filters: Mapping[str, list[Filter]],
        axes: Sequence[SplitAxis],
        page_size: int,
    ) -> None:
        self._client = client
        self._path = path
        self._member = member
        self._order = order
        self._filters = filters
        self._axes = tuple(axes)
        self._page_size = page_size
        self._cap = RESULT_CAP

    def pages(
        self, interval: Interval, count: RecordCount
    ) -> Iterator[list[RawDocument]]:
        """Yield the documents of an interval by page; some may come twice.

        Raises:
            TooManyResultsError: A slice that cannot be split has too many results.
        """
        query_slice = QuerySlice(interval, self._filters, self._axes)
        try:
            yield from self._pages(query_slice, count)
        except TooManyResultsError as error:
            count.add_total(error.total)
            yield from self._split(query_slice, error, count)

    def total(self, interval: Interval) -> int | None:
        """Return Genesys' total of an interval: one small request."""
        return self._total(QuerySlice(interval, self._filters))

    def _pages(
        self, query_slice: QuerySlice, count: RecordCount | None
    ) -> Iterator[list[RawDocument]]:
        """Yield the documents of a slice that pages reach; note their total."""
        cap = self._cap
        pages = post_pages(
            partial(self._client.post, self._path, undecoded=self._member),
            self._body(query_slice),
            page_size=self._page_size,
            records_path=self._member,
            result_cap=cap,
            workers=self._client.workers,
        )
        try:
            for page in pages:
                if count is not None and page.documents:
                    count.add_total(page.total)
                yield page.documents
        except ResultCapError as error:
            if error.cap >= cap:
                total = max(self._total(query_slice) or 0, error.cap + 1)
                raise TooManyResultsError(total, error.cap) from error
            # The cap is lower than these pages took it to be. Read again, the first
            # page says whether the slice has more results than that. Slices that are
            # read at the same time may have lowered the cap already.
            self._cap = min(self._cap, error.cap)
            yield from self._pages(query_slice, count)

    def _split(
        self, query_slice: QuerySlice, error: TooManyResultsError, count: RecordCount
    ) -> Iterator[list[RawDocument]]:
        """Yield the documents of a slice with too many results, in smaller slices."""
        parts = self._parts(query_slice, error.total)
        if not parts:
            raise error
        logger.info(
            "%s in %s: it is split into %d parts.",
            error,
            query_slice.interval,
            len(parts),
        )
        by_filters = not parts[0].by_time
        count.split_by_filters = count.split_by_filters or by_filters
        found = 0
        for smaller in parts:
            counted = RecordCount()
            try:
                yield from self._pages(smaller, counted)
            except TooManyResultsError as smaller_error:
                counted.add_total(smaller_error.total)
                yield from self._split(smaller, smaller_error, count)
            found += counted.expected
        if by_filters and found < APPROXIMATELY * error.total:
            logger.warning(
                "%s has %d results or more, but the parts into which it is split by "
                "filters have %d: the others may not be read.",
                query_slice.interval,
                error.total,
                found,
            )

    def _parts(self, query_slice: QuerySlice, total: int) -> list[QuerySlice]:
        """Return slices that together are the given one; none if it is indivisible."""
        halves = query_slice.interval.halves() if query_slice.by_time else None
        if halves:
            parts = [replace(query_slice, interval=half) for half in halves]
            totals = [self._total(half) or 0 for half in parts]
            if min(totals) < NO_HELP * total:
                return parts
        query_slice = replace(query_slice, by_time=False)
        while query_slice.axes:
            if slices := query_slice.axes[0]():
                return [query_slice.narrowed(each) for each in slices]
            query_slice = replace(query_slice, axes=query_slice.axes[1:])
        return []

    def _total(self, query_slice: QuerySlice) -> int | None:
        """Return how many documents Genesys counts in a slice."""
        body = {**self._body(query_slice), "paging": {"pageSize": 1, "pageNumber": 1}}
        page = self._client.post(self._path, body, undecoded=self._member)
        return parse_page(page, self._member).total

    def _body(self, query_slice: QuerySlice) -> Document:
        """Return the body that queries a slice, without the paging."""
        return {
            "interval": str(query_slice.interval),
            **self._order,
            **query_slice.filters,
        }
