"""Pagination by number in a POST body: which page to request next. Knows no HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tap_genesys_analytics.api.endless import EndlessPages
from tap_genesys_analytics.api.errors import ApiError, PageTooLargeError
from tap_genesys_analytics.api.parallel import ReadAhead
from tap_genesys_analytics.errors import GenesysError
from tap_genesys_analytics.records.shapes import (
    Shape,
    UnexpectedResponseError,
    check_shape,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tap_genesys_analytics.api.parallel import Workers
    from tap_genesys_analytics.records.raw_documents import Document, RawDocument


class TooManyResultsError(GenesysError):
    """A query has more results than its pages may hold."""

    def __init__(self, total: int, cap: int) -> None:
        super().__init__(
            f"the query has {total:,} results or more, but its pages end at {cap:,}"
        )
        self.total = total


@dataclass(frozen=True)
class Page:
    """A page to request: its size, and the number of documents before it."""

    size: int
    offset: int = 0

    @property
    def number(self) -> int:
        """The API's number of the page: from 1, in pages of this size."""
        return self.offset // self.size + 1

    def smaller(self) -> Page | None:
        """Return a page of half the size or less that begins at the same document.

        Its size must divide the offset. None if the page is a single document.
        """
        for size in range(self.size // 2, 0, -1):
            if self.offset % size == 0:
                return Page(size, self.offset)
        return None

    def following(self, full_size: int) -> Page:
        """Return the next page, of the full size again if that divides its offset."""
        offset = self.offset + self.size
        return Page(full_size if offset % full_size == 0 else self.size, offset)

    def within(self, cap: int | None) -> Page | None:
        """Return the part of this page that lies before the cap; None if it is empty.

        Genesys refuses a page if its number times its size exceeds the cap.
        """
        if cap is None or self.offset + self.size <= cap:
            return self
        for size in range(cap - self.offset, 0, -1):
            if self.offset % size == 0:
                return Page(size, self.offset)
        return None


@dataclass(frozen=True)
class ResultPage:
    """A page of results: its documents and its envelope.

    Members of the envelope are None if the endpoint does not send them.
    """

    documents: list[RawDocument]
    page_count: int | None = None
    total: int | None = None
    page_size: int | None = None


class _Paging(Shape):
    page_count: int | None = None
    page_size: int | None = None


class _Envelope(_Paging):
    paging: _Paging | None = None
    total_hits: int | None = None
    total: int | None = None


def parse_page(document: Any, records_path: str) -> ResultPage:  # noqa: ANN401 (JSON)
    """Return the page in a response.

    ``records_path`` is the path to the documents, with dots between levels. If it does
    not exist, as in the ``{}`` after the last page, the page is empty. ``pageCount`` is
    at the root (searches, lists) or in ``paging`` (gateways). Details queries have
    ``totalHits`` instead.

    Raises:
        ApiError: The response is not an object.
    """
    if not isinstance(document, dict):
        message = f"the response is not an object but {type(document).__name__}"
        raise ApiError(message)
    check_shape(document, _Envelope, "A query")
    documents: Any = document
    for key in records_path.split("."):
        if documents is not None and not isinstance(documents, dict):
            break
        documents = documents and documents.get(key)
    if not isinstance(documents or [], list):
        message = f"{records_path} in the response is not a list"
        raise UnexpectedResponseError(message)
    paging = document.get("paging") or {}
    return ResultPage(
        documents=documents or [],
        page_count=_first(paging.get("pageCount"), document.get("pageCount")),
        total=_first(document.get("totalHits"), document.get("total")),
        page_size=_first(paging.get("pageSize"), document.get("pageSize")),
    )


def next_page(page: Page, result: ResultPage, full_size: int) -> Page | None:
    """Return the page to request after this one; None at the end of the query.

    A short or empty page does not end the query if its total is larger: details queries
    drop duplicates from their pages. The end is determined on every page, because it
    moves while data arrive.
    """
    upcoming = page.following(full_size)
    if result.page_count is not None:
        return upcoming if page.number < result.page_count else None
    if result.total is not None and upcoming.offset < result.total:
        return upcoming
    # totalHits is approximate: another page may follow a full page at the total.
    is_full = len(result.documents) >= page.size
    may_continue = result.documents and (is_full or result.total is None)
    return upcoming if may_continue else None


def post_pages(  # noqa: PLR0913 (each differs between endpoints)
    post: Callable[[Document], Document],
    body: Mapping[str, Any],
    *,
    page_size: int,
    records_path: str,
    paging_key: str | None = "paging",
    result_cap: int | None = None,
    workers: Workers | None = None,
) -> Iterator[ResultPage]:
    """Yield the pages of a query in order; some are requested ahead.

    ``paging_key`` is the member of the body that holds pageSize and pageNumber (None:
    the body itself). A page that is too large for one response is requested again in
    smaller pages.

    Raises:
        TooManyResultsError: The query has more results than ``result_cap``.
        PageTooLargeError: A single document is too large for one response.
        ApiError: The endpoint sends the same page repeatedly, or empty pages only.
    """

    def get(page: Page) -> Document:
        return post(_with_page(body, page, paging_key))

    with ReadAhead(get, workers) as pages:
        yield from _pages(pages, page_size, records_path, result_cap)


def _pages(
    pages: ReadAhead[Page, Document],
    full_size: int,
    records_path: str,
    result_cap: int | None,
) -> Iterator[ResultPage]:
    """Yield the pages of a query, in order."""
    page = Page(full_size).within(result_cap)
    watched = EndlessPages()
    while page is not None:
        try:
            result = parse_page(pages.get(page), records_path)
        except PageTooLargeError:
            page = page.smaller()
            if page is None:
                raise
            continue
        if result_cap is not None and (result.total or 0) > result_cap:
            raise TooManyResultsError(result.total or 0, result_cap)
        if sign := watched.sign(result.documents):
            message = f"the endpoint answers {sign}"
            raise ApiError(message)
        if page.offset == 0 and 0 < (result.page_size or 0) < page.size:
            # Genesys lowers a page size above its limit. Only the page says so.
            full_size = result.page_size or full_size
            page = Page(full_size)
        # Before the page is yielded: the caller may empty it.
        upcoming = next_page(page, result, full_size)
        page = upcoming and upcoming.within(result_cap)
        if page is not None:
            pages.prefetch(likely_pages(page, result, full_size, result_cap))
        yield result
        if upcoming is not None and page is None and result.total != upcoming.offset:
            raise TooManyResultsError(upcoming.offset + 1, upcoming.offset)


def likely_pages(
    page: Page, result: ResultPage, full_size: int, result_cap: int | None
) -> Iterator[Page]:
    """Yield the next page, and the pages that will probably follow it.

    The end is that of the last result, which may change.
    """
    likely: Page | None = page
    while likely is not None:
        yield likely
        likely = likely.following(full_size).within(result_cap)
        if likely is None:
            return
        if result.page_count is not None:
            if likely.number > result.page_count:
                return
        elif result.total is None or likely.offset > result.total:
            # A page that begins exactly at the total is requested, to confirm the end.
            return


def _with_page(body: Mapping[str, Any], page: Page, key: str | None) -> Document:
    """Return the body of the request for a page."""
    paging = {"pageSize": page.size, "pageNumber": page.number}
    return {**body, **(paging if key is None else {key: paging})}


def _first(*values: Any) -> int | None:  # noqa: ANN401 (JSON)
    """Return the first whole number among the values."""
    for value in values:
        if isinstance(value, int) and not isinstance(value, bool):
            return value
    return None
