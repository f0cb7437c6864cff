"""Tables: which columns a level of a Genesys document has. Declarations, no I/O."""

from __future__ import annotations

import functools
import json
import re
from dataclasses import dataclass, field
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    JsonSchema = dict[str, Any]
    Document = dict[str, Any]

#: Column that holds what the API answers and this version of the tap does not know.
EXTRA = "extra"

#: Column that says when the document was read; equal in all rows of one reading.
EXTRACTED_AT = "extracted_at"

STRING: JsonSchema = {"type": ["string", "null"]}
TIMESTAMP: JsonSchema = {"type": ["string", "null"], "format": "date-time"}
DATE: JsonSchema = {"type": ["string", "null"], "format": "date"}
INTEGER: JsonSchema = {"type": ["integer", "null"]}
NUMBER: JsonSchema = {"type": ["number", "null"]}
BOOLEAN: JsonSchema = {"type": ["boolean", "null"]}
STRINGS: JsonSchema = {"type": ["array", "null"], "items": {"type": ["string"]}}
INTEGERS: JsonSchema = {"type": ["array", "null"], "items": {"type": ["integer"]}}
#: Without ``items`` and ``properties``: targets keep what is inside as plain JSON,
#: and neither they nor the SDK check it value by value.
JSON_ARRAY: JsonSchema = {"type": ["array", "null"]}
JSON_OBJECT: JsonSchema = {"type": ["object", "null"]}

_SCHEMAS = {
    "string": STRING,
    "date-time": TIMESTAMP,
    "date": DATE,
    "integer": INTEGER,
    "number": NUMBER,
    "boolean": BOOLEAN,
    "object": JSON_OBJECT,
    "[string]": STRINGS,
    "[integer]": INTEGERS,
}


#: target-postgres cannot mark deleted rows in a table with a column ``version``.
_RENAMED = {"version": "entity_version"}


@dataclass(frozen=True)
class Column:
    """A column: its name, its JSON schema, and how it is worked out, if it is."""

    name: str
    schema: JsonSchema
    #: Works the value out from the whole document; None for what the API answers.
    derive: Callable[[Document], Any] | None = None
    #: Where several are worked out together: the member of the mapping that is its own.
    part: str | None = None
    selected_by_default: bool = True


@dataclass(frozen=True, eq=False)
class Table:
    """A level of a nested document, as rows.

    The items of the level stand in the field ``source`` of the level above (a dot
    between fields). Their columns are the fields of an API ``model``. Their key is the
    key of the level above, then ``key_fields``, and then either the API's own id
    (``id_field``) or, where it gives none, a number (``number``) that counts the items
    by the time in ``order_by`` and, at equal times, by their content.
    """

    name: str
    description: str
    #: Name of an API model, or field → type for what the API has no model of.
    model: str | Mapping[str, str]
    #: Field → type of what is added to the API's own fields, such as whose item it is.
    added: Mapping[str, str] = field(default_factory=dict)
    above: Table | None = None
    source: str = ""
    #: Fields, never empty, that the key begins with.
    key_fields: tuple[str, ...] = ()
    id_field: str = ""
    number: str = ""
    order_by: str = ""
    #: Fields that are tables of their own, or a flattened object.
    split_off: tuple[str, ...] = ()
    #: Split-off fields that can also be had whole, as a column that is not selected.
    nested: tuple[str, ...] = ()
    #: A field that is one object → its model: that model's fields become columns.
    flattened: Mapping[str, str] | None = None
    derived: tuple[Column, ...] = ()
    #: Fields of the outermost level that the rows of all levels repeat.
    repeated: tuple[str, ...] = ()
    selected_by_default: bool = True
    #: Whether what is not known of the items is no surprise.
    is_open: bool = False

    @functools.cached_property
    def source_path(self) -> tuple[str, ...]:
        """The fields that lead from the level above to the items."""
        return tuple(self.source.split("."))

    @functools.cached_property
    def is_object(self) -> bool:
        """Whether the items are the members of an object, such as attributes are."""
        above = self.above
        return above is not None and fields_of(above.model).get(self.source) == "object"

    @functools.cached_property
    def fields(self) -> dict[str, Column]:
        """The columns that hold the API's fields, by field: split-off ones left out."""
        return {
            name: _api_column(name, kind, selected_by_default=name not in self.nested)
            for name, kind in {**self.added, **fields_of(self.model)}.items()
            if name not in self.split_off or name in self.nested
        }

    @functools.cached_property
    def computed(self) -> tuple[Column, ...]:
        """The columns that are worked out: our own, and the ids of references."""
        known = {column.name for column in self.fields.values()}
        references = (
            Column(f"{snake_case(name)}_id", STRING, functools.partial(_id_in, name))
            for name, kind in fields_of(self.model).items()
            if kind == "reference"
        )
        ids = (column for column in references if column.name not in known)
        return (*self.derived, *ids)

    @functools.cached_property
    def flattened_fields(self) -> dict[str, dict[str, Column]]:
        """The columns of a flattened object's fields: object → field → column."""
        return {
            name: {
                inner: _api_column(inner, kind, prefix=name)
                for inner, kind in fields_of(model).items()
                if f"{name}.{inner}" not in self.split_off
            }
            for name, model in (self.flattened or {}).items()
        }

    @functools.cached_property
    def own_key(self) -> Column:
        """The key column that this level adds to those above."""
        if self.number:
            return Column(self.number, INTEGER)
        return self.fields[self.id_field]

    @functools.cached_property
    def keys(self) -> tuple[Column, ...]:
        """The key columns, outermost level first."""
        above = self.above.keys if self.above else ()
        return (*above, *(self.fields[name] for name in self.key_fields), self.own_key)

    @functools.cached_property
    def outermost(self) -> Table:
        """The table of the document itself."""
        return self.above.outermost if self.above else self

    @functools.cached_property
    def columns(self) -> tuple[Column, ...]:
        """All columns: keys, what is repeated from above, fields, our own."""
        found = [
            *self.keys,
            *(self.outermost.fields[name] for name in self.outermost.repeated),
            *self.computed,
            *self.fields.values(),
            *(
                column
                for columns in self.flattened_fields.values()
                for column in columns.values()
            ),
            Column(EXTRA, JSON_OBJECT),
            Column(EXTRACTED_AT, TIMESTAMP),
        ]
        return tuple({column.name: column for column in found}.values())

    @functools.cached_property
    def schema(self) -> JsonSchema:
        """The JSON schema of the rows."""
        return {
            "type": "object",
            "properties": {column.name: column.schema for column in self.columns},
        }


@functools.cache
def _models() -> dict[str, dict[str, str]]:
    """Return the API's models: model → field → type. Source: the official SDK."""
    text = resources.files(__package__).joinpath("models.json").read_text("utf-8")
    models: dict[str, dict[str, str]] = json.loads(text)["models"]
    return models


def defined_table(
    name: str, endpoint: str, key: Sequence[str], columns: Mapping[str, str] | None
) -> Table:
    """Return a table that the settings define: what has no column is in ``extra``."""
    # Parts of a key are texts, whatever they are elsewhere: none is lost by its type.
    texts = dict.fromkeys(key, "string")
    return Table(
        name=name,
        description=f"{endpoint}, as defined in the settings.",
        model={**texts, **(columns or {}), **texts},
        key_fields=tuple(key[:-1]),
        id_field=key[-1],
        is_open=True,
    )


def fields_of(model: str | Mapping[str, str]) -> Mapping[str, str]:
    """Return field → type of an API model, given by name or spelled out."""
    return _models()[model] if isinstance(model, str) else model


@functools.cache
def snake_case(name: str) -> str:
    """Return a camelCase name in snake_case: ``oTotalScore`` → ``o_total_score``."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    return re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", spaced).lower()


def _id_in(name: str, document: Document) -> object:
    """Return the id in a reference to something else."""
    reference = document.get(name)
    return reference.get("id") if isinstance(reference, dict) else None


def _api_column(
    name: str, kind: str, *, prefix: str = "", selected_by_default: bool = True
) -> Column:
    """Return the column of an API field; its name begins with ``prefix``, once."""
    column = _RENAMED.get(name) or snake_case(name)
    if prefix and not column.startswith(f"{snake_case(prefix)}_"):
        column = f"{snake_case(prefix)}_{column}"
    nested = JSON_ARRAY if kind.startswith("[") else JSON_OBJECT
    schema = _SCHEMAS.get(kind, nested)
    return Column(column, schema, selected_by_default=selected_by_default)
