"""Documents to rows: pure functions, and the one place that knows their shape."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

import msgspec

from tap_genesys_analytics.answers import document_of, json_of
from tap_genesys_analytics.builders import RowBuilder
from tap_genesys_analytics.errors import GenesysError
from tap_genesys_analytics.order import by_content, in_fixed_order
from tap_genesys_analytics.structs import Struct, type_of
from tap_genesys_analytics.tables import STRING
from tap_genesys_analytics.values import objects_in, taken

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from tap_genesys_analytics.answers import PageItem
    from tap_genesys_analytics.builders import Row
    from tap_genesys_analytics.tables import Document, Table

    #: What an item's row is given (``builders.given_columns``), and the item.
    _Keyed = tuple[tuple[Any, ...], Any]

#: New fields that are made known, of all tables: an object whose members' names are
#: data would have ever more.
_MOST_NEW = 100

_encode = msgspec.json.encode


@dataclass(frozen=True)
class _Level:
    """A table that is wanted, or that lies above one that is."""

    table: Table
    builder: RowBuilder
    is_wanted: bool
    below: list[_Level]


class DocumentRows:
    """Turns a document into the rows of the tables that are wanted.

    ``wanted`` says which columns of which table to build; a table that is not in it
    is passed over, and so are its levels unless a table below is wanted.
    """

    def __init__(
        self, tables: Collection[Table], wanted: Mapping[str, Collection[str]]
    ) -> None:
        self._table = next(table for table in tables if table.above is None)
        self._tables = tables
        self._wanted = wanted
        self._new: dict[str, set[str]] = {table.name: set() for table in tables}
        #: What is said of documents in which nothing could be made known.
        self._refusals: set[str] = set()
        self._compile()

    def _compile(self) -> None:
        """Make the types of documents and rows."""
        self._level = _level(self._table, self._tables, self._wanted, self._new)
        item = self._level.builder.item if self._level else None
        self._decode = None if item is None else msgspec.json.Decoder(item).decode

    def read(self, item: PageItem) -> Any:  # noqa: ANN401 (a document, or a struct)
        """Return what ``rows`` takes of an item of a page: it has ``get``.

        Raises:
            ApiError: The item is no document.
        """
        if self._decode is None:
            return document_of(item)
        content = json_of(item) if isinstance(item, msgspec.Raw) else _encode(item)
        try:
            return self._decode(content)
        except msgspec.ValidationError as error:
            document, refusal = document_of(item), str(error)
            if "unknown field" in refusal and refusal not in self._refusals:
                if self._learn(document):
                    with suppress(msgspec.ValidationError):
                        return self._decode(content)
                elif len(self._refusals) < _MOST_NEW:
                    self._refusals.add(refusal)
        return document

    def _learn(self, document: Document) -> bool:
        """Make fields known that are new; False if there are none in a document.

        What Genesys adds to its API is in every document from then on: they would all
        be built in the slow way. What they hold is still kept in ``extra``.
        """
        before = sum(map(len, self._new.values()))
        if self._level is None or before >= _MOST_NEW:
            return False
        _find_new(self._level, [((), document)], self._new)
        if sum(map(len, self._new.values())) == before:
            return False
        self._compile()
        return True

    def rows(self, documents: Iterable[Any], extracted_at: str) -> dict[str, list[Row]]:
        """Return the rows of documents (as ``read``), by table, outermost first."""
        found: dict[str, list[Row]] = {}
        if self._level is None:
            return found
        for _, alike in groupby(documents, type):
            items = [((extracted_at, *self._given(each)), each) for each in alike]
            _append_rows(self._level, items, found)
        return found

    def _given(self, document: Any) -> Iterator[Any]:  # noqa: ANN401 (a document, or a struct)
        """Yield what the rows of all levels are given, and the outermost key."""
        for name in self._table.repeated:
            yield taken(self._table.fields[name].schema, document.get(name))
        yield _id_of(self._table, document)


def _level(
    table: Table,
    tables: Collection[Table],
    wanted: Mapping[str, Collection[str]],
    new: Mapping[str, Collection[str]],
) -> _Level | None:
    """Return a table's level with what is wanted below it; None if nothing is."""
    lower = [each for each in tables if each.above is table]
    found = [_level(each, tables, wanted, new) for each in lower]
    below = [level for level in found if level is not None]
    is_wanted = table.name in wanted
    if not is_wanted and not below:
        return None
    types = {level.table.source: _type_of_source(level) for level in below}
    builder = RowBuilder(table, wanted.get(table.name, ()), types, new[table.name])
    return _Level(table, builder, is_wanted, below)


def _type_of_source(level: _Level) -> Any:  # noqa: ANN401 (a form of a type)
    """Return the type of the field that a level's items stand in; None: it has none."""
    table, item = level.table, level.builder.item
    if table.is_object:
        return dict[str, type_of(table.fields["value"].schema)]  # type: ignore[misc]
    return item and list[item]  # type: ignore[valid-type]


def _find_new(level: _Level, items: list[_Keyed], new: Mapping[str, set[str]]) -> None:
    """Add fields that are not known, of a level's items and those below, by table."""
    for _, item in items:
        new[level.table.name].update(level.builder.new_in(item))
    for lower in level.below:
        if below := _items(lower, items):
            _find_new(lower, below, new)


def _append_rows(
    level: _Level, items: list[_Keyed], rows: dict[str, list[Row]]
) -> None:
    """Append the rows of a level's items, and of the items below them."""
    if level.is_wanted:
        rows.setdefault(level.table.name, []).extend(level.builder.rows(items))
    for lower in level.below:
        if below := _items(lower, items):
            _append_rows(lower, below, rows)


def _items(level: _Level, owners: list[_Keyed]) -> list[_Keyed]:
    """Return the items of a level that stand in the items of the level above.

    Numbers count the items in the fixed order. Ids are the API's own; should it
    repeat or leave out one, the items are told apart by a suffix ("#2"), in the fixed
    order too, and an item that stands there twice is taken once: keys are unique and
    hold no null, and nothing is lost.
    """
    table = level.table
    is_struct = isinstance(owners[0][1], Struct)
    first, *others = table.source_path
    found: list[_Keyed] = []
    for given, owner in owners:
        items = getattr(owner, first) if is_struct else owner.get(first)
        for name in others:
            items = items.get(name) if isinstance(items, Struct | dict) else None
        if not items:
            continue
        if table.is_object:
            make: Any = level.builder.item if is_struct else dict
            members = items.items() if isinstance(items, dict) else ()
            items = [make(name=name, value=value) for name, value in members]
        elif not is_struct:
            items = objects_in(items)
        if table.number:
            if len(items) > 1:
                items = in_fixed_order(items, table.order_by)
            keys: Iterable[Any] = range(1, len(items) + 1)
        else:
            keys = [_id_of(table, item) for item in items]
            if len(set(keys)) < len(keys) or "" in keys:
                keys, items = _told_apart(table, items)
        found += [
            (given + (key,), item)  # noqa: RUF005 (twice as quick)
            for key, item in zip(keys, items, strict=True)
        ]
    return found


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


def _id_of(table: Table, item: Any) -> str:  # noqa: ANN401 (JSON)
    """Return an item's id as its key column holds it; empty where it has none."""
    value = item.get(table.id_field)
    schema = table.own_key.schema
    if schema is not STRING or type(value) is not str:
        value = taken(schema, value)
    return "" if value is None else value


def _told_apart(table: Table, items: list[Any]) -> tuple[list[str], list[Any]]:
    """Return unique keys, and items, where ids are repeated or missing."""
    told: dict[str, tuple[str, Any]] = {}
    for content, item in by_content(items):
        name = key = _id_of(table, item)
        count = 1
        while key in told and told[key][0] != content:
            count += 1
            key = f"{name}#{count}"
        told[key] = content, item
    return list(told), [item for _, item in told.values()]
