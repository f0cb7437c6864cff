"""The streams that a run could not read, while it read the others."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tap_genesys_analytics.api.permissions import WHERE_TO_GRANT, describe_missing
from tap_genesys_analytics.errors import ErrorScope

if TYPE_CHECKING:
    from tap_genesys_analytics.errors import GenesysError


@dataclass
class RunFailures:
    """The streams that were not read in a run, or not to their end."""

    #: The missing permissions of each forbidden stream.
    missing_permissions: dict[str, tuple[str, ...]] = field(default_factory=dict)
    #: Streams that ended with another error, which was logged then.
    failed: list[str] = field(default_factory=list)
    #: How many responses there had been when a request last exhausted its retries.
    responses: int = 0

    def ends_the_run(self, error: GenesysError, responses: int) -> bool:
        """Tell whether no other stream can be read either.

        ``responses``: how many there were so far. Genesys may never answer one
        endpoint. Two requests that exhaust their retries without any response between
        them are an outage.
        """
        if error.scope is not ErrorScope.UNKNOWN:
            return error.scope is ErrorScope.EVERY_STREAM
        before, self.responses = self.responses, responses
        return before == responses

    def add_forbidden(
        self, stream: str, error: GenesysError, declared: tuple[str, ...]
    ) -> tuple[str, ...]:
        """Note that a stream was refused; return the permissions that are missing.

        They are those that Genesys names, or those that the stream declares.
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
            "Run again, or deselect what fails each time."
        )
