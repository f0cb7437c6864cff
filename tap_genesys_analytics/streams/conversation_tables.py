"""The tables of a conversation, and its derived columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from tap_genesys_analytics.intervals.timestamps import milliseconds_between
from tap_genesys_analytics.records.column_types import Struct
from tap_genesys_analytics.records.tables import INTEGER, STRINGS, Column, Table

if TYPE_CHECKING:
    from tap_genesys_analytics.records.raw_documents import Document


def duration_ms(conversation: Document) -> int | None:
    """Return the milliseconds from start to end; None if there is no end yet."""
    start = conversation.get("conversationStart")
    end = conversation.get("conversationEnd")
    return milliseconds_between(start, end) if start and end else None


class _PartialItem(Struct):
    """The fields of a participant, session or segment that derived columns need."""

    userId: Any = None  # noqa: N815 (the API's names)
    mediaType: Any = None  # noqa: N815
    queueId: Any = None  # noqa: N815
    wrapUpCode: Any = None  # noqa: N815
    sessions: list[_PartialItem] | None = None
    segments: list[_PartialItem] | None = None


_decode = msgspec.json.Decoder(_PartialItem).decode


def _partial_items(items: list[Any] | None) -> list[Any]:
    """Return the items of a level; if they are JSON, decode the needed fields."""
    if not items or isinstance(items[0], Struct):
        return items or []
    as_json = (
        item if isinstance(item, msgspec.Raw) else msgspec.json.encode(item)
        for item in items
    )
    return [_decode(item) for item in as_json]


def distinct_values(conversation: Document) -> dict[str, list[str]]:
    """Return the distinct values of some fields in the levels below, sorted."""
    participants = _partial_items(conversation.get("participants"))
    sessions = _partial_items(
        [child for parent in participants for child in parent.sessions or ()]
    )
    segments = _partial_items(
        [child for parent in sessions for child in parent.segments or ()]
    )
    return {
        "users": _sorted_values({item.userId for item in participants}),
        "media types": _sorted_values({item.mediaType for item in sessions}),
        "queues": _sorted_values({item.queueId for item in segments}),
        "wrap-up codes": _sorted_values({item.wrapUpCode for item in segments}),
    }


def _sorted_values(values: set[Any]) -> list[str]:
    """Return the texts that are not empty, sorted."""
    return sorted(value for value in values if value and isinstance(value, str))


CONVERSATIONS = Table(
    name="conversations",
    description="One row per conversation, whatever its media.",
    model="AnalyticsConversation",
    id_field="conversationId",
    inherited=("conversationStart",),
    child_fields=("participants", "evaluations", "surveys", "resolutions"),
    optional_json=("participants", "evaluations", "surveys", "resolutions"),
    derived=(
        Column("duration_ms", INTEGER, duration_ms),
        Column("media_types", STRINGS, distinct_values, "media types"),
        Column("queue_ids", STRINGS, distinct_values, "queues"),
        Column("user_ids", STRINGS, distinct_values, "users"),
        Column("wrap_up_codes", STRINGS, distinct_values, "wrap-up codes"),
    ),
)

PARTICIPANTS = Table(
    name="conversation_participants",
    description="Who took part: customers, agents, queues, flows.",
    model="AnalyticsParticipant",
    parent=CONVERSATIONS,
    path="participants",
    id_field="participantId",
    child_fields=("sessions", "attributes"),
)

ATTRIBUTES = Table(
    name="conversation_attributes",
    description="Participant data that flows and agents set, a row per name.",
    model={"name": "string", "value": "string"},
    parent=PARTICIPANTS,
    path="attributes",
    id_field="name",
)

SESSIONS = Table(
    name="conversation_sessions",
    description="A participant's stretches on one medium, with the flow it ran.",
    model="AnalyticsSession",
    parent=PARTICIPANTS,
    path="sessions",
    id_field="sessionId",
    child_fields=("flow", "segments", "metrics", "mediaEndpointStats", "flow.outcomes"),
    flattened={"flow": "AnalyticsFlow"},
)

SEGMENTS = Table(
    name="conversation_segments",
    description="What happened in a session: alert, interact, hold, wrap-up …",
    model="AnalyticsConversationSegment",
    parent=SESSIONS,
    path="segments",
    number="segment_number",
    order_by="segmentStart",
)

METRICS = Table(
    name="conversation_metrics",
    description="Counts (n, o) and times (t, milliseconds) of a session.",
    model="AnalyticsSessionMetric",
    parent=SESSIONS,
    path="metrics",
    number="metric_number",
    order_by="emitDate",
)

MEDIA_STATS = Table(
    name="conversation_media_stats",
    description="Quality of the media of a session: packets, latency, MOS.",
    model="AnalyticsMediaEndpointStat",
    parent=SESSIONS,
    path="mediaEndpointStats",
    number="stat_number",
    order_by="eventTime",
    selected_by_default=False,
)

FLOW_OUTCOMES = Table(
    name="conversation_flow_outcomes",
    description="What the flow of a session achieved.",
    model="AnalyticsFlowOutcome",
    parent=SESSIONS,
    path="flow.outcomes",
    number="outcome_number",
    order_by="flowOutcomeStartTimestamp",
)

EVALUATIONS = Table(
    name="conversation_evaluations",
    description="Quality evaluations of a conversation.",
    model="AnalyticsEvaluation",
    parent=CONVERSATIONS,
    path="evaluations",
    id_field="evaluationId",
)

SURVEYS = Table(
    name="conversation_surveys",
    description="Customer surveys about a conversation.",
    model="AnalyticsSurvey",
    parent=CONVERSATIONS,
    path="surveys",
    id_field="surveyId",
)

RESOLUTIONS = Table(
    name="conversation_resolutions",
    description="Whether the customer had to get in touch again.",
    model="AnalyticsResolution",
    parent=CONVERSATIONS,
    path="resolutions",
    number="resolution_number",
    order_by="eventTime",
)

TABLES = (
    CONVERSATIONS,
    PARTICIPANTS,
    ATTRIBUTES,
    SESSIONS,
    SEGMENTS,
    METRICS,
    MEDIA_STATS,
    FLOW_OUTCOMES,
    EVALUATIONS,
    SURVEYS,
    RESOLUTIONS,
)
