"""Users, and what they are put together in: groups, teams, locations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genesys_cloud_sandbox.world.directory import (
    USERS,
    Directory,
    Person,
    created,
    link,
    modified,
    reference,
    version,
)
from genesys_cloud_sandbox.world.promotions import promotions

if TYPE_CHECKING:
    from genesys_cloud_sandbox.world.organization import Agent
    from genesys_cloud_sandbox.world.timeline import Document

LOCATIONS = (
    ("Indianapolis", "7601 Interactive Way", "IN", "US", "46278"),
    ("Galway", "2 Dublin Road", "G", "IE", "H91 KXC2"),
    ("München", "Prinzregentenstraße 1", "BY", "DE", "80538"),
)
_TEMPORARY = "temporary"


def users(directory: Directory, now: int) -> list[Document]:
    """All users in all states, with the fields that a list shows only when asked to."""
    people = [_user(directory, person) for person in directory.people]
    return people + [
        _user(directory, person) | {"version": 1 + (person.state == "deleted")}
        for person in helpers(directory, now)
    ]


def helpers(directory: Directory, now: int) -> list[Person]:
    """Those who helped out in promotions; they are deleted when these are over."""
    return [
        Person(
            id=directory.identifier(_TEMPORARY, promotion.number),
            name=f"Temporary Helper {promotion.number}",
            division_id=directory.organization.divisions[0].id,
            address=f"helper{promotion.number}@sandbox.example",
            title="Helper",
            state="deleted" if promotion.over else "active",
        )
        for promotion in promotions(now)
    ]


def _user(directory: Directory, person: Person) -> Document:
    number = f"+1317555{int(person.id[:4], 16) % 10_000:04}"
    user: Document = {
        "id": person.id,
        "name": person.name,
        "division": directory.division(person.division_id),
        "chat": {"jabberId": f"{person.id}@sandbox.orgspan.com"},
        "department": "Customer Care",
        "email": person.address,
        "primaryContactInfo": [
            {"address": person.address, "mediaType": "EMAIL", "type": "PRIMARY"}
        ],
        "addresses": [
            {
                "address": number,
                "display": number,
                "mediaType": "PHONE",
                "type": "WORK",
                "countryCode": "US",
            }
        ],
        "state": person.state,
        "title": person.title,
        "username": person.address,
        "version": version(person.id),
        "acdAutoAnswer": False,
        "dateLastLogin": modified(person.id),
        "employerInfo": {
            "officialName": person.name,
            "employeeId": str(int(person.id[:5], 16)),
            "employeeType": "Full-time",
            "dateHire": created(person.id)[:10],
        },
        "locations": [],
        "profileSkills": [],
        "skills": [],
        "languages": [],
        "groups": [],
    }
    if person is not directory.supervisor:
        user["manager"] = link(USERS, directory.supervisor.id)
    return user | (_abilities(directory, person.agent) if person.agent else {})


def _abilities(directory: Directory, agent: Agent) -> Document:
    """What agents have on top: where they belong, and what they can do."""
    organization = directory.organization
    team = next(x for x in organization.teams if x.id == agent.team_id)
    own = f"{USERS}/{agent.id}"
    city = LOCATIONS[int(agent.id[0], 16) % len(LOCATIONS)][0]
    location = directory.identifier("location", city)
    return {
        "locations": [
            {
                "id": location,
                "locationDefinition": link("/api/v2/locations", location, city),
            }
        ],
        "profileSkills": ["Café service", "Origami"],
        "team": reference("/api/v2/teams", team),
        "groups": [
            link("/api/v2/groups", group.id)
            for group in organization.groups
            if agent in members_of(directory, group.id)
        ],
        "skills": [
            {
                "id": skill.id,
                "name": skill.name,
                "proficiency": 1.0 + len(skill.name) % 5,
                "state": "active",
                "skillUri": f"/api/v2/routing/skills/{skill.id}",
                "selfUri": f"{own}/routingskills/{skill.id}",
            }
            for skill in organization.skills
            if skill.id in agent.skill_ids
        ],
        "languages": [
            {
                "id": language.id,
                "name": language.name,
                "proficiency": 5.0,
                "state": "active",
                "languageUri": f"/api/v2/routing/languages/{language.id}",
                "selfUri": f"{own}/routinglanguages/{language.id}",
            }
            for language in organization.languages
            if language.id == agent.language_id
        ],
    }


def members_of(directory: Directory, group_id: str) -> tuple[Agent, ...]:
    """The agents in a group: every third of them in the first, and so on."""
    ids = [group.id for group in directory.organization.groups]
    return directory.organization.agents[ids.index(group_id) :: 3]


def groups(directory: Directory, _now: int) -> list[Document]:
    """Groups of users."""
    return [
        {
            "id": group.id,
            "name": group.name,
            "description": f"Who works in {group.name}",
            "dateModified": modified(group.id),
            "memberCount": len(members_of(directory, group.id)),
            "state": "active",
            "version": version(group.id),
            "type": "official",
            "rulesVisible": True,
            "visibility": "public",
            "rolesEnabled": True,
            "includeOwners": False,
            "callsEnabled": False,
            "owners": [link(USERS, directory.supervisor.id)],
        }
        for group in directory.organization.groups
    ]


def teams(directory: Directory, _now: int) -> list[Document]:
    """Teams, of which an agent has one."""
    divisions = directory.organization.divisions
    return [
        {
            "id": team.id,
            "name": team.name,
            "division": directory.division(divisions[place % len(divisions)].id),
            "description": f"{team.name} — café and all",
            "dateCreated": created(team.id),
            "dateModified": modified(team.id),
            "memberCount": sum(
                agent.team_id == team.id for agent in directory.organization.agents
            ),
        }
        for place, team in enumerate(directory.organization.teams)
    ]


def team_members(directory: Directory, _now: int, team_id: str) -> list[Document]:
    """The agents of a team."""
    return [
        reference(USERS, agent)
        for agent in directory.organization.agents
        if agent.team_id == team_id
    ]


def locations(directory: Directory, _now: int) -> list[Document]:
    """Where users sit."""
    return [
        {
            "id": directory.identifier("location", city),
            "name": city,
            "contactUser": link(USERS, directory.supervisor.id),
            "emergencyNumber": {
                "e164": "+13175550911",
                "number": "(317) 555-0911",
                "type": "default",
            },
            "address": {
                "street1": street,
                "city": city,
                "state": state,
                "zipcode": zipcode,
                "country": country,
                "countryName": country,
            },
            "addressVerified": True,
            "addressStored": True,
            "state": "active",
            "notes": "",
            "version": len(city),
            "path": [],
        }
        for city, street, state, country, zipcode in LOCATIONS
    ]
