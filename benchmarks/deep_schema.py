"""The schema of a conversation with a type for every value, for the peers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_genesys_analytics.records.tables import model_fields

if TYPE_CHECKING:
    from tap_genesys_analytics.records.tables import JsonSchema

_SCALARS: dict[str, JsonSchema] = {
    "string": {"type": ["string", "null"]},
    "date-time": {"type": ["string", "null"], "format": "date-time"},
    "date": {"type": ["string", "null"], "format": "date"},
    "integer": {"type": ["integer", "null"]},
    "number": {"type": ["number", "null"]},
    "boolean": {"type": ["boolean", "null"]},
    "object": {"type": ["object", "null"], "additionalProperties": True},
}


def conversation_schema() -> JsonSchema:
    """Return the schema of a conversation, down to its last level."""
    return {**_schema("AnalyticsConversation"), "type": "object"}


def _schema(kind: str) -> JsonSchema:
    """Return the schema of a type name: a scalar, a list in brackets, a model."""
    if kind in _SCALARS:
        return _SCALARS[kind]
    if kind.startswith("["):
        return {"type": ["array", "null"], "items": _schema(kind[1:-1])}
    fields = model_fields(kind)
    return {
        "type": ["object", "null"],
        "properties": {name: _schema(inner) for name, inner in fields.items()},
    }
