"""Streams with a bookmark of their own making, which no record moves."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tap_genesys_analytics.intervals.bookmarks import read_bookmark, state_error
from tap_genesys_analytics.intervals.timestamps import format_timestamp
from tap_genesys_analytics.streams.base import GenesysStream

if TYPE_CHECKING:
    from tap_genesys_analytics.intervals.bookmarks import Bookmark
    from tap_genesys_analytics.intervals.definitions import Definition


class BookmarkedStream(GenesysStream):
    """A stream that keeps in the state how far it came, and what was asked of it."""

    @property
    def bookmark_key(self) -> str:
        """The name of what the bookmark is of, whatever a catalog says."""
        return str(type(self).replication_key)

    @property
    def definition(self) -> Definition | None:
        """What the settings define of the stream; None: nothing."""
        return None

    def check_state(self) -> Bookmark:
        """Return where the stream stands.

        Raises:
            StateError: The state cannot be one of this stream, or the stream was
                defined otherwise then.
        """
        bookmark = self._read_bookmark()
        before, now = bookmark.definition, self.definition
        if before and now and before.rows != now.rows and self.selected:
            raise state_error(
                self.name,
                "the settings define the stream otherwise than they did when it was "
                "written, and rows read before and after would not fit together. "
                "Another name would make it a table of its own",
            )
        return replace(bookmark, definition=now)

    def _read_bookmark(self) -> Bookmark:
        """Return the bookmark in the state."""
        state = self.tap_state.get("bookmarks", {}).get(self.name, {})
        return read_bookmark(self.name, state, self.bookmark_key, self.tap.now())

    def tell_changes(self) -> None:
        """Say it where the settings asked for something else before."""
        bookmark = self._read_bookmark()
        if bookmark.until and bookmark.definition not in {None, self.definition}:
            self.logger.warning(
                "%s: the settings ask for something else than before. What lies before "
                "%s is not read anew, but for the days of the lookback; to read it all "
                "anew, begin without the state of this stream.",
                self.name,
                format_timestamp(bookmark.until),
            )

    def complete(self, bookmark: Bookmark) -> None:
        """Put a bookmark into the state and send it."""
        # Before the state changes: a signal may have it sent at any moment.
        self.flush()
        state, new = self.stream_state, bookmark.to_state(self.bookmark_key)
        # Never empty, for the same reason.
        state.update(new)
        for name in state.keys() - new.keys():
            del state[name]
        self._tap.state_writer.write_state(self.tap_state)
