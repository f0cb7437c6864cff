"""Who changed what: a pure function of a seed and the time."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from genesys_cloud_sandbox.world.entities import USERS, link
from genesys_cloud_sandbox.world.identity import uuid
from genesys_cloud_sandbox.world.times import DAY, stamp

if TYPE_CHECKING:
    from collections.abc import Callable

    from genesys_cloud_sandbox.world.directory import Directory
    from genesys_cloud_sandbox.world.organization import Named
    from genesys_cloud_sandbox.world.timeline import Document

    Changed = Callable[[Directory], tuple[Named, ...]]

_PER_DAY = 40
_CHANGES: tuple[tuple[str, str, str, str, Changed], ...] = (
    (
        "ContactCenter",
        "Queue",
        "Update",
        "/api/v2/routing/queues",
        lambda directory: directory.organization.queues,
    ),
    (
        "Architect",
        "Flow",
        "Publish",
        "/api/v2/flows",
        lambda directory: directory.organization.flows["INBOUNDCALL"],
    ),
    (
        "PeoplePermissions",
        "User",
        "Update",
        USERS,
        lambda directory: directory.organization.agents,
    ),
    (
        "Quality",
        "EvaluationForm",
        "View",
        "/api/v2/quality/forms/evaluations",
        lambda directory: directory.organization.evaluation_forms,
    ),
)
SERVICES = tuple(service for service, *_rest in _CHANGES)


def audits(directory: Directory, first: int, last: int, now: int) -> list[Document]:
    """What happened from an instant to before another, and until now: by time."""
    begun, ended = stamp(first), stamp(min(last, now + 1))
    return [
        message
        for day in range(first // DAY, (min(last, now + 1) - 1) // DAY + 1)
        for message in _day(directory, day)
        if begun <= message["eventDate"] < ended
    ]


def _day(directory: Directory, day: int) -> list[Document]:
    rng = Random(f"audits {directory.seed} {day}")
    moments = sorted(rng.randrange(DAY) for _ in range(_PER_DAY))
    return [_message(directory, rng, day * DAY + moment) for moment in moments]


def _message(directory: Directory, rng: Random, at: int) -> Document:
    service, kind, action, path, things = rng.choice(_CHANGES)
    thing = rng.choice(things(directory))
    person = directory.supervisor
    changes = [
        {
            "property": "description",
            "oldValues": ["naïve"],
            "newValues": [f"Änderung {rng.randint(1, 99)}"],
        }
    ]
    return {
        "id": uuid(rng),
        "userHomeOrgId": directory.organization.id,
        "user": link(USERS, person.id, person.name),
        "remoteIp": [f"198.51.100.{rng.randint(1, 254)}"],
        "serviceName": service,
        "level": "USER",
        "eventDate": stamp(at),
        "message": {"message": f"{person.name}: {action} {kind} {thing.name}"},
        "action": action,
        "entity": link(path, thing.id, thing.name),
        "entityType": kind,
        "status": "SUCCESS",
        "application": "admin-ui",
        "transactionInitiator": True,
        "initiatingAction": {"transactionId": uuid(rng), "actionContext": "admin"},
        **({"propertyChanges": changes} if action == "Update" else {}),
    }
