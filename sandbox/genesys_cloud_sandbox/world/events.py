"""What aggregates count: events with a value, an instant and dimensions."""

from __future__ import annotations

from functools import lru_cache
from itertools import chain, cycle
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

from genesys_cloud_sandbox.world.identity import uuid
from genesys_cloud_sandbox.world.timeline import sessions
from genesys_cloud_sandbox.world.times import DAY, MINUTE, unstamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from genesys_cloud_sandbox.world.conversation_details import Conversation
    from genesys_cloud_sandbox.world.conversations import World
    from genesys_cloud_sandbox.world.timeline import Document

#: Dimension to its value, or to a list of values.
Dimensions = dict[str, Any]

#: Keys of conversation details, and their dimensions.
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
#: Lists of objects whose keys are dimensions.
_LISTS = ("agentGroups", "proposedAgents", "scoredAgents")
_FLOW_METRICS = ("nFlow", "tFlow", "tFlowDisconnect", "tFlowExit")
_OUTCOME_KEYS = ("flowOutcome", "flowOutcomeId", "flowOutcomeValue")
#: The least score of a promoter, and the greatest of a detractor.
_PROMOTERS, _DETRACTORS = 9, 6
#: Random events: how many there are of a day at least, and of each metric.
_LEAST, _PER_METRIC = 36, 3
_OTHER_DIMENSIONS = 5
_DAYS_KEPT = 400
_MEDIA = ("voice", "chat", "message", "email")
_WORDS = ("first", "second", "third")
#: How the names of boolean dimensions begin.
_FLAGS = ("has", "is", "copied", "presented", "generated", "selfServed", "preview")


class Event(NamedTuple):
    """Something that is counted, or measured."""

    #: Milliseconds UTC.
    at: int
    metric: str
    value: float
    dimensions: Dimensions
    qualifier: str = ""


def session_events(document: Document) -> Iterator[Event]:
    """Yield the metrics of a conversation's sessions, and the conversation itself."""
    first: Dimensions | None = None
    for participant, session in sessions(document):
        found = _dimensions(*session["segments"], session, participant, document)
        first = first or found
        for metric in session.get("metrics", ()):
            at = unstamp(metric["emitDate"])
            yield Event(at, metric["name"], metric["value"], found)
    start = unstamp(document["conversationStart"])
    yield Event(start, "nConversations", 1, first or _dimensions(document))


def flow_events(document: Document) -> Iterator[Event]:
    """Yield a conversation's flows, and the outcomes that it reached in them."""
    for participant, session in sessions(document):
        if "flow" not in session:
            continue
        inner = (session["flow"], *session["segments"], session)
        found = _dimensions(*inner, participant, document)
        for metric in session.get("metrics", ()):
            if metric["name"] in _FLOW_METRICS:
                at = unstamp(metric["emitDate"])
                yield Event(at, metric["name"], metric["value"], found)
        for outcome in session["flow"].get("outcomes", ()):
            yield from _outcome(outcome, found)


def evaluation_events(document: Document) -> Iterator[Event]:
    """Yield a conversation's evaluations and their scores."""
    for evaluation in document.get("evaluations", ()):
        at = unstamp(evaluation["eventTime"])
        found = _dimensions(evaluation, *_around(document))
        yield Event(at, "nEvaluations", 1, found)
        for kind in ("rescored", "deleted"):
            if evaluation[kind]:
                yield Event(at, f"nEvaluations{kind.title()}", 1, found)
        for name in ("oTotalScore", "oTotalCriticalScore"):
            yield Event(at, name, evaluation[name], found)


def survey_events(document: Document) -> Iterator[Event]:
    """Yield a conversation's surveys: sent, then answered or not."""
    for survey in document.get("surveys", ()):
        found = _dimensions(survey, *_around(document))
        kind = "nVoiceSurveys" if survey["surveyType"] == "Voice" else "nWebSurveys"
        sent = unstamp(survey["eventTime"])
        yield Event(sent, "nSurveysSent", 1, found)
        yield Event(sent, kind, 1, found)
        if "surveyCompletedDate" not in survey:
            continue
        done = unstamp(survey["surveyCompletedDate"])
        extent = "Partial" if survey["surveyPartialResponse"] else "Full"
        counted = ["nSurveysStarted", "nSurveyResponses", f"nSurvey{extent}Responses"]
        counted += ["nSurveyNpsResponses"]
        if survey["surveyPromoterScore"] >= _PROMOTERS:
            counted.append("nSurveyNpsPromoters")
        if survey["surveyPromoterScore"] <= _DETRACTORS:
            counted.append("nSurveyNpsDetractors")
        for name in counted:
            yield Event(done, name, 1, found)
        yield Event(done, "oSurveyTotalScore", survey["oSurveyTotalScore"], found)


def resolution_events(document: Document) -> Iterator[Event]:
    """Yield whether customers did not need to come again."""
    for resolution in document.get("resolutions", ()):
        at = unstamp(resolution["eventTime"])
        found = _dimensions(resolution, *_around(document))
        avoided = resolution["nNextContactAvoided"]
        yield Event(at, "nNextContactAvoided", avoided, found)


def sessions_settled(conversation: Conversation) -> int:
    """Return when nothing changes any more about a conversation's sessions."""
    document = conversation.document
    moments = [document["conversationEnd"]]
    if conversation.correction:
        moments.append(conversation.correction.at)
    for _participant, session in sessions(document):
        moments += [segment["segmentEnd"] for segment in session["segments"]]
        moments += [metric["emitDate"] for metric in session.get("metrics", ())]
        if "deliveryStatusChangeDate" in session:
            moments.append(session["deliveryStatusChangeDate"])
    return unstamp(max(moments))


def _outcome(outcome: Document, flow: Dimensions) -> Iterator[Event]:
    if "flowOutcomeEndTimestamp" not in outcome:
        return
    at = unstamp(outcome["flowOutcomeEndTimestamp"])
    taken = at - unstamp(outcome["flowOutcomeStartTimestamp"])
    found = flow | {name: outcome[name] for name in _OUTCOME_KEYS}
    yield Event(at, "nFlowOutcome", 1, found)
    if outcome["flowOutcomeValue"] == "FAILURE":
        yield Event(at, "nFlowOutcomeFailed", 1, found)
    yield Event(at, "tFlowOutcome", taken, found)


def _around(document: Document) -> Iterable[Document]:
    """Return the conversation that evaluations and surveys belong to, medium first."""
    session = document["participants"][0]["sessions"][0]
    return {"mediaType": session["mediaType"]}, document


def _dimensions(*holders: Document) -> Dimensions:
    """Return the values of all holders, the innermost first."""
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


def random_events(
    world: World,
    family: str,
    metrics: tuple[str, ...],
    dimensions: tuple[str, ...],
    interval: tuple[int, int],
) -> Iterator[Event]:
    """Yield random events of a family whose metrics conversations do not have.

    A pure function of seed, family and day: some dozens a day, each metric among them,
    with values of the organization where it has the dimension.
    """
    start, end = interval
    for day in range(start // DAY, (end - 1) // DAY + 1):
        for event in _day(world, family, metrics, dimensions, day):
            if start <= event.at < end:
                yield event


@lru_cache(maxsize=_DAYS_KEPT)
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
        Event(at, metric, _value(rng, metric), _random_dimensions(rng, known))
        for at, metric in zip(instants, cycle(metrics), strict=False)
    )


def _random_dimensions(rng: Random, known: dict[str, tuple[str, ...]]) -> Dimensions:
    """Return a value for most dimensions."""
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


@lru_cache(maxsize=_DAYS_KEPT)
def _choices(
    world: World, family: str, dimensions: tuple[str, ...]
) -> dict[str, tuple[str, ...]]:
    """Return values of the organization's dimensions, and of a few others."""
    rng = Random(f"{family} {world.seed}")
    own = _organization_values(world)
    found = {name: own[name] for name in dimensions if name in own}
    others = [name for name in dimensions if name not in own]
    for name in rng.sample(others, min(len(others), _OTHER_DIMENSIONS)):
        if name.endswith("Id"):
            found[name] = tuple(uuid(rng) for _ in range(3))
        elif name.startswith(_FLAGS):
            found[name] = ("true", "false")
        else:
            found[name] = _WORDS
    return found


def _organization_values(world: World) -> dict[str, tuple[str, ...]]:
    """Return the values that the organization has, as far as they can be seen."""
    known, visible = world.organization, world.visible
    flows = [flow for flows in known.flows.values() for flow in flows]
    return {
        "divisionId": tuple(x.id for x in known.divisions if x.id in visible),
        "flowId": tuple(flow.id for flow in flows),
        "knowledgeBaseId": tuple(x.id for x in known.knowledge_bases),
        "mediaType": _MEDIA,
        "queueId": tuple(x.id for x in known.queues if x.division_id in visible),
        "teamId": tuple(x.id for x in known.teams),
        "userId": tuple(x.id for x in known.agents if x.division_id in visible),
        "wrapUpCode": tuple(x.id for x in known.wrap_up_codes),
    }
