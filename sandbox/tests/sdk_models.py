"""The official SDK's models, compared with JSON: whose keys are theirs?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from PureCloudPlatformClientV2 import models

if TYPE_CHECKING:
    from collections.abc import Iterable

_LIST = re.compile(r"list\[(\w+)\]")


def fields(model: type) -> dict[str, type | None]:
    """A model's JSON keys, and the model of their values, if they have one."""
    instance = model()
    types: dict[str, str] = instance.swagger_types
    return {
        key: getattr(models, _item(types[name]), None)
        for name, key in instance.attribute_map.items()
    }


def unknown_keys(document: Any, model: type) -> set[str]:
    """The keys of a document, at any level, that the model does not have."""
    unknown: set[str] = set()
    known = _cached(model)
    for key, value in document.items():
        if key not in known:
            unknown.add(f"{model.__name__}.{key}")
            continue
        inner = known[key]
        if inner is not None:
            for item in value if isinstance(value, list) else [value]:
                unknown |= unknown_keys(item, inner)
    return unknown


def unused_fields(documents: Iterable[Any], model: type) -> set[str]:
    """The fields of a model and of the models in it that no document has."""
    used: set[str] = set()
    reached: dict[str, type] = {}

    def visit(item: Any, of: type) -> None:
        reached[of.__name__] = of
        for key, value in item.items():
            used.add(f"{of.__name__}.{key}")
            inner = _cached(of).get(key)
            if inner is not None:
                for part in value if isinstance(value, list) else [value]:
                    visit(part, inner)

    for document in documents:
        visit(document, model)
    return {
        f"{name}.{key}" for name, of in reached.items() for key in _cached(of)
    } - used


_FIELDS: dict[type, dict[str, type | None]] = {}


def _cached(model: type) -> dict[str, type | None]:
    if model not in _FIELDS:
        _FIELDS[model] = fields(model)
    return _FIELDS[model]


def _item(swagger_type: str) -> str:
    found = _LIST.fullmatch(swagger_type)
    return found[1] if found else swagger_type
