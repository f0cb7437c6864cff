"""Keys: the items of each level of a document, each with a unique key."""

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

    #: The values that the items of one parent inherit, and these items.
    _Siblings = tuple[tuple[Any, ...], list[Any]]


class LevelItems(NamedTuple):
    """The items of a level, with the values that their records inherit.

    The items are either all structs of one type or all dictionaries. The values are in
    the order of ``record_builder.inherited_columns``.
    """

    inherited: list[tuple[Any, ...]]
    items: list[Any]


class ItemFinder:
    """Finds the items of a table in the items of its parent, and makes their keys.

    ``item`` is the struct of the items. A key is either a number, counted in the fixed
    order, or the API's id. If the API repeats or omits an id, later items get a suffix
    ("#2"), in the order of their content, and equal items count once. So keys are
    unique and never null or empty, and no item is lost.
    """

    def __init__(self, table: Table, item: type[Item] | None) -> None:
        self._table = table
        self._item = item
        *self._outer_steps, self._last_step = map(attrgetter, table.path_steps)
        self._order = FixedOrder(table, item)
        #: The number of values that should be items, or lists of them, and are not.
        self.malformed = 0

    def child_items(self, parents: LevelItems) -> LevelItems:
        """Return the items that the parent's items contain, with their keys."""
        are_structs = isinstance(parents.items[0], Struct)
        items_of = self._in_structs if are_structs else self._in_dicts
        sibling_groups = [
            (inherited, items)
            for inherited, items in zip(
                parents.inherited, items_of(parents.items), strict=True
            )
            if items
        ]
        if not sibling_groups:
            return LevelItems([], [])
        if self._table.number:
            return self._with_numbers(sibling_groups)
        return self._with_ids(sibling_groups)

    def _in_structs(self, parents: Iterable[Any]) -> Iterable[Any]:
        """Return the items in each parent that is a struct."""
        for step in self._outer_steps:
            parents = [parent and step(parent) for parent in parents]
        if self._outer_steps:
            return [parent and self._last_step(parent) for parent in parents]
        lists = map(self._last_step, parents)
        if self._table.is_object and self._item is not None:
            new_item = self._item
            return (members and _member_items(new_item, members) for members in lists)
        return lists

    def _in_dicts(self, parents: Iterable[Any]) -> Iterable[list[Any]]:
        """Yield the items in each parent that is a dictionary, if they are objects."""
        for parent in parents:
            value: Any = parent
            for name in self._table.path_steps:
                if value is not None and not isinstance(value, dict):
                    break
                value = value and value.get(name)
            if self._table.is_object:
                is_object = isinstance(value, dict)
                self.malformed += not is_object and value is not None
                yield _member_items(dict, value) if is_object else []
            else:
                items = objects_in(value)
                self.malformed += value is not None and items != value
                yield items

    def _with_numbers(self, sibling_groups: list[_Siblings]) -> LevelItems:
        """Return items with numbers as keys."""
        lists = [items for _, items in sibling_groups]
        ordered = self._order.sort_lists(lists)
        inherited = [
            inherited_values + (number,)  # noqa: RUF005 (twice as fast)
            for (inherited_values, items) in sibling_groups
            for number in range(1, len(items) + 1)
        ]
        return LevelItems(inherited, list(chain.from_iterable(ordered)))

    def _with_ids(self, sibling_groups: list[_Siblings]) -> LevelItems:
        """Return items with ids as keys."""
        items = [item for _, items in sibling_groups for item in items]
        ids = self._ids(items)
        if _are_keys(ids):
            inherited_values = [
                inherited for inherited, items in sibling_groups for _ in items
            ]
            return LevelItems(list(map(_append_key, inherited_values, ids)), items)
        result = LevelItems([], [])
        for inherited, items in sibling_groups:
            # Ids may repeat across parents; only within one do they need a suffix.
            ids = self._ids(items)
            if not _are_keys(ids):
                ids, items = self._with_unique_keys(items)  # noqa: PLW2901 (each once)
            result.inherited.extend(_append_key(inherited, key) for key in ids)
            result.items.extend(items)
        return result

    def _ids(self, items: list[Any]) -> list[str]:
        """Return the ids of items as their key column stores them."""
        if self._table.own_key.schema is STRING and isinstance(items[0], Struct):
            ids = map(attrgetter(self._table.id_field), items)
            return [key or NO_KEY_PART for key in ids]
        return [item_id(self._table, item) for item in items]

    def _with_unique_keys(self, items: list[Any]) -> tuple[list[str], list[Any]]:
        """Return unique keys and their items, for ids that are repeated or missing."""
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
    """Return a document with its key fields as text.

    For tables that the settings define, because their key may be wrong.

    Raises:
        GenesysError: A key field is missing or empty, or is a list or an object.
    """
    for name in (*table.key_fields, table.id_field):
        value = document.get(name)
        if value == "" or not isinstance(value, str | int | float):
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


def _append_key(inherited: tuple[Any, ...], key: str) -> tuple[Any, ...]:
    """Return inherited values followed by the item's own key."""
    return inherited + (key,)  # noqa: RUF005 (twice as fast)


def _member_items(new_item: Callable[..., Any], members: dict[str, Any]) -> list[Any]:
    """Return an item (name, value) for each member of an object."""
    return [new_item(name=name, value=value) for name, value in members.items()]
