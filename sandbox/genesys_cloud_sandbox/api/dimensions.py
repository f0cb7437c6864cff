"""What filters can ask for: each family's dimensions and metrics, and where they are.

The lists are those of the official Swagger (`…DetailQueryPredicate`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from genesys_cloud_sandbox.world.times import unstamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from genesys_cloud_sandbox.world.timeline import Document

Record = tuple["Document", ...]
"""What one predicate looks at: an object, the innermost first, and those around it."""


@dataclass(frozen=True)
class Family:
    """One of the five kinds of filters of a query."""

    name: str
    records: Callable[[Document], Iterable[Record]]
    """What there is to match in a conversation."""
    dimensions: Mapping[str, str]
    """Dimension to the key that holds it."""
    metrics: frozenset[str] = frozenset()
    metric_values: Callable[[Record, str], list[float]] = field(
        default=lambda record, name: [record[0][name]] if name in record[0] else []
    )

    def values(self, record: Record, dimension: str) -> list[Any]:
        """What a record has for a dimension; empty: nothing."""
        key = self.dimensions[dimension]
        for item in record:
            if key in item:
                found = item[key]
                return found if isinstance(found, list) else [found]
        return []


def _keys(names: str, **renamed: str) -> dict[str, str]:
    return {name: name for name in names.split()} | renamed


def _conversation_metric(record: Record, name: str) -> list[float]:
    return [
        metric["value"]
        for participant in record[0]["participants"]
        for session in participant["sessions"]
        for metric in session.get("metrics", ())
        if metric["name"] == name
    ]


def _segments(document: Document) -> Iterator[Record]:
    for participant in document["participants"]:
        for session in participant["sessions"]:
            flow = session.get("flow", {})
            outcomes = flow.get("outcomes", ())
            reached = {
                name: [outcome[name] for outcome in outcomes if name in outcome]
                for name in ("flowOutcome", "flowOutcomeId", "flowOutcomeValue")
                if outcomes
            }
            for segment in session["segments"]:
                scored = segment.get("scoredAgents", ())
                agents = {"scoredAgentIds": [x["scoredAgentId"] for x in scored]}
                yield segment, agents, session, flow, reached, participant


def _segment_duration(record: Record, _name: str) -> list[float]:
    segment = record[0]
    if "segmentEnd" not in segment:
        return []
    return [unstamp(segment["segmentEnd"]) - unstamp(segment["segmentStart"])]


def _items(name: str) -> Callable[[Document], Iterable[Record]]:
    return lambda document: ((item,) for item in document.get(name, ()))


CONVERSATION = Family(
    "conversationFilters",
    lambda document: [(document,)],
    _keys(
        "conversationEnd conversationId conversationInitiator conversationStart "
        "customerParticipation externalTag mediaStatsMinConversationMos "
        "originatingDirection originatingSocialMediaPublic",
        accessAttribute="accessAttributes",
        divisionId="divisionIds",
    ),
    frozenset(
        _keys(
            "nBlindTransferred nBotInteractions nCallbackAttempts nCallbackOverSla "
            "nCallbackScheduled nCfcOffered nCobrowseSessions nConnected nConsult "
            "nConsultTransferred nConversations nError nFlow nFlowMilestone "
            "nFlowOutcome nFlowOutcomeFailed nOffered nOutbound nOutboundAbandoned "
            "nOutboundAttempted nOutboundConnected nOverSla nStateTransitionError "
            "nTakeover nTransferred oAudioMessageCount oExternalAudioMessageCount "
            "oExternalMediaCount oFlowMilestone oMediaCount oMessageCount "
            "oMessageSegmentCount oMessageTurn oSkillExpressionApplications tAbandon "
            "tAcd tActiveCallback tActiveCallbackComplete tAcw tAgentResponseTime "
            "tAgentVideoConnected tAlert tAnswered tAverageAgentResponseTime "
            "tAverageCustomerResponseTime tBarging tCallbackAbandon tCallbackConnect "
            "tCallbackNotReached tCallbackVirtualWait tCfcAbandon tCfcAcd "
            "tCfcAnswered tCfcFlowOut tCoaching tCoachingComplete tConnected "
            "tContacting tConversationDuration tDialing tFirstConnect tFirstDial "
            "tFirstEngagement tFirstResponse tFlow tFlowDisconnect tFlowExit tFlowOut "
            "tFlowOutcome tHandle tHeld tHeldComplete tIvr tMonitoring "
            "tMonitoringComplete tNotResponding tPark tParkComplete tScreenMonitoring "
            "tShortAbandon tSnippetRecord tTalk tTalkComplete tTransmitting "
            "tUserResponseTime tVoicemail"
        )
    ),
    _conversation_metric,
)
SEGMENT = Family(
    "segmentFilters",
    _segments,
    _keys(
        "addressFrom addressTo agentAssistantId agentOwned ani authenticated "
        "bargedParticipantId callbackScheduledTime cleared coachedParticipantId "
        "conference deliveryPushed deliveryStatus destinationConversationId "
        "detectedSpeechEnd detectedSpeechStart direction disconnectType dnis edgeId "
        "engagementSource errorCode exitReason extendedDeliveryStatus "
        "externalContactId externalOrganizationId flaggedReason flowId flowName "
        "flowOutType flowOutcome flowOutcomeId flowOutcomeValue flowVersion groupId "
        "journeyActionId journeyActionMapId journeyCustomerId journeyCustomerIdType "
        "journeyCustomerSessionId mediaCount mediaType messageType "
        "monitoredParticipantId outboundCampaignId outboundContactId "
        "outboundContactListId participantName protocolCallId provider purpose "
        "queueId recording remote remoteNameDisplayable requestedLanguageId "
        "screenMonitoredUserId screenRecording scriptId segmentEnd segmentType "
        "sessionDnis skillExpressionId snippetRecording subject teamId "
        "transferTargetAddress transferTargetName transferType usedRouting userId "
        "wrapUpCode wrapUpNote",
        callbackNumber="callbackNumbers",
        canonicalExternalContactId="externalContactId",
        destinationAddress="destinationAddresses",
        requestedRouting="requestedRoutings",
        requestedRoutingSkillId="requestedRoutingSkillIds",
        scoredAgentId="scoredAgentIds",
        sipResponseCode="sipResponseCodes",
    ),
    frozenset(("tSegmentDuration",)),
    _segment_duration,
)
EVALUATION = Family(
    "evaluationFilters",
    _items("evaluations"),
    _keys(
        "assigneeApplicable assigneeId calibrationId contextId deleted evaluationId "
        "evaluationStatus evaluatorId eventTime formId formName queueId released "
        "rescored systemSubmitted userId"
    ),
    frozenset(("oTotalCriticalScore", "oTotalScore")),
)
SURVEY = Family(
    "surveyFilters",
    _items("surveys"),
    _keys(
        "eventTime queueId surveyCompletedDate surveyFormContextId surveyFormId "
        "surveyId surveyPartialResponse surveyPromoterScore surveyStatus surveyType "
        "userId"
    ),
    frozenset(("oSurveyTotalScore",)),
)
RESOLUTION = Family(
    "resolutionFilters", _items("resolutions"), {}, frozenset(("nNextContactAvoided",))
)
FAMILIES = (CONVERSATION, SEGMENT, EVALUATION, SURVEY, RESOLUTION)
