"""The endpoints of the reference lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.routing import Route

from genesys_cloud_sandbox.api import errors
from genesys_cloud_sandbox.api.answers import json_response
from genesys_cloud_sandbox.api.bodies import read_parameter
from genesys_cloud_sandbox.api.listings import Asked
from genesys_cloud_sandbox.api.reference_lists import LISTS, Listed
from genesys_cloud_sandbox.world.times import milliseconds

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from starlette.requests import Request
    from starlette.responses import Response

    from genesys_cloud_sandbox.world.directory import Directory
    from genesys_cloud_sandbox.world.timeline import Document

_ROOT = "/api/v2/"
_BY_PATH = {listed.path: listed for listed in LISTS}


class References:
    """What an organization has, as a client sees it at the moment.

    What belongs to a division that is not visible is left out of every list.
    """

    def __init__(
        self,
        directory: Directory,
        visible: frozenset[str],
        clock: Callable[[], datetime],
    ) -> None:
        self.directory = directory
        self.visible = visible
        self.clock = clock

    def routes(self) -> list[Route]:
        """An endpoint for each list."""
        return [
            Route(f"{_ROOT}{listed.path}", self._endpoint(listed)) for listed in LISTS
        ]

    def entities(self, path: str, *ids: str) -> list[Document]:
        """Everything in a list, whatever its pages; `ids` are those in the path."""
        listed = _BY_PATH[path]
        if ids and not any(x["id"] == ids[0] for x in self.entities(listed.owner)):
            message = f"Nothing in {listed.owner} has the id {ids[0]}."
            raise errors.not_found(message)
        try:
            found = listed.entities(self.directory, milliseconds(self.clock()), *ids)
        except ValueError:
            raise errors.invalid_date() from None
        base = _ROOT + _filled(path, ids)
        return [
            {**entity, "selfUri": entity.get("selfUri", f"{base}/{entity['id']}")}
            for entity in found
            if _division(entity) in (None, "*", *self.visible)
        ]

    def _endpoint(self, listed: Listed) -> Callable[[Request], Awaitable[Response]]:
        async def get(request: Request) -> Response:
            asked = Asked(
                path=request.url.path,
                size=min(read_parameter(request, "pageSize", listed.size), listed.most),
                number=read_parameter(request, "pageNumber", 1),
                query=_query(request),
            )

            def answer() -> Response:
                found = self.entities(listed.path, *request.path_params.values())
                if listed.shown:
                    found = listed.shown(found, asked.query)
                return json_response(listed.paging(asked, found))

            # In a thread: it is computing, and other requests have deadlines.
            return await run_in_threadpool(answer)

        return get


def _query(request: Request) -> dict[str, str]:
    """The query string; what is given several times is joined by commas."""
    given = request.query_params
    return {name: ",".join(given.getlist(name)) for name in given}


def _division(entity: Document) -> str | None:
    """The division that an entity belongs to; None: it belongs to none."""
    division: str | None = entity.get("division", {}).get("id")
    return division or entity.get("divisionId")


def _filled(path: str, ids: tuple[str, ...]) -> str:
    """A path with its ids."""
    parts = iter(ids)
    return "/".join(
        next(parts) if part.startswith("{") else part for part in path.split("/")
    )
