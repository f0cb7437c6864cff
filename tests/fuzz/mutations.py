"""Mutations: what may be changed at a place of an answer, chosen by chance."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.fuzz.places import Path, at, changed

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

#: What an invented member is called, and what it holds.
INVENTED, MARK = "fuzzInvented", "fuzz-invented-value"

#: Stands for a number that JSON can write and a double cannot hold.
_BEYOND = "fuzz-1e400"

#: Members that say where the next page is.
NEXT = frozenset({"cursor", "nextUri", "nextPage", "after", "nextCursor"})

_OTHERS: tuple[Any, ...] = (True, 7, 7.5, "x", [], {}, [1], {"a": 1})
_NUMBERS: tuple[Any, ...] = (0, -1, 10**30, 1.5, 12.0, 1e300, _BEYOND)
_TEXTS: tuple[str, ...] = (
    "",
    "\0",
    "a\0b",
    "\ud800",
    "long " * 20_000,
    "not what it was",
    "0001-01-01T00:00:00Z",
    "2026-02-30T00:00:00Z",
    "9999-12-31T23:59:59-05:00",
)
#: Members that say how far a job is, and what they may say.
_STATE = frozenset({"state", "status"})
_STATES = (
    "QUEUED",
    "RUNNING",
    "FULFILLED",
    "FAILED",
    "CANCELLED",
    "EXPIRED",
    "Processing",
    "Complete",
)
_ENVELOPES: tuple[Any, ...] = ([], "x", None, {})


@dataclass(frozen=True)
class Mutation:
    """A change of a document: the kind, the place, and what is there instead.

    The kind ``stuck`` changes no document: it becomes the answer to whatever is asked
    of its endpoint, as it is or without the items of its lists.
    """

    kind: str
    path: Path
    #: What takes the place; of no meaning where something is only removed or added.
    value: Any = None

    def apply(self, document: Any) -> Any:
        """Return the document as it is after the change."""

        def change(container: Any, step: str | int) -> None:
            if self.kind == "missing":
                del container[step]
            elif self.kind == "invented member":
                container[step][INVENTED] = MARK
            elif self.kind == "stuck":
                _empty_lists(container[step] if self.value else None)
            else:
                container[step] = self.value

        return changed(document, self.path, change)

    def content(self, document: Any) -> bytes:
        """Return the changed document as it is sent."""
        text = json.dumps(self.apply(document))
        return text.replace(f'"{_BEYOND}"', "1e400").encode()

    def __str__(self) -> str:
        """Return the kind, with what took the place where that says more."""
        if self.kind in {"missing", "null", "invented member", "duplicate items"}:
            return self.kind
        if self.kind == "stuck":
            return "stuck, without items" if self.value else "stuck"
        text = json.dumps(self.value).replace(f'"{_BEYOND}"', "1e400")
        return f"{self.kind}: {text[:40]}"


def _empty_lists(document: Any) -> None:
    """Take the items out of the lists that a document itself holds."""
    if isinstance(document, dict):
        for value in document.values():
            if isinstance(value, list):
                value.clear()


def kinds_at(document: Any, path: Path) -> list[str]:
    """Return the kinds of mutations that are possible at a place."""
    value = at(document, path)
    kinds = ["envelope", "stuck"]
    if path:
        kinds = ["missing", "other type", "nested"]
        if value is not None:
            kinds.append("null")
        if isinstance(value, str):
            kinds.append("odd text")
            if path[-1] in NEXT:
                kinds.append("circle")
        elif isinstance(value, int | float) and not isinstance(value, bool):
            kinds.append("other number")
    if isinstance(value, list) and value:
        kinds += ["duplicate items", "empty list"]
    elif isinstance(value, dict):
        kinds.append("invented member")
    return kinds


def draw(
    chance: random.Random, document: Any, path: Path, circle: str = ""
) -> Mutation:
    """Return a mutation by chance; ``circle`` is a next page that was there before."""
    value = at(document, path)
    kinds = kinds_at(document, path)
    kind = chance.choice(kinds)
    if "circle" in kinds and chance.random() < 0.5:
        # There are few such places, and they are where runs may never end.
        kind = "circle"
    return Mutation(kind, path, _new_value(chance, kind, value, path, circle))


def _new_value(
    chance: random.Random, kind: str, value: Any, path: Path, circle: str
) -> Any:
    """Return what takes the place of a value."""
    choices: dict[str, Sequence[Any]] = {
        "other type": [each for each in _OTHERS if type(each) is not type(value)],
        "nested": [[value], {"value": value}],
        "other number": [each for each in _numbers(value) if repr(each) != repr(value)],
        "odd text": [each for each in _texts(path) if each != value],
        "envelope": [each for each in _ENVELOPES if each != value],
        "empty list": [[]],
        "circle": [circle or value],
        "stuck": [True, False],
    }
    if kind == "duplicate items":
        return [each for each in value for _ in range(2)]
    return chance.choice(choices.get(kind, [None]))


def _numbers(value: Any) -> Sequence[Any]:
    """Return numbers to put in the place of a value, one of them equal to it."""
    is_number = isinstance(value, int | float)
    return [*_NUMBERS, float(value)] if is_number else _NUMBERS


def _texts(path: Path) -> Sequence[str]:
    """Return texts to put at a place."""
    return _STATES if path and path[-1] in _STATE else _TEXTS
