"""Documents to rows: pure functions, and the one place that knows their shape."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

import msgspec

from tap_genesys_analytics.api.responses import document_of, json_of
from tap_genesys_analytics.records.keys import ItemFinder, Items, id_of
from tap_genesys_analytics.records.record_builder import RowBuilder
from tap_genesys_analytics.records.structs import type_of
from tap_genesys_analytics.records.values import taken

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from tap_genesys_analytics.api.responses import PageItem
    from tap_genesys_analytics.records.record_builder import Row
    from tap_genesys_analytics.records.tables import Document, Table

#: New fields that are made known, of all tables: an object whose members' names are
#: data would have ever more.
_MOST_NEW = 100

_encode = msgspec.json.encode


@dataclass(frozen=True)
class _Level:
    """A table that is wanted, or that lies above one that is."""

    table: Table
    finder: ItemFinder
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
        _find_new(self._level, Items([()], [document]), self._new)
        if sum(map(len, self._new.values())) == before:
            return False
        self._compile()
        return True

    def rows(
        self, documents: Iterable[Any], extracted_at: str
    ) -> Iterator[tuple[str, list[Row]]]:
        """Yield the rows of documents (as ``read``), with their tables' names.

        A table comes after the one above it, and may come again.
        """
        if self._level is None:
            return
        for _, alike in groupby(documents, type):
            items = list(alike)
            given = [(extracted_at, *self._given(each)) for each in items]
            yield from _rows(self._level, Items(given, items))

    def _given(self, document: Any) -> Iterator[Any]:  # noqa: ANN401 (a document, or a struct)
        """Yield what the rows of all levels are given, and the outermost key."""
        for name in self._table.repeated:
            yield taken(self._table.fields[name].schema, document.get(name))
        yield id_of(self._table, document)


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
    finder = ItemFinder(table, builder.item)
    return _Level(table, finder, builder, is_wanted, below)


def _type_of_source(level: _Level) -> Any:  # noqa: ANN401 (a form of a type)
    """Return the type of the field that a level's items stand in; None: it has none."""
    table, item = level.table, level.builder.item
    if table.is_object:
        return dict[str, type_of(table.fields["value"].schema)]  # type: ignore[misc]
    return item and list[item]  # type: ignore[valid-type]


def _find_new(level: _Level, found: Items, new: Mapping[str, set[str]]) -> None:
    """Add fields that are not known, of a level's items and those below, by table."""
    for item in found.items:
        new[level.table.name].update(level.builder.new_in(item))
    for lower in level.below:
        below = lower.finder.below(found)
        if below.items:
            _find_new(lower, below, new)


def _rows(level: _Level, found: Items) -> Iterator[tuple[str, list[Row]]]:
    """Yield the rows of a level's items, and of the items below them."""
    if level.is_wanted:
        yield level.table.name, level.builder.rows(found)
    for lower in level.below:
        below = lower.finder.below(found)
        if below.items:
            yield from _rows(lower, below)
