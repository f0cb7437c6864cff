"""The user's filters of conversations, in the API's own filter grammar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Filter = dict[str, Any]

#: Media types in the API definition. Genesys adds to them.
MEDIA_TYPES = (
    "callback",
    "chat",
    "cobrowse",
    "email",
    "internalmessage",
    "message",
    "screenmonitoring",
    "screenshare",
    "unknown",
    "video",
    "voice",
)

_PREDICATE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "type": {"enum": ["dimension", "property", "metric"]},
        "dimension": {"type": "string"},
        "metric": {"type": "string"},
        "property": {"type": "string"},
        "propertyType": {"enum": ["bool", "integer", "real", "date", "string", "uuid"]},
        "operator": {"enum": ["matches", "exists", "notExists"]},
        "value": {"type": "string"},
        "range": {
            "type": "object",
            "properties": {
                bound: {"type": "number"} for bound in ("gt", "gte", "lt", "lte")
            },
            "additionalProperties": False,
        },
    },
    "additionalProperties": False,
}

_CLAUSE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "type": {"enum": ["and", "or"]},
        "predicates": {"type": "array", "items": _PREDICATE},
    },
    "required": ["type", "predicates"],
    "additionalProperties": False,
}

#: The schema of a list of filters. The API checks dimensions and metrics. Source:
#: ConversationDetailQueryFilter and SegmentDetailQueryFilter.
FILTERS: dict[str, Any] = {
    "type": ["array", "null"],
    "items": {
        "type": "object",
        "properties": {
            "type": {"enum": ["and", "or"]},
            "clauses": {"type": "array", "items": _CLAUSE},
            "predicates": {"type": "array", "items": _PREDICATE},
        },
        "required": ["type"],
        "additionalProperties": False,
    },
}


def any_of(dimension: str, values: Iterable[str]) -> Filter:
    """Return a filter that matches if the dimension has one of the values."""
    return {
        "type": "or",
        "predicates": [
            {"type": "dimension", "dimension": dimension, "value": value}
            for value in values
        ],
    }


def none_of(dimension: str) -> Filter:
    """Return a filter that matches if the dimension has no value."""
    predicate = {"type": "dimension", "dimension": dimension, "operator": "notExists"}
    return {"type": "and", "predicates": [predicate]}


def configured_filters(config: Mapping[str, Any]) -> dict[str, list[Filter]]:
    """Return the user's filters as members of a query's body."""
    conversation = list(config.get("conversation_filters") or ())
    segment = list(config.get("segment_filters") or ())
    if media_types := config.get("media_types"):
        segment.append(any_of("mediaType", media_types))
    members = {"conversationFilters": conversation, "segmentFilters": segment}
    return {name: filters for name, filters in members.items() if filters}


def unknown_media_types(config: Mapping[str, Any]) -> list[str]:
    """Return the media types in the settings that the API definition does not list."""
    return sorted(set(config.get("media_types") or ()) - set(MEDIA_TYPES))
