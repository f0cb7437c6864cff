"""A conversation's details: what of them is known at an instant."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from genesys_cloud_sandbox.world.timeline import sessions
from genesys_cloud_sandbox.world.times import DAY, stamp, unstamp

if TYPE_CHECKING:
    from collections.abc import Collection

    from genesys_cloud_sandbox.world.timeline import Document

#: How long the longest conversation can last: an e-mail, what else.
LONGEST_DURATION = 11 * DAY
#: From a conversation's start to its correction by a nightly run.
CORRECTION_DELAY = 3 * DAY
#: Fields that are not known before a segment, a conversation, … has ended.
_AT_SEGMENT_END = frozenset((
    "segmentEnd", "disconnectType", "errorCode", "q850ResponseCodes",
    "sipResponseCodes", "wrapUpCode", "wrapUpNote", "wrapUpTags",
))  # fmt: skip
_AT_CONVERSATION_END = frozenset((
    "conversationEnd", "inactivityTimeout", "mediaStatsMinConversationMos",
    "mediaStatsMinConversationRFactor", "selfServed",
))  # fmt: skip
_AT_SURVEY_END = frozenset((
    "surveyCompletedDate", "surveyPartialResponse", "surveyPromoterScore",
    "oSurveyTotalScore",
))  # fmt: skip
_AT_FLOW_END = frozenset((
    "endingLanguage", "exitReason", "issuedCallback", "recognitionFailureReason",
    "transferTargetAddress", "transferTargetName", "transferType",
))  # fmt: skip
_AT_OUTCOME_END = frozenset(("flowOutcomeEndTimestamp", "flowOutcomeValue"))
_AT_DELIVERY = frozenset(
    ("deliveryStatusChangeDate", "deliveryStatus", "extendedDeliveryStatus")
)
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
    seen = _known(document, "conversationEnd", at, _AT_CONVERSATION_END)
    seen = dict(_known(seen, "conferenceStart", at, {"conferenceStart"}))
    for name in ("evaluations", "surveys", "resolutions"):
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
    ends = [conversation.document["conversationEnd"]]
    for _participant, session in sessions(conversation.document):
        ends += [segment["segmentEnd"] for segment in session["segments"]]
    return unstamp(max(ends))


def with_attributes(document: Document) -> Document:
    """Return a document as job results have it, with attributes up to their limit."""
    return {**document, "participants": [_cut(x) for x in document["participants"]]}


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
        _known(segment, "segmentEnd", at, _AT_SEGMENT_END)
        for segment in session["segments"]
        if segment["segmentStart"] <= at
    ]
    if not segments:
        return None
    seen = {**session, "segments": segments}
    _keep(seen, "metrics", "emitDate", at)
    _keep(seen, "mediaEndpointStats", "eventTime", at)
    seen = _known(seen, "deliveryStatusChangeDate", at, _AT_DELIVERY)
    for name in ("detectedSpeechStart", "detectedSpeechEnd"):
        seen = _known(seen, name, at, {name})
    if "flow" in seen and max(x["segmentEnd"] for x in session["segments"]) > at:
        seen["flow"] = _flow(session["flow"], at)
        seen.pop("flowOutType", None)
    return seen


def _flow(flow: Document, at: str) -> Document:
    """Return a flow that the conversation has not left yet."""
    seen = {name: value for name, value in flow.items() if name not in _AT_FLOW_END}
    _keep(seen, "outcomes", "flowOutcomeStartTimestamp", at)
    if "outcomes" in seen:
        seen["outcomes"] = [
            _known(outcome, "flowOutcomeEndTimestamp", at, _AT_OUTCOME_END)
            for outcome in seen["outcomes"]
        ]
    return seen


def _survey(survey: Document, at: str) -> Document:
    seen = _known(survey, "surveyCompletedDate", at, _AT_SURVEY_END)
    return seen if seen is survey else {**seen, "surveyStatus": "Sent"}


def _known(document: Document, end: str, at: str, until: Collection[str]) -> Document:
    """Return a document without what is not known until its end."""
    if document.get(end, at) <= at:
        return document
    return {name: value for name, value in document.items() if name not in until}


def _keep(document: Document, name: str, moment: str, at: str) -> None:
    """Keep the items of a list that have happened; an empty list is omitted."""
    if name in document:
        document[name] = [item for item in document[name] if item[moment] <= at]
        if not document[name]:
            del document[name]
