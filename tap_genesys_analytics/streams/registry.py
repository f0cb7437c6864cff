"""The registry of all streams: built in, or defined by the settings."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from tap_genesys_analytics.readers.lists import OWNER_FIELD, list_from_settings
from tap_genesys_analytics.readers.queries import endpoint_from_settings
from tap_genesys_analytics.records.tables import EXTRA, EXTRACTED_AT, snake_case
from tap_genesys_analytics.streams import (
    aggregates,
    conversations,
    observations,
    queries,
    reference_lists,
    transcripts,
    user_status,
    workforce,
)
from tap_genesys_analytics.streams.list_streams import list_streams

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tap_genesys_analytics.streams.declared import DeclaredStream

#: The settings that define streams.
_DEFINING_SETTINGS = ("aggregates", "queries", "lists")


def declared(config: Mapping[str, Any]) -> Iterator[DeclaredStream]:
    """Yield all declared streams: the built-in ones, then those of the settings."""
    yield from conversations.STREAMS
    yield from user_status.STREAMS
    yield from aggregates.streams(config)
    yield from observations.STREAMS
    yield from queries.STREAMS
    for query in config.get("queries") or ():
        yield queries.query_stream(endpoint_from_settings(query))
    yield from transcripts.STREAMS
    yield from workforce.STREAMS
    yield from reference_lists.STREAMS
    yield from list_streams(map(list_from_settings, config.get("lists") or ()))


def concerns_streams(problem: str) -> bool:
    """Tell whether a problem is about a setting that defines streams."""
    return problem.startswith(_DEFINING_SETTINGS)


def definition_problems(config: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the streams that the settings define."""
    replaceable = {aggregate.name for aggregate in aggregates.BUILT_IN}
    names = {stream.table.name for stream in declared({})} - replaceable
    for setting in _DEFINING_SETTINGS:
        if setting == "queries":
            names |= replaceable
        for number, definition in enumerate(config.get(setting) or ()):
            name = definition["name"]
            if name in names:
                yield f"{setting}.{number}.name: there is a stream {name} already"
            names.add(name)
    for number, definition in enumerate(config.get("aggregates") or ()):
        for name, problem in aggregates.problems(definition):
            yield f"aggregates.{number}.{name}: {problem}"
    for setting in ("queries", "lists"):
        for number, definition in enumerate(config.get(setting) or ()):
            for name, problem in _table_problems(definition):
                yield f"{setting}.{number}.{name}: {problem}"


def _table_problems(definition: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (key, problem) for what is wrong with the table of a query or a list."""
    texts = (definition["path"], *map(str, (definition.get("params") or {}).values()))
    if any("{id}" in text for text in texts) != bool(definition.get("for_each")):
        yield "for_each", "belongs to a path or a parameter with {id}"
    key = definition.get("key") or ["id"]
    if len(set(key)) < len(key):
        yield "key", "names a field twice"
    fields = dict.fromkeys((*key, *(definition.get("columns") or ())))
    columns = [snake_case(name) for name in fields]
    own = [OWNER_FIELD] if definition.get("for_each") else []
    reserved = {EXTRA, EXTRACTED_AT, *map(snake_case, own)} & set(columns)
    if len(set(columns)) < len(columns) or reserved:
        yield "columns", "two columns have the same name"


def definition_notices(config: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    """Yield (log level, sentence) for unknown metrics and dimensions.

    They may be right: the API may have more than this version knows.
    """
    for aggregate in aggregates.declared(config).values():
        for sentence in aggregates.unknown_names(aggregate):
            yield logging.WARNING, f"{sentence}. It is requested anyway."
