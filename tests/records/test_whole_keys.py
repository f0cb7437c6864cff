"""Keys that are whole: no part is null or empty, and no two records share one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_genesys_analytics.errors import GenesysError
from tap_genesys_analytics.records.flattening import DocumentRecords
from tap_genesys_analytics.records.tables import Table
from tap_genesys_analytics.streams.user_status import (
    PRESENCE,
    UserPresence,
    period_key,
    user_periods,
)
from tests import singer_records as records
from tests.records.conversations import READ_AT, rows_of

THINGS = Table(
    name="things",
    description="A list of things, each with an owner.",
    model={"ownerId": "string", "since": "date-time", "id": "string"},
    key_fields=("ownerId", "since"),
    id_field="id",
)
WHOLE = {"ownerId": "o", "since": "2026-11-16T08:00:00.000Z", "id": "a"}


def thing(document: dict[str, Any]) -> dict[str, Any]:
    """Return the row of a thing."""
    made = DocumentRecords([THINGS], {"things": [each.name for each in THINGS.columns]})
    ((_, row),) = records.rows_of(made, document, READ_AT)
    return row


@pytest.mark.parametrize("field", WHOLE)
@pytest.mark.parametrize("value", [None, ""])
@pytest.mark.parametrize("more", [{}, {"brand-new": 1}])
def test_a_record_whose_key_cannot_be_told_is_an_error(
    field: str, value: str | None, more: dict[str, Any]
) -> None:
    """It names the table and the field, and ends the reading of its interval."""
    message = f"things: a record has no valid {field}, which is part of its key"
    with pytest.raises(GenesysError, match=message):
        thing({**WHOLE, **more, field: value})


@pytest.mark.parametrize("value", [5, "soon", "2026-02-30T00:00:00.000Z"])
def test_a_key_that_is_no_moment_is_an_error(value: object) -> None:
    """Null instead would be refused by the target, and with it the whole load."""
    with pytest.raises(GenesysError, match="no valid since"):
        thing({**WHOLE, "since": value})


@pytest.mark.parametrize(
    ("value", "text"), [(7, "7"), (7.5, "7.5"), (True, "true"), ("7", "7"), (0, "0")]
)
def test_ids_are_written_as_texts(value: object, text: str) -> None:
    """Whatever type the API sends: no two become one."""
    assert thing({**WHOLE, "id": value})["id"] == text
    assert thing({**WHOLE, "ownerId": value})["owner_id"] == text


def test_items_without_an_id_are_told_apart() -> None:
    """A text stands for what is missing, and a number after it."""
    ids: list[object] = [None, "", 7, "7", 8]
    participants = [
        {"participantId": each, "userId": f"u{at}"} for at, each in enumerate(ids)
    ]
    rows = rows_of({"conversationId": "c", "participants": participants})
    found = {
        row["user_id"]: row["participant_id"]
        for table, row in rows
        if table == "conversation_participants"
    }
    assert sorted(found.values()) == ["(none)", "(none)#2", "7", "7#2", "8"]
    assert {found["u2"], found["u3"]} == {"7", "7#2"}


def test_a_conversation_without_an_id_is_an_error() -> None:
    """Two of them would be one."""
    with pytest.raises(GenesysError, match="conversations: a record has no valid conv"):
        rows_of({"conversationStart": "2026-11-16T08:00:00.000Z"})


def test_key_columns_are_not_null_in_the_schema() -> None:
    """All others may be."""
    properties = THINGS.schema["properties"]
    keys = {column.name for column in THINGS.keys}
    assert keys == {
        name for name in properties if "null" not in properties[name]["type"]
    }
    assert properties["since"] == {"type": ["string"], "format": "date-time"}


moments = st.sampled_from([f"2026-11-16T08:00:0{second}.000Z" for second in range(2)])
periods = st.fixed_dictionaries(
    {"startTime": moments, "systemPresence": st.sampled_from(["BREAK", "AWAY"])},
    optional={"endTime": moments, "organizationPresenceId": st.sampled_from("ab")},
)


def presences(listed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of a user's periods, each read for itself."""
    wanted = {PRESENCE.name: [column.name for column in PRESENCE.columns]}
    made = DocumentRecords(UserPresence.tables, wanted)
    user = {"userId": "u", "primaryPresence": listed}
    return [
        row
        for document in user_periods(user)
        for _, row in records.rows_of(made, document, READ_AT)
    ]


@given(st.lists(periods, max_size=5), st.randoms(use_true_random=False))
def test_the_key_of_a_period_does_not_depend_on_the_others(
    listed: list[dict[str, Any]], chance: Any
) -> None:
    """A later interval sees some of them again, in whatever order."""
    keys = [(row["start_time"], row["period_key"]) for row in presences(listed)]
    pairs = list(zip(listed, keys, strict=True))
    chance.shuffle(pairs)
    again = presences([period for period, _ in pairs[:3]])
    assert [(row["start_time"], row["period_key"]) for row in again] == [
        key for _, key in pairs[:3]
    ]


def test_periods_that_begin_at_the_same_moment_are_all_kept() -> None:
    """One has no length, one another status; an open one keeps its key when it ends."""
    start, end = "2026-11-16T08:00:00.000Z", "2026-11-16T09:00:00.000Z"
    listed = [
        {"startTime": start, "endTime": start, "organizationPresenceId": "a"},
        {"startTime": start, "organizationPresenceId": "a"},
        {"startTime": start, "endTime": end, "organizationPresenceId": "b"},
        {"startTime": start, "endTime": end},
    ]
    rows = presences(listed)
    assert [row["period_key"] for row in rows] == ["a#0", "a", "b", "(none)"]
    assert period_key({**listed[1], "endTime": end}) == "a"
    assert all(row["extra"] is None for row in rows)


@pytest.mark.parametrize("period", [{}, {"startTime": "soon"}, {"startTime": None}])
def test_a_period_without_a_start_is_an_error(period: dict[str, Any]) -> None:
    """Named, with its table."""
    with pytest.raises(
        GenesysError, match="user_presence: a record has no valid start"
    ):
        presences([{**period, "systemPresence": "BREAK"}])
