"""Streams with a bookmark of their own making, which no record moves."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tap_genesys_analytics.intervals.bookmarks import read_bookmark, state_error
from tap_genesys_analytics.intervals.timestamps import format_timestamp
from tap_genesys_analytics.streams.base import GenesysStream

if TYPE_CHECKING:
    from tap_genesys_analytics.intervals.bookmarks import Bookmark, SettingsFingerprint


class BookmarkedStream(GenesysStream):
    """A stream that keeps in the state how far it came, and under which settings."""

    @property
    def bookmark_key(self) -> str:
        """The replication key in the state, whatever a catalog says."""
        return str(type(self).replication_key)

    @property
    def fingerprint(self) -> SettingsFingerprint | None:
        """The fingerprint of the settings that shape the stream; None: none do."""
        return None

    def bookmark(self) -> Bookmark:
        """Return where the stream stands, with the fingerprint of today's settings.

        Raises:
            StateError: The state cannot be one of this stream, or the settings defined
                the stream differently then.
        """
        bookmark = self._read_bookmark()
        before, now = bookmark.fingerprint, self.fingerprint
        if before and now and before.rows != now.rows and self.selected:
            raise state_error(
                self.name,
                "the settings define the stream otherwise than they did when it was "
                "written, and rows read before and after would not fit together. "
                "Another name would make it a table of its own",
            )
        return replace(bookmark, fingerprint=now)

    def _read_bookmark(self) -> Bookmark:
        """Return the bookmark in the state."""
        state = self.tap_state.get("bookmarks", {}).get(self.name, {})
        return read_bookmark(self.name, state, self.bookmark_key, self.tap.now())

    def warn_if_settings_changed(self) -> None:
        """Log a warning if the settings asked for something else before."""
        bookmark = self._read_bookmark()
        if bookmark.until and bookmark.fingerprint not in {None, self.fingerprint}:
            self.logger.warning(
                "%s: the settings ask for something else than before. What lies before "
                "%s is not read anew, but for the days of the lookback; to read it all "
                "anew, begin without the state of this stream.",
                self.name,
                format_timestamp(bookmark.until),
            )

    def write_bookmark(self, bookmark: Bookmark) -> None:
        """Put a bookmark into the state and send it."""
        # Before the state changes: a signal may have it sent at any moment.
        self.flush()
        state, new = self.stream_state, bookmark.to_state(self.bookmark_key)
        # Never empty, for the same reason.
        state.update(new)
        for name in state.keys() - new.keys():
            del state[name]
        self.write_state()
