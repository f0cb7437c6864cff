"""Bookmarks: how they are read from the state, checked, and written to it."""

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
    """The state given cannot be a state of this stream."""


@dataclass(frozen=True)
class SettingsFingerprint:
    """Short hashes of the settings that shape a stream; a state holds no values.

    ``rows`` covers what a record means: records read before and after a change of it do
    not fit into one table. ``extent`` covers how much is read: it may change, and what
    was read before stays as it was.
    """

    rows: str
    extent: str

    @classmethod
    def of(cls, *, rows: Mapping[str, Any], extent: Mapping[str, Any]) -> Self:
        """Return the fingerprint of these settings, which are JSON."""
        return cls(_hash(rows), _hash(extent))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the fingerprint that a state holds as text."""
        rows, _, extent = text.partition(".")
        return cls(rows, extent)

    def __str__(self) -> str:
        """Return the text that a state holds."""
        return f"{self.rows}.{self.extent}"


@dataclass(frozen=True)
class Bookmark:
    """Where an interval stream stands; moments in UTC.

    - ``until``: the end of the last interval that was read completely. Everything
      before it is in the warehouse.
    - ``provisional_until``: the end of what was read after it from the query, which
      does not have the last word.
    - ``looked_back_at``, ``restated_at``: when days before the bookmark were last read
      again.
    - ``fingerprint``: of the settings at that time; None if there were none, or if an
      earlier version wrote the state.
    - ``key_version``: which form of the key the rows before ``until`` have; empty: the
      first.
    """

    until: datetime | None = None
    provisional_until: datetime | None = None
    looked_back_at: datetime | None = None
    restated_at: datetime | None = None
    fingerprint: SettingsFingerprint | None = None
    key_version: str = ""

    def to_state(self, replication_key: str) -> dict[str, str]:
        """Return the bookmark in the SDK's form, with our own moments beside it."""
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
    """Return the bookmark in a stream's state, empty on the first run.

    States of all earlier versions are understood: 0.1 wrote ``replication_key`` and
    ``replication_key_value`` only.

    Raises:
        StateError: The state is of another kind of stream, not a time, or the future.
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
            found = parse_timestamp(text)
        except (TypeError, ValueError):
            message = f"its {name} is not an ISO 8601 timestamp"
            raise state_error(stream, message) from None
        if past and found > now:
            message = f"its {name}, {format_timestamp(found)}, lies in the future"
            raise state_error(stream, message)
        return found

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
    """Return a bookmark with the fingerprint of today's settings.

    Raises:
        StateError: The settings defined the stream differently then.
    """
    before = bookmark.fingerprint
    if before and fingerprint and before.rows != fingerprint.rows:
        raise state_error(
            stream,
            "the settings define the stream otherwise than they did when it was "
            "written, and rows read before and after would not fit together. "
            "Another name would make it a table of its own",
        )
    return replace(bookmark, fingerprint=fingerprint)


def settings_changed(
    bookmark: Bookmark, fingerprint: SettingsFingerprint | None
) -> bool:
    """Tell whether the settings asked for something else when the state was written."""
    known = bookmark.until is not None and bookmark.fingerprint is not None
    return known and bookmark.fingerprint != fingerprint


def state_error(stream: str, problem: str) -> StateError:
    """Return an error that says what is wrong with a state, and what to do about it."""
    return StateError(
        f"The state of {stream} cannot be used: {problem}. Nothing was read. Give the "
        "state of an earlier run of this stream, or none to begin at start_date (with "
        "Meltano: meltano state get / meltano state clear)."
    )


def _hash(settings: Mapping[str, Any]) -> str:
    """Return a short hash of settings."""
    return hashlib.sha256(_canonical(settings).encode()).hexdigest()[:12]


def _canonical(value: Any) -> str:  # noqa: ANN401 (JSON)
    """Return JSON as text: order does not matter, empty equals absent."""
    if isinstance(value, dict):
        given = {name: _canonical(item) for name, item in value.items() if item}
        return json.dumps(given, sort_keys=True)
    if isinstance(value, list | tuple):
        return json.dumps(sorted(map(_canonical, value)))
    return json.dumps(value)
