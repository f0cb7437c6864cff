"""Edges, sites, trunks, phones with their lines, stations, and numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genesys_cloud_sandbox.world.entities import USERS, link, reference
from genesys_cloud_sandbox.world.organization import SERVICE_NUMBER, Named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from genesys_cloud_sandbox.world.directory import Directory
    from genesys_cloud_sandbox.world.organization import Agent
    from genesys_cloud_sandbox.world.timeline import Document

EDGES = "/api/v2/telephony/providers/edges"
_SITES = ("Indianapolis", "Galway")
_FIRST_EXTENSION = 3_000
_POOLS = ((SERVICE_NUMBER, SERVICE_NUMBER), ("+13175550000", "+13175559999"))


def edges(directory: Directory, _now: int) -> list[Document]:
    """Return the servers that calls go through."""
    return [
        directory.entity("Edge", edge, site=_site(directory, place))
        for place, edge in enumerate(directory.organization.edges)
    ]


def sites(directory: Directory, _now: int) -> list[Document]:
    """Return where edges stand, as far as telephony is concerned."""
    return [
        directory.entity(
            "Site",
            site,
            edges=[reference(EDGES, edge)],
            location=link(
                "/api/v2/locations", directory.identifier("location", site.name)
            ),
            coreSite=site.name == _SITES[0],
            callerId=SERVICE_NUMBER,
            callerName=directory.organization.name,
        )
        for site, edge in zip(
            directory.named("site", *_SITES), directory.organization.edges, strict=True
        )
    ]


def trunks(directory: Directory, _now: int) -> list[Document]:
    """Return the trunks of each edge, to the outside and to the phones."""
    return [
        directory.entity(
            "Trunk",
            trunk,
            trunkType=kind,
            edge=reference(EDGES, edge),
            trunkBase=link(
                f"{EDGES}/trunkbasesettings", directory.identifier("trunk base", kind)
            ),
        )
        for edge in directory.organization.edges
        for kind in ("EXTERNAL", "PHONE")
        for trunk in directory.named("trunk", f"{kind.capitalize()} of {edge.name}")
    ]


def phones(directory: Directory, _now: int) -> list[Document]:
    """Return a WebRTC phone for every agent."""
    base, lines = directory.identifier("phone base"), f"{EDGES}/lines"
    return [
        directory.entity(
            "Phone",
            phone,
            site=_site(directory, place),
            phoneBaseSettings=link(f"{EDGES}/phonebasesettings", base, "WebRTC phone"),
            lines=[
                link(lines, _line(directory, agent), "Line 1") | {"state": "active"}
            ],
            webRtcUser=reference(USERS, agent),
        )
        for place, agent, phone in _per_agent(directory, "phone")
    ]


def lines(directory: Directory, _now: int) -> list[Document]:
    """Return the line of each phone."""
    base = directory.identifier("line base")
    return [
        directory.entity(
            "Line",
            line,
            site=_site(directory, place),
            lineBaseSettings=link(f"{EDGES}/linebasesettings", base),
            defaultForUser=reference(USERS, agent),
            loggedInUser=reference(USERS, agent),
        )
        for place, agent, line in _per_agent(directory, "line")
    ]


def stations(directory: Directory, _now: int) -> list[Document]:
    """Return the station of each agent, every second one in use."""
    return [
        directory.entity(
            "Station",
            station,
            status="AVAILABLE" if place % 2 else "ASSOCIATED",
            webRtcUserId=agent.id,
            lineAppearanceId=_line(directory, agent),
        )
        | ({} if place % 2 else {"userId": agent.id})
        for place, agent, station in _per_agent(directory, "station")
    ]


def extensions(directory: Directory, _now: int) -> list[Document]:
    """Return the internal number of each agent."""
    pool = directory.identifier("extension pool")
    return [
        directory.entity(
            "Extension",
            extension,
            name=str(_FIRST_EXTENSION + place),
            number=str(_FIRST_EXTENSION + place),
            owner=reference(USERS, agent),
            ownerType="USER",
            extensionPool=link(f"{EDGES}/extensionpools", pool),
        )
        for place, agent, extension in _per_agent(directory, "extension")
    ]


def did_pools(directory: Directory, _now: int) -> list[Document]:
    """Return the ranges of numbers that can be called from outside."""
    return [
        directory.entity("DIDPool", pool, startPhoneNumber=first, endPhoneNumber=last)
        for pool, (first, last) in zip(_pools(directory), _POOLS, strict=True)
    ]


def dids(directory: Directory, _now: int) -> list[Document]:
    """Return the numbers of the service and of every second agent."""
    service, direct = (reference(f"{EDGES}/didpools", x) for x in _pools(directory))
    menu = directory.organization.flows["INBOUNDCALL"][0]
    ivr = reference("/api/v2/architect/ivrs", menu)
    owned = [(SERVICE_NUMBER, "IVR_CONFIG", ivr, service)] + [
        (f"+1317555{place:04}", "USER", reference(USERS, agent), direct)
        for place, agent in enumerate(directory.organization.agents[::2])
    ]
    return [
        directory.entity(
            "DID", did, phoneNumber=number, owner=owner, ownerType=kind, didPool=pool
        )
        for number, kind, owner, pool in owned
        for did in directory.named("did", number)
    ]


def _pools(directory: Directory) -> list[Named]:
    return [
        Named(directory.identifier("did pool", first), f"{first} - {last}")
        for first, last in _POOLS
    ]


def _site(directory: Directory, place: int) -> Document:
    (site,) = directory.named("site", _SITES[place % len(_SITES)])
    return reference(f"{EDGES}/sites", site)


def _line(directory: Directory, agent: Agent) -> str:
    return directory.identifier("line", agent.id)


def _per_agent(directory: Directory, kind: str) -> Iterator[tuple[int, Agent, Named]]:
    for place, agent in enumerate(directory.organization.agents):
        identifier = directory.identifier(kind, agent.id)
        yield place, agent, Named(identifier, f"{kind.title()} of {agent.name}")
