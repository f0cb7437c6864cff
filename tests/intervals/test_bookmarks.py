"""States: read, written, and refused where they cannot be ours."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_genesys_analytics.intervals.bookmarks import (
    Bookmark,
    SettingsFingerprint,
    StateError,
    read_bookmark,
)

NOW = datetime(2026, 11, 23, 8, tzinfo=timezone.utc)
KEY = "conversation_start"
moments = st.none() | st.datetimes(
    datetime(2020, 1, 1),  # noqa: DTZ001 (the zone is added)
    datetime(2026, 11, 23),  # noqa: DTZ001
    timezones=st.just(timezone.utc),
).map(lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000))


definitions = st.none() | st.builds(
    lambda rows, extent: SettingsFingerprint.of(rows={"a": rows}, extent={"b": extent}),
    st.text(),
    st.lists(st.integers()),
)


@given(
    moments, moments, moments, moments, definitions, st.sampled_from(["", "2", "10"])
)
def test_what_is_written_is_what_is_read(
    until: datetime | None,
    provisional_until: datetime | None,
    looked_back_at: datetime | None,
    restated_at: datetime | None,
    definition: SettingsFingerprint | None,
    key_version: str,
) -> None:
    """Whatever is known of where the stream stands."""
    known = (until, provisional_until, looked_back_at, restated_at)
    others = (definition, key_version) if any(known) else ()
    bookmark = Bookmark(*known, *others)
    assert read_bookmark("x", bookmark.to_state(KEY), KEY, NOW) == bookmark


@pytest.mark.parametrize(
    "state",
    [
        # 0.1, at the end of a run, and in the middle of one
        {
            "replication_key": KEY,
            "replication_key_value": "2026-11-23T07:00:00.000Z",
        },
        {
            "starting_replication_value": "2026-11-16",
            "replication_key": KEY,
            "replication_key_value": "2026-11-23T07:00:00.000Z",
        },
    ],
)
def test_bookmarks_of_earlier_versions_are_understood(state: dict[str, str]) -> None:
    """A new version of the tap goes on where the old one stopped."""
    until = NOW - timedelta(hours=1)
    assert read_bookmark("conversations", state, KEY, NOW) == Bookmark(until)


def test_the_first_run_has_an_empty_state() -> None:
    """Also where the SDK left an empty entry."""
    assert read_bookmark("conversations", {}, KEY, NOW) == Bookmark()


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ({"replication_key_value": "2026-11-23T09:00:00Z"}, "lies in the future"),
        ({"provisional_until": "2027-01-01"}, "provisional_until, .* in the future"),
        ({"replication_key_value": "yesterday"}, "not an ISO 8601 timestamp"),
        ({"replication_key_value": 1763884800}, "not an ISO 8601 timestamp"),
        ({"replication_key": "id", "replication_key_value": "a"}, "is 'id', not"),
        ({"partitions": [{"context": {}}]}, "partitions"),
    ],
    ids=["future", "future provisional", "no time", "epoch", "other key", "partitions"],
)
def test_a_state_that_cannot_be_ours_is_refused(
    state: dict[str, Any], told: str
) -> None:
    """With the stream's name, and what to do."""
    with pytest.raises(StateError, match=told) as caught:
        read_bookmark("conversations", state, KEY, NOW)
    assert "The state of conversations cannot be used" in str(caught.value)
    assert "meltano state" in str(caught.value)
