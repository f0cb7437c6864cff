"""Flattening: nested documents to records of one table per level."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

import msgspec

from tap_genesys_analytics.records.column_types import coerce, member_type
from tap_genesys_analytics.records.keys import ItemFinder, LevelItems, key_part
from tap_genesys_analytics.records.raw_documents import decode_document, document_json
from tap_genesys_analytics.records.record_builder import RecordBuilder

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from tap_genesys_analytics.records.raw_documents import Document, RawDocument
    from tap_genesys_analytics.records.record_builder import Record
    from tap_genesys_analytics.records.tables import Table

#: The maximum number of fields that are learned, over all tables. Without a limit, an
#: object whose member names are data would add fields without end.
_MAX_LEARNED = 100

_encode = msgspec.json.encode


@dataclass(frozen=True)
class _Level:
    """A level of the document: a selected table, or an ancestor of one."""

    table: Table
    finder: ItemFinder
    builder: RecordBuilder
    is_selected: bool
    children: list[_Level]


class DocumentRecords:
    """Flattens documents into records of the selected tables.

    ``selected`` maps the name of each selected table to its selected columns.
    """

    def __init__(
        self, tables: Collection[Table], selected: Mapping[str, Collection[str]]
    ) -> None:
        self._table = next(table for table in tables if table.parent is None)
        self._tables = tables
        self._selected = selected
        self._learned: dict[str, set[str]] = {table.name: set() for table in tables}
        self._malformed = 0
        #: Validation errors of documents that had no field to learn.
        self._validation_errors: set[str] = set()
        self._compile()

    def _compile(self) -> None:
        """Build the structs and decoders, with all fields that are known."""
        self._level = _level(self._table, self._tables, self._selected, self._learned)
        item = self._level.builder.item if self._level else None
        self._decode = None if item is None else msgspec.json.Decoder(item).decode

    def decode(self, raw: RawDocument) -> Any:  # noqa: ANN401 (a dictionary or a struct)
        """Return a decoded document: a struct if possible, else a dictionary.

        Raises:
            DocumentError: The content is not a JSON object.
        """
        if self._decode is None:
            return decode_document(raw)
        content = document_json(raw) if isinstance(raw, msgspec.Raw) else _encode(raw)
        try:
            return self._decode(content)
        except msgspec.ValidationError as error:
            document, reason = decode_document(raw), str(error)
            if "unknown field" in reason and reason not in self._validation_errors:
                if self._learn(document):
                    with suppress(msgspec.ValidationError):
                        return self._decode(content)
                elif len(self._validation_errors) < _MAX_LEARNED:
                    self._validation_errors.add(reason)
        return document

    def _learn(self, document: Document) -> bool:
        """Learn the unknown fields of a document; return False if it has none.

        If Genesys adds a field to its API, all later documents have it. A learned field
        lets documents decode as structs, which is faster. Its values still go to
        ``extra``.
        """
        before = sum(map(len, self._learned.values()))
        if self._level is None or before >= _MAX_LEARNED:
            return False
        self._malformed += _take_malformed(self._level)
        _learn_fields(self._level, LevelItems([()], [document]), self._learned)
        # They are counted when the document's records are built.
        _take_malformed(self._level)
        if sum(map(len, self._learned.values())) == before:
            return False
        self._compile()
        return True

    def take_malformed(self) -> int:
        """Return how many values since the last call were not items as they should.

        Their parents' records keep them in ``extra``.
        """
        count, self._malformed = self._malformed, 0
        return count + (_take_malformed(self._level) if self._level else 0)

    def records(
        self, documents: Iterable[Any], extracted_at: str
    ) -> Iterator[tuple[str, list[Record]]]:
        """Yield the names of tables, each with records of the decoded documents.

        A table comes after its parent. It may come more than once.

        Raises:
            GenesysError: A part of a key is missing.
        """
        if self._level is None:
            return
        for _, same_type in groupby(documents, type):
            items = list(same_type)
            inherited = [
                (extracted_at, *self._inherited(document)) for document in items
            ]
            yield from _records(self._level, LevelItems(inherited, items))

    def _inherited(self, document: Any) -> Iterator[Any]:  # noqa: ANN401 (a dictionary or a struct)
        """Yield the root's values that all levels inherit, and the root's key."""
        for name in self._table.inherited:
            yield coerce(self._table.fields[name].schema, document.get(name))
        yield key_part(self._table, self._table.id_field, document)


def _level(
    table: Table,
    tables: Collection[Table],
    selected: Mapping[str, Collection[str]],
    learned: Mapping[str, Collection[str]],
) -> _Level | None:
    """Return the level of a table; None if neither it nor a descendant is selected."""
    child_tables = [child for child in tables if child.parent is table]
    levels = [_level(child, tables, selected, learned) for child in child_tables]
    children = [level for level in levels if level is not None]
    is_selected = table.name in selected
    if not is_selected and not children:
        return None
    types = {level.table.path: _type_at_path(level) for level in children}
    builder = RecordBuilder(
        table, selected.get(table.name, ()), types, learned[table.name]
    )
    finder = ItemFinder(table, builder.item)
    return _Level(table, finder, builder, is_selected, children)


def _type_at_path(level: _Level) -> Any:  # noqa: ANN401 (a form of a type)
    """Return the type of the parent's field that holds a level's items.

    None if the items are not decoded into structs.
    """
    table, item = level.table, level.builder.item
    if table.is_object:
        return dict[str, member_type(table.fields["value"].schema)]  # type: ignore[misc]
    return item and list[item]  # type: ignore[valid-type]


def _learn_fields(
    level: _Level, level_items: LevelItems, learned: Mapping[str, set[str]]
) -> None:
    """Add the unknown fields of items, and of their child items, to ``learned``."""
    for item in level_items.items:
        learned[level.table.name].update(level.builder.unknown_fields(item))
    for child in level.children:
        child_items = child.finder.child_items(level_items)
        if child_items.items:
            _learn_fields(child, child_items, learned)


def _take_malformed(level: _Level) -> int:
    """Return the count of malformed values of a level and its children; reset it."""
    count, level.finder.malformed = level.finder.malformed, 0
    return count + sum(map(_take_malformed, level.children))


def _records(
    level: _Level, level_items: LevelItems
) -> Iterator[tuple[str, list[Record]]]:
    """Yield the records of a level's items, and of their child items."""
    if level.is_selected:
        yield level.table.name, level.builder.records(level_items)
    for child in level.children:
        child_items = child.finder.child_items(level_items)
        if child_items.items:
            yield from _records(child, child_items)
