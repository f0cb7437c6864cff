"""The declaration of a stream, as data, with the reader that it uses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from tap_genesys_analytics.intervals.bookmarks import SettingsFingerprint
    from tap_genesys_analytics.records.tables import Table
    from tap_genesys_analytics.run.sdk_stream import StreamAdapter
    from tap_genesys_analytics.run.sdk_tap import TapAdapter

    #: Returns the fingerprint of the settings that shape a stream.
    Fingerprint = Callable[[TapAdapter], SettingsFingerprint]


@dataclass(frozen=True)
class DeclaredStream:
    """The declaration of a stream: everything that differs between streams."""

    table: Table
    #: The class of the stream: IntervalStream, FullTableStream, a child stream …
    kind: Callable[[TapAdapter, DeclaredStream], StreamAdapter]
    #: Method and path of the endpoint, for the documentation.
    endpoint: str
    #: The client needs one of these; empty: it needs none.
    permissions: tuple[str, ...] = ()
    #: Permissions for requests that the reader sends first.
    prerequisite_permissions: tuple[str, ...] = ()
    #: Returns the reader of a run; None: the parent stream reads this one.
    reader: Callable[[Any], Any] | None = None
    replication_key: str | None = None
    #: Days of the lookback; None: as in the setting lookback_days.
    lookback_days: int | None = None
    #: The form of the keys; empty: that of all earlier versions.
    key_version: str = ""
    #: Returns the fingerprint of the settings; None: no settings shape the stream.
    fingerprint: Fingerprint | None = None

    def stream(self, tap: TapAdapter) -> StreamAdapter:
        """Return the stream of a run."""
        return self.kind(tap, self)
