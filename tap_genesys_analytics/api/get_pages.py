"""Pagination of lists by GET: which page to request next. Knows no HTTP.

Each page of a list leads to the next one: by ``pageNumber`` and ``pageCount``, a
``nextUri``, or an ``after`` cursor. Some lists have one page only; one list is a bare
array. Source: the listing models of the official SDK.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from tap_genesys_analytics.api.endless import EndlessPages
from tap_genesys_analytics.api.errors import ApiError
from tap_genesys_analytics.api.parallel import ReadAhead
from tap_genesys_analytics.records.shapes import (
    Shape,
    UnexpectedResponseError,
    check_shape,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tap_genesys_analytics.api.parallel import Workers
    from tap_genesys_analytics.records.raw_documents import Document


logger = logging.getLogger("tap-genesys")

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
    #: The number of entities that are no JSON objects.
    malformed: int = 0


#: A path on the API's host. Anything else could change the host of a request.
_PATH = re.compile(r"/(?!/)[!-\[\]-~]*")


class _Cursors(Shape):
    after: str | int | None = None


class _EntityList(Shape):
    entities: list[Any] | None = None
    total: int | None = None
    page_count: int | None = None
    page_size: int | None = None
    next_uri: str | None = None
    after: str | int | None = None
    cursors: _Cursors | None = None


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
        parts = urlsplit(next_uri)
        if not _PATH.fullmatch(parts.path):
            message = f"GET {request.path} names a next page without a valid path"
            raise UnexpectedResponseError(message)
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
            page = _parse(request, document)
            upcoming = next_request(request, document)
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


def _parse(request: ListRequest, document: Any) -> EntityPage:  # noqa: ANN401 (JSON)
    """Return the page in a response.

    Raises:
        UnexpectedResponseError: It has not the form of a list.
    """
    source = f"GET {request.path}"
    # Only a list that is not paged may be a bare array.
    if isinstance(document, list) and "pageSize" not in request.params:
        return _page(source, document, len(document))
    check_shape(document, _EntityList, source)
    return _page(source, document.get("entities") or [], document.get("total"))


def _page(source: str, entities: list[Any], total: int | None) -> EntityPage:
    """Return a page of those entities that are JSON objects; warn of others."""
    found = []
    for position, entity in enumerate(entities):
        if isinstance(entity, dict):
            found.append(entity)
        else:
            logger.warning("%s: entity %d is not an object.", source, position)
    return EntityPage(found, total, len(entities) - len(found))
