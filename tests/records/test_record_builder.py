"""Row builders: the quick way and the careful one."""

from __future__ import annotations

import functools
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from tap_genesys_analytics.intervals.timestamps import fixed_form
from tap_genesys_analytics.records.column_types import as_dict, storable
from tap_genesys_analytics.records.keys import LevelItems
from tap_genesys_analytics.records.record_builder import (
    RecordBuilder,
    inherited_columns,
)
from tap_genesys_analytics.records.tables import TIMESTAMP, Table
from tap_genesys_analytics.streams.conversation_tables import TABLES
from tests.records.conversations import names, times

values = st.none() | st.text(max_size=3) | st.integers() | st.booleans() | times

lists = st.lists(values, max_size=2) | st.dictionaries(names, values, max_size=2)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
@given(data=st.data())
def test_an_item_with_a_surprise_in_it_is_built_like_any_other(
    table: Table, data: st.DataObject
) -> None:
    """The careful way differs from the quick one in what it keeps, and in nothing."""
    fields = [*table.fields, *table.flattened_fields, "newField"]
    item = data.draw(st.dictionaries(st.sampled_from(fields), values | lists))
    builder = builder_of(table)
    given = ("given",) * len(inherited_columns(table))
    row = build(builder, given, item)
    careful = builder._build_by_field(given, item)
    assert row == careful
    kept = row["extra"] or {}
    for name, column in table.fields.items():
        value: Any = item.get(name)
        if name in kept:
            assert kept[name] == storable(value)
        elif column.name not in inherited_columns(table):
            if column.schema is TIMESTAMP and isinstance(value, str):
                value = fixed_form(value)
            assert row[column.name] == value


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_rows_of_the_quick_way_hold_their_schema(table: Table) -> None:
    """A value that is not of its type never gets into a column."""
    builder = builder_of(table)
    given = (None,) * len(inherited_columns(table))
    quick = 0
    for name, column in table.fields.items():
        schema = Draft7Validator({"properties": {column.name: column.schema}})
        for value in (1, 1.5, True, "x", [1], ["x"], {"a": 1}, "2026-11-16T08:00:00Z"):
            row = build(builder, given, {name: value})
            assert schema.is_valid(row), value
            quick += row["extra"] is None
    assert quick


@functools.cache
def builder_of(table: Table) -> RecordBuilder:
    """Return what builds a table's rows with all columns."""
    return RecordBuilder(table, [column.name for column in table.columns], {})


def build(
    builder: RecordBuilder, given: tuple[Any, ...], item: dict[str, Any]
) -> dict[str, Any]:
    """Return the row of an item, in the quick way if it can have it."""
    assert builder.item is not None
    try:
        struct = msgspec.json.decode(msgspec.json.encode(item), type=builder.item)
    except msgspec.ValidationError:
        (row,) = builder.records(LevelItems([given], [item]))
    else:
        (row,) = builder.records(LevelItems([given], [struct]))
    return as_dict(row)
