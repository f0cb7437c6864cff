"""JSON schemas of the settings that define streams."""

from __future__ import annotations

from typing import Any

from tap_genesys_analytics.settings.filters import FILTERS

_NAME = {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"}
_PATH = {"type": "string", "pattern": "^/api/v2/[^?#]+$"}
_NAMES = {"type": "array", "items": {"type": "string"}, "minItems": 1}
_COLUMNS = {
    "type": "object",
    "additionalProperties": {
        "enum": [
            "string",
            "date-time",
            "date",
            "integer",
            "number",
            "boolean",
            "object",
            "[string]",
            "[integer]",
            "[object]",
        ]
    },
}

#: Properties that ``queries`` and ``lists`` share.
_TABLE: dict[str, Any] = {
    "name": _NAME,
    "path": _PATH,
    "page_size": {"type": "integer", "minimum": 1},
    "key": _NAMES,
    "columns": _COLUMNS,
}


def _entries(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    """Return the schema of a list of objects with these properties and no others."""
    return {
        "type": ["array", "null"],
        "items": {
            "type": "object",
            "properties": properties,
            "required": list(required),
            "additionalProperties": False,
        },
    }


#: The schema of the setting ``aggregates``. Source: the aggregation query models.
AGGREGATES = _entries(
    {
        "name": _NAME,
        "family": {"type": "string"},
        "metrics": _NAMES,
        "group_by": {"type": "array", "items": {"type": "string"}},
        "granularity": {"type": "string"},
        "time_zone": {"type": "string"},
        "filter": {**FILTERS["items"], "type": ["object", "null"]},
        "views": {
            "type": "array",
            "maxItems": 10,
            "items": {
                "type": "object",
                "properties": {
                    "name": {"type": "string"},
                    "target": {"type": "string"},
                    "function": {"enum": ["rangeBound"]},
                    "range": {"type": "object"},
                },
                "required": ["name", "target", "function"],
                "additionalProperties": False,
            },
        },
        "lookback_days": {"type": "integer", "minimum": 0, "maximum": 366},
    },
    *("name", "family", "metrics"),
)

#: The schema of the setting ``queries``.
QUERIES = _entries(
    {
        **_TABLE,
        "body": {"type": "object"},
        "records_path": {"type": "string"},
        "paging_key": {"type": ["string", "null"]},
        "result_cap": {"type": "integer", "minimum": 1},
    },
    *("name", "path", "records_path", "key"),
)

#: The schema of the setting ``lists``.
LISTS = _entries(
    {
        **_TABLE,
        "params": {"type": "object"},
        "for_each": _PATH,
        "paging": {"enum": ["numbers", "links", "none"]},
    },
    *("name", "path"),
)
