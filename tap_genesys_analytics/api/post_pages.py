"""Pages by number in a POST body: which one to ask for next. Knows no HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tap_genesys_analytics.api.parallel import ReadAhead
from tap_genesys_analytics.errors import ApiError, GenesysError, PageTooLargeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tap_genesys_analytics.api.parallel import Workers
    from tap_genesys_analytics.api.responses import PageItem
    from tap_genesys_analytics.records.tables import Document


class TooManyResultsError(GenesysError):
    """A query has more results than its pages can reach."""

    def __init__(self, total: int, cap: int) -> None:
        super().__init__(
            f"the query has {total:,} results or more, but its pages end at {cap:,}"
        )
        self.total = total


@dataclass(frozen=True)
class Page:
    """A page to ask for: its size, and how many records lie before it."""

    size: int
    offset: int = 0

    @property
    def number(self) -> int:
        """The page's number as the API counts: from 1, in pages of this size."""
        return self.offset // self.size + 1

    def smaller(self) -> Page | None:
        """Return a page that begins at the same record with half as many, or fewer.

        The size must divide the offset, or the page would begin at another record.
        None if one record is all there is.
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
class Answer:
    """What a paged answer says: its records, and how many there are in all.

    ``page_count`` and ``total`` are None where the endpoint does not tell.
    """

    records: list[PageItem]
    page_count: int | None = None
    total: int | None = None
    page_size: int | None = None


def read_answer(document: Any, records_path: str) -> Answer:  # noqa: ANN401 (JSON)
    """Return the paged answer in a document.

    ``records_path`` says where the records are, dots between levels; a document
    without them, like the ``{}`` after the last page, has none. ``pageCount`` stands
    at the root (searches, lists) or under ``paging`` (gateways), and not at all in
    the details queries, which answer ``totalHits``.

    Raises:
        ApiError: The document is no object.
    """
    if not isinstance(document, dict):
        message = f"the answer is no object but {type(document).__name__}"
        raise ApiError(message)
    records: Any = document
    for key in records_path.split("."):
        records = records.get(key) if isinstance(records, dict) else None
    paging = document.get("paging") or {}
    return Answer(
        records=records if isinstance(records, list) else [],
        page_count=_first(paging.get("pageCount"), document.get("pageCount")),
        total=_first(document.get("totalHits"), document.get("total")),
        page_size=_first(paging.get("pageSize"), document.get("pageSize")),
    )


def next_page(page: Page, answer: Answer, full_size: int) -> Page | None:
    """Return the page after an answered one; None where the query ends.

    A short page does not end it, nor an empty one whose own total lies further on:
    details queries drop duplicates from their pages, perhaps all that one holds. What
    the answer says of the end is looked at anew on every page, because it moves while
    data arrives.
    """
    following = page.following(full_size)
    if answer.page_count is not None:
        return following if page.number < answer.page_count else None
    if answer.total is not None and following.offset < answer.total:
        return following
    # totalHits is approximate: a full page at its end may have more behind it.
    is_full = len(answer.records) >= page.size
    may_go_on = answer.records and (is_full or answer.total is None)
    return following if may_go_on else None


def body_pages(  # noqa: PLR0913 (what distinguishes one paged endpoint from another)
    ask: Callable[[Document], Document],
    body: Mapping[str, Any],
    *,
    page_size: int,
    records_path: str,
    paging_key: str | None = "paging",
    result_cap: int | None = None,
    workers: Workers | None = None,
) -> Iterator[Answer]:
    """Yield the pages of a query, in order, some of them asked for ahead.

    ``paging_key`` is the member of the body that holds pageSize and pageNumber (None:
    the body itself). A page that is too large to be sent is asked for again in
    smaller pages, over the same records.

    Raises:
        TooManyResultsError: The query has more results than ``result_cap``.
        PageTooLargeError: A single record is too large to be sent.
        ApiError: The endpoint sends the same page again and again.
    """

    def get(page: Page) -> Document:
        return ask(_with_page(body, page, paging_key))

    with ReadAhead(get, workers) as pages:
        yield from _pages(pages, page_size, records_path, result_cap)


def _pages(
    pages: ReadAhead[Page, Document],
    full_size: int,
    records_path: str,
    result_cap: int | None,
) -> Iterator[Answer]:
    """Yield the pages of a query, in order."""
    page = Page(full_size).within(result_cap)
    previous: list[PageItem] = []
    while page is not None:
        try:
            answer = read_answer(pages.get(page), records_path)
        except PageTooLargeError:
            page = page.smaller()
            if page is None:
                raise
            continue
        if result_cap is not None and (answer.total or 0) > result_cap:
            raise TooManyResultsError(answer.total or 0, result_cap)
        ends = [*answer.records[:1], *answer.records[-1:]]
        if ends and ends == previous:
            message = "the endpoint answers every page number with the same records"
            raise ApiError(message)
        previous = ends
        if page.offset == 0 and 0 < (answer.page_size or 0) < page.size:
            # Genesys makes a page size smaller where it is above its own limit, and
            # says so only in the answer.
            full_size = answer.page_size or full_size
            page = Page(full_size)
        # Looked at before the page is taken: whoever takes it may empty it.
        following = next_page(page, answer, full_size)
        page = following and following.within(result_cap)
        if page is not None:
            pages.expect(likely_pages(page, answer, full_size, result_cap))
        yield answer
        if following is not None and page is None and answer.total != following.offset:
            raise TooManyResultsError(following.offset + 1, following.offset)


def likely_pages(
    page: Page, answer: Answer, full_size: int, result_cap: int | None
) -> Iterator[Page]:
    """Yield a page that will be asked for, and those that will be after it.

    As far as an answer tells: it may be wrong about the end.
    """
    likely: Page | None = page
    while likely is not None:
        yield likely
        likely = likely.following(full_size).within(result_cap)
        if likely is None:
            return
        if answer.page_count is not None:
            if likely.number > answer.page_count:
                return
        elif answer.total is None or likely.offset > answer.total:
            # A page that begins where the total ends is asked for to see that it does.
            return


def _with_page(body: Mapping[str, Any], page: Page, key: str | None) -> Document:
    """Return the body that asks for a page."""
    paging = {"pageSize": page.size, "pageNumber": page.number}
    return {**body, **(paging if key is None else {key: paging})}


def _first(*values: Any) -> int | None:  # noqa: ANN401 (JSON)
    """Return the first whole number among the values."""
    for value in values:
        if isinstance(value, int) and not isinstance(value, bool):
            return value
    return None
