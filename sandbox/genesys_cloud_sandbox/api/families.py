"""The families of aggregates: which metrics and dimensions each of them knows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import msgspec

_FILE = "families.json"


class _Listed(msgspec.Struct):
    entity: str
    metrics: tuple[str, ...]
    dimensions: tuple[str, ...]


class _Content(msgspec.Struct):
    families: dict[str, _Listed]


@dataclass(frozen=True)
class FamilyLists:
    """What a family knows. Source: the official SDK's models."""

    model: str
    """What the names of its models begin with."""
    metrics: tuple[str, ...]
    dimensions: tuple[str, ...]


def family_lists(family: str) -> FamilyLists:
    """The lists of a family, by its name in paths."""
    return _families()[family]


def family_names() -> tuple[str, ...]:
    """All families."""
    return tuple(_families())


@lru_cache(maxsize=1)
def _families() -> dict[str, FamilyLists]:
    file = resources.files(__package__).joinpath(_FILE)
    content = msgspec.json.decode(file.read_bytes(), type=_Content)
    return {
        name: FamilyLists(
            model=listed.entity[0].upper() + listed.entity[1:],
            metrics=listed.metrics,
            dimensions=listed.dimensions,
        )
        for name, listed in content.families.items()
    }
