"""``tap-genesys --test``: one cheap request for each selected stream, and a table."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

import click

from tap_genesys_analytics.api.permissions import WHERE_TO_GRANT, hidden_divisions, lack
from tap_genesys_analytics.errors import GenesysError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tap_genesys_analytics.streams.base import GenesysStream
    from tap_genesys_analytics.tap import TapGenesys

#: Tries of a request: whoever tests waits for the answer.
_TRIES = 2
_OK = "ok"


@dataclass
class ConnectionTest:
    """Probes streams and prints what came of it."""

    tap: TapGenesys
    skips_forbidden: bool
    #: Result of each probe; tables that are read together share one.
    results: dict[str, str] = field(default_factory=dict)
    failed: bool = False
    forbidden: bool = False

    def run(self, streams: Iterable[GenesysStream]) -> bool:
        """Probe the streams, print a table, and tell whether all can be read."""
        self.tap.client.retries.max_tries = _TRIES
        selected = [stream for stream in streams if stream.selected]
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
        self._tell_divisions()
        return not self.failed

    def _result(self, stream: GenesysStream) -> str:
        """Return the result of a stream's probe, or of the one that reads it."""
        parent = stream.parent_stream_type
        if parent is not None:
            stream = next(
                each
                for each in self.tap.genesys_streams.values()
                if type(each) is parent
            )
        if stream.name not in self.results:
            self.results[stream.name] = self._probe(stream)
        return self.results[stream.name]

    def _probe(self, stream: GenesysStream) -> str:
        try:
            stream.probe()
        except GenesysError as error:
            if self.tap.unread.is_final(error, self.tap.client.retries.answers):
                raise
            if error.status == HTTPStatus.FORBIDDEN:
                self.forbidden = True
                self.failed = self.failed or not self.skips_forbidden
                return lack(error.permissions or stream.permissions)
            self.failed = True
            return f"failed: {error}"
        return _OK

    def _tell_divisions(self) -> None:
        """Say it where the client sees some divisions only.

        By the permission that matters most, of those that it has.
        """
        streams = self.tap.genesys_streams
        readable = [name for name, result in self.results.items() if result == _OK]
        for name in sorted(readable, key=lambda name: name != "conversations"):
            if permissions := streams[name].permissions:
                if note := hidden_divisions(self.tap.client, permissions[0]):
                    click.echo(f"Note: {note}")
                return
