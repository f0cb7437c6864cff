"""Whether what a run wrote is what targets can load: a strict validator's verdict."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from jsonschema import Draft7Validator, FormatChecker

from tests.fuzz.places import pattern, places

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fuzz.tables import Row, Tables

_BITS_64 = range(-(2**63), 2**63)
_MOMENT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$")
_DAY = re.compile(r"^\d{4}-\d\d-\d\d$")

checker = FormatChecker(formats=())


@checker.checks("date-time")
def is_moment(value: Any) -> bool:
    """Tell whether a text is a real moment in ISO 8601."""
    if not isinstance(value, str):
        return True
    return bool(_MOMENT.match(value)) and _is_real(datetime, value[:19])


@checker.checks("date")
def is_day(value: Any) -> bool:
    """Tell whether a text is a real day in ISO 8601."""
    if not isinstance(value, str):
        return True
    return bool(_DAY.match(value)) and _is_real(date, value)


def _is_real(kind: type[date], text: str) -> bool:
    try:
        kind.fromisoformat(text)
    except ValueError:
        return False
    return True


def problems(tables: Tables, truth: Tables) -> Iterator[str]:
    """Yield what is wrong with rows that the truth does not have in the same form."""
    validators: dict[str, Draft7Validator] = {}
    for line, (table, row) in tables.lines.items():
        if line in truth.lines:
            continue
        if table not in validators:
            schema = tables.schemas[table]["schema"]
            validators[table] = Draft7Validator(schema, format_checker=checker)
        for error in validators[table].iter_errors(row):
            place = pattern(tuple(error.absolute_path))
            said = error.message.removeprefix(repr(error.instance)).strip()
            yield f"{table} {place}: {error.validator!s} {said[:60]}"
        yield from _unloadable(tables, table, row)
        for name in tables.keys(table):
            if row.get(name) is None:
                yield f"{table}: the key's {name} is null"


def _unloadable(tables: Tables, table: str, row: Row) -> Iterator[str]:
    """Yield what a schema does not speak of, and no target can load."""
    columns = tables.schemas[table]["schema"]["properties"]
    for path, value in places(row):
        if isinstance(value, int) and value not in _BITS_64:
            # Other columns are JSON, or numbers that need not be whole.
            if "integer" in json.dumps(columns.get(path[0])):
                yield f"{table} {pattern(path)}: an integer beyond 64 bits"
        elif isinstance(value, float) and value in {float("inf"), float("-inf")}:
            yield f"{table} {pattern(path)}: a number beyond a double"
        elif isinstance(value, str) and not _is_text(value):
            yield f"{table} {pattern(path)}: NUL or half a character in a text"


def _is_text(value: str) -> bool:
    if "\0" in value:
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def empty_keys(tables: Tables, truth: Tables) -> Iterator[str]:
    """Yield the key columns that hold an empty text, and none in the truth."""
    for table in tables.rows:
        for number, name in enumerate(tables.keys(table)):
            here = any(key[number] == "" for key in tables.rows[table])
            if here and not any(k[number] == "" for k in truth.rows.get(table, {})):
                yield f"{table}: the key's {name} is an empty text"
