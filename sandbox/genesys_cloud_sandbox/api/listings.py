"""Lists of entities, in pages of each kind that there is. Pure."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

from genesys_cloud_sandbox.api.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from genesys_cloud_sandbox.world.timeline import Document

    Paging = Callable[["Asked", Sequence[Document]], object]

DEFAULT_PAGE_SIZE = 25
_PLACES = ("pageSize", "pageNumber", "after", "before", "nextPage")


class Asked(NamedTuple):
    """What a request for a list says; the page size is one that the list allows."""

    path: str
    size: int = DEFAULT_PAGE_SIZE
    number: int = 1
    query: Mapping[str, str] = {}

    def link(self, **place: object) -> str:
        """A relative link to another part of the same list."""
        kept = {name: x for name, x in self.query.items() if name not in _PLACES}
        return f"{self.path}?{urlencode({'pageSize': self.size, **place, **kept})}"

    @property
    def uri(self) -> str:
        """The request itself."""
        return f"{self.path}?{urlencode(self.query)}" if self.query else self.path


def pages(asked: Asked, found: Sequence[Document]) -> Document:
    """Page by page, with a count of them."""
    count = -(-len(found) // asked.size)
    page = _numbered(asked, found) | {
        "total": len(found),
        "pageCount": count,
        "lastUri": asked.link(pageNumber=max(1, count)),
    }
    return page | _neighbours(asked, more=asked.number < count)


def pages_without_count(asked: Asked, found: Sequence[Document]) -> Document:
    """Page by page: the last one is the one without a next."""
    more = asked.number * asked.size < len(found)
    return _numbered(asked, found) | _neighbours(asked, more=more)


def _numbered(asked: Asked, found: Sequence[Document]) -> Document:
    first = (asked.number - 1) * asked.size
    return {
        "entities": found[first : first + asked.size],
        "pageSize": asked.size,
        "pageNumber": asked.number,
        "firstUri": asked.link(pageNumber=1),
        "selfUri": asked.link(pageNumber=asked.number),
    }


def _neighbours(asked: Asked, *, more: bool) -> Document:
    links: Document = {}
    if more:
        links["nextUri"] = asked.link(pageNumber=asked.number + 1)
    if asked.number > 1:
        links["previousUri"] = asked.link(pageNumber=asked.number - 1)
    return links


def cursors(asked: Asked, found: Sequence[Document]) -> Document:
    """From one entity on to the next ones; nothing tells how many there are."""
    if "before" in asked.query:
        last = _place(asked.query, "before", found)
        first = max(0, last - asked.size)
    else:
        first = _place(asked.query, "after", found) + 1
        last = min(first + asked.size, len(found))
    page: Document = {"entities": found[first:last], "selfUri": asked.uri}
    if last < len(found):
        page["nextUri"] = asked.link(after=_cursor(found[last - 1]))
    if first:
        page["previousUri"] = asked.link(before=_cursor(found[first]))
    return page


def next_pages(asked: Asked, found: Sequence[Document]) -> Document:
    """From one entity on to the next ones, with a count of pages all the same."""
    if "nextPage" in asked.query:
        first = _place(asked.query, "nextPage", found) + 1
    else:
        first = (asked.number - 1) * asked.size
    last = first + asked.size
    page = {
        "entities": found[first:last],
        "pageSize": asked.size,
        "total": len(found),
        "pageCount": -(-len(found) // asked.size),
        "selfUri": asked.uri,
    }
    if last < len(found):
        page["nextUri"] = asked.link(nextPage=_cursor(found[last - 1]))
    return page


def _cursor(entity: Document) -> str:
    return base64.urlsafe_b64encode(entity["id"].encode()).decode().rstrip("=")


def _place(query: Mapping[str, str], name: str, found: Sequence[Document]) -> int:
    """The place of the entity that a cursor stands for; -1: there is no cursor."""
    if name not in query:
        return -1
    for place, entity in enumerate(found):
        if _cursor(entity) == query[name]:
            return place
    raise ApiError(
        400,
        "invalid.query.param.value",
        f"Value [{query[name]}] is not valid for parameter [{name}]: it is no cursor.",
        value=query[name],
        parameter=name,
    )


def as_in_the_tutorial(
    documents: Sequence[Document], size: int, number: int, total: int
) -> Document:
    """A page of a query in the form that an old tutorial shows, and no API has."""
    paging = {"pageSize": size, "pageNumber": number, "pageCount": -(-total // size)}
    return {"data": documents, "paging": paging}


def whole(_asked: Asked, found: Sequence[Document]) -> Document:
    """Everything, and nothing about it."""
    return {"entities": found}


def whole_with_total(asked: Asked, found: Sequence[Document]) -> Document:
    """Everything, with its number."""
    return {"total": len(found), "entities": found, "selfUri": asked.path}


def whole_as_page(asked: Asked, found: Sequence[Document]) -> Document:
    """Everything in what looks like a page, whatever page is asked for."""
    asked = Asked(asked.path, max(1, len(found)))
    return pages(asked, found)


def array(_asked: Asked, found: Sequence[Document]) -> Sequence[Document]:
    """Everything in a bare array."""
    return found


def single(_asked: Asked, found: Sequence[Document]) -> Document:
    """The only one there is."""
    return found[0]
