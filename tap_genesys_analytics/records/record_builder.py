"""Record builders: the record of each item of a table.

Nearly every item is as the API defines it. It is decoded into a struct, and its record
is made of the struct's members. Any other item is a dictionary. Its record is built
field by field, and values that fit no column go to ``extra``.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from itertools import compress
from operator import add, attrgetter
from typing import TYPE_CHECKING, Any, cast

import msgspec
from msgspec.structs import astuple

from tap_genesys_analytics.intervals.timestamps import all_in_fixed_form, is_date
from tap_genesys_analytics.records.column_types import (
    Item,
    accepted_types,
    as_dict,
    coerce,
    is_attribute,
    item_type,
    member_type,
    objects_in,
    record_type,
    storable,
)
from tap_genesys_analytics.records.keys import key_part
from tap_genesys_analytics.records.tables import (
    DATE,
    EXTRA,
    EXTRACTED_AT,
    TIMESTAMP,
    model_fields,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from tap_genesys_analytics.records.column_types import Struct
    from tap_genesys_analytics.records.keys import LevelItems
    from tap_genesys_analytics.records.raw_documents import Document
    from tap_genesys_analytics.records.tables import Column, JsonSchema, Table

    #: A record: a struct if the item was one, else a dictionary.
    Record = Struct | dict[str, Any]
    #: A column's name, its schema, and the types of its values (``accepted_types``).
    TargetColumn = tuple[str, JsonSchema, frozenset[type] | None]


@dataclass(frozen=True)
class _Fields:
    """The fields of an item, or of a flattened object in the item."""

    #: The columns of the selected fields, by field.
    columns: Mapping[str, Column]
    #: The types of all known fields, by field; the selected fields come first.
    types: Mapping[str, Any]
    #: The unselected fields that hold the items of a child table.
    lists: Collection[str]

    @functools.cached_property
    def targets(self) -> dict[str, TargetColumn]:
        """The target columns of the selected fields, by field."""
        return {
            name: (column.name, column.schema, accepted_types(column.schema))
            for name, column in self.columns.items()
        }

    @functools.cached_property
    def timestamps(self) -> list[Callable[[Item], str | None]]:
        """Functions that return the selected timestamps of an item."""
        return self._getters(TIMESTAMP)

    @functools.cached_property
    def dates(self) -> list[Callable[[Item], str | None]]:
        """Functions that return the selected dates of an item."""
        return self._getters(DATE)

    def _getters(self, schema: JsonSchema) -> list[Callable[[Item], str | None]]:
        return [
            attrgetter(name)
            for name, column in self.columns.items()
            if column.schema is schema
        ]


class RecordBuilder:
    """Builds the records of a table.

    A record has all ``selected`` columns, with null for fields that the API omits.
    Unknown fields, and values of an unexpected type, go to ``extra``. ``child_types``
    are the types of the fields that hold the items of child tables. ``learned`` are
    fields that the API sends but does not define.
    """

    def __init__(
        self,
        table: Table,
        selected: Collection[str],
        child_types: Mapping[str, Any],
        learned: Collection[str] = (),
    ) -> None:
        self._table = table
        #: The key fields that are columns like others, and their columns.
        self._key = {
            name: table.fields[name].name
            for name in table.key_fields
            if table.fields[name].name in selected
        }
        self._key_getters = list(map(attrgetter, self._key))
        self._learned = sorted(learned)
        inherited = inherited_columns(table)
        self._inherited_selected = [name in selected for name in inherited]
        own_selected = set(selected).difference(inherited)
        self._fields = _fields(table, "", table.fields, own_selected, child_types)
        self._flattened = {
            name: _fields(table, name, columns, own_selected, child_types)
            for name, columns in table.flattened_fields.items()
        }
        self._derived: dict[Callable[[Document], Any], list[Column]] = {}
        for column in table.computed:
            if column.derive is not None and column.name in own_selected:
                self._derived.setdefault(column.derive, []).append(column)
        levels = [self._fields, *self._flattened.values()]
        self._columns = [
            *(name for name in inherited if name in selected),
            *(column.name for level in levels for column in level.columns.values()),
            *(column.name for columns in self._derived.values() for column in columns),
        ]
        self._extra = [EXTRA] if EXTRA in own_selected else []
        self._empty_record: dict[str, Any] = dict.fromkeys(
            [*self._columns, *self._extra]
        )
        self._record = record_type(table.name, self._empty_record)
        self._field_count = len(self._fields.columns)
        #: The struct of items that are as the API defines them; None if impossible.
        self.item = self._item_type(table)

    def _item_type(self, table: Table) -> type[Item] | None:
        if table.schemaless:
            # Unknown members are the rule here.
            return None
        types = {
            **self._fields.types,
            **dict.fromkeys(self._learned, Any),
            **{
                name: item_type(f"{table.name}.{name}", fields.types)
                for name, fields in self._flattened.items()
            },
        }
        return None if None in types.values() else item_type(table.name, types)

    def unknown_fields(self, item: Document) -> Iterator[str]:
        """Return the unknown fields of an item that a struct can have."""
        known = self._fields.types.keys() | self._flattened
        return filter(is_attribute, item.keys() - known)

    def records(self, level_items: LevelItems) -> list[Record]:
        """Return the records of items, in the same order."""
        inherited, items = level_items
        if not all(self._inherited_selected):
            inherited = [
                tuple(compress(row, self._inherited_selected)) for row in inherited
            ]
        if isinstance(items[0], dict):
            return list(map(self._build_by_field, inherited, items))
        if not self._has_whole_keys(items) or not self._has_real_moments(items):
            return list(map(self._build_by_field, inherited, map(as_dict, items)))
        record, count = self._record, self._field_count
        values: Iterable[tuple[Any, ...]] = map(astuple, items)
        if count < len(self._fields.types) + len(self._flattened) + len(self._learned):
            values = [members[:count] for members in values]
        for added in self._added_values(items):
            values = map(add, values, added)
        return [record(*row) for row in map(add, inherited, values)]

    def _has_whole_keys(self, items: list[Item]) -> bool:
        """Tell whether no key field of the items is null or empty, except their ids."""
        parts: set[str | None] = set()
        for get_part in self._key_getters:
            parts.update(map(get_part, items))
        return parts.isdisjoint((None, ""))

    def _has_real_moments(self, items: list[Item]) -> bool:
        """Tell whether all timestamps are in the fixed form, and all dates are real."""
        timestamps: set[str | None] = set()
        dates: set[str | None] = set()
        levels = [(self._fields, items)]
        for name, fields in self._flattened.items():
            inner = list(filter(None, map(attrgetter(name), items)))
            levels.append((fields, inner))
        for fields, level in levels:
            for get_timestamp in fields.timestamps:
                timestamps.update(map(get_timestamp, level))
            for get_date in fields.dates:
                dates.update(map(get_date, level))
        timestamps.discard(None)
        dates.discard(None)
        return all_in_fixed_form(cast("set[str]", timestamps)) and all(
            map(is_date, cast("set[str]", dates))
        )

    def _added_values(self, items: list[Item]) -> Iterator[Iterable[tuple[Any, ...]]]:
        """Yield values, per record, that are not members of the items themselves."""
        for name, fields in self._flattened.items():
            count = len(fields.columns)
            nulls = (None,) * count
            inner = map(attrgetter(name), items)
            yield [
                nulls if inner_item is None else astuple(inner_item)[:count]
                for inner_item in inner
            ]
        if self._derived:
            yield (tuple(self._derived_values(item)) for item in items)
        if self._learned and self._extra:
            yield map(self._learned_values, items)

    def _learned_values(self, item: Item) -> tuple[Any, ...]:
        """Return the learned fields of an item, as the value of ``extra``."""
        members = ((name, item.get(name)) for name in self._learned)
        extra = {name: storable(value) for name, value in members if value is not None}
        return (extra or None,)

    def _derived_values(self, item: Any) -> Iterator[Any]:  # noqa: ANN401 (a document)
        """Yield the derived values of an item, column by column."""
        for derive, columns in self._derived.items():
            try:
                derived = derive(item)
            except (AttributeError, LookupError, TypeError, ValueError):
                # A field has an unexpected type; its value is in ``extra``.
                yield from (None for _ in columns)
                continue
            for column in columns:
                yield (derived if column.member is None else derived[column.member])

    def _build_by_field(
        self, inherited: tuple[Any, ...], item: Document
    ) -> dict[str, Any]:
        """Return the record of an item that is a dictionary."""
        record = self._empty_record.copy()
        record.update(zip(self._columns, inherited, strict=False))
        extra = _fill(record, item, self._fields, self._flattened)
        for name, fields in self._flattened.items():
            inner = item.get(name)
            if isinstance(inner, dict):
                inner = _fill(record, inner, fields)
            if inner:
                extra[name] = storable(inner)
        extra.update(self._unfit_inherited(record, item))
        if extra and self._extra:
            record[EXTRA] = extra
        for name, column in self._key.items():
            if record[column] is None or record[column] == "":
                record[column] = key_part(self._table, name, item)
        if self._derived:
            values = list(self._derived_values(item))
            record.update(zip(self._columns[-len(values) :], values, strict=True))
        return record

    def _unfit_inherited(self, record: Document, item: Document) -> Document:
        """Return the root's own fields that its inherited columns cannot hold."""
        if self._table.parent is not None:
            return {}
        fields = self._table.fields
        return {
            name: storable(item[name])
            for name in self._table.inherited
            if record[fields[name].name] is None and item.get(name) is not None
        }


def inherited_columns(table: Table) -> list[str]:
    """Return the names of the columns that do not come from an item's fields.

    In this order: ``extracted_at``, the columns inherited from the root table, the keys
    of the ancestors, the item's own key.
    """
    root = table.root
    root_columns = [root.fields[name].name for name in root.inherited]
    keys = [table.own_key.name]
    while table.parent is not None:
        table = table.parent
        keys.insert(0, table.own_key.name)
    return [EXTRACTED_AT, *root_columns, *keys]


def _fields(
    table: Table,
    outer_name: str,
    columns: Mapping[str, Column],
    own_selected: set[str],
    child_types: Mapping[str, Any],
) -> _Fields:
    """Return the fields of an item, or of its flattened object ``outer_name``."""
    selected = {
        name: column for name, column in columns.items() if column.name in own_selected
    }
    types = {
        name: member_type(column.schema)
        for name, column in {**selected, **columns}.items()
    }
    kinds = model_fields((table.flattened or {}).get(outer_name, table.model))
    lists = set()
    for path in (*table.child_fields, *child_types):
        outer, _, name = path.rpartition(".")
        if outer == outer_name:
            # Items of tables that are not selected stay JSON.
            is_list = kinds.get(name, "").startswith("[")
            types[name] = child_types.get(path, list[msgspec.Raw] if is_list else Any)
            if is_list and name not in selected:
                lists.add(name)
    return _Fields(selected, types, lists)


def _fill(
    record: dict[str, Any],
    item: Document,
    fields: _Fields,
    skipped: Collection[str] = (),
) -> Document:
    """Put an item's fields into a record; return the fields that fit no column.

    Fields in ``skipped`` are ignored.
    """
    unplaced: Document = {}
    targets = fields.targets
    for name, value in item.items():
        if value is None or name in skipped:
            continue
        target = targets.get(name)
        if target is None:
            if name not in fields.types or (
                name in fields.lists and objects_in(value) != value
            ):
                unplaced[name] = storable(value)
            continue
        column, schema, types = target
        if types is None:
            value = coerce(schema, value)  # noqa: PLW2901 (as the column holds it)
        elif type(value) not in types:
            value = None  # noqa: PLW2901
        if value is None:
            unplaced[name] = storable(item[name])
        else:
            record[column] = value
    return unplaced
