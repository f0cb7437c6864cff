"""Tables: their columns, and the rule for names."""

from __future__ import annotations

import pytest

from tap_genesys_analytics.records.tables import Table, model_fields, snake_case
from tap_genesys_analytics.streams.conversation_tables import TABLES


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_columns_are_unique_snake_case_and_keys_come_first(table: Table) -> None:
    """So a target can make a table of them as they are."""
    names = [column.name for column in table.columns]
    assert len(names) == len(set(names))
    assert all(name == snake_case(name) and name.isidentifier() for name in names)
    assert names[: len(table.keys)] == [column.name for column in table.keys]
    assert names[-2:] == ["extra", "extracted_at"]
    assert "conversation_start" in names


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("conversationId", "conversation_id"),
        ("oTotalCriticalScore", "o_total_critical_score"),
        ("nNextContactAvoided", "n_next_contact_avoided"),
        ("q850ResponseCodes", "q850_response_codes"),
        ("mediaStatsMinConversationRFactor", "media_stats_min_conversation_r_factor"),
        ("selfURI", "self_uri"),
    ],
)
def test_names_become_snake_case(name: str, expected: str) -> None:
    """One rule for all of the API's names."""
    assert snake_case(name) == expected


def test_models_know_their_fields() -> None:
    """A model is named, or spelled out where the API has none."""
    assert model_fields("AnalyticsSessionMetric")["value"] == "integer"
    assert model_fields({"name": "string"}) == {"name": "string"}
