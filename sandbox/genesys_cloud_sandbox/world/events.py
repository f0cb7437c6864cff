"""What aggregates count: events with a value, an instant and dimensions. Pure."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from genesys_cloud_sandbox.world.times import unstamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from genesys_cloud_sandbox.world.life import Life
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


def sessions_settled(life: Life) -> int:
    """From when on nothing changes any more about sessions and what is around them."""
    document = life.document
    moments = [document["conversationEnd"]]
    if life.correction:
        moments.append(life.correction.at)
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
