"""Row builders: for each table, what is done with each field, worked out once.

Nearly every item is as the API's definition says. For those, a builder looks each
field up and puts it into its column; an item with anything else in it is built anew,
carefully, and what has no place in a column is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_genesys_analytics.tables import EXTRA, EXTRACTED_AT, TIMESTAMP
from tap_genesys_analytics.timestamps import FIXED_FORM, fixed_form

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from tap_genesys_analytics.tables import Column, Document, JsonSchema, Table

    Row = dict[str, Any]
    #: Column of a text; or column, types that a value may have, and what else must be
    #: true of it.
    Place = str | tuple[str, frozenset[type], Callable[[Any], object] | None]
    #: Field → its place; None: known, and not wanted.
    Places = Mapping[str, Place | None]

_PYTHON_TYPES: dict[str, frozenset[type]] = {
    "string": frozenset({str}),
    "integer": frozenset({int}),
    "number": frozenset({int, float}),
    "boolean": frozenset({bool}),
    "array": frozenset({list}),
    "object": frozenset({dict}),
}


_TEXT = _PYTHON_TYPES["string"]
_is_fixed = FIXED_FORM.fullmatch


class RowBuilder:
    """Builds a table's rows of the ``wanted`` columns.

    All wanted columns are in a row, null where the API leaves the field out. Fields
    that are not known, and values that are not of their type, are kept in ``extra``.
    """

    def __init__(self, table: Table, wanted: Collection[str]) -> None:
        self._blank: Row = {
            column.name: None for column in table.columns if column.name in wanted
        }
        self._given = given_columns(table) & self._blank.keys()
        own_key = table.own_key.name
        self._own_key = own_key if own_key in self._given else None
        self._shared = sorted(self._given - {own_key})
        self._fields = self._places(table.fields, split_off(table))
        self._flattened = {
            name: self._places(columns, split_off(table, name))
            for name, columns in table.flattened_fields.items()
        }
        self._fields |= dict.fromkeys(self._flattened)
        self._derived: dict[Callable[[Document], Any], list[Column]] = {}
        for column in table.computed:
            if column.derive is not None and column.name in self._blank:
                self._derived.setdefault(column.derive, []).append(column)

    def base(self, given: Row) -> Row:
        """Return what rows with these columns given from outside have in common."""
        base = self._blank.copy()
        for name in self._shared:
            if name in given:
                base[name] = given[name]
        return base

    def build(self, item: Document, base: Row, key: object) -> Row:
        """Return the row of an item."""
        row = base.copy()
        if self._own_key is not None:
            row[self._own_key] = key
        if not _fill(row, item, self._fields) or (
            self._flattened and not self._fill_flattened(row, item)
        ):
            row = self._careful(item, base, key)
        for derive, columns in self._derived.items():
            try:
                found = derive(item)
            except (AttributeError, TypeError, ValueError):
                # What it is worked out from is not of its type: kept in ``extra``.
                continue
            for column in columns:
                row[column.name] = found if column.part is None else found[column.part]
        return row

    def _fill_flattened(self, row: Row, item: Document) -> bool:
        """Put flattened objects' fields into a row; False if one has no place there."""
        for name, fields in self._flattened.items():
            inner = item.get(name)
            if inner is not None and not (
                isinstance(inner, dict) and _fill(row, inner, fields)
            ):
                return False
        return True

    def _careful(self, item: Document, base: Row, key: object) -> Row:
        """Return the row of an item that has something without a place in it."""
        row = base.copy()
        if self._own_key is not None:
            row[self._own_key] = key
        extra = _fill_carefully(row, item, self._fields)
        for name, fields in self._flattened.items():
            inner = item.get(name)
            if isinstance(inner, dict):
                inner = _fill_carefully(row, inner, fields)
            if inner:
                extra[name] = inner
        if extra and EXTRA in row:
            row[EXTRA] = extra
        return row

    def _places(
        self, columns: Mapping[str, Column], others: Iterator[str]
    ) -> dict[str, Place | None]:
        """Return field → place for the fields of a level, and for what is split off."""
        places: dict[str, Place | None] = dict.fromkeys(others)
        for name, column in columns.items():
            is_built = column.name in self._blank and column.name not in self._given
            places[name] = _place(column) if is_built else None
        return places


def given_columns(table: Table) -> set[str]:
    """Return the names of the columns that rows are given from outside.

    The keys of the levels above and the item's own, but for fields in the item itself;
    what the outermost level repeats; and when it was read.
    """
    own = {table.fields[name].name for name in table.key_fields}
    outermost = table.outermost
    repeated = (outermost.fields[name].name for name in outermost.repeated)
    keys = {column.name for column in table.keys} - own
    return {EXTRACTED_AT, *keys, *repeated}


def split_off(table: Table, owner: str = "") -> Iterator[str]:
    """Yield the fields of an item, or of a flattened object, that are split off."""
    for name in table.split_off:
        outer, _, inner = name.rpartition(".")
        if outer == owner:
            yield inner


def taken(schema: JsonSchema, value: Any) -> Any:  # noqa: ANN401 (JSON)
    """Return a value as a column of a schema holds it; null if it does not allow it."""
    if schema is TIMESTAMP:
        return _timestamp(value)
    types, is_right = _PYTHON_TYPES[schema["type"][0]], _check(schema)
    if type(value) not in types or (is_right is not None and not is_right(value)):
        return None
    return value


def _place(column: Column) -> Place:
    """Return the place of a field's values."""
    schema = column.schema
    types, is_right = _PYTHON_TYPES[schema["type"][0]], _check(schema)
    if types is _TEXT and is_right is None:
        return column.name
    return column.name, types, is_right


def _check(schema: JsonSchema) -> Callable[[Any], object] | None:
    """Return what must be true of a value, beside its type."""
    if schema is TIMESTAMP:
        return _is_fixed
    items = schema.get("items")
    if not items:
        return None
    types = _PYTHON_TYPES[items["type"][0]]
    return lambda value: types.issuperset(map(type, value))


def _fill(row: Row, item: Document, places: Places) -> bool:
    """Put an item's fields into a row; False, half done, if one has no place there."""
    for name, value in item.items():
        try:
            place = places[name]
        except KeyError:
            return False
        # Most fields are texts: they are looked at first, and least.
        if isinstance(place, str):
            if type(value) is str:
                row[place] = value
            elif value is not None:
                return False
            continue
        if place is None or value is None:
            continue
        column, types, is_right = place
        if type(value) not in types or (is_right is not None and not is_right(value)):
            return False
        row[column] = value
    return True


def _fill_carefully(row: Row, item: Document, places: Places) -> Document:
    """Put an item's fields into a row; return what has no place in it."""
    left: Document = {}
    for name, value in item.items():
        if value is None:
            continue
        if name not in places:
            left[name] = value
            continue
        place = places[name]
        if place is None:
            continue
        column, types, is_right = (
            (place, _TEXT, None) if isinstance(place, str) else place
        )
        if is_right is _is_fixed:
            value = _timestamp(value)  # noqa: PLW2901 (in the fixed form)
        if type(value) not in types or (is_right is not None and not is_right(value)):
            left[name] = item[name]
        else:
            row[column] = value
    return left


def _timestamp(value: Any) -> str | None:  # noqa: ANN401 (JSON)
    """Return a timestamp in the fixed form; null if it is none."""
    try:
        return fixed_form(value)
    except (TypeError, ValueError):
        return None
