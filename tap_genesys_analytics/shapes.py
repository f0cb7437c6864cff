"""The shapes of those settings that define streams."""

from __future__ import annotations

from typing import Any

from tap_genesys_analytics.filters import FILTERS

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

#: The shape of the setting ``aggregates``. Source: the aggregation query models.
AGGREGATES: dict[str, Any] = {
    "type": ["array", "null"],
    "items": {
        "type": "object",
        "properties": {
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
        "required": ["name", "family", "metrics"],
        "additionalProperties": False,
    },
}

#: The shape of the setting ``queries``.
QUERIES: dict[str, Any] = {
    "type": ["array", "null"],
    "items": {
        "type": "object",
        "properties": {
            "name": _NAME,
            "path": _PATH,
            "body": {"type": "object"},
            "records_path": {"type": "string"},
            "key": _NAMES,
            "paging_key": {"type": ["string", "null"]},
            "page_size": {"type": "integer", "minimum": 1},
            "result_cap": {"type": "integer", "minimum": 1},
            "columns": _COLUMNS,
        },
        "required": ["name", "path", "records_path", "key"],
        "additionalProperties": False,
    },
}

#: The shape of the setting ``lists``.
LISTS: dict[str, Any] = {
    "type": ["array", "null"],
    "items": {
        "type": "object",
        "properties": {
            "name": _NAME,
            "path": _PATH,
            "params": {"type": "object"},
            "for_each": _PATH,
            "paging": {"enum": ["numbers", "links", "none"]},
            "page_size": {"type": "integer", "minimum": 1},
            "key": _NAMES,
            "columns": _COLUMNS,
        },
        "required": ["name", "path"],
        "additionalProperties": False,
    },
}
