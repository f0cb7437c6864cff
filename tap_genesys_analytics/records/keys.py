"""Keys: the items of each level of a document, each with a key of its own."""

from __future__ import annotations

import json
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from tap_genesys_analytics.errors import GenesysError
from tap_genesys_analytics.records.column_types import Struct, coerce, objects_in
from tap_genesys_analytics.records.ordering import FixedOrder, by_content
from tap_genesys_analytics.records.tables import NO_KEY_PART, STRING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tap_genesys_analytics.records.column_types import Item
    from tap_genesys_analytics.records.raw_documents import Document
    from tap_genesys_analytics.records.tables import Table

    #: An item of the parent: what its record was given, and the items in it.
    _Owned = tuple[tuple[Any, ...], list[Any]]


class Items(NamedTuple):
    """Items of a level, and what their records inherit (``inherited_columns``).

    They are all structs of one type, or all documents.
    """

    inherited: list[tuple[Any, ...]]
    items: list[Any]


class ItemFinder:
    """Finds a table's items in those of its parent, and gives each its key.

    ``item`` is the type of items that are structs. Numbers count the items in the
    fixed order. Ids are the API's own. If the API repeats or omits an id, the items get
    a suffix ("#2"), in the fixed order too, and an item that is listed twice is taken
    once. So keys are unique and never null or empty, and nothing is lost.
    """

    def __init__(self, table: Table, item: type[Item] | None) -> None:
        self._table = table
        self._item = item
        *self._outer, self._last = map(attrgetter, table.path_steps)
        self._order = FixedOrder(table, item)

    def below(self, owners: Items) -> Items:
        """Return the items that are in the parent's items."""
        is_struct = isinstance(owners.items[0], Struct)
        find = self._in_structs if is_struct else self._in_documents
        owned = [
            (inherited, items)
            for inherited, items in zip(
                owners.inherited, find(owners.items), strict=True
            )
            if items
        ]
        if not owned:
            return Items([], [])
        if self._table.number:
            return self._numbered(owned)
        return self._named(owned)

    def _in_structs(self, owners: Iterable[Any]) -> Iterable[Any]:
        """Return the items that stand in each owner."""
        for step in self._outer:
            owners = [owner and step(owner) for owner in owners]
        if self._outer:
            return [owner and self._last(owner) for owner in owners]
        lists = map(self._last, owners)
        if self._table.is_object and self._item is not None:
            make = self._item
            return (members and _members(make, members) for members in lists)
        return lists

    def _in_documents(self, owners: Iterable[Any]) -> Iterable[list[Any]]:
        """Return the items that stand in each owner: no others than objects."""
        for owner in owners:
            found: Any = owner
            for name in self._table.path_steps:
                found = found.get(name) if isinstance(found, dict) else None
            if self._table.is_object:
                yield _members(dict, found) if isinstance(found, dict) else []
            else:
                yield objects_in(found)

    def _numbered(self, owned: list[_Owned]) -> Items:
        """Return items with their numbers."""
        lists = [items for _, items in owned]
        ordered = self._order.each(lists)
        inherited = [
            above + (number,)  # noqa: RUF005 (twice as fast)
            for (above, items) in owned
            for number in range(1, len(items) + 1)
        ]
        return Items(inherited, list(chain.from_iterable(ordered)))

    def _named(self, owned: list[_Owned]) -> Items:
        """Return items with their ids."""
        items = [item for _, items in owned for item in items]
        ids = self._ids(items)
        if _are_keys(ids):
            above = [inherited for inherited, items in owned for _ in items]
            return Items(list(map(_with, above, ids)), items)
        found = Items([], [])
        for inherited, items in owned:
            # Ids that repeat may belong to different owners.
            ids = self._ids(items)
            if not _are_keys(ids):
                ids, items = self._with_unique_keys(items)  # noqa: PLW2901 (each once)
            found.inherited.extend(_with(inherited, key) for key in ids)
            found.items.extend(items)
        return found

    def _ids(self, items: list[Any]) -> list[str]:
        """Return the ids of items as the key column holds them."""
        if self._table.own_key.schema is STRING and isinstance(items[0], Struct):
            ids = map(attrgetter(self._table.id_field), items)
            return [key or NO_KEY_PART for key in ids]
        return [item_id(self._table, item) for item in items]

    def _with_unique_keys(self, items: list[Any]) -> tuple[list[str], list[Any]]:
        """Return unique keys, and items, where ids are repeated or missing."""
        unique: dict[str, tuple[str, Any]] = {}
        for content, item in by_content(items):
            name = key = item_id(self._table, item)
            count = 1
            while key in unique and unique[key][0] != content:
                count += 1
                key = f"{name}#{count}"
            unique[key] = content, item
        return list(unique), [item for _, item in unique.values()]


def item_id(table: Table, item: Any) -> str:  # noqa: ANN401 (a document, or a struct)
    """Return an item's id as its key column holds it: a text stands for none.

    Raises:
        GenesysError: It has none, and its column holds no texts.
    """
    if table.own_key.schema is STRING:
        return key_text(item.get(table.id_field)) or NO_KEY_PART
    return cast("str", key_part(table, table.id_field, item))


def key_part(table: Table, name: str, item: Any) -> Any:  # noqa: ANN401 (JSON)
    """Return a field as a key column holds it, without which there is no key.

    Raises:
        GenesysError: It is missing, or not what the column holds.
    """
    value, schema = item.get(name), table.fields[name].schema
    part = key_text(value) if schema is STRING else coerce(schema, value)
    if part is None or part == "":
        message = (
            f"{table.name}: a record has no valid {name}, which is part of its key"
        )
        raise GenesysError(message)
    return part


def key_text(value: Any) -> str:  # noqa: ANN401 (JSON)
    """Return a value as a text in a key: ids may be numbers; empty for null."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def with_complete_key(table: Table, document: Document) -> Document:
    """Return a document whose key is complete, and made of text.

    For tables that the settings define: their keys may not be keys.

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
            document = {**document, name: key_text(value)}
    return document


def _are_keys(ids: list[str]) -> bool:
    """Tell whether ids are unique, and none is missing."""
    return len(set(ids)) == len(ids) and NO_KEY_PART not in ids


def _with(inherited: tuple[Any, ...], key: str) -> tuple[Any, ...]:
    """Return the inherited values with the item's own key added."""
    return inherited + (key,)  # noqa: RUF005 (twice as fast)


def _members(make: Callable[..., Any], members: dict[str, Any]) -> list[Any]:
    """Return the members of an object as items."""
    return [make(name=name, value=value) for name, value in members.items()]
