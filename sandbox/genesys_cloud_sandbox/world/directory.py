"""What an organization has beside its conversations: who is there, with ids and dates.

Documents are the API's own, without their `selfUri`: the lists that show them add it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import TYPE_CHECKING

from genesys_cloud_sandbox.world.identity import uuid
from genesys_cloud_sandbox.world.organization import (
    Agent,
    Named,
    Organization,
    Queue,
    full_name,
)
from genesys_cloud_sandbox.world.times import DAY, stamp, unstamp

if TYPE_CHECKING:
    from genesys_cloud_sandbox.world.timeline import Document

DIVISIONS = "/api/v2/authorization/divisions"
USERS = "/api/v2/users"
FOUNDED = unstamp("2024-01-08T09:00:00.000Z")
_GREW_FOR, _CHANGED_FOR = 400, 200
"""Days after the founding in which things came up, and were last changed since."""
_STATES = ("active", "active", "inactive", "deleted")
"""Of those who do not answer, in turn."""


@dataclass(frozen=True)
class Person(Named):
    """A user, whether an agent or not."""

    division_id: str
    address: str
    title: str
    state: str
    agent: Agent | None = None


@dataclass(frozen=True)
class Directory:
    """Everything that can be looked up in an organization."""

    seed: int
    organization: Organization
    users: int = 94
    """How many users there are at least, with agents and those who left."""
    members_per_queue: int = 10
    """More of them than there are users make more users."""

    @cached_property
    def people(self) -> tuple[Person, ...]:
        """All users: the agents, then those whom no conversation refers to."""
        people = [
            Person(x.id, x.name, x.division_id, x.address, "Agent", "active", x)
            for x in self.organization.agents
        ]
        rng = Random(f"people {self.seed}")
        active = len(people)
        while len(people) < self.users or active < self.members_per_queue:
            number = len(people)
            name = full_name(rng)
            state = _STATES[number % len(_STATES)]
            active += state == "active"
            people.append(
                Person(
                    id=uuid(rng),
                    name=name,
                    division_id=rng.choice(self.organization.divisions).id,
                    address=f"user{number}@sandbox.example",
                    title="Supervisor" if state == "active" else "Agent",
                    state=state,
                )
            )
        return tuple(people)

    @cached_property
    def supervisor(self) -> Person:
        """Whom agents report to, and who set everything up."""
        leading = (x for x in self.people if x.agent is None and x.state == "active")
        return next(leading, self.people[0])

    def members(self, queue: Queue) -> list[Named]:
        """The members of a queue: those who answer, then others, by name."""
        answering = {agent.id for agent in queue.agents}
        idle = [
            person
            for person in self.people
            if person.state == "active" and person.id not in answering
        ]
        others = idle[: self.member_count(queue) - len(answering)]
        return sorted(
            [*queue.agents, *others], key=lambda member: (member.name, member.id)
        )

    def member_count(self, queue: Queue) -> int:
        """How many members a queue has."""
        return max(len(queue.agents), self.members_per_queue)

    def identifier(self, *what: object) -> str:
        """The id of a thing that conversations do not refer to."""
        return uuid(Random(f"{self.seed} {what}"))

    def named(self, kind: str, *names: str) -> list[Named]:
        """Such things, with their ids."""
        return [Named(self.identifier(kind, name), name) for name in names]

    def division(self, identifier: str = "") -> Document:
        """A division as others refer to it; the home division by default."""
        home = self.organization.divisions[0]
        known = {division.id: division for division in self.organization.divisions}
        return reference(DIVISIONS, known.get(identifier, home))

    def dates(self, identifier: str) -> Document:
        """When a thing was created and last modified, and by whom."""
        return {
            "dateCreated": created(identifier),
            "dateModified": modified(identifier),
            "createdBy": self.supervisor.id,
            "modifiedBy": self.supervisor.id,
        }


def reference(path: str, named: Named) -> Document:
    """How entities refer to one another."""
    return link(path, named.id, named.name)


def link(path: str, identifier: str, name: str | None = None) -> Document:
    """A reference by id, with a name where that is known."""
    named = {"id": identifier} if name is None else {"id": identifier, "name": name}
    return {**named, "selfUri": f"{path}/{identifier}"}


def created(identifier: str) -> str:
    """When the thing with an id was created: a property of the id."""
    return stamp(_created(identifier))


def modified(identifier: str) -> str:
    """When it was last modified."""
    later = int(identifier[-8:], 16) % (_CHANGED_FOR * DAY)
    return stamp(_created(identifier) + later)


def version(identifier: str) -> int:
    """How often it was saved."""
    return 1 + int(identifier[-2:], 16) % 12


def _created(identifier: str) -> int:
    return FOUNDED + int(identifier[:8], 16) % (_GREW_FOR * DAY)
