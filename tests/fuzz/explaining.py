"""Which records may be missing after a change, because the API may answer just that."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tests.fuzz.mutations import NEXT, Mutation
from tests.fuzz.places import Path, at, comparable, leaves, own_leaves

if TYPE_CHECKING:
    from collections.abc import Sequence

_TOTALS = ("total", "totalHits")

#: Where totals count something else than the items of the document.
_OTHER_TOTALS = "/analytics/users/details/"

#: Shorter texts are found by accident.
_TELLING = 6


@dataclass(frozen=True)
class Change:
    """A mutation of an endpoint's answer, and the document before it."""

    endpoint: str
    document: Any
    mutation: Mutation
    #: Whether other answers hold the same item: only one of them is written.
    is_repeated: bool = False

    @property
    def old(self) -> Any:
        """What lay at the place before."""
        return at(self.document, self.mutation.path)

    @property
    def is_legitimate(self) -> bool:
        """Whether the API might answer just that, with records the fewer."""
        kind, path = self.mutation.kind, self.mutation.path
        if kind == "envelope":
            # A query that finds nothing is answered so.
            return self.mutation.value == {} and self.endpoint.endswith("/query")
        if not path:
            return kind == "empty list"
        if kind == "circle":
            return False
        if path[-1] in NEXT:
            ends = kind in {"missing", "null"} or self.mutation.value == ""
            return ends and not self._names_a_total
        if not isinstance(self.old, dict | list):
            # Another id is another record; what has none is still one.
            return kind == "odd text" and bool(str(self.mutation.value).strip("\0"))
        if isinstance(path[-1], int):
            removes = kind == "missing"
        else:
            removes = kind in {"missing", "null", "empty list"}
        return removes and not self._contradicts_total

    def explains(self, key: Sequence[Any]) -> bool:
        """Tell whether a record with this key may be missing."""
        if self.mutation.kind == "stuck":
            # Nobody can know what the other answers would have been.
            return True
        if not self.is_legitimate:
            return False
        path = self.mutation.path
        if not path or path[-1] in NEXT:
            # Nothing follows, or there is nothing at all.
            return True
        told = {comparable(each) for each in key if _tells(each)} & self._everything
        if not isinstance(self.old, dict | list):
            return bool(told & leaves(self.old))
        if not told <= self._chain | self._item:
            return False
        # Where keys are positions, those behind move up.
        is_position = any(isinstance(each, int) for each in key)
        return bool(told & self._item) or (is_position and bool(told))

    @cached_property
    def _everything(self) -> set[str]:
        return leaves(self.document)

    @cached_property
    def _item(self) -> set[str]:
        """The leaves of what is removed; of the object that held it, if inside one."""
        path = self.mutation.path
        found = leaves(self.old)
        if path and isinstance(path[-1], str):
            found |= own_leaves(at(self.document, path[:-1]))
        return found

    @cached_property
    def _chain(self) -> set[str]:
        """The leaves of the objects around the place, but for what lies beside it."""
        path = self.mutation.path
        found: set[str] = set()
        for length in range(len(path)):
            around = at(self.document, path[:length])
            found |= own_leaves(around)
            if isinstance(around, dict) and isinstance(around.get("group"), dict):
                found |= leaves(around["group"])
        return found

    @property
    def _names_a_total(self) -> bool:
        if _OTHER_TOTALS in self.endpoint:
            return False
        return any(_number(self.document, name) for name in _TOTALS)

    @property
    def _contradicts_total(self) -> bool:
        """Whether the document counts what was taken from its own list."""
        path: Path = self.mutation.path
        lists = [step for step in path if isinstance(step, str)]
        return self._names_a_total and len(lists) <= 1


def _tells(value: Any) -> bool:
    return len(comparable(value)) >= _TELLING


def _number(document: Any, name: str) -> bool:
    return isinstance(document, dict) and isinstance(document.get(name), int)
