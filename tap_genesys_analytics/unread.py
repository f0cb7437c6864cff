"""Streams that a run could not read, while it read the others."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tap_genesys_analytics.rights import WHERE_TO_GRANT, lack

if TYPE_CHECKING:
    from tap_genesys_analytics.errors import GenesysError


@dataclass
class Unread:
    """The streams that were not read in a run, or not to their end."""

    #: The permissions that each forbidden stream lacks.
    lacking: dict[str, tuple[str, ...]] = field(default_factory=dict)
    #: Streams that ended with another error, which was told then.
    failed: list[str] = field(default_factory=list)

    def forbid(
        self, stream: str, error: GenesysError, declared: tuple[str, ...]
    ) -> tuple[str, ...]:
        """Note that a stream was refused; return the permissions that it lacks.

        Those that Genesys names, or the ones that the stream is known to need.
        """
        self.lacking[stream] = error.permissions or declared
        return self.lacking[stream]

    def of_rights(self) -> str:
        """Return what to say of the forbidden streams; empty if there are none."""
        if not self.lacking:
            return ""
        lines = [
            f"  {stream}: {lack(permissions)}"
            for stream, permissions in sorted(self.lacking.items())
        ]
        return (
            "Some streams were not read, because the OAuth client may not read them; "
            "everything else was loaded:\n"
            + "\n".join(lines)
            + f"\n{WHERE_TO_GRANT}. Or deselect these streams, or set on_forbidden to "
            "skip."
        )

    def of_failures(self) -> str:
        """Return what to say of the streams that failed; empty if there are none."""
        if not self.failed:
            return ""
        return (
            f"Not read to the end, for the reasons above: {', '.join(self.failed)}. "
            "Everything else was loaded. Run again, or deselect what fails each time."
        )
