"""The telephones: edges, sites, trunks, phones with lines, numbers, stations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genesys_cloud_sandbox.world.directory import (
    USERS,
    Directory,
    link,
    reference,
    version,
)
from genesys_cloud_sandbox.world.organization import Named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from genesys_cloud_sandbox.world.organization import Agent
    from genesys_cloud_sandbox.world.timeline import Document

EDGES = "/api/v2/telephony/providers/edges"
_SITES = ("Indianapolis", "Galway")
_EXTENSIONS_FROM = 3_000
_SERVICE_NUMBER = "+18005550100"
_FIRST_NUMBER, _LAST_NUMBER = "+13175550000", "+13175559999"


def edges(directory: Directory, _now: int) -> list[Document]:
    """The servers that calls go through."""
    sites_ = directory.named("site", *_SITES)
    return [
        {
            **_thing(directory, edge),
            "site": reference(f"{EDGES}/sites", site),
            "make": "Genesys",
            "model": "Virtual",
            "apiVersion": "v1",
            "softwareVersion": "1.0.0.12800",
            "statusCode": "ACTIVE",
            "onlineStatus": "ONLINE",
            "physicalEdge": False,
            "managed": True,
            "edgeDeploymentType": "CDM",
            "callDrainingState": "NONE",
            "conversationCount": 0,
            "offlineConfigCalled": False,
        }
        for edge, site in zip(directory.organization.edges, sites_, strict=True)
    ]


def sites(directory: Directory, _now: int) -> list[Document]:
    """Where edges stand, as far as telephony is concerned."""
    return [
        {
            **_thing(directory, site),
            "edges": [reference(EDGES, edge)],
            "location": link(
                "/api/v2/locations", directory.identifier("location", site.name)
            ),
            "managed": False,
            "mediaModel": "Cloud",
            "mediaRegionsUseLatencyBased": True,
            "mediaRegions": ["us-east-1"],
            "coreSite": site.name == _SITES[0],
            "callerId": _SERVICE_NUMBER,
            "callerName": directory.organization.name,
        }
        for site, edge in zip(
            directory.named("site", *_SITES), directory.organization.edges, strict=True
        )
    ]


def trunks(directory: Directory, _now: int) -> list[Document]:
    """The lines to the outside and to the phones, of each edge."""
    return [
        {
            **_thing(directory, trunk),
            "trunkType": kind,
            "edge": reference(EDGES, edge),
            "trunkBase": link(
                f"{EDGES}/trunkbasesettings", directory.identifier("trunk base", kind)
            ),
            "inService": True,
            "enabled": True,
            "connectedStatus": {"connected": True},
            "optionsEnabledStatus": "DISABLED",
            "registersEnabledStatus": "NOT_SUPPORTED",
            "family": 1,
        }
        for edge in directory.organization.edges
        for kind in ("EXTERNAL", "PHONE")
        for trunk in directory.named("trunk", f"{kind.capitalize()} of {edge.name}")
    ]


def phones(directory: Directory, _now: int) -> list[Document]:
    """A WebRTC phone for every agent."""
    return [
        {
            **_thing(directory, phone),
            "site": _site(directory, place),
            "phoneBaseSettings": link(
                f"{EDGES}/phonebasesettings",
                directory.identifier("phone base"),
                "WebRTC phone",
            ),
            "lines": [
                {
                    **link(
                        f"{EDGES}/lines",
                        directory.identifier("line", agent.id),
                        "Line 1",
                    ),
                    "state": "active",
                }
            ],
            "webRtcUser": reference(USERS, agent),
            "standAlone": False,
            "capabilities": {
                "provisions": False,
                "registers": False,
                "dualRegisters": False,
                "allowReboot": False,
                "noRebalance": False,
                "noCloudProvisioning": False,
                "cdm": True,
                "mediaCodecs": ["audio/opus"],
            },
        }
        for place, agent, phone in _per_agent(directory, "phone", "Phone")
    ]


def lines(directory: Directory, _now: int) -> list[Document]:
    """The line of each phone."""
    return [
        {
            **_thing(directory, line),
            "site": _site(directory, place),
            "lineBaseSettings": link(
                f"{EDGES}/linebasesettings", directory.identifier("line base")
            ),
            "defaultForUser": reference(USERS, agent),
            "loggedInUser": reference(USERS, agent),
        }
        for place, agent, line in _per_agent(directory, "line", "Line")
    ]


def stations(directory: Directory, _now: int) -> list[Document]:
    """Where agents can sit down; every second one is taken."""
    return [
        {
            "id": station.id,
            "name": station.name,
            "description": "",
            "status": "ASSOCIATED" if taken else "AVAILABLE",
            **({"userId": agent.id} if taken else {}),
            "webRtcUserId": agent.id,
            "type": "inin_webrtc_softphone",
            "lineAppearanceId": directory.identifier("line", agent.id),
            "webRtcPersistentEnabled": False,
            "webRtcForceTurn": False,
            "webRtcCallAppearances": 10,
        }
        for place, agent, station in _per_agent(directory, "station", "Station")
        for taken in (place % 2 == 0,)
    ]


def extensions(directory: Directory, _now: int) -> list[Document]:
    """The internal number of each agent."""
    pool = directory.identifier("extension pool")
    return [
        {
            **_thing(directory, Named(extension.id, number)),
            "number": number,
            "owner": reference(USERS, agent),
            "ownerType": "USER",
            "extensionPool": link(f"{EDGES}/extensionpools", pool),
        }
        for place, agent, extension in _per_agent(directory, "extension", "Extension")
        for number in (str(_EXTENSIONS_FROM + place),)
    ]


def did_pools(directory: Directory, _now: int) -> list[Document]:
    """Ranges of numbers that can be called from outside."""
    return [
        {
            **_thing(directory, pool),
            "startPhoneNumber": first,
            "endPhoneNumber": last,
            "comments": "",
            "provider": "PURE_CLOUD_VOICE",
        }
        for (pool, first, last) in _pools(directory)
    ]


def dids(directory: Directory, _now: int) -> list[Document]:
    """Numbers that can be called from outside: the service's, and some agents'."""
    service, direct = (
        reference(f"{EDGES}/didpools", pool) for pool, *_range in _pools(directory)
    )
    menu = directory.organization.flows["INBOUNDCALL"][0]
    owned = [
        (
            _SERVICE_NUMBER,
            "IVR_CONFIG",
            reference("/api/v2/architect/ivrs", menu),
            service,
        ),
        *(
            (f"+1317555{place:04}", "USER", reference(USERS, agent), direct)
            for place, agent in enumerate(directory.organization.agents[::2])
        ),
    ]
    return [
        {
            **_thing(directory, Named(directory.identifier("did", number), number)),
            "phoneNumber": number,
            "owner": owner,
            "ownerType": kind,
            "didPool": pool,
        }
        for number, kind, owner, pool in owned
    ]


def _pools(directory: Directory) -> list[tuple[Named, str, str]]:
    ranges = ((_SERVICE_NUMBER, _SERVICE_NUMBER), (_FIRST_NUMBER, _LAST_NUMBER))
    return [
        (
            Named(directory.identifier("did pool", first), f"{first} - {last}"),
            first,
            last,
        )
        for first, last in ranges
    ]


def _site(directory: Directory, place: int) -> Document:
    site = directory.named("site", _SITES[place % len(_SITES)])[0]
    return reference(f"{EDGES}/sites", site)


def _per_agent(
    directory: Directory, kind: str, label: str
) -> Iterator[tuple[int, Agent, Named]]:
    for place, agent in enumerate(directory.organization.agents):
        named = Named(directory.identifier(kind, agent.id), f"{label} of {agent.name}")
        yield place, agent, named


def _thing(directory: Directory, named: Named) -> Document:
    """What all things of telephony have in common."""
    return {
        "id": named.id,
        "name": named.name,
        "division": directory.division(),
        "version": version(named.id),
        **directory.dates(named.id),
        "state": "active",
    }
