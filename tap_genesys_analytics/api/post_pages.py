"""Pagination by number in a POST body: which page to request next. Knows no HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tap_genesys_analytics.api.endless import EndlessPages
from tap_genesys_analytics.api.errors import ApiError, PageTooLargeError
from tap_genesys_analytics.api.parallel import ReadAhead
from tap_genesys_analytics.errors import GenesysError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tap_genesys_analytics.api.parallel import Workers
    from tap_genesys_analytics.records.raw_documents import Document, RawDocument


class TooManyResultsError(GenesysError):
    """A query has more results than its pages can reach."""

    def __init__(self, total: int, cap: int) -> None:
        super().__init__(
            f"the query has {total:,} results or more, but its pages end at {cap:,}"
        )
        self.total = total


@dataclass(frozen=True)
class Page:
    """A page to request: its size, and how many documents lie before it."""

    size: int
    offset: int = 0

    @property
    def number(self) -> int:
        """The page's number as the API counts: from 1, in pages of this size."""
        return self.offset // self.size + 1

    def smaller(self) -> Page | None:
        """Return a page that begins at the same document with half as many, or fewer.

        The size must divide the offset, or the page would begin elsewhere. None if
        the page is one document already.
        """
        for size in range(self.size // 2, 0, -1):
            if self.offset % size == 0:
                return Page(size, self.offset)
        return None

    def following(self, full_size: int) -> Page:
        """Return the page after this one: of the full size again where that fits."""
        offset = self.offset + self.size
        return Page(full_size if offset % full_size == 0 else self.size, offset)

    def within(self, cap: int | None) -> Page | None:
        """Return the part of this page that lies before the cap; None if none does.

        Genesys refuses a page whose number times its size is more than the cap.
        """
        if cap is None or self.offset + self.size <= cap:
            return self
        for size in range(cap - self.offset, 0, -1):
            if self.offset % size == 0:
                return Page(size, self.offset)
        return None


@dataclass(frozen=True)
class ResultPage:
    """What a page holds: its documents, and how many there are in all.

    ``page_count`` and ``total`` are None where the endpoint does not name them.
    """

    documents: list[RawDocument]
    page_count: int | None = None
    total: int | None = None
    page_size: int | None = None


def parse_page(document: Any, records_path: str) -> ResultPage:  # noqa: ANN401 (JSON)
    """Return the page in a response.

    ``records_path`` says where the documents are, with dots between levels; a response
    without them, like the ``{}`` after the last page, has none. ``pageCount`` stands
    at the root (searches, lists) or under ``paging`` (gateways), and not at all in
    the details queries, which answer ``totalHits``.

    Raises:
        ApiError: The response is no object.
    """
    if not isinstance(document, dict):
        message = f"the answer is no object but {type(document).__name__}"
        raise ApiError(message)
    documents: Any = document
    for key in records_path.split("."):
        documents = documents.get(key) if isinstance(documents, dict) else None
    paging = document.get("paging") or {}
    return ResultPage(
        documents=documents if isinstance(documents, list) else [],
        page_count=_first(paging.get("pageCount"), document.get("pageCount")),
        total=_first(document.get("totalHits"), document.get("total")),
        page_size=_first(paging.get("pageSize"), document.get("pageSize")),
    )


def next_page(page: Page, result: ResultPage, full_size: int) -> Page | None:
    """Return the page to request after this one; None where the query ends.

    A short page does not end the query, nor does an empty one whose own total lies
    further on: details queries drop duplicates from their pages, perhaps all documents
    of one. The end is determined anew on every page, because it moves while data
    arrives.
    """
    following = page.following(full_size)
    if result.page_count is not None:
        return following if page.number < result.page_count else None
    if result.total is not None and following.offset < result.total:
        return following
    # totalHits is approximate: a full page at its end may have more behind it.
    is_full = len(result.documents) >= page.size
    may_go_on = result.documents and (is_full or result.total is None)
    return following if may_go_on else None


def post_pages(  # noqa: PLR0913 (what distinguishes one paged endpoint from another)
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
    the body itself). A page that is too large to be sent is requested again in
    smaller pages, over the same documents.

    Raises:
        TooManyResultsError: The query has more results than ``result_cap``.
        PageTooLargeError: A single document is too large to be sent.
        ApiError: The endpoint sends a page again and again, or empty ones only.
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
            # Genesys lowers a page size that is above its own limit, and says so only
            # in the page.
            full_size = result.page_size or full_size
            page = Page(full_size)
        # Before the page is yielded: the caller may empty it.
        following = next_page(page, result, full_size)
        page = following and following.within(result_cap)
        if page is not None:
            pages.prefetch(likely_pages(page, result, full_size, result_cap))
        yield result
        if following is not None and page is None and result.total != following.offset:
            raise TooManyResultsError(following.offset + 1, following.offset)


def likely_pages(
    page: Page, result: ResultPage, full_size: int, result_cap: int | None
) -> Iterator[Page]:
    """Yield the page that comes next, and those that will follow it.

    As far as the last result tells: it may be wrong about the end.
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
            # The page that begins where the total ends is requested to confirm the end.
            return


def _with_page(body: Mapping[str, Any], page: Page, key: str | None) -> Document:
    """Return the body that requests a page."""
    paging = {"pageSize": page.size, "pageNumber": page.number}
    return {**body, **(paging if key is None else {key: paging})}


def _first(*values: Any) -> int | None:  # noqa: ANN401 (JSON)
    """Return the first whole number among the values."""
    for value in values:
        if isinstance(value, int) and not isinstance(value, bool):
            return value
    return None
