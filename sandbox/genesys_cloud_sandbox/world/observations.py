"""Observations at an instant: conversations in queues and flows, and agents."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from genesys_cloud_sandbox.world.conversation_details import as_of
from genesys_cloud_sandbox.world.timeline import sessions
from genesys_cloud_sandbox.world.times import stamp, unstamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from genesys_cloud_sandbox.world.caches import EndCache
    from genesys_cloud_sandbox.world.directory import Directory
    from genesys_cloud_sandbox.world.organization import Queue
    from genesys_cloud_sandbox.world.statuses import Status, Statuses
    from genesys_cloud_sandbox.world.timeline import Document

#: Keys of sessions, segments and participants that details have.
_KEYS = (
    "sessionId", "direction", "addressFrom", "addressTo", "ani", "dnis",
    "requestedRoutings", "usedRouting", "requestedRoutingSkillIds",
    "requestedLanguageId", "scoredAgents", "participantName", "userId", "teamId",
)  # fmt: skip


class Observation(NamedTuple):
    """What a metric counts, or measures the time of."""

    metric: str
    dimensions: dict[str, str]
    #: Milliseconds UTC.
    since: int
    detail: Document
    qualifier: str = ""


def conversations_at(
    ends: EndCache, now: int, go_on: Callable[[], None]
) -> Iterator[Document]:
    """Yield the conversations that are alive at an instant."""
    for number, position in ends.alive(now, now + 1, now, go_on=go_on):
        index = ends.world.day(number).indexes[position]
        document = as_of(ends.world.conversation(number, index), now)
        if document is not None:
            yield document


def queue_observations(document: Document) -> Iterator[Observation]:
    """Yield what happens to a conversation in queues: it waits, alerts, interacts."""
    for participant, session in sessions(document):
        running = [x for x in session["segments"] if "segmentEnd" not in x]
        for segment in running[:1]:
            metric = _metric(participant["purpose"], segment["segmentType"])
            if not metric or "queueId" not in segment:
                continue
            group = {"queueId": segment["queueId"], "mediaType": session["mediaType"]}
            begun = segment["segmentStart"]
            detail = _detail(document, begun, session, segment, participant)
            yield Observation(metric, group, unstamp(begun), detail)
            if metric != "oAlerting":
                longest = metric.replace("o", "oLongest", 1)
                yield Observation(longest, group, unstamp(begun), detail)


def flow_observations(document: Document) -> Iterator[Observation]:
    """Yield the flows that a conversation is in."""
    for participant, session in sessions(document):
        if "flow" not in session or "segmentEnd" in session["segments"][-1]:
            continue
        flow_id = session["flow"]["flowId"]
        group = {"flowId": flow_id, "mediaType": session["mediaType"]}
        begun = session["segments"][0]["segmentStart"]
        detail = _detail(document, begun, session, participant)
        yield Observation("oFlow", group, unstamp(begun), detail)


def member_observations(
    directory: Directory, statuses: Statuses, now: int
) -> Iterator[Observation]:
    """Yield the members of each visible queue, and the status of its agents."""
    presences, routing = _statuses_at(statuses, now)
    member_since = {"observationDate": stamp(now)}
    for queue in _visible_queues(directory, statuses):
        group = {"queueId": queue.id}
        for member in directory.members(queue):
            detail = {**member_since, "userId": member.id}
            for metric in ("oMemberUsers", "oActiveUsers"):
                yield Observation(metric, group, now, detail)
            if member.id in presences:
                both = presences[member.id], routing[member.id]
                yield from _agent(group, *both)


def membership_observations(
    directory: Directory, statuses: Statuses
) -> Iterator[Observation]:
    """Yield the visible queues of each user."""
    for queue in _visible_queues(directory, statuses):
        for member in directory.members(queue):
            group = {"userId": member.id}
            for metric in ("oMemberQueues", "oActiveQueues"):
                yield Observation(metric, group, 0, group)


def _visible_queues(directory: Directory, statuses: Statuses) -> list[Queue]:
    visible = statuses.world.visible
    return [x for x in directory.organization.queues if x.division_id in visible]


def _agent(
    group: dict[str, str], presence: Status, routing: Status
) -> Iterator[Observation]:
    """Yield an agent's status, as a queue counts it."""
    own, doing = presence.organization_presence_id, routing.value
    observed = [
        ("oUserPresences", presence, own),
        ("oUserRoutingStatuses", routing, doing),
    ]
    if presence.value == "ON_QUEUE":
        observed.append(("oOnQueueUsers", routing, doing))
    elif presence.value != "OFFLINE":
        observed.append(("oOffQueueUsers", presence, own))
    for metric, status, qualifier in observed:
        since = {"observationDate": stamp(status.start), "userId": status.user_id}
        yield Observation(metric, group, status.start, since, qualifier)


def _statuses_at(
    statuses: Statuses, now: int
) -> tuple[dict[str, Status], dict[str, Status]]:
    """Return each agent's presence and routing status at an instant."""
    known = [x for x in statuses.known(now, now + 1, now) if x.end is None]
    presences = {x.user_id: x for x in known if x.kind == "primaryPresence"}
    return presences, {x.user_id: x for x in known if x.kind == "routingStatus"}


def _metric(purpose: str, segment_type: str) -> str | None:
    """Return the metric that counts a segment that has not ended."""
    if purpose == "acd":
        return "oWaiting"
    if purpose != "agent" or segment_type == "wrapup":
        return None
    return "oAlerting" if segment_type == "alert" else "oInteracting"


def _detail(document: Document, begun: str, *holders: Document) -> Document:
    detail = {"observationDate": begun, "conversationId": document["conversationId"]}
    return detail | {
        key: holder[key] for holder in holders for key in _KEYS if key in holder
    }
