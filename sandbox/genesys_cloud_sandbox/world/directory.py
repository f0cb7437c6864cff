"""What an organization has beside its conversations: who is there, with which ids."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

from genesys_cloud_sandbox.world.entities import generate, merge
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

#: States of the users who are no agents, in turn.
_STATES = ("active", "active", "inactive", "deleted")
#: Temporary entities exist from Monday 06:00 UTC for five days.
_FIRST_WEEK = unstamp("2026-01-05T06:00:00.000Z")
_EVERY, _LENGTH = 7 * DAY, 5 * DAY


@dataclass(frozen=True)
class Person(Named):
    """A user, whether an agent or not."""

    division_id: str
    address: str
    title: str
    state: str
    agent: Agent | None = None


class TemporaryWeek(NamedTuple):
    """A week with a temporary queue, skill and user, whom no conversation refers to."""

    number: int
    #: Milliseconds UTC.
    begin: int
    over: bool

    @property
    def name(self) -> str:
        """Return the name of the week's queue and skill."""
        return f"Promotion {self.number}"

    @property
    def since(self) -> str:
        """Return when it began, as the API writes it."""
        return stamp(self.begin)


def temporary_weeks(now: int, *, over: bool = True) -> list[TemporaryWeek]:
    """Return the weeks that have begun, with or without those that are over."""
    weeks = [
        TemporaryWeek(number, begin, over=now >= begin + _LENGTH)
        for number, begin in enumerate(range(_FIRST_WEEK, now + 1, _EVERY), start=1)
    ]
    return [week for week in weeks if over or not week.over]


@dataclass(frozen=True)
class Directory:
    """Everything that can be looked up in an organization.

    Documents are the API's own, without their `selfUri`: the lists of them add it.
    """

    seed: int
    organization: Organization
    #: How many users there are at least, with agents and those who left.
    users: int = 94
    #: More of them than there are users make more users.
    members_per_queue: int = 10

    @cached_property
    def people(self) -> tuple[Person, ...]:
        """Return all users: the agents, then those whom no conversation refers to."""
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

    def temporary_users(self, now: int) -> list[Person]:
        """Return the user of each temporary week, who is deleted when it is over."""
        return [
            Person(
                id=self.identifier("temporary", week.number),
                name=f"Temporary Helper {week.number}",
                division_id=self.organization.divisions[0].id,
                address=f"helper{week.number}@sandbox.example",
                title="Helper",
                state="deleted" if week.over else "active",
            )
            for week in temporary_weeks(now)
        ]

    @cached_property
    def supervisor(self) -> Person:
        """Return the user whom agents report to, and who created everything."""
        leading = (x for x in self.people if x.agent is None and x.state == "active")
        return next(leading, self.people[0])

    def members(self, queue: Queue) -> list[Named]:
        """Return the members of a queue: its agents, then others, by name."""
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
        """Return how many members a queue has."""
        return max(len(queue.agents), self.members_per_queue)

    def identifier(self, *what: object) -> str:
        """Return the id of an entity that conversations do not refer to."""
        return uuid(Random(f"{self.seed} {what}"))

    def named(self, kind: str, *names: str) -> list[Named]:
        """Return such entities, with their ids."""
        return [Named(self.identifier(kind, name), name) for name in names]

    def entity(
        self,
        model: str,
        named: Named,
        division_id: str = "",
        /,
        **given: Any,  # noqa: ANN401 (any-type: JSON)
    ) -> Document:
        """Return a document of a model: what is given, the rest made up.

        It is of the home division unless another is given.
        """
        home = self.organization.divisions[0]
        divisions = {division.id: division for division in self.organization.divisions}
        division = divisions.get(division_id, home)
        return merge(generate(model, named, division, self.supervisor.id), given)
