"""The pages of lists of entities, in every form that there is."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

from genesys_cloud_sandbox.api.errors import invalid_parameter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from genesys_cloud_sandbox.world.timeline import Document

    Paging = Callable[["PageRequest", Sequence[Document]], object]

DEFAULT_PAGE_SIZE = 25
_PAGE_PARAMETERS = ("pageSize", "pageNumber", "after", "before", "nextPage")


class PageRequest(NamedTuple):
    """A request for a page of a list; the page size is one that the list allows."""

    path: str
    size: int = DEFAULT_PAGE_SIZE
    number: int = 1
    query: Mapping[str, str] = {}

    def link(self, **page: object) -> str:
        """Return the relative link to another page of the same list."""
        kept = {x: y for x, y in self.query.items() if x not in _PAGE_PARAMETERS}
        return f"{self.path}?{urlencode({'pageSize': self.size, **page, **kept})}"

    @property
    def uri(self) -> str:
        """The relative link to this page."""
        return f"{self.path}?{urlencode(self.query)}" if self.query else self.path


def pages(request: PageRequest, found: Sequence[Document]) -> Document:
    """Return a numbered page, with a count of pages."""
    count = -(-len(found) // request.size)
    page = _numbered(request, found, more=request.number < count)
    return page | {
        "total": len(found),
        "pageCount": count,
        "lastUri": request.link(pageNumber=max(1, count)),
    }


def pages_without_count(request: PageRequest, found: Sequence[Document]) -> Document:
    """Return a numbered page; the last one is the one without a next."""
    more = request.number * request.size < len(found)
    return _numbered(request, found, more=more)


def _numbered(
    request: PageRequest, found: Sequence[Document], *, more: bool
) -> Document:
    first = (request.number - 1) * request.size
    page: Document = {
        "entities": found[first : first + request.size],
        "pageSize": request.size,
        "pageNumber": request.number,
        "firstUri": request.link(pageNumber=1),
        "selfUri": request.link(pageNumber=request.number),
    }
    if more:
        page["nextUri"] = request.link(pageNumber=request.number + 1)
    if request.number > 1:
        page["previousUri"] = request.link(pageNumber=request.number - 1)
    return page


def cursors(request: PageRequest, found: Sequence[Document]) -> Document:
    """Return a page by a cursor before or after it, without a count."""
    if "before" in request.query:
        last = _position(request.query, "before", found)
        first = max(0, last - request.size)
    else:
        first = _position(request.query, "after", found) + 1
        last = min(first + request.size, len(found))
    page: Document = {"entities": found[first:last], "selfUri": request.uri}
    if last < len(found):
        page["nextUri"] = request.link(after=_cursor(found[last - 1]))
    if first:
        page["previousUri"] = request.link(before=_cursor(found[first]))
    return page


def next_pages(request: PageRequest, found: Sequence[Document]) -> Document:
    """Return a page by a cursor, with a count of pages all the same."""
    if "nextPage" in request.query:
        first = _position(request.query, "nextPage", found) + 1
    else:
        first = (request.number - 1) * request.size
    last = first + request.size
    page = {
        "entities": found[first:last],
        "pageSize": request.size,
        "total": len(found),
        "pageCount": -(-len(found) // request.size),
        "selfUri": request.uri,
    }
    if last < len(found):
        page["nextUri"] = request.link(nextPage=_cursor(found[last - 1]))
    return page


def whole(_request: PageRequest, found: Sequence[Document]) -> Document:
    """Return all entities, without a count."""
    return {"entities": found}


def whole_with_total(request: PageRequest, found: Sequence[Document]) -> Document:
    """Return all entities, with their number."""
    return {"total": len(found), "entities": found, "selfUri": request.path}


def whole_as_page(request: PageRequest, found: Sequence[Document]) -> Document:
    """Return all entities as if they were a page, whatever page is requested."""
    return pages(PageRequest(request.path, max(1, len(found))), found)


def array(_request: PageRequest, found: Sequence[Document]) -> Sequence[Document]:
    """Return all entities in a bare array."""
    return found


def single(_request: PageRequest, found: Sequence[Document]) -> Document:
    """Return the only entity there is."""
    return found[0]


def _cursor(entity: Document) -> str:
    return base64.urlsafe_b64encode(entity["id"].encode()).decode().rstrip("=")


def _position(query: Mapping[str, str], name: str, found: Sequence[Document]) -> int:
    """Return the position of the entity that a cursor is of; -1: there is no cursor."""
    if name not in query:
        return -1
    for position, entity in enumerate(found):
        if _cursor(entity) == query[name]:
            return position
    raise invalid_parameter(query[name], name, "it is no cursor.")
