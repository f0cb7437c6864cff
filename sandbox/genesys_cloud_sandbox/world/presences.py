"""The presences that an organization offers its agents: a pure function of a seed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from random import Random

from genesys_cloud_sandbox.world.identity import uuid
from genesys_cloud_sandbox.world.organization import Named

_DEFINITIONS = (
    ("AVAILABLE", "Available", "Writing e-mails"),
    ("AWAY", "Away", "Be right back"),
    ("BUSY", "Busy", "Back office", "Rückfrage"),
    ("OFFLINE", "Offline"),
    ("IDLE", "Idle"),
    ("ON_QUEUE", "On Queue", "On Queue (overflow)"),
    ("MEAL", "Meal", "Lunch at desk"),
    ("TRAINING", "Training", "E-learning"),
    ("MEETING", "Meeting", "Coaching", "Team huddle"),
    ("BREAK", "Break", "Café ☕"),
)
"""A system presence, the name of its own definition, and those beneath it."""


@dataclass(frozen=True)
class PresenceDefinition(Named):
    """A presence of the organization, which stands for a system presence."""

    system_presence: str
    """In the form of the Analytics API: ON_QUEUE."""
    primary: bool
    """Whether it is the system presence's own, and not one beneath it."""


@lru_cache(maxsize=8)
def presence_definitions(seed: int) -> tuple[PresenceDefinition, ...]:
    """The organization's presence definitions, the primary ones before theirs."""
    rng = Random(f"presences {seed}")
    return tuple(
        PresenceDefinition(uuid(rng), name, system_presence, primary=name is names[0])
        for system_presence, *names in _DEFINITIONS
        for name in names
    )


@lru_cache(maxsize=8)
def presences_by_system(seed: int) -> dict[str, tuple[str, ...]]:
    """The ids of the definitions of each system presence, the primary one first."""
    found: dict[str, tuple[str, ...]] = {}
    for definition in presence_definitions(seed):
        known = found.get(definition.system_presence, ())
        found[definition.system_presence] = (*known, definition.id)
    return found
