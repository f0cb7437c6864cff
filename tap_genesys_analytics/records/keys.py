"""Items: what stands in the levels of a document, each under a key of its own."""

from __future__ import annotations

from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from tap_genesys_analytics.errors import GenesysError
from tap_genesys_analytics.records.ordering import FixedOrder, by_content
from tap_genesys_analytics.records.structs import Struct
from tap_genesys_analytics.records.tables import STRING
from tap_genesys_analytics.records.values import objects_in, taken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tap_genesys_analytics.records.structs import Item
    from tap_genesys_analytics.records.tables import Document, Table

    #: The items of a level that stand in an item above: what that one was given, and
    #: the items.
    _Owned = tuple[tuple[Any, ...], list[Any]]


class Items(NamedTuple):
    """Items of a level, and what their rows are given (``builders.given_columns``).

    They are all structs of one type, or all documents.
    """

    given: list[tuple[Any, ...]]
    items: list[Any]


class ItemFinder:
    """Finds a table's items in those of the table above, and gives each its key.

    ``item`` is the type of items that are structs. Numbers count the items in the
    fixed order. Ids are the API's own; should it repeat or leave out one, the items
    are told apart by a suffix ("#2"), in the fixed order too, and an item that stands
    there twice is taken once: keys are unique and hold no null, and nothing is lost.
    """

    def __init__(self, table: Table, item: type[Item] | None) -> None:
        self._table = table
        self._item = item
        *self._outer, self._last = map(attrgetter, table.source_path)
        self._order = FixedOrder(table, item)

    def below(self, owners: Items) -> Items:
        """Return the items that stand in items of the level above."""
        is_struct = isinstance(owners.items[0], Struct)
        find = self._in_structs if is_struct else self._in_documents
        owned = [
            (given, items)
            for given, items in zip(owners.given, find(owners.items), strict=True)
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
            for name in self._table.source_path:
                found = found.get(name) if isinstance(found, dict) else None
            if self._table.is_object:
                yield _members(dict, found) if isinstance(found, dict) else []
            else:
                yield objects_in(found)

    def _numbered(self, owned: list[_Owned]) -> Items:
        """Return items with their numbers."""
        lists = [items for _, items in owned]
        ordered = self._order.each(lists)
        given = [
            above + (number,)  # noqa: RUF005 (twice as quick)
            for (above, items) in owned
            for number in range(1, len(items) + 1)
        ]
        return Items(given, list(chain.from_iterable(ordered)))

    def _named(self, owned: list[_Owned]) -> Items:
        """Return items with their ids."""
        items = [item for _, items in owned for item in items]
        ids = self._ids(items)
        if _are_keys(ids):
            above = [given for given, items in owned for _ in items]
            return Items(list(map(_with, above, ids)), items)
        found = Items([], [])
        for given, items in owned:
            # What repeats may well stand in different owners.
            ids = self._ids(items)
            if not _are_keys(ids):
                ids, items = self._told_apart(items)  # noqa: PLW2901 (each once)
            found.given.extend(_with(given, key) for key in ids)
            found.items.extend(items)
        return found

    def _ids(self, items: list[Any]) -> list[str]:
        """Return the ids of items as the key column holds them; empty: it has none."""
        if self._table.own_key.schema is STRING and isinstance(items[0], Struct):
            return [key or "" for key in map(attrgetter(self._table.id_field), items)]
        return [id_of(self._table, item) for item in items]

    def _told_apart(self, items: list[Any]) -> tuple[list[str], list[Any]]:
        """Return unique keys, and items, where ids are repeated or missing."""
        told: dict[str, tuple[str, Any]] = {}
        for content, item in by_content(items):
            name = key = id_of(self._table, item)
            count = 1
            while key in told and told[key][0] != content:
                count += 1
                key = f"{name}#{count}"
            told[key] = content, item
        return list(told), [item for _, item in told.values()]


def id_of(table: Table, item: Any) -> str:  # noqa: ANN401 (a document, or a struct)
    """Return an item's id as its key column holds it; empty where it has none."""
    value = item.get(table.id_field)
    schema = table.own_key.schema
    if schema is not STRING or type(value) is not str:
        value = taken(schema, value)
    return "" if value is None else value


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


def _are_keys(ids: list[str]) -> bool:
    """Tell whether ids are unique, and none is missing."""
    return len(set(ids)) == len(ids) and "" not in ids


def _with(given: tuple[Any, ...], key: str) -> tuple[Any, ...]:
    """Return what is given to an item with its own key added."""
    return given + (key,)  # noqa: RUF005 (twice as quick)


def _members(make: Callable[..., Any], members: dict[str, Any]) -> list[Any]:
    """Return the members of an object as items."""
    return [make(name=name, value=value) for name, value in members.items()]
