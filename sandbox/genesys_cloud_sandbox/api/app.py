"""The application of the API host, and what it says about its client."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Route

from genesys_cloud_sandbox.api import errors
from genesys_cloud_sandbox.api.gateway import CORRELATION_ID
from genesys_cloud_sandbox.api.paging import pages
from genesys_cloud_sandbox.api.permissions import (
    granted_permissions,
    missing_permissions,
)
from genesys_cloud_sandbox.api.reference_lists import ReferenceLists, read_page_request
from genesys_cloud_sandbox.api.responses import error_response, json_response
from genesys_cloud_sandbox.world.times import SECOND, milliseconds, stamp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from genesys_cloud_sandbox.options import SandboxOptions
    from genesys_cloud_sandbox.world.timeline import Document

_AUTHORIZATION = "/api/v2/authorization"
_ROLE = "Analytics reader"
_STATUS_CODES = {404: "not.found", 405: "method.not.allowed"}


def api_app(routes: Sequence[Route]) -> Starlette:
    """Return the application of the API host."""
    return Starlette(
        routes=routes,
        exception_handlers={
            errors.ApiError: _respond_to_error,
            HTTPException: _respond_to_exception,
        },
    )


async def _respond_to_error(request: Request, error: Exception) -> Response:
    return error_response(cast("errors.ApiError", error), request.scope[CORRELATION_ID])


async def _respond_to_exception(request: Request, exception: Exception) -> Response:
    """Refuse unknown paths and methods."""
    refusal = cast("HTTPException", exception)
    code = _STATUS_CODES.get(refusal.status_code, "bad.request")
    error = errors.ApiError(refusal.status_code, code, refusal.detail)
    response = error_response(error, request.scope[CORRELATION_ID])
    response.headers.update(refusal.headers or {})
    return response


@dataclass(frozen=True)
class ClientEndpoints:
    """The endpoints about the client; it has one role, in every division it sees."""

    options: SandboxOptions
    references: ReferenceLists

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route(
                f"{_AUTHORIZATION}/divisionspermitted/paged/me",
                self.get_permitted_divisions,
            ),
            Route(f"{_AUTHORIZATION}/subjects/me", self.get_subject),
            Route("/api/v2/tokens/me", self.get_token),
        ]

    async def get_token(self, _request: Request) -> Response:
        """`GET` or `HEAD /tokens/me`."""
        organization = self.references.directory.organization
        named = {"id": organization.id, "name": organization.name}
        now = milliseconds(self.options.clock())
        client = {"id": self.options.client_id, "name": "Sandbox client"}
        return json_response(
            {
                "organization": named,
                "homeOrganization": named,
                "authorizedScope": [],
                "dateTokenIdles": stamp(now + self.options.expires_in * SECOND),
                "OAuthClient": {**client, "organization": named},
            }
        )

    async def get_permitted_divisions(self, request: Request) -> Response:
        """`GET /authorization/divisionspermitted/paged/me?permission=…`."""
        permission = request.query_params.get("permission")
        if not permission:
            name = "permission"
            raise errors.required(name)
        page_request = read_page_request(request)
        divisions = self.references.entities("authorization/divisions")
        permitted = permission not in missing_permissions(self.options.forbidden)
        found = self._visible(divisions) if permitted else []
        page = pages(page_request, found)
        return json_response(page | {"allDivsPermitted": len(found) == len(divisions)})

    async def get_subject(self, _request: Request) -> Response:
        """`GET /authorization/subjects/me`."""
        roles = self.references.entities("authorization/roles")
        found = next(role for role in roles if role["name"] == _ROLE)
        role = {
            **{name: found[name] for name in ("id", "name", "description")},
            "policies": self._policies(),
            "default": False,
            "selfUri": found["selfUri"],
        }
        divisions = self._visible(self.references.entities("authorization/divisions"))
        return json_response(
            {
                "id": self.options.client_id,
                "name": "Sandbox client",
                "grants": [
                    {
                        "subjectId": self.options.client_id,
                        "division": division,
                        "role": role,
                        "grantMadeAt": "2024-01-08T09:00:00.000Z",
                    }
                    for division in divisions
                ],
                "version": 1,
                "selfUri": f"{_AUTHORIZATION}/subjects/{self.options.client_id}",
            }
        )

    def _visible(self, divisions: list[Document]) -> list[Document]:
        return [x for x in divisions if x["id"] in self.references.visible]

    def _policies(self) -> list[Document]:
        """Return the permissions that the client has, as a role lists them."""
        actions: dict[tuple[str, str], list[str]] = {}
        for permission in granted_permissions(self.options.forbidden):
            domain, entity, action = permission.split(":")
            actions.setdefault((domain, entity), []).append(action)
        return [
            {"domain": domain, "entityName": entity, "actions": named}
            for (domain, entity), named in actions.items()
        ]
