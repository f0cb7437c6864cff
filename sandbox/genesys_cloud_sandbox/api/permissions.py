"""The permissions that endpoints need, and those that the client has."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from functools import lru_cache
from importlib import resources

import msgspec

from genesys_cloud_sandbox.api.errors import ApiError

DETAILS_JOBS = (
    "/api/v2/analytics/*/details/jobs",
    "/api/v2/analytics/*/details/jobs/*",
)
_ROOT = "/api/v2/"
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
    """Return what an endpoint needs."""
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
