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
#: Ranges of numbers: the service's, and the agents'.
_POOLS = ((SERVICE_NUMBER, SERVICE_NUMBER), ("+13175550000", "+13175559999"))


def edges(directory: Directory, _now: int) -> Iterator[Document]:
    """Yield the servers that calls go through."""
    for place, edge in enumerate(directory.organization.edges):
        yield directory.entity("Edge", edge, site=_site(directory, place))


def sites(directory: Directory, _now: int) -> Iterator[Document]:
    """Yield where edges stand, as far as telephony is concerned."""
    named = directory.named("site", *_SITES)
    for site, edge in zip(named, directory.organization.edges, strict=True):
        location = directory.identifier("location", site.name)
        yield directory.entity(
            "Site",
            site,
            edges=[reference(EDGES, edge)],
            location=link("/api/v2/locations", location),
            coreSite=site.name == _SITES[0],
        )


def trunks(directory: Directory, _now: int) -> Iterator[Document]:
    """Yield the trunks of each edge, to the outside and to the phones."""
    for edge in directory.organization.edges:
        for kind in ("EXTERNAL", "PHONE"):
            base = directory.identifier("trunk base", kind)
            name = f"{kind.capitalize()} of {edge.name}"
            (trunk,) = directory.named("trunk", name)
            yield directory.entity(
                "Trunk",
                trunk,
                trunkType=kind,
                edge=reference(EDGES, edge),
                trunkBase=link(f"{EDGES}/trunkbasesettings", base),
            )


def phones(directory: Directory, _now: int) -> Iterator[Document]:
    """Yield a WebRTC phone for every agent."""
    base = link(
        f"{EDGES}/phonebasesettings", directory.identifier("phone base"), "WebRTC phone"
    )
    for place, agent, phone in _per_agent(directory, "phone"):
        line = link(f"{EDGES}/lines", _line(directory, agent), "Line 1")
        yield directory.entity(
            "Phone",
            phone,
            site=_site(directory, place),
            phoneBaseSettings=base,
            lines=[line | {"state": "active"}],
            webRtcUser=reference(USERS, agent),
        )


def lines(directory: Directory, _now: int) -> Iterator[Document]:
    """Yield the line of each phone."""
    base = link(f"{EDGES}/linebasesettings", directory.identifier("line base"))
    for place, agent, line in _per_agent(directory, "line"):
        yield directory.entity(
            "Line",
            line,
            site=_site(directory, place),
            lineBaseSettings=base,
            defaultForUser=reference(USERS, agent),
            loggedInUser=reference(USERS, agent),
        )


def stations(directory: Directory, _now: int) -> Iterator[Document]:
    """Yield the station of each agent, every second one in use."""
    for place, agent, station in _per_agent(directory, "station"):
        in_use = {"status": "ASSOCIATED", "userId": agent.id}
        yield directory.entity(
            "Station",
            station,
            webRtcUserId=agent.id,
            lineAppearanceId=_line(directory, agent),
            **({"status": "AVAILABLE"} if place % 2 else in_use),
        )


def extensions(directory: Directory, _now: int) -> Iterator[Document]:
    """Yield the internal number of each agent."""
    pool = link(f"{EDGES}/extensionpools", directory.identifier("extension pool"))
    for place, agent, extension in _per_agent(directory, "extension"):
        number = str(_FIRST_EXTENSION + place)
        yield directory.entity(
            "Extension",
            Named(extension.id, number),
            number=number,
            owner=reference(USERS, agent),
            ownerType="USER",
            extensionPool=pool,
        )


def did_pools(directory: Directory, _now: int) -> Iterator[Document]:
    """Yield the ranges of numbers that can be called from outside."""
    for pool, (first, last) in zip(_pools(directory), _POOLS, strict=True):
        yield directory.entity(
            "DIDPool", pool, startPhoneNumber=first, endPhoneNumber=last
        )


def dids(directory: Directory, _now: int) -> Iterator[Document]:
    """Yield the numbers of the service and of every second agent."""
    service, direct = (reference(f"{EDGES}/didpools", x) for x in _pools(directory))
    menu = directory.organization.flows["INBOUNDCALL"][0]
    ivr = reference("/api/v2/architect/ivrs", menu)
    owned = [(SERVICE_NUMBER, "IVR_CONFIG", ivr, service)] + [
        (f"+1317555{place:04}", "USER", reference(USERS, agent), direct)
        for place, agent in enumerate(directory.organization.agents[::2])
    ]
    for number, kind, owner, pool in owned:
        (did,) = directory.named("did", number)
        yield directory.entity(
            "DID", did, phoneNumber=number, owner=owner, ownerType=kind, didPool=pool
        )


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
