"""Streams that a run could not read, while it read the others."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tap_genesys_analytics.api.permissions import WHERE_TO_GRANT, lack
from tap_genesys_analytics.errors import Reach

if TYPE_CHECKING:
    from tap_genesys_analytics.errors import GenesysError


@dataclass
class Unread:
    """The streams that were not read in a run, or not to their end."""

    #: The permissions that each forbidden stream lacks.
    lacking: dict[str, tuple[str, ...]] = field(default_factory=dict)
    #: Streams that ended with another error, which was told then.
    failed: list[str] = field(default_factory=list)
    #: How many requests had been answered when one failed until its last try.
    answers: int = 0

    def is_final(self, error: GenesysError, answers: int) -> bool:
        """Tell whether no other stream can be read, either.

        ``answers``: to how many requests so far. A request that failed until the last
        try may be one that Genesys never answers; two of them with no answer between
        them are an outage.
        """
        if error.reach is not Reach.UNKNOWN:
            return error.reach is Reach.EVERY_STREAM
        before, self.answers = self.answers, answers
        return before == answers

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
            "Some streams were not read, because the OAuth client may not read them:\n"
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
            "Run again, or deselect what fails each time."
        )
