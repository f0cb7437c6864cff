"""What administrators set up: the organization itself, its divisions, its roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genesys_cloud_sandbox.world.directory import Directory, version
from genesys_cloud_sandbox.world.people import LOCATIONS

if TYPE_CHECKING:
    from genesys_cloud_sandbox.world.timeline import Document

_ROLES = (
    ("employee", "Everybody", {"directory": {"user": ["view"]}}),
    (
        "Analytics reader",
        "Reads everything that can be reported on",
        {
            "analytics": {"conversationDetail": ["view"], "userDetail": ["view"]},
            "routing": {"queue": ["view"], "wrapupCode": ["view"]},
        },
    ),
    ("admin", "Réglages: everything", {"*": {"*": ["*"]}}),
)


def divisions(directory: Directory, _now: int) -> list[Document]:
    """The organization's divisions, the home division first."""
    home, *_others = directory.organization.divisions
    return [
        {
            "id": division.id,
            "name": division.name,
            "description": "",
            "homeDivision": division is home,
        }
        for division in directory.organization.divisions
    ]


def roles(directory: Directory, _now: int) -> list[Document]:
    """What users may do."""
    return [
        {
            "id": directory.identifier("role", name),
            "name": name,
            "description": description,
            **({"defaultRoleId": name} if name.islower() else {}),
            "permissionPolicies": [
                {
                    "domain": domain,
                    "entityName": entity,
                    "actionSet": actions,
                    "allowConditions": False,
                }
                for domain, entities in policies.items()
                for entity, actions in entities.items()
            ],
            "userCount": len(directory.people),
            "roleNeedsUpdate": False,
            "default": name.islower(),
            "base": name.islower(),
        }
        for name, description, policies in _ROLES
    ]


def organization(directory: Directory, _now: int) -> list[Document]:
    """The organization itself."""
    known = directory.organization
    return [
        {
            "id": known.id,
            "name": known.name,
            "defaultLanguage": "en-US",
            "defaultCountryCode": "US",
            "thirdPartyOrgName": "sandbox",
            "domain": "sandbox",
            "version": version(known.id),
            "state": "active",
            "defaultSiteId": directory.identifier("site", LOCATIONS[0][0]),
            "supportURI": "https://support.sandbox.example",
            "voicemailEnabled": False,
            "productPlatform": "GenesysCloud",
            "features": {
                "chat": True,
                "contactCenter": True,
                "directory": True,
                "purecloudVoice": True,
            },
            "selfUri": "/api/v2/organizations/me",
        }
    ]
