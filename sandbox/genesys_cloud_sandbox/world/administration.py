"""The organization, its divisions, roles, presence definitions and dashboards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genesys_cloud_sandbox.world.organization import (
    Named,
    PresenceDefinition,
    presence_definitions,
)
from genesys_cloud_sandbox.world.people import LOCATIONS

if TYPE_CHECKING:
    from genesys_cloud_sandbox.world.directory import Directory
    from genesys_cloud_sandbox.world.timeline import Document

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


def divisions(directory: Directory, _now: int) -> list[Document]:
    """Return the organization's divisions, the home division first."""
    home, *_others = every = directory.organization.divisions
    return [directory.entity("AuthzDivision", x, homeDivision=x is home) for x in every]


def roles(directory: Directory, _now: int) -> list[Document]:
    """Return the roles, of which those in lower case come with the product."""
    return [
        directory.entity(
            "DomainOrganizationRole",
            role,
            description=f"Réglages: {role.name}",
            permissionPolicies=[
                {
                    "domain": domain,
                    "entityName": entity,
                    "actionSet": actions,
                    "allowConditions": False,
                }
                for domain, entities in _ROLES[role.name].items()
                for entity, actions in entities.items()
            ],
            userCount=len(directory.people),
            default=role.name.islower(),
            base=role.name.islower(),
        )
        | ({"defaultRoleId": role.name} if role.name.islower() else {})
        for role in directory.named("role", *_ROLES)
    ]


def organization(directory: Directory, _now: int) -> list[Document]:
    """Return the organization itself."""
    known = directory.organization
    features = ("chat", "contactCenter", "directory", "purecloudVoice")
    organization = directory.entity(
        "Organization",
        Named(known.id, known.name),
        defaultSiteId=directory.identifier("site", LOCATIONS[0][0]),
        features=dict.fromkeys(features, True),
        selfUri="/api/v2/organizations/me",
    )
    return [organization]


def definitions(directory: Directory, _now: int) -> list[Document]:
    """Return the presence definitions in use, and one that is deactivated."""
    former = PresenceDefinition(
        directory.identifier("presence", _FORMER_PRESENCE),
        _FORMER_PRESENCE,
        "MEAL",
        primary=False,
    )
    return [
        directory.entity(
            "OrganizationPresenceDefinition",
            definition,
            type="System" if definition.primary else "User",
            languageLabels={"en": definition.name},
            systemPresence=definition.system_presence.title().replace("_", ""),
            divisionId="*",
            deactivated=definition is former,
        )
        for definition in (*presence_definitions(directory.seed), former)
    ]


def system_presences(directory: Directory, _now: int) -> list[Document]:
    """Return the system presences."""
    return [
        {"id": definition.id, "name": definition.system_presence}
        for definition in presence_definitions(directory.seed)
        if definition.primary
    ]


def dashboards(directory: Directory, _now: int = 0) -> list[Document]:
    """Return a few dashboards for each queue, every second one public."""
    names = [
        f"{queue.name}: {name}"
        for queue in directory.organization.queues
        for name in _DASHBOARD_NAMES
    ]
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
