"""The tables of transcripts, and what of a file goes into which."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from tap_genesys_analytics.intervals.timestamps import from_milliseconds
from tap_genesys_analytics.records.tables import Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_genesys_analytics.records.raw_documents import Document

#: What a transcript has many of.
_PARTS = ("phrases", "sentiments", "topics", "acoustics")

#: What all of them have in common.
_EVENT = {
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
    child_fields=_PARTS,
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
    """Return the table of what a transcript has many of."""
    return Table(
        name=f"speech_transcript_{name}",
        description=description,
        model={**_EVENT, **fields},
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


def parts_of(file: Document) -> Document:
    """Return what a file of transcripts holds, by table.

    A communication has a transcript per language. Times are milliseconds since 1970 in
    the file, in UTC. Source: the schema on the page of the transcript URL.
    """
    parts: Document = {name: [] for name in _PARTS}
    for transcript in file.get("transcripts") or ():
        analytics = transcript.get("analytics") or {}
        found = {
            "phrases": transcript.get("phrases"),
            "sentiments": analytics.get("sentiment"),
            "topics": analytics.get("topics"),
            # Both names occur.
            "acoustics": analytics.get("acoustics") or analytics.get("acoustic"),
        }
        whole = {name: transcript.get(name) for name in ("transcriptId", "language")}
        for name, events in found.items():
            parts[name] += [{**whole, **_event(event)} for event in events or ()]
    return parts


def _event(event: Document) -> Document:
    """Return an event with its times as all tables have them."""
    event = dict(event)
    if isinstance(event.get("startTimeMs"), int):
        # What lies outside of all years stays as it is, and is kept in ``extra``.
        with suppress(OverflowError):
            event["startTime"] = from_milliseconds(event["startTimeMs"])
            del event["startTimeMs"]
    for name in ("duration", "offset"):
        length = event.get(name)
        if isinstance(length, dict) and length.keys() == {"milliseconds"}:
            event[f"{name}Ms"] = event.pop(name)["milliseconds"]
    return event
