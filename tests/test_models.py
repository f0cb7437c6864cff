"""Models and columns against the official SDK, the judge of names and types."""

from __future__ import annotations

import json

import PureCloudPlatformClientV2
import pytest

from scripts import update_models
from tap_genesys_analytics.records.tables import Table, snake_case
from tap_genesys_analytics.streams.conversation_tables import TABLES

WITH_MODEL = [table for table in TABLES if isinstance(table.model, str)]


def test_the_models_are_those_of_the_official_sdk() -> None:
    """The committed files are what the script makes of the SDK that is installed."""
    models = update_models.PACKAGE / "records" / "models.json"
    assert json.loads(models.read_text("utf-8"))["models"] == update_models.collect()
    families = update_models.PACKAGE / "streams" / "aggregates.json"
    assert (
        json.loads(families.read_text("utf-8"))["families"] == update_models.families()
    )


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
