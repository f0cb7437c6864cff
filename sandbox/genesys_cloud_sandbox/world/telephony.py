"""What all calls share: the line, the parties, the talk, how it ends and sounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genesys_cloud_sandbox.world.identity import uuid
from genesys_cloud_sandbox.world.timeline import Document, Phase, metric, segment
from genesys_cloud_sandbox.world.times import MINUTE, SECOND, stamp

if TYPE_CHECKING:
    from genesys_cloud_sandbox.world.draft import Draft

_DISCONNECTS = ("peer", "client", "endpoint", "system", "transportFailure")
_DISCONNECT_WEIGHTS = (50, 40, 8, 1, 1)


def line_of_call(draft: Draft) -> None:
    """What all sessions of a call share."""
    draft.common = {
        "ani": f"tel:{phone_number(draft)}",
        "dnis": "tel:+18005550100",
        "sessionDnis": "tel:+18005550100",
        "edgeId": draft.rng.choice(draft.organization.edges).id,
        "recording": draft.chance(0.8),
    }


def phone(draft: Draft) -> Document:
    """A party's own end of a call."""
    rng = draft.rng
    return {
        "protocolCallId": uuid(rng),
        "remote": "Mobile caller",
        "remoteNameDisplayable": "Mobile caller",
        "peerId": uuid(rng),
    }


def phone_number(draft: Draft) -> str:
    """A number that belongs to nobody."""
    return f"+1317555{draft.rng.randint(0, 9_999):04}"


def talk(draft: Draft) -> list[Phase]:
    """What an agent does while connected: talk, and sometimes hold."""
    phases: list[Phase] = [("interact", draft.around(3 * MINUTE))]
    while draft.chance(0.25) and len(phases) < 7:  # noqa: PLR2004 (three holds at most)
        phases += [
            ("hold", draft.around(40 * SECOND)),
            ("interact", draft.around(80 * SECOND)),
        ]
    return phases


def after_call(draft: Draft) -> int:
    """Milliseconds of wrapping up; 0: not this time."""
    return draft.around(25 * SECOND) if draft.chance(0.85) else 0


def ending(draft: Draft) -> str:
    """How a call was disconnected."""
    return draft.rng.choices(_DISCONNECTS, _DISCONNECT_WEIGHTS)[0]


def add_media_stats(draft: Draft, participant: Document) -> None:
    """What the edge measured of the sound, at the end of the call."""
    rng = draft.rng
    mos = round(4.9 - rng.expovariate(4), 2)
    stats: Document = {
        "codecs": ["audio/opus"],
        "eventTime": stamp(draft.at),
        "minMos": mos,
        "minRFactor": round(mos * 18.5, 1),
        "maxLatencyMs": rng.randint(20, 400),
        "receivedPackets": rng.randint(2_000, 40_000),
        "discardedPackets": rng.randint(0, 20),
        "overrunPackets": 0,
    }
    if draft.chance(0.2):
        stats |= {"duplicatePackets": 1, "invalidPackets": 2, "underrunPackets": 3}
    participant["sessions"][0]["mediaEndpointStats"] = [stats]
    draft.document["mediaStatsMinConversationMos"] = mos
    draft.document["mediaStatsMinConversationRFactor"] = stats["minRFactor"]


def break_now_and_then(draft: Draft) -> None:
    """A line that breaks: some sessions say why."""
    if draft.chance(0.01):
        session = draft.participants[-1]["sessions"][-1]
        session["errorCodeDescription"] = "Media connection lost"
        session["metrics"].append(metric("nError", 1, draft.at))
        session["segments"].append(
            segment("system", draft.at, draft.at, disconnectType="error")
        )
