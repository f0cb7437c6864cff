"""The searches by POST: how each is paged, and their endpoints."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from genesys_cloud_sandbox.api import search_results as results
from genesys_cloud_sandbox.api.bodies import read_body
from genesys_cloud_sandbox.api.errors import bad_request, constraint_violated
from genesys_cloud_sandbox.api.paging import DEFAULT_PAGE_SIZE, PageRequest, pages
from genesys_cloud_sandbox.api.responses import post_route
from genesys_cloud_sandbox.world.times import milliseconds

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.requests import Request
    from starlette.routing import Route

    from genesys_cloud_sandbox.api.reference_lists import ReferenceLists
    from genesys_cloud_sandbox.world.conversations import World
    from genesys_cloud_sandbox.world.timeline import Document

    Find = Callable[[Any, results.SearchContext], list[Document]]
    Paging = Callable[[PageRequest, Sequence[Document]], Document]


def _typed_results(request: PageRequest, found: Sequence[Document]) -> Document:
    page = pages(request, found)
    names = ("total", "pageCount", "pageSize", "pageNumber")
    kind = request.path.split("/")[-2]
    counts = {name: page[name] for name in names}
    return {**counts, "types": [kind], "results": page["entities"]}


def _uncounted_results(request: PageRequest, found: Sequence[Document]) -> Document:
    page = pages(request, found)
    sizes = {name: page[name] for name in ("pageSize", "pageNumber")}
    return {**sizes, "results": page["entities"]}


def _entities(request: PageRequest, found: Sequence[Document]) -> Document:
    names = ("entities", "pageSize", "pageNumber", "total", "pageCount")
    page = pages(request, found)
    return {name: page[name] for name in names}


@dataclass(frozen=True)
class Search:
    """A search: its path under `/api/v2/`, and the function that finds everything."""

    path: str
    body: type[results.SearchBody]
    find: Find
    paging: Paging = _typed_results
    #: The model of the body, if it is not the body's own name.
    model: str = ""
    max_page_size: int = 100
    #: Whether a larger page size is lowered, and not refused.
    lowers_page_size: bool = False
    #: How many results the pages reach; None: all.
    max_results: int | None = 10_000


# fmt: off
SEARCHES = (
    Search("users/search", results.UserSearchRequest, results.find_users),
    Search("groups/search", results.SearchRequest,
           partial(results.find_listed, "groups"), model="GroupSearchRequest"),
    Search("teams/search", results.SearchRequest,
           partial(results.find_listed, "teams"), model="TeamSearchRequest"),
    Search("locations/search", results.LocationSearchRequest,
           partial(results.find_listed, "locations")),
    Search("speechandtextanalytics/transcripts/search", results.TranscriptSearchRequest,
           results.find_transcripts, max_results=1_000),
    Search("quality/evaluations/search", results.EvaluationSearchRequestDTO,
           results.find_evaluations, _uncounted_results),
    Search("audits/query/realtime", results.AuditRealtimeQueryRequest,
           results.find_audits, _entities, lowers_page_size=True, max_results=None),
    Search("analytics/reporting/settings/dashboards/query",
           results.DashboardConfigurationQueryRequest, results.find_dashboards, pages,
           max_page_size=25, lowers_page_size=True, max_results=None),
)
# fmt: on


def search_routes(world: World, references: ReferenceLists) -> list[Route]:
    """Return a route for each search."""

    def compute(search: Search, content: object, request: Request) -> Document:
        context = results.SearchContext(
            world, references, milliseconds(references.clock())
        )
        body = read_body(content, search.body, search.model)
        page_request = _page_request(body, search, request.url.path)
        return search.paging(page_request, search.find(body, context))

    return [
        post_route(f"/api/v2/{search.path}", partial(compute, search))
        for search in SEARCHES
    ]


def _page_request(body: results.SearchBody, search: Search, path: str) -> PageRequest:
    """Return the page that a body asks for."""
    size = body.page_size or DEFAULT_PAGE_SIZE
    number = body.page_number or 1
    if size > search.max_page_size and not search.lowers_page_size:
        message = f"pageSize must be less than or equal to {search.max_page_size}"
        raise constraint_violated(message)
    size = min(size, search.max_page_size)
    if search.max_results is not None and size * number > search.max_results:
        limit = search.max_results
        message = f"Pagination is supported through the first {limit} results."
        raise bad_request(message)
    return PageRequest(path, size, number)
