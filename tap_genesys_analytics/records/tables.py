"""Tables: the columns of a stream, and their places in a Genesys document."""

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

#: The column for fields that this version does not know.
EXTRA = "extra"

#: Stands in a key where the API gives nothing, because targets that load CSV read an
#: empty text as null. No id, name or status of Genesys looks like this.
NO_KEY_PART = "(none)"

#: The column with the time at which the document was read.
EXTRACTED_AT = "extracted_at"

STRING: JsonSchema = {"type": ["string", "null"]}
TIMESTAMP: JsonSchema = {"type": ["string", "null"], "format": "date-time"}
DATE: JsonSchema = {"type": ["string", "null"], "format": "date"}
INTEGER: JsonSchema = {"type": ["integer", "null"]}
NUMBER: JsonSchema = {"type": ["number", "null"]}
BOOLEAN: JsonSchema = {"type": ["boolean", "null"]}
STRINGS: JsonSchema = {"type": ["array", "null"], "items": {"type": ["string"]}}
INTEGERS: JsonSchema = {"type": ["array", "null"], "items": {"type": ["integer"]}}
#: Without ``items`` and ``properties``, targets store the value as plain JSON, and
#: neither they nor the SDK validate its contents.
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
    """A column: its name, its JSON schema, and how it is derived, if it is."""

    name: str
    schema: JsonSchema
    #: Returns the value for an item; None: the column is a field of the API.
    derive: Callable[[Document], Any] | None = None
    #: The member of the result, if one function derives several columns.
    member: str | None = None
    selected_by_default: bool = True


@dataclass(frozen=True, eq=False)
class Table:
    """A level of a nested document as a table: a record for each item of the level.

    The items of a child table are at ``path`` in the items of its ``parent``, with dots
    between fields. The columns are the fields of an API ``model``. The key consists of
    the key of the parent, ``key_fields``, and either the API's id (``id_field``) or a
    ``number``. A number counts the items by the time in ``order_by`` and, at equal
    times, by content.
    """

    name: str
    description: str
    #: The name of an API model, or field → type if the API has no model.
    model: str | Mapping[str, str]
    #: Field → type of fields that the tap adds, such as ``queueId`` of queue members.
    extra_fields: Mapping[str, str] = field(default_factory=dict)
    parent: Table | None = None
    path: str = ""
    #: Key fields before the id; never empty.
    key_fields: tuple[str, ...] = ()
    id_field: str = ""
    number: str = ""
    order_by: str = ""
    #: Fields that are child tables, are flattened, or are left out.
    child_fields: tuple[str, ...] = ()
    #: Child fields that are also JSON columns, not selected by default.
    optional_json: tuple[str, ...] = ()
    #: Field → model of objects whose fields become columns of this table.
    flattened: Mapping[str, str] | None = None
    derived: tuple[Column, ...] = ()
    #: Fields of the root table that are columns of its child tables, too.
    inherited: tuple[str, ...] = ()
    selected_by_default: bool = True
    #: Whether the settings define the table, so that unknown fields are expected.
    schemaless: bool = False

    @functools.cached_property
    def path_steps(self) -> tuple[str, ...]:
        """The fields of ``path``."""
        return tuple(self.path.split("."))

    @functools.cached_property
    def is_object(self) -> bool:
        """Whether the items are the members of an object, such as participant data."""
        parent = self.parent
        return (
            parent is not None and model_fields(parent.model).get(self.path) == "object"
        )

    @functools.cached_property
    def fields(self) -> dict[str, Column]:
        """The columns of the API's fields, by field, without child fields."""
        return {
            name: _api_column(
                name, kind, selected_by_default=name not in self.optional_json
            )
            for name, kind in {**self.extra_fields, **model_fields(self.model)}.items()
            if name not in self.child_fields or name in self.optional_json
        }

    @functools.cached_property
    def computed(self) -> tuple[Column, ...]:
        """The derived columns, and the ids of references."""
        field_columns = {column.name for column in self.fields.values()}
        references = (
            Column(f"{snake_case(name)}_id", STRING, functools.partial(_id_in, name))
            for name, kind in model_fields(self.model).items()
            if kind == "reference"
        )
        ids = (column for column in references if column.name not in field_columns)
        return (*self.derived, *ids)

    @functools.cached_property
    def flattened_fields(self) -> dict[str, dict[str, Column]]:
        """The columns of flattened objects: object → field → column."""
        return {
            name: {
                inner: _api_column(inner, kind, prefix=name)
                for inner, kind in model_fields(model).items()
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
        """All columns: keys, inherited, computed, the API's fields, and our own."""
        columns = [
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
        return tuple({column.name: column for column in columns}.values())

    @functools.cached_property
    def schema(self) -> JsonSchema:
        """The JSON schema of the records."""
        properties = {column.name: column.schema for column in self.columns}
        for column in self.keys:
            properties[column.name] = _not_null(column.schema)
        return {"type": "object", "properties": properties}


@functools.cache
def _models() -> dict[str, dict[str, str]]:
    """Return model → field → type of the API's models. Source: the official SDK."""
    text = resources.files(__package__).joinpath("models.json").read_text("utf-8")
    models: dict[str, dict[str, str]] = json.loads(text)["models"]
    return models


def table_from_settings(
    name: str, endpoint: str, key: Sequence[str], columns: Mapping[str, str] | None
) -> Table:
    """Return a table that the settings define.

    Fields that are neither in the key nor in ``columns`` go to ``extra``.
    """
    # Key fields are text: a key of an unexpected type would otherwise become null.
    key_columns = dict.fromkeys(key, "string")
    return Table(
        name=name,
        description=f"{endpoint}, as defined in the settings.",
        model={**key_columns, **(columns or {}), **key_columns},
        key_fields=tuple(key[:-1]),
        id_field=key[-1],
        schemaless=True,
    )


def model_fields(model: str | Mapping[str, str]) -> Mapping[str, str]:
    """Return field → type of an API model, which may be given by name.

    Raises:
        LookupError: models.json has no such model.
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
    """Return the id in a reference; None if there is none."""
    reference = document.get(name)
    found = reference.get("id") if isinstance(reference, dict) else None
    # The reference itself has a column, which keeps an id of another type.
    return found if isinstance(found, str) else None


def _api_column(
    name: str, kind: str, *, prefix: str = "", selected_by_default: bool = True
) -> Column:
    """Return the column of an API field; its name begins with ``prefix``."""
    column = _RENAMED.get(name) or snake_case(name)
    if prefix and not column.startswith(f"{snake_case(prefix)}_"):
        column = f"{snake_case(prefix)}_{column}"
    nested = JSON_ARRAY if kind.startswith("[") else JSON_OBJECT
    schema = _SCHEMAS.get(kind, nested)
    return Column(column, schema, selected_by_default=selected_by_default)
