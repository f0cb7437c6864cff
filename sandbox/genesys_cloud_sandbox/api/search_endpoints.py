"""The endpoints of the searches by POST, with page numbers in their bodies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.routing import Route

from genesys_cloud_sandbox.api.answers import json_response
from genesys_cloud_sandbox.api.bodies import read_json
from genesys_cloud_sandbox.api.errors import (
    ApiError,
    bad_request,
    invalid_value,
)
from genesys_cloud_sandbox.api.finders import Sources
from genesys_cloud_sandbox.api.listings import DEFAULT_PAGE_SIZE, Asked
from genesys_cloud_sandbox.api.query import read_object
from genesys_cloud_sandbox.api.searches import SEARCHES, Search
from genesys_cloud_sandbox.world.times import milliseconds

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from genesys_cloud_sandbox.api.references import References
    from genesys_cloud_sandbox.world.conversations import World
    from genesys_cloud_sandbox.world.timeline import Document


def search_routes(world: World, references: References) -> list[Route]:
    """An endpoint for each search."""

    def endpoint(search: Search) -> Callable[[Request], Awaitable[Response]]:
        async def post(request: Request) -> Response:
            given = await read_json(request)
            now = milliseconds(references.clock())

            def answer() -> Response:
                body = read_object(given, search.properties, search.model)
                asked = read_place(body, search, request.url.path)
                found = search.find(body, Sources(world, references, now))
                return json_response(search.answer(asked, found))

            # In a thread: it is computing, and other requests have deadlines.
            return await run_in_threadpool(answer)

        return post

    return [
        Route(f"/api/v2/{search.path}", endpoint(search), methods=["POST"])
        for search in SEARCHES
    ]


def read_place(body: Document, search: Search, path: str) -> Asked:
    """The page that a body asks for; what the search would refuse raises ApiError."""
    for name in search.required:
        if body.get(name) is None:
            raise ApiError(400, "constraint.validation", f"{name} is required")
    size = _positive(body, "pageSize", DEFAULT_PAGE_SIZE)
    number = _positive(body, "pageNumber", 1)
    if size > search.most and not search.lowers:
        message = f"pageSize must be less than or equal to {search.most}"
        raise ApiError(400, "constraint.validation", message)
    size = min(size, search.most)
    if search.reach is not None and size * number > search.reach:
        message = f"Pagination is supported through the first {search.reach} results."
        raise bad_request(message)
    return Asked(path, size, number)


def _positive(body: Document, name: str, default: int) -> int:
    value = body.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise invalid_value(value, name, "an integer greater than or equal to 1")
    return value
