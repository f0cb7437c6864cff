"""Order: by time and content, so that it never depends on how the API lists."""

from __future__ import annotations

import json
from operator import add, itemgetter
from typing import Any

import msgspec

from tap_genesys_analytics.structs import Struct
from tap_genesys_analytics.tables import TIMESTAMP
from tap_genesys_analytics.timestamps import FIXED_LENGTH
from tap_genesys_analytics.values import taken

#: Sorts after every timestamp: what has no time yet comes last.
_NO_TIME = "~"

_encode_lines = msgspec.json.Encoder(order="sorted").encode_lines


def by_content(items: list[Any]) -> list[tuple[str, Any]]:
    """Return items with their contents, in the order of these."""
    return _sorted(contents_of(items), items)


def in_fixed_order(items: list[Any], order_by: str) -> list[Any]:
    """Return items by time and, at equal times, by content: never in listed order."""
    if items and isinstance(items[0], Struct):
        keys = [getattr(item, order_by) or _NO_TIME for item in items]
    else:
        keys = [_moment(item.get(order_by)) for item in items]
    if len(set(keys)) < len(items):
        # Of one length, or after all others: the moments still come first.
        keys = list(map(add, keys, contents_of(items)))
    return [item for _, item in _sorted(keys, items)]


def _moment(value: Any) -> str:  # noqa: ANN401 (JSON)
    """Return a timestamp as it is sorted by."""
    if isinstance(value, str) and len(value) == FIXED_LENGTH:
        return value
    return taken(TIMESTAMP, value) or _NO_TIME


def contents_of(items: list[Any]) -> list[str]:
    """Return what items of equal content share, in whatever order it is listed."""
    if items and isinstance(items[0], dict):
        # What is null in a document is not there in a struct.
        items = [
            {name: value for name, value in item.items() if value is not None}
            for item in items
        ]
    lines = _encode_lines(items).decode()
    contents = lines.split("\n")[:-1]
    if lines.count("{") == len(items) and "[" not in lines:
        return contents
    return [_unordered(msgspec.json.decode(line)) for line in contents]


def _unordered(value: Any) -> str:  # noqa: ANN401 (JSON)
    """Return a text of a value in which no order of lists counts."""
    if isinstance(value, dict):
        members = (
            f"{json.dumps(name)}:{_unordered(member)}"
            for name, member in value.items()
            if member is not None
        )
        return f"{{{','.join(sorted(members))}}}"
    if isinstance(value, list):
        return f"[{','.join(sorted(map(_unordered, value)))}]"
    return json.dumps(value)


def _sorted(keys: list[str], items: list[Any]) -> list[tuple[str, Any]]:
    """Return items with their keys, in the order of these."""
    return sorted(zip(keys, items, strict=True), key=itemgetter(0))
