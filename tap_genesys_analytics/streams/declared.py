"""How a module declares its streams: as data, with the reader that each one uses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from tap_genesys_analytics.intervals.bookmarks import SettingsFingerprint
    from tap_genesys_analytics.records.tables import Table
    from tap_genesys_analytics.run.sdk_tap import TapAdapter
    from tap_genesys_analytics.streams.base import GenesysStream

    #: Gives a fingerprint of those of the tap's settings that shape a stream.
    Fingerprint = Callable[[TapAdapter], SettingsFingerprint]


@dataclass(frozen=True)
class DeclaredStream:
    """Everything that is special about a stream."""

    table: Table
    #: The class of the stream: read by interval, whole, as a child …
    kind: type[GenesysStream]
    #: Method and path of what is read, for users who look it up.
    endpoint: str
    #: Permissions, one of which the client needs; none: any client may read it.
    permissions: tuple[str, ...] = ()
    #: Permissions for what has to be read first.
    prerequisite_permissions: tuple[str, ...] = ()
    #: Makes the reader of a run; None: the parent stream reads.
    reader: Callable[[Any], Any] | None = None
    replication_key: str | None = None
    #: Days before the bookmark that are read again; None: as the setting says.
    lookback_days: int | None = None
    #: The form of its key; empty: that of all earlier versions.
    key_version: str = ""
    #: None: no settings shape the stream.
    fingerprint: Fingerprint | None = None

    def stream(self, tap: TapAdapter) -> GenesysStream:
        """Return the stream of a run."""
        return self.kind(tap, self)
