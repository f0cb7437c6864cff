"""Records of a run: their keys and counts, and what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_genesys_analytics.records.column_types import as_dict
from tap_genesys_analytics.streams.conversation_tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_genesys_analytics.records.flattening import DocumentRecords


def rows_of(
    made: DocumentRecords, document: dict[str, Any], extracted_at: str
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the rows that are made of a document as (table name, row)."""
    for table, rows in made.records([made.decode(document)], extracted_at):
        for row in rows:
            yield table, as_dict(row)


def keys_of(records: list[dict[str, Any]], table: str) -> list[tuple[Any, ...]]:
    """Return the keys of a table's records."""
    names = [
        column.name for each in TABLES if each.name == table for column in each.keys
    ]
    return [tuple(record[name] for name in names) for record in records]


def counts_of(documents: list[dict[str, Any]]) -> dict[str, int]:
    """Return the items of each level, counted on the documents themselves."""
    participants = [p for each in documents for p in each.get("participants", ())]
    sessions = [s for each in participants for s in each.get("sessions", ())]
    flows = [each["flow"] for each in sessions if "flow" in each]

    def total(items: list[dict[str, Any]], field: str) -> int:
        return sum(len(item.get(field, ())) for item in items)

    return {
        "conversations": len(documents),
        "conversation_participants": len(participants),
        "conversation_attributes": total(participants, "attributes"),
        "conversation_sessions": len(sessions),
        "conversation_segments": total(sessions, "segments"),
        "conversation_metrics": total(sessions, "metrics"),
        "conversation_media_stats": total(sessions, "mediaEndpointStats"),
        "conversation_flow_outcomes": total(flows, "outcomes"),
        "conversation_evaluations": total(documents, "evaluations"),
        "conversation_surveys": total(documents, "surveys"),
        "conversation_resolutions": total(documents, "resolutions"),
    }


def without_reading_time(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record but for the time at which it was read."""
    return {name: value for name, value in record.items() if name != "extracted_at"}
