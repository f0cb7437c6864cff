"""What is not as it is defined: neither lost nor a crash, and no other row moves."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tap_genesys_analytics.intervals.timestamps import FIXED_LENGTH
from tap_genesys_analytics.records.flattening import DocumentRecords
from tap_genesys_analytics.records.tables import snake_case
from tap_genesys_analytics.streams.conversation_tables import TABLES
from tests import singer_records as records
from tests.records.conversations import (
    ALL,
    BY_NAME,
    READ_AT,
    by_key,
    conversations,
    rows_of,
)


@given(
    conversations,
    st.sampled_from(["conversation", "participant", "session"]),
    st.sampled_from(["brandNew", "brand-new", "divisionIds", "ani"]),
)
@settings(max_examples=2 * settings().max_examples)
def test_a_surprise_changes_no_other_row_and_no_key(
    document: dict[str, Any], where: str, surprise: str
) -> None:
    """A field that is new, or of another type, and nothing else is different."""
    surprising = copy.deepcopy(document)
    levels = {"conversation": [surprising]}
    levels["participant"] = surprising["participants"]
    levels["session"] = [s for p in levels["participant"] for s in p["sessions"]]
    for item in levels[where]:
        item[surprise] = {"a": 1}
    with_it = by_key(rows_of(surprising))
    for key, row in by_key(rows_of(document)).items():
        assert {**with_it[key], "extra": None} == row
    kept = any(row["extra"] == {surprise: {"a": 1}} for row in with_it.values())
    assert kept == bool(levels[where])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("brandNew", {"a": [1]}),
        ("selfServed", "maybe"),
        ("mediaStatsMinConversationMos", True),
        ("conversationEnd", 1767254400000),
        ("conversationEnd", "soon"),
        ("divisionIds", ["a", 1]),
        ("externalTag", 7),
        ("evaluations", "none"),
    ],
)
def test_what_the_definition_does_not_know_is_kept_in_extra(
    field: str,
    value: Any,
) -> None:
    """New fields and new types are neither lost nor a crash."""
    row = rows_of({"conversationId": "c", field: value})[0][1]
    assert row["extra"] == {field: value}
    assert row.get(snake_case(field)) is None


@pytest.mark.parametrize("value", ["none", {"a": 1}, [1, {"surveyId": "s"}]])
def test_what_is_no_item_of_a_table_below_is_kept_in_extra(value: Any) -> None:
    """And the items among it are rows."""
    default = [
        c.name for c in BY_NAME["conversations"].columns if c.selected_by_default
    ]
    made = DocumentRecords(TABLES, {**ALL, "conversations": default})
    document = {"conversationId": "c", "surveys": value}
    (_, row), *others = records.rows_of(made, document, READ_AT)
    assert row["extra"] == {"surveys": value}
    assert [row["survey_id"] for _, row in others] == ["s"] * isinstance(value, list)


def test_what_genesys_adds_is_known_from_the_second_document_on() -> None:
    """It is in every document then; all the same, it is kept in extra."""
    made = DocumentRecords(TABLES, ALL)

    def is_struct(**fields: object) -> bool:
        read = made.decode({"conversationId": "c", **fields})
        ((_, (row,)),) = made.records([read], READ_AT)
        assert row.get("extra") == (fields or None)
        return not isinstance(row, dict)

    assert is_struct()
    assert is_struct(brandNew=1)
    assert is_struct(brandNew="a", another={})
    assert not is_struct(brandNew=1, **{"not-a-name": 2})
    # An object whose members' names are data has ever more.
    assert not is_struct(**{f"name{number}": 1 for number in range(150)}, externalTag=1)
    assert not is_struct(onceMore=1)
    assert is_struct(brandNew=2)


@pytest.mark.parametrize("surprise", [{}, {"brandNew": 1}])
def test_a_timestamp_of_another_form_is_written_in_the_fixed_one(
    surprise: dict[str, Any],
) -> None:
    """Also one of the same length; what is no timestamp at all is kept in extra."""
    never = "on the 30th of February!"
    assert len(never) == len("2026-01-01T09:00:00+0100") == FIXED_LENGTH
    segments = [
        {
            "segmentStart": "2026-01-01T09:00:00+0100",
            "segmentEnd": never,
        },
        {"segmentStart": "2026-01-01T09:00:00.000Z", **surprise},
    ]
    sessions = [{"sessionId": "s", "segments": segments}]
    document = {
        "conversationId": "c",
        "participants": [{"participantId": "p", "sessions": sessions}],
    }
    rows = [row for table, row in rows_of(document) if table.endswith("_segments")]
    assert [row["segment_start"] for row in rows] == [
        "2026-01-01T08:00:00.000Z",
        "2026-01-01T09:00:00.000Z",
    ]
    assert rows[0]["segment_end"] is None
    assert rows[0]["extra"] == {"segmentEnd": never}
    assert rows[1]["extra"] == (surprise or None)
