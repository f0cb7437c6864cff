"""Fields of sessions: those of calls, media endpoint statistics, and flows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genesys_cloud_sandbox.world.identity import uuid
from genesys_cloud_sandbox.world.organization import SERVICE_NUMBER
from genesys_cloud_sandbox.world.timeline import Document, Phase, metric, segment
from genesys_cloud_sandbox.world.times import MINUTE, SECOND, stamp

if TYPE_CHECKING:
    from genesys_cloud_sandbox.world.conversation_builder import Builder

_OUTCOME_VALUES = ("SUCCESS", "FAILURE")
_DISCONNECTS = ("peer", "client", "endpoint", "system", "transportFailure")
_DISCONNECT_WEIGHTS = (50, 40, 8, 1, 1)


def set_call_fields(builder: Builder) -> None:
    """Set what all sessions of a call share."""
    builder.common = {
        "ani": f"tel:{phone_number(builder)}",
        "dnis": f"tel:{SERVICE_NUMBER}",
        "sessionDnis": f"tel:{SERVICE_NUMBER}",
        "edgeId": builder.rng.choice(builder.organization.edges).id,
        "recording": builder.chance(0.8),
    }


def phone_fields(builder: Builder) -> Document:
    """Return the fields of one party's session of a call."""
    rng = builder.rng
    return {
        "protocolCallId": uuid(rng),
        "remote": "Mobile caller",
        "remoteNameDisplayable": "Mobile caller",
        "peerId": uuid(rng),
    }


def phone_number(builder: Builder) -> str:
    """Return a number that belongs to nobody."""
    return f"+1317555{builder.rng.randint(0, 9_999):04}"


def talk_phases(builder: Builder) -> list[Phase]:
    """Return an agent's phases while connected: talk, and sometimes hold."""
    phases: list[Phase] = [("interact", builder.duration(3 * MINUTE))]
    while builder.chance(0.25) and len(phases) < 7:  # noqa: PLR2004 (three holds at most)
        phases += [
            ("hold", builder.duration(40 * SECOND)),
            ("interact", builder.duration(80 * SECOND)),
        ]
    return phases


def wrap_up_length(builder: Builder) -> int:
    """Return how long an agent wraps up a call; 0: not at all."""
    return builder.duration(25 * SECOND) if builder.chance(0.85) else 0


def disconnect_type(builder: Builder) -> str:
    """Return how a call was disconnected."""
    return builder.rng.choices(_DISCONNECTS, _DISCONNECT_WEIGHTS)[0]


def add_media_stats(builder: Builder, participant: Document) -> None:
    """Add what the edge measured of the sound, at the end of the call."""
    rng = builder.rng
    mos = round(4.9 - rng.expovariate(4), 2)
    stats: Document = {
        "codecs": ["audio/opus"],
        "eventTime": stamp(builder.at),
        "minMos": mos,
        "minRFactor": round(mos * 18.5, 1),
        "maxLatencyMs": rng.randint(20, 400),
        "receivedPackets": rng.randint(2_000, 40_000),
        "discardedPackets": rng.randint(0, 20),
        "overrunPackets": 0,
    }
    if builder.chance(0.2):
        stats |= {"duplicatePackets": 1, "invalidPackets": 2, "underrunPackets": 3}
    participant["sessions"][0]["mediaEndpointStats"] = [stats]
    builder.document["mediaStatsMinConversationMos"] = mos
    builder.document["mediaStatsMinConversationRFactor"] = stats["minRFactor"]


def add_media_error(builder: Builder) -> None:
    """Add an error to the last session of a few calls."""
    if builder.chance(0.01):
        session = builder.participants[-1]["sessions"][-1]
        session["errorCodeDescription"] = "Media connection lost"
        session["metrics"].append(metric("nError", 1, builder.at))
        session["segments"].append(
            segment("system", builder.at, builder.at, disconnectType="error")
        )


def flow(  # noqa: PLR0913 (too-many-arguments: a passage has this many sides)
    builder: Builder,
    flow_type: str,
    begun: int,
    ended: int,
    *,
    exit_reason: str = "TRANSFER",
    target: str = "",
) -> Document:
    """Return a session's flow, with the outcomes reached in it."""
    rng = builder.rng
    chosen = rng.choice(builder.organization.flows[flow_type])
    passage: Document = {
        "flowId": chosen.id,
        "flowName": chosen.name,
        "flowType": chosen.flow_type,
        "flowVersion": chosen.version,
        "entryType": "dnis" if builder.direction == "inbound" else "outbound",
        "entryReason": f"tel:{SERVICE_NUMBER}"
        if builder.media == "voice"
        else "direct",
        "exitReason": exit_reason,
        "startingLanguage": "en-us",
        "endingLanguage": rng.choice(("en-us", "de-de", "es-us")),
    }
    if exit_reason == "TRANSFER":
        passage["transferType"] = "ACD"
    if target:
        passage |= {"transferTargetName": target, "transferTargetAddress": "acd"}
    if builder.chance(0.03):
        passage["recognitionFailureReason"] = "NoInputCollection"
    if builder.chance(0.02):
        passage["issuedCallback"] = True
    if builder.chance(0.4):
        passage["outcomes"] = [_outcome(builder, begun, ended)]
        if builder.chance(0.2):
            passage["outcomes"].append(_outcome(builder, begun, ended))
    return passage


def flow_metrics(passage: Document, length: int, at: int) -> list[Document]:
    """Return the metrics of a flow that is left after `length` milliseconds."""
    left = "tFlowDisconnect" if passage["exitReason"] == "DISCONNECT" else "tFlowExit"
    metrics = [
        metric("nFlow", 1, at),
        metric("tFlow", length, at),
        metric(left, length, at),
    ]
    if passage["exitReason"] == "TRANSFER":
        metrics.append(metric("tFlowOut", length, at))
    for outcome in passage.get("outcomes", ()):
        metrics.append(metric("nFlowOutcome", 1, at))
        if outcome["flowOutcomeValue"] == "FAILURE":
            metrics.append(metric("nFlowOutcomeFailed", 1, at))
    return metrics


def _outcome(builder: Builder, begun: int, ended: int) -> Document:
    rng = builder.rng
    outcome = rng.choice(builder.organization.flow_outcomes)
    first = begun + (ended - begun) // rng.randint(2, 5)
    return {
        "flowOutcomeId": outcome.id,
        "flowOutcome": outcome.name,
        "flowOutcomeValue": rng.choices(_OUTCOME_VALUES, (9, 1))[0],
        "flowOutcomeStartTimestamp": stamp(first),
        "flowOutcomeEndTimestamp": stamp(ended),
    }
