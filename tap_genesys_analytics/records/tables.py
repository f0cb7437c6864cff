"""Tables: the columns of a stream, and where in a Genesys document they come from."""

from __future__ import annotations

import functools
import json
import re
from dataclasses import dataclass, field
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tap_genesys_analytics.records.raw_documents import Document

    JsonSchema = dict[str, Any]

#: Column that holds the fields that this version of the tap does not know.
EXTRA = "extra"

#: Stands in a key where the API gives nothing, because targets that load CSV read an
#: empty text as null. No id, name or status of Genesys looks like this.
NO_KEY_PART = "(none)"

#: Column that says when the document was read; equal in all records of one reading.
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
    """A column: its name, its JSON schema, and how it is computed, if it is."""

    name: str
    schema: JsonSchema
    #: Computes the value from the whole document; None for a field of the API.
    derive: Callable[[Document], Any] | None = None
    #: If several columns are computed together: the member of the result for this one.
    member: str | None = None
    selected_by_default: bool = True


@dataclass(frozen=True, eq=False)
class Table:
    """A level of a nested document as a table: a record for each item of the level.

    The items of a child table stand at ``path`` in the items of its ``parent`` (a dot
    between fields). The columns are the fields of an API ``model``. The key is the key
    of the parent, then ``key_fields``, and then either the API's own id (``id_field``)
    or, where the API has none, a number (``number``): it counts the items by the time
    in ``order_by`` and, at equal times, by their content.
    """

    name: str
    description: str
    #: Name of an API model, or field → type for what the API has no model of.
    model: str | Mapping[str, str]
    #: Field → type of fields that the tap adds, such as the id of an owner.
    extra_fields: Mapping[str, str] = field(default_factory=dict)
    parent: Table | None = None
    path: str = ""
    #: Fields, never empty, that the key begins with.
    key_fields: tuple[str, ...] = ()
    id_field: str = ""
    number: str = ""
    order_by: str = ""
    #: Fields that are tables of their own, or a flattened object.
    child_fields: tuple[str, ...] = ()
    #: Child fields that are also offered whole, as a JSON column that is not selected.
    optional_json: tuple[str, ...] = ()
    #: A field that is one object → its model: that model's fields become columns.
    flattened: Mapping[str, str] | None = None
    derived: tuple[Column, ...] = ()
    #: Fields of the root table that the records of all its child tables repeat.
    inherited: tuple[str, ...] = ()
    selected_by_default: bool = True
    #: Whether unknown fields are expected: the settings define the table.
    schemaless: bool = False

    @functools.cached_property
    def path_steps(self) -> tuple[str, ...]:
        """The fields that lead from an item of the parent to the items."""
        return tuple(self.path.split("."))

    @functools.cached_property
    def is_object(self) -> bool:
        """Whether the items are the members of an object, such as attributes are."""
        parent = self.parent
        return parent is not None and fields_of(parent.model).get(self.path) == "object"

    @functools.cached_property
    def fields(self) -> dict[str, Column]:
        """The columns that hold the API's fields, by field, without child fields."""
        return {
            name: _api_column(
                name, kind, selected_by_default=name not in self.optional_json
            )
            for name, kind in {**self.extra_fields, **fields_of(self.model)}.items()
            if name not in self.child_fields or name in self.optional_json
        }

    @functools.cached_property
    def computed(self) -> tuple[Column, ...]:
        """The columns that are computed: our own, and the ids of references."""
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
        """The columns of flattened objects: object → field → column."""
        return {
            name: {
                inner: _api_column(inner, kind, prefix=name)
                for inner, kind in fields_of(model).items()
                if f"{name}.{inner}" not in self.child_fields
            }
            for name, model in (self.flattened or {}).items()
        }

    @functools.cached_property
    def own_key(self) -> Column:
        """The key column that this table adds to those of its parent."""
        if self.number:
            return Column(self.number, INTEGER)
        return self.fields[self.id_field]

    @functools.cached_property
    def keys(self) -> tuple[Column, ...]:
        """The key columns, those of the root table first."""
        inherited = self.parent.keys if self.parent else ()
        return (
            *inherited,
            *(self.fields[name] for name in self.key_fields),
            self.own_key,
        )

    @functools.cached_property
    def root(self) -> Table:
        """The table of the document itself."""
        return self.parent.root if self.parent else self

    @functools.cached_property
    def columns(self) -> tuple[Column, ...]:
        """All columns: keys, inherited ones, computed ones, the API's fields."""
        found = [
            *self.keys,
            *(self.root.fields[name] for name in self.root.inherited),
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
        """The JSON schema of the records."""
        properties = {column.name: column.schema for column in self.columns}
        for column in self.keys:
            properties[column.name] = _not_null(column.schema)
        return {"type": "object", "properties": properties}


@functools.cache
def _models() -> dict[str, dict[str, str]]:
    """Return the API's models: model → field → type. Source: the official SDK."""
    text = resources.files(__package__).joinpath("models.json").read_text("utf-8")
    models: dict[str, dict[str, str]] = json.loads(text)["models"]
    return models


def table_from_settings(
    name: str, endpoint: str, key: Sequence[str], columns: Mapping[str, str] | None
) -> Table:
    """Return a table that the settings define; other fields go to ``extra``."""
    # Key fields are text, whatever the API sends, so that no value is lost by its type.
    texts = dict.fromkeys(key, "string")
    return Table(
        name=name,
        description=f"{endpoint}, as defined in the settings.",
        model={**texts, **(columns or {}), **texts},
        key_fields=tuple(key[:-1]),
        id_field=key[-1],
        schemaless=True,
    )


def fields_of(model: str | Mapping[str, str]) -> Mapping[str, str]:
    """Return field → type of an API model, given by name or spelled out.

    Raises:
        LookupError: models.json has no such model; the message says how to add it.
    """
    if not isinstance(model, str):
        return model
    try:
        return _models()[model]
    except KeyError:
        message = (
            f"models.json has no model {model}: run `make generate`, which adds each "
            "model that a stream declares. Is that its name in the official SDK?"
        )
        raise LookupError(message) from None


@functools.cache
def snake_case(name: str) -> str:
    """Return a camelCase name in snake_case: ``oTotalScore`` → ``o_total_score``."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    return re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", spaced).lower()


def _not_null(schema: JsonSchema) -> JsonSchema:
    """Return the schema of a column that is never null."""
    return {**schema, "type": [kind for kind in schema["type"] if kind != "null"]}


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
