"""``tap-genesys --test``: one cheap request per selected stream, and a table."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol

import click

from tap_genesys_analytics.api.permissions import (
    WHERE_TO_GRANT,
    describe_missing,
    hidden_divisions,
)
from tap_genesys_analytics.errors import GenesysError, UnexpectedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_genesys_analytics.api.client import GenesysClient
    from tap_genesys_analytics.run.failures import RunFailures

logger = logging.getLogger("tap-genesys")

#: The maximum number of tries of a request; few, because the user is waiting.
_MAX_TRIES = 2
_OK = "ok"


class Probed(Protocol):
    """A stream, as far as the test needs it."""

    name: str
    selected: bool
    permissions: tuple[str, ...]

    @property
    def parent_stream_type(self) -> type | None:
        """The class of the parent stream, which reads this one; None: no parent."""

    def probe(self) -> None:
        """Send one cheap request that shows whether the stream can be read."""


@dataclass
class ConnectionTest:
    """Probes streams and prints the results."""

    client: GenesysClient
    failures: RunFailures
    #: All streams by name.
    streams: Mapping[str, Probed]
    skips_forbidden: bool
    #: The result of each probe, by the name of the probed stream.
    results: dict[str, str] = field(default_factory=dict)
    failed: bool = False
    forbidden: bool = False

    def run(self) -> bool:
        """Probe the selected streams and print a table; return True if all succeed."""
        self.client.retries.max_tries = _MAX_TRIES
        selected = [stream for stream in self.streams.values() if stream.selected]
        try:
            lines = [(stream.name, self._result(stream)) for stream in selected]
        except GenesysError as error:
            click.echo(str(error), err=True)
            return False
        width = max((len(name) for name, _ in lines), default=0)
        for name, result in lines:
            click.echo(f"{name:<{width}}  {result}")
        if self.forbidden:
            click.echo(f"{WHERE_TO_GRANT}.")
        self._print_hidden_divisions()
        return not self.failed

    def _result(self, stream: Probed) -> str:
        """Return the result of a stream's probe, or of its parent's probe."""
        parent = stream.parent_stream_type
        if parent is not None:
            stream = next(s for s in self.streams.values() if type(s) is parent)
        if stream.name not in self.results:
            self.results[stream.name] = self._probe(stream)
        return self.results[stream.name]

    def _probe(self, stream: Probed) -> str:
        try:
            stream.probe()
        except GenesysError as error:
            if self.failures.ends_the_run(error, self.client.retries.responses):
                raise
            if error.status == HTTPStatus.FORBIDDEN:
                self.forbidden = True
                self.failed = self.failed or not self.skips_forbidden
                return describe_missing(error.permissions or stream.permissions)
            self.failed = True
            return f"failed: {error}"
        except Exception as error:
            logger.debug("Where it was raised:", exc_info=error)
            self.failed = True
            return f"failed: {UnexpectedError(error)}"
        return _OK

    def _print_hidden_divisions(self) -> None:
        """Print a note if the client sees only some divisions.

        Checked for one permission that the client has, if possible for conversations.
        """
        readable = [name for name, result in self.results.items() if result == _OK]
        for name in sorted(readable, key=lambda name: name != "conversations"):
            if permissions := self.streams[name].permissions:
                if note := hidden_divisions(self.client, permissions[0]):
                    click.echo(f"Note: {note}")
                return
