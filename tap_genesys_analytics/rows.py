"""Documents to rows: pure functions, and the one place that knows their shape."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from tap_genesys_analytics.builders import RowBuilder, taken
from tap_genesys_analytics.errors import GenesysError
from tap_genesys_analytics.tables import EXTRACTED_AT, STRING, TIMESTAMP
from tap_genesys_analytics.timestamps import FIXED_LENGTH

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from tap_genesys_analytics.builders import Row
    from tap_genesys_analytics.tables import Document, Table

#: Sorts after every timestamp: what has no time yet comes last.
_NO_TIME = "~"

_NESTING = frozenset({list, dict})

_encode = msgspec.json.Encoder(order="sorted").encode


@dataclass(frozen=True)
class _Level:
    """A table that is wanted, or that lies above one that is."""

    table: Table
    builder: RowBuilder | None
    below: list[_Level] = field(default_factory=list)


class DocumentRows:
    """Turns a document into the rows of the tables that are wanted.

    ``wanted`` says which columns of which table to build; a table that is not in it
    is passed over, and so are its levels unless a table below is wanted.
    """

    def __init__(
        self, tables: Collection[Table], wanted: Mapping[str, Collection[str]]
    ) -> None:
        outermost = next(table for table in tables if table.above is None)
        self._table = outermost
        self._repeated = [outermost.fields[name] for name in outermost.repeated]
        self._level = _level(outermost, tables, wanted)

    def __call__(
        self, document: Document, extracted_at: str
    ) -> Iterator[tuple[str, Row]]:
        """Yield the rows of a document as (table name, row), outermost level first."""
        found: dict[str, list[Row]] = {}
        self.append(document, extracted_at, found)
        for table, rows in found.items():
            for row in rows:
                yield table, row

    def append(
        self, document: Document, extracted_at: str, rows: dict[str, list[Row]]
    ) -> None:
        """Append the rows of a document to the lists of their tables."""
        if self._level is None:
            return
        shared: Row = {EXTRACTED_AT: extracted_at}
        for name, column in zip(self._table.repeated, self._repeated, strict=True):
            shared[column.name] = taken(column.schema, document.get(name))
        item = (_id_of(self._table, document), document)
        _append_rows(self._level, [item], shared, rows)


def items_of(table: Table, document: Document) -> Iterable[tuple[Any, Document]]:
    """Return (own key, item) of a level in the document of the level above.

    Numbers count the items in the fixed order. Ids are the API's own; should it
    repeat or leave out one, the items are told apart by a suffix ("#2"), in the fixed
    order too, and an item that stands there twice is taken once: keys are unique and
    hold no null, and nothing is lost.
    """
    first, *others = table.source_path
    found: Any = document.get(first)
    for name in others:
        found = found.get(name) if isinstance(found, dict) else None
    if not found:
        return ()
    if isinstance(found, dict):
        # An object with a member per item, such as a participant's attributes.
        return [(name, {"name": name, "value": value}) for name, value in found.items()]
    items = [item for item in found if isinstance(item, dict)]
    if table.number:
        if len(items) > 1:
            items = in_fixed_order(items, table.order_by)
        return enumerate(items, start=1)
    ids = [_id_of(table, item) for item in items]
    if len(set(ids)) == len(ids) and "" not in ids:
        return zip(ids, items, strict=True)
    return _told_apart(table, items)


def keyed(table: Table, document: Document) -> Document:
    """Return a document whose key is complete, and made of texts.

    For tables of the settings: nobody has tried whether their keys are ones.

    Raises:
        GenesysError: It lacks a part of its key.
    """
    for name in (*table.key_fields, table.id_field):
        value = document.get(name)
        if value is None or value == "":
            message = (
                f"{table.name}: a record has no {name}, which is part of the key; it "
                f"has {', '.join(sorted(document))}"
            )
            raise GenesysError(message)
        if not isinstance(value, str):
            document = {**document, name: str(value)}
    return document


def _id_of(table: Table, item: Document) -> str:
    """Return an item's id as its key column holds it; empty where it has none."""
    value = item.get(table.id_field)
    schema = table.own_key.schema
    if schema is STRING and type(value) is str:
        return value
    return taken(schema, value) or ""


def _told_apart(table: Table, items: list[Document]) -> list[tuple[str, Document]]:
    """Return items whose ids are repeated or missing under keys that are unique."""
    told: dict[str, Document] = {}
    for item in in_fixed_order(items, table.order_by):
        name = key = _id_of(table, item)
        count = 1
        while key in told and content_of(told[key]) != content_of(item):
            count += 1
            key = f"{name}#{count}"
        told[key] = item
    return list(told.items())


def in_fixed_order(items: list[Document], order_by: str) -> list[Document]:
    """Return items by time and, at equal times, by content: never in listed order."""
    moments = [_moment(item.get(order_by)) for item in items]
    keys: list[Any] = moments
    if len(set(moments)) < len(items):
        keys = list(zip(moments, map(content_of, items), strict=True))
    order = sorted(range(len(items)), key=keys.__getitem__)
    return [items[index] for index in order]


def _moment(value: Any) -> str:  # noqa: ANN401 (JSON)
    """Return a timestamp as it is sorted by."""
    if type(value) is str and len(value) == FIXED_LENGTH and value[-1] == "Z":
        return value
    return taken(TIMESTAMP, value) or _NO_TIME


def content_of(item: Document) -> bytes:
    """Return what items of equal content share, in whatever order it is listed."""
    if _NESTING.isdisjoint(map(type, item.values())):
        return _encode(item)
    return _unordered(item).encode("utf-8", "surrogatepass")


def _unordered(value: Any) -> str:  # noqa: ANN401 (JSON)
    """Return a text of a value in which no order of lists counts."""
    if isinstance(value, dict):
        members = (f"{json.dumps(name)}:{_unordered(value[name])}" for name in value)
        return f"{{{','.join(sorted(members))}}}"
    if isinstance(value, list):
        return f"[{','.join(sorted(map(_unordered, value)))}]"
    return json.dumps(value)


def _level(
    table: Table, tables: Collection[Table], wanted: Mapping[str, Collection[str]]
) -> _Level | None:
    """Return a table's level with what is wanted below it; None if nothing is."""
    found = (_level(each, tables, wanted) for each in tables if each.above is table)
    below = [level for level in found if level is not None]
    if table.name in wanted:
        return _Level(table, RowBuilder(table, wanted[table.name]), below)
    return _Level(table, None, below) if below else None


def _append_rows(
    level: _Level,
    items: Iterable[tuple[Any, Document]],
    shared: Row,
    rows: dict[str, list[Row]],
) -> None:
    """Append the rows of a level's items, and of the items below them."""
    table, below = level.table, level.below
    if level.builder is not None:
        build, base = level.builder.build, level.builder.base(shared)
        items = list(items)
        rows.setdefault(table.name, []).extend(
            [build(item, base, key) for key, item in items]
        )
    if not below:
        return
    own_key = table.own_key.name
    for key, item in items:
        given = {**shared, own_key: key}
        for lower in below:
            if item.get(lower.table.source_path[0]):
                _append_rows(lower, items_of(lower.table, item), given, rows)
