"""What the client is told about its own rights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from genesys_cloud_sandbox.api.answers import json_response
from genesys_cloud_sandbox.api.bodies import read_parameter
from genesys_cloud_sandbox.api.errors import ApiError
from genesys_cloud_sandbox.api.listings import DEFAULT_PAGE_SIZE, Asked, pages
from genesys_cloud_sandbox.api.rights import granted, lacked

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from genesys_cloud_sandbox.api.references import References
    from genesys_cloud_sandbox.options import SandboxOptions
    from genesys_cloud_sandbox.world.timeline import Document

_ROOT = "/api/v2/authorization"
_ROLE = "Analytics reader"
_MOST = 100


class Authorizations:
    """The client has one role, in every division that it sees."""

    def __init__(self, options: SandboxOptions, references: References) -> None:
        self.options = options
        self.references = references

    def routes(self) -> list[Route]:
        """The endpoints."""
        return [
            Route(f"{_ROOT}/divisionspermitted/paged/me", self.get_divisions),
            Route(f"{_ROOT}/subjects/me", self.get_subject),
        ]

    async def get_divisions(self, request: Request) -> Response:
        """`GET /authorization/divisionspermitted/paged/me?permission=…`."""
        permission = request.query_params.get("permission")
        if not permission:
            message = "permission is required"
            raise ApiError(400, "constraint.validation", message)
        size = read_parameter(request, "pageSize", DEFAULT_PAGE_SIZE)
        asked = Asked(
            path=request.url.path,
            size=min(size, _MOST),
            number=read_parameter(request, "pageNumber", 1),
            query=request.query_params,
        )
        permitted = permission not in lacked(self.options.forbidden)
        known = self.references.entities("authorization/divisions")
        seen = self._visible(known) if permitted else []
        page = pages(asked, seen)
        return json_response(page | {"allDivsPermitted": len(seen) == len(known)})

    async def get_subject(self, _request: Request) -> Response:
        """`GET /authorization/subjects/me`."""
        roles = self.references.entities("authorization/roles")
        role = next(role for role in roles if role["name"] == _ROLE)
        shown = {
            **{name: role[name] for name in ("id", "name", "description")},
            "policies": self._policies(),
            "default": False,
            "selfUri": role["selfUri"],
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
                        "role": shown,
                        "grantMadeAt": "2024-01-08T09:00:00.000Z",
                    }
                    for division in divisions
                ],
                "version": 1,
                "selfUri": f"{_ROOT}/subjects/{self.options.client_id}",
            }
        )

    def _visible(self, divisions: list[Document]) -> list[Document]:
        return [x for x in divisions if x["id"] in self.references.visible]

    def _policies(self) -> list[Document]:
        """The permissions that the client has, as a role lists them."""
        actions: dict[tuple[str, str], list[str]] = {}
        for permission in granted(self.options.forbidden):
            domain, entity, action = permission.split(":")
            actions.setdefault((domain, entity), []).append(action)
        return [
            {"domain": domain, "entityName": entity, "actions": named}
            for (domain, entity), named in actions.items()
        ]
