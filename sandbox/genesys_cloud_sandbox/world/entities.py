"""Entities made up from the fields of their models, as the official SDK has them.

Whatever has no meaning of its own follows from the entity's id and the field's name.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING
from zlib import crc32

import msgspec

from genesys_cloud_sandbox.world.times import DAY, stamp, unstamp

if TYPE_CHECKING:
    from genesys_cloud_sandbox.world.organization import Named
    from genesys_cloud_sandbox.world.timeline import Document

    Fields = dict[str, str | list[object]]

DIVISIONS = "/api/v2/authorization/divisions"
USERS = "/api/v2/users"
FOUNDED = unstamp("2024-01-08T09:00:00.000Z")
#: Days after the founding in which entities were created, and modified after that.
_CREATED_FOR, _MODIFIED_FOR = 400, 200


def generate(model: str, named: Named, division: Named, user_id: str) -> Document:
    """Return a document with the fields of a model that can be made up.

    Lists, and references other than to its division and its author, have to be added.
    """
    saved = version(named.id)
    fields = {
        "id": named.id,
        "name": named.name,
        "description": f"All about {named.name}",
    }
    kinds: Document = {
        "division": reference(DIVISIONS, division),
        "division-link": link(DIVISIONS, division.id),
        "user-id": user_id,
        "user-link": link(USERS, user_id),
    }
    document: Document = {}
    for field, kind in _models()[model].items():
        if isinstance(kind, str) and kind in _models():
            document[field] = generate(kind, named, division, user_id)
        elif field == "version":
            document[field] = saved if kind == "integer" else str(saved)
        elif field in fields:
            document[field] = fields[field]
        elif isinstance(kind, str) and kind in kinds:
            document[field] = kinds[kind]
        elif kind != "string":
            document[field] = _value(field, kind, named.id)
    return document


def merge(document: Document, given: Document) -> Document:
    """Return a document with other values where they are given, at whatever depth."""
    return document | {
        field: merge(document[field], value)
        if isinstance(value, dict) and isinstance(document.get(field), dict)
        else value
        for field, value in given.items()
    }


def reference(path: str, named: Named) -> Document:
    """Return how entities refer to one another."""
    return link(path, named.id, named.name)


def link(path: str, identifier: str, name: str | None = None) -> Document:
    """Return a reference by id, with a name where that is known."""
    named = {"id": identifier} if name is None else {"id": identifier, "name": name}
    return {**named, "selfUri": f"{path}/{identifier}"}


def created(identifier: str) -> str:
    """Return when the entity with an id was created."""
    return stamp(_created(identifier))


def modified(identifier: str) -> str:
    """Return when the entity with an id was last modified."""
    later = int(identifier[-8:], 16) % (_MODIFIED_FOR * DAY)
    return stamp(_created(identifier) + later)


def version(identifier: str) -> int:
    """Return how often the entity with an id was saved."""
    return 1 + int(identifier[-2:], 16) % 12


def _created(identifier: str) -> int:
    return FOUNDED + int(identifier[:8], 16) % (_CREATED_FOR * DAY)


@lru_cache(maxsize=1)
def _models() -> dict[str, Fields]:
    resource = resources.files(__package__).joinpath("models.json")
    models: dict[str, Fields] = msgspec.json.decode(resource.read_bytes())["models"]
    return models


def _value(field: str, kind: str | list[object], identifier: str) -> object:
    """Return a value of a type, or one of those that are allowed."""
    number = crc32(f"{identifier} {field}".encode())
    if isinstance(kind, list):
        return kind[number % len(kind)]
    if kind.startswith("date"):
        early = any(word in field for word in ("reated", "Welcome"))
        moment = created if early else modified
        return moment(identifier)[: 10 if kind == "date" else None]
    if kind == "boolean":
        return number % 2 == 0
    amount = 1 + number % 9
    if field.endswith("Ms"):
        return 10_000 * amount
    return amount if kind == "integer" else float(amount)
