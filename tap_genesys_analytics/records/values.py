"""Values: what a column takes of what the API answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_genesys_analytics.intervals.timestamps import fixed_form
from tap_genesys_analytics.records.tables import TIMESTAMP

if TYPE_CHECKING:
    from tap_genesys_analytics.records.tables import Document, JsonSchema

_PYTHON_TYPES: dict[str, frozenset[type]] = {
    "string": frozenset({str}),
    "integer": frozenset({int}),
    "number": frozenset({int, float}),
    "boolean": frozenset({bool}),
    "array": frozenset({list}),
    "object": frozenset({dict}),
}


def taken(schema: JsonSchema, value: Any) -> Any:  # noqa: ANN401 (JSON)
    """Return a value as a column of a schema holds it; null if it does not allow it."""
    if schema is TIMESTAMP:
        return _timestamp(value)
    if type(value) not in _PYTHON_TYPES[schema["type"][0]]:
        return None
    if items := schema.get("items"):
        types = _PYTHON_TYPES[items["type"][0]]
        return value if types.issuperset(map(type, value)) else None
    return value


def types_of(schema: JsonSchema) -> frozenset[type] | None:
    """Return the types of a column's values; None if there is more to say of them."""
    if schema is TIMESTAMP or "items" in schema:
        return None
    return _PYTHON_TYPES[schema["type"][0]]


def objects_in(value: Any) -> list[Document]:  # noqa: ANN401 (JSON)
    """Return what is an object in a list; none if it is no list."""
    if not isinstance(value, list):
        return []
    return [each for each in value if isinstance(each, dict)]


def _timestamp(value: Any) -> str | None:  # noqa: ANN401 (JSON)
    """Return a timestamp in the fixed form; null if it is none."""
    try:
        return fixed_form(value)
    except (TypeError, ValueError):
        return None
