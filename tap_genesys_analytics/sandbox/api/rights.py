"""What a client may not do, and which permission it lacks. Pure."""

from __future__ import annotations

from fnmatch import fnmatchcase

from tap_genesys_analytics.sandbox.api.errors import missing_permissions

JOB_PATHS = ("/api/v2/analytics/*/details/jobs", "/api/v2/analytics/*/details/jobs/*")
_CONVERSATIONS = "/api/v2/analytics/conversations/"
_PERMISSIONS = {
    f"{_CONVERSATIONS}details/jobs/availability": (
        "analytics:conversationDetail:view",
    ),
    f"{_CONVERSATIONS}*": (
        "analytics:conversationDetail:view",
        "analytics:agentConversationDetail:view",
    ),
    "/api/v2/analytics/users/*": ("analytics:userDetail:view",),
}
"""The first pattern that matches a path tells what it takes."""


def check_rights(path: str, forbidden: tuple[str, ...]) -> None:
    """Refuse a path that matches one of the forbidden patterns."""
    if any(fnmatchcase(path, pattern) for pattern in forbidden):
        raise missing_permissions(permissions(path))


def permissions(path: str) -> tuple[str, ...]:
    """The permissions of which an endpoint takes one."""
    for pattern, named in _PERMISSIONS.items():
        if fnmatchcase(path, pattern):
            return named
    # /api/v2/routing/queues/…: routing:queue:view
    area, thing = (*path.split("/")[3:5], "", "")[:2]
    return (f"{area}:{thing.removesuffix('s')}:view",)
