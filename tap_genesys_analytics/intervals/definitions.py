"""What settings define of a stream, remembered, that no change goes unnoticed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from typing_extensions import Self

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Definition:
    """What the settings ask of a stream, as short hashes: a state holds no values.

    ``rows`` is of what its rows mean: those read before a change of it and those read
    after it do not fit into one table. ``extent`` is of how much is read, which may
    change; what was read before is then as it was.
    """

    rows: str
    extent: str

    @classmethod
    def of(cls, *, rows: Mapping[str, Any], extent: Mapping[str, Any]) -> Self:
        """Return the definition by these settings, which are JSON."""
        return cls(_hash(rows), _hash(extent))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return a definition from the form that a state has it in."""
        rows, _, extent = text.partition(".")
        return cls(rows, extent)

    def __str__(self) -> str:
        """Return the form that a state has it in."""
        return f"{self.rows}.{self.extent}"


def _hash(settings: Mapping[str, Any]) -> str:
    """Return a short hash of settings."""
    return hashlib.sha256(_written(settings).encode()).hexdigest()[:12]


def _written(value: Any) -> str:  # noqa: ANN401 (JSON)
    """Return JSON as text, the same whatever the order and whether empty or absent."""
    if isinstance(value, dict):
        given = {name: _written(item) for name, item in value.items() if item}
        return json.dumps(given, sort_keys=True)
    if isinstance(value, list | tuple):
        return json.dumps(sorted(map(_written, value)))
    return json.dumps(value)
