"""Calls: inbound, outbound, dialled by a campaign, called back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genesys_cloud_sandbox.world.identity import uuid
from genesys_cloud_sandbox.world.session_fields import (
    add_media_error,
    add_media_stats,
    disconnect_type,
    flow,
    flow_metrics,
    phone_fields,
    phone_number,
    set_call_fields,
    talk_phases,
    wrap_up_length,
)
from genesys_cloud_sandbox.world.timeline import Document, metric, timeline
from genesys_cloud_sandbox.world.times import HOUR, MINUTE, SECOND, stamp

if TYPE_CHECKING:
    from genesys_cloud_sandbox.world.conversation_builder import Builder
    from genesys_cloud_sandbox.world.organization import Queue

_SELF_SERVED, _ABANDONED, _BLIND, _CONSULT, _VOICEMAIL = 0.08, 0.09, 0.06, 0.05, 0.02


def inbound(builder: Builder) -> None:
    """Build a customer's call: menu, queue, one agent or two, or hung up on the way."""
    rng = builder.rng
    queue = rng.choice(builder.organization.queues)
    set_call_fields(builder)
    builder.document["conversationInitiator"] = "customer"
    builder.customer(**phone_fields(builder))
    if builder.chance(_SELF_SERVED):
        _menu(builder, "DISCONNECT")
        builder.document["selfServed"] = True
        builder.hang_up("peer")
        return
    _menu(builder, "TRANSFER", queue)
    if builder.chance(_ABANDONED):
        builder.wait(queue, builder.duration(2 * MINUTE), abandoned=True)
        builder.hang_up("peer")
        return
    if builder.chance(_VOICEMAIL):
        _voicemail(builder, queue)
        return
    offered = builder.at
    if builder.chance(_CONSULT):
        last = _consulted(builder, queue)
    else:
        if builder.chance(_BLIND):
            first = _answered(builder, queue, "transfer")
            _transferred(builder, first, "nBlindTransferred")
            queue = rng.choice(builder.organization.queues)
        last = _answered(builder, queue, disconnect_type(builder))
    add_media_stats(builder, last)
    add_media_error(builder)
    builder.hang_up(
        disconnect_type(builder),
        [metric("tFirstEngagement", builder.at - offered, builder.at)],
    )


def outbound(builder: Builder) -> None:
    """Build an agent's call to a customer, who may not pick up."""
    rng = builder.rng
    queue = rng.choice(builder.organization.queues)
    builder.direction = "outbound"
    set_call_fields(builder)
    builder.document["conversationInitiator"] = "agent"
    builder.customer(purpose="external", **phone_fields(builder))
    ringing = builder.duration(12 * SECOND)
    reached = builder.chance(0.7)
    agent = builder.agent(
        queue,
        [("dialing", ringing), *(talk_phases(builder) if reached else ())],
        wrap_up=wrap_up_length(builder),
        disconnect="client" if reached else "uncallable",
        metrics=[
            metric("nOutbound", 1, builder.at),
            metric("nOutboundAttempted", 1, builder.at),
            *(
                [metric("nOutboundConnected", 1, builder.at + ringing)]
                if reached
                else ()
            ),
        ],
    )
    if not reached:
        agent["sessions"][0]["segments"][0] |= {
            "errorCode": "error.ininedgecontrol.connection.station.cannotConnect",
            "sipResponseCodes": [rng.choice((404, 480, 486, 503))],
            "q850ResponseCodes": [rng.choice((16, 17, 19))],
        }
    add_media_stats(builder, agent)
    builder.hang_up("peer" if reached else "uncallable")


def campaign(builder: Builder) -> None:
    """Build a dialer's call to a contact: a person, a machine, or nobody."""
    rng = builder.rng
    chosen = rng.choice(builder.organization.campaigns)
    builder.direction = "outbound"
    set_call_fields(builder)
    builder.common |= {
        "outboundCampaignId": chosen.id,
        "outboundContactId": uuid(rng),
        "outboundContactListId": chosen.contact_list_id,
    }
    builder.document["conversationInitiator"] = "dialer"
    begun, analysed = builder.at, builder.duration(9 * SECOND)
    disposition = rng.choices(
        ("disposition.classification.callable.person",
         "disposition.classification.callable.machine",
         "disposition.classification.callable.noanswer"), (6, 3, 2)
    )[0]  # fmt: skip
    builder.customer(
        **phone_fields(builder),
        dispositionAnalyzer="EDGE",
        dispositionName=disposition,
        detectedSpeechStart=stamp(begun + analysed // 3),
        detectedSpeechEnd=stamp(begun + analysed),
    )
    line = timeline(
        [("dialing", analysed)], begun, disconnect="transfer", conference=False
    )
    opening = flow(builder, "OUTBOUNDCALL", begun, line.end)
    counted = [
        metric("nOutboundAttempted", 1, begun),
        *flow_metrics(opening, analysed, line.end),
    ]
    session = builder.session(line, counted, flow=opening)
    builder.participant("dialer", [session], participantName=chosen.name)
    builder.at = line.end
    if disposition.endswith("person"):
        builder.agent(
            chosen.queue,
            [("contacting", 300), *talk_phases(builder)],
            wrap_up=wrap_up_length(builder),
            metrics=[metric("nOutboundConnected", 1, builder.at)],
            requestedRoutings=["Predictive"],
            usedRouting="Predictive",
        )
    builder.hang_up("peer")


def callback(builder: Builder) -> None:
    """Build a callback, at once or hours later."""
    rng = builder.rng
    queue = rng.choice(builder.organization.queues)
    number = phone_number(builder)
    due = builder.at + builder.duration(6 * HOUR if builder.chance(0.5) else MINUTE)
    builder.common |= {
        "callbackNumbers": [number],
        "callbackUserName": rng.choice(("Ada", "Zoë", "王芳")),
        "callbackScheduledTime": stamp(due),
    }
    builder.document["conversationInitiator"] = "customer"
    builder.customer(skipEnabled=True, timeoutSeconds=300)
    scheduled = timeline(
        [("scheduled", due - builder.at)], builder.at, queueId=queue.id
    )
    metrics = [metric("nCallbackScheduled", 1, builder.at)]
    builder.participant("workflow", [builder.session(scheduled, metrics)])
    builder.at = due
    agent = builder.route(
        queue,
        builder.duration(2 * MINUTE),
        [("interact", builder.duration(20 * SECOND))],
        agentOwned=builder.chance(0.3),
    )
    # The call itself is a session beside the callback, of the same agent.
    placed, ringing = builder.at, builder.duration(10 * SECOND)
    line = timeline(
        [("dialing", ringing), *talk_phases(builder)], placed, disconnect="client",
        queueId=queue.id,
    )  # fmt: skip
    talked = line.totals["tTalk"]
    held = line.totals.get("tHeld", 0)
    counted = [
        metric("nOutbound", 1, placed),
        metric("tCallbackConnect", ringing, placed + ringing),
        metric("tActiveCallback", line.end - placed, line.end),
        metric("tHandle", talked + held, line.end),
    ]
    call = builder.session(line, counted, media="voice", **phone_fields(builder))
    call["direction"] = "outbound"
    agent["sessions"].append(call)
    builder.at = line.end
    builder.hang_up("client")


def _menu(builder: Builder, exit_reason: str, queue: Queue | None = None) -> None:
    """Add the IVR's participant."""
    length = 3 * SECOND + builder.duration(25 * SECOND)
    begun = builder.at
    line = timeline(
        [("system", 40), ("ivr", length)], begun,
        disconnect="transfer" if queue else "peer",
    )  # fmt: skip
    passage = flow(
        builder,
        "INBOUNDCALL",
        begun,
        line.end,
        exit_reason=exit_reason,
        target=queue.name if queue else "",
    )
    metrics = flow_metrics(passage, line.end - begun, line.end)
    fields: Document = {"flowOutType": "ACD"} if queue else {}
    builder.participant(
        "ivr",
        [builder.session(line, metrics, flow=passage, **fields)],
        participantName=passage["flowName"],
        attributes={"menuChoice": builder.rng.choice("123450"), "language": "en-us"},
    )
    builder.at = line.end


def _answered(builder: Builder, queue: Queue, disconnect: str) -> Document:
    return builder.route(
        queue,
        builder.duration(30 * SECOND),
        talk_phases(builder),
        wrap_up=wrap_up_length(builder),
        disconnect=disconnect,
    )


def _consulted(builder: Builder, queue: Queue) -> Document:
    """Add an agent who consults a colleague, and transfers the call to that one."""
    rng = builder.rng
    asking = builder.duration(MINUTE)
    first = builder.route(
        queue,
        builder.duration(30 * SECOND),
        [*talk_phases(builder), ("hold", asking)],
        wrap_up=wrap_up_length(builder),
        disconnect="consultTransfer",
    )
    _transferred(builder, first, "nConsultTransferred")
    begun = builder.at - asking
    line = timeline([("contacting", asking)], begun, conference=False)
    consulted = metric("nConsult", 1, begun)
    consult = builder.session(line, [consulted], **phone_fields(builder))
    consult["direction"] = "outbound"
    consult["segments"][0] |= {
        "destinationConversationId": uuid(rng),
        "destinationSessionId": uuid(rng),
    }
    first["sessions"].append(consult)
    joined = builder.chance(0.3)
    if joined:
        builder.document["conferenceStart"] = stamp(builder.at)
    if builder.chance(0.3):
        builder.document["consultationConversationIds"] = [uuid(rng)]
    second = rng.choice(builder.organization.queues)
    last = builder.agent(second, talk_phases(builder), wrap_up=wrap_up_length(builder))
    if joined:
        last["sessions"][0]["segments"][0]["conference"] = True
    return last


def _voicemail(builder: Builder, queue: Queue) -> None:
    """Add the customer's message when nobody answers."""
    builder.wait(queue, builder.duration(2 * MINUTE))
    line = timeline(
        [("voicemail", builder.duration(30 * SECOND))], builder.at, queueId=queue.id
    )
    builder.participant("voicemail", [builder.session(line)])
    builder.at = line.end
    builder.hang_up("peer")


def _transferred(builder: Builder, agent: Document, kind: str) -> None:
    agent["sessions"][0]["metrics"] += [
        metric("nTransferred", 1, builder.at),
        metric(kind, 1, builder.at),
    ]
