"""Users, and what they are put together in: groups, teams, locations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genesys_cloud_sandbox.world.entities import USERS, created, link, reference

if TYPE_CHECKING:
    from genesys_cloud_sandbox.world.directory import Directory, Person
    from genesys_cloud_sandbox.world.organization import Agent
    from genesys_cloud_sandbox.world.timeline import Document

LOCATIONS = (
    ("Indianapolis", "7601 Interactive Way", "IN", "US", "46278"),
    ("Galway", "2 Dublin Road", "G", "IE", "H91 KXC2"),
    ("München", "Prinzregentenstraße 1", "BY", "DE", "80538"),
)

_AGENT_LISTS = ("locations", "profileSkills", "skills", "languages", "groups")


def users(directory: Directory, now: int) -> list[Document]:
    """Return users in all states, with the fields that have to be asked for."""
    people = [_user(directory, person) for person in directory.people]
    return people + [
        _user(directory, person) | {"version": 1 + (person.state == "deleted")}
        for person in directory.temporary_users(now)
    ]


def _user(directory: Directory, person: Person) -> Document:
    number = f"+1317555{int(person.id[:4], 16) % 10_000:04}"
    email = {"address": person.address, "mediaType": "EMAIL", "type": "PRIMARY"}
    phone = {"address": number, "display": number, "mediaType": "PHONE", "type": "WORK"}
    user = directory.entity(
        "User",
        person,
        person.division_id,
        chat={"jabberId": f"{person.id}@sandbox.orgspan.com"},
        email=person.address,
        primaryContactInfo=[email],
        addresses=[phone | {"countryCode": "US"}],
        state=person.state,
        title=person.title,
        username=person.address,
        employerInfo={
            "officialName": person.name,
            "employeeId": str(int(person.id[:5], 16)),
            "employeeType": "Full-time",
            "dateHire": created(person.id)[:10],
        },
    )
    user |= {name: [] for name in _AGENT_LISTS}
    if person is not directory.supervisor:
        user["manager"] = link(USERS, directory.supervisor.id)
    return user | (_agent_fields(directory, person.agent) if person.agent else {})


def _agent_fields(directory: Directory, agent: Agent) -> Document:
    """Return where an agent belongs, and what skills and languages it has."""
    organization = directory.organization
    team = next(x for x in organization.teams if x.id == agent.team_id)
    city = LOCATIONS[int(agent.id[0], 16) % len(LOCATIONS)][0]
    location = directory.identifier("location", city)
    definition = link("/api/v2/locations", location, city)
    return {
        "locations": [{"id": location, "locationDefinition": definition}],
        "profileSkills": ["Café service", "Origami"],
        "team": reference("/api/v2/teams", team),
        "groups": [
            link("/api/v2/groups", group.id)
            for group in organization.groups
            if agent in _group_members(directory, group.id)
        ],
        "skills": [
            directory.entity(
                "UserRoutingSkill",
                skill,
                proficiency=1.0 + len(skill.name) % 5,
                skillUri=f"/api/v2/routing/skills/{skill.id}",
                selfUri=f"{USERS}/{agent.id}/routingskills/{skill.id}",
            )
            for skill in organization.skills
            if skill.id in agent.skill_ids
        ],
        "languages": [
            directory.entity(
                "UserRoutingLanguage",
                language,
                proficiency=5.0,
                languageUri=f"/api/v2/routing/languages/{language.id}",
                selfUri=f"{USERS}/{agent.id}/routinglanguages/{language.id}",
            )
            for language in organization.languages
            if language.id == agent.language_id
        ],
    }


def _group_members(directory: Directory, group_id: str) -> tuple[Agent, ...]:
    """Return the agents in a group: every third of them in the first, and so on."""
    ids = [group.id for group in directory.organization.groups]
    return directory.organization.agents[ids.index(group_id) :: 3]


def groups(directory: Directory, _now: int) -> list[Document]:
    """Return the groups."""
    return [
        directory.entity(
            "Group",
            group,
            memberCount=len(_group_members(directory, group.id)),
            owners=[link(USERS, directory.supervisor.id)],
        )
        for group in directory.organization.groups
    ]


def teams(directory: Directory, _now: int) -> list[Document]:
    """Return the teams, of which an agent has one."""
    divisions, agents = directory.organization.divisions, directory.organization.agents
    return [
        directory.entity(
            "Team",
            team,
            divisions[place % len(divisions)].id,
            description=f"{team.name} — café and all",
            memberCount=sum(agent.team_id == team.id for agent in agents),
        )
        for place, team in enumerate(directory.organization.teams)
    ]


def team_members(directory: Directory, _now: int, team_id: str) -> list[Document]:
    """Return the agents of a team."""
    agents = directory.organization.agents
    return [reference(USERS, agent) for agent in agents if agent.team_id == team_id]


def locations(directory: Directory, _now: int) -> list[Document]:
    """Return where users sit."""
    emergency = {"e164": "+13175550911", "number": "(317) 555-0911", "type": "default"}
    return [
        directory.entity(
            "LocationDefinition",
            location,
            contactUser=link(USERS, directory.supervisor.id),
            emergencyNumber=emergency,
            address={
                "street1": street,
                "city": city,
                "state": state,
                "zipcode": zipcode,
                "country": country,
                "countryName": country,
            },
        )
        for city, street, state, country, zipcode in LOCATIONS
        for location in directory.named("location", city)
    ]
