"""Permissions that the OAuth client lacks, and the divisions concerned."""

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
    """Return the end of a sentence about missing permissions."""
    if not permissions:
        return "lacks a permission that Genesys does not name"
    return f"lacks {' or '.join(permissions)}"


def hidden_divisions(client: GenesysClient, permission: str) -> str | None:
    """Return a note on the divisions in which the client lacks a permission.

    Genesys silently leaves out their data. None: the client sees every division, or it
    may not list divisions.
    """
    try:
        divisions = client.entities(DIVISIONS)
        permitted = client.entities(PERMITTED_DIVISIONS, {"permission": permission})
    except ApiError as error:
        if error.scope is not ErrorScope.STREAM:
            raise
        return None
    permitted_ids = {division["id"] for division in permitted}
    hidden = [division for division in divisions if division["id"] not in permitted_ids]
    if not hidden:
        return None
    names = ", ".join(str(division.get("name")) for division in hidden)
    return (
        f"The OAuth client has {permission} in {len(divisions) - len(hidden)} of "
        f"{len(divisions)} divisions (not in: {names}). Genesys silently leaves out "
        f"the data of the others. {WHERE_TO_GRANT}."
    )
