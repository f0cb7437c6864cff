"""Column types: the structs of items and records, and the coercion of values.

Nearly every item is as the API defines it. It is decoded into a struct of its table,
which validates it. Any other item is decoded into a dictionary.
"""

from __future__ import annotations

import keyword
import sys
from typing import TYPE_CHECKING, Annotated, Any, Optional, cast

import msgspec

from tap_genesys_analytics.intervals.timestamps import (
    DATE_LENGTH,
    FIXED_LENGTH,
    fixed_form,
    is_date,
)
from tap_genesys_analytics.records.raw_documents import decode_json
from tap_genesys_analytics.records.tables import DATE, TIMESTAMP

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tap_genesys_analytics.records.raw_documents import Document
    from tap_genesys_analytics.records.tables import JsonSchema

#: A text as long as the fixed form. ``all_in_fixed_form`` checks the form itself, for
#: many texts at once, which is faster than a pattern here.
_TIMESTAMP = Annotated[
    str, msgspec.Meta(min_length=FIXED_LENGTH, max_length=FIXED_LENGTH)
]

_DATE = Annotated[str, msgspec.Meta(min_length=DATE_LENGTH, max_length=DATE_LENGTH)]

#: The whole numbers that databases store, and the numbers that a double holds.
_LEAST, _MOST = -(2**63), 2**63 - 1
_LARGEST = sys.float_info.max

_TYPES: dict[str, Any] = {
    "string": str,
    "integer": Annotated[int, msgspec.Meta(ge=_LEAST, le=_MOST)],
    "number": Annotated[int, msgspec.Meta(ge=_LEAST, le=_MOST)] | float,
    "boolean": bool,
    "object": dict[str, Any],
}

_PYTHON_TYPES: dict[str, frozenset[type]] = {
    "string": frozenset({str}),
    "boolean": frozenset({bool}),
    "array": frozenset({list}),
    "object": frozenset({dict}),
}


class Struct(msgspec.Struct, gc=False):
    """Base of items and records. ``get`` works as that of a dictionary."""

    def get(self, name: str, default: Any = None) -> Any:  # noqa: ANN401 (JSON)
        """Return a member, or the default if there is no such member."""
        return getattr(self, name, default)


class Item(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """An item as the API defines it; members that the API omits are None."""


def item_type(name: str, types: Mapping[str, Any]) -> type[Item] | None:
    """Return the struct of items whose members have these types, in this order.

    None if a member's name cannot be the name of a Python attribute.
    """
    if not all(map(is_attribute, types)):
        return None
    members = [(member, Optional[kind], None) for member, kind in types.items()]  # noqa: UP045 (the types are values here)
    return cast("type[Item]", msgspec.defstruct(name, members, bases=(Item,)))


def record_type(name: str, columns: Iterable[str]) -> type[Struct]:
    """Return the struct of records with these columns; missing values are null."""
    members = [(column, Any, None) for column in columns]
    return cast("type[Struct]", msgspec.defstruct(name, members, bases=(Struct,)))


def member_type(schema: JsonSchema) -> Any:  # noqa: ANN401 (a type, or a form of one)
    """Return the type that msgspec decodes a column's values to, except null."""
    if schema is TIMESTAMP:
        return _TIMESTAMP
    if schema is DATE:
        return _DATE
    kind = schema["type"][0]
    if kind != "array":
        return _TYPES[kind]
    items = schema.get("items")
    return list[_TYPES[items["type"][0]] if items else Any]  # type: ignore[misc]  # (a value here)


def as_dict(item: Struct | dict[str, Any]) -> dict[str, Any]:
    """Return an item or a record as a dictionary."""
    if isinstance(item, dict):
        return item
    content = msgspec.json.encode(item)
    try:
        document: dict[str, Any] = msgspec.json.decode(content)
    except msgspec.ValidationError:
        # Something in it that is not decoded yet holds a number out of range.
        document = decode_json(content)
    return document


def is_attribute(name: str) -> bool:
    """Tell whether a member of a struct can have this name."""
    return (
        name.isidentifier() and not keyword.iskeyword(name) and not hasattr(Item, name)
    )


def coerce(schema: JsonSchema, value: Any) -> Any:  # noqa: ANN401 (JSON)
    """Return a value as a column with this schema stores it; else None."""
    if schema is TIMESTAMP:
        return _timestamp(value)
    if schema is DATE:
        return value if isinstance(value, str) and is_date(value) else None
    kind = schema["type"][0]
    if kind in _NUMBERS:
        return _NUMBERS[kind](value)
    if type(value) not in _PYTHON_TYPES[kind]:
        return None
    if items := schema.get("items"):
        coerced = [coerce(items, each) for each in value]
        return None if None in coerced else coerced
    return value


def accepted_types(schema: JsonSchema) -> frozenset[type] | None:
    """Return the Python types of a column's values.

    None if a type check is not enough: timestamps, dates, arrays with typed items.
    """
    if "format" in schema or "items" in schema:
        return None
    return _PYTHON_TYPES.get(schema["type"][0])


def objects_in(value: Any) -> list[Document]:  # noqa: ANN401 (JSON)
    """Return the JSON objects in a list; none if the value is not a list."""
    if not isinstance(value, list):
        return []
    return [member for member in value if isinstance(member, dict)]


def _timestamp(value: Any) -> str | None:  # noqa: ANN401 (JSON)
    """Return a timestamp in the fixed form; None if the value is not a timestamp."""
    try:
        return fixed_form(value)
    except (TypeError, ValueError):
        return None


def _integer(value: Any) -> int | None:  # noqa: ANN401 (JSON)
    """Return a whole number, however it is written; null if it has over 64 bits."""
    if type(value) is float and value.is_integer():
        value = int(value)
    return value if type(value) is int and _LEAST <= value <= _MOST else None


def _number(value: Any) -> float | None:  # noqa: ANN401 (JSON)
    """Return a number; null if a double cannot hold it."""
    is_number = type(value) in {int, float}
    return value if is_number and -_LARGEST <= value <= _LARGEST else None


_NUMBERS: dict[str, Callable[[Any], float | None]] = {
    "integer": _integer,
    "number": _number,
}


def storable(value: Any) -> Any:  # noqa: ANN401 (JSON)
    """Return JSON in which whole numbers of more than 64 bits are texts."""
    if type(value) is int and not _LEAST <= value <= _MOST:
        return str(value)
    if isinstance(value, list):
        return [storable(each) for each in value]
    if isinstance(value, dict):
        return {name: storable(each) for name, each in value.items()}
    return value
