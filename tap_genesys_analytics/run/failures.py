"""The streams that a run could not read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tap_genesys_analytics.api.permissions import WHERE_TO_GRANT, describe_missing
from tap_genesys_analytics.errors import ErrorScope

if TYPE_CHECKING:
    from tap_genesys_analytics.errors import GenesysError


@dataclass
class RunFailures:
    """The streams that a run could not read completely."""

    #: The missing permissions of each forbidden stream.
    missing_permissions: dict[str, tuple[str, ...]] = field(default_factory=dict)
    #: The streams that ended with another error; it has been logged.
    failed: list[str] = field(default_factory=list)
    #: The number of responses when a request last exhausted its retries.
    responses: int = 0

    def ends_the_run(self, error: GenesysError, responses: int) -> bool:
        """Tell whether an error would hit all other streams, too.

        ``responses`` is the number of responses so far. One request that exhausts its
        retries may be a problem of its endpoint. If two do so without any response
        between them, Genesys is unavailable.
        """
        if error.scope is not ErrorScope.UNKNOWN:
            return error.scope is ErrorScope.EVERY_STREAM
        before, self.responses = self.responses, responses
        return before == responses

    def add_forbidden(
        self, stream: str, error: GenesysError, declared: tuple[str, ...]
    ) -> tuple[str, ...]:
        """Add a forbidden stream and return its missing permissions.

        These are the permissions that Genesys names, or else those that the stream
        declares.
        """
        self.missing_permissions[stream] = error.permissions or declared
        return self.missing_permissions[stream]

    def permission_report(self) -> str:
        """Return a report on the forbidden streams; empty if there are none."""
        if not self.missing_permissions:
            return ""
        lines = [
            f"  {stream}: {describe_missing(permissions)}"
            for stream, permissions in sorted(self.missing_permissions.items())
        ]
        return (
            "Some streams were not read, because the OAuth client may not read them:\n"
            + "\n".join(lines)
            + f"\n{WHERE_TO_GRANT}. Or deselect these streams, or set on_forbidden to "
            "skip."
        )

    def failure_report(self) -> str:
        """Return a report on the streams that failed; empty if there are none."""
        if not self.failed:
            return ""
        return (
            f"Not read to the end, for the reasons above: {', '.join(self.failed)}. "
            "Run again, or deselect the streams that fail each time."
        )
