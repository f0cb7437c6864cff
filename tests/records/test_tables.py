"""Columns against the official SDK, the judge of every field's name and type."""

from __future__ import annotations

import json

import PureCloudPlatformClientV2
import pytest

from scripts import update_models
from tap_genesys_analytics.records.tables import Table, model_fields, snake_case
from tap_genesys_analytics.streams.conversation_tables import TABLES

WITH_MODEL = [table for table in TABLES if isinstance(table.model, str)]


def test_the_models_are_those_of_the_official_sdk() -> None:
    """The file is what the script makes of the SDK; run it after an update."""
    models = (update_models.PACKAGE / "records" / "models.json").read_text(
        encoding="utf-8"
    )
    assert json.loads(models)["models"] == update_models.collect()
    families = (update_models.PACKAGE / "streams" / "aggregates.json").read_text(
        encoding="utf-8"
    )
    assert json.loads(families)["families"] == update_models.families()


@pytest.mark.parametrize("table", WITH_MODEL, ids=lambda table: table.name)
def test_every_field_of_the_api_is_a_column_or_a_table(table: Table) -> None:
    """Read from the SDK's own model, not from our copy of it."""
    model = getattr(PureCloudPlatformClientV2, str(table.model))()
    below = {each.path.split(".")[0] for each in TABLES if each.parent is table}
    columns = {column.name for column in table.columns}
    for field in model.attribute_map.values():
        is_column = snake_case(field) in columns
        is_flattened = field in table.flattened_fields
        assert is_column or is_flattened or field in below, field


def test_every_field_of_a_flow_is_a_column_of_its_session_or_a_table() -> None:
    """A session's flow is flattened."""
    sessions = next(table for table in TABLES if table.flattened)
    model = PureCloudPlatformClientV2.AnalyticsFlow()
    flattened = set(sessions.flattened_fields["flow"])
    assert flattened == set(model.attribute_map.values()) - {"outcomes"}
    names = [column.name for column in sessions.flattened_fields["flow"].values()]
    assert "flow_id" in names
    assert "flow_exit_reason" in names


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
