"""The API host: one function per endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.routing import Route

from genesys_cloud_sandbox.api import errors
from genesys_cloud_sandbox.api.answers import error_response, json_response
from genesys_cloud_sandbox.api.authorizations import Authorizations
from genesys_cloud_sandbox.api.bodies import read_json
from genesys_cloud_sandbox.api.gateway import CORRELATION_ID
from genesys_cloud_sandbox.api.listings import as_in_the_tutorial
from genesys_cloud_sandbox.api.pages import page_response
from genesys_cloud_sandbox.api.query import read_query
from genesys_cloud_sandbox.api.search_endpoints import search_routes
from genesys_cloud_sandbox.world.conversation_details import as_of, without_attributes
from genesys_cloud_sandbox.world.times import SECOND, milliseconds, stamp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from genesys_cloud_sandbox.api.matching import Matching, Page
    from genesys_cloud_sandbox.api.query import Query
    from genesys_cloud_sandbox.api.references import References
    from genesys_cloud_sandbox.options import SandboxOptions
    from genesys_cloud_sandbox.world.timeline import Document

_MOST_IDS = 100
_STATUS_CODES = {404: "not.found", 405: "method.not.allowed"}


class Api:
    """The endpoints, over a world that is asked what it looks like now."""

    def __init__(
        self,
        options: SandboxOptions,
        matching: Matching,
        references: References,
        analytics: Sequence[Route],
    ) -> None:
        self.options = options
        self.matching = matching
        self.references = references
        self.analytics = analytics
        self.world = matching.world

    def app(self) -> Starlette:
        """The application of the API host."""
        details = "/api/v2/analytics/conversations/details"
        by_id = "/api/v2/analytics/conversations/{conversation_id}/details"
        return Starlette(
            routes=[
                Route(f"{details}/query", self.query_details, methods=["POST"]),
                Route(details, self.get_many_details),
                Route(by_id, self.get_details),
                *self.analytics,
                *self.references.routes(),
                *search_routes(self.world, self.references),
                *Authorizations(self.options, self.references).routes(),
                Route("/api/v2/tokens/me", self.get_token),
            ],
            exception_handlers={
                errors.ApiError: _answer_error,
                HTTPException: _answer_refusal,
            },
        )

    async def query_details(self, request: Request) -> Response:
        """`POST /analytics/conversations/details/query`."""
        query = read_query(await read_json(request), self.options)
        # In a thread: it is computing, and other requests have deadlines.
        return await run_in_threadpool(
            lambda: self._page(query, self.matching.page(query, self._now()))
        )

    async def get_details(self, request: Request) -> Response:
        """`GET /analytics/conversations/{conversationId}/details`."""
        identifier = request.path_params["conversation_id"]
        document = self._seen(identifier)
        if document is None:
            message = f"No conversation has the id {identifier}."
            raise errors.not_found(message)
        return json_response(document)

    async def get_many_details(self, request: Request) -> Response:
        """`GET /analytics/conversations/details?id=…,…`; unknown ids are left out."""
        given = ",".join(request.query_params.getlist("id")).split(",")
        identifiers = list(dict.fromkeys(filter(None, map(str.strip, given))))
        if not identifiers:
            message = "At least one conversation id is required."
            raise errors.bad_request(message)
        if len(identifiers) > _MOST_IDS:
            message = f"No more than {_MOST_IDS} conversation ids may be given."
            raise errors.bad_request(message)
        found = [seen for name in identifiers if (seen := self._seen(name))]
        return json_response({"conversations": found} if found else {})

    async def get_token(self, _request: Request) -> Response:
        """`GET` or `HEAD /tokens/me`."""
        organization = self.world.organization
        named = {"id": organization.id, "name": organization.name}
        idles = self._now() + self.options.expires_in * SECOND
        client = {"id": self.options.client_id, "name": "Sandbox client"}
        return json_response(
            {
                "organization": named,
                "homeOrganization": named,
                "authorizedScope": [],
                "dateTokenIdles": stamp(idles),
                "OAuthClient": {**client, "organization": named},
            }
        )

    def _page(self, query: Query, page: Page) -> Response:
        if self.options.tutorial_paging:
            place = query.page_size, query.page_number
            shown = as_in_the_tutorial(page.documents, *place, page.total)
            return json_response(shown)
        return page_response(
            self.options,
            "conversations",
            page.documents,
            page.total,
            past=not page.documents,
        )

    def _seen(self, identifier: str) -> Document | None:
        life = self.world.find(identifier)
        document = as_of(life, self._now()) if life else None
        return without_attributes(document) if document else None

    def _now(self) -> int:
        return milliseconds(self.options.clock())


async def _answer_error(request: Request, error: Exception) -> Response:
    return error_response(cast("errors.ApiError", error), request.scope[CORRELATION_ID])


async def _answer_refusal(request: Request, exception: Exception) -> Response:
    """What the router refuses: unknown paths and methods."""
    refusal = cast("HTTPException", exception)
    code = _STATUS_CODES.get(refusal.status_code, "bad.request")
    error = errors.ApiError(refusal.status_code, code, refusal.detail)
    response = error_response(error, request.scope[CORRELATION_ID])
    response.headers.update(refusal.headers or {})
    return response
