"""States: read, written, and refused where they cannot be ours."""

from __future__ import annotations

from dataclasses import replace
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
from tap_genesys_analytics.intervals.timestamps import format_timestamp
from tap_genesys_analytics.streams.interval_stream import IntervalStream
from tap_genesys_analytics.tap import TapGenesys

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


def test_a_wrong_state_ends_the_run_before_the_first_request() -> None:
    """When the tap is made, not when its turn comes."""
    future = format_timestamp(datetime.now(timezone.utc) + timedelta(days=1))
    state = {"replication_key": KEY, "replication_key_value": future}
    with pytest.raises(StateError, match="lies in the future"):
        TapGenesys(
            config={"client_id": "c", "client_secret": "s"},
            state={"bookmarks": {"conversations": state}},
        )


AGGREGATE: dict[str, Any] = {
    "name": "offered",
    "family": "conversations",
    "metrics": ["nOffered"],
    "group_by": ["queueId"],
}
QUERY: dict[str, Any] = {
    "name": "found",
    "path": "/api/v2/users/search",
    "body": {"since": "{start}"},
    "records_path": "results",
    "key": ["id"],
}


def stands(
    stream: str, config: dict[str, Any], before: dict[str, Any] | None = None
) -> tuple[Bookmark, dict[str, str]]:
    """Return where a stream stands, and the state of it, after a run until ``NOW``."""
    state = {"bookmarks": {stream: before or {}}}
    settings = {"client_id": "c", "client_secret": "s", **config}
    tap = TapGenesys(config=settings, state=state)
    found = tap.genesys_streams[stream]
    assert isinstance(found, IntervalStream)
    bookmark = replace(found.bookmark(), until=NOW)
    return bookmark, bookmark.to_state(found.bookmark_key)


@pytest.mark.parametrize(
    "changed",
    [
        {"group_by": ["queueId", "mediaType"]},
        {"granularity": "PT1H"},
        {"time_zone": "Europe/Berlin"},
        {"family": "flows", "metrics": ["nFlow"], "group_by": ["flowId"]},
        {"filter": {"type": "or", "predicates": []}},
    ],
    ids="-".join,
)
def test_rows_that_would_not_fit_together_are_refused(changed: dict[str, Any]) -> None:
    """Where an aggregate counts otherwise than its table so far."""
    _, state = stands("offered", {"aggregates": [AGGREGATE]})
    with pytest.raises(StateError, match="otherwise than they did"):
        stands("offered", {"aggregates": [{**AGGREGATE, **changed}]}, state)


@pytest.mark.parametrize(
    ("stream", "before", "after"),
    [
        (
            "offered",
            {"aggregates": [AGGREGATE]},
            {"aggregates": [{**AGGREGATE, "metrics": ["nOffered", "tHandle"]}]},
        ),
        (
            "found",
            {"queries": [QUERY]},
            {"queries": [{**QUERY, "body": {"x": "{end}"}}]},
        ),
        ("conversations", {"media_types": ["voice"]}, {}),
        ("conversations", {}, {"media_types": ["voice"]}),
        ("conversations", {"media_types": ["voice"]}, {"media_types": ["email"]}),
    ],
)
def test_a_change_of_what_is_read_is_remembered(
    stream: str, before: dict[str, Any], after: dict[str, Any]
) -> None:
    """It is no reason to stop; and the same settings are no change."""
    old, state = stands(stream, before)
    assert stands(stream, before, state)[0].fingerprint == old.fingerprint
    new, _ = stands(stream, after, state)
    assert new.fingerprint != old.fingerprint
    assert new.until == NOW


@pytest.mark.parametrize(
    ("stream", "before", "after"),
    [
        (
            "offered",
            {"aggregates": [{**AGGREGATE, "group_by": ["queueId", "userId"]}]},
            {"aggregates": [{**AGGREGATE, "group_by": ["userId", "queueId"]}]},
        ),
        (
            "offered",
            {"aggregates": [{**AGGREGATE, "granularity": "PT60M"}]},
            {"aggregates": [{**AGGREGATE, "granularity": "PT1H"}]},
        ),
        (
            "found",
            {"queries": [{**QUERY, "key": ["id", "version"]}]},
            {"queries": [{**QUERY, "key": ["version", "id"]}]},
        ),
        (
            "conversations",
            {"media_types": ["voice", "email"]},
            {"media_types": ["email", "voice"]},
        ),
    ],
)
def test_the_same_in_other_words_is_no_change(
    stream: str, before: dict[str, Any], after: dict[str, Any]
) -> None:
    """Whatever its order."""
    old, state = stands(stream, before)
    assert stands(stream, after, state)[0].fingerprint == old.fingerprint


def test_a_state_without_a_definition_is_taken_as_of_the_present_one() -> None:
    """Earlier versions did not write it."""
    _, state = stands("offered", {"aggregates": [AGGREGATE]})
    assert state.pop("definition")
    changed = {**AGGREGATE, "granularity": "PT1H"}
    new, _ = stands("offered", {"aggregates": [changed]}, state)
    assert new.fingerprint is not None
