"""What the state of an interval stream says, and what it may not say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tap_genesys_analytics.errors import GenesysError
from tap_genesys_analytics.intervals.definitions import Definition
from tap_genesys_analytics.intervals.timestamps import format_timestamp, parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


class StateError(GenesysError):
    """The state given cannot be a state of this stream."""


@dataclass(frozen=True)
class Bookmark:
    """Where an interval stream stands; moments in UTC.

    ``until`` is the end of the last interval read completely: what lies before it is
    in the warehouse. ``provisional_until`` is the end of what was read after it from a
    source that does not have the last word. ``looked_back_at`` and ``restated_at`` are
    when days before the bookmark were last read again. ``definition`` is what the
    settings asked of the stream then; None: nothing, or it was not remembered yet.
    """

    until: datetime | None = None
    provisional_until: datetime | None = None
    looked_back_at: datetime | None = None
    restated_at: datetime | None = None
    definition: Definition | None = None

    def to_state(self, replication_key: str) -> dict[str, str]:
        """Return the bookmark as the SDK keeps it, and our own moments beside it."""
        moments = {
            "replication_key_value": self.until,
            "provisional_until": self.provisional_until,
            "looked_back_at": self.looked_back_at,
            "restated_at": self.restated_at,
        }
        written = {
            name: format_timestamp(moment) for name, moment in moments.items() if moment
        }
        if not written:
            return {}
        if self.definition:
            written["definition"] = str(self.definition)
        return {"replication_key": replication_key, **written}


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

    definition = state.get("definition")
    return Bookmark(
        until=moment("replication_key_value"),
        provisional_until=moment("provisional_until"),
        looked_back_at=moment("looked_back_at", past=False),
        restated_at=moment("restated_at", past=False),
        definition=Definition.parse(str(definition)) if definition else None,
    )


def state_error(stream: str, problem: str) -> StateError:
    """Return an error that says what is wrong with a state, and what to do about it."""
    return StateError(
        f"The state of {stream} cannot be used: {problem}. Nothing was read. Give the "
        "state of an earlier run of this stream, or none to begin at start_date (with "
        "Meltano: meltano state get / meltano state clear)."
    )
