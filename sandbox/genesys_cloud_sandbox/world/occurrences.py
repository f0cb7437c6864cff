"""Events of which the world tells no more than that they happened.

A pure function of seed, family and day: some dozens a day, each metric among them, with
values for a handful of dimensions, of the organization wherever it has them.
"""

from __future__ import annotations

from functools import lru_cache
from random import Random
from typing import TYPE_CHECKING

from genesys_cloud_sandbox.world.events import Event
from genesys_cloud_sandbox.world.identity import uuid
from genesys_cloud_sandbox.world.times import DAY, MINUTE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from genesys_cloud_sandbox.world.days import World
    from genesys_cloud_sandbox.world.events import Dimensions

_LEAST, _PER_METRIC = 36, 3
_HANDFUL = 5
_KEPT = 400
_MEDIA = ("voice", "chat", "message", "email")
_WORDS = ("first", "second", "third")
_FLAGS = ("has", "is", "copied", "presented", "generated", "selfServed", "preview")
"""What dimensions that are true or false begin with."""


def occurrences(
    world: World,
    family: str,
    metrics: tuple[str, ...],
    dimensions: tuple[str, ...],
    interval: tuple[int, int],
) -> Iterator[Event]:
    """The events of a family in an interval, milliseconds UTC."""
    start, end = interval
    for day in range(start // DAY, (end - 1) // DAY + 1):
        for event in _day(world, family, metrics, dimensions, day):
            if start <= event.at < end:
                yield event


@lru_cache(maxsize=_KEPT)
def _day(
    world: World,
    family: str,
    metrics: tuple[str, ...],
    dimensions: tuple[str, ...],
    day: int,
) -> tuple[Event, ...]:
    known = _choices(world, family, dimensions)
    rng = Random(f"{family} {world.seed} {day}")
    number = max(_LEAST, _PER_METRIC * len(metrics)) + rng.randrange(12)
    instants = sorted(day * DAY + rng.randrange(DAY) for _ in range(number))
    return tuple(
        Event(
            at,
            metrics[place % len(metrics)],
            _value(rng, metrics[place % len(metrics)]),
            _some(rng, known),
        )
        for place, at in enumerate(instants)
    )


def _some(rng: Random, known: dict[str, tuple[str, ...]]) -> Dimensions:
    """A value for most dimensions."""
    return {
        name: rng.choice(values)
        for name, values in known.items()
        if rng.random() < 0.9  # noqa: PLR2004 (magic-value-comparison: a share)
    }


def _value(rng: Random, metric: str) -> float:
    if metric.endswith("ServiceLevel"):
        return rng.randint(0, 1)
    if metric.startswith("n"):
        return rng.randint(1, 3)
    if metric.startswith("t"):
        return rng.randint(200, 20 * MINUTE)
    return rng.randint(0, 100)


@lru_cache(maxsize=_KEPT)
def _choices(
    world: World, family: str, dimensions: tuple[str, ...]
) -> dict[str, tuple[str, ...]]:
    """The values of the organization's dimensions, and of a handful of others."""
    rng = Random(f"{family} {world.seed}")
    own = _own(world)
    found = {name: own[name] for name in dimensions if name in own}
    others = [name for name in dimensions if name not in own]
    for name in rng.sample(others, min(len(others), _HANDFUL)):
        if name.endswith("Id"):
            found[name] = tuple(uuid(rng) for _ in range(3))
        elif name.startswith(_FLAGS):
            found[name] = ("true", "false")
        else:
            found[name] = _WORDS
    return found


def _own(world: World) -> dict[str, tuple[str, ...]]:
    """What the organization has of what can be seen."""
    organization = world.organization
    agents = tuple(x.id for x in organization.agents if x.division_id in world.visible)
    flows = [flow for flows in organization.flows.values() for flow in flows]
    return {
        "divisionId": tuple(
            x.id for x in organization.divisions if x.id in world.visible
        ),
        "flowId": tuple(flow.id for flow in flows),
        "knowledgeBaseId": tuple(x.id for x in organization.knowledge_bases),
        "mediaType": _MEDIA,
        "queueId": tuple(
            x.id for x in organization.queues if x.division_id in world.visible
        ),
        "teamId": tuple(x.id for x in organization.teams),
        "userId": agents,
        "wrapUpCode": tuple(x.id for x in organization.wrap_up_codes),
    }
