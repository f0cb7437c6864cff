"""Columns that are worked out: what each of them holds, stated by hand.

A table's new derived column fails here until a value that it holds is stated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tap_genesys_analytics.records.flattening import DocumentRecords
from tap_genesys_analytics.records.tables import model_fields, snake_case
from tap_genesys_analytics.streams import registry
from tests import singer_records

if TYPE_CHECKING:
    from tap_genesys_analytics.records.tables import Table

Document = dict[str, Any]

READ_AT = "2026-11-23T08:00:00.000Z"

TABLES = {stream.table.name: stream.table for stream in registry.declared({})}

DERIVED = {
    (table.name, column.name) for table in TABLES.values() for column in table.derived
}

#: An agent and a customer, on two media and in two queues, one of them twice.
TRANSFERRED: Document = {
    "conversationId": "c",
    "conversationStart": "2026-01-01T08:00:00.000Z",
    "conversationEnd": "2026-01-01T08:01:00.500Z",
    "participants": [
        {"participantId": "1", "sessions": [{"mediaType": "voice"}]},
        {
            "participantId": "2",
            "userId": "agent",
            "sessions": [
                {
                    "mediaType": "callback",
                    "segments": [
                        {"queueId": "second"},
                        {"queueId": "first", "wrapUpCode": "sold"},
                        {"queueId": "second"},
                    ],
                }
            ],
        },
    ],
}

#: One that goes on, and of which nothing else is known.
BEGUN: Document = {
    "conversationId": "c",
    "conversationStart": "2026-01-01T08:00:00.000Z",
}

#: Stream and column → documents, and what the column holds of each.
EXPECTED: dict[tuple[str, str], list[tuple[Document, Any]]] = {
    ("conversations", "duration_ms"): [(TRANSFERRED, 60_500), (BEGUN, None)],
    ("conversations", "media_types"): [
        (TRANSFERRED, ["callback", "voice"]),
        (BEGUN, []),
    ],
    ("conversations", "queue_ids"): [(TRANSFERRED, ["first", "second"]), (BEGUN, [])],
    ("conversations", "user_ids"): [(TRANSFERRED, ["agent"]), (BEGUN, [])],
    ("conversations", "wrap_up_codes"): [(TRANSFERRED, ["sold"]), (BEGUN, [])],
}

#: The columns of ids that stand in references: table and column → the reference.
REFERENCES = [
    (table, column.name)
    for table in TABLES.values()
    for column in table.computed
    if column not in table.derived
]


def test_every_derived_column_has_a_value_that_is_stated_by_hand() -> None:
    """No such column can be added, renamed or removed without a change to this test."""
    assert EXPECTED.keys() == DERIVED
    for stated in EXPECTED.values():
        assert any(value for _, value in stated), "only an empty value is stated"


@pytest.mark.parametrize(
    ("name", "column", "document", "value"),
    [(*key, *stated) for key, each in EXPECTED.items() for stated in each],
)
def test_a_derived_column_holds_what_is_worked_out_from_the_document(
    name: str, column: str, document: Document, value: Any
) -> None:
    """The row of the document, with all columns, has the stated value there."""
    assert row_of(TABLES[name], document)[column] == value


@pytest.mark.parametrize(
    ("table", "column"), REFERENCES, ids=[f"{t.name}.{c}" for t, c in REFERENCES]
)
def test_a_reference_gives_its_id_to_a_column_of_its_own(
    table: Table, column: str
) -> None:
    """The column ends in _id and begins with the name of the reference."""
    fields = model_fields(table.model)
    (field,) = (field for field in fields if f"{snake_case(field)}_id" == column)
    keys = dict.fromkeys((*table.key_fields, table.id_field), "a key")
    reference = {"id": "the id", "name": "its name"}
    assert row_of(table, {**keys, field: reference})[column] == "the id"
    assert row_of(table, {**keys, field: {}})[column] is None
    assert row_of(table, keys)[column] is None


def row_of(table: Table, document: Document) -> Document:
    """Return the row of a document of a table, with all columns."""
    wanted = {table.name: [column.name for column in table.columns]}
    made = DocumentRecords([table], wanted)
    ((_, row),) = singer_records.rows_of(made, document, READ_AT)
    return row
