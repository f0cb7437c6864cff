"""The permissions that endpoints need, and the endpoints about the client's own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

import msgspec

from genesys_cloud_sandbox.api.errors import ApiError, required
from genesys_cloud_sandbox.api.paging import pages
from genesys_cloud_sandbox.api.reference_lists import ReferenceLists, read_page_request
from genesys_cloud_sandbox.api.responses import get_route
from genesys_cloud_sandbox.world.times import SECOND, milliseconds, stamp

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.routing import Route

    from genesys_cloud_sandbox.options import SandboxOptions
    from genesys_cloud_sandbox.world.timeline import Document

DETAILS_JOBS = (
    "/api/v2/analytics/*/details/jobs",
    "/api/v2/analytics/*/details/jobs/*",
)
_ROOT = "/api/v2/"
_AUTHORIZATION = "/api/v2/authorization"
_ROLE = "Analytics reader"
#: The permissions by paths; the first path that fits counts, `{rest}` fits any parts.
_FILE = "permissions.json"


class Permissions(msgspec.Struct, frozen=True):
    """Permissions of which any one is enough, or all are needed; none: no limit."""

    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()


def check_permissions(path: str, forbidden: tuple[str, ...]) -> None:
    """Refuse a path that matches one of the forbidden patterns."""
    if _is_forbidden(path, forbidden):
        raise _refusal(needed_permissions(path))


def needed_permissions(path: str) -> Permissions:
    """Return the permissions that an endpoint needs."""
    below = path.removeprefix(_ROOT)
    for pattern, permissions in _patterns():
        if pattern.fullmatch(below):
            return permissions
    # integrations/actions: integrations:action:view
    area, thing = (*below.split("/"), "", "")[:2]
    return Permissions(any=(f"{area}:{thing.removesuffix('s')}:view",))


def granted_permissions(forbidden: tuple[str, ...]) -> list[str]:
    """Return the permissions of all endpoints that the client may use."""
    return sorted(
        {
            name
            for path, permissions in permissions_by_path().items()
            if not _is_forbidden(_ROOT + path, forbidden)
            for name in permissions.any + permissions.all
        }
    )


def missing_permissions(forbidden: tuple[str, ...]) -> set[str]:
    """Return the permissions whose endpoints are all forbidden."""
    every = permissions_by_path().values()
    names = {name for each in every for name in each.any + each.all}
    return names.difference(granted_permissions(forbidden))


@lru_cache(maxsize=1)
def permissions_by_path() -> dict[str, Permissions]:
    """Return the permissions of all endpoints, by their paths under `/api/v2/`."""
    content = resources.files(__package__).joinpath(_FILE).read_bytes()
    return msgspec.json.decode(content, type=dict[str, Permissions])


@lru_cache(maxsize=1)
def _patterns() -> list[tuple[re.Pattern[str], Permissions]]:
    return [
        (
            re.compile(
                re.sub(
                    r"\\{\w+\\}", "[^/]+", re.escape(path).replace(r"\{rest\}", ".+")
                )
            ),
            permissions,
        )
        for path, permissions in permissions_by_path().items()
    ]


def _is_forbidden(path: str, forbidden: tuple[str, ...]) -> bool:
    return any(fnmatchcase(path, pattern) for pattern in forbidden)


def _refusal(needed: Permissions) -> ApiError:
    named = ", ".join(needed.any + needed.all)
    if not named:
        message = "You are not authorized to perform the requested action."
        return ApiError(403, "not.authorized", message)
    message = "Unable to perform the requested action. "
    if needed.any:
        code = "missing.any.permissions"
        message += "You must have at least one of the following permissions assigned"
    else:
        code = "missing.permissions"
        message += "You are missing the following permission(s)"
    return ApiError(403, code, f"{message}: [{named}]", permissions=named)


@dataclass(frozen=True)
class ClientEndpoints:
    """The endpoints about the client; it has one role, in every division it sees."""

    options: SandboxOptions
    references: ReferenceLists

    def routes(self) -> list[Route]:
        """Return the routes."""
        divisions = f"{_AUTHORIZATION}/divisionspermitted/paged/me"
        return [
            get_route(divisions, self.get_permitted_divisions),
            get_route(f"{_AUTHORIZATION}/subjects/me", self.get_subject),
            get_route("/api/v2/tokens/me", self.get_token),
        ]

    def get_token(self, _request: Request) -> Document:
        """`GET` or `HEAD /tokens/me`."""
        organization = self.references.directory.organization
        named = {"id": organization.id, "name": organization.name}
        now = milliseconds(self.options.clock())
        client = {"id": self.options.client_id, "name": "Sandbox client"}
        return {
            "organization": named,
            "homeOrganization": named,
            "authorizedScope": [],
            "dateTokenIdles": stamp(now + self.options.expires_in * SECOND),
            "OAuthClient": {**client, "organization": named},
        }

    def get_permitted_divisions(self, request: Request) -> Document:
        """`GET /authorization/divisionspermitted/paged/me?permission=…`."""
        permission = request.query_params.get("permission")
        if not permission:
            name = "permission"
            raise required(name)
        page_request = read_page_request(request)
        divisions = self.references.entities("authorization/divisions")
        permitted = permission not in missing_permissions(self.options.forbidden)
        found = self._visible(divisions) if permitted else []
        page = pages(page_request, found)
        return page | {"allDivsPermitted": len(found) == len(divisions)}

    def get_subject(self, _request: Request) -> Document:
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
        return {
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
