"""Lists of entities by GET: which page to ask for next. Knows no HTTP.

The API pages its lists in several ways, and says in each answer how it goes on:
``pageNumber`` of ``pageCount``, a ``nextUri``, an ``after`` cursor, or not at all; one
list is a bare array. Source: the listing models of the official SDK.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from tap_genesys_analytics.api.parallel import ReadAhead
from tap_genesys_analytics.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tap_genesys_analytics.api.parallel import Workers
    from tap_genesys_analytics.records.tables import Document


#: Page size that every list takes; what a list lowers, it says in its answer.
SAFE_PAGE_SIZE = 100


class Paging(Enum):
    """What a list wants to know of the page that is asked for."""

    NUMBERS = "pageNumber"
    LINKS = "nextUri"
    NONE = "none"


@dataclass(frozen=True)
class Ask:
    """A page to ask for."""

    path: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def __hash__(self) -> int:
        """Return a hash, for all that parameters have none."""
        return hash((self.path, str(self.params)))


@dataclass(frozen=True)
class ListPage:
    """The entities of a page, and how many the list says it has in all."""

    entities: list[Document]
    total: int | None = None


def first_page(ask: Ask, paging: Paging, page_size: int = SAFE_PAGE_SIZE) -> Ask:
    """Return the first page of a list."""
    if paging is Paging.NONE:
        return ask
    params = {**ask.params, "pageSize": page_size}
    if paging is Paging.NUMBERS:
        params["pageNumber"] = 1
    return replace(ask, params=params)


def next_ask(ask: Ask, answer: Any) -> Ask | None:  # noqa: ANN401 (JSON)
    """Return the page after an answered one; None where the list ends.

    The page size of the answer counts: lists lower one that is above their own limit
    without a word. A page with fewer entities than asked for does not end a list.
    """
    if not isinstance(answer, dict):
        return None
    page_count, number = answer.get("pageCount"), ask.params.get("pageNumber")
    if isinstance(page_count, int) and isinstance(number, int):
        if number >= page_count:
            return None
        size = answer.get("pageSize") or ask.params["pageSize"]
        return replace(
            ask, params={**ask.params, "pageSize": size, "pageNumber": number + 1}
        )
    if next_uri := answer.get("nextUri"):
        # Relative, in most lists; the host is ours in any case.
        parts = urlsplit(str(next_uri))
        return Ask(parts.path, parse_qs(parts.query))
    after = answer.get("after") or (answer.get("cursors") or {}).get("after")
    if after:
        return replace(ask, params={**ask.params, "after": after})
    return None


def list_pages(
    get: Callable[[Ask], Any], first: Ask, workers: Workers | None = None
) -> Iterator[ListPage]:
    """Yield the pages of a list, in order, some of them asked for ahead.

    Raises:
        ApiError: The list answers one page again and again.
    """
    ask: Ask | None = first
    previous: list[Document] = []
    with ReadAhead(get, workers) as pages:
        while ask is not None:
            answer = pages.get(ask)
            following = next_ask(ask, answer)
            page = _read(answer)
            if following == ask or (page.entities and page.entities == previous):
                message = f"GET {ask.path} answers the same page again and again"
                raise ApiError(message)
            if following is not None:
                pages.expect(_likely(following, answer))
            yield page
            previous, ask = page.entities, following


def _likely(ask: Ask, answer: Document) -> Iterator[Ask]:
    """Yield a page that will be asked for, and those that will be after it."""
    likely: Ask | None = ask
    while likely is not None:
        yield likely
        if "pageNumber" not in likely.params:
            return
        likely = next_ask(likely, answer)


def _read(answer: Any) -> ListPage:  # noqa: ANN401 (JSON)
    """Return what is in an answer.

    Raises:
        ApiError: It is neither an object nor a list.
    """
    if isinstance(answer, list):
        return ListPage(answer, len(answer))
    if not isinstance(answer, dict):
        message = f"the answer is no list but {type(answer).__name__}"
        raise ApiError(message)
    return ListPage(answer.get("entities") or [], answer.get("total"))
