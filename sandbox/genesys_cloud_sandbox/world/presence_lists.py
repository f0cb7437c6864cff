"""Presences, as their lists show them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genesys_cloud_sandbox.world.presences import (
    PresenceDefinition,
    presence_definitions,
)

if TYPE_CHECKING:
    from genesys_cloud_sandbox.world.directory import Directory
    from genesys_cloud_sandbox.world.timeline import Document

_FORMER = "Siesta"


def definitions(directory: Directory, _now: int) -> list[Document]:
    """What users can choose from, and what they could in former times."""
    former = PresenceDefinition(
        directory.identifier("presence", _FORMER), _FORMER, "MEAL", primary=False
    )
    return [
        {
            "id": definition.id,
            "name": definition.name,
            "type": "System" if definition.primary else "User",
            "languageLabels": {"en": definition.name},
            "systemPresence": definition.system_presence.title().replace("_", ""),
            "divisionId": "*",
            "deactivated": definition is former,
        }
        for definition in (*presence_definitions(directory.seed), former)
    ]


def system_presences(directory: Directory, _now: int) -> list[Document]:
    """What the platform tells apart."""
    return [
        {"id": definition.id, "name": definition.system_presence}
        for definition in presence_definitions(directory.seed)
        if definition.primary
    ]
