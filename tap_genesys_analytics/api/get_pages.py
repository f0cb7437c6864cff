"""Pagination of lists by GET: which page to request next. Knows no HTTP.

Each page of a list leads to the next one: by ``pageNumber`` and ``pageCount``, a
``nextUri``, or an ``after`` cursor. Some lists have one page only; one list is a bare
array. Source: the listing models of the official SDK.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from tap_genesys_analytics.api.endless import EndlessPages
from tap_genesys_analytics.api.errors import ApiError
from tap_genesys_analytics.api.parallel import ReadAhead

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tap_genesys_analytics.api.parallel import Workers
    from tap_genesys_analytics.records.raw_documents import Document


#: A page size that every list accepts. If a list lowers it, its pages say so.
SAFE_PAGE_SIZE = 100


class Paging(Enum):
    """How a request names the page of a list."""

    NUMBERS = "pageNumber"
    LINKS = "nextUri"
    NONE = "none"


@dataclass(frozen=True)
class ListRequest:
    """A page to request."""

    path: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def __hash__(self) -> int:
        """Return a hash; the parameters themselves are not hashable."""
        return hash((self.path, str(self.params)))


@dataclass(frozen=True)
class EntityPage:
    """The entities of a page, and the total of the list; None if it names none."""

    entities: list[Document]
    total: int | None = None


def first_request(
    request: ListRequest, paging: Paging, page_size: int = SAFE_PAGE_SIZE
) -> ListRequest:
    """Return the request for the first page of a list."""
    if paging is Paging.NONE:
        return request
    params = {**request.params, "pageSize": page_size}
    if paging is Paging.NUMBERS:
        params["pageNumber"] = 1
    return replace(request, params=params)


def next_request(request: ListRequest, page: Any) -> ListRequest | None:  # noqa: ANN401 (JSON)
    """Return the request for the page after ``page``; None if the list ends.

    Uses the page size in ``page``, because lists silently lower a page size above their
    limit. A page with fewer entities than requested does not end a list.
    """
    if not isinstance(page, dict):
        return None
    page_count, number = page.get("pageCount"), request.params.get("pageNumber")
    if isinstance(page_count, int) and isinstance(number, int):
        if number >= page_count:
            return None
        size = page.get("pageSize") or request.params["pageSize"]
        params = {**request.params, "pageSize": size, "pageNumber": number + 1}
        return replace(request, params=params)
    if next_uri := page.get("nextUri"):
        # It is relative in most lists. Its host is ignored.
        parts = urlsplit(str(next_uri))
        return ListRequest(parts.path, parse_qs(parts.query))
    after = page.get("after") or (page.get("cursors") or {}).get("after")
    if after:
        return replace(request, params={**request.params, "after": after})
    return None


def get_pages(
    get: Callable[[ListRequest], Any],
    first: ListRequest,
    workers: Workers | None = None,
) -> Iterator[EntityPage]:
    """Yield the pages of a list in order; some are requested ahead.

    Raises:
        ApiError: The list does not end: it names a page again, repeats one, or has
            empty pages only.
    """
    request: ListRequest | None = first
    requested: set[ListRequest] = set()
    watched = EndlessPages()
    with ReadAhead(get, workers) as pages:
        while request is not None:
            document = pages.get(request)
            upcoming = next_request(request, document)
            page = _parse(document)
            requested.add(request)
            sign = watched.sign(page.entities)
            if upcoming in requested:
                sign = "the same page again and again"
            if sign:
                message = f"GET {request.path} answers {sign}"
                raise ApiError(message)
            if upcoming is not None:
                pages.prefetch(_likely_requests(upcoming, document))
            yield page
            request = upcoming


def _likely_requests(request: ListRequest, page: Document) -> Iterator[ListRequest]:
    """Yield the next request, and the requests that will follow it."""
    likely: ListRequest | None = request
    while likely is not None:
        yield likely
        if "pageNumber" not in likely.params:
            return
        likely = next_request(likely, page)


def _parse(document: Any) -> EntityPage:  # noqa: ANN401 (JSON)
    """Return the page in a response.

    Raises:
        ApiError: The response is neither an object nor a list.
    """
    if isinstance(document, list):
        return EntityPage(document, len(document))
    if not isinstance(document, dict):
        message = f"the response is not a list but {type(document).__name__}"
        raise ApiError(message)
    return EntityPage(document.get("entities") or [], document.get("total"))
