"""Bookmarks: read from the state, checked, written to the state."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from typing_extensions import Self

from tap_genesys_analytics.errors import GenesysError
from tap_genesys_analytics.intervals.timestamps import format_timestamp, parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


class StateError(GenesysError):
    """The state cannot be a state of this stream."""


@dataclass(frozen=True)
class SettingsFingerprint:
    """Hashes of the settings that shape a stream, to detect changes between runs.

    ``rows``: settings that define what a record means. Records from before and after a
    change do not fit into one table, so a change is an error. ``extent``: settings that
    define how much is read. A change is allowed; older records stay as they are.

    The state holds the hashes, not the settings: these may be personal.
    """

    rows: str
    extent: str

    @classmethod
    def of(cls, *, rows: Mapping[str, Any], extent: Mapping[str, Any]) -> Self:
        """Return the fingerprint of settings, which are JSON."""
        return cls(_hash(rows), _hash(extent))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the fingerprint that a text in the state stands for."""
        rows, _, extent = text.partition(".")
        return cls(rows, extent)

    def __str__(self) -> str:
        """Return the fingerprint as text for the state."""
        return f"{self.rows}.{self.extent}"


@dataclass(frozen=True)
class Bookmark:
    """How far an interval stream has been read; all moments in UTC.

    - ``until``: the end (exclusive) of the last interval that was read completely. All
      earlier data were sent to the target.
    - ``provisional_until``: the end (exclusive) of the intervals after ``until`` that
      were read from the query and will be read again from jobs.
    - ``looked_back_at``, ``restated_at``: when the days of the lookback, or of the
      restatement, were last read again.
    - ``fingerprint``: the fingerprint of the settings when the state was written. None
      if no settings shape the stream, or if an earlier version wrote the state.
    - ``key_version``: the form of the keys of the records before ``until``; empty: the
      first form.
    """

    until: datetime | None = None
    provisional_until: datetime | None = None
    looked_back_at: datetime | None = None
    restated_at: datetime | None = None
    fingerprint: SettingsFingerprint | None = None
    key_version: str = ""

    def to_state(self, replication_key: str) -> dict[str, str]:
        """Return the bookmark as a stream's state: the SDK's two keys and our own."""
        moments = {
            "replication_key_value": self.until,
            "provisional_until": self.provisional_until,
            "looked_back_at": self.looked_back_at,
            "restated_at": self.restated_at,
        }
        state = {
            name: format_timestamp(moment) for name, moment in moments.items() if moment
        }
        if not state:
            return {}
        if self.fingerprint:
            state["definition"] = str(self.fingerprint)
        if self.key_version:
            state["key_version"] = self.key_version
        return {"replication_key": replication_key, **state}


def read_bookmark(
    stream: str, state: Mapping[str, Any], replication_key: str, now: datetime
) -> Bookmark:
    """Return the bookmark in a stream's state; it is empty on the first run.

    States of all earlier versions can be read. Version 0.1 wrote only
    ``replication_key`` and ``replication_key_value``.

    Raises:
        StateError: The state belongs to another kind of stream, or a value is not a
            timestamp or lies in the future.
    """
    if "partitions" in state:
        message = "it has partitions, which no version of this tap writes"
        raise state_error(stream, message)
    key = state.get("replication_key", replication_key)
    if key != replication_key:
        message = f"its replication_key is {key!r}, not {replication_key!r}"
        raise state_error(stream, message)

    def moment(name: str, *, past: bool = True) -> datetime | None:
        text = state.get(name)
        if text is None:
            return None
        try:
            timestamp = parse_timestamp(text)
        except (TypeError, ValueError):
            message = f"its {name} is not an ISO 8601 timestamp"
            raise state_error(stream, message) from None
        if past and timestamp > now:
            message = f"its {name}, {format_timestamp(timestamp)}, lies in the future"
            raise state_error(stream, message)
        return timestamp

    fingerprint = state.get("definition")
    return Bookmark(
        until=moment("replication_key_value"),
        provisional_until=moment("provisional_until"),
        looked_back_at=moment("looked_back_at", past=False),
        restated_at=moment("restated_at", past=False),
        fingerprint=(
            SettingsFingerprint.parse(str(fingerprint)) if fingerprint else None
        ),
        key_version=str(state.get("key_version") or ""),
    )


def checked_bookmark(
    stream: str, bookmark: Bookmark, fingerprint: SettingsFingerprint | None
) -> Bookmark:
    """Return a bookmark with the fingerprint of the present settings.

    Raises:
        StateError: The settings gave the stream's records another meaning when the
            bookmark was written.
    """
    previous = bookmark.fingerprint
    if previous and fingerprint and previous.rows != fingerprint.rows:
        raise state_error(
            stream,
            "the settings that define this stream have changed since the state was "
            "written, and old and new rows would not fit into one table. Give the "
            "stream a new name, which makes it a new table",
        )
    return replace(bookmark, fingerprint=fingerprint)


def settings_changed(
    bookmark: Bookmark, fingerprint: SettingsFingerprint | None
) -> bool:
    """Tell whether the settings have changed since the bookmark was written."""
    known = bookmark.until is not None and bookmark.fingerprint is not None
    return known and bookmark.fingerprint != fingerprint


def state_error(stream: str, problem: str) -> StateError:
    """Return the error for a state that has a problem, with the remedy."""
    return StateError(
        f"The state of {stream} cannot be used: {problem}. Nothing was read. Pass "
        "the state of an earlier run of this stream, or none to begin at start_date "
        "(with Meltano: meltano state get / meltano state clear)."
    )


def _hash(settings: Mapping[str, Any]) -> str:
    """Return a short hash of settings."""
    return hashlib.sha256(_canonical(settings).encode()).hexdigest()[:12]


def _canonical(value: Any) -> str:  # noqa: ANN401 (JSON)
    """Return JSON as text, the same for any order; empty members count as absent."""
    if isinstance(value, dict):
        members = {name: _canonical(item) for name, item in value.items() if item}
        return json.dumps(members, sort_keys=True)
    if isinstance(value, list | tuple):
        return json.dumps(sorted(map(_canonical, value)))
    return json.dumps(value)
