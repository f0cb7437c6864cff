"""The output of a run as tables: rows by key, schemas, and bookmarks."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tests.fuzz.places import leaves

Row = dict[str, Any]
Key = tuple[Any, ...]


class NotSingerError(ValueError):
    """The output is not one of complete Singer messages."""


@dataclass
class Tables:
    """What a run wrote."""

    schemas: dict[str, Row] = field(default_factory=dict)
    rows: dict[str, dict[Key, Row]] = field(default_factory=dict)
    #: Each line of a record, with its table and the record.
    lines: dict[bytes, tuple[str, Row]] = field(default_factory=dict)
    #: The bookmark that first covered a row, by table and key.
    covered: dict[tuple[str, Key], str] = field(default_factory=dict)
    #: The last bookmark.
    bookmark: str = ""

    @cached_property
    def values(self) -> set[str]:
        """All values in all rows; call it when the tables are complete."""
        return {
            leaf
            for rows in self.rows.values()
            for row in rows.values()
            for leaf in leaves(row)
        }

    def add(self, line: bytes, record: tuple[str, Row]) -> Key:
        """Add a record, with the line that it came in; return its key.

        Raises:
            NotSingerError: Its schema did not come before it.
        """
        table, row = record
        if table not in self.schemas:
            message = f"a record of {table} comes before its schema"
            raise NotSingerError(message)
        key = tuple(_hashable(row.get(name)) for name in self.keys(table))
        self.rows[table][key] = row
        self.lines[line] = record
        return key

    def keys(self, table: str) -> list[str]:
        """Return the names of a table's key columns."""
        names: list[str] = self.schemas[table]["key_properties"]
        return names


def read_tables(output: bytes, known: Tables | None = None) -> Tables:
    """Return the tables of an output; lines that are known are not parsed again.

    Raises:
        NotSingerError: A line is cut off, not JSON, or a record before its schema.
    """
    if output and not output.endswith(b"\n"):
        text = "the last line is not complete"
        raise NotSingerError(text)
    tables = Tables()
    parsed = known.lines if known else {}
    waiting: list[tuple[str, Key]] = []
    for line in output.splitlines():
        record = parsed.get(line)
        if record is None:
            message = _parsed(line)
            kind = message.get("type")
            if kind == "SCHEMA":
                tables.schemas[message["stream"]] = message
                tables.rows.setdefault(message["stream"], {})
            elif kind == "STATE":
                before, bookmark = tables.bookmark, _bookmark(message["value"])
                if bookmark > before:
                    # One that stays where it is covers nothing more.
                    tables.bookmark = bookmark
                    tables.covered.update(dict.fromkeys(waiting, bookmark))
                waiting = []
            if kind != "RECORD":
                continue
            record = (message["stream"], message["record"])
        waiting.append((record[0], tables.add(line, record)))
    return tables


def _parsed(line: bytes) -> Row:
    """Return the message in a line."""

    def refuse(text: str) -> None:
        message = f"{text} is not JSON"
        raise NotSingerError(message)

    try:
        message: Row = json.loads(line.decode("utf-8"), parse_constant=refuse)
    except ValueError as error:
        text = f"a line is not JSON: {error}"
        raise NotSingerError(text) from error
    return message


def _bookmark(state: Row) -> str:
    """Return how far a state says that its streams were read; empty: it does not."""
    moments = [
        bookmark.get(name) or ""
        for bookmark in state.get("bookmarks", {}).values()
        for name in ("replication_key_value", "provisional_until")
    ]
    return max(moments, default="")


def _hashable(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict | list) else value
