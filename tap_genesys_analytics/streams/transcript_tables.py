"""The tables of transcripts, and the documents in a transcript file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_genesys_analytics.intervals.timestamps import from_milliseconds
from tap_genesys_analytics.records.tables import Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_genesys_analytics.records.raw_documents import Document

#: The levels of a transcript.
_LEVELS = ("phrases", "sentiments", "topics", "acoustics")

#: The fields that all levels share.
_EVENT_FIELDS = {
    "transcriptId": "string",
    "language": "string",
    "startTime": "date-time",
    "durationMs": "integer",
    "offsetMs": "integer",
    "type": "string",
}

TRANSCRIPTS = Table(
    name="speech_transcripts",
    description="Which communications were transcribed, and where to find them.",
    model={
        "conversationId": "string",
        "communicationId": "string",
        "mediaType": "string",
        "startTime": "date-time",
        "endTime": "date-time",
        "duration": "integer",
        "language": "string",
        "divisionId": "string",
    },
    key_fields=("conversationId",),
    id_field="communicationId",
    child_fields=_LEVELS,
    inherited=("conversationId",),
    selected_by_default=False,
)


def _table(
    name: str,
    number: str,
    description: str,
    fields: Mapping[str, str],
    optional_json: tuple[str, ...] = (),
) -> Table:
    """Return the table of a level of transcripts."""
    return Table(
        name=f"speech_transcript_{name}",
        description=description,
        model={**_EVENT_FIELDS, **fields},
        parent=TRANSCRIPTS,
        path=name,
        number=number,
        order_by="startTime",
        child_fields=optional_json,
        optional_json=optional_json,
        selected_by_default=False,
    )


TABLES = (
    TRANSCRIPTS,
    _table(
        "phrases",
        "phrase_number",
        "What was said: a row per phrase, with who said it.",
        {
            "phraseIndex": "integer",
            "participantPurpose": "string",
            "text": "string",
            "decoratedText": "string",
            "confidence": "number",
            "stability": "number",
            "words": "[object]",
            "alternatives": "[object]",
        },
        optional_json=("words", "alternatives"),
    ),
    _table(
        "sentiments",
        "sentiment_number",
        "Phrases with a sentiment, from -1 to 1.",
        {
            "phraseIndex": "integer",
            "participant": "string",
            "phrase": "string",
            "sentiment": "number",
        },
    ),
    _table(
        "topics",
        "topic_number",
        "Topics that came up.",
        {
            "participant": "string",
            "topicId": "string",
            "topicName": "string",
            "topicPhrase": "string",
            "transcriptPhrase": "string",
            "confidence": "number",
        },
    ),
    _table(
        "acoustics",
        "acoustic_number",
        "Silence, overtalk and the like.",
        {"participant": "string", "eventType": "string"},
    ),
)

SPEECH_ANALYTICS = Table(
    name="speech_analytics",
    description="Sentiment, empathy and shares of speech of a conversation.",
    model="ConversationMetrics",
    extra_fields={"conversationId": "string"},
    id_field="conversationId",
    flattened={"participantMetrics": "ParticipantMetrics"},
    child_fields=("conversation", "participantMetrics"),
    selected_by_default=False,
)


def transcript_items(file: Document) -> Document:
    """Return the items in a transcript file, by level.

    A communication has a transcript per language. Times in the file are milliseconds
    since 1970, UTC. Source: the schema on the page of the transcript URL.
    """
    items: Document = {name: [] for name in _LEVELS}
    for transcript in file.get("transcripts") or ():
        analytics = transcript.get("analytics") or {}
        levels = {
            "phrases": transcript.get("phrases"),
            "sentiments": analytics.get("sentiment"),
            "topics": analytics.get("topics"),
            # Files use either name.
            "acoustics": analytics.get("acoustics") or analytics.get("acoustic"),
        }
        shared = {name: transcript.get(name) for name in ("transcriptId", "language")}
        for name, events in levels.items():
            items[name] += [{**shared, **_with_times(event)} for event in events or ()]
    return items


def _with_times(event: Document) -> Document:
    """Return an item with its times as timestamps and its lengths as milliseconds."""
    event = dict(event)
    if isinstance(event.get("startTimeMs"), int):
        event["startTime"] = from_milliseconds(event.pop("startTimeMs"))
    for name in ("duration", "offset"):
        length = event.get(name)
        if isinstance(length, dict) and length.keys() == {"milliseconds"}:
            event[f"{name}Ms"] = event.pop(name)["milliseconds"]
    return event
