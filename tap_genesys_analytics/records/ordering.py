"""The fixed order: by time, then by content, independent of the API's order."""

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

#: Sorts after every timestamp: items without a time come last.
_NO_TIME = "~"

_encode_lines = msgspec.json.Encoder(order="sorted").encode_lines


class FixedOrder:
    """The order of a table's numbered items: by time, then by content.

    ``item`` is the struct of the items. If no field is a list or an object, items with
    equal times are sorted field by field, which is faster; otherwise by their JSON.
    """

    def __init__(self, table: Table, item: type[Item] | None) -> None:
        self._time = table.order_by
        columns = {name: table.fields[name] for name in sorted(table.fields)}
        kinds = {column.schema["type"][0] for column in columns.values()}
        if table.child_fields or table.flattened or kinds & {"array", "object"}:
            columns = {}
        self._columns = columns
        #: Returns the sort values of a struct; None if the struct has other fields.
        self._sort_values: Callable[[Any], tuple[Any, ...]] | None = None
        if item is not None and set(item.__struct_fields__) == set(columns):
            self._sort_values = attrgetter(self._time, *columns)

    def sort_lists(self, lists: list[list[Any]]) -> list[list[Any]]:
        """Return each list in the fixed order; no list is empty."""
        if self._sort_values is not None and isinstance(lists[0][0], Struct):
            return [self._by_attributes(items) for items in lists]
        if self._columns:
            return [self._field_by_field(items) for items in lists]
        return _sort_lists_by_content(lists, self._time)

    def _by_attributes(self, items: list[Any]) -> list[Any]:
        try:
            return sorted(items, key=self._sort_values)
        except TypeError:
            # Null cannot be compared with a value.
            return self._field_by_field(items)

    def _field_by_field(self, items: list[Any]) -> list[Any]:
        by_content_first = [item for _, item in by_content(items)]
        return sorted(by_content_first, key=self._sort_key)

    def _sort_key(self, item: Any) -> tuple[Any, ...]:  # noqa: ANN401 (a dictionary or a struct)
        """Return the sort key of an item; nulls come first."""
        values = (
            coerce(column.schema, item.get(name))
            for name, column in self._columns.items()
        )
        comparable = ((value is not None, value) for value in values)
        return (_sortable_time(item.get(self._time)), *comparable)


def by_content(items: list[Any]) -> list[tuple[str, Any]]:
    """Return (content, item) pairs, sorted by content."""
    return _sorted(content_texts(items), items)


def in_fixed_order(items: list[Any], order_by: str) -> list[Any]:
    """Return items, all of one kind, by time and then by content."""
    return _sort_lists_by_content([items], order_by)[0]


def _sort_lists_by_content(lists: list[list[Any]], order_by: str) -> list[list[Any]]:
    """Return each list in the fixed order; all items are of one kind."""
    ordered = []
    tied = []
    for items in lists:
        if len(items) < 2:  # noqa: PLR2004 (no order)
            ordered.append(items)
            continue
        times = _sortable_times(items, order_by)
        if len(set(times)) < len(times):
            tied.append((len(ordered), times))
            ordered.append(items)
        else:
            ordered.append([item for _, item in _sorted(times, items)])
    # All lists in one call: each call costs more than an item.
    contents = iter(
        content_texts([item for index, _ in tied for item in ordered[index]])
    )
    for index, times in tied:
        # Timestamps have one length and _NO_TIME sorts last, so the time still decides.
        keys = list(map(add, times, contents))
        ordered[index] = [item for _, item in _sorted(keys, ordered[index])]
    return ordered


def _sortable_times(items: list[Any], order_by: str) -> list[str]:
    """Return the timestamps of items, for sorting."""
    if isinstance(items[0], Struct):
        times = list(map(attrgetter(order_by), items))
        return [time or _NO_TIME for time in times] if None in times else times
    return [_sortable_time(item.get(order_by)) for item in items]


def _sortable_time(value: Any) -> str:  # noqa: ANN401 (JSON)
    """Return a timestamp for sorting: in the fixed form, or ``_NO_TIME``."""
    if isinstance(value, str) and len(value) == FIXED_LENGTH:
        return value
    return coerce(TIMESTAMP, value) or _NO_TIME


def content_texts(items: list[Any]) -> list[str]:
    """Return a text per item, equal for items that differ only in order."""
    if items and isinstance(items[0], dict):
        # A dictionary may hold nulls, which a struct omits.
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
    """Return a value as text, with members and list entries sorted."""
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
    """Return (key, item) pairs, sorted by key."""
    return sorted(zip(keys, items, strict=True), key=itemgetter(0))
