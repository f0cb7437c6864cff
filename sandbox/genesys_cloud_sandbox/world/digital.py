"""Digital conversations: chat, message, email, video, co-browse, shared screens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genesys_cloud_sandbox.world.identity import uuid
from genesys_cloud_sandbox.world.organization import SERVICE_NUMBER
from genesys_cloud_sandbox.world.session_fields import flow, flow_metrics
from genesys_cloud_sandbox.world.timeline import Document, Phase, metric, timeline
from genesys_cloud_sandbox.world.times import DAY, HOUR, MINUTE, SECOND, stamp

if TYPE_CHECKING:
    from genesys_cloud_sandbox.world.conversation_builder import Builder
    from genesys_cloud_sandbox.world.organization import Queue

_SUBJECTS = (
    "Order 4711: where is it?",
    "Rechnung über 1.200 €",
    "Réclamation : colis abîmé 📦",
    "返品について",
    "RE: RE: FW: contract",
)
_PLATFORMS = (
    ("WhatsApp", "whatsapp"), ("Facebook", "facebook"), ("SMS", "sms"),
    ("WebChat", "webmessaging"), ("Instagram", "instagram"), ("X", "twitter"),
    ("AppleMessagesForBusiness", "apple"), ("OpenMessaging", "open"),
)  # fmt: skip
_PUBLIC = ("Facebook", "Instagram", "X")
#: How many pauses of mean length a conversation may be left alone, all in all.
_MOST_PAUSES = 10


def chat(builder: Builder) -> None:
    """Build a chat on the web site."""
    queue = _queue(builder)
    builder.common = {"roomId": f"{uuid(builder.rng)}@conference.sandbox.example"}
    builder.document["conversationInitiator"] = "customer"
    builder.customer(**_journey_fields(builder))
    _flow_before_queue(builder, "INBOUNDCHAT", "workflow", queue)
    if builder.chance(0.12):
        builder.wait(queue, builder.duration(2 * MINUTE), abandoned=True)
    else:
        builder.route(
            queue,
            builder.duration(20 * SECOND),
            [("interact", builder.duration(6 * MINUTE))],
            wrap_up=builder.duration(20 * SECOND),
            disconnect="peer",
        )
    builder.hang_up("peer")


def message(builder: Builder) -> None:
    """Build messages to a bot, then an agent; they may go on for days."""
    rng = builder.rng
    queue = _queue(builder)
    platform, kind = rng.choice(_PLATFORMS)
    sender = f"+1317555{rng.randint(0, 9_999):04}"
    builder.common = {
        "messageType": kind,
        "engagementSource": platform,
        "addressFrom": sender,
        "addressTo": SERVICE_NUMBER,
        "remote": sender,
    }
    builder.document["conversationInitiator"] = "customer"
    if platform in _PUBLIC:
        builder.document["originatingSocialMediaPublic"] = builder.chance(0.5)
    builder.customer(
        authenticated=builder.chance(0.3),
        deliveryStatus="Received",
        deliveryStatusChangeDate=stamp(builder.happens_at(builder.start + 2 * SECOND)),
        extendedDeliveryStatus="Message accepted",
        mediaCount=rng.randint(0, 3),
        **_journey_fields(builder),
    )
    _flow_before_queue(builder, "INBOUNDSHORTMESSAGE", "workflow", queue)
    builder.document["knowledgeBaseIds"] = [builder.organization.knowledge_bases[0].id]
    if builder.chance(0.5):
        _flow_before_queue(builder, "DIGITALBOT", "botflow", queue)
        if builder.chance(0.4):
            builder.document["selfServed"] = True
            builder.hang_up("system")
            return
    builder.route(
        queue,
        builder.duration(3 * MINUTE),
        _interactions(builder, 4 * MINUTE, 2 * HOUR, 5),
        wrap_up=builder.duration(30 * SECOND),
        disconnect=rng.choice(("client", "inactivity", "timeout")),
        metrics=[
            metric("oMessageCount", rng.randint(2, 30), builder.at),
            metric("oMessageTurn", rng.randint(2, 9), builder.at),
            metric("oMediaCount", rng.randint(0, 3), builder.at),
        ],
        deliveryPushed=True,
    )
    builder.document["inactivityTimeout"] = stamp(builder.at + 3 * DAY)
    builder.hang_up("inactivity", [metric("tFirstResponse", 9 * SECOND, builder.start)])


def email(builder: Builder) -> None:
    """Build an e-mail and answers to it, over hours or days, past midnights."""
    rng = builder.rng
    queue = _queue(builder)
    subject = rng.choice(_SUBJECTS)
    builder.common = {
        "addressFrom": f"customer{rng.randint(1, 9_999)}@mail.example",
        "addressTo": "service@sandbox.example",
        "addressOther": "noreply@sandbox.example",
    }
    if builder.chance(0.2):
        builder.common |= {
            "cc": ["böss@mail.example"],
            "bcc": ["archive@mail.example", "legal@mail.example"],
            "destinationAddresses": ["service@sandbox.example"],
        }
    if builder.chance(0.15):
        builder.direction = "outbound"
    builder.document["conversationInitiator"] = (
        "customer" if builder.direction == "inbound" else "agent"
    )
    builder.customer(cleared=builder.chance(0.02))
    if builder.direction == "inbound":
        _flow_before_queue(builder, "INBOUNDEMAIL", "workflow", queue)
        if builder.chance(0.05):
            builder.wait(queue, builder.duration(20 * HOUR), abandoned=True)
            builder.hang_up("spam")
            return
    agent = builder.route(
        queue,
        builder.duration(2 * HOUR),
        _interactions(builder, 6 * MINUTE, 20 * HOUR, 4),
        wrap_up=builder.duration(MINUTE),
        disconnect=rng.choice(("client", "transfer")),
    )
    for segment in agent["sessions"][0]["segments"]:
        segment["subject"] = subject
    if builder.chance(0.3):
        sending = timeline(
            [("transmitting", builder.duration(4 * SECOND))],
            builder.at,
            queueId=queue.id,
        )
        agent["sessions"].append(builder.session(sending))
    builder.hang_up("client")


def internal_message(builder: Builder) -> None:
    """Build messages between two colleagues."""
    builder.direction = "outbound"
    builder.document["conversationInitiator"] = "user"
    queue = _queue(builder)
    colleague = builder.rng.choice(builder.organization.agents)
    builder.customer(purpose="user", addressSelf=colleague.address)
    builder.agent(queue, [("interact", builder.duration(5 * MINUTE))])
    builder.hang_up("client")


def visual(builder: Builder) -> None:
    """Build a conversation with video, co-browse, or a shared or monitored screen."""
    rng, media = builder.rng, builder.media
    queue = _queue(builder)
    room = f"{uuid(rng)}@conference.sandbox.example"
    shared: dict[str, Document] = {
        "video": {"videoRoomId": room, "videoAddressSelf": "video@sandbox.example"},
        "cobrowse": {"cobrowseRoomId": room, "cobrowseRole": "viewer"},
        "screenshare": {
            "screenShareRoomId": room,
            "screenShareAddressSelf": "screen@sandbox.example",
            "sharingScreen": True,
        },
        "screenmonitoring": {"screenMonitoredUserId": queue.agents[0].id},
    }
    fields = shared.get(media, {})
    builder.document["conversationInitiator"] = "customer"
    builder.customer(**fields)
    kind = {"screenmonitoring": "screenmonitoring", "screenshare": "sharing"}.get(
        media, "interact"
    )
    agent = builder.agent(
        queue, [(kind, builder.duration(8 * MINUTE))], disconnect="client", **fields
    )
    if media == "video":
        agent["sessions"][0]["segments"][0] |= {"videoMuted": False, "audioMuted": True}
        agent["sessions"][0]["metrics"].append(
            metric("tAgentVideoConnected", builder.at - builder.start, builder.at)
        )
    builder.hang_up("peer")


def _queue(builder: Builder) -> Queue:
    return builder.rng.choice(builder.organization.queues)


def _flow_before_queue(
    builder: Builder, flow_type: str, purpose: str, queue: Queue
) -> None:
    """Add the flow or the bot that the conversation passes before it is queued."""
    begun = builder.at
    line = timeline(
        [("system", builder.duration(20 * SECOND if purpose == "botflow" else SECOND))],
        begun,
        measured=False,
        disconnect="transfer",
    )
    passage = flow(builder, flow_type, begun, line.end, target=queue.name)
    metrics = flow_metrics(passage, line.end - begun, line.end)
    if purpose == "botflow":
        metrics.append(metric("nBotInteractions", builder.rng.randint(1, 9), line.end))
    session = builder.session(
        line, metrics, flow=passage, flowInType="message", flowOutType="ACD"
    )
    builder.participant(purpose, [session], participantName=passage["flowName"])
    builder.at = line.end


def _interactions(builder: Builder, work: int, pause: int, most: int) -> list[Phase]:
    """Return phases of interaction with the conversation parked in between."""
    phases: list[Phase] = [("interact", builder.duration(work))]
    patience = _MOST_PAUSES * pause
    for _ in range(builder.rng.randint(0, most - 1)):
        parked = min(builder.duration(pause), patience)
        phases += [("parked", parked), ("interact", builder.duration(work))]
        patience -= parked
    return phases


def _journey_fields(builder: Builder) -> Document:
    """Return the visit on the web site that a conversation came from, if any."""
    rng = builder.rng
    if not builder.chance(0.2):
        return {}
    return {
        "journeyCustomerId": uuid(rng),
        "journeyCustomerIdType": "cookie",
        "journeyCustomerSessionId": uuid(rng),
        "journeyCustomerSessionIdType": "web",
        "journeyActionId": uuid(rng),
        "journeyActionMapId": uuid(rng),
        "journeyActionMapVersion": rng.randint(1, 9),
    }
