"""Flattening: nested documents become records of the tables made of them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

import msgspec

from tap_genesys_analytics.records.column_types import coerce, type_of
from tap_genesys_analytics.records.keys import ItemFinder, Items, key_part
from tap_genesys_analytics.records.raw_documents import decode_document, document_json
from tap_genesys_analytics.records.record_builder import RecordBuilder

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from tap_genesys_analytics.records.raw_documents import Document, RawDocument
    from tap_genesys_analytics.records.record_builder import Record
    from tap_genesys_analytics.records.tables import Table

#: The number of new fields that are learned, over all tables: an object whose member
#: names are data would have ever more of them.
_MOST_NEW = 100

_encode = msgspec.json.encode


@dataclass(frozen=True)
class _Level:
    """A table that is wanted, or an ancestor of one that is."""

    table: Table
    finder: ItemFinder
    builder: RecordBuilder
    is_wanted: bool
    below: list[_Level]


class DocumentRecords:
    """Turns documents into records of the tables that are wanted.

    ``wanted`` says which columns of which tables to build. Other tables are skipped,
    except as ancestors of those that are wanted.
    """

    def __init__(
        self, tables: Collection[Table], wanted: Mapping[str, Collection[str]]
    ) -> None:
        self._table = next(table for table in tables if table.parent is None)
        self._tables = tables
        self._wanted = wanted
        self._new: dict[str, set[str]] = {table.name: set() for table in tables}
        #: Reasons why documents did not fit, where nothing was learned from them.
        self._refusals: set[str] = set()
        self._compile()

    def _compile(self) -> None:
        """Make the types of documents and records."""
        self._level = _level(self._table, self._tables, self._wanted, self._new)
        item = self._level.builder.item if self._level else None
        self._decode = None if item is None else msgspec.json.Decoder(item).decode

    def decode(self, raw: RawDocument) -> Any:  # noqa: ANN401 (a document, or a struct)
        """Return a decoded document, for ``records``: it has ``get``.

        Raises:
            DocumentError: It is no JSON object.
        """
        if self._decode is None:
            return decode_document(raw)
        content = document_json(raw) if isinstance(raw, msgspec.Raw) else _encode(raw)
        try:
            return self._decode(content)
        except msgspec.ValidationError as error:
            document, refusal = decode_document(raw), str(error)
            if "unknown field" in refusal and refusal not in self._refusals:
                if self._learn(document):
                    with suppress(msgspec.ValidationError):
                        return self._decode(content)
                elif len(self._refusals) < _MOST_NEW:
                    self._refusals.add(refusal)
        return document

    def _learn(self, document: Document) -> bool:
        """Learn the fields of a document that are new; return False if it has none.

        A field that Genesys adds to its API is in every document from then on: without
        this, all would be built the slow way. Its values still go to ``extra``.
        """
        before = sum(map(len, self._new.values()))
        if self._level is None or before >= _MOST_NEW:
            return False
        _find_new(self._level, Items([()], [document]), self._new)
        if sum(map(len, self._new.values())) == before:
            return False
        self._compile()
        return True

    def records(
        self, documents: Iterable[Any], extracted_at: str
    ) -> Iterator[tuple[str, list[Record]]]:
        """Yield the records of decoded documents, with the names of their tables.

        A table comes after its parent, and may come again.

        Raises:
            GenesysError: A part of a key is missing.
        """
        if self._level is None:
            return
        for _, alike in groupby(documents, type):
            items = list(alike)
            inherited = [(extracted_at, *self._inherited(each)) for each in items]
            yield from _records(self._level, Items(inherited, items))

    def _inherited(self, document: Any) -> Iterator[Any]:  # noqa: ANN401 (a document, or a struct)
        """Yield the values that records of all levels inherit, and the root's key."""
        for name in self._table.inherited:
            yield coerce(self._table.fields[name].schema, document.get(name))
        yield key_part(self._table, self._table.id_field, document)


def _level(
    table: Table,
    tables: Collection[Table],
    wanted: Mapping[str, Collection[str]],
    new: Mapping[str, Collection[str]],
) -> _Level | None:
    """Return a table's level and the wanted ones below it; None if none is wanted."""
    lower = [each for each in tables if each.parent is table]
    found = [_level(each, tables, wanted, new) for each in lower]
    below = [level for level in found if level is not None]
    is_wanted = table.name in wanted
    if not is_wanted and not below:
        return None
    types = {level.table.path: _type_at_path(level) for level in below}
    builder = RecordBuilder(table, wanted.get(table.name, ()), types, new[table.name])
    finder = ItemFinder(table, builder.item)
    return _Level(table, finder, builder, is_wanted, below)


def _type_at_path(level: _Level) -> Any:  # noqa: ANN401 (a form of a type)
    """Return the type of the field that a level's items stand in; None: it has none."""
    table, item = level.table, level.builder.item
    if table.is_object:
        return dict[str, type_of(table.fields["value"].schema)]  # type: ignore[misc]
    return item and list[item]  # type: ignore[valid-type]


def _find_new(level: _Level, found: Items, new: Mapping[str, set[str]]) -> None:
    """Add the unknown fields of a level's items, and of those below, by table."""
    for item in found.items:
        new[level.table.name].update(level.builder.new_in(item))
    for lower in level.below:
        below = lower.finder.below(found)
        if below.items:
            _find_new(lower, below, new)


def _records(level: _Level, found: Items) -> Iterator[tuple[str, list[Record]]]:
    """Yield the records of a level's items, and of the items below them."""
    if level.is_wanted:
        yield level.table.name, level.builder.records(found)
    for lower in level.below:
        below = lower.finder.below(found)
        if below.items:
            yield from _records(lower, below)
