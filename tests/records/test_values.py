"""Values that no database stores: null in their column, and kept in extra."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from tap_genesys_analytics.records.column_types import as_dict, coerce
from tap_genesys_analytics.records.flattening import DocumentRecords
from tap_genesys_analytics.records.raw_documents import decode_json, decode_page
from tap_genesys_analytics.records.tables import (
    DATE,
    INTEGER,
    INTEGERS,
    NUMBER,
    TIMESTAMP,
    Table,
)

TABLE = Table(
    name="things",
    description="A table with a column of each type.",
    model={
        "id": "string",
        "count": "integer",
        "counts": "[integer]",
        "share": "number",
        "day": "date",
        "moment": "date-time",
        "more": "object",
    },
    id_field="id",
)

READ_AT = "2026-11-23T08:00:00.000Z"


def row_of(members: str) -> dict[str, Any]:
    """Return the row of a document with these members, as JSON."""
    made = DocumentRecords([TABLE], {"things": [each.name for each in TABLE.columns]})
    document = made.decode(msgspec.Raw(f'{{"id": "a", {members}}}'.encode()))
    ((_, (row,)),) = made.records([document], READ_AT)
    return json.loads(msgspec.json.encode(as_dict(row)))  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("field", "written", "kept"),
    [
        ("count", "9223372036854775808", "9223372036854775808"),
        ("count", "-9223372036854775809", "-9223372036854775809"),
        ("count", "1e400", "1e400"),
        ("count", "9" * 5000, "9" * 5000),
        ("count", "12.5", 12.5),
        ("counts", "[1, 9223372036854775808]", [1, "9223372036854775808"]),
        ("share", "1e400", "1e400"),
        ("share", "-1e400", "-1e400"),
        ("share", "9" * 400, "9" * 400),
        ("day", '"2026-02-30"', "2026-02-30"),
        ("day", '"2026-11-16T00:00:00Z"', "2026-11-16T00:00:00Z"),
        ("day", '"0000-01-01"', "0000-01-01"),
        ("moment", '"2026-02-30T00:00:00.000Z"', "2026-02-30T00:00:00.000Z"),
        ("moment", '"9999-12-31T23:59:59-05:00"', "9999-12-31T23:59:59-05:00"),
        ("brandNew", "1e400", "1e400"),
        ("brandNew", "9223372036854775808", "9223372036854775808"),
    ],
)
def test_what_no_database_stores_is_kept_in_extra(
    field: str, written: str, kept: object
) -> None:
    """Numbers as the text that was written."""
    row = row_of(f'"{field}": {written}')
    assert row["extra"] == {field: kept}
    assert row.get(field) is None


@pytest.mark.parametrize(
    ("field", "written", "value"),
    [
        ("count", "12.0", 12),
        ("count", "1e2", 100),
        ("count", "-0.0", 0),
        ("count", "9223372036854775807", 2**63 - 1),
        ("count", "-9223372036854775808", -(2**63)),
        ("counts", "[1, 2.0]", [1, 2]),
        ("share", "12", 12),
        ("share", "9223372036854775808", 2**63),
        ("share", "1e308", 1e308),
        ("day", '"2024-02-29"', "2024-02-29"),
        ("moment", '"0001-01-01T00:00:00Z"', "0001-01-01T00:00:00.000Z"),
        ("moment", '"2024-02-29T00:00:00.000Z"', "2024-02-29T00:00:00.000Z"),
    ],
)
def test_what_a_column_can_hold_is_in_it(
    field: str, written: str, value: object
) -> None:
    """However it is written."""
    row = row_of(f'"{field}": {written}')
    assert row[field] == value
    assert type(row[field]) is type(value)
    assert row["extra"] is None


def test_a_number_out_of_range_changes_nothing_else() -> None:
    """Its document is decoded another way, with the same result."""
    row = row_of('"count": 7, "share": 0.5, "more": {"a": [1e400, "b", 1.5]}')
    assert (row["count"], row["share"]) == (7, 0.5)
    assert row["more"] == {"a": ["1e400", "b", 1.5]}


def test_pages_and_answers_survive_numbers_out_of_range() -> None:
    """In documents that are not decoded yet, and beside them."""
    assert decode_json(b'{"total": 1e400, "a": 2}') == {"total": "1e400", "a": 2}
    page = decode_page(b'{"things": [{"a": 1e400}], "total": 1e999}', "things")
    assert page["total"] == "1e999"
    assert decode_json(bytes(page["things"][0])) == {"a": "1e400"}
    with pytest.raises(ValueError, match="NaN"):
        decode_json(b'{"a": NaN, "b": "\\u0000"}')


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (INTEGER, True),
        (NUMBER, False),
        (INTEGER, "1"),
        (INTEGERS, [True]),
        (DATE, 20260101),
        (TIMESTAMP, 1767254400000),
    ],
)
def test_other_types_are_not_made_to_fit(schema: dict[str, Any], value: object) -> None:
    """A truth value is no number, nor is a text."""
    assert coerce(schema, value) is None


def test_names_that_become_equal_without_nul_are_both_kept() -> None:
    """The second is numbered, whichever comes first."""
    given = {"a": "1", "\0a": "2", "a\0": "3", "\0b": "4"}
    for names in (list(given), list(given)[::-1]):
        content = json.dumps({name: given[name] for name in names}).encode()
        assert decode_json(content) == {"a": "1", "a#2": "2", "a#3": "3", "b": "4"}
