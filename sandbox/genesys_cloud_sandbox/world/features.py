"""What happens now and then: each feature adds fields that belong together.

Between them they make every field of the model occur in a few thousand conversations.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from genesys_cloud_sandbox.world.identity import uuid
from genesys_cloud_sandbox.world.timeline import (
    Document,
    completed,
    metric,
    segment,
    timeline,
)
from genesys_cloud_sandbox.world.times import stamp, unstamp

if TYPE_CHECKING:
    from collections.abc import Callable

    from genesys_cloud_sandbox.world.draft import Draft

_SHARE = 0.3


def add_features(draft: Draft) -> None:
    """Give a share of the conversations one feature or more."""
    while draft.chance(_SHARE):
        draft.rng.choice(_FEATURES)(draft)


def _agent_session(draft: Draft) -> Document | None:
    for participant in reversed(draft.participants):
        if participant["purpose"] == "agent":
            session: Document = participant["sessions"][0]
            return session
    return None


def _any_session(draft: Draft) -> Document:
    session: Document = draft.rng.choice(draft.participants)["sessions"][0]
    return session


def _labels(draft: Draft) -> None:
    draft.document |= {
        "externalTag": f"CRM-{draft.rng.randint(1, 99_999)}",
        "accessAttributes": ["restricted"],
        "associatedConversationId": uuid(draft.rng),
    }


def _participation(draft: Draft) -> None:
    draft.document["customerParticipation"] = True


def _flagged(draft: Draft) -> None:
    draft.participants[-1] |= {"flaggedReason": "general", "screenRecording": True}


def _bullseye(draft: Draft) -> None:
    session = _agent_session(draft)
    if session is None:
        return
    rng = draft.rng
    session |= {
        "requestedRoutings": ["Bullseye", "Preferred"],
        "usedRouting": "Bullseye",
        "routingRing": 2,
        "agentBullseyeRing": rng.randint(1, 5),
        "routingRule": "Ring of experts",
        "routingRuleType": "Bullseye",
        "activeSkillIds": [
            skill.id for skill in rng.sample(draft.organization.skills, 2)
        ],
        "removedSkillIds": [rng.choice(draft.organization.skills).id],
        "skillExpressionId": uuid(rng),
        "waitingInteractionCounts": [3, 5, 8],
        "eligibleAgentCounts": [0, 2, 4],
    }
    session["metrics"].append(
        metric("oSkillExpressionApplications", 1, _begun(session))
    )


def _predictive(draft: Draft) -> None:
    session = _agent_session(draft)
    if session is None:
        return
    rng = draft.rng
    agents = rng.sample(draft.organization.agents, 3)
    session |= {
        "requestedRoutings": ["Predictive"],
        "usedRouting": "Predictive",
        "selectedAgentRank": 1,
        "agentAssistantId": uuid(rng),
        "proposedAgents": [
            {"proposedAgentId": agent.id, "agentRank": rank}
            for rank, agent in enumerate(agents, start=1)
        ],
        "agentGroups": [
            {"agentGroupId": draft.organization.groups[0].id, "agentGroupType": "Group"}
        ],
    }
    session["segments"][0] |= {
        "scoredAgents": [
            {"scoredAgentId": agent.id, "agentScore": rng.randint(1, 100)}
            for agent in agents
        ],
        "requestedRoutingUserIds": [agent.id for agent in agents],
        "groupId": draft.organization.groups[0].id,
    }


def _assigned(draft: Draft) -> None:
    session = _agent_session(draft)
    if session is not None:
        session |= {
            "assignerId": draft.rng.choice(draft.organization.agents).id,
            "acwSkipped": True,
            "usedRouting": "Manual",
            "snippetRecording": True,
        }


def _linked(draft: Draft) -> None:
    for part in _any_session(draft)["segments"]:
        part |= {
            "sourceConversationId": uuid(draft.rng),
            "sourceSessionId": uuid(draft.rng),
        }


def _properties(draft: Draft) -> None:
    _any_session(draft)["segments"][0]["properties"] = [
        {"propertyType": "string", "property": "channel", "value": "störfall"},
        {"propertyType": "integer", "property": "attempt", "value": "2"},
    ]


def _media_bridge(draft: Draft) -> None:
    _any_session(draft)["mediaBridgeId"] = uuid(draft.rng)


def _supervised(draft: Draft) -> None:
    """A supervisor listens in, coaches the agent, or breaks in."""
    session = _agent_session(draft)
    if session is None or not draft.answered:
        return
    kind, field = draft.rng.choice(
        (
            ("monitoring", "monitoredParticipantId"),
            ("coaching", "coachedParticipantId"),
            ("barging", "bargedParticipantId"),
        )
    )
    supervisor = draft.rng.choice(draft.organization.agents)
    _agent, queue = draft.answered[-1]
    length = (draft.at - draft.start) // 4
    line = timeline([(kind, length)], draft.at - length, queueId=queue.id)
    extra = {field: draft.participants[-1]["participantId"]}
    draft.participant(
        "user",
        [draft.session(line, completed(line), **extra)],
        userId=supervisor.id,
        participantName=supervisor.name,
    )


def _conversion(draft: Draft) -> None:
    """Two segments and two metrics of a session that are equal to the last field."""
    session = _any_session(draft)
    begun = _begun(session)
    session["segments"] += [segment("system", begun, begun)] * 2
    session.setdefault("metrics", []).extend(
        [metric("nStateTransitionError", 1, begun)] * 2
    )


def _delivery(draft: Draft) -> None:
    if draft.media in ("message", "email"):
        _any_session(draft).update(
            deliveryStatus="DeliveryFailed",
            deliveryStatusChangeDate=stamp(draft.reach(draft.start + 900)),
            extendedDeliveryStatus="Unknown recipient",
            errorCodeDescription="Mailbox is full",
        )


def _unusual_segment(draft: Draft) -> None:
    session = _any_session(draft)
    begun = _begun(session)
    ended = draft.reach(begun + 250)
    kind = draft.rng.choice(("converting", "uploading", "unknown", "delay", "callback"))
    queue = draft.rng.choice(draft.organization.queues)
    session["segments"].append(segment(kind, begun, ended, queueId=queue.id))


def _begun(session: Document) -> int:
    return unstamp(session["segments"][0]["segmentStart"])


_FEATURES: tuple[Callable[[Draft], None], ...] = (
    _labels,
    _participation,
    _flagged,
    _bullseye,
    _predictive,
    _assigned,
    _linked,
    _properties,
    _media_bridge,
    _supervised,
    _conversion,
    _delivery,
    _unusual_segment,
)
