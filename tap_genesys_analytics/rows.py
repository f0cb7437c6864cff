"""Documents to rows: pure functions, and the one place that knows their shape."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tap_genesys_analytics.tables import EXTRA, EXTRACTED_AT, TIMESTAMP
from tap_genesys_analytics.timestamps import fixed_form

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from tap_genesys_analytics.tables import Column, Document, JsonSchema, Table

    Row = dict[str, Any]
    Take = Callable[[Any], Any]

#: Sorts after every timestamp: what has no time yet comes last.
_NO_TIME = "~"


class NotOfItsTypeError(ValueError):
    """A value is not of the type that the API's definition gives its field."""


@dataclass(frozen=True)
class _Level:
    """A table that is wanted, or that lies above one that is."""

    table: Table
    build: Callable[[Document, Row], Row] | None
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
        self._repeated = outermost.repeated
        self._level = _level(outermost, tables, wanted)

    def __call__(
        self, document: Document, extracted_at: str
    ) -> Iterator[tuple[str, Row]]:
        """Yield the rows of a document as (table name, row), outermost level first."""
        if self._level is None:
            return
        fields = self._level.table.fields
        shared: Row = {EXTRACTED_AT: extracted_at}
        for name in self._repeated:
            shared[fields[name].name] = _taken(fields[name].schema, document.get(name))
        table = self._level.table
        item = (_id_of(table, document), document)
        yield from _level_rows(self._level, [item], shared)


def items_of(table: Table, document: Document) -> Iterable[tuple[Any, Document]]:
    """Return (own key, item) of a level in the document of the level above.

    Numbers count the items in the fixed order. Ids are the API's own; should it
    repeat or leave out one, the items are told apart by a suffix ("#2"), in the fixed
    order too, and an item that stands there twice is taken once: keys are unique and
    hold no null, and nothing is lost.
    """
    found: Any = document
    for name in table.source.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    if isinstance(found, dict):
        # An object with a member per item, such as a participant's attributes.
        return [(name, {"name": name, "value": value}) for name, value in found.items()]
    items = [item for item in found or () if isinstance(item, dict)]
    if table.number:
        return enumerate(in_fixed_order(items, table.order_by), start=1)
    ids = [_id_of(table, item) for item in items]
    if len(set(ids)) == len(ids) and "" not in ids:
        return zip(ids, items, strict=True)
    return _told_apart(table, items)


def _id_of(table: Table, item: Document) -> str:
    """Return an item's id as its key column holds it; empty where it has none."""
    return _taken(table.own_key.schema, item.get(table.id_field)) or ""


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

    def moment(item: Document) -> str:
        text = item.get(order_by)
        return (_taken(TIMESTAMP, text) or _NO_TIME) if text else _NO_TIME

    moments = [moment(item) for item in items]
    if len(set(moments)) < len(items):
        contents = [content_of(item) for item in items]
        order = sorted(
            range(len(items)), key=lambda index: (moments[index], contents[index])
        )
    else:
        order = sorted(range(len(items)), key=moments.__getitem__)
    return [items[index] for index in order]


def content_of(value: Any) -> str:  # noqa: ANN401 (JSON)
    """Return a text that equal content shares, in whatever order it is listed."""
    if isinstance(value, dict):
        members = (f"{json.dumps(name)}:{content_of(value[name])}" for name in value)
        return f"{{{','.join(sorted(members))}}}"
    if isinstance(value, list):
        return f"[{','.join(sorted(map(content_of, value)))}]"
    return json.dumps(value)


def row_builder(
    table: Table, wanted: Collection[str]
) -> Callable[[Document, Row], Row]:
    """Return a function that builds a table's row of the ``wanted`` columns.

    The function takes the item and the columns given from outside: keys, repeated
    ones, ``extracted_at``. All wanted columns are in the row, null where the API
    leaves the field out. Fields that are not known, and values that are not of their
    type, are kept in ``extra``.
    """
    blank: Row = {
        column.name: None for column in table.columns if column.name in wanted
    }
    fields = _takers(table.fields, wanted)
    elsewhere = fields.keys() | table.flattened_fields.keys()
    fields |= {name: None for name in table.split_off if name not in elsewhere}
    flattened = {
        name: _takers(columns, wanted)
        | {
            inner.partition(".")[2]: None
            for inner in table.split_off
            if inner.startswith(f"{name}.")
        }
        for name, columns in table.flattened_fields.items()
    }
    derived = [
        (column.name, column.derive)
        for column in table.computed
        if column.derive is not None and column.name in wanted
    ]
    keeps_extra = EXTRA in wanted

    def build(item: Document, given: Row) -> Row:
        row = blank.copy()
        extra = _fill(row, item, fields)
        for name, inner_fields in flattened.items():
            inner = extra.pop(name, None)
            if isinstance(inner, dict):
                inner = _fill(row, inner, inner_fields)
            if inner:
                extra[name] = inner
        for name, derive in derived:
            row[name] = derive(item)
        if extra and keeps_extra:
            row[EXTRA] = extra
        row.update(given)
        return row

    return build


def _level(
    table: Table, tables: Collection[Table], wanted: Mapping[str, Collection[str]]
) -> _Level | None:
    """Return a table's level with what is wanted below it; None if nothing is."""
    found = (_level(each, tables, wanted) for each in tables if each.above is table)
    below = [level for level in found if level is not None]
    if table.name in wanted:
        return _Level(table, row_builder(table, wanted[table.name]), below)
    return _Level(table, None, below) if below else None


def _level_rows(
    level: _Level, items: Iterable[tuple[Any, Document]], shared: Row
) -> Iterator[tuple[str, Row]]:
    """Yield the rows of a level's items, and after each the rows below it."""
    table = level.table
    for key, item in items:
        given = {**shared, table.own_key.name: key}
        if level.build is not None:
            yield table.name, level.build(item, given)
        for below in level.below:
            yield from _level_rows(below, items_of(below.table, item), given)


def _takers(
    fields: Mapping[str, Column], wanted: Collection[str]
) -> dict[str, tuple[str, Take] | None]:
    """Return field → (column name, function that takes the value); None: not wanted."""
    return {
        name: (column.name, _take(column.schema)) if column.name in wanted else None
        for name, column in fields.items()
    }


def _fill(
    row: Row, item: Document, fields: Mapping[str, tuple[str, Take] | None]
) -> Document:
    """Put an item's fields into a row; return what has no place in it."""
    left: Document = {}
    for name, value in item.items():
        if value is None:
            continue
        try:
            taker = fields[name]
            if taker is not None:
                column, take = taker
                row[column] = take(value)
        except (KeyError, NotOfItsTypeError):
            left[name] = value
    return left


def _take(schema: JsonSchema) -> Take:
    """Return the function that takes a value into a column of a schema.

    It raises NotOfItsTypeError for a value that the schema does not allow.
    """
    if schema is TIMESTAMP:
        return _take_timestamp
    types = _PYTHON_TYPES[schema["type"][0]]
    items = schema.get("items")
    item_types = _PYTHON_TYPES[items["type"][0]] if items else None

    def take(value: Any) -> Any:  # noqa: ANN401 (JSON)
        if type(value) not in types or (
            item_types and any(type(item) not in item_types for item in value)
        ):
            raise NotOfItsTypeError
        return value

    return take


_PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


def _take_timestamp(value: Any) -> str:  # noqa: ANN401 (JSON)
    """Return a timestamp in the fixed form."""
    try:
        return fixed_form(value)
    except (TypeError, ValueError) as error:
        raise NotOfItsTypeError from error


def _taken(schema: JsonSchema, value: Any) -> Any:  # noqa: ANN401 (JSON)
    """Return a value as a column of a schema holds it; null if it does not allow it."""
    try:
        return None if value is None else _take(schema)(value)
    except NotOfItsTypeError:
        return None
