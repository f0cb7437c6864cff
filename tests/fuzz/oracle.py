"""The oracle: what a run left behind, held against the truth and what was changed."""

from __future__ import annotations

import json
import logging
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.fuzz.mutations import MARK
from tests.fuzz.places import at, comparable, leaves
from tests.fuzz.tables import Key, NotSingerError, Row, Tables, read_tables
from tests.fuzz.validity import empty_keys, problems

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.fuzz.explaining import Change
    from tests.fuzz.running import Outcome

#: All kinds of findings; the last three are lesser ones.
KINDS = (
    "traceback",
    "endless",
    "silent loss",
    "bookmark",
    "invalid output",
    "unknown member lost",
    "value lost",
    "empty key",
)

#: What a warning says that tells of missing records.
_MISSING = re.compile(
    r"(?i)missing|not read|skipped|incomplete|cannot|lost|fewer|may not be|"
    r"records were read|is not there|left out|without"
)
#: What a warning says of values that are kept.
_KEPT = "kept in the column"

#: Kinds of mutations that put another value in the place of one.
_REPLACING = frozenset({"other type", "nested", "odd text", "other number"})

_OUR_OWN = frozenset({"extra", "extracted_at"})


@dataclass(frozen=True)
class Finding:
    """What is wrong with a run."""

    kind: str
    text: str


def judge(
    truth: Tables, streams: Sequence[str], change: Change, outcome: Outcome
) -> list[Finding]:
    """Return what is wrong with a run of some streams after a change."""
    found = []
    if outcome.endless:
        found.append(Finding("endless", "the run was ended after too many requests"))
    elif not outcome.told:
        text = f"{outcome.error[:160]} ({outcome.where})"
        found.append(Finding("traceback", text))
    try:
        tables = read_tables(outcome.output, truth)
    except NotSingerError as error:
        return [*found, Finding("invalid output", str(error))]
    found += _findings("invalid output", problems(tables, truth))
    found += _findings("empty key", empty_keys(tables, truth))
    missing = _unexplained(truth, tables, change)
    if missing:
        table, key = missing[0]
        passed = [
            each
            for each in missing
            if "" < truth.covered.get(each, "") <= tables.bookmark
        ]
        text = f"{len(missing)} records, such as {table} {_short(key)}"
        if not outcome.error and not is_told(outcome, streams):
            also = "; the bookmark moved past them" if passed else ""
            found.append(Finding("silent loss", text + also))
        elif passed:
            found.append(Finding("bookmark", f"{text}: the bookmark moved past them"))
    if not outcome.error and _loses_invented(truth, change, outcome):
        found.append(
            Finding("unknown member lost", "it is in no column, nor in the log")
        )
    if not outcome.error and change.mutation.kind in _REPLACING:
        found += _findings("value lost", _emptied(truth, tables))
    return found


def is_told(outcome: Outcome, streams: Sequence[str]) -> bool:
    """Tell whether the log says of one of the streams that something is missing."""
    return any(
        level >= logging.WARNING
        and _KEPT not in text
        and _MISSING.search(text)
        and any(re.search(rf"\b{stream}\b", text) for stream in streams)
        for level, text in outcome.log
    )


def _findings(kind: str, texts: Iterator[str]) -> list[Finding]:
    """Return one finding for all that is of a kind."""
    different = list(dict.fromkeys(texts))
    if not different:
        return []
    more = f" (and {len(different) - 1} more)" if len(different) > 1 else ""
    return [Finding(kind, different[0] + more)]


def _unexplained(
    truth: Tables, tables: Tables, change: Change
) -> list[tuple[str, Key]]:
    """Return the rows of the truth that are missing for no good reason."""
    found = []
    kept = None
    for table, rows in truth.rows.items():
        present = tables.rows.get(table, {})
        if rows.keys() <= present.keys():
            continue
        surplus = [row for key, row in present.items() if key not in rows]
        names = truth.keys(table)
        for key, row in rows.items():
            if key in present or change.explains(key):
                continue
            if twin := _twin(row, surplus, names):
                surplus.remove(twin)
                continue
            if kept is None:
                kept = _extras(tables)
            if not _is_kept(key, change, kept):
                found.append((table, key))
    return found


def _twin(row: Row, surplus: list[Row], keys: Sequence[str]) -> Row | None:
    """Return a row that is the same one under another key."""
    compared = row.keys() - _OUR_OWN
    for each in surplus:
        differing = sum(each.get(name) != row[name] for name in compared)
        if differing <= len(keys) + 1 and differing < len(compared):
            return each
    return None


def _emptied(truth: Tables, tables: Tables) -> Iterator[str]:
    """Yield the columns that became null, if nothing is kept for it in ``extra``.

    An id that is read out of a reference is kept in the reference's own column.
    """
    if _extras(tables) != _extras(truth):
        return
    for table, rows in truth.rows.items():
        present = tables.rows.get(table, {})
        for key, row in rows.items():
            here = present.get(key, row)
            if here is not row:
                for name, value in row.items():
                    kept = here.get(name), here.get(name.removesuffix("_id"))
                    if value is not None and kept == (None, None):
                        yield f"{table}.{name} is null, and nothing more in extra"


def _extras(tables: Tables) -> str:
    """Return all that is kept in columns for what has no column, as text."""
    return json.dumps(
        [
            row["extra"]
            for rows in tables.rows.values()
            for row in rows.values()
            if row.get("extra")
        ]
    )


def _is_kept(key: Key, change: Change, kept: str) -> bool:
    """Tell whether what was changed of a key is kept beside it."""
    old = leaves(change.old) if change.mutation.path else set()
    return any(
        text in old and text in kept for text in map(comparable, key) if len(text) > 5
    )


def _loses_invented(truth: Tables, change: Change, outcome: Outcome) -> bool:
    """Tell whether an invented member of an object that became rows is nowhere."""
    path = change.mutation.path
    if change.mutation.kind != "invented member" or change.is_repeated:
        return False
    if MARK.encode() in outcome.output:
        return False
    # The item of a list that the object is, or is in.
    while path and not isinstance(path[-1], int):
        path = path[:-1]
    if not path:
        return False
    texts = {text for text in leaves(at(change.document, path)) if len(text) > 5}
    written = len(texts & truth.values)
    return bool(texts) and written * 2 >= len(texts)


def _short(key: Key) -> str:
    return "/".join(str(each)[:24] for each in key)
