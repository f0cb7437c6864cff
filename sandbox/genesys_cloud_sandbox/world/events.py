"""What aggregates count: events with a value, an instant and dimensions. Pure."""

from __future__ import annotations

from functools import lru_cache
from itertools import chain
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

from genesys_cloud_sandbox.world.identity import uuid
from genesys_cloud_sandbox.world.times import DAY, MINUTE, unstamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from genesys_cloud_sandbox.world.conversation_details import Conversation
    from genesys_cloud_sandbox.world.days import World
    from genesys_cloud_sandbox.world.timeline import Document

Dimensions = dict[str, Any]
"""Dimension to its value, or to a list of values."""

_RENAMED = {
    "activeSkillIds": "activeSkillId",
    "destinationAddresses": "destinationAddress",
    "divisionIds": "divisionId",
    "eligibleAgentCounts": "eligibleAgentCount",
    "knowledgeBaseIds": "knowledgeBaseId",
    "removedSkillIds": "removedSkillId",
    "requestedRoutingSkillIds": "requestedRoutingSkillId",
    "requestedRoutings": "requestedRouting",
    "waitingInteractionCounts": "waitingInteractionCount",
}
"""Keys of details to the dimensions that they are."""
_LISTS = ("agentGroups", "proposedAgents", "scoredAgents")
"""Lists of objects whose keys are dimensions."""
_FLOW_METRICS = ("nFlow", "tFlow", "tFlowDisconnect", "tFlowExit")
_OUTCOME_KEYS = ("flowOutcome", "flowOutcomeId", "flowOutcomeValue")
_PROMOTERS, _DETRACTORS = 9, 6
"""The least score of a promoter, and the greatest of a detractor."""


class Event(NamedTuple):
    """Something that is counted, or measured."""

    at: int
    """Milliseconds UTC."""
    metric: str
    value: float
    dimensions: Dimensions
    qualifier: str = ""


def session_events(document: Document) -> Iterator[Event]:
    """The metrics of a conversation's sessions; and the conversation itself, once."""
    first: Dimensions | None = None
    for participant in document["participants"]:
        for session in participant["sessions"]:
            found = _dimensions(*session["segments"], session, participant, document)
            first = first or found
            for metric in session.get("metrics", ()):
                at = unstamp(metric["emitDate"])
                yield Event(at, metric["name"], metric["value"], found)
    start = unstamp(document["conversationStart"])
    yield Event(start, "nConversations", 1, first or _dimensions(document))


def flow_events(document: Document) -> Iterator[Event]:
    """What flows measured of a conversation, and the outcomes that it reached."""
    for participant in document["participants"]:
        for session in participant["sessions"]:
            if "flow" not in session:
                continue
            flow = session["flow"]
            around = (session, participant, document)
            found = _dimensions(flow, *session["segments"], *around)
            for metric in session.get("metrics", ()):
                if metric["name"] in _FLOW_METRICS:
                    at = unstamp(metric["emitDate"])
                    yield Event(at, metric["name"], metric["value"], found)
            for outcome in flow.get("outcomes", ()):
                yield from _outcome(outcome, found)


def evaluation_events(document: Document) -> Iterator[Event]:
    """A conversation's evaluations and their scores."""
    for evaluation in document.get("evaluations", ()):
        at = unstamp(evaluation["eventTime"])
        found = _dimensions(evaluation, *_whole(document))
        yield Event(at, "nEvaluations", 1, found)
        if evaluation["rescored"]:
            yield Event(at, "nEvaluationsRescored", 1, found)
        if evaluation["deleted"]:
            yield Event(at, "nEvaluationsDeleted", 1, found)
        for name in ("oTotalScore", "oTotalCriticalScore"):
            yield Event(at, name, evaluation[name], found)


def survey_events(document: Document) -> Iterator[Event]:
    """A conversation's surveys: sent, then answered or not."""
    for survey in document.get("surveys", ()):
        found = _dimensions(survey, *_whole(document))
        kind = "nVoiceSurveys" if survey["surveyType"] == "Voice" else "nWebSurveys"
        sent = unstamp(survey["eventTime"])
        yield Event(sent, "nSurveysSent", 1, found)
        yield Event(sent, kind, 1, found)
        if "surveyCompletedDate" not in survey:
            continue
        done = unstamp(survey["surveyCompletedDate"])
        extent = "Partial" if survey["surveyPartialResponse"] else "Full"
        counted = ["nSurveysStarted", "nSurveyResponses", f"nSurvey{extent}Responses"]
        counted.append("nSurveyNpsResponses")
        if survey["surveyPromoterScore"] >= _PROMOTERS:
            counted.append("nSurveyNpsPromoters")
        if survey["surveyPromoterScore"] <= _DETRACTORS:
            counted.append("nSurveyNpsDetractors")
        for name in counted:
            yield Event(done, name, 1, found)
        score = survey["oSurveyTotalScore"]
        yield Event(done, "oSurveyTotalScore", score, found)


def resolution_events(document: Document) -> Iterator[Event]:
    """Whether customers did not need to come again."""
    for resolution in document.get("resolutions", ()):
        at = unstamp(resolution["eventTime"])
        found = _dimensions(resolution, *_whole(document))
        avoided = resolution["nNextContactAvoided"]
        yield Event(at, "nNextContactAvoided", avoided, found)


def sessions_settled(conversation: Conversation) -> int:
    """From when on nothing changes any more about sessions and what is around them."""
    document = conversation.document
    moments = [document["conversationEnd"]]
    if conversation.correction:
        moments.append(conversation.correction.at)
    for participant in document["participants"]:
        for session in participant["sessions"]:
            moments += [segment["segmentEnd"] for segment in session["segments"]]
            moments += [metric["emitDate"] for metric in session.get("metrics", ())]
            if "deliveryStatusChangeDate" in session:
                moments.append(session["deliveryStatusChangeDate"])
    return unstamp(max(moments))


def _outcome(outcome: Document, passage: Dimensions) -> Iterator[Event]:
    if "flowOutcomeEndTimestamp" not in outcome:
        return
    at = unstamp(outcome["flowOutcomeEndTimestamp"])
    taken = at - unstamp(outcome["flowOutcomeStartTimestamp"])
    found = passage | {name: outcome[name] for name in _OUTCOME_KEYS}
    yield Event(at, "nFlowOutcome", 1, found)
    if outcome["flowOutcomeValue"] == "FAILURE":
        yield Event(at, "nFlowOutcomeFailed", 1, found)
    yield Event(at, "tFlowOutcome", taken, found)


def _whole(document: Document) -> Iterable[Document]:
    """What what comes afterwards has of its conversation: the medium, and the rest."""
    session = document["participants"][0]["sessions"][0]
    return {"mediaType": session["mediaType"]}, document


def _dimensions(*holders: Document) -> Dimensions:
    """The values of all holders, the innermost first."""
    found: Dimensions = {}
    for holder in holders:
        for key, value in holder.items():
            if key in _LISTS:
                for name in set(chain.from_iterable(value)):
                    values = [item[name] for item in value if name in item]
                    found.setdefault(name, values)
            elif isinstance(value, list):
                if key in _RENAMED:
                    found.setdefault(_RENAMED[key], value)
            elif not isinstance(value, dict):
                found.setdefault(key, value)
    return found


_LEAST, _PER_METRIC = 36, 3
_HANDFUL = 5
_KEPT = 400
_MEDIA = ("voice", "chat", "message", "email")
_WORDS = ("first", "second", "third")
_FLAGS = ("has", "is", "copied", "presented", "generated", "selfServed", "preview")
"""What dimensions that are true or false begin with."""


def random_events(
    world: World,
    family: str,
    metrics: tuple[str, ...],
    dimensions: tuple[str, ...],
    interval: tuple[int, int],
) -> Iterator[Event]:
    """The events of a family in an interval, milliseconds UTC."""
    start, end = interval
    for day in range(start // DAY, (end - 1) // DAY + 1):
        for event in _day(world, family, metrics, dimensions, day):
            if start <= event.at < end:
                yield event


@lru_cache(maxsize=_KEPT)
def _day(
    world: World,
    family: str,
    metrics: tuple[str, ...],
    dimensions: tuple[str, ...],
    day: int,
) -> tuple[Event, ...]:
    known = _choices(world, family, dimensions)
    rng = Random(f"{family} {world.seed} {day}")
    number = max(_LEAST, _PER_METRIC * len(metrics)) + rng.randrange(12)
    instants = sorted(day * DAY + rng.randrange(DAY) for _ in range(number))
    return tuple(
        Event(
            at,
            metrics[place % len(metrics)],
            _value(rng, metrics[place % len(metrics)]),
            _some(rng, known),
        )
        for place, at in enumerate(instants)
    )


def _some(rng: Random, known: dict[str, tuple[str, ...]]) -> Dimensions:
    """A value for most dimensions."""
    return {
        name: rng.choice(values)
        for name, values in known.items()
        if rng.random() < 0.9  # noqa: PLR2004 (magic-value-comparison: a share)
    }


def _value(rng: Random, metric: str) -> float:
    if metric.endswith("ServiceLevel"):
        return rng.randint(0, 1)
    if metric.startswith("n"):
        return rng.randint(1, 3)
    if metric.startswith("t"):
        return rng.randint(200, 20 * MINUTE)
    return rng.randint(0, 100)


@lru_cache(maxsize=_KEPT)
def _choices(
    world: World, family: str, dimensions: tuple[str, ...]
) -> dict[str, tuple[str, ...]]:
    """The values of the organization's dimensions, and of a handful of others."""
    rng = Random(f"{family} {world.seed}")
    own = _own(world)
    found = {name: own[name] for name in dimensions if name in own}
    others = [name for name in dimensions if name not in own]
    for name in rng.sample(others, min(len(others), _HANDFUL)):
        if name.endswith("Id"):
            found[name] = tuple(uuid(rng) for _ in range(3))
        elif name.startswith(_FLAGS):
            found[name] = ("true", "false")
        else:
            found[name] = _WORDS
    return found


def _own(world: World) -> dict[str, tuple[str, ...]]:
    """What the organization has of what can be seen."""
    organization = world.organization
    agents = tuple(x.id for x in organization.agents if x.division_id in world.visible)
    flows = [flow for flows in organization.flows.values() for flow in flows]
    return {
        "divisionId": tuple(
            x.id for x in organization.divisions if x.id in world.visible
        ),
        "flowId": tuple(flow.id for flow in flows),
        "knowledgeBaseId": tuple(x.id for x in organization.knowledge_bases),
        "mediaType": _MEDIA,
        "queueId": tuple(
            x.id for x in organization.queues if x.division_id in world.visible
        ),
        "teamId": tuple(x.id for x in organization.teams),
        "userId": agents,
        "wrapUpCode": tuple(x.id for x in organization.wrap_up_codes),
    }
