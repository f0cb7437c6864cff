"""Permissions: which ones the client lacks, and in which divisions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_genesys_analytics.api.errors import ApiError
from tap_genesys_analytics.errors import ErrorScope

if TYPE_CHECKING:
    from tap_genesys_analytics.api.client import GenesysClient

DIVISIONS = "/api/v2/authorization/divisions"
PERMITTED_DIVISIONS = "/api/v2/authorization/divisionspermitted/paged/me"

WHERE_TO_GRANT = (
    "Grant permissions to a role of the OAuth client, in the right divisions: "
    "Admin > Integrations > OAuth > the client > Roles"
)


def describe_missing(permissions: tuple[str, ...]) -> str:
    """Return which permissions are missing, as text."""
    if not permissions:
        return "lacks a permission that Genesys does not name"
    return f"lacks {' or '.join(permissions)}"


def hidden_divisions(client: GenesysClient, permission: str) -> str | None:
    """Return a note on the divisions in which the client lacks a permission.

    Genesys silently leaves out what lies in them. None: the client sees every
    division, or which ones it sees cannot be found out.
    """
    try:
        every = client.entities(DIVISIONS)
        seen = client.entities(PERMITTED_DIVISIONS, {"permission": permission})
    except ApiError as error:
        if error.scope is not ErrorScope.STREAM:
            raise
        return None
    ids = {division["id"] for division in seen}
    hidden = [division for division in every if division["id"] not in ids]
    if not hidden:
        return None
    names = ", ".join(str(division.get("name")) for division in hidden)
    return (
        f"The OAuth client has {permission} in {len(every) - len(hidden)} of "
        f"{len(every)} divisions (not in: {names}). Genesys silently leaves out what "
        f"lies in the others. {WHERE_TO_GRANT}."
    )
