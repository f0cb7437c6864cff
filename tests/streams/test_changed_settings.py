"""Settings that shape a stream, changed between runs; and states that are refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from tap_genesys_analytics.intervals.bookmarks import StateError
from tap_genesys_analytics.intervals.timestamps import format_timestamp
from tap_genesys_analytics.streams.interval_stream import IntervalStream
from tap_genesys_analytics.tap import TapGenesys

if TYPE_CHECKING:
    from tap_genesys_analytics.intervals.bookmarks import Bookmark

NOW = datetime(2026, 11, 23, 8, tzinfo=timezone.utc)
KEY = "conversation_start"


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
    """An aggregate that would count otherwise than its table so far ends the run."""
    _, state = stands("offered", {"aggregates": [AGGREGATE]})
    with pytest.raises(StateError, match="define this stream have changed"):
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
    """The run goes on, with another fingerprint; equal settings have an equal one."""
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
    """Neither the order of names nor another form of a duration changes anything."""
    old, state = stands(stream, before)
    assert stands(stream, after, state)[0].fingerprint == old.fingerprint


def test_a_state_without_a_definition_is_taken_as_of_the_present_one() -> None:
    """Earlier versions did not write it."""
    _, state = stands("offered", {"aggregates": [AGGREGATE]})
    assert state.pop("definition")
    changed = {**AGGREGATE, "granularity": "PT1H"}
    new, _ = stands("offered", {"aggregates": [changed]}, state)
    assert new.fingerprint is not None
