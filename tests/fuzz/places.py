"""Places in JSON documents: their paths, the patterns of these, what lies there."""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: Names of members and positions in lists, from the root on.
Path = tuple["str | int", ...]

#: Members that hold data under names that are data: patterns leave these out.
_MAPS = frozenset({"attributes", "participantData", "customFields", "localizedLabels"})
_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")
_LONG = 24

_TIMESTAMP = re.compile(
    r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:?\d\d)?$"
)


def places(document: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield each place of a document with what lies there, the root first."""
    yield path, document
    if isinstance(document, dict):
        for name, value in document.items():
            yield from places(value, (*path, name))
    elif isinstance(document, list):
        for number, value in enumerate(document):
            yield from places(value, (*path, number))


def pattern(path: Path) -> str:
    """Return a path as text, the same for all items of a list."""
    text, before = "$", ""
    for step in path:
        if isinstance(step, int):
            text += "[]"
        elif before in _MAPS or not _NAME.match(step) or len(step) > _LONG:
            text += ".*"
        else:
            text += f".{step}"
        before = step if isinstance(step, str) else before
    return text


def shown(path: Path) -> str:
    """Return a path as text, with positions."""
    return "$" + "".join(
        f"[{step}]" if isinstance(step, int) else f".{step}" for step in path
    )


def at(document: Any, path: Path) -> Any:
    """Return what lies at a place."""
    for step in path:
        document = document[step]
    return document


def changed(document: Any, path: Path, change: Callable[[Any, str | int], None]) -> Any:
    """Return a copy of a document, changed at a place by a function.

    It is given the container of the place, and the place's name or position in it.
    """
    whole = [copy.deepcopy(document)]
    container: Any = whole
    last: str | int = 0
    for step in path:
        container, last = container[last], step
    change(container, last)
    return whole[0] if whole else None


def comparable(value: Any) -> str:
    """Return a value as text, moments in one form, to compare across formats."""
    text = value if isinstance(value, str) else repr(value)
    if match := _TIMESTAMP.match(text):
        return match[1]
    return text


def leaves(value: Any) -> set[str]:
    """Return the texts and numbers in a value, comparable; intervals as their ends."""
    found = set()
    for _, each in places(value):
        if isinstance(each, str):
            found |= set(map(comparable, each.split("/")))
            found.add(each)
        elif isinstance(each, int | float) and not isinstance(each, bool):
            found.add(comparable(each))
    return found


def own_leaves(value: Any) -> set[str]:
    """Return the leaves that are members of an object itself, not deeper."""
    if not isinstance(value, dict):
        return set()
    return leaves([v for v in value.values() if not isinstance(v, dict | list)])
