"""Record builders: for each table, how each field becomes a column.

Nearly every item is as the API defines it. It is decoded into a struct, and its record
is made of that struct's members. Every other item is built field by field, and what
fits no column is kept in ``extra``.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from itertools import compress
from operator import add, attrgetter
from typing import TYPE_CHECKING, Any, cast

import msgspec
from msgspec.structs import astuple

from tap_genesys_analytics.intervals.timestamps import all_fixed, is_date
from tap_genesys_analytics.records.column_types import (
    Item,
    as_dict,
    coerce,
    is_attribute,
    item_type,
    objects_in,
    record_type,
    storable,
    type_of,
    types_of,
)
from tap_genesys_analytics.records.keys import key_part
from tap_genesys_analytics.records.tables import (
    DATE,
    EXTRA,
    EXTRACTED_AT,
    TIMESTAMP,
    fields_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from tap_genesys_analytics.records.column_types import Struct
    from tap_genesys_analytics.records.keys import Items
    from tap_genesys_analytics.records.raw_documents import Document
    from tap_genesys_analytics.records.tables import Column, JsonSchema, Table

    #: A record: a struct if the item was one, else a dictionary.
    Record = Struct | dict[str, Any]
    #: Name and schema of a column, and the types that say all of its values; or None.
    Place = tuple[str, JsonSchema, frozenset[type] | None]


@dataclass(frozen=True)
class _Fields:
    """The fields of an item, or of an object in it that is flattened."""

    #: Those that are wanted, and their columns.
    columns: Mapping[str, Column]
    #: All that are known, and their types: what is wanted comes first.
    types: Mapping[str, Any]
    #: Those that hold a list of the items of a table below.
    lists: Collection[str]

    @functools.cached_property
    def places(self) -> dict[str, Place]:
        """Where the values of what is wanted go."""
        return {
            name: (column.name, column.schema, types_of(column.schema))
            for name, column in self.columns.items()
        }

    @functools.cached_property
    def timestamps(self) -> list[Callable[[Item], str | None]]:
        """What gives the timestamps that are wanted."""
        return self._getters(TIMESTAMP)

    @functools.cached_property
    def dates(self) -> list[Callable[[Item], str | None]]:
        """What gives the dates that are wanted."""
        return self._getters(DATE)

    def _getters(self, schema: JsonSchema) -> list[Callable[[Item], str | None]]:
        return [
            attrgetter(name)
            for name, column in self.columns.items()
            if column.schema is schema
        ]


class RecordBuilder:
    """Builds a table's records of the ``wanted`` columns.

    A record has all wanted columns, null where the API omits the field. Unknown fields,
    and values of another type, are kept in ``extra``. ``below`` holds the types of
    those fields that child tables are made of. ``new`` names fields that the API sends
    and does not define.
    """

    def __init__(
        self,
        table: Table,
        wanted: Collection[str],
        below: Mapping[str, Any],
        new: Collection[str] = (),
    ) -> None:
        self._table = table
        self._new = sorted(new)
        #: The fields of the key that are columns like others, and these columns.
        self._key = {
            name: table.fields[name].name
            for name in table.key_fields
            if table.fields[name].name in wanted
        }
        self._key_parts = list(map(attrgetter, self._key))
        given = inherited_columns(table)
        self._given = [name in wanted for name in given]
        built = set(wanted).difference(given)
        self._fields = _fields(table, "", table.fields, built, below)
        self._flattened = {
            name: _fields(table, name, columns, built, below)
            for name, columns in table.flattened_fields.items()
        }
        self._derived: dict[Callable[[Document], Any], list[Column]] = {}
        for column in table.computed:
            if column.derive is not None and column.name in built:
                self._derived.setdefault(column.derive, []).append(column)
        levels = [self._fields, *self._flattened.values()]
        self._columns = [
            *(name for name in given if name in wanted),
            *(column.name for level in levels for column in level.columns.values()),
            *(column.name for each in self._derived.values() for column in each),
        ]
        self._extra = [EXTRA] if EXTRA in built else []
        self._blank: dict[str, Any] = dict.fromkeys([*self._columns, *self._extra])
        self._record = record_type(table.name, self._blank)
        self._count = len(self._fields.columns)
        #: The type of items that are as the API defines them; None if there is none.
        self.item = self._item_type(table)

    def _item_type(self, table: Table) -> type[Item] | None:
        if table.schemaless:
            # There are always unknown members.
            return None
        types = {
            **self._fields.types,
            **dict.fromkeys(self._new, Any),
            **{
                name: item_type(f"{table.name}.{name}", fields.types)
                for name, fields in self._flattened.items()
            },
        }
        return None if None in types.values() else item_type(table.name, types)

    def new_in(self, item: Document) -> Iterator[str]:
        """Yield the unknown fields of an item that can become known."""
        known = self._fields.types.keys() | self._flattened
        return filter(is_attribute, item.keys() - known)

    def records(self, found: Items) -> list[Record]:
        """Return the records of items."""
        given, items = found
        if not all(self._given):
            given = [tuple(compress(each, self._given)) for each in given]
        if isinstance(items[0], dict):
            return list(map(self._build_by_field, given, items))
        if not self._has_whole_keys(items) or not self._has_real_moments(items):
            return list(map(self._build_by_field, given, map(as_dict, items)))
        record, count = self._record, self._count
        values: Iterable[tuple[Any, ...]] = map(astuple, items)
        if count < len(self._fields.types) + len(self._flattened) + len(self._new):
            values = [each[:count] for each in values]
        for others in self._others(items):
            values = map(add, values, others)
        return [record(*each) for each in map(add, given, values)]

    def _has_whole_keys(self, items: list[Item]) -> bool:
        """Tell whether no part of a key is null or empty, but for the items' ids."""
        found: set[str | None] = set()
        for part in self._key_parts:
            found.update(map(part, items))
        return found.isdisjoint((None, ""))

    def _has_real_moments(self, items: list[Item]) -> bool:
        """Tell whether timestamps are all in the fixed form, and dates are dates."""
        moments: set[str | None] = set()
        days: set[str | None] = set()
        levels = [(self._fields, items)]
        for name, fields in self._flattened.items():
            inner = list(filter(None, map(attrgetter(name), items)))
            levels.append((fields, inner))
        for fields, level in levels:
            for timestamp in fields.timestamps:
                moments.update(map(timestamp, level))
            for day in fields.dates:
                days.update(map(day, level))
        moments.discard(None)
        days.discard(None)
        return all_fixed(cast("set[str]", moments)) and all(
            map(is_date, cast("set[str]", days))
        )

    def _others(self, items: list[Item]) -> Iterator[Iterable[tuple[Any, ...]]]:
        """Yield the values of records that are not members of the items themselves."""
        for name, fields in self._flattened.items():
            count = len(fields.columns)
            nulls = (None,) * count
            inner = map(attrgetter(name), items)
            yield [nulls if each is None else astuple(each)[:count] for each in inner]
        if self._derived:
            yield (tuple(self._derived_values(item)) for item in items)
        if self._new and self._extra:
            yield map(self._new_values, items)

    def _new_values(self, item: Item) -> tuple[Any, ...]:
        """Return what ``extra`` holds of fields that were learned."""
        members = ((name, item.get(name)) for name in self._new)
        extra = {name: storable(value) for name, value in members if value is not None}
        return (extra or None,)

    def _derived_values(self, item: Any) -> Iterator[Any]:  # noqa: ANN401 (a document)
        """Yield the computed values of an item, column by column."""
        for derive, columns in self._derived.items():
            try:
                found = derive(item)
            except (AttributeError, LookupError, TypeError, ValueError):
                # A field that it needs is of another type, and is kept in ``extra``.
                yield from (None for _ in columns)
                continue
            for column in columns:
                yield found if column.member is None else found[column.member]

    def _build_by_field(self, given: tuple[Any, ...], item: Document) -> dict[str, Any]:
        """Return the record of an item that is not as the API defines it."""
        record = self._blank.copy()
        record.update(zip(self._columns, given, strict=False))
        extra = _fill(record, item, self._fields, self._flattened)
        for name, fields in self._flattened.items():
            inner = item.get(name)
            if isinstance(inner, dict):
                inner = _fill(record, inner, fields)
            if inner:
                extra[name] = storable(inner)
        if extra and self._extra:
            record[EXTRA] = extra
        for name, column in self._key.items():
            if record[column] is None or record[column] == "":
                record[column] = key_part(self._table, name, item)
        if self._derived:
            values = list(self._derived_values(item))
            record.update(zip(self._columns[-len(values) :], values, strict=True))
        return record


def inherited_columns(table: Table) -> list[str]:
    """Return the names of the columns that do not come from an item's fields, in order.

    When it was read, what the root's records pass on, the keys of the ancestors, and
    the item's own key.
    """
    root = table.root
    passed_on = [root.fields[name].name for name in root.inherited]
    keys = [table.own_key.name]
    while table.parent is not None:
        table = table.parent
        keys.insert(0, table.own_key.name)
    return [EXTRACTED_AT, *passed_on, *keys]


def _fields(
    table: Table,
    owner: str,
    columns: Mapping[str, Column],
    built: set[str],
    below: Mapping[str, Any],
) -> _Fields:
    """Return the fields of an item, or of the flattened object ``owner`` in it."""
    wanted = {name: each for name, each in columns.items() if each.name in built}
    types = {name: type_of(each.schema) for name, each in {**wanted, **columns}.items()}
    kinds = fields_of((table.flattened or {}).get(owner, table.model))
    lists = set()
    for path in (*table.child_fields, *below):
        outer, _, name = path.rpartition(".")
        if outer == owner:
            # Items that no table needs are not decoded.
            is_list = kinds.get(name, "").startswith("[")
            types[name] = below.get(path, list[msgspec.Raw] if is_list else Any)
            if is_list and name not in wanted:
                lists.add(name)
    return _Fields(wanted, types, lists)


def _fill(
    record: dict[str, Any],
    item: Document,
    fields: _Fields,
    apart: Collection[str] = (),
) -> Document:
    """Put an item's fields into a record; return what has no place in it.

    Fields in ``apart`` are left out.
    """
    left: Document = {}
    places = fields.places
    for name, value in item.items():
        if value is None or name in apart:
            continue
        place = places.get(name)
        if place is None:
            if name not in fields.types or (
                name in fields.lists and objects_in(value) != value
            ):
                left[name] = storable(value)
            continue
        column, schema, types = place
        if types is None:
            value = coerce(schema, value)  # noqa: PLW2901 (as the column holds it)
        elif type(value) not in types:
            value = None  # noqa: PLW2901
        if value is None:
            left[name] = storable(item[name])
        else:
            record[column] = value
    return left
