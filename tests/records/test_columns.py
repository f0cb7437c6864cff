"""Columns: all that are wanted, and no others."""

from __future__ import annotations

import copy

from tap_genesys_analytics.records.flattening import DocumentRecords
from tap_genesys_analytics.streams.conversation_tables import TABLES
from tests import singer_records as records
from tests.records.conversations import (
    ALL,
    BY_NAME,
    READ_AT,
    rows_of,
)


def test_every_row_of_a_reading_says_when_it_was_read() -> None:
    """A reader can tell rows that a later reading no longer has."""
    document = {
        "conversationId": "c",
        "conversationStart": "2026-01-01T00:00:00Z",
        "participants": [{"participantId": "p", "attributes": {"a": "1"}}],
        "resolutions": [{}],
    }
    rows = [row for _, row in rows_of(document)]
    assert len(rows) == 4
    assert {row["extracted_at"] for row in rows} == {READ_AT}
    assert {row["conversation_start"] for row in rows} == {"2026-01-01T00:00:00.000Z"}


def test_a_flow_becomes_columns_of_its_session_and_its_outcomes_rows() -> None:
    """Every column of it begins with flow, once."""
    session = {
        "sessionId": "s",
        "flow": {
            "flowId": "f",
            "exitReason": "TRANSFER",
            "brandNew": 1,
            "outcomes": [{"flowOutcomeId": "o", "flowOutcomeValue": "SUCCESS"}],
        },
    }
    document = {
        "conversationId": "c",
        "participants": [{"participantId": "p", "sessions": [session]}],
    }
    by_table = dict(rows_of(document))
    row = by_table["conversation_sessions"]
    assert (row["flow_id"], row["flow_exit_reason"]) == ("f", "TRANSFER")
    assert row["extra"] == {"flow": {"brandNew": 1}}
    assert by_table["conversation_flow_outcomes"]["flow_outcome_value"] == "SUCCESS"


def test_all_columns_are_there_with_null_for_what_the_api_leaves_out() -> None:
    """A value that went away must be overwritten in the warehouse."""
    row = rows_of({"conversationId": "c"})[0][1]
    assert set(row) == {column.name for column in BY_NAME["conversations"].columns}
    assert row["conversation_end"] is None
    assert row["extra"] is None


def test_only_what_is_wanted_is_built() -> None:
    """Neither tables nor columns that are not selected cost anything."""
    document = {
        "conversationId": "c",
        "conversationStart": "2026-01-01T00:00:00.000Z",
        "participants": [
            {"participantId": "p", "sessions": [{"sessionId": "s", "segments": [{}]}]}
        ],
    }
    keys = ["conversation_id", "participant_id", "session_id", "segment_number"]
    wanted = {"conversation_segments": [*keys, "segment_start"]}
    made = DocumentRecords(TABLES, wanted)
    rows = list(records.rows_of(made, document, READ_AT))
    assert [table for table, _ in rows] == ["conversation_segments"]
    assert set(rows[0][1]) == {*keys, "segment_start"}
    assert not list(DocumentRecords(TABLES, {}).records([document], READ_AT))


def test_documents_that_are_nested_whole_go_out_as_they_came() -> None:
    """With what this version does not know of them, and whatever it is."""
    whole = [{"participantId": "p", "brandNew": [1.0, {"a": None}], "sessions": "?"}]
    document = {"conversationId": "c", "participants": whole}
    wanted = {"conversations": ALL["conversations"]}
    ((_, row),) = records.rows_of(DocumentRecords(TABLES, wanted), document, READ_AT)
    assert row["participants"] == whole
    assert row["extra"] is None
    assert row["user_ids"] is None


def test_the_document_is_left_as_it_was() -> None:
    """Rows may share values with it, but nothing in it is changed."""
    document = {
        "conversationId": "c",
        "conversationEnd": "2026-01-01T00:00:00Z",
        "participants": [{"participantId": "p", "new": 1, "attributes": {"a": "b"}}],
    }
    before = copy.deepcopy(document)
    rows_of(document)
    assert document == before
