"""Order: by time and content, so that it never depends on the order of the API."""

from __future__ import annotations

import json
from operator import add, attrgetter, itemgetter
from typing import TYPE_CHECKING, Any

import msgspec

from tap_genesys_analytics.intervals.timestamps import FIXED_LENGTH
from tap_genesys_analytics.records.column_types import Struct, coerce
from tap_genesys_analytics.records.tables import TIMESTAMP

if TYPE_CHECKING:
    from collections.abc import Callable

    from tap_genesys_analytics.records.column_types import Item
    from tap_genesys_analytics.records.tables import Table

#: Sorts after every timestamp: what has no time yet comes last.
_NO_TIME = "~"

_encode_lines = msgspec.json.Encoder(order="sorted").encode_lines


class FixedOrder:
    """The order of a table's numbered items: by time, then by what they hold.

    ``item`` is the type of items that are structs. Where no field holds a list or an
    object, equal times are told apart by one field after the other; else, and where
    that is not enough, by content.
    """

    def __init__(self, table: Table, item: type[Item] | None) -> None:
        self._time = table.order_by
        columns = {name: table.fields[name] for name in sorted(table.fields)}
        kinds = {column.schema["type"][0] for column in columns.values()}
        if table.child_fields or table.flattened or kinds & {"array", "object"}:
            columns = {}
        self._columns = columns
        #: What structs are sorted by, if it is all that is in them.
        self._values: Callable[[Any], tuple[Any, ...]] | None = None
        if item is not None and set(item.__struct_fields__) == set(columns):
            self._values = attrgetter(self._time, *columns)

    def each(self, lists: list[list[Any]]) -> list[list[Any]]:
        """Return lists, with something in each, in the fixed order."""
        if self._values is not None and isinstance(lists[0][0], Struct):
            return [self._by_attributes(items) for items in lists]
        if self._columns:
            return [self._field_by_field(items) for items in lists]
        return _each_by_content(lists, self._time)

    def _by_attributes(self, items: list[Any]) -> list[Any]:
        try:
            return sorted(items, key=self._values)
        except TypeError:
            # Something is null in some.
            return self._field_by_field(items)

    def _field_by_field(self, items: list[Any]) -> list[Any]:
        by_content_first = [item for _, item in by_content(items)]
        return sorted(by_content_first, key=self._sort_key)

    def _sort_key(self, item: Any) -> tuple[Any, ...]:  # noqa: ANN401 (a document, or a struct)
        """Return the sort key of an item; nulls come first."""
        values = (
            coerce(column.schema, item.get(name))
            for name, column in self._columns.items()
        )
        comparable = ((value is not None, value) for value in values)
        return (_moment(item.get(self._time)), *comparable)


def by_content(items: list[Any]) -> list[tuple[str, Any]]:
    """Return items with their contents, in the order of these."""
    return _sorted(contents_of(items), items)


def in_fixed_order(items: list[Any], order_by: str) -> list[Any]:
    """Return items by time and, at equal times, by content: never in listed order."""
    return _each_by_content([items], order_by)[0]


def _each_by_content(lists: list[list[Any]], order_by: str) -> list[list[Any]]:
    """Return lists of items, all of one kind, each in the fixed order."""
    ordered = []
    tied = []
    for items in lists:
        if len(items) < 2:  # noqa: PLR2004 (no order)
            ordered.append(items)
            continue
        moments = _moments(items, order_by)
        if len(set(moments)) < len(moments):
            tied.append((len(ordered), moments))
            ordered.append(items)
        else:
            ordered.append([item for _, item in _sorted(moments, items)])
    # All at once: to begin takes longer than to look at an item.
    contents = iter(contents_of([item for at, _ in tied for item in ordered[at]]))
    for at, moments in tied:
        # Of one length, or after all others: the moments still come first.
        keys = list(map(add, moments, contents))
        ordered[at] = [item for _, item in _sorted(keys, ordered[at])]
    return ordered


def _moments(items: list[Any], order_by: str) -> list[str]:
    """Return the timestamps that items are sorted by."""
    if isinstance(items[0], Struct):
        moments = list(map(attrgetter(order_by), items))
        return [each or _NO_TIME for each in moments] if None in moments else moments
    return [_moment(item.get(order_by)) for item in items]


def _moment(value: Any) -> str:  # noqa: ANN401 (JSON)
    """Return a timestamp as it is sorted by."""
    if isinstance(value, str) and len(value) == FIXED_LENGTH:
        return value
    return coerce(TIMESTAMP, value) or _NO_TIME


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
    return [
        line
        if line.count("{") == 1 and "[" not in line
        else _unordered(msgspec.json.decode(line))
        for line in contents
    ]


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
