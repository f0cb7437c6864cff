"""Users, and what they are put together in: groups, teams, locations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genesys_cloud_sandbox.world.entities import USERS, created, link, reference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from genesys_cloud_sandbox.world.directory import Directory, Person
    from genesys_cloud_sandbox.world.organization import Agent
    from genesys_cloud_sandbox.world.timeline import Document

LOCATIONS = {
    "Indianapolis": ("7601 Interactive Way", "IN", "US", "46278"),
    "Galway": ("2 Dublin Road", "G", "IE", "H91 KXC2"),
    "München": ("Prinzregentenstraße 1", "BY", "DE", "80538"),
}


def users(directory: Directory, now: int) -> Iterator[Document]:
    """Yield users in all states, with the fields that have to be asked for."""
    for person in directory.people:
        yield _user(directory, person)
    for person in directory.temporary_users(now):
        version = 1 + (person.state == "deleted")
        yield _user(directory, person) | {"version": version}


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
    if person is not directory.supervisor:
        user["manager"] = link(USERS, directory.supervisor.id)
    return user | (_agent_fields(directory, person.agent) if person.agent else {})


def _agent_fields(directory: Directory, agent: Agent) -> Document:
    """Return where an agent belongs, and what skills and languages it has."""
    organization, uri = directory.organization, f"{USERS}/{agent.id}"
    team = next(x for x in organization.teams if x.id == agent.team_id)
    city = [*LOCATIONS][int(agent.id[0], 16) % len(LOCATIONS)]
    location = link("/api/v2/locations", directory.identifier("location", city), city)
    return {
        "locations": [{"id": location["id"], "locationDefinition": location}],
        "profileSkills": ["Café service", "Origami"],
        "team": reference("/api/v2/teams", team),
        "groups": [
            link("/api/v2/groups", group.id)
            for place, group in enumerate(organization.groups)
            if agent in organization.agents[place::3]
        ],
        "skills": [
            directory.entity(
                "UserRoutingSkill",
                skill,
                proficiency=1.0 + len(skill.name) % 5,
                skillUri=f"/api/v2/routing/skills/{skill.id}",
                selfUri=f"{uri}/routingskills/{skill.id}",
            )
            for skill in organization.skills
            if skill.id in agent.skill_ids
        ],
        "languages": [
            directory.entity(
                "UserRoutingLanguage",
                language,
                languageUri=f"/api/v2/routing/languages/{language.id}",
                selfUri=f"{uri}/routinglanguages/{language.id}",
            )
            for language in organization.languages
            if language.id == agent.language_id
        ],
    }


def groups(directory: Directory, _now: int) -> Iterator[Document]:
    """Yield the groups: every third agent is in the first, the next in the second."""
    owners = [link(USERS, directory.supervisor.id)]
    for place, group in enumerate(directory.organization.groups):
        count = len(directory.organization.agents[place::3])
        yield directory.entity("Group", group, memberCount=count, owners=owners)


def teams(directory: Directory, now: int) -> Iterator[Document]:
    """Yield the teams, of which an agent has one."""
    divisions = directory.organization.divisions
    for place, team in enumerate(directory.organization.teams):
        division_id = divisions[place % len(divisions)].id
        count = len([*team_members(directory, now, team.id)])
        yield directory.entity("Team", team, division_id, memberCount=count)


def team_members(directory: Directory, _now: int, team_id: str) -> Iterator[Document]:
    """Yield the agents of a team."""
    for agent in directory.organization.agents:
        if agent.team_id == team_id:
            yield reference(USERS, agent)


def locations(directory: Directory, _now: int) -> Iterator[Document]:
    """Yield where users sit."""
    names = ("street1", "state", "country", "zipcode")
    for location in directory.named("location", *LOCATIONS):
        address = dict(zip(names, LOCATIONS[location.name], strict=True))
        yield directory.entity(
            "LocationDefinition",
            location,
            contactUser=link(USERS, directory.supervisor.id),
            address={
                "city": location.name,
                "countryName": address["country"],
                **address,
            },
        )
