"""The organization, its divisions, roles, presence definitions, dashboards, audits."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from genesys_cloud_sandbox.world.entities import USERS, link, reference
from genesys_cloud_sandbox.world.identity import uuid
from genesys_cloud_sandbox.world.organization import (
    Named,
    PresenceDefinition,
    presence_definitions,
)
from genesys_cloud_sandbox.world.times import DAY, stamp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from genesys_cloud_sandbox.world.directory import Directory
    from genesys_cloud_sandbox.world.timeline import Document

#: Roles: domain → entity → actions. Those in lower case come with the product.
_ROLES: dict[str, dict[str, dict[str, list[str]]]] = {
    "employee": {"directory": {"user": ["view"]}},
    "Analytics reader": {
        "analytics": {"conversationDetail": ["view"], "userDetail": ["view"]},
        "routing": {"queue": ["view"], "wrapupCode": ["view"]},
    },
    "admin": {"*": {"*": ["*"]}},
}
_FORMER_PRESENCE = "Siesta"
_DASHBOARDS = "/api/v2/analytics/reporting/settings/dashboards"
_DASHBOARD_NAMES = ("Today", "Service level", "Agents at work", "Überblick")
_AUDITS_PER_DAY = 40
#: Service, entity type, action and path of what is audited.
_AUDITED = (
    ("ContactCenter", "Queue", "Update", "/api/v2/routing/queues"),
    ("Architect", "Flow", "Publish", "/api/v2/flows"),
    ("PeoplePermissions", "User", "Update", USERS),
    ("Quality", "EvaluationForm", "View", "/api/v2/quality/forms/evaluations"),
)


def divisions(directory: Directory, _now: int) -> Iterator[Document]:
    """Yield the organization's divisions, the home division first."""
    home, *_others = every = directory.organization.divisions
    for division in every:
        yield directory.entity("AuthzDivision", division, homeDivision=division is home)


def roles(directory: Directory, _now: int) -> Iterator[Document]:
    """Yield what users may do."""
    for role in directory.named("role", *_ROLES):
        policies = [
            {"domain": domain, "entityName": entity, "actionSet": actions}
            for domain, entities in _ROLES[role.name].items()
            for entity, actions in entities.items()
        ]
        default = role.name.islower()
        yield directory.entity(
            "DomainOrganizationRole",
            role,
            permissionPolicies=[{**x, "allowConditions": False} for x in policies],
            userCount=len(directory.people),
            default=default,
            base=default,
            **({"defaultRoleId": role.name} if default else {}),
        )


def organization(directory: Directory, _now: int) -> Iterator[Document]:
    """Yield the organization itself."""
    yield directory.entity(
        "Organization",
        Named(directory.organization.id, directory.organization.name),
        defaultSiteId=directory.identifier("site", "Indianapolis"),
        selfUri="/api/v2/organizations/me",
    )


def definitions(directory: Directory, _now: int) -> Iterator[Document]:
    """Yield the presence definitions in use, and one that is deactivated."""
    (former,) = directory.named("presence", _FORMER_PRESENCE)
    deactivated = PresenceDefinition(former.id, former.name, "MEAL", primary=False)
    for definition in (*presence_definitions(directory.seed), deactivated):
        yield directory.entity(
            "OrganizationPresenceDefinition",
            definition,
            type="System" if definition.primary else "User",
            languageLabels={"en": definition.name},
            systemPresence=definition.system_presence.title().replace("_", ""),
            divisionId="*",
            deactivated=definition is deactivated,
        )


def system_presences(directory: Directory, _now: int) -> Iterator[Document]:
    """Yield the system presences."""
    for definition in presence_definitions(directory.seed):
        if definition.primary:
            yield {"id": definition.id, "name": definition.system_presence}


def dashboards(directory: Directory, _now: int = 0) -> list[Document]:
    """Return a few dashboards for each queue, every second one public."""
    queues = directory.organization.queues
    names = [f"{queue.name}: {x}" for queue in queues for x in _DASHBOARD_NAMES]
    return [
        directory.entity(
            "DashboardConfiguration",
            dashboard,
            widgets=[directory.entity("Widget", dashboard, title=dashboard.name)],
            publicDashboard=place % 2 == 0,
            selfUri=f"{_DASHBOARDS}/{dashboard.id}",
        )
        for place, dashboard in enumerate(directory.named("dashboard", *names))
    ]


def audits(directory: Directory, first: int, last: int, now: int) -> list[Document]:
    """Return who changed what from an instant to before another, by time, until now."""
    begun, ended = stamp(first), stamp(min(last, now + 1))
    return [
        message
        for day in range(first // DAY, (min(last, now + 1) - 1) // DAY + 1)
        for message in _audits_of_day(directory, day)
        if begun <= message["eventDate"] < ended
    ]


def _audits_of_day(directory: Directory, day: int) -> list[Document]:
    rng = Random(f"audits {directory.seed} {day}")
    moments = sorted(rng.randrange(DAY) for _ in range(_AUDITS_PER_DAY))
    return [_audit(directory, rng, day * DAY + moment) for moment in moments]


def _audit(directory: Directory, rng: Random, at: int) -> Document:
    service, kind, action, path = rng.choice(_AUDITED)
    organization, person = directory.organization, directory.supervisor
    entities: dict[str, tuple[Named, ...]] = {
        "Queue": organization.queues,
        "Flow": organization.flows["INBOUNDCALL"],
        "User": organization.agents,
        "EvaluationForm": organization.evaluation_forms,
    }
    entity = rng.choice(entities[kind])
    change = {"property": "description", "oldValues": ["naïve"]}
    new = {"newValues": [f"Änderung {rng.randint(1, 99)}"]}
    return {
        "id": uuid(rng),
        "userHomeOrgId": organization.id,
        "user": link(USERS, person.id, person.name),
        "remoteIp": [f"198.51.100.{rng.randint(1, 254)}"],
        "serviceName": service,
        "level": "USER",
        "eventDate": stamp(at),
        "message": {"message": f"{person.name}: {action} {kind} {entity.name}"},
        "action": action,
        "entity": reference(path, entity),
        "entityType": kind,
        "status": "SUCCESS",
        "application": "admin-ui",
        "transactionInitiator": True,
        "initiatingAction": {"transactionId": uuid(rng), "actionContext": "admin"},
        **({"propertyChanges": [change | new]} if action == "Update" else {}),
    }
