"""Architect flows that conversations pass through, and what they measure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genesys_cloud_sandbox.world.timeline import Document, metric
from genesys_cloud_sandbox.world.times import stamp

if TYPE_CHECKING:
    from genesys_cloud_sandbox.world.draft import Draft

_OUTCOME_VALUES = ("SUCCESS", "FAILURE")


def flow(  # noqa: PLR0913 (too-many-arguments: a passage has this many sides)
    draft: Draft,
    flow_type: str,
    begun: int,
    ended: int,
    *,
    exit_reason: str = "TRANSFER",
    target: str = "",
) -> Document:
    """A session's passage through a flow, with the outcomes reached on the way."""
    rng = draft.rng
    chosen = rng.choice(draft.organization.flows[flow_type])
    passage: Document = {
        "flowId": chosen.id,
        "flowName": chosen.name,
        "flowType": chosen.flow_type,
        "flowVersion": chosen.version,
        "entryType": "dnis" if draft.direction == "inbound" else "outbound",
        "entryReason": "tel:+18005550100" if draft.media == "voice" else "direct",
        "exitReason": exit_reason,
        "startingLanguage": "en-us",
        "endingLanguage": rng.choice(("en-us", "de-de", "es-us")),
    }
    if exit_reason == "TRANSFER":
        passage["transferType"] = "ACD"
    if target:
        passage |= {"transferTargetName": target, "transferTargetAddress": "acd"}
    if draft.chance(0.03):
        passage["recognitionFailureReason"] = "NoInputCollection"
    if draft.chance(0.02):
        passage["issuedCallback"] = True
    if draft.chance(0.4):
        passage["outcomes"] = [_outcome(draft, begun, ended)]
        if draft.chance(0.2):
            passage["outcomes"].append(_outcome(draft, begun, ended))
    return passage


def flow_metrics(passage: Document, length: int, at: int) -> list[Document]:
    """What a flow emits when it is left after `length` milliseconds."""
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


def _outcome(draft: Draft, begun: int, ended: int) -> Document:
    rng = draft.rng
    outcome = rng.choice(draft.organization.flow_outcomes)
    first = begun + (ended - begun) // rng.randint(2, 5)
    return {
        "flowOutcomeId": outcome.id,
        "flowOutcome": outcome.name,
        "flowOutcomeValue": rng.choices(_OUTCOME_VALUES, (9, 1))[0],
        "flowOutcomeStartTimestamp": stamp(first),
        "flowOutcomeEndTimestamp": stamp(ended),
    }
