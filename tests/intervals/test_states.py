"""States from files and wrappers: understood with a warning, or refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tap_genesys_analytics.intervals.bookmarks import StateError
from tap_genesys_analytics.intervals.states import parse_state, unwrapped

STATE = {"bookmarks": {"conversations": {"replication_key_value": "2026-11-23"}}}
MESSAGE = {"type": "STATE", "value": STATE}


@pytest.mark.parametrize("state", [{}, {"bookmarks": {}}, STATE])
def test_a_state_as_the_tap_writes_it_is_taken_as_it_is(state: dict[str, Any]) -> None:
    """That of a first run is empty."""
    assert unwrapped(state) == (state, [])


@pytest.mark.parametrize(
    ("wrapped", "members"),
    [
        ({"singer_state": STATE}, ["singer_state"]),
        (MESSAGE, ["value"]),
        ({"singer_state": MESSAGE}, ["singer_state", "value"]),
    ],
    ids=["singer_state", "message", "both"],
)
def test_a_state_is_taken_out_of_its_wrapper_with_a_warning(
    wrapped: dict[str, Any], members: list[str]
) -> None:
    """One for each wrapper, which names it."""
    state, warnings = unwrapped(wrapped)
    assert state == STATE
    assert len(warnings) == len(members)
    assert all(map(str.__contains__, warnings, members))


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (None, "it is not a JSON object"),
        ([STATE], "it is not a JSON object"),
        ({"singer_state": None}, "it is not a JSON object"),
        (
            {"completed": STATE, "partial": {}},
            "has no bookmarks but completed, partial",
        ),
        ({"type": "RECORD", "record": {}}, "has no bookmarks but record, type"),
        ({"bookmarks": None}, "its bookmarks are not a JSON object"),
        ({"bookmarks": []}, "its bookmarks are not a JSON object"),
        ({"bookmarks": {"users": None}}, "the bookmark of users is not a JSON object"),
    ],
)
def test_what_holds_no_bookmarks_is_refused(state: Any, told: str) -> None:
    """It is not ignored: all of history would be read again."""
    with pytest.raises(StateError, match=told) as caught:
        unwrapped(state)
    assert "Nothing was read" in str(caught.value)
    assert "meltano state" in str(caught.value)


def test_the_last_of_several_lines_of_state_is_taken_with_a_warning() -> None:
    """As a target writes them."""
    assert parse_state(json.dumps(STATE, indent=1)) == (STATE, [])
    lines = '{"bookmarks": {}}\n\n' + json.dumps(STATE) + "\n"
    state, warnings = parse_state(lines)
    assert state == STATE
    assert warnings == [
        "The state file holds 2 states, one a line: the last one is taken."
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "the file is empty"),
        (" \n", "the file is empty"),
        ("bookmarks", "the file is not JSON"),
        ('{"bookmarks": {}}\n{"bookmarks": {', "the file is not JSON"),
    ],
)
def test_a_file_without_a_state_is_refused(text: str, told: str) -> None:
    """A line that was cut off is no state, and the one before it is not the latest."""
    with pytest.raises(StateError, match=told):
        parse_state(text)
