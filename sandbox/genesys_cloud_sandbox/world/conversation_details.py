"""A conversation's details: what of them is known at an instant."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from genesys_cloud_sandbox.world.times import DAY, stamp, unstamp

if TYPE_CHECKING:
    from genesys_cloud_sandbox.world.timeline import Document

#: How long the longest conversation can last: an e-mail, what else.
LONGEST_DURATION = 11 * DAY
#: From a conversation's start to its correction by a nightly run.
CORRECTION_DELAY = 3 * DAY
_KNOWN_AT_SEGMENT_END = (
    "segmentEnd", "disconnectType", "errorCode", "q850ResponseCodes",
    "sipResponseCodes", "wrapUpCode", "wrapUpNote", "wrapUpTags",
)  # fmt: skip
_KNOWN_AT_CONVERSATION_END = (
    "conversationEnd", "inactivityTimeout", "mediaStatsMinConversationMos",
    "mediaStatsMinConversationRFactor", "selfServed",
)  # fmt: skip
_KNOWN_AT_SURVEY_END = (
    "surveyCompletedDate", "surveyPartialResponse", "surveyPromoterScore",
    "oSurveyTotalScore",
)  # fmt: skip
_KNOWN_AT_FLOW_END = (
    "endingLanguage", "exitReason", "issuedCallback", "recognitionFailureReason",
    "transferTargetAddress", "transferTargetName", "transferType",
)  # fmt: skip

#: Characters of a participant attribute's key and of its value.
_LONGEST_ATTRIBUTE = 1_024


class Correction(NamedTuple):
    """A change of a conversation by a nightly run."""

    at: str
    #: The document as it was until then.
    before: Document


class Conversation(NamedTuple):
    """A conversation as it will be when nothing about it changes any more."""

    document: Document
    #: The instant of its last change, milliseconds UTC.
    settled: int
    correction: Correction | None = None


def as_of(conversation: Conversation, now: int) -> Document | None:
    """Return what the API answers at an instant; None: it has not started.

    The answer shares its unchanged parts with the conversation: do not change it.
    """
    if now >= conversation.settled:
        return conversation.document
    at = stamp(now)
    document, correction = conversation.document, conversation.correction
    if correction and at < correction.at:
        document = correction.before
    if document["conversationStart"] > at:
        return None
    seen = dict(document)
    if seen["conversationEnd"] > at:
        _forget(seen, _KNOWN_AT_CONVERSATION_END)
    if seen.get("conferenceStart", at) > at:
        del seen["conferenceStart"]
    for name in ("evaluations", "surveys", "resolutions"):
        if name in seen:
            _keep(seen, name, "eventTime", at)
    if "surveys" in seen:
        seen["surveys"] = [_survey(survey, at) for survey in seen["surveys"]]
    seen["participants"] = [
        {**participant, "sessions": sessions}
        for participant in document["participants"]
        if (sessions := [s for x in participant["sessions"] if (s := _session(x, at))])
    ]
    return seen


def ended(conversation: Conversation) -> int:
    """Return when a conversation's last segment ends, which may be a wrap-up."""
    document = conversation.document
    ends = [document["conversationEnd"]]
    for participant in document["participants"]:
        for session in participant["sessions"]:
            ends += [segment["segmentEnd"] for segment in session["segments"]]
    return unstamp(max(ends))


def with_attributes(document: Document) -> Document:
    """Return a document as job results have it, with attributes up to their limit."""
    return {
        **document,
        "participants": [_cut(participant) for participant in document["participants"]],
    }


def without_attributes(document: Document) -> Document:
    """Return a document as the query answers it: only job results carry attributes."""
    return {
        **document,
        "participants": [
            {name: value for name, value in participant.items() if name != "attributes"}
            for participant in document["participants"]
        ],
    }


def _cut(participant: Document) -> Document:
    if "attributes" not in participant:
        return participant
    attributes = {
        name[:_LONGEST_ATTRIBUTE]: value[:_LONGEST_ATTRIBUTE]
        for name, value in participant["attributes"].items()
    }
    return {**participant, "attributes": attributes}


def _session(session: Document, at: str) -> Document | None:
    segments = [
        segment if segment["segmentEnd"] <= at else _running(segment)
        for segment in session["segments"]
        if segment["segmentStart"] <= at
    ]
    if not segments:
        return None
    seen = {**session, "segments": segments}
    _keep(seen, "metrics", "emitDate", at)
    _keep(seen, "mediaEndpointStats", "eventTime", at)
    if seen.get("deliveryStatusChangeDate", at) > at:
        _forget(
            seen,
            ("deliveryStatusChangeDate", "deliveryStatus", "extendedDeliveryStatus"),
        )
    for name in ("detectedSpeechStart", "detectedSpeechEnd"):
        if seen.get(name, at) > at:
            del seen[name]
    if "flow" in seen and max(x["segmentEnd"] for x in session["segments"]) > at:
        seen["flow"] = _passing(session["flow"], at)
        _forget(seen, ("flowOutType",))
    return seen


def _running(segment: Document) -> Document:
    seen = dict(segment)
    _forget(seen, _KNOWN_AT_SEGMENT_END)
    return seen


def _passing(flow: Document, at: str) -> Document:
    """Return a flow that the conversation has not left yet."""
    seen = dict(flow)
    _forget(seen, _KNOWN_AT_FLOW_END)
    _keep(seen, "outcomes", "flowOutcomeStartTimestamp", at)
    if "outcomes" in seen:
        seen["outcomes"] = [_outcome(outcome, at) for outcome in seen["outcomes"]]
    return seen


def _outcome(outcome: Document, at: str) -> Document:
    if outcome["flowOutcomeEndTimestamp"] <= at:
        return outcome
    seen = dict(outcome)
    _forget(seen, ("flowOutcomeEndTimestamp", "flowOutcomeValue"))
    return seen


def _survey(survey: Document, at: str) -> Document:
    if survey.get("surveyCompletedDate", at) <= at:
        return survey
    seen = {**survey, "surveyStatus": "Sent"}
    _forget(seen, _KNOWN_AT_SURVEY_END)
    return seen


def _forget(document: Document, names: tuple[str, ...]) -> None:
    for name in names:
        document.pop(name, None)


def _keep(document: Document, name: str, moment: str, at: str) -> None:
    """Keep the items of a list that have happened; an empty list is omitted."""
    if name not in document:
        return
    kept = [item for item in document[name] if item[moment] <= at]
    if kept:
        document[name] = kept
    else:
        del document[name]
