"""Stories that are written or shown: chat, message, email, and what agents share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genesys_cloud_sandbox.world.flows import flow, flow_metrics
from genesys_cloud_sandbox.world.identity import uuid
from genesys_cloud_sandbox.world.timeline import Document, Phase, metric, timeline
from genesys_cloud_sandbox.world.times import DAY, HOUR, MINUTE, SECOND, stamp

if TYPE_CHECKING:
    from genesys_cloud_sandbox.world.draft import Draft
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
_MOST_PAUSES = 10
"""How many pauses of mean length a conversation may be left alone, all in all."""


def chat(draft: Draft) -> None:
    """A customer chats on the web site."""
    queue = _queue(draft)
    draft.common = {"roomId": f"{uuid(draft.rng)}@conference.sandbox.example"}
    draft.document["conversationInitiator"] = "customer"
    draft.customer(**_journey(draft))
    _reception(draft, "INBOUNDCHAT", "workflow", queue)
    if draft.chance(0.12):
        draft.wait(queue, draft.around(2 * MINUTE), abandoned=True)
    else:
        draft.route(
            queue,
            draft.around(20 * SECOND),
            [("interact", draft.around(6 * MINUTE))],
            wrap_up=draft.around(20 * SECOND),
            disconnect="peer",
        )
    draft.hang_up("peer")


def message(draft: Draft) -> None:
    """A customer writes, a bot answers, an agent takes over; it may go on for days."""
    rng = draft.rng
    queue = _queue(draft)
    platform, kind = rng.choice(_PLATFORMS)
    sender = f"+1317555{rng.randint(0, 9_999):04}"
    draft.common = {
        "messageType": kind,
        "engagementSource": platform,
        "addressFrom": sender,
        "addressTo": "+18005550100",
        "remote": sender,
    }
    draft.document["conversationInitiator"] = "customer"
    if platform in _PUBLIC:
        draft.document["originatingSocialMediaPublic"] = draft.chance(0.5)
    draft.customer(
        authenticated=draft.chance(0.3),
        deliveryStatus="Received",
        deliveryStatusChangeDate=stamp(draft.reach(draft.start + 2 * SECOND)),
        extendedDeliveryStatus="Message accepted",
        mediaCount=rng.randint(0, 3),
        **_journey(draft),
    )
    _reception(draft, "INBOUNDSHORTMESSAGE", "workflow", queue)
    draft.document["knowledgeBaseIds"] = [draft.organization.knowledge_bases[0].id]
    if draft.chance(0.5):
        _reception(draft, "DIGITALBOT", "botflow", queue)
        if draft.chance(0.4):
            draft.document["selfServed"] = True
            draft.hang_up("system")
            return
    draft.route(
        queue,
        draft.around(3 * MINUTE),
        _exchange(draft, 4 * MINUTE, 2 * HOUR, 5),
        wrap_up=draft.around(30 * SECOND),
        disconnect=rng.choice(("client", "inactivity", "timeout")),
        metrics=[
            metric("oMessageCount", rng.randint(2, 30), draft.at),
            metric("oMessageTurn", rng.randint(2, 9), draft.at),
            metric("oMediaCount", rng.randint(0, 3), draft.at),
        ],
        deliveryPushed=True,
    )
    draft.document["inactivityTimeout"] = stamp(draft.at + 3 * DAY)
    draft.hang_up("inactivity", [metric("tFirstResponse", 9 * SECOND, draft.start)])


def email(draft: Draft) -> None:
    """A mail, its answer, the answer to that: hours, days, midnights."""
    rng = draft.rng
    queue = _queue(draft)
    subject = rng.choice(_SUBJECTS)
    draft.common = {
        "addressFrom": f"customer{rng.randint(1, 9_999)}@mail.example",
        "addressTo": "service@sandbox.example",
        "addressOther": "noreply@sandbox.example",
    }
    if draft.chance(0.2):
        draft.common |= {
            "cc": ["böss@mail.example"],
            "bcc": ["archive@mail.example", "legal@mail.example"],
            "destinationAddresses": ["service@sandbox.example"],
        }
    if draft.chance(0.15):
        draft.direction = "outbound"
    draft.document["conversationInitiator"] = (
        "customer" if draft.direction == "inbound" else "agent"
    )
    draft.customer(cleared=draft.chance(0.02))
    if draft.direction == "inbound":
        _reception(draft, "INBOUNDEMAIL", "workflow", queue)
        if draft.chance(0.05):
            draft.wait(queue, draft.around(20 * HOUR), abandoned=True)
            draft.hang_up("spam")
            return
    agent = draft.route(
        queue,
        draft.around(2 * HOUR),
        _exchange(draft, 6 * MINUTE, 20 * HOUR, 4),
        wrap_up=draft.around(MINUTE),
        disconnect=rng.choice(("client", "transfer")),
    )
    for segment in agent["sessions"][0]["segments"]:
        segment["subject"] = subject
    if draft.chance(0.3):
        sending = timeline(
            [("transmitting", draft.around(4 * SECOND))], draft.at, queueId=queue.id
        )
        agent["sessions"].append(draft.session(sending))
    draft.hang_up("client")


def internal_message(draft: Draft) -> None:
    """Two colleagues write to each other."""
    draft.direction = "outbound"
    draft.document["conversationInitiator"] = "user"
    queue = _queue(draft)
    colleague = draft.rng.choice(draft.organization.agents)
    draft.customer(purpose="user", addressSelf=colleague.address)
    draft.agent(queue, [("interact", draft.around(5 * MINUTE))])
    draft.hang_up("client")


def shown(draft: Draft) -> None:
    """A customer is shown something, or shows it: video, co-browse, shared screen."""
    rng, media = draft.rng, draft.media
    queue = _queue(draft)
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
    draft.document["conversationInitiator"] = "customer"
    draft.customer(**fields)
    kind = {"screenmonitoring": "screenmonitoring", "screenshare": "sharing"}.get(
        media, "interact"
    )
    agent = draft.agent(
        queue, [(kind, draft.around(8 * MINUTE))], disconnect="client", **fields
    )
    if media == "video":
        agent["sessions"][0]["segments"][0] |= {"videoMuted": False, "audioMuted": True}
        agent["sessions"][0]["metrics"].append(
            metric("tAgentVideoConnected", draft.at - draft.start, draft.at)
        )
    draft.hang_up("peer")


def _queue(draft: Draft) -> Queue:
    return draft.rng.choice(draft.organization.queues)


def _reception(draft: Draft, flow_type: str, purpose: str, queue: Queue) -> None:
    """A flow sorts the conversation, or a bot talks, before it is queued."""
    begun = draft.at
    line = timeline(
        [("system", draft.around(20 * SECOND if purpose == "botflow" else SECOND))],
        begun,
        measured=False,
        disconnect="transfer",
    )
    passage = flow(draft, flow_type, begun, line.end, target=queue.name)
    metrics = flow_metrics(passage, line.end - begun, line.end)
    if purpose == "botflow":
        metrics.append(metric("nBotInteractions", draft.rng.randint(1, 9), line.end))
    session = draft.session(
        line, metrics, flow=passage, flowInType="message", flowOutType="ACD"
    )
    draft.participant(purpose, [session], participantName=passage["flowName"])
    draft.at = line.end


def _exchange(draft: Draft, work: int, pause: int, most: int) -> list[Phase]:
    """Turns at work with the conversation parked in between."""
    phases: list[Phase] = [("interact", draft.around(work))]
    patience = _MOST_PAUSES * pause
    for _ in range(draft.rng.randint(0, most - 1)):
        parked = min(draft.around(pause), patience)
        phases += [("parked", parked), ("interact", draft.around(work))]
        patience -= parked
    return phases


def _journey(draft: Draft) -> Document:
    """The visit on the web site that a conversation came from."""
    rng = draft.rng
    if not draft.chance(0.2):
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
