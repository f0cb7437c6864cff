"""Conversations and the tables under them, all from one download."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from tap_genesys_analytics.paging import body_pages
from tap_genesys_analytics.rows import DocumentRows
from tap_genesys_analytics.streams.base import IntervalStream, TableStream
from tap_genesys_analytics.tables import INTEGER, STRINGS, Column, Table
from tap_genesys_analytics.timestamps import format_timestamp, milliseconds_between

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from singer_sdk.helpers.types import Context, Record

    from tap_genesys_analytics.intervals import Interval
    from tap_genesys_analytics.rows import Row
    from tap_genesys_analytics.tables import Document
    from tap_genesys_analytics.tap import TapGenesys

DETAILS_QUERY = "/api/v2/analytics/conversations/details/query"

#: Results that the pages of a details query reach. Source: the API's own refusal,
#: "Pagination may not exceed 100000 results".
RESULT_CAP = 100_000


def sessions_of(conversation: Document) -> Iterator[Document]:
    """Yield the sessions of all participants."""
    for participant in conversation.get("participants") or ():
        yield from participant.get("sessions") or ()


def segments_of(conversation: Document) -> Iterator[Document]:
    """Yield the segments of all sessions."""
    for session in sessions_of(conversation):
        yield from session.get("segments") or ()


def duration_ms(conversation: Document) -> int | None:
    """Return how long a conversation took; None while it goes on."""
    start = conversation.get("conversationStart")
    end = conversation.get("conversationEnd")
    return milliseconds_between(start, end) if start and end else None


def distinct(field: str, items: Iterable[Document]) -> list[str]:
    """Return the values that a field has in the items: each once, sorted."""
    return sorted({item[field] for item in items if item.get(field)})


CONVERSATIONS = Table(
    name="conversations",
    description="One row per conversation, whatever its media.",
    model="AnalyticsConversation",
    id_field="conversationId",
    repeated=("conversationStart",),
    split_off=("participants", "evaluations", "surveys", "resolutions"),
    nested=("participants", "evaluations", "surveys", "resolutions"),
    derived=(
        Column("duration_ms", INTEGER, duration_ms),
        Column(
            "media_types", STRINGS, lambda it: distinct("mediaType", sessions_of(it))
        ),
        Column("queue_ids", STRINGS, lambda it: distinct("queueId", segments_of(it))),
        Column(
            "user_ids",
            STRINGS,
            lambda it: distinct("userId", it.get("participants", ())),
        ),
        Column(
            "wrap_up_codes",
            STRINGS,
            lambda it: distinct("wrapUpCode", segments_of(it)),
        ),
    ),
)

PARTICIPANTS = Table(
    name="conversation_participants",
    description="Who took part: customers, agents, queues, flows.",
    model="AnalyticsParticipant",
    above=CONVERSATIONS,
    source="participants",
    id_field="participantId",
    split_off=("sessions", "attributes"),
)

ATTRIBUTES = Table(
    name="conversation_attributes",
    description="Participant data that flows and agents set, a row per name.",
    model={"name": "string", "value": "string"},
    above=PARTICIPANTS,
    source="attributes",
    id_field="name",
)

SESSIONS = Table(
    name="conversation_sessions",
    description="A participant's stretches on one medium, with the flow it ran.",
    model="AnalyticsSession",
    above=PARTICIPANTS,
    source="sessions",
    id_field="sessionId",
    split_off=("flow", "segments", "metrics", "mediaEndpointStats", "flow.outcomes"),
    flattened={"flow": "AnalyticsFlow"},
)

SEGMENTS = Table(
    name="conversation_segments",
    description="What happened in a session: alert, interact, hold, wrap-up …",
    model="AnalyticsConversationSegment",
    above=SESSIONS,
    source="segments",
    number="segment_number",
    order_by="segmentStart",
)

METRICS = Table(
    name="conversation_metrics",
    description="Counts (n, o) and times (t, milliseconds) of a session.",
    model="AnalyticsSessionMetric",
    above=SESSIONS,
    source="metrics",
    number="metric_number",
    order_by="emitDate",
)

MEDIA_STATS = Table(
    name="conversation_media_stats",
    description="Quality of the media of a session: packets, latency, MOS.",
    model="AnalyticsMediaEndpointStat",
    above=SESSIONS,
    source="mediaEndpointStats",
    number="stat_number",
    order_by="eventTime",
    selected_by_default=False,
)

FLOW_OUTCOMES = Table(
    name="conversation_flow_outcomes",
    description="What the flow of a session achieved.",
    model="AnalyticsFlowOutcome",
    above=SESSIONS,
    source="flow.outcomes",
    number="outcome_number",
    order_by="flowOutcomeStartTimestamp",
)

EVALUATIONS = Table(
    name="conversation_evaluations",
    description="Quality evaluations of a conversation.",
    model="AnalyticsEvaluation",
    above=CONVERSATIONS,
    source="evaluations",
    id_field="evaluationId",
)

SURVEYS = Table(
    name="conversation_surveys",
    description="Customer surveys about a conversation.",
    model="AnalyticsSurvey",
    above=CONVERSATIONS,
    source="surveys",
    id_field="surveyId",
)

RESOLUTIONS = Table(
    name="conversation_resolutions",
    description="Whether the customer had to get in touch again.",
    model="AnalyticsResolution",
    above=CONVERSATIONS,
    source="resolutions",
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


class Conversations(IntervalStream):
    """Reads conversations by interval and writes the rows of all tables."""

    replication_key = "conversation_start"

    def __init__(self, tap: TapGenesys) -> None:
        super().__init__(tap, CONVERSATIONS)
        self._writers: dict[str, Callable[[Row], None]] = {}
        self._recent = RecentIds()

    @override
    def get_records(self, context: Context | None) -> Iterable[Record]:
        tables: list[Any] = [table for table in self.child_streams if table.selected]
        wanted = {table.name: table.selected_columns for table in tables}
        if self.selected:
            wanted[self.name] = self.selected_columns
        self._rows = DocumentRows(TABLES, wanted)
        with ExitStack() as stack:
            self._writers = {
                table.name: stack.enter_context(table.writing()) for table in tables
            }
            yield from super().get_records(context)

    @override
    def generate_child_contexts(
        self, record: Record, context: Context | None
    ) -> Iterable[Context | None]:
        """Return none: the tables below are written as their document is read."""
        return ()

    @override
    def read(self, interval: Interval) -> Iterator[Row]:
        extracted_at = format_timestamp(datetime.now(timezone.utc))
        self._recent.next_interval()
        for document in self._documents(interval):
            if not self._recent.add(document.get("conversationId")):
                continue
            for table, row in self._rows(document, extracted_at):
                if table == self.name:
                    yield row
                else:
                    self._writers[table](row)

    def _documents(self, interval: Interval) -> Iterator[Document]:
        """Yield the conversations of an interval as the details query answers them."""
        pages = body_pages(
            lambda body: self.client.post(DETAILS_QUERY, body),
            {
                "interval": str(interval),
                "order": "asc",
                "orderBy": "conversationStart",
            },
            page_size=self.config["page_size"],
            records_path="conversations",
            result_cap=RESULT_CAP,
        )
        for page in pages:
            yield from page.records


class RecentIds:
    """The ids read in this interval and in the one before it.

    Pages shift while data arrives, and neighbouring intervals may answer the same
    conversation: those are the repetitions to expect, and memory stays bounded.
    """

    def __init__(self) -> None:
        self._before: set[str] = set()
        self._current: set[str] = set()

    def next_interval(self) -> None:
        """Forget all ids but those of the interval that ends here."""
        self._before, self._current = self._current, set()

    def add(self, identifier: str | None) -> bool:
        """Remember an id; False if it is known already."""
        identifier = identifier or ""
        if identifier in self._current or identifier in self._before:
            return False
        self._current.add(identifier)
        return True


class ConversationTable(TableStream):
    """A table under conversations."""

    parent_stream_type = Conversations
    replication_key = "conversation_start"


def tables_below(tap: TapGenesys) -> list[ConversationTable]:
    """Return the streams of the tables under conversations."""
    return [ConversationTable(tap, table) for table in TABLES if table.above]
