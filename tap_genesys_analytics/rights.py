"""What the client may not read: which streams, which permissions, which divisions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tap_genesys_analytics.errors import ApiError, ForbiddenError

if TYPE_CHECKING:
    from tap_genesys_analytics.client import GenesysClient
    from tap_genesys_analytics.errors import GenesysError

DIVISIONS = "/api/v2/authorization/divisions"
PERMITTED_DIVISIONS = "/api/v2/authorization/divisionspermitted/paged/me"

WHERE_TO_GRANT = (
    "Grant permissions to a role of the OAuth client, in the right divisions: "
    "Admin > Integrations > OAuth > the client > Roles"
)


@dataclass
class Rights:
    """The streams that were refused in a run, and the permissions they lack."""

    lacking: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def note(
        self, stream: str, error: GenesysError, declared: tuple[str, ...]
    ) -> tuple[str, ...]:
        """Note that a stream was refused; return the permissions that it lacks.

        Those that Genesys names, or the ones that the stream is known to need.
        """
        self.lacking[stream] = error.permissions or declared
        return self.lacking[stream]

    def error(self) -> ForbiddenError | None:
        """Return what the run ends with; None if nothing was refused."""
        if not self.lacking:
            return None
        lines = [
            f"  {stream}: {lack(permissions)}"
            for stream, permissions in sorted(self.lacking.items())
        ]
        return ForbiddenError(
            "Some streams were not read, because the OAuth client may not read them; "
            "everything else was loaded:\n"
            + "\n".join(lines)
            + f"\n{WHERE_TO_GRANT}. Or deselect these streams, or set on_forbidden to "
            "skip."
        )


def lack(permissions: tuple[str, ...]) -> str:
    """Return which permissions are lacking, as text."""
    if not permissions:
        return "lacks a permission that Genesys does not name"
    return f"lacks {' or '.join(permissions)}"


def hidden_divisions(client: GenesysClient, permission: str) -> str | None:
    """Return a note on the divisions in which the client lacks a permission.

    Genesys leaves out what lies in them without a word. None: it sees all, or it
    cannot be told.
    """
    try:
        every = client.entities(DIVISIONS)
        seen = client.entities(PERMITTED_DIVISIONS, {"permission": permission})
    except ApiError:
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
