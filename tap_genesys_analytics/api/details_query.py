"""Details queries: read an interval completely, however many results it has."""

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

    #: The member of the query's body that a filter goes into, and the filter.
    FilterSlice = tuple[str, Filter]
    #: Returns filters of one dimension; every result should match one of them.
    SplitAxis = Callable[[], Sequence[FilterSlice]]

logger = logging.getLogger("tap-genesys")

#: The maximum number of results that a details query pages through. Source: the API's
#: error "Pagination may not exceed 100000 results".
RESULT_CAP = 100_000

#: If each half of an interval has this share of its results, a split by time is
#: useless: Genesys has answered for the whole day, whatever part was queried.
USELESS_SPLIT_SHARE = 0.9

#: Genesys' totals are approximate: two totals of the same results agree to this share.
TOTAL_ACCURACY = 0.99


@dataclass(frozen=True)
class QuerySlice:
    """A part of a query: an interval, narrowed by filters."""

    interval: Interval
    filters: Mapping[str, list[Filter]]
    axes: tuple[SplitAxis, ...] = ()
    by_time: bool = True

    def narrowed(self, filter_slice: FilterSlice) -> QuerySlice:
        """Return the slice narrowed by one filter of its first axis."""
        member, new_filter = filter_slice
        filters = {**self.filters, member: [*self.filters.get(member, ()), new_filter]}
        return replace(self, filters=filters, axes=self.axes[1:])


class DetailsQuery:
    """A query of details by interval, with a cap on the results of its pages.

    An interval with more results than the cap is split by time, down to a minute. If a
    split by time is useless, it is split by filters (``axes``).
    """

    def __init__(  # noqa: PLR0913 (each differs between details queries)
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
        """Yield the documents of an interval in pages; add their totals to ``count``.

        A document may come more than once.

        Raises:
            TooManyResultsError: A slice has too many results and cannot be split.
        """
        query_slice = QuerySlice(interval, self._filters, self._axes)
        try:
            yield from self._pages(query_slice, count)
        except TooManyResultsError as error:
            count.add_total(error.total)
            yield from self._split(query_slice, error, count)

    def total(self, interval: Interval) -> int | None:
        """Return Genesys' total for an interval, by one small request."""
        return self._total(QuerySlice(interval, self._filters))

    def _pages(
        self, query_slice: QuerySlice, count: RecordCount | None
    ) -> Iterator[list[RawDocument]]:
        """Yield the documents of a slice in pages; add its totals to ``count``."""
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
        """Yield the documents of a slice that has too many results, in parts."""
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
        total_of_parts = 0
        for part in parts:
            part_count = RecordCount()
            try:
                yield from self._pages(part, part_count)
            except TooManyResultsError as part_error:
                part_count.add_total(part_error.total)
                yield from self._split(part, part_error, count)
            total_of_parts += part_count.expected
        if by_filters and total_of_parts < TOTAL_ACCURACY * error.total:
            logger.warning(
                "%s has %d results or more, but its parts, split by filters, have only "
                "%d: some results may not be read.",
                query_slice.interval,
                error.total,
                total_of_parts,
            )

    def _parts(self, query_slice: QuerySlice, total: int) -> list[QuerySlice]:
        """Return the parts of a slice; none if it cannot be split."""
        halves = query_slice.interval.halves() if query_slice.by_time else None
        if halves:
            parts = [replace(query_slice, interval=half) for half in halves]
            totals = [self._total(half) or 0 for half in parts]
            if min(totals) < USELESS_SPLIT_SHARE * total:
                return parts
        query_slice = replace(query_slice, by_time=False)
        while query_slice.axes:
            if slices := query_slice.axes[0]():
                return [query_slice.narrowed(filter_slice) for filter_slice in slices]
            query_slice = replace(query_slice, axes=query_slice.axes[1:])
        return []

    def _total(self, query_slice: QuerySlice) -> int | None:
        """Return Genesys' total for a slice."""
        body = {**self._body(query_slice), "paging": {"pageSize": 1, "pageNumber": 1}}
        page = self._client.post(self._path, body, undecoded=self._member)
        return parse_page(page, self._member).total

    def _body(self, query_slice: QuerySlice) -> Document:
        """Return the body of a slice's query, without paging."""
        return {
            "interval": str(query_slice.interval),
            **self._order,
            **query_slice.filters,
        }
