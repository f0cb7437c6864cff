"""Stories of calls: inbound, outbound, dialled by a campaign, called back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genesys_cloud_sandbox.world.flows import flow, flow_metrics
from genesys_cloud_sandbox.world.identity import uuid
from genesys_cloud_sandbox.world.telephony import (
    add_media_stats,
    after_call,
    break_now_and_then,
    ending,
    line_of_call,
    phone,
    phone_number,
    talk,
)
from genesys_cloud_sandbox.world.timeline import Document, metric, timeline
from genesys_cloud_sandbox.world.times import HOUR, MINUTE, SECOND, stamp

if TYPE_CHECKING:
    from genesys_cloud_sandbox.world.draft import Draft
    from genesys_cloud_sandbox.world.organization import Queue

_SELF_SERVED, _ABANDONED, _BLIND, _CONSULT, _VOICEMAIL = 0.08, 0.09, 0.06, 0.05, 0.02


def inbound(draft: Draft) -> None:
    """A customer calls: menu, queue, one agent or two, or hangs up on the way."""
    rng = draft.rng
    queue = rng.choice(draft.organization.queues)
    line_of_call(draft)
    draft.document["conversationInitiator"] = "customer"
    draft.customer(**phone(draft))
    if draft.chance(_SELF_SERVED):
        _menu(draft, "DISCONNECT")
        draft.document["selfServed"] = True
        draft.hang_up("peer")
        return
    _menu(draft, "TRANSFER", queue)
    if draft.chance(_ABANDONED):
        draft.wait(queue, draft.around(2 * MINUTE), abandoned=True)
        draft.hang_up("peer")
        return
    if draft.chance(_VOICEMAIL):
        _voicemail(draft, queue)
        return
    offered = draft.at
    if draft.chance(_CONSULT):
        last = _consulted(draft, queue)
    else:
        if draft.chance(_BLIND):
            first = _answered(draft, queue, "transfer")
            _transferred(draft, first, "nBlindTransferred")
            queue = rng.choice(draft.organization.queues)
        last = _answered(draft, queue, ending(draft))
    add_media_stats(draft, last)
    break_now_and_then(draft)
    draft.hang_up(
        ending(draft), [metric("tFirstEngagement", draft.at - offered, draft.at)]
    )


def outbound(draft: Draft) -> None:
    """An agent calls a customer, who may not pick up."""
    rng = draft.rng
    queue = rng.choice(draft.organization.queues)
    draft.direction = "outbound"
    line_of_call(draft)
    draft.document["conversationInitiator"] = "agent"
    draft.customer(purpose="external", **phone(draft))
    ringing = draft.around(12 * SECOND)
    reached = draft.chance(0.7)
    agent = draft.agent(
        queue,
        [("dialing", ringing), *(talk(draft) if reached else ())],
        wrap_up=after_call(draft),
        disconnect="client" if reached else "uncallable",
        metrics=[
            metric("nOutbound", 1, draft.at),
            metric("nOutboundAttempted", 1, draft.at),
            *([metric("nOutboundConnected", 1, draft.at + ringing)] if reached else ()),
        ],
    )
    if not reached:
        agent["sessions"][0]["segments"][0] |= {
            "errorCode": "error.ininedgecontrol.connection.station.cannotConnect",
            "sipResponseCodes": [rng.choice((404, 480, 486, 503))],
            "q850ResponseCodes": [rng.choice((16, 17, 19))],
        }
    add_media_stats(draft, agent)
    draft.hang_up("peer" if reached else "uncallable")


def campaign(draft: Draft) -> None:
    """The dialer calls a contact: a person, a machine, or nobody."""
    rng = draft.rng
    chosen = rng.choice(draft.organization.campaigns)
    draft.direction = "outbound"
    line_of_call(draft)
    draft.common |= {
        "outboundCampaignId": chosen.id,
        "outboundContactId": uuid(rng),
        "outboundContactListId": chosen.contact_list_id,
    }
    draft.document["conversationInitiator"] = "dialer"
    begun, analysed = draft.at, draft.around(9 * SECOND)
    disposition = rng.choices(
        ("disposition.classification.callable.person",
         "disposition.classification.callable.machine",
         "disposition.classification.callable.noanswer"), (6, 3, 2)
    )[0]  # fmt: skip
    draft.customer(
        **phone(draft),
        dispositionAnalyzer="EDGE",
        dispositionName=disposition,
        detectedSpeechStart=stamp(begun + analysed // 3),
        detectedSpeechEnd=stamp(begun + analysed),
    )
    line = timeline(
        [("dialing", analysed)], begun, disconnect="transfer", conference=False
    )
    opening = flow(draft, "OUTBOUNDCALL", begun, line.end)
    counted = [
        metric("nOutboundAttempted", 1, begun),
        *flow_metrics(opening, analysed, line.end),
    ]
    session = draft.session(line, counted, flow=opening)
    draft.participant("dialer", [session], participantName=chosen.name)
    draft.at = line.end
    if disposition.endswith("person"):
        draft.agent(
            chosen.queue,
            [("contacting", 300), *talk(draft)],
            wrap_up=after_call(draft),
            metrics=[metric("nOutboundConnected", 1, draft.at)],
            requestedRoutings=["Predictive"],
            usedRouting="Predictive",
        )
    draft.hang_up("peer")


def callback(draft: Draft) -> None:
    """A customer asks to be called, now or hours later; an agent owns the promise."""
    rng = draft.rng
    queue = rng.choice(draft.organization.queues)
    number = phone_number(draft)
    due = draft.at + draft.around(6 * HOUR if draft.chance(0.5) else MINUTE)
    draft.common |= {
        "callbackNumbers": [number],
        "callbackUserName": rng.choice(("Ada", "Zoë", "王芳")),
        "callbackScheduledTime": stamp(due),
    }
    draft.document["conversationInitiator"] = "customer"
    draft.customer(skipEnabled=True, timeoutSeconds=300)
    scheduled = timeline([("scheduled", due - draft.at)], draft.at, queueId=queue.id)
    metrics = [metric("nCallbackScheduled", 1, draft.at)]
    draft.participant("workflow", [draft.session(scheduled, metrics)])
    draft.at = due
    agent = draft.route(
        queue,
        draft.around(2 * MINUTE),
        [("interact", draft.around(20 * SECOND))],
        agentOwned=draft.chance(0.3),
    )
    # The call itself is a session beside the callback, of the same agent.
    placed, ringing = draft.at, draft.around(10 * SECOND)
    line = timeline(
        [("dialing", ringing), *talk(draft)], placed, disconnect="client",
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
    call = draft.session(line, counted, media="voice", **phone(draft))
    call["direction"] = "outbound"
    agent["sessions"].append(call)
    draft.at = line.end
    draft.hang_up("client")


def _menu(draft: Draft, exit_reason: str, queue: Queue | None = None) -> None:
    """Add the IVR's participant."""
    length = 3 * SECOND + draft.around(25 * SECOND)
    begun = draft.at
    line = timeline(
        [("system", 40), ("ivr", length)], begun,
        disconnect="transfer" if queue else "peer",
    )  # fmt: skip
    told = flow(
        draft,
        "INBOUNDCALL",
        begun,
        line.end,
        exit_reason=exit_reason,
        target=queue.name if queue else "",
    )
    metrics = flow_metrics(told, line.end - begun, line.end)
    fields: Document = {"flowOutType": "ACD"} if queue else {}
    draft.participant(
        "ivr",
        [draft.session(line, metrics, flow=told, **fields)],
        participantName=told["flowName"],
        attributes={"menuChoice": draft.rng.choice("123450"), "language": "en-us"},
    )
    draft.at = line.end


def _answered(draft: Draft, queue: Queue, disconnect: str) -> Document:
    return draft.route(
        queue,
        draft.around(30 * SECOND),
        talk(draft),
        wrap_up=after_call(draft),
        disconnect=disconnect,
    )


def _consulted(draft: Draft, queue: Queue) -> Document:
    """An agent holds the call, asks a colleague, and hands it over to that one."""
    rng = draft.rng
    asking = draft.around(MINUTE)
    first = draft.route(
        queue,
        draft.around(30 * SECOND),
        [*talk(draft), ("hold", asking)],
        wrap_up=after_call(draft),
        disconnect="consultTransfer",
    )
    _transferred(draft, first, "nConsultTransferred")
    begun = draft.at - asking
    line = timeline([("contacting", asking)], begun, conference=False)
    consulted = metric("nConsult", 1, begun)
    consult = draft.session(line, [consulted], **phone(draft))
    consult["direction"] = "outbound"
    consult["segments"][0] |= {
        "destinationConversationId": uuid(rng),
        "destinationSessionId": uuid(rng),
    }
    first["sessions"].append(consult)
    joined = draft.chance(0.3)
    if joined:
        draft.document["conferenceStart"] = stamp(draft.at)
    if draft.chance(0.3):
        draft.document["consultationConversationIds"] = [uuid(rng)]
    second = rng.choice(draft.organization.queues)
    last = draft.agent(second, talk(draft), wrap_up=after_call(draft))
    if joined:
        last["sessions"][0]["segments"][0]["conference"] = True
    return last


def _voicemail(draft: Draft, queue: Queue) -> None:
    """Nobody answers: the customer leaves a message."""
    draft.wait(queue, draft.around(2 * MINUTE))
    line = timeline(
        [("voicemail", draft.around(30 * SECOND))], draft.at, queueId=queue.id
    )
    draft.participant("voicemail", [draft.session(line)])
    draft.at = line.end
    draft.hang_up("peer")


def _transferred(draft: Draft, agent: Document, kind: str) -> None:
    agent["sessions"][0]["metrics"] += [
        metric("nTransferred", 1, draft.at),
        metric(kind, 1, draft.at),
    ]
