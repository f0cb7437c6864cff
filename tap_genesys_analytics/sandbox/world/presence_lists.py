"""Presences, as their lists show them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_genesys_analytics.sandbox.world.presences import presence_definitions

if TYPE_CHECKING:
    from tap_genesys_analytics.sandbox.world.directory import Directory
    from tap_genesys_analytics.sandbox.world.timeline import Document


def definitions(directory: Directory, _now: int) -> list[Document]:
    """What users can choose from."""
    return [
        {
            "id": definition.id,
            "name": definition.name,
            "type": "System" if definition.primary else "User",
            "languageLabels": {"en": definition.name},
            "systemPresence": definition.system_presence.title().replace("_", ""),
            "divisionId": "*",
            "deactivated": False,
        }
        for definition in presence_definitions(directory.seed)
    ]


def system_presences(directory: Directory, _now: int) -> list[Document]:
    """What the platform tells apart."""
    return [
        {"id": definition.id, "name": definition.system_presence}
        for definition in presence_definitions(directory.seed)
        if definition.primary
    ]
