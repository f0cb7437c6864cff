"""Structs: what a table's items are decoded into, and its rows encoded from, in C.

Nearly every item is as the API's definition says. It is decoded straight into a struct
of its table, and checked on the way; any other is refused here, and built carefully by
hand.
"""

from __future__ import annotations

import keyword
from typing import TYPE_CHECKING, Annotated, Any, Optional, cast

import msgspec

from tap_genesys_analytics.intervals.timestamps import FIXED_LENGTH
from tap_genesys_analytics.records.tables import TIMESTAMP

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tap_genesys_analytics.records.tables import JsonSchema

#: As long as the fixed form is: whether it is that form is looked at for many at once
#: (``all_fixed``), which is quicker than an expression for each.
_TIMESTAMP = Annotated[
    str, msgspec.Meta(min_length=FIXED_LENGTH, max_length=FIXED_LENGTH)
]

_TYPES: dict[str, Any] = {
    "string": str,
    "integer": int,
    "number": int | float,
    "boolean": bool,
    "object": dict[str, Any],
}


class Struct(msgspec.Struct, gc=False):
    """What items and rows have in common: they are asked as a document is."""

    def get(self, name: str, default: Any = None) -> Any:  # noqa: ANN401 (JSON)
        """Return a member; the default if there is none of that name."""
        return getattr(self, name, default)


class Item(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """An item that is as the API's definition says; what it lacks is None."""


def item_type(name: str, types: Mapping[str, Any]) -> type[Item] | None:
    """Return the type of items with members of these types, in this order.

    None if they cannot have one, because of a name that no attribute may have.
    """
    if not all(map(is_attribute, types)):
        return None
    members = [(member, Optional[kind], None) for member, kind in types.items()]  # noqa: UP045 (the types are values here)
    return cast("type[Item]", msgspec.defstruct(name, members, bases=(Item,)))


def row_type(name: str, columns: Iterable[str]) -> type[Struct]:
    """Return the type of rows with these columns; those that are not given are null."""
    members = [(column, Any, None) for column in columns]
    return cast("type[Struct]", msgspec.defstruct(name, members, bases=(Struct,)))


def type_of(schema: JsonSchema) -> Any:  # noqa: ANN401 (a type, or a form of one)
    """Return the type of a column's values, but for null."""
    if schema is TIMESTAMP:
        return _TIMESTAMP
    kind = schema["type"][0]
    if kind != "array":
        return _TYPES[kind]
    items = schema.get("items")
    return list[_TYPES[items["type"][0]] if items else Any]  # type: ignore[misc]  # (a value here)


def plain(item: Struct | dict[str, Any]) -> dict[str, Any]:
    """Return an item or a row as a dictionary, as others take it."""
    if isinstance(item, dict):
        return item
    document: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(item))
    return document


def is_attribute(name: str) -> bool:
    """Tell whether members can have this name."""
    return (
        name.isidentifier() and not keyword.iskeyword(name) and not hasattr(Item, name)
    )
