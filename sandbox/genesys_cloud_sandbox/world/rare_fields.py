"""Fields that few conversations have, malformed text, and fields of no model.

With them every field of the model occurs in a few thousand conversations.
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
    from collections.abc import Callable, Iterator

    from genesys_cloud_sandbox.world.conversation_builder import Builder

_SHARE = 0.3
_MALFORMED = (
    "cut \x00 off",
    "half an emoji \ud83d",
    "\x00",
    "\udc00 low alone \x00 and NUL",
)


def add_rare_fields(builder: Builder) -> None:
    """Add rare fields that belong together to a share of the conversations."""
    while builder.chance(_SHARE):
        builder.rng.choice(_RARE_FIELDS)(builder)


def _agent_session(builder: Builder) -> Document | None:
    for participant in reversed(builder.participants):
        if participant["purpose"] == "agent":
            session: Document = participant["sessions"][0]
            return session
    return None


def _any_session(builder: Builder) -> Document:
    session: Document = builder.rng.choice(builder.participants)["sessions"][0]
    return session


def _labels(builder: Builder) -> None:
    builder.document |= {
        "externalTag": f"CRM-{builder.rng.randint(1, 99_999)}",
        "accessAttributes": ["restricted"],
        "associatedConversationId": uuid(builder.rng),
    }


def _participation(builder: Builder) -> None:
    builder.document["customerParticipation"] = True


def _flagged(builder: Builder) -> None:
    builder.participants[-1] |= {"flaggedReason": "general", "screenRecording": True}


def _bullseye(builder: Builder) -> None:
    session = _agent_session(builder)
    if session is None:
        return
    rng = builder.rng
    session |= {
        "requestedRoutings": ["Bullseye", "Preferred"],
        "usedRouting": "Bullseye",
        "routingRing": 2,
        "agentBullseyeRing": rng.randint(1, 5),
        "routingRule": "Ring of experts",
        "routingRuleType": "Bullseye",
        "activeSkillIds": [
            skill.id for skill in rng.sample(builder.organization.skills, 2)
        ],
        "removedSkillIds": [rng.choice(builder.organization.skills).id],
        "skillExpressionId": uuid(rng),
        "waitingInteractionCounts": [3, 5, 8],
        "eligibleAgentCounts": [0, 2, 4],
    }
    session["metrics"].append(
        metric("oSkillExpressionApplications", 1, _begun(session))
    )


def _predictive(builder: Builder) -> None:
    session = _agent_session(builder)
    if session is None:
        return
    rng = builder.rng
    agents = rng.sample(builder.organization.agents, 3)
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
            {
                "agentGroupId": builder.organization.groups[0].id,
                "agentGroupType": "Group",
            }
        ],
    }
    session["segments"][0] |= {
        "scoredAgents": [
            {"scoredAgentId": agent.id, "agentScore": rng.randint(1, 100)}
            for agent in agents
        ],
        "requestedRoutingUserIds": [agent.id for agent in agents],
        "groupId": builder.organization.groups[0].id,
    }


def _assigned(builder: Builder) -> None:
    session = _agent_session(builder)
    if session is not None:
        session |= {
            "assignerId": builder.rng.choice(builder.organization.agents).id,
            "acwSkipped": True,
            "usedRouting": "Manual",
            "snippetRecording": True,
        }


def _source_conversation(builder: Builder) -> None:
    for part in _any_session(builder)["segments"]:
        part |= {
            "sourceConversationId": uuid(builder.rng),
            "sourceSessionId": uuid(builder.rng),
        }


def _properties(builder: Builder) -> None:
    _any_session(builder)["segments"][0]["properties"] = [
        {"propertyType": "string", "property": "channel", "value": "störfall"},
        {"propertyType": "integer", "property": "attempt", "value": "2"},
    ]


def _media_bridge(builder: Builder) -> None:
    _any_session(builder)["mediaBridgeId"] = uuid(builder.rng)


def _supervised(builder: Builder) -> None:
    """Add a supervisor who monitors, coaches or barges in."""
    session = _agent_session(builder)
    if session is None or not builder.answered:
        return
    kind, field = builder.rng.choice(
        (
            ("monitoring", "monitoredParticipantId"),
            ("coaching", "coachedParticipantId"),
            ("barging", "bargedParticipantId"),
        )
    )
    supervisor = builder.rng.choice(builder.organization.agents)
    _agent, queue = builder.answered[-1]
    length = (builder.at - builder.start) // 4
    line = timeline([(kind, length)], builder.at - length, queueId=queue.id)
    extra = {field: builder.participants[-1]["participantId"]}
    builder.participant(
        "user",
        [builder.session(line, completed(line), **extra)],
        userId=supervisor.id,
        participantName=supervisor.name,
    )


def _equal_segments(builder: Builder) -> None:
    """Add two segments and two metrics of a session that are equal in every field."""
    session = _any_session(builder)
    begun = _begun(session)
    session["segments"] += [segment("system", begun, begun)] * 2
    session.setdefault("metrics", []).extend(
        [metric("nStateTransitionError", 1, begun)] * 2
    )


def _delivery(builder: Builder) -> None:
    if builder.media in ("message", "email"):
        _any_session(builder).update(
            deliveryStatus="DeliveryFailed",
            deliveryStatusChangeDate=stamp(builder.happens_at(builder.start + 900)),
            extendedDeliveryStatus="Unknown recipient",
            errorCodeDescription="Mailbox is full",
        )


def _unusual_segment(builder: Builder) -> None:
    session = _any_session(builder)
    begun = _begun(session)
    ended = builder.happens_at(begun + 250)
    kind = builder.rng.choice(
        ("converting", "uploading", "unknown", "delay", "callback")
    )
    queue = builder.rng.choice(builder.organization.queues)
    session["segments"].append(segment(kind, begun, ended, queueId=queue.id))


def _begun(session: Document) -> int:
    return unstamp(session["segments"][0]["segmentStart"])


_RARE_FIELDS: tuple[Callable[[Builder], None], ...] = (
    _labels,
    _participation,
    _flagged,
    _bullseye,
    _predictive,
    _assigned,
    _source_conversation,
    _properties,
    _media_bridge,
    _supervised,
    _equal_segments,
    _delivery,
    _unusual_segment,
)


def add_malformed_text(builder: Builder, share: float) -> None:
    """Put NUL characters and lone surrogates into a share of the participants."""
    for participant in builder.participants:
        if builder.chance(share):
            participant["participantName"] = builder.rng.choice(_MALFORMED)
            for segment in participant["sessions"][-1]["segments"]:
                if segment["segmentType"] == "wrapup":
                    segment["wrapUpNote"] = builder.rng.choice(_MALFORMED)
            participant.setdefault("attributes", {})["remark"] = builder.rng.choice(
                _MALFORMED
            )


def add_unknown_fields(builder: Builder, share: float) -> None:
    """Add fields that no model has to a share of the objects of every level."""
    for level, item in _objects(builder.document):
        if builder.chance(share):
            item[f"new{level}Field"] = {"since": "next Monday", "values": [1, None]}


def _objects(document: Document) -> Iterator[tuple[str, Document]]:
    yield "Conversation", document
    for name in ("evaluations", "surveys", "resolutions"):
        for item in document.get(name, ()):
            yield name[:-1].capitalize(), item
    for participant in document["participants"]:
        yield "Participant", participant
        for session in participant["sessions"]:
            yield "Session", session
            if "flow" in session:
                yield "Flow", session["flow"]
                for outcome in session["flow"].get("outcomes", ()):
                    yield "Outcome", outcome
            for level in ("segments", "metrics", "mediaEndpointStats"):
                for item in session.get(level, ()):
                    yield level[:-1].capitalize(), item
