"""Builds a conversation: what all media types have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from genesys_cloud_sandbox.world.identity import uuid
from genesys_cloud_sandbox.world.timeline import (
    Document,
    Phase,
    Timeline,
    completed,
    metric,
    timeline,
)
from genesys_cloud_sandbox.world.times import SECOND, stamp

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from genesys_cloud_sandbox.world.organization import Agent, Organization, Queue

PROVIDERS = {
    "voice": "Edge",
    "callback": "PureCloud Callback",
    "chat": "PureCloud Webchat v2",
    "message": "PureCloud Messaging",
    "email": "PureCloud Email",
    "internalmessage": "PureCloud Messaging",
}
_NOTES = (
    "Customer will send the contract — waiting for reply",
    "Naïve façade: “fixed” ✅",
    "お客様は満足しました 😀",
    "Line one\nline two\ttabbed; \"quoted\", 'single', back\\slash",
)
_NAMES = ("Anaïs Lefèvre", "李小龍", "José Ñúñez", "O'Brien, Pat", "😎 max_1999", "Ada")
_LONG_TEXT = "“Guten Tag, 😀 こんにちは” — " * 50
_BEFORE_ANSWER = ("alert", "dialing", "contacting")
_MISSED_SHARE = 0.05
_LONGEST_IN_MEANS = 12
_NOTE_SHARE, _TAG_SHARE, _TIMEOUT_SHARE = 0.08, 0.03, 0.04


class Builder:
    """Collects participants; `at` is how far it has come, in milliseconds UTC."""

    def __init__(
        self, rng: Random, organization: Organization, start: int, media: str
    ) -> None:
        self.rng = rng
        self.organization = organization
        self.start = self.at = self.latest = start
        self.media = media
        self.direction = "inbound"
        #: Fields that every session of the conversation shares.
        self.common: Document = {}
        self.document: Document = {}
        self.participants: list[Document] = []
        self.answered: list[tuple[Agent, Queue]] = []

    def chance(self, share: float) -> bool:
        """Return whether something happens that happens in this share of cases."""
        return self.rng.random() < share

    def duration(self, mean: int) -> int:
        """Return a random length: often below the mean, seldom far above it.

        At most a dozen times the mean, so that the longest duration is known.
        """
        length = self.rng.expovariate(1 / mean)
        return 200 + int(min(length, _LONGEST_IN_MEANS * mean))

    def happens_at(self, instant: int) -> int:
        """Note that something happens at an instant, and return it."""
        self.latest = max(self.latest, instant)
        return instant

    def participant(
        self, purpose: str, sessions: list[Document], **fields: object
    ) -> Document:
        """Add a participant."""
        participant: Document = {
            "participantId": uuid(self.rng),
            "purpose": purpose,
            **fields,
            "sessions": sessions,
        }
        self.participants.append(participant)
        return participant

    def session(
        self,
        line: Timeline,
        metrics: Sequence[Document] = (),
        *,
        media: str | None = None,
        **fields: object,
    ) -> Document:
        """Return a session that lasts as its timeline does."""
        self.happens_at(line.end)
        media = media or self.media
        session: Document = {
            "sessionId": uuid(self.rng),
            "mediaType": media,
            "direction": self.direction,
            "provider": PROVIDERS.get(media, "PureCloud Conferencing"),
            **self.common,
            **fields,
            "segments": line.segments,
        }
        if line.metrics or metrics:
            session["metrics"] = [*line.metrics, *metrics]
        return session

    def customer(self, *, purpose: str = "customer", **fields: object) -> Document:
        """Add the customer, who comes first and whose end `hang_up` sets."""
        participant = self.participant(purpose, [])
        if self.chance(0.6):
            participant["participantName"] = self.rng.choice(_NAMES)
        if self.chance(0.3):
            participant["externalContactId"] = uuid(self.rng)
        if self.chance(0.05):
            participant["externalOrganizationId"] = uuid(self.rng)
        participant["attributes"] = {
            "customerTier": self.rng.choice(("gold", "silver", "bronze")),
            "orderNumber": str(self.rng.randint(10_000, 99_999)),
        }
        if participant["attributes"]["orderNumber"].endswith("77"):
            # What a script wrote there: longer than a job's results will show.
            participant["attributes"] |= {
                "transcript": _LONG_TEXT,
                f"heard {_LONG_TEXT}": "yes",
            }
        participant["sessions"].append(fields)  # completed by `hang_up`
        return participant

    def hang_up(self, disconnect: str, metrics: Sequence[Document] = ()) -> None:
        """End the conversation now: the customer was connected from start to end."""
        customer = self.participants[0]
        line = timeline(
            [("interact", self.at - self.start)],
            self.start,
            measured=False,
            disconnect=disconnect,
        )
        fields = customer["sessions"].pop()
        ended = metric("tConversationDuration", self.at - self.start, self.at)
        customer["sessions"].append(self.session(line, [*metrics, ended], **fields))
        self.document["conversationEnd"] = stamp(self.at)

    def wait(self, queue: Queue, length: int, *, abandoned: bool = False) -> Document:
        """Add the queue's participant, from now on for `length` milliseconds."""
        begun, self.at = self.at, self.at + length
        late = length > queue.service_target
        metrics = [
            metric("nOffered", 1, begun),
            metric("oServiceTarget", queue.service_target, begun),
            metric("tAcd", length, self.at),
            metric("tWait", length, self.at),
        ]
        if late:
            metrics.append(metric("nOverSla", 1, begun + queue.service_target))
        if abandoned:
            metrics.append(metric("tAbandon", length, self.at))
            if length < 10 * SECOND:
                metrics.append(metric("tShortAbandon", length, self.at))
        else:
            metrics.append(metric("oServiceLevel", int(not late), self.at))
        line = timeline(
            [("interact", length)],
            begun,
            measured=False,
            disconnect="peer" if abandoned else "transfer",
            queueId=queue.id,
        )
        routing = "Bullseye" if self.chance(0.1) else "Standard"
        fields: Document = {"requestedRoutings": [routing]}
        if not abandoned:
            fields["usedRouting"] = routing
        if self.chance(0.3):
            line.segments[0]["requestedRoutingSkillIds"] = [
                self.rng.choice(self.organization.skills).id
            ]
            line.segments[0]["requestedLanguageId"] = self.rng.choice(
                self.organization.languages
            ).id
        session = self.session(line, metrics, **fields)
        return self.participant("acd", [session], participantName=queue.name)

    def route(
        self,
        queue: Queue,
        queueing: int,
        phases: Sequence[Phase],
        **fields: Any,  # noqa: ANN401 (any-type: handed on to `agent`)
    ) -> Document:
        """Add a queue and the agent who answers; sometimes another does not respond."""
        ringing = self.rng.randint(8, 20) * SECOND if self.chance(_MISSED_SHARE) else 0
        alert = 500 + self.duration(3 * SECOND)
        waited = queueing + ringing + alert
        self.wait(queue, waited)
        if ringing:
            self._unanswered(queue, ringing, self.at - alert - ringing)
        self.at -= alert
        return self.agent(queue, [("alert", alert), *phases], waited=waited, **fields)

    def _unanswered(self, queue: Queue, ringing: int, at: int) -> None:
        line = timeline([("alert", ringing)], at, disconnect="system", queueId=queue.id)
        missed = metric("tNotResponding", ringing, line.end)
        agent = self.rng.choice(queue.agents)
        self.participant(
            "agent", [self.session(line, [missed])], **_agent_fields(agent)
        )

    def agent(  # noqa: PLR0913 (too-many-arguments: a session has this many sides)
        self,
        queue: Queue,
        phases: Sequence[Phase],
        *,
        waited: int | None = None,
        wrap_up: int = 0,
        disconnect: str = "peer",
        metrics: Sequence[Document] = (),
        **fields: Any,  # noqa: ANN401 (any-type: fields of the API's session)
    ) -> Document:
        """Add an agent who goes through phases from now on, then wraps up.

        `waited`: milliseconds in the queue before; None: not from a queue. `at` is then
        when the phases end, while the agent may still be wrapping up.
        """
        agent = self.rng.choice(queue.agents)
        self.answered.append((agent, queue))
        line = timeline(phases, self.at, disconnect=disconnect, queueId=queue.id)
        connected = self.at + (phases[0][1] if phases[0][0] in _BEFORE_ANSWER else 0)
        summed = [*completed(line), *metrics]
        if "tTalk" in line.totals:
            summed.append(metric("nConnected", 1, connected))
        if waited is not None:
            summed.append(metric("tAnswered", waited, connected))
        self.at, done = line.end, line.end
        if wrap_up:
            wrapping = timeline(
                [("wrapup", wrap_up)], done, queueId=queue.id, **self._wrap_up(queue)
            )
            line.segments.extend(wrapping.segments)
            summed.extend(wrapping.metrics)
            done = wrapping.end
        handled = line.totals.get("tTalk", 0) + line.totals.get("tHeld", 0) + wrap_up
        summed.append(metric("tHandle", handled, done))
        session = self.session(
            line._replace(end=done),
            summed,
            selectedAgentId=agent.id,
            scriptId=queue.script_id,
            **fields,
        )
        return self.participant("agent", [session], **_agent_fields(agent))

    def _wrap_up(self, queue: Queue) -> Document:
        """Return the wrap-up fields of a segment."""
        if self.chance(_TIMEOUT_SHARE):
            return {"wrapUpCode": "ININ-WRAP-UP-TIMEOUT"}
        fields: Document = {"wrapUpCode": self.rng.choice(queue.wrap_up_codes).id}
        if self.chance(_NOTE_SHARE):
            fields["wrapUpNote"] = self.rng.choice(_NOTES)
        if self.chance(_TAG_SHARE):
            fields["wrapUpTags"] = ["reviewed", "café"]
        return fields


def _agent_fields(agent: Agent) -> Document:
    return {"participantName": agent.name, "userId": agent.id, "teamId": agent.team_id}
